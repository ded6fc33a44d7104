//! Login over the wire: what a token must be (SECURITY 10), what a device's secret opens and when no more (R47).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causerie_core::EndUserId;
use causerie_core::wire::end_user::{Down, LoggedIn, Up};
use causerie_core::wire::{LOGIN_EXPIRED, LOGIN_UNKNOWN, SECRET_RETIRED};
use causerie_server::store::{Change, KeyScope};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use crate::support::{Answer, SITE, Server, cid, hello, send, visitor};

const KID: &str = "usr_1";
const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

pub(crate) async fn server() -> Server {
    let server = Server::start().await;
    key(&server, SITE, KID, KeyScope::User, SECRET).await;
    server
}

async fn key(server: &Server, site: &str, kid: &str, scope: KeyScope, secret: &str) {
    server
        .change(Change::AddKey {
            site: site.to_owned(),
            kid: kid.to_owned(),
            scope,
            secret: secret.to_owned(),
        })
        .await;
}

fn in_seconds(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + seconds
}

fn signed(header: &Value, claims: &Value, secret: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let body = format!("{}.{}", part(header), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "JWT", "kid": KID})
}

fn claims(external_id: &str) -> Value {
    json!({
        "scope": "user", "external_id": external_id, "exp": in_seconds(300),
        "name": "Ada", "email": "ada@example.net", "email_verified": true,
    })
}

pub(crate) fn token(external_id: &str) -> String {
    signed(&header(), &claims(external_id), SECRET)
}

async fn log_in(server: &Server, before: Option<&str>, device: &str, token: &str) -> Answer {
    let bearer = before.map(|before| format!("Bearer {before}"));
    let headers: Vec<_> = bearer
        .iter()
        .map(|bearer| ("authorization", bearer.as_str()))
        .collect();
    let body = json!({"site": SITE, "locale": "en", "secret": device, "token": token});
    server.post("/api/messaging/login", &headers, &body).await
}

/// 10: each is one 403 with one sentence, which tells nothing of what was guessed right, and changes nothing.
#[tokio::test]
async fn security_10_a_token_that_is_not_exactly_right_is_refused_by_one_sentence() {
    let server = server().await;
    let other = Change::AddSite {
        key: "other".to_owned(),
        name: "Other".to_owned(),
        origins: Vec::new(),
    };
    server.change(other).await;
    key(&server, "other", "usr_other", KeyScope::User, SECRET).await;
    key(&server, SITE, "app_1", KeyScope::App, SECRET).await;
    let with = |name: &str, value: Value| {
        let mut claims = claims("ada");
        claims[name] = value;
        signed(&header(), &claims, SECRET)
    };
    let without = |name: &str| {
        let mut claims = claims("ada");
        claims.as_object_mut().unwrap().remove(name);
        signed(&header(), &claims, SECRET)
    };
    let headed = |header: Value| signed(&header, &claims("ada"), SECRET);
    let good = token("ada");
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    let none = headed(json!({"alg": "none", "kid": KID}));
    let not_utf8 = URL_SAFE_NO_PAD.encode([&b"{\"alg\":\""[..], &[0xff, 0xfe], b"\"}"].concat());
    let attacks = [
        ("nothing", String::new()),
        ("no signature", format!("{unsigned}.")),
        ("no last part", unsigned.to_owned()),
        ("none", none.clone()),
        ("none, unsigned", format!("{}.", none.rsplit_once('.').unwrap().0)),
        ("nOnE", headed(json!({"alg": "nOnE", "kid": KID}))),
        (
            "RS256 with the secret as key",
            headed(json!({"alg": "RS256", "kid": KID})),
        ),
        ("HS512", headed(json!({"alg": "HS512", "kid": KID}))),
        ("no alg", headed(json!({"kid": KID}))),
        ("no kid", headed(json!({"alg": "HS256"}))),
        ("unknown kid", headed(json!({"alg": "HS256", "kid": "usr_2"}))),
        (
            "kid of a path",
            headed(json!({"alg": "HS256", "kid": "../../dev/null"})),
        ),
        (
            "kid of SQL",
            headed(json!({"alg": "HS256", "kid": "' OR 1=1 --"})),
        ),
        (
            "kid of another site",
            headed(json!({"alg": "HS256", "kid": "usr_other"})),
        ),
        ("an app key", headed(json!({"alg": "HS256", "kid": "app_1"}))),
        (
            "a key of its own",
            headed(json!({"alg": "HS256", "kid": KID, "jwk": {"kty": "oct", "k": "AA"}, "crit": ["jwk"]})),
        ),
        (
            "another secret",
            signed(&header(), &claims("ada"), &SECRET.replace('0', "1")),
        ),
        ("the secret as hexadecimal", {
            let bytes: String = (0..32).map(|_| '\u{1}').collect();
            signed(&header(), &claims("ada"), &bytes)
        }),
        ("another's claims under its signature", {
            let eve = URL_SAFE_NO_PAD.encode(claims("eve").to_string());
            format!("{}.{eve}.{signature}", good.split('.').next().unwrap())
        }),
        ("padding", format!("{good}=")),
        ("four parts", format!("{good}.x")),
        ("expired", with("exp", json!(in_seconds(-61)))),
        ("exp missing", without("exp")),
        ("exp as text", with("exp", json!("9999999999"))),
        ("exp negative", with("exp", json!(-1))),
        ("exp in milliseconds", with("exp", json!(in_seconds(300) * 1000))),
        ("exp of ages", with("exp", json!(i64::MAX))),
        ("exp beyond all numbers", with("exp", json!(1e300))),
        ("not yet", with("nbf", json!(in_seconds(120)))),
        ("scope missing", without("scope")),
        ("scope wrong", with("scope", json!("app"))),
        ("external_id missing", without("external_id")),
        ("external_id empty", with("external_id", json!(""))),
        ("external_id as number", with("external_id", json!(7))),
        ("external_id long", with("external_id", json!("x".repeat(256)))),
        ("external_id with a line", with("external_id", json!("a\r\nb"))),
        (
            "email of two lines",
            with("email", json!("a@b.example\r\nBcc: c@d.example")),
        ),
        ("100 KB", format!("{}.{}", "a".repeat(50_000), "b".repeat(50_000))),
        (
            "100 KB of claims, signed",
            with("name", json!("x".repeat(100_000))),
        ),
        ("not UTF-8", format!("{not_utf8}.e30.{signature}")),
        ("not JSON", format!("e30x.e30x.{signature}")),
    ];
    let mut said = None;
    for (attack, token) in attacks {
        let answer = log_in(&server, None, &visitor(11), &token).await;
        let refused = answer.json();
        assert_eq!(
            (answer.status, refused["code"].as_str().unwrap()),
            (403, "login_refused"),
            "{attack}: {}",
            answer.body
        );
        let sentence = refused["message"].as_str().unwrap().to_owned();
        assert_eq!(*said.get_or_insert(sentence.clone()), sentence, "{attack}");
    }
    // And nobody has come of it.
    let (_, resumed) = server.visitor(&visitor(11), 0).await;
    assert_eq!(resumed.thread, None);
    assert_eq!(
        log_in(&server, None, &visitor(11), &token("ada")).await.status,
        200
    );
}

#[tokio::test]
async fn what_is_no_request_to_log_in_is_told_so() {
    let server = server().await;
    let post = async |body: Value| server.post("/api/messaging/login", &[], &body).await.status;
    assert_eq!(post(json!({})).await, 422);
    assert_eq!(
        post(json!({"site": SITE, "secret": visitor(1), "token": 7})).await,
        422
    );
    assert_eq!(
        post(json!({"site": SITE, "secret": "short", "token": token("ada")})).await,
        422
    );
    assert_eq!(
        post(json!({"site": "nowhere", "secret": visitor(1), "token": token("ada")})).await,
        404
    );
    let foreign = [("origin", "https://evil.example")];
    let body = json!({"site": SITE, "secret": visitor(1), "token": token("ada")});
    for path in ["/api/messaging/login", "/api/messaging/logout"] {
        assert_eq!(server.post(path, &foreign, &body).await.status, 403, "{path}");
    }
    let huge = json!({"site": SITE, "secret": visitor(1), "token": "x".repeat(300_000)});
    assert_eq!(server.post("/api/messaging/login", &[], &huge).await.status, 413);
}

#[tokio::test]
async fn r47_a_tab_of_the_old_secret_is_closed_and_the_new_one_goes_on_with_the_log() {
    let server = server().await;
    let (mut old, _) = server.visitor(&visitor(1), 0).await;
    let before = old.says(1, "hello").await;
    let (mut phone, _) = {
        log_in(&server, None, &visitor(12), &token("ada")).await;
        server.visitor(&visitor(12), 0).await
    };

    let answer = log_in(&server, Some(&visitor(1)), &visitor(11), &token("ada")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let logged_in: LoggedIn = serde_json::from_str(&answer.body).unwrap();
    assert!(logged_in.until.0 > in_seconds(300) * 1000);

    let refused = old.until(|down| match down {
        Down::Refused(refused) => Some(refused),
        Down::Resumed(_)
        | Down::Entries(_)
        | Down::Session(_)
        | Down::Ack(_)
        | Down::Typing(_)
        | Down::Read(_)
        | Down::Pong => None,
    });
    let refused = refused.await;
    assert_eq!((refused.code.as_str(), refused.retryable), (SECRET_RETIRED, true));
    assert_eq!(old.close_code().await, 4003);
    // Another device of theirs had nothing before, and is told where it goes on.
    let resumed = phone
        .until(|down| match down {
            Down::Resumed(resumed) => Some(resumed),
            Down::Entries(_)
            | Down::Session(_)
            | Down::Ack(_)
            | Down::Refused(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => None,
        })
        .await;
    assert!(resumed.thread.is_some());
    let (mut new, here) = server.visitor(&visitor(11), 0).await;
    assert_eq!(here.thread, resumed.thread);
    assert_eq!(here.session.unwrap().id, before.session);
    // R11: the message from before is known here.
    new.say(&Up::Send(send(1, "hello", 0))).await;
    let again = new.ack(cid(1)).await;
    assert_eq!(
        (again.seq, again.session, again.elsewhere),
        (before.seq, before.session, false)
    );
    // The secret from before is nobody's, whatever way it comes.
    let mut late = server.visitor_socket().await;
    late.say(&Up::Hello(hello(&visitor(1), None, 0))).await;
    let Down::Refused(refused) = late.hear().await else {
        panic!()
    };
    assert_eq!(refused.code, SECRET_RETIRED);
    let bearer = format!("Bearer {}", visitor(1));
    let unread = server
        .get(
            &format!("/api/messaging/unread?key={SITE}"),
            &[("authorization", &bearer)],
        )
        .await;
    assert_eq!(
        (unread.status, unread.json()["code"].as_str().unwrap()),
        (401, SECRET_RETIRED)
    );
}

#[tokio::test]
async fn r47_a_message_of_the_log_that_stayed_is_acknowledged_as_elsewhere() {
    let server = server().await;
    log_in(&server, None, &visitor(12), &token("ada")).await;
    let (mut phone, there) = server.visitor(&visitor(12), 0).await;
    assert_eq!(there.thread, None);
    phone.says(7, "from my phone").await;
    let (mut old, _) = server.visitor(&visitor(1), 0).await;
    let stood = old.says(1, "hello").await;
    log_in(&server, Some(&visitor(1)), &visitor(11), &token("ada")).await;

    let (mut new, _) = server.visitor(&visitor(11), 0).await;
    new.say(&Up::Send(send(1, "hello", 0))).await;
    let again = new.ack(cid(1)).await;
    assert_eq!(
        (again.seq, again.session, again.elsewhere),
        (stood.seq, stood.session, true)
    );
    // By a POST as well.
    let bearer = format!("Bearer {}", visitor(11));
    let mut body = serde_json::to_value(send(1, "hello", 0)).unwrap();
    body["site"] = json!(SITE);
    let posted = server
        .post("/api/messaging/messages", &[("authorization", &bearer)], &body)
        .await;
    assert_eq!((posted.status, &posted.json()["elsewhere"]), (200, &json!(true)));
}

#[tokio::test]
async fn r47_a_socket_is_closed_when_the_logins_time_is_over_and_not_when_it_was_prolonged() {
    let server = server().await;
    let short = |seconds: i64| {
        let mut claims = claims("ada");
        claims["exp"] = json!(in_seconds(seconds - 60));
        signed(&header(), &claims, SECRET)
    };
    log_in(&server, None, &visitor(11), &short(2)).await;
    log_in(&server, None, &visitor(12), &short(2)).await;
    let (mut over, _) = server.visitor(&visitor(11), 0).await;
    let (mut prolonged, _) = server.visitor(&visitor(12), 0).await;
    log_in(&server, Some(&visitor(12)), &visitor(12), &token("ada")).await;

    let Down::Refused(refused) = over.hear().await else {
        panic!()
    };
    assert_eq!((refused.code.as_str(), refused.retryable), (LOGIN_EXPIRED, true));
    assert_eq!(over.close_code().await, 4003);
    prolonged.says(1, "still here").await;
    // Nor does it open anything anew.
    let mut late = server.visitor_socket().await;
    late.say(&Up::Hello(hello(&visitor(11), None, 0))).await;
    let Down::Refused(refused) = late.hear().await else {
        panic!()
    };
    assert_eq!(refused.code, LOGIN_EXPIRED);
    let mut body = serde_json::to_value(send(5, "x", 0)).unwrap();
    body["site"] = json!(SITE);
    let bearer = format!("Bearer {}", visitor(11));
    let posted = server
        .post("/api/messaging/messages", &[("authorization", &bearer)], &body)
        .await;
    assert_eq!(
        (posted.status, posted.json()["code"].as_str().unwrap()),
        (401, LOGIN_EXPIRED)
    );
    assert_eq!(posted.json()["retryable"], json!(true));
}

#[tokio::test]
async fn security_4_the_tabs_of_a_device_that_the_next_person_takes_over_are_closed_at_once() {
    let server = server().await;
    for next in ["eve", "ada"] {
        let (device, fresh) = (visitor(11), visitor(if next == "eve" { 12 } else { 13 }));
        let device = if next == "eve" { device } else { visitor(14) };
        log_in(&server, None, &device, &token("ada")).await;
        let (mut tab, _) = server.visitor(&device, 0).await;
        let done = log_in(&server, Some(&device), &fresh, &token(next)).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert_eq!(tab.close_code().await, 4003, "{next}");
    }
}

/// 4: as by another node, whose notice is lost: within the five seconds, though the client only says that it types.
#[tokio::test]
async fn security_4_a_device_that_was_revoked_untold_is_closed_soon_whatever_it_sends() {
    let server = server().await;
    log_in(&server, None, &visitor(11), &token("ada")).await;
    let (mut tab, _) = server.visitor(&visitor(11), 0).await;
    let began = std::time::Instant::now();
    server.sql("UPDATE device SET expires_at = 0").await;
    tab.say(&Up::Typing(false)).await;
    assert_eq!(tab.close_code().await, 4003);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn security_5_a_logout_of_nobody_writes_nothing() {
    let server = server().await;
    let before = server.app.conversations.commits();
    let body = json!({"site": SITE});
    for n in 0..5 {
        let bearer = format!("Bearer {}", visitor(n));
        let answer = server
            .post("/api/messaging/logout", &[("authorization", &bearer)], &body)
            .await;
        assert_eq!(answer.status, 204);
    }
    assert_eq!(server.app.conversations.commits(), before);
}

#[tokio::test]
async fn r47_a_logged_out_device_is_nobodys() {
    let server = server().await;
    log_in(&server, None, &visitor(11), &token("ada")).await;
    let (mut tab, _) = server.visitor(&visitor(11), 0).await;
    tab.says(1, "hello").await;
    let bearer = format!("Bearer {}", visitor(11));
    let body = json!({"site": SITE});
    for _ in 0..2 {
        let answer = server
            .post("/api/messaging/logout", &[("authorization", &bearer)], &body)
            .await;
        assert_eq!(answer.status, 204);
    }
    assert_eq!(tab.close_code().await, 4003, "security 4: at once");
}

#[tokio::test]
async fn r47_who_was_somebody_by_a_secret_that_is_nobodys_is_no_fresh_visitor() {
    let server = server().await;
    let mut swept = hello(&visitor(11), None, 0);
    swept.person = Some(EndUserId(Uuid::from_u128(1)));
    let mut tab = server.visitor_socket().await;
    tab.say(&Up::Hello(swept.clone())).await;
    let Down::Refused(refused) = tab.hear().await else {
        panic!("it is nobody's")
    };
    assert_eq!(refused.code, LOGIN_UNKNOWN);
    assert_eq!(tab.close_code().await, 4003);

    let answer = log_in(&server, None, &visitor(11), &token("ada")).await;
    let logged_in: LoggedIn = serde_json::from_str(&answer.body).unwrap();
    swept.person = Some(logged_in.end_user);
    let mut tab = server.visitor_socket().await;
    tab.say(&Up::Hello(swept)).await;
    assert!(matches!(tab.hear().await, Down::Resumed(_)));
}

/// 5: each token costs a look-up and a signature.
#[tokio::test]
async fn a_flood_of_logins_is_slowed_down() {
    let server = server().await;
    let answers = futures_util::future::join_all((0..1100).map(|_| {
        let server = &server;
        async move { log_in(server, None, &visitor(11), "x").await.status }
    }));
    let answers = tokio::time::timeout(Duration::from_secs(60), answers)
        .await
        .unwrap();
    assert!(answers.contains(&429), "an address has its limit");
    assert!(answers.iter().filter(|status| **status == 403).count() >= 1000);
}
