//! Signing in, and who may change what (SECURITY 6, 12).

use causerie_core::Timestamp;
use causerie_core::agent::Role;
use causerie_server::secret;
use causerie_server::store::Change;
use serde_json::json;

use crate::support::{PASSWORD, Server};

const SIGN_IN: &str = "/api/workspace/sign-in";

#[tokio::test]
async fn a_cookie_is_host_bound_and_out_of_reach_of_scripts() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    let body = json!({ "email": " ADA@example.com ", "password": PASSWORD });
    let answer = server.post(SIGN_IN, &[], &body).await;
    assert_eq!(answer.status, 204);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-causerie="), "{cookie}");
    for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(server.get("/api/workspace/me", &[]).await.status, 401);
    let cookie = cookie.split(';').next().unwrap();
    let me = server.get("/api/workspace/me", &[("cookie", cookie)]).await;
    assert_eq!((me.status, me.json()["role"].as_str()), (200, Some("agent")));
    assert_eq!(me.header("cache-control"), "no-store");
}

#[tokio::test]
async fn an_unknown_email_and_a_wrong_password_get_the_same_answer() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    let add = Change::AddAgent {
        name: "New".to_owned(),
        email: "new@example.com".to_owned(),
        role: None,
        group: None,
    };
    server.change(add).await;
    let mut answers = Vec::new();
    for email in ["ada@example.com", "nobody@example.com", "new@example.com"] {
        let answer = server
            .post(
                SIGN_IN,
                &[],
                &json!({ "email": email, "password": "wrong horse" }),
            )
            .await;
        answers.push((answer.status, answer.body));
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn guessing_is_slowed_down_for_an_account() {
    let server = Server::start().await;
    let body = json!({ "email": "ada@example.com", "password": "x" });
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(server.post(SIGN_IN, &[], &body).await.status);
    }
    assert_eq!(statuses[0], 401);
    let last = server.post(SIGN_IN, &[], &body).await;
    assert_eq!(last.status, 429);
    assert_ne!(last.header("retry-after"), "");
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_signs_in() {
    let server = Server::start().await;
    let agent = server.agent("ada@example.com", Role::Agent, None).await;
    let (old, _) = server.sign_in("ada@example.com").await;
    let token = secret::fresh().unwrap();
    let open = Change::OpenLink {
        agent,
        token: secret::hash(&token),
        until: Timestamp(i64::MAX),
    };
    server.change(open).await;

    // It says for whom it is, to whoever has it, and is not used up by that.
    let link = "/api/workspace/link";
    for _ in 0..2 {
        let invited = server.post(link, &[], &json!({ "token": token })).await;
        assert_eq!(
            invited.json(),
            json!({ "name": "ada@example.com", "email": "ada@example.com", "renews": true })
        );
    }
    let guessed = json!({ "token": secret::fresh().unwrap() });
    assert_eq!(server.post(link, &[], &guessed).await.status, 401);
    let foreign = [("origin", "https://evil.example")];
    assert_eq!(
        server
            .post(link, &foreign, &json!({ "token": token }))
            .await
            .status,
        403
    );

    let welcome = "/api/workspace/welcome";
    let short = server
        .post(welcome, &[], &json!({ "token": token, "password": "short" }))
        .await;
    assert_eq!(short.status, 422);
    let body = json!({ "token": token, "password": "another horse" });
    let foreign = server
        .post(welcome, &[("origin", "https://evil.example")], &body)
        .await;
    assert_eq!(foreign.status, 403);
    let answer = server.post(welcome, &[], &body).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(
        server
            .get("/api/workspace/me", &[("cookie", &cookie)])
            .await
            .status,
        200
    );
    // Used up; and whoever had the old password is out.
    assert_eq!(server.post(welcome, &[], &body).await.status, 401);
    assert_eq!(
        server.post(link, &[], &json!({ "token": token })).await.status,
        401
    );
    assert_eq!(
        server.get("/api/workspace/me", &[("cookie", &old)]).await.status,
        401
    );
    let old = json!({ "email": "ada@example.com", "password": PASSWORD });
    assert_eq!(server.post(SIGN_IN, &[], &old).await.status, 401);
}

#[tokio::test]
async fn a_change_needs_its_token_and_our_own_page() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (cookie, csrf) = server.sign_in("ada@example.com").await;
    let (cookie, csrf) = (("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str()));
    let settings = server.get("/api/workspace/settings", &[cookie]).await.body;
    let json = ("content-type", "application/json");
    let put = |headers: Vec<(&'static str, String)>| {
        let settings = settings.clone();
        let server = &server;
        async move {
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            server
                .ask("PUT", "/api/workspace/settings", &headers, Some(&settings))
                .await
                .status
        }
    };
    let with = |more: &[(&'static str, &str)]| {
        let all = [json, ("cookie", cookie.1)]
            .into_iter()
            .chain(more.iter().copied());
        all.map(|(name, value)| (name, value.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(put(with(&[])).await, 403);
    assert_eq!(put(with(&[("x-csrf-token", "guessed")])).await, 403);
    assert_eq!(put(with(&[csrf, ("origin", "https://evil.example")])).await, 403);
    assert_eq!(put(with(&[csrf, ("origin", "null")])).await, 403);
    assert_eq!(put(with(&[csrf, ("origin", &server.origin())])).await, 200);
    assert_eq!(
        put(vec![(json.0, json.1.to_owned()), (csrf.0, csrf.1.to_owned())]).await,
        401
    );

    let out = server
        .ask("POST", "/api/workspace/sign-out", &[cookie, csrf], None)
        .await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(server.get("/api/workspace/me", &[cookie]).await.status, 401);
}

#[tokio::test]
async fn only_an_admin_changes_settings_and_macros() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    server.agent("root@example.com", Role::Admin, None).await;
    let macro_body = json!({ "title": "Thanks", "text": "Thank you!", "add_tags": ["Done "] });
    let path = "/api/workspace/macros";
    for (email, status) in [("ada@example.com", 403), ("root@example.com", 201)] {
        let (cookie, csrf) = server.sign_in(email).await;
        let headers = [("cookie", cookie.as_str()), ("x-csrf-token", &csrf)];
        let answer = server.post(path, &headers, &macro_body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        let list = server.get(path, &[("cookie", &cookie)]).await.json();
        assert_eq!(list.as_array().unwrap().len(), if status == 201 { 3 } else { 2 });
        if status == 201 {
            let made = answer.json();
            assert_eq!(made["add_tags"], json!(["done"]));
            let one = format!("{path}/{}", made["id"]);
            let json = [("content-type", "application/json"), headers[0], headers[1]];
            let body = json!({ "title": "Thanks a lot", "text": "Thank you!" }).to_string();
            assert_eq!(
                server.ask("PUT", &one, &json, Some(&body)).await.json()["title"],
                "Thanks a lot"
            );
            let closing = json!({ "title": "Close", "status": "closed" }).to_string();
            let closing = server.ask("PUT", &one, &json, Some(&closing)).await;
            assert_eq!(
                closing.status, 422,
                "r43: nobody closes by hand, so no macro does"
            );
            let unfilled = json!({ "title": "Hi", "text": "Hi {{ticket.requester.phone}}" }).to_string();
            let unfilled = server.ask("PUT", &one, &json, Some(&unfilled)).await;
            assert_eq!(
                (unfilled.status, unfilled.json()["code"].as_str()),
                (422, Some("macro_placeholders")),
                "r38: {}",
                unfilled.body
            );
            let nameless = server.ask("PUT", &one, &json, Some("{\"title\":\" \"}")).await;
            assert_eq!(nameless.status, 422);
            assert_eq!(server.ask("DELETE", &one, &headers, None).await.status, 204);
            assert_eq!(server.ask("DELETE", &one, &headers, None).await.status, 404);
            assert_eq!(
                server
                    .ask("PUT", &format!("{path}/999"), &json, Some(&body))
                    .await
                    .status,
                404
            );
        }
    }
}

#[tokio::test]
async fn r43_a_solved_ticket_closes_after_an_hour_to_28_days_and_nothing_else_is_kept() {
    let server = Server::start().await;
    server.agent("root@example.com", Role::Admin, None).await;
    let (cookie, csrf) = server.sign_in("root@example.com").await;
    let headers = [
        ("content-type", "application/json"),
        ("cookie", cookie.as_str()),
        ("x-csrf-token", &csrf),
    ];
    let path = "/api/workspace/settings";
    let kept = server.get(path, &headers).await.json();
    assert_eq!(kept["solved_closes_after"], 4 * 24 * 3_600_000);
    assert_eq!(kept["inactive_after"], 600_000);
    for (setting, value) in [
        ("solved_closes_after", 3_599_999),
        ("solved_closes_after", 28 * 24 * 3_600_000_i64 + 1),
        ("inactive_after", 0),
    ] {
        let mut wanted = kept.clone();
        wanted[setting] = json!(value);
        let answer = server.ask("PUT", path, &headers, Some(&wanted.to_string())).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (422, Some(setting))
        );
        assert_eq!(server.get(path, &headers).await.json(), kept);
    }
    let mut wanted = kept.clone();
    wanted["solved_closes_after"] = json!(3_600_000);
    let answer = server.ask("PUT", path, &headers, Some(&wanted.to_string())).await;
    assert_eq!(answer.status, 200);
    assert_eq!(server.get(path, &headers).await.json(), wanted);
}
