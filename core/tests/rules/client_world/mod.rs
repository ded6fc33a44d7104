//! A world for the widget's machine: its page with storage, socket and timer, and the server's rules at the other end
//! of a wire that can be held, cut, or made to lose, double and reorder. The clock is moved by hand. Of the browser
//! there are the shelf that all tabs share, the channel between them and the lock that one of them holds.
#![expect(unreachable_pub, reason = "read by every rule test, like a crate of its own")]
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, VecDeque};

use causerie_core::chat_thread::Actor;
use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{Config, Device, Effect, EndUserClient, HostEvent, Input, Kept};
use causerie_core::client::role::TabId;
use causerie_core::client::timeline::{Row, Written};
use causerie_core::client::transport::Transport;
use causerie_core::message::ThreadEntry;
use causerie_core::session::SessionState;
use causerie_core::ticket::CommentTo;
use causerie_core::time::Span;
use causerie_core::wire::Refused;
use causerie_core::wire::end_user::{Ack, Down, Resumed, SessionReport, Up};
use causerie_core::{ClientMessageId, Seq, SessionId, Timestamp};
use uuid::Uuid;

use crate::world::{World, amy};

pub const BUILD: &str = "build-1";

/// Numbers that look random and are the same for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub fn roll(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }

    /// True once in `n` rolls.
    pub fn one_in(&mut self, n: u32) -> bool {
        self.roll().is_multiple_of(n)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.roll() as usize % n
    }
}

/// What the browser keeps for all tabs of a site.
#[derive(Clone, Default)]
pub struct Storage {
    pub draft: String,
    pub outbox: BTreeMap<ClientMessageId, Written>,
    pub session: Option<SessionReport>,
    pub reloaded_for: Option<String>,
    pub sounds: bool,
    pub ended: Option<SessionId>,
    pub polls_until: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Socket {
    None,
    Opening,
    Open,
}

/// What a page asks of the shelf; done in order.
#[derive(Clone, Debug)]
pub enum Asked {
    Keep(Written),
    Forget(ClientMessageId),
    Look,
}

/// The lock by which one tab leads.
#[derive(Default)]
pub struct Lock {
    pub holder: Option<TabId>,
    line: VecDeque<TabId>,
}

impl Lock {
    /// Whether a tab holds it or waits for it.
    pub fn knows(&self, tab: TabId) -> bool {
        self.holder == Some(tab) || self.line.contains(&tab)
    }
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
    wake_at: Option<Timestamp>,
    /// Up to where the server has sent entries on this socket; none before the hello.
    told: Option<(Seq, Option<SessionReport>)>,
}

/// One end user's tabs, and the server.
pub struct Tabs {
    pub server: World,
    pub pages: Vec<Page>,
    pub storage: Storage,
    pub dice: Dice,
    pub epoch: u64,
    pub build: String,
    /// Whether sockets open at all.
    pub reachable: bool,
    /// Whether something between here and the server lets no socket through.
    pub blocks_sockets: bool,
    /// Whether the server leaves everything unanswered.
    pub holds: bool,
    /// Refusals for the next messages, first first.
    pub refuses: VecDeque<Refused>,
    /// Whether acknowledgements overtake the entries, or come after them.
    pub ack_first: bool,
    /// Whether the browser has locks and a channel.
    pub shares: bool,
    /// Whether shelf, channel and locks take their time: they get a turn with each step, not at once.
    pub slow: bool,
    /// Whether the shelf refuses what is put on it.
    pub shelf_refuses: bool,
    /// Whether the channel carries nothing.
    pub deaf: bool,
    pub lock: Lock,
    next_tab: u32,
    next_cid: u128,
    settling: bool,
}

impl Tabs {
    /// The panel is open in one tab, on a server where nothing was said.
    pub fn one() -> Self {
        let mut tabs = Self::none();
        tabs.open_page();
        tabs.input(0, Input::PanelShown);
        tabs.drive();
        tabs
    }

    /// As [`Self::one`], and the visitor is with Amy.
    pub fn with_amy() -> Self {
        let mut tabs = Self::one();
        tabs.writes("hello");
        let ticket = tabs.server.hands_off();
        tabs.server
            .update(ticket, &amy(), crate::world::assign_to(amy().id))
            .expect("assigned");
        tabs.drive();
        tabs
    }

    pub fn none() -> Self {
        Self {
            server: World::new(),
            pages: Vec::new(),
            storage: Storage::default(),
            dice: Dice::new(1),
            epoch: 1,
            build: BUILD.to_owned(),
            reachable: true,
            blocks_sockets: false,
            holds: false,
            refuses: VecDeque::new(),
            ack_first: true,
            shares: false,
            slow: false,
            shelf_refuses: false,
            deaf: false,
            lock: Lock::default(),
            next_tab: 0,
            next_cid: 1 << 64,
            settling: false,
        }
    }

    pub fn open_page(&mut self) -> usize {
        self.next_tab += 1;
        self.pages.push(Page::new(TabId(self.next_tab), self.shares));
        let page = self.pages.len() - 1;
        let kept = Kept {
            draft: String::new(),
            session: self.storage.session,
            reloaded_for: self.storage.reloaded_for.clone(),
            sounds: self.storage.sounds,
            ended: self.storage.ended,
            polls_until: self.storage.polls_until,
        };
        self.input(page, Input::Restored(kept));
        self.pages[page].asked.push_back(Asked::Look);
        self.browser_settles();
        page
    }

    /// A page is closed, or dies: what is on its way to the shelf may come there still.
    pub fn close_page(&mut self, page: usize) {
        let gone = self.pages.remove(page);
        for asked in gone.asked {
            match asked {
                Asked::Keep(item) if self.dice.one_in(2) => {
                    self.storage.outbox.insert(item.cid, item);
                }
                Asked::Keep(_) | Asked::Forget(_) | Asked::Look => break,
            }
        }
        self.let_go_of_lock(gone.tab);
    }

    /// The first page goes and comes back; only what was kept survives.
    pub fn reload(&mut self) {
        self.close_page(0);
        let page = self.open_page();
        self.pages.swap(0, page);
        self.input(0, Input::PanelShown);
    }

    pub fn page(&self) -> &Page {
        &self.pages[0]
    }

    pub fn client(&self) -> &EndUserClient {
        &self.pages[0].client
    }

    pub fn fresh_cid(&mut self) -> ClientMessageId {
        self.next_cid += 1;
        ClientMessageId(Uuid::from_u128(self.next_cid))
    }

    /// The visitor writes in the first tab; nothing travels yet.
    pub fn types(&mut self, text: &str) -> ClientMessageId {
        let cid = self.fresh_cid();
        self.input(
            0,
            Input::Written {
                cid,
                text: text.to_owned(),
            },
        );
        cid
    }

    /// The visitor writes in the first tab, and everything comes to rest.
    pub fn writes(&mut self, text: &str) -> ClientMessageId {
        let cid = self.types(text);
        self.drive();
        cid
    }

    pub fn amy_ends(&mut self) {
        let ticket = self.server.ticket_of_latest().id;
        self.server.ends(ticket, &amy()).expect("ended");
    }

    pub fn amy_says(&mut self, text: &str) {
        let ticket = self.server.ticket_of_latest().id;
        self.server
            .update(ticket, &amy(), crate::world::comment(CommentTo::Messaging, text))
            .expect("said");
    }

    /// The first tab's socket is gone, and none opens.
    pub fn goes_offline(&mut self) {
        self.reachable = false;
        self.cut(0, 1006);
    }

    pub fn comes_back(&mut self) {
        self.reachable = true;
        for page in 0..self.pages.len() {
            self.input(page, Input::Online);
        }
    }

    pub fn cut(&mut self, page: usize, code: u16) {
        if self.pages[page].socket != Socket::None {
            self.pages[page].hang_up();
            self.input(page, Input::SocketClosed { code });
        }
    }

    pub fn pass(&mut self, span: Span) {
        self.server.pass(span);
    }

    /// The browser's clock is set to another time. Its timers run on: they know spans, and no clock.
    pub fn clock_jumps(&mut self, by: Span) {
        self.server.now = self.server.now.after(by);
        for page in &mut self.pages {
            page.wake_at = page.wake_at.map(|at| at.after(by));
        }
    }

    /// The texts on the first tab's screen, with what is not said for sure in parentheses.
    pub fn screen(&self) -> Vec<String> {
        let shown = |row: Row| match row.standing {
            causerie_core::client::timeline::Standing::Stands => row.text,
            causerie_core::client::timeline::Standing::Pending => ["(", &row.text, ")"].concat(),
            causerie_core::client::timeline::Standing::Failed { .. } => ["!", &row.text].concat(),
        };
        self.rows().into_iter().map(shown).collect()
    }

    pub fn rows(&self) -> Vec<Row> {
        self.client()
            .rows(1000, &|at| i32::try_from(at.0 / 86_400_000).unwrap_or(0))
    }

    /// Feeds an input and does what comes back, in order.
    pub fn input(&mut self, page: usize, input: Input) {
        let (now, random) = (self.server.now, self.dice.roll());
        let came = if let Input::Frame(frame) = &input {
            Some(frame.clone())
        } else {
            None
        };
        let effects = self.pages[page].client.handle(input, now, random);
        for effect in effects {
            if let (Effect::PassOn(term), Some(frame)) = (&effect, &came) {
                let (term, frame) = (*term, frame.clone());
                self.tell_by_channel(page, &Input::PassedOn { term, frame });
            } else {
                self.perform(page, effect);
            }
        }
        if !self.slow {
            self.browser_settles();
        }
    }

    /// Shelf, channel and locks do what they are asked for.
    fn browser_settles(&mut self) {
        if self.slow || core::mem::replace(&mut self.settling, true) {
            return;
        }
        while let Some(page) = (0..self.pages.len()).find(|page| self.has_turn(*page)) {
            self.browser_turn(page);
        }
        self.settling = false;
    }

    fn has_turn(&self, page: usize) -> bool {
        let page = &self.pages[page];
        !(page.frozen || (page.asked.is_empty() || page.half_frozen) && page.events.is_empty())
    }

    /// One thing that shelf, channel and locks have for a page.
    pub fn browser_turn(&mut self, page: usize) {
        let its = &mut self.pages[page];
        if !its.half_frozen
            && let Some(asked) = its.asked.pop_front()
        {
            let done = match asked {
                Asked::Keep(_) | Asked::Forget(_) if self.shelf_refuses => Input::ShelfLost,
                Asked::Keep(item) => {
                    let cid = item.cid;
                    self.storage.outbox.insert(cid, item);
                    Input::Shelved(cid)
                }
                Asked::Forget(cid) => {
                    self.storage.outbox.remove(&cid);
                    Input::Shelved(cid)
                }
                Asked::Look => Input::Looked {
                    outbox: self.storage.outbox.values().cloned().collect(),
                    draft: Some(self.storage.draft.clone()).filter(|draft| !draft.is_empty()),
                },
            };
            self.input(page, done);
        } else if let Some(event) = self.pages[page].events.pop_front() {
            self.input(page, event);
        }
    }

    fn ask_for_lock(&mut self, tab: TabId, steal: bool) {
        if steal && self.lock.holder != Some(tab) {
            let before = self.lock.holder.replace(tab);
            self.tell_of_lock(before, Input::Replaced);
            self.tell_of_lock(Some(tab), Input::Elected);
        } else if !steal && self.lock.holder != Some(tab) && !self.lock.line.contains(&tab) {
            self.lock.line.push_back(tab);
            self.grant_lock();
        }
    }

    fn let_go_of_lock(&mut self, tab: TabId) {
        self.lock.line.retain(|other| *other != tab);
        // What was decided of it and not yet told is not told any more.
        for page in self.pages.iter_mut().filter(|page| page.tab == tab) {
            page.events
                .retain(|event| !matches!(event, Input::Elected | Input::Replaced));
        }
        if self.lock.holder == Some(tab) {
            self.lock.holder = None;
            self.grant_lock();
        }
    }

    fn grant_lock(&mut self) {
        if self.lock.holder.is_none() {
            self.lock.holder = self.lock.line.pop_front();
            self.tell_of_lock(self.lock.holder, Input::Elected);
        }
    }

    fn tell_of_lock(&mut self, tab: Option<TabId>, news: Input) {
        let page = self.pages.iter_mut().find(|page| Some(page.tab) == tab);
        if let Some(page) = page {
            page.events.push_back(news);
        }
    }

    fn perform(&mut self, page: usize, effect: Effect) {
        let its = &mut self.pages[page];
        match effect {
            Effect::Connect(way) => {
                its.hang_up();
                its.ways.push(way);
                its.socket = Socket::Opening;
                its.connects += 1;
            }
            Effect::Send(frame) => {
                assert_eq!(its.socket, Socket::Open, "{frame:?} needs a socket");
                its.sent.push(frame.clone());
                its.up.push_back(frame);
            }
            Effect::CloseSocket => its.hang_up(),
            Effect::WakeAt(at) => {
                assert_ne!(at, its.wake_at, "asked again for nothing");
                its.wake_at = at;
            }
            Effect::Keep(item) => its.asked.push_back(Asked::Keep(item)),
            Effect::Forget(cid) => its.asked.push_back(Asked::Forget(cid)),
            Effect::Look => its.asked.push_back(Asked::Look),
            Effect::Tell(word) => self.tell_by_channel(page, &Input::Heard(word)),
            Effect::PassOn(_) => panic!("no frame has come"),
            Effect::Elect { steal } => {
                let tab = its.tab;
                self.ask_for_lock(tab, steal);
            }
            Effect::Resign => {
                let tab = its.tab;
                self.let_go_of_lock(tab);
            }
            Effect::KeepDraft(draft) => self.storage.draft = draft,
            Effect::KeepSession(session) => self.storage.session = session,
            Effect::KeepSounds(on) => {
                self.storage.sounds = on;
                self.tell_other_tabs(page, &Input::SoundsSwitched(on));
            }
            Effect::KeepEnded(session) => {
                self.storage.ended = Some(session);
                self.tell_other_tabs(page, &Input::EndedElsewhere(session));
            }
            Effect::KeepPollsUntil(until) => self.storage.polls_until = until,
            Effect::LogIn(_)
            | Effect::KeepDevice(_)
            | Effect::ShareAs(_)
            | Effect::LeaveDevice
            | Effect::RenewDevice => {
                panic!("nobody logs in here")
            }
            Effect::Chime => its.chimes += 1,
            Effect::Host(event) => its.host.push(event),
            Effect::ReloadForUpgrade(build) => {
                its.reloads += 1;
                self.storage.reloaded_for = Some(build);
            }
            Effect::ViewChanged => its.drawn += 1,
        }
    }

    fn tell_by_channel(&mut self, page: usize, word: &Input) {
        for other in (0..self.pages.len()).filter(|other| *other != page && !self.deaf) {
            self.pages[other].events.push_back(word.clone());
        }
    }

    fn tell_other_tabs(&mut self, page: usize, input: &Input) {
        for other in (0..self.pages.len()).filter(|other| *other != page) {
            self.input(other, input.clone());
        }
    }

    /// Lets everything travel that can travel now; time stands still.
    pub fn drive(&mut self) {
        for _ in 0..1000 {
            self.notify();
            let moved: Vec<bool> = (0..self.pages.len()).map(|page| self.step(page)).collect();
            if moved.iter().all(|moved| !moved) {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Moves the clock to each timer in turn for so long, and lets everything travel.
    pub fn drive_for(&mut self, span: Span) {
        let until = self.server.now.after(span);
        self.drive();
        let mut fired = 0;
        loop {
            fired += 1;
            assert!(fired < 10_000, "a timer goes round in circles");
            let next = self.awake().filter_map(|page| page.wake_at).min();
            match next {
                Some(at) if at <= until => {
                    self.server.now = self.server.now.max(at);
                    self.fire_timers();
                    self.drive();
                }
                Some(_) | None => break,
            }
        }
        self.server.now = until;
    }

    fn awake(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter().filter(|page| !page.frozen)
    }

    pub fn fire_timers(&mut self) {
        for page in 0..self.pages.len() {
            let due = self.pages[page].wake_at.is_some_and(|at| at <= self.server.now);
            if due && !self.pages[page].frozen {
                self.pages[page].wake_at = None;
                self.input(page, Input::TimerFired);
            }
        }
    }

    /// One thing happens on a page's wire, if anything can.
    pub fn step(&mut self, page: usize) -> bool {
        if self.pages[page].frozen {
            return false;
        }
        if self.has_turn(page) {
            self.browser_turn(page);
            return true;
        }
        if self.pages[page].socket == Socket::Opening {
            let blocked = self.blocks_sockets && self.pages[page].ways.last() == Some(&Transport::Socket);
            if self.reachable && !blocked {
                self.pages[page].socket = Socket::Open;
                self.input(page, Input::SocketOpened);
            } else {
                self.cut(page, 1006);
            }
            return true;
        }
        if let Some(frame) = self.pages[page].down.pop_front() {
            self.input(page, Input::Frame(frame));
            return true;
        }
        if self.holds {
            return false;
        }
        match self.pages[page].up.pop_front() {
            Some(frame) => {
                self.hear(page, frame);
                true
            }
            None => false,
        }
    }

    /// The server hears a frame.
    pub fn hear(&mut self, page: usize, frame: Up) {
        match frame {
            Up::Hello(hello) => {
                let last = if hello.epoch == Some(self.epoch) {
                    hello.last
                } else {
                    Seq(0)
                };
                let session = self.report();
                let resumed = Resumed {
                    thread: session.map(|_| self.server.thread.id),
                    epoch: self.epoch,
                    head: self.server.thread.head,
                    read: Seq(0),
                    session,
                    build: self.build.clone(),
                    may_end: self.server.settings.end_users_can_end_sessions,
                };
                self.pages[page].down.push_back(Down::Resumed(resumed));
                self.pages[page].told = Some((last, session));
                self.notify();
            }
            Up::Send(send) => {
                if let Some(refusal) = self.refuses.pop_front() {
                    let refusal = Refused {
                        cid: Some(send.cid),
                        ..refusal
                    };
                    self.pages[page].down.push_back(Down::Refused(refusal));
                    return;
                }
                let (session, seq, placement) = self.server.sends(send.cid, &send.text, send.seen);
                let ack = Down::Ack(Ack {
                    cid: send.cid,
                    session,
                    seq,
                    placement,
                    elsewhere: false,
                });
                if self.ack_first {
                    self.pages[page].down.push_back(ack);
                    self.notify();
                } else {
                    self.notify();
                    self.pages[page].down.push_back(ack);
                }
            }
            Up::Ping => self.pages[page].down.push_back(Down::Pong),
            Up::End { cid, session } => {
                if let Err(why) = self.server.ends_as(session, Actor::EndUser) {
                    let refused = Refused {
                        cid: Some(cid),
                        code: why.code().to_owned(),
                        message: why.to_string(),
                        retryable: false,
                        retry_after_ms: None,
                    };
                    self.pages[page].down.push_back(Down::Refused(refused));
                }
                self.notify();
            }
            Up::Read(seq) => {
                let others = (0..self.pages.len()).filter(|other| *other != page);
                for other in others {
                    if self.pages[other].told.is_some() {
                        self.pages[other].down.push_back(Down::Read(seq));
                    }
                }
            }
            Up::Typing(_) => {}
        }
    }

    /// The server tells every socket what it does not have.
    pub fn notify(&mut self) {
        let report = self.report();
        let log = &self.server.thread_log;
        for page in &mut self.pages {
            let Some((upto, told)) = page.told else { continue };
            let new: Vec<ThreadEntry> = log.iter().filter(|entry| entry.seq > upto).cloned().collect();
            let head = new.last().map_or(upto, |last| last.seq);
            if !new.is_empty() {
                page.down.push_back(Down::Entries(new));
            }
            if report != told {
                page.down.extend(report.map(Down::Session));
            }
            page.told = Some((head, report));
        }
    }

    pub fn report(&self) -> Option<SessionReport> {
        self.server.thread.latest().map(SessionReport::of)
    }
}

impl Page {
    fn new(tab: TabId, shares: bool) -> Self {
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

    fn hang_up(&mut self) {
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

/// A refusal that another attempt may not meet.
pub fn for_now(retry_after_ms: Option<u32>) -> Refused {
    Refused {
        cid: None,
        code: "unavailable".to_owned(),
        message: "Try again soon.".to_owned(),
        retryable: true,
        retry_after_ms,
    }
}

/// A refusal for good.
pub fn for_good(code: &str) -> Refused {
    Refused {
        cid: None,
        code: code.to_owned(),
        message: "It cannot be taken.".to_owned(),
        retryable: false,
        retry_after_ms: None,
    }
}
