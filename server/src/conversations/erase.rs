//! The erasure of a person (SECURITY 27), by a command in a process of its own, in one transaction: whoever serves the
//! data learns of it by the epoch, as of a restore.
//!
//! A person is all that they were: themself, and the anonymous visitors whom logins turned into them, whose chat
//! threads may have stayed behind (R47). Core decides for each chat thread; then tombstones take the place of what its
//! logs say, and the person's own row loses what it knows. What is remembered of it is whom, when and how much: by
//! that a restore of an older backup erases them again.

use causerie_core::bot::Flow;
use causerie_core::chat_thread::Command;
use causerie_core::{ChatThreadId, EndUserId, Timestamp};
use core::fmt;
use std::collections::BTreeSet;

use super::Refusal;
use super::decide::{Deciding, Fault};
use crate::clock::Clock;
use crate::store::{self, Before, Counted, Script, Store, StoreError, Traces, Wanted, Writing};

/// A person who is erased.
#[derive(Debug)]
pub struct Erased {
    /// Since when.
    pub at: Timestamp,
    /// Whether they were so already.
    pub already: bool,
    /// Whether anything of it is left in the files.
    pub traces: Traces,
}

/// Why nobody is.
#[derive(Debug)]
pub enum EraseFault {
    /// There is no such end user.
    Nobody,
    /// It was refused.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for EraseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("There is no such end user any more."),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Store(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for EraseFault {}

impl From<StoreError> for EraseFault {
    fn from(fault: StoreError) -> Self {
        Self::Store(fault)
    }
}

impl From<Fault> for EraseFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => Self::Refused(refusal),
            Fault::Store(fault) => Self::Store(fault),
        }
    }
}

/// Erases a person, beside a server or without one. Again, it is harmless, and takes away what traces it left.
///
/// # Errors
/// Why not; then nothing is changed.
pub async fn erase(store: &Store, person: EndUserId, clock: &Clock) -> Result<Erased, EraseFault> {
    let mut db = store.writing_beside().await?;
    db.begin().await?;
    let erased = match in_transaction(&mut db, person, clock).await {
        Ok(erased) => db.commit().await.map(|()| erased).map_err(EraseFault::from),
        Err(fault) => Err(fault),
    };
    let erased = match erased {
        Ok((at, already)) => Ok(Erased {
            at,
            already,
            traces: store::take_away_traces(&mut db).await,
        }),
        Err(fault) => {
            // SQLite may have taken it back by itself already.
            let _ = db.rollback().await;
            Err(fault)
        }
    };
    db.close().await;
    erased
}

/// Erases again whoever was erased and is there all the same: what was put back is older than that. Answers how many
/// people.
pub(crate) async fn erase_again(db: &mut Writing, clock: &Clock) -> Result<usize, EraseFault> {
    let mut people = BTreeSet::new();
    for (identity, person) in store::risen(db).await? {
        erase_all_of(db, identity, clock).await?;
        people.insert(person);
    }
    Ok(people.len())
}

async fn in_transaction(
    db: &mut Writing,
    person: EndUserId,
    clock: &Clock,
) -> Result<(Timestamp, bool), EraseFault> {
    if erase_all_of(db, person, clock).await? {
        store::begin_anew(db).await?;
        return Ok((clock.now(), false));
    }
    let since = store::erased_at(db, person).await?;
    Ok((since.ok_or(EraseFault::Nobody)?, true))
}

/// Answers whether anything was to be done.
async fn erase_all_of(db: &mut Writing, person: EndUserId, clock: &Clock) -> Result<bool, EraseFault> {
    let identities = store::identities_of(db, person).await?;
    if !identities.iter().any(|it| it.id == person && it.number.is_some()) {
        return Err(EraseFault::Nobody);
    }
    let mut any = false;
    for identity in identities.iter().filter(|it| it.erased_at.is_none()) {
        let mut counted = Counted::default();
        for thread in &identity.threads {
            let its = erase_thread(db, *thread, clock).await?;
            counted.messages += its.messages;
            counted.tickets += its.tickets;
        }
        store::bury(db, identity, person, counted, clock.now()).await?;
        any |= identity.number.is_some();
    }
    Ok(any)
}

async fn erase_thread(db: &mut Writing, thread: ChatThreadId, clock: &Clock) -> Result<Counted, EraseFault> {
    let wanted = Wanted::WholeThread(thread);
    if let Some(head) = store::load(db, None, wanted).await?.head {
        let was = head.thread.clone();
        // An erasure asks nothing of the bot, whatever its flow.
        let (mut account, flow) = (None, Flow::default());
        Deciding {
            db,
            account: &mut account,
            flow: &flow,
            clock,
        }
        .carry_out(
            Command::Erase,
            None,
            Before::Loaded(&head),
            &was,
            wanted,
            Script::default(),
            None,
        )
        .await?;
    }
    Ok(store::entomb(db, thread).await?)
}
