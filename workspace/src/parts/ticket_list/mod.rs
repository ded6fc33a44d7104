//! The list `Tickets`: each a list item with one link.

use std::collections::BTreeMap;

use causerie_core::TicketId;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::moment::Moment;
use crate::view::list::Item;
use crate::words::{Words, use_words};

/// The list.
#[component]
pub fn TicketList(
    /// What is in it, in order.
    #[prop(into)]
    items: Signal<Vec<Item>>,
    /// The one that is open.
    #[prop(into)]
    open: Signal<Option<TicketId>>,
    /// Whether it is empty because whoever looks at it is offline.
    #[prop(into)]
    offline: Signal<bool>,
    /// That is to change.
    on_go_online: UnsyncCallback<()>,
) -> impl IntoView {
    let words = use_words();
    let (title, nothing) = (words.say("tickets"), words.say("tickets.none"));
    let (why, way) = (words.say("tickets.offline"), words.say("tickets.go_online"));
    let by_id = Memo::new(move |_| {
        items.with(|items| {
            let items = items.iter().map(|item| (item.id, item.clone()));
            items.collect::<BTreeMap<_, _>>()
        })
    });
    let list = NodeRef::<html::Ul>::new();
    let ids = move || {
        keep_focus(list);
        items.with(|items| items.iter().map(|item| item.id).collect::<Vec<_>>())
    };
    let item = move |id: TicketId| {
        // While an entry is being taken away there may be no item of it any more: then the last one stays.
        let item = Memo::new(move |before: Option<&Option<Item>>| {
            by_id
                .with(|items| items.get(&id).cloned())
                .or_else(|| before.cloned().flatten())
        });
        let is_open = Signal::derive(move || open.get() == Some(id));
        view! { <TicketItem id item words=words.clone() is_open /> }
    };
    let is_empty = move || items.with(Vec::is_empty);
    let go_online = move |_| {
        if let Some(list) = list.get_untracked() {
            // The button goes away, and the list is where the tickets come: it has a tab index.
            let _ = list.focus();
        }
        on_go_online.run(());
    };
    let empty = move || {
        if offline.get() {
            view! {
                <div class="tickets__none">
                    <p>{why.clone()}</p>
                    <button type="button" class="button" on:click=go_online>{way.clone()}</button>
                </div>
            }
            .into_any()
        } else {
            view! { <p class="tickets__none muted">{nothing.clone()}</p> }.into_any()
        }
    };
    view! {
        <ul
            class="tickets"
            role="list"
            tabindex="-1"
            aria-label=title
            node_ref=list
            on:keydown=move |event| arrows(&event)
        >
            <For each=ids key=Clone::clone children=item />
        </ul>
        {move || is_empty().then(&empty)}
    }
}

/// An entry stays the same element, whatever changes in it: the focus may be on it.
#[component]
fn TicketItem(id: TicketId, item: Memo<Option<Item>>, words: Words, is_open: Signal<bool>) -> impl IntoView {
    let has_news = move || item.with(|item| item.as_ref().is_some_and(|item| item.news));
    let is_erased = Memo::new(move |_| item.with(|item| item.as_ref().is_some_and(|item| item.erased)));
    let (visitor, nobody, erased) = (
        words.say("author.visitor"),
        words.say("author.erased"),
        words.say("erased"),
    );
    let who = Memo::new(move |_| {
        if is_erased.get() {
            return nobody.clone();
        }
        let who = item.with(|item| item.as_ref().and_then(|item| item.requester.clone()));
        who.unwrap_or_else(|| visitor.clone())
    });
    let subject = Memo::new(move |_| {
        if is_erased.get() {
            return erased.clone();
        }
        item.with(|item| item.as_ref().map(|item| item.subject.clone()).unwrap_or_default())
    });
    let state = move || {
        let item = item.get()?;
        let status = words.say(&format!("status.{}", item.status.name()));
        let ended = item
            .ended
            .then(|| view! { <span class="badge">{words.say("tickets.ended")}</span> });
        let news = item.news.then(|| {
            view! { <span class="tickets__news" role="img" aria-label=words.say("tickets.news") title=words.say("tickets.news")></span> }
        });
        Some(view! {
            {news}
            <span class=format!("badge badge--{}", item.status.name())>{status}</span>
            {ended}
            <Moment at=item.at />
        })
    };
    view! {
        <li class="tickets__item" class:tickets__item--news=has_news class:tickets__item--erased=move || is_erased.get()>
            <a href=format!("#/tickets/{id}") aria-current=move || is_open.get().then_some("true")>
                <span class="tickets__id">{format!("#{id}")}</span>
                " "
                <span class="tickets__who" dir="auto">{who}</span>
                " "
                <span class="tickets__subject" dir="auto">{subject}</span>
            </a>
            <span class="tickets__state">{state}</span>
        </li>
    }
}

/// An entry that is moved to its new place loses the focus on the way: it gets it back.
fn keep_focus(list: NodeRef<html::Ul>) {
    let Some(list) = list.get_untracked() else { return };
    let focused = document()
        .active_element()
        .filter(|focused| list.contains(Some(focused)))
        .and_then(|focused| focused.dyn_into::<web_sys::HtmlElement>().ok());
    let Some(focused) = focused else { return };
    request_animation_frame(move || {
        let is_lost = document().active_element() == document().body().map(Into::into);
        if is_lost && focused.is_connected() {
            let without_scrolling = web_sys::FocusOptions::new();
            without_scrolling.set_prevent_scroll(true);
            // A link in the document takes the focus.
            let _ = focused.focus_with_options(&without_scrolling);
        }
    });
}

/// Up and down the links by arrow keys, or by `k` and `j`.
fn arrows(event: &leptos::ev::KeyboardEvent) {
    let down = match event.key().as_str() {
        "ArrowDown" | "j" => true,
        "ArrowUp" | "k" => false,
        _ => return,
    };
    let here = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let item = here.and_then(|here| here.closest("li").ok().flatten());
    let next = item.and_then(|item| {
        if down {
            item.next_element_sibling()
        } else {
            item.previous_element_sibling()
        }
    });
    let link = next.and_then(|next| next.query_selector("a").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        // A link in the document takes the focus.
        let _ = link.focus();
    }
}
