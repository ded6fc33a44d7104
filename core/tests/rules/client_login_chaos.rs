//! Logins, logouts, resets and expiry at any moment, with answers, frames, words between tabs and pages lost: whatever
//! was written stands once, in a log of whoever wrote it or turned out to have written it (R11, R47, I06); nobody sees
//! another's words; and each call of the page is answered. With a socket for each tab, and with one for all.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};

use crate::client_world::Dice;
use crate::login_world::{self, Browser};
use crate::seeds;
use causerie_core::client::end_user::Input;
use causerie_core::time::Span;
use causerie_core::{ClientMessageId, EndUserId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SEEDS: core::ops::Range<u64> = 0..300;
const STEPS: usize = 120;
const PEOPLE: [&str; 2] = ["ada", "eve"];
/// What was written when nobody was logged in.
const NOBODY: &str = "nobody";

struct Chaos {
    browser: Browser,
    dice: Dice,
    /// Who wrote it: a person, by the id they had then, or nobody known.
    written: BTreeMap<ClientMessageId, (&'static str, Option<EndUserId>)>,
    /// Calls of pages that are there still.
    logins: BTreeSet<(usize, u32)>,
    messages: BTreeSet<(usize, ClientMessageId)>,
    calls: u32,
    /// How often a tab became somebody else.
    changes: usize,
    erased: usize,
}

impl Chaos {
    fn new(seed: u64, tabs: usize, shares: bool) -> Self {
        let mut chaos = Self {
            browser: Browser::with_tabs(tabs, shares),
            dice: Dice::new(seed),
            written: BTreeMap::new(),
            logins: BTreeSet::new(),
            messages: BTreeSet::new(),
            calls: 100,
            changes: 0,
            erased: 0,
        };
        if chaos.dice.one_in(2) {
            chaos.ada_was_here_by_phone(tabs);
        }
        chaos
    }

    /// Ada has been here on another device, where she has a live session.
    fn ada_was_here_by_phone(&mut self, tabs: usize) {
        let browser = &mut self.browser;
        let phone = browser.opens_a_tab();
        browser.storage.device = None;
        browser.reloads(phone);
        browser.asks_to_log_in(phone, 1);
        browser.gives(phone, Some("ada"), 3_600_000);
        browser.posts(phone, true);
        browser.writes(phone, "from my phone, by ada");
        browser.drives();
        browser.tabs.truncate(tabs);
        browser.storage = login_world::Storage::default();
        for at in 0..tabs {
            browser.reloads(at);
        }
    }

    /// Who sits at a tab, as far as it knows.
    fn who(&self, at: usize) -> &'static str {
        let Some(id) = self.browser.tabs[at].client.device().person else {
            return NOBODY;
        };
        let name = &self.browser.server.names[&id];
        PEOPLE
            .iter()
            .find(|known| *known == name)
            .copied()
            .expect("somebody")
    }

    fn step(&mut self, step: usize) {
        let tabs = self.browser.tabs.len();
        let at = self.dice.below(tabs);
        let before = self.who(at);
        match self.dice.below(30) {
            0..=3 => self.writes(at, step),
            4 => {
                self.browser.types(at, "");
                let text = format!("half a word, by {}", self.who(at));
                self.browser.types(at, &text);
            }
            5 | 6 => self.asks_to_log_in(at),
            7..=9 => self.gives(at),
            10..=12 => {
                let comes = self.dice.one_in(2);
                self.browser.posts(at, comes);
            }
            13 | 14 => self.browser.goes_up(at),
            15 | 16 => self.browser.comes_down(at),
            17 => self.browser.is_cut_off(at),
            18 => {
                let ms = [100, 3_000, 40_000][self.dice.below(3)];
                self.browser.time_passes(Span(ms));
            }
            19 => self.browser.hears_news(at),
            20..=24 => self.browser.hears(at),
            25 => {
                let (roll, for_good) = (self.dice.below(100), self.dice.one_in(2));
                self.browser.loses_a_word(at, roll, for_good);
            }
            26 => match self.dice.below(3) {
                0 => self.reloads(at),
                1 => self.browser.input(at, Input::LogoutWanted),
                _ => self.browser.online = !self.browser.online,
            },
            27 if self.dice.one_in(4) => self.browser.resets(at),
            28 if self.dice.one_in(2) => self.browser.is_restored(),
            29 if self.dice.one_in(4) => {
                let whom = PEOPLE[self.dice.below(2)];
                self.erased += usize::from(self.browser.server.people.contains_key(whom));
                self.browser.is_without(whom);
            }
            _ => {}
        }
        self.changes += usize::from(before != self.who(at));
        for at in 0..tabs {
            self.sees_nothing_of_others(at);
        }
    }

    fn writes(&mut self, at: usize, step: usize) {
        // What another tab has kept stands, and is heard of by writing at the latest.
        self.browser.types(at, "");
        let by = self.who(at);
        let text = format!("{step}, by {by}");
        let cid = if self.dice.one_in(4) {
            let cid = self.browser.page_sends(at, &text);
            self.messages.insert((at, cid));
            cid
        } else {
            self.browser.writes(at, &text)
        };
        let id = self.browser.tabs[at].client.device().person;
        self.written.insert(cid, (by, id));
    }

    fn asks_to_log_in(&mut self, at: usize) {
        self.calls += 1;
        self.logins.insert((at, self.calls));
        self.browser.asks_to_log_in(at, self.calls);
    }

    fn gives(&mut self, at: usize) {
        if self.browser.tabs[at].asked {
            let whom = [None, Some("ada"), Some("ada"), Some("eve")][self.dice.below(4)];
            let for_ms = [2_000, 60_000][self.dice.below(2)];
            self.browser.gives(at, whom, for_ms);
        }
    }

    fn reloads(&mut self, at: usize) {
        self.browser.reloads(at);
        self.logins.retain(|(tab, _)| *tab != at);
        self.messages.retain(|(tab, _)| *tab != at);
    }

    /// Nobody sees what another wrote, sent or not.
    fn sees_nothing_of_others(&self, at: usize) {
        let who = self.who(at);
        let tab = &self.browser.tabs[at];
        let shown = self.browser.shows(at);
        let shown = shown.iter().chain([&tab.composer]);
        for text in shown {
            for other in PEOPLE.iter().filter(|other| **other != who) {
                let theirs = ["by ", other].concat();
                assert!(!text.contains(&theirs), "{who} is shown {text:?} in tab {at}");
            }
        }
    }

    /// Each of the two logs in once more, and what waited for them goes out.
    fn comes_to_rest(&mut self) {
        self.browser.online = true;
        for whom in ["eve", "ada"] {
            for at in 0..self.browser.tabs.len() {
                self.asks_to_log_in(at);
                for _ in 0..40 {
                    self.browser.drives();
                    if self.browser.tabs[at].asked {
                        self.browser.gives(at, Some(whom), 3_600_000);
                    }
                    self.browser.time_passes(Span(5_000));
                }
            }
        }
        self.browser.drives();
    }

    fn check(&self, shares: bool) {
        let said = self.browser.server.said();
        let erased = &self.browser.server.erased;
        // Of whoever was logged out when they were erased, this browser heard nothing.
        let left: BTreeSet<_> = erased
            .iter()
            .filter_map(|id| self.browser.storage.shelf.get(&id.to_string()))
            .flat_map(BTreeMap::keys)
            .collect();
        for (cid, (by, id)) in &self.written {
            let stands: Vec<_> = said.iter().filter(|(_, said)| said.contains(cid)).collect();
            let [(whose, _)] = &stands[..] else {
                let went = id.is_some_and(|id| erased.contains(&id))
                    || left.contains(cid)
                    || self.browser.thrown_away.contains(cid);
                assert!(
                    stands.is_empty() && went,
                    "{cid:?}, by {by}, stands {} times",
                    stands.len()
                );
                continue;
            };
            if *by != NOBODY {
                assert_eq!(
                    whose.external_id.as_deref(),
                    Some(*by),
                    "nobody else gets {cid:?}"
                );
            }
        }
        let all: usize = said.iter().map(|(_, said)| said.len()).sum();
        let distinct: BTreeSet<_> = said.iter().flat_map(|(_, said)| said).collect();
        assert_eq!(all, distinct.len(), "i06: each stands once");
        for (at, call) in &self.logins {
            let answers = self.browser.tabs[*at].answers(*call);
            assert_eq!(answers.len(), 1, "login {call} is answered, once: {answers:?}");
        }
        for (at, cid) in &self.messages {
            let told = self.browser.tabs[*at].told_of.get(cid);
            assert!(
                told.is_some(),
                "the page is told what came of {cid:?} in tab {at}"
            );
        }
        for (at, tab) in self.browser.tabs.iter().enumerate() {
            assert_eq!(tab.client.outbox(), [], "nothing waits or has failed in tab {at}");
            assert_eq!(tab.client.device(), self.browser.tabs[0].client.device());
            assert_eq!(self.browser.shows(at), self.browser.shows(0));
        }
        if shares {
            assert_eq!(self.browser.sockets(), 1, "one for all");
        }
    }
}

fn lives(tabs: usize, shares: bool) {
    let (mut messages, mut changes, mut erased) = (0, 0, 0);
    seeds::each(SEEDS, |seed| {
        let mut chaos = Chaos::new(seed, tabs, shares);
        for step in 0..STEPS {
            chaos.step(step);
        }
        chaos.comes_to_rest();
        chaos.check(shares);
        messages += chaos.written.len();
        changes += chaos.changes;
        erased += chaos.erased;
    });
    assert!(
        messages > 2_000 && changes > 300 && erased > 50,
        "{messages} messages, {changes} changes of who it is, {erased} erased"
    );
}

#[test]
fn r47_i06_logins_at_any_moment_lose_and_double_nothing() {
    lives(2, false);
}

#[test]
fn r47_i06_logins_at_any_moment_in_tabs_that_share_a_socket_lose_and_double_nothing() {
    lives(3, true);
}
