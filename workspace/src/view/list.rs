//! The tickets of a view, as the list shows them.

use std::collections::BTreeMap;

use causerie_core::Timestamp;
use causerie_core::client::agent::{AgentClient, View};
use causerie_core::ids::TicketId;
use causerie_core::ticket::Status;
use causerie_core::wire::agent::TicketRow;
use serde::{Deserialize, Serialize};

/// A view's part of an address, and of the key of its name.
#[must_use]
pub const fn slug(view: View) -> &'static str {
    match view {
        View::YourTickets => "yours",
        View::Unassigned => "unassigned",
        View::AllOpen => "open",
        View::EndedSessions => "ended",
        View::Solved => "solved",
    }
}

/// When each ticket was last looked at in this browser.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    /// What changed before this is no news: when this browser first came.
    since: Timestamp,
    /// What the ticket's last change was when it was looked at.
    tickets: BTreeMap<TicketId, Timestamp>,
}

impl Seen {
    /// Nothing is news yet.
    #[must_use]
    pub const fn from_now_on(now: Timestamp) -> Self {
        Self {
            since: now,
            tickets: BTreeMap::new(),
        }
    }

    /// A ticket is being looked at, as it is; answers whether that was news.
    pub fn look_at(&mut self, row: &TicketRow) -> bool {
        let news = self.is_news(row);
        if news {
            self.tickets.insert(row.ticket.id, row.updated_at);
        }
        news
    }

    /// Whether a ticket has changed since it was looked at. Of whoever was erased there is nothing to look at.
    #[must_use]
    pub fn is_news(&self, row: &TicketRow) -> bool {
        !row.erased && row.updated_at > self.tickets.get(&row.ticket.id).copied().unwrap_or(self.since)
    }
}

/// A ticket as the list shows it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Item {
    /// Its number.
    pub id: TicketId,
    /// The requester, if known.
    pub requester: Option<String>,
    /// What it is about.
    pub subject: String,
    /// Whether who asked was erased, and with them what it is about.
    pub erased: bool,
    /// Its status.
    pub status: Status,
    /// Whether its session has ended.
    pub ended: bool,
    /// Whether it has changed since it was looked at.
    pub news: bool,
    /// When it last changed.
    pub at: Timestamp,
}

/// The tickets of a view, the latest change first.
#[must_use]
pub fn items(client: &AgentClient, view: View, seen: &Seen) -> Vec<Item> {
    client
        .tickets(view)
        .into_iter()
        .map(|row| item(row, seen))
        .collect()
}

/// How many tickets each view holds, in the order of [`View::ALL`].
#[must_use]
pub fn counts(client: &AgentClient) -> [usize; View::ALL.len()] {
    View::ALL.map(|view| client.tickets(view).len())
}

fn item(row: &TicketRow, seen: &Seen) -> Item {
    Item {
        id: row.ticket.id,
        requester: super::requester(row),
        subject: row.ticket.subject.clone(),
        erased: row.erased,
        status: row.ticket.status,
        ended: row.session.ended().is_some(),
        news: seen.is_news(row),
        at: row.updated_at,
    }
}
