//! What goes on: somebody types; the connection is gone; a message is on its way or was refused.

use leptos::prelude::*;

use causerie_core::message::Author;

use crate::parts::avatar::name;
use crate::view::Notice;
use crate::words::words;

/// Three dots, while somebody types. In words for a screen reader.
#[component]
pub fn Typing(
    /// Whether somebody does.
    typing: ReadSignal<bool>,
    /// Who answers now. It is people who type: where only the bot has spoken yet, nobody is named.
    responder: ReadSignal<Option<Author>>,
) -> impl IntoView {
    let words = words();
    move || {
        typing.get().then(|| {
            let person = responder.get().filter(|who| *who != Author::Bot);
            let name = person.map_or_else(|| words.t("business"), |who| name(&who, words));
            view! {
                <div class="typing">
                    <span class="dots" aria-hidden="true">
                        <i></i>
                        <i></i>
                        <i></i>
                    </span>
                    <span dir="auto">{words.with("typing", "name", &name)}</span>
                </div>
            }
        })
    }
}

/// The status region. *Offline* and what came of an end are for all to see; the rest stands under its message and is only read out here.
#[component]
pub fn StatusLine(
    /// What there is to say.
    notice: ReadSignal<Notice>,
) -> impl IntoView {
    let words = words();
    let text = move || match notice.get() {
        Notice::Quiet => String::new(),
        Notice::Sending => words.t("sending"),
        Notice::Failed => words.t("failed"),
        Notice::Offline => words.t("offline"),
        Notice::LoginOver => words.t("login_over"),
        Notice::Ended => words.t("ended"),
        Notice::NotEnded { code, message } => {
            let reason = words.found(&["refused.", &code].concat()).unwrap_or(message);
            [&words.t("not_ended"), " ", &reason].concat()
        }
    };
    let quiet = move || match notice.get() {
        Notice::Quiet | Notice::Sending | Notice::Failed => true,
        Notice::Offline | Notice::LoginOver | Notice::Ended | Notice::NotEnded { .. } => false,
    };
    view! {
        <div class="status" class:quiet=quiet role="status">
            {text}
        </div>
    }
}
