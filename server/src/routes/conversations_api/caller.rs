//! Who calls: the business's software, by an `app` key of the site that the path names. And what the path names.

use axum::extract::{FromRequestParts, Path, RawPathParams};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use crate::routes::public_api::basic::{Credentials, credentials};
use crate::secret;
use crate::state::App;
use crate::store::{KeyScope, Site};

/// The site for which a request is made, and the key it was made with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The site.
    pub site: Site,
    /// The key's id.
    pub kid: String,
}

/// What stands in the path; 404 where it is nothing that could be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At<T>(pub T);

impl FromRequestParts<App> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        let Some(Credentials::Basic {
            name: kid,
            secret: shown,
        }) = credentials(&parts.headers)
        else {
            return Err(Fault::unauthenticated());
        };
        let key = app.store.site_key(&kid).await?;
        let key = key
            .filter(|key| secret::same(&key.secret, &shown))
            .ok_or_else(Fault::unauthenticated)?;
        match key.scope {
            KeyScope::App => {}
            KeyScope::User => return Err(Fault::forbidden("A key of scope app is needed here")),
        }
        let no_such_app = || Fault::not_found("There is no such app");
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| no_such_app())?;
        let named = params
            .iter()
            .find(|(name, _)| *name == "app")
            .map(|(_, value)| value);
        let site = app.store.site(named.unwrap_or_default()).await?;
        // Another site's app is, for this key, not there.
        let site = site.filter(|site| site.id == key.site).ok_or_else(no_such_app)?;
        Ok(Self { site, kid })
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(it)) => Ok(Self(it)),
            Err(_) => Err(Fault::not_found("There is nothing here")),
        }
    }
}
