//! Groups.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::address::full;
use super::caller::Caller;
use super::fault::Fault;
use super::page::{Beside, Page};
use crate::routes::public_api::query::Parameters;
use crate::state::App;

/// A page of groups.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Groups {
    groups: Vec<Group>,
    #[serde(flatten)]
    beside: Beside,
}

/// A group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Group {
    id: u64,
    url: String,
    name: String,
    description: &'static str,
    default: bool,
    deleted: bool,
    is_public: bool,
}

/// The groups, by name.
///
/// # Errors
/// 400, 401.
pub async fn list(State(app): State<App>, _: Caller, parameters: Parameters) -> Result<Json<Groups>, Fault> {
    let page = Page::asked(&parameters)?;
    let all = app.store.groups().await?;
    let beside = page.beside(all.len(), &full(&app, "groups.json"), &parameters);
    let shape = |(id, name): (causerie_core::GroupId, String)| Group {
        id: id.0,
        url: full(&app, &format!("groups/{id}.json")),
        name,
        description: "",
        default: false,
        deleted: false,
        is_public: true,
    };
    Ok(Json(Groups {
        groups: page.of(all).into_iter().map(shape).collect(),
        beside,
    }))
}
