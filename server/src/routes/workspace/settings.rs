//! `/api/workspace/settings`: the account's settings.

use axum::Json;
use axum::extract::State;
use causerie_core::settings::Settings;

use super::signed_in::{AdminChanging, SignedIn};
use crate::error::{Problem, Told};
use crate::state::App;
use crate::store::Change;

/// Shows them to any agent.
pub(crate) async fn get(State(app): State<App>, _who: SignedIn) -> Result<Json<Settings>, Problem> {
    Ok(Json(app.store.settings().await?))
}

/// Changes them, for an admin.
pub(crate) async fn put(
    State(app): State<App>,
    _who: AdminChanging,
    Told(settings): Told<Settings>,
) -> Result<Json<Settings>, Problem> {
    settings
        .check()
        .map_err(|which| Problem::unprocessable(which.setting(), which.to_string()))?;
    app.conversations.change(Change::SetSettings(settings)).await?;
    Ok(Json(settings))
}
