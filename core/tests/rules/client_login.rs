//! Login in the widget's machine (R47, R11): in the middle of a chat, with answers lost, over its end and back.

use crate::login_world::{self, Browser, owner};
use causerie_core::client::end_user::{
    Config, Device, Effect, EndUserClient, HostEvent, Input, TokenGiven, Word,
};
use causerie_core::client::role::{Link, TabId};
use causerie_core::ids::{ClientMessageId, EndUserId};
use causerie_core::time::{Span, Timestamp};
use causerie_core::wire::end_user::Down;
use causerie_core::wire::{LOGIN_EXPIRED, Refused};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const HOUR: i64 = 3_600_000;

fn logs_in(browser: &mut Browser, whom: &str, call: u32) {
    browser.asks_to_log_in(0, call);
    assert!(browser.tabs[0].asked, "the page is asked for a token");
    browser.gives(0, Some(whom), HOUR);
    browser.drives();
    assert_eq!(browser.tabs[0].answers(call), [None]);
}

#[test]
fn r47_the_log_goes_on_under_the_new_secret_and_stays_on_the_screen() {
    let mut browser = Browser::new();
    browser.writes(0, "hello");
    browser.drives();
    let (shown, before) = (browser.shows(0), browser.tabs[0].client.device().clone());

    browser.asks_to_log_in(0, 1);
    browser.gives(0, Some("ada"), HOUR);
    assert_eq!(browser.shows(0), shown, "while it is on its way");
    browser.posts(0, true);
    assert_eq!(
        browser.shows(0),
        shown,
        "and when it is done, before the server has been asked again"
    );
    browser.drives();

    assert_eq!(browser.shows(0), shown);
    let device = browser.tabs[0].client.device().clone();
    assert_ne!(device.secret, before.secret, "security 11");
    assert_eq!(device.person, Some(browser.server.people["ada"].id));
    assert_eq!(browser.storage.device, Some(device));
    browser.writes(0, "it is me");
    browser.drives();
    assert_eq!(browser.server.said().len(), 1);
}

#[test]
fn r47_with_a_live_session_elsewhere_the_screen_shows_the_persons_own_log() {
    let mut browser = Browser::new();
    logs_in(&mut browser, "ada", 1);
    browser.writes(0, "from my desk");
    browser.drives();
    let theirs = browser.shows(0);
    // Another browser of the same person: what it kept is its own.
    browser.storage = login_world::Storage::default();
    browser.reloads(0);
    browser.writes(0, "as nobody");
    browser.drives();

    logs_in(&mut browser, "ada", 2);

    assert_eq!(browser.shows(0), theirs);
}

#[test]
fn r11_what_was_not_acknowledged_before_the_login_stands_once_after_it() {
    // The message is on disk or not, and its session is ended by the login or moves with it.
    for (taken, elsewhere) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut browser = Browser::new();
        if elsewhere {
            logs_in(&mut browser, "ada", 1);
            browser.writes(0, "elsewhere");
            browser.drives();
            browser.storage = login_world::Storage::default();
            browser.reloads(0);
        }
        browser.drives();
        let cid = browser.writes(0, "hello");
        if taken {
            browser.goes_up(0);
        }
        browser.is_cut_off(0);
        browser.asks_to_log_in(0, 2);
        browser.gives(0, Some("ada"), HOUR);
        browser.posts(0, true);
        browser.drives();

        let stands = browser
            .server
            .said()
            .into_iter()
            .flat_map(|(_, said)| said)
            .filter(|it| *it == cid);
        assert_eq!(stands.count(), 1, "taken: {taken}, elsewhere: {elsewhere}");
        assert_eq!(browser.tabs[0].client.outbox(), []);
        assert!(browser.storage.shelf.values().all(|shelf| shelf.is_empty()));
    }
}

#[test]
fn r47_a_lost_answer_is_asked_for_again_with_the_same_secret() {
    let mut browser = Browser::new();
    browser.writes(0, "hello");
    browser.drives();
    browser.asks_to_log_in(0, 1);
    browser.gives(0, Some("ada"), HOUR);
    let first = browser.tabs[0].posts[0].clone();
    browser.posts(0, false);
    // It was done; nobody knows. What is written meanwhile waits, and is not lost.
    let cid = browser.writes(0, "are you there?");
    browser.goes_up(0);
    browser.comes_down(0);
    for _ in 0..5 {
        browser.time_passes(Span(1_000));
        if browser.tabs[0].posts.is_empty() {
            continue;
        }
        assert_eq!(browser.tabs[0].posts[0], first);
        browser.posts(0, false);
    }
    assert!(browser.tabs[0].answers(1).is_empty());
    browser.drives();

    assert_eq!(browser.tabs[0].answers(1), [None], "told once");
    assert_eq!(browser.server.devices.len(), 1);
    let said = browser.server.said();
    assert_eq!((said.len(), said[0].1.last()), (1, Some(&cid)));
    assert_eq!(said[0].0.external_id.as_deref(), Some("ada"));
}

#[test]
fn r47_a_refused_token_changes_nothing_and_says_why() {
    let mut browser = Browser::new();
    browser.writes(0, "hello");
    browser.drives();
    let before = browser.tabs[0].client.device().clone();
    browser.asks_to_log_in(0, 1);
    let fresh = browser.fresh_secret();
    let given = TokenGiven {
        token: Some("nonsense".to_owned()),
        call: Some(1),
        fresh,
    };
    browser.input(0, Input::TokenGiven(given));
    browser.drives();
    assert_eq!(
        browser.tabs[0].answers(1),
        [Some("Refused: login_refused.".to_owned())]
    );
    assert_eq!(*browser.tabs[0].client.device(), before);
    browser.writes(0, "goes on");
    browser.drives();
    assert_eq!(browser.server.said()[0].1.len(), 2);
}

#[test]
fn r40_a_login_that_is_over_in_the_middle_of_a_send_keeps_the_message_until_there_is_another() {
    let mut browser = Browser::new();
    browser.asks_to_log_in(0, 1);
    browser.gives(0, Some("ada"), 60_000);
    browser.drives();
    browser.writes(0, "hello");
    browser.drives();
    browser.server.now = browser.server.now.after(Span(60_000));
    let cid = browser.writes(0, "in the middle");
    browser.goes_up(0);
    browser.comes_down(0);

    assert!(browser.tabs[0].asked, "the page is asked for a fresh token");
    assert!(browser.tabs[0].client.waits_for_login(), "and the screen says so");
    // The page has none. What is written waits, and nothing is asked of the server meanwhile.
    browser.gives(0, None, 0);
    let second = browser.writes(0, "and this");
    browser.drives();
    assert!(browser.tabs[0].up.is_empty());
    assert_eq!(browser.tabs[0].client.outbox().len(), 2);
    assert!(browser.tabs[0].asked, "it is asked again by itself");
    let device = browser.tabs[0].client.device().clone();
    browser.gives(0, Some("ada"), HOUR);
    browser.drives();

    assert!(!browser.tabs[0].client.waits_for_login());
    assert_eq!(
        *browser.tabs[0].client.device(),
        device,
        "the same secret, for longer"
    );
    let said = browser.server.said();
    assert_eq!(said[0].1[1..], [cid, second]);
}

#[test]
fn r47_after_a_logout_nothing_of_the_person_is_left_and_what_waited_goes_out_when_they_are_back() {
    let mut browser = Browser::new();
    logs_in(&mut browser, "ada", 1);
    browser.writes(0, "hello");
    browser.drives();
    browser.online = false;
    browser.is_cut_off(0);
    let cid = browser.writes(0, "mine, and not sent");
    browser.input(0, Input::Edited("a draft of mine".to_owned()));
    let ada = owner(browser.tabs[0].client.device());

    browser.input(0, Input::LogoutWanted);

    assert!(browser.shows(0).is_empty());
    assert_eq!(browser.tabs[0].client.draft(), "");
    assert_eq!(browser.tabs[0].client.outbox(), []);
    assert_eq!(browser.storage.device, None);
    assert_eq!(browser.storage.drafts[&ada], "");
    assert!(
        browser.storage.shelf[&ada].contains_key(&cid),
        "kept under their name"
    );
    // Somebody else comes.
    browser.online = true;
    browser.drives();
    browser.writes(0, "I am a stranger");
    browser.drives();
    logs_in(&mut browser, "eve", 2);
    browser.writes(0, "I am Eve");
    browser.drives();
    assert!(!browser.server.said().iter().any(|(_, said)| said.contains(&cid)));
    // And the first one again.
    browser.input(0, Input::LogoutWanted);
    logs_in(&mut browser, "ada", 3);
    browser.drives();
    for (whose, said) in browser.server.said() {
        assert_eq!(said.contains(&cid), whose.external_id.as_deref() == Some("ada"));
    }
}

#[test]
fn r47_who_logs_in_over_another_gets_a_log_of_their_own() {
    let mut browser = Browser::new();
    logs_in(&mut browser, "ada", 1);
    browser.writes(0, "mine");
    browser.drives();
    logs_in(&mut browser, "eve", 2);
    assert!(browser.shows(0).is_empty(), "{:?}", browser.shows(0));
    browser.writes(0, "hers");
    browser.drives();
    let said = browser.server.said();
    assert_eq!(
        said.iter().map(|(_, said)| said.len()).collect::<Vec<_>>(),
        [1, 1]
    );
    assert_eq!(said[1].0.external_id.as_deref(), Some("eve"));
}

#[test]
fn r47_of_several_logins_in_a_row_the_last_one_stands_and_each_is_answered() {
    let mut browser = Browser::new();
    browser.asks_to_log_in(0, 1);
    browser.asks_to_log_in(0, 2);
    assert!(browser.tabs[0].answers(1)[0].is_some(), "the first was overtaken");
    browser.gives(0, Some("ada"), HOUR);
    // In the middle of it.
    browser.asks_to_log_in(0, 3);
    assert!(browser.tabs[0].answers(2).is_empty());
    browser.posts(0, true);
    assert_eq!(browser.tabs[0].answers(2), [None]);
    assert!(browser.tabs[0].asked);
    browser.gives(0, Some("eve"), HOUR);
    browser.drives();
    assert_eq!(browser.tabs[0].answers(3), [None]);
    assert_eq!(
        browser.tabs[0].client.device().person,
        Some(browser.server.people["eve"].id)
    );
}

#[test]
fn r47_the_other_tabs_of_the_browser_follow_a_login_and_a_logout() {
    let mut browser = Browser::new();
    let other = browser.opens_a_tab();
    browser.writes(0, "hello");
    browser.drives();
    let cid = {
        browser.is_cut_off(other);
        browser.writes(other, "from the other tab")
    };
    logs_in(&mut browser, "ada", 1);
    browser.drives();
    assert_eq!(
        browser.tabs[other].client.device(),
        browser.tabs[0].client.device()
    );
    assert_eq!(browser.shows(other), browser.shows(0));
    let said = browser.server.said();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].1.iter().filter(|it| **it == cid).count(), 1);
    browser.input(0, Input::LogoutWanted);
    browser.drives();
    assert_eq!(browser.tabs[other].client.device().person, None);
    assert!(browser.shows(other).is_empty());
}

#[test]
fn r01_nothing_connects_by_a_login_before_it_is_done() {
    let mut browser = Browser::new();
    browser.input(0, Input::Unwanted);
    browser.input(0, Input::PanelHidden);
    browser.asks_to_log_in(0, 1);
    assert!(browser.tabs[0].up.is_empty() && browser.tabs[0].asked);
    browser.gives(0, Some("ada"), HOUR);
    browser.drives();
    assert_eq!(
        browser.tabs[0].answers(1),
        [None],
        "with the panel closed as well"
    );
}

/// One that shares with other tabs, as somebody who has logged in.
fn among_tabs() -> EndUserClient {
    EndUserClient::new(Config {
        site: "shop".to_owned(),
        device: Device {
            secret: "hers".to_owned(),
            person: Some(EndUserId(Uuid::from_u128(1))),
        },
        locale: "en".to_owned(),
        build: String::new(),
        keeps: true,
        shares: true,
        tab: TabId(7),
    })
}

fn login_over() -> Down {
    Down::Refused(Refused {
        cid: None,
        code: LOGIN_EXPIRED.to_owned(),
        message: String::new(),
        retryable: false,
        retry_after_ms: None,
    })
}

fn passed_on(effects: &[Effect]) -> Vec<Timestamp> {
    let term = |effect: &Effect| {
        if let Effect::PassOn(term) = effect {
            Some(*term)
        } else {
            None
        }
    };
    effects.iter().filter_map(term).collect()
}

#[test]
fn r47_the_tabs_hear_from_their_leader_that_the_login_is_over_and_each_asks_its_page() {
    let now = Timestamp(1_000);
    let mut leader = among_tabs();
    leader.handle(Input::PanelShown, now, 0);
    leader.handle(Input::Elected, now, 0);
    leader.handle(Input::SocketOpened, now, 0);
    // In answer to its hello: it was never welcomed.
    let effects = leader.handle(Input::Frame(login_over()), now, 0);
    let [term] = passed_on(&effects)[..] else {
        panic!("it is passed on: {effects:?}");
    };
    assert!(effects.contains(&Effect::Host(HostEvent::TokenWanted { call: 0 })));

    let mut follower = among_tabs();
    follower.handle(Input::PanelShown, now, 0);
    let link = Link::Connecting;
    follower.handle(Input::Heard(Word::Leads { term, link }), now, 0);
    let frame = login_over();
    let effects = follower.handle(Input::PassedOn { term, frame }, now, 0);
    assert!(effects.contains(&Effect::Host(HostEvent::TokenWanted { call: 0 })));
    assert!(follower.waits_for_login());
    // Another tab's page had a token: it greets its leader anew.
    let effects = follower.handle(Input::LoggedInElsewhere, now, 0);
    assert!(!follower.waits_for_login());
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Tell(Word::Greet { .. }))),
        "{effects:?}"
    );
}

#[test]
fn r47_what_is_still_to_be_kept_is_kept_as_theirs_before_the_tab_is_somebody_elses() {
    let now = Timestamp(1_000);
    let mut tab = among_tabs();
    tab.handle(Input::PanelShown, now, 0);
    for n in 1..=3 {
        let cid = ClientMessageId(Uuid::from_u128(n));
        let text = format!("{n}");
        tab.handle(Input::Written { cid, text }, now, 0);
    }
    tab.handle(Input::LogoutWanted, now, 0);
    let fresh = Device {
        secret: "a stranger's".to_owned(),
        person: None,
    };
    let effects = tab.handle(Input::DeviceRenewed(fresh.clone()), now, 0);
    let shares = Effect::ShareAs(fresh);
    let at = effects.iter().take_while(|effect| **effect != shares).count();
    assert!(at < effects.len(), "it shares as somebody else");
    let kept = |effects: &[Effect]| {
        let kept = effects.iter().filter(|effect| matches!(effect, Effect::Keep(_)));
        kept.count()
    };
    // The first was under way already.
    assert_eq!((kept(&effects[..at]), kept(&effects[at..])), (2, 0));
    assert!(
        effects[..at].contains(&Effect::Tell(Word::Left(TabId(7)))),
        "its leader forgets it"
    );
    assert_eq!(tab.outbox(), []);
    assert!(
        effects[at..].contains(&Effect::Elect { steal: false }),
        "the lock is another: {effects:?}"
    );
}
