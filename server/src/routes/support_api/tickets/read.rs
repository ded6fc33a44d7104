//! Tickets, their comments and their audits, to be read.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::super::address::{At, Number, full};
use super::super::audit::Audit;
use super::super::caller::Caller;
use super::super::comment::{Comment, comments};
use super::super::fault::Fault;
use super::super::page::{Beside, Page};
use super::seen::Seen;
use super::shape::{Shape, shape, shapes};
use crate::routes::public_api::query::Parameters;
use crate::state::App;
use crate::store::{TicketFilter, TicketOrder};

/// One ticket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct One {
    ticket: Shape,
}

/// A page of tickets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Tickets {
    tickets: Vec<Shape>,
    #[serde(flatten)]
    beside: Beside,
}

/// A page of comments.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Comments {
    comments: Vec<Comment>,
    #[serde(flatten)]
    beside: Beside,
}

/// A page of audits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Audits {
    audits: Vec<Audit>,
    #[serde(flatten)]
    beside: Beside,
}

/// The tickets that the caller sees, by number.
///
/// # Errors
/// 400, 401.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Tickets>, Fault> {
    let page = Page::asked(&parameters)?;
    let filter = TicketFilter {
        seen_by: Some(caller.0.agent),
        order: TicketOrder::Number,
        skip: u32::try_from(page.start()).unwrap_or(u32::MAX),
        limit: u32::try_from(page.size()).unwrap_or(u32::MAX),
        ..TicketFilter::default()
    };
    let count = usize::try_from(app.store.count_tickets(&filter).await?).unwrap_or(usize::MAX);
    let tickets = shapes(&app, &app.store.tickets(&filter).await?).await?;
    let beside = page.beside(count, &full(&app, "tickets.json"), &parameters);
    Ok(Json(Tickets { tickets, beside }))
}

/// One ticket.
///
/// # Errors
/// 401, 404.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    At(Number(ticket)): At<Number>,
) -> Result<Json<One>, Fault> {
    let seen = Seen::find(&app, &caller, ticket).await?;
    Ok(Json(One {
        ticket: shape(&app, &seen.row, seen.requester),
    }))
}

/// What was said on a ticket: oldest first, or the latest first with `sort_order=desc` or `sort=-created_at`.
///
/// # Errors
/// 400, 401, 404.
pub async fn list_comments(
    State(app): State<App>,
    caller: Caller,
    At(Number(ticket)): At<Number>,
    parameters: Parameters,
) -> Result<Json<Comments>, Fault> {
    let page = Page::asked(&parameters)?;
    let seen = Seen::find(&app, &caller, ticket).await?;
    let history = seen.history(&app).await?;
    let mut all = comments(seen.row.ticket.id, seen.requester, &history.steps());
    if latest_first(&parameters) {
        all.reverse();
    }
    let address = full(&app, &format!("tickets/{ticket}/comments.json"));
    let beside = page.beside(all.len(), &address, &parameters);
    Ok(Json(Comments {
        comments: page.of(all),
        beside,
    }))
}

/// A ticket's history: oldest first, or the latest first with `sort_order=desc` or `sort=-created_at`.
///
/// # Errors
/// 400, 401, 404.
pub async fn list_audits(
    State(app): State<App>,
    caller: Caller,
    At(Number(ticket)): At<Number>,
    parameters: Parameters,
) -> Result<Json<Audits>, Fault> {
    let page = Page::asked(&parameters)?;
    let seen = Seen::find(&app, &caller, ticket).await?;
    let history = seen.history(&app).await?;
    let mut steps = history.steps();
    if latest_first(&parameters) {
        steps.reverse();
    }
    let address = full(&app, &format!("tickets/{ticket}/audits.json"));
    let beside = page.beside(steps.len(), &address, &parameters);
    let audits = page.of(steps).iter().map(|step| seen.audit(step)).collect();
    Ok(Json(Audits { audits, beside }))
}

fn latest_first(parameters: &Parameters) -> bool {
    parameters.value("sort_order") == Some("desc") || parameters.value("sort") == Some("-created_at")
}
