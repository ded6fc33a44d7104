//! What this API says when something is not done: the same refusals as everywhere, in its own shape.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::conversations::Refusal;
use crate::error::{Problem, Told};
use crate::store::StoreError;

/// A request that is not done.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault {
    problem: Problem,
    /// Which field of the request was at fault, where it was one.
    field: Option<&'static str>,
}

/// A JSON body, refused in this API's shape.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

#[derive(Serialize)]
struct Shape {
    error: &'static str,
    description: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<&'static str, [Detail; 1]>,
}

#[derive(Serialize)]
struct Detail {
    description: String,
    error: String,
}

impl Fault {
    /// 404: unknown, or not visible.
    #[must_use]
    pub fn not_found() -> Self {
        Problem::not_found("Not found").into()
    }

    /// 401.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Problem::unauthenticated("Couldn't authenticate you").into()
    }

    /// 422: this field's value cannot be.
    #[must_use]
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        let problem = Problem::unprocessable("invalid_value", message);
        Self {
            problem,
            field: Some(field),
        }
    }

    /// 400: the request cannot be read.
    #[must_use]
    pub fn malformed(message: impl Into<String>) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, "malformed", message).into()
    }

    /// 405.
    pub(super) async fn of_method() -> Self {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "There is no such method here.",
        )
        .into()
    }

    /// 404.
    pub(super) async fn of_path() -> Self {
        Self::not_found()
    }
}

/// The field that a refusal is about.
fn field(code: &str) -> &'static str {
    match code {
        "solving_needs_assignee" | "status_not_settable" | "ticket_closed" => "status",
        "session_ended" | "email_unknown" | "text_empty" | "text_too_long" => "comment",
        "unknown_agent" => "assignee_id",
        "unknown_group" => "group_id",
        _ => "base",
    }
}

/// The name of an error as this API gives it.
fn name(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Couldn't authenticate you",
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::NOT_FOUND => "RecordNotFound",
        StatusCode::METHOD_NOT_ALLOWED => "MethodNotAllowed",
        StatusCode::PAYLOAD_TOO_LARGE => "RequestTooLarge",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "UnsupportedMediaType",
        StatusCode::UNPROCESSABLE_ENTITY => "RecordInvalid",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        status if status.is_server_error() => "InternalError",
        _ => "InvalidRequest",
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self { problem, field: None }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Problem::from(refusal).into()
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Problem::ours(&error).into()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = self.problem.status();
        let refused = self.problem.into_refused();
        let mut details = BTreeMap::new();
        let description = match status {
            StatusCode::UNPROCESSABLE_ENTITY => {
                let detail = Detail {
                    description: refused.message,
                    error: refused.code.clone(),
                };
                details.insert(self.field.unwrap_or_else(|| field(&refused.code)), [detail]);
                "Record validation errors".to_owned()
            }
            // Which of the two it was is nobody's business.
            StatusCode::NOT_FOUND => "Not found".to_owned(),
            _ => refused.message,
        };
        let mut response = (
            status,
            Json(Shape {
                error: name(status),
                description,
                details,
            }),
        )
            .into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"Support API\""),
            );
        }
        if let Some(ms) = refused.retry_after_ms {
            headers.insert(RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        response
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let Told(body) = Told::from_request(request, state).await?;
        Ok(Self(body))
    }
}
