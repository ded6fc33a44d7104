//! The button `End session` and its dialog, which says in one sentence what will happen.

use causerie_core::ticket::ending::EndButton;
use leptos::html;
use leptos::prelude::*;

use super::fresh_id;
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
) -> impl IntoView {
    let words = use_words();
    let (asked, dialog) = (RwSignal::new(false), NodeRef::<html::Dialog>::new());
    let reason_id = fresh_id("reason");
    let ask = move |_| asked.set(button.get_untracked() == EndButton::Offered);
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get().filter(|dialog| !dialog.open()) {
            // It is in the document and not open, so it can be shown.
            let _ = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            // The focus goes back to where it was.
            dialog.close();
        }
        asked.set(false);
    };
    let confirmed = move || {
        close();
        on_end.run(());
    };
    // Ended by somebody else meanwhile, or switched off: there is nothing to ask any more.
    Effect::new(move |_| match button.get() {
        EndButton::Offered => {}
        EndButton::Absent | EndButton::NotTheirs => close(),
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
    let question = move || {
        let (title_id, text_id) = (fresh_id("end"), fresh_id("end"));
        asked.get().then(|| {
            view! {
                <dialog
                    class="dialog card"
                    node_ref=dialog
                    aria-labelledby=title_id.clone()
                    aria-describedby=text_id.clone()
                    on:close=move |_| asked.set(false)
                >
                    <h2 id=title_id.clone()>{words.say("end_session.title")}</h2>
                    <p id=text_id.clone()>{move || consequence.get()}</p>
                    <div class="dialog__buttons">
                        <button type="button" class="button" on:click=move |_| close()>
                            {words.say("end_session.keep")}
                        </button>
                        <button type="button" class="button button--primary" on:click=move |_| confirmed()>
                            {words.say("end_session")}
                        </button>
                    </div>
                </dialog>
            }
        })
    };
    view! {
        <span class="end-session">{shown}</span>
        {question}
    }
}
