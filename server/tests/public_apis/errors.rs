//! Refusals, each in its API's shape: who is let in, and what can be read.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use causerie_server::store::KeyScope;
use serde_json::{Value, json};

use crate::asking::{Shown, request};
use crate::desk::Desk;

#[tokio::test]
async fn who_is_not_known_is_not_let_in() {
    let desk = Desk::new().await;
    let routes = [
        "users/me.json",
        "tickets",
        "search?query=x",
        "groups",
        "macros",
        "tickets/1/audits.json",
    ];
    for path in routes {
        for shown in [
            Shown::basic("amy@shop.example/token", "wrong"),
            Shown::basic("bob@shop.example/token", "amys-token"),
            Shown::basic("amy@shop.example", "amys-token"),
            Shown::bearer("wrong"),
            Shown::shop(),
        ] {
            let refused = desk.get(&format!("/api/v2/{path}"), &shown).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path} {shown:?}");
            assert_eq!(refused.json["error"], "Couldn't authenticate you");
        }
        let bare = Request::get(format!("/api/v2/{path}"))
            .body(Body::empty())
            .unwrap();
        assert_eq!(desk.ask(bare).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn only_an_app_key_of_the_site_opens_the_conversations_api() {
    let desk = Desk::new().await;
    desk.site("shop", "user-key", "user-secret", KeyScope::User).await;
    desk.site("other", "other-key", "other-secret", KeyScope::App)
        .await;
    for (shown, status) in [
        (Shown::basic("shop-key", "wrong"), StatusCode::UNAUTHORIZED),
        (Shown::basic("nobody", "shop-secret"), StatusCode::UNAUTHORIZED),
        (Shown::bearer("shop-secret"), StatusCode::UNAUTHORIZED),
        (Shown::amy(), StatusCode::UNAUTHORIZED),
        (Shown::basic("user-key", "user-secret"), StatusCode::FORBIDDEN),
        (Shown::basic("other-key", "other-secret"), StatusCode::NOT_FOUND),
    ] {
        let refused = desk.get("/sc/v2/apps/shop/users/ada", &shown).await;
        assert_eq!(refused.status, status, "{shown:?}");
        assert!(refused.json["errors"][0]["title"].is_string());
    }
    let bare = Request::get("/sc/v2/apps/shop/users/ada")
        .body(Body::empty())
        .unwrap();
    let refused = desk.ask(bare).await;
    assert_eq!(
        (refused.status, &refused.json["errors"][0]["code"]),
        (StatusCode::UNAUTHORIZED, &json!("unauthorized"))
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_told_from_what_cannot_be_done() {
    let desk = Desk::new().await;
    let (conversation, ticket) = desk.with_people("ada").await;
    let support = format!("/api/v2/tickets/{ticket}");
    let messages = format!("/sc/v2/apps/shop/conversations/{conversation}/messages");
    let long = json!({"ticket": {"comment": {"body": "x".repeat(200_000)}}}).to_string();
    for (body, kind, status) in [
        ("{", "application/json", StatusCode::BAD_REQUEST),
        ("{}", "text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            r#"{"ticket": 5}"#,
            "application/json",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (long.as_str(), "application/json", StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        for (method, path, shown) in [
            ("PUT", &support, Shown::amy()),
            ("POST", &messages, Shown::shop()),
        ] {
            let mut asked = request(method, path, &shown, None);
            asked.headers_mut().insert(CONTENT_TYPE, kind.parse().unwrap());
            *asked.body_mut() = Body::from(body.to_owned());
            let refused = desk.ask(asked).await;
            assert_eq!(refused.status, status, "{path} {kind} {:.30}", body);
            assert!(
                refused.json["error"].is_string() != refused.json["errors"].is_array(),
                "{:?}",
                refused.json
            );
            assert_eq!(refused.headers[CACHE_CONTROL], "no-store");
        }
    }
}

#[tokio::test]
async fn a_field_that_cannot_be_is_named() {
    let desk = Desk::new().await;
    let (_, ticket) = desk.with_people("ada").await;
    let before = desk.audits(ticket).await;
    for (asked, field) in [
        (json!({"status": "asleep"}), "status"),
        (json!({"status": "new"}), "status"),
        (json!({"status": "closed"}), "status"),
        (json!({"assignee_id": 999}), "assignee_id"),
        (json!({"group_id": 999}), "group_id"),
        (json!({"assignee_email": "who@example.net"}), "assignee_email"),
        (json!({"comment": {"body": " \u{202e} "}}), "comment"),
        (json!({"comment": {"body": "x".repeat(4097)}}), "comment"),
        (json!({"assignee_id": null, "status": "solved"}), "status"),
    ] {
        let refused = desk.put(ticket, asked.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{asked}");
        assert_eq!(refused.json["error"], "RecordInvalid");
        let detail = &refused.json["details"][field][0];
        assert!(
            detail["description"].is_string() && detail["error"].is_string(),
            "{asked} {}",
            refused.json
        );
    }
    assert_eq!(desk.audits(ticket).await, before);
}

#[tokio::test]
async fn what_is_not_there_is_404_in_its_shape() {
    let desk = Desk::new().await;
    for path in [
        "tickets/9",
        "tickets/x.json",
        "users/9",
        "users/1000000009",
        "nothing",
        "tickets/9/comments.json",
    ] {
        let refused = desk.get(&format!("/api/v2/{path}"), &Shown::amy()).await;
        let shape = json!({"error": "RecordNotFound", "description": "Not found"});
        assert_eq!(
            (refused.status, refused.json),
            (StatusCode::NOT_FOUND, shape),
            "{path}"
        );
    }
    let refused = desk
        .ask(request("DELETE", "/api/v2/tickets/9", &Shown::amy(), None))
        .await;
    assert_eq!(
        (refused.status, &refused.json["error"]),
        (StatusCode::METHOD_NOT_ALLOWED, &json!("MethodNotAllowed"))
    );
    assert_eq!(desk.end(9).await.status, StatusCode::NOT_FOUND);
    let refused = desk.get("/sc/v2/apps/shop/nothing/at/all", &Shown::shop()).await;
    assert_eq!(
        (refused.status, &refused.json["errors"][0]["code"]),
        (StatusCode::NOT_FOUND, &json!("not_found"))
    );
}

#[tokio::test]
async fn a_message_that_cannot_stand_is_refused() {
    let desk = Desk::new().await;
    let conversation = desk.opens("ada").await;
    let path = format!("conversations/{conversation}/messages");
    let user = json!({"type": "user"});
    for message in [
        json!({"author": user, "content": {"type": "text", "text": " "}}),
        json!({"author": user, "content": {"type": "text", "text": "x".repeat(4097)}}),
        json!({"author": user, "content": {"type": "image", "mediaUrl": "https://example.net/a.png"}}),
        json!({"author": {"type": "robot"}, "content": {"type": "text", "text": "x"}}),
        json!({"content": {"type": "text", "text": "x"}}),
    ] {
        let refused = desk.shop_posts(&path, message.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{message:.60}");
        assert!(refused.json["errors"][0]["title"].is_string());
    }
    assert_eq!(desk.said(&conversation).await, []);
    for user in [
        json!({"externalId": " "}),
        json!({"externalId": "x", "profile": {"email": "a\r\nBcc: b@c"}}),
    ] {
        assert_eq!(
            desk.shop_posts("users", user).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let nobody = json!({"type": "personal", "participants": [{"userExternalId": "who"}]});
    assert_eq!(
        desk.shop_posts("conversations", nobody).await.status,
        StatusCode::NOT_FOUND
    );
    let alone: Value = json!({"type": "personal", "participants": []});
    assert_eq!(
        desk.shop_posts("conversations", alone).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}
