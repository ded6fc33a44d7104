//! A world for the widget's machine: its page with storage, socket and timer, and the server's rules at the other end
//! of a wire that can be held, cut, or made to lose, double and reorder. The clock is moved by hand. Of the browser
//! there are the shelf that all tabs share, the channel between them and the lock that one of them holds.
#![expect(unreachable_pub, reason = "read by every rule test, like a crate of its own")]
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

mod browser;
mod dice;
mod page;
pub mod together;
mod wire;

pub use browser::{Asked, Lock, Storage};
pub use dice::Dice;
pub use page::{BUILD, Page, Socket};
pub use wire::{for_good, for_now};

use std::collections::VecDeque;

use causerie_core::ClientMessageId;
use causerie_core::client::end_user::{Effect, EndUserClient, Input, Kept};
use causerie_core::client::role::TabId;
use causerie_core::client::timeline::Row;
use causerie_core::ticket::CommentTo;
use causerie_core::time::Span;
use causerie_core::wire::Refused;
use uuid::Uuid;

use crate::world::{World, amy};

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
            | Effect::ClearShelf
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
            Effect::EmptyComposer => its.emptied += 1,
            Effect::ViewChanged => its.drawn += 1,
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
}
