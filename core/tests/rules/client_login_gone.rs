//! A logged-in person whom the server knows no more: a restore has put data back in which they were not logged in yet
//! (R47, R40), or they were erased (SECURITY 27).
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use crate::login_world::{Browser, owner};
use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{
    Config, Device, Effect, EndUserClient, HostEvent, Input, Kept, LoginAnswer, LoginPost, TokenGiven, Word,
};
use causerie_core::client::role::{Link, TabId};
use causerie_core::time::{Span, Timestamp};
use causerie_core::wire::end_user::Down;
use causerie_core::wire::{ERASED, LOGIN_UNKNOWN, Refused, SECRET_RETIRED, SECRET_TAKEN};
use causerie_core::{ClientMessageId, EndUserId};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const HOUR: i64 = 3_600_000;

/// Two tabs of Ada's, who has said something; nothing is on its way.
fn adas() -> Browser {
    let mut browser = Browser::with_tabs(2, true);
    browser.asks_to_log_in(0, 1);
    browser.gives(0, Some("ada"), HOUR);
    browser.drives();
    browser.writes(0, "hello");
    browser.drives();
    for at in [0, 1] {
        assert_eq!(owner(browser.tabs[at].client.device()), adas_id(&browser));
        assert_eq!(browser.shows(at).len(), browser.shows(0).len());
    }
    browser
}

fn adas_id(browser: &Browser) -> String {
    browser.server.people["ada"].id.to_string()
}

fn goes_offline(browser: &mut Browser) {
    browser.online = false;
    for at in [0, 1] {
        browser.is_cut_off(at);
    }
}

fn comes_back(browser: &mut Browser) {
    browser.online = true;
    browser.time_passes(Span(60_000));
    browser.drives();
}

#[test]
fn r40_whoever_a_restore_has_taken_away_is_asked_for_and_what_they_wrote_offline_goes_out() {
    let mut browser = adas();
    let (ada, secret) = (adas_id(&browser), browser.tabs[0].client.device().secret.clone());
    goes_offline(&mut browser);
    let cid = browser.writes(0, "written offline");
    browser.server.is_as_at_first();
    comes_back(&mut browser);

    assert!(browser.tabs[0].asked && browser.tabs[1].asked, "each page");
    assert!(browser.tabs[0].client.waits_for_login());
    assert!(browser.shows(0).iter().any(|text| text == "written offline"));
    assert_eq!(browser.server.said(), [], "nobody takes it for a stranger's");
    browser.gives(0, Some("ada"), HOUR);
    browser.drives();

    assert_eq!(adas_id(&browser), ada, "they are who they were");
    assert_ne!(browser.tabs[0].client.device().secret, secret);
    let said = browser.server.said();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0.external_id.as_deref(), Some("ada"));
    assert_eq!(said[0].1, [cid]);
    for at in [0, 1] {
        assert!(!browser.tabs[at].client.waits_for_login());
        assert_eq!(browser.shows(at)[0], "written offline");
        assert_eq!(browser.tabs[at].client.outbox(), []);
    }
    assert!(browser.storage.shelf[&ada].is_empty());
}

#[test]
fn r47_after_a_restore_another_person_gets_a_secret_of_their_own_and_nothing_of_who_was_here() {
    let mut browser = adas();
    let before = browser.tabs[0].client.device().clone();
    goes_offline(&mut browser);
    let cid = browser.writes(0, "written offline, by ada");
    browser.server.is_as_at_first();
    comes_back(&mut browser);
    browser.gives(0, Some("eve"), HOUR);
    browser.drives();

    for at in [0, 1] {
        let device = browser.tabs[at].client.device();
        assert_eq!(device.person, Some(browser.server.people["eve"].id));
        assert_ne!(device.secret, before.secret);
        assert!(browser.shows(at).is_empty());
    }
    assert_eq!(browser.server.said(), []);
    assert!(
        browser.storage.shelf[&owner(&before)].contains_key(&cid),
        "kept under Ada's name"
    );
}

#[test]
fn r47_whoever_a_restore_has_taken_away_and_the_site_does_not_know_either_is_a_visitor_like_any_other() {
    let mut browser = adas();
    let before = browser.tabs[0].client.device().clone();
    goes_offline(&mut browser);
    let cid = browser.writes(0, "written offline, by ada");
    browser.server.is_as_at_first();
    comes_back(&mut browser);
    // The page has no token: it is no longer who it was. It may say so a moment before it calls `loginUser`.
    for at in [0, 1] {
        browser.gives(at, None, 0);
    }
    assert_eq!(*browser.tabs[0].client.device(), before);
    browser.time_passes(Span(6_000));
    browser.drives();

    for at in [0, 1] {
        let tab = &browser.tabs[at].client;
        assert_eq!(tab.device().person, None);
        assert!(!tab.waits_for_login() && browser.shows(at).is_empty());
    }
    let fresh = browser.writes(0, "is anybody there?");
    browser.drives();
    assert_eq!(browser.server.said()[0].1, [fresh]);
    assert!(
        browser.storage.shelf[&owner(&before)].contains_key(&cid),
        "kept under Ada's name"
    );
    browser.asks_to_log_in(0, 2);
    browser.gives(0, Some("ada"), HOUR);
    browser.drives();
    let said = browser.server.said();
    assert!(
        said.iter()
            .any(|(whose, said)| whose.is_identified() && said.contains(&cid))
    );
}

#[test]
fn r47_a_login_that_is_over_waits_for_its_person_however_often_the_page_has_no_token() {
    let mut browser = adas();
    let before = browser.tabs[0].client.device().clone();
    browser.server.now = browser.server.now.after(Span(HOUR));
    browser.drives();
    for _ in 0..3 {
        browser.gives(0, None, 0);
        browser.time_passes(Span(40_000));
        browser.drives();
    }
    assert!(browser.tabs[0].client.waits_for_login());
    assert_eq!(*browser.tabs[0].client.device(), before);
}

#[test]
fn security_27_of_whoever_is_erased_nothing_stays_in_their_browser() {
    let mut browser = adas();
    let ada = adas_id(&browser);
    goes_offline(&mut browser);
    let cid = browser.page_sends(1, "written offline");
    browser.types(0, "half a w");
    browser.is_without("ada");
    browser.online = true;
    // No five seconds: as soon as they are connected.
    for _ in 0..5 {
        browser.time_passes(Span(500));
        for at in [0, 1] {
            browser.goes_up(at);
            browser.comes_down(at);
            browser.hears(at);
            browser.hears_news(at);
        }
    }

    for at in [0, 1] {
        let tab = &browser.tabs[at];
        assert_eq!(tab.client.device().person, None);
        assert!(browser.shows(at).is_empty(), "{:?}", browser.shows(at));
        assert_eq!((tab.client.draft(), &*tab.composer), ("", ""));
        assert_eq!(tab.client.outbox(), []);
    }
    assert!(browser.tabs[1].told_of.contains_key(&cid), "the page is answered");
    assert!(!browser.storage.shelf.contains_key(&ada));
    assert!(browser.storage.drafts.get(&ada).is_none_or(String::is_empty));
    browser.drives();
    assert_ne!(
        browser.tabs[0].client.status(),
        Status::Idle,
        "somebody new may write"
    );
    let fresh = browser.writes(0, "who am I?");
    browser.drives();
    let said = browser.server.said();
    let stands: Vec<_> = said.iter().filter(|(_, said)| !said.is_empty()).collect();
    assert_eq!(stands.len(), 1);
    assert_eq!(stands[0].1, [fresh]);
    assert!(!stands[0].0.is_identified());
}

#[test]
fn security_27_a_page_that_logs_in_whom_it_does_not_know_to_be_erased_gets_a_new_person_and_a_clean_browser()
{
    let mut browser = adas();
    let ada = adas_id(&browser);
    goes_offline(&mut browser);
    let cid = browser.writes(0, "written offline");
    browser.is_without("ada");
    browser.reloads(0);
    browser.asks_to_log_in(0, 2);
    browser.gives(0, Some("ada"), HOUR);
    browser.online = true;
    browser.posts(0, true);
    assert!(!browser.storage.shelf.contains_key(&ada), "at once");
    browser.drives();

    assert_eq!(browser.tabs[0].answers(2), [None]);
    assert_ne!(adas_id(&browser), ada, "somebody new, of the same name");
    for at in [0, 1] {
        assert_eq!(owner(browser.tabs[at].client.device()), adas_id(&browser));
        assert!(browser.shows(at).is_empty());
    }
    assert!(!browser.server.said().iter().any(|(_, said)| said.contains(&cid)));
    browser.input(0, Input::PanelShown);
    browser.writes(0, "hello again");
    browser.drives();
    assert_eq!(browser.shows(0)[0], "hello again");
}

const NOW: Timestamp = Timestamp(1_000);

/// A tab among others, as somebody who has logged in.
fn one_of_several() -> EndUserClient {
    let mut tab = EndUserClient::new(Config {
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
    });
    tab.handle(Input::Restored(Kept::default()), NOW, 0);
    tab.handle(Input::PanelShown, NOW, 0);
    tab
}

/// Writes three messages, of which the shelf has none yet, and half a word.
fn writes(tab: &mut EndUserClient) {
    for n in 1..=3 {
        let cid = ClientMessageId(Uuid::from_u128(n));
        let text = format!("{n}");
        tab.handle(Input::Written { cid, text }, NOW, 0);
    }
    tab.handle(Input::Edited("half a w".to_owned()), NOW, 0);
}

fn erased() -> Down {
    Down::Refused(Refused {
        cid: None,
        code: ERASED.to_owned(),
        message: String::new(),
        retryable: false,
        retry_after_ms: None,
    })
}

/// Of what goes to the shelf from here on, the last is that all of it is taken away.
fn is_forgotten(tab: &mut EndUserClient, effects: &[Effect]) {
    let renewed = Device {
        secret: "a stranger's".to_owned(),
        person: None,
    };
    assert_eq!(effects.last(), Some(&Effect::RenewDevice), "it comes last");
    let after = tab.handle(Input::DeviceRenewed(renewed.clone()), NOW, 0);
    let on_the_shelf: Vec<_> = effects
        .iter()
        .chain(
            after
                .iter()
                .take_while(|effect| **effect != Effect::ShareAs(renewed.clone())),
        )
        .filter(|effect| {
            matches!(
                effect,
                Effect::Keep(_) | Effect::KeepDraft(_) | Effect::ClearShelf
            )
        })
        .collect();
    assert_eq!(
        on_the_shelf,
        [&Effect::KeepDraft(String::new()), &Effect::ClearShelf]
    );
    let refused = |effect: &&Effect| matches!(effect, Effect::Host(HostEvent::Refused(_)));
    assert_eq!(effects.iter().filter(refused).count(), 3, "the page is answered");
}

#[test]
fn security_27_what_is_still_to_be_kept_of_an_erased_person_is_not() {
    let mut leader = one_of_several();
    leader.handle(Input::Elected, NOW, 0);
    writes(&mut leader);
    leader.handle(Input::SocketOpened, NOW, 0);
    let effects = leader.handle(Input::Frame(erased()), NOW, 0);
    let passed_on = effects.iter().find_map(|effect| {
        if let Effect::PassOn(term) = effect {
            Some(*term)
        } else {
            None
        }
    });
    let term = passed_on.expect("whoever follows has something to forget as well");
    is_forgotten(&mut leader, &effects);

    let mut follower = one_of_several();
    let link = Link::Connecting;
    follower.handle(Input::Heard(Word::Leads { term, link }), NOW, 0);
    writes(&mut follower);
    let frame = erased();
    let effects = follower.handle(Input::PassedOn { term, frame }, NOW, 0);
    is_forgotten(&mut follower, &effects);
}

fn token(tab: &mut EndUserClient, call: u32, fresh: &str) -> LoginPost {
    tab.handle(Input::LoginWanted { call }, NOW, 0);
    let given = TokenGiven {
        token: Some("a token".to_owned()),
        call: Some(call),
        fresh: fresh.to_owned(),
    };
    posted(tab.handle(Input::TokenGiven(given), NOW, 0))
}

fn posted(effects: Vec<Effect>) -> LoginPost {
    let post = effects.into_iter().find_map(|effect| {
        if let Effect::LogIn(post) = effect {
            Some(post)
        } else {
            None
        }
    });
    post.expect("it is posted")
}

fn answered(tab: &mut EndUserClient, post: &LoginPost, code: &str) -> Vec<Effect> {
    let answer = LoginAnswer::Refused(Refused {
        cid: None,
        code: code.to_owned(),
        message: String::new(),
        retryable: false,
        retry_after_ms: None,
    });
    let number = post.number;
    tab.handle(Input::LoginAnswered { number, answer }, NOW, 0)
}

#[test]
fn r40_an_erasure_that_is_told_twice_takes_nothing_of_what_was_written_in_between() {
    let mut tab = one_of_several();
    tab.handle(Input::Elected, NOW, 0);
    tab.handle(Input::SocketOpened, NOW, 0);
    let post = token(&mut tab, 1, "a fresh one");
    tab.handle(Input::Frame(erased()), NOW, 0);
    let nobody = Device {
        secret: "a stranger's".to_owned(),
        person: None,
    };
    tab.handle(Input::DeviceRenewed(nobody.clone()), NOW, 0);
    tab.handle(Input::Edited("half a w".to_owned()), NOW, 0);
    let effects = answered(&mut tab, &post, ERASED);
    assert!(!effects.contains(&Effect::ClearShelf) && !effects.contains(&Effect::RenewDevice));
    assert_eq!((tab.draft(), tab.device()), ("half a w", &nobody));
    let again = posted(effects);
    assert_eq!(
        (again.before, &*again.secret),
        (Some(nobody.secret), "a fresh one")
    );
}

#[test]
fn r47_what_was_asked_of_a_device_that_is_another_by_now_is_asked_of_that_one() {
    for (code, person) in [(SECRET_TAKEN, 1), (ERASED, 2)] {
        let mut tab = one_of_several();
        let post = token(&mut tab, 1, "a fresh one");
        let renewed = Device {
            secret: "another tab's".to_owned(),
            person: Some(EndUserId(Uuid::from_u128(person))),
        };
        tab.handle(Input::DeviceRenewed(renewed.clone()), NOW, 0);
        let effects = answered(&mut tab, &post, code);
        assert!(!effects.contains(&Effect::ClearShelf), "it is another's");
        let again = posted(effects);
        assert_eq!(
            again.before, None,
            "it retires no secret that another tab has just got"
        );
        assert_eq!((again.secret, again.person), (renewed.secret, renewed.person));
    }
}

#[test]
fn r47_a_tab_whose_panel_is_closed_goes_on_once_another_has_logged_in_again() {
    for code in [LOGIN_UNKNOWN, SECRET_RETIRED] {
        let mut tab = one_of_several();
        tab.handle(Input::Elected, NOW, 0);
        tab.handle(Input::PanelHidden, NOW, 0);
        tab.handle(Input::SocketOpened, NOW, 0);
        let Down::Refused(mut refused) = erased() else {
            panic!("it is one")
        };
        code.clone_into(&mut refused.code);
        tab.handle(Input::Frame(Down::Refused(refused)), NOW, 0);
        assert_eq!(tab.status(), Status::Idle);
        let renewed = Device {
            secret: "another tab's".to_owned(),
            person: Some(EndUserId(Uuid::from_u128(1))),
        };
        tab.handle(Input::DeviceRenewed(renewed), NOW, 0);
        assert_ne!(tab.status(), Status::Idle, "{code}");
    }
}
