//! A message as this API shows it.

use causerie_core::ChatThreadId;
use causerie_core::message::{Author, ThreadEntry};
use serde::Serialize;

use super::page::message_id;
use crate::routes::public_api::iso;
use crate::store::KnownEndUser;

/// A message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Message {
    id: String,
    received: String,
    author: ShownAuthor,
    content: Content,
    source: Source,
}

/// Whose it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownAuthor {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subtypes: Vec<&'static str>,
}

/// What it says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Content {
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action>,
}

/// A quick reply.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Action {
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
    payload: String,
}

/// Through what it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Source {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// The shape of an entry of the thread log of this user.
#[must_use]
pub fn shape(thread: ChatThreadId, entry: &ThreadEntry, known: &KnownEndUser) -> Message {
    let business = |name: &str, subtypes: &[&'static str]| ShownAuthor {
        kind: "business",
        display_name: Some(name.to_owned()),
        subtypes: subtypes.to_vec(),
        ..ShownAuthor::default()
    };
    let (author, source) = match &entry.author {
        Author::EndUser => (
            ShownAuthor {
                kind: "user",
                user_id: Some(known.id.to_string()),
                user_external_id: known.external_id.clone(),
                display_name: known.name.clone(),
                ..ShownAuthor::default()
            },
            "web",
        ),
        Author::Bot => (business("Bot", &["AI"]), "bot"),
        Author::Agent { name, .. } => (business(name, &[]), "agentWorkspace"),
        Author::Business { name } => (business(name, &[]), "api:conversations"),
    };
    Message {
        id: message_id(thread, entry.seq),
        received: iso::millis(entry.at),
        author,
        content: Content {
            kind: "text",
            text: entry.text.clone(),
            actions: entry
                .replies
                .iter()
                .map(|reply| Action {
                    kind: "reply",
                    text: reply.clone(),
                    payload: reply.clone(),
                })
                .collect(),
        },
        source: Source { kind: source },
    }
}
