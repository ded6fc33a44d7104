//! `/api/messaging`: the widget's own API, beside its socket.

pub mod login;
pub mod logout;
pub mod poll;
pub mod send;
pub mod unread;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::conversations::{EndUserIdentity, Refusal};
use crate::error::Problem;
use crate::secret;
use crate::state::App;

use super::pages;

/// The visitor that a request speaks for: the site in its text, the secret in its `Authorization`.
pub(crate) async fn visitor(
    app: &App,
    headers: &HeaderMap,
    key: &str,
    locale: String,
) -> Result<EndUserIdentity, Problem> {
    from_no_other_page(app, headers)?;
    let secret_hash = bearer(headers).and_then(secret::hash_of_visitor).ok_or_else(|| {
        Problem::unauthenticated(
            "The visitor's secret is missing: 256 bits in hexadecimal, as a bearer token.",
        )
    })?;
    let site = pages::site(app, key)
        .await?
        .ok_or_else(|| Problem::not_found("No site has this key."))?;
    let who = EndUserIdentity {
        site: site.id,
        secret_hash,
        locale: tidy_locale(&locale),
    };
    let standing = app.store.standing(&who).await?;
    standing.at(app.clock.now()).map_err(Refusal::from)?;
    Ok(who)
}

/// What comes from a page must come from the frame's (SECURITY 1).
fn from_no_other_page(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(axum::http::header::ORIGIN) && !app.addresses.from_frame(headers) {
        return Err(Problem::forbidden(
            "foreign_origin",
            "This page may not speak for the widget.",
        ));
    }
    Ok(())
}

/// A language tag as it is kept: short, letters, digits and hyphens; English where it is none.
pub(crate) fn tidy_locale(locale: &str) -> String {
    let is_tag = !locale.is_empty()
        && locale.len() <= 35
        && locale
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_tag {
        locale.to_owned()
    } else {
        "en".to_owned()
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
