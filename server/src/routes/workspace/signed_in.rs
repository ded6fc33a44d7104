//! Who asks: by the cookie, and for changes by the token that only our own pages know (SECURITY 6).
//!
//! The cookie is `__Host-`, Secure, HttpOnly and SameSite=Lax. Browsers keep it over plain http on loopback too;
//! elsewhere plain http keeps nobody signed in, and the sign-in page says so.

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use causerie_core::agent::{Agent, Role};

use crate::error::Problem;
use crate::secret;
use crate::state::App;
use crate::store::SecretHash;

/// The cookie's name.
pub(crate) const COOKIE_NAME: &str = "__Host-causerie";

/// The header that bears the token of whoever changes something.
const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");

/// An agent who is signed in and asks to see something.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) agent: Agent,
    /// The cookie's token, hashed.
    pub(crate) session: SecretHash,
    /// The token that changes have to bear.
    pub(crate) csrf: String,
}

/// An agent who is signed in and may ask for a change.
#[derive(Clone, Debug)]
pub(crate) struct Changing(pub(crate) SignedIn);

/// An admin who may ask for a change.
#[derive(Clone, Debug)]
pub(crate) struct AdminChanging;

/// A cookie that keeps this token for so many seconds; none to take it away.
pub(crate) fn cookie(token: Option<&str>, seconds: i64) -> Option<HeaderValue> {
    let (token, seconds) = token.map_or(("", 0), |token| (token, seconds));
    HeaderValue::try_from(format!(
        "{COOKIE_NAME}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}"
    ))
    .ok()
}

fn token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let nobody = || Problem::unauthenticated("Sign in first.");
        let session = secret::hash(token(&parts.headers).ok_or_else(nobody)?);
        let found = app
            .store
            .agent_session(&session, app.clock.now())
            .await?
            .ok_or_else(nobody)?;
        Ok(Self {
            agent: found.agent.agent,
            session,
            csrf: found.csrf,
        })
    }
}

impl FromRequestParts<App> for Changing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        if app.addresses.from_elsewhere(&parts.headers) {
            return Err(Problem::forbidden(
                "foreign_origin",
                "This page may not change anything here.",
            ));
        }
        let told = parts
            .headers
            .get(CSRF)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if !secret::same(told, &signed_in.csrf) {
            return Err(Problem::forbidden(
                "csrf",
                "The token that goes with a change is missing or old. Reload the page.",
            ));
        }
        Ok(Self(signed_in))
    }
}

impl FromRequestParts<App> for AdminChanging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Changing(signed_in) = Changing::from_request_parts(parts, app).await?;
        match signed_in.agent.role {
            Role::Admin => Ok(Self),
            Role::Agent => Err(Problem::forbidden(
                "admins_only",
                "Only an admin may change this.",
            )),
        }
    }
}
