//! The scenario that every client must pass, without a browser.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::asking::types;
use crate::desk::Desk;

#[tokio::test]
async fn steps_1_to_7() {
    let desk = Desk::new().await;
    // 1, 2: the visitor writes, the bot answers with quick replies.
    let conversation = desk.opens("ada").await;
    assert_eq!(
        desk.said(&conversation).await,
        [],
        "a conversation begins with a message, not by being opened"
    );
    desk.says(&conversation, "Where is my order?").await;
    let listed = desk.shop(&format!("conversations/{conversation}/messages")).await;
    let question = listed["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(question["author"]["subtypes"], json!(["AI"]));
    assert_eq!(question["content"]["actions"][0]["text"], "Track my order");

    // 3, 4: control passes; the agent's side finds the ticket and answers in public.
    let ticket = desk.hands_off(&conversation).await;
    let shown = desk.support(&format!("tickets/{ticket}.json")).await["ticket"].clone();
    assert_eq!(shown["via"]["channel"], "native_messaging");
    assert_eq!(shown["subject"], "Where is my order?");
    assert_eq!(shown["assignee_id"], desk.agent.0);
    let requester = desk
        .support(&format!("users/{}.json", shown["requester_id"]))
        .await["user"]
        .clone();
    assert_eq!(
        (&requester["external_id"], &requester["email"]),
        (&json!("ada"), &json!("ada@example.net"))
    );
    let asked = json!({"comment": {"body": "It is on its way.", "public": true}, "status": "pending"});
    let answer = desk.put(ticket, asked).await.ok();
    assert_eq!(answer["ticket"]["status"], "pending");
    assert_eq!(types(&answer["audit"])[..2], ["Comment", "Change"]);
    assert_eq!(
        desk.said(&conversation).await.last().unwrap(),
        &("business".to_owned(), "It is on its way.".to_owned())
    );

    // 5: a macro's preview changes nothing; what it shows is put.
    let before = desk.audits(ticket).await;
    let macros = desk.support("macros/active.json").await;
    let id = macros["macros"][0]["id"].as_u64().unwrap();
    let preview = desk
        .support(&format!("tickets/{ticket}/macros/{id}/apply.json"))
        .await;
    let body = preview["result"]["ticket"]["comment"]["body"].clone();
    assert_eq!(preview["result"]["ticket"]["comment"]["public"], true);
    assert_eq!(desk.audits(ticket).await, before);
    desk.put(ticket, json!({"comment": {"body": body, "public": true}}))
        .await
        .ok();
    assert_eq!(
        Value::from(desk.said(&conversation).await.last().unwrap().1.clone()),
        body
    );

    // 6: the end; the audits show it, and a later public comment goes by email.
    let ended = desk.end(ticket).await.ok();
    let the_end = ["MessagingSessionEnded", "Change", "Change", "RoutingChannelEvent"];
    assert_eq!(types(&ended["audit"]), the_end);
    assert_eq!(desk.audits(ticket).await.last().unwrap(), &ended["audit"]);
    let silent = desk.said(&conversation).await;
    desk.put(ticket, json!({"comment": {"body": "Dear Ada", "public": true}}))
        .await
        .ok();
    assert_eq!(
        desk.said(&conversation).await,
        silent,
        "nothing of it is in the chat"
    );
    assert_eq!(
        desk.comments(ticket).await.last().unwrap(),
        &("Dear Ada".to_owned(), true)
    );
    let last = desk.audits(ticket).await.pop().unwrap();
    assert_eq!(types(&last), ["Comment", "Notification"]);
    assert_eq!(last["events"][1]["recipients"], json!(["ada@example.net"]));

    // 7: the bot answers the next message, and its handoff makes a second ticket.
    let first = (
        desk.support(&format!("tickets/{ticket}")).await,
        desk.audits(ticket).await,
    );
    desk.says(&conversation, "One more thing").await;
    assert_eq!(
        desk.said(&conversation).await.last().unwrap().1,
        "How can I help you?"
    );
    let second = desk.hands_off(&conversation).await;
    assert_ne!(second, ticket);
    let after = (
        desk.support(&format!("tickets/{ticket}")).await,
        desk.audits(ticket).await,
    );
    assert_eq!(after, first, "R08: the old ticket is untouched");
    let comments = desk.comments(second).await;
    assert_eq!(comments[0], ("One more thing".to_owned(), true));
    assert!(comments.iter().all(|(body, _)| body != "It is on its way."));
}

#[tokio::test]
async fn r19_the_business_is_silent_after_the_end() {
    let desk = Desk::new().await;
    let (conversation, ticket) = desk.with_people("ada").await;
    let path = format!("conversations/{conversation}/messages");
    let message = json!({"author": {"type": "business"}, "content": {"type": "text", "text": "Psst"}});
    assert_eq!(
        desk.shop_posts(&path, message.clone()).await.status,
        StatusCode::CREATED
    );
    desk.end(ticket).await.ok();
    let before = desk.said(&conversation).await;
    let refused = desk.shop_posts(&path, message).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json["errors"][0]["code"], "session_ended");
    assert!(
        refused.json["errors"][0]["title"]
            .as_str()
            .unwrap()
            .contains("ended")
    );
    assert_eq!(desk.said(&conversation).await, before);
}

#[tokio::test]
async fn r18_ending_twice_answers_with_the_first_end() {
    let desk = Desk::new().await;
    let (_, ticket) = desk.with_people("ada").await;
    let first = desk.end(ticket).await;
    desk.app.clock.forward(causerie_core::time::Span::minutes(5));
    let second = desk.end(ticket).await;
    assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(second.json, first.json);
    assert_eq!(
        second.json["ticket"]["messaging_session"]["end_reason"],
        "ended_by_agent"
    );
    let ends = desk
        .audits(ticket)
        .await
        .iter()
        .filter(|audit| types(audit)[0] == "MessagingSessionEnded")
        .count();
    assert_eq!(ends, 1);
}

#[tokio::test]
async fn control_goes_to_people_and_back() {
    let desk = Desk::new().await;
    let conversation = desk.opens("ada").await;
    let path = format!("conversations/{conversation}");
    let active = |json: &Value| json["conversation"]["activeSwitchboardIntegration"]["name"].clone();
    desk.says(&conversation, "Hello").await;
    assert_eq!(active(&desk.shop(&path).await), "bot");
    let ticket = desk.hands_off(&conversation).await;
    assert_eq!(active(&desk.shop(&path).await), "agentWorkspace");
    desk.end(ticket).await.ok();
    assert_eq!(active(&desk.shop(&path).await), "bot");
}
