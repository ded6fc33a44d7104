//! A setting that is on or off. It shows what is so; a change is an intent, and shows when it is so.

use leptos::html;
use leptos::prelude::*;

use super::fresh_id;

/// The checkbox, its label and what it means.
#[component]
pub fn Switch(
    /// Its accessible name.
    #[prop(into)]
    label: String,
    /// What it means, in a sentence.
    #[prop(into)]
    hint: String,
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// It was pressed: on, or off.
    on_change: UnsyncCallback<bool>,
) -> impl IntoView {
    let (id, hint_id) = (fresh_id("switch"), fresh_id("hint"));
    let input = NodeRef::<html::Input>::new();
    let changed = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let wanted = input.checked();
        input.set_checked(on.get_untracked());
        on_change.run(wanted);
    };
    view! {
        <div class="switch">
            <input
                type="checkbox"
                id=id.clone()
                node_ref=input
                aria-describedby=hint_id.clone()
                prop:checked=move || on.get()
                on:change=changed
            />
            <label for=id.clone()>{label}</label>
            <p class="muted" id=hint_id.clone()>{hint}</p>
        </div>
    }
}
