//! A world for the widget's machine: its page with storage, socket and timer, and the server's rules at the other end
//! of a wire that can be held, cut, or made to lose, double and reorder. The clock is moved by hand.
#![expect(unreachable_pub, reason = "read by every rule test, like a crate of its own")]
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, VecDeque};

use causerie_core::chat_thread::Actor;
use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{Config, Effect, EndUserClient, HostEvent, Input, Kept};
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
    next_cid: u128,
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
            next_cid: 1 << 64,
        }
    }

    pub fn open_page(&mut self) -> usize {
        self.pages.push(Page::new());
        let page = self.pages.len() - 1;
        let kept = Kept {
            draft: self.storage.draft.clone(),
            outbox: self.storage.outbox.values().cloned().collect(),
            session: self.storage.session,
            reloaded_for: self.storage.reloaded_for.clone(),
            sounds: self.storage.sounds,
            ended: self.storage.ended,
            polls_until: self.storage.polls_until,
        };
        self.input(page, Input::Restored(kept));
        page
    }

    /// The first page goes and comes back; only what was kept survives.
    pub fn reload(&mut self) {
        self.pages.remove(0);
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
        let effects = self.pages[page].client.handle(input, now, random);
        for effect in effects {
            self.perform(page, effect);
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
            Effect::Keep(item) => {
                self.storage.outbox.insert(item.cid, item.clone());
                self.tell_other_tabs(page, &Input::KeptElsewhere(item));
            }
            Effect::Forget(cid) => {
                self.storage.outbox.remove(&cid);
                self.tell_other_tabs(page, &Input::ForgottenElsewhere(cid));
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
            Effect::Chime => its.chimes += 1,
            Effect::Host(event) => its.host.push(event),
            Effect::ReloadForUpgrade(build) => {
                its.reloads += 1;
                self.storage.reloaded_for = Some(build);
            }
            Effect::ViewChanged => its.drawn += 1,
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
        loop {
            let next = self.pages.iter().filter_map(|page| page.wake_at).min();
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

    pub fn fire_timers(&mut self) {
        for page in 0..self.pages.len() {
            if self.pages[page].wake_at.is_some_and(|at| at <= self.server.now) {
                self.pages[page].wake_at = None;
                self.input(page, Input::TimerFired);
            }
        }
    }

    /// One thing happens on a page's wire, if anything can.
    pub fn step(&mut self, page: usize) -> bool {
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

    fn report(&self) -> Option<SessionReport> {
        self.server.thread.latest().map(SessionReport::of)
    }
}

impl Page {
    fn new() -> Self {
        let config = Config {
            site: "demo".to_owned(),
            secret: "00".repeat(32),
            locale: "en".to_owned(),
            build: BUILD.to_owned(),
            keeps: true,
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
