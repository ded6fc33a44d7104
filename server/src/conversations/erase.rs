//! The erasure of people (SECURITY 27), by a command in a process of its own, in one transaction: whoever serves the
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

/// People who are erased.
#[derive(Debug)]
pub struct Erased {
    /// Who, in the order in which they were asked for.
    pub people: Vec<Gone>,
    /// Whether anything of them is left in the files.
    pub traces: Traces,
}

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gone {
    /// Who.
    pub id: EndUserId,
    /// Since when.
    pub at: Timestamp,
    /// Whether they were so already.
    pub already: bool,
}

/// Why nobody is.
#[derive(Debug)]
pub enum EraseFault {
    /// There is no such end user.
    Nobody(EndUserId),
    /// It was refused.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for EraseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody(id) => write!(f, "There is no end user {id} any more. Nobody was erased."),
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

/// Erases people, all of them or none, beside a server or without one. Again, it is harmless, and takes away what
/// traces it left, or another erasure has left that was cut off.
///
/// That an erasure stands is remembered as cut off until [`Store::erasures_told`]: whoever asked for it is to be told
/// first.
///
/// # Errors
/// Why not; then nothing is changed.
pub async fn erase(store: &Store, people: &[EndUserId], clock: &Clock) -> Result<Erased, EraseFault> {
    let mut db = store.writing_beside().await?;
    db.begin().await?;
    let erased = match in_transaction(&mut db, people, clock).await {
        Ok(erased) => db.commit().await.map(|()| erased).map_err(EraseFault::from),
        Err(fault) => Err(fault),
    };
    let erased = match erased {
        Ok(people) => Ok(Erased {
            people,
            traces: store::take_away_traces(&mut db, store::PATIENCE).await,
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
    if !people.is_empty() {
        store::forget_commands(db).await?;
    }
    Ok(people.len())
}

async fn in_transaction(
    db: &mut Writing,
    people: &[EndUserId],
    clock: &Clock,
) -> Result<Vec<Gone>, EraseFault> {
    let mut gone = Vec::with_capacity(people.len());
    for person in people {
        let already = !erase_all_of(db, *person, clock).await?;
        let at = store::erased_at(db, *person).await?;
        gone.push(Gone {
            id: *person,
            at: at.ok_or(EraseFault::Nobody(*person))?,
            already,
        });
    }
    if gone.iter().any(|it| !it.already) {
        store::forget_commands(db).await?;
        store::begin_anew(db).await?;
    }
    Ok(gone)
}

/// Answers whether anything was to be done.
async fn erase_all_of(db: &mut Writing, person: EndUserId, clock: &Clock) -> Result<bool, EraseFault> {
    let identities = store::identities_of(db, person).await?;
    if !identities.iter().any(|it| it.id == person && it.number.is_some()) {
        return Err(EraseFault::Nobody(person));
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
    if any {
        store::leave_trace(db, person).await?;
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
