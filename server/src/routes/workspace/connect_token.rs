//! `POST /api/workspace/connect-token`: what opens a socket, once, within 30 seconds (SECURITY 2).

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::signed_in::Changing;
use crate::error::Problem;
use crate::state::App;

/// The token.
#[derive(Serialize)]
pub(crate) struct Issued {
    token: String,
}

/// Issues one.
pub(crate) async fn post(State(app): State<App>, Changing(who): Changing) -> Result<Json<Issued>, Problem> {
    let token = app.connecting.issue(who.agent.id, who.session)?;
    Ok(Json(Issued { token }))
}
