//! End users, as the business knows them.

use causerie_core::{ChatThreadId, EndUserId, TicketId, Timestamp};
use sqlx::sqlite::SqliteRow;

use super::codec::{Columns, bytes, int};
use super::{Script, SiteId, Store, StoreError, Writing};

/// An end user with what the business says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownEndUser {
    /// Which one.
    pub id: EndUserId,
    /// Its number, for APIs whose people have numbers. Agents have numbers of their own.
    pub number: u64,
    /// On which site.
    pub site: SiteId,
    /// How the business names it.
    pub external_id: Option<String>,
    /// A name.
    pub name: Option<String>,
    /// An address.
    pub email: Option<String>,
    /// Whether the site vouches for the address.
    pub email_verified: bool,
    /// The language of the bot's words.
    pub locale: String,
    /// Its chat thread, if it has one; the current one of several.
    pub thread: Option<ChatThreadId>,
    /// When it came.
    pub created_at: Timestamp,
    /// Whether it was erased since: then nothing else is known.
    pub erased: bool,
}

/// What the business says of an end user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Introduction<'a> {
    pub(super) site: SiteId,
    pub(super) external_id: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    pub(super) locale: Option<&'a str>,
}

macro_rules! end_users {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, u.number, u.site, u.external_id, u.name, u.email, u.email_verified, u.locale, u.created_at, \
             u.erased_at, t.id AS t_id FROM end_user u LEFT JOIN chat_thread t ON t.end_user = u.id AND t.current = 1 ",
            $rest
        )
    };
}

impl Store {
    /// An end user of a site, as the site's own software sees them: one who was erased is not there.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn end_user(&self, site: SiteId, id: EndUserId) -> Result<Option<KnownEndUser>, StoreError> {
        let row = sqlx::query(end_users!(
            "WHERE u.site = ? AND u.id = ? AND u.erased_at IS NULL"
        ))
        .bind(site.0)
        .bind(bytes(id.0))
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(end_user).transpose()
    }

    /// The end user whom the business names so.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn end_user_by_external_id(
        &self,
        site: SiteId,
        external_id: &str,
    ) -> Result<Option<KnownEndUser>, StoreError> {
        let row = sqlx::query(end_users!("WHERE u.site = ? AND u.external_id = ?"))
            .bind(site.0)
            .bind(external_id.to_owned())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(end_user).transpose()
    }

    /// The end user of a number.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn end_user_by_number(&self, number: u64) -> Result<Option<KnownEndUser>, StoreError> {
        let row = sqlx::query(end_users!("WHERE u.number = ?"))
            .bind(int(number))
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(end_user).transpose()
    }

    /// The end users of these tickets: who asks for what is in them.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn requesters(
        &self,
        tickets: &[TicketId],
    ) -> Result<Vec<(TicketId, KnownEndUser)>, StoreError> {
        let rows = sqlx::query(
            "SELECT k.id AS k_id, u.id, u.number, u.site, u.external_id, u.name, u.email, u.email_verified, u.locale, u.created_at, \
             u.erased_at, t.id AS t_id FROM ticket k JOIN chat_thread t ON t.id = k.thread JOIN end_user u ON u.id = t.end_user \
             WHERE k.id IN (SELECT value FROM json_each(?))",
        )
        .bind(super::codec::json(&tickets))
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    TicketId(Columns::of(row, "ticket").number("k_id")?),
                    end_user(row)?,
                ))
            })
            .collect()
    }
}

/// Introduces an end user, or adds to what is known of one. Answers which, and whether it is new.
pub(super) async fn introduce(
    db: &mut Writing,
    it: Introduction<'_>,
    id: EndUserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO end_user (id, site, external_id, name, email, locale, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, 'en'), ?7) \
         ON CONFLICT (site, external_id) WHERE external_id IS NOT NULL DO UPDATE SET \
         name = coalesce(?4, name), email = coalesce(?5, email), locale = coalesce(?6, locale)",
    )
    .bind(bytes(id.0))
    .bind(it.site.0)
    .bind(it.external_id.to_owned())
    .bind(it.name.map(str::to_owned))
    .bind(it.email.map(str::to_owned))
    .bind(it.locale.map(str::to_owned))
    .bind(now.0)
    .execute(db.connection())
    .await?;
    Ok(())
}

/// Opens the chat thread of an end user, or finds it. None where there is no such end user.
pub(super) async fn open_thread(
    db: &mut Writing,
    site: SiteId,
    id: EndUserId,
    fresh: ChatThreadId,
    now: Timestamp,
) -> Result<Option<(ChatThreadId, bool)>, StoreError> {
    let row = sqlx::query(
        "SELECT t.id FROM end_user u LEFT JOIN chat_thread t ON t.end_user = u.id AND t.current = 1 \
         WHERE u.site = ? AND u.id = ? AND u.erased_at IS NULL",
    )
    .bind(site.0)
    .bind(bytes(id.0))
    .fetch_optional(db.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    if let Some(known) = Columns::of(&row, "chat_thread").opt_uuid("id")? {
        return Ok(Some((ChatThreadId(known), false)));
    }
    let mut script = Script::default();
    script
        .then(
            "INSERT INTO chat_thread (id, end_user, current, head, last_at, read_upto, conversations, created_at) \
             VALUES (?, ?, 1, 0, ?, 0, 0, ?)",
        )
        .with(bytes(fresh.0))
        .with(bytes(id.0))
        .with(now.0)
        .with(now.0);
    script.run(db).await?;
    Ok(Some((fresh, true)))
}

/// Moves the end user's read mark, which only grows and never passes the head (I30).
pub(crate) fn read_upto(script: &mut Script, thread: ChatThreadId, upto: causerie_core::Seq) {
    script
        .then("UPDATE chat_thread SET read_upto = max(read_upto, min(?, head)) WHERE id = ?")
        .with(int(upto.0))
        .with(bytes(thread.0));
}

fn end_user(row: &SqliteRow) -> Result<KnownEndUser, StoreError> {
    let columns = Columns::of(row, "end_user");
    Ok(KnownEndUser {
        id: EndUserId(columns.uuid("id")?),
        number: columns.number("number")?,
        site: SiteId(columns.int("site")?),
        external_id: columns.opt_text("external_id")?,
        name: columns.opt_text("name")?,
        email: columns.opt_text("email")?,
        email_verified: columns.int("email_verified")? != 0,
        locale: columns.text("locale")?,
        thread: columns.opt_uuid("t_id")?.map(ChatThreadId),
        created_at: Timestamp(columns.int("created_at")?),
        erased: columns.opt_int("erased_at")?.is_some(),
    })
}
