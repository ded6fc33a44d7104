//! A value to be taken elsewhere: one press of the button copies it, one press on itself selects all of it.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::fresh_id;
use crate::words::use_words;

/// The value and its button.
#[component]
pub fn Copyable(
    /// What is copied.
    value: String,
    /// What it is, for the button's name.
    what: String,
    /// What it is good for.
    hint: String,
) -> impl IntoView {
    let words = use_words();
    let (shown, hint_id) = (NodeRef::<html::Code>::new(), fresh_id("hint"));
    let copied = RwSignal::new(false);
    let copy = move |_| copied.set(shown.get_untracked().is_some_and(|shown| is_copied(&shown)));
    let (verb, done) = (words.say("copy"), words.say("copied"));
    view! {
        <span class="copyable" title=hint.clone()>
            <code class="copyable__value" dir="ltr" node_ref=shown>{value}</code>
            <button
                type="button"
                class="button button--quiet copyable__button"
                aria-label=words.fill("copy.named", &[("what", &what)])
                aria-describedby=hint_id.clone()
                on:click=copy
            >
                {verb}
            </button>
            <span class="muted" role="status">{move || copied.get().then(|| done.clone())}</span>
            <span class="visually-hidden" id=hint_id.clone()>{hint.clone()}</span>
        </span>
    }
}

/// Selects what an element says and copies the selection: unlike the clipboard's own API, that works on a page that was
/// loaded over plain http too. What could not be copied is selected all the same, for a key.
fn is_copied(shown: &web_sys::Element) -> bool {
    let selected = window()
        .get_selection()
        .ok()
        .flatten()
        .is_some_and(|selection| selection.select_all_children(shown).is_ok());
    let page = document().dyn_into::<web_sys::HtmlDocument>();
    selected && page.is_ok_and(|page| page.exec_command("copy") == Ok(true))
}
