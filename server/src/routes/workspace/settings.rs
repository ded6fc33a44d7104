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
    if settings.bot_only_ends_after.0 < 60_000 {
        return Err(Problem::unprocessable(
            "bot_only_ends_after",
            "A conversation that only the bot had lasts at least a minute.",
        ));
    }
    app.conversations.change(Change::SetSettings(settings)).await?;
    Ok(Json(settings))
}
