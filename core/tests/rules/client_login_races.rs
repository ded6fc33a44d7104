//! What comes between a login and its answer (R47, R11, R10): another login, a logout, a reset, another tab. Nothing
//! of one person's goes out as another's or is left on the screen, and each call of the page is answered once.

use crate::client_world::Tabs;
use crate::login_world::Browser;
use causerie_core::Seq;
use causerie_core::client::end_user::{
    Config, Device, Effect, EndUserClient, HostEvent, Input, LoginAnswer, TokenGiven, Word,
};
use causerie_core::client::role::{Link, TabId};
use causerie_core::ids::{ChatThreadId, ClientMessageId, EndUserId, SessionId};
use causerie_core::session::Placement;
use causerie_core::time::{Span, Timestamp};
use causerie_core::wire::end_user::{Ack, Down, LoggedIn, Resumed, Up};
use causerie_core::wire::{LOGIN_EXPIRED, Refused, SECRET_RETIRED};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const HOUR: i64 = 3_600_000;
const NOW: Timestamp = Timestamp(1_000);

fn person(n: u128) -> EndUserId {
    EndUserId(Uuid::from_u128(n))
}

fn device(secret: &str, of: Option<u128>) -> Device {
    Device {
        secret: secret.to_owned(),
        person: of.map(person),
    }
}

fn cid(n: u128) -> ClientMessageId {
    ClientMessageId(Uuid::from_u128(n))
}

fn tab(device: Device) -> EndUserClient {
    EndUserClient::new(Config {
        site: "shop".to_owned(),
        device,
        locale: "en".to_owned(),
        build: "build-1".to_owned(),
        keeps: true,
        shares: true,
        tab: TabId(7),
    })
}

/// One that leads, with its socket open.
fn leader(device: Device) -> EndUserClient {
    let mut leader = tab(device);
    leader.handle(Input::PanelShown, NOW, 0);
    leader.handle(Input::Elected, NOW, 0);
    leader.handle(Input::SocketOpened, NOW, 0);
    leader
}

fn resumed(thread: Option<u128>, build: &str) -> Down {
    Down::Resumed(Resumed {
        thread: thread.map(|thread| ChatThreadId(Uuid::from_u128(thread))),
        epoch: 1,
        head: Seq(0),
        read: Seq(0),
        session: None,
        build: build.to_owned(),
        may_end: false,
    })
}

fn refused(code: &str) -> Down {
    Down::Refused(Refused {
        cid: None,
        code: code.to_owned(),
        message: String::new(),
        retryable: true,
        retry_after_ms: None,
    })
}

fn host_sent(n: u128, thread: Option<u128>) -> Input {
    Input::HostSent {
        cid: cid(n),
        text: "for the page".to_owned(),
        thread: thread.map(|thread| ChatThreadId(Uuid::from_u128(thread))),
    }
}

fn refusals(effects: &[Effect]) -> Vec<ClientMessageId> {
    let of = |effect: &Effect| {
        if let Effect::Host(HostEvent::Refused(refused)) = effect {
            refused.cid
        } else {
            None
        }
    };
    effects.iter().filter_map(of).collect()
}

/// What is said to the other tabs.
fn tells(effects: Vec<Effect>) -> Vec<Word> {
    let word = |effect| {
        if let Effect::Tell(word) = effect {
            Some(word)
        } else {
            None
        }
    };
    effects.into_iter().filter_map(word).collect()
}

/// The calls whose login has failed.
fn failed_logins(effects: &[Effect]) -> Vec<u32> {
    let of = |effect: &Effect| {
        if let Effect::Host(HostEvent::LoggedIn { call, failed }) = effect {
            failed.as_ref().map(|_| *call)
        } else {
            None
        }
    };
    effects.iter().filter_map(of).collect()
}

/// The post's number and the secrets it names.
fn posted(effects: &[Effect]) -> Option<(u32, Option<String>, String)> {
    effects.iter().find_map(|effect| {
        if let Effect::LogIn(post) = effect {
            Some((post.number, post.before.clone(), post.secret.clone()))
        } else {
            None
        }
    })
}

fn token(call: u32, fresh: &str) -> Input {
    Input::TokenGiven(TokenGiven {
        token: Some("a token".to_owned()),
        call: Some(call),
        fresh: fresh.to_owned(),
    })
}

fn done(number: u32, of: u128) -> Input {
    let end_user = person(of);
    let until = NOW.after(Span(HOUR));
    let answer = LoginAnswer::Done(LoggedIn { end_user, until });
    Input::LoginAnswered { number, answer }
}

#[test]
fn r47_what_the_function_of_an_earlier_call_gives_late_logs_nobody_in() {
    let mut browser = Browser::new();
    browser.asks_to_log_in(0, 1);
    browser.asks_to_log_in(0, 2);
    browser.gives_for(0, 1, Some("ada"), HOUR);
    assert!(browser.tabs[0].posts.is_empty(), "it is Ada's, and Eve is here");
    browser.gives_for(0, 2, Some("eve"), HOUR);
    browser.drives();
    assert_eq!(browser.tabs[0].answers(2), [None]);
    let eve = browser.server.people["eve"].id;
    assert_eq!(browser.tabs[0].client.device().person, Some(eve));
    assert!(!browser.server.people.contains_key("ada"));
}

#[test]
fn r47_a_page_that_has_no_token_to_give_is_answered() {
    let mut browser = Browser::new();
    browser.asks_to_log_in(0, 1);
    browser.gives(0, None, HOUR);
    let [Some(why)] = browser.tabs[0].answers(1) else {
        panic!("once: {:?}", browser.tabs[0].answers(1));
    };
    assert!(why.contains("no token"), "{why}");
    // The next is a call of its own.
    browser.asks_to_log_in(0, 2);
    browser.gives(0, Some("ada"), HOUR);
    browser.drives();
    assert_eq!(browser.tabs[0].answers(2), [None]);
}

#[test]
fn r47_a_token_that_comes_after_the_page_was_told_of_no_login_logs_nobody_in() {
    let mut browser = Browser::new();
    browser.asks_to_log_in(0, 1);
    browser.gives(0, None, HOUR);
    assert_eq!(browser.tabs[0].answers(1).len(), 1);
    browser.gives_for(0, 1, Some("ada"), HOUR);
    assert!(browser.tabs[0].posts.is_empty(), "the call has its answer");
}

#[test]
fn r47_a_page_that_has_no_token_while_the_login_is_over_is_asked_again() {
    let mut browser = Browser::new();
    browser.asks_to_log_in(0, 1);
    browser.gives(0, Some("ada"), 2_000);
    browser.drives();
    browser.time_passes(Span(3_000));
    browser.goes_up(0);
    browser.comes_down(0);
    assert!(browser.tabs[0].asked && browser.tabs[0].client.waits_for_login());
    browser.gives(0, None, HOUR);
    browser.time_passes(Span(31_000));
    assert!(browser.tabs[0].asked, "who is here may have one by now");
    browser.asks_to_log_in(0, 2);
    browser.gives(0, None, HOUR);
    assert_eq!(browser.tabs[0].answers(2).len(), 1);
    browser.time_passes(Span(31_000));
    assert!(browser.tabs[0].asked, "and whatever a call was told");
}

#[test]
fn r47_what_is_written_after_a_logout_is_not_taken_along_by_a_login_that_was_on_its_way() {
    let mut browser = Browser::new();
    browser.writes(0, "hello");
    browser.drives();
    browser.asks_to_log_in(0, 1);
    browser.gives(0, Some("ada"), HOUR);
    let late = browser.tabs[0].posts.clone();
    browser.input(0, Input::LogoutWanted);
    assert_eq!(browser.shows(0), [""; 0], "it may be Ada's by now");
    let by_the_next = browser.writes(0, "by whoever comes next");
    browser.tabs[0].posts.clear();
    browser.drives();
    browser.tabs[0].posts = late;
    browser.posts(0, true);
    browser.drives();

    let said = browser.server.said();
    let stands: Vec<_> = said.iter().filter(|log| log.1.contains(&by_the_next)).collect();
    let [(whose, log)] = stands[..] else {
        panic!("once: {stands:?}");
    };
    assert_eq!(
        (whose.external_id.as_deref(), &log[..]),
        (None, &[by_the_next][..])
    );
    assert_eq!(browser.tabs[0].answers(1).len(), 1);
}

#[test]
fn r47_an_answer_from_before_a_reset_is_not_taken_for_that_of_a_login_after_it() {
    let mut before = tab(device("s1", None));
    before.handle(Input::LoginWanted { call: 1 }, NOW, 5);
    let ada = posted(&before.handle(token(1, "hers"), NOW, 6));
    // The page resets the widget: another machine, and another login.
    let mut after = tab(device("s2", None));
    after.handle(Input::LoginWanted { call: 2 }, NOW, 7);
    let eve = posted(&after.handle(token(2, "eves"), NOW, 8));
    let (Some((adas, ..)), Some((eves, ..))) = (ada, eve) else {
        panic!("both are posted");
    };
    after.handle(done(adas, 1), NOW, 9);
    assert_eq!(*after.device(), device("s2", None), "Eve is not Ada");
    after.handle(done(eves, 2), NOW, 9);
    assert_eq!(*after.device(), device("eves", Some(2)));
}

#[test]
fn r47_the_page_is_answered_for_what_stays_behind_with_whoever_wrote_it() {
    let mut page = tab(device("hers", Some(1)));
    page.handle(Input::PanelShown, NOW, 0);
    page.handle(host_sent(1, None), NOW, 0);
    page.handle(host_sent(2, Some(9)), NOW, 0);
    page.handle(Input::LogoutWanted, NOW, 0);
    let effects = page.handle(Input::DeviceRenewed(device("s2", None)), NOW, 0);
    assert_eq!(refusals(&effects), [cid(1), cid(2)]);
    let effects = page.handle(Input::DeviceRenewed(device("s3", Some(3))), NOW, 0);
    assert_eq!(refusals(&effects), [], "once");
}

#[test]
fn r47_a_reset_answers_whoever_waits_and_lets_go_of_the_lock() {
    let mut page = leader(device("hers", Some(1)));
    page.handle(Input::LoginWanted { call: 1 }, NOW, 0);
    page.handle(token(1, "fresh"), NOW, 0);
    page.handle(Input::LoginWanted { call: 2 }, NOW, 0);
    page.handle(host_sent(1, None), NOW, 0);
    page.handle(host_sent(2, Some(9)), NOW, 0);
    page.handle(Input::Edited("a secret".to_owned()), NOW, 0);
    let effects = page.handle(Input::Unwanted, NOW, 0);
    assert_eq!(refusals(&effects), [cid(1), cid(2)]);
    assert_eq!(failed_logins(&effects), [1, 2]);
    assert!(effects.contains(&Effect::Resign), "or all others wait for it");
    assert!(effects.contains(&Effect::EmptyComposer));
    assert_eq!((page.outbox(), page.draft()), (&[][..], ""));
}

#[test]
fn r47_what_was_typed_and_not_sent_leaves_the_composer_with_whoever_typed_it() {
    let mut here = tab(device("hers", Some(1)));
    here.handle(Input::PanelShown, NOW, 0);
    here.handle(Input::Edited("a secret".to_owned()), NOW, 0);
    let effects = here.handle(Input::LogoutWanted, NOW, 0);
    assert!(effects.contains(&Effect::EmptyComposer), "{effects:?}");

    let mut another_tab = tab(device("hers", Some(1)));
    another_tab.handle(Input::PanelShown, NOW, 0);
    another_tab.handle(Input::Edited("a secret".to_owned()), NOW, 0);
    let effects = another_tab.handle(Input::DeviceRenewed(device("s2", None)), NOW, 0);
    assert!(effects.contains(&Effect::EmptyComposer), "{effects:?}");

    let mut nobody = tab(device("s1", None));
    nobody.handle(Input::Edited("mine".to_owned()), NOW, 0);
    let effects = nobody.handle(Input::DeviceRenewed(device("hers", Some(1))), NOW, 0);
    assert!(!effects.contains(&Effect::EmptyComposer), "they go on typing");
}

#[test]
fn what_changes_who_this_is_comes_last_for_what_it_leads_to_comes_at_once() {
    let mut here = leader(device("hers", Some(1)));
    here.handle(Input::Frame(resumed(None, "build-1")), NOW, 0);
    let effects = here.handle(Input::LogoutWanted, NOW, 0);
    assert_eq!(effects.last(), Some(&Effect::LeaveDevice), "{effects:?}");
    let mut here = leader(device("hers", Some(1)));
    here.handle(Input::Frame(refused(SECRET_RETIRED)), NOW, 0);
    let effects = here.handle(Input::TimerFired, NOW.after(Span(6_000)), 0);
    assert_eq!(effects.last(), Some(&Effect::RenewDevice), "{effects:?}");
}

#[test]
fn r47_who_opens_a_tab_after_the_login_ran_out_hears_it_from_the_leader() {
    let mut leader = leader(device("hers", Some(1)));
    leader.handle(Input::Frame(refused(LOGIN_EXPIRED)), NOW, 0);
    let mut late = tab(device("hers", Some(1)));
    let asked = tells(late.handle(Input::PanelShown, NOW, 0));
    for word in asked {
        leader.handle(Input::Heard(word), NOW, 0);
    }
    let looked = Input::Looked {
        outbox: Vec::new(),
        draft: None,
    };
    let told = tells(leader.handle(looked, NOW, 0));
    let mut effects = Vec::new();
    for word in told.clone() {
        effects.extend(late.handle(Input::Heard(word), NOW, 0));
    }
    assert!(late.waits_for_login(), "{told:?}");
    assert!(
        effects.contains(&Effect::Host(HostEvent::TokenWanted { call: 0 })),
        "its page may have a token"
    );
    // The leader's page had one; that it was kept was not heard.
    let (term, link) = (NOW, Link::Live);
    let effects = late.handle(Input::Heard(Word::Leads { term, link }), NOW, 0);
    assert!(!late.waits_for_login());
    assert!(matches!(tells(effects)[..], [Word::Greet { .. }]));
}

#[test]
fn r47_a_retired_secret_waits_for_the_tab_that_has_logged_in() {
    let renews = |effects: &[Effect]| effects.contains(&Effect::RenewDevice);
    let mut leads = leader(device("s1", None));
    leads.handle(Input::Frame(resumed(Some(9), "build-1")), NOW, 0);
    let effects = leads.handle(Input::Frame(refused(SECRET_RETIRED)), NOW, 0);
    assert!(!renews(&effects), "what waits would go out as a stranger's");
    let effects = leads.handle(Input::TimerFired, NOW.after(Span(4_000)), 0);
    assert!(!renews(&effects), "the answer may take its time");
    let mut alone = leads.clone();
    let effects = leads.handle(Input::DeviceRenewed(device("hers", Some(1))), NOW, 0);
    assert!(!renews(&effects));
    let effects = leads.handle(Input::TimerFired, NOW.after(Span(6_000)), 0);
    assert!(!renews(&effects), "it has one");

    let effects = alone.handle(Input::TimerFired, NOW.after(Span(6_000)), 0);
    assert!(renews(&effects), "nobody has one: {effects:?}");
}

#[test]
fn r47_what_is_written_under_a_fresh_secret_while_a_login_is_on_its_way_comes_along() {
    let mut here = tab(device("s1", None));
    here.handle(Input::LoginWanted { call: 1 }, NOW, 0);
    let Some((number, before, _)) = posted(&here.handle(token(1, "hers"), NOW, 3)) else {
        panic!("it is posted");
    };
    assert_eq!(before.as_deref(), Some("s1"));
    here.handle(Input::DeviceRenewed(device("s2", None)), NOW, 0);
    let again = here.handle(done(number, 1), NOW, 0);
    let Some((number, before, secret)) = posted(&again) else {
        panic!("what is on s2 is theirs too: {again:?}");
    };
    assert_eq!((before.as_deref(), &*secret), (Some("s2"), "hers"));
    here.handle(done(number, 1), NOW, 0);
    assert_eq!(*here.device(), device("hers", Some(1)));
}

#[test]
fn r47_a_logout_in_another_tab_overtakes_a_login_that_is_on_its_way_here() {
    let mut here = tab(device("hers", Some(1)));
    here.handle(Input::LoginWanted { call: 1 }, NOW, 0);
    let Some((number, ..)) = posted(&here.handle(token(1, "fresh"), NOW, 3)) else {
        panic!("it is posted");
    };
    let effects = here.handle(Input::DeviceRenewed(device("s2", None)), NOW, 0);
    assert_eq!(failed_logins(&effects), [1]);
    here.handle(done(number, 1), NOW, 0);
    assert_eq!(*here.device(), device("s2", None), "who logged out stays so");
}

#[test]
fn r47_the_next_persons_page_is_not_told_of_a_conversation_of_the_one_before() {
    let mut here = leader(device("hers", Some(1)));
    here.handle(Input::Frame(resumed(None, "build-1")), NOW, 0);
    let cid = cid(1);
    let text = "hello".to_owned();
    here.handle(Input::Written { cid, text }, NOW, 0);
    let ack = Ack {
        cid,
        session: SessionId(Uuid::from_u128(5)),
        seq: Seq(1),
        placement: Placement::Started,
        elsewhere: false,
    };
    here.handle(Input::Frame(Down::Ack(ack)), NOW, 0);
    here.handle(Input::LogoutWanted, NOW, 0);
    here.handle(Input::DeviceRenewed(device("eves", Some(2))), NOW, 0);
    here.handle(Input::Elected, NOW, 0);
    here.handle(Input::SocketOpened, NOW, 0);
    let effects = here.handle(Input::Frame(resumed(Some(8), "build-1")), NOW, 0);
    let started = |effect: &Effect| matches!(effect, Effect::Host(HostEvent::ConversationStarted { .. }));
    assert!(!effects.iter().any(started), "{effects:?}");
}

#[test]
fn an_old_page_stays_until_its_login_is_answered() {
    let reloads = |effects: &[Effect]| effects.iter().any(|it| matches!(it, Effect::ReloadForUpgrade(_)));
    let mut page = leader(device("s1", None));
    page.handle(Input::LoginWanted { call: 1 }, NOW, 0);
    let effects = page.handle(Input::Frame(resumed(None, "build-2")), NOW, 0);
    assert!(!reloads(&effects), "the call would never be answered");
    let none = Input::TokenGiven(TokenGiven {
        token: None,
        call: Some(1),
        fresh: String::new(),
    });
    assert!(reloads(&page.handle(none, NOW, 0)));
}

#[test]
fn r10_what_was_kept_before_a_restore_answers_no_question_of_after_it() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    let cid = tabs.types("an answer");
    assert!(tabs.storage.outbox[&cid].body.seen > Seq(0));
    tabs.server = crate::world::World::new();
    tabs.epoch = 2;
    // The page that wrote it is gone: the next one knows of no other epoch.
    tabs.reload();
    tabs.comes_back();
    tabs.drive();
    let sends = |frame: &Up| {
        if let Up::Send(send) = frame
            && send.cid == cid
        {
            Some((send.seen, send.session))
        } else {
            None
        }
    };
    assert_eq!(tabs.page().sent.iter().find_map(sends), Some((Seq(0), None)));
}
