//! Who is there, and how much room each has; opened by a button.

use causerie_core::wire::agent::AgentRow;
use leptos::html;
use leptos::prelude::*;

use super::capacity::Slots;
use super::{availability, close_from_outside, fresh_id};
use crate::words::use_words;

/// The button `Agents` and the list it opens.
#[component]
pub fn Colleagues(
    /// Everybody.
    #[prop(into)]
    agents: Signal<Vec<AgentRow>>,
) -> impl IntoView {
    let words = use_words();
    let (title, id) = (words.say("agents"), fresh_id("agents"));
    let button = NodeRef::<html::Button>::new();
    let (open, part) = (RwSignal::new(false), NodeRef::<html::Div>::new());
    close_from_outside(part, open);
    let escape = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
            if let Some(button) = button.get_untracked() {
                // A button in the document takes the focus.
                let _ = button.focus();
            }
        }
    };
    let row = {
        let words = words.clone();
        move |agent: AgentRow| {
            let status = words.say(availability::key(agent.availability));
            view! {
                <li class="colleagues__agent">
                    <strong>{agent.name.clone()}</strong>
                    <span class="muted">{status}</span>
                    <span class="colleagues__slots"><Slots agent words=words.clone() /></span>
                </li>
            }
        }
    };
    let list_title = title.clone();
    let controls = id.clone();
    let list = move || {
        let rows: Vec<_> = agents.get().into_iter().map(&row).collect();
        open.get().then(|| {
            view! {
                <ul class="colleagues__list card" role="list" id=id.clone() aria-label=list_title.clone()>
                    {rows}
                </ul>
            }
        })
    };
    view! {
        <div class="colleagues" node_ref=part on:keydown=escape>
            <button
                type="button"
                class="button button--quiet"
                node_ref=button
                aria-expanded=move || open.get().to_string()
                aria-controls=controls
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {title}
            </button>
            {list}
        </div>
    }
}
