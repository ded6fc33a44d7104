//! Who a device is, and what becomes of a tab when that changes under it: by another tab, by the end of a login, or by
//! a server that knows its secret no more (R47).
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{
    Config, Device, Effect, EndUserClient, HostEvent, Input, LoginAnswer, LoginPost, TokenGiven,
};
use causerie_core::client::outbox::Outgoing;
use causerie_core::client::role::TabId;
use causerie_core::client::timeline::Written;
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, LoggedIn, Resumed, Up};
use causerie_core::wire::{CID_UNKNOWN, LOGIN_EXPIRED, Refused, SECRET_RETIRED};
use causerie_core::{ClientMessageId, EndUserId, Seq, Timestamp};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const CID: ClientMessageId = ClientMessageId(Uuid::from_u128(1));
const NOW: Timestamp = Timestamp(1_000_000);

fn nobody() -> Device {
    Device {
        secret: "nobody's".to_owned(),
        person: None,
    }
}

fn ada() -> Device {
    Device {
        secret: "ada's".to_owned(),
        person: Some(EndUserId(Uuid::from_u128(7))),
    }
}

/// A tab on its own, which keeps nothing.
fn tab(device: Device) -> EndUserClient {
    one_that(false, false, device)
}

fn one_that(keeps: bool, shares: bool, device: Device) -> EndUserClient {
    EndUserClient::new(Config {
        site: "demo".to_owned(),
        device,
        locale: "en".to_owned(),
        build: String::new(),
        keeps,
        shares,
        tab: TabId(1),
    })
}

/// One that the server has welcomed, with its panel closed.
fn welcomed(device: Device) -> EndUserClient {
    let mut tab = tab(device);
    feed(&mut tab, Input::Wanted);
    is_welcomed(&mut tab);
    tab
}

fn is_welcomed(tab: &mut EndUserClient) {
    feed(tab, Input::SocketOpened);
    let resumed = Down::Resumed(Resumed {
        thread: None,
        epoch: 1,
        head: Seq(0),
        read: Seq(0),
        session: None,
        build: String::new(),
        may_end: false,
    });
    feed(tab, Input::Frame(resumed));
    assert_eq!(tab.status(), Status::Live);
}

fn feed(tab: &mut EndUserClient, input: Input) -> Vec<Effect> {
    tab.handle(input, NOW, 0)
}

fn is_refused(tab: &mut EndUserClient, cid: Option<ClientMessageId>, code: &str) -> Vec<Effect> {
    let refused = Down::Refused(Refused {
        cid,
        code: code.to_owned(),
        message: "No.".to_owned(),
        retryable: false,
        retry_after_ms: None,
    });
    feed(tab, Input::Frame(refused))
}

fn connects(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Connect(_)))
}

fn asks_the_page(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Host(HostEvent::TokenWanted { .. })))
}

/// A login as Ada is posted, and has no answer yet.
fn posts_a_login(tab: &mut EndUserClient) -> LoginPost {
    feed(tab, Input::LoginWanted { call: 1 });
    let given = TokenGiven {
        token: Some("a token".to_owned()),
        call: Some(1),
        fresh: ada().secret,
    };
    let effects = feed(tab, Input::TokenGiven(given));
    let post = effects.into_iter().find_map(|effect| {
        if let Effect::LogIn(post) = effect {
            Some(post)
        } else {
            None
        }
    });
    post.expect("it is posted")
}

#[test]
fn r01_a_login_in_another_tab_connects_no_tab_that_nobody_has_opened() {
    let mut tab = tab(nobody());
    assert!(!connects(&feed(&mut tab, Input::DeviceRenewed(ada()))));
    assert_eq!(*tab.device(), ada());
}

#[test]
fn r47_a_connected_tab_goes_on_as_who_has_logged_in_elsewhere_and_rests_when_they_log_out() {
    let mut tab = welcomed(nobody());
    let effects = feed(&mut tab, Input::DeviceRenewed(ada()));
    assert!(effects.contains(&Effect::CloseSocket) && connects(&effects));

    let effects = feed(&mut tab, Input::DeviceRenewed(nobody()));
    assert!(effects.contains(&Effect::CloseSocket) && !connects(&effects));
    assert_eq!(tab.status(), Status::Idle, "nobody looks at it");
}

#[test]
fn r47_a_draft_goes_along_into_a_login_and_where_there_is_none_nothing_is_written_over_theirs() {
    let keeps = |draft: &str| {
        let mut tab = welcomed(nobody());
        feed(&mut tab, Input::Edited(draft.to_owned()));
        let effects = feed(&mut tab, Input::DeviceRenewed(ada()));
        let at = effects
            .iter()
            .take_while(|effect| **effect != Effect::ShareAs(ada()));
        let kept = effects.iter().skip(at.count()).filter_map(|effect| {
            if let Effect::KeepDraft(draft) = effect {
                Some(draft.clone())
            } else {
                None
            }
        });
        kept.collect::<Vec<_>>()
    };
    assert_eq!(keeps("half a w"), ["half a w"]);
    assert_eq!(keeps(""), [""; 0]);
}

#[test]
fn r47_while_a_login_is_over_nothing_connects_and_whoever_comes_has_the_page_asked_again() {
    let mut tab = welcomed(ada());
    let effects = is_refused(&mut tab, None, LOGIN_EXPIRED);
    assert!(asks_the_page(&effects) && effects.contains(&Effect::CloseSocket));
    for input in [Input::PanelShown, Input::Online] {
        let effects = feed(&mut tab, input.clone());
        assert!(asks_the_page(&effects) && !connects(&effects), "{input:?}");
    }
    let text = "are you there?".to_owned();
    assert!(!connects(&feed(&mut tab, Input::Written { cid: CID, text })));
    assert!(connects(&feed(&mut tab, Input::LoggedInElsewhere)));
    assert!(!asks_the_page(&feed(&mut tab, Input::Online)), "there is a login");
}

#[test]
fn r47_a_secret_that_is_nobodys_any_more_is_renewed() {
    let mut tab = welcomed(nobody());
    let effects = is_refused(&mut tab, None, SECRET_RETIRED);
    assert!(effects.contains(&Effect::CloseSocket));
    // No other tab has one by then.
    let effects = tab.handle(Input::TimerFired, NOW.after(Span(6_000)), 0);
    assert!(effects.contains(&Effect::RenewDevice));
    let fresh = Device {
        secret: "a fresh one".to_owned(),
        person: None,
    };
    feed(&mut tab, Input::DeviceRenewed(fresh.clone()));
    assert!(connects(&feed(&mut tab, Input::Wanted)));
    let hellos = feed(&mut tab, Input::SocketOpened);
    assert!(
        hellos
            .iter()
            .any(|effect| matches!(effect, Effect::Send(Up::Hello(hello)) if hello.secret == fresh.secret))
    );
}

#[test]
fn r47_a_secret_that_a_login_may_have_retired_is_renewed_only_once_that_login_has_failed() {
    for done in [true, false] {
        let mut tab = welcomed(nobody());
        let post = posts_a_login(&mut tab);
        let effects = is_refused(&mut tab, None, SECRET_RETIRED);
        assert!(!effects.contains(&Effect::RenewDevice), "by this login, perhaps");
        assert!(!connects(&feed(&mut tab, Input::PanelShown)), "as nobody");
        let answer = if done {
            LoginAnswer::Done(LoggedIn {
                end_user: EndUserId(Uuid::from_u128(7)),
                until: NOW,
            })
        } else {
            LoginAnswer::Refused(Refused {
                cid: None,
                code: "login_refused".to_owned(),
                message: "No.".to_owned(),
                retryable: false,
                retry_after_ms: None,
            })
        };
        let number = post.number;
        let effects = feed(&mut tab, Input::LoginAnswered { number, answer });
        assert_eq!(effects.contains(&Effect::ShareAs(ada())), done);
        assert_eq!(connects(&effects), done);
        assert_eq!(effects.contains(&Effect::RenewDevice), !done);
    }
}

#[test]
fn r11_only_what_was_written_before_a_login_can_stand_with_who_wrote_it() {
    let mut tab = welcomed(nobody());
    let (before, after) = (CID, ClientMessageId(Uuid::from_u128(2)));
    let text = "before".to_owned();
    feed(&mut tab, Input::Written { cid: before, text });
    is_refused(&mut tab, Some(before), "text_refused");
    feed(&mut tab, Input::DeviceRenewed(ada()));
    is_welcomed(&mut tab);
    let text = "after".to_owned();
    feed(&mut tab, Input::Written { cid: after, text });

    let effects = is_refused(&mut tab, Some(after), CID_UNKNOWN);
    assert!(!effects.contains(&Effect::Host(HostEvent::Stands(after))));
    assert!(tab.outbox().iter().all(Outgoing::is_failed), "with their texts");
    assert_eq!(tab.outbox().len(), 2);

    let fresh = ClientMessageId(Uuid::from_u128(3));
    feed(&mut tab, Input::RetryPressed { cid: before, fresh });
    let effects = is_refused(&mut tab, Some(before), CID_UNKNOWN);
    assert!(effects.contains(&Effect::Host(HostEvent::Stands(before))));
    assert_eq!(tab.outbox().len(), 1);
}

/// A tab in which something was written, as it is once that is kept. It is not connected.
fn with_a_message_on_the_shelf(shares: bool, carried: bool) -> EndUserClient {
    let mut tab = one_that(true, shares, if carried { nobody() } else { ada() });
    let text = "hello".to_owned();
    feed(&mut tab, Input::Written { cid: CID, text });
    feed(&mut tab, Input::Shelved(CID));
    if carried {
        feed(&mut tab, Input::DeviceRenewed(ada()));
        feed(&mut tab, Input::Shelved(CID));
    }
    tab
}

/// Whether a look at the shelf, on which this lies, tells the page that the message stands.
fn stands_by(tab: &mut EndUserClient, outbox: Vec<Written>) -> bool {
    let draft = None;
    let effects = feed(tab, Input::Looked { outbox, draft });
    effects.contains(&Effect::Host(HostEvent::Stands(CID)))
}

#[test]
fn r11_what_was_carried_and_lies_on_the_shelf_no_more_stands_as_the_leader_knew() {
    let mut follower = with_a_message_on_the_shelf(true, true);
    let kept = follower.outbox().to_vec();
    assert!(!stands_by(&mut follower, kept), "it is there still");
    assert!(stands_by(&mut follower, Vec::new()));
    assert_eq!(follower.outbox(), []);

    let mut follower = with_a_message_on_the_shelf(true, false);
    assert!(!stands_by(&mut follower, Vec::new()), "the log will tell");
    let mut alone = with_a_message_on_the_shelf(false, true);
    assert!(
        !stands_by(&mut alone, Vec::new()),
        "nobody has sent it for this tab"
    );
}

#[test]
fn r11_what_is_carried_and_not_kept_yet_is_not_taken_for_standing() {
    let mut follower = one_that(true, true, nobody());
    let text = "hello".to_owned();
    feed(&mut follower, Input::Written { cid: CID, text });
    feed(&mut follower, Input::DeviceRenewed(ada()));
    assert!(!stands_by(&mut follower, Vec::new()));
    assert_eq!(follower.outbox().len(), 1);
}
