//! The history (R37): who did what, when, through what, with the old and the new value; replies and notes as well.

use leptos::prelude::*;

use super::linked_text::LinkedText;
use super::moment::FullMoment;
use crate::view::log::{Gone, Item, What};
use crate::words::{Words, use_words};

/// The list `Events`.
#[component]
pub fn Events(
    /// What was said and done, in order.
    #[prop(into)]
    items: Signal<Vec<Item>>,
) -> impl IntoView {
    let words = use_words();
    let title = words.say("events");
    let told = Memo::new(move |_| {
        items.with(|items| {
            items
                .iter()
                .filter(|item| item.in_history)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let event = move |item: Item| view! { <Event item words=words.clone() /> };
    view! {
        <ol class="events" role="list" aria-label=title tabindex="0">
            <For each=move || told.get() key=Clone::clone children=event />
        </ol>
    }
}

#[component]
fn Event(item: Item, words: Words) -> impl IntoView {
    let Item {
        at,
        who,
        through,
        what,
        ..
    } = item;
    let reply = |key: &str, text: String| {
        view! { <span class="events__what">{words.say(key)}</span> <LinkedText text /> }.into_any()
    };
    let is_end = match &what {
        What::Ended { .. } => true,
        What::Customer(_)
        | What::Bot(_)
        | What::Agent(_)
        | What::Note(_)
        | What::Email { .. }
        | What::Erased(_)
        | What::Change { .. }
        | What::Deed(_) => false,
    };
    let body = match what {
        What::Customer(text) | What::Bot(text) => reply("event.message", text),
        What::Agent(text) => reply("event.reply", text),
        What::Note(text) => reply("event.note", text),
        What::Email { to, text, waiting } => {
            let waiting = waiting.then(|| words.say("log.email_waiting"));
            view! {
                <span class="events__what">{words.fill("event.email", &[("to", &to)])}</span>
                <LinkedText text />
                {waiting.map(|waiting| view! { <span class="log__waiting">{waiting}</span> })}
            }
            .into_any()
        }
        What::Erased(gone) => {
            let what = words.say(match gone {
                Gone::Message => "event.message",
                Gone::Reply => "event.reply",
                Gone::Note => "event.note",
                Gone::Email => "channel.public_reply",
            });
            view! {
                <span class="events__what">{what}</span>
                <span class="erased">{words.say("erased")}</span>
            }
            .into_any()
        }
        What::Change { field, from, to, .. } => view! {
            <span class="events__what">{field}</span>
            <span class="events__change" dir="auto">
                <del>{from}</del>
                <span class="visually-hidden">{words.say("event.becomes")}</span>
                <span aria-hidden="true">" → "</span>
                <ins>{to}</ins>
            </span>
        }
        .into_any(),
        What::Deed(deed) => view! { <span class="events__what">{deed}</span> }.into_any(),
        What::Ended { by, why } => view! {
            <span class="events__what">{words.fill("session_ended_by", &[("name", &by)])}</span>
            <span class="muted">{why}</span>
        }
        .into_any(),
    };
    view! {
        <li class="events__item" class:events__item--end=is_end>
            <span class="events__head">
                <strong dir="auto">{who}</strong>
                {through.map(|through| view! { <span class="muted">{through}</span> })}
                <FullMoment at />
            </span>
            <span class="events__body">{body}</span>
        </li>
    }
}
