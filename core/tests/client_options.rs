//! What the visitor may choose: the end of a chat that they end themselves (R17), and the sound of a message.

mod client_world;
mod world;

use causerie_core::chat_thread::Actor;
use causerie_core::client::end_user::{Ending, Input};
use causerie_core::session::SessionState;
use causerie_core::time::Span;
use causerie_core::wire::end_user::Up;
use client_world::Tabs;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn seconds(n: i64) -> Span {
    Span(n * 1000)
}

fn server_texts(tabs: &Tabs) -> Vec<&str> {
    tabs.server
        .thread_log
        .iter()
        .map(|entry| entry.text.as_str())
        .collect()
}

/// With Amy, where end users may end their sessions.
fn where_end_users_may_end() -> Tabs {
    let mut tabs = Tabs::none();
    tabs.server.settings.end_users_can_end_sessions = true;
    tabs.open_page();
    tabs.input(0, Input::PanelShown);
    tabs.writes("hello");
    tabs
}

fn presses_end(tabs: &mut Tabs) {
    let cid = tabs.fresh_cid();
    tabs.input(0, Input::EndPressed { cid });
    tabs.drive();
}

#[test]
fn r17_the_end_is_offered_while_the_account_allows_it_and_a_session_lives() {
    let tabs = Tabs::with_amy();
    assert!(!tabs.client().offers_end(), "switched off");
    let mut tabs = Tabs::none();
    tabs.server.settings.end_users_can_end_sessions = true;
    tabs.open_page();
    tabs.input(0, Input::PanelShown);
    tabs.drive();
    assert!(!tabs.client().offers_end(), "there is nothing to end");
    tabs.writes("hello");
    assert!(tabs.client().offers_end(), "also while only the bot talks");

    presses_end(&mut tabs);
    assert_eq!(tabs.client().ending(), &Ending::Done);
    assert!(!tabs.client().offers_end());
    tabs.types("again");
    assert_eq!(tabs.client().ending(), &Ending::Nothing);
    assert!(!tabs.client().offers_end(), "not before there is a fresh one");
    tabs.drive();
    assert_eq!(tabs.server.thread.conversations.len(), 2);
    assert!(tabs.client().offers_end());
}

#[test]
fn r20_an_end_of_somebody_else_changes_nothing_of_what_is_offered_or_said() {
    let mut tabs = where_end_users_may_end();
    let drawn = tabs.page().drawn;
    let session = tabs.server.latest().id;
    tabs.server.ends_as(session, Actor::System).expect("ended");
    tabs.drive();
    assert_eq!(
        tabs.client().timeline().session().map(|report| report.state),
        Some(SessionState::Ended),
        "the page knows"
    );
    assert!(tabs.client().offers_end());
    assert_eq!(tabs.page().drawn, drawn, "nothing is drawn for it");
    presses_end(&mut tabs);
    assert_eq!(tabs.client().ending(), &Ending::Done, "as in a live one");
    assert!(!tabs.client().offers_end());
}

#[test]
fn r17_a_refusal_to_end_is_said_and_the_session_lives() {
    let mut tabs = where_end_users_may_end();
    tabs.server.settings.end_users_can_end_sessions = false;
    presses_end(&mut tabs);
    let ending = tabs.client().ending();
    assert!(
        matches!(ending, Ending::Refused(refused) if refused.code == "ending_switched_off"),
        "{ending:?}"
    );
    assert!(tabs.server.latest().is_live());
    tabs.input(0, Input::PanelHidden);
    assert_eq!(tabs.client().ending(), &Ending::Nothing, "said once");
}

#[test]
fn r17_an_end_that_meets_no_connection_is_said_to_have_failed() {
    let mut tabs = where_end_users_may_end();
    tabs.goes_offline();
    presses_end(&mut tabs);
    assert_eq!(tabs.client().ending(), &Ending::Unreachable);
    tabs.comes_back();
    tabs.drive();
    assert!(tabs.server.latest().is_live(), "nothing was kept for later");

    // Asked, and the wire breaks before the server has heard it.
    tabs.holds = true;
    presses_end(&mut tabs);
    assert_eq!(tabs.client().ending(), &Ending::Asked);
    tabs.cut(0, 1006);
    tabs.holds = false;
    tabs.drive_for(seconds(10));
    assert!(tabs.server.latest().is_live());
    assert_eq!(tabs.client().ending(), &Ending::Unreachable);
}

#[test]
fn r08_what_was_written_before_the_end_goes_out_before_it() {
    let mut tabs = where_end_users_may_end();
    tabs.holds = true;
    tabs.types("one more");
    tabs.types("and another");
    let cid = tabs.fresh_cid();
    tabs.input(0, Input::EndPressed { cid });
    tabs.holds = false;
    tabs.drive();
    assert_eq!(tabs.client().ending(), &Ending::Done);
    assert_eq!(tabs.server.thread.conversations.len(), 1);
    assert_eq!(server_texts(&tabs), ["hello", "one more", "and another"]);
}

#[test]
fn a_message_that_is_not_seen_makes_a_sound_where_that_is_switched_on() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::PanelHidden);
    tabs.amy_says("one");
    tabs.drive();
    assert_eq!(tabs.page().chimes, 0, "off until somebody wants it");
    tabs.input(0, Input::SoundsSwitched(true));
    tabs.amy_says("two");
    tabs.drive();
    assert_eq!(tabs.page().chimes, 1, "the panel is closed");
    tabs.input(0, Input::PanelShown);
    tabs.amy_says("three");
    tabs.drive();
    assert_eq!(tabs.page().chimes, 1, "it is seen");
    tabs.input(0, Input::PageHidden);
    tabs.amy_says("four");
    tabs.drive();
    assert_eq!(tabs.page().chimes, 2, "the page is hidden");
    tabs.amy_ends();
    tabs.drive();
    assert_eq!(tabs.page().chimes, 2, "R20: no sound at an end");
}

#[test]
fn what_had_come_before_the_page_makes_no_sound() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::SoundsSwitched(true));
    tabs.goes_offline();
    tabs.amy_says("while you were away");
    tabs.reachable = true;
    tabs.pages.clear();
    let page = tabs.open_page();
    tabs.input(page, Input::Wanted);
    tabs.drive();
    assert_eq!(tabs.client().unread(), 1);
    assert!(tabs.client().sounds(), "it is kept");
    assert_eq!(tabs.page().chimes, 0);
}

#[test]
fn r17_ending_the_chat_names_the_session_and_is_never_kept_for_later() {
    let mut tabs = Tabs::with_amy();
    let cid = tabs.fresh_cid();
    tabs.input(0, Input::EndPressed { cid });
    let session = tabs.server.latest().id;
    assert_eq!(tabs.page().sent.last(), Some(&Up::End { cid, session }));
    tabs.goes_offline();
    let told = tabs.page().sent.len();
    tabs.input(0, Input::EndPressed { cid });
    tabs.comes_back();
    tabs.drive();
    assert!(
        !tabs.page().sent[told..]
            .iter()
            .any(|frame| matches!(frame, Up::End { .. }))
    );
}
