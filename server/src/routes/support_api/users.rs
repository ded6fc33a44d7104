//! Users: agents and end users, in one space of numbers.

use axum::Json;
use axum::extract::State;
use causerie_core::agent::Role;
use causerie_core::{AgentId, GroupId};
use serde::Serialize;

use super::address::{At, Number, full};
use super::caller::Caller;
use super::fault::Fault;
use super::person::Person;
use crate::routes::public_api::iso;
use crate::state::App;
use crate::store::{AgentAccount, KnownEndUser};

/// A user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct User {
    /// The number.
    pub id: u64,
    /// Where this is to be read.
    pub url: String,
    /// The name.
    pub name: String,
    /// The address.
    pub email: Option<String>,
    /// How the business names an end user.
    pub external_id: Option<String>,
    /// `end-user`, `agent` or `admin`.
    pub role: &'static str,
    /// Whether the address is known to be theirs.
    pub verified: bool,
    /// Whether they are there.
    pub active: bool,
    /// The language.
    pub locale: Option<String>,
    /// The first of an agent's groups.
    pub default_group_id: Option<u64>,
    /// Labels: none.
    pub tags: [(); 0],
    /// When an end user came.
    pub created_at: Option<String>,
    /// An end user who was erased: nothing else is known of them.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub erased: bool,
}

/// One user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct One {
    user: User,
}

/// Whoever calls.
///
/// # Errors
/// 401.
pub async fn me(State(app): State<App>, Caller(agent): Caller) -> Json<One> {
    Json(One {
        user: of_agent(&app, &agent),
    })
}

/// An agent or an end user.
///
/// # Errors
/// 401, 404.
pub async fn show(
    State(app): State<App>,
    _: Caller,
    At(Number(number)): At<Number>,
) -> Result<Json<One>, Fault> {
    let user = match Person::numbered(number) {
        Person::Agent(id) => app
            .store
            .agent(AgentId(id))
            .await?
            .map(|agent| of_agent(&app, &agent)),
        Person::EndUser(number) => app
            .store
            .end_user_by_number(number)
            .await?
            .map(|end_user| of_end_user(&app, &end_user)),
    };
    user.map(|user| Json(One { user })).ok_or_else(Fault::not_found)
}

fn of_agent(app: &App, account: &AgentAccount) -> User {
    let id = Person::Agent(account.agent.id.0).number();
    User {
        id,
        url: full(app, &format!("users/{id}.json")),
        name: account.agent.name.clone(),
        email: Some(account.email.clone()),
        external_id: None,
        role: match account.agent.role {
            Role::Admin => "admin",
            Role::Agent => "agent",
        },
        verified: true,
        active: true,
        locale: None,
        default_group_id: account.agent.groups.first().map(|GroupId(id)| *id),
        tags: [],
        created_at: None,
        erased: false,
    }
}

fn of_end_user(app: &App, known: &KnownEndUser) -> User {
    let id = Person::EndUser(known.number).number();
    User {
        id,
        url: full(app, &format!("users/{id}.json")),
        name: known
            .name
            .clone()
            .unwrap_or_else(|| format!("Visitor {}", known.number)),
        email: known.email.clone(),
        external_id: known.external_id.clone(),
        role: "end-user",
        // One that nobody vouches for may have been given in the chat, by anybody.
        verified: known.email_verified,
        active: !known.erased,
        locale: (!known.erased).then(|| known.locale.clone()),
        default_group_id: None,
        tags: [],
        created_at: Some(iso::seconds(known.created_at)),
        erased: known.erased,
    }
}
