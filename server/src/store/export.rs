//! All that is held about one end user, as one JSON document, written as it is read: what a person may ask for
//! (SECURITY 27). On one state of the data, beside whoever writes.
//!
//! Held about others is only what the person's own logs name: agents by the names that customers see. Secrets are
//! nobody's to read, not even as hashes: of devices there is only until when they are known.

use std::io::Write;
use std::path::Path;

use causerie_core::{Seq, Timestamp};
use serde::Serialize;
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::codec::Columns;
use super::connect::Reading;
use super::conversation::{conversation, conversation_columns};
use super::named::{identities, named};
use super::{Named, NamedFault, Store, StoreError, migrate, thread, ticket};

/// How many entries are read at once.
const PAGE: u32 = 500;

/// Why nothing, or not all, was exported.
#[derive(Debug)]
pub enum ExportFault {
    /// Nobody is named so, or several are.
    Named(NamedFault),
    /// It could not be written.
    Written(std::io::Error),
    /// The store failed.
    Store(StoreError),
}

impl core::fmt::Display for ExportFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Named(fault) => fault.fmt(f),
            Self::Written(error) => write!(f, "The document cannot be written: {error}."),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExportFault {}

impl From<NamedFault> for ExportFault {
    fn from(fault: NamedFault) -> Self {
        Self::Named(fault)
    }
}

impl From<StoreError> for ExportFault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for ExportFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<std::io::Error> for ExportFault {
    fn from(error: std::io::Error) -> Self {
        Self::Written(error)
    }
}

/// Writes the document of whoever is named so: by id, by number, or by the site's name for them. With `notes`, what
/// agents wrote among themselves is in it as well. `found` hears who it is before anything is written.
///
/// # Errors
/// Why not; the document is not whole then.
pub async fn export_end_user(
    database: &Path,
    name: &str,
    notes: bool,
    now: Timestamp,
    found: &mut dyn FnMut(&Named),
    out: &mut impl Write,
) -> Result<(), ExportFault> {
    let mut db = Reading::open(database).await?;
    let version = migrate::version(db.connection()).await?;
    migrate::not_newer(database, version)?;
    if version < migrate::known() {
        // Of an older build's data this one cannot read everything before it is brought to its version.
        db.close().await;
        Store::open(database).await?.close().await;
        db = Reading::open(database).await?;
    }
    sqlx::query("BEGIN").execute(db.connection()).await?;
    let written = async {
        let whose = named(db.connection(), name).await?;
        found(&whose);
        document(db.connection(), &whose, notes, now, out).await
    }
    .await;
    db.close().await;
    written
}

async fn document(
    db: &mut SqliteConnection,
    whose: &Named,
    notes: bool,
    now: Timestamp,
    out: &mut impl Write,
) -> Result<(), ExportFault> {
    let id = whose.id.0.as_bytes().to_vec();
    let known = sqlx::query(concat!(
        "SELECT u.id, u.number, s.key AS site_key, u.external_id, u.name, u.email, u.email_verified, u.locale, \
         u.created_at, u.erased_at FROM end_user u JOIN site s ON s.id = u.site WHERE u.id IN (",
        identities!(),
        ") ORDER BY u.id <> ?1, u.number"
    ))
    .bind(id.clone())
    .fetch_all(&mut *db)
    .await?;
    let known = known.iter().map(person).collect::<Result<Vec<_>, _>>()?;
    let (whose, visitors) = known
        .split_first()
        .ok_or(ExportFault::Named(NamedFault::Nobody))?;
    write!(
        out,
        "{{\"format\":1,\"exported_at\":{},\"times\":\"milliseconds since 1970\",\"end_user\":{whose}",
        now.0
    )?;
    // What they were before they logged in, where that has stayed behind (R47).
    let mut list = List::begin(out, "visitors")?;
    for visitor in visitors {
        list.item(out, visitor)?;
    }
    List::end(out)?;
    let devices = sqlx::query("SELECT expires_at FROM device WHERE end_user = ?")
        .bind(id.clone())
        .fetch_all(&mut *db)
        .await?;
    let mut list = List::begin(out, "devices")?;
    for row in &devices {
        let until: i64 = row.try_get(0)?;
        list.item(out, &json!({ "known_until": until }))?;
    }
    List::end(out)?;
    let threads = sqlx::query(concat!(
        "SELECT id, end_user, created_at FROM chat_thread WHERE end_user IN (",
        identities!(),
        ") ORDER BY created_at, id"
    ))
    .bind(id.clone())
    .fetch_all(&mut *db)
    .await?;
    let mut list = List::begin(out, "chat_threads")?;
    for row in &threads {
        list.next(out)?;
        one_thread(db, row, out).await?;
    }
    List::end(out)?;
    let tickets = sqlx::query(concat!(
        "SELECT k.id, k.created_at, k.updated_at FROM ticket k JOIN chat_thread t ON t.id = k.thread \
         WHERE t.end_user IN (",
        identities!(),
        ") ORDER BY k.id"
    ))
    .bind(id)
    .fetch_all(&mut *db)
    .await?;
    let mut list = List::begin(out, "tickets")?;
    for row in &tickets {
        list.next(out)?;
        one_ticket(db, row, notes, out).await?;
    }
    List::end(out)?;
    out.write_all(b"}\n")?;
    out.flush()?;
    Ok(())
}

fn person(row: &SqliteRow) -> Result<serde_json::Value, StoreError> {
    let columns = Columns::of(row, "end_user");
    Ok(json!({
        "id": columns.uuid("id")?,
        "number": columns.int("number")?,
        "site": columns.text("site_key")?,
        "external_id": columns.opt_text("external_id")?,
        "name": columns.opt_text("name")?,
        "email": columns.opt_text("email")?,
        "email_verified": columns.int("email_verified")? != 0,
        "locale": columns.text("locale")?,
        "created_at": columns.int("created_at")?,
        "erased_at": columns.opt_int("erased_at")?,
    }))
}

async fn one_thread(
    db: &mut SqliteConnection,
    row: &SqliteRow,
    out: &mut impl Write,
) -> Result<(), ExportFault> {
    let columns = Columns::of(row, "chat_thread");
    let (id, end_user) = (columns.uuid("id")?, columns.uuid("end_user")?);
    let created_at = columns.int("created_at")?;
    write!(
        out,
        "{{\"id\":\"{id}\",\"end_user\":\"{end_user}\",\"created_at\":{created_at}"
    )?;
    let conversations = sqlx::query(concat!(
        "SELECT ",
        conversation_columns!(),
        " FROM conversation c LEFT JOIN ticket k ON k.session = c.id WHERE c.thread = ? ORDER BY c.number"
    ))
    .bind(id.as_bytes().to_vec())
    .fetch_all(&mut *db)
    .await?;
    let mut list = List::begin(out, "conversations")?;
    for row in &conversations {
        list.item(out, &conversation(&Columns::of(row, "conversation"))?)?;
    }
    List::end(out)?;
    let mut list = List::begin(out, "log")?;
    let mut after = Seq(0);
    loop {
        let page = sqlx::query(
            "SELECT seq, session, at, author, text, replies, cid, erased FROM thread_entry \
             WHERE thread = ? AND seq > ? ORDER BY seq LIMIT ?",
        )
        .bind(id.as_bytes().to_vec())
        .bind(super::codec::int(after.0))
        .bind(PAGE)
        .fetch_all(&mut *db)
        .await?;
        for row in &page {
            let entry = thread::entry(row)?;
            after = entry.seq;
            list.item(out, &entry)?;
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    List::end(out)?;
    out.write_all(b"}")?;
    Ok(())
}

async fn one_ticket(
    db: &mut SqliteConnection,
    row: &SqliteRow,
    notes: bool,
    out: &mut impl Write,
) -> Result<(), ExportFault> {
    let (id, created_at, updated_at): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    write!(
        out,
        "{{\"id\":{id},\"created_at\":{created_at},\"updated_at\":{updated_at}"
    )?;
    let entries =
        sqlx::query("SELECT seq, audit, after, at, by, what FROM ticket_entry WHERE ticket = ? ORDER BY seq")
            .bind(id)
            .fetch_all(&mut *db)
            .await?;
    let mut list = List::begin(out, "log")?;
    for row in &entries {
        let entry = ticket::entry(row)?;
        if notes || !entry.what.is_note() {
            list.item(out, &entry)?;
        }
    }
    List::end(out)?;
    out.write_all(b"}")?;
    Ok(())
}

/// A list under a name, an item at a time.
struct List(bool);

impl List {
    fn begin(out: &mut impl Write, name: &str) -> std::io::Result<Self> {
        write!(out, ",\"{name}\":[")?;
        Ok(Self(true))
    }

    fn next(&mut self, out: &mut impl Write) -> std::io::Result<()> {
        if !std::mem::take(&mut self.0) {
            out.write_all(b",")?;
        }
        Ok(())
    }

    fn item(&mut self, out: &mut impl Write, item: &impl Serialize) -> Result<(), ExportFault> {
        self.next(out)?;
        serde_json::to_writer(out, item).map_err(std::io::Error::from)?;
        Ok(())
    }

    fn end(out: &mut impl Write) -> std::io::Result<()> {
        out.write_all(b"]")
    }
}
