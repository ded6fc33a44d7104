//! Quick replies under the last message: a press says the words of the button.

use leptos::prelude::*;

use crate::words::words;

/// The replies on offer; nothing when there are none.
#[component]
pub fn Replies(
    /// What can be said.
    replies: ReadSignal<Vec<String>>,
    /// One was pressed.
    on_pick: Callback<String>,
) -> impl IntoView {
    let label = words().t("replies");
    let button = move |reply: String| {
        let said = reply.clone();
        view! {
            <button type="button" dir="auto" on:click=move |_| on_pick.run(said.clone())>
                {reply}
            </button>
        }
    };
    move || {
        let replies = replies.get();
        (!replies.is_empty()).then(|| {
            view! {
                <div class="replies" role="group" aria-label=label.clone()>
                    {replies.into_iter().map(button).collect_view()}
                </div>
            }
        })
    }
}
