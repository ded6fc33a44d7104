//! What machines show: tokens for the Support API, keys of a site.

use super::agent::{account, agents};
use super::codec::{Columns, name};
use super::{AgentAccount, SecretHash, SiteId, Store, StoreError, Writing};
use causerie_core::{AgentId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a key is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Signs end users' tokens.
    User,
    /// Opens the Conversations API.
    App,
}

/// A key of a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteKey {
    /// Its id.
    pub kid: String,
    /// Whose.
    pub site: SiteId,
    /// What for.
    pub scope: KeyScope,
    /// The secret as it was printed.
    pub secret: String,
}

impl Store {
    /// The agent for whom a token speaks.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn agent_of_token(&self, token: &SecretHash) -> Result<Option<AgentAccount>, StoreError> {
        let row = sqlx::query(agents!(
            "JOIN api_token p ON p.agent = a.id WHERE p.token_hash = ? AND a.disabled_at IS NULL"
        ))
        .bind(token.to_vec())
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(account).transpose()
    }

    /// The key of an id.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn site_key(&self, kid: &str) -> Result<Option<SiteKey>, StoreError> {
        let row = sqlx::query("SELECT kid, site, scope, secret FROM site_key WHERE kid = ?")
            .bind(kid.to_owned())
            .fetch_optional(self.readers())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let columns = Columns::of(&row, "site_key");
        Ok(Some(SiteKey {
            kid: columns.text("kid")?,
            site: SiteId(columns.int("site")?),
            scope: columns.named("scope")?,
            secret: columns.text("secret")?,
        }))
    }
}

/// Adds a token.
pub(super) async fn add_token(
    db: &mut Writing,
    agent: AgentId,
    label: &str,
    token: &SecretHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO api_token (token_hash, agent, name, created_at) VALUES (?, ?, ?, ?)")
        .bind(token.to_vec())
        .bind(super::codec::int(agent.0))
        .bind(label.to_owned())
        .bind(now.0)
        .execute(db.connection())
        .await?;
    Ok(())
}

/// Adds a key.
pub(super) async fn add_key(db: &mut Writing, key: &SiteKey, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO site_key (kid, site, scope, secret, created_at) VALUES (?, ?, ?, ?, ?)")
        .bind(key.kid.clone())
        .bind(key.site.0)
        .bind(name(&key.scope))
        .bind(key.secret.clone())
        .bind(now.0)
        .execute(db.connection())
        .await?;
    Ok(())
}
