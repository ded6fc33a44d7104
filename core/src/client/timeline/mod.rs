//! The timeline: what stands on the end user's screen.
//!
//! It is the fold of what the server sends: entries, dense and in order (R41), and the session's state beside them.
//! Under them stand the end user's own messages that have not come back as entries yet, matched by their id, so that
//! nothing flickers or doubles whether the acknowledgement or the entry comes first.
//!
//! Where an own message will go is **predicted by the session rule** (R09): a message written after the end stands in
//! the fresh conversation at once; the acknowledgement confirms or corrects it. The screen says none of this (R20):
//! rows are the same with and without the end.

mod rows;

pub use rows::{InConversation, Row, RowKey, Standing};

use serde::{Deserialize, Serialize};

use super::outbox::Outgoing;
use crate::ids::{ChatThreadId, ClientMessageId, Seq, SessionId};
use crate::message::{Author, ThreadEntry};
use crate::planted::{self, Bug};
use crate::session::{EndReason, Placement, SessionState, placement};
use crate::wire::end_user::{Ack, Resumed, SessionReport};

/// What the end user said, as the outbox holds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Said {
    /// The words, parsed by [`crate::message::Text`].
    pub text: String,
    /// The session it was composed against, as its writer knew (R09).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The last number its writer had seen (R10).
    #[serde(default)]
    pub seen: Seq,
    /// Of which log that number is; none where there was none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogMark>,
    /// It was written before a login, so an earlier try may have been taken from whoever the writer was then (R11).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub carried: bool,
}

/// Which log a number is of, in short: folded from the epoch and the chat thread, of which chance has made both. In
/// another epoch, or in another chat thread, the number means nothing (R10, I26).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogMark(pub u64);

impl LogMark {
    /// As many bits as each number of JSON has.
    const BITS: u32 = 53;

    fn of(epoch: u64, thread: ChatThreadId) -> Self {
        let (_, random) = thread.0.as_u64_pair();
        Self((epoch ^ random) & ((1 << Self::BITS) - 1))
    }
}

/// A message of the end user's on its way.
pub type Written = Outgoing<Said>;

/// What the timeline has learnt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// The server's data is another than before: what was known is forgotten (I26).
    Reset,
    /// An own message stands in the log.
    Stands(ClientMessageId),
    /// A conversation has begun.
    Started(SessionId),
    /// The session has ended: said once per end (R20).
    Ended {
        /// Which one.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// What came does not follow what is there: start again from [`Timeline::head`].
    Hole,
}

/// What stands on the end user's screen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Timeline {
    epoch: Option<u64>,
    thread: Option<ChatThreadId>,
    /// Numbers 1, 2, 3 … without holes.
    entries: Vec<ThreadEntry>,
    /// The last number that is known to exist.
    known_head: Seq,
    /// The last number there was when the connection resumed: entries up to it are old news.
    resumed_at: Seq,
    read: Seq,
    session: Option<SessionReport>,
    /// Sessions that are not the latest any more: one that was left never comes back.
    left: Vec<Left>,
    /// Acknowledged, but their entries have not come yet.
    landed: Vec<Landed>,
    agent_typing: bool,
}

/// A session that another has followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Left {
    id: SessionId,
    /// Its end is still to be told of: it was live when the next one came.
    end_untold: bool,
}

/// An own message between its acknowledgement and its entry.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Landed {
    message: Written,
    ack: Ack,
}

impl Timeline {
    /// One on which nothing stands, with what an earlier page knew of the session, if anything.
    #[must_use]
    pub fn new(session: Option<SessionReport>) -> Self {
        Self {
            session,
            ..Self::default()
        }
    }

    /// The connection goes on. Anything of another epoch, or of another chat thread, is forgotten.
    pub fn resumed(&mut self, resumed: &Resumed) -> Vec<News> {
        let mut news = Vec::new();
        let another_epoch =
            self.epoch.is_some_and(|epoch| epoch != resumed.epoch) && !planted::is(Bug::KeepsLogOverRestore);
        let another_thread = self.thread.is_some() && self.thread != resumed.thread;
        let shrunk = resumed.head < self.head();
        // Acknowledged in a log of which no more was told, and which is not this one: it would be waited for for ever.
        let another_thread = another_thread || resumed.thread.is_none() && self.known_head > Seq(0);
        if another_epoch || another_thread || shrunk {
            *self = Self::default();
            news.push(News::Reset);
            if !another_epoch {
                // The server goes on from a number that means nothing any more.
                news.push(News::Hole);
            }
        }
        let first = self.epoch.is_none();
        self.epoch = Some(resumed.epoch);
        self.thread = resumed.thread;
        self.known_head = self.known_head.max(resumed.head);
        self.resumed_at = resumed.head;
        self.read = self.read.max(resumed.read);
        self.agent_typing = false;
        if planted::is(Bug::ForgetsSessionOnResume) && !first {
            return news;
        }
        if let Some(report) = resumed.session {
            self.left.retain(|left| left.id != report.id);
            // What was kept may be of before a restore: an end as well.
            let is_old = |known: SessionReport| known.id != report.id || known.state == SessionState::Ended;
            if first && self.session.is_none_or(is_old) {
                self.session = Some(report);
            } else {
                self.reported(report, &mut news);
            }
        } else if first {
            self.session = None;
        }
        news
    }

    /// A message as it is written now, against what stands here.
    #[must_use]
    pub fn says(&self, text: String) -> Said {
        Said {
            text,
            session: self.session.map(|session| session.id),
            seen: self.head(),
            log: self.log(),
            carried: false,
        }
    }

    /// What of what its writer knew counts in this log: the session and the last number. Before a restore, or before
    /// a login, a message may have been written against another one, and no question of this one was shown.
    #[must_use]
    pub fn counts(&self, said: &Said) -> (Option<SessionId>, Seq) {
        if said.log == self.log() {
            (said.session, said.seen)
        } else {
            (said.session.filter(|_| said.log.is_none()), Seq(0))
        }
    }

    fn log(&self) -> Option<LogMark> {
        Some(LogMark::of(self.epoch?, self.thread?))
    }

    /// Entries have come: those known already are ignored; a hole is never jumped.
    pub fn entries_came(&mut self, entries: Vec<ThreadEntry>) -> Vec<News> {
        let mut news = Vec::new();
        for entry in entries {
            self.known_head = self.known_head.max(entry.seq);
            if entry.seq <= self.head() {
                continue;
            }
            if entry.seq != self.head().next() && !planted::is(Bug::JumpsHole) {
                news.push(News::Hole);
                break;
            }
            if let (Author::EndUser, Some(cid)) = (&entry.author, entry.cid) {
                news.push(News::Stands(cid));
            } else {
                self.agent_typing = false;
            }
            self.belongs_to(entry.session, entry.seq, &mut news);
            self.entries.push(entry);
        }
        let head = self.head();
        self.landed.retain(|landed| landed.ack.seq > head);
        news
    }

    /// The latest session's state. What is older than what is known is ignored.
    pub fn session_reported(&mut self, report: SessionReport) -> Vec<News> {
        let mut news = Vec::new();
        match self.left.iter_mut().find(|left| left.id == report.id) {
            None => self.reported(report, &mut news),
            // The message after has overtaken the news of the end.
            Some(left) => {
                if let (true, Some(reason)) = (left.end_untold, report.ended) {
                    left.end_untold = false;
                    news.push(News::Ended {
                        session: report.id,
                        reason,
                    });
                }
            }
        }
        news
    }

    /// A message stands; `message` is the outbox's, if it was there still.
    pub fn acknowledged(&mut self, ack: Ack, message: Option<Written>) -> Vec<News> {
        let mut news = Vec::new();
        if ack.seq <= self.head() {
            return news;
        }
        self.known_head = self.known_head.max(ack.seq);
        self.belongs_to(ack.session, ack.seq, &mut news);
        if let Some(message) = message {
            let at = self.landed.partition_point(|landed| landed.ack.seq <= ack.seq);
            self.landed.insert(at, Landed { message, ack });
        }
        news
    }

    /// Read up to here: the mark only grows, and never passes the head (I30).
    pub fn read_upto(&mut self, seq: Seq) {
        self.read = self.read.max(seq.min(self.known_head));
    }

    /// An agent types, or has stopped.
    pub const fn agent_types(&mut self, on: bool) {
        self.agent_typing = on;
    }

    /// The epoch of what stands here, to be told in the hello.
    #[must_use]
    pub const fn epoch(&self) -> Option<u64> {
        self.epoch
    }

    /// The chat thread, once there is one.
    #[must_use]
    pub const fn thread(&self) -> Option<ChatThreadId> {
        self.thread
    }

    /// The last number that stands here.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.entries.last().map_or(Seq(0), |last| last.seq)
    }

    /// The last number that is known to exist.
    #[must_use]
    pub const fn known_head(&self) -> Seq {
        self.known_head
    }

    /// Whether entries are known to exist that have not come.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.head() < self.known_head
    }

    /// The read mark.
    #[must_use]
    pub const fn read(&self) -> Seq {
        self.read
    }

    /// The latest session, as far as it is known.
    #[must_use]
    pub const fn session(&self) -> Option<SessionReport> {
        self.session
    }

    /// The log itself.
    #[must_use]
    pub fn entries(&self) -> &[ThreadEntry] {
        &self.entries
    }

    /// Whether an agent is typing.
    #[must_use]
    pub const fn is_agent_typing(&self) -> bool {
        self.agent_typing
    }

    /// Whether a message is in the log, or acknowledged.
    #[must_use]
    pub fn has(&self, cid: ClientMessageId) -> bool {
        self.landed.iter().any(|landed| landed.ack.cid == cid)
            || self.entries.iter().rev().any(|entry| entry.cid == Some(cid))
    }

    /// How many entries of others stand beyond the read mark.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.entries
            .iter()
            .rev()
            .take_while(|entry| entry.seq > self.read)
            .filter(|entry| entry.author != Author::EndUser)
            .count()
    }

    /// Who answers now: whoever of the other side spoke last. Taken from the log and not from the session's state,
    /// so that an end shows nowhere (R20).
    #[must_use]
    pub fn responder(&self) -> Option<&Author> {
        self.entries
            .iter()
            .rev()
            .map(|entry| &entry.author)
            .find(|author| **author != Author::EndUser)
    }

    /// The quick replies on offer: those of the last entry, until something is said after it. What has failed was
    /// not said.
    #[must_use]
    pub fn quick_replies(&self, outbox: &[Written]) -> &[String] {
        let answered = !self.landed.is_empty() || outbox.iter().any(|message| !message.is_failed());
        match self.entries.last() {
            Some(last) if !answered => &last.replies,
            Some(_) | None => &[],
        }
    }

    /// Where the session rule would place a message now (R09).
    #[must_use]
    pub fn foresees(&self) -> Placement {
        placement(self.session.map(|report| (report.state, report.ticket)))
    }

    /// An entry or an acknowledgement shows the session under a number: a newer one than known has begun.
    fn belongs_to(&mut self, session: SessionId, seq: Seq, news: &mut Vec<News>) {
        let is_latest = self.session.is_some_and(|known| known.id == session);
        if is_latest || self.left.iter().any(|left| left.id == session) {
            return;
        }
        if seq <= self.resumed_at {
            // Old news: when the connection resumed, the latest session was told with it.
            self.left.push(Left {
                id: session,
                end_untold: false,
            });
            return;
        }
        let report = SessionReport {
            id: session,
            state: SessionState::Active,
            ticket: None,
            ended: None,
        };
        self.reported(report, news);
    }

    /// Takes over a report of the session that is known, or of a newer one. An end is for good (I01).
    fn reported(&mut self, report: SessionReport, news: &mut Vec<News>) {
        let known = self.session.filter(|known| known.id == report.id);
        match known.map(|known| known.state) {
            Some(SessionState::Ended) => return,
            Some(SessionState::Active | SessionState::Inactive) => {}
            None => {
                self.left.extend(self.session.map(|left| Left {
                    id: left.id,
                    end_untold: left.state != SessionState::Ended,
                }));
                news.push(News::Started(report.id));
            }
        }
        self.session = Some(report);
        if let (SessionState::Ended, Some(reason)) = (report.state, report.ended) {
            news.push(News::Ended {
                session: report.id,
                reason,
            });
        }
    }
}
