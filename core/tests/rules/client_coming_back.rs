//! Coming back: after a disconnection, a hole, a restore of the data or with an old page (R41, I26).

use crate::client_world::{Tabs, for_good};
use causerie_core::Seq;
use causerie_core::client::end_user::Input;
use causerie_core::session::{EndReason, SessionState};
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, SessionReport, Up};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn seconds(n: i64) -> Span {
    Span(n * 1000)
}

#[test]
fn r41_after_a_disconnection_the_log_is_complete_and_in_order() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.amy_says("one");
    tabs.amy_says("two");
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    let hellos = tabs
        .page()
        .sent
        .iter()
        .filter(|frame| matches!(frame, Up::Hello(hello) if hello.last == Seq(1)));
    assert_eq!(hellos.count(), 1, "it went on from the last number");
}

#[test]
fn i26_a_hole_makes_it_come_again_at_once() {
    let mut tabs = Tabs::with_amy();
    tabs.drive_for(seconds(15));
    tabs.amy_says("one");
    tabs.notify();
    tabs.pages[0].down.clear();
    tabs.amy_says("two");
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
}

#[test]
fn i26_entries_that_are_known_to_exist_and_never_come_are_asked_for() {
    let mut tabs = Tabs::with_amy();
    tabs.types("one");
    tabs.drive_for(seconds(15));
    tabs.types("two");
    while let Some(frame) = tabs.pages[0].up.pop_front() {
        tabs.hear(0, frame);
    }
    tabs.pages[0]
        .down
        .retain(|frame| !matches!(frame, Down::Entries(_)));
    tabs.drive();
    assert!(tabs.client().timeline().is_behind());
    assert_eq!(
        tabs.screen(),
        ["hello", "one", "two"],
        "acknowledged, so it is shown"
    );
    tabs.drive_for(seconds(10));
    assert_eq!(tabs.client().timeline().entries(), tabs.server.thread_log);
}

#[test]
fn i26_after_a_restore_the_log_is_forgotten_and_what_waits_is_asked_afresh() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.types("one");
    tabs.server = crate::world::World::new();
    tabs.epoch = 2;
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["one"]);
    let sends = |frame: &Up| match frame {
        Up::Send(send) if send.text == "one" => Some((send.seen, send.session)),
        Up::Send(_) | Up::Hello(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
    };
    assert_eq!(tabs.page().sent.iter().find_map(sends), Some((Seq(0), None)));
}

#[test]
fn i26_what_was_kept_of_an_end_that_a_restore_has_undone_is_not_believed() {
    let mut tabs = Tabs::with_amy();
    let lives = tabs.report();
    tabs.storage.session = lives.map(|report| SessionReport {
        state: SessionState::Ended,
        ended: Some(EndReason::EndedByAgent),
        ..report
    });
    let page = tabs.open_page();
    tabs.input(page, Input::PanelShown);
    tabs.drive();
    assert_eq!(tabs.pages[page].client.timeline().session(), lives);
    assert_eq!(tabs.pages[page].ends_told(), 0);
}

#[test]
fn an_old_page_reloads_itself_once_and_not_in_the_middle_of_a_word() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::Edited("half a w".to_owned()));
    tabs.build = "build-2".to_owned();
    tabs.cut(0, 1001);
    tabs.drive_for(seconds(3));
    assert!(tabs.page().is_live());
    assert_eq!(tabs.page().reloads, 0, "not in the middle of a word");
    tabs.drive_for(seconds(3));
    assert_eq!(
        (tabs.page().reloads, tabs.storage.draft.as_str()),
        (1, "half a w")
    );

    tabs.reload();
    tabs.drive_for(seconds(60));
    assert_eq!(
        tabs.page().reloads,
        0,
        "a page that stays old does not go round in circles"
    );
}

#[test]
fn a_connection_that_goes_and_comes_is_drawn() {
    let mut tabs = Tabs::with_amy();
    let drawn = tabs.page().drawn;
    tabs.goes_offline();
    assert_eq!(tabs.page().drawn, drawn + 1);
    tabs.comes_back();
    tabs.drive();
    assert!(tabs.page().is_live());
    assert!(tabs.page().drawn > drawn + 1);
}

#[test]
fn r40_where_nothing_is_kept_no_reload_takes_a_draft_or_a_message() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::ShelfLost);
    tabs.drive();
    tabs.build = "build-2".to_owned();
    tabs.input(0, Input::Edited("half a word".to_owned()));
    tabs.cut(0, 1001);
    tabs.drive_for(seconds(60));
    assert_eq!(tabs.page().reloads, 0, "there is a draft");

    tabs.refuses.push_back(for_good("text_refused"));
    tabs.writes("half a word");
    tabs.drive_for(seconds(60));
    assert_eq!(tabs.screen(), ["hello", "!half a word"]);
    assert_eq!(tabs.page().reloads, 0, "there is a message that does not stand");

    let cid = tabs.client().outbox()[0].cid;
    tabs.input(0, Input::Discarded { cid });
    assert_eq!(tabs.page().reloads, 1);
}
