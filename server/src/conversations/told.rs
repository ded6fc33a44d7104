//! Who is told of a decision after its commit, and what: the end user's side only what is in the thread log and the
//! session's state, the agents' side both logs.

use std::sync::Arc;

use causerie_core::Seq;
use causerie_core::chat_thread::{ChatThread, Decision, Event};
use causerie_core::conversation::Conversation;
use causerie_core::message::ThreadEntry;
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::wire::agent::TicketRow;
use causerie_core::wire::end_user::SessionReport;

use crate::notifier::{AgentNotice, Notifier, ThreadNotice, Whose};
use crate::store::{Before, last_change};

/// What is told.
#[derive(Debug, Default)]
pub(super) struct Told {
    whose: Option<Whose>,
    thread: Vec<ThreadNotice>,
    tickets: Vec<AgentNotice>,
    capacity: bool,
}

impl Told {
    pub(super) fn of(whose: Option<Whose>, before: Before<'_>, was: &ChatThread, decision: Decision) -> Self {
        let mut tickets: Vec<AgentNotice> = decision
            .after
            .conversations
            .iter()
            .filter_map(|conversation| ticket(before, &decision, conversation))
            .collect();
        // The tickets of earlier conversations are not loaded, and nothing of theirs is changed; who asks is shown with
        // them all the same.
        if were_others(before) && decision.events.iter().any(describes) {
            tickets.push(AgentNotice::EndUser(decision.after.end_user.id));
        }
        let capacity = decision.events.iter().any(touches_capacity);
        let mut thread = Vec::new();
        let entries: Vec<ThreadEntry> = decision.events.iter().filter_map(said).cloned().collect();
        if !entries.is_empty() {
            thread.push(ThreadNotice::Entries(Arc::from(entries)));
        }
        let report = decision.after.latest().map(SessionReport::of);
        if let Some(report) = report
            && was.latest().map(SessionReport::of) != Some(report)
        {
            thread.push(ThreadNotice::Session(report));
        }
        Self {
            whose,
            thread,
            tickets,
            capacity,
        }
    }

    /// Somebody has logged in: those who listen to this look who they are now.
    pub(super) fn logged_in(whose: Whose) -> Self {
        Self {
            whose: Some(whose),
            thread: vec![ThreadNotice::LoggedIn],
            ..Self::default()
        }
    }

    /// Only the agents are told.
    pub(super) fn to_agents(notice: AgentNotice) -> Self {
        Self {
            tickets: vec![notice],
            ..Self::default()
        }
    }

    pub(super) fn read(whose: Whose, upto: Seq) -> Self {
        Self {
            whose: Some(whose),
            thread: vec![ThreadNotice::Read(upto)],
            ..Self::default()
        }
    }

    /// Tells them.
    pub(super) fn tell(self, notifier: &Notifier) {
        if let Some(whose) = self.whose {
            for notice in &self.thread {
                notifier.tell_thread(&whose, notice);
            }
        }
        if notifier.agents_listen() {
            for notice in self.tickets {
                notifier.tell_agents(notice);
            }
            if self.capacity {
                notifier.tell_agents(AgentNotice::Agents);
            }
        }
    }
}

/// A ticket that is new, changed, or in whose session something was said.
fn ticket(before: Before<'_>, decision: &Decision, conversation: &Conversation) -> Option<AgentNotice> {
    let ticket = conversation.ticket()?;
    let changed = last_change(&decision.events, conversation.id);
    let described = decision.events.iter().any(describes);
    if changed.is_none() && !described {
        return None;
    }
    let times = match before {
        Before::Fresh(_) => None,
        Before::Loaded(head) => head.ticket_times.iter().find(|(id, ..)| *id == ticket.id),
    };
    let latest = decision.after.last_at;
    let (created_at, updated_at) = times.map_or((latest, latest), |(_, created_at, updated_at)| {
        (*created_at, *updated_at)
    });
    let of_session = |entry: &&ThreadEntry| entry.session == conversation.id;
    Some(AgentNotice::Ticket {
        row: Box::new(TicketRow {
            ticket: ticket.clone(),
            thread: decision.after.id,
            end_user: Some(decision.after.end_user.id),
            session_id: conversation.id,
            session: conversation.session,
            requester: decision.after.end_user.name.clone(),
            email: decision.after.end_user.email.clone(),
            erased: decision.after.end_user.erased,
            previous: conversation.previous,
            created_at,
            updated_at: changed.unwrap_or(updated_at),
        }),
        thread: decision
            .events
            .iter()
            .filter_map(said)
            .filter(of_session)
            .cloned()
            .collect(),
        log: decision
            .events
            .iter()
            .filter_map(|event| logged(event, conversation))
            .cloned()
            .collect(),
    })
}

/// Whether there are conversations that were not loaded for the decision.
const fn were_others(before: Before<'_>) -> bool {
    match before {
        Before::Fresh(_) => false,
        Before::Loaded(head) => head.conversations > head.thread.conversations.len() as u64,
    }
}

const fn describes(event: &Event) -> bool {
    match event {
        Event::EndUserDescribed { .. } => true,
        Event::Said(_)
        | Event::ConversationStarted(_)
        | Event::BotMoved { .. }
        | Event::MovedTo(_)
        | Event::Erased
        | Event::SessionChanged { .. }
        | Event::TicketCreated { .. }
        | Event::TicketLogged { .. } => false,
    }
}

const fn said(event: &Event) -> Option<&ThreadEntry> {
    match event {
        Event::Said(entry) => Some(entry),
        Event::ConversationStarted(_)
        | Event::BotMoved { .. }
        | Event::EndUserDescribed { .. }
        | Event::MovedTo(_)
        | Event::Erased
        | Event::SessionChanged { .. }
        | Event::TicketCreated { .. }
        | Event::TicketLogged { .. } => None,
    }
}

fn logged<'e>(event: &'e Event, of: &Conversation) -> Option<&'e TicketEntry> {
    match event {
        Event::TicketLogged { session, entry, .. } if *session == of.id => Some(entry),
        Event::TicketLogged { .. }
        | Event::Said(_)
        | Event::ConversationStarted(_)
        | Event::BotMoved { .. }
        | Event::EndUserDescribed { .. }
        | Event::MovedTo(_)
        | Event::Erased
        | Event::SessionChanged { .. }
        | Event::TicketCreated { .. } => None,
    }
}

/// Whether an agent's slots in use may have changed by it.
const fn touches_capacity(event: &Event) -> bool {
    match event {
        Event::TicketLogged { entry, .. } => match entry.what {
            TicketEvent::Status { .. }
            | TicketEvent::Assignee { .. }
            | TicketEvent::SessionState { .. }
            | TicketEvent::SessionEnded { .. } => true,
            TicketEvent::Created { .. }
            | TicketEvent::MacroApplied(_)
            | TicketEvent::Noted { .. }
            | TicketEvent::Emailed { .. }
            | TicketEvent::Priority { .. }
            | TicketEvent::Group { .. }
            | TicketEvent::Tags { .. }
            | TicketEvent::RoutingChannel { .. }
            | TicketEvent::Requester { .. }
            | TicketEvent::RequesterErased
            | TicketEvent::Tombstone(_) => false,
        },
        Event::Said(_)
        | Event::ConversationStarted(_)
        | Event::BotMoved { .. }
        | Event::EndUserDescribed { .. }
        | Event::MovedTo(_)
        | Event::Erased
        | Event::SessionChanged { .. }
        | Event::TicketCreated { .. } => false,
    }
}
