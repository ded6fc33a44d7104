//! One leader among the tabs of a visitor: the tab that holds a lock has the socket and sends the outbox, the others
//! follow it over a channel.
//!
//! An optimisation and no more: what is right is so by the ids of the messages and the numbers of the log, however
//! many tabs believe that they lead. So nothing here waits for certainty. A leader that closes or dies loses its lock
//! at once, and the next in line has it. One that the browser has frozen neither answers nor lets go: whoever asks it
//! in vain takes the lock away; and where that does not help either, goes on its own.
//!
//! It knows no frames: see `end_user/among_tabs.rs` for what leader and followers say to each other.

use super::connection::share;
use super::moment::Moment;
use crate::time::{Span, Timestamp};

/// How long a leader may take to answer, and a lock that is taken away to be had.
const ANSWERS_WITHIN: Span = Span(4_000);
/// Up to so much longer, by chance, that not all followers take the lock at once; in milliseconds.
const SPREAD_MS: u32 = 2_000;

/// A tab's name among the others; chance makes it its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TabId(pub u32);

/// Since when a leader leads. Of two that believe so, the later is right.
pub type Term = Timestamp;

/// How a leader is connected, as its followers are told. In this order they go over the channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// For the first time, or it is not known yet.
    Connecting,
    /// Welcomed by the server: it can be greeted.
    Live,
    /// Lost; attempts go on.
    Offline,
    /// None: the login's time is over, and some page is to say anew who this is (R47).
    LoginOver,
}

/// What a tab is to the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Nobody wants a connection yet.
    Undecided,
    /// On its own, with a socket of its own.
    Alone,
    /// The lock is asked for. Whoever has it leads.
    Following {
        /// The leader that was heard last.
        leader: Option<Term>,
        /// What it was asked last, if it has not been heard since.
        asked: Option<Asked>,
        /// Whether asking in vain is reason enough to take the lock: not again, where that has led to nothing.
        may_steal: bool,
    },
    /// The lock is held.
    Leading {
        /// Since when.
        term: Term,
    },
}

/// A question to the leader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Asked {
    /// Until when an answer is waited for.
    by: Timestamp,
}

/// What an unanswered question leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unanswered {
    /// Nothing: an answer is not due.
    NotYet,
    /// This tab has slept itself: it is to ask again.
    AskAgain,
    /// The lock is to be taken away.
    Steal,
    /// This tab goes on its own.
    GoAlone,
}

/// Who speaks as a leader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Heard {
    /// Not this tab's leader, or not any more.
    Stranger,
    /// The leader that was followed.
    Leader,
    /// A leader that is new to this tab.
    NewLeader,
    /// This tab led, and another has taken its place.
    Successor,
}

impl Role {
    /// As a follower that has heard of nobody.
    pub(super) const fn queueing(leader: Option<Term>, may_steal: bool) -> Self {
        Self::Following {
            leader,
            asked: None,
            may_steal,
        }
    }

    /// Since when it leads, if it does.
    pub(super) const fn leads(self) -> Option<Term> {
        match self {
            Self::Leading { term } => Some(term),
            Self::Undecided | Self::Alone | Self::Following { .. } => None,
        }
    }

    /// Whether another tab speaks to the server for it.
    pub(super) const fn follows(self) -> bool {
        match self {
            Self::Following { .. } => true,
            Self::Undecided | Self::Alone | Self::Leading { .. } => false,
        }
    }

    /// The lock was given to it: as of which term it leads, if it had asked.
    pub(super) fn elected(&mut self, now: Timestamp) -> Option<Term> {
        let Self::Following { leader, .. } = *self else {
            return None;
        };
        let term = leader.map_or(now, |before| now.max(before.after(Span(1))));
        *self = Self::Leading { term };
        Some(term)
    }

    /// A leader is heard. `answers`: by a word of its own, which it gives when it is able to lead.
    pub(super) fn hears(&mut self, term: Term, answers: bool) -> Heard {
        match self {
            Self::Undecided | Self::Alone => Heard::Stranger,
            Self::Leading { term: own } if term > *own => Heard::Successor,
            Self::Leading { .. } => Heard::Stranger,
            Self::Following { leader, .. } if leader.is_some_and(|known| term < known) => Heard::Stranger,
            Self::Following {
                leader,
                asked,
                may_steal,
            } => {
                let heard = if *leader == Some(term) {
                    Heard::Leader
                } else {
                    Heard::NewLeader
                };
                *leader = Some(term);
                if answers {
                    (*asked, *may_steal) = (None, true);
                }
                heard
            }
        }
    }

    /// The leader is asked for a sign of life.
    pub(super) fn asks(&mut self, at: Moment) {
        if let Self::Following { asked, .. } = self {
            let by = at
                .now
                .after(ANSWERS_WITHIN)
                .after(Span(share(SPREAD_MS, at.random)));
            *asked = asked.or(Some(Asked { by }));
        }
    }

    /// Until when an answer is waited for.
    pub(super) const fn deadline(self) -> Option<Timestamp> {
        match self {
            Self::Following {
                asked: Some(Asked { by }),
                ..
            } => Some(by),
            Self::Following { asked: None, .. } | Self::Undecided | Self::Alone | Self::Leading { .. } => {
                None
            }
        }
    }

    /// Whether a question has gone unanswered for too long, and what follows.
    pub(super) fn unanswered(&mut self, now: Timestamp) -> Unanswered {
        let Self::Following { asked, may_steal, .. } = self else {
            return Unanswered::NotYet;
        };
        let Some(Asked { by }) = asked.filter(|asked| asked.by <= now) else {
            return Unanswered::NotYet;
        };
        *asked = None;
        if now > by.after(ANSWERS_WITHIN) {
            Unanswered::AskAgain
        } else if core::mem::take(may_steal) {
            Unanswered::Steal
        } else {
            Unanswered::GoAlone
        }
    }
}
