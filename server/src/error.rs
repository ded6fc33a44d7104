//! What an HTTP caller is told when something is not done. The only place that knows status codes for refusals.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use causerie_core::ClientMessageId;
use causerie_core::chat_thread::Rejection;
use causerie_core::wire::Refused;
use serde::de::DeserializeOwned;

use crate::conversations::Refusal;
use crate::store::StoreError;

/// A request that is not done: a status, and a sentence in JSON.
#[derive(Clone, PartialEq, Debug)]
pub struct Problem {
    status: StatusCode,
    refused: Refused,
}

/// A JSON body. What is not one is refused with a sentence: 400, 413, 415 or 422.
#[derive(Clone, Copy, Debug)]
pub struct Told<T>(pub T);

impl Problem {
    /// Something of this status, with a name for machines and a sentence for people.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let refused = Refused {
            cid: None,
            code: code.to_owned(),
            message: message.into(),
            retryable: false,
            retry_after_ms: None,
        };
        Self { status, refused }
    }

    /// 401: credentials are missing or wrong.
    #[must_use]
    pub fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", message)
    }

    /// 403: seen, but not allowed.
    #[must_use]
    pub fn forbidden(code: &str, message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 404: unknown, or not visible.
    #[must_use]
    pub fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 422: understood, but it cannot be done.
    #[must_use]
    pub fn unprocessable(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// 429: too much at once.
    #[must_use]
    pub fn too_fast(wait: Duration) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            refused: too_fast(None, wait),
        }
    }

    /// 500: our own fault, told to the log and not to the caller.
    #[must_use]
    pub fn ours(fault: &dyn std::error::Error) -> Self {
        tracing::error!(%fault, "a request failed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            refused: Refused {
                retryable: true,
                ..Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "Something failed here. Try again.",
                )
                .refused
            },
        }
    }

    /// The same, about this command.
    #[must_use]
    pub fn about(mut self, cid: ClientMessageId) -> Self {
        self.refused.cid = Some(cid);
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// What a socket says of it.
    #[must_use]
    pub fn into_refused(self) -> Refused {
        self.refused
    }
}

/// What a socket answers to a command that is not done.
#[must_use]
pub fn refused(cid: Option<ClientMessageId>, refusal: &Refusal) -> Refused {
    let retry_after_ms = match refusal {
        Refusal::Unavailable { retry_after_ms } => Some(*retry_after_ms),
        Refusal::Rejected(_)
        | Refusal::UnknownSender
        | Refusal::UnknownThread
        | Refusal::UnknownMacro
        | Refusal::UnknownClientId
        | Refusal::ClientIdReused
        | Refusal::Erased
        | Refusal::LoginExpired
        | Refusal::LoginUnknown
        | Refusal::SecretRetired
        | Refusal::SecretTaken
        | Refusal::Change(_) => None,
    };
    Refused {
        cid,
        code: refusal.code().to_owned(),
        message: refusal.to_string(),
        retryable: refusal.is_retryable(),
        retry_after_ms,
    }
}

/// What a socket answers when frames come too fast.
#[must_use]
pub fn too_fast(cid: Option<ClientMessageId>, wait: Duration) -> Refused {
    Refused {
        cid,
        code: "too_fast".to_owned(),
        message: "That is too much at once. Try again in a moment.".to_owned(),
        retryable: true,
        retry_after_ms: Some(u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1)),
    }
}

/// The status of a refusal by core.
#[must_use]
pub const fn status_of_rejection(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::UnknownTicket | Rejection::UnknownSession | Rejection::EndUserErased => {
            StatusCode::NOT_FOUND
        }
        Rejection::EndingSwitchedOff | Rejection::NotTheirsToEnd => StatusCode::FORBIDDEN,
        Rejection::SessionEnded(_)
        | Rejection::EmailUnknown
        | Rejection::TicketClosed
        | Rejection::SolvingNeedsAssignee
        | Rejection::StatusNotSettable(_)
        | Rejection::MacroPlaceholders
        | Rejection::UnknownAgent
        | Rejection::UnknownGroup
        | Rejection::NotWaiting
        | Rejection::NoRoom
        | Rejection::NotInGroup
        | Rejection::NothingLive
        | Rejection::Text(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// The status of a refusal by the writer.
#[must_use]
pub const fn status_of_refusal(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Rejected(rejection) => status_of_rejection(rejection),
        Refusal::UnknownSender
        | Refusal::UnknownThread
        | Refusal::UnknownMacro
        | Refusal::UnknownClientId => StatusCode::NOT_FOUND,
        Refusal::ClientIdReused | Refusal::Change(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Erased | Refusal::LoginExpired | Refusal::LoginUnknown | Refusal::SecretRetired => {
            StatusCode::UNAUTHORIZED
        }
        Refusal::SecretTaken => StatusCode::CONFLICT,
        Refusal::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self {
            status: status_of_refusal(&refusal),
            refused: refused(None, &refusal),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(fault: StoreError) -> Self {
        Self::ours(&fault)
    }
}

impl From<getrandom::Error> for Problem {
    fn from(fault: getrandom::Error) -> Self {
        Self::ours(&fault)
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let code = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "not_json",
            _ => "malformed",
        };
        Self::new(rejection.status(), code, rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let wait = self
            .refused
            .retry_after_ms
            .map(|ms| HeaderValue::from(ms.div_ceil(1000)));
        let mut response = (self.status, Json(self.refused)).into_response();
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = wait {
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Told<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(body) = Json::from_request(request, state).await?;
        Ok(Self(body))
    }
}
