//! A chat thread as the writer loads it: its head, its latest conversation, and the one that a command names. One
//! statement, which looks up the command's client id as well.

use causerie_core::chat_thread::ChatThread;
use causerie_core::end_user::EndUser;
use causerie_core::{ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId, TicketId, Timestamp};

use super::codec::{self, Columns};
use super::command::{self, Known};
use super::conversation::{conversation, conversation_columns};
use super::device::{self, Standing, end_user_of_secret, standing_columns, standing_joins};
use super::{EndUserIdentity, SiteId, StoreError, Whose, Writing};

/// Which chat thread is wanted, and which of its conversations besides the latest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'a> {
    /// The current one of a visitor.
    Of(&'a EndUserIdentity, Option<SessionId>),
    /// That of an anonymous end user, with all of its conversations.
    Whole(EndUserId),
    /// This one.
    Thread(ChatThreadId),
    /// This one, with all of its conversations.
    WholeThread(ChatThreadId),
    /// That of a ticket.
    Ticket(TicketId),
}

/// What the writer finds before it decides.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What came of a command of the same client id before.
    pub(crate) known: Option<Known>,
    /// What the visitor's secret stands for; of whoever is no visitor, nothing is asked.
    pub(crate) standing: Standing,
    /// The chat thread.
    pub(crate) head: Option<Head>,
}

/// A chat thread with what is beside it in its rows.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) thread: ChatThread,
    pub(crate) site: SiteId,
    /// Who listens to it; nobody to a chat thread that is not its end user's current one.
    pub(crate) whose: Option<Whose>,
    pub(crate) read: Seq,
    /// How many conversations it has.
    pub(crate) conversations: u64,
    /// When each loaded ticket was created and last changed.
    pub(crate) ticket_times: Vec<(TicketId, Timestamp, Timestamp)>,
}

macro_rules! load {
    ($standing:expr, $joins:expr, $thread:expr, $number:literal) => {
        concat!(
            // Who logs in asks after what they sent before as well.
            "SELECT (SELECT f.person FROM retired_secret f WHERE f.end_user = m.sender) AS became, \
             m.sender, m.payload, m.thread AS m_thread, m.outcome, \
             t.id AS t_id, t.current, t.head, t.last_at, t.read_upto, t.conversations, \
             u.id AS u_id, u.site, u.secret_hash, u.external_id, u.name, u.email, u.email_verified, u.locale, \
             u.erased_at, ",
            $standing,
            conversation_columns!(),
            " FROM (SELECT 1) \
             LEFT JOIN command m ON m.cid = ?1 ",
            $joins,
            "LEFT JOIN chat_thread t ON t.id = ",
            $thread,
            " LEFT JOIN end_user u ON u.id = t.end_user \
             LEFT JOIN conversation c ON c.thread = t.id AND c.number ",
            $number,
            " LEFT JOIN ticket k ON k.session = c.id \
             ORDER BY c.number"
        )
    };
}

const OF: &str = load!(
    concat!(standing_columns!(), ", "),
    standing_joins!(),
    concat!(
        "(SELECT h.id FROM chat_thread h WHERE h.current = 1 AND h.end_user = ",
        end_user_of_secret!(),
        ")"
    ),
    "IN (t.conversations, (SELECT n.number FROM conversation n WHERE n.id = ?4))"
);
const THREAD: &str = load!("", "", "?2", "= t.conversations");
const WHOLE_THREAD: &str = load!("", "", "?2", "> 0");
const TICKET: &str = load!(
    "",
    "",
    "(SELECT x.thread FROM ticket x WHERE x.id = ?2)",
    "IN (t.conversations, \
     (SELECT n.number FROM ticket x JOIN conversation n ON n.id = x.session WHERE x.id = ?2))"
);
const WHOLE: &str = load!(
    "",
    "",
    "(SELECT h.id FROM chat_thread h WHERE h.current = 1 AND h.end_user = ?2)",
    "> 0"
);

/// Looks up a client id and loads a chat thread.
pub(crate) async fn load(
    db: &mut Writing,
    cid: Option<ClientMessageId>,
    wanted: Wanted<'_>,
) -> Result<Loaded, StoreError> {
    let cid = cid.map(|cid| codec::bytes(cid.0));
    let query = match wanted {
        Wanted::Of(who, session) => sqlx::query(OF)
            .bind(cid)
            .bind(who.site.0)
            .bind(who.secret_hash.to_vec())
            .bind(session.map(|session| codec::bytes(session.0))),
        Wanted::Whole(end_user) => sqlx::query(WHOLE).bind(cid).bind(codec::bytes(end_user.0)),
        Wanted::Thread(thread) => sqlx::query(THREAD).bind(cid).bind(codec::bytes(thread.0)),
        Wanted::WholeThread(thread) => sqlx::query(WHOLE_THREAD).bind(cid).bind(codec::bytes(thread.0)),
        Wanted::Ticket(ticket) => sqlx::query(TICKET).bind(cid).bind(codec::int(ticket.0)),
    };
    let rows = query.fetch_all(db.connection()).await?;
    let mut loaded = Loaded {
        known: None,
        standing: Standing::Anonymous,
        head: None,
    };
    let Some(first) = rows.first() else {
        return Ok(loaded);
    };
    loaded.known = command::known(&Columns::of(first, "command"))?;
    match wanted {
        Wanted::Of(..) => loaded.standing = device::read_standing(&Columns::of(first, "device"))?,
        Wanted::Whole(_) | Wanted::Thread(_) | Wanted::WholeThread(_) | Wanted::Ticket(_) => {}
    }
    let columns = Columns::of(first, "chat_thread");
    let Some(id) = columns.opt_uuid("t_id")?.map(ChatThreadId) else {
        return Ok(loaded);
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
    let end_user = end_user(&user)?;
    let whose = whose(&user, end_user.id)?;
    loaded.head = Some(Head {
        thread: ChatThread {
            id,
            end_user,
            head: Seq(columns.number("head")?),
            last_at: Timestamp(columns.int("last_at")?),
            conversations,
        },
        site,
        whose,
        read: Seq(columns.number("read_upto")?),
        conversations: columns.number("conversations")?,
        ticket_times,
    });
    Ok(loaded)
}

/// Who listens to a chat thread, of the columns `current`, `site` and `secret_hash`.
pub(super) fn whose(columns: &Columns<'_>, end_user: EndUserId) -> Result<Option<Whose>, StoreError> {
    if columns.int("current")? == 0 {
        return Ok(None);
    }
    let site = SiteId(columns.int("site")?);
    Ok(Some(match columns.opt_hash("secret_hash")? {
        Some(secret_hash) => Whose::Anonymous { site, secret_hash },
        None => Whose::Identified(end_user),
    }))
}

/// Reads an end user.
pub(super) fn end_user(columns: &Columns<'_>) -> Result<EndUser, StoreError> {
    Ok(EndUser {
        id: EndUserId(columns.uuid("u_id")?),
        external_id: columns.opt_text("external_id")?,
        name: columns.opt_text("name")?,
        email: columns.opt_text("email")?,
        email_verified: columns.int("email_verified")? != 0,
        locale: columns.text("locale")?,
        erased: columns.opt_int("erased_at")?.is_some(),
    })
}
