//! The chat thread: what the end user sees as one log, and **the one place where its fate is decided**.
//!
//! [`handle`] takes the state, a [`Command`] and the [`Circumstances`] and answers with a [`Decision`] or a
//! [`Rejection`]; it changes nothing. [`ChatThread::apply`] folds the decision's events into the state. The server's
//! writer does both under the chat thread's lock, in one transaction with what they write.

mod command;
mod customer;
mod end;
mod erase;
mod event;
mod handoff;
mod login;
mod queue;
mod rejection;
mod timer;
mod update;

pub use command::{Actor, Circumstances, Command, CustomerMessage};
pub use event::{Decision, Effect, Event, Outcome};
pub use rejection::Rejection;

use crate::conversation::{Conversation, Stage};
use crate::end_user::EndUser;
use crate::ids::{ChatThreadId, Seq, SessionId, TicketId};
use crate::message::{Author, ThreadEntry};
use crate::planted::{self, Bug};
use crate::routing::{assign, capacity};
use crate::session::{Session, SessionState};
use crate::ticket::event::{By, TicketEntry, TicketEvent};
use crate::ticket::{Priority, Status};
use crate::time::Timestamp;

/// One chat thread: its head, and those of its conversations that a command may concern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChatThread {
    /// Which one.
    pub id: ChatThreadId,
    /// Whose.
    pub end_user: EndUser,
    /// The last number of the thread log.
    pub head: Seq,
    /// When the last entry of either log was committed: time never goes below it (I31).
    pub last_at: Timestamp,
    /// Its conversations, oldest first. The latest is always there; a shell may leave out older ones that the
    /// command does not name, so a decision never costs more as the log grows.
    pub conversations: Vec<Conversation>,
}

/// Decides. Pure: the same state, command and circumstances give the same decision.
///
/// # Errors
/// A [`Rejection`] says why nothing is done; then nothing of the command is.
pub fn handle(
    thread: &ChatThread,
    command: Command,
    around: &Circumstances<'_>,
) -> Result<Decision, Rejection> {
    if thread.end_user.erased {
        erase::allows(&command)?;
    }
    let mut draft = Draft::of(thread, around);
    // Whoever comes first after its time finds a forgotten conversation over (R44).
    end::end_forgotten(&mut draft);
    let outcome = match command {
        Command::CustomerMessage(message) => customer::message(&mut draft, message),
        Command::HandOff => handoff::on_request(&mut draft)?,
        Command::BusinessMessage {
            cid,
            name,
            text,
            replies,
        } => customer::business_message(&mut draft, cid, name, text, replies)?,
        Command::DescribeEndUser { name, email } => customer::describe(&mut draft, name, email),
        Command::LogIn {
            person,
            theirs,
            has_tickets,
        } => login::log_in(&mut draft, *person, &theirs, has_tickets),
        Command::EndSession { session, by } => end::end_session(&mut draft, session, &by)?,
        Command::EndForgotten => Outcome::Done {},
        Command::Erase => erase::erase(&mut draft)?,
        Command::UpdateTicket {
            ticket,
            by,
            update,
            cid,
        } => update::update_ticket(&mut draft, ticket, &by, update, cid)?,
        Command::Assign { ticket } => queue::assign_waiting(&mut draft, ticket)?,
        Command::ReturnToQueue { ticket } => queue::return_to_queue(&mut draft, ticket)?,
        Command::TurnInactive { ticket } => timer::turn_inactive(&mut draft, ticket)?,
        Command::CloseSolved { ticket } => timer::close_solved(&mut draft, ticket)?,
    };
    Ok(draft.decide(thread, outcome))
}

impl ChatThread {
    /// A chat thread in which nothing was said yet.
    #[must_use]
    pub const fn new(id: ChatThreadId, end_user: EndUser) -> Self {
        Self {
            id,
            end_user,
            head: Seq(0),
            last_at: Timestamp(0),
            conversations: Vec::new(),
        }
    }

    /// The latest conversation.
    #[must_use]
    pub fn latest(&self) -> Option<&Conversation> {
        self.conversations.last()
    }

    /// The conversation of a session.
    #[must_use]
    pub fn conversation(&self, session: SessionId) -> Option<&Conversation> {
        self.conversations
            .iter()
            .find(|conversation| conversation.id == session)
    }

    /// The conversation of a ticket.
    #[must_use]
    pub fn of_ticket(&self, ticket: TicketId) -> Option<&Conversation> {
        self.conversations
            .iter()
            .find(|conversation| conversation.ticket().is_some_and(|its| its.id == ticket))
    }

    /// Folds one event into the state.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::ConversationStarted(conversation) => {
                self.last_at = conversation.started_at;
                self.conversations.push((**conversation).clone());
            }
            Event::Said(entry) => {
                self.head = entry.seq;
                self.last_at = entry.at;
                self.change(entry.session, |conversation| {
                    conversation.last_message_at = entry.at;
                    if entry.author == Author::EndUser {
                        conversation.silent_since = entry.at;
                    }
                });
            }
            Event::BotMoved { session, progress } => {
                self.change(*session, |conversation| {
                    conversation.stage = Stage::Bot(progress.clone())
                });
            }
            Event::EndUserDescribed { name, email } => {
                self.end_user.described(name.as_deref(), email.as_deref());
            }
            Event::MovedTo(person) => self.end_user = (**person).clone(),
            Event::SessionChanged { session, to } => {
                self.change(*session, |conversation| conversation.session = *to);
            }
            Event::TicketCreated { session, ticket } => {
                self.change(*session, |conversation| {
                    conversation.stage = Stage::HandedOff(ticket.clone());
                });
            }
            Event::TicketLogged { session, entry, .. } => {
                self.last_at = entry.at;
                self.change(*session, |conversation| {
                    conversation.fold(entry);
                });
            }
            Event::Erased => {
                for conversation in &mut self.conversations {
                    conversation.forget();
                }
            }
        }
    }

    fn change(&mut self, session: SessionId, change: impl FnOnce(&mut Conversation)) {
        if let Some(conversation) = self
            .conversations
            .iter_mut()
            .find(|conversation| conversation.id == session)
        {
            change(conversation);
        }
    }
}

impl Conversation {
    /// Folds one entry of its ticket's log into it.
    fn fold(&mut self, entry: &TicketEntry) {
        if let Some(ticket) = self.ticket_mut() {
            ticket.fold(entry);
        }
        match &entry.what {
            TicketEvent::Status { .. } => self.status_since = entry.at,
            // Whoever has it now has not been kept waiting yet.
            TicketEvent::Assignee { to: Some(_), .. } => self.silent_since = entry.at,
            TicketEvent::RequesterErased => self.forget(),
            TicketEvent::Assignee { to: None, .. }
            | TicketEvent::Created { .. }
            | TicketEvent::MacroApplied(_)
            | TicketEvent::Noted { .. }
            | TicketEvent::Emailed { .. }
            | TicketEvent::Priority { .. }
            | TicketEvent::Group { .. }
            | TicketEvent::Tags { .. }
            | TicketEvent::SessionState { .. }
            | TicketEvent::SessionEnded { .. }
            | TicketEvent::RoutingChannel { .. }
            | TicketEvent::Requester { .. }
            | TicketEvent::Tombstone(_) => {}
        }
    }
}

impl crate::ticket::Ticket {
    /// The ticket made anew from its log: what no entry changes is as it is here. Born new, in the group and with the
    /// tags that the first change of them names.
    #[must_use]
    pub fn folded(&self, log: &[TicketEntry]) -> Self {
        let mut ticket = Self {
            status: Status::New,
            priority: Priority::default(),
            assignee: None,
            routing: self.channel,
            head: Seq(0),
            ..self.clone()
        };
        for entry in log.iter().rev() {
            if let TicketEvent::Group { from, .. } = &entry.what {
                ticket.group = *from;
            }
            if let TicketEvent::Tags { from, .. } = &entry.what {
                ticket.tags.clone_from(from);
            }
        }
        for entry in log {
            ticket.fold(entry);
        }
        ticket
    }

    /// Folds one entry of its log into the ticket.
    pub fn fold(&mut self, entry: &TicketEntry) {
        self.head = entry.seq;
        match &entry.what {
            TicketEvent::Status { to, .. } => self.status = *to,
            TicketEvent::Priority { to, .. } => self.priority = *to,
            TicketEvent::Assignee { to, .. } => self.assignee = *to,
            TicketEvent::Group { to, .. } => self.group = *to,
            TicketEvent::Tags { to, .. } => self.tags.clone_from(to),
            TicketEvent::RoutingChannel { to, .. } => self.routing = *to,
            TicketEvent::RequesterErased => self.forget(),
            TicketEvent::Created { .. }
            | TicketEvent::MacroApplied(_)
            | TicketEvent::Noted { .. }
            | TicketEvent::Emailed { .. }
            | TicketEvent::SessionState { .. }
            | TicketEvent::SessionEnded { .. }
            | TicketEvent::Requester { .. }
            | TicketEvent::Tombstone(_) => {}
        }
    }
}

/// A decision being made: the state as it will be, and the events that lead there.
struct Draft<'a> {
    thread: ChatThread,
    around: &'a Circumstances<'a>,
    at: Timestamp,
    events: Vec<Event>,
    effects: Vec<Effect>,
    /// The first entry that this command writes in a ticket's log: what one command did to it is one audit.
    audit: Option<(TicketId, Seq)>,
}

impl<'a> Draft<'a> {
    fn of(thread: &ChatThread, around: &'a Circumstances<'a>) -> Self {
        let floor = if planted::is(Bug::TakesClockAsItIs) {
            around.now
        } else {
            thread.last_at
        };
        Self {
            thread: thread.clone(),
            around,
            at: around.now.max(floor),
            events: Vec::new(),
            effects: Vec::new(),
            audit: None,
        }
    }

    fn emit(&mut self, event: Event) {
        self.thread.apply(&event);
        self.events.push(event);
    }

    /// Appends to the thread log; answers the entry's number.
    fn say(
        &mut self,
        session: SessionId,
        author: Author,
        text: String,
        replies: Vec<String>,
        cid: Option<crate::ids::ClientMessageId>,
    ) -> Seq {
        let seq = self.thread.head.next();
        let at = self.at;
        self.emit(Event::Said(ThreadEntry {
            seq,
            at,
            session,
            author,
            text,
            replies,
            cid,
            erased: false,
        }));
        seq
    }

    /// Appends to the log of the session's ticket; does nothing where there is none.
    fn log(&mut self, session: SessionId, by: &By, what: TicketEvent) -> Option<Seq> {
        let ticket = self.thread.conversation(session)?.ticket()?;
        let (id, seq) = (ticket.id, ticket.head.next());
        let audit = match self.audit {
            Some((of, first)) if of == id => first,
            Some(_) | None => seq,
        };
        self.audit = Some((id, audit));
        let entry = TicketEntry {
            seq,
            audit,
            after: self.thread.head,
            at: self.at,
            by: by.clone(),
            what,
        };
        self.emit(Event::TicketLogged {
            session,
            ticket: id,
            entry,
        });
        Some(seq)
    }

    /// Moves a live session between active and inactive, and says so in its ticket's history.
    fn turn(&mut self, session: SessionId, by: &By, to: SessionState) {
        let Some(conversation) = self.thread.conversation(session) else {
            return;
        };
        let from = conversation.session.state();
        let since = self.at;
        let next = match (from, to) {
            (SessionState::Inactive, SessionState::Active) => Session::Active { since },
            (SessionState::Active, SessionState::Inactive) => Session::Inactive { since },
            (SessionState::Active, SessionState::Active)
            | (SessionState::Inactive, SessionState::Inactive)
            | (SessionState::Ended, _)
            | (_, SessionState::Ended) => return,
        };
        self.emit(Event::SessionChanged { session, to: next });
        self.log(session, by, TicketEvent::SessionState { from, to });
    }

    /// The decision, with the assignment job it may call for: whoever freed a slot or brought a ticket into the
    /// queue has the queue looked at, once, after the commit (R33).
    fn decide(mut self, before: &ChatThread, outcome: Outcome) -> Decision {
        let settings = self.around.settings;
        let calls_for_assignment = self.thread.conversations.iter().any(|after| {
            let before = before.conversation(after.id);
            let held = before.and_then(|before| capacity::holder(before, settings));
            let freed = held.is_some() && held != capacity::holder(after, settings);
            let stood = before
                .filter(|before| assign::is_waiting(before))
                .and_then(Conversation::ticket);
            // New in the queue, or in another group's: there may be somebody for it now.
            let queued = assign::is_waiting(after)
                && stood.is_none_or(|stood| after.ticket().is_some_and(|ticket| ticket.group != stood.group));
            freed || queued
        });
        if calls_for_assignment {
            self.effects.push(Effect::AssignWaiting);
        }
        Decision {
            events: self.events,
            effects: self.effects,
            outcome,
            after: self.thread,
        }
    }
}
