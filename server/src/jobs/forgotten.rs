//! Conversations that only the bot had are over some time after their last message, silently (R44).

use causerie_core::Timestamp;

use super::{BATCH, BATCHES, NotYet, Worker};
use crate::conversations::{Refusal, Request};

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
