//! Behind a one-time link: a password is set, and its owner is signed in.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{insecure, sentence};
use crate::shell::http;
use crate::words::use_words;

/// The screen. Opening it uses nothing up: the link is spent when the password is sent.
#[component]
pub fn Welcome(
    /// The link's token.
    token: String,
    /// Its owner is signed in.
    on_done: UnsyncCallback<()>,
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
                    Err(why) => fault.set(Some(sentence(&why, "welcome.spent", &words))),
                }
            });
        }
    };
    let insecure = insecure(&words).map(|why| view! { <p class="door__warning">{why}</p> });
    view! {
        <main class="door">
            <form class="door__card card" on:submit=submit>
                <h1>{words.say("welcome.title")}</h1>
                <p>{words.say("welcome.text")}</p>
                {insecure}
                <label for="password">{words.say("password")}</label>
                <input
                    id="password"
                    type="password"
                    autocomplete="new-password"
                    required=true
                    aria-describedby="password-hint"
                    prop:value=move || password.get()
                    on:input=move |event| password.set(event_target_value(&event))
                />
                <p class="muted" id="password-hint">{words.say("welcome.hint")}</p>
                <p class="door__fault" role="alert">{move || fault.get()}</p>
                <button type="submit" class="button button--primary" aria-disabled=move || busy.get().then_some("true")>
                    {words.say("sign_in")}
                </button>
            </form>
        </main>
    }
}
