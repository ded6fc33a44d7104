//! Chat threads and their log, as readers see them.

use causerie_core::conversation::Conversation;
use causerie_core::message::ThreadEntry;
use causerie_core::wire::end_user::SessionReport;
use causerie_core::{ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId, Timestamp};
use sqlx::sqlite::SqliteRow;

use super::codec::{Columns, bytes, int};
use super::conversation::{conversation, conversation_columns};
use super::device::end_user_of_secret;
use super::{EndUserIdentity, SiteId, Store, StoreError};

/// Where a chat thread stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ThreadHead {
    /// Which one.
    pub thread: ChatThreadId,
    /// Whose.
    pub end_user: EndUserId,
    /// The last number of its log.
    pub head: Seq,
    /// Up to where the end user has read.
    pub read: Seq,
    /// Its latest conversation.
    pub latest: Option<Conversation>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the last entry of either of its logs was committed.
    pub last_at: Timestamp,
}

impl ThreadHead {
    /// The latest session's state, as the end user's side is told.
    #[must_use]
    pub fn session(&self) -> Option<SessionReport> {
        self.latest.as_ref().map(SessionReport::of)
    }
}

macro_rules! heads {
    ($where:expr) => {
        concat!(
            "SELECT t.id AS t_id, t.end_user, t.head, t.last_at, t.read_upto, t.created_at AS t_created_at, ",
            conversation_columns!(),
            " FROM chat_thread t JOIN end_user u ON u.id = t.end_user \
             LEFT JOIN conversation c ON c.thread = t.id AND c.number = t.conversations \
             LEFT JOIN ticket k ON k.session = c.id WHERE ",
            $where
        )
    };
}

macro_rules! entries {
    ($where:literal) => {
        concat!(
            "SELECT seq, session, at, author, text, replies, cid, erased FROM thread_entry WHERE ",
            $where
        )
    };
}

impl Store {
    /// The chat thread of a visitor, the current one if they have several; none before the first message (R01).
    ///
    /// # Errors
    /// The store's faults.
    pub async fn thread_of(&self, who: &EndUserIdentity) -> Result<Option<ThreadHead>, StoreError> {
        let row = sqlx::query(heads!(concat!(
            "?1 = 0 AND t.current = 1 AND u.id = ",
            end_user_of_secret!()
        )))
        .bind(0)
        .bind(who.site.0)
        .bind(who.secret_hash.to_vec())
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(head).transpose()
    }

    /// A chat thread of a site, as the site's own software sees it: that of whoever was erased is not there.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn thread(&self, site: SiteId, thread: ChatThreadId) -> Result<Option<ThreadHead>, StoreError> {
        let row = sqlx::query(heads!("u.site = ? AND t.id = ? AND u.erased_at IS NULL"))
            .bind(site.0)
            .bind(bytes(thread.0))
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(head).transpose()
    }

    /// The chat threads of an end user of a site, the newest first.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn threads_of(&self, site: SiteId, end_user: EndUserId) -> Result<Vec<ThreadHead>, StoreError> {
        let rows = sqlx::query(heads!(
            "u.site = ? AND u.id = ? AND u.erased_at IS NULL ORDER BY t.created_at DESC"
        ))
        .bind(site.0)
        .bind(bytes(end_user.0))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(head).collect()
    }

    /// The last number of a thread log; 0 where there is none.
    ///
    /// # Errors
    /// The store's faults.
    pub(crate) async fn head_of(&self, thread: ChatThreadId) -> Result<Seq, StoreError> {
        let row = sqlx::query("SELECT head FROM chat_thread WHERE id = ?")
            .bind(bytes(thread.0))
            .fetch_optional(self.readers())
            .await?;
        row.map_or(Ok(Seq(0)), |row| {
            Ok(Seq(Columns::of(&row, "chat_thread").number("head")?))
        })
    }

    /// The entries of a thread log after a number, in order, at most `limit`.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn thread_entries(
        &self,
        thread: ChatThreadId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<ThreadEntry>, StoreError> {
        let rows = sqlx::query(entries!("thread = ? AND seq > ? ORDER BY seq LIMIT ?"))
            .bind(bytes(thread.0))
            .bind(int(after.0))
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(entry).collect()
    }

    /// The entries of a thread log before a number, in order, the last `limit` of them.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn thread_entries_before(
        &self,
        thread: ChatThreadId,
        before: Seq,
        limit: u32,
    ) -> Result<Vec<ThreadEntry>, StoreError> {
        let rows = sqlx::query(entries!("thread = ? AND seq < ? ORDER BY seq DESC LIMIT ?"))
            .bind(bytes(thread.0))
            .bind(int(before.0))
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        rows.iter().rev().map(entry).collect()
    }

    /// The entries of one session after a number, in order: what agents see of a ticket's chat.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn session_entries(
        &self,
        thread: ChatThreadId,
        session: SessionId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<ThreadEntry>, StoreError> {
        // A session's entries are consecutive: from its first number to before the next session's.
        let rows = sqlx::query(entries!(
            "thread = ?1 AND seq > ?3 \
             AND seq >= (SELECT first FROM conversation WHERE id = ?2 AND thread = ?1) \
             AND session = ?2 \
             AND seq < coalesce((SELECT n.first FROM conversation c \
                 JOIN conversation n ON n.thread = c.thread AND n.number = c.number + 1 \
                 WHERE c.id = ?2), 9223372036854775807) \
             ORDER BY seq LIMIT ?4"
        ))
        .bind(bytes(thread.0))
        .bind(bytes(session.0))
        .bind(int(after.0))
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(entry).collect()
    }
}

fn head(row: &SqliteRow) -> Result<ThreadHead, StoreError> {
    let columns = Columns::of(row, "chat_thread");
    let latest = match columns.opt_uuid("c_id")? {
        Some(_) => Some(conversation(&Columns::of(row, "conversation"))?),
        None => None,
    };
    Ok(ThreadHead {
        thread: ChatThreadId(columns.uuid("t_id")?),
        end_user: EndUserId(columns.uuid("end_user")?),
        head: Seq(columns.number("head")?),
        read: Seq(columns.number("read_upto")?),
        latest,
        created_at: Timestamp(columns.int("t_created_at")?),
        last_at: Timestamp(columns.int("last_at")?),
    })
}

/// Reads an entry.
pub(super) fn entry(row: &SqliteRow) -> Result<ThreadEntry, StoreError> {
    let columns = Columns::of(row, "thread_entry");
    Ok(ThreadEntry {
        seq: Seq(columns.number("seq")?),
        at: Timestamp(columns.int("at")?),
        session: SessionId(columns.uuid("session")?),
        author: columns.json("author")?,
        text: columns.text("text")?,
        replies: columns.opt_json("replies")?.unwrap_or_default(),
        cid: columns.opt_uuid("cid")?.map(ClientMessageId),
        erased: columns.int("erased")? != 0,
    })
}
