//! The sign-in.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::door::{Field, SignInButton};
use super::welcome::COMMAND;
use super::{insecure, sentence};
use crate::shell::http;
use crate::words::use_words;

/// Who was signed in until just now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Before {
    /// Nobody, or whoever left by hand.
    Nobody,
    /// Somebody whose sign-in is not good any more.
    SomebodyWith {
        /// Whether drafts of theirs are kept here.
        drafts: bool,
    },
}

/// The screen. No rule about passwords here: the server has them.
#[component]
pub fn SignIn(
    /// Who was signed in until just now.
    before: Before,
    /// Somebody is signed in.
    on_done: UnsyncCallback<()>,
) -> impl IntoView {
    let words = use_words();
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
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
            let words = words.clone();
            spawn_local(async move {
                let answer = http::sign_in(email.get_untracked().trim(), &password.get_untracked()).await;
                busy.set(false);
                match answer {
                    Ok(()) => on_done.run(()),
                    Err(why) => fault.set(Some(sentence(&why, "sign_in.wrong", &words))),
                }
            });
        }
    };
    let notice = match before {
        Before::Nobody => None,
        Before::SomebodyWith { drafts: false } => Some("sign_in.again"),
        Before::SomebodyWith { drafts: true } => Some("sign_in.again_kept"),
    };
    let notice = notice.map(|key| view! { <p>{words.say(key)}</p> });
    let insecure = insecure(&words).map(|why| view! { <p class="door__warning">{why}</p> });
    view! {
        <main class="door">
            <form class="door__card card" on:submit=submit>
                <h1>{words.say("app")}</h1>
                {notice}
                {insecure}
                <Field id="email" autocomplete="username" value=email />
                <Field id="password" autocomplete="current-password" value=password />
                <SignInButton busy fault />
                <details class="door__lost">
                    <summary>{words.say("sign_in.lost")}</summary>
                    <p class="muted">{words.say("sign_in.lost_text")}</p>
                    <code class="door__command" dir="ltr">{COMMAND}</code>
                </details>
            </form>
        </main>
    }
}
