//! Conversations: in core's words, chat threads.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use causerie_core::conversation::Stage;
use causerie_core::{ChatThreadId, EndUserId};
use serde::{Deserialize, Serialize};

use super::caller::{At, Caller};
use super::fault::{Body, Fault};
use super::page::{Links, Meta};
use super::users::{self, Metadata};
use crate::conversations::Refusal;
use crate::routes::public_api::iso;
use crate::routes::public_api::query::Parameters;
use crate::state::App;
use crate::store::{Change, ChangeRefused, Changed, KnownEndUser, ThreadHead};

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Opened {
    #[serde(rename = "type", default)]
    kind: Kind,
    participants: Vec<Participant>,
}

/// Of which kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// With one user.
    #[default]
    Personal,
    /// With several.
    SdkGroup,
}

/// Who takes part.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Participant {
    user_id: Option<String>,
    user_external_id: Option<String>,
}

/// A conversation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    is_default: bool,
    active_switchboard_integration: Integration,
    pending_switchboard_integration: Option<Integration>,
    last_updated_at: String,
    created_at: String,
    metadata: Metadata,
}

/// Who has control, or may get it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    id: &'static str,
    name: &'static str,
    integration_id: &'static str,
    integration_type: &'static str,
}

/// The bot, first in the chain.
const BOT: Integration = Integration {
    id: "bot",
    name: "bot",
    integration_id: "bot",
    integration_type: "bot",
};

/// People, next in it.
const AGENTS: Integration = Integration {
    id: "agentWorkspace",
    name: "agentWorkspace",
    integration_id: "agentWorkspace",
    integration_type: "agentWorkspace",
};

/// One conversation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct One {
    conversation: Conversation,
}

/// Several.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Several {
    conversations: Vec<Conversation>,
    meta: Meta,
    links: Links,
}

/// The conversation that a path names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub struct Named {
    /// Its id.
    pub conversation: uuid::Uuid,
}

/// A list's filter in JSON.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Filter {
    user_id: Option<String>,
    user_external_id: Option<String>,
}

/// Opens the conversation of a user: nothing is said in it yet. A user has one: 200 where it is there already.
///
/// # Errors
/// 400, 401, 404 for an unknown user, 413, 415, 422.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(it): Body<Opened>,
) -> Result<(StatusCode, Json<One>), Fault> {
    let participant = match (it.kind, it.participants.as_slice()) {
        (Kind::Personal, [one]) => one,
        (Kind::Personal | Kind::SdkGroup, _) => {
            return Err(Fault::invalid(
                "invalid_participants",
                "A personal conversation has one participant",
            ));
        }
    };
    let (external_id, id) = (
        participant.user_external_id.as_deref(),
        participant.user_id.as_deref(),
    );
    let known = users::find(&app, &caller, external_id, id).await?;
    let change = Change::OpenThread {
        site: caller.site.id,
        end_user: known.id,
    };
    let (thread, fresh) = match app.conversations.change(change).await {
        Ok(Changed::Thread { id, fresh }) => (id, fresh),
        Ok(_) | Err(Refusal::Change(ChangeRefused::UnknownEndUser)) => {
            return Err(Fault::not_found("There is no such user"));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let status = if fresh {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((
        status,
        Json(One {
            conversation: shape(&find(&app, &caller, thread).await?),
        }),
    ))
}

/// The conversations of a user, by `filter[userId]`, `filter[userExternalId]` or the same as JSON.
///
/// # Errors
/// 400, 401, 404.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Several>, Fault> {
    let filter = Filter::read(&parameters)?;
    let (external_id, id) = (filter.user_external_id.as_deref(), filter.user_id.as_deref());
    let known = users::find(&app, &caller, external_id, id).await?;
    let threads = app.store.threads_of(caller.site.id, known.id).await?;
    Ok(Json(Several {
        conversations: threads.iter().map(shape).collect(),
        meta: Meta::default(),
        links: Links::default(),
    }))
}

/// One conversation.
///
/// # Errors
/// 401, 404.
pub async fn show(State(app): State<App>, caller: Caller, At(named): At<Named>) -> Result<Json<One>, Fault> {
    Ok(Json(One {
        conversation: shape(&named.find(&app, &caller).await?),
    }))
}

impl Named {
    /// The chat thread, if it is one of the caller's site.
    ///
    /// # Errors
    /// 404.
    pub async fn find(self, app: &App, caller: &Caller) -> Result<ThreadHead, Fault> {
        find(app, caller, ChatThreadId(self.conversation)).await
    }
}

async fn find(app: &App, caller: &Caller, thread: ChatThreadId) -> Result<ThreadHead, Fault> {
    let head = app.store.thread(caller.site.id, thread).await?;
    head.ok_or_else(|| Fault::not_found("There is no such conversation"))
}

/// The end user of a chat thread of the caller's site.
///
/// # Errors
/// 404.
pub async fn participant(app: &App, caller: &Caller, end_user: EndUserId) -> Result<KnownEndUser, Fault> {
    let known = app.store.end_user(caller.site.id, end_user).await?;
    known.ok_or_else(|| Fault::not_found("There is no such user"))
}

impl Filter {
    fn read(parameters: &Parameters) -> Result<Self, Fault> {
        let plain = Self {
            user_id: parameters.value("filter[userId]").map(str::to_owned),
            user_external_id: parameters.value("filter[userExternalId]").map(str::to_owned),
        };
        let filter = match parameters.value("filter") {
            Some(json) => serde_json::from_str(json)
                .map_err(|_| Fault::malformed("filter is not what can be read as JSON"))?,
            None => plain,
        };
        if filter == Self::default() {
            return Err(Fault::malformed(
                "filter[userId] or filter[userExternalId] is required",
            ));
        }
        Ok(filter)
    }
}

/// Control: people have it from the handoff to the end; an end gives it back to the first in the chain.
fn shape(head: &ThreadHead) -> Conversation {
    let with_people = head.latest.as_ref().is_some_and(|latest| match latest.stage {
        Stage::HandedOff(_) => latest.is_live(),
        Stage::Bot(_) => false,
    });
    Conversation {
        id: head.thread.to_string(),
        kind: "personal",
        is_default: true,
        active_switchboard_integration: if with_people { AGENTS } else { BOT },
        pending_switchboard_integration: (!with_people).then_some(AGENTS),
        last_updated_at: iso::millis(head.last_at),
        created_at: iso::millis(head.created_at),
        metadata: Metadata {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Filter, Fault> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Filter::read(&Parameters(pairs.collect()))
    }

    #[test]
    fn both_spellings_of_a_filter_are_read() {
        let plain = read(&[("filter[userExternalId]", "ada")]).unwrap();
        let json = read(&[("filter", r#"{"userExternalId":"ada"}"#)]).unwrap();
        assert_eq!(plain, json);
        assert_eq!(plain.user_external_id.as_deref(), Some("ada"));
        assert!(read(&[]).is_err());
        assert!(read(&[("filter", "{")]).is_err());
        assert!(read(&[("filter", "{}")]).is_err());
    }
}
