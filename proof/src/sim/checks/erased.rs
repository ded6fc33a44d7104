//! What an erasure leaves (SECURITY 27): each number, and nothing that anybody said of or to the person.

use std::collections::BTreeSet;

use causerie_core::message::ThreadEntry;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::{ChatThreadId, EndUserId, Seq, TicketId};

use super::{Acknowledged, Check, History, holds};
use crate::twin::{JobKind, Rows};

impl History {
    /// Whoever is erased in the rows, and was not when they were looked at last, is forgotten here as well: their logs
    /// have each number that they had, and what stands there stays from now on.
    ///
    /// # Errors
    /// Which invariant is broken.
    pub fn forgets(&mut self, rows: &Rows, acknowledged: &mut Acknowledged) -> Check {
        let is_erased = |id: &EndUserId| rows.end_users.get(id).is_some_and(|it| it.end_user.erased);
        for id in rows.erasures.keys().filter(|id| rows.end_users.contains_key(id)) {
            holds(is_erased(id), "s27 whoever is erased stays erased", || {
                id.to_string()
            })?;
        }
        let theirs = rows.threads.iter().filter(|(_, it)| is_erased(&it.end_user));
        for (thread, record) in theirs {
            if !self.erased.insert(*thread) {
                continue;
            }
            holds(!record.current, "s27 nothing is written there any more", || {
                thread.to_string()
            })?;
            let was = self.said.get(thread).map(Vec::as_slice).unwrap_or_default();
            let left: Vec<ThreadEntry> = rows.thread_log(*thread, Seq(0)).cloned().collect();
            holds(
                left.iter().map(|it| it.seq).eq(was.iter().map(|it| it.seq)) && left.iter().all(is_blank),
                "i24 s27 an erasure leaves each number of a thread log, and no word",
                || format!("{left:?} of {was:?}"),
            )?;
            let cids = was.iter().filter_map(|it| it.cid);
            let cids: BTreeSet<_> = cids.collect();
            self.stands.retain(|cid, _| !cids.contains(cid));
            acknowledged.forgets(&cids);
            self.gone.extend(cids);
            self.said.insert(*thread, left);
        }
        for (ticket, record) in &rows.tickets {
            if self.erased.contains(&record.thread) && self.erased_tickets.insert(*ticket) {
                self.forgets_ticket(rows, *ticket)?;
            }
        }
        Ok(())
    }

    fn forgets_ticket(&mut self, rows: &Rows, ticket: TicketId) -> Check {
        let was = self.logged.get(&ticket).map(Vec::as_slice).unwrap_or_default();
        let left: Vec<TicketEntry> = rows.ticket_log(ticket, Seq(0)).take(was.len()).cloned().collect();
        holds(
            left.iter().map(|it| it.seq).eq(was.iter().map(|it| it.seq)),
            "i24 s27 an erasure leaves each number of a ticket's log",
            || format!("{left:?} of {was:?}"),
        )?;
        self.logged.insert(ticket, left);
        Ok(())
    }
}

/// Nothing of it is left but that somebody spoke.
fn is_blank(entry: &ThreadEntry) -> bool {
    entry.erased && entry.text.is_empty() && entry.replies.is_empty() && entry.cid.is_none()
}

/// No row that belongs to one of these chat threads, or to whoever had it, has any of these words: neither logs nor
/// tickets, nor what is to be sent, nor what is known of who they were.
///
/// # Errors
/// Which row has one.
pub fn no_word_is_left(rows: &Rows, threads: &[ChatThreadId], words: &[String]) -> Check {
    let has_none = |row: String| {
        let word = words.iter().find(|word| row.contains(*word));
        holds(
            word.is_none(),
            "s27 i32 no word of an erased person is left",
            || format!("{word:?} in {row}"),
        )
    };
    for thread in threads {
        for entry in rows.thread_log(*thread, Seq(0)) {
            has_none(format!("{entry:?}"))?;
        }
        for conversation in rows.conversations_of(*thread) {
            has_none(format!("{conversation:?}"))?;
        }
        let whose = rows.threads.get(thread).map(|record| record.end_user);
        has_none(format!(
            "{:?}",
            whose.and_then(|whose| rows.end_users.get(&whose))
        ))?;
        let tickets = rows.tickets.iter().filter(|(_, record)| record.thread == *thread);
        for ticket in tickets.map(|(id, _)| *id) {
            for entry in rows.ticket_log(ticket, Seq(0)) {
                has_none(format!("{entry:?}"))?;
            }
            let mut jobs = rows.jobs.values();
            let email = jobs.find(|job| matches!(job.kind, JobKind::Email(of, _) if of == ticket));
            holds(
                email.is_none(),
                "s27 nothing is sent to an erased person any more",
                || format!("{email:?}"),
            )?;
        }
    }
    let of_theirs = rows
        .commands
        .iter()
        .filter(|(_, known)| threads.contains(&known.thread));
    for (cid, known) in of_theirs {
        has_none(format!("{cid} {known:?}"))?;
    }
    Ok(())
}
