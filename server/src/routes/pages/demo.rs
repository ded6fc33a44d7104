//! `/`: the demo shop, with `--demo`; else the way to the workspace.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use super::{not_built, nothing_here, policy};
use crate::assets::Source;
use crate::state::App;

/// The shop's page.
pub(crate) async fn index(State(app): State<App>, headers: HeaderMap) -> Response {
    if !app.demo {
        return Redirect::to("/workspace/").into_response();
    }
    served(&app, "index.html", &headers).unwrap_or_else(not_built)
}

/// The shop's files: whatever no other route has.
pub(crate) async fn file(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    if !app.demo {
        return nothing_here();
    }
    served(&app, &name, &headers).unwrap_or_else(nothing_here)
}

fn served(app: &App, path: &str, headers: &HeaderMap) -> Option<Response> {
    let mut response = Source::Demo.answer(path, headers)?;
    let frame = app.addresses.frame(headers);
    policy::demo(response.headers_mut(), frame.as_str());
    Some(response)
}
