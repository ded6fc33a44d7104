//! `/api/workspace/macros`: every agent sees them, admins change them (R30).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use causerie_core::MacroId;
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::ticket::{Priority, Status, tidy_tags};
use serde::Deserialize;

use super::signed_in::{AdminChanging, SignedIn};
use crate::conversations::Refusal;
use crate::error::{Problem, Told};
use crate::state::App;
use crate::store::{Change, ChangeRefused, Changed};

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// A macro as it is written: its number is the server's.
#[derive(Debug, Deserialize)]
pub(crate) struct Draft {
    title: String,
    #[serde(default)]
    text: Option<Text>,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    priority: Option<Priority>,
    #[serde(default)]
    add_tags: Vec<String>,
    #[serde(default)]
    end_session: bool,
}

/// All of them.
pub(crate) async fn list(State(app): State<App>, _who: SignedIn) -> Result<Json<Vec<Macro>>, Problem> {
    Ok(Json(app.store.macros().await?))
}

/// A new one.
pub(crate) async fn add(
    State(app): State<App>,
    _who: AdminChanging,
    Told(draft): Told<Draft>,
) -> Result<impl IntoResponse, Problem> {
    Ok((
        StatusCode::CREATED,
        Json(keep(&app, draft.named(MacroId(0))?).await?),
    ))
}

/// In the place of one that is there.
pub(crate) async fn replace(
    State(app): State<App>,
    Path(id): Path<u64>,
    _who: AdminChanging,
    Told(draft): Told<Draft>,
) -> Result<Json<Macro>, Problem> {
    if id == 0 {
        return Err(unknown());
    }
    Ok(Json(keep(&app, draft.named(MacroId(id))?).await?))
}

/// Takes one away.
pub(crate) async fn remove(
    State(app): State<App>,
    Path(id): Path<u64>,
    _who: AdminChanging,
) -> Result<StatusCode, Problem> {
    app.conversations
        .change(Change::RemoveMacro(MacroId(id)))
        .await
        .map_err(or_unknown)?;
    Ok(StatusCode::NO_CONTENT)
}

impl Draft {
    fn named(self, id: MacroId) -> Result<Macro, Problem> {
        let title = self.title.trim().to_owned();
        if title.is_empty() || title.chars().count() > LONGEST_TITLE {
            return Err(Problem::unprocessable(
                "title",
                "A macro has a title of at most 200 characters.",
            ));
        }
        let it = Macro {
            id,
            title,
            text: self.text,
            status: self.status,
            priority: self.priority,
            add_tags: tidy_tags(self.add_tags),
            end_session: self.end_session,
        };
        it.may_be_kept().map_err(Refusal::Rejected)?;
        Ok(it)
    }
}

async fn keep(app: &App, it: Macro) -> Result<Macro, Problem> {
    match app
        .conversations
        .change(Change::SaveMacro(it.clone()))
        .await
        .map_err(or_unknown)?
    {
        Changed::Macro(id) => Ok(Macro { id, ..it }),
        Changed::Done
        | Changed::Agent(_)
        | Changed::Group(_)
        | Changed::Site(_)
        | Changed::EndUser { .. }
        | Changed::Thread { .. } => Ok(it),
    }
}

fn or_unknown(refusal: Refusal) -> Problem {
    if refusal == Refusal::Change(ChangeRefused::UnknownMacro) {
        unknown()
    } else {
        refusal.into()
    }
}

fn unknown() -> Problem {
    Problem::not_found("There is no such macro.")
}
