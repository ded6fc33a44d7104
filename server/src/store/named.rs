//! Whom an operator means: an end user by id, by number, or by the site's name for them, for the commands that export
//! and erase a person.
//!
//! A visitor who has logged in since is the person they turned out to be (R47): what stayed behind with the visitor is
//! the person's as well.

use core::fmt;
use std::collections::BTreeMap;

use causerie_core::{EndUserId, Timestamp};
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::codec::{Columns, bytes};
use super::{CutOff, Store, StoreError, person};

/// An end user as an operator knows them again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// Which one.
    pub id: EndUserId,
    /// The number.
    pub number: u64,
    /// How the site names them.
    pub external_id: Option<String>,
    /// A name.
    pub name: Option<String>,
    /// An address.
    pub email: Option<String>,
    /// The site's name.
    pub site: String,
    /// The site's key.
    pub site_key: String,
    /// How many chat threads are theirs, those that stayed behind at a login among them.
    pub threads: u64,
    /// How many entries their thread logs have.
    pub messages: u64,
    /// How many tickets they have.
    pub tickets: u64,
    /// When they came.
    pub created_at: Timestamp,
    /// When the last entry of any of their logs was written.
    pub last_at: Option<Timestamp>,
    /// When they were erased.
    pub erased_at: Option<Timestamp>,
}

/// Why nobody is meant.
#[derive(Debug)]
pub enum NamedFault {
    /// Nobody is named so.
    Nobody,
    /// Whoever was, by an id or a number, was erased then, and the data is of before they came: a backup was put back.
    Erased(Timestamp),
    /// Several are.
    Several(Vec<Named>),
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "end user {}", self.number)?;
        if let Some(name) = &self.name {
            write!(f, " “{name}”")?;
        }
        if let Some(email) = &self.email {
            write!(f, " <{email}>")?;
        }
        if let Some(external_id) = &self.external_id {
            write!(f, ", external_id “{external_id}”")?;
        }
        write!(f, ", of the site “{}” ({})", self.site, self.site_key)
    }
}

impl fmt::Display for NamedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str(
                "No end user has this id. Give the Customer ID that the workspace shows, the number that the APIs show, \
                 or the name that your site gives them (external_id).",
            ),
            Self::Erased(_) => f.write_str(
                "This end user was erased, and the data that was put back since does not know them: nothing of them is \
                 in it.",
            ),
            Self::Several(those) => {
                let those: Vec<String> = those.iter().map(|it| format!("{} ({it})", it.id)).collect();
                write!(f, "Several end users are named so. Give one of these ids: {}.", those.join("; "))
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NamedFault {}

impl From<StoreError> for NamedFault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for NamedFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// The end user whom an operator means by an id, a number, or the site's name for them. A name that nobody has any
    /// more is that of whoever had it last, and is erased.
    ///
    /// # Errors
    /// When nobody is named so, or several are; and the store's faults.
    pub async fn named(&self, name: &str) -> Result<Named, NamedFault> {
        let mut db = self.readers().acquire().await?;
        named(&mut db, name).await
    }

    /// Of the erasures that were cut off the one that may be of somebody whose name this person has now: of whoever had
    /// it before; or, where that does not follow from their id, of anybody before this person came.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn cut_off_before<'c>(
        &self,
        whose: &Named,
        cut_off: &'c [CutOff],
    ) -> Result<Option<&'c CutOff>, StoreError> {
        let Some(name) = &whose.external_id else {
            return Ok(None);
        };
        let mut db = self.readers().acquire().await?;
        let before = person::erased_of_name(&mut db, name).await?;
        Ok(cut_off.iter().find(|it| {
            before.iter().any(|(_, id)| *id == it.id)
                || (!person::is_of_a_name(it.id) && it.at <= whose.created_at)
        }))
    }
}

/// Every id under which a person `?1` is known: their own, and those of the visitors whom logins turned into them.
macro_rules! identities {
    () => {
        "SELECT ?1 AS id UNION SELECT end_user FROM retired_secret WHERE person = ?1 AND end_user IS NOT NULL"
    };
}
pub(super) use identities;

/// The one whom a name means. An id is nobody else's; a number may be somebody else's `external_id`. A visitor is
/// themself for as long as the person they turned out to be is not there, whom a restore has taken away.
pub(super) async fn named(db: &mut SqliteConnection, name: &str) -> Result<Named, NamedFault> {
    let mut ids = Vec::new();
    if let Ok(id) = name.parse::<Uuid>() {
        let known = "SELECT p.id FROM retired_secret r JOIN end_user p ON p.id = r.person WHERE r.end_user = ?1 \
                     UNION ALL SELECT u.id FROM end_user u WHERE u.id = ?1 LIMIT 1";
        ids = sqlx::query(known).bind(bytes(id)).fetch_all(&mut *db).await?;
    }
    if ids.is_empty() {
        let known = "SELECT DISTINCT coalesce(p.id, u.id) AS id FROM end_user u \
                     LEFT JOIN retired_secret r ON r.end_user = u.id LEFT JOIN end_user p ON p.id = r.person \
                     WHERE u.number = ?1 OR u.external_id = ?2 ORDER BY u.number";
        ids = sqlx::query(known)
            .bind(name.parse::<i64>().ok())
            .bind(name.to_owned())
            .fetch_all(&mut *db)
            .await?;
    }
    let mut whom = Vec::with_capacity(ids.len());
    for row in &ids {
        whom.push(Columns::of(row, "end_user").uuid("id")?);
    }
    if whom.is_empty() {
        whom = last_erased(db, name).await?;
    }
    let mut those = Vec::with_capacity(whom.len());
    for id in whom {
        those.push(known_as(db, id).await?);
    }
    match those.pop() {
        None => Err(match erased_before(db, name).await? {
            Some(at) => NamedFault::Erased(at),
            None => NamedFault::Nobody,
        }),
        Some(one) if those.is_empty() => Ok(one),
        Some(last) => {
            those.push(last);
            Err(NamedFault::Several(those))
        }
    }
}

/// Who had a name last that nobody has: they are erased, and are there still, unless a restore is of before they came.
async fn last_erased(db: &mut SqliteConnection, name: &str) -> Result<Vec<Uuid>, StoreError> {
    let mut last = BTreeMap::new();
    for (site, id) in person::erased_of_name(db, name).await? {
        let row = sqlx::query("SELECT 1 FROM end_user WHERE id = ?")
            .bind(bytes(id.0))
            .fetch_optional(&mut *db)
            .await?;
        if row.is_some() {
            last.insert(site, id.0);
        }
    }
    Ok(last.into_values().collect())
}

/// When whoever had this id or number was erased, by what is remembered of it.
async fn erased_before(db: &mut SqliteConnection, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query("SELECT at FROM erasure WHERE end_user = ?1 OR number = ?2 ORDER BY at LIMIT 1")
        .bind(name.parse::<Uuid>().ok().map(bytes))
        .bind(name.parse::<i64>().ok())
        .fetch_optional(&mut *db)
        .await?;
    row.map(|row| Ok(Timestamp(Columns::of(&row, "erasure").int("at")?)))
        .transpose()
}

async fn known_as(db: &mut SqliteConnection, id: Uuid) -> Result<Named, StoreError> {
    let row = sqlx::query(concat!(
        "WITH theirs (id) AS (",
        identities!(),
        "), thread (id, head, last_at) AS (\
             SELECT t.id, t.head, t.last_at FROM chat_thread t JOIN theirs ON theirs.id = t.end_user) \
         SELECT u.number, u.external_id, u.name, u.email, u.created_at, u.erased_at, s.name AS site, s.key AS site_key, \
             (SELECT count(*) FROM thread) AS threads, \
             (SELECT coalesce(sum(head), 0) FROM thread) AS messages, \
             (SELECT max(last_at) FROM thread WHERE head > 0) AS last_at, \
             (SELECT count(*) FROM ticket k JOIN thread ON thread.id = k.thread) AS tickets \
         FROM end_user u JOIN site s ON s.id = u.site WHERE u.id = ?1"
    ))
    .bind(bytes(id))
    .fetch_one(&mut *db)
    .await?;
    let columns = Columns::of(&row, "end_user");
    Ok(Named {
        id: EndUserId(id),
        number: columns.number("number")?,
        external_id: columns.opt_text("external_id")?,
        name: columns.opt_text("name")?,
        email: columns.opt_text("email")?,
        site: columns.text("site")?,
        site_key: columns.text("site_key")?,
        threads: columns.number("threads")?,
        messages: columns.number("messages")?,
        tickets: columns.number("tickets")?,
        created_at: Timestamp(columns.int("created_at")?),
        last_at: columns.opt_int("last_at")?.map(Timestamp),
        erased_at: columns.opt_int("erased_at")?.map(Timestamp),
    })
}
