//! A world for login: a browser with tabs that share its storage, and a server that knows secrets, people and chat
//! threads, with core's own decisions about them. Whatever goes between the two may be lost; the clock is moved by hand.
//! The tabs have a socket each, or share one: see `together`.
#![expect(unreachable_pub, reason = "each test file is a crate of its own")]
#![expect(clippy::expect_used, reason = "a test that panics has failed")]
#![allow(dead_code, reason = "each test file uses its part of the world")]

mod kept;
mod network;
pub mod server;
mod together;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use causerie_core::client::end_user::{
    Config, Device, Effect, EndUserClient, Input, Kept, LoginPost, TokenGiven,
};
use causerie_core::client::role::TabId;
use causerie_core::client::timeline::Written;
use causerie_core::wire::end_user::{Down, Up};
use causerie_core::{ClientMessageId, Seq, Timestamp};
use server::Server;
use together::Lock;
use uuid::Uuid;

/// One tab.
pub struct Tab {
    pub client: EndUserClient,
    device: Device,
    open: bool,
    pub up: VecDeque<Up>,
    pub down: VecDeque<Down>,
    told: Option<(usize, Seq)>,
    /// Logins on their way.
    pub posts: VecDeque<LoginPost>,
    /// The page was asked for a token and has not answered.
    pub asked: bool,
    /// For which call it was asked last.
    pub asked_for: u32,
    /// What other tabs have done to the browser's storage that this one has not heard of yet.
    pub news: VecDeque<News>,
    /// How each of the page's calls went.
    pub told_page: BTreeMap<u32, Vec<Option<String>>>,
    /// How often the page was told of a message of its own: that it stands, or does not.
    pub told_of: BTreeMap<ClientMessageId, u32>,
    /// What is seen in the composer.
    pub composer: String,
    /// Its name among the others.
    id: TabId,
    /// What channel and locks have for it.
    pub events: VecDeque<Input>,
    wake_at: Option<Timestamp>,
    /// What was kept or forgotten, and is not told yet.
    shelved: VecDeque<ClientMessageId>,
    /// The shelf is to be looked at.
    looks: bool,
}

/// What a tab hears of the browser's storage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// Another has logged in or out, or has kept a fresh secret.
    Device,
    /// Another has taken all of it out.
    Reset,
}

/// What the browser keeps, for all tabs.
#[derive(Default)]
pub struct Storage {
    pub device: Option<Device>,
    /// What was written and is not sent, by whose it is.
    pub shelf: BTreeMap<String, BTreeMap<ClientMessageId, Written>>,
    pub drafts: BTreeMap<String, String>,
}

pub struct Browser {
    pub server: Server,
    pub tabs: Vec<Tab>,
    pub storage: Storage,
    /// The network: without it nothing opens, and posts are lost.
    pub online: bool,
    /// Whether the tabs of one person share a socket.
    shares: bool,
    /// What was on its way when a page cleared all there was: it may have been sent or not.
    pub thrown_away: BTreeSet<ClientMessageId>,
    /// The lock of each.
    locks: BTreeMap<String, Lock>,
    next_tab: u32,
    next: u128,
    random: u32,
}

/// Whose shelf it is: a person's, or that of a secret that is nobody's in particular.
pub fn owner(device: &Device) -> String {
    device
        .person
        .map_or_else(|| device.secret.clone(), |person| person.to_string())
}

/// What such a secret begins with here.
const NOBODYS: &str = "secret-";

impl Browser {
    pub fn new() -> Self {
        Self::with_tabs(1, false)
    }

    pub fn with_tabs(tabs: usize, shares: bool) -> Self {
        let mut browser = Self {
            server: Server::new(),
            tabs: Vec::new(),
            storage: Storage::default(),
            online: true,
            shares,
            thrown_away: BTreeSet::new(),
            locks: BTreeMap::new(),
            next_tab: 0,
            next: 0,
            random: 7,
        };
        for _ in 0..tabs {
            browser.opens_a_tab();
        }
        browser
    }

    pub fn opens_a_tab(&mut self) -> usize {
        let device = match &self.storage.device {
            Some(device) => device.clone(),
            None => self.fresh_device(),
        };
        let id = self.fresh_tab();
        let tab = Tab {
            client: EndUserClient::new(config(&device, id, self.shares)),
            device,
            open: false,
            up: VecDeque::new(),
            down: VecDeque::new(),
            told: None,
            posts: VecDeque::new(),
            asked: false,
            asked_for: 0,
            news: VecDeque::new(),
            told_page: BTreeMap::new(),
            told_of: BTreeMap::new(),
            composer: String::new(),
            id,
            events: VecDeque::new(),
            wake_at: None,
            shelved: VecDeque::new(),
            looks: false,
        };
        self.tabs.push(tab);
        let at = self.tabs.len() - 1;
        self.takes_up(at);
        at
    }

    /// The page goes and comes again: what was in its memory is gone, and its calls with it.
    pub fn reloads(&mut self, at: usize) {
        let device = self.storage.device.clone();
        let device = device.unwrap_or_else(|| self.fresh_device());
        self.begins_anew(at, device);
        let tab = &mut self.tabs[at];
        tab.asked = false;
        tab.composer.clear();
        tab.posts.clear();
        tab.news.clear();
        tab.told_page.clear();
        tab.told_of.clear();
        self.takes_up(at);
    }

    /// Another machine takes over the tab.
    fn begins_anew(&mut self, at: usize, device: Device) {
        self.lets_go_of_lock(at);
        let id = self.fresh_tab();
        let shares = self.shares;
        let tab = &mut self.tabs[at];
        tab.client = EndUserClient::new(config(&device, id, shares));
        (tab.device, tab.id) = (device, id);
        (tab.open, tab.told, tab.wake_at) = (false, None, None);
        tab.up.clear();
        tab.down.clear();
        tab.events.clear();
        tab.shelved.clear();
    }

    /// The page clears the widget's state.
    pub fn resets(&mut self, at: usize) {
        self.input(at, Input::LogoutWanted);
        let kept = self.storage.shelf.values().flat_map(BTreeMap::keys);
        self.thrown_away.extend(kept);
        self.storage = Storage::default();
        self.tells_other_tabs(at, News::Reset);
        self.starts_over(at);
    }

    /// Whoever was here is forgotten. What was posted is on its way all the same.
    fn starts_over(&mut self, at: usize) {
        let waits = self.tabs[at].client.outbox().iter().map(|item| item.cid);
        self.thrown_away.extend(waits);
        self.input(at, Input::Unwanted);
        let whose = owner(&self.tabs[at].device);
        let kept = self.storage.shelf.remove(&whose).unwrap_or_default();
        self.thrown_away.extend(kept.keys());
        self.storage.drafts.remove(&whose);
        let fresh = self.fresh_device();
        self.begins_anew(at, fresh);
        self.takes_up(at);
    }

    fn fresh_tab(&mut self) -> TabId {
        self.next_tab += 1;
        TabId(self.next_tab)
    }

    fn takes_up(&mut self, at: usize) {
        let kept = Kept { ..Kept::default() };
        self.input(at, Input::Restored(kept));
        self.looks(at);
        self.input(at, Input::PanelShown);
    }

    pub fn fresh_device(&mut self) -> Device {
        Device {
            secret: self.fresh_secret(),
            person: None,
        }
    }

    pub fn fresh_secret(&mut self) -> String {
        self.next += 1;
        format!("{NOBODYS}{}", self.next)
    }

    pub fn writes(&mut self, at: usize, text: &str) -> ClientMessageId {
        self.next += 1;
        let cid = ClientMessageId(Uuid::from_u128(self.next));
        self.settles(at);
        let text = text.to_owned();
        self.tabs[at].composer.clear();
        self.input(at, Input::Written { cid, text });
        cid
    }

    /// The page sends in the visitor's name.
    pub fn page_sends(&mut self, at: usize, text: &str) -> ClientMessageId {
        self.next += 1;
        let cid = ClientMessageId(Uuid::from_u128(self.next));
        self.settles(at);
        let (text, thread) = (text.to_owned(), None);
        self.input(at, Input::HostSent { cid, text, thread });
        cid
    }

    pub fn types(&mut self, at: usize, text: &str) {
        self.settles(at);
        text.clone_into(&mut self.tabs[at].composer);
        self.input(at, Input::Edited(text.to_owned()));
    }

    pub fn asks_to_log_in(&mut self, at: usize, call: u32) {
        self.settles(at);
        self.input(at, Input::LoginWanted { call });
    }

    /// The page answers with a token that names somebody for so long, or with none.
    pub fn gives(&mut self, at: usize, whom: Option<&str>, for_ms: i64) {
        let call = self.tabs[at].asked_for;
        self.gives_for(at, call, whom, for_ms);
    }

    /// The same, by the function of this call.
    pub fn gives_for(&mut self, at: usize, call: u32, whom: Option<&str>, for_ms: i64) {
        let fresh = self.fresh_secret();
        let until = self.server.now.0 + for_ms;
        let token = whom.map(|whom| format!("{whom} {until}"));
        self.tabs[at].asked = false;
        let call = Some(call);
        self.input(at, Input::TokenGiven(TokenGiven { token, call, fresh }));
    }

    pub fn input(&mut self, at: usize, input: Input) {
        self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (now, random) = (self.server.now, self.random);
        let came = if let Input::Frame(frame) = &input {
            Some(frame.clone())
        } else {
            None
        };
        let effects = self.tabs[at].client.handle(input, now, random);
        for effect in effects {
            if let (Effect::PassOn(term), Some(frame)) = (&effect, &came) {
                let (term, frame) = (*term, frame.clone());
                self.tells_by_channel(at, &Input::PassedOn { term, frame });
            } else {
                self.act(at, effect);
            }
        }
        while let Some(cid) = self.tabs[at].shelved.pop_front() {
            self.input(at, Input::Shelved(cid));
        }
        if core::mem::take(&mut self.tabs[at].looks) {
            self.looks(at);
        }
    }

    /// What a tab shows, as text.
    pub fn shows(&self, at: usize) -> Vec<String> {
        let rows = self.tabs[at].client.rows(usize::MAX, &|_| 0);
        rows.into_iter().map(|row| row.text).collect()
    }
}

impl Tab {
    fn lets_go(&mut self) {
        self.open = false;
        self.told = None;
        self.up.clear();
        self.down.clear();
    }

    pub fn answers(&self, call: u32) -> &[Option<String>] {
        self.told_page.get(&call).map_or(&[], Vec::as_slice)
    }
}

fn config(device: &Device, tab: TabId, shares: bool) -> Config {
    Config {
        site: "shop".to_owned(),
        device: device.clone(),
        locale: "en".to_owned(),
        build: server::BUILD.to_owned(),
        keeps: true,
        shares,
        tab,
    }
}
