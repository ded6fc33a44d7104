//! Client ids: what each stands for, who sent it, and what came of it (R11, I06).

use causerie_core::chat_thread::Outcome;
use causerie_core::{ChatThreadId, ClientMessageId};

use super::codec::{self, Columns};
use super::{Script, StoreError};

/// A command that was done before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Known {
    /// Who sent it.
    pub(crate) sender: Vec<u8>,
    /// Whom the sender turned out to be, by a login since (R11, R47).
    pub(crate) became: Option<Vec<u8>>,
    /// A fingerprint of what it asked.
    pub(crate) payload: Vec<u8>,
    /// Its chat thread.
    pub(crate) thread: ChatThreadId,
    /// What came of it.
    pub(crate) outcome: Outcome,
}

/// Reads what [`super::head::load`] found.
pub(super) fn known(columns: &Columns<'_>) -> Result<Option<Known>, StoreError> {
    let Some(outcome) = columns.opt_json("outcome")? else {
        return Ok(None);
    };
    Ok(Some(Known {
        sender: columns.blob("sender")?,
        became: columns.opt_uuid("became")?.map(codec::bytes),
        payload: columns.blob("payload")?,
        thread: ChatThreadId(columns.uuid("m_thread")?),
        outcome,
    }))
}

/// Writes what came of a command under its client id.
pub(crate) fn remember(script: &mut Script, cid: ClientMessageId, known: &Known) {
    script
        .then("INSERT INTO command (cid, sender, payload, thread, outcome) VALUES (?, ?, ?, ?, ?)")
        .with(codec::bytes(cid.0))
        .with(known.sender.clone())
        .with(known.payload.clone())
        .with(codec::bytes(known.thread.0))
        .with(codec::json(&known.outcome));
}
