//! An agent's slots, used and there (R33): `Messaging 2 of 3`, `Email 1 of 5`.

use causerie_core::wire::agent::AgentRow;
use leptos::prelude::*;

use crate::words::{Words, use_words};

/// The group `Capacity`.
#[component]
pub fn Capacity(
    /// Whose.
    #[prop(into)]
    agent: Signal<Option<AgentRow>>,
) -> impl IntoView {
    let words = use_words();
    let title = words.say("capacity");
    let slots = move || {
        agent
            .get()
            .map(|agent| view! { <Slots agent words=words.clone() /> })
    };
    view! {
        <div class="capacity" role="group" aria-label=title>
            <span class="capacity__title" aria-hidden="true">{title.clone()}</span>
            {slots}
        </div>
    }
}

/// Both lines, without a frame.
#[component]
pub fn Slots(
    /// Whose.
    agent: AgentRow,
    /// In which words.
    words: Words,
) -> impl IntoView {
    let line = |key: &str, used: u32, max: u32| {
        let text = words.fill(key, &[("used", &used.to_string()), ("max", &max.to_string())]);
        let full = used >= max;
        view! { <span class="capacity__slots" class:capacity__slots--full=full>{text}</span> }
    };
    view! {
        {line("capacity.messaging", agent.messaging_used, agent.messaging_max)}
        " "
        {line("capacity.email", agent.email_used, agent.email_max)}
    }
}
