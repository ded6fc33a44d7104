//! The shelf that all tabs of a visitor share (R40): what lies there is sent, what is there no more is not; and what
//! becomes of a tab when it is late, refuses or breaks.

use crate::client_world::together::{same_everywhere, screens, seconds, sockets, three, writes_in};
use crate::client_world::{Tabs, for_good, for_now};
use causerie_core::ClientMessageId;
use causerie_core::client::end_user::Input;
use causerie_core::client::outbox::State;
use causerie_core::time::Span;
use causerie_core::wire::end_user::Up;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r40_nothing_is_sent_before_it_is_kept() {
    let mut tabs = Tabs::one();
    tabs.slow = true;
    let cid = tabs.types("hello");
    assert!(!tabs.page().sent.iter().any(|up| matches!(up, Up::Send(_))));
    assert_eq!(tabs.screen(), ["(hello)"]);
    tabs.browser_turn(0);
    assert!(tabs.storage.outbox.contains_key(&cid));
    assert!(matches!(tabs.page().sent.last(), Some(Up::Send(send)) if send.cid == cid));
}

#[test]
fn r40_where_the_shelf_breaks_each_tab_goes_on_by_itself_and_from_memory() {
    let mut tabs = three();
    tabs.shelf_refuses = true;
    for page in [0, 1] {
        writes_in(&mut tabs, page, ["a", "b"][page]);
        tabs.drive();
    }
    assert_eq!(sockets(&tabs), [0, 1, 2], "the third leads itself");
    same_everywhere(&tabs);
    for text in ["a", "b"] {
        assert!(screens(&tabs)[2].contains(&text.to_owned()));
    }
}

#[test]
fn r40_a_shelf_that_never_answers_holds_nothing_up() {
    let mut tabs = Tabs::one();
    tabs.slow = true;
    tabs.types("hello");
    tabs.pass(seconds(3));
    tabs.fire_timers();
    assert!(matches!(tabs.page().sent.last(), Some(Up::Send(_))));
}

#[test]
fn r40_a_shelf_is_waited_for_and_once_more_after_its_page_has_slept() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::SoundsSwitched(true));
    tabs.input(0, Input::PanelHidden);
    tabs.amy_says("Anything else?");
    tabs.drive();
    tabs.slow = true;
    let cid = tabs.types("yes");
    let waits = |tabs: &Tabs| {
        let sends = |up: &Up| matches!(up, Up::Send(send) if send.cid == cid);
        !tabs.page().sent.iter().any(sends)
    };
    tabs.pass(seconds(1));
    tabs.fire_timers();
    assert_eq!(tabs.page().chimes, 1, "the timer was another's");
    assert!(waits(&tabs));
    tabs.pass(Span::hours(1));
    tabs.fire_timers();
    assert!(waits(&tabs), "the shelf has slept too");
    tabs.slow = false;
    tabs.drive_for(seconds(30));
    assert!(tabs.storage.outbox.is_empty());
    assert_eq!(tabs.screen(), ["hello", "Anything else?", "yes"]);
}

#[test]
fn r40_a_draft_that_was_kept_does_not_come_over_what_is_typed_already() {
    for (typed, shown) in [("", "kept"), ("new", "new")] {
        let mut tabs = Tabs::none();
        tabs.storage.draft = "kept".to_owned();
        tabs.slow = true;
        tabs.open_page();
        if !typed.is_empty() {
            tabs.input(0, Input::Edited(typed.to_owned()));
        }
        tabs.browser_turn(0);
        assert_eq!(tabs.client().draft(), shown);
    }
}

#[test]
fn r40_a_failure_is_said_in_every_tab_and_retried_in_any() {
    let mut tabs = three();
    tabs.refuses.push_back(for_good("too_old"));
    let cid = writes_in(&mut tabs, 1, "once more");
    tabs.drive();
    for page in &tabs.pages {
        assert!(page.client.outbox()[0].is_failed(), "with its text, in every tab");
    }
    let fresh = tabs.fresh_cid();
    tabs.input(2, Input::RetryPressed { cid, fresh });
    tabs.drive();
    same_everywhere(&tabs);
    assert!(tabs.storage.outbox.is_empty());

    tabs.refuses.push_back(for_good("cid_taken"));
    let cid = writes_in(&mut tabs, 1, "under another name");
    tabs.drive();
    let fresh = tabs.fresh_cid();
    tabs.input(2, Input::RetryPressed { cid, fresh });
    tabs.drive();
    same_everywhere(&tabs);
    assert!(tabs.storage.outbox.is_empty());
}

/// A message that is refused for good while the third tab is frozen, which has seen it waiting.
fn refused_while_the_third_sleeps(code: &str) -> (Tabs, ClientMessageId) {
    let mut tabs = three();
    tabs.refuses.push_back(for_now(Some(1_000)));
    tabs.refuses.push_back(for_good(code));
    let cid = writes_in(&mut tabs, 1, "on second thoughts");
    tabs.drive();
    assert_eq!(tabs.pages[2].client.outbox()[0].state, State::Pending);
    tabs.pages[2].frozen = true;
    tabs.drive_for(seconds(2));
    assert!(tabs.pages[1].client.outbox()[0].is_failed());
    (tabs, cid)
}

#[test]
fn r40_what_was_thrown_away_while_a_tab_slept_is_not_sent_by_it() {
    let (mut tabs, cid) = refused_while_the_third_sleeps("too_old");
    tabs.input(1, Input::Discarded { cid });
    tabs.drive();
    let log = tabs.server.thread_log.clone();
    tabs.pages[2].events.clear();
    tabs.close_page(1);
    tabs.close_page(0);
    tabs.pages[0].frozen = false;
    tabs.drive_for(seconds(60));
    assert_eq!(tabs.lock.holder, Some(tabs.pages[0].tab), "it leads now");
    assert_eq!(tabs.server.thread_log, log);
    same_everywhere(&tabs);
}

#[test]
fn r40_what_was_retried_under_a_fresh_id_while_a_tab_slept_is_not_pending_there_for_ever() {
    let (mut tabs, cid) = refused_while_the_third_sleeps("cid_taken");
    let fresh = tabs.fresh_cid();
    tabs.input(1, Input::RetryPressed { cid, fresh });
    tabs.drive();
    tabs.pages[2].frozen = false;
    tabs.drive_for(seconds(60));
    same_everywhere(&tabs);
    let times = tabs
        .server
        .thread_log
        .iter()
        .filter(|entry| entry.text == "on second thoughts");
    assert_eq!(times.count(), 1);
}

#[test]
fn r40_a_draft_stays_on_the_shelf_while_the_message_that_it_became_stands_in_line() {
    let mut tabs = Tabs::one();
    tabs.slow = true;
    tabs.types("first");
    tabs.input(0, Input::Edited("second".to_owned()));
    let second = tabs.types("second");
    assert_eq!(tabs.storage.draft, "second", "the first is not kept yet");
    tabs.browser_turn(0);
    tabs.browser_turn(0);
    assert!(tabs.storage.outbox.contains_key(&second));
    assert_eq!(tabs.storage.draft, "");
}

/// Two tabs with sockets of their own, the first of which has lost its own.
fn two_of_which_the_first_is_offline() -> Tabs {
    let mut tabs = Tabs::with_amy();
    let other = tabs.open_page();
    tabs.input(other, Input::PanelShown);
    tabs.drive();
    tabs.goes_offline();
    tabs
}

#[test]
fn r40_what_another_tab_has_sent_stays_on_the_screen_until_the_log_has_come() {
    let mut tabs = two_of_which_the_first_is_offline();
    tabs.writes("is it on its way?");
    assert!(tabs.storage.outbox.is_empty(), "it stands");
    assert_eq!(tabs.screen(), ["hello", "(is it on its way?)"]);
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "is it on its way?"]);
}

#[test]
fn r40_what_was_thrown_away_while_a_tab_was_offline_is_not_sent_by_it_when_it_is_back() {
    let mut tabs = two_of_which_the_first_is_offline();
    tabs.refuses.push_back(for_good("too_old"));
    let cid = tabs.types("on second thoughts");
    tabs.deaf = true;
    tabs.drive();
    assert!(tabs.pages[1].client.outbox()[0].is_failed());
    tabs.input(1, Input::Discarded { cid });
    tabs.deaf = false;
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello"]);
    assert_eq!(tabs.server.thread_log.len(), 1);
}
