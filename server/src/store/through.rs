//! Reads all of a database through, and says what does not fit together, by table and row: `causerie check`, a start
//! for which no sums vouch, a backup before it is put back.
//!
//! First SQLite looks at its pages and at what names what. Then every row is read as the server reads it, each log is
//! dense up to its head (I24), and folded it is its rows (I33).

use std::collections::BTreeMap;
use std::path::Path;

use causerie_core::conversation::Conversation;
use causerie_core::message::ThreadEntry;
use causerie_core::settings::Settings;
use causerie_core::ticket::Ticket;
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::{ChatThreadId, Seq, SessionId, TicketId};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::codec::Columns;
use super::connect::Reading;
use super::conversation::{conversation, conversation_columns};
use super::{StoreError, agent, agent_macro, migrate, thread, ticket};

/// After so many faults the rest is no news.
const MOST: usize = 100;

/// How many chat threads, or tickets, are read at once.
const BATCH: u32 = 200;

/// Reads a database through, beside whoever writes; answers what is wrong, a line each. `tell` hears how far it is, in
/// chat threads of how many.
///
/// # Errors
/// When it cannot be read at all, or is a newer build's.
pub async fn check(database: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<Vec<String>, StoreError> {
    let mut db = Reading::open(database).await?;
    let version = migrate::version(db.connection()).await?;
    migrate::not_newer(database, version)?;
    let found = on_one_state(db.connection(), tell).await;
    db.close().await;
    found
}

/// What is wrong first, in a line; none where all is well.
pub(super) async fn read_through(db: &mut SqliteConnection) -> Result<Option<String>, StoreError> {
    Ok(on_one_state(db, &mut |_, _| {}).await?.into_iter().next())
}

/// Reads all of it in one state, whatever is written meanwhile: of two states, a log can be longer than its head says.
async fn on_one_state(
    db: &mut SqliteConnection,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Vec<String>, StoreError> {
    sqlx::query("BEGIN").execute(&mut *db).await?;
    let found = faults(db, tell).await;
    let done = sqlx::query("ROLLBACK").execute(db).await;
    let found = found?;
    done?;
    Ok(found)
}

async fn faults(
    db: &mut SqliteConnection,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Vec<String>, StoreError> {
    let mut found = Found(Vec::new());
    torn(db, &mut found).await?;
    // Of a version that is not this one's only SQLite knows what it has to look like; of torn pages nobody does.
    if found.0.is_empty() && migrate::version(db).await? == migrate::known() {
        plain_rows(db, &mut found).await?;
        threads(db, &mut found, tell).await?;
        tickets(db, &mut found).await?;
    }
    Ok(found.0)
}

struct Found(Vec<String>);

impl Found {
    fn add(&mut self, what: String) {
        if !self.is_full() && !self.0.contains(&what) {
            self.0.push(what);
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    /// Takes what was read; what could not be is a fault of this row. A fault of the database is one.
    fn read<T>(&mut self, row: &str, read: Result<T, StoreError>) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(fault) => {
                self.add(if let StoreError::Unreadable { column, why, .. } = &fault {
                    format!("{row}: {column} cannot be read: {why}")
                } else {
                    format!("{row}: {fault}")
                });
                None
            }
        }
    }
}

/// What SQLite itself finds.
async fn torn(db: &mut SqliteConnection, found: &mut Found) -> Result<(), StoreError> {
    for row in sqlx::query("PRAGMA integrity_check").fetch_all(&mut *db).await? {
        let said: String = row.try_get(0)?;
        for line in said
            .lines()
            .filter(|line| *line != "ok" && !line.starts_with("***"))
        {
            found.add(line.to_owned());
        }
    }
    if found.0.is_empty() {
        for row in sqlx::query("PRAGMA foreign_key_check")
            .fetch_all(&mut *db)
            .await?
        {
            let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
            found.add(format!("{table}: a row names one of {parent} that is not there"));
        }
    }
    Ok(())
}

/// The tables whose rows stand for themselves: how each is read.
async fn plain_rows(db: &mut SqliteConnection, found: &mut Found) -> Result<(), StoreError> {
    type Read = fn(&SqliteRow) -> Result<(), StoreError>;
    let tables: [(&str, &'static str, Read); 6] = [
        ("meta", "SELECT 1 AS row, settings FROM meta", |row| {
            Columns::of(row, "meta").json::<Settings>("settings").map(drop)
        }),
        (
            "agent",
            concat!("SELECT it.id AS row, it.* FROM (", agent::agents!(""), ") it"),
            |row| agent::account(row).map(drop),
        ),
        (
            "agent_macro",
            "SELECT id AS row, definition FROM agent_macro",
            |row| agent_macro::definition(row).map(drop),
        ),
        ("site", "SELECT id AS row, origins FROM site", |row| {
            Columns::of(row, "site").json::<Vec<String>>("origins").map(drop)
        }),
        ("job", "SELECT id AS row, payload FROM job", |row| {
            Columns::of(row, "job")
                .json::<serde_json::Value>("payload")
                .map(drop)
        }),
        (
            "end_user",
            "SELECT number AS row, id, secret_hash FROM end_user",
            |row| {
                let columns = Columns::of(row, "end_user");
                columns.uuid("id")?;
                columns.opt_hash("secret_hash").map(drop)
            },
        ),
    ];
    for (table, sql, read) in tables {
        for row in sqlx::query(sql).fetch_all(&mut *db).await? {
            let its: i64 = row.try_get("row")?;
            found.read(&format!("{table} {its}"), read(&row));
        }
    }
    let erasures = "SELECT u.number FROM end_user u LEFT JOIN erasure e ON e.end_user = u.id \
                    WHERE (u.erased_at IS NULL) <> (e.at IS NULL) ORDER BY u.number";
    for row in sqlx::query(erasures).fetch_all(&mut *db).await? {
        let number: i64 = row.try_get(0)?;
        found.add(format!(
            "end_user {number}: its row and the table erasure differ about whether it was erased"
        ));
    }
    let left = "SELECT e.thread, e.seq FROM thread_entry e JOIN chat_thread t ON t.id = e.thread \
                JOIN end_user u ON u.id = t.end_user WHERE (u.erased_at IS NULL) <> (e.erased = 0) LIMIT ?";
    for row in sqlx::query(left)
        .bind(i64::try_from(MOST).unwrap_or(i64::MAX))
        .fetch_all(&mut *db)
        .await?
    {
        let (thread, seq): (Vec<u8>, i64) = (row.try_get(0)?, row.try_get(1)?);
        found.add(format!(
            "thread_entry {} {seq}: it and its end user differ about whether it was erased",
            hex(&thread)
        ));
    }
    let commands = "SELECT cid, outcome FROM command WHERE NOT json_valid(outcome) OR length(cid) <> 16";
    for row in sqlx::query(commands).fetch_all(&mut *db).await? {
        let cid: Vec<u8> = row.try_get(0)?;
        found.add(format!("command {}: its outcome cannot be read", hex(&cid)));
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A chat thread's row, as far as its log says the same.
struct Thread {
    head: u64,
    read: u64,
    conversations: u64,
}

/// Chat threads, their conversations and their logs.
async fn threads(
    db: &mut SqliteConnection,
    found: &mut Found,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<(), StoreError> {
    let of: i64 = sqlx::query("SELECT count(*) FROM chat_thread")
        .fetch_one(&mut *db)
        .await?
        .try_get(0)?;
    let (mut after, mut done) = (Vec::new(), 0_u64);
    loop {
        let rows = sqlx::query(
            "SELECT id, head, read_upto, conversations FROM chat_thread WHERE id > ? ORDER BY id LIMIT ?",
        )
        .bind(after.clone())
        .bind(BATCH)
        .fetch_all(&mut *db)
        .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        let upto: Vec<u8> = last.try_get("id")?;
        let mut conversations = conversations(db, found, &after, &upto).await?;
        let mut logs = thread_logs(db, found, &after, &upto).await?;
        for row in &rows {
            let columns = Columns::of(row, "chat_thread");
            let id: Vec<u8> = row.try_get("id")?;
            let name = format!("chat_thread {}", hex(&id));
            let read = (|| {
                Ok((
                    ChatThreadId(columns.uuid("id")?),
                    Thread {
                        head: columns.number("head")?,
                        read: columns.number("read_upto")?,
                        conversations: columns.number("conversations")?,
                    },
                ))
            })();
            if let Some((id, thread)) = found.read(&name, read) {
                let its = conversations.remove(&id).unwrap_or_default();
                let log = logs.remove(&id).unwrap_or_default();
                one_thread(&name, &thread, &its, &log, found);
            }
        }
        done += rows.len() as u64;
        tell(done, u64::try_from(of).unwrap_or_default());
        if found.is_full() {
            return Ok(());
        }
        after = upto;
    }
}

async fn conversations(
    db: &mut SqliteConnection,
    found: &mut Found,
    after: &[u8],
    upto: &[u8],
) -> Result<BTreeMap<ChatThreadId, Vec<Conversation>>, StoreError> {
    let sql = concat!(
        "SELECT c.thread, c.live, ",
        conversation_columns!(),
        " FROM conversation c LEFT JOIN ticket k ON k.session = c.id \
         WHERE c.thread > ? AND c.thread <= ? ORDER BY c.thread, c.number"
    );
    let rows = sqlx::query(sql)
        .bind(after.to_vec())
        .bind(upto.to_vec())
        .fetch_all(&mut *db)
        .await?;
    let mut all: BTreeMap<ChatThreadId, Vec<Conversation>> = BTreeMap::new();
    for row in &rows {
        let columns = Columns::of(row, "conversation");
        let id: Vec<u8> = row.try_get("c_id")?;
        // A ticket is read with its conversation: what is wrong with either is told of the one with a number.
        let ticket: Option<i64> = row.try_get("k_id")?;
        let name = ticket.map_or_else(
            || format!("conversation {}", hex(&id)),
            |ticket| format!("ticket {ticket}"),
        );
        let read = (|| {
            Ok((
                ChatThreadId(columns.uuid("thread")?),
                columns.int("live")?,
                conversation(&columns)?,
            ))
        })();
        if let Some((thread, live, it)) = found.read(&name, read) {
            if (live != 0) != it.is_live() {
                found.add(format!(
                    "{name}: live is {live}, and the session and the ticket say otherwise"
                ));
            }
            all.entry(thread).or_default().push(it);
        }
    }
    Ok(all)
}

async fn thread_logs(
    db: &mut SqliteConnection,
    found: &mut Found,
    after: &[u8],
    upto: &[u8],
) -> Result<BTreeMap<ChatThreadId, Vec<ThreadEntry>>, StoreError> {
    let rows = sqlx::query(
        "SELECT thread, seq, session, at, author, text, replies, cid, erased FROM thread_entry \
         WHERE thread > ? AND thread <= ? ORDER BY thread, seq",
    )
    .bind(after.to_vec())
    .bind(upto.to_vec())
    .fetch_all(&mut *db)
    .await?;
    let mut all: BTreeMap<ChatThreadId, Vec<ThreadEntry>> = BTreeMap::new();
    for row in &rows {
        let (id, seq): (Vec<u8>, i64) = (row.try_get("thread")?, row.try_get("seq")?);
        let name = format!("thread_entry {} {seq}", hex(&id));
        if let (Ok(thread), Some(entry)) = (Uuid::from_slice(&id), found.read(&name, thread::entry(row))) {
            all.entry(ChatThreadId(thread)).or_default().push(entry);
        }
    }
    Ok(all)
}

fn one_thread(name: &str, row: &Thread, its: &[Conversation], log: &[ThreadEntry], found: &mut Found) {
    if log.len() as u64 != row.head || !log.iter().map(|entry| entry.seq.0).eq(1..=row.head) {
        found.add(format!("{name}: its log is not numbered from 1 to {}", row.head));
    }
    if !log.is_sorted_by_key(|entry| entry.at) {
        found.add(format!("{name}: in its log time goes back"));
    }
    if row.read > row.head {
        found.add(format!("{name}: read up to {}, past its head", row.read));
    }
    if its.len() as u64 != row.conversations {
        found.add(format!(
            "{name}: {} conversations, and its row says {}",
            its.len(),
            row.conversations
        ));
    }
    let sessions: Vec<SessionId> = log
        .chunk_by(|one, next| one.session == next.session)
        .filter_map(|of| of.first())
        .map(|entry| entry.session)
        .collect();
    if !sessions.iter().eq(its.iter().map(|it| &it.id)) {
        found.add(format!(
            "{name}: its log holds other sessions than there are, or in another order"
        ));
        return;
    }
    for it in its {
        let of = |entry: &&ThreadEntry| entry.session == it.id;
        if log.iter().find(of).is_some_and(|first| first.seq != it.first) {
            found.add(format!(
                "conversation {}: it begins at another number than its first message",
                it.id
            ));
        }
        if log
            .iter()
            .rev()
            .find(of)
            .is_some_and(|last| last.at != it.last_message_at)
        {
            found.add(format!(
                "conversation {}: its last message is of another time",
                it.id
            ));
        }
    }
}

/// Tickets and their logs.
async fn tickets(db: &mut SqliteConnection, found: &mut Found) -> Result<(), StoreError> {
    let mut after = 0;
    loop {
        let sql = concat!(
            "SELECT k.thread AS k_thread, c.thread AS c_thread, t.head AS t_head, ",
            conversation_columns!(),
            " FROM ticket k JOIN conversation c ON c.id = k.session JOIN chat_thread t ON t.id = k.thread \
             WHERE k.id > ? ORDER BY k.id LIMIT ?"
        );
        let rows = sqlx::query(sql)
            .bind(after)
            .bind(BATCH)
            .fetch_all(&mut *db)
            .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        let upto: i64 = last.try_get("k_id")?;
        let mut logs = ticket_logs(db, found, after, upto).await?;
        for row in &rows {
            let its: i64 = row.try_get("k_id")?;
            let name = format!("ticket {its}");
            let columns = Columns::of(row, "ticket");
            let read = (|| {
                let same = columns.uuid("k_thread")? == columns.uuid("c_thread")?;
                Ok((same, Seq(columns.number("t_head")?), conversation(&columns)?))
            })();
            let Some((same, head, it)) = found.read(&name, read) else {
                continue;
            };
            if !same {
                found.add(format!("{name}: its session is of another chat thread"));
            }
            if let Some(ticket) = it.ticket() {
                let log = logs.remove(&ticket.id).unwrap_or_default();
                one_ticket(&name, &it, ticket, head, &log, found);
            }
        }
        if found.is_full() {
            return Ok(());
        }
        after = upto;
    }
}

async fn ticket_logs(
    db: &mut SqliteConnection,
    found: &mut Found,
    after: i64,
    upto: i64,
) -> Result<BTreeMap<TicketId, Vec<TicketEntry>>, StoreError> {
    let rows = sqlx::query(
        "SELECT ticket, seq, audit, after, at, by, what FROM ticket_entry \
         WHERE ticket > ? AND ticket <= ? ORDER BY ticket, seq",
    )
    .bind(after)
    .bind(upto)
    .fetch_all(&mut *db)
    .await?;
    let mut all: BTreeMap<TicketId, Vec<TicketEntry>> = BTreeMap::new();
    for row in &rows {
        let (id, seq): (i64, i64) = (row.try_get("ticket")?, row.try_get("seq")?);
        let name = format!("ticket_entry {id} {seq}");
        if let Some(entry) = found.read(&name, ticket::entry(row)) {
            all.entry(TicketId(u64::try_from(id).unwrap_or_default()))
                .or_default()
                .push(entry);
        }
    }
    Ok(all)
}

fn one_ticket(
    name: &str,
    of: &Conversation,
    ticket: &Ticket,
    thread_head: Seq,
    log: &[TicketEntry],
    found: &mut Found,
) {
    if log.len() as u64 != ticket.head.0 || !log.iter().map(|entry| entry.seq.0).eq(1..=ticket.head.0) {
        found.add(format!(
            "{name}: its log is not numbered from 1 to {}",
            ticket.head
        ));
        return;
    }
    if !log.is_sorted_by_key(|entry| (entry.after, entry.at))
        || log.iter().any(|entry| entry.after > thread_head)
    {
        found.add(format!(
            "{name}: its log is not in the order of its chat thread's"
        ));
    }
    if ticket.folded(log) != *ticket {
        found.add(format!("{name}: its log, folded, is not its row"));
    }
    let ended = log
        .iter()
        .find(|entry| matches!(entry.what, TicketEvent::SessionEnded { .. }));
    if of.session.ended().map(|end| end.at) != ended.map(|entry| entry.at) {
        found.add(format!(
            "{name}: its session's row and its log differ about the end"
        ));
    }
}
