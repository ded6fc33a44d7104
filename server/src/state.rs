//! What every route and socket has at hand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use causerie_core::AgentId;
use causerie_core::bot::Flow;
use tokio::time::Instant;

use crate::addresses::Addresses;
use crate::assets::{self, Filled};
use crate::clock::Clock;
use crate::conversations::Conversations;
use crate::listener::Life;
use crate::notifier::Notifier;
use crate::password::Passwords;
use crate::rate::Limits;
use crate::secret;
use crate::store::{SecretHash, Store};

/// How long a connect token is good (SECURITY 2).
const CONNECT_WITHIN: Duration = Duration::from_secs(30);

/// How many connect tokens wait to be used, at most.
const CONNECTING: usize = 10_000;

/// The server's state. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inside>);

/// What is in it.
#[derive(Debug)]
pub struct Inside {
    /// The one way to change anything.
    pub conversations: Conversations,
    /// Reads.
    pub store: Store,
    /// News after each commit.
    pub notifier: Notifier,
    /// The time.
    pub clock: Clock,
    /// The bot's flow; its welcome text is in the frame's document.
    pub flow: Arc<Flow>,
    /// The server's own origins.
    pub addresses: Addresses,
    /// Whether there is a demo shop.
    pub demo: bool,
    /// Which build serves.
    pub build: String,
    /// Limits against floods.
    pub limits: Limits,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Connect tokens that wait to be used.
    pub connecting: ConnectTokens,
    /// Compressed documents.
    pub filled: Filled,
    /// Whether the server is closing.
    pub life: Life,
    /// What was counted since the start.
    pub counted: Counted,
}

/// The parts that a state is made of.
#[derive(Debug)]
pub struct Parts {
    /// The one way to change anything.
    pub conversations: Conversations,
    /// Reads.
    pub store: Store,
    /// News after each commit.
    pub notifier: Notifier,
    /// The time.
    pub clock: Clock,
    /// The bot's flow.
    pub flow: Arc<Flow>,
    /// The server's own origins.
    pub addresses: Addresses,
    /// Whether there is a demo shop.
    pub demo: bool,
    /// Whether the server is closing.
    pub life: Life,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts {
            conversations,
            store,
            notifier,
            clock,
            flow,
            addresses,
            demo,
            life,
        } = parts;
        Self(Arc::new(Inside {
            conversations,
            store,
            notifier,
            clock,
            flow,
            addresses,
            demo,
            build: assets::build(),
            limits: Limits::default(),
            passwords: Passwords::default(),
            connecting: ConnectTokens::default(),
            filled: Filled::default(),
            life,
            counted: Counted::default(),
        }))
    }
}

impl std::ops::Deref for App {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        &self.0
    }
}

/// Connect tokens: a cookie alone opens no socket. Single use, short-lived, on this node only.
#[derive(Debug, Default)]
pub struct ConnectTokens(Mutex<HashMap<SecretHash, Connecting>>);

/// Who may connect with a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Connecting {
    /// Who.
    pub agent: AgentId,
    /// By which session: the socket lives no longer than it.
    pub session: SecretHash,
    until: Instant,
}

impl ConnectTokens {
    /// A fresh token.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn issue(&self, agent: AgentId, session: SecretHash) -> Result<String, getrandom::Error> {
        let token = secret::fresh()?;
        let now = Instant::now();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= CONNECTING {
            waiting.retain(|_, connecting| connecting.until > now);
        }
        waiting.insert(
            secret::hash(&token),
            Connecting {
                agent,
                session,
                until: now + CONNECT_WITHIN,
            },
        );
        Ok(token)
    }

    /// Uses a token up.
    pub fn redeem(&self, token: &str) -> Option<Connecting> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connecting = waiting.remove(&secret::hash(token))?;
        (connecting.until > Instant::now()).then_some(connecting)
    }
}

/// Counters, for `/metrics`: numbers only, never a text, a token or an address (SECURITY 28).
#[derive(Debug, Default)]
pub struct Counted {
    /// Sockets of visitors that are open.
    pub visitors: Gauge,
    /// Requests of visitors that wait, where sockets are blocked.
    pub waiting: Gauge,
    /// Sockets of agents that are open.
    pub agents: Gauge,
    /// Messages of visitors that were acknowledged.
    pub acknowledged: Counter,
    /// Commands that were refused.
    pub refused: Counter,
    /// Frames that could not be read.
    pub unreadable: Counter,
    /// Sockets that were told to read everything anew.
    pub resynced: Counter,
}

/// Goes up.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

/// Goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

/// One more, until it is dropped.
#[derive(Debug)]
pub struct OneMore<'a>(&'a Gauge);

impl Counter {
    /// One more.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Gauge {
    /// One more, for as long as what is answered lives.
    pub fn one_more(&self) -> OneMore<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        OneMore(self)
    }

    /// How many now.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for OneMore<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connect_token_is_good_once_and_for_30_seconds() {
        let tokens = ConnectTokens::default();
        let token = tokens.issue(AgentId(7), [0; 32]).unwrap();
        assert_eq!(tokens.redeem(&token).map(|who| who.agent), Some(AgentId(7)));
        assert_eq!(tokens.redeem(&token), None);
        let late = tokens.issue(AgentId(7), [0; 32]).unwrap();
        tokio::time::advance(CONNECT_WITHIN).await;
        assert_eq!(tokens.redeem(&late), None);
        assert_eq!(tokens.redeem("guessed"), None);
    }
}
