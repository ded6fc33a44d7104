//! What the two sides see of each other: what is read, and who types (R19).

use crate::client_world::{Tabs, for_now};
use causerie_core::Seq;
use causerie_core::client::end_user::{HostEvent, Input};
use causerie_core::ticket::Status as TicketStatus;
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, SessionReport, Up};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn seconds(n: i64) -> Span {
    Span(n * 1000)
}

fn typing(tabs: &Tabs) -> Vec<bool> {
    let types = |frame: &Up| match frame {
        Up::Typing(on) => Some(*on),
        Up::Hello(_) | Up::End { .. } | Up::Read(_) | Up::Send(_) | Up::Ping => None,
    };
    tabs.page().sent.iter().filter_map(types).collect()
}

#[test]
fn unread_counts_while_the_panel_is_closed_or_the_page_hidden_and_is_read_when_seen() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::PanelHidden);
    tabs.amy_says("one");
    tabs.amy_says("two");
    tabs.drive();
    assert_eq!(tabs.page().host.last(), Some(&HostEvent::Unread(2)));
    assert!(!tabs.client().is_panel_shown());
    tabs.input(0, Input::PanelShown);
    assert!(tabs.client().is_panel_shown());
    assert_eq!(tabs.page().host.last(), Some(&HostEvent::Unread(0)));
    assert_eq!(tabs.page().sent.last(), Some(&Up::Read(Seq(3))));

    tabs.input(0, Input::PageHidden);
    tabs.amy_says("three");
    tabs.drive();
    assert_eq!(tabs.client().unread(), 1);
    tabs.input(0, Input::PageShown);
    assert_eq!(tabs.client().unread(), 0);

    tabs.input(0, Input::PanelHidden);
    tabs.amy_says("four");
    tabs.drive();
    tabs.input(0, Input::Frame(Down::Read(Seq(5))));
    assert_eq!(tabs.client().unread(), 0, "read in another tab");
    assert_eq!(
        tabs.page().sent.last(),
        Some(&Up::Read(Seq(4))),
        "and not told back"
    );
}

#[test]
fn i30_a_read_mark_that_the_server_could_not_keep_is_told_again_with_the_heartbeat() {
    let mut tabs = Tabs::with_amy();
    let told = |tabs: &Tabs| {
        let reads = tabs.page().sent.iter();
        reads.filter(|frame| **frame == Up::Read(Seq(2))).count()
    };
    tabs.amy_says("Hello");
    tabs.holds = true;
    tabs.drive();
    assert_eq!(told(&tabs), 1);
    tabs.pages[0].up.clear();
    tabs.input(0, Input::Frame(Down::Refused(for_now(Some(2_000)))));
    tabs.holds = false;
    tabs.drive_for(seconds(40));
    tabs.drive();
    assert_eq!(told(&tabs), 2);
    tabs.drive_for(Span::minutes(5));
    assert_eq!(told(&tabs), 2, "once it is kept, no more");
}

#[test]
fn typing_is_told_at_the_first_key_and_off_after_five_seconds_or_the_sending() {
    let mut tabs = Tabs::with_amy();
    for draft in ["h", "he", "hey"] {
        tabs.input(0, Input::Edited(draft.to_owned()));
        tabs.drive_for(seconds(4));
    }
    assert_eq!(typing(&tabs), [true]);
    tabs.drive_for(seconds(1));
    assert_eq!(typing(&tabs), [true, false]);
    tabs.input(0, Input::Edited("hey y".to_owned()));
    tabs.writes("hey you");
    assert_eq!(typing(&tabs), [true, false, true, false]);
    tabs.drive_for(seconds(20));
    assert_eq!(typing(&tabs).len(), 4);
}

#[test]
fn r19_typing_after_the_end_or_to_the_bot_is_told_to_nobody() {
    let mut tabs = Tabs::one();
    tabs.input(0, Input::Edited("h".to_owned()));
    tabs.writes("hello");
    tabs.input(0, Input::Edited("w".to_owned()));
    assert_eq!(typing(&tabs), [true; 0], "the bot does not look");

    let mut tabs = Tabs::with_amy();
    tabs.amy_ends();
    tabs.drive();
    tabs.input(0, Input::Edited("w".to_owned()));
    assert_eq!(typing(&tabs), [true; 0], "nor does the old ticket hear of it");

    let mut tabs = Tabs::with_amy();
    let report = tabs.client().timeline().session().expect("a session");
    let ticket = Some(TicketStatus::Closed);
    tabs.input(0, Input::Frame(Down::Session(SessionReport { ticket, ..report })));
    tabs.input(0, Input::Edited("w".to_owned()));
    assert_eq!(typing(&tabs), [true; 0], "nor a closed one");
}

#[test]
fn an_agents_typing_shows_until_it_is_taken_back_or_they_have_written_or_the_connection_is_gone() {
    let mut tabs = Tabs::with_amy();
    let types = |tabs: &mut Tabs, on: bool| tabs.input(0, Input::Frame(Down::Typing(on)));
    assert!(!tabs.client().is_agent_typing());
    let drawn = tabs.page().drawn;
    types(&mut tabs, true);
    assert!(tabs.client().is_agent_typing());
    assert_eq!(tabs.page().drawn, drawn + 1);
    types(&mut tabs, true);
    assert_eq!(tabs.page().drawn, drawn + 1, "drawn once");
    tabs.writes("I am here");
    assert!(tabs.client().is_agent_typing(), "whatever the visitor says");
    types(&mut tabs, false);
    assert!(!tabs.client().is_agent_typing());

    types(&mut tabs, true);
    tabs.amy_says("So am I");
    tabs.drive();
    assert!(!tabs.client().is_agent_typing(), "it has become a message");

    types(&mut tabs, true);
    tabs.goes_offline();
    assert!(!tabs.client().is_agent_typing(), "nobody knows");
}
