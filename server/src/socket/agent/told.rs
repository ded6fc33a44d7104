//! The tickets as an agent was told of them: what a notice that got lost would have told is found by comparing.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::TicketId;
use causerie_core::agent::Agent;
use causerie_core::wire::agent::{Down, TicketRow};

use super::super::{Over, Pipe, failed};
use crate::state::App;
use crate::store::{TicketFilter, TicketOrder};

/// How many tickets a welcome has at most.
const TICKETS: u32 = 500;

/// The tickets that an agent sees, the last that changed first.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) rows: Vec<TicketRow>,
    /// There are more than are told.
    pub(super) more: bool,
}

/// The tickets that were told, as they were.
#[derive(Debug)]
pub(super) struct Told(BTreeMap<TicketId, TicketRow>);

impl Seen {
    pub(super) async fn by(app: &App, agent: &Agent) -> Result<Self, Over> {
        // One more than are told, so as to know whether there are more.
        let filter = TicketFilter {
            seen_by: Some(agent.clone()),
            order: TicketOrder::Changed,
            limit: TICKETS + 1,
            ..TicketFilter::default()
        };
        let mut rows = app.store.tickets(&filter).await.map_err(failed)?;
        let more = rows.len() > TICKETS as usize;
        rows.truncate(TICKETS as usize);
        Ok(Self { rows, more })
    }
}

impl Told {
    pub(super) fn of(rows: &[TicketRow]) -> Self {
        Self(rows.iter().map(|row| (row.ticket.id, row.clone())).collect())
    }

    pub(super) fn knows(&self, ticket: TicketId) -> bool {
        self.0.contains_key(&ticket)
    }

    pub(super) async fn row(&mut self, pipe: &mut Pipe, row: TicketRow) -> Result<(), Over> {
        self.0.insert(row.ticket.id, row.clone());
        pipe.say(&Down::Ticket(Box::new(row))).await
    }

    pub(super) async fn gone(&mut self, pipe: &mut Pipe, ticket: TicketId) -> Result<(), Over> {
        if self.0.remove(&ticket).is_some() {
            pipe.say(&Down::Gone(ticket)).await
        } else {
            Ok(())
        }
    }

    /// Says what is another than was told (I28); answers what the agent does not see any more.
    pub(super) async fn catch_up(
        &mut self,
        app: &App,
        pipe: &mut Pipe,
        agent: &Agent,
    ) -> Result<Vec<TicketId>, Over> {
        let Seen { rows, more } = Seen::by(app, agent).await?;
        let seen: BTreeSet<TicketId> = rows.iter().map(|row| row.ticket.id).collect();
        // In the order in which they changed.
        for row in rows.into_iter().rev() {
            if self.0.get(&row.ticket.id) != Some(&row) {
                self.row(pipe, row).await?;
            }
        }
        // Where not all are read, one that is not among them may be seen all the same.
        let gone = self.0.keys().filter(|id| !more && !seen.contains(*id));
        Ok(gone.copied().collect())
    }
}
