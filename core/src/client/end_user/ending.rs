//! `End chat` (R17): when it is on offer, and what came of it.
//!
//! An end that somebody else has made shows nowhere (R20), so here too: what they have ended stays on offer as if it
//! lived. Whoever presses then is told what they are told in a live session: the chat is over.

use crate::ids::{ClientMessageId, SessionId};
use crate::session::{EndReason, SessionState};
use crate::ticket::Status;
use crate::wire::Refused;
use crate::wire::end_user::SessionReport;

/// What came of the last `End chat`, until the end user goes on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Ending {
    /// Nothing to say.
    #[default]
    Nothing,
    /// The server is asked.
    Asked,
    /// The chat is over.
    Done,
    /// There was no connection, or it broke before the answer: nothing is kept for later.
    Unreachable,
    /// The server has refused.
    Refused(Refused),
}

/// Follows an end from the press to its answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Ender {
    /// Whether the account lets end users end their sessions, as the server said last.
    pub(super) allowed: bool,
    state: Ending,
    /// The command that the server is asked, and whether it is sent.
    command: Option<(ClientMessageId, SessionId, bool)>,
    /// The session that was ended from here: its report may leave out why it ended.
    ended_here: Option<SessionId>,
}

impl Ender {
    pub(super) const fn state(&self) -> &Ending {
        &self.state
    }

    /// Whether `End chat` is on offer.
    pub(super) fn is_offered(&self, latest: Option<SessionReport>) -> bool {
        let lives = |report: SessionReport| match report.state {
            SessionState::Active | SessionState::Inactive => report.ticket != Some(Status::Closed),
            SessionState::Ended => {
                report.ended != Some(EndReason::EndedByEndUser) && self.ended_here != Some(report.id)
            }
        };
        self.allowed && latest.is_some_and(lives)
    }

    /// `End chat`, confirmed.
    pub(super) fn pressed(&mut self, cid: ClientMessageId, latest: Option<SessionReport>, live: bool) {
        let Some(latest) = latest else { return };
        if live {
            self.state = Ending::Asked;
            self.command = Some((cid, latest.id, false));
        } else {
            self.state = Ending::Unreachable;
        }
        self.learn(Some(latest));
    }

    /// The command, once.
    pub(super) fn take_unsent(&mut self) -> Option<(ClientMessageId, SessionId)> {
        let (cid, session, sent) = self.command.as_mut()?;
        (!core::mem::replace(sent, true)).then_some((*cid, *session))
    }

    /// The latest session is known to be this: where it has ended, by whomever, so has the wait.
    pub(super) fn learn(&mut self, latest: Option<SessionReport>) {
        let Some((_, session, _)) = self.command else {
            return;
        };
        let over = latest.is_some_and(|latest| latest.id != session || latest.state == SessionState::Ended);
        if over {
            self.state = Ending::Done;
            self.command = None;
            self.ended_here = Some(session);
        }
    }

    /// The connection goes on: a command that was on the old one is not sent again, and it has not been done.
    pub(super) fn resumed(&mut self) {
        if self.command.take().is_some() {
            self.state = Ending::Unreachable;
        }
    }

    /// Whether the refusal was meant for this.
    pub(super) fn refused(&mut self, refused: &Refused) -> bool {
        let ours = self.command.is_some_and(|(cid, ..)| refused.cid == Some(cid));
        if ours {
            self.command = None;
            self.state = Ending::Refused(refused.clone());
        }
        ours
    }

    /// The end user goes on: what was said is said.
    pub(super) fn put_away(&mut self) {
        if self.command.is_none() {
            self.state = Ending::Nothing;
        }
    }
}
