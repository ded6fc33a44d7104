//! Messages of a conversation: posted in the user's name or in the business's, and listed.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use causerie_core::Seq;
use causerie_core::chat_thread::Outcome;
use causerie_core::message::Text;
use causerie_core::wire::end_user::Send;
use serde::{Deserialize, Serialize};

use super::caller::{At, Caller};
use super::cid;
use super::conversations::{Named, participant};
use super::fault::{Body, Fault};
use super::message::{Message, shape};
use super::page::{Links, Meta, Page, Side};
use crate::conversations::{Request, Sender};
use crate::routes::public_api::query::Parameters;
use crate::state::App;
use crate::store::KnownEndUser;

/// Whoever posts has the log by this API, so has seen all of it: what is posted answers the question that is open.
const SEEN_ALL: Seq = Seq(i64::MAX as u64);

/// The longest name that a business gives itself, and the most replies that it offers with one message.
const MAX_NAME: usize = 255;
const MAX_REPLIES: usize = 10;

/// What is posted.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Posted {
    author: PostedAuthor,
    content: PostedContent,
}

/// In whose name.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum PostedAuthor {
    /// The user's.
    #[serde(rename_all = "camelCase")]
    User {
        user_id: Option<String>,
        user_external_id: Option<String>,
    },
    /// The business's.
    #[serde(rename_all = "camelCase")]
    Business { display_name: Option<String> },
}

/// What it says. Other kinds than text come with a later version.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
struct PostedContent {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    actions: Vec<PostedAction>,
}

/// What is offered with it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
struct PostedAction {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
}

/// Several messages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Messages {
    messages: Vec<Message>,
}

/// A page of messages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Listed {
    messages: Vec<Message>,
    meta: Meta,
    links: Links,
}

/// Posts a message. It meets the same bot, handoff and session rule as one from the widget. With the header
/// `Idempotency-Key` the same request is done once, however often it comes.
///
/// # Errors
/// 400, 401, 404, 413, 415, 422; for the business 422 once the session has ended (R19).
pub async fn post(
    State(app): State<App>,
    caller: Caller,
    At(named): At<Named>,
    headers: HeaderMap,
    Body(posted): Body<Posted>,
) -> Result<(StatusCode, Json<Messages>), Fault> {
    let head = named.find(&app, &caller).await?;
    let (site, thread) = (caller.site.id, head.thread);
    let known = participant(&app, &caller, head.end_user).await?;
    let (text, replies) = posted.content.read()?;
    let cid = cid::of(&app, &caller, thread, &headers)?;
    let request = match posted.author {
        PostedAuthor::User {
            user_id,
            user_external_id,
        } => {
            if !is_named(&known, user_id.as_deref(), user_external_id.as_deref()) {
                return Err(Fault::invalid(
                    "invalid_author",
                    "The author is not this conversation's user",
                ));
            }
            let who = Sender::Of { site, thread };
            Request::Send {
                who,
                send: Send {
                    cid,
                    text: text.into(),
                    session: None,
                    seen: SEEN_ALL,
                },
            }
        }
        PostedAuthor::Business { display_name } => {
            let name = display_name.unwrap_or_else(|| caller.site.name.clone());
            if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control)
            {
                return Err(Fault::invalid(
                    "invalid_author",
                    "displayName must have 1 to 255 characters",
                ));
            }
            Request::Business {
                site,
                thread,
                cid,
                name,
                text,
                replies,
            }
        }
    };
    let answer = app.conversations.ask(request).await?;
    let seq = match answer.outcome {
        Outcome::Said { seq, .. } => seq,
        Outcome::Done {} | Outcome::Ended { .. } => Seq(0),
    };
    let entries = app
        .store
        .thread_entries(thread, Seq(seq.0.saturating_sub(1)), 1)
        .await?;
    let messages = entries.iter().map(|entry| shape(thread, entry, &known)).collect();
    Ok((StatusCode::CREATED, Json(Messages { messages })))
}

/// The messages, oldest first.
///
/// # Errors
/// 400, 401, 404.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    At(named): At<Named>,
    parameters: Parameters,
) -> Result<Json<Listed>, Fault> {
    let page = Page::asked(&parameters)?;
    let head = named.find(&app, &caller).await?;
    let known = participant(&app, &caller, head.end_user).await?;
    let thread = head.thread;
    let entries = match page.side {
        Side::After(after) => app.store.thread_entries(thread, after, page.size).await?,
        Side::Before(before) => app.store.thread_entries_before(thread, before, page.size).await?,
    };
    let (meta, links) = match (entries.first(), entries.last()) {
        (Some(first), Some(last)) => {
            let (base, app_key) = (app.addresses.public().as_str(), &caller.site.key);
            let address = format!("{base}/sc/v2/apps/{app_key}/conversations/{thread}/messages");
            // The log may have grown since its head was read.
            page.beside(thread, (first.seq, last.seq), head.head.max(last.seq), &address)
        }
        (None, _) | (_, None) => (Meta::default(), Links::default()),
    };
    let messages = entries.iter().map(|entry| shape(thread, entry, &known)).collect();
    Ok(Json(Listed {
        messages,
        meta,
        links,
    }))
}

/// Whether an author is this user. One who says nothing is.
fn is_named(known: &KnownEndUser, id: Option<&str>, external_id: Option<&str>) -> bool {
    id.is_none_or(|id| known.id.to_string() == id)
        && external_id.is_none_or(|external_id| known.external_id.as_deref() == Some(external_id))
}

impl PostedContent {
    /// The text, and the replies offered with it.
    fn read(self) -> Result<(Text, Vec<String>), Fault> {
        if self.kind != "text" {
            let title = format!("Content of type {} is not taken here: text is", self.kind);
            return Err(Fault::invalid("unsupported_content", title));
        }
        let text =
            Text::parse(&self.text).map_err(|fault| Fault::invalid("invalid_text", fault.to_string()))?;
        if self.actions.len() > MAX_REPLIES {
            return Err(Fault::invalid(
                "invalid_actions",
                "At most 10 actions can be offered",
            ));
        }
        let replies = self
            .actions
            .into_iter()
            .map(PostedAction::read)
            .collect::<Result<_, _>>()?;
        Ok((text, replies))
    }
}

impl PostedAction {
    fn read(self) -> Result<String, Fault> {
        if self.kind != "reply" {
            let title = format!("An action of type {} is not taken here: reply is", self.kind);
            return Err(Fault::invalid("unsupported_action", title));
        }
        let text =
            Text::parse(&self.text).map_err(|fault| Fault::invalid("invalid_actions", fault.to_string()))?;
        Ok(text.into())
    }
}
