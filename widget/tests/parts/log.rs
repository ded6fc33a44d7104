use causerie_core::ids::ClientMessageId;
use causerie_core::message::Author;
use causerie_widget::parts::log::Log;
use causerie_widget::view::RowHandle;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

use crate::stage::{Heard, drawn, handle, on_stage, said, settled};

/// A log of so many rows, 100 px high, with its styles.
macro_rules! log {
    ($rows:expr, $has_older:expr, $on_page:expr) => {{
        let (rows, on_page) = ($rows, $on_page);
        let stage = on_stage(move || {
            let (rows, has_older) = (rows.read_only(), $has_older.read_only());
            view! {
                <style>".log { height: 100px; overflow: auto } .row { height: 40px }"</style>
                <Log
                    rows
                    has_older
                    on_page
                    on_retry=Callback::new(|_: ClientMessageId| {})
                >
                    <p class="tail"></p>
                </Log>
            }
        });
        drawn().await;
        let log: HtmlElement = stage.find("[role=log]");
        (stage, log)
    }};
}

fn bot(numbers: std::ops::RangeInclusive<u64>) -> Vec<RowHandle> {
    numbers
        .map(|number| handle(said(number, Author::Bot, &format!("Message {number}"))))
        .collect()
}

fn distance_to_bottom(log: &Element) -> i32 {
    log.scroll_height() - log.scroll_top() - log.client_height()
}

#[wasm_bindgen_test]
async fn it_is_a_polite_log_of_named_articles() {
    let rows = RwSignal::new(bot(1..=3));
    let (stage, log) = log!(rows, RwSignal::new(false), Callback::new(|_| {}));
    assert_eq!(log.get_attribute("aria-label").as_deref(), Some("Messages"));
    assert_eq!(log.get_attribute("aria-live").as_deref(), Some("polite"));
    assert_eq!(stage.all("[role=log] article").len(), 3);
    assert_eq!(log.tab_index(), 0, "it can be scrolled by the keyboard");
    assert!(
        stage.has("[role=log] .row ~ .tail"),
        "what belongs to the last message stands under it"
    );
}

#[wasm_bindgen_test]
async fn a_row_that_changes_is_not_made_anew() {
    let rows = RwSignal::new(bot(1..=3));
    let (stage, _) = log!(rows, RwSignal::new(false), Callback::new(|_| {}));
    let before = stage.all("article");
    let mut more = rows.get_untracked();
    more.extend(bot(4..=4));
    rows.set(more);
    settled().await;
    let after = stage.all("article");
    assert_eq!(after.len(), 4);
    assert!(before.iter().zip(&after).all(|(before, after)| before == after));
}

#[wasm_bindgen_test]
async fn at_the_bottom_one_stays_there() {
    let rows = RwSignal::new(bot(1..=20));
    let (stage, log) = log!(rows, RwSignal::new(false), Callback::new(|_| {}));
    assert!(distance_to_bottom(&log) <= 1, "it begins at the newest");
    rows.update(|rows| rows.extend(bot(21..=21)));
    drawn().await;
    assert!(distance_to_bottom(&log) <= 1);
    assert!(!stage.has(".jump"));
}

#[wasm_bindgen_test]
async fn what_grows_before_a_scroll_is_told_of_comes_into_sight() {
    let rows = RwSignal::new(bot(1..=20));
    let (stage, log) = log!(rows, RwSignal::new(false), Callback::new(|_| {}));
    assert!(distance_to_bottom(&log) <= 1);
    drawn().await;
    let before = log.scroll_height();
    let tail: HtmlElement = stage.find(".tail");
    tail.set_inner_html("<div style='height: 3000px'>");
    assert!(
        log.scroll_height() > before + 100,
        "{before} {}",
        log.scroll_height()
    );
    // The scroll of a message before, told by the browser in the frame that also draws what has grown.
    log.dispatch_event(&web_sys::Event::new("scroll").unwrap())
        .unwrap();
    drawn().await;
    assert!(distance_to_bottom(&log) <= 1, "{}", distance_to_bottom(&log));
}

#[wasm_bindgen_test]
async fn a_welcome_higher_than_the_log_is_read_from_its_top() {
    let rows = RwSignal::new(Vec::new());
    let (stage, log) = log!(rows, RwSignal::new(false), Callback::new(|_| {}));
    let tail: HtmlElement = stage.find(".tail");
    tail.set_inner_html("<div style='height: 150px'>");
    drawn().await;
    assert_eq!(log.scroll_top(), 0);
    rows.set(vec![handle(said(99, Author::EndUser, "Me"))]);
    drawn().await;
    assert!(distance_to_bottom(&log) <= 1);
}

#[wasm_bindgen_test]
async fn further_up_a_pill_counts_and_leads_back() {
    let rows = RwSignal::new(bot(1..=20));
    let (stage, log) = log!(rows, RwSignal::new(false), Callback::new(|_| {}));
    log.set_scroll_top(300);
    drawn().await;
    rows.update(|rows| rows.extend(bot(21..=22)));
    drawn().await;
    assert_eq!(log.scroll_top(), 300, "what is being read is not pushed");
    stage.button("2 new messages").click();
    drawn().await;
    assert!(distance_to_bottom(&log) <= 1);
    assert!(!stage.has(".jump"));
}

#[wasm_bindgen_test]
async fn an_own_message_leads_to_the_bottom() {
    let rows = RwSignal::new(bot(1..=20));
    let (_stage, log) = log!(rows, RwSignal::new(false), Callback::new(|_| {}));
    log.set_scroll_top(300);
    drawn().await;
    rows.update(|rows| rows.push(handle(said(99, Author::EndUser, "Me"))));
    drawn().await;
    assert!(distance_to_bottom(&log) <= 1);
}

#[wasm_bindgen_test]
async fn older_messages_come_in_above_without_a_jump() {
    let asked = Heard::<usize>::nothing();
    let rows = RwSignal::new(bot(51..=100));
    let has_older = RwSignal::new(true);
    let (stage, log) = log!(rows, has_older, asked.callback());
    assert!(asked.all().is_empty());
    log.set_scroll_top(100);
    drawn().await;
    assert_eq!(asked.all(), [100]);
    let distance = distance_to_bottom(&log);
    rows.set(bot(1..=50).into_iter().chain(rows.get_untracked()).collect());
    has_older.set(false);
    drawn().await;
    // The button that asked for them is gone with them.
    assert!(
        (distance_to_bottom(&log) - distance).abs() <= 60,
        "{} {distance}",
        distance_to_bottom(&log)
    );
    assert_eq!(stage.all("article").len(), 100);
}
