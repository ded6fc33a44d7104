//! The rows and both logs, as far as they are safe on the disk.
//!
//! A [`History`] remembers what was safe before, so that what may not change is seen to stay.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::conversation::Conversation;
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::routing::assign;
use causerie_core::session::{End, SessionState};
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::ticket::{Priority, Status, Ticket};
use causerie_core::{ChatThreadId, ClientMessageId, Seq, SessionId, TicketId, Timestamp};

use super::{Check, holds};
use crate::twin::Rows;

/// What was safe before.
#[derive(Clone, Debug, Default)]
pub struct History {
    ends: BTreeMap<SessionId, (End, Seq)>,
    pub(super) said: BTreeMap<ChatThreadId, Vec<ThreadEntry>>,
    pub(super) logged: BTreeMap<TicketId, Vec<TicketEntry>>,
    pub(super) stands: BTreeMap<ClientMessageId, (ChatThreadId, Seq)>,
    read: BTreeMap<ChatThreadId, Seq>,
    last_at: BTreeMap<ChatThreadId, Timestamp>,
    /// The chat threads, and the tickets, of those who are erased.
    pub(super) erased: BTreeSet<ChatThreadId>,
    pub(super) erased_tickets: BTreeSet<TicketId>,
    /// The ids of messages that stood there.
    pub(super) gone: BTreeSet<ClientMessageId>,
}

impl History {
    /// Something may have become safe.
    ///
    /// # Errors
    /// Which invariant is broken.
    pub fn grows(&mut self, rows: &Rows) -> Check {
        for thread in rows.threads.keys() {
            self.thread_log(rows, *thread)?;
            self.conversations(rows, *thread)?;
        }
        for ticket in rows.tickets.keys() {
            self.ticket_log(rows, *ticket)?;
        }
        holds(
            rows.logged.len() == self.logged.values().map(Vec::len).sum::<usize>()
                && rows.said.len() == self.said.values().map(Vec::len).sum::<usize>(),
            "i33 every entry belongs to a row",
            || "an entry without its chat thread or ticket".to_owned(),
        )
    }

    /// Where a customer's message stands.
    #[must_use]
    pub fn where_stands(&self, cid: ClientMessageId) -> Option<(ChatThreadId, Seq)> {
        self.stands.get(&cid).copied()
    }

    /// All customers' messages that stand.
    pub fn standing(&self) -> impl Iterator<Item = ClientMessageId> {
        self.stands.keys().copied()
    }

    /// The chat threads of those who are erased.
    pub fn erased(&self) -> impl Iterator<Item = ChatThreadId> {
        self.erased.iter().copied()
    }

    /// The log of a chat thread.
    #[must_use]
    pub fn log(&self, thread: Option<ChatThreadId>) -> &[ThreadEntry] {
        let log = thread.and_then(|thread| self.said.get(&thread));
        log.map(Vec::as_slice).unwrap_or_default()
    }

    /// The log of a ticket.
    #[must_use]
    pub fn ticket(&self, ticket: TicketId) -> &[TicketEntry] {
        self.logged.get(&ticket).map(Vec::as_slice).unwrap_or_default()
    }

    /// I24, I31, I06, I30: the thread log grows at its end, without holes, in time's order, each message once.
    fn thread_log(&mut self, rows: &Rows, thread: ChatThreadId) -> Check {
        let record = &rows.threads[&thread];
        let known = self.said.entry(thread).or_default();
        let last = |known: &[ThreadEntry]| known.last().map_or((Seq(0), Timestamp(0)), |it| (it.seq, it.at));
        let still = last(known).0;
        holds(
            still == Seq(0) || rows.said.get(&(thread, still)) == known.last(),
            "i22 what was safe stays",
            || format!("number {still} of {thread}"),
        )?;
        for entry in rows.thread_log(thread, still) {
            let (seq, at) = last(known);
            holds(entry.seq == seq.next(), "i24 the thread log has no hole", || {
                format!("{} follows {seq}", entry.seq)
            })?;
            holds(entry.at >= at, "i31 time never goes back in a log", || {
                format!("number {} at {} after {}", entry.seq, entry.at.0, at.0)
            })?;
            if let (Author::EndUser, Some(cid)) = (&entry.author, entry.cid) {
                let before = self.stands.insert(cid, (thread, entry.seq));
                let was_erased = self.gone.contains(&cid);
                holds(
                    before.is_none() && !was_erased,
                    "i03 i06 a message stands once",
                    || {
                        format!(
                            "{cid} at {before:?} and {}, erased before: {was_erased}",
                            entry.seq
                        )
                    },
                )?;
            }
            if let Some((end, head)) = self.ends.get(&entry.session) {
                return Err(format!(
                    "i02 nothing of a conversation stands after its end: number {} of the session that ended after {head} \
                     ({end:?})",
                    entry.seq
                ));
            }
            known.push(entry.clone());
        }
        let (head, at) = last(known);
        holds(
            head == record.head,
            "i24 i33 the head is the log's last number",
            || format!("{} and {head}", record.head),
        )?;
        let before = self.last_at.insert(thread, record.last_at);
        holds(
            record.last_at >= at && before.is_none_or(|before| record.last_at >= before),
            "i31 the last time never goes back",
            || format!("{} after {before:?}", record.last_at.0),
        )?;
        let before = self.read.insert(thread, record.read).unwrap_or_default();
        holds(
            record.read >= before && record.read <= record.head,
            "i30 the read mark grows, and never passes the head",
            || format!("{} after {before}, the head is {}", record.read, record.head),
        )
    }

    /// I01, I02, I05, I18, I20: the conversations of a chat thread.
    fn conversations(&mut self, rows: &Rows, thread: ChatThreadId) -> Check {
        let all: Vec<&Conversation> = rows.conversations_of(thread).collect();
        let live = all.iter().filter(|it| it.is_live()).count();
        holds(live <= 1, "i05 at most one conversation lives", || {
            format!("{live} in {thread}")
        })?;
        holds(
            all.len() as u64 == rows.threads[&thread].conversations,
            "i33 the conversations are counted right",
            || format!("{} in {thread}", all.len()),
        )?;
        let ids: BTreeSet<_> = all.iter().map(|it| it.id).collect();
        let tickets: BTreeSet<_> = all.iter().filter_map(|it| it.ticket()).map(|it| it.id).collect();
        let with_ticket = all.iter().filter(|it| it.ticket().is_some()).count();
        holds(
            ids.len() == all.len() && tickets.len() == with_ticket,
            "i01 i18 one session per conversation, and one ticket",
            || format!("{} sessions and {} tickets", ids.len(), tickets.len()),
        )?;
        let known = self.said.get(&thread).map(Vec::as_slice).unwrap_or_default();
        for (at, conversation) in all.iter().enumerate() {
            let latest = at + 1 == all.len();
            holds(
                latest || !conversation.is_live(),
                "i05 only the latest lives",
                || conversation.id.to_string(),
            )?;
            let end = conversation.session.ended();
            match (end, self.ends.get(&conversation.id)) {
                (Some(end), None) => {
                    let head = rows.threads[&thread].head;
                    self.ends.insert(conversation.id, (end, head));
                }
                (is, Some((was, _))) => {
                    holds(
                        is == Some(*was),
                        "i01 i07 an end is written once and stays",
                        || format!("{was:?} became {is:?}"),
                    )?;
                }
                (None, None) => {}
            }
            holds(
                end.is_none() || !assign::is_waiting(conversation),
                "i11 i20 an ended session waits for nobody",
                || conversation.id.to_string(),
            )?;
            let first = known.get(
                usize::try_from(conversation.first.0)
                    .unwrap_or(0)
                    .saturating_sub(1),
            );
            holds(
                first
                    .is_some_and(|first| first.session == conversation.id && first.author == Author::EndUser),
                "i03 i04 a conversation begins with its customer's message",
                || format!("{first:?}"),
            )?;
        }
        Ok(())
    }

    /// I02, I04, I07, I24, I31, I33: a ticket's log, and the ticket as its fold.
    fn ticket_log(&mut self, rows: &Rows, ticket: TicketId) -> Check {
        let record = rows.tickets[&ticket];
        let known = self.logged.entry(ticket).or_default();
        let still = known.last().map_or(Seq(0), |it| it.seq);
        holds(
            still == Seq(0) || rows.logged.get(&(ticket, still)) == known.last(),
            "i22 what was safe stays",
            || format!("number {still} of ticket {ticket}"),
        )?;
        let head = rows.threads.get(&record.thread).map_or(Seq(0), |it| it.head);
        let mut fresh = false;
        for entry in rows.ticket_log(ticket, still) {
            fresh = true;
            let before = known.last();
            let (seq, at, after) =
                before.map_or((Seq(0), Timestamp(0), Seq(0)), |it| (it.seq, it.at, it.after));
            holds(entry.seq == seq.next(), "i24 the ticket log has no hole", || {
                format!("{} follows {seq} of ticket {ticket}", entry.seq)
            })?;
            holds(
                entry.at >= at && entry.after >= after && entry.after <= head,
                "i24 i31 both logs have one order",
                || format!("{entry:?} follows {before:?}, the head is {head}"),
            )?;
            holds(
                (entry.seq == Seq(1)) == matches!(entry.what, TicketEvent::Created { .. }),
                "i04 i18 a ticket's history begins with its own handoff",
                || format!("{entry:?}"),
            )?;
            if let (TicketEvent::SessionEnded { .. }, Some(its)) = (&entry.what, rows.conversation_of(ticket))
            {
                let mut late = rows.thread_log(record.thread, entry.after);
                let late = late.find(|said| said.session == its.id);
                holds(
                    late.is_none(),
                    "i02 nothing of a conversation stands after its end",
                    || format!("{late:?} after {}", entry.after),
                )?;
            }
            known.push(entry.clone());
        }
        let Some(conversation) = rows.conversation_of(ticket) else {
            return Err(format!(
                "i33 every ticket has its conversation: ticket {ticket} has none"
            ));
        };
        let Some(row) = conversation.ticket() else {
            return Err(format!(
                "i33 every ticket is its conversation's: ticket {ticket} is not"
            ));
        };
        if fresh || row.head != still {
            folds(row, conversation, known)?;
        }
        Ok(())
    }
}

/// I33, I07, I02: the log of a ticket, folded, is its row; it tells of the end exactly if there was one.
fn folds(row: &Ticket, conversation: &Conversation, log: &[TicketEntry]) -> Check {
    let mut folded = Ticket {
        status: Status::New,
        priority: Priority::default(),
        assignee: None,
        routing: row.channel,
        head: Seq(0),
        ..row.clone()
    };
    for entry in log.iter().rev() {
        if let TicketEvent::Group { from, .. } = &entry.what {
            folded.group = *from;
        }
        if let TicketEvent::Tags { from, .. } = &entry.what {
            folded.tags.clone_from(from);
        }
    }
    let mut state = SessionState::Active;
    let mut ends = 0;
    for entry in log {
        folded.fold(entry);
        match &entry.what {
            TicketEvent::SessionState { from, to } => {
                holds(
                    *from == state && from != to,
                    "i21 i33 a session goes from what it was to another",
                    || format!("{entry:?} when it was {state:?}"),
                )?;
                state = *to;
            }
            TicketEvent::SessionEnded { from, .. } => {
                holds(*from == state, "i33 a session ends from what it was", || {
                    format!("{entry:?} when it was {state:?}")
                })?;
                state = SessionState::Ended;
                ends += 1;
            }
            TicketEvent::Created { .. }
            | TicketEvent::MacroApplied(_)
            | TicketEvent::Noted { .. }
            | TicketEvent::Emailed { .. }
            | TicketEvent::Status { .. }
            | TicketEvent::Priority { .. }
            | TicketEvent::Assignee { .. }
            | TicketEvent::Group { .. }
            | TicketEvent::Tags { .. }
            | TicketEvent::RoutingChannel { .. }
            | TicketEvent::Requester { .. }
            | TicketEvent::RequesterErased
            | TicketEvent::Tombstone(_) => {}
        }
    }
    holds(folded == *row, "i33 a ticket is the fold of its log", || {
        format!("{folded:?} and {row:?}")
    })?;
    holds(
        ends == usize::from(conversation.session.ended().is_some()),
        "i07 one end makes one event",
        || format!("{ends} in ticket {}", row.id),
    )?;
    holds(
        state == conversation.session.state(),
        "i33 a session is what its ticket's log says",
        || format!("{state:?} and {:?}", conversation.session),
    )
}
