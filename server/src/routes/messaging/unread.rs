//! `GET /api/messaging/unread`: how many messages a returning visitor has not read.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use causerie_core::message::Author;
use serde::{Deserialize, Serialize};

use super::visitor;
use crate::error::Problem;
use crate::state::App;

/// As far as is counted: the launcher says 99 at most.
const MOST: u32 = 200;

/// On which site.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// The site's key.
    #[serde(default)]
    key: String,
}

/// How many.
#[derive(Debug, Serialize)]
pub(crate) struct Unread {
    /// Messages of the other side after the last one read.
    count: usize,
}

/// Counts. A visitor that is not known has nothing to read.
pub(crate) async fn get(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Json<Unread>, Problem> {
    let who = visitor(&app, &headers, &asked.key, String::new()).await?;
    let Some(head) = app.store.thread_of(&who).await? else {
        return Ok(Json(Unread { count: 0 }));
    };
    let unread = app.store.thread_entries(head.thread, head.read, MOST).await?;
    let count = unread
        .iter()
        .filter(|entry| entry.author != Author::EndUser)
        .count();
    Ok(Json(Unread { count }))
}
