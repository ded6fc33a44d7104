//! `/workspace/`: the agents' application.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};
use serde_json::json;

use super::{not_built, nothing_here, policy, preferred};
use crate::assets::{Source, with_boot};
use crate::state::App;

const HTML: &str = "text/html; charset=utf-8";

/// Its document.
pub(crate) async fn document(State(app): State<App>, headers: HeaderMap) -> Response {
    let locale = Source::WorkspaceLocales.locale(&preferred(None, &headers));
    let boot = json!({ "build": app.build, "locale": locale });
    let mut response = match Source::Built.text("workspace/index.html") {
        Some(document) => app
            .filled
            .answer(with_boot(&document, &locale, &boot), HTML, &headers),
        None => not_built(),
    };
    policy::workspace(response.headers_mut());
    response
}

/// Its address without the slash at the end.
pub(crate) async fn slash() -> Redirect {
    Redirect::permanent("/workspace/")
}

/// Its files.
pub(crate) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let (source, path) = match name.strip_prefix("locales/") {
        Some(table) => (Source::WorkspaceLocales, table.to_owned()),
        None if name == "index.html" => return nothing_here(),
        None => (Source::Built, format!("workspace/{name}")),
    };
    source.answer(&path, &headers).unwrap_or_else(nothing_here)
}
