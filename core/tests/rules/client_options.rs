//! What the visitor may choose: the end of a chat that they end themselves (R17), and the sound of a message.

use crate::client_world::Tabs;
use causerie_core::Seq;
use causerie_core::chat_thread::Actor;
use causerie_core::client::end_user::{Ending, Input};
use causerie_core::session::SessionState;
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, Up};
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
fn r20_an_end_pressed_after_somebody_elses_is_an_end_in_the_other_tab_and_after_a_reload_too() {
    for somebody_was_first in [false, true] {
        let mut tabs = where_end_users_may_end();
        let second = tabs.open_page();
        tabs.input(second, Input::Wanted);
        tabs.drive();
        if somebody_was_first {
            let session = tabs.server.latest().id;
            tabs.server.ends_as(session, Actor::System).expect("ended");
            tabs.drive();
        }
        assert!(tabs.pages[second].client.offers_end());
        presses_end(&mut tabs);
        assert!(
            !tabs.pages[second].client.offers_end(),
            "the other tab, somebody was first: {somebody_was_first}"
        );
        tabs.reload();
        tabs.drive();
        assert!(
            !tabs.client().offers_end(),
            "after a reload, somebody was first: {somebody_was_first}"
        );
        tabs.writes("again");
        assert!(tabs.client().offers_end(), "the fresh one is another");
    }
}

#[test]
fn r20_what_was_said_of_an_end_is_gone_once_another_tab_goes_on() {
    let mut tabs = where_end_users_may_end();
    let second = tabs.open_page();
    tabs.input(second, Input::Wanted);
    tabs.drive();
    presses_end(&mut tabs);
    assert_eq!(tabs.client().ending(), &Ending::Done);
    let cid = tabs.fresh_cid();
    let text = "again".to_owned();
    tabs.input(second, Input::Written { cid, text });
    tabs.drive();
    assert_eq!(tabs.server.thread.conversations.len(), 2);
    assert_eq!(tabs.client().ending(), &Ending::Nothing);
    assert!(tabs.client().offers_end());
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
fn r08_an_end_confirmed_behind_a_message_ends_whatever_session_the_message_came_to() {
    for known in [false, true] {
        let mut tabs = where_end_users_may_end();
        let first = tabs.server.latest().id;
        if known {
            tabs.server.ends_as(first, Actor::System).expect("ended");
            tabs.drive();
        }
        tabs.holds = true;
        tabs.types("thanks");
        let cid = tabs.fresh_cid();
        tabs.input(0, Input::EndPressed { cid });
        if !known {
            // Somebody else's end was quicker than the message.
            tabs.server.ends_as(first, Actor::System).expect("ended");
            tabs.drive();
            assert_eq!(tabs.client().ending(), &Ending::Asked, "it is not over yet");
        }
        tabs.holds = false;
        tabs.drive();
        let session = tabs.server.latest().id;
        assert_ne!(session, first, "the message has begun anew");
        assert!(
            tabs.page().sent.contains(&Up::End { cid, session }),
            "known: {known}"
        );
        assert!(!tabs.server.latest().is_live(), "known: {known}");
        assert_eq!(tabs.client().ending(), &Ending::Done);
        assert!(!tabs.client().offers_end());
    }
}

#[test]
fn r17_an_end_that_was_confirmed_and_not_asked_yet_is_not_done_by_an_end_seen_on_coming_back() {
    let mut tabs = where_end_users_may_end();
    tabs.holds = true;
    tabs.types("thanks");
    let cid = tabs.fresh_cid();
    tabs.input(0, Input::EndPressed { cid });
    let first = tabs.server.latest().id;
    tabs.server.ends_as(first, Actor::System).expect("ended");
    tabs.cut(0, 1006);
    tabs.holds = false;
    tabs.drive_for(seconds(10));
    assert_ne!(tabs.server.latest().id, first, "the message has begun anew");
    assert_eq!(tabs.client().ending(), &Ending::Unreachable);
    assert!(tabs.client().offers_end());
}

#[test]
fn a_message_that_is_not_seen_makes_a_sound_where_that_is_switched_on() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::PanelHidden);
    tabs.amy_says("one");
    tabs.drive();
    assert_eq!(tabs.page().chimes, 0, "off until somebody wants it");
    assert!(!tabs.client().sounds());
    tabs.input(0, Input::SoundsSwitched(true));
    tabs.amy_says("two");
    tabs.amy_says("and a half");
    tabs.drive_for(seconds(2));
    assert_eq!(tabs.page().chimes, 1, "the panel is closed");
    tabs.input(0, Input::PanelShown);
    tabs.amy_says("three");
    tabs.drive_for(seconds(2));
    assert_eq!(tabs.page().chimes, 1, "it is seen");
    tabs.input(0, Input::PageHidden);
    tabs.amy_says("four");
    tabs.drive_for(seconds(2));
    assert_eq!(tabs.page().chimes, 2, "the page is hidden");
    tabs.amy_ends();
    tabs.drive_for(seconds(2));
    assert_eq!(tabs.page().chimes, 2, "R20: no sound at an end");
}

/// With Amy in the first tab, and a second one beside it, in the background; sounds are on.
fn with_amy_and_a_tab_in_the_background() -> Tabs {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::SoundsSwitched(true));
    let second = tabs.open_page();
    tabs.input(second, Input::PageHidden);
    tabs.input(second, Input::Wanted);
    tabs.drive();
    tabs
}

#[test]
fn a_message_that_another_tab_has_on_its_screen_makes_no_sound() {
    let mut tabs = with_amy_and_a_tab_in_the_background();
    tabs.amy_says("one");
    tabs.drive_for(seconds(2));
    assert_eq!(tabs.pages[1].chimes, 0, "it is read in the first tab");
    tabs.input(0, Input::PageHidden);
    tabs.amy_says("two");
    tabs.drive_for(seconds(2));
    assert_eq!(tabs.pages[1].chimes, 1, "nobody has it on a screen");
}

#[test]
fn a_message_that_is_still_unread_makes_its_sound_after_another_was_read_elsewhere() {
    let mut tabs = with_amy_and_a_tab_in_the_background();
    tabs.amy_says("one");
    tabs.drive();
    tabs.input(0, Input::PageHidden);
    tabs.amy_says("two");
    tabs.drive_for(seconds(2));
    assert_eq!(tabs.pages[1].chimes, 1);
}

#[test]
fn the_sound_waits_while_another_tab_reads_and_for_nothing_else() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::SoundsSwitched(true));
    tabs.input(0, Input::PageHidden);
    tabs.amy_says("one");
    tabs.amy_says("two");
    tabs.drive_for(Span(900));
    tabs.input(0, Input::Frame(Down::Read(Seq(2))));
    assert_eq!(tabs.client().unread(), 1);
    tabs.drive_for(Span(900));
    assert_eq!(tabs.page().chimes, 0, "what is left may be read next");
    tabs.input(0, Input::Frame(Down::Typing(true)));
    tabs.drive_for(Span(100));
    assert_eq!(tabs.page().chimes, 1);
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
    tabs.drive_for(seconds(2));
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
