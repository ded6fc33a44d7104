//! Jobs: what is to be done after the commit that wrote them.

use causerie_core::conversation::Timer;
use causerie_core::{AgentId, ChatThreadId, Seq, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

use super::codec::{self, Columns};
use super::{Script, Store, StoreError, Writing};

/// Why a public reply by email waits.
pub const NO_MAIL_SERVER: &str = "no mail server is set up";

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum JobKind {
    /// Look at the queue (R33).
    Assign,
    /// Take the work back from an agent who went offline (R34).
    Return(AgentId),
}

/// A job to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) kind: JobKind,
}

#[derive(Serialize, Deserialize)]
struct Return {
    agent: AgentId,
}

#[derive(Serialize, Deserialize)]
struct Email {
    ticket: TicketId,
    entry: Seq,
}

/// Writes the job to look at the queue; asked for again before it is done, it is one job still.
pub(super) fn assign_waiting(script: &mut Script, now: Timestamp) {
    script
        .then("INSERT OR REPLACE INTO job (kind, key, payload, due_at) VALUES ('assign', 'assign', '{}', ?)")
        .with(now.0);
}

/// Writes the job to take an agent's work back.
pub(super) fn return_work(script: &mut Script, agent: AgentId, now: Timestamp) {
    script
        .then("INSERT OR REPLACE INTO job (kind, key, payload, due_at) VALUES ('return', ?, ?, ?)")
        .with(format!("return:{agent}"))
        .with(codec::json(&Return { agent }))
        .with(now.0);
}

/// Writes the job to send a public reply by email. It waits for a mail server.
pub(super) fn send_email(script: &mut Script, ticket: TicketId, entry: Seq, now: Timestamp) {
    script
        .then("INSERT INTO job (kind, key, payload, due_at, waiting) VALUES ('email', ?, ?, ?, ?)")
        .with(format!("email:{ticket}:{entry}"))
        .with(codec::json(&Email { ticket, entry }))
        .with(now.0)
        .with(NO_MAIL_SERVER);
}

/// Takes away the jobs to send a ticket's public replies by email.
pub(super) fn forget_emails(script: &mut Script, ticket: TicketId) {
    script
        .then("DELETE FROM job WHERE kind = 'email' AND key GLOB ?")
        .with(format!("email:{ticket}:*"));
}

/// Takes a job away that was done. One that was asked for again meanwhile has another id, and stays.
pub(crate) async fn finish(db: &mut Writing, job: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM job WHERE id = ?")
        .bind(job)
        .execute(db.connection())
        .await?;
    Ok(())
}

impl Store {
    /// The public replies of a ticket that wait to be sent, by their numbers in its log, and what they wait for (R28).
    ///
    /// # Errors
    /// The store's faults.
    pub async fn waiting_emails(&self, ticket: TicketId) -> Result<Vec<(Seq, String)>, StoreError> {
        let rows = sqlx::query(
            "SELECT payload, waiting FROM job \
             WHERE kind = 'email' AND waiting IS NOT NULL AND key GLOB ? ORDER BY id",
        )
        .bind(format!("email:{ticket}:*"))
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::of(row, "job");
                Ok((columns.json::<Email>("payload")?.entry, columns.text("waiting")?))
            })
            .collect()
    }

    /// Jobs that nothing keeps waiting, in the order in which they were asked for. None is put off, so the clock is not
    /// asked: set back, it would put off all of them (I31).
    pub(crate) async fn jobs_to_do(&self) -> Result<Vec<Job>, StoreError> {
        // By name, so that it is refused rather than done by reading all that waits.
        let rows = sqlx::query(
            "SELECT id, kind, payload FROM job INDEXED BY job_to_do WHERE waiting IS NULL \
             AND kind IN ('assign', 'return') ORDER BY id LIMIT 100",
        )
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::of(row, "job");
                let kind = match columns.text("kind")?.as_str() {
                    "return" => JobKind::Return(columns.json::<Return>("payload")?.agent),
                    _ => JobKind::Assign,
                };
                Ok(Job {
                    id: columns.int("id")?,
                    kind,
                })
            })
            .collect()
    }

    /// Chat threads whose live conversation only the bot has, and in which nothing was said since `before` (R44).
    pub(crate) async fn forgotten(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<ChatThreadId>, StoreError> {
        let rows = sqlx::query(
            "SELECT thread FROM conversation \
             WHERE live = 1 AND progress IS NOT NULL AND last_message_at <= ? ORDER BY last_message_at LIMIT ?",
        )
        .bind(before.0)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|row| Ok(ChatThreadId(Columns::of(row, "conversation").uuid("thread")?)))
            .collect()
    }

    /// Tickets whose timer runs since `before` or longer: the partial indexes name each timer as it is written here.
    pub(crate) async fn timed(
        &self,
        timer: Timer,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<TicketId>, StoreError> {
        let due = match timer {
            Timer::Silence => {
                "SELECT k.id FROM conversation c JOIN ticket k ON k.session = c.id \
                 WHERE c.timer = 'silence' AND c.silent_since <= ? ORDER BY c.silent_since LIMIT ?"
            }
            Timer::Closing => {
                "SELECT k.id FROM conversation c JOIN ticket k ON k.session = c.id \
                 WHERE c.timer = 'closing' AND c.status_since <= ? ORDER BY c.status_since LIMIT ?"
            }
        };
        let rows = sqlx::query(due)
            .bind(before.0)
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| Ok(TicketId(Columns::of(row, "ticket").number("id")?)))
            .collect()
    }
}
