//! A page with its wire to the server.

use std::collections::VecDeque;

use causerie_core::Seq;
use causerie_core::Timestamp;
use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{Config, Device, EndUserClient, HostEvent, Input};
use causerie_core::client::role::TabId;
use causerie_core::client::transport::Transport;
use causerie_core::session::SessionState;
use causerie_core::wire::end_user::{Down, SessionReport, Up};

use super::browser::Asked;

pub const BUILD: &str = "build-1";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Socket {
    None,
    Opening,
    Open,
}

/// A page with its wire to the server.
pub struct Page {
    pub client: EndUserClient,
    pub socket: Socket,
    /// The ways it tried, in order.
    pub ways: Vec<Transport>,
    pub up: VecDeque<Up>,
    pub down: VecDeque<Down>,
    pub host: Vec<HostEvent>,
    pub sent: Vec<Up>,
    pub connects: u32,
    pub reloads: u32,
    pub drawn: u32,
    /// How often the composer was emptied, whatever stood in it.
    pub emptied: u32,
    pub chimes: u32,
    /// Which of the tabs.
    pub tab: TabId,
    /// The browser has stopped it: nothing of it runs.
    pub frozen: bool,
    /// The browser has stopped it by halves: it hears the other tabs, and what it asks of the shelf waits.
    pub half_frozen: bool,
    /// What shelf, channel and locks have for it.
    pub events: VecDeque<Input>,
    /// What it has asked of the shelf.
    pub asked: VecDeque<Asked>,
    pub(super) wake_at: Option<Timestamp>,
    /// Up to where the server has sent entries on this socket; none before the hello.
    pub(super) told: Option<(Seq, Option<SessionReport>)>,
}

impl Page {
    pub(super) fn new(tab: TabId, shares: bool) -> Self {
        let config = Config {
            site: "demo".to_owned(),
            device: Device {
                secret: "00".repeat(32),
                person: None,
            },
            locale: "en".to_owned(),
            build: BUILD.to_owned(),
            keeps: true,
            shares,
            tab,
        };
        Self {
            client: EndUserClient::new(config),
            socket: Socket::None,
            ways: Vec::new(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            host: Vec::new(),
            sent: Vec::new(),
            connects: 0,
            reloads: 0,
            drawn: 0,
            emptied: 0,
            chimes: 0,
            tab,
            frozen: false,
            half_frozen: false,
            events: VecDeque::new(),
            asked: VecDeque::new(),
            wake_at: None,
            told: None,
        }
    }

    pub(super) fn hang_up(&mut self) {
        self.socket = Socket::None;
        self.up.clear();
        self.down.clear();
        self.told = None;
    }

    pub fn is_live(&self) -> bool {
        self.client.status() == Status::Live
    }

    pub fn ends_told(&self) -> usize {
        self.host
            .iter()
            .filter(|event| matches!(event, HostEvent::SessionEnded { .. }))
            .count()
    }

    pub fn knows_of_the_end(&self) -> bool {
        self.client
            .timeline()
            .session()
            .is_some_and(|session| session.state == SessionState::Ended)
    }
}
