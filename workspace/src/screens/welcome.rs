//! Behind a one-time link: a password is set, and its owner is signed in.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::door::{Field, SignInButton};
use super::{insecure, sentence};
use crate::shell::http::{self, Fault, Invited};
use crate::words::use_words;

/// What is known of the link.
#[derive(Clone, PartialEq, Eq)]
enum Link {
    Asking,
    For(Invited),
    /// Used already, or too old.
    Spent,
    /// It could not be asked.
    Unknown(Fault),
}

/// The screen. Opening it uses nothing up: the link is spent when the password is sent.
#[component]
pub fn Welcome(
    /// The link's token.
    token: String,
    /// Its owner is signed in, or goes to the sign-in.
    on_done: UnsyncCallback<()>,
    /// The link is not good any more.
    on_spent: UnsyncCallback<()>,
) -> impl IntoView {
    let words = use_words();
    let link = RwSignal::new(Link::Asking);
    let token = StoredValue::new(token);
    let ask = move || {
        spawn_local(async move {
            let answer = http::invited(&token.get_value()).await;
            // The screen may be gone by then.
            link.try_set(match answer {
                Ok(invited) => Link::For(invited),
                Err(Fault::SignedOut) => Link::Spent,
                Err(why @ (Fault::TooMany | Fault::Refused { .. } | Fault::Unreachable)) => {
                    Link::Unknown(why)
                }
            });
        });
    };
    ask();
    Effect::new(move |_| {
        if link.with(|link| *link == Link::Spent) {
            on_spent.run(());
        }
    });
    let spent = UnsyncCallback::new(move |()| link.set(Link::Spent));
    let card = move || match link.get() {
        Link::Asking => view! { <p class="waiting" role="status">{words.say("loading")}</p> }.into_any(),
        Link::For(invited) => {
            view! { <ChoosePassword token=token.get_value() invited on_done on_spent=spent /> }.into_any()
        }
        Link::Spent => view! { <SpentLink on_leave=on_done /> }.into_any(),
        Link::Unknown(why) => view! {
            <div class="door__card card" role="alert">
                <p>{sentence(&why, "welcome.spent", &words)}</p>
                <button type="button" class="button button--primary" on:click=move |_| ask()>
                    {words.say("try_again")}
                </button>
            </div>
        }
        .into_any(),
    };
    view! { <main class="door">{card}</main> }
}

/// The form. It names the account, so that a password manager keeps both together.
#[component]
pub fn ChoosePassword(
    /// The link's token.
    token: String,
    /// For whom it is.
    invited: Invited,
    /// Its owner is signed in.
    on_done: UnsyncCallback<()>,
    /// Somebody was quicker: the link is not good any more.
    on_spent: UnsyncCallback<()>,
) -> impl IntoView {
    let words = use_words();
    let password = RwSignal::new(String::new());
    let (busy, fault) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let submit = {
        let words = words.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            if busy.get_untracked() {
                return;
            }
            busy.set(true);
            fault.set(None);
            let (words, token) = (words.clone(), token.clone());
            spawn_local(async move {
                let answer = http::welcome(&token, &password.get_untracked()).await;
                busy.set(false);
                match answer {
                    Ok(()) => on_done.run(()),
                    Err(Fault::SignedOut) => on_spent.run(()),
                    Err(why @ (Fault::TooMany | Fault::Refused { .. } | Fault::Unreachable)) => {
                        fault.set(Some(sentence(&why, "welcome.spent", &words)));
                    }
                }
            });
        }
    };
    let (title, about) = if invited.renews {
        (words.say("welcome.renew_title"), words.say("welcome.renew_text"))
    } else {
        (
            words.fill("welcome.title", &[("name", &invited.name)]),
            words.say("welcome.text"),
        )
    };
    let insecure = insecure(&words).map(|why| view! { <p class="door__warning">{why}</p> });
    view! {
        <form class="door__card card" on:submit=submit>
            <h1 dir="auto">{title}</h1>
            <p>{about}</p>
            {insecure}
            <Field id="email" autocomplete="username" value=RwSignal::new(invited.email) read_only=true />
            <Field id="password" autocomplete="new-password" value=password described_by="password-hint" />
            <p class="muted" id="password-hint">{words.say("welcome.hint")}</p>
            <SignInButton busy fault />
        </form>
    }
}

/// What is said of a link that is not good any more, and how to get another.
#[component]
pub fn SpentLink(
    /// To the sign-in.
    on_leave: UnsyncCallback<()>,
) -> impl IntoView {
    let words = use_words();
    view! {
        <div class="door__card card">
            <h1 role="alert">{words.say("welcome.spent")}</h1>
            <p>{words.say("welcome.new_link")}</p>
            <code class="door__command" dir="ltr">{COMMAND}</code>
            <button type="button" class="button button--primary" on:click=move |_| on_leave.run(())>
                {words.say("welcome.to_sign_in")}
            </button>
        </div>
    }
}

/// What an admin types on the server to get a link; see the README.
pub(super) const COMMAND: &str = "causerie agent add --email EMAIL";
