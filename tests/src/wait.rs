//! Waiting for what is expected, with a deadline and no fixed sleep.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Story;

const DEADLINE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks again and again until there is something, at most 20 s. `what` completes the sentence "waited for …".
///
/// A look that fails (an element that has just been redrawn) is a look that found nothing; the last failure is told.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Story<Option<T>>) -> Story<T> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let seen = look().await;
        match seen {
            Ok(Some(found)) => return Ok(found),
            Ok(None) if Instant::now() > deadline => {
                return Err(format!("waited {} s for {what}", DEADLINE.as_secs()).into());
            }
            Err(fault) if Instant::now() > deadline => {
                return Err(format!("waited {} s for {what}; last: {fault}", DEADLINE.as_secs()).into());
            }
            Ok(None) | Err(_) => sleep(LOOK_EVERY).await,
        }
    }
}
