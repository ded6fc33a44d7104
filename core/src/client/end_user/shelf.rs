//! What is being kept: a message is on the shelf before it is sent (R40), as long as there is one.
//!
//! One thing after the other is put there. Could the second be kept where the first was refused, another tab would
//! find it and send it first (I25). And what comes after a refusal is not kept at all.

use std::collections::VecDeque;

use super::super::moment::Moment;
use super::super::outbox::State;
use super::super::timeline::Written;
use super::{Effect, EndUserClient, Word};
use crate::ids::ClientMessageId;
use crate::time::{Span, Timestamp};

/// A shelf that takes longer than this is none.
const KEEPS_WITHIN: Span = Span(3_000);

/// What the page is told of a message that failed without this tab hearing of it.
const THROWN_AWAY: &str = "It was refused, and has been thrown away in another tab.";

/// The shelf, as the machine knows it: the shell has the place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Shelf {
    /// Whether what is kept outlives the page.
    works: bool,
    /// What is to be kept or forgotten, in order; the first is under way.
    changes: VecDeque<Change>,
    /// Until when the first is waited for.
    by: Option<Timestamp>,
    /// Whether the draft of before is left on the shelf until what it has become is there as well.
    draft_waits: bool,
    reading: Reading,
}

/// Whether a sender has seen on the shelf what is still to be sent. What another tab has settled while this one slept,
/// or could not hear it, is there no more: thrown away, say, after a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reading {
    /// It is to be read first.
    Due,
    /// It is being read.
    UnderWay,
    /// Read, with the whole log known.
    Done,
}

/// What is to change on the shelf.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Change {
    Keep(Written),
    Forget(ClientMessageId),
}

impl Change {
    const fn cid(&self) -> ClientMessageId {
        match self {
            Self::Keep(item) => item.cid,
            Self::Forget(cid) => *cid,
        }
    }
}

impl Shelf {
    pub(super) const fn new(works: bool) -> Self {
        Self {
            works,
            changes: VecDeque::new(),
            by: None,
            draft_waits: false,
            reading: Reading::Due,
        }
    }

    pub(super) const fn works(&self) -> bool {
        self.works
    }

    /// Whether all that is to be kept is kept.
    pub(super) fn is_settled(&self) -> bool {
        self.works && self.changes.is_empty()
    }

    /// Whether this is not as the shelf has it: the machine knows better.
    pub(super) fn is_changing(&self, cid: ClientMessageId) -> bool {
        self.changes.iter().any(|change| change.cid() == cid)
    }

    /// Whether a sender may rely on the outbox: nothing in it has been settled elsewhere.
    pub(super) fn is_read(&self) -> bool {
        !self.works || self.reading == Reading::Done
    }

    pub(super) const fn deadline(&self) -> Option<Timestamp> {
        self.by
    }

    fn change(&mut self, change: Change, now: Timestamp) -> Option<Effect> {
        if !self.works {
            return match change {
                Change::Keep(_) => None,
                Change::Forget(cid) => Some(Effect::Forget(cid)),
            };
        }
        self.changes.push_back(change);
        if self.by.is_some() { None } else { self.next(now) }
    }

    fn next(&mut self, now: Timestamp) -> Option<Effect> {
        let effect = match self.changes.front()? {
            Change::Keep(item) => Effect::Keep(item.clone()),
            Change::Forget(cid) => Effect::Forget(*cid),
        };
        self.by = Some(now.after(KEEPS_WITHIN));
        Some(effect)
    }

    /// What is still to be kept or forgotten goes at once: afterwards the shelf is another's.
    fn let_go(&mut self) -> Vec<Effect> {
        // The first is under way.
        let rest = core::mem::take(&mut self.changes).into_iter().skip(1);
        self.by = None;
        rest.map(|change| match change {
            Change::Keep(item) => Effect::Keep(item),
            Change::Forget(cid) => Effect::Forget(cid),
        })
        .collect()
    }

    /// What is still to be kept or forgotten is neither.
    pub(super) fn gives_up(&mut self) {
        self.changes.clear();
        self.by = None;
        self.draft_waits = false;
    }

    /// The first is done.
    fn done(&mut self, cid: ClientMessageId, now: Timestamp) -> Option<Effect> {
        if self.changes.front().is_none_or(|change| change.cid() != cid) {
            return None;
        }
        self.changes.pop_front();
        self.by = None;
        self.next(now)
    }
}

impl EndUserClient {
    pub(super) fn keep(&mut self, item: Written, at: Moment) {
        self.effects.extend(self.shelf.change(Change::Keep(item), at.now));
    }

    pub(super) fn forget(&mut self, cid: ClientMessageId, at: Moment) {
        self.effects
            .extend(self.shelf.change(Change::Forget(cid), at.now));
    }

    /// The draft goes to the shelf as it is now: at once, where nothing stands in line for it, so that it comes there
    /// after the message that it has become.
    pub(super) fn keep_draft(&mut self) {
        if self.shelf.works() && self.shelf.changes.len() > 1 {
            self.shelf.draft_waits = true;
        } else {
            self.shelf.draft_waits = false;
            self.effects.push(Effect::KeepDraft(self.draft.clone()));
        }
    }

    /// Whoever the device is from here on has a shelf of their own.
    pub(super) fn leave_shelf(&mut self) {
        let rest = self.shelf.let_go();
        self.effects.extend(rest);
        if self.shelf.draft_waits {
            self.keep_draft();
        }
    }

    /// The other tabs look too, and whoever leads has it to send.
    pub(super) fn shelved(&mut self, cid: ClientMessageId, at: Moment) {
        self.effects.extend(self.shelf.done(cid, at.now));
        if self.shelf.draft_waits {
            self.keep_draft();
        }
        if self.shelf.is_settled() {
            self.effects.push(Effect::Tell(Word::Look));
            if self.outbox.has_unsent() {
                self.ask_leader(at);
            }
        }
    }

    /// There is a server to send to, again: who has settled what meanwhile is on the shelf.
    pub(super) fn read_shelf_first(&mut self) {
        self.shelf.reading = Reading::Due;
    }

    /// Reads the shelf once all is known that the log has: what is in neither is no more to be sent.
    pub(super) fn read_shelf_if_due(&mut self) {
        if self.shelf.works() && self.shelf.reading == Reading::Due && self.sends() && self.knows_the_log() {
            self.shelf.reading = Reading::UnderWay;
            self.effects.push(Effect::Look);
        }
    }

    fn knows_the_log(&self) -> bool {
        self.connection.is_live() && !self.timeline.is_behind()
    }

    /// The shelf is the truth for all tabs, but for what this one is changing still.
    pub(super) fn looked(&mut self, mut kept: Vec<Written>, draft: Option<String>, at: Moment) {
        if let (true, Some(draft)) = (core::mem::take(&mut self.awaits_draft), draft) {
            self.draft = draft;
            self.changed = true;
        }
        // Where nothing more is kept, what this tab has in memory stays all the same.
        let own: Vec<_> = match self.shelf.works() {
            true => Vec::new(),
            false => self.outbox.items().iter().map(|item| item.cid).collect(),
        };
        self.answers();
        // Whoever has sent it was gone before it could be forgotten.
        let stands: Vec<_> = kept
            .extract_if(.., |item| self.timeline.has(item.cid))
            .map(|item| item.cid)
            .filter(|cid| !self.shelf.is_changing(*cid))
            .collect();
        self.gone_is_settled(&kept, at);
        let knows = self.knows_the_log();
        self.outbox
            .catch_up(kept, &|cid| own.contains(&cid) || self.shelf.is_changing(cid));
        if self.shelf.reading == Reading::UnderWay {
            self.shelf.reading = if knows { Reading::Done } else { Reading::Due };
        }
        self.changed = true;
        if self.sends() {
            for cid in stands {
                self.forget(cid, at);
            }
        }
        self.connect_if_unsent(at);
    }

    /// What was on its way, and is neither on the shelf nor in the log that this tab sees, is settled, and the page is told
    /// how. What was carried over a login stands in another log: whoever sent it knew, and forgot it, which a follower
    /// need not know the log for. The rest was refused.
    fn gone_is_settled(&mut self, kept: &[Written], at: Moment) {
        if !self.shelf.works() {
            return;
        }
        let (follows, knows) = (!self.sends(), self.knows_the_log());
        let gone = |item: &&Written| {
            (follows && item.body.carried || knows && matches!(item.state, State::Pending))
                && !self.shelf.is_changing(item.cid)
                && !kept.iter().any(|kept| kept.cid == item.cid)
        };
        let gone: Vec<_> = self
            .outbox
            .items()
            .iter()
            .filter(gone)
            .map(|item| (item.cid, item.body.carried))
            .collect();
        for (cid, was_carried) in gone {
            self.outbox.acknowledged(cid);
            if was_carried {
                self.stands(cid, at);
            } else {
                self.refuse_here(cid, "thrown_away", THROWN_AWAY);
            }
        }
    }

    /// The shelf is late; or the page has slept, and the shelf with it.
    pub(super) fn shelf_timer(&mut self, at: Moment) {
        match self.shelf.by {
            Some(by) if by.after(KEEPS_WITHIN) < at.now => self.shelf.by = Some(at.now.after(KEEPS_WITHIN)),
            Some(by) if by <= at.now => self.shelf_is_lost(at),
            Some(_) | None => {}
        }
    }

    pub(super) fn shelf_is_lost(&mut self, at: Moment) {
        // From here on the page's memory is all there is, and nothing waits for it.
        let before = core::mem::replace(&mut self.shelf, Shelf::new(false));
        // Once: what can't keep the draft either says again that the shelf is lost.
        if before.works() {
            self.keep_draft();
        }
        self.on_its_own(at);
    }
}
