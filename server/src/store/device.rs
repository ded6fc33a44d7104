//! Devices: the secrets by which identified people are known, and those that a login has retired (R47).

use causerie_core::conversation::Conversation;
use causerie_core::end_user::EndUser;
use causerie_core::{EndUserId, Timestamp};
use sqlx::SqliteExecutor;

use super::codec::{Columns, bytes};
use super::conversation::{conversation, conversation_columns};
use super::head::end_user;
use super::{EndUserIdentity, Script, SecretHash, SiteId, Store, StoreError, Writing};

/// What a visitor's secret stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// An anonymous visitor, be they known or not yet.
    Anonymous,
    /// An identified end user, until then.
    Device {
        /// Who.
        end_user: EndUserId,
        /// Until when.
        until: Timestamp,
    },
    /// Nobody any more: a login has taken its place.
    Retired,
}

/// Why a secret opens nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shut {
    /// The login's time is over.
    Expired,
    /// See [`Standing::Retired`].
    Retired,
    /// Nothing is known of the login that it was believed to stand for (its data was restored, or swept).
    Unknown,
    /// Whom it was believed to stand for is erased.
    Erased,
}

impl Standing {
    /// Until when it stands for whom it stands for, where that has an end.
    #[must_use]
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::Device { until, .. } => Some(until),
            Self::Anonymous | Self::Retired => None,
        }
    }

    /// Why a device that believes to be this person's is mistaken, if it is.
    #[must_use]
    pub fn contradicts(self, believed: EndUserId, is_erased: bool) -> Option<Shut> {
        match self {
            Self::Device { end_user, .. } if end_user == believed => None,
            Self::Anonymous | Self::Device { .. } | Self::Retired if is_erased => Some(Shut::Erased),
            Self::Anonymous | Self::Device { .. } => Some(Shut::Unknown),
            Self::Retired => Some(Shut::Retired),
        }
    }

    /// Whom it opens anything for at this time: an identified end user, or the anonymous one whose it is.
    ///
    /// # Errors
    /// Why it opens nothing.
    pub fn at(self, now: Timestamp) -> Result<Option<EndUserId>, Shut> {
        match self {
            Self::Anonymous => Ok(None),
            Self::Device { end_user, until } if now < until => Ok(Some(end_user)),
            Self::Device { .. } => Err(Shut::Expired),
            Self::Retired => Err(Shut::Retired),
        }
    }
}

/// The columns that [`read_standing`] reads, of `device d` and `retired_secret r`.
macro_rules! standing_columns {
    () => {
        "d.end_user AS d_end_user, d.expires_at, r.person"
    };
}
pub(super) use standing_columns;

/// Joins what [`standing_columns`] reads, by site `?2` and hash `?3`.
macro_rules! standing_joins {
    () => {
        " LEFT JOIN device d ON d.site = ?2 AND d.secret_hash = ?3 \
         LEFT JOIN retired_secret r ON r.site = ?2 AND r.secret_hash = ?3 "
    };
}
pub(super) use standing_joins;

/// The end user of a secret, of site `?2` and hash `?3`, be its time over or not: for one that opens nothing is
/// refused before this is asked.
macro_rules! end_user_of_secret {
    () => {
        "coalesce((SELECT v.end_user FROM device v WHERE v.site = ?2 AND v.secret_hash = ?3), \
         (SELECT i.id FROM end_user i WHERE i.site = ?2 AND i.secret_hash = ?3))"
    };
}
pub(super) use end_user_of_secret;

/// Reads [`standing_columns`].
pub(super) fn read_standing(columns: &Columns<'_>) -> Result<Standing, StoreError> {
    if columns.opt_uuid("person")?.is_some() {
        return Ok(Standing::Retired);
    }
    Ok(match columns.opt_uuid("d_end_user")? {
        Some(end_user) => Standing::Device {
            end_user: EndUserId(end_user),
            until: Timestamp(columns.int("expires_at")?),
        },
        None => Standing::Anonymous,
    })
}

impl Store {
    /// What a visitor's secret stands for.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn standing(&self, who: &EndUserIdentity) -> Result<Standing, StoreError> {
        standing_by(self.readers(), who.site, &who.secret_hash).await
    }

    /// Why a device that believes to be this person's is mistaken, if it is.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn contradicts(
        &self,
        who: &EndUserIdentity,
        believed: EndUserId,
    ) -> Result<Option<Shut>, StoreError> {
        let standing = self.standing(who).await?;
        if standing.contradicts(believed, false).is_none() {
            return Ok(None);
        }
        let is_erased = self.is_erased(who.site, believed).await?;
        Ok(standing.contradicts(believed, is_erased))
    }

    /// Whether there is anything for [`sweep`].
    pub(crate) async fn has_old_secrets(&self, before: Timestamp) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM device WHERE expires_at < ?1) OR EXISTS (SELECT 1 FROM retired_secret \
             WHERE end_user IS NULL AND retired_at < ?1) AS old",
        )
        .bind(before.0)
        .fetch_one(self.readers())
        .await?;
        Ok(Columns::of(&row, "device").int("old")? != 0)
    }
}

/// What a secret stands for, as the writer sees it.
pub(crate) async fn standing(
    db: &mut Writing,
    site: SiteId,
    secret: &SecretHash,
) -> Result<Standing, StoreError> {
    standing_by(db.connection(), site, secret).await
}

async fn standing_by(
    db: impl SqliteExecutor<'_>,
    site: SiteId,
    secret: &SecretHash,
) -> Result<Standing, StoreError> {
    let sql = concat!(
        "SELECT ?1, ",
        standing_columns!(),
        " FROM (SELECT 1)",
        standing_joins!()
    );
    let row = sqlx::query(sql)
        .bind(0)
        .bind(site.0)
        .bind(secret.to_vec())
        .fetch_one(db)
        .await?;
    read_standing(&Columns::of(&row, "device"))
}

/// The anonymous end user of a secret, if they have written.
pub(crate) async fn anonymous(
    db: &mut Writing,
    site: SiteId,
    secret: &SecretHash,
) -> Result<Option<EndUserId>, StoreError> {
    let row = sqlx::query("SELECT id FROM end_user WHERE site = ? AND secret_hash = ?")
        .bind(site.0)
        .bind(secret.to_vec())
        .fetch_optional(db.connection())
        .await?;
    row.map(|row| Ok(EndUserId(Columns::of(&row, "end_user").uuid("id")?)))
        .transpose()
}

/// The end user whom a site names so.
pub(crate) async fn person(
    db: &mut Writing,
    site: SiteId,
    external_id: &str,
) -> Result<Option<EndUser>, StoreError> {
    let row = sqlx::query(
        "SELECT id AS u_id, external_id, name, email, email_verified, locale, erased_at FROM end_user \
         WHERE site = ? AND external_id = ?",
    )
    .bind(site.0)
    .bind(external_id.to_owned())
    .fetch_optional(db.connection())
    .await?;
    row.map(|row| end_user(&Columns::of(&row, "end_user")))
        .transpose()
}

/// An end user.
pub(crate) async fn end_user_by_id(db: &mut Writing, id: EndUserId) -> Result<EndUser, StoreError> {
    let row = sqlx::query(
        "SELECT id AS u_id, external_id, name, email, email_verified, locale, erased_at FROM end_user WHERE id = ?",
    )
    .bind(bytes(id.0))
    .fetch_one(db.connection())
    .await?;
    end_user(&Columns::of(&row, "end_user"))
}

/// What of an end user's is neither ended nor closed, as its rows say, in whichever of their chat threads.
pub(crate) async fn live_of(db: &mut Writing, person: EndUserId) -> Result<Vec<Conversation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        conversation_columns!(),
        " FROM chat_thread t JOIN conversation c ON c.thread = t.id LEFT JOIN ticket k ON k.session = c.id \
         WHERE t.end_user = ? AND c.live = 1"
    );
    let rows = sqlx::query(sql)
        .bind(bytes(person.0))
        .fetch_all(db.connection())
        .await?;
    rows.iter()
        .map(|row| conversation(&Columns::of(row, "conversation")))
        .collect()
}

/// Writes an identified end user as they are now, new or known.
pub(crate) fn write_person(script: &mut Script, site: SiteId, it: &EndUser, now: Timestamp) {
    script
        .then(
            "INSERT INTO end_user (id, site, external_id, name, email, email_verified, locale, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
             email = excluded.email, email_verified = excluded.email_verified, locale = excluded.locale",
        )
        .with(bytes(it.id.0))
        .with(site.0)
        .with(it.external_id.clone())
        .with(it.name.clone())
        .with(it.email.clone())
        .with(it.email_verified)
        .with(it.locale.clone())
        .with(now.0);
}

/// Makes a secret a device of an end user's until then, or lets it be one for longer.
pub(crate) fn log_in_device(
    script: &mut Script,
    who: &EndUserIdentity,
    end_user: EndUserId,
    until: Timestamp,
) {
    script
        .then(
            "INSERT INTO device (site, secret_hash, end_user, expires_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (site, secret_hash) DO UPDATE SET expires_at = max(expires_at, excluded.expires_at)",
        )
        .with(who.site.0)
        .with(who.secret_hash.to_vec())
        .with(bytes(end_user.0))
        .with(until.0);
}

/// Takes out devices whose login was over by then, and secrets retired by then behind which nobody had written.
pub(super) async fn sweep(db: &mut Writing, before: Timestamp, limit: u32) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM device WHERE (site, secret_hash) IN (SELECT site, secret_hash FROM device \
         WHERE expires_at < ? ORDER BY expires_at LIMIT ?)",
        "DELETE FROM retired_secret WHERE (site, secret_hash) IN (SELECT site, secret_hash FROM retired_secret \
         WHERE end_user IS NULL AND retired_at < ? ORDER BY retired_at LIMIT ?)",
    ] {
        sqlx::query(sql)
            .bind(before.0)
            .bind(limit)
            .execute(db.connection())
            .await?;
    }
    Ok(())
}

/// Whether an end user has tickets, in whichever of their chat threads.
pub(crate) async fn has_tickets(db: &mut Writing, person: EndUserId) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM chat_thread t JOIN ticket k ON k.thread = t.id WHERE t.end_user = ?) AS has",
    )
    .bind(bytes(person.0))
    .fetch_one(db.connection())
    .await?;
    Ok(Columns::of(&row, "ticket").int("has")? != 0)
}

/// Lets a secret open nothing from now on; `was` is the anonymous end user whose it was, if they had written.
pub(crate) fn retire(
    script: &mut Script,
    site: SiteId,
    secret: &SecretHash,
    was: Option<EndUserId>,
    person: EndUserId,
    now: Timestamp,
) {
    script
        .then("DELETE FROM device WHERE site = ? AND secret_hash = ?")
        .with(site.0)
        .with(secret.to_vec());
    script
        .then("UPDATE end_user SET secret_hash = NULL WHERE site = ? AND secret_hash = ?")
        .with(site.0)
        .with(secret.to_vec());
    script
        .then("INSERT INTO retired_secret (site, secret_hash, end_user, person, retired_at) VALUES (?, ?, ?, ?, ?)")
        .with(site.0)
        .with(secret.to_vec())
        .with(was.map(|was| bytes(was.0)))
        .with(bytes(person.0))
        .with(now.0);
}

/// Ends a login on a device: its secret opens nothing any more. Answers whose it was.
pub(super) async fn log_out(
    db: &mut Writing,
    site: SiteId,
    secret: &SecretHash,
    now: Timestamp,
) -> Result<Option<EndUserId>, StoreError> {
    let Standing::Device { end_user, .. } = standing(db, site, secret).await? else {
        return Ok(None);
    };
    let mut script = Script::default();
    retire(&mut script, site, secret, None, end_user, now);
    script.run(db).await?;
    Ok(Some(end_user))
}
