//! What a browser loads: the loader, the widget's frame, the workspace, the demo shop.
//!
//! - [`loader`], [`frame`]: what a site embeds; filled in per site.
//! - [`workspace`], [`demo`]: our own pages.
//! - [`policy`]: the headers they are served with.

pub mod demo;
pub mod frame;
pub mod loader;
pub mod policy;
pub mod workspace;

use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::origin::Origin;
use crate::state::App;
use crate::store::{Site, StoreError};

/// The key of the demo shop's site.
pub const DEMO: &str = "demo";

/// What the addresses of the embed carry.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The site's key.
    key: String,
    /// The language the page asks for, before the browser's own.
    locale: Option<String>,
}

/// Its query, or an empty one where it cannot be read.
pub(crate) type AskedQuery = Result<Query<Asked>, axum::extract::rejection::QueryRejection>;

fn asked(query: AskedQuery) -> Asked {
    query.map(|Query(asked)| asked).unwrap_or_default()
}

/// The site of a key.
pub(crate) async fn site(app: &App, key: &str) -> Result<Option<Site>, StoreError> {
    // A key is short; whatever else is asked for is none.
    if key.is_empty() || key.len() > 64 {
        return Ok(None);
    }
    app.store.site(key).await
}

/// From where a site's pages may embed the widget. The demo shop is wherever this server is.
pub(crate) fn origins(app: &App, site: &Site) -> Vec<String> {
    let own = if app.demo && site.key == DEMO {
        app.addresses.own()
    } else {
        Vec::new()
    };
    let mut all: Vec<String> = own.into_iter().map(Origin::into).collect();
    all.extend(site.origins.iter().cloned());
    all.dedup();
    all
}

/// The languages that a page is asked for in, best first.
fn preferred(locale: Option<&str>, headers: &HeaderMap) -> String {
    let accepted = headers
        .get(axum::http::header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match locale {
        Some(locale) => format!("{locale},{accepted}"),
        None => accepted.to_owned(),
    }
}

/// For whoever runs a server that was built without its front ends.
fn not_built() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "This server was built without its pages. Build it with: cargo xtask build\n",
    )
        .into_response()
}

fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
}
