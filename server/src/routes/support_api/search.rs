//! Search: `GET /search?query=status<solved type:ticket`.

use axum::Json;
use axum::extract::State;
use causerie_core::wire::agent::TicketRow;
use causerie_core::{AgentId, GroupId};
use serde::Serialize;

use super::address::full;
use super::caller::Caller;
use super::fault::Fault;
use super::page::{Beside, Page};
use super::person::Person;
use super::query::{Query, Unreadable, Whom};
use super::tickets::shape::{Shape, shapes};
use crate::routes::public_api::query::Parameters;
use crate::state::App;
use crate::store::{Holds, TicketFilter, TicketOrder, TicketSearch};

/// A page of what was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Found {
    results: Vec<Hit>,
    facets: Option<()>,
    #[serde(flatten)]
    beside: Beside,
}

/// Something that was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Hit {
    #[serde(flatten)]
    ticket: Shape,
    result_type: &'static str,
}

/// Looks for tickets that the caller sees. `sort_by` is `created_at` or `updated_at`, `sort_order` is `asc` or `desc`.
///
/// # Errors
/// 400, 401, 422 with the condition that cannot be read.
pub async fn search(
    State(app): State<App>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Found>, Fault> {
    let page = Page::asked(&parameters)?;
    let Some(text) = parameters.value("query") else {
        return Err(Fault::invalid("query", "query: cannot be blank"));
    };
    let query = Query::read(text).map_err(|Unreadable(why)| Fault::invalid("query", why))?;
    let wanted = match query.tickets {
        true => conditions(&app, &caller, query, &parameters).await?,
        false => None,
    };
    let (rows, count) = match wanted {
        None => (Vec::new(), 0),
        Some(wanted) => {
            let (skip, limit) = (u32::try_from(page.start()), u32::try_from(page.size()));
            let (skip, limit) = (skip.unwrap_or(u32::MAX), limit.unwrap_or(u32::MAX));
            let count = usize::try_from(app.store.count_search(&wanted).await?).unwrap_or(usize::MAX);
            let ids = app.store.search_tickets(&wanted, skip, limit).await?;
            (in_that_order(&app, &caller, &ids).await?, count)
        }
    };
    let results = shapes(&app, &rows).await?;
    let results = results
        .into_iter()
        .map(|ticket| Hit {
            ticket,
            result_type: "ticket",
        })
        .collect();
    let beside = page.beside(count, &full(&app, "search.json"), &parameters);
    Ok(Json(Found {
        results,
        facets: None,
        beside,
    }))
}

async fn in_that_order(
    app: &App,
    caller: &Caller,
    ids: &[causerie_core::TicketId],
) -> Result<Vec<TicketRow>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = TicketFilter {
        seen_by: Some(caller.0.agent.clone()),
        ids: ids.to_vec(),
        limit: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        ..TicketFilter::default()
    };
    let mut rows = app.store.tickets(&filter).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.ticket.id));
    Ok(rows)
}

/// A query as the store searches; none where it names somebody whom there is not.
async fn conditions(
    app: &App,
    caller: &Caller,
    query: Query,
    parameters: &Parameters,
) -> Result<Option<TicketSearch>, Fault> {
    let agent = &caller.0.agent;
    let assignee = match query.assignee {
        None => Some(Holds::Any),
        Some(Whom::Me) => Some(Holds::This(agent.id)),
        Some(Whom::Nobody) => Some(Holds::Nobody),
        Some(Whom::Number(id)) => Some(Holds::This(AgentId(id))),
        Some(Whom::Named(name)) => agent_named(app, &name).await?.map(Holds::This),
    };
    let group = match query.group {
        None => Some(Holds::Any),
        Some(Whom::Nobody) => Some(Holds::Nobody),
        Some(Whom::Number(id)) => Some(Holds::This(GroupId(id))),
        // `me` is no group, but one could be called so.
        Some(Whom::Me) => group_named(app, "me").await?.map(Holds::This),
        Some(Whom::Named(name)) => group_named(app, &name).await?.map(Holds::This),
    };
    let requester = match query.requester {
        None => None,
        Some(Whom::Me) => Some("me".to_owned()),
        Some(Whom::Nobody) => Some("none".to_owned()),
        Some(Whom::Named(name)) => Some(name),
        Some(Whom::Number(number)) => Some(match Person::numbered(number) {
            Person::EndUser(number) | Person::Agent(number) => number.to_string(),
        }),
    };
    let (Some(assignee), Some(group)) = (assignee, group) else {
        return Ok(None);
    };
    Ok(Some(TicketSearch {
        seen_by: agent.clone(),
        statuses: query.statuses,
        priorities: query.priorities,
        assignee,
        group,
        requester,
        tags: query.tags,
        without_tags: query.without_tags,
        id: query.id,
        words: query.words,
        order: match parameters.value("sort_by") {
            Some("updated_at") => TicketOrder::Changed,
            Some(_) | None => TicketOrder::Newest,
        },
        backwards: parameters.value("sort_order") == Some("asc"),
    }))
}

async fn agent_named(app: &App, name: &str) -> Result<Option<AgentId>, Fault> {
    if name.contains('@') {
        return Ok(app
            .store
            .agent_by_email(name)
            .await?
            .map(|account| account.agent.id));
    }
    let agents = app.store.agents().await?;
    Ok(agents
        .iter()
        .find(|agent| agent.name.eq_ignore_ascii_case(name))
        .map(|agent| agent.id))
}

async fn group_named(app: &App, name: &str) -> Result<Option<GroupId>, Fault> {
    let groups = app.store.groups().await?;
    Ok(groups
        .iter()
        .find(|(_, its)| its.eq_ignore_ascii_case(name))
        .map(|(id, _)| *id))
}
