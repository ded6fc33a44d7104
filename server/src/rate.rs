//! Limits: token buckets, for one socket or keyed by whoever asks. They stop floods, not people: see [`Limits`].

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How much at once, and how much for ever.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rate {
    /// How many at once after a silence.
    pub burst: f32,
    /// How many a second in the long run.
    pub per_second: f32,
}

/// What is left of a rate.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    left: f32,
    at: Instant,
}

/// A bucket per key; those that are full again are forgotten.
#[derive(Debug)]
pub struct Keyed<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
}

/// Every limit of the server. An office behind one address must not notice them.
#[derive(Debug)]
pub struct Limits {
    /// Sockets that a visitor's address opens.
    pub sockets: Keyed<IpAddr>,
    /// Messages and other commands posted by a visitor's address.
    pub posts: Keyed<IpAddr>,
    /// Requests of a visitor's address that wait for what is new, where sockets are blocked.
    pub polls: Keyed<IpAddr>,
    /// Conversations begun from an address on a site.
    pub beginnings: Keyed<(IpAddr, i64)>,
    /// Logins and attempts at them, by a visitor's address.
    pub logins: Keyed<IpAddr>,
    /// Attempts to sign in, by address.
    pub sign_ins_by_address: Keyed<IpAddr>,
    /// Attempts to sign in, by account: its email's hash.
    pub sign_ins_by_account: Keyed<[u8; 32]>,
}

/// Frames of one visitor's socket.
pub const VISITOR_FRAMES: Rate = Rate {
    burst: 200.0,
    per_second: 50.0,
};

/// Frames of one agent's socket.
pub const AGENT_FRAMES: Rate = Rate {
    burst: 400.0,
    per_second: 100.0,
};

/// How many keys are kept before the full buckets among them are forgotten.
const KEPT: usize = 50_000;

impl Bucket {
    /// Full.
    #[must_use]
    pub fn full(rate: Rate) -> Self {
        Self {
            left: rate.burst,
            at: Instant::now(),
        }
    }

    /// Takes `cost`.
    ///
    /// # Errors
    /// How long to wait for it, when there is not enough left; then nothing is taken.
    pub fn take(&mut self, rate: Rate, cost: f32) -> Result<(), Duration> {
        let now = Instant::now();
        let refilled = self.left + now.duration_since(self.at).as_secs_f32() * rate.per_second;
        self.left = refilled.min(rate.burst);
        self.at = now;
        if self.left >= cost {
            self.left -= cost;
            Ok(())
        } else {
            Err(Duration::from_secs_f32((cost - self.left) / rate.per_second))
        }
    }

    fn is_full(&self, rate: Rate, now: Instant) -> bool {
        self.left + now.duration_since(self.at).as_secs_f32() * rate.per_second >= rate.burst
    }
}

impl<K: Eq + Hash> Keyed<K> {
    /// With nobody in it.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: Mutex::default(),
        }
    }

    /// Takes one.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, key: K) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT {
            let now = Instant::now();
            buckets.retain(|_, bucket| !bucket.is_full(self.rate, now));
        }
        buckets
            .entry(key)
            .or_insert_with(|| Bucket::full(self.rate))
            .take(self.rate, 1.0)
    }
}

impl Default for Limits {
    fn default() -> Self {
        let rate = |burst, per_second| Rate { burst, per_second };
        Self {
            sockets: Keyed::new(rate(20_000.0, 500.0)),
            posts: Keyed::new(rate(2_000.0, 200.0)),
            polls: Keyed::new(rate(20_000.0, 500.0)),
            beginnings: Keyed::new(rate(2_000.0, 50.0)),
            logins: Keyed::new(rate(1_000.0, 20.0)),
            sign_ins_by_address: Keyed::new(rate(30.0, 0.5)),
            sign_ins_by_account: Keyed::new(rate(10.0, 0.1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bucket_lets_a_burst_through_and_then_a_trickle() {
        let rate = Rate {
            burst: 3.0,
            per_second: 1.0,
        };
        let mut bucket = Bucket::full(rate);
        assert!((0..3).all(|_| bucket.take(rate, 1.0).is_ok()));
        assert_eq!(bucket.take(rate, 1.0), Err(Duration::from_secs(1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(bucket.take(rate, 1.0), Ok(()));
        assert!(bucket.take(rate, 1.0).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn keys_do_not_share_a_bucket() {
        let keyed = Keyed::new(Rate {
            burst: 1.0,
            per_second: 1.0,
        });
        assert!(keyed.take("a").is_ok());
        assert!(keyed.take("a").is_err());
        assert!(keyed.take("b").is_ok());
    }
}
