//! What comes of a page's calls to log in (R47): whom it makes the device, what is asked of the page again, and that a
//! login of another tab takes nothing from them.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use causerie_core::client::end_user::{
    Config, Device, Effect, EndUserClient, HostEvent, Input, LoginAnswer, LoginPost, TokenGiven,
};
use causerie_core::client::role::TabId;
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, LoggedIn};
use causerie_core::wire::{LOGIN_EXPIRED, Refused, SECRET_TAKEN};
use causerie_core::{EndUserId, Timestamp};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: Timestamp = Timestamp(1_000_000);
const FRESH: &str = "a fresh one";
const CALL: u32 = 1;

fn ada() -> Device {
    Device {
        secret: "ada's".to_owned(),
        person: Some(EndUserId(Uuid::from_u128(7))),
    }
}

/// Ada on a device that a login of this page makes hers.
fn ada_by_the_fresh_one() -> Device {
    Device {
        secret: FRESH.to_owned(),
        ..ada()
    }
}

/// A tab on its own, of somebody who has not logged in.
fn of_nobody() -> EndUserClient {
    tab(Device {
        secret: "nobody's".to_owned(),
        person: None,
    })
}

/// One of Ada, whose login is over, so that the page has been asked for a token.
fn whose_login_is_over() -> EndUserClient {
    let mut tab = tab(ada());
    feed(&mut tab, Input::Wanted);
    feed(&mut tab, Input::SocketOpened);
    let over = Down::Refused(refusal(LOGIN_EXPIRED));
    assert!(asks_the_page(&feed(&mut tab, Input::Frame(over))));
    tab
}

fn tab(device: Device) -> EndUserClient {
    EndUserClient::new(Config {
        site: "demo".to_owned(),
        device,
        locale: "en".to_owned(),
        build: String::new(),
        keeps: false,
        shares: false,
        tab: TabId(1),
    })
}

fn feed(tab: &mut EndUserClient, input: Input) -> Vec<Effect> {
    tab.handle(input, NOW, 0)
}

/// The page gives a token: what is posted for it.
fn gives_a_token(tab: &mut EndUserClient) -> Option<LoginPost> {
    let given = TokenGiven {
        token: Some("a token".to_owned()),
        call: None,
        fresh: FRESH.to_owned(),
    };
    posted(feed(tab, Input::TokenGiven(given)))
}

fn posted(effects: Vec<Effect>) -> Option<LoginPost> {
    effects.into_iter().find_map(|effect| {
        if let Effect::LogIn(post) = effect {
            Some(post)
        } else {
            None
        }
    })
}

/// The page calls, and its token is posted.
fn posts_a_login(tab: &mut EndUserClient) -> LoginPost {
    feed(tab, Input::LoginWanted { call: CALL });
    gives_a_token(tab).expect("it is posted")
}

fn is_answered(tab: &mut EndUserClient, post: &LoginPost, answer: LoginAnswer) -> Vec<Effect> {
    let number = post.number;
    feed(tab, Input::LoginAnswered { number, answer })
}

fn as_ada() -> LoginAnswer {
    let end_user = EndUserId(Uuid::from_u128(7));
    LoginAnswer::Done(LoggedIn { end_user, until: NOW })
}

fn refusal(code: &str) -> Refused {
    Refused {
        cid: None,
        code: code.to_owned(),
        message: "No.".to_owned(),
        retryable: false,
        retry_after_ms: None,
    }
}

fn asks_the_page(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Host(HostEvent::TokenWanted { .. })))
}

/// How the page's call went, if it is told.
fn told(effects: &[Effect]) -> Option<Result<(), ()>> {
    effects.iter().find_map(|effect| {
        if let Effect::Host(HostEvent::LoggedIn { call: CALL, failed }) = effect {
            Some(failed.as_ref().map_or(Ok(()), |_| Err(())))
        } else {
            None
        }
    })
}

#[test]
fn r47_a_login_that_is_prolonged_makes_the_device_nobody_else() {
    let mut tab = whose_login_is_over();
    let post = gives_a_token(&mut tab).expect("it is posted");
    let effects = is_answered(&mut tab, &post, as_ada());
    assert!(effects.contains(&Effect::KeepDevice(ada())));
    assert!(!effects.contains(&Effect::ShareAs(ada())), "it is hers already");
    assert!(!tab.waits_for_login());
}

#[test]
fn r47_a_device_has_the_secret_of_its_own_login_though_another_tab_was_first() {
    let mut tab = of_nobody();
    let post = posts_a_login(&mut tab);
    feed(&mut tab, Input::DeviceRenewed(ada()));
    let effects = is_answered(&mut tab, &post, as_ada());
    assert_eq!(told(&effects), Some(Ok(())));
    assert_eq!(*tab.device(), ada_by_the_fresh_one());
}

#[test]
fn r47_a_token_that_names_somebody_else_gets_a_secret_of_its_own_and_a_refused_one_does_not() {
    let mut tab = whose_login_is_over();
    let first = gives_a_token(&mut tab).expect("it is posted");
    assert_eq!((first.before.as_deref(), &*first.secret), (None, "ada's"));
    let taken = LoginAnswer::Refused(refusal(SECRET_TAKEN));
    let second = posted(is_answered(&mut tab, &first, taken)).expect("posted again");
    assert_eq!(
        (second.before.as_deref(), &*second.secret),
        (Some("ada's"), FRESH),
        "she is left"
    );
    assert_ne!(second.number, first.number, "a late answer is told apart");

    let mut tab = whose_login_is_over();
    let post = gives_a_token(&mut tab).expect("it is posted");
    let refused = LoginAnswer::Refused(refusal("login_refused"));
    assert_eq!(posted(is_answered(&mut tab, &post, refused)), None);
}

#[test]
fn r47_a_token_that_may_have_become_too_old_meanwhile_is_asked_for_again() {
    // Its fresh secret is somebody's: there is to be another.
    let mut tab = of_nobody();
    let post = posts_a_login(&mut tab);
    let effects = is_answered(&mut tab, &post, LoginAnswer::Refused(refusal(SECRET_TAKEN)));
    assert!(asks_the_page(&effects) && told(&effects).is_none());

    // An answer was lost, and the next try took its time.
    let mut tab = of_nobody();
    let post = posts_a_login(&mut tab);
    is_answered(&mut tab, &post, LoginAnswer::Lost);
    let post = posted(feed(&mut tab, Input::TimerFired)).expect("posted again");
    let effects = is_answered(&mut tab, &post, LoginAnswer::Refused(refusal("login_refused")));
    assert!(asks_the_page(&effects) && told(&effects).is_none());

    let mut tab = of_nobody();
    let post = posts_a_login(&mut tab);
    let effects = is_answered(&mut tab, &post, LoginAnswer::Refused(refusal("login_refused")));
    assert!(!asks_the_page(&effects), "refused at once");
    assert_eq!(told(&effects), Some(Err(())));
}

#[test]
fn r47_a_login_of_another_tab_answers_no_call_of_this_page_and_spares_it_an_unwanted_one() {
    let mut tab = of_nobody();
    feed(&mut tab, Input::LoginWanted { call: CALL });
    assert_eq!(told(&feed(&mut tab, Input::DeviceRenewed(ada()))), None);
    assert!(gives_a_token(&mut tab).is_some(), "the call goes on");

    let mut tab = whose_login_is_over();
    feed(&mut tab, Input::LoggedInElsewhere);
    assert_eq!(gives_a_token(&mut tab), None, "nobody waits for it");
}

#[test]
fn r47_a_logout_answers_the_call_that_waits_and_its_token_is_not_posted() {
    let mut tab = of_nobody();
    feed(&mut tab, Input::LoginWanted { call: CALL });
    assert_eq!(told(&feed(&mut tab, Input::LogoutWanted)), Some(Err(())));
    assert_eq!(gives_a_token(&mut tab), None);
}

#[test]
fn a_page_is_asked_for_a_token_again_and_again_only_while_a_login_is_over() {
    let asked_again = |tab: &mut EndUserClient| {
        let later = NOW.after(Span(30_000));
        asks_the_page(&tab.handle(Input::TimerFired, later, 0))
    };
    assert!(asked_again(&mut whose_login_is_over()));
    let mut tab = of_nobody();
    feed(&mut tab, Input::LoginWanted { call: CALL });
    assert!(!asked_again(&mut tab), "it has only said that there is somebody");
}

#[test]
fn r47_pages_told_to_wait_post_again_spread_out() {
    for (random, ms) in [(0, 2_000), (u32::MAX, 2_500)] {
        let mut tab = of_nobody();
        let number = posts_a_login(&mut tab).number;
        let answer = LoginAnswer::Refused(Refused {
            retryable: true,
            retry_after_ms: Some(2_000),
            ..refusal("unavailable")
        });
        let effects = tab.handle(Input::LoginAnswered { number, answer }, NOW, random);
        let at = NOW.after(Span(ms));
        assert!(effects.contains(&Effect::WakeAt(Some(at))), "{effects:?}");
        assert!(posted(tab.handle(Input::TimerFired, at, random)).is_some());
    }
}
