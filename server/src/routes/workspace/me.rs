//! `GET /api/workspace/me`: who is signed in.

use axum::Json;
use causerie_core::AgentId;
use causerie_core::agent::Role;
use serde::Serialize;

use super::signed_in::SignedIn;

/// Who is signed in.
#[derive(Debug, Serialize)]
pub(crate) struct Me {
    id: AgentId,
    name: String,
    role: Role,
    /// What every change has to bear.
    csrf: String,
}

/// Says who.
pub(crate) async fn get(who: SignedIn) -> Json<Me> {
    Json(Me {
        id: who.agent.id,
        name: who.agent.name,
        role: who.agent.role,
        csrf: who.csrf,
    })
}
