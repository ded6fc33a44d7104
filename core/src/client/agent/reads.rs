//! What the screens read: the desk, its tickets, the log that is open, and what is on its way.

use super::desk::calls;
use super::{AgentClient, Ask, Asked, Followed, LogItem, View};
use crate::agent::Availability;
use crate::client::connection::Status;
use crate::client::outbox::Outgoing;
use crate::ids::TicketId;
use crate::rules::agent_macro::{CannotApply, Macro};
use crate::ticket::Comment;
use crate::ticket::ending::{CannotEnd, ending};
use crate::wire::agent::{AgentRow, TicketRow, Welcome};

impl AgentClient {
    /// Everything but the logs, as it is now: who is signed in, agents, groups, macros, settings, tickets.
    #[must_use]
    pub fn desk(&self) -> Option<&Welcome> {
        self.welcome.as_deref()
    }

    /// What is said of the connection.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.connection.status()
    }

    /// The tickets of a view, newest change first.
    #[must_use]
    pub fn tickets(&self, view: View) -> Vec<&TicketRow> {
        let Some(desk) = self.desk() else {
            return Vec::new();
        };
        let mut rows: Vec<&TicketRow> = desk
            .tickets
            .iter()
            .filter(|row| view.holds(row, desk.me))
            .collect();
        rows.sort_by_key(|row| core::cmp::Reverse((row.updated_at, row.ticket.id)));
        rows
    }

    /// Whether a view is empty because nobody who is offline gets tickets (R31): going online would change that.
    #[must_use]
    pub fn is_empty_offline(&self, view: View) -> bool {
        let gets_tickets = match self.availability() {
            Some(Availability::Offline) => false,
            Some(Availability::Online | Availability::Away | Availability::TransfersOnly) | None => true,
        };
        match view {
            View::YourTickets => !gets_tickets && self.tickets(view).is_empty(),
            View::Unassigned | View::AllOpen | View::EndedSessions | View::Solved => false,
        }
    }

    /// A ticket, if it is seen.
    #[must_use]
    pub fn ticket(&self, ticket: TicketId) -> Option<&TicketRow> {
        self.desk()?.tickets.iter().find(|row| row.ticket.id == ticket)
    }

    /// Whether a ticket calls for the signed-in agent still: see [`Effect::Chime`](super::Effect::Chime).
    #[must_use]
    pub fn calls(&self, ticket: TicketId) -> bool {
        let row = self.ticket(ticket).zip(self.desk());
        row.is_some_and(|(row, desk)| calls(row, desk.me))
    }

    /// The signed-in agent's own row.
    #[must_use]
    pub fn me(&self) -> Option<&AgentRow> {
        let desk = self.desk()?;
        desk.agents.iter().find(|agent| agent.id == desk.me)
    }

    /// The ticket whose logs are followed.
    #[must_use]
    pub fn followed(&self) -> Option<TicketId> {
        self.followed.as_ref().map(|followed| followed.ticket)
    }

    /// A ticket with what is asked of it already: a choice shows at once, and goes back if it is refused.
    #[must_use]
    pub fn as_asked(&self, ticket: TicketId) -> Option<TicketRow> {
        let mut row = self.ticket(ticket)?.clone();
        for asked in self.of_ticket(ticket).filter(|asked| !asked.is_failed()) {
            match &asked.body.ask {
                Ask::Update(update) => row.ticket.take_over(update),
                Ask::End | Ask::Macro(_) => {}
            }
        }
        Some(row)
    }

    /// Whether the signed-in agent may end a ticket's session now (R15, R16).
    ///
    /// # Errors
    /// Why not; before anybody is signed in, it is nobody's to end.
    pub fn ending(&self, row: &TicketRow) -> Result<(), CannotEnd> {
        match (self.desk(), self.me()) {
            (Some(desk), Some(me)) => ending(&me.agent(), &row.ticket, &row.session, &desk.settings),
            (None, _) | (_, None) => Err(CannotEnd::SwitchedOff),
        }
    }

    /// The macros, each with why it cannot be applied to a ticket as it is now, if it cannot (R15, R30).
    pub fn macros_for<'a>(
        &'a self,
        row: &'a TicketRow,
    ) -> impl Iterator<Item = (&'a Macro, Result<(), CannotApply>)> + use<'a> {
        let (offered, ending) = (row.composer(), self.ending(row));
        let macros = self.desk().map_or(&[][..], |desk| &desk.macros);
        macros
            .iter()
            .map(move |prepared| (prepared, prepared.applies(&row.ticket, &offered, ending)))
    }

    /// Whether the account's settings and macros are the signed-in agent's to change.
    #[must_use]
    pub fn sets_the_account(&self) -> bool {
        self.me().is_some_and(|me| me.role.sets_the_account())
    }

    /// Both logs of the ticket that is open, in their one order: what happened `after` n stands after the thread
    /// log's entry n.
    #[must_use]
    pub fn log(&self) -> Vec<LogItem<'_>> {
        self.followed.as_ref().map_or_else(Vec::new, Followed::items)
    }

    /// Whether the customer of the open ticket is typing.
    #[must_use]
    pub fn is_customer_typing(&self) -> bool {
        self.followed
            .as_ref()
            .is_some_and(|followed| followed.customer_typing)
    }

    /// The commands on their way, in order.
    #[must_use]
    pub fn on_their_way(&self) -> &[Outgoing<Asked>] {
        self.outbox.items()
    }

    /// What is being said on a ticket and not acknowledged yet, in order.
    pub fn comments_on_their_way(&self, ticket: TicketId) -> impl Iterator<Item = &Comment> {
        self.of_ticket(ticket).filter_map(|asked| asked.body.comment())
    }

    fn of_ticket(&self, ticket: TicketId) -> impl Iterator<Item = &Outgoing<Asked>> {
        self.outbox
            .items()
            .iter()
            .filter(move |asked| asked.body.ticket == ticket)
    }
}
