//! The log `Conversation`, out of real entries.

use causerie_core::client::agent::LogItem;
use causerie_core::ids::{AgentId, ClientMessageId, Seq, SessionId};
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::{EndReason, SessionState};
use causerie_core::ticket::Status;
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_workspace::parts::log::{Log, OnItsWay};
use causerie_workspace::view::Names;
use causerie_workspace::view::log::{Context, Item, items};
use causerie_workspace::words::Words;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, painted, settled, text};
use crate::rows::NOW;

pub(crate) fn said(seq: u64, author: Author, text: &str) -> ThreadEntry {
    let session = SessionId(uuid::Uuid::nil());
    let cid = None::<ClientMessageId>;
    ThreadEntry {
        seq: Seq(seq),
        at: NOW,
        session,
        author,
        text: text.into(),
        replies: Vec::new(),
        cid,
        erased: false,
    }
}

pub(crate) fn done(seq: u64, what: TicketEvent) -> TicketEntry {
    let by = By::Agent {
        id: AgentId(1),
        name: "Amélie".into(),
    };
    TicketEntry {
        seq: Seq(seq),
        audit: Seq(seq),
        after: Seq(1),
        at: NOW,
        by,
        what,
    }
}

pub(crate) fn ended() -> TicketEvent {
    TicketEvent::SessionEnded {
        session: SessionId(uuid::Uuid::nil()),
        from: SessionState::Active,
        reason: EndReason::EndedByAgent,
    }
}

pub(crate) fn in_words(log: &[LogItem<'_>], mail: bool) -> Vec<Item> {
    let (words, names) = (Words::default(), Names::default());
    items(
        log,
        Context {
            words: &words,
            names: &names,
            requester: Some("Camille"),
            mail,
        },
    )
}

fn shown(items: RwSignal<Vec<Item>>) -> Page {
    Page::with(move || {
        view! {
            <Log
                items
                on_its_way=Signal::stored(vec![OnItsWay { channel: "channel.messaging", text: "On my way".into() }])
                typing=Signal::stored(Some("Camille".to_owned()))
            />
        }
    })
}

#[wasm_bindgen_test]
async fn messages_notes_and_the_end_stand_in_one_log_each_in_its_kind() {
    let hello = said(1, Author::EndUser, "<b>Hello</b> https://a.example");
    let note = done(
        1,
        TicketEvent::Noted {
            text: "At the depot".into(),
        },
    );
    let status = done(
        2,
        TicketEvent::Status {
            from: Status::Open,
            to: Status::Pending,
        },
    );
    let end = done(3, ended());
    let log = [
        LogItem::Said(&hello),
        LogItem::Happened(&note),
        LogItem::Happened(&status),
        LogItem::Happened(&end),
    ];
    let page = shown(RwSignal::new(in_words(&log, true)));
    settled().await;
    assert_eq!(
        page.one("[role=log]").get_attribute("aria-label").unwrap(),
        "Conversation"
    );
    let articles: Vec<String> = page.all("article").iter().map(|article| text(article)).collect();
    assert!(articles[0].starts_with("Camille") && articles[0].ends_with("<b>Hello</b> https://a.example"));
    assert!(articles[1].starts_with("Amélie Internal note"), "{articles:?}");
    assert_eq!(
        page.one("article a").get_attribute("href").unwrap(),
        "https://a.example"
    );
    assert!(page.text().contains("Amélie changed Status: Open → Pending"));
    assert!(text(&page.one(".log__ended")).starts_with("Session ended by Amélie"));
    assert!(
        !page
            .one(".log__ended time")
            .get_attribute("datetime")
            .unwrap()
            .is_empty()
    );
    assert!(page.text().contains("Sending…") && page.text().contains("Camille is typing…"));
}

#[wasm_bindgen_test]
async fn r28_an_email_says_that_it_waits_while_no_mail_server_is_set_up() {
    let mail = done(
        1,
        TicketEvent::Emailed {
            to: "camille@example.org".into(),
            text: "It is back".into(),
        },
    );
    let items = RwSignal::new(in_words(&[LogItem::Happened(&mail)], false));
    let page = shown(items);
    settled().await;
    assert!(page.text().contains("Public reply to camille@example.org"));
    assert!(page.text().contains("Waiting: no mail server is set up"));
    items.set(in_words(&[LogItem::Happened(&mail)], true));
    settled().await;
    assert!(!page.text().contains("Waiting"));
}

#[wasm_bindgen_test]
async fn what_comes_is_announced_once_and_what_was_there_is_not() {
    let hello = said(1, Author::EndUser, "Hello");
    let items = RwSignal::new(Vec::new());
    let page = shown(items);
    settled().await;
    let log = page.one("[role=log]");
    items.set(in_words(&[LogItem::Said(&hello)], true));
    settled().await;
    assert_eq!(log.get_attribute("aria-live").unwrap(), "off", "it was there");
    painted().await;
    assert_eq!(log.get_attribute("aria-live").unwrap(), "polite");

    let sending = page.one(".log__sending");
    assert_eq!(
        sending.get_attribute("aria-live").unwrap(),
        "off",
        "it is announced when it stands"
    );
    // A name becomes known: the entry is the same element, and so is not announced again.
    let article = page.all("article").remove(0);
    let mut named = in_words(&[LogItem::Said(&hello)], true);
    named[0].who = "Zoë".into();
    let first = article.parent_element().unwrap().first_element_child().unwrap();
    items.set(named);
    settled().await;
    assert!(text(&page.all("article")[0]).starts_with("Zoë"));
    assert!(first.is_connected());
}

#[wasm_bindgen_test]
async fn a_log_that_loses_room_keeps_its_last_lines_in_sight() {
    let entries: Vec<_> = (1..60).map(|seq| said(seq, Author::EndUser, "Hello")).collect();
    let log: Vec<_> = entries.iter().map(LogItem::Said).collect();
    let page = shown(RwSignal::new(in_words(&log, true)));
    let frame = page.one("[role=log]");
    let tall = |px: u32| frame.set_attribute("style", &format!("height: {px}px; overflow-y: auto"));
    tall(400).unwrap();
    settled().await;
    painted().await;
    let below = || frame.scroll_height() - frame.scroll_top() - frame.client_height();
    assert!(below() < 4, "it begins at its end: {} below", below());
    // As when a refusal is shown above the composer.
    tall(250).unwrap();
    painted().await;
    assert!(below() < 4, "{} pixels of it are hidden below", below());
}

#[wasm_bindgen_test]
async fn what_was_said_by_whoever_was_erased_is_a_tombstone_in_its_place() {
    let hello = said(1, Author::EndUser, "my canary");
    let note = done(
        1,
        TicketEvent::Noted {
            text: "a canary".into(),
        },
    );
    let before = [LogItem::Said(&hello), LogItem::Happened(&note)];
    let shown_items = RwSignal::new(in_words(&before, true));
    let page = shown(shown_items);
    settled().await;
    assert!(page.text().contains("my canary"));
    let (hello, note) = (hello.tombstone(), note.tombstone());
    let last = done(2, TicketEvent::RequesterErased);
    let after = [
        LogItem::Said(&hello),
        LogItem::Happened(&note),
        LogItem::Happened(&last),
    ];
    shown_items.set(in_words(&after, true));
    settled().await;
    let entries: Vec<String> = page
        .all("article.said--erased")
        .iter()
        .map(|entry| text(entry))
        .collect();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(
        entries[0].starts_with("Camille") && entries[0].ends_with("Erased"),
        "{entries:?}"
    );
    assert!(
        entries[1].starts_with("Amélie Internal note") && entries[1].ends_with("Erased"),
        "{entries:?}"
    );
    assert!(!page.text().contains("canary"), "{}", page.text());
    assert!(page.text().contains("Requester erased, with all that was said"));
}
