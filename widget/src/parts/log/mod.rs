//! The log: all messages of the chat thread, the newest at the bottom.
//!
//! A reader at the bottom stays there as messages come; one who reads further up is left alone and told by a pill.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

use causerie_core::client::timeline::RowKey;
use causerie_core::ids::ClientMessageId;
use causerie_core::message::Author;

use crate::parts::icon::{DOWN, Icon};
use crate::parts::message::Message;
use crate::view::{MANY, PAGE, RowHandle};
use crate::words::words;

/// So near to the bottom is at the bottom, in pixels.
const NEAR: i32 = 60;
/// So near to the top, older messages are asked for.
const NEAR_TOP: i32 = 200;

/// The log.
#[component]
pub fn Log(
    /// The messages, oldest first.
    rows: ReadSignal<Vec<RowHandle>>,
    /// Whether there are older ones.
    has_older: ReadSignal<bool>,
    /// So many rows are to be shown from now on.
    on_page: Callback<usize>,
    /// `Retry` was pressed on a message.
    on_retry: Callback<ClientMessageId>,
    /// What stands under the last message, or in the place of messages.
    children: Children,
) -> impl IntoView {
    let words = words();
    let (log, content) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    let at_bottom = StoredValue::new(true);
    // How far it could be scrolled when the reader last saw it.
    let furthest = StoredValue::new(0);
    let unseen = RwSignal::new(0_u32);
    let away = RwSignal::new(false);
    // The distance to the bottom that is to stay while older messages come in above.
    let hold = StoredValue::new(None::<i32>);

    let to_bottom = move || {
        at_bottom.set_value(true);
        unseen.set(0);
        away.set(false);
        if let Some(log) = log.get_untracked() {
            furthest.set_value(log.scroll_height() - log.client_height());
            log.set_scroll_top(log.scroll_height());
        }
    };
    let older = move || {
        if let (Some(log), None) = (log.get_untracked(), hold.get_value()) {
            hold.set_value(Some(log.scroll_height() - log.scroll_top()));
            on_page.run(rows.with_untracked(Vec::len) + PAGE);
        }
    };
    let scrolled = move |_| {
        let Some(log) = log.get_untracked() else { return };
        // What has grown since is not what the reader has moved away from: a scroll is told late, and before `resized`.
        let furthest = furthest
            .get_value()
            .min(log.scroll_height() - log.client_height());
        let below = furthest - log.scroll_top();
        at_bottom.set_value(below < NEAR);
        // A screen further up, the way back is offered.
        away.set(below > log.client_height());
        if below < NEAR {
            unseen.set(0);
        }
        if log.scroll_top() < NEAR_TOP && has_older.get_untracked() {
            older();
        }
    };
    // Whatever grows or shrinks: at the bottom one stays there, and what was read stays where it was.
    let resized = move || {
        let Some(log) = log.get_untracked() else { return };
        furthest.set_value(log.scroll_height() - log.client_height());
        if let Some(distance) = hold.get_value() {
            hold.set_value(None);
            log.set_scroll_top(log.scroll_height() - distance);
        } else if at_bottom.get_value() && rows.with_untracked(|rows| !rows.is_empty()) {
            // A welcome is read from its top.
            log.set_scroll_top(log.scroll_height());
        }
    };
    Effect::new(move || {
        if let (Some(log), Some(content)) = (log.get(), content.get()) {
            observe([&log, &content], resized);
        }
    });
    Effect::new(move |before: Option<Option<RowKey>>| {
        let last = rows.with(|rows| rows.last().map(|last| (last.key, last.row.clone())));
        let key = last.as_ref().map(|(key, _)| *key);
        if before == Some(key) || key.is_none() {
            return key;
        }
        let own =
            last.is_some_and(|(_, row)| row.with_untracked(|shown| shown.row.author == Author::EndUser));
        if own || at_bottom.get_value() {
            to_bottom();
            if rows.with_untracked(Vec::len) > MANY {
                on_page.run(PAGE);
            }
        } else {
            let known = before.flatten();
            let new = rows
                .with_untracked(|rows| rows.iter().rev().take_while(|row| Some(row.key) != known).count());
            unseen.update(|count| *count = count.saturating_add(u32::try_from(new).unwrap_or(u32::MAX)));
        }
        key
    });

    let message =
        move |handle: RowHandle| view! { <Message shown=handle.row.read_only() on_retry=on_retry /> };
    let pill = move || {
        let count = unseen.get();
        let text = if count > 0 {
            words.count("jump", count)
        } else {
            words.t("jump.bottom")
        };
        (count > 0 || away.get()).then(|| {
            view! {
                <button type="button" class="jump" on:click=move |_| to_bottom()>
                    <Icon lines=DOWN />
                    {text}
                </button>
            }
        })
    };
    let earlier = move || {
        has_older.get().then(|| {
            view! {
                <button type="button" class="older" on:click=move |_| older()>
                    {words.t("older")}
                </button>
            }
        })
    };
    view! {
        <div class="middle">
            <div
                class="log"
                node_ref=log
                role="log"
                aria-live="polite"
                aria-label=words.t("log")
                tabindex="0"
                on:scroll=scrolled
            >
                <div class="content" node_ref=content>
                    {earlier}
                    <For each=move || rows.get() key=|handle| handle.key children=message />
                    {children()}
                </div>
            </div>
            {pill}
        </div>
    }
}

/// Tells when one of these changes its size, as long as the part lives.
fn observe(elements: [&web_sys::Element; 2], resized: impl Fn() + 'static) {
    let told = Closure::<dyn FnMut()>::new(resized);
    let Ok(observer) = ResizeObserver::new(told.as_ref().unchecked_ref()) else {
        return;
    };
    for element in elements {
        observer.observe(element);
    }
    let kept = StoredValue::new_local((observer, told));
    on_cleanup(move || {
        let _ = kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}
