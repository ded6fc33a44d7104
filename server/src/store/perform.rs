//! Carries out a [`Change`], inside the transaction of whoever asks.

use causerie_core::agent::{Availability, Role};
use causerie_core::message::MAX_TEXT;
use causerie_core::routing::assign::{Follows, follows};
use causerie_core::{AgentId, ChatThreadId, EndUserId, GroupId, Timestamp};

use super::codec::{Columns, int, name};
use super::end_user::{self, Introduction};
use super::key::{self, SiteKey};
use super::{Change, ChangeRefused, Changed, JobKind, Script, StoreError, Writing};
use super::{agent, agent_macro, device, job, person, settings, sign_in, site};
use crate::clock::Clock;

/// What was done, and who has to hear of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Performed {
    /// What the sender is told.
    pub(crate) changed: Changed,
    /// What the agents' screens show has changed.
    pub(crate) touches: Touches,
    /// It left a job.
    pub(crate) wake: bool,
}

/// What of the agents' screens a change touches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Touches {
    Nothing,
    Agents,
    Settings,
    Macros,
    EndUser(EndUserId),
    /// No screen of an agent's, but who this end user's devices are.
    Devices(EndUserId),
}

/// How much is written to see whether anything can be, in bytes: [`MAX_TEXT`] characters have at most four each.
const PROBE: u64 = 4 * MAX_TEXT as u64;

/// Slots of a new agent.
const MESSAGING_SLOTS: i64 = 3;
const EMAIL_SLOTS: i64 = 5;

/// Carries out a change.
pub(crate) async fn perform(
    db: &mut Writing,
    change: &Change,
    clock: &Clock,
) -> Result<Result<Performed, ChangeRefused>, StoreError> {
    let now = clock.now();
    let mut left = left_by(change);
    let mut devices_of = None;
    let changed = match change {
        Change::Probe => {
            probe(db).await?;
            Changed::Done
        }
        Change::AddAgent {
            name,
            email,
            role,
            group,
        } => Changed::Agent(add_agent(db, name, email, *role, group.as_deref(), now).await?),
        Change::SetPassword { agent, hash } => {
            sign_in::set_password(db, *agent, hash).await?;
            Changed::Agent(*agent)
        }
        Change::OpenLink { agent, token, until } => {
            sign_in::open_link(db, *agent, token, *until).await?;
            Changed::Agent(*agent)
        }
        Change::UseLink {
            token,
            password,
            session,
        } => {
            let Some(agent) = sign_in::use_link(db, token, now).await? else {
                return Ok(Err(ChangeRefused::LinkVoid));
            };
            sign_in::set_password(db, agent, password).await?;
            sign_in::open_session(db, agent, session, now).await?;
            Changed::Agent(agent)
        }
        Change::OpenSession { agent, session } => {
            sign_in::open_session(db, *agent, session, now).await?;
            Changed::Agent(*agent)
        }
        Change::CloseSession { token } => {
            sign_in::close_session(db, token).await?;
            Changed::Done
        }
        Change::SetAvailability { agent, to } => {
            let Some(was) = set_availability(db, *agent, *to).await? else {
                return Ok(Err(ChangeRefused::UnknownAgent));
            };
            left = match follows(was, *to) {
                Follows::TheyGetWork => Some(JobKind::Assign),
                Follows::TheirWorkReturns => Some(JobKind::Return(*agent)),
                Follows::Nothing => None,
            };
            Changed::Agent(*agent)
        }
        Change::SetSlots {
            agent,
            messaging,
            email,
        } => {
            if !set_slots(db, *agent, *messaging, *email).await? {
                return Ok(Err(ChangeRefused::UnknownAgent));
            }
            Changed::Agent(*agent)
        }
        Change::SetSettings(to) => {
            settings::set_settings(db, to).await?;
            Changed::Done
        }
        Change::SaveMacro(it) => match agent_macro::save(db, it).await? {
            Some(id) => Changed::Macro(id),
            None => return Ok(Err(ChangeRefused::UnknownMacro)),
        },
        Change::RemoveMacro(id) => {
            if !agent_macro::remove(db, *id).await? {
                return Ok(Err(ChangeRefused::UnknownMacro));
            }
            Changed::Macro(*id)
        }
        Change::AddGroup { name } => Changed::Group(group_named(db, name).await?),
        Change::AddSite { key, name, origins } => match site::add(db, key, name, origins, now).await? {
            Some(id) => Changed::Site(id),
            None => return Ok(Err(ChangeRefused::SiteKeyTaken)),
        },
        Change::AddToken { email, name, token } => {
            let Some(agent) = agent_of(db, email).await? else {
                return Ok(Err(ChangeRefused::UnknownAgent));
            };
            key::add_token(db, agent, name, token, now).await?;
            Changed::Agent(agent)
        }
        Change::AddKey {
            site,
            kid,
            scope,
            secret,
        } => {
            let Some(site) = site::id_of(db, site).await? else {
                return Ok(Err(ChangeRefused::UnknownSite));
            };
            let key = SiteKey {
                kid: kid.clone(),
                site,
                scope: *scope,
                secret: secret.clone(),
            };
            key::add_key(db, &key, now).await?;
            Changed::Site(site)
        }
        Change::IntroduceEndUser {
            site,
            external_id,
            name,
            email,
            locale,
        } => {
            let it = Introduction {
                site: *site,
                external_id,
                name: name.as_deref(),
                email: email.as_deref(),
                locale: locale.as_deref(),
            };
            let (id, fresh) = match device::person(db, *site, external_id).await? {
                Some(known) => (known.id, false),
                None => (person::id_of(db, *site, external_id).await?, true),
            };
            end_user::introduce(db, it, id, now).await?;
            Changed::EndUser { id, fresh }
        }
        Change::LogOut { site, secret } => {
            devices_of = device::log_out(db, *site, secret, now).await?;
            Changed::Done
        }
        Change::SweepSecrets { before, limit } => {
            device::sweep(db, *before, *limit).await?;
            Changed::Done
        }
        Change::OpenThread { site, end_user } => {
            let fresh = ChatThreadId(clock.fresh_id()?);
            match end_user::open_thread(db, *site, *end_user, fresh, now).await? {
                Some((id, fresh)) => Changed::Thread { id, fresh },
                None => return Ok(Err(ChangeRefused::UnknownEndUser)),
            }
        }
    };
    let touches = devices_of.map_or_else(|| touches(change, &changed), Touches::Devices);
    let mut script = Script::default();
    match left {
        Some(JobKind::Assign) => job::assign_waiting(&mut script, now),
        Some(JobKind::Return(agent)) => job::return_work(&mut script, agent, now),
        None => {}
    }
    script.run(db).await?;
    Ok(Ok(Performed {
        changed,
        touches,
        wake: left.is_some(),
    }))
}

/// Writes as much as the longest message has, on pages that nobody had: what was written the time before is given back
/// only then, for the time after. An update of what stands already would write none, and find room on a full disk.
async fn probe(db: &mut Writing) -> Result<(), StoreError> {
    let mut script = Script::default();
    script
        .then("INSERT INTO probe (filler) VALUES (zeroblob(?))")
        .with(int(PROBE));
    script.then("DELETE FROM probe WHERE id <> last_insert_rowid()");
    script.run(db).await
}

const fn touches(change: &Change, changed: &Changed) -> Touches {
    match change {
        Change::IntroduceEndUser { .. } => match changed {
            // Agents see the name and the address of whoever asks.
            Changed::EndUser { id, fresh: false } => Touches::EndUser(*id),
            Changed::EndUser { fresh: true, .. }
            | Changed::Done
            | Changed::Agent(_)
            | Changed::Group(_)
            | Changed::Site(_)
            | Changed::Macro(_)
            | Changed::Thread { .. } => Touches::Nothing,
        },
        Change::AddAgent { .. }
        | Change::SetAvailability { .. }
        | Change::SetSlots { .. }
        | Change::AddGroup { .. } => Touches::Agents,
        Change::SetSettings(_) => Touches::Settings,
        Change::SaveMacro(_) | Change::RemoveMacro(_) => Touches::Macros,
        Change::Probe
        | Change::SetPassword { .. }
        | Change::OpenLink { .. }
        | Change::UseLink { .. }
        | Change::OpenSession { .. }
        | Change::CloseSession { .. }
        | Change::AddSite { .. }
        | Change::AddToken { .. }
        | Change::AddKey { .. }
        | Change::LogOut { .. }
        | Change::SweepSecrets { .. }
        | Change::OpenThread { .. } => Touches::Nothing,
    }
}

/// The job that a change leaves: waiting work may find an agent by it. What an availability leaves depends on the one
/// before.
const fn left_by(change: &Change) -> Option<JobKind> {
    match change {
        Change::AddAgent { .. } | Change::SetSlots { .. } | Change::SetSettings(_) => Some(JobKind::Assign),
        Change::SetAvailability { .. }
        | Change::Probe
        | Change::SetPassword { .. }
        | Change::OpenLink { .. }
        | Change::UseLink { .. }
        | Change::OpenSession { .. }
        | Change::CloseSession { .. }
        | Change::SaveMacro(_)
        | Change::RemoveMacro(_)
        | Change::AddGroup { .. }
        | Change::AddSite { .. }
        | Change::AddToken { .. }
        | Change::AddKey { .. }
        | Change::IntroduceEndUser { .. }
        | Change::LogOut { .. }
        | Change::SweepSecrets { .. }
        | Change::OpenThread { .. } => None,
    }
}

async fn add_agent(
    db: &mut Writing,
    its_name: &str,
    email: &str,
    role: Option<Role>,
    group: Option<&str>,
    now: Timestamp,
) -> Result<AgentId, StoreError> {
    let row = sqlx::query(
        "INSERT INTO agent (name, email, role, availability, messaging_max, email_max, idle_since, created_at) \
         VALUES (?1, ?2, coalesce(?3, 'agent'), ?4, ?5, ?6, ?7, ?7) \
         ON CONFLICT (email) DO UPDATE SET name = ?1, role = coalesce(?3, role), disabled_at = NULL RETURNING id",
    )
    .bind(its_name.trim().to_owned())
    .bind(email.trim().to_lowercase())
    .bind(role.map(|role| name(&role)))
    .bind(name(&Availability::Offline))
    .bind(MESSAGING_SLOTS)
    .bind(EMAIL_SLOTS)
    .bind(now.0)
    .fetch_one(db.connection())
    .await?;
    let agent = AgentId(Columns::of(&row, "agent").number("id")?);
    if let Some(group) = group {
        let group = group_named(db, group).await?;
        sqlx::query("INSERT INTO membership (agent, agent_group) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(int(agent.0))
            .bind(int(group.0))
            .execute(db.connection())
            .await?;
    }
    Ok(agent)
}

/// The group of a name, made if there is none such.
async fn group_named(db: &mut Writing, name: &str) -> Result<GroupId, StoreError> {
    let row = sqlx::query(
        "INSERT INTO agent_group (name) VALUES (?1) ON CONFLICT (name) DO UPDATE SET name = ?1 RETURNING id",
    )
    .bind(name.trim().to_owned())
    .fetch_one(db.connection())
    .await?;
    Ok(GroupId(Columns::of(&row, "agent_group").number("id")?))
}

async fn agent_of(db: &mut Writing, email: &str) -> Result<Option<AgentId>, StoreError> {
    let row = sqlx::query(agent::agents!("WHERE a.email = ? AND a.disabled_at IS NULL"))
        .bind(email.trim().to_lowercase())
        .fetch_optional(db.connection())
        .await?;
    Ok(row
        .as_ref()
        .map(agent::account)
        .transpose()?
        .map(|account| account.agent.id))
}

/// Answers what it was before; none where there is no such agent.
async fn set_availability(
    db: &mut Writing,
    agent: AgentId,
    to: Availability,
) -> Result<Option<Availability>, StoreError> {
    let row = sqlx::query(agent::agents!("WHERE a.id = ? AND a.disabled_at IS NULL"))
        .bind(int(agent.0))
        .fetch_optional(db.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    sqlx::query("UPDATE agent SET availability = ? WHERE id = ?")
        .bind(name(&to))
        .bind(int(agent.0))
        .execute(db.connection())
        .await?;
    Ok(Some(agent::account(&row)?.availability))
}

async fn set_slots(db: &mut Writing, agent: AgentId, messaging: u32, email: u32) -> Result<bool, StoreError> {
    let done =
        sqlx::query("UPDATE agent SET messaging_max = ?, email_max = ? WHERE id = ? AND disabled_at IS NULL")
            .bind(messaging)
            .bind(email)
            .bind(int(agent.0))
            .execute(db.connection())
            .await?;
    Ok(done.rows_affected() > 0)
}
