//! Who calls: the agent for whom a token speaks, by `Basic email/token:TOKEN` or `Bearer TOKEN`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::fault::Fault;
use crate::routes::public_api::basic::{Credentials, credentials};
use crate::secret;
use crate::state::App;
use crate::store::AgentAccount;

/// The agent for whom a request is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller(pub AgentAccount);

impl FromRequestParts<App> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        let (email, token) = match credentials(&parts.headers) {
            Some(Credentials::Bearer(token)) => (None, token),
            Some(Credentials::Basic { name, secret }) => match name.strip_suffix("/token") {
                Some(email) => (Some(email.to_lowercase()), secret),
                // A password is never taken here.
                None => return Err(Fault::unauthenticated()),
            },
            None => return Err(Fault::unauthenticated()),
        };
        let agent = app.store.agent_of_token(&secret::hash(&token)).await?;
        match agent {
            Some(agent) if email.is_none_or(|email| email == agent.email.to_lowercase()) => Ok(Self(agent)),
            Some(_) | None => Err(Fault::unauthenticated()),
        }
    }
}
