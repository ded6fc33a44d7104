//! Who speaks, as a picture: a bot by its icon, a person by initials. And as a name.

use js_sys::JsString;
use leptos::prelude::*;

use causerie_core::message::Author;

use crate::parts::icon::{BOT, CHAT, Icon};
use crate::words::Words;

/// An author's picture. The name stands beside it, so it says nothing to a screen reader.
#[component]
pub fn Avatar(
    /// Whose; nobody's is the house's.
    author: Option<Author>,
    /// Whether it stands in the log.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let (lines, letters) = match author {
        Some(Author::Agent { name, .. } | Author::Business { name }) => (None, initials(&name)),
        Some(Author::Bot) => (Some(BOT), String::new()),
        Some(Author::EndUser) | None => (Some(CHAT), String::new()),
    };
    view! {
        <span class="avatar" class:person=lines.is_none() class:small=small aria-hidden="true">
            {lines.map(|lines| view! { <Icon lines /> })}
            {letters}
        </span>
    }
}

/// An author's name, in the reader's language where it is a role.
#[must_use]
pub fn name(author: &Author, words: Words) -> String {
    match author {
        Author::EndUser => words.t("you"),
        Author::Bot => words.t("bot"),
        Author::Agent { name, .. } | Author::Business { name } if !name.is_empty() => name.clone(),
        Author::Agent { .. } | Author::Business { .. } => words.t("business"),
    }
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = letters.next();
    let initials: String = first.into_iter().chain(letters.next_back()).collect();
    // The browser's, for Rust's own would bring its tables with it.
    JsString::from(initials).to_locale_upper_case(None).into()
}
