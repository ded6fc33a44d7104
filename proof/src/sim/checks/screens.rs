//! What the clients show, and what they were told: at any time a part of what is safe on the disk.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::client::agent::{AgentClient, LogItem};
use causerie_core::client::end_user::EndUserClient;
use causerie_core::client::timeline::{RowKey, Standing};
use causerie_core::message::Author;
use causerie_core::session::SessionState;
use causerie_core::wire::Refused;
use causerie_core::wire::end_user::Ack;
use causerie_core::{ChatThreadId, ClientMessageId, Seq, SessionId, TicketId};

use super::{Check, History, holds};
use crate::sim::desk::Desk;
use crate::twin::Rows;

/// What was acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    acks: BTreeMap<ClientMessageId, (SessionId, Seq)>,
}

impl Acknowledged {
    /// A client is told that a message stands.
    ///
    /// # Errors
    /// Which invariant is broken.
    pub fn told(&mut self, ack: &Ack, history: &History) -> Check {
        let place = history.where_stands(ack.cid);
        holds(
            place.is_some_and(|(_, seq)| seq == ack.seq),
            "i22 i23 what is acknowledged is on the disk",
            || format!("{ack:?}, and it stands at {place:?}"),
        )?;
        let known = *self.acks.entry(ack.cid).or_insert((ack.session, ack.seq));
        holds(
            known == (ack.session, ack.seq),
            "i06 a retry is answered with the place that the message has",
            || format!("{known:?} and {ack:?}"),
        )
    }

    /// What was acknowledged of an erased person's is gone for good.
    pub fn forgets(&mut self, cids: &BTreeSet<ClientMessageId>) {
        self.acks.retain(|cid, _| !cids.contains(cid));
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.acks.len()
    }

    /// I22, I23: all that was acknowledged is there, where its answer says. Asked after each crash.
    ///
    /// # Errors
    /// Which invariant is broken.
    pub fn are_safe(&self, rows: &Rows, history: &History) -> Check {
        for (cid, (session, seq)) in &self.acks {
            let place = history.where_stands(*cid);
            let entry = place.and_then(|place| rows.said.get(&place));
            holds(
                entry.is_some_and(|entry| {
                    entry.seq == *seq && entry.session == *session && entry.cid == Some(*cid)
                }),
                "i22 i23 what was acknowledged is on the disk",
                || format!("{cid} was to be number {seq}, and there is {entry:?}"),
            )?;
        }
        Ok(())
    }
}

/// I24, I26, I30, I31: a tab shows a beginning of the log, each own message once, and says nothing stands that does
/// not.
///
/// # Errors
/// Which invariant is broken.
pub fn tab_shows(
    client: &EndUserClient,
    thread: Option<ChatThreadId>,
    rows: &Rows,
    history: &History,
) -> Check {
    let timeline = client.timeline();
    if rows.epoch > 0 && timeline.epoch() != Some(rows.epoch) {
        // It has not heard yet that a backup was put back.
        return Ok(());
    }
    let log = history.log(thread);
    let shown = timeline.entries();
    holds(
        log.starts_with(shown),
        "i24 i26 what a tab has is a beginning of the log",
        || {
            let at = shown.iter().zip(log).take_while(|(a, b)| a == b).count();
            format!("from {:?} on, where the log has {:?}", shown.get(at), log.get(at))
        },
    )?;
    holds(
        timeline.read() <= Seq(log.len() as u64),
        "i30 a tab has read no further than the log goes",
        || format!("{} of {}", timeline.read(), log.len()),
    )?;
    // The rows that stand under the entries: acknowledged, or on their way.
    let rows_shown = client.rows(0, &|_| 0);
    for row in &rows_shown {
        let RowKey::Own(cid) = row.key else { continue };
        holds(
            shown.iter().all(|entry| entry.cid != Some(cid)),
            "i03 a message is on the screen once",
            || cid.to_string(),
        )?;
        if row.standing == Standing::Stands {
            holds(
                history.where_stands(cid).is_some(),
                "i23 what is shown as sent is on the disk",
                || cid.to_string(),
            )?;
        }
    }
    if let Some(report) = timeline.session() {
        let its = thread.and_then(|thread| rows.conversations_of(thread).find(|it| it.id == report.id));
        let ended = its.is_some_and(|it| it.session.ended().is_some());
        holds(
            report.state != SessionState::Ended || ended,
            "i27 nobody is told of an end that is not on the disk",
            || format!("{report:?}"),
        )?;
    }
    Ok(())
}

/// I24, I26: a workspace shows a beginning of both logs of the ticket that is open, in their one order, and nothing of
/// anybody else's.
///
/// # Errors
/// Which invariant is broken.
pub fn desk_shows(client: &AgentClient, rows: &Rows, history: &History) -> Check {
    let Some(ticket) = client.followed() else {
        return Ok(());
    };
    if client.desk().is_none_or(|desk| desk.epoch != rows.epoch) {
        return Ok(());
    }
    let (mut said, mut happened) = (Vec::new(), Vec::new());
    for item in client.log() {
        match item {
            LogItem::Said(entry) => said.push(entry),
            LogItem::Happened(entry) => happened.push(entry),
        }
    }
    let log = history.ticket(ticket);
    holds(
        happened.len() <= log.len() && happened.iter().zip(log).all(|(a, b)| **a == *b),
        "i24 i26 what a workspace has is a beginning of the ticket's log",
        || format!("of ticket {ticket}: {:?}", happened.last()),
    )?;
    let Some(conversation) = rows.conversation_of(ticket) else {
        return holds(
            said.is_empty() && happened.is_empty(),
            "i32 nothing is shown of a ticket that is not there",
            || ticket.to_string(),
        );
    };
    let thread = rows.tickets.get(&ticket).map(|record| record.thread);
    let its = history
        .log(thread)
        .iter()
        .filter(|entry| entry.session == conversation.id);
    holds(
        said.iter().copied().zip(its.clone()).all(|(a, b)| a == b) && said.len() <= its.count(),
        "i24 i26 i32 what a workspace has is a beginning of the session's part of the thread log",
        || format!("of ticket {ticket}: {:?}", said.last()),
    )?;
    holds(
        said.iter().all(|entry| match entry.author {
            Author::EndUser => entry.cid.is_some() || entry.erased,
            Author::Bot | Author::Agent { .. } | Author::Business { .. } => true,
        }),
        "i06 a customer's message bears its id",
        || ticket.to_string(),
    )
}

/// I13, R21: what an agent has written is on its way, or done, or refused with its text in the composer again; unless it
/// was about somebody who is erased meanwhile, as the desk knows.
///
/// # Errors
/// Which invariant is broken.
pub fn keeps_what_was_written(
    desk: &Desk,
    written: &[(ClientMessageId, TicketId, String)],
    refusals: &[Refused],
) -> Check {
    for (cid, ticket, text) in written {
        let refused = refusals.iter().any(|refused| refused.cid == Some(*cid));
        let is_erased = desk.client.ticket(*ticket).is_some_and(|row| row.erased);
        holds(
            !refused || is_erased || desk.client.draft(*ticket).contains(text.as_str()),
            "i13 r21 a reply that is refused is kept in the composer",
            || format!("{text:?} of ticket {ticket} at agent {}'s desk", desk.agent),
        )?;
    }
    Ok(())
}
