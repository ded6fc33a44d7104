//! `/`: the demo shop, with `--demo`; else the way to the workspace. Two customers can sign in there, to try a login of
//! the chat (R47): for them, and for nobody else, a token is signed as a site's own server would.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use causerie_core::end_user::Vouched;
use causerie_core::time::Span;
use serde::Serialize;

use super::{not_built, nothing_here, policy};
use crate::assets::Source;
use crate::error::Problem;
use crate::jwt;
use crate::state::App;

/// The key that signs for the shop's customers.
pub const KID: &str = "demo-shop";

/// The shop's customers.
const CUSTOMERS: [(&str, &str); 2] = [("camille", "Camille Roux"), ("jules", "Jules Petit")];

/// How long a token is good.
const GOOD_FOR: Span = Span::minutes(10);

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

/// A token for one of the shop's customers.
pub(crate) async fn token(
    State(app): State<App>,
    Path(customer): Path<String>,
) -> Result<Json<Signed>, Problem> {
    let nobody = || Problem::not_found("The shop has no such customer.");
    let known = CUSTOMERS.iter().find(|known| known.0 == customer);
    let (external_id, name) = known.filter(|_| app.demo).ok_or_else(nobody)?;
    let key = app.store.site_key(KID).await?.ok_or_else(nobody)?;
    let whom = Vouched {
        external_id: (*external_id).to_owned(),
        name: Some((*name).to_owned()),
        email: None,
        email_verified: false,
    };
    Ok(Json(Signed {
        token: jwt::signed(&key, &whom, app.clock.now().after(GOOD_FOR)),
    }))
}

/// What the shop's page hands to the chat.
#[derive(Debug, Serialize)]
pub(crate) struct Signed {
    token: String,
}

fn served(app: &App, path: &str, headers: &HeaderMap) -> Option<Response> {
    let mut response = Source::Demo.answer(path, headers)?;
    let frame = app.addresses.frame(headers);
    policy::demo(response.headers_mut(), frame.as_str());
    Some(response)
}
