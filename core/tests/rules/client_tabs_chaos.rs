//! Whatever happens to tabs that share a socket, at rest each has the server's log, every message once, each tab's own
//! in its order, and one of them leads.
//!
//! As in `client_chaos`, from seeds, and worse: three tabs, of which any may close, die, freeze and wake, the leader
//! too; words between them get lost or come late; the shelf takes its time and breaks in some; the wire does as there.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};

use crate::client_world::{Dice, Socket, Tabs, for_now};
use crate::seeds;
use causerie_core::ClientMessageId;
use causerie_core::chat_thread::Actor;
use causerie_core::client::connection::RESYNC;
use causerie_core::client::end_user::Input;
use causerie_core::client::role::TabId;
use causerie_core::time::Span;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SEEDS: core::ops::Range<u64> = 0..300;
const STEPS: usize = 600;

/// Three tabs that share, most of the time.
struct Chaos {
    tabs: Tabs,
    dice: Dice,
    /// What each tab wrote, in order; closed ones too.
    written: BTreeMap<u32, Vec<ClientMessageId>>,
    /// Written in a tab that closed before it was on the shelf: it may be lost.
    perhaps: BTreeSet<ClientMessageId>,
    changes: usize,
    leader: Option<TabId>,
}

impl Chaos {
    fn new(seed: u64) -> Self {
        let mut tabs = Tabs::none();
        tabs.dice = Dice::new(seed ^ 0xD1CE);
        tabs.shares = true;
        tabs.slow = true;
        let mut chaos = Self {
            tabs,
            dice: Dice::new(seed),
            written: BTreeMap::new(),
            perhaps: BTreeSet::new(),
            changes: 0,
            leader: None,
        };
        for _ in 0..3 {
            chaos.open();
        }
        chaos
    }

    fn open(&mut self) {
        let page = self.tabs.open_page();
        self.tabs.input(page, Input::PanelShown);
    }

    fn step(&mut self) {
        let page = self.dice.below(3);
        match self.dice.below(48) {
            0 | 1 => self.write(page),
            2 => self.end(),
            3 => self.tabs.cut(page, 1006),
            4 => self.tabs.cut(page, RESYNC),
            5 => self.tabs.reachable = !self.tabs.reachable,
            6 => self.awake(page, Input::Online),
            7 => self.awake(page, Input::PageShown),
            8 if self.dice.one_in(3) => self.tabs.refuses.push_back(for_now(Some(300))),
            9 if self.dice.one_in(2) => self.close(page),
            10 => self.tabs.pages[page].frozen ^= true,
            11 if self.dice.one_in(20) => self.tabs.shelf_refuses = !self.tabs.shelf_refuses,
            12..=14 => self.spoil(page),
            15..=18 => {
                let ms = self.dice.below(4000);
                self.tabs.pass(Span(i64::try_from(ms).expect("small")));
                self.tabs.fire_timers();
            }
            19..=30 if !self.tabs.pages[page].frozen => self.tabs.browser_turn(page),
            _ => {
                self.tabs.notify();
                self.tabs.step(page);
            }
        }
        if self.tabs.lock.holder != self.leader {
            self.leader = self.tabs.lock.holder;
            self.changes += 1;
        }
    }

    fn awake(&mut self, page: usize, input: Input) {
        if !self.tabs.pages[page].frozen {
            self.tabs.input(page, input);
        }
    }

    fn write(&mut self, page: usize) {
        if self.tabs.pages[page].frozen {
            return;
        }
        let cid = self.tabs.fresh_cid();
        let tab = self.tabs.pages[page].tab.0;
        let written = self.written.entry(tab).or_default();
        written.push(cid);
        let text = ["tab ", &tab.to_string(), " says ", &written.len().to_string()].concat();
        self.tabs.input(page, Input::Written { cid, text });
    }

    fn close(&mut self, page: usize) {
        let tab = self.tabs.pages[page].tab.0;
        let written = self.written.get(&tab).into_iter().flatten();
        let sure = |cid: &ClientMessageId| {
            let stands = self
                .tabs
                .server
                .thread_log
                .iter()
                .any(|entry| entry.cid == Some(*cid));
            stands || self.tabs.storage.outbox.contains_key(cid)
        };
        self.perhaps.extend(written.filter(|cid| !sure(cid)));
        self.tabs.close_page(page);
        self.open();
    }

    fn end(&mut self) {
        if let Some(session) = self.tabs.server.thread.latest().map(|latest| latest.id) {
            self.tabs
                .server
                .ends_as(session, Actor::System)
                .expect("ended, or ended before");
        }
    }

    /// Loses or delays a word between tabs; loses, doubles or reorders a frame on the wire.
    fn spoil(&mut self, page: usize) {
        let (what, roll) = (self.dice.below(4), self.dice.roll() as usize);
        let page = &mut self.tabs.pages[page];
        let words: Vec<usize> = (0..page.events.len())
            .filter(|at| matches!(page.events[*at], Input::Heard(_) | Input::PassedOn { .. }))
            .collect();
        match what {
            0 | 1 if !words.is_empty() => {
                let word = page
                    .events
                    .remove(words[roll % words.len()])
                    .expect("it is there");
                if what == 1 {
                    page.events.push_back(word);
                }
            }
            2 if !page.down.is_empty() => {
                let at = roll % page.down.len();
                page.down.remove(at);
            }
            3 if !page.up.is_empty() => {
                let frame = page.up[roll % page.up.len()].clone();
                page.up.push_back(frame);
            }
            _ => {}
        }
    }

    fn comes_to_rest(&mut self) {
        self.tabs.reachable = true;
        self.tabs.refuses.clear();
        self.tabs.shelf_refuses = false;
        for page in 0..3 {
            if core::mem::take(&mut self.tabs.pages[page].frozen) {
                self.tabs.fire_timers();
            }
        }
        // What was lost without a trace is found with the next heartbeat, and the next look.
        self.tabs.drive_for(Span::minutes(6));
    }

    fn check(&self) {
        let log = &self.tabs.server.thread_log;
        for (tab, written) in &self.written {
            let in_log: Vec<ClientMessageId> = log
                .iter()
                .filter_map(|entry| entry.cid)
                .filter(|cid| written.contains(cid))
                .collect();
            let expected: Vec<ClientMessageId> = written
                .iter()
                .copied()
                .filter(|cid| in_log.contains(cid) || !self.perhaps.contains(cid))
                .collect();
            assert_eq!(in_log, expected, "once, and first in, first out, in tab {tab}");
        }
        for page in &self.tabs.pages {
            assert!(page.is_live(), "{:?}", page.tab);
            assert_eq!(page.client.timeline().entries(), log, "the whole log, in order");
            let session = page.client.timeline().session();
            assert_eq!(session, self.tabs.report(), "the session's state");
            assert_eq!(page.client.outbox(), [], "nothing waits in {:?}", page.tab);
        }
        assert!(self.tabs.lock.holder.is_some() || self.on_their_own() == 3);
        assert_eq!(
            self.sockets(),
            self.on_their_own() + usize::from(self.tabs.lock.holder.is_some()),
            "one socket for all that share"
        );
    }

    fn sockets(&self) -> usize {
        let open = |page: &&crate::client_world::Page| page.socket != Socket::None;
        self.tabs.pages.iter().filter(open).count()
    }

    fn on_their_own(&self) -> usize {
        let pages = self.tabs.pages.iter();
        pages.filter(|page| !self.tabs.lock.knows(page.tab)).count()
    }
}

#[test]
fn i24_i25_i26_at_rest_tabs_that_share_a_socket_have_the_whole_log_once_and_in_order() {
    let (mut messages, mut changes) = (0, 0);
    seeds::each(SEEDS, |seed| {
        let mut chaos = Chaos::new(seed);
        chaos.write(0);
        for _ in 0..STEPS {
            chaos.step();
        }
        chaos.comes_to_rest();
        chaos.check();
        messages += chaos.written.values().map(Vec::len).sum::<usize>();
        changes += chaos.changes;
    });
    assert!(
        messages > 2_000 && changes > 1_000,
        "{messages} messages, {changes} leaders"
    );
}
