//! The workspace's machine: the list of tickets as a fold of what the server tells, the two logs of the ticket that is
//! open, and the commands on their way. One [`Input`] in, [`Effect`]s out, in order.
//!
//! It shares [`connection`] and [`outbox`](super::outbox) with the widget's machine. What an agent
//! has written is never lost to a refusal: it comes back into the composer (R21).
//!
//! - [`View`]: the lists of tickets; [`LogItem`]: both logs in their one order.

mod desk;
mod io;
mod log;

pub use desk::View;
pub use io::{Ask, Asked, Effect, Input, Kept};
pub use log::LogItem;

use std::collections::BTreeMap;

use super::connection::{self, Connection, Status};
use super::outbox::{Outbox, Outgoing, Refusal};
use super::{earliest, is_due};
use crate::agent::Availability;
use crate::chat_thread::Outcome;
use crate::ids::{ClientMessageId, TicketId};
use crate::message::{Text, TextFault, ThreadEntry};
use crate::session::SessionState;
use crate::ticket::event::TicketEntry;
use crate::ticket::{Comment, CommentTo, Update};
use crate::time::{Span, Timestamp};
use crate::wire::Refused;
use crate::wire::agent::{AgentRow, Down, TicketRow, Up, Welcome};
use desk::begins_to_call;
use log::Followed;

/// After this long without a key the agent is not typing any more.
const TYPING_ENDS: Span = Span(5_000);
/// How long entries that are known to exist may take to come.
const CATCH_UP_WITHIN: Span = Span(5_000);

/// The workspace's machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentClient {
    build: String,
    connection: Connection,
    /// For the hello to come.
    token: Option<String>,
    outbox: Outbox<Asked>,
    welcome: Option<Box<Welcome>>,
    followed: Option<Followed>,
    drafts: BTreeMap<TicketId, String>,
    draft_fault: Option<(TicketId, TextFault)>,
    refusals: BTreeMap<TicketId, Refused>,
    /// Chosen, and not yet told by the server.
    availability: Option<Availability>,
    /// Set by a key, and past some time after the last one.
    idle_at: Option<Timestamp>,
    /// On which ticket the customer believes that somebody types.
    typing_told: Option<TicketId>,
    upgrade: Option<String>,
    reloaded_for: Option<String>,
    wake_told: Option<Timestamp>,
    changed: bool,
    effects: Vec<Effect>,
}

impl AgentClient {
    /// One that rests. `build` is the one the page is of.
    #[must_use]
    pub fn new(build: String) -> Self {
        Self {
            build,
            connection: Connection::new(),
            token: None,
            outbox: Outbox::new(),
            welcome: None,
            followed: None,
            drafts: BTreeMap::new(),
            draft_fault: None,
            refusals: BTreeMap::new(),
            availability: None,
            idle_at: None,
            typing_told: None,
            upgrade: None,
            reloaded_for: None,
            wake_told: None,
            changed: false,
            effects: Vec::new(),
        }
    }

    /// Takes what happened at `now`; `random` is fresh with every call. What is to be done comes back in order.
    pub fn handle(&mut self, input: Input, now: Timestamp, random: u32) -> Vec<Effect> {
        let at = Moment { now, random };
        match input {
            Input::Restored(kept) => {
                self.drafts = kept.drafts.into_iter().collect();
                self.reloaded_for = kept.reloaded_for;
                self.changed = true;
            }
            Input::Wanted => self.connection(connection::Input::Wanted, at),
            Input::Unwanted => self.connection(connection::Input::Unwanted, at),
            Input::ConnectToken(token) if self.connection.is_opening() => {
                self.token = Some(token);
                self.effects.push(Effect::Connect);
            }
            Input::ConnectToken(_) => {}
            Input::NoConnectToken { signed_out: true } => {
                self.connection(connection::Input::Unwanted, at);
                self.effects.push(Effect::SignedOut);
            }
            Input::NoConnectToken { signed_out: false } => {
                self.connection(connection::Input::Closed { code: 1006 }, at);
            }
            Input::SocketOpened => self.connection(connection::Input::Opened, at),
            Input::Frame(frame) => self.frame(frame, at),
            Input::SocketClosed { code } => self.connection(connection::Input::Closed { code }, at),
            Input::TicketOpened(ticket) => self.ticket_opened(ticket),
            Input::TicketLeft => self.ticket_left(),
            Input::Edited { ticket, to, text } => self.edited(ticket, to, text, at),
            Input::Replied {
                cid,
                ticket,
                to,
                text,
            } => self.replied(cid, ticket, to, &text, at),
            Input::Asked { cid, ticket, ask } => self.ask(cid, ticket, ask, at),
            Input::RefusalRead(ticket) => self.changed |= self.refusals.remove(&ticket).is_some(),
            Input::AvailabilityChosen(to) => {
                self.availability = Some(to);
                self.changed = true;
                self.send_if_live(Up::Availability(to));
            }
            Input::PageShown => self.connection(connection::Input::Visible, at),
            Input::Online => self.connection(connection::Input::Online, at),
            Input::TimerFired => {
                self.wake_told = None;
                self.connection(connection::Input::TimerFired, at);
                if is_due(self.idle_at, at.now) {
                    self.stop_typing();
                }
            }
        }
        self.settle(at);
        core::mem::take(&mut self.effects)
    }

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

    /// A ticket, if it is seen.
    #[must_use]
    pub fn ticket(&self, ticket: TicketId) -> Option<&TicketRow> {
        self.desk()?.tickets.iter().find(|row| row.ticket.id == ticket)
    }

    /// The signed-in agent's own row.
    #[must_use]
    pub fn me(&self) -> Option<&AgentRow> {
        let desk = self.desk()?;
        desk.agents.iter().find(|agent| agent.id == desk.me)
    }

    /// The signed-in agent's availability: as chosen, even before the server has told it back.
    #[must_use]
    pub fn availability(&self) -> Option<Availability> {
        self.availability.or_else(|| self.me().map(|me| me.availability))
    }

    /// The ticket whose logs are followed.
    #[must_use]
    pub fn followed(&self) -> Option<TicketId> {
        self.followed.as_ref().map(|followed| followed.ticket)
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

    /// The text in a ticket's composer. A reply that was refused is in it again (R21).
    #[must_use]
    pub fn draft(&self, ticket: TicketId) -> &str {
        self.drafts.get(&ticket).map_or("", String::as_str)
    }

    /// Why a ticket's draft could not be sent as it is; gone with the next edit.
    #[must_use]
    pub fn draft_fault(&self, ticket: TicketId) -> Option<TextFault> {
        self.draft_fault
            .filter(|(of, _)| *of == ticket)
            .map(|(_, fault)| fault)
    }

    /// Why the last command on a ticket was not done; gone when read, or with the next command.
    #[must_use]
    pub fn refusal(&self, ticket: TicketId) -> Option<&Refused> {
        self.refusals.get(&ticket)
    }

    fn connection(&mut self, input: connection::Input, at: Moment) {
        let (before, was_live) = (self.connection.status(), self.connection.is_live());
        for effect in self.connection.handle(input, at.now, at.random) {
            let effect = match effect {
                connection::Effect::Connect => Effect::FetchConnectToken,
                // Single use: the next socket has a token of its own.
                connection::Effect::Greet => Effect::Send(Up::Hello {
                    token: self.token.take().unwrap_or_default(),
                }),
                connection::Effect::Ping => Effect::Send(Up::Ping),
                connection::Effect::Close => Effect::CloseSocket,
            };
            self.effects.push(effect);
        }
        if was_live && !self.connection.is_live() {
            self.outbox.disconnected();
            self.typing_told = None;
            if let Some(followed) = &mut self.followed {
                followed.customer_typing = false;
                followed.ask_again_at = None;
            }
        }
        self.changed |= before != self.connection.status();
    }

    fn send_if_live(&mut self, frame: Up) {
        if self.connection.is_live() {
            self.effects.push(Effect::Send(frame));
        }
    }

    fn frame(&mut self, frame: Down, at: Moment) {
        let sign = match &frame {
            Down::Welcome(_) => connection::Input::Welcomed,
            Down::Ticket(_)
            | Down::Gone(_)
            | Down::Agent(_)
            | Down::Settings(_)
            | Down::Macros(_)
            | Down::Entries { .. }
            | Down::Typing { .. }
            | Down::Done { .. }
            | Down::Refused(_)
            | Down::Pong => connection::Input::Heard,
        };
        self.connection(sign, at);
        if !self.connection.is_live() {
            return;
        }
        self.changed = true;
        match frame {
            Down::Welcome(welcome) => self.welcomed(welcome),
            Down::Ticket(row) => self.ticket_came(*row),
            Down::Gone(ticket) => self.ticket_gone(ticket),
            Down::Agent(row) => self.agent_came(row),
            Down::Settings(settings) => self.change_desk(|desk| desk.settings = settings),
            Down::Macros(macros) => self.change_desk(|desk| desk.macros = macros),
            Down::Entries { ticket, thread, log } => self.entries_came(ticket, thread, log, at),
            Down::Typing { ticket, on } => {
                if let Some(followed) = self
                    .followed
                    .as_mut()
                    .filter(|followed| followed.ticket == ticket)
                {
                    followed.customer_typing = on;
                }
            }
            Down::Done { cid, outcome } => self.done(cid, outcome),
            Down::Refused(refused) => self.refused(refused, at),
            Down::Pong => self.changed = false,
        }
    }

    fn welcomed(&mut self, welcome: Box<Welcome>) {
        self.upgrade = (welcome.build != self.build && self.reloaded_for.as_ref() != Some(&welcome.build))
            .then(|| welcome.build.clone());
        if let Some(before) = self.welcome.replace(welcome) {
            let after = self.desk().map(|desk| (desk.epoch, desk.tickets.as_slice()));
            let Some((epoch, tickets)) = after else { return };
            let chimes: Vec<TicketId> = tickets
                .iter()
                .filter(|row| {
                    let known = before
                        .tickets
                        .iter()
                        .find(|known| known.ticket.id == row.ticket.id);
                    begins_to_call(known, row, before.me)
                })
                .map(|row| row.ticket.id)
                .collect();
            self.effects.extend(chimes.into_iter().map(Effect::Chime));
            if let (true, Some(followed)) = (epoch != before.epoch, &mut self.followed) {
                *followed = Followed::new(followed.ticket);
            }
        }
        if let Some(to) = self.availability {
            self.effects.push(Effect::Send(Up::Availability(to)));
        }
        if let Some(followed) = &mut self.followed {
            let open = followed.open();
            self.effects.push(Effect::Send(open));
        }
    }

    fn ticket_came(&mut self, row: TicketRow) {
        let Some(desk) = &mut self.welcome else { return };
        let known = desk
            .tickets
            .iter_mut()
            .find(|known| known.ticket.id == row.ticket.id);
        // A notice that comes late or twice takes nothing back (I28).
        if known.as_ref().is_some_and(|known| known.is_newer_than(&row)) {
            return;
        }
        if begins_to_call(known.as_deref(), &row, desk.me) {
            self.effects.push(Effect::Chime(row.ticket.id));
        }
        match known {
            Some(known) => *known = row,
            None => desk.tickets.push(row),
        }
    }

    fn ticket_gone(&mut self, ticket: TicketId) {
        self.change_desk(|desk| desk.tickets.retain(|row| row.ticket.id != ticket));
        if let Some(followed) = self
            .followed
            .as_mut()
            .filter(|followed| followed.ticket == ticket)
        {
            *followed = Followed::new(ticket);
        }
    }

    fn agent_came(&mut self, row: AgentRow) {
        let Some(desk) = &mut self.welcome else { return };
        if row.id == desk.me && self.availability == Some(row.availability) {
            self.availability = None;
        }
        match desk.agents.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => desk.agents.push(row),
        }
    }

    fn change_desk(&mut self, change: impl FnOnce(&mut Welcome)) {
        if let Some(desk) = &mut self.welcome {
            change(desk);
        }
    }

    fn entries_came(
        &mut self,
        ticket: TicketId,
        thread: Vec<ThreadEntry>,
        log: Vec<TicketEntry>,
        at: Moment,
    ) {
        let Some(followed) = self
            .followed
            .as_mut()
            .filter(|followed| followed.ticket == ticket)
        else {
            return;
        };
        if followed.take(thread, log) {
            followed.asked = false;
            followed.ask_again_at = None;
        } else if !followed.asked {
            // A hole is asked for, once: whatever else comes before the answer has the same hole.
            followed.ask_again_at = Some(at.now.after(CATCH_UP_WITHIN));
            let open = followed.open();
            self.effects.push(Effect::Send(open));
        }
    }

    fn ticket_opened(&mut self, ticket: TicketId) {
        if self.followed() == Some(ticket) {
            return;
        }
        self.stop_typing();
        let mut followed = Followed::new(ticket);
        self.send_if_live(followed.open());
        self.followed = Some(followed);
        self.changed = true;
    }

    fn ticket_left(&mut self) {
        self.stop_typing();
        if self.followed.take().is_some() {
            self.send_if_live(Up::Close);
            self.changed = true;
        }
    }

    fn edited(&mut self, ticket: TicketId, to: CommentTo, text: String, at: Moment) {
        self.changed |= self.draft_fault.take().is_some();
        self.idle_at = Some(at.now.after(TYPING_ENDS));
        let blank = text.trim().is_empty();
        self.effects.push(Effect::KeepDraft {
            ticket,
            text: text.clone(),
        });
        self.set_draft(ticket, text);
        let to_the_customer = match to {
            CommentTo::Messaging | CommentTo::Public => self.is_session_live(ticket),
            CommentTo::Email | CommentTo::Note => false,
        };
        let typing = (!blank && to_the_customer).then_some(ticket);
        if self.typing_told.is_some() && self.typing_told != typing {
            self.tell_typing_stopped();
        }
        if self.typing_told != typing && self.connection.is_live() {
            self.typing_told = typing;
            self.effects.push(Effect::Send(Up::Typing { ticket, on: true }));
        }
    }

    fn is_session_live(&self, ticket: TicketId) -> bool {
        self.ticket(ticket).is_some_and(|row| match row.session.state() {
            SessionState::Active | SessionState::Inactive => true,
            SessionState::Ended => false,
        })
    }

    fn set_draft(&mut self, ticket: TicketId, text: String) {
        if text.is_empty() {
            self.drafts.remove(&ticket);
        } else {
            self.drafts.insert(ticket, text);
        }
    }

    fn stop_typing(&mut self) {
        self.idle_at = None;
        self.tell_typing_stopped();
    }

    fn tell_typing_stopped(&mut self) {
        if let Some(ticket) = self.typing_told.take() {
            self.send_if_live(Up::Typing { ticket, on: false });
        }
    }

    fn replied(&mut self, cid: ClientMessageId, ticket: TicketId, to: CommentTo, text: &str, at: Moment) {
        match Text::parse(text) {
            Ok(text) => {
                // The draft leaves the composer now, and what is kept of it when the command is done.
                self.drafts.remove(&ticket);
                self.draft_fault = None;
                let comment = Some(Comment { to, text });
                let update = Update {
                    comment,
                    ..Update::default()
                };
                self.ask(cid, ticket, Ask::Update(Box::new(update)), at);
            }
            Err(TextFault::Empty) => {}
            Err(fault @ TextFault::TooLong) => {
                self.set_draft(ticket, text.to_owned());
                self.draft_fault = Some((ticket, fault));
                self.changed = true;
            }
        }
    }

    fn ask(&mut self, cid: ClientMessageId, ticket: TicketId, ask: Ask, at: Moment) {
        if self.outbox.items().iter().any(|item| item.cid == cid) {
            return;
        }
        self.stop_typing();
        self.refusals.remove(&ticket);
        self.outbox.write(cid, Asked { ticket, ask }, at.now);
        self.changed = true;
    }

    fn done(&mut self, cid: ClientMessageId, outcome: Outcome) {
        if let Some(item) = self.outbox.acknowledged(cid) {
            let ticket = item.body.ticket;
            if item.body.comment().is_some() {
                let text = self.draft(ticket).to_owned();
                self.effects.push(Effect::KeepDraft { ticket, text });
            }
            self.effects.push(Effect::Done { cid, outcome });
        }
    }

    fn refused(&mut self, refused: Refused, at: Moment) {
        let Refusal::Failed(item) = self.outbox.refused(&refused, at.now, at.random) else {
            return;
        };
        self.outbox.discard(item.cid);
        let ticket = item.body.ticket;
        if let Some(comment) = item.body.comment() {
            let text = match self.draft(ticket) {
                "" => comment.text.as_str().to_owned(),
                draft => [draft, comment.text.as_str()].join("\n\n"),
            };
            self.effects.push(Effect::KeepDraft {
                ticket,
                text: text.clone(),
            });
            self.set_draft(ticket, text);
        }
        let refused = Refused {
            cid: Some(item.cid),
            ..refused
        };
        self.refusals.insert(ticket, refused.clone());
        self.effects.push(Effect::Refused(refused));
    }

    /// What follows from the state, whatever led to it.
    fn settle(&mut self, at: Moment) {
        let live = self.connection.is_live();
        if live && let Some(item) = self.outbox.next_to_send(at.now) {
            let frame = item.body.frame(item.cid);
            self.effects.push(Effect::Send(frame));
        }
        if live {
            self.ask_for_what_is_missing(at);
        }
        if self.idle_at.is_none()
            && self.outbox.items().is_empty()
            && let Some(build) = self.upgrade.take()
        {
            self.reloaded_for = Some(build.clone());
            self.effects.push(Effect::ReloadForUpgrade(build));
        }
        if core::mem::take(&mut self.changed) {
            self.effects.push(Effect::ViewChanged);
        }
        let ask_again = self.followed.as_ref().and_then(|followed| followed.ask_again_at);
        let outbox = if live { self.outbox.deadline() } else { None };
        let wake = earliest([self.connection.deadline(), outbox, self.idle_at, ask_again]);
        if wake != self.wake_told {
            self.wake_told = wake;
            self.effects.push(Effect::WakeAt(wake));
        }
    }

    /// The ticket's row tells how long its log is; what does not come by itself is asked for.
    fn ask_for_what_is_missing(&mut self, at: Moment) {
        let Some(followed) = &self.followed else { return };
        let head = self.ticket(followed.ticket).map(|row| row.ticket.head);
        let is_behind = head.is_some_and(|head| followed.log_head() < head);
        let Some(followed) = &mut self.followed else {
            return;
        };
        let due = is_due(followed.ask_again_at, at.now);
        if due || ((is_behind || followed.asked) && followed.ask_again_at.is_none()) {
            followed.ask_again_at = Some(at.now.after(CATCH_UP_WITHIN));
        }
        if due {
            let open = followed.open();
            self.effects.push(Effect::Send(open));
        }
    }
}

/// When something happens, and the dice of that moment.
#[derive(Clone, Copy)]
struct Moment {
    now: Timestamp,
    random: u32,
}
