//! The list `Tickets`: each a list item with one link.

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
    open: Signal<Option<causerie_core::TicketId>>,
) -> impl IntoView {
    let words = use_words();
    let (title, nothing) = (words.say("tickets"), words.say("tickets.none"));
    let item = move |item: Item| {
        let is_open = Signal::derive(move || open.get() == Some(item.id));
        view! { <TicketItem item words=words.clone() is_open /> }
    };
    let is_empty = move || items.with(Vec::is_empty);
    view! {
        <ul class="tickets" role="list" aria-label=title on:keydown=move |event| arrows(&event)>
            <For each=move || items.get() key=Clone::clone children=item />
        </ul>
        <Show when=is_empty>
            <p class="tickets__none muted">{nothing.clone()}</p>
        </Show>
    }
}

#[component]
fn TicketItem(item: Item, words: Words, is_open: Signal<bool>) -> impl IntoView {
    let who = item
        .requester
        .clone()
        .unwrap_or_else(|| words.say("author.visitor"));
    let status = words.say(&format!("status.{}", item.status.name()));
    let ended = item
        .ended
        .then(|| view! { <span class="badge">{words.say("tickets.ended")}</span> });
    let news = item.news.then(|| {
        view! { <span class="tickets__news" role="img" aria-label=words.say("tickets.news") title=words.say("tickets.news")></span> }
    });
    view! {
        <li class="tickets__item" class:tickets__item--news=item.news>
            <a href=format!("#/tickets/{}", item.id) aria-current=move || is_open.get().then_some("true")>
                <span class="tickets__id">{format!("#{}", item.id)}</span>
                " "
                <span class="tickets__who" dir="auto">{who}</span>
                " "
                <span class="tickets__subject" dir="auto">{item.subject}</span>
            </a>
            <span class="tickets__state">
                {news}
                <span class=format!("badge badge--{}", item.status.name())>{status}</span>
                {ended}
                <Moment at=item.at />
            </span>
        </li>
    }
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
