//! Conversations that only the bot had are over some time after their last message, silently (R44).

use causerie_core::Timestamp;

use super::{NotYet, Worker};
use crate::conversations::{Refusal, Request};

/// How many at once.
const BATCH: u32 = 100;

/// How many batches in one sweep: the rest has time until the next.
const BATCHES: usize = 20;

/// Ends those whose time is over.
pub(super) async fn sweep(worker: &Worker) -> Result<(), NotYet> {
    for _ in 0..BATCHES {
        let settings = worker.store.settings().await?;
        let before = Timestamp(
            worker
                .clock
                .now()
                .0
                .saturating_sub(settings.bot_only_ends_after.0),
        );
        let threads = worker.store.forgotten(before, BATCH).await?;
        for thread in &threads {
            match worker
                .conversations
                .ask(Request::EndForgotten { thread: *thread })
                .await
            {
                Ok(_) | Err(Refusal::UnknownThread) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        if threads.len() < BATCH as usize {
            return Ok(());
        }
    }
    Ok(())
}
