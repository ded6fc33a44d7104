//! The head of the panel: who answers now, and the way out.

use leptos::prelude::*;

use causerie_core::message::Author;

use crate::parts::avatar::{Avatar, name};
use crate::parts::icon::{CLOSE, Icon};
use crate::words::words;

/// The header.
#[component]
pub fn Header(
    /// Who answers now.
    responder: ReadSignal<Option<Author>>,
    /// The panel is to be closed.
    on_close: Callback<()>,
    /// What stands before the way out.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let words = words();
    let who = move || {
        let responder = responder.get();
        let title = responder
            .as_ref()
            .map_or_else(|| words.t("title"), |who| name(who, words));
        let line = match &responder {
            Some(Author::Bot) => words.t("header.bot"),
            Some(Author::Agent { .. } | Author::Business { .. }) => words.t("header.agent"),
            Some(Author::EndUser) | None => String::new(),
        };
        view! {
            <Avatar author=responder />
            <div class="who">
                <h1>
                    <bdi>{title}</bdi>
                </h1>
                <p>{line}</p>
            </div>
        }
    };
    view! {
        <header class="header">
            {who}
            {children.map(|children| children())}
            <button type="button" aria-label=words.t("close") on:click=move |_| on_close.run(())>
                <Icon lines=CLOSE />
            </button>
        </header>
    }
}
