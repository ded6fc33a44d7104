//! The sign-in.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::welcome::COMMAND;
use super::{insecure, sentence};
use crate::shell::http;
use crate::words::use_words;

/// The screen. No rule about passwords here: the server has them.
#[component]
pub fn SignIn(
    /// Whether somebody was signed in until just now.
    was_signed_in: bool,
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
    let notice = was_signed_in.then(|| view! { <p>{words.say("sign_in.again")}</p> });
    let insecure = insecure(&words).map(|why| view! { <p class="door__warning">{why}</p> });
    view! {
        <main class="door">
            <form class="door__card card" on:submit=submit>
                <h1>{words.say("app")}</h1>
                {notice}
                {insecure}
                <label for="email">{words.say("email")}</label>
                <input
                    id="email"
                    type="email"
                    autocomplete="username"
                    required=true
                    prop:value=move || email.get()
                    on:input=move |event| email.set(event_target_value(&event))
                />
                <label for="password">{words.say("password")}</label>
                <input
                    id="password"
                    type="password"
                    autocomplete="current-password"
                    required=true
                    prop:value=move || password.get()
                    on:input=move |event| password.set(event_target_value(&event))
                />
                <p class="door__fault" role="alert">{move || fault.get()}</p>
                <button type="submit" class="button button--primary" aria-disabled=move || busy.get().then_some("true")>
                    {words.say("sign_in")}
                </button>
                <details class="door__lost">
                    <summary>{words.say("sign_in.lost")}</summary>
                    <p class="muted">{words.say("sign_in.lost_text")}</p>
                    <code class="door__command" dir="ltr">{COMMAND}</code>
                </details>
            </form>
        </main>
    }
}
