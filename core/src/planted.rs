//! Bugs on purpose, to show that the instruments which are to find such bugs do find them.
//!
//! Each is one that systems of this kind have had, in a few lines at the place where one would make it. Without the
//! feature `planted`, which only the proofs and their users among the tests switch on, none of it is there.

/// A bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Bug {
    /// A message after the end goes on in the old conversation.
    Reopens = 1,
    /// Each message after an end opens a conversation of its own.
    OpensOneEach,
    /// The first end does not stand: the second overwrites who and when.
    EndsAgain,
    /// The end is a line in the customer's log, and so has a number there.
    EndLeaks,
    /// A conversation is forgotten by its age, whatever was said since.
    TimerIgnoresMessages,
    /// The ticket is given away without a look whether it waits still.
    AssignsTwice,
    /// A ticket is given to an agent without a look whether there is room still.
    OverfillsAgent,
    /// A second handoff makes a second ticket.
    HandsOffTwice,
    /// What was written before a question was shown is taken as its answer.
    TakesOldForAnswer,
    /// The bot answers though people have the conversation.
    BotGoesOn,
    /// Whether agents may end is asked when the button is drawn, not when it is pressed.
    EndsThoughSwitchedOff,
    /// After a reconnect the session is believed to be what it was.
    ForgetsSessionOnResume,
    /// Entries after a hole are taken in as if there were none.
    JumpsHole,
    /// An acknowledgement lets go of whatever was sent last.
    LosesWhatWasNotAcknowledged,
    /// The time is taken as the clock shows it, though the last entry is later.
    TakesClockAsItIs,
    /// The server acknowledges before the disk has synced.
    AcksBeforeSync,
    /// What goes to the ticket's log is a transaction of its own.
    TearsLogsApart,
    /// A commit has failed, and what was decided in it is believed all the same.
    KeepsStateOverRollback,
    /// What is due by time is remembered by the process alone.
    LosesTimersOnRestart,
    /// The job to assign is remembered by the process alone.
    KeepsJobsInMemory,
    /// A slot is given back by the end, and by solving once more.
    FreesSlotTwice,
    /// The queue is read once, and believed ever after.
    LooksAtOldQueue,
    /// A socket does not look whether its notices have told all.
    TrustsNotices,
    /// A retry is taken for a new message.
    ForgetsClientIds,
    /// A session is silenced without a look whether its customer has written meanwhile.
    SilencesWhoSpoke,
    /// A ticket is closed without a look whether it was reopened meanwhile.
    ClosesWhatWasReopened,
    /// The end solves the ticket.
    EndSolves,
    /// The end is a line in one log for all, and is left out for the customer, its number and all.
    EndIsFiltered,
    /// An ended session is still in the queue.
    EndedStillWaits,
    /// A message after the end goes to people at once: the bot has been heard already.
    SkipsBot,
    /// The outbox sends all that it holds, and relies on the network for the order.
    SendsAllAtOnce,
    /// Whoever names a client id is told what came of it, whoever has sent it.
    AnswersAnyone,
    /// A read mark is believed as the client says it.
    BelievesReadMarks,
    /// After a restore a client goes on with the log it has.
    KeepsLogOverRestore,
    /// Whoever names a session may end it: it is not asked whose it is.
    EndsAnothersSession,
    /// An erasure leaves what agents noted about the person.
    SparesNotesOfErased,
    /// A backup of before an erasure brings the person back.
    RaisesErased,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 37] = [
        Self::Reopens,
        Self::OpensOneEach,
        Self::EndsAgain,
        Self::EndLeaks,
        Self::TimerIgnoresMessages,
        Self::AssignsTwice,
        Self::OverfillsAgent,
        Self::HandsOffTwice,
        Self::TakesOldForAnswer,
        Self::BotGoesOn,
        Self::EndsThoughSwitchedOff,
        Self::ForgetsSessionOnResume,
        Self::JumpsHole,
        Self::LosesWhatWasNotAcknowledged,
        Self::TakesClockAsItIs,
        Self::AcksBeforeSync,
        Self::TearsLogsApart,
        Self::KeepsStateOverRollback,
        Self::LosesTimersOnRestart,
        Self::KeepsJobsInMemory,
        Self::FreesSlotTwice,
        Self::LooksAtOldQueue,
        Self::TrustsNotices,
        Self::ForgetsClientIds,
        Self::SilencesWhoSpoke,
        Self::ClosesWhatWasReopened,
        Self::EndSolves,
        Self::EndIsFiltered,
        Self::EndedStillWaits,
        Self::SkipsBot,
        Self::SendsAllAtOnce,
        Self::AnswersAnyone,
        Self::BelievesReadMarks,
        Self::KeepsLogOverRestore,
        Self::EndsAnothersSession,
        Self::SparesNotesOfErased,
        Self::RaisesErased,
    ];
}

#[cfg(feature = "planted")]
mod switch {
    use core::sync::atomic::{AtomicU8, Ordering};

    use super::Bug;

    static PLANTED: AtomicU8 = AtomicU8::new(0);

    /// Plants a bug in the whole process, or none.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.store(bug.map_or(0, |bug| bug as u8), Ordering::SeqCst);
    }

    /// Whether it is planted.
    #[must_use]
    pub fn is(bug: Bug) -> bool {
        PLANTED.load(Ordering::Relaxed) == bug as u8
    }
}

#[cfg(feature = "planted")]
pub use switch::{is, plant};

/// Whether it is planted: never.
#[cfg(not(feature = "planted"))]
#[must_use]
#[inline(always)]
pub const fn is(_: Bug) -> bool {
    false
}
