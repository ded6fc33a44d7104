//! Logins, logouts and expiry at any moment, with answers, frames and pages lost: whatever was written stands once, in
//! a log of whoever wrote it or turned out to have written it (R11, R47, I06).

use std::collections::BTreeMap;

use crate::client_chaos::Seed;
use crate::login_world::{self, Browser};
use causerie_core::ClientMessageId;
use causerie_core::client::end_user::Input;
use causerie_core::time::Span;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SEEDS: u64 = 500;
const STEPS: usize = 80;
const PEOPLE: [&str; 2] = ["ada", "eve"];

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 40).unwrap_or_default() % n
    }
}

/// Who wrote a message: somebody known by then, or a visitor whose secret it was.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Writer {
    Person(&'static str),
    Visitor(String),
}

fn writer(browser: &Browser, at: usize) -> Writer {
    let device = browser.tabs[at].client.device();
    match device.person {
        None => Writer::Visitor(device.secret.clone()),
        Some(id) => {
            let is_they = |name: &&&str| browser.server.people.get(**name).is_some_and(|it| it.id == id);
            Writer::Person(PEOPLE.iter().find(is_they).copied().unwrap_or("nobody"))
        }
    }
}

fn lives(seed: u64) {
    let mut dice = Dice(seed);
    let mut browser = Browser::new();
    browser.opens_a_tab();
    // Ada has been here on another device, where she has a live session, or not.
    if dice.below(2) == 0 {
        let phone = browser.opens_a_tab();
        browser.storage.device = None;
        browser.reloads(phone);
        browser.asks_to_log_in(phone, 1);
        browser.gives(phone, Some("ada"), 3_600_000);
        browser.posts(phone, true);
        browser.writes(phone, "from my phone");
        for _ in 0..20 {
            browser.goes_up(phone);
            browser.comes_down(phone);
        }
        browser.tabs.truncate(2);
        browser.storage = login_world::Storage::default();
        browser.reloads(0);
        browser.reloads(1);
    }
    let mut written: Vec<(ClientMessageId, Writer)> = Vec::new();
    let mut calls = 100;
    let mut open: BTreeMap<(usize, u32), ()> = BTreeMap::new();
    for step in 0..STEPS {
        let at = dice.below(2);
        match dice.below(20) {
            0..=3 => {
                let cid = browser.writes(at, &format!("{step}"));
                let by = writer(&browser, at);
                written.push((cid, by));
            }
            4 | 5 => {
                calls += 1;
                open.insert((at, calls), ());
                browser.asks_to_log_in(at, calls);
            }
            6..=8 => {
                if browser.tabs[at].asked {
                    let whom = [None, Some("ada"), Some("ada"), Some("eve")][dice.below(4)];
                    browser.gives(at, whom, [2_000, 60_000][dice.below(2)]);
                }
            }
            9..=11 => {
                let comes = dice.below(2) == 0;
                browser.posts(at, comes);
            }
            12 | 13 => browser.goes_up(at),
            14 | 15 => browser.comes_down(at),
            16 => browser.is_cut_off(at),
            17 => browser.time_passes(Span([100, 3_000, 40_000][dice.below(3)])),
            18 => browser.hears_news(at),
            _ => match dice.below(4) {
                0 => {
                    browser.reloads(at);
                    open.retain(|(tab, _), ()| *tab != at);
                }
                1 => browser.input(at, Input::LogoutWanted),
                2 => browser.online = !browser.online,
                _ => {}
            },
        }
    }
    // Each of the two logs in once more, and what waited for them goes out.
    browser.online = true;
    for whom in ["eve", "ada"] {
        for at in 0..2 {
            calls += 1;
            open.insert((at, calls), ());
            browser.asks_to_log_in(at, calls);
            for _ in 0..40 {
                browser.drives();
                if browser.tabs[at].asked {
                    browser.gives(at, Some(whom), 3_600_000);
                }
                browser.time_passes(Span(5_000));
            }
        }
    }
    browser.drives();

    let said = browser.server.said();
    for (cid, by) in &written {
        let stands: Vec<_> = said.iter().filter(|(_, said)| said.contains(cid)).collect();
        let [(whose, _)] = &stands[..] else {
            panic!("{by:?} wrote {cid:?}, which stands {} times", stands.len());
        };
        if let Writer::Person(name) = by {
            assert_eq!(
                whose.external_id.as_deref(),
                Some(*name),
                "nobody else gets {cid:?}"
            );
        }
    }
    let all: usize = said.iter().map(|(_, said)| said.len()).sum();
    let distinct: std::collections::BTreeSet<_> = said.iter().flat_map(|(_, said)| said).collect();
    assert_eq!(all, distinct.len(), "i06: each stands once");
    for ((at, call), ()) in open {
        assert_eq!(
            browser.tabs[at].answers(call).len(),
            1,
            "each call is answered, once: {call}"
        );
    }
    for at in 0..2 {
        assert_eq!(
            browser.tabs[at].client.outbox(),
            [],
            "nothing waits or has failed"
        );
    }
    assert_eq!(browser.shows(0), browser.shows(1));
}

#[test]
fn r47_i06_logins_at_any_moment_lose_and_double_nothing() {
    for seed in 0..SEEDS {
        let seed = Seed(seed);
        lives(seed.0);
    }
}
