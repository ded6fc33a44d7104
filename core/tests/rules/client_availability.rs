//! The agent's own availability (R31): what is chosen shows at once, is told again while it holds, and no longer.

use crate::desk_world::{Desk, ME, SEVEN, agent, row, sent, welcome};
use causerie_core::agent::Availability;
use causerie_core::client::agent::{Input, View};
use causerie_core::ticket::Status;
use causerie_core::time::Span;
use causerie_core::wire::Refused;
use causerie_core::wire::agent::{Down, Up, Welcome};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r31_whoever_is_offline_and_has_nothing_is_told_what_to_do_about_it() {
    let mut desk = Desk::with(Vec::new());
    let told = |desk: &Desk| View::ALL.map(|view| desk.client.is_empty_offline(view));
    assert_eq!(
        told(&desk),
        [true, false, false, false, false],
        "the other views are empty for another reason"
    );
    desk.feed(Input::AvailabilityChosen(Availability::Online));
    assert_eq!(told(&desk), [false; 5]);
    let desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    assert_eq!(told(&desk), [false; 5], "there is work");
}

#[test]
fn r33_slots_and_availability_change_without_a_reload() {
    let mut desk = Desk::with(Vec::new());
    let effects = desk.feed(Input::AvailabilityChosen(Availability::Online));
    assert_eq!(sent(effects), [Up::Availability(Availability::Online)]);
    assert_eq!(desk.client.availability(), Some(Availability::Online), "at once");

    let mut busy = agent(ME, Availability::Offline);
    busy.messaging_used = 1;
    desk.frame(Down::Agent(busy));
    assert_eq!(
        desk.client.availability(),
        Some(Availability::Online),
        "not heard yet when that was told"
    );

    let mut me = agent(ME, Availability::Online);
    me.messaging_used = 2;
    desk.frame(Down::Agent(me));
    assert_eq!(desk.client.me().map(|me| me.messaging_used), Some(2));
    desk.frame(Down::Agent(agent(ME, Availability::Away)));
    assert_eq!(
        desk.client.availability(),
        Some(Availability::Away),
        "set elsewhere since"
    );
}

/// A welcome by which the agent is available like this.
fn found(availability: Availability) -> Welcome {
    let mut found = welcome(Vec::new());
    found.agents[0].availability = availability;
    found
}

#[test]
fn r31_a_choice_that_was_not_heard_is_told_again_soon_after() {
    let mut desk = Desk::with(Vec::new());
    desk.feed(Input::AvailabilityChosen(Availability::Online));
    let again = sent(desk.reconnects(found(Availability::Offline)));
    assert_eq!(again, [Up::Availability(Availability::Online)]);
    assert_eq!(desk.client.availability(), Some(Availability::Online));
}

#[test]
fn r34_an_old_choice_is_not_told_again_over_what_was_chosen_since() {
    // Heard, and the confirmation missed.
    let mut desk = Desk::new();
    desk.signs_in(found(Availability::Online));
    desk.feed(Input::AvailabilityChosen(Availability::Offline));
    assert_eq!(sent(desk.reconnects(found(Availability::Offline))), []);
    assert_eq!(sent(desk.reconnects(found(Availability::Online))), []);
    assert_eq!(
        desk.client.availability(),
        Some(Availability::Online),
        "set elsewhere since"
    );

    // Another one was set elsewhere before this page was back.
    desk.feed(Input::AvailabilityChosen(Availability::Offline));
    assert_eq!(sent(desk.reconnects(found(Availability::Away))), []);
    assert_eq!(desk.client.availability(), Some(Availability::Away));

    // Told on the same connection.
    desk.feed(Input::AvailabilityChosen(Availability::Offline));
    desk.frame(Down::Agent(agent(ME, Availability::Online)));
    assert_eq!(desk.client.availability(), Some(Availability::Online));
    assert_eq!(sent(desk.reconnects(found(Availability::Away))), []);

    // Long ago: what it was chosen for may be over.
    desk.feed(Input::AvailabilityChosen(Availability::Offline));
    desk.feed(Input::SocketClosed { code: 1006 });
    desk.now = desk.now.after(Span::minutes(5));
    desk.feed(Input::Online);
    assert_eq!(sent(desk.connects(found(Availability::Away))), []);
    assert_eq!(desk.client.availability(), Some(Availability::Away));
}

#[test]
fn r31_a_choice_that_is_refused_goes_back() {
    let mut desk = Desk::with(Vec::new());
    desk.feed(Input::AvailabilityChosen(Availability::Online));
    desk.frame(Down::Refused(Refused {
        cid: None,
        code: "unavailable".to_owned(),
        message: "No.".to_owned(),
        retryable: true,
        retry_after_ms: None,
    }));
    assert_eq!(desk.client.availability(), Some(Availability::Offline));
}

#[test]
fn r31_a_refused_ticket_takes_no_choice_of_the_agents_own_back() {
    let mut desk = Desk::with(Vec::new());
    desk.feed(Input::AvailabilityChosen(Availability::Online));
    desk.feed(Input::TicketOpened(SEVEN));
    desk.frame(Down::Refused(Refused {
        cid: None,
        code: "unknown_ticket".to_owned(),
        message: String::new(),
        retryable: false,
        retry_after_ms: None,
    }));
    assert_eq!(desk.client.availability(), Some(Availability::Online));
}
