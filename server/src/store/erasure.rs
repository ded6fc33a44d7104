//! Erasures, as rows: what is left of a person (core says what), and the memory that they were erased.

use causerie_core::end_user::EndUser;
use causerie_core::{ChatThreadId, EndUserId, Seq, TicketId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Encode, Row, Sqlite, Type};

use super::codec::{Columns, bytes, int, json};
use super::named::identities;
use super::{Script, SiteId, Store, StoreError, Writing, seed, thread, ticket};

/// How many entries are read at once.
const PAGE: u32 = 500;

/// One of the ids under which a person is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Identity {
    pub(crate) id: EndUserId,
    /// None where the row of a visitor went when they logged in.
    pub(crate) number: Option<u64>,
    pub(crate) erased_at: Option<Timestamp>,
    /// The chat threads that are theirs.
    pub(crate) threads: Vec<ChatThreadId>,
}

/// What was erased with an identity.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Counted {
    pub(crate) messages: u64,
    pub(crate) tickets: u64,
}

/// Every id under which a person is known: their own, and those of the visitors whom logins turned into them (R47).
pub(crate) async fn identities_of(db: &mut Writing, person: EndUserId) -> Result<Vec<Identity>, StoreError> {
    let rows = sqlx::query(concat!(
        "SELECT theirs.id, u.number, u.erased_at FROM (",
        identities!(),
        ") theirs LEFT JOIN end_user u ON u.id = theirs.id"
    ))
    .bind(bytes(person.0))
    .fetch_all(db.connection())
    .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let columns = Columns::of(row, "end_user");
        let id = EndUserId(columns.uuid("id")?);
        all.push(Identity {
            id,
            number: columns.opt_number("number")?,
            erased_at: columns.opt_int("erased_at")?.map(Timestamp),
            threads: threads_of(db, id).await?,
        });
    }
    Ok(all)
}

async fn threads_of(db: &mut Writing, end_user: EndUserId) -> Result<Vec<ChatThreadId>, StoreError> {
    let rows = sqlx::query("SELECT id FROM chat_thread WHERE end_user = ?")
        .bind(bytes(end_user.0))
        .fetch_all(db.connection())
        .await?;
    rows.iter()
        .map(|row| Ok(ChatThreadId(Columns::of(row, "chat_thread").uuid("id")?)))
        .collect()
}

/// Puts tombstones in the place of the entries of a chat thread and of its tickets.
pub(crate) async fn entomb(db: &mut Writing, id: ChatThreadId) -> Result<Counted, StoreError> {
    let mut counted = Counted {
        messages: entomb_log(db, &THREAD_LOG, bytes(id.0)).await?,
        tickets: 0,
    };
    let tickets = sqlx::query("SELECT id FROM ticket WHERE thread = ?")
        .bind(bytes(id.0))
        .fetch_all(db.connection())
        .await?;
    for row in &tickets {
        let ticket = TicketId(Columns::of(row, "ticket").number("id")?);
        entomb_log(db, &TICKET_LOG, int(ticket.0)).await?;
        counted.tickets += 1;
    }
    Ok(counted)
}

/// Nothing is known any more of what the erased have asked, but that their client ids are taken (I06). The largest
/// table is read once for this, however many they are; an index for it would cost every message something.
pub(crate) async fn forget_commands(db: &mut Writing) -> Result<(), StoreError> {
    db.execute(
        "UPDATE command SET payload = x'' WHERE payload <> x'' AND thread IN (\
         SELECT t.id FROM chat_thread t JOIN end_user u ON u.id = t.end_user WHERE u.erased_at IS NOT NULL)",
    )
    .await
}

/// A log whose entries are made tombstones.
struct Log {
    /// Its entries behind a number, in order.
    entries: &'static str,
    /// Writes what is left of one, but whose it is; answers its number.
    left: fn(&SqliteRow, &mut Script) -> Result<Seq, StoreError>,
}

const THREAD_LOG: Log = Log {
    entries: "SELECT seq, session, at, author, text, replies, cid, erased FROM thread_entry \
              WHERE thread = ? AND seq > ? ORDER BY seq LIMIT ?",
    left: |row, script| {
        let left = thread::entry(row)?.tombstone();
        script
            .then(
                "UPDATE thread_entry SET author = ?, text = ?, replies = ?, cid = ?, erased = ? \
                 WHERE seq = ? AND thread = ?",
            )
            .with(json(&left.author))
            .with(left.text)
            .with((!left.replies.is_empty()).then(|| json(&left.replies)))
            .with(left.cid.map(|cid| bytes(cid.0)))
            .with(left.erased)
            .with(int(left.seq.0));
        Ok(left.seq)
    },
};

const TICKET_LOG: Log = Log {
    entries: "SELECT seq, audit, after, at, by, what FROM ticket_entry \
              WHERE ticket = ? AND seq > ? ORDER BY seq LIMIT ?",
    left: |row, script| {
        let left = ticket::entry(row)?.tombstone();
        script
            .then("UPDATE ticket_entry SET by = ?, what = ? WHERE seq = ? AND ticket = ?")
            .with(json(&left.by))
            .with(json(&left.what))
            .with(int(left.seq.0));
        Ok(left.seq)
    },
};

/// Goes through a log, some entries at a time; answers how many it has.
async fn entomb_log<K>(db: &mut Writing, log: &Log, of: K) -> Result<u64, StoreError>
where
    K: Clone + Send + for<'q> Encode<'q, Sqlite> + Type<Sqlite>,
{
    let (mut after, mut count) = (Seq(0), 0);
    loop {
        let rows = sqlx::query(log.entries)
            .bind(of.clone())
            .bind(int(after.0))
            .bind(PAGE)
            .fetch_all(db.connection())
            .await?;
        let mut script = Script::default();
        for row in &rows {
            after = (log.left)(row, &mut script)?;
            script.with(of.clone());
            count += 1;
        }
        script.run(db).await?;
        if rows.len() < PAGE as usize {
            return Ok(count);
        }
    }
}

/// Writes what is left of an end user, to whom no secret leads any more, and remembers the erasure.
pub(crate) async fn bury(
    db: &mut Writing,
    identity: &Identity,
    person: EndUserId,
    counted: Counted,
    now: Timestamp,
) -> Result<(), StoreError> {
    let left = EndUser::anonymous(identity.id, String::new()).tombstone();
    let mut script = Script::default();
    script
        .then(
            "INSERT OR IGNORE INTO erasure (end_user, number, person, at, messages, tickets) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .with(bytes(identity.id.0))
        .with(identity.number.map(int))
        .with(bytes(person.0))
        .with(now.0)
        .with(int(counted.messages))
        .with(int(counted.tickets));
    // Erased again after a restore, they are so since the first time.
    script
        .then(
            "UPDATE end_user SET secret_hash = NULL, external_id = ?, name = ?, email = ?, email_verified = ?, \
             locale = ?, erased_at = (SELECT e.at FROM erasure e WHERE e.end_user = end_user.id) WHERE id = ?",
        )
        .with(left.external_id)
        .with(left.name)
        .with(left.email)
        .with(left.email_verified)
        .with(left.locale)
        .with(bytes(left.id.0));
    script
        .then("DELETE FROM device WHERE end_user = ?")
        .with(bytes(left.id.0));
    script
        .then("UPDATE chat_thread SET current = 0 WHERE end_user = ?")
        .with(bytes(left.id.0));
    script.run(db).await
}

/// Gives the data another epoch: every client forgets what it knows and reads anew (I26).
pub(crate) async fn begin_anew(db: &mut Writing) -> Result<u64, StoreError> {
    let epoch = seed::fresh_epoch()?;
    let mut script = Script::default();
    script.then("UPDATE meta SET epoch = ?").with(int(epoch));
    script.run(db).await?;
    Ok(epoch)
}

/// Who was erased, by what is remembered, and is there all the same, each with the person they were erased with: the
/// data is older than the erasure.
pub(crate) async fn risen(db: &mut Writing) -> Result<Vec<(EndUserId, EndUserId)>, StoreError> {
    let rows = sqlx::query(
        "SELECT u.id, e.person FROM erasure e JOIN end_user u ON u.id = e.end_user WHERE u.erased_at IS NULL",
    )
    .fetch_all(db.connection())
    .await?;
    rows.iter()
        .map(|row| {
            let columns = Columns::of(row, "end_user");
            Ok((EndUserId(columns.uuid("id")?), EndUserId(columns.uuid("person")?)))
        })
        .collect()
}

impl Store {
    /// Whether a person of a site's was erased. Of one of another site's, nothing is told (SECURITY 24); of one who is
    /// not in the data at all, for that is older, no site is known.
    pub(crate) async fn is_erased(&self, site: SiteId, person: EndUserId) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM erasure e WHERE e.end_user = ?1 \
             AND NOT EXISTS (SELECT 1 FROM end_user u WHERE u.id = ?1 AND u.site <> ?2)",
        )
        .bind(bytes(person.0))
        .bind(site.0)
        .fetch_optional(self.readers())
        .await?;
        Ok(row.is_some())
    }
}

/// When a person was erased first.
pub(crate) async fn erased_at(db: &mut Writing, person: EndUserId) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query("SELECT at FROM erasure WHERE end_user = ?")
        .bind(bytes(person.0))
        .fetch_optional(db.connection())
        .await?;
    Ok(row.map(|row| row.try_get(0).map(Timestamp)).transpose()?)
}
