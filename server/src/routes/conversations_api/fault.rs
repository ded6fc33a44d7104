//! What this API says when something is not done: the same refusals as everywhere, in its own shape.

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
pub struct Fault(Problem);

/// A JSON body, refused in this API's shape.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

#[derive(Serialize)]
struct Shape {
    errors: [Each; 1],
}

#[derive(Serialize)]
struct Each {
    code: String,
    title: String,
}

impl Fault {
    /// 401.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self(Problem::unauthenticated("Authorization is required"))
    }

    /// 403: seen, but not allowed.
    #[must_use]
    pub fn forbidden(title: &str) -> Self {
        Self(Problem::forbidden("forbidden", title))
    }

    /// 404: unknown, or another site's.
    #[must_use]
    pub fn not_found(title: &str) -> Self {
        Self(Problem::not_found(title))
    }

    /// 400: the request cannot be read.
    #[must_use]
    pub fn malformed(title: impl Into<String>) -> Self {
        Self(Problem::new(StatusCode::BAD_REQUEST, "bad_request", title))
    }

    /// 409: there is one already.
    #[must_use]
    pub fn conflict(title: &str) -> Self {
        Self(Problem::new(StatusCode::CONFLICT, "conflict", title))
    }

    /// 422: understood, but it cannot be done.
    #[must_use]
    pub fn invalid(code: &str, title: impl Into<String>) -> Self {
        Self(Problem::unprocessable(code, title))
    }

    /// 500: our own fault.
    #[must_use]
    pub fn ours(fault: &dyn std::error::Error) -> Self {
        Self(Problem::ours(fault))
    }

    /// 405.
    pub(super) async fn of_method() -> Self {
        Self(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "There is no such method here",
        ))
    }

    /// 404.
    pub(super) async fn of_path() -> Self {
        Self::not_found("There is nothing here")
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::ours(&error)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let refused = self.0.into_refused();
        let code = match status {
            StatusCode::UNAUTHORIZED => "unauthorized".to_owned(),
            StatusCode::NOT_FOUND => "not_found".to_owned(),
            _ => refused.code,
        };
        let shape = Shape {
            errors: [Each {
                code,
                title: refused.message,
            }],
        };
        let mut response = (status, Json(shape)).into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"Conversations API\""),
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
