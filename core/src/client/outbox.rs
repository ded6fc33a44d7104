//! The outbox: commands written here and not yet acknowledged, in the order in which they were written (R40).
//!
//! **One is in flight at a time** (I25). Were several on their way at once, the server could refuse one in the middle
//! for a while (its disk is full) and accept the next: the log would have them in another order than their writer. So
//! the head is sent, and sent again with the same id after each loss, until it is acknowledged or refused for good;
//! only then does the next one go. A round trip per message is the price; nobody types faster than that, and an
//! outbox written offline is short. Whatever is sent twice the server knows by its id (R11).
//!
//! Several tabs may hold the same items and all send them: each keeps the order, and the ids make it one message each.
//! What they share is the shelf, and each tab has the whole of it or none of it: were one told of the second message and
//! not of the first, it would send them in the wrong order.

use serde::{Deserialize, Serialize};

use super::connection::{backoff, share};
use crate::ids::ClientMessageId;
use crate::planted::{self, Bug};
use crate::time::{Span, Timestamp};
use crate::wire::Refused;

/// An acknowledgement that takes longer than this is asked for again, by sending again.
const ANSWER_WITHIN: Span = Span(10_000);
/// The longest wait that a server may ask for.
const LONGEST_WAIT_MS: u32 = 60_000;

/// A command in the outbox. What the shell keeps of it is its serde form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outgoing<C> {
    /// Its identity, the same in every attempt (R11).
    pub cid: ClientMessageId,
    /// What it asks.
    pub body: C,
    /// When it was written, or put to the end by a retry: the outbox is sorted by it.
    pub written_at: Timestamp,
    /// How far it is.
    pub state: State,
}

/// How far a command is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its turn, or for the connection.
    Pending,
    /// In flight.
    Sent,
    /// Refused for good: retrying as it is cannot mend it.
    Failed {
        /// The refusal's stable name.
        code: String,
        /// The refusal's sentence.
        message: String,
    },
}

/// What a refusal did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal<C> {
    /// It is sent again by itself.
    Waits,
    /// It has failed, and is kept until it is retried or discarded.
    Failed(Outgoing<C>),
    /// It is none of ours.
    Unknown,
}

/// The outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outbox<C> {
    items: Vec<Outgoing<C>>,
    /// Nothing is sent before this: the server asked for a pause, or an answer is awaited.
    not_before: Option<Timestamp>,
    /// Refusals in a row that asked for a pause.
    pauses: u32,
}

impl<C: Clone> Outbox<C> {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            items: Vec::new(),
            not_before: None,
            pauses: 0,
        }
    }

    /// All that is in it, in order.
    #[must_use]
    pub fn items(&self) -> &[Outgoing<C>] {
        &self.items
    }

    /// Whether anything waits or is in flight.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.items.iter().any(|item| !item.is_failed())
    }

    /// Puts a command at the end; answers the item to be kept.
    pub fn write(&mut self, cid: ClientMessageId, body: C, now: Timestamp) -> Outgoing<C> {
        // Each is later than those before it, also within one millisecond or after the clock was set back: what is
        // kept is sorted by it.
        let latest = self.items.iter().map(|item| item.written_at).max();
        let written_at = latest.map_or(now, |latest| now.max(latest.after(Span(1))));
        let item = Outgoing {
            cid,
            body,
            written_at,
            state: State::Pending,
        };
        self.items.push(item.clone());
        item
    }

    /// Takes in an item that was kept, by this tab before a reload or by another tab. One that is here already takes
    /// over nothing but a failure, and a retry after one.
    pub fn merge(&mut self, mut item: Outgoing<C>) {
        if item.state == State::Sent {
            item.state = State::Pending;
        }
        if let Some(at) = self.position(item.cid) {
            if self.items[at].is_failed() == item.is_failed() {
                return;
            }
            if self.items[at].state == State::Sent {
                self.not_before = None;
            }
            self.items.remove(at);
        }
        let at = self
            .items
            .iter()
            .rposition(|other| {
                other.state == State::Sent || (other.written_at, other.cid) <= (item.written_at, item.cid)
            })
            .map_or(0, |before| before + 1);
        self.items.insert(at, item);
    }

    /// All that is kept, by whichever tab. What is new comes in. A failure that is there no more is settled, and goes; of
    /// the rest that is not there the machine says what becomes of it. `own` is what this tab is still keeping or
    /// forgetting, and stays as it is here.
    pub fn catch_up(&mut self, kept: Vec<Outgoing<C>>, own: &dyn Fn(ClientMessageId) -> bool) {
        self.items.retain(|item| {
            !item.is_failed() || own(item.cid) || kept.iter().any(|kept| kept.cid == item.cid)
        });
        for item in kept {
            if !own(item.cid) {
                self.merge(item);
            }
        }
    }

    /// The one whose turn it is.
    #[must_use]
    pub fn head(&self) -> Option<&Outgoing<C>> {
        self.items.iter().find(|item| !item.is_failed())
    }

    /// The one to be sent now, if any: it is in flight from here on.
    pub fn next_to_send(&mut self, now: Timestamp) -> Option<&Outgoing<C>> {
        if self.not_before.is_some_and(|not_before| now < not_before) {
            return None;
        }
        let all_at_once = planted::is(Bug::SendsAllAtOnce);
        let waits = |item: &&mut Outgoing<C>| match item.state {
            State::Pending => true,
            State::Sent => !all_at_once,
            State::Failed { .. } => false,
        };
        let head = self.items.iter_mut().find(waits)?;
        head.state = State::Sent;
        self.not_before = if all_at_once {
            None
        } else {
            Some(now.after(ANSWER_WITHIN))
        };
        Some(head)
    }

    /// The connection is gone: what was in flight is sent again, first.
    pub fn disconnected(&mut self) {
        for item in &mut self.items {
            if item.state == State::Sent {
                item.state = State::Pending;
                self.not_before = None;
            }
        }
    }

    /// It stands: it is taken out and handed back.
    pub fn acknowledged(&mut self, cid: ClientMessageId) -> Option<Outgoing<C>> {
        let mut at = self.position(cid)?;
        if planted::is(Bug::LosesWhatWasNotAcknowledged) {
            at = self.items.len() - 1;
        }
        let item = self.items.remove(at);
        if item.state == State::Sent {
            self.not_before = None;
            self.pauses = 0;
        }
        Some(item)
    }

    /// It was not done. A refusal that names no command is about the one in flight: there is but one.
    pub fn refused(&mut self, refused: &Refused, now: Timestamp, random: u32) -> Refusal<C> {
        let found = self.items.iter_mut().find(|item| match refused.cid {
            Some(cid) => item.cid == cid,
            None => item.state == State::Sent,
        });
        let Some(item) = found else {
            return Refusal::Unknown;
        };
        // What stands in the way of another attempt than the one in flight is that attempt's own to tell.
        if item.state != State::Sent {
            return Refusal::Unknown;
        }
        if refused.retryable {
            item.state = State::Pending;
            let wait = match refused.retry_after_ms {
                // A quarter on top, spread: all clients of a server that pauses were told the same.
                Some(ms) => {
                    let ms = ms.min(LONGEST_WAIT_MS);
                    Span(i64::from(ms) + share(ms / 4, random))
                }
                None => backoff(self.pauses, random),
            };
            self.pauses = self.pauses.saturating_add(1);
            self.not_before = Some(now.after(wait));
            return Refusal::Waits;
        }
        item.state = State::Failed {
            code: refused.code.clone(),
            message: refused.message.clone(),
        };
        let item = item.clone();
        self.not_before = None;
        Refusal::Failed(item)
    }

    /// A failed one is to be tried again: it goes to the end, behind what was written since and may be in the log
    /// already. It keeps its id, unless the id was what was wrong: then it takes `fresh`. Answers it as it is now.
    pub fn retry(
        &mut self,
        cid: ClientMessageId,
        fresh: ClientMessageId,
        now: Timestamp,
    ) -> Option<Outgoing<C>> {
        let at = self.position(cid)?;
        let cid = match &self.items[at].state {
            State::Pending | State::Sent => return None,
            State::Failed { code, .. } if code.starts_with("cid_") => fresh,
            State::Failed { .. } => cid,
        };
        let item = self.items.remove(at);
        Some(self.write(cid, item.body, now))
    }

    /// Throws a failed one away, and hands it back.
    pub fn discard(&mut self, cid: ClientMessageId) -> Option<Outgoing<C>> {
        let at = self.position(cid)?;
        if self.items[at].is_failed() {
            Some(self.items.remove(at))
        } else {
            None
        }
    }

    /// Changes what all of them ask, where what they were written against is no more.
    pub fn rewrite(&mut self, change: impl Fn(&mut C)) {
        for item in &mut self.items {
            change(&mut item.body);
        }
    }

    /// When [`Outbox::next_to_send`] is worth another look.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        if self.has_unsent() { self.not_before } else { None }
    }

    fn position(&self, cid: ClientMessageId) -> Option<usize> {
        self.items.iter().position(|item| item.cid == cid)
    }
}

impl<C> Outgoing<C> {
    /// Whether it was refused for good.
    #[must_use]
    pub const fn is_failed(&self) -> bool {
        match self.state {
            State::Pending | State::Sent => false,
            State::Failed { .. } => true,
        }
    }
}

impl<C: Clone> Default for Outbox<C> {
    fn default() -> Self {
        Self::new()
    }
}
