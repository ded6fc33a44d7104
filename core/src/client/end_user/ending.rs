//! `End chat` (R17): when it is on offer, and what came of it.
//!
//! An end that somebody else has made shows nowhere (R20), so here too: what they have ended stays on offer as if it
//! lived. Whoever presses then is told what they are told in a live session: the chat is over. And as it would in a
//! live one, that holds in every tab and after a reload: which session the end user has ended is kept.

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
    command: Option<Command>,
    /// The session that the end user has ended last, in whichever tab: its report may name another reason (R18), or
    /// leave it out.
    ended: Option<SessionId>,
}

/// What the server is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Command {
    cid: ClientMessageId,
    /// The session it was sent for. None while it waits for what was written before it: that may begin another one.
    sent_for: Option<SessionId>,
}

impl Ender {
    /// One that knows what the end user has ended before.
    pub(super) fn restored(ended: Option<SessionId>) -> Self {
        Self {
            ended,
            ..Self::default()
        }
    }

    pub(super) const fn state(&self) -> &Ending {
        &self.state
    }

    /// The session that the end user has ended last.
    pub(super) const fn ended(&self) -> Option<SessionId> {
        self.ended
    }

    /// Whether `End chat` is on offer.
    pub(super) fn is_offered(&self, latest: Option<SessionReport>) -> bool {
        let lives = |report: SessionReport| match report.state {
            SessionState::Active | SessionState::Inactive => report.ticket != Some(Status::Closed),
            SessionState::Ended => report.ended != Some(EndReason::EndedByEndUser),
        };
        self.allowed && latest.is_some_and(|latest| self.ended != Some(latest.id) && lives(latest))
    }

    /// `End chat`, confirmed.
    pub(super) fn pressed(&mut self, cid: ClientMessageId, latest: Option<SessionReport>, live: bool) {
        if latest.is_none() {
            return;
        }
        if live {
            self.state = Ending::Asked;
            self.command = Some(Command { cid, sent_for: None });
        } else {
            self.state = Ending::Unreachable;
        }
    }

    /// The command, once, when all that was written before it stands, for the session that this came to. Where that
    /// one has ended there is nothing to ask.
    pub(super) fn take_unsent(
        &mut self,
        latest: Option<SessionReport>,
    ) -> Option<(ClientMessageId, SessionId)> {
        let (command, latest) = (self.command.as_mut()?, latest?);
        if command.sent_for.is_some() {
            return None;
        }
        command.sent_for = Some(latest.id);
        let cid = command.cid;
        self.learn(Some(latest));
        match latest.state {
            SessionState::Active | SessionState::Inactive => Some((cid, latest.id)),
            SessionState::Ended => None,
        }
    }

    /// The latest session is known to be this. Where the one that was asked for has ended, by whomever, so has the
    /// wait; where another has followed it, the end user has gone on, here or in another tab.
    pub(super) fn learn(&mut self, latest: Option<SessionReport>) {
        let Some(latest) = latest else { return };
        if let Some(session) = self.command.and_then(|command| command.sent_for)
            && (latest.id != session || latest.state == SessionState::Ended)
        {
            self.command = None;
            self.state = Ending::Done;
            self.ended = Some(session);
        }
        if self.state == Ending::Done && self.ended != Some(latest.id) {
            self.state = Ending::Nothing;
        }
    }

    /// The end user has ended this session in another tab.
    pub(super) const fn ended_elsewhere(&mut self, session: SessionId) {
        self.ended = Some(session);
    }

    /// The connection goes on: a command of the old one is not sent again, and it has not been done.
    pub(super) fn resumed(&mut self) {
        if self.command.take().is_some() {
            self.state = Ending::Unreachable;
        }
    }

    /// Whether the refusal was meant for this.
    pub(super) fn refused(&mut self, refused: &Refused) -> bool {
        let ours = self
            .command
            .is_some_and(|command| refused.cid == Some(command.cid));
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
