//! Macros: listed, and shown as what they would do. Applying one here is a preview; the caller then PUTs.

use axum::Json;
use axum::extract::State;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::rules::placeholders::Facts;
use causerie_core::ticket::Update;
use serde::Serialize;

use super::address::{At, Number, full};
use super::caller::Caller;
use super::comment::as_markup;
use super::fault::Fault;
use super::page::{Beside, Page};
use super::tickets::seen::Seen;
use crate::conversations::Refusal;
use crate::routes::public_api::query::Parameters;
use crate::state::App;

/// A page of macros.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Macros {
    macros: Vec<Shape>,
    #[serde(flatten)]
    beside: Beside,
}

/// A macro.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shape {
    id: u64,
    url: String,
    title: String,
    raw_title: String,
    active: bool,
    description: Option<String>,
    actions: Vec<Action>,
    /// Of nobody in particular.
    restriction: Option<()>,
}

/// One thing that a macro does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Action {
    field: &'static str,
    value: String,
}

/// What a macro would do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Preview {
    result: Outcome,
}

/// The ticket as it would be asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Outcome {
    ticket: Asked,
}

/// What a PUT of it would ask: this object is one's body.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<Said>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    end_messaging_session: bool,
}

/// What it would say.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Said {
    body: String,
    html_body: String,
    public: bool,
    scoped_body: [(String, String); 1],
}

/// The macros.
///
/// # Errors
/// 400, 401.
pub async fn list(State(app): State<App>, _: Caller, parameters: Parameters) -> Result<Json<Macros>, Fault> {
    page(&app, "macros.json", &parameters).await
}

/// The macros that can be applied: all of them.
///
/// # Errors
/// 400, 401.
pub async fn list_active(
    State(app): State<App>,
    _: Caller,
    parameters: Parameters,
) -> Result<Json<Macros>, Fault> {
    page(&app, "macros/active.json", &parameters).await
}

/// What a macro would do to any ticket: its text as it is written.
///
/// # Errors
/// 401, 404.
pub async fn preview(
    State(app): State<App>,
    _: Caller,
    At(Number(id)): At<Number>,
) -> Result<Json<Preview>, Fault> {
    let it = find(&app, id).await?;
    Ok(Json(Preview {
        result: Outcome {
            ticket: asked(it.as_written()),
        },
    }))
}

/// What a macro would do to this ticket.
///
/// # Errors
/// 401, 404, 422.
pub async fn preview_on_ticket(
    State(app): State<App>,
    caller: Caller,
    At((Number(ticket), Number(id))): At<(Number, Number)>,
) -> Result<Json<Preview>, Fault> {
    let seen = Seen::find(&app, &caller, ticket).await?;
    let it = find(&app, id).await?;
    let facts = Facts {
        ticket: &seen.row.ticket,
        requester: seen.row.requester.as_deref(),
        email: seen.row.email.as_deref(),
        agent: &caller.0.agent.name,
    };
    let update = it.update(&facts).map_err(Refusal::Rejected)?;
    let asked = Asked {
        id: Some(ticket),
        url: Some(full(&app, &format!("tickets/{ticket}.json"))),
        ..asked(update)
    };
    Ok(Json(Preview {
        result: Outcome { ticket: asked },
    }))
}

async fn page(app: &App, address: &str, parameters: &Parameters) -> Result<Json<Macros>, Fault> {
    let page = Page::asked(parameters)?;
    let all = app.store.macros().await?;
    let beside = page.beside(all.len(), &full(app, address), parameters);
    Ok(Json(Macros {
        macros: page.of(all).iter().map(|it| shape(app, it)).collect(),
        beside,
    }))
}

async fn find(app: &App, id: u64) -> Result<Macro, Fault> {
    app.store
        .macros()
        .await?
        .into_iter()
        .find(|it| it.id.0 == id)
        .ok_or_else(Fault::not_found)
}

/// What applying it asks of a ticket: the same as in the workspace.
fn asked(update: Update) -> Asked {
    Asked {
        id: None,
        url: None,
        status: update.status.map(causerie_core::ticket::Status::name),
        priority: update.priority.map(causerie_core::ticket::Priority::name),
        tags: update.tags,
        comment: update.comment.map(|comment| {
            let body = String::from(comment.text);
            Said {
                html_body: as_markup(&body),
                public: true,
                scoped_body: [("channel:all".to_owned(), body.clone())],
                body,
            }
        }),
        end_messaging_session: update.end_session,
    }
}

fn shape(app: &App, it: &Macro) -> Shape {
    let action = |field, value: Option<String>| value.map(|value| Action { field, value });
    Shape {
        id: it.id.0,
        url: full(app, &format!("macros/{}.json", it.id)),
        title: it.title.clone(),
        raw_title: it.title.clone(),
        active: true,
        description: None,
        actions: [
            action("comment_value", it.text.as_ref().map(ToString::to_string)),
            action("status", it.status.map(|status| status.name().to_owned())),
            action("priority", it.priority.map(|priority| priority.name().to_owned())),
            action(
                "current_tags",
                (!it.add_tags.is_empty()).then(|| it.add_tags.join(" ")),
            ),
            action("end_messaging_session", it.end_session.then(|| "true".to_owned())),
        ]
        .into_iter()
        .flatten()
        .collect(),
        restriction: None,
    }
}
