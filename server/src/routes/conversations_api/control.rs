//! Control: who answers. Passed on by the bot it is the handoff (R03).

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::caller::{At, Caller};
use super::conversations::Named;
use super::fault::{Body, Fault};
use crate::conversations::Request;
use crate::state::App;

/// To whom control is passed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passed {
    switchboard_integration: String,
}

/// Done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Done {}

/// Passes control to the next in the chain: from the bot to people. Again, it changes nothing (I18).
///
/// # Errors
/// 400, 401, 404, 413, 415; 422 where nothing is live, or for an integration that there is not.
pub async fn pass(
    State(app): State<App>,
    caller: Caller,
    At(named): At<Named>,
    Body(passed): Body<Passed>,
) -> Result<Json<Done>, Fault> {
    let head = named.find(&app, &caller).await?;
    match passed.switchboard_integration.as_str() {
        "next" | "agentWorkspace" => {}
        other => {
            let title = format!("There is no switchboard integration {other}: next is agentWorkspace");
            return Err(Fault::invalid("unknown_switchboard_integration", title));
        }
    }
    app.conversations
        .ask(Request::HandOff {
            site: caller.site.id,
            thread: head.thread,
        })
        .await?;
    Ok(Json(Done {}))
}
