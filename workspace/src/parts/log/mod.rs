//! The log `Conversation`: both logs of a ticket in their one order. What only colleagues see looks it, and says it.

use std::collections::HashMap;

use leptos::html;
use leptos::prelude::*;

use super::linked_text::LinkedText;
use super::moment::Moment;
use super::on_resize;
use crate::view::log::{Gone, Item, Place, What};
use crate::words::{Words, use_words};

/// A reply that is on its way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OnItsWay {
    /// The key of where it goes: see [`crate::view::ticket::channel_key`].
    pub channel: &'static str,
    /// What it says.
    pub text: String,
}

/// How near to the end counts as reading the end, in pixels.
const NEAR: i32 = 120;

/// The log.
#[component]
pub fn Log(
    /// What was said and done, in order.
    #[prop(into)]
    items: Signal<Vec<Item>>,
    /// What is being sent.
    #[prop(into)]
    on_its_way: Signal<Vec<OnItsWay>>,
    /// Who is typing, if the customer is.
    #[prop(into)]
    typing: Signal<Option<String>>,
) -> impl IntoView {
    let words = use_words();
    let title = words.say("conversation");
    let frame = NodeRef::<html::Div>::new();
    let (at_end, more) = (RwSignal::new(true), RwSignal::new(0_usize));
    let told = Memo::new(move |_| {
        items.with(|items| {
            items
                .iter()
                .filter(|item| item.in_conversation)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let by_place = Memo::new(move |_| {
        told.with(|told| {
            let told = told.iter().map(|item| (item.place, item.clone()));
            told.collect::<HashMap<_, _>>()
        })
    });
    let places = move || told.with(|told| told.iter().map(|item| item.place).collect::<Vec<_>>());
    // What was there when the log was opened is read by whoever wants to; what comes later is announced, once.
    let is_live = RwSignal::new(false);
    Effect::new(move |_| {
        if told.with(|told| !told.is_empty()) && !is_live.get_untracked() {
            request_animation_frame(move || {
                request_animation_frame(move || {
                    is_live.try_set(true);
                });
            });
        }
    });
    let to_end = move || {
        // A frame of the browser may come when the log is gone.
        let scroll = move || {
            if let Some(frame) = frame.try_get_untracked().flatten() {
                frame.set_scroll_top(frame.scroll_height());
            }
        };
        scroll();
        // What comes into view gets its real height only now.
        request_animation_frame(move || request_animation_frame(scroll));
        more.try_set(0);
    };
    // What comes is shown at once where the end is being read, and announced by a number where it is not.
    Effect::new(move |before: Option<usize>| {
        let count = told.with(Vec::len) + on_its_way.with(Vec::len);
        let stays = before.is_some_and(|before| before > 0) && !at_end.get_untracked();
        if stays {
            more.update(|more| *more += count.saturating_sub(before.unwrap_or(0)));
        } else {
            request_animation_frame(to_end);
        }
        count
    });
    let scrolled = move |_| {
        if let Some(frame) = frame.get_untracked() {
            let near = frame.scroll_height() - frame.scroll_top() - frame.client_height() < NEAR;
            at_end.set(near);
            if near {
                more.set(0);
            }
        }
    };
    // What grows below the log takes room from it: its last lines stay in sight.
    on_resize(frame, move || {
        if at_end.try_get_untracked() == Some(true) {
            to_end();
        }
    });
    let entry = {
        let words = words.clone();
        move |place: Place| {
            // An entry stays the same element when a name becomes known: nothing is announced again.
            let item = Memo::new(move |before: Option<&Option<Item>>| {
                by_place
                    .with(|items| items.get(&place).cloned())
                    .or_else(|| before.cloned().flatten())
            });
            let words = words.clone();
            move || {
                item.get()
                    .map(|item| view! { <Entry item words=words.clone() /> })
            }
        }
    };
    let sending = {
        let words = words.clone();
        move || {
            let one = |reply: OnItsWay| {
                let class = if reply.channel == "channel.note" {
                    "said said--note"
                } else {
                    "said said--agent"
                };
                let state = words.say("log.sending");
                view! {
                    <div class=format!("{class} said--sending")>
                        <LinkedText text=reply.text />
                        <span class="said__state">{state}</span>
                    </div>
                }
            };
            on_its_way.get().into_iter().map(one).collect_view()
        }
    };
    let pill = {
        let words = words.clone();
        move || {
            let count = more.get();
            (count > 0).then(|| {
                view! {
                    <button type="button" class="log__more" on:click=move |_| to_end()>
                        {words.count("log.more", count)}
                    </button>
                }
            })
        }
    };
    let typing = move || {
        typing
            .get()
            .map(|name| words.fill("log.typing", &[("name", &name)]))
    };
    view! {
        <div class="log">
            <div
                class="log__frame"
                role="log"
                aria-label=title
                aria-live=move || if is_live.get() { "polite" } else { "off" }
                tabindex="0"
                node_ref=frame
                on:scroll=scrolled
            >
                <For each=places key=Clone::clone children=entry />
                // It is announced when it stands.
                <div class="log__sending" aria-live="off">{sending}</div>
            </div>
            {pill}
            <p class="log__typing muted">{typing}</p>
        </div>
    }
}

#[component]
fn Entry(item: Item, words: Words) -> impl IntoView {
    let Item { at, who, what, .. } = item;
    match what {
        What::Customer(text) => said(at, who, text, "said said--customer", None).into_any(),
        What::Bot(text) => said(at, who, text, "said said--bot", None).into_any(),
        What::Agent(text) => said(at, who, text, "said said--agent", None).into_any(),
        What::Note(text) => {
            said(at, who, text, "said said--note", Some(words.say("channel.note"))).into_any()
        }
        What::Email { to, text, waiting } => {
            let label = words.fill("log.email", &[("to", &to)]);
            let state = waiting.then(|| words.say("log.email_waiting"));
            view! {
                {said(at, who, text, "said said--agent said--email", Some(label))}
                {state.map(|state| view! { <p class="log__waiting">{state}</p> })}
            }
            .into_any()
        }
        What::Erased(gone) => erased(at, who, gone, &words).into_any(),
        What::Change { field, from, to, .. } => line(
            at,
            words.fill(
                "log.change",
                &[("who", &who), ("field", &field), ("from", &from), ("to", &to)],
            ),
        )
        .into_any(),
        What::Deed(deed) => line(at, words.fill("log.deed", &[("who", &who), ("deed", &deed)])).into_any(),
        What::Ended { by, .. } => view! {
            <p class="log__ended">
                <span>{words.fill("session_ended_by", &[("name", &by)])}</span>
                " "
                <Moment at />
            </p>
        }
        .into_any(),
    }
}

fn said(
    at: causerie_core::Timestamp,
    who: String,
    text: String,
    class: &'static str,
    label: Option<String>,
) -> impl IntoView {
    view! {
        <article class=class>
            <header class="said__head">
                <strong class="said__who" dir="auto">{who}</strong>
                " "
                {label.map(|label| view! { <span class="said__label">{label}</span> })}
                " "
                <Moment at />
            </header>
            <LinkedText text />
        </article>
    }
}

/// A tombstone: who said something when, and that it is gone. It is a text, so it is read out as well.
fn erased(at: causerie_core::Timestamp, who: String, gone: Gone, words: &Words) -> impl IntoView + use<> {
    let (class, label) = match gone {
        Gone::Message => ("said said--erased", None),
        Gone::Reply => ("said said--erased said--ours", None),
        Gone::Note => ("said said--erased said--ours", Some(words.say("channel.note"))),
        Gone::Email => (
            "said said--erased said--ours",
            Some(words.say("channel.public_reply")),
        ),
    };
    view! {
        <article class=class>
            <header class="said__head">
                <strong class="said__who" dir="auto">{who}</strong>
                " "
                {label.map(|label| view! { <span class="said__label">{label}</span> })}
                " "
                <Moment at />
            </header>
            <p class="erased">{words.say("erased")}</p>
        </article>
    }
}

fn line(at: causerie_core::Timestamp, text: String) -> impl IntoView {
    view! {
        <p class="log__line muted">
            <span>{text}</span>
            " "
            <Moment at />
        </p>
    }
}
