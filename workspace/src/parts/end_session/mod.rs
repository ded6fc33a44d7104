//! The button `End session` and its dialog, which says in one sentence what will happen.

use causerie_core::ticket::ending::EndButton;
use leptos::html;
use leptos::prelude::*;

use super::fresh_id;
use super::question::{Question, take_back};
use crate::words::use_words;

/// The button and its dialog.
#[component]
pub fn EndSession(
    /// Whether there is a button, and whether it can be pressed.
    #[prop(into)]
    button: Signal<EndButton>,
    /// What will happen to the customer, the ticket, the capacity and the composer, in one sentence.
    #[prop(into)]
    consequence: Signal<String>,
    /// It was confirmed.
    on_end: UnsyncCallback<()>,
    /// While it was asked, there came to be nothing to ask: the button that had the focus before may be gone.
    on_overtaken: UnsyncCallback<()>,
) -> impl IntoView {
    let words = use_words();
    let (asked, dialog) = (RwSignal::new(false), NodeRef::<html::Dialog>::new());
    let reason_id = fresh_id("reason");
    let ask = move |_| asked.set(button.get_untracked() == EndButton::Offered);
    // Ended by somebody else meanwhile, or switched off: there is nothing to ask any more.
    Effect::new(move |_| match button.get() {
        EndButton::Offered => {}
        EndButton::Absent | EndButton::NotTheirs => {
            if asked.get_untracked() {
                take_back(asked, dialog);
                on_overtaken.run(());
            }
        }
    });
    let label = words.say("end_session");
    let reason = words.say("end_session.not_theirs");
    let shown = move || {
        let not_theirs = match button.get() {
            EndButton::Absent => return None,
            EndButton::NotTheirs => true,
            EndButton::Offered => false,
        };
        let reason = not_theirs.then(|| {
            view! { <span class="end-session__reason muted" id=reason_id.clone()>{reason.clone()}</span> }
        });
        Some(view! {
            <button
                type="button"
                class="button"
                aria-haspopup="dialog"
                aria-disabled=not_theirs.then_some("true")
                aria-describedby=not_theirs.then(|| reason_id.clone())
                on:click=ask
            >
                {label.clone()}
            </button>
            {reason}
        })
    };
    let (title, yes, no) = (
        words.say("end_session.title"),
        words.say("end_session"),
        words.say("end_session.keep"),
    );
    view! {
        <span class="end-session">{shown}</span>
        <Question asked dialog title=Signal::stored(title) consequence yes no on_yes=on_end />
    }
}
