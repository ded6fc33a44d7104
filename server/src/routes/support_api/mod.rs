//! The Support API (`/api/v2`): thin adapters over the same commands as the workspace's. No rule is decided here.
//!
//! Start with `routes`. A ticket's history is read by [`steps`] (what one command did is one step) and told by
//! [`audit`], [`event`] and [`comment`]; [`fault`] is the shape of every refusal; [`page`] of every list.

pub mod address;
pub mod audit;
pub mod caller;
pub mod comment;
pub mod event;
pub mod fault;
pub mod groups;
pub mod macros;
pub mod page;
pub mod person;
pub mod query;
pub mod search;
pub mod steps;
pub mod tickets;
pub mod users;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};

use self::address::at;
use self::fault::Fault;
use super::public_api::MAX_BODY;
use crate::state::App;

/// Its routes, to be nested at `/api/v2`.
pub(crate) fn routes() -> Router<App> {
    let paths = [
        ("/users/me", get(users::me)),
        ("/users/{id}", get(users::show)),
        ("/groups", get(groups::list)),
        ("/search", get(search::search)),
        ("/tickets", get(tickets::read::list)),
        (
            "/tickets/{id}",
            get(tickets::read::show).put(tickets::write::update),
        ),
        ("/tickets/{id}/comments", get(tickets::read::list_comments)),
        ("/tickets/{id}/audits", get(tickets::read::list_audits)),
        (
            "/tickets/{id}/messaging_session/end",
            post(tickets::write::end_session),
        ),
        (
            "/tickets/{id}/macros/{macro}/apply",
            get(macros::preview_on_ticket),
        ),
        ("/macros", get(macros::list)),
        ("/macros/active", get(macros::list_active)),
        ("/macros/{id}/apply", get(macros::preview)),
    ];
    paths
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| at(router, path, methods))
        .method_not_allowed_fallback(Fault::of_method)
        // A path of its own: a fallback would come after what the whole server has at `/api/…`.
        .route("/{*nothing}", any(Fault::of_path))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}
