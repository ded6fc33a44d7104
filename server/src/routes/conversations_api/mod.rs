//! The Conversations API (`/sc/v2/apps/{app}`): thin adapters over the same commands as the widget's. No rule is
//! decided here. Its *conversation* is core's chat thread.
//!
//! Start with `routes`. [`fault`] is the shape of every refusal, [`cid`] the identity of what is posted.

pub mod caller;
pub mod cid;
pub mod control;
pub mod conversations;
pub mod fault;
pub mod message;
pub mod messages;
pub mod page;
pub mod users;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};

use self::fault::Fault;
use super::public_api::MAX_BODY;
use crate::state::App;

/// Its routes, to be nested at `/sc/v2/apps/{app}`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/users", post(users::create))
        .route("/users/{user}", get(users::show))
        .route(
            "/conversations",
            post(conversations::create).get(conversations::list),
        )
        .route("/conversations/{conversation}", get(conversations::show))
        .route(
            "/conversations/{conversation}/messages",
            post(messages::post).get(messages::list),
        )
        .route("/conversations/{conversation}/passControl", post(control::pass))
        // A path of its own: a fallback would come after the demo shop's files.
        .route("/{*nothing}", any(Fault::of_path))
        .method_not_allowed_fallback(Fault::of_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
}
