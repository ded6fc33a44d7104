//! Notices that a backup was put back, or a person erased, by `causerie restore` or `erase-user` in another process:
//! the data has another epoch then.
//!
//! The writer looks with each commit; this looks while nobody writes. Whoever sees it first tells everybody, and each
//! socket closes, so that its client comes again, is told the new epoch and forgets what it knew (I26).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::notifier::Notifier;
use crate::store::Store;

/// How often it is looked: one row by its key.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Looks for as long as the task lives. `wake` is told as well: the data that was put back may have work to be done.
pub async fn watch(store: Store, notifier: Notifier, wake: Arc<Notify>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match store.look_at_epoch().await {
            Ok(epoch) if epoch == store.epoch() => {}
            Ok(_) => {
                // Read again, now that it is known to have changed: what was read first may be of before the writer's look.
                let Ok(epoch) = store.look_at_epoch().await else {
                    continue;
                };
                if store.saw_epoch(epoch) {
                    tracing::info!(
                        "a backup was put back, or a person was erased: every client reads everything anew"
                    );
                    notifier.tell_restored();
                    wake.notify_one();
                }
            }
            Err(fault) => tracing::warn!(%fault, "the epoch of the data could not be read"),
        }
    }
}
