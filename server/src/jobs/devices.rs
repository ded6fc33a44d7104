//! Secrets that nobody needs any more: devices whose login has been over for long, and retired ones behind which
//! nobody had written anything (R47). They would be kept for good, one for each login.

use causerie_core::Timestamp;
use causerie_core::time::Span;

use super::{BATCH, BATCHES, NotYet, Worker};
use crate::store::Change;

/// So long after its time is over a device may still be prolonged by its page, and a late message is held off.
const KEPT: Span = Span::days(30);

/// Takes out those whose time is over.
pub(super) async fn sweep(worker: &Worker) -> Result<(), NotYet> {
    let before = Timestamp(worker.clock.now().0.saturating_sub(KEPT.0));
    for _ in 0..BATCHES {
        if !worker.store.has_old_secrets(before).await? {
            return Ok(());
        }
        let change = Change::SweepSecrets { before, limit: BATCH };
        worker.conversations.change(change).await?;
    }
    Ok(())
}
