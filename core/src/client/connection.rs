//! The connection: when to open a socket, whether the other side still lives, how long to wait after a failure.
//!
//! It knows no frames: the machine around it says *opened*, *welcomed*, *heard something*, and does what comes back.
//! The same for the widget's socket and the workspace's.

use super::transport::SOCKET_WORKS;
use crate::time::{Span, Timestamp};
use crate::wire::HEARTBEAT_MS;

/// The close code by which a server says that this client has fallen behind: come again and resume.
pub const RESYNC: u16 = 4008;

/// The longest wait between two attempts.
const LONGEST_WAIT_MS: u32 = 30_000;
/// A connection that lived this long starts the waits over.
const HEALTHY_AFTER: Span = Span(10_000);
/// How long a socket may take to open, and a hello to be answered.
const PATIENCE: Span = Span(15_000);
/// How long an immediate check waits for a sign of life.
const CHECK: Span = Span(5_000);

/// What happens to a connection.
///
/// After [`Effect::Close`] and [`Effect::Connect`] the shell lets go of the socket before: nothing of it comes in any
/// more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// There is a reason to be connected. Nothing connects before that (R01).
    Wanted,
    /// There is none any more.
    Unwanted,
    /// The socket is open.
    Opened,
    /// The server has answered the hello.
    Welcomed,
    /// Any frame came: a sign of life.
    Heard,
    /// The socket closed, or never opened.
    Closed {
        /// The WebSocket's close code; 1006 where there is none.
        code: u16,
    },
    /// What was received has a hole: start again from the last number.
    Hole,
    /// The browser has got its network back.
    Online,
    /// The page can be seen again.
    Visible,
    /// The time of [`Connection::deadline`] has come.
    TimerFired,
}

/// What a connection asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Open a new socket.
    Connect,
    /// Say hello on the socket that has opened.
    Greet,
    /// Send a ping.
    Ping,
    /// Close the socket, if there is one, and forget it.
    Close,
}

/// What the screens say about the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Not wanted yet.
    Idle,
    /// The first attempt is under way.
    Connecting,
    /// Welcomed by the server.
    Live,
    /// Lost, or not to be had; attempts go on.
    Offline {
        /// Since when.
        since: Timestamp,
    },
}

/// One connection, over all its sockets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    state: State,
    /// Attempts since the last healthy connection.
    attempts: u32,
    offline_since: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Not wanted.
    Idle,
    /// A socket is being opened.
    Connecting { give_up_at: Timestamp },
    /// The socket is open and the hello is sent.
    Greeting { give_up_at: Timestamp },
    /// Welcomed.
    Live {
        since: Timestamp,
        /// When the next heartbeat is sent and the last one is judged.
        check_at: Timestamp,
        /// Whether anything came since the last heartbeat.
        heard: bool,
        /// Heartbeats in a row after which nothing came.
        missed: u8,
    },
    /// Between two attempts.
    Waiting { until: Timestamp },
}

impl Connection {
    /// A connection that nobody wants yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: State::Idle,
            attempts: 0,
            offline_since: None,
        }
    }

    /// Takes what happened at `now`; `random` is fresh with every call.
    pub fn handle(&mut self, input: Input, now: Timestamp, random: u32) -> Vec<Effect> {
        match (self.state, input) {
            (State::Idle, Input::Wanted) => self.connect(now),
            (State::Idle, _) => Vec::new(),
            (_, Input::Unwanted) => {
                *self = Self::new();
                vec![Effect::Close]
            }
            (State::Connecting { .. }, Input::Opened) => {
                self.state = State::Greeting {
                    give_up_at: now.after(PATIENCE),
                };
                vec![Effect::Greet]
            }
            (State::Greeting { .. }, Input::Welcomed) => {
                let check_at = now.after(heartbeat(random));
                self.state = State::Live {
                    since: now,
                    check_at,
                    heard: true,
                    missed: 0,
                };
                self.offline_since = None;
                Vec::new()
            }
            (State::Live { since, check_at, .. }, Input::Heard | Input::Welcomed) => {
                self.state = State::Live {
                    since,
                    check_at,
                    heard: true,
                    missed: 0,
                };
                Vec::new()
            }
            (
                State::Connecting { .. } | State::Greeting { .. } | State::Live { .. },
                Input::Closed { code },
            ) => self.lost(code == RESYNC || code == SOCKET_WORKS, now, random),
            (State::Greeting { .. } | State::Live { .. }, Input::Hole) => {
                let mut effects = vec![Effect::Close];
                effects.extend(self.lost(true, now, random));
                effects
            }
            (State::Waiting { .. }, Input::Online | Input::Visible) => self.connect(now),
            (State::Live { since, .. }, Input::Online | Input::Visible) => {
                // As if a first heartbeat had been missed already: one answer, and soon, or the socket is dead.
                let check_at = now.after(CHECK);
                self.state = State::Live {
                    since,
                    check_at,
                    heard: false,
                    missed: 1,
                };
                vec![Effect::Ping]
            }
            (
                State::Connecting { .. }
                | State::Greeting { .. }
                | State::Live { .. }
                | State::Waiting { .. },
                Input::TimerFired,
            ) => self.timer_fired(now, random),
            // The rest is news of a socket that is gone, or of what is so already.
            (
                State::Connecting { .. } | State::Greeting { .. },
                Input::Online | Input::Visible | Input::Heard,
            )
            | (State::Connecting { .. }, Input::Welcomed | Input::Hole)
            | (State::Greeting { .. } | State::Live { .. }, Input::Opened)
            | (
                State::Waiting { .. },
                Input::Opened | Input::Welcomed | Input::Heard | Input::Closed { .. } | Input::Hole,
            )
            | (
                State::Connecting { .. }
                | State::Greeting { .. }
                | State::Live { .. }
                | State::Waiting { .. },
                Input::Wanted,
            ) => Vec::new(),
        }
    }

    /// When [`Input::TimerFired`] is due.
    #[must_use]
    pub const fn deadline(&self) -> Option<Timestamp> {
        match self.state {
            State::Idle => None,
            State::Connecting { give_up_at } | State::Greeting { give_up_at } => Some(give_up_at),
            State::Live { check_at, .. } => Some(check_at),
            State::Waiting { until } => Some(until),
        }
    }

    /// What the screens say.
    #[must_use]
    pub const fn status(&self) -> Status {
        match (self.state, self.offline_since) {
            (State::Idle, _) => Status::Idle,
            (State::Live { .. }, _) => Status::Live,
            (State::Connecting { .. } | State::Greeting { .. } | State::Waiting { .. }, Some(since)) => {
                Status::Offline { since }
            }
            (State::Connecting { .. } | State::Greeting { .. } | State::Waiting { .. }, None) => {
                Status::Connecting
            }
        }
    }

    /// Whether frames can be sent.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    /// Whether a socket is being opened.
    #[must_use]
    pub const fn is_opening(&self) -> bool {
        matches!(self.state, State::Connecting { .. })
    }

    fn connect(&mut self, now: Timestamp) -> Vec<Effect> {
        self.state = State::Connecting {
            give_up_at: now.after(PATIENCE),
        };
        vec![Effect::Connect]
    }

    /// The socket is gone. `come_again`: a resync is answered at once, but only once per healthy connection, or a
    /// server in trouble would be stormed.
    fn lost(&mut self, come_again: bool, now: Timestamp, random: u32) -> Vec<Effect> {
        if let State::Live { since, .. } = self.state
            && now >= since.after(HEALTHY_AFTER)
        {
            self.attempts = 0;
        }
        self.offline_since = self.offline_since.or(Some(now));
        let attempt = self.attempts;
        self.attempts = attempt.saturating_add(1);
        if come_again && attempt == 0 {
            return self.connect(now);
        }
        self.state = State::Waiting {
            until: now.after(backoff(attempt, random)),
        };
        Vec::new()
    }

    fn timer_fired(&mut self, now: Timestamp, random: u32) -> Vec<Effect> {
        if !super::is_due(self.deadline(), now) {
            return Vec::new();
        }
        match self.state {
            State::Idle => Vec::new(),
            State::Waiting { .. } => self.connect(now),
            State::Live {
                since, heard, missed, ..
            } if heard || missed == 0 => {
                let missed = if heard { 0 } else { missed + 1 };
                let check_at = now.after(heartbeat(random));
                self.state = State::Live {
                    since,
                    check_at,
                    heard: false,
                    missed,
                };
                vec![Effect::Ping]
            }
            State::Connecting { .. } | State::Greeting { .. } | State::Live { .. } => {
                let mut effects = vec![Effect::Close];
                effects.extend(self.lost(false, now, random));
                effects
            }
        }
    }
}

impl Default for Connection {
    fn default() -> Self {
        Self::new()
    }
}

/// How long to wait before attempt number `attempt` (0 is the first after a failure): anything up to a bound that
/// doubles from one second to thirty, so that the clients of a restarting server come back spread out.
#[must_use]
pub fn backoff(attempt: u32, random: u32) -> Span {
    let bound = (1_000_u32 << attempt.min(5)).min(LONGEST_WAIT_MS);
    Span(share(bound, random))
}

/// 25 s, give or take a tenth.
fn heartbeat(random: u32) -> Span {
    let tenth = HEARTBEAT_MS / 10;
    Span(i64::from(HEARTBEAT_MS - tenth) + share(2 * tenth, random))
}

/// An even share of `0..=bound`.
pub(crate) fn share(bound: u32, random: u32) -> i64 {
    ((i64::from(bound) + 1) * i64::from(random)) >> 32
}
