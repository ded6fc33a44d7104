//! The Conversations API: users, conversations, messages.

use axum::http::StatusCode;
use causerie_server::store::KeyScope;
use serde_json::{Value, json};

use crate::asking::{Shown, request};
use crate::desk::Desk;

#[tokio::test]
async fn a_user_is_found_by_both_ids() {
    let desk = Desk::new().await;
    let user = json!({
        "externalId": "ada",
        "profile": {"givenName": "Ada", "surname": "Lovelace", "email": "ada@example.net", "locale": "fr",
                    "avatarUrl": "https://example.net/a.png"},
        "metadata": {"plan": "gold"},
    });
    let created = desk.shop_posts("users", user.clone()).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let shown = created.json["user"].clone();
    assert_eq!(
        (&shown["externalId"], &shown["profile"]["locale"]),
        (&json!("ada"), &json!("fr"))
    );
    assert_eq!(shown["identities"][0]["value"], "ada@example.net");
    for name in ["ada", shown["id"].as_str().unwrap()] {
        assert_eq!(desk.shop(&format!("users/{name}")).await["user"], shown);
    }
    let again = desk.shop_posts("users", user).await;
    assert_eq!(
        (again.status, &again.json["errors"][0]["code"]),
        (StatusCode::CONFLICT, &json!("conflict"))
    );
}

#[tokio::test]
async fn a_conversation_is_listed_by_both_spellings_of_the_filter() {
    let desk = Desk::new().await;
    let conversation = desk.opens("ada").await;
    for filter in [
        "filter[userExternalId]=ada",
        "filter=%7B%22userExternalId%22%3A%22ada%22%7D",
    ] {
        let listed = desk.shop(&format!("conversations?{filter}")).await;
        assert_eq!(listed["conversations"][0]["id"], conversation);
        assert_eq!(listed["meta"]["hasMore"], false);
    }
    let asked = json!({"type": "personal", "participants": [{"userExternalId": "ada"}]});
    let again = desk.shop_posts("conversations", asked).await;
    assert_eq!(
        (again.status, &again.json["conversation"]["id"]),
        (StatusCode::OK, &json!(conversation))
    );
    let elsewhere = desk
        .get(
            &format!("/v2/apps/shop/conversations/{conversation}"),
            &Shown::shop(),
        )
        .await;
    assert_eq!(elsewhere.ok()["conversation"]["id"], conversation);
}

#[tokio::test]
async fn typing_a_replys_label_presses_it() {
    let desk = Desk::new().await;
    let conversation = desk.opens("ada").await;
    desk.says(&conversation, "Hello").await;
    desk.says(&conversation, "track MY order").await;
    let said = desk.said(&conversation).await;
    assert!(
        said.iter().any(|(_, text)| text.contains("leave our shop")),
        "{said:?}"
    );
}

#[tokio::test]
async fn the_same_idempotency_key_says_it_once() {
    let desk = Desk::new().await;
    let conversation = desk.opens("ada").await;
    let path = format!("/sc/v2/apps/shop/conversations/{conversation}/messages");
    let post = async |key: &str, text: &str, author: &str| {
        let body = json!({"author": {"type": author}, "content": {"type": "text", "text": text}});
        let mut request = request("POST", &path, &Shown::shop(), Some(body));
        request
            .headers_mut()
            .insert("idempotency-key", key.parse().unwrap());
        desk.ask(request).await
    };
    let first = post("one", "Hello", "user").await;
    let second = post("one", "Hello", "user").await;
    assert_eq!(
        (first.status, second.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    assert_eq!(first.json, second.json);
    assert_eq!(
        post("one", "Something else", "user").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert!(post("one", "Hello", "business").await.status.is_client_error());
    post("two", "Hello", "user").await.ok();
    let mine = desk
        .said(&conversation)
        .await
        .into_iter()
        .filter(|(author, _)| author == "user")
        .count();
    assert_eq!(mine, 2);
    // Another user's conversation: the same key is another's.
    let other = desk.opens("bob").await;
    let body = json!({"author": {"type": "user"}, "content": {"type": "text", "text": "Hello"}});
    let path = format!("/sc/v2/apps/shop/conversations/{other}/messages");
    let mut request = request("POST", &path, &Shown::shop(), Some(body));
    request
        .headers_mut()
        .insert("idempotency-key", "one".parse().unwrap());
    assert_eq!(desk.ask(request).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_business_message_may_offer_replies() {
    let desk = Desk::new().await;
    let (conversation, _) = desk.with_people("ada").await;
    let message = json!({
        "author": {"type": "business", "displayName": "Shop robot"},
        "content": {"type": "text", "text": "Happy?", "actions": [
            {"type": "reply", "text": "Yes", "payload": "YES"}, {"type": "reply", "text": "No", "payload": "NO"},
        ]},
        "metadata": {"a": 1},
    });
    let answer = desk
        .shop_posts(&format!("conversations/{conversation}/messages"), message)
        .await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let message = &answer.json["messages"][0];
    assert_eq!(
        message["author"],
        json!({"type": "business", "displayName": "Shop robot"})
    );
    assert_eq!(message["content"]["actions"][1]["text"], "No");
    let received = message["received"].as_str().unwrap();
    assert!(received.starts_with("2027-01-15T08:00:00.000Z"), "{received}");
}

#[tokio::test]
async fn a_message_of_the_business_before_the_user_writes_is_refused() {
    let desk = Desk::new().await;
    let conversation = desk.opens("ada").await;
    let message = json!({"author": {"type": "business"}, "content": {"type": "text", "text": "Hello!"}});
    let refused = desk
        .shop_posts(&format!("conversations/{conversation}/messages"), message)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json["errors"][0]["code"], "nothing_live");
    let pass = json!({"switchboardIntegration": "next"});
    let refused = desk
        .shop_posts(&format!("conversations/{conversation}/passControl"), pass)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn control_passed_twice_makes_one_ticket() {
    let desk = Desk::new().await;
    let (conversation, _) = desk.with_people("ada").await;
    desk.hands_off(&conversation).await;
    assert_eq!(desk.support("tickets.json").await["count"], 1, "I18");
    let unknown = json!({"switchboardIntegration": "nowhere"});
    let refused = desk
        .shop_posts(&format!("conversations/{conversation}/passControl"), unknown)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_another_sites_is_not_there() {
    let desk = Desk::new().await;
    desk.site("other", "other-key", "other-secret", KeyScope::App)
        .await;
    let (conversation, _) = desk.with_people("ada").await;
    let other = Shown::basic("other-key", "other-secret");
    let user = desk.shop("users/ada").await["user"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in [
        format!("conversations/{conversation}"),
        format!("conversations/{conversation}/messages"),
        format!("users/{user}"),
        "users/ada".to_owned(),
        format!("conversations?filter[userId]={user}"),
        "conversations/not-an-id".to_owned(),
    ] {
        let unseen = desk.get(&format!("/sc/v2/apps/other/{path}"), &other).await;
        assert_eq!(
            (unseen.status, &unseen.json["errors"][0]["code"]),
            (StatusCode::NOT_FOUND, &json!("not_found")),
            "{path}"
        );
        // Nor by the other's name.
        assert_eq!(
            desk.get(&format!("/sc/v2/apps/shop/{path}"), &other).await.status,
            StatusCode::NOT_FOUND
        );
    }
    let message = json!({"author": {"type": "user"}, "content": {"type": "text", "text": "x"}});
    let before = desk.said(&conversation).await;
    for (name, body) in [
        ("messages", message),
        ("passControl", json!({"switchboardIntegration": "next"})),
    ] {
        let path = format!("/sc/v2/apps/other/conversations/{conversation}/{name}");
        assert_eq!(desk.post(&path, &other, body).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(desk.said(&conversation).await, before);
}

#[tokio::test]
async fn only_the_conversations_own_user_speaks_in_it() {
    let desk = Desk::new().await;
    let conversation = desk.opens("ada").await;
    desk.opens("bob").await;
    let path = format!("conversations/{conversation}/messages");
    let by = |id: &str| json!({"author": {"type": "user", "userExternalId": id}, "content": {"type": "text", "text": "x"}});
    assert_eq!(
        desk.shop_posts(&path, by("bob")).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let said = desk.shop_posts(&path, by("ada")).await;
    assert_eq!(said.status, StatusCode::CREATED);
    assert_eq!(said.json["messages"][0]["author"]["userExternalId"], "ada");
}

#[tokio::test]
async fn cursors_lead_through_the_whole_log_both_ways() {
    let desk = Desk::new().await;
    let (conversation, _) = desk.with_people("ada").await;
    for text in ["a", "b", "c", "d"] {
        desk.says(&conversation, text).await;
    }
    let ids = |page: &Value| -> Vec<String> {
        let messages = page["messages"].as_array().unwrap();
        messages
            .iter()
            .map(|message| message["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let path = format!("conversations/{conversation}/messages");
    let all = ids(&desk.shop(&format!("{path}?page[size]=100")).await);
    let (mut forth, mut page) = (Vec::new(), desk.shop(&format!("{path}?page[size]=2")).await);
    loop {
        assert!(!ids(&page).is_empty(), "where there was more, there is some");
        forth.extend(ids(&page));
        if page["meta"]["hasMore"] == false {
            break;
        }
        let after = page["meta"]["afterCursor"].as_str().unwrap().to_owned();
        page = desk
            .shop(&format!("{path}?page%5Bsize%5D=2&page%5Bafter%5D={after}"))
            .await;
    }
    assert_eq!(forth, all);
    let (mut back, mut before) = (Vec::new(), all.last().unwrap().clone());
    loop {
        let page = desk
            .shop(&format!("{path}?page[size]=3&page[before]={before}"))
            .await;
        assert!(!ids(&page).is_empty(), "where there was more, there is some");
        back.splice(0..0, ids(&page));
        if page["meta"]["hasMore"] == false {
            break;
        }
        before = page["meta"]["beforeCursor"].as_str().unwrap().to_owned();
    }
    assert_eq!(back, all[..all.len() - 1]);
}
