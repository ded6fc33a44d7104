//! Lists of the Support API: by number and by cursor.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::asking::Shown;
use crate::desk::Desk;

#[tokio::test]
async fn tickets_are_listed_by_number_and_by_cursor() {
    let desk = Desk::new().await;
    for name in ["a", "b", "c"] {
        let conversation = desk.opens(name).await;
        desk.says(&conversation, "Hello").await;
        desk.hands_off(&conversation).await;
    }
    let ids = |page: &Value| -> Vec<u64> {
        page["tickets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|ticket| ticket["id"].as_u64().unwrap())
            .collect()
    };
    for query in ["per_page=2", "page[size]=2", "page%5Bsize%5D=2"] {
        let (mut seen, mut path) = (Vec::new(), format!("/api/v2/tickets.json?{query}"));
        loop {
            let page = desk.get(&path, &Shown::amy()).await.ok();
            seen.extend(ids(&page));
            let next = if query.starts_with("page") {
                &page["links"]["next"]
            } else {
                &page["next_page"]
            };
            match next.as_str() {
                Some(next) => next
                    .strip_prefix("http://127.0.0.1:7878")
                    .unwrap()
                    .clone_into(&mut path),
                None => break,
            }
        }
        assert_eq!(seen, [1, 2, 3], "{query}");
    }
    let numbered = desk.support("tickets.json").await;
    assert_eq!(
        (&numbered["count"], &numbered["next_page"]),
        (&json!(3), &Value::Null)
    );
    assert!(numbered.get("meta").is_none());
    let by_cursor = desk.support("tickets.json?page[size]=2").await;
    assert_eq!(by_cursor["meta"]["has_more"], true);
    assert!(by_cursor.get("count").is_none());
    let refused = desk
        .get("/api/v2/tickets.json?page[after]=what", &Shown::amy())
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_long_history_is_told_page_by_page() {
    let desk = Desk::new().await;
    let (_, ticket) = desk.with_people("ada").await;
    for number in 0..5 {
        desk.put(ticket, json!({"comment": {"body": format!("reply {number}")}}))
            .await
            .ok();
    }
    let all = desk.comments(ticket).await;
    let (mut seen, mut path) = (
        Vec::new(),
        format!("/api/v2/tickets/{ticket}/comments.json?page[size]=3"),
    );
    loop {
        let page = desk.get(&path, &Shown::amy()).await.ok();
        for comment in page["comments"].as_array().unwrap() {
            seen.push(comment["body"].as_str().unwrap().to_owned());
        }
        match page["links"]["next"].as_str() {
            Some(next) => next
                .strip_prefix("http://127.0.0.1:7878")
                .unwrap()
                .clone_into(&mut path),
            None => break,
        }
    }
    assert_eq!(seen, all.into_iter().map(|(body, _)| body).collect::<Vec<_>>());
}
