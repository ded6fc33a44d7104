//! Causerie: workspace.
use leptos::prelude::*;

/// Puts the app into the document's body.
pub fn mount() {
    let (count, set_count) = signal(0);
    mount_to_body(move || view! { <button on:click=move |_| set_count.update(|n| *n += 1)>"Count " {count}</button> });
}
