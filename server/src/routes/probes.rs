//! `/healthz`, `/readyz`, `/metrics`: for those who run the server.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::error::Problem;
use crate::state::App;

/// Whether the process lives.
pub(crate) async fn healthz() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "ok\n")
}

/// Whether requests should come here: the database answers, can be written to, and the server is not closing.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let problem = if app.life.is_closing() {
        Some("The server is closing.")
    } else if app.store.ping().await.is_err() {
        Some("The database does not answer.")
    } else if !app.conversations.can_write().await {
        Some("Nothing can be saved: the database cannot be written to.")
    } else {
        None
    };
    match problem {
        None => ([(CACHE_CONTROL, "no-store")], "ready\n").into_response(),
        Some(why) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", why).into_response(),
    }
}

/// Counters, in the text format that collectors read.
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let counted = &app.counted;
    // Where that cannot be read, it is not told: no number is not none.
    let unfinished = app.store.erasures_in_files().await.ok();
    let unfinished = unfinished.map(|count| ("causerie_erasures_unfinished", "gauge", count));
    let lines = [
        ("causerie_visitor_sockets", "gauge", counted.visitors.value()),
        ("causerie_visitor_polls", "gauge", counted.waiting.value()),
        ("causerie_agent_sockets", "gauge", counted.agents.value()),
        (
            "causerie_messages_acknowledged_total",
            "counter",
            counted.acknowledged.value(),
        ),
        ("causerie_commits_total", "counter", app.conversations.commits()),
        (
            "causerie_commands_refused_total",
            "counter",
            counted.refused.value(),
        ),
        (
            "causerie_frames_unreadable_total",
            "counter",
            counted.unreadable.value(),
        ),
        (
            "causerie_sockets_resynced_total",
            "counter",
            counted.resynced.value(),
        ),
    ];
    let text: String = lines
        .iter()
        .chain(&unfinished)
        .map(|(name, kind, value)| format!("# TYPE {name} {kind}\n{name} {value}\n"))
        .collect();
    (
        [
            (CONTENT_TYPE, "text/plain; version=0.0.4"),
            (CACHE_CONTROL, "no-store"),
        ],
        text,
    )
}
