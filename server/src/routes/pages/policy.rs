//! The headers that pages are served with (SECURITY 7–9). No CORS anywhere: the frame talks to its own origin.

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::App;

/// What our own pages may do: scripts and styles of their own files, WASM, their own server.
const OWN: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
                   img-src 'self' data: blob:; font-src 'self'; media-src 'self' data: blob:; base-uri 'none'; \
                   form-action 'self'";

const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
// Not `no-referrer`: under that some browsers say `null` where they should say their origin.
const REFERRER: HeaderValue = HeaderValue::from_static("same-origin");
const DENY: HeaderValue = HeaderValue::from_static("DENY");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");
const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// What every answer bears, unless its route has said otherwise.
pub(crate) async fn on_every_answer(
    axum::extract::State(app): axum::extract::State<App>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    default(headers, REFERRER_POLICY, REFERRER);
    default(headers, CORP, SAME_ORIGIN);
    default(headers, CONTENT_SECURITY_POLICY, NOTHING);
    if app.addresses.public().is_secure() {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONE_YEAR);
    }
    response
}

/// The workspace: framed by nobody, alone in its browsing context.
pub(super) fn workspace(headers: &mut HeaderMap) {
    headers.insert(
        CONTENT_SECURITY_POLICY,
        policy(&format!("{OWN}; frame-ancestors 'none'")),
    );
    headers.insert(X_FRAME_OPTIONS, DENY);
    headers.insert(COOP, SAME_ORIGIN);
    headers.insert(
        PERMISSIONS,
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
}

/// The widget's frame: framed by the site's pages alone.
pub(super) fn frame(headers: &mut HeaderMap, origins: &[String]) {
    let ancestors = if origins.is_empty() {
        "'none'".to_owned()
    } else {
        origins.join(" ")
    };
    headers.insert(
        CONTENT_SECURITY_POLICY,
        policy(&format!("{OWN}; frame-ancestors {ancestors}")),
    );
    for_other_sites(headers);
}

/// What other sites' pages load.
pub(super) fn for_other_sites(headers: &mut HeaderMap) {
    headers.insert(CORP, CROSS_ORIGIN);
}

/// The demo shop: a page like any shop's, with the strictest policy under which the widget works, and `connect-src` for
/// its own script, which fetches its customers' tokens.
pub(super) fn demo(headers: &mut HeaderMap, frame: &str) {
    headers.insert(
        CONTENT_SECURITY_POLICY,
        policy(&format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self'; frame-src {frame}; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'"
        )),
    );
    headers.insert(
        REFERRER_POLICY,
        HeaderValue::from_static("strict-origin-when-cross-origin"),
    );
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}

/// Origins are parsed before they are kept, so that nothing in them ends a header; should one, nothing is allowed.
fn policy(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(NOTHING)
}
