//! The agent's own status (R31).

use causerie_core::agent::Availability as Value;
use leptos::prelude::*;

use super::choice::{Choice, Pick};
use crate::words::use_words;

/// Every status, in the order it is offered.
const ALL: [Value; 4] = [Value::Online, Value::Away, Value::TransfersOnly, Value::Offline];

/// The key of a status's name, and its value in the combobox.
#[must_use]
pub const fn key(value: Value) -> &'static str {
    match value {
        Value::Online => "availability.online",
        Value::Away => "availability.away",
        Value::TransfersOnly => "availability.transfers_only",
        Value::Offline => "availability.offline",
    }
}

/// The combobox `Availability`.
#[component]
pub fn Availability(
    /// The status that is so.
    #[prop(into)]
    value: Signal<Value>,
    /// Another one was picked.
    on_pick: UnsyncCallback<Value>,
) -> impl IntoView {
    let words = use_words();
    let label = words.say("availability");
    let picks: Vec<Pick> = ALL
        .iter()
        .map(|value| Pick::new(key(*value), words.say(key(*value))))
        .collect();
    let picked = move |picked: String| {
        if let Some(value) = ALL.into_iter().find(|value| key(*value) == picked) {
            on_pick.run(value);
        }
    };
    let shade = move || match value.get() {
        Value::Online => "availability availability--online",
        Value::Away | Value::TransfersOnly => "availability availability--away",
        Value::Offline => "availability",
    };
    view! {
        <div class=shade>
            <Choice
                label
                value=Signal::derive(move || key(value.get()).to_owned())
                picks=Signal::stored(picks)
                on_pick=UnsyncCallback::new(picked)
            />
        </div>
    }
}
