//! `POST /api/messaging/login`: the site says who its visitor is, by a signed token (R47, SECURITY 10).

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use causerie_core::wire::end_user::{LoggedIn, LoggingIn};

use super::{bearer, from_no_other_page, tidy_locale};
use crate::addresses;
use crate::conversations::{EndUserIdentity, LogIn};
use crate::error::{Problem, Told};
use crate::jwt::{Fault, Token, Verified};
use crate::routes::pages;
use crate::secret;
use crate::state::App;
use crate::store::Site;

/// Whatever is wrong with a token: the site's developer has to know what one is, and nobody which part was guessed
/// right.
const REFUSED: &str = "The token was not accepted. It must be a JWT signed with HS256 by a key of scope user of this \
                       site, with the key's id as kid in its header, and scope \"user\", external_id and an exp still \
                       to come in its claims.";

/// Logs the device in. Asked again with the same secret, it is the same login.
pub(crate) async fn post(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Told(asked): Told<LoggingIn>,
) -> Result<Json<LoggedIn>, Problem> {
    let address = addresses::visitor(peer, &headers);
    app.limits.logins.take(address).map_err(Problem::too_fast)?;
    from_no_other_page(&app, &headers)?;
    let site = pages::site(&app, &asked.site)
        .await?
        .ok_or_else(|| Problem::not_found("No site has this key."))?;
    let secret_hash = secret::hash_of_visitor(&asked.secret).ok_or_else(|| {
        Problem::unprocessable("bad_secret", "A device's secret is 256 bits in hexadecimal.")
    })?;
    let Verified { whom, until } = verified(&app, &site, &asked.token).await?.map_err(|fault| {
        tracing::info!(site = %site.key, %fault, "a login was refused");
        Problem::new(StatusCode::FORBIDDEN, "login_refused", REFUSED)
    })?;
    let done = app
        .conversations
        .log_in(LogIn {
            who: EndUserIdentity {
                site: site.id,
                secret_hash,
                locale: tidy_locale(&asked.locale),
            },
            believed: asked.person,
            before: bearer(&headers).and_then(secret::hash_of_visitor),
            whom,
            until,
        })
        .await?;
    Ok(Json(LoggedIn {
        end_user: done.end_user,
        until: done.until,
    }))
}

async fn verified(app: &App, site: &Site, token: &str) -> Result<Result<Verified, Fault>, Problem> {
    let read = match Token::read(token) {
        Ok(read) => read,
        Err(fault) => return Ok(Err(fault)),
    };
    let key = match read.kid() {
        Ok(kid) => app.store.site_key(&kid).await?,
        Err(fault) => return Ok(Err(fault)),
    };
    Ok(read.verify(site.id, key.as_ref(), app.clock.now()))
}
