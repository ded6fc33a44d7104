//! How agents come in: one-time links, and the sessions that a cookie keeps. Only hashes are kept.

use causerie_core::{AgentId, Timestamp};

use super::agent::{account, agents};
use super::codec::{Columns, int};
use super::{AgentAccount, NewSession, Script, SecretHash, Store, StoreError, Writing};

/// An agent's session, as its cookie shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentSession {
    /// Whose.
    pub agent: AgentAccount,
    /// What a request that changes something has to bear besides the cookie.
    pub csrf: String,
    /// Until when it is good.
    pub until: Timestamp,
}

impl Store {
    /// The session of a cookie's token, if it is good still.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn agent_session(
        &self,
        token: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<AgentSession>, StoreError> {
        let session = sqlx::query("SELECT agent, csrf, expires_at FROM agent_session WHERE token_hash = ?")
            .bind(token.to_vec())
            .fetch_optional(self.readers())
            .await?;
        let Some(session) = session else { return Ok(None) };
        let columns = Columns::of(&session, "agent_session");
        let until = Timestamp(columns.int("expires_at")?);
        if until <= now {
            return Ok(None);
        }
        let Some(agent) = self.agent(AgentId(columns.number("agent")?)).await? else {
            return Ok(None);
        };
        Ok(Some(AgentSession {
            agent,
            csrf: columns.text("csrf")?,
            until,
        }))
    }

    /// The agent for whom a sign-in link is, if it is good still. Looking does not use it up.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn agent_of_link(
        &self,
        token: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<AgentAccount>, StoreError> {
        let row = sqlx::query(agents!(
            "JOIN sign_in_link l ON l.agent = a.id \
             WHERE l.token_hash = ? AND l.expires_at > ? AND a.disabled_at IS NULL"
        ))
        .bind(token.to_vec())
        .bind(now.0)
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(account).transpose()
    }
}

/// Opens a link; those from before are void.
pub(super) async fn open_link(
    db: &mut Writing,
    agent: AgentId,
    token: &SecretHash,
    until: Timestamp,
) -> Result<(), StoreError> {
    let mut script = Script::default();
    script
        .then("DELETE FROM sign_in_link WHERE agent = ?")
        .with(int(agent.0));
    script
        .then("INSERT INTO sign_in_link (token_hash, agent, expires_at) VALUES (?, ?, ?)")
        .with(token.to_vec())
        .with(int(agent.0))
        .with(until.0);
    script.run(db).await
}

/// Uses a link up; none where it is void.
pub(super) async fn use_link(
    db: &mut Writing,
    token: &SecretHash,
    now: Timestamp,
) -> Result<Option<AgentId>, StoreError> {
    let row = sqlx::query("DELETE FROM sign_in_link WHERE token_hash = ? AND expires_at > ? RETURNING agent")
        .bind(token.to_vec())
        .bind(now.0)
        .fetch_optional(db.connection())
        .await?;
    row.map(|row| Ok(AgentId(Columns::of(&row, "sign_in_link").number("agent")?)))
        .transpose()
}

/// Sets a password; every session and every open link of the agent ends by it.
pub(super) async fn set_password(db: &mut Writing, agent: AgentId, hash: &str) -> Result<(), StoreError> {
    let agent = int(agent.0);
    let mut script = Script::default();
    script
        .then("UPDATE agent SET password_hash = ? WHERE id = ?")
        .with(hash.to_owned())
        .with(agent);
    script
        .then("DELETE FROM agent_session WHERE agent = ?")
        .with(agent);
    script
        .then("DELETE FROM sign_in_link WHERE agent = ?")
        .with(agent);
    script.run(db).await
}

/// Opens a session; those that are over are swept out.
pub(super) async fn open_session(
    db: &mut Writing,
    agent: AgentId,
    session: &NewSession,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut script = Script::default();
    script
        .then("DELETE FROM agent_session WHERE expires_at <= ?")
        .with(now.0);
    script
        .then("INSERT INTO agent_session (token_hash, agent, csrf, created_at, expires_at) VALUES (?, ?, ?, ?, ?)")
        .with(session.token.to_vec())
        .with(int(agent.0))
        .with(session.csrf.clone())
        .with(now.0)
        .with(session.until.0);
    script.run(db).await
}

/// Closes a session.
pub(super) async fn close_session(db: &mut Writing, token: &SecretHash) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM agent_session WHERE token_hash = ?")
        .bind(token.to_vec())
        .execute(db.connection())
        .await?;
    Ok(())
}
