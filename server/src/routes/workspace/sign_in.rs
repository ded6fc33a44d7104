//! In and out. An email that is not known, one without a password yet and a wrong password get the same answer in the
//! same time (SECURITY 12). No GET changes anything.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use causerie_core::time::Span;
use serde::{Deserialize, Serialize};

use super::signed_in::{Changing, cookie};
use crate::addresses;
use crate::error::{Problem, Told};
use crate::secret;
use crate::state::App;
use crate::store::{Change, NewSession};

/// How long a session lasts.
const SESSION: Span = Span::hours(7 * 24);

/// What a person types.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    email: String,
    password: String,
}

/// A one-time link's token, and the password chosen.
#[derive(Deserialize)]
pub(crate) struct FirstPassword {
    token: String,
    password: String,
}

/// A one-time link's token, looked at.
#[derive(Deserialize)]
pub(crate) struct Link {
    token: String,
}

/// For whom a link is.
#[derive(Serialize)]
pub(crate) struct Invited {
    name: String,
    email: String,
    /// Whether there is a password already, which this one replaces: they have lost it.
    renews: bool,
}

/// Signs in by email and password.
pub(crate) async fn sign_in(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Told(credentials): Told<Credentials>,
) -> Result<Response, Problem> {
    let Credentials { email, password } = credentials;
    admit(&app, peer, &headers)?;
    let account = email.trim().to_lowercase();
    app.limits
        .sign_ins_by_account
        .take(secret::hash(&account))
        .map_err(Problem::too_fast)?;
    let found = app.store.agent_by_email(&account).await?;
    let kept = found.as_ref().and_then(|account| account.password_hash.clone());
    let right = app.passwords.verify(password, kept).await;
    let Some(account) = found.filter(|_| right) else {
        return Err(Problem::unauthenticated("The email or the password is wrong."));
    };
    let (token, session) = fresh_session(&app)?;
    app.conversations
        .change(Change::OpenSession {
            agent: account.agent.id,
            session,
        })
        .await?;
    signed_in(&token)
}

/// Says for whom a one-time link is, to whoever has it. Looking does not use it up; it is asked by POST so that the token
/// stands in no address.
pub(crate) async fn link(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Told(link): Told<Link>,
) -> Result<Json<Invited>, Problem> {
    admit(&app, peer, &headers)?;
    let found = app
        .store
        .agent_of_link(&secret::hash(&link.token), app.clock.now())
        .await?;
    let account = found.ok_or_else(void)?;
    Ok(Json(Invited {
        name: account.agent.name,
        email: account.email,
        renews: account.password_hash.is_some(),
    }))
}

/// Sets a password by a one-time link and signs in. The link is used up by that, not by looking at it.
pub(crate) async fn welcome(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Told(first): Told<FirstPassword>,
) -> Result<Response, Problem> {
    admit(&app, peer, &headers)?;
    let link = secret::hash(&first.token);
    if app.store.agent_of_link(&link, app.clock.now()).await?.is_none() {
        return Err(void());
    }
    let password = app
        .passwords
        .hash(first.password)
        .await
        .map_err(|fault| Problem::unprocessable("password", fault.to_string()))?;
    let (token, session) = fresh_session(&app)?;
    // Somebody may have been quicker: then the writer finds the link void.
    app.conversations
        .change(Change::UseLink {
            token: link,
            password,
            session,
        })
        .await
        .map_err(|refusal| {
            if refusal.is_retryable() {
                refusal.into()
            } else {
                void()
            }
        })?;
    signed_in(&token)
}

/// Signs out: the session is over, and with it its sockets.
pub(crate) async fn sign_out(State(app): State<App>, Changing(who): Changing) -> Result<Response, Problem> {
    app.conversations
        .change(Change::CloseSession { token: who.session })
        .await?;
    answer(cookie(None, 0))
}

fn void() -> Problem {
    Problem::unauthenticated("This sign-in link was used already or is too old. Ask for a new one.")
}

fn admit(app: &App, peer: SocketAddr, headers: &HeaderMap) -> Result<(), Problem> {
    if app.addresses.from_elsewhere(headers) {
        return Err(Problem::forbidden(
            "foreign_origin",
            "Sign in on the workspace's own page.",
        ));
    }
    let address = addresses::visitor(peer, headers);
    app.limits
        .sign_ins_by_address
        .take(address)
        .map_err(Problem::too_fast)
}

/// A session's token, for the cookie, and what is kept of it.
fn fresh_session(app: &App) -> Result<(String, NewSession), Problem> {
    let token = secret::fresh()?;
    let session = NewSession {
        token: secret::hash(&token),
        csrf: secret::fresh()?,
        until: app.clock.now().after(SESSION),
    };
    Ok((token, session))
}

fn signed_in(token: &str) -> Result<Response, Problem> {
    answer(cookie(Some(token), SESSION.0 / 1000))
}

fn answer(cookie: Option<axum::http::HeaderValue>) -> Result<Response, Problem> {
    let cookie = cookie.ok_or_else(|| Problem::unauthenticated("The session could not be kept."))?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}
