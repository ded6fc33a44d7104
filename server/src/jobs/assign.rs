//! Waiting tickets to agents with room: chosen by reading, checked again by the writer, who alone gives a slot away
//! (R33, I11).

use causerie_core::TicketId;
use causerie_core::routing::assign::{self, Candidate, Waiting};
use causerie_core::wire::agent::TicketRow;

use super::{NotYet, Worker};
use crate::conversations::Request;

/// How often the queue is read anew because something came in between, before the rest is left to the next job.
const ROUNDS: usize = 100;

/// Gives away all that can be given.
pub(super) async fn assign_waiting(worker: &Worker) -> Result<(), NotYet> {
    for _ in 0..ROUNDS {
        let settings = worker.store.settings().await?;
        let mut candidates = worker.store.candidates(&settings).await?;
        if !candidates.iter().any(|candidate| candidate.room.takes_work()) {
            return Ok(());
        }
        let mut waiting: Vec<Waiting> = worker
            .store
            .unassigned()
            .await?
            .iter()
            .filter_map(in_queue)
            .collect();
        let mut any = false;
        while let Some((ticket, agent)) = assign::choose(&waiting, &candidates) {
            match worker.conversations.ask(Request::Assign { ticket, agent }).await {
                Ok(_) => given(
                    ticket,
                    &mut waiting,
                    candidates.iter_mut().find(|it| it.room.agent == agent),
                ),
                // Somebody was quicker: look anew.
                Err(refusal) if refusal.is_overtaken() => {
                    any = true;
                    break;
                }
                Err(refusal) => return Err(refusal.into()),
            }
            any = true;
        }
        if !any {
            return Ok(());
        }
    }
    Ok(())
}

/// What was read, as it is after this assignment.
fn given(ticket: TicketId, waiting: &mut Vec<Waiting>, to: Option<&mut Candidate>) {
    waiting.retain(|other| other.ticket != ticket);
    if let Some(candidate) = to {
        candidate.room.used += 1;
    }
}

fn in_queue(row: &TicketRow) -> Option<Waiting> {
    let ticket = &row.ticket;
    assign::waits(row.session.state(), ticket.status, ticket.assignee).then_some(Waiting {
        ticket: ticket.id,
        priority: ticket.priority,
        since: row.created_at,
        group: ticket.group,
    })
}
