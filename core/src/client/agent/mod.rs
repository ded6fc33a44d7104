//! The workspace's machine: the list of tickets as a fold of what the server tells, the two logs of the ticket that is
//! open, and the commands on their way. One [`Input`] in, [`Effect`]s out, in order.
//!
//! It shares [`connection`], [`outbox`](super::outbox) and the rest with the widget's machine.
//!
//! - [`View`]: the lists of tickets; [`LogItem`]: both logs in their one order.
//! - `reads`: what the screens read. `composing`: the composers. `commands`: what was asked, and what becomes of it.
//! - `availability`: the agent's own. `desk`, `log`: what the server tells, folded.

mod availability;
mod commands;
mod composing;
mod desk;
mod io;
mod log;
mod reads;

pub use desk::View;
pub use io::{Ask, Asked, Draft, Effect, Input, Kept};
pub use log::{LogItem, Through};

use std::collections::BTreeMap;

use super::clock::Clock;
use super::connection::{self, Connection};
use super::moment::Moment;
use super::outbox::Outbox;
use super::upgrade::Upgrade;
use super::{earliest, is_due};
use crate::ids::TicketId;
use crate::message::TextFault;
use crate::time::Timestamp;
use crate::wire::Refused;
use crate::wire::agent::{Down, Up, Welcome};
use availability::Choice;
use log::Followed;

/// The workspace's machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentClient {
    clock: Clock,
    upgrade: Upgrade,
    connection: Connection,
    /// For the hello to come.
    token: Option<String>,
    outbox: Outbox<Asked>,
    welcome: Option<Box<Welcome>>,
    followed: Option<Followed>,
    /// Whether what stands in the composers survives a reload, as far as is known.
    keeps: bool,
    drafts: BTreeMap<TicketId, Draft>,
    draft_fault: Option<(TicketId, TextFault)>,
    refusals: BTreeMap<TicketId, Refused>,
    availability: Option<Choice>,
    /// Set by a key, and past some time after the last one.
    idle_at: Option<Timestamp>,
    /// On which ticket the customer believes that somebody types.
    typing_told: Option<TicketId>,
    wake_told: Option<Timestamp>,
    changed: bool,
    effects: Vec<Effect>,
}

impl AgentClient {
    /// One that rests. `build` is the one the page is of.
    #[must_use]
    pub fn new(build: String) -> Self {
        Self {
            clock: Clock::default(),
            upgrade: Upgrade::of(build),
            connection: Connection::new(),
            token: None,
            outbox: Outbox::new(),
            welcome: None,
            followed: None,
            keeps: false,
            drafts: BTreeMap::new(),
            draft_fault: None,
            refusals: BTreeMap::new(),
            availability: None,
            idle_at: None,
            typing_told: None,
            wake_told: None,
            changed: false,
            effects: Vec::new(),
        }
    }

    /// Takes what happened at `now`; `random` is fresh with every call. What is to be done comes back in order.
    pub fn handle(&mut self, input: Input, now: Timestamp, random: u32) -> Vec<Effect> {
        let now = self.clock.read(now);
        let at = Moment { now, random };
        match input {
            Input::Restored(kept) => {
                self.keeps = kept.keeps;
                self.drafts = kept.drafts.into_iter().collect();
                self.upgrade.restored(kept.reloaded_for);
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
            Input::ChannelPicked { ticket, to } => self.picked(ticket, to),
            Input::Edited { ticket, text } => self.edited(ticket, text, at),
            Input::Replied {
                cid,
                ticket,
                to,
                text,
            } => self.replied(cid, ticket, to, &text, at),
            Input::Asked { cid, ticket, ask } => self.ask(cid, ticket, ask, at),
            Input::DraftKept { survives } => self.keeps = survives,
            Input::RefusalRead(ticket) => self.changed |= self.refusals.remove(&ticket).is_some(),
            Input::AvailabilityChosen(to) => self.availability_chosen(to, at),
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
            Down::Welcome(welcome) => self.welcomed(welcome, at),
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

    /// What follows from the state, whatever led to it.
    fn settle(&mut self, at: Moment) {
        let live = self.connection.is_live();
        self.forget_drafts_of_the_erased();
        if live && let Some(item) = self.outbox.next_to_send(at.now) {
            let frame = item.body.frame(item.cid);
            self.effects.push(Effect::Send(frame));
        }
        if live {
            self.ask_for_what_is_missing(at);
        }
        let nothing_to_lose = self.keeps || self.drafts.values().all(Draft::is_blank);
        if self.idle_at.is_none()
            && self.outbox.items().is_empty()
            && nothing_to_lose
            && let Some(build) = self.upgrade.take()
        {
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
            let shown = wake.map(|at| self.clock.shows_at(at));
            self.effects.push(Effect::WakeAt(shown));
        }
    }
}
