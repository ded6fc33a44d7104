//! What time alone does to conversations with people: a silent session becomes inactive (R06), a solved ticket closes
//! (R43). Found here by reading, decided by the writer on what is so by then: whatever came first makes it harmless
//! (I21). The times are in the rows, so a restart loses none.

use causerie_core::conversation::Timer;
use causerie_core::{TicketId, Timestamp};

use super::{BATCH, BATCHES, NotYet, Worker};
use crate::conversations::Request;

/// Asks for what the timer does, wherever its time has come.
pub(super) async fn sweep(worker: &Worker, timer: Timer) -> Result<(), NotYet> {
    for _ in 0..BATCHES {
        let settings = worker.store.settings().await?;
        let span = match timer {
            Timer::Silence => settings.inactive_after,
            Timer::Closing => settings.solved_closes_after,
        };
        let before = Timestamp(worker.clock.now().0.saturating_sub(span.0));
        let tickets = worker.store.timed(timer, before, BATCH).await?;
        for ticket in &tickets {
            match worker.conversations.ask(request(timer, *ticket)).await {
                Ok(_) => {}
                // What was decided otherwise meanwhile stays as it was decided.
                Err(refusal) if refusal.is_overtaken() => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        if tickets.len() < BATCH as usize {
            return Ok(());
        }
    }
    Ok(())
}

const fn request(timer: Timer, ticket: TicketId) -> Request {
    match timer {
        Timer::Silence => Request::TurnInactive { ticket },
        Timer::Closing => Request::CloseSolved { ticket },
    }
}
