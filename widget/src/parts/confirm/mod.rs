//! `End chat` asks once more, in words. The browser keeps the focus inside and puts the rest out of reach.

use leptos::ev::KeyboardEvent;
use leptos::html::Dialog;
use leptos::prelude::*;

use crate::words::words;

/// The question.
#[component]
pub fn Confirm(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// The chat is to end.
    on_end: Callback<()>,
    /// It is not, or it is done: the focus goes back to where the question came from.
    on_close: Callback<()>,
) -> impl IntoView {
    let words = words();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal();
        }
    });
    let close = move || {
        open.set(false);
        on_close.run(());
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            // Not the panel's as well.
            event.prevent_default();
            close();
        }
    };
    move || {
        open.get().then(|| {
            view! {
                <dialog
                    class="confirm"
                    node_ref=dialog
                    aria-labelledby="confirm-title"
                    aria-describedby="confirm-text"
                    on:keydown=on_key
                    // A phone's way back.
                    on:cancel=move |_: web_sys::Event| close()
                >
                    <h2 id="confirm-title">{words.t("end.title")}</h2>
                    <p id="confirm-text">{words.t("end.text")}</p>
                    <div>
                        <button type="button" on:click=move |_| close()>
                            {words.t("end.keep")}
                        </button>
                        <button
                            type="button"
                            class="main"
                            on:click=move |_| {
                                close();
                                on_end.run(());
                            }
                        >
                            {words.t("end")}
                        </button>
                    </div>
                </dialog>
            }
        })
    }
}
