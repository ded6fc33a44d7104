//! The history (R37).

use causerie_core::client::agent::LogItem;
use causerie_core::ids::{AgentId, MacroId, Seq};
use causerie_core::message::Author;
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::ticket::{Channel, MacroReference};
use causerie_workspace::parts::events::Events;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::log::{done, ended, in_words, said};
use crate::page::{Page, settled, text};

#[wasm_bindgen_test]
async fn r37_who_did_what_when_through_what_with_both_values() {
    let question = said(1, Author::EndUser, "Hello");
    let reply = said(
        2,
        Author::Agent {
            id: AgentId(1),
            name: "Amélie".into(),
        },
        "Good day",
    );
    let reference = MacroReference {
        id: MacroId(2),
        title: "Bye".into(),
    };
    let applied = done(1, TicketEvent::MacroApplied(reference));
    let step = |seq, what| TicketEntry {
        audit: Seq(1),
        ..done(seq, what)
    };
    let note = step(
        2,
        TicketEvent::Noted {
            text: "At the depot".into(),
        },
    );
    let end = step(3, ended());
    let routing = step(
        4,
        TicketEvent::RoutingChannel {
            from: Channel::Messaging,
            to: Channel::Email,
        },
    );
    let log = [
        LogItem::Said(&question),
        LogItem::Said(&reply),
        LogItem::Happened(&applied),
        LogItem::Happened(&note),
        LogItem::Happened(&end),
        LogItem::Happened(&routing),
    ];
    let items = in_words(&log, true);
    let page = Page::with(move || view! { <Events items=Signal::stored(items) /> });
    settled().await;
    assert_eq!(page.one("ol").get_attribute("aria-label").unwrap(), "Events");
    let events: Vec<String> = page.all("li").iter().map(|event| text(event)).collect();
    assert_eq!(events.len(), 5, "what the customer says is no event: {events:?}");
    let parts: [&[&str]; 5] = [
        &["Amélie", "Messaging", "Reply", "Good day"],
        &["Amélie", "Macro “Bye” applied"],
        &["by the macro “Bye”", "Internal note", "At the depot"],
        &[
            "by the macro “Bye”",
            "Session ended by Amélie",
            "Ended by an agent",
        ],
        &["Routing channel", "Messaging", "becomes", "Email"],
    ];
    for (event, parts) in events.iter().zip(parts) {
        assert!(
            parts.iter().all(|part| event.contains(part)),
            "{parts:?} in {event}"
        );
    }
    assert_eq!(page.all("li time").len(), 5);
}

#[wasm_bindgen_test]
async fn a_history_of_whoever_was_erased_says_what_was_done_and_not_what_was_said() {
    let kinds = [
        TicketEvent::Noted {
            text: "canary".into(),
        },
        TicketEvent::Emailed {
            to: "canary".into(),
            text: "canary".into(),
        },
        TicketEvent::Tags {
            from: Vec::new(),
            to: vec!["canary".into()],
        },
        TicketEvent::RequesterErased,
    ];
    let entries: Vec<TicketEntry> = (1..)
        .zip(kinds)
        .map(|(seq, what)| done(seq, what).tombstone())
        .collect();
    let log: Vec<LogItem<'_>> = entries.iter().map(LogItem::Happened).collect();
    let items = in_words(&log, true);
    let page = Page::with(move || view! { <Events items=Signal::stored(items) /> });
    settled().await;
    let events: Vec<String> = page.all("li").iter().map(|event| text(event)).collect();
    let parts: [&[&str]; 4] = [
        &["Internal note", "Erased"],
        &["Public reply", "Erased"],
        &["Tags changed; the values are erased"],
        &["Requester erased"],
    ];
    for (event, parts) in events.iter().zip(parts) {
        assert!(
            parts.iter().all(|part| event.contains(part)),
            "{parts:?} in {event}"
        );
    }
    assert_eq!(events.len(), 4);
    assert!(!page.text().contains("canary"), "{}", page.text());
}
