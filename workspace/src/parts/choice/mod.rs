//! A labelled combobox. It shows its value and nothing else: what is picked is an intent, and shows when it is so.

use leptos::html;
use leptos::prelude::*;

use super::fresh_id;

/// One of the values to pick from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pick {
    /// What the callback gets.
    pub value: String,
    /// What the reader sees.
    pub name: String,
    /// Whether it is shown but cannot be picked.
    pub disabled: bool,
}

impl Pick {
    /// A value that can be picked.
    #[must_use]
    pub fn new(value: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            name: name.into(),
            disabled: false,
        }
    }
}

/// The combobox.
#[component]
pub fn Choice(
    /// Its accessible name, shown above it.
    #[prop(into)]
    label: String,
    /// The value that is so.
    #[prop(into)]
    value: Signal<String>,
    /// What there is to pick.
    #[prop(into)]
    picks: Signal<Vec<Pick>>,
    /// Whether nothing can be picked.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// Something was picked.
    on_pick: UnsyncCallback<String>,
) -> impl IntoView {
    let id = fresh_id("choice");
    let select = NodeRef::<html::Select>::new();
    let picked = move |_| {
        let Some(select) = select.get_untracked() else {
            return;
        };
        let (picked, so) = (select.value(), value.get_untracked());
        // Back to what is so: if the pick is refused, nothing has to be undone.
        select.set_value(&so);
        if picked != so {
            on_pick.run(picked);
        }
    };
    let options = move || {
        let option = |pick: Pick| {
            let own = pick.value.clone();
            view! {
                <option value=pick.value disabled=pick.disabled prop:selected=move || value.get() == own>
                    {pick.name}
                </option>
            }
        };
        picks.get().into_iter().map(option).collect_view()
    };
    view! {
        <div class="choice">
            <label for=id.clone()>{label}</label>
            <select id=id node_ref=select disabled=move || disabled.get() on:change=picked>
                {options}
            </select>
        </div>
    }
}
