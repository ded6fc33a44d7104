//! A visitor's browser: its tabs, each with the widget's real machine, the storage they share, and a clock of its own.
//! Where it has locks, one of the tabs speaks for all.

use std::collections::{BTreeMap, VecDeque};

use causerie_core::client::end_user::{Config, Device, Effect, EndUserClient, HostEvent, Input, Kept};
use causerie_core::client::role::TabId;
use causerie_core::client::timeline::Written;
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, SessionReport, Up};
use causerie_core::{ClientMessageId, SessionId, Timestamp};

use super::node::BUILD;
use super::wire::{PageId, Socket, SocketId};
use crate::twin::SiteId;

/// The sockets of all widgets.
pub type Sockets = BTreeMap<SocketId, Socket<Up, Down>>;

/// One visitor's browser.
#[derive(Clone, Debug)]
pub struct Browser {
    /// On which site.
    pub site: SiteId,
    /// The visitor's secret.
    pub secret: String,
    /// The browser's clock, against the true time.
    pub skew: Span,
    /// Whether there is a network.
    pub online: bool,
    /// Its tabs.
    pub tabs: Vec<Tab>,
    /// What it keeps for all of them.
    pub storage: Storage,
    /// Whether it has locks.
    pub shares: bool,
    /// Who holds the lock by which one tab leads, and who waits for it.
    lock: VecDeque<PageId>,
    /// What each tab wrote, in its order, for as long as that order binds: a failed message is sent later.
    pub wrote: BTreeMap<PageId, Vec<ClientMessageId>>,
}

/// What a browser keeps.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    draft: String,
    /// The outbox.
    pub outbox: BTreeMap<ClientMessageId, Written>,
    session: Option<SessionReport>,
    reloaded_for: Option<String>,
    sounds: bool,
    ended: Option<SessionId>,
    polls_until: Option<Timestamp>,
}

/// A page with the widget.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Which page.
    pub page: PageId,
    /// The real machine.
    pub client: EndUserClient,
    /// The socket it holds.
    pub socket: Option<SocketId>,
    /// When it wants to be woken, in true time.
    pub wake: Option<Timestamp>,
    /// What other tabs have told it, and it has not heard yet.
    pub told: VecDeque<Input>,
    /// Ends that the host page was told of, each of the data of an epoch: a restore can undo one.
    pub ends: Vec<(Option<u64>, SessionId)>,
}

/// What a machine's effects ask of the world.
#[derive(Debug, Default)]
pub struct Asked {
    /// A new socket was asked for; this one.
    pub connects: Option<SocketId>,
    /// What the host page was told.
    pub host: Vec<HostEvent>,
    /// The page is to reload.
    pub reloads: bool,
    /// What the shelf answers to what was kept or forgotten: a browser does that within milliseconds, which are no time
    /// here. What was asked of it before is answered before, as a database does it.
    shelf: VecDeque<Input>,
}

impl Browser {
    /// A browser on a site, with no tab open.
    #[must_use]
    pub fn new(number: u64, site: SiteId, skew: Span, sharing: bool) -> Self {
        Self {
            site,
            secret: format!("visitor-{number}"),
            skew,
            online: true,
            tabs: Vec::new(),
            storage: Storage::default(),
            shares: sharing && number.is_multiple_of(2),
            lock: VecDeque::new(),
            wrote: BTreeMap::new(),
        }
    }

    /// The visitor's secret, hashed as the node hashes it.
    #[must_use]
    pub fn secret_hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        for (to, from) in hash.iter_mut().zip(self.secret.bytes()) {
            *to = from;
        }
        hash
    }

    /// Opens a page; what was kept is fed to its machine first.
    pub fn opens(&mut self, page: PageId) -> Input {
        self.tabs.push(Tab {
            page,
            client: EndUserClient::new(Config {
                site: self.site.0.to_string(),
                device: Device {
                    secret: self.secret.clone(),
                    person: None,
                },
                locale: "en".to_owned(),
                build: BUILD.to_owned(),
                keeps: true,
                shares: self.shares,
                tab: tab_id(page),
            }),
            socket: None,
            wake: None,
            told: VecDeque::from([self.storage.looked()]),
            ends: Vec::new(),
        });
        Input::Restored(Kept {
            draft: String::new(),
            session: self.storage.session,
            reloaded_for: self.storage.reloaded_for.clone(),
            sounds: self.storage.sounds,
            ended: self.storage.ended,
            polls_until: self.storage.polls_until,
        })
    }

    /// Closes a page: what its machine knew is gone, but what was kept.
    pub fn closes(&mut self, at: usize, sockets: &mut Sockets) {
        let tab = self.tabs.remove(at);
        let_go(tab.socket, sockets);
        self.resigns(tab.page);
    }

    /// The lock, or the place in its line, is given up.
    fn resigns(&mut self, page: PageId) {
        let held = self.lock.front() == Some(&page);
        self.lock.retain(|other| *other != page);
        for tab in self.tabs.iter_mut().filter(|tab| tab.page == page) {
            tab.told
                .retain(|told| !matches!(told, Input::Elected | Input::Replaced));
        }
        if held {
            self.tells_holder(Input::Elected);
        }
    }

    fn wants_lock(&mut self, page: PageId, steal: bool) {
        if steal && self.lock.front() != Some(&page) {
            self.tells_holder(Input::Replaced);
            self.lock.pop_front();
            self.lock.retain(|other| *other != page);
            self.lock.push_front(page);
            self.tells_holder(Input::Elected);
        } else if !self.lock.contains(&page) {
            self.lock.push_back(page);
            if self.lock.len() == 1 {
                self.tells_holder(Input::Elected);
            }
        }
    }

    fn tells_holder(&mut self, news: Input) {
        let holder = self.lock.front().copied();
        if let Some(tab) = self.tabs.iter_mut().find(|tab| Some(tab.page) == holder) {
            tab.told.push_back(news);
        }
    }

    /// The time as this browser's clock shows it.
    #[must_use]
    pub const fn clock(&self, now: Timestamp) -> Timestamp {
        now.after(self.skew)
    }

    /// Feeds a machine and does what comes back, in order.
    pub fn feed(
        &mut self,
        at: usize,
        input: Input,
        now: Timestamp,
        random: u32,
        sockets: &mut Sockets,
        next: &mut u64,
    ) -> Asked {
        let mut asked = Asked::default();
        let clock = self.clock(now);
        let came = if let Input::Frame(frame) = &input {
            Some(frame.clone())
        } else {
            None
        };
        let mut input = Some(input);
        while let Some(next_input) = input.take() {
            let effects = self.tabs[at].client.handle(next_input, clock, random);
            for effect in effects {
                if let (Effect::PassOn(term), Some(frame)) = (&effect, &came) {
                    let (term, frame) = (*term, frame.clone());
                    self.tell_others(at, &Input::PassedOn { term, frame });
                }
                self.does(at, effect, now, sockets, next, &mut asked);
            }
            input = asked.shelf.pop_front();
        }
        asked
    }

    fn does(
        &mut self,
        at: usize,
        effect: Effect,
        now: Timestamp,
        sockets: &mut Sockets,
        next: &mut u64,
        asked: &mut Asked,
    ) {
        let clock = self.clock(now);
        let tab = &mut self.tabs[at];
        match effect {
            // By requests or by a socket: frames come and go, in order, until it is over.
            Effect::Connect(_) => {
                let_go(tab.socket, sockets);
                *next += 1;
                let id = SocketId(*next);
                sockets.insert(id, Socket::new(tab.page));
                tab.socket = Some(id);
                asked.connects = Some(id);
            }
            Effect::Send(frame) => {
                let socket = tab.socket.and_then(|socket| sockets.get_mut(&socket));
                if let Some(socket) = socket.filter(|socket| socket.open) {
                    socket.up.push_back(frame);
                }
            }
            Effect::CloseSocket => let_go(tab.socket.take(), sockets),
            // As a browser's timer does it: so long from now, whatever becomes of the clock.
            Effect::WakeAt(at) => {
                tab.wake = at.map(|at| now.after(Span(at.0.saturating_sub(clock.0).max(0))));
            }
            Effect::Keep(item) => {
                tab.answers_looks(&mut asked.shelf);
                asked.shelf.push_back(Input::Shelved(item.cid));
                self.storage.outbox.insert(item.cid, item);
            }
            Effect::Forget(cid) => {
                tab.answers_looks(&mut asked.shelf);
                asked.shelf.push_back(Input::Shelved(cid));
                self.storage.outbox.remove(&cid);
            }
            Effect::Look => tab.told.push_back(self.storage.looked()),
            Effect::Tell(word) => self.tell_others(at, &Input::Heard(word)),
            Effect::Elect { steal } => {
                let page = tab.page;
                self.wants_lock(page, steal);
            }
            Effect::Resign => {
                let page = tab.page;
                self.resigns(page);
            }
            Effect::ClearShelf => self.storage.outbox.clear(),
            Effect::KeepDraft(draft) => self.storage.draft = draft,
            Effect::KeepSession(session) => self.storage.session = session,
            Effect::KeepSounds(on) => {
                self.storage.sounds = on;
                self.tell_others(at, &Input::SoundsSwitched(on));
            }
            Effect::KeepEnded(session) => {
                self.storage.ended = Some(session);
                self.tell_others(at, &Input::EndedElsewhere(session));
            }
            Effect::KeepPollsUntil(until) => self.storage.polls_until = until,
            Effect::Host(event) => {
                if let HostEvent::SessionEnded { session, .. } = &event {
                    tab.ends.push((tab.client.timeline().epoch(), *session));
                }
                asked.host.push(event);
            }
            Effect::ReloadForUpgrade(build) => {
                self.storage.reloaded_for = Some(build);
                asked.reloads = true;
            }
            // Nobody logs in here.
            Effect::LogIn(_)
            | Effect::KeepDevice(_)
            | Effect::ShareAs(_)
            | Effect::LeaveDevice
            | Effect::RenewDevice
            | Effect::PassOn(_)
            | Effect::Chime
            | Effect::EmptyComposer
            | Effect::ViewChanged => {}
        }
    }

    fn tell_others(&mut self, at: usize, input: &Input) {
        for (other, tab) in self.tabs.iter_mut().enumerate() {
            if other != at {
                tab.told.push_back(input.clone());
            }
        }
    }
}

impl Tab {
    /// Lets what was read of the shelf, and not heard yet, be heard.
    fn answers_looks(&mut self, shelf: &mut VecDeque<Input>) {
        let (looked, rest) = std::mem::take(&mut self.told)
            .into_iter()
            .partition(|told| matches!(told, Input::Looked { .. }));
        self.told = rest;
        shelf.extend::<VecDeque<_>>(looked);
    }
}

impl Storage {
    fn looked(&self) -> Input {
        Input::Looked {
            outbox: self.outbox.values().cloned().collect(),
            draft: Some(self.draft.clone()).filter(|draft| !draft.is_empty()),
        }
    }
}

/// A page's name among the tabs of its browser.
fn tab_id(page: PageId) -> TabId {
    TabId(u32::try_from(page.0 % (1 << 32)).unwrap_or_default())
}

/// The page holds the socket no longer. What it had sent may still arrive.
pub fn let_go<U: Clone, D: Clone>(socket: Option<SocketId>, sockets: &mut BTreeMap<SocketId, Socket<U, D>>) {
    if let Some(id) = socket
        && let Some(socket) = sockets.get_mut(&id)
    {
        socket.held = false;
        socket.down.clear();
        if socket.is_over() {
            sockets.remove(&id);
        }
    }
}
