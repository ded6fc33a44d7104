//! Every address on one page.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post, put};
use causerie_core::wire::MAX_FRAME;

use crate::error::Problem;
use crate::routes::pages::{demo, frame, loader, policy, workspace as workspace_page};
use crate::routes::workspace::{connect_token, macros, me, settings, sign_in};
use crate::routes::{conversations_api, messaging, probes, support_api};
use crate::socket;
use crate::state::App;

/// The largest body of a request, in bytes, where a route says nothing else.
const MAX_BODY: usize = 256 * 1024;

/// Everything that is served.
pub fn build_app(app: App) -> Router {
    Router::new()
        // What sites embed
        .route("/widget.js", get(loader::widget_js))
        .route("/frame/", get(frame::document))
        .route("/frame/unread", get(frame::unread))
        .route("/frame/{*name}", get(frame::file))
        // Our own pages
        .route("/workspace", get(workspace_page::slash))
        .route("/workspace/", get(workspace_page::document))
        .route("/workspace/{*name}", get(workspace_page::file))
        .route("/", get(demo::index))
        .route("/favicon.ico", get(StatusCode::NO_CONTENT))
        .route("/customers/{customer}/token", post(demo::token))
        .route("/{*name}", get(demo::file))
        // For those who run it
        .route("/healthz", get(probes::healthz))
        .route("/readyz", get(probes::readyz))
        .route("/metrics", get(probes::metrics))
        // Its own APIs
        .nest("/api/messaging", messaging_api())
        .nest("/api/workspace", workspace_api())
        // The public APIs
        .nest(
            "/api/v2",
            support_api::routes().layer(middleware::map_response(not_stored)),
        )
        .nest(
            "/sc/v2/apps/{app}",
            conversations_api::routes().layer(middleware::map_response(not_stored)),
        )
        .nest(
            "/v2/apps/{app}",
            conversations_api::routes().layer(middleware::map_response(not_stored)),
        )
        .route("/api/{*rest}", axum::routing::any(no_such_address))
        .method_not_allowed_fallback(not_that_way)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            policy::on_every_answer,
        ))
        .with_state(app)
}

/// The widget's.
fn messaging_api() -> Router<App> {
    Router::new()
        .route("/socket", get(socket::end_user::open))
        .route(
            "/messages",
            post(messaging::send::post.layer(DefaultBodyLimit::max(MAX_FRAME))),
        )
        .route("/login", post(messaging::login::post))
        .route("/logout", post(messaging::logout::post))
        .route("/poll", post(messaging::poll::post))
        .route("/unread", get(messaging::unread::get))
        .fallback(no_such_address)
        .layer(middleware::map_response(not_stored))
}

/// The workspace's.
fn workspace_api() -> Router<App> {
    Router::new()
        .route("/sign-in", post(sign_in::sign_in))
        .route("/link", post(sign_in::link))
        .route("/welcome", post(sign_in::welcome))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/me", get(me::get))
        .route("/connect-token", post(connect_token::post))
        .route("/settings", get(settings::get).put(settings::put))
        .route("/macros", get(macros::list).post(macros::add))
        .route("/macros/{id}", put(macros::replace).delete(macros::remove))
        .route("/socket", get(socket::agent::open))
        .fallback(no_such_address)
        .layer(middleware::map_response(not_stored))
}

async fn no_such_address() -> Problem {
    Problem::not_found("There is nothing at this address.")
}

async fn not_that_way() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "This address is not asked in that way.",
    )
}

/// What an API answers is about somebody: no cache keeps it.
async fn not_stored(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
