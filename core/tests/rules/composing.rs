//! What an agent is offered on a ticket, as the screens draw it: channels, the end button, macros, statuses.

use causerie_core::agent::{Agent, Role};
use causerie_core::ids::{AgentId, GroupId, MacroId, Seq, TicketId};
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::{CannotApply, Macro};
use causerie_core::session::{End, EndedBy, Session};
use causerie_core::settings::Settings;
use causerie_core::ticket::composer::{CHANNELS, ChannelClosed, Picked, composer, default_after_end};
use causerie_core::ticket::ending::{CannotEnd, EndButton, ending};
use causerie_core::ticket::{CannotSet, Channel, CommentTo, Priority, Status, Ticket};
use causerie_core::time::Timestamp;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const LIVE: Session = Session::Active { since: Timestamp(0) };
const END: End = End {
    at: Timestamp(1),
    by: EndedBy::Agent(AgentId(1)),
};

fn ticket(status: Status) -> Ticket {
    Ticket {
        id: TicketId(7),
        subject: String::new(),
        status,
        priority: Priority::Normal,
        assignee: Some(AgentId(1)),
        group: Some(GroupId(5)),
        tags: Vec::new(),
        fields: Vec::new(),
        channel: Channel::Messaging,
        routing: Channel::Messaging,
        head: Seq(1),
    }
}

fn agent(id: u64, role: Role, group: u64) -> Agent {
    Agent {
        id: AgentId(id),
        name: String::new(),
        role,
        groups: vec![GroupId(group)],
    }
}

fn settings(agents_can_end_sessions: bool) -> Settings {
    Settings {
        agents_can_end_sessions,
        ..Settings::default()
    }
}

#[test]
fn r28_the_channels_are_offered_in_one_order_each_open_or_with_its_reason() {
    let reasons = |session, status, email_known| {
        let offered = composer(&session, status, email_known);
        CHANNELS.map(|to| offered.closed(to))
    };
    let unknown = Some(ChannelClosed::EmailUnknown);
    assert_eq!(reasons(LIVE, Status::Open, true), [None, None, None]);
    assert_eq!(reasons(LIVE, Status::Open, false), [None, unknown, None]);
    let over = Some(ChannelClosed::SessionEnded(END));
    assert_eq!(
        reasons(Session::Ended(END), Status::Solved, false),
        [over, unknown, None]
    );
    let closed = Some(ChannelClosed::TicketClosed);
    assert_eq!(reasons(LIVE, Status::Closed, true), [closed; 3]);
}

#[test]
fn r28_what_the_dialog_promises_is_what_the_composer_does_after_the_end() {
    for status in Status::ALL {
        for email_known in [true, false] {
            let after = composer(&Session::Ended(END), status, email_known);
            assert_eq!(
                default_after_end(status, email_known),
                after.default,
                "{status:?}"
            );
        }
    }
}

#[test]
fn r28_a_picked_channel_holds_while_it_is_open_and_gives_way_to_a_new_default() {
    let before = composer(&LIVE, Status::Open, true);
    let after = composer(&Session::Ended(END), Status::Open, true);
    let picked = |to| {
        Some(Picked {
            to,
            instead_of: before.default,
        })
    };
    assert_eq!(before.chosen(None, true), CommentTo::Messaging);
    assert_eq!(before.chosen(picked(CommentTo::Note), false), CommentTo::Note);
    assert_eq!(after.chosen(picked(CommentTo::Note), false), CommentTo::Email);
    assert_eq!(
        after.chosen(picked(CommentTo::Note), true),
        CommentTo::Note,
        "a note being written"
    );
    assert_eq!(after.chosen(picked(CommentTo::Messaging), true), CommentTo::Email);
    let unknown = composer(&LIVE, Status::Open, false);
    assert_eq!(
        unknown.chosen(picked(CommentTo::Email), true),
        CommentTo::Messaging,
        "closed"
    );
}

#[test]
fn r15_while_it_is_switched_off_there_is_no_end_button_for_anybody() {
    for who in [agent(1, Role::Agent, 0), agent(9, Role::Admin, 0)] {
        let may = ending(&who, &ticket(Status::Open), &LIVE, &settings(false));
        assert_eq!(may, Err(CannotEnd::SwitchedOff));
        assert_eq!(EndButton::of(may), EndButton::Absent);
    }
}

#[test]
fn r16_the_end_button_is_offered_to_those_who_may_and_shown_to_the_others() {
    let button = |who: Agent| EndButton::of(ending(&who, &ticket(Status::Hold), &LIVE, &settings(true)));
    assert_eq!(
        button(agent(1, Role::Agent, 0)),
        EndButton::Offered,
        "the assignee"
    );
    assert_eq!(
        button(agent(2, Role::Agent, 5)),
        EndButton::Offered,
        "of the group"
    );
    assert_eq!(button(agent(3, Role::Admin, 0)), EndButton::Offered, "an admin");
    assert_eq!(button(agent(4, Role::Agent, 0)), EndButton::NotTheirs);
}

#[test]
fn r18_what_is_over_or_closed_has_no_end_button() {
    let who = agent(1, Role::Admin, 0);
    let over = ending(&who, &ticket(Status::Open), &Session::Ended(END), &settings(true));
    assert_eq!(over, Err(CannotEnd::Ended(END)));
    let closed = ending(&who, &ticket(Status::Closed), &LIVE, &settings(true));
    assert_eq!(closed, Err(CannotEnd::TicketClosed));
    assert_eq!(
        [EndButton::of(over), EndButton::of(closed)],
        [EndButton::Absent; 2]
    );
}

#[test]
fn r30_a_macro_is_offered_only_where_all_of_it_can_be_done() {
    let prepared = |text: Option<&str>, end_session| Macro {
        id: MacroId(1),
        title: String::new(),
        text: text.and_then(|text| Text::parse(text).ok()),
        status: None,
        priority: None,
        add_tags: Vec::new(),
        end_session,
    };
    let live = composer(&LIVE, Status::Open, false);
    let over = composer(&Session::Ended(END), Status::Open, false);
    let off = Err(CannotEnd::SwitchedOff);
    let says = prepared(Some("Bye"), false);
    let ends = prepared(Some("Bye"), true);
    assert_eq!(
        says.applies(&ticket(Status::Open), &live, off),
        Ok(()),
        "it ends nothing"
    );
    assert_eq!(
        ends.applies(&ticket(Status::Open), &live, off),
        Err(CannotApply::End(CannotEnd::SwitchedOff)),
        "r15"
    );
    assert_eq!(
        ends.applies(&ticket(Status::Open), &live, Err(CannotEnd::NotTheirs)),
        Err(CannotApply::End(CannotEnd::NotTheirs)),
        "r16"
    );
    let gone = Err(CannotEnd::Ended(END));
    assert_eq!(
        says.applies(&ticket(Status::Open), &over, gone),
        Err(CannotApply::Say(ChannelClosed::EmailUnknown)),
        "r19: its text reaches nobody"
    );
    assert_eq!(
        prepared(None, true).applies(&ticket(Status::Open), &over, gone),
        Ok(()),
        "r18: harmless"
    );
    let closed = composer(&LIVE, Status::Closed, true);
    assert_eq!(
        prepared(None, false).applies(&ticket(Status::Closed), &closed, off),
        Err(CannotApply::TicketClosed)
    );
}

#[test]
fn r43_a_macro_is_refused_with_its_status_and_says_so_before() {
    let sets = |status| Macro {
        id: MacroId(1),
        title: String::new(),
        text: None,
        status: Some(status),
        priority: None,
        add_tags: Vec::new(),
        end_session: false,
    };
    let live = composer(&LIVE, Status::Open, true);
    let applies = |to, of: &Ticket| sets(to).applies(of, &live, Ok(()));
    let refused = |why| Err(CannotApply::Status(why));
    let unassigned = Ticket {
        assignee: None,
        ..ticket(Status::Open)
    };
    assert_eq!(
        applies(Status::Solved, &unassigned),
        refused(CannotSet::NeedsAssignee)
    );
    assert_eq!(applies(Status::Solved, &ticket(Status::Open)), Ok(()));
    assert_eq!(applies(Status::Pending, &unassigned), Ok(()));
    for never in [Status::New, Status::Closed] {
        assert_eq!(
            applies(never, &ticket(Status::Open)),
            refused(CannotSet::NotByHand(never)),
            "one that was stored"
        );
    }
    assert_eq!(
        applies(Status::New, &ticket(Status::New)),
        Ok(()),
        "it changes nothing"
    );
}

#[test]
fn r43_solved_can_be_chosen_once_somebody_has_the_ticket() {
    let solved = |assignee| {
        let of = Ticket {
            assignee,
            ..ticket(Status::Open)
        };
        of.statuses()
            .into_iter()
            .any(|(status, can)| status == Status::Solved && can)
    };
    assert!(!solved(None));
    assert!(solved(Some(AgentId(1))));
}

#[test]
fn r43_only_what_is_set_by_hand_can_be_chosen_besides_what_is_so() {
    let choosable = |status| {
        let of_ticket = ticket(status).statuses();
        of_ticket
            .into_iter()
            .filter(|(_, can)| *can)
            .map(|(status, _)| status)
            .collect::<Vec<_>>()
    };
    let by_hand = Status::BY_HAND.to_vec();
    assert_eq!(choosable(Status::Open), by_hand);
    assert_eq!(choosable(Status::New), [&[Status::New][..], &by_hand].concat());
    assert_eq!(
        choosable(Status::Closed),
        [&by_hand[..], &[Status::Closed]].concat()
    );
    assert!(
        Status::ALL
            .iter()
            .all(|status| status.is_set_by_hand() == by_hand.contains(status))
    );
}

#[test]
fn r31_an_agent_takes_what_is_not_theirs_and_not_closed() {
    assert!(ticket(Status::Open).is_takable_by(AgentId(2)));
    assert!(!ticket(Status::Open).is_takable_by(AgentId(1)));
    assert!(!ticket(Status::Closed).is_takable_by(AgentId(2)));
}
