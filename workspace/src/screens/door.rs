//! What the sign-in and the one-time link have in common: fields that a password manager knows, and the button below.

use leptos::prelude::*;

use crate::words::use_words;

/// A labelled field.
#[component]
pub fn Field(
    /// Its id, which is also the key of its label and its type.
    id: &'static str,
    /// What a password manager takes it for.
    autocomplete: &'static str,
    /// What stands in it.
    value: RwSignal<String>,
    /// Whether it is there to be read alone.
    #[prop(optional)]
    read_only: bool,
    /// The id of what explains it.
    #[prop(optional)]
    described_by: Option<&'static str>,
) -> impl IntoView {
    view! {
        <label for=id>{use_words().say(id)}</label>
        <input
            id=id
            type=id
            autocomplete=autocomplete
            required=true
            readonly=read_only
            aria-describedby=described_by
            prop:value=move || value.get()
            on:input=move |event| value.set(event_target_value(&event))
        />
    }
}

/// The button, and above it what went wrong.
#[component]
pub fn SignInButton(
    /// Whether the answer is awaited.
    busy: RwSignal<bool>,
    /// What went wrong.
    fault: RwSignal<Option<String>>,
) -> impl IntoView {
    view! {
        <p class="door__fault" role="alert">{move || fault.get()}</p>
        <button type="submit" class="button button--primary" aria-disabled=move || busy.get().then_some("true")>
            {use_words().say("sign_in")}
        </button>
    }
}
