//! Requests, credentials and answers.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

/// Credentials, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Shown(String);

impl Shown {
    pub(crate) fn basic(name: &str, secret: &str) -> Self {
        Self(format!("Basic {}", STANDARD.encode(format!("{name}:{secret}"))))
    }

    pub(crate) fn bearer(secret: &str) -> Self {
        Self(format!("Bearer {secret}"))
    }

    /// Amy's token, as most clients show it.
    pub(crate) fn amy() -> Self {
        Self::basic("amy@shop.example/token", "amys-token")
    }

    /// The shop's key for the Conversations API.
    pub(crate) fn shop() -> Self {
        Self::basic("shop-key", "shop-secret")
    }
}

impl Answered {
    /// What was answered with success.
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.json);
        self.json
    }
}

pub(crate) fn request(method: &str, path: &str, shown: &Shown, body: Option<Value>) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(AUTHORIZATION, &shown.0);
    match body {
        Some(body) => {
            let request = request.header(CONTENT_TYPE, "application/json");
            request
                .body(Body::from(serde_json::to_vec(&body).unwrap()))
                .unwrap()
        }
        None => request.body(Body::empty()).unwrap(),
    }
}

/// The types of an audit's events.
pub(crate) fn types(audit: &Value) -> Vec<&str> {
    audit["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}
