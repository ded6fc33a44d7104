//! The Support API: who may, what is asked of a ticket, what is told of it.

use axum::http::StatusCode;
use causerie_core::agent::Role;
use causerie_core::settings::Settings;
use serde_json::{Value, json};

use crate::asking::{Shown, request, types};
use crate::desk::Desk;

#[tokio::test]
async fn a_token_speaks_for_its_agent_in_both_ways() {
    let desk = Desk::new().await;
    for shown in [
        Shown::amy(),
        Shown::basic("AMY@shop.example/token", "amys-token"),
        Shown::bearer("amys-token"),
    ] {
        for path in ["/api/v2/users/me.json", "/api/v2/users/me"] {
            let me = desk.get(path, &shown).await.ok();
            assert_eq!(
                (&me["user"]["email"], &me["user"]["role"]),
                (&json!("amy@shop.example"), &json!("admin"))
            );
        }
    }
}

#[tokio::test]
async fn r37_notes_and_changes_are_in_the_history() {
    let desk = Desk::new().await;
    let (conversation, ticket) = desk.with_people("ada").await;
    let asked = json!({
        "comment": {"body": "He sounds angry.", "public": false},
        "priority": "high",
        "tags": ["Late", "vip"],
        "custom_fields": [{"id": 1, "value": "x"}],
    });
    let answer = desk.put(ticket, asked).await.ok();
    assert_eq!(types(&answer["audit"]), ["Comment", "Change", "Change"]);
    assert_eq!(answer["audit"]["author_id"], desk.agent.0);
    assert_eq!(answer["audit"]["events"][0]["public"], false);
    assert_eq!(answer["audit"]["events"][2]["value"], json!(["late", "vip"]));
    assert_eq!(answer["ticket"]["tags"], json!(["late", "vip"]));
    let comments = desk.comments(ticket).await;
    assert_eq!(comments[0], ("Where is my order?".to_owned(), true));
    assert_eq!(comments.last().unwrap(), &("He sounds angry.".to_owned(), false));
    assert!(
        desk.said(&conversation)
            .await
            .iter()
            .all(|(_, text)| !text.contains("angry")),
        "I14"
    );
    let audits = desk.audits(ticket).await;
    assert_eq!(types(&audits[0])[0], "Create");
    let told = audits
        .iter()
        .flat_map(types)
        .filter(|kind| *kind == "Comment")
        .count();
    assert_eq!(told, comments.len(), "each comment is in one audit");
}

#[tokio::test]
async fn what_is_said_is_told_once_and_in_order() {
    let desk = Desk::new().await;
    let (conversation, ticket) = desk.with_people("ada").await;
    desk.put(ticket, json!({"comment": {"body": "first"}})).await.ok();
    desk.put(ticket, json!({"comment": {"body": "note", "public": false}}))
        .await
        .ok();
    desk.says(&conversation, "second").await;
    desk.put(ticket, json!({"comment": {"body": "third"}})).await.ok();
    let bodies: Vec<String> = desk
        .comments(ticket)
        .await
        .into_iter()
        .map(|(body, _)| body)
        .collect();
    assert_eq!(bodies[bodies.len() - 4..], ["first", "note", "second", "third"]);
    let said: Vec<String> = desk
        .said(&conversation)
        .await
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let without_notes: Vec<String> = bodies.into_iter().filter(|body| body != "note").collect();
    assert_eq!(without_notes, said, "bot transcript and messages, each once");
    let latest = desk
        .support(&format!("tickets/{ticket}/comments?sort_order=desc&per_page=1"))
        .await;
    assert_eq!(latest["comments"][0]["body"], "third");
}

#[tokio::test]
async fn a_public_comment_without_an_address_is_refused_after_the_end() {
    let desk = Desk::new().await;
    desk.shop_posts("users", json!({"externalId": "bob"})).await.ok();
    let asked = json!({"type": "personal", "participants": [{"userExternalId": "bob"}]});
    let opened = desk.shop_posts("conversations", asked).await.ok();
    let conversation = opened["conversation"]["id"].as_str().unwrap();
    desk.says(conversation, "Hello").await;
    let ticket = desk.hands_off(conversation).await;
    desk.end(ticket).await.ok();
    let refused = desk
        .put(
            ticket,
            json!({"comment": {"body": "Dear Bob"}, "status": "pending"}),
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json["error"], "RecordInvalid");
    assert_eq!(refused.json["details"]["comment"][0]["error"], "email_unknown");
    let ticket = desk.support(&format!("tickets/{ticket}")).await;
    assert_eq!(ticket["ticket"]["status"], "open", "as one step or not at all");
}

#[tokio::test]
async fn r15_while_it_is_off_no_token_ends_a_session() {
    let desk = Desk::new().await;
    let (_, ticket) = desk.with_people("ada").await;
    desk.set(Settings {
        agents_can_end_sessions: false,
        ..Settings::default()
    })
    .await;
    let before = desk.audits(ticket).await;
    let refused = desk.end(ticket).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json["error"], "Forbidden");
    assert!(
        refused.json["description"]
            .as_str()
            .unwrap()
            .contains("switched off")
    );
    assert_eq!(desk.audits(ticket).await, before);
}

#[tokio::test]
async fn a_ticket_of_another_group_is_not_there() {
    let desk = Desk::new().await;
    desk.hires("bea", Role::Agent, Some("Sales")).await;
    desk.hires("cem", Role::Agent, Some("Repairs")).await;
    let (_, ticket) = desk.with_people("ada").await;
    let groups = desk.support("groups.json").await["groups"].clone();
    let sales = groups
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["name"] == "Sales")
        .unwrap()["id"]
        .clone();
    desk.put(ticket, json!({"group_id": sales, "assignee_id": desk.agent.0}))
        .await
        .ok();
    let cem = Shown::basic("cem@shop.example/token", "cems-token");
    let bea = Shown::basic("bea@shop.example/token", "beas-token");
    for path in ["", "/comments", "/audits.json", "/macros/1/apply.json"] {
        let path = format!("/api/v2/tickets/{ticket}{path}");
        assert_eq!(desk.get(&path, &bea).await.status, StatusCode::OK, "{path}");
        let unseen = desk.get(&path, &cem).await;
        assert_eq!(
            (unseen.status, &unseen.json["error"]),
            (StatusCode::NOT_FOUND, &json!("RecordNotFound"))
        );
    }
    let end = format!("/api/v2/tickets/{ticket}/messaging_session/end");
    assert_eq!(
        desk.ask(request("POST", &end, &cem, None)).await.status,
        StatusCode::NOT_FOUND
    );
    let put = request(
        "PUT",
        &format!("/api/v2/tickets/{ticket}"),
        &cem,
        Some(json!({"ticket": {"tags": []}})),
    );
    assert_eq!(desk.ask(put).await.status, StatusCode::NOT_FOUND);
    for list in ["/api/v2/tickets.json", "/api/v2/search.json?query=type:ticket"] {
        assert_eq!(desk.get(list, &cem).await.ok()["count"], 0, "{list}");
        assert_eq!(desk.get(list, &bea).await.ok()["count"], 1, "{list}");
    }
    assert_eq!(
        desk.ask(request("POST", &end, &bea, None)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn r16_whoever_sees_it_but_may_not_end_it_is_told_so() {
    let desk = Desk::new().await;
    desk.hires("bea", Role::Agent, None).await;
    let (_, ticket) = desk.with_people("ada").await;
    desk.put(ticket, json!({"assignee_id": desk.agent.0})).await.ok();
    let bea = Shown::bearer("beas-token");
    let end = request(
        "POST",
        &format!("/api/v2/tickets/{ticket}/messaging_session/end"),
        &bea,
        None,
    );
    let refused = desk.ask(end).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.json["description"].as_str().unwrap().contains("assignee"));
}

#[tokio::test]
async fn a_search_finds_by_status_tag_and_person() {
    let desk = Desk::new().await;
    let (_, first) = desk.with_people("ada").await;
    desk.put(first, json!({"status": "solved", "additional_tags": ["vip"]}))
        .await
        .ok();
    let second = desk.opens("bob").await;
    desk.says(&second, "A blue shoe").await;
    let second = desk.hands_off(&second).await;
    let found = async |query: &str| -> Vec<u64> {
        let found = desk
            .support(&format!(
                "search.json?query={query}&sort_by=created_at&sort_order=asc"
            ))
            .await;
        let results = found["results"].as_array().unwrap().clone();
        assert!(results.iter().all(|result| result["result_type"] == "ticket"));
        assert_eq!(found["count"].as_u64().unwrap(), results.len() as u64);
        results
            .iter()
            .map(|result| result["id"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(found("type:ticket").await, [first, second]);
    assert_eq!(found("status%3Csolved%20type:ticket").await, [second]);
    assert_eq!(found("status:solved").await, [first]);
    assert_eq!(found("status%3E%3Dsolved").await, [first]);
    assert_eq!(found("tags:vip").await, [first]);
    assert_eq!(found("-tags:vip").await, [second]);
    assert_eq!(found("assignee:me").await, [first, second]);
    assert_eq!(found("assignee:none").await, [] as [u64; 0]);
    assert_eq!(found("requester:bob").await, [second]);
    assert_eq!(found("requester:ada@example.net%20SHOE").await, [second]);
    assert_eq!(found("type:user").await, [] as [u64; 0]);
    assert_eq!(found("assignee:nobody@shop.example").await, [] as [u64; 0]);
    let refused = desk
        .get("/api/v2/search.json?query=status:asleep", &Shown::amy())
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_condition_is_never_read_as_its_opposite() {
    let desk = Desk::new().await;
    let (_, mine) = desk.with_people("ada").await;
    desk.put(mine, json!({"assignee_id": desk.agent.0})).await.ok();
    for query in ["-assignee:me", "-requester:ada", "-order", "id%3E5", "tags%3Cvip"] {
        let refused = desk
            .get(&format!("/api/v2/search.json?query={query}"), &Shown::amy())
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(
            refused.json["details"]["query"][0]["description"].is_string(),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_macro_that_ends_the_session_is_put_as_one_step() {
    let desk = Desk::new().await;
    let (conversation, ticket) = desk.with_people("ada").await;
    let macros = desk.support("macros.json").await["macros"].clone();
    let its = |it: &&Value| it["title"].as_str().unwrap().ends_with("and end it");
    let id = macros.as_array().unwrap().iter().find(its).unwrap()["id"]
        .as_u64()
        .unwrap();
    let preview =
        desk.support(&format!("tickets/{ticket}/macros/{id}/apply")).await["result"]["ticket"].clone();
    let answer = desk.put(ticket, preview.clone()).await.ok();
    assert_eq!(answer["ticket"]["messaging_session"]["state"], "ended");
    let audits = desk.audits(ticket).await;
    let last: Vec<Vec<&str>> = audits[audits.len() - 2..].iter().map(types).collect();
    assert_eq!(
        last,
        [
            vec!["Comment"],
            vec!["MessagingSessionEnded", "Change", "Change", "RoutingChannelEvent"]
        ]
    );
    assert_eq!(
        Value::from(desk.said(&conversation).await.pop().unwrap().1),
        preview["comment"]["body"]
    );
}

#[tokio::test]
async fn who_gives_a_ticket_away_learns_what_came_of_it() {
    let desk = Desk::new().await;
    desk.hires("bea", Role::Agent, None).await;
    let cem = desk.hires("cem", Role::Agent, Some("Repairs")).await;
    let (_, ticket) = desk.with_people("ada").await;
    let groups = desk.support("groups.json").await["groups"].clone();
    let asked = json!({"ticket": {"group_id": groups[0]["id"], "assignee_id": cem.0}});
    let path = format!("/api/v2/tickets/{ticket}");
    let put = request("PUT", &path, &Shown::bearer("beas-token"), Some(asked));
    assert_eq!(desk.ask(put).await.ok()["ticket"]["assignee_id"], cem.0);
    assert_eq!(
        desk.get(&path, &Shown::bearer("beas-token")).await.status,
        StatusCode::NOT_FOUND
    );
}
