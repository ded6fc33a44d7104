//! A question before something is done: a dialog with a yes and a no.

use leptos::html;
use leptos::prelude::*;

use super::fresh_id;

/// The dialog, while it is open. No is the first of its buttons, and has the focus.
#[component]
pub fn Question(
    /// Whether it is asked.
    asked: RwSignal<bool>,
    /// Its element, for [`take_back`].
    dialog: NodeRef<html::Dialog>,
    /// What is asked.
    #[prop(into)]
    title: Signal<String>,
    /// What a yes would do.
    #[prop(into)]
    consequence: Signal<String>,
    /// The button that does it.
    yes: String,
    /// The button that does not.
    no: String,
    /// It was confirmed.
    on_yes: UnsyncCallback<()>,
) -> impl IntoView {
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get().filter(|dialog| !dialog.open()) {
            // It is in the document and not open, so it can be shown.
            let _ = dialog.show_modal();
        }
    });
    let confirmed = move || {
        take_back(asked, dialog);
        on_yes.run(());
    };
    move || {
        let (title_id, text_id) = (fresh_id("question"), fresh_id("question"));
        asked.get().then(|| {
            view! {
                <dialog
                    class="dialog card"
                    node_ref=dialog
                    aria-labelledby=title_id.clone()
                    aria-describedby=text_id.clone()
                    on:close=move |_| asked.set(false)
                >
                    <h2 id=title_id.clone() dir="auto">{move || title.get()}</h2>
                    <p id=text_id.clone()>{move || consequence.get()}</p>
                    <div class="dialog__buttons">
                        <button type="button" class="button" on:click=move |_| take_back(asked, dialog)>
                            {no.clone()}
                        </button>
                        <button type="button" class="button button--primary" on:click=move |_| confirmed()>
                            {yes.clone()}
                        </button>
                    </div>
                </dialog>
            }
        })
    }
}

/// Asks no more. The focus goes back to where it was.
pub fn take_back(asked: RwSignal<bool>, dialog: NodeRef<html::Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        dialog.close();
    }
    asked.set(false);
}
