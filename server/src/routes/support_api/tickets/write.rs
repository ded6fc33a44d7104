//! Tickets, to be changed, and the end of a ticket's session: the same commands as the workspace's.

use axum::Json;
use axum::extract::State;
use causerie_core::TicketId;
use causerie_core::chat_thread::Outcome;
use causerie_core::ticket::event::By;
use serde::Serialize;

use super::super::address::{At, Number};
use super::super::audit::{Audit, is_the_end};
use super::super::caller::Caller;
use super::super::fault::{Body, Fault};
use super::super::steps::{Item, Step};
use super::asked::Put;
use super::seen::Seen;
use super::shape::{Shape, shape};
use crate::conversations::Request;
use crate::state::App;

/// A ticket after a change, with the audit that the change is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Changed {
    ticket: Shape,
    audit: Option<Audit>,
}

/// Changes a ticket, as one step or not at all.
///
/// # Errors
/// 400, 401, 404, 413, 415, 422 with the field at fault.
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    At(Number(ticket)): At<Number>,
    Body(put): Body<Put>,
) -> Result<Json<Changed>, Fault> {
    let before = Seen::find(&app, &caller, ticket).await?;
    let named = match &put.ticket.assignee_email {
        None => None,
        Some(email) => match app.store.agent_by_email(email).await? {
            Some(account) => Some(account.agent.id),
            None => {
                return Err(Fault::invalid(
                    "assignee_email",
                    format!("There is no agent {email}."),
                ));
            }
        },
    };
    let update = put.ticket.update(&before.row.ticket.tags, named)?;
    let agent = caller.0.agent.id;
    let asked = Request::Update {
        agent,
        cid: None,
        ticket: TicketId(ticket),
        update,
    };
    let answer = app.conversations.ask(asked).await?;
    let said = match answer.outcome {
        Outcome::Said { seq, .. } => Some(seq),
        Outcome::Ended { .. } | Outcome::Done { .. } => None,
    };
    let head = before.row.ticket.head;
    changed(&app, ticket, |step| {
        step.items.iter().any(|item| match (item, &step.by) {
            (Item::Said(entry), _) => Some(entry.seq) == said,
            (Item::Done(entry), By::Agent { id, .. }) => said.is_none() && *id == agent && entry.seq > head,
            (Item::Done(_), By::EndUser | By::Bot | By::Business { .. } | By::Rule { .. } | By::System) => {
                false
            }
        })
    })
    .await
}

/// Ends a ticket's session (R16). Again: the end that stands (R18).
///
/// # Errors
/// 401, 403 with the reason, 404.
pub async fn end_session(
    State(app): State<App>,
    caller: Caller,
    At(Number(ticket)): At<Number>,
) -> Result<Json<Changed>, Fault> {
    let asked = Request::End {
        agent: caller.0.agent.id,
        cid: None,
        ticket: TicketId(ticket),
    };
    app.conversations.ask(asked).await?;
    changed(&app, ticket, is_the_end).await
}

/// A ticket as it is now, with the latest audit of a kind.
async fn changed(app: &App, ticket: u64, is_it: impl Fn(&Step<'_>) -> bool) -> Result<Json<Changed>, Fault> {
    let seen = Seen::after_a_change(app, ticket).await?;
    let history = seen.history(app).await?;
    let steps = history.steps();
    let audit = steps
        .iter()
        .rev()
        .find(|step| is_it(step))
        .map(|step| seen.audit(step));
    Ok(Json(Changed {
        ticket: shape(app, &seen.row, seen.requester),
        audit,
    }))
}
