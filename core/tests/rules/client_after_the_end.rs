//! The widget's machine at an end: the prediction, the message after, and what of it anybody sees (R08, R09, R10, R20).

use crate::client_world::Tabs;
use crate::world::amy;
use causerie_core::Seq;
use causerie_core::chat_thread::{Actor, Command};
use causerie_core::client::end_user::{HostEvent, Input};
use causerie_core::client::timeline::{InConversation, Standing};
use causerie_core::message::{Author, Text};
use causerie_core::session::EndReason;
use causerie_core::time::Span;
use causerie_core::wire::end_user::Up;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn seconds(n: i64) -> Span {
    Span(n * 1000)
}

#[test]
fn r09_the_message_after_the_end_stands_in_the_fresh_conversation_while_the_answer_is_held_back() {
    let mut tabs = Tabs::with_amy();
    let old = tabs.server.latest().id;
    tabs.amy_ends();
    tabs.drive();
    tabs.holds = true;
    tabs.writes("and another thing");
    tabs.drive_for(seconds(5));

    let rows = tabs.rows();
    assert_eq!(rows[0].conversation, InConversation::Known(old));
    assert_eq!(
        (&rows[1].standing, rows[1].conversation),
        (&Standing::Pending, InConversation::Fresh)
    );

    tabs.holds = false;
    tabs.drive();
    let fresh = tabs.server.latest().id;
    assert_ne!(fresh, old);
    assert_eq!(tabs.rows()[1].conversation, InConversation::Known(fresh));
    assert!(matches!(tabs.page().sent.last(), Some(Up::Send(_) | Up::Read(_))));
}

#[test]
fn r09_a_wrong_prediction_is_corrected_by_the_answer() {
    let mut tabs = Tabs::with_amy();
    let old = tabs.server.latest().id;
    tabs.holds = true;
    tabs.writes("one");
    assert_eq!(tabs.rows()[1].conversation, InConversation::Known(old));
    tabs.server.ends_as(old, Actor::System).expect("ended");
    tabs.holds = false;
    tabs.drive();
    assert_eq!(
        tabs.rows()[1].conversation,
        InConversation::Known(tabs.server.latest().id)
    );
    assert_ne!(tabs.server.latest().id, old);
}

#[test]
fn r10_an_outbox_flushed_after_the_end_opens_one_conversation() {
    let mut tabs = Tabs::with_amy();
    let other = tabs.open_page();
    tabs.input(other, Input::PanelShown);
    tabs.drive();
    tabs.goes_offline();
    tabs.cut(other, 1006);
    tabs.types("one");
    tabs.types("two");
    let cid = tabs.fresh_cid();
    tabs.input(
        other,
        Input::Written {
            cid,
            text: "three".to_owned(),
        },
    );
    tabs.amy_ends();
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.server.thread.conversations.len(), 2);
    assert_eq!(
        tabs.server.texts(tabs.server.latest().id),
        ["one", "two", "three"]
    );
    for page in &tabs.pages {
        assert_eq!(page.client.timeline().entries(), tabs.server.thread_log);
    }
}

#[test]
fn r10_a_message_tells_what_its_writer_had_seen_when_writing_not_when_it_is_sent() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.types("one");
    tabs.amy_says("a question?");
    tabs.comes_back();
    tabs.drive();
    let sends = |frame: &Up| match frame {
        Up::Send(send) if send.text == "one" => Some(send.seen),
        Up::Send(_) | Up::Hello(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
    };
    assert_eq!(tabs.page().sent.iter().find_map(sends), Some(Seq(1)));
    assert_eq!(tabs.screen(), ["hello", "a question?", "one"]);
}

#[test]
fn r20_the_end_tells_the_host_page_once_and_draws_nothing() {
    let mut tabs = Tabs::with_amy();
    tabs.amy_says("Here you are.");
    tabs.drive();
    let (drawn, rows, session) = (tabs.page().drawn, tabs.rows(), tabs.server.latest().id);
    let responder = tabs.client().responder().cloned();
    assert!(matches!(&responder, Some(Author::Agent { name, .. }) if *name == amy().name));
    tabs.amy_ends();
    tabs.drive();
    assert!(tabs.page().knows_of_the_end());
    assert_eq!(tabs.client().responder(), responder.as_ref(), "Amy, as before");
    assert_eq!((tabs.page().drawn, tabs.rows()), (drawn, rows));
    let thread = tabs.client().timeline().thread();
    let end = HostEvent::SessionEnded {
        thread,
        session,
        reason: EndReason::EndedByAgent,
    };
    assert_eq!(tabs.page().host.last(), Some(&end));

    tabs.cut(0, 1006);
    tabs.drive_for(seconds(5));
    tabs.notify();
    tabs.drive();
    assert_eq!(tabs.page().ends_told(), 1, "not again after a reconnection");
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.page().ends_told(), 0, "nor after a reload");
}

#[test]
fn r20_an_end_in_the_visitors_absence_is_told_when_they_come_back() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.amy_ends();
    tabs.reachable = true;
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.page().ends_told(), 1);
}

#[test]
fn a_conversation_that_begins_is_told_to_the_host_page_once() {
    let mut tabs = Tabs::one();
    tabs.writes("hello");
    tabs.writes("again");
    tabs.cut(0, 1006);
    tabs.drive_for(seconds(5));
    let started = |event: &&HostEvent| matches!(event, HostEvent::ConversationStarted { .. });
    assert_eq!(tabs.page().host.iter().filter(started).count(), 1);
}

#[test]
fn r08_a_quick_reply_of_the_old_log_is_a_text_like_any_other() {
    let mut tabs = Tabs::one();
    tabs.writes("hello");
    let cid = tabs.fresh_cid();
    let question = Command::BusinessMessage {
        cid,
        name: "Shop".to_owned(),
        text: Text::parse("Which?").expect("a text"),
        replies: vec!["This one".to_owned()],
    };
    tabs.server.run(question).expect("said");
    tabs.drive();
    tabs.server
        .ends_as(tabs.server.latest().id, Actor::System)
        .expect("ended");
    tabs.drive();
    assert_eq!(
        tabs.client().quick_replies(),
        ["This one"],
        "still there: the end shows nowhere"
    );

    tabs.input(0, Input::Edited("a draft".to_owned()));
    let cid = tabs.fresh_cid();
    tabs.input(
        0,
        Input::QuickReply {
            cid,
            text: "This one".to_owned(),
        },
    );
    assert_eq!(tabs.client().quick_replies(), [""; 0], "gone once pressed");
    tabs.drive();
    assert_eq!(tabs.server.thread.conversations.len(), 2);
    assert_eq!(tabs.server.texts(tabs.server.latest().id), ["This one"]);
    assert_eq!(tabs.client().draft(), "a draft");
    assert_eq!(
        tabs.client().timeline().entries().last().map(|last| &last.author),
        Some(&Author::EndUser)
    );
}
