//! The composer: which channel, what to say, and what to do with a reply that was too late (R21, R28).

use causerie_core::ticket::CommentTo;
use leptos::html;
use leptos::prelude::*;

use super::fresh_id;
use crate::view::ticket::channel_key;
use crate::words::use_words;

/// A channel as it is offered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Which one.
    pub to: CommentTo,
    /// Why it is closed, in words.
    pub closed: Option<String>,
}

/// Something was refused; a reply's text is the draft again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What happened, in words.
    pub why: String,
    /// Whether messaging was closed to it, so that another channel is to be chosen.
    pub choose: bool,
}

/// The composer.
#[component]
pub fn Composer(
    /// What is being written.
    #[prop(into)]
    draft: Signal<String>,
    /// It has been edited.
    on_edit: UnsyncCallback<String>,
    /// The channels, in order.
    #[prop(into)]
    offers: Signal<Vec<Offer>>,
    /// The one chosen.
    #[prop(into)]
    chosen: Signal<CommentTo>,
    /// Another one was picked.
    on_pick: UnsyncCallback<CommentTo>,
    /// Send it by the chosen channel.
    on_send: UnsyncCallback<()>,
    /// The last command was refused.
    #[prop(into)]
    refusal: Signal<Option<Refusal>>,
    /// Send the refused text by this channel instead.
    on_instead: UnsyncCallback<CommentTo>,
    /// It has been read.
    on_read: UnsyncCallback<()>,
    /// The textbox, for whoever moves the focus.
    #[prop(optional)]
    textbox: NodeRef<html::Textarea>,
    /// More tools, beside the send button.
    children: Children,
) -> impl IntoView {
    let words = use_words();
    let is_closed = move || {
        offers.with(|offers| {
            offers
                .iter()
                .any(|offer| offer.to == chosen.get() && offer.closed.is_some())
        })
    };
    let can_send = move || !is_closed() && draft.with(|draft| !draft.trim().is_empty());
    let send = move || {
        if can_send() {
            on_send.run(());
        }
    };
    let keys = move |event: leptos::ev::KeyboardEvent| {
        // Enter belongs to the input method while it composes.
        if event.key() != "Enter" || event.is_composing() || event.shift_key() {
            return;
        }
        let by_enter_alone = chosen.get_untracked() == CommentTo::Messaging;
        if by_enter_alone || event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            send();
        }
    };
    let hint = {
        let words = words.clone();
        move || {
            let by_enter = chosen.get() == CommentTo::Messaging;
            words.say(if by_enter {
                "composer.enter_sends"
            } else {
                "composer.ctrl_enter_sends"
            })
        }
    };
    let shade = move || match chosen.get() {
        CommentTo::Note => "composer composer--note",
        CommentTo::Messaging | CommentTo::Email | CommentTo::Public => "composer",
    };
    let hint_id = fresh_id("hint");
    view! {
        <section class=shade aria-label=words.say("composer")>
            <RefusalNotice refusal offers on_instead on_read />
            <Channels offers chosen on_pick />
            <textarea
                class="composer__text"
                rows="3"
                dir="auto"
                maxlength="8192"
                aria-label=words.say("reply")
                aria-describedby=hint_id.clone()
                node_ref=textbox
                prop:value=move || draft.get()
                disabled=is_closed
                on:input=move |event| on_edit.run(event_target_value(&event))
                on:keydown=keys
            ></textarea>
            <div class="composer__tools">
                {children()}
                <span class="composer__hint muted" id=hint_id>{hint}</span>
                <button
                    type="button"
                    class="button button--primary"
                    disabled=move || !can_send()
                    on:click=move |_| send()
                >
                    {words.say("send")}
                </button>
            </div>
        </section>
    }
}

/// The radio group `Channel`; a closed channel says why.
#[component]
fn Channels(
    offers: Signal<Vec<Offer>>,
    chosen: Signal<CommentTo>,
    on_pick: UnsyncCallback<CommentTo>,
) -> impl IntoView {
    let words = use_words();
    let (title, group) = (words.say("channel"), fresh_id("channel"));
    let channel = move |offer: Offer| {
        let (to, name) = (offer.to, words.say(channel_key(offer.to)));
        let is_closed = offer.closed.is_some();
        let reason_id = is_closed.then(|| fresh_id("reason"));
        let reason = offer.closed.map(|reason| {
            view! { <span class="channels__reason muted" id=reason_id.clone()>{reason}</span> }
        });
        view! {
            <span class="channels__channel" class:channels__channel--closed=is_closed>
                <label>
                    <input
                        type="radio"
                        name=group.clone()
                        value=channel_key(to)
                        disabled=is_closed
                        aria-describedby=reason_id.clone()
                        prop:checked=move || chosen.get() == to
                        on:change=move |_| on_pick.run(to)
                    />
                    <span>{name}</span>
                </label>
                {reason}
            </span>
        }
    };
    let channels = move || offers.get().into_iter().map(&channel).collect_view();
    view! { <div class="channels" role="radiogroup" aria-label=title>{channels}</div> }
}

/// What was refused and why, and for a reply that was too late the two ways to go on.
#[component]
fn RefusalNotice(
    refusal: Signal<Option<Refusal>>,
    offers: Signal<Vec<Offer>>,
    on_instead: UnsyncCallback<CommentTo>,
    on_read: UnsyncCallback<()>,
) -> impl IntoView {
    let words = use_words();
    let notice = move || {
        refusal.get().map(|notice| {
            let closed = move |to: CommentTo| {
                offers.with(|offers| {
                    offers
                        .iter()
                        .find(|offer| offer.to == to)
                        .and_then(|offer| offer.closed.clone())
                })
            };
            let ways = notice.choose.then(|| {
                let way = |to: CommentTo, key: &str| {
                    view! {
                        <button
                            type="button"
                            class="button"
                            disabled=move || closed(to).is_some()
                            title=move || closed(to)
                            on:click=move |_| on_instead.run(to)
                        >
                            {words.say(key)}
                        </button>
                    }
                };
                view! {
                    {way(CommentTo::Email, "composer.send_by_email")}
                    {way(CommentTo::Note, "composer.keep_as_note")}
                }
            });
            view! {
                <p>{notice.why}</p>
                {ways}
                <button type="button" class="button button--quiet" on:click=move |_| on_read.run(())>
                    {words.say("dismiss")}
                </button>
            }
        })
    };
    view! { <div class="composer__refusal" role="alert">{notice}</div> }
}
