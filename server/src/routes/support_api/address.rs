//! The addresses of this API's records, with and without `.json`.

use core::fmt;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::routing::MethodRouter;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Visitor};

use super::fault::Fault;
use crate::state::App;

/// What stands in the path; 404 where it is nothing that could be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(it)) => Ok(Self(it)),
            Err(_) => Err(Fault::not_found()),
        }
    }
}

/// A number in a path, the `.json` behind it left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Number(pub u64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
        let bare = text.strip_suffix(".json").unwrap_or(text);
        bare.parse().map(Number).map_err(E::custom)
    }
}

/// Puts a route at a path and at the same with `.json`. One that ends in a number needs no second: [`Number`].
pub(super) fn at(router: Router<App>, path: &str, methods: MethodRouter<App>) -> Router<App> {
    if path.ends_with('}') {
        return router.route(path, methods);
    }
    router
        .route(&format!("{path}.json"), methods.clone())
        .route(path, methods)
}

/// The full address of something of this API: `tickets/17.json`.
#[must_use]
pub fn full(app: &App, path: &str) -> String {
    format!("{}/api/v2/{path}", app.addresses.public().as_str())
}
