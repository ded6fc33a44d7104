//! What the visitor writes: kept before it is sent, in order, once, through losses, refusals and reloads (R40, I25, R11).

use crate::client_world::{Socket, Tabs, for_good, for_now};
use causerie_core::ClientMessageId;
use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{HostEvent, Input};
use causerie_core::client::timeline::Standing;
use causerie_core::message::{MAX_TEXT, TextFault};
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, Up};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn seconds(n: i64) -> Span {
    Span(n * 1000)
}

/// The ids of the messages that were sent in the first tab, in order.
fn sent(tabs: &Tabs) -> Vec<ClientMessageId> {
    let sends = |frame: &Up| match frame {
        Up::Send(send) => Some(send.cid),
        Up::Hello(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
    };
    tabs.page().sent.iter().filter_map(sends).collect()
}

fn server_texts(tabs: &Tabs) -> Vec<&str> {
    tabs.server
        .thread_log
        .iter()
        .map(|entry| entry.text.as_str())
        .collect()
}

#[test]
fn r01_nothing_connects_before_the_visitor_wants_to_chat() {
    let mut tabs = Tabs::none();
    let page = tabs.open_page();
    for input in [
        Input::Online,
        Input::PageHidden,
        Input::PageShown,
        Input::TimerFired,
    ] {
        tabs.input(page, input);
    }
    tabs.drive_for(seconds(600));
    assert_eq!((tabs.page().connects, tabs.page().socket), (0, Socket::None));
    assert_eq!(tabs.client().status(), Status::Idle);

    tabs.input(page, Input::PanelShown);
    tabs.drive();
    assert!(tabs.page().is_live());
    assert!(
        matches!(tabs.page().sent[..], [Up::Hello(_)]),
        "opening creates nothing"
    );
}

#[test]
fn r40_a_message_is_kept_before_it_is_sent_and_forgotten_when_it_stands() {
    let mut tabs = Tabs::one();
    tabs.holds = true;
    let cid = tabs.writes("hello");
    assert_eq!(tabs.screen(), ["(hello)"]);
    assert_eq!(tabs.storage.outbox.keys().collect::<Vec<_>>(), [&cid]);
    tabs.holds = false;
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello"]);
    assert!(tabs.storage.outbox.is_empty());
    assert!(tabs.page().host.contains(&HostEvent::Stands(cid)));
}

#[test]
fn r41_neither_order_of_acknowledgement_and_entry_doubles_a_row() {
    for ack_first in [true, false] {
        let mut tabs = Tabs::one();
        tabs.ack_first = ack_first;
        let cid = tabs.types("hello");
        let key = tabs.rows()[0].key;
        tabs.holds = true;
        tabs.drive();
        let send = tabs.pages[0].up.pop_back().expect("the message");
        tabs.hear(0, send);
        while tabs.step(0) {
            let rows = tabs.rows();
            assert_eq!((rows.len(), rows[0].key), (1, key));
        }
        assert_eq!(tabs.rows()[0].standing, Standing::Stands);
        let told = tabs
            .page()
            .host
            .iter()
            .filter(|event| **event == HostEvent::Stands(cid))
            .count();
        assert_eq!(told, 1);
    }
}

#[test]
fn r40_messages_written_offline_are_sent_in_order_once_the_connection_is_back() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    let cids = [tabs.types("one"), tabs.types("two"), tabs.types("three")];
    tabs.drive_for(seconds(120));
    assert_eq!(tabs.screen(), ["hello", "(one)", "(two)", "(three)"]);
    assert!(matches!(tabs.client().status(), Status::Offline { .. }));

    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two", "three"]);
    assert_eq!(sent(&tabs)[1..], cids);
}

#[test]
fn r40_draft_and_outbox_survive_a_reload() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.types("one");
    tabs.types("two");
    tabs.input(0, Input::Edited("thr".to_owned()));
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.screen(), ["(one)", "(two)"]);
    assert_eq!(tabs.client().draft(), "thr");

    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    assert_eq!(server_texts(&tabs), ["hello", "one", "two"]);
}

#[test]
fn r40_what_was_left_unsent_is_intent_enough_to_connect() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.types("one");
    tabs.pages.clear();
    tabs.reachable = true;
    tabs.open_page();
    tabs.drive();
    assert_eq!(server_texts(&tabs), ["hello", "one"]);
}

/// A message can stand before another tab hears that it was written, and its own tab can be closed before it hears
/// that it stands: nobody took it out of what is kept.
#[test]
fn r40_bug_what_stands_is_kept_no_longer_though_its_own_tab_is_gone() {
    let mut tabs = Tabs::one();
    let cid = tabs.types("hello");
    let kept = tabs.storage.outbox[&cid].clone();
    tabs.drive();
    tabs.storage.outbox.insert(cid, kept.clone());
    let outbox = vec![kept];
    tabs.input(0, Input::Looked { outbox, draft: None });
    assert!(tabs.storage.outbox.is_empty());
}

#[test]
fn r40_what_waits_is_visible_in_all_tabs_and_sent_once() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    let other = tabs.open_page();
    tabs.types("one");
    let cid = tabs.fresh_cid();
    tabs.pass(seconds(1));
    tabs.input(
        other,
        Input::Written {
            cid,
            text: "two".to_owned(),
        },
    );
    tabs.pass(seconds(1));
    tabs.types("three");
    let texts = |page: usize| -> Vec<String> {
        tabs.pages[page]
            .client
            .outbox()
            .iter()
            .map(|item| item.body.text.clone())
            .collect()
    };
    assert_eq!((texts(0), texts(other)), (texts(0), texts(0)));
    assert_eq!(texts(0), ["one", "two", "three"]);

    tabs.comes_back();
    tabs.drive();
    assert_eq!(server_texts(&tabs), ["hello", "one", "two", "three"]);
    assert_eq!(tabs.screen(), ["hello", "one", "two", "three"]);
    assert!(tabs.storage.outbox.is_empty());
}

#[test]
fn r11_a_message_whose_acknowledgement_was_lost_stands_once() {
    let mut tabs = Tabs::with_amy();
    tabs.types("one");
    while let Some(frame) = tabs.pages[0].up.pop_front() {
        tabs.hear(0, frame);
    }
    assert_eq!(server_texts(&tabs), ["hello", "one"]);
    tabs.cut(0, 1006);
    assert_eq!(tabs.screen(), ["hello", "(one)"]);
    tabs.drive_for(seconds(5));
    assert_eq!(tabs.screen(), ["hello", "one"]);
    assert_eq!(server_texts(&tabs), ["hello", "one"]);
}

#[test]
fn r40_what_was_in_flight_is_sent_again_as_soon_as_the_connection_is_back() {
    let mut tabs = Tabs::with_amy();
    let cid = tabs.types("one");
    assert_eq!(sent(&tabs).last(), Some(&cid));
    tabs.cut(0, 1006);
    tabs.input(0, Input::Online);
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one"]);
}

#[test]
fn i25_one_refused_for_a_while_is_not_overtaken() {
    let mut tabs = Tabs::with_amy();
    tabs.refuses
        .extend([for_now(Some(2_000)), for_now(None), for_now(Some(500))]);
    tabs.types("one");
    tabs.types("two");
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "(one)", "(two)"]);
    tabs.drive_for(seconds(10));
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    assert_eq!(server_texts(&tabs), ["hello", "one", "two"]);
}

#[test]
fn r40_one_refused_for_good_keeps_its_text_until_it_is_retried_or_thrown_away() {
    let mut tabs = Tabs::with_amy();
    tabs.refuses
        .extend([for_good("text_refused"), for_good("cid_reused")]);
    let (one, two) = (tabs.types("one"), tabs.types("two"));
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "!one", "!two"]);
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "!one", "!two"]);

    let fresh = tabs.fresh_cid();
    tabs.input(0, Input::RetryPressed { cid: one, fresh });
    tabs.input(0, Input::RetryPressed { cid: two, fresh });
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    assert_eq!(
        sent(&tabs),
        [one, fresh],
        "a fresh id where the id was what was wrong"
    );
    assert!(tabs.storage.outbox.is_empty());

    tabs.refuses.push_back(for_good("text_refused"));
    let cid = tabs.writes("three");
    tabs.input(0, Input::Discarded { cid });
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    assert!(tabs.storage.outbox.is_empty());
}

#[test]
fn r40_what_cannot_be_a_message_stays_in_the_composer_with_its_fault() {
    let mut tabs = Tabs::one();
    let long = "x".repeat(MAX_TEXT + 1);
    tabs.input(0, Input::Edited(long.clone()));
    tabs.writes(&long);
    assert_eq!(
        (tabs.client().draft(), tabs.client().draft_fault()),
        (long.as_str(), Some(TextFault::TooLong))
    );
    assert_eq!(tabs.storage.draft, long);
    let drawn = tabs.page().drawn;
    tabs.input(0, Input::Edited("xx".to_owned()));
    assert_eq!(tabs.client().draft_fault(), None);
    assert_eq!(tabs.page().drawn, drawn + 1, "its fault goes");
    tabs.input(0, Input::Edited("x".to_owned()));
    assert_eq!(tabs.page().drawn, drawn + 1, "nothing else does");
    tabs.writes(" \n");
    assert_eq!((tabs.client().draft(), tabs.screen()), ("x", Vec::new()));
    tabs.writes("x");
    assert_eq!((tabs.client().draft(), tabs.storage.draft.as_str()), ("", ""));
    assert_eq!(tabs.screen(), ["x"]);
}

#[test]
fn r40_a_refusal_that_names_no_message_is_of_the_one_in_flight_or_of_none() {
    let mut tabs = Tabs::with_amy();
    let refuse = |tabs: &mut Tabs| tabs.input(0, Input::Frame(Down::Refused(for_good("malformed"))));
    let told = |tabs: &Tabs| -> Vec<Option<ClientMessageId>> {
        let of = |event: &HostEvent| {
            if let HostEvent::Refused(refused) = event {
                Some(refused.cid)
            } else {
                None
            }
        };
        tabs.page().host.iter().filter_map(of).collect()
    };
    refuse(&mut tabs);
    assert_eq!(told(&tabs), [], "nothing was");
    tabs.holds = true;
    let cid = tabs.writes("hello?");
    refuse(&mut tabs);
    assert_eq!(told(&tabs), [Some(cid)]);
    assert_eq!(tabs.screen(), ["hello", "!hello?"]);
}
