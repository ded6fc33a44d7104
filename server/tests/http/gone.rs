//! A device whose login nothing is known of any more, after a restore or an erasure: it is nobody's by mistake, and the
//! site is asked anew (R47, SECURITY 27).

use causerie_core::EndUserId;
use causerie_core::wire::end_user::{Down, LoggedIn, Up};
use causerie_core::wire::{ERASED, LOGIN_UNKNOWN, SECRET_RETIRED, SECRET_TAKEN};
use causerie_server::clock::Clock;
use causerie_server::conversations::erase;
use causerie_server::store::{Change, Store, back_up, restore};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::login;
use crate::support::{Answer, SITE, Server, hello, visitor};

/// As whom a device logs in; or for longer, where it believes to be somebody's already.
async fn log_in(server: &Server, device: u64, believed: Option<EndUserId>, external_id: &str) -> Answer {
    let body = json!({
        "site": SITE, "secret": visitor(device), "person": believed, "token": login::token(external_id),
    });
    server.post("/api/messaging/login", &[], &body).await
}

async fn logged_in(server: &Server, device: u64, external_id: &str) -> EndUserId {
    let answer = log_in(server, device, None, external_id).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str::<LoggedIn>(&answer.body).unwrap().end_user
}

/// What a device that believes to be this person's is answered, by a socket and by a request.
async fn answers(server: &Server, device: u64, person: EndUserId) -> [Down; 2] {
    let mut hello = hello(&visitor(device), None, 0);
    hello.person = Some(person);
    let mut socket = server.visitor_socket().await;
    socket.say(&Up::Hello(hello.clone())).await;
    let by_socket = socket.hear().await;
    let origin = server.origin();
    let body = json!({ "hello": serde_json::to_string(&Up::Hello(hello)).unwrap() });
    let answer = server
        .post("/api/messaging/poll", &[("origin", &origin)], &body)
        .await;
    let by_request = serde_json::from_value(answer.json()["down"][0].clone()).unwrap();
    if matches!(by_socket, Down::Refused(_)) {
        assert_eq!(socket.close_code().await, 4003);
        assert_eq!(answer.json()["close"], json!(4003));
    }
    [by_socket, by_request]
}

async fn is_refused(server: &Server, device: u64, person: EndUserId, code: &str) {
    for answer in answers(server, device, person).await {
        let Down::Refused(refused) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(refused.code, code);
    }
}

fn code(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["code"].clone())
}

#[tokio::test]
async fn r47_after_a_restore_a_device_is_asked_to_log_in_anew_and_its_person_is_who_they_were() {
    let server = login::server().await;
    let stays = logged_in(&server, 10, "stays").await;
    let file = server.database().with_file_name("backup");
    let now = Clock::default().now();
    back_up(&server.database(), &file, false, now, &mut |_, _| {})
        .await
        .unwrap();
    let ada = logged_in(&server, 11, "ada").await;
    let keep = server.database().with_file_name("kept");
    restore(&server.database(), &file, &keep, now, &mut |_, _| {})
        .await
        .unwrap();

    for answer in answers(&server, 10, stays).await {
        assert!(matches!(answer, Down::Resumed(_)), "{answer:?}");
    }
    is_refused(&server, 11, ada, LOGIN_UNKNOWN).await;
    // The secret was Ada's: nobody else gets it, for her other tabs believe that it still is.
    for who in ["ada", "eve"] {
        let answer = log_in(&server, 11, Some(ada), who).await;
        assert_eq!(code(&answer), (409, json!(SECRET_TAKEN)));
    }
    let eve = logged_in(&server, 13, "eve").await;
    assert_eq!(logged_in(&server, 12, "ada").await, ada);
    for answer in answers(&server, 12, ada).await {
        assert!(matches!(answer, Down::Resumed(_)), "{answer:?}");
    }
    // Nor does anybody go on as somebody else.
    is_refused(&server, 13, ada, LOGIN_UNKNOWN).await;
    is_refused(&server, 12, eve, LOGIN_UNKNOWN).await;
}

#[tokio::test]
async fn security_27_a_device_is_told_that_its_person_is_erased_and_whoever_is_named_so_next_is_another() {
    let server = login::server().await;
    let ada = logged_in(&server, 11, "ada").await;
    logged_in(&server, 14, "ada").await;
    let bearer = format!("Bearer {}", visitor(14));
    let body = json!({ "site": SITE });
    server
        .post("/api/messaging/logout", &[("authorization", &bearer)], &body)
        .await;
    is_refused(&server, 14, ada, SECRET_RETIRED).await;
    let store = Store::open(&server.database()).await.unwrap();
    let mut known = vec![ada];
    for device in [12, 13] {
        erase(&store, &known[known.len() - 1..], &Clock::default())
            .await
            .unwrap();
        for person in &known {
            is_refused(&server, 11, *person, ERASED).await;
            is_refused(&server, 14, *person, ERASED).await;
            let answer = log_in(&server, 11, Some(*person), "ada").await;
            assert_eq!(code(&answer), (401, json!(ERASED)));
        }
        let next = logged_in(&server, device, "ada").await;
        assert!(!known.contains(&next), "an erased person does not come back");
        known.push(next);
    }
    is_refused(&server, 11, EndUserId(Uuid::from_u128(1)), LOGIN_UNKNOWN).await;
    let (mut fresh, resumed) = server.visitor(&visitor(13), 0).await;
    assert_eq!(resumed.thread, None);
    fresh.says(1, "hello").await;
}

/// Another site's page is told nothing of whom this one has had erased.
#[tokio::test]
async fn security_24_who_was_erased_is_told_on_their_own_site_alone() {
    let server = login::server().await;
    let other = Change::AddSite {
        key: "other".to_owned(),
        name: "Other".to_owned(),
        origins: Vec::new(),
    };
    server.change(other).await;
    let ada = logged_in(&server, 11, "ada").await;
    let store = Store::open(&server.database()).await.unwrap();
    erase(&store, &[ada], &Clock::default()).await.unwrap();
    for (site, code) in [(SITE, ERASED), ("other", LOGIN_UNKNOWN)] {
        let mut hello = hello(&visitor(11), None, 0);
        hello.site = site.to_owned();
        hello.person = Some(ada);
        let mut socket = server.visitor_socket().await;
        socket.say(&Up::Hello(hello)).await;
        let Down::Refused(refused) = socket.hear().await else {
            panic!("{site}: not refused")
        };
        assert_eq!(refused.code, code, "{site}");
    }
}

#[tokio::test]
async fn r47_a_message_that_says_whose_device_sends_it_starts_as_no_strangers() {
    let server = login::server().await;
    let (ada, eve) = (
        logged_in(&server, 11, "ada").await,
        logged_in(&server, 12, "eve").await,
    );
    let store = Store::open(&server.database()).await.unwrap();
    erase(&store, &[ada], &Clock::default()).await.unwrap();
    let says = async |device: u64, person: EndUserId| {
        let bearer = format!("Bearer {}", visitor(device));
        let body = json!({
            "site": SITE, "person": person, "text": "hello", "seen": 0,
            "cid": Uuid::from_u128(u128::from(device)),
        });
        server
            .post("/api/messaging/messages", &[("authorization", &bearer)], &body)
            .await
    };
    assert_eq!(code(&says(11, ada).await), (401, json!(ERASED)));
    assert_eq!(code(&says(13, eve).await), (401, json!(LOGIN_UNKNOWN)));
    assert_eq!(says(12, eve).await.status, 200);
}
