//! `/frame/`: the widget's frame, and the tiny page that only counts what is unread.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Asked, AskedQuery, asked, not_built, nothing_here, origins, policy, preferred, site};
use crate::assets::{Source, with_boot};
use crate::error::Problem;
use crate::state::App;
use crate::store::Site;

const HTML: &str = "text/html; charset=utf-8";

/// The frame's document. Its data block holds all that the widget needs to show itself, so that the first open asks
/// for nothing more than its files and a socket.
pub(crate) async fn document(
    State(app): State<App>,
    query: AskedQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = asked(query);
    let Some(site) = site(&app, &asked.key).await? else {
        return Ok(no_such_site());
    };
    let locale = locale(&asked, &headers);
    let boot = boot(&app, &site, &locale).await?;
    Ok(filled(
        &app,
        &site,
        Source::Built.text("frame/index.html"),
        &locale,
        &boot,
        &headers,
    ))
}

/// The page for a returning visitor's loader.
pub(crate) async fn unread(
    State(app): State<App>,
    query: AskedQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = asked(query);
    let Some(site) = site(&app, &asked.key).await? else {
        return Ok(no_such_site());
    };
    let locale = locale(&asked, &headers);
    let boot = json!({ "key": site.key, "origins": origins(&app, &site) });
    Ok(filled(
        &app,
        &site,
        Source::Loader.text("unread.html"),
        &locale,
        &boot,
        &headers,
    ))
}

/// The files of both.
pub(crate) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let (source, path) = match name.as_str() {
        // The document is filled in; it is not to be had as it is.
        "index.html" => return nothing_here(),
        "unread.js" | "poll.js" => (Source::Loader, name),
        _ => match name.strip_prefix("locales/") {
            Some(table) => (Source::WidgetLocales, table.to_owned()),
            None => (Source::Built, format!("frame/{name}")),
        },
    };
    source.answer(&path, &headers).unwrap_or_else(nothing_here)
}

async fn boot(app: &App, site: &Site, locale: &str) -> Result<Value, Problem> {
    let strings: Value = Source::WidgetLocales
        .text(&format!("{locale}.json"))
        .and_then(|table| serde_json::from_str(&table).ok())
        .unwrap_or_default();
    let settings = app.store.settings().await?;
    Ok(json!({
        "key": site.key,
        "origins": origins(app, site),
        "locale": locale,
        "strings": strings,
        "welcome": app.flow.welcome(locale),
        "settings": {
            "tell_host_page_of_end": settings.tell_host_page_of_end,
            "end_users_can_end_sessions": settings.end_users_can_end_sessions,
        },
        "build": app.build,
    }))
}

fn locale(asked: &Asked, headers: &HeaderMap) -> String {
    Source::WidgetLocales.locale(&preferred(asked.locale.as_deref(), headers))
}

fn filled(
    app: &App,
    site: &Site,
    document: Option<String>,
    locale: &str,
    boot: &Value,
    headers: &HeaderMap,
) -> Response {
    let mut response = match document {
        Some(document) => app
            .filled
            .answer(with_boot(&document, locale, boot), HTML, headers),
        None => not_built(),
    };
    policy::frame(response.headers_mut(), &origins(app, site));
    response
}

fn no_such_site() -> Response {
    (StatusCode::NOT_FOUND, "No site has this key.\n").into_response()
}
