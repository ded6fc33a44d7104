//! `POST /api/messaging/logout`: a device is nobody's any more.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{bearer, from_no_other_page};
use crate::addresses;
use crate::conversations::EndUserIdentity;
use crate::error::{Problem, Told};
use crate::routes::pages;
use crate::secret;
use crate::state::App;
use crate::store::{Change, Standing};

/// On which site.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// The site's key.
    site: String,
}

/// Lets the secret open nothing. An anonymous visitor's, or one that is nobody's, is left as it is.
pub(crate) async fn post(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Told(asked): Told<Asked>,
) -> Result<StatusCode, Problem> {
    let address = addresses::visitor(peer, &headers);
    app.limits.logins.take(address).map_err(Problem::too_fast)?;
    from_no_other_page(&app, &headers)?;
    let site = pages::site(&app, &asked.site)
        .await?
        .ok_or_else(|| Problem::not_found("No site has this key."))?;
    let Some(secret) = bearer(&headers).and_then(secret::hash_of_visitor) else {
        return Ok(StatusCode::NO_CONTENT);
    };
    let who = EndUserIdentity {
        site: site.id,
        secret_hash: secret,
        locale: String::new(),
    };
    match app.store.standing(&who).await? {
        Standing::Device { .. } => {
            let site = site.id;
            app.conversations.change(Change::LogOut { site, secret }).await?;
        }
        // Nothing is to be written.
        Standing::Anonymous | Standing::Retired => {}
    }
    Ok(StatusCode::NO_CONTENT)
}
