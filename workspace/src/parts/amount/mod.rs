//! A setting that is a number of something. It shows what is so; a change is an intent, and shows when it is so.

use leptos::html;
use leptos::prelude::*;

use super::fresh_id;

/// The spinbutton, its label, its unit and what it means.
#[component]
pub fn Amount(
    /// Its accessible name.
    #[prop(into)]
    label: String,
    /// Of what: `minutes`.
    #[prop(into)]
    unit: String,
    /// What it means, in a sentence.
    #[prop(into)]
    hint: String,
    /// How many.
    #[prop(into)]
    value: Signal<i64>,
    /// Another number was entered.
    on_change: UnsyncCallback<i64>,
) -> impl IntoView {
    let (id, unit_id, hint_id) = (fresh_id("amount"), fresh_id("unit"), fresh_id("hint"));
    let input = NodeRef::<html::Input>::new();
    let changed = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let (wanted, so) = (input.value().parse::<i64>(), value.get_untracked());
        // Back to what is so: if the number is refused, nothing has to be undone.
        input.set_value(&so.to_string());
        if let Ok(wanted) = wanted
            && wanted != so
        {
            on_change.run(wanted);
        }
    };
    view! {
        <div class="amount">
            <label for=id.clone()>{label}</label>
            <span class="amount__number">
                <input
                    type="number"
                    id=id.clone()
                    node_ref=input
                    min="1"
                    step="1"
                    aria-describedby=format!("{unit_id} {hint_id}")
                    prop:value=move || value.get().to_string()
                    on:change=changed
                />
                <span id=unit_id.clone()>{unit}</span>
            </span>
            <p class="muted" id=hint_id.clone()>{hint}</p>
        </div>
    }
}
