//! `POST /api/messaging/messages`: a message where sockets are blocked, through the same handler.
//!
//! Where the body names the `epoch` of the log that its `seen` is of, as `Resumed` has said it, a message of before a
//! restore is refused for now (503, `unavailable`): of the log that there is, its writer has seen nothing (R10). It
//! comes again with what they have seen of that.
//!
//! Where it names the `person` whose device the visitor's is, as far as that knows, a message under a secret that stands
//! for nobody or for another is refused (401), as a hello is: it is not to start as a stranger's (R47).

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use causerie_core::chat_thread::Outcome;
use causerie_core::wire::end_user::{Ack, Send};
use causerie_core::{ClientMessageId, EndUserId};
use serde::Deserialize;

use super::visitor;
use crate::addresses;
use crate::conversations::{Answer, EndUserIdentity, Refusal, Request, Sender};
use crate::error::{Problem, Told};
use crate::state::App;
use crate::store::StoreError;

/// A message, and on which site.
#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    /// The site's key.
    site: String,
    /// The language of the bot's words.
    #[serde(default)]
    locale: String,
    /// The epoch of the data that the message was composed against, if its sender knows one.
    #[serde(default)]
    epoch: Option<u64>,
    /// Whose device it is, if it was logged in.
    #[serde(default)]
    person: Option<EndUserId>,
    /// The message.
    #[serde(flatten)]
    send: Send,
}

/// Takes it; the answer says where it stands.
pub(crate) async fn post(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Told(posted): Told<Posted>,
) -> Result<Json<Ack>, Problem> {
    let cid = posted.send.cid;
    let address = addresses::visitor(peer, &headers);
    app.limits
        .posts
        .take(address)
        .map_err(|wait| Problem::too_fast(wait).about(cid))?;
    // Read before it is looked who they are: what is put back in between refuses the message.
    let looked_at = match posted.person {
        Some(_) => Some(app.store.look_at_epoch().await?),
        None => None,
    };
    let who = visitor(&app, &headers, &posted.site, posted.locale).await?;
    if let Some(person) = posted.person
        && let Some(shut) = app.store.contradicts(&who, person).await?
    {
        return Err(Problem::from(Refusal::from(shut)).about(cid));
    }
    if app.store.thread_of(&who).await?.is_none() {
        app.limits
            .beginnings
            .take((address, who.site.0))
            .map_err(|wait| Problem::too_fast(wait).about(cid))?;
    }
    let request = Request::Send {
        who: Sender::Visitor(who.clone()),
        send: posted.send,
    };
    let asked = match posted.epoch.or(looked_at) {
        Some(epoch) => app.conversations.ask_knowing(epoch, request).await,
        None => app.conversations.ask(request).await,
    };
    match asked {
        Ok(answer) => {
            app.counted.acknowledged.count();
            ack(&app, &who, cid, &answer).await?.map(Json).ok_or_else(|| {
                Problem::unprocessable("cid_reused", "This client id stands for another command.").about(cid)
            })
        }
        Err(refusal) => {
            app.counted.refused.count();
            Err(Problem::from(refusal).about(cid))
        }
    }
}

/// Where a message stands; none when the outcome is no message's.
pub(crate) async fn ack(
    app: &App,
    who: &EndUserIdentity,
    cid: ClientMessageId,
    answer: &Answer,
) -> Result<Option<Ack>, StoreError> {
    match answer.outcome {
        Outcome::Said {
            session,
            seq,
            placement,
        } => Ok(Some(Ack {
            cid,
            session,
            seq,
            placement,
            elsewhere: answer.repeated && !is_theirs_now(app, who, answer).await?,
        })),
        Outcome::Ended { .. } | Outcome::Done { .. } => Ok(None),
    }
}

/// Whether the chat thread is the one that this visitor reads.
async fn is_theirs_now(app: &App, who: &EndUserIdentity, answer: &Answer) -> Result<bool, StoreError> {
    let current = app.store.thread_of(who).await?;
    Ok(current.is_some_and(|head| head.thread == answer.thread))
}
