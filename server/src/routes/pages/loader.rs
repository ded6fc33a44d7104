//! `/widget.js?key=KEY`: the script-tag loader, with the site inside.

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{AskedQuery, asked, not_built, policy, site};
use crate::assets::Source;
use crate::error::Problem;
use crate::state::App;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Serves it. A site that is not known gets a comment that says so: the page goes on without a chat.
pub(crate) async fn widget_js(
    State(app): State<App>,
    query: AskedQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = asked(query).key;
    let Some(site) = site(&app, &key).await? else {
        let mut response = (
            StatusCode::NOT_FOUND,
            "// Causerie: no site has this key. `causerie site add` prints the tag to use.\n",
        )
            .into_response();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(JAVASCRIPT));
        policy::for_other_sites(response.headers_mut());
        return Ok(response);
    };
    // Without the build's smaller form, as it was written.
    let script = Source::Built
        .text("loader/widget.js")
        .or_else(|| Source::Loader.text("loader.js"));
    let Some(script) = script else {
        return Ok(not_built());
    };
    let inside = json!({
        "key": site.key,
        "frame": app.addresses.frame(&headers).as_str(),
        "looks": {},
    });
    let script = script.replace("\"__SITE__\"", &inside.to_string());
    let mut response = app.filled.answer(script, JAVASCRIPT, &headers);
    policy::for_other_sites(response.headers_mut());
    Ok(response)
}
