//! A chat thread as the writer loads it: its head, its latest conversation, and the one that a command names. One
//! statement, which looks up the command's client id as well.

use causerie_core::chat_thread::ChatThread;
use causerie_core::end_user::EndUser;
use causerie_core::{ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId, TicketId, Timestamp};

use super::codec::{self, Columns};
use super::command::{self, Known};
use super::conversation::{conversation, conversation_columns};
use super::{SiteId, StoreError, Writing};
use crate::conversations::EndUserIdentity;
use crate::notifier::Whose;

/// Which chat thread is wanted, and which of its conversations besides the latest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'a> {
    /// That of an anonymous visitor.
    Of(&'a EndUserIdentity, Option<SessionId>),
    /// This one.
    Thread(ChatThreadId),
    /// That of a ticket.
    Ticket(TicketId),
}

/// A chat thread with what is beside it in its rows.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) thread: ChatThread,
    pub(crate) site: SiteId,
    /// Who listens to it; nobody where only the business knows the end user.
    pub(crate) whose: Option<Whose>,
    pub(crate) read: Seq,
    /// How many conversations it has.
    pub(crate) conversations: u64,
    /// When each loaded ticket was created and last changed.
    pub(crate) ticket_times: Vec<(TicketId, Timestamp, Timestamp)>,
}

macro_rules! load {
    ($thread:literal, $named:literal) => {
        concat!(
            "SELECT m.sender, m.payload, m.thread AS m_thread, m.outcome, \
             t.id AS t_id, t.head, t.last_at, t.read_upto, t.conversations, \
             u.id AS u_id, u.site, u.secret_hash, u.name, u.email, u.locale, ",
            conversation_columns!(),
            " FROM (SELECT 1) \
             LEFT JOIN command m ON m.cid = ?1 \
             LEFT JOIN chat_thread t ON t.id = ",
            $thread,
            " LEFT JOIN end_user u ON u.id = t.end_user \
             LEFT JOIN conversation c ON c.thread = t.id AND c.number IN (t.conversations, ",
            $named,
            ") LEFT JOIN ticket k ON k.session = c.id \
             ORDER BY c.number"
        )
    };
}

const OF: &str = load!(
    "(SELECT h.id FROM end_user i JOIN chat_thread h ON h.end_user = i.id WHERE i.site = ?2 AND i.secret_hash = ?3)",
    "(SELECT n.number FROM conversation n WHERE n.id = ?4)"
);
const THREAD: &str = load!("?2", "-1");
const TICKET: &str = load!(
    "(SELECT x.thread FROM ticket x WHERE x.id = ?2)",
    "(SELECT n.number FROM ticket x JOIN conversation n ON n.id = x.session WHERE x.id = ?2)"
);

/// Looks up a client id and loads a chat thread.
pub(crate) async fn load(
    db: &mut Writing,
    cid: Option<ClientMessageId>,
    wanted: Wanted<'_>,
) -> Result<(Option<Known>, Option<Head>), StoreError> {
    let cid = cid.map(|cid| codec::bytes(cid.0));
    let query = match wanted {
        Wanted::Of(who, session) => sqlx::query(OF)
            .bind(cid)
            .bind(who.site.0)
            .bind(who.secret_hash.to_vec())
            .bind(session.map(|session| codec::bytes(session.0))),
        Wanted::Thread(thread) => sqlx::query(THREAD).bind(cid).bind(codec::bytes(thread.0)),
        Wanted::Ticket(ticket) => sqlx::query(TICKET).bind(cid).bind(codec::int(ticket.0)),
    };
    let rows = query.fetch_all(db.connection()).await?;
    let Some(first) = rows.first() else {
        return Ok((None, None));
    };
    let known = command::known(&Columns::of(first, "command"))?;
    let columns = Columns::of(first, "chat_thread");
    let Some(id) = columns.opt_uuid("t_id")?.map(ChatThreadId) else {
        return Ok((known, None));
    };
    let mut conversations = Vec::with_capacity(rows.len());
    let mut ticket_times = Vec::new();
    for row in &rows {
        let columns = Columns::of(row, "conversation");
        if columns.opt_uuid("c_id")?.is_none() {
            continue;
        }
        let conversation = conversation(&columns)?;
        if let Some(ticket) = conversation.ticket() {
            ticket_times.push((
                ticket.id,
                Timestamp(columns.int("k_created_at")?),
                Timestamp(columns.int("k_updated_at")?),
            ));
        }
        conversations.push(conversation);
    }
    let user = Columns::of(first, "end_user");
    let site = SiteId(user.int("site")?);
    let head = Head {
        thread: ChatThread {
            id,
            end_user: EndUser {
                id: EndUserId(user.uuid("u_id")?),
                name: user.opt_text("name")?,
                email: user.opt_text("email")?,
                locale: user.text("locale")?,
            },
            head: Seq(columns.number("head")?),
            last_at: Timestamp(columns.int("last_at")?),
            conversations,
        },
        site,
        whose: user
            .opt_hash("secret_hash")?
            .map(|secret_hash| Whose { site, secret_hash }),
        read: Seq(columns.number("read_upto")?),
        conversations: columns.number("conversations")?,
        ticket_times,
    };
    Ok((known, Some(head)))
}
