//! `POST /api/messaging/logout`: a device is nobody's any more.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{bearer, from_no_other_page};
use crate::error::{Problem, Told};
use crate::routes::pages;
use crate::secret;
use crate::state::App;
use crate::store::Change;

/// On which site.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// The site's key.
    site: String,
}

/// Lets the secret open nothing. An anonymous visitor's, or one that is nobody's, is left as it is.
pub(crate) async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    Told(asked): Told<Asked>,
) -> Result<StatusCode, Problem> {
    from_no_other_page(&app, &headers)?;
    let site = pages::site(&app, &asked.site)
        .await?
        .ok_or_else(|| Problem::not_found("No site has this key."))?;
    if let Some(secret) = bearer(&headers).and_then(secret::hash_of_visitor) {
        let site = site.id;
        app.conversations.change(Change::LogOut { site, secret }).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
