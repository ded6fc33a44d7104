//! `POST /api/messaging/messages`: a message where sockets are blocked, through the same handler.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use causerie_core::chat_thread::Outcome;
use causerie_core::wire::end_user::{Ack, Send};
use serde::Deserialize;

use super::visitor;
use crate::addresses;
use crate::conversations::{Request, Sender};
use crate::error::{Problem, Told};
use crate::state::App;

/// A message, and on which site.
#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    /// The site's key.
    site: String,
    /// The language of the bot's words.
    #[serde(default)]
    locale: String,
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
    let who = visitor(&app, &headers, &posted.site, posted.locale).await?;
    if app.store.thread_of(&who).await?.is_none() {
        app.limits
            .beginnings
            .take((address, who.site.0))
            .map_err(|wait| Problem::too_fast(wait).about(cid))?;
    }
    let request = Request::Send {
        who: Sender::Visitor(who),
        send: posted.send,
    };
    match app.conversations.ask(request).await {
        Ok(answer) => {
            app.counted.acknowledged.count();
            ack(cid, answer.outcome).map(Json).ok_or_else(|| {
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
pub(crate) fn ack(cid: causerie_core::ClientMessageId, outcome: Outcome) -> Option<Ack> {
    match outcome {
        Outcome::Said {
            session,
            seq,
            placement,
        } => Some(Ack {
            cid,
            session,
            seq,
            placement,
        }),
        Outcome::Ended { .. } | Outcome::Done { .. } => None,
    }
}
