//! The comparison: what readers of the store see, and what only its own columns tell.

use causerie_core::chat_thread::Outcome;
use causerie_core::routing::assign::{self, Waiting};
use causerie_core::{AgentId, Seq, TicketId};
use causerie_proof::twin::{JobKind, SentBy};
use causerie_server::store::{self, TicketFilter, TicketOrder};
use sqlx::{Connection, Row};
use uuid::Uuid;

use super::both::Both;

/// One conversation, as its columns say.
type Columns = (
    Vec<u8>,
    i64,
    String,
    i64,
    i64,
    i64,
    i64,
    i64,
    Option<String>,
    bool,
    String,
);

/// What came of a client id: its id, its sender, whether its payload is empty, its chat thread.
type Came = (Vec<u8>, Vec<u8>, bool, Vec<u8>, Outcome);

impl Both {
    /// All of it is equal.
    pub(super) async fn are_equal(&self) {
        self.accounts_are_equal().await;
        self.tickets_are_equal().await;
        self.threads_are_equal().await;
        self.people_are_equal().await;
        self.columns_are_equal().await;
    }

    async fn accounts_are_equal(&self) {
        let (store, rows) = (&self.house.store, &self.rows);
        assert_eq!(store.settings().await.unwrap(), rows.settings);
        let macros: Vec<_> = rows.macros.values().cloned().collect();
        assert_eq!(store.macros().await.unwrap(), macros);
        let mut groups: Vec<_> = rows.groups.iter().map(|(id, name)| (*id, name.clone())).collect();
        groups.sort_by(|a, b| a.1.cmp(&b.1));
        assert_eq!(store.groups().await.unwrap(), groups);
        assert_eq!(
            store.agents().await.unwrap(),
            rows.agent_rows(),
            "i33: the agents and their capacity"
        );
        for (id, record) in &rows.agents {
            let account = store.agent(*id).await.unwrap().unwrap();
            assert_eq!(account.agent, record.agent);
            assert_eq!(account.idle_since, record.idle_since, "agent {id}");
        }
    }

    async fn tickets_are_equal(&self) {
        let (store, rows) = (&self.house.store, &self.rows);
        let all = TicketFilter {
            order: TicketOrder::Number,
            limit: 10_000,
            ..TicketFilter::default()
        };
        let tickets = store.tickets(&all).await.unwrap();
        let expected: Vec<_> = rows.ticket_rows().collect();
        assert_eq!(tickets, expected, "the tickets");
        for record in rows.agents.values() {
            let seen = TicketFilter {
                seen_by: Some(record.agent.clone()),
                order: TicketOrder::Changed,
                limit: 10_000,
                ..TicketFilter::default()
            };
            assert_eq!(
                store.tickets(&seen).await.unwrap(),
                rows.seen_by(&record.agent),
                "what {} sees, in order",
                record.agent.name
            );
        }
        let queue: Vec<Waiting> = tickets
            .iter()
            .filter(|row| assign::waits(row.session.state(), row.ticket.status, row.ticket.assignee))
            .map(|row| Waiting {
                ticket: row.ticket.id,
                priority: row.ticket.priority,
                since: row.created_at,
                group: row.ticket.group,
            })
            .collect();
        assert_eq!(queue, rows.waiting(), "i33: the queue");
        for ticket in rows.tickets.keys() {
            let log = store.ticket_entries(*ticket, Seq(0), 10_000).await.unwrap();
            let expected: Vec<_> = rows.ticket_log(*ticket, Seq(0)).cloned().collect();
            assert_eq!(log, expected, "the log of ticket {ticket}");
            let emails: Vec<Seq> = rows
                .jobs
                .values()
                .filter_map(|job| match job.kind {
                    JobKind::Email(of, entry) => (of == *ticket).then_some(entry),
                    JobKind::Assign | JobKind::Return(_) => None,
                })
                .collect();
            let waiting = store.waiting_emails(*ticket).await.unwrap();
            assert_eq!(waiting.into_iter().map(|it| it.0).collect::<Vec<_>>(), emails);
        }
    }

    async fn threads_are_equal(&self) {
        let (store, rows) = (&self.house.store, &self.rows);
        for (id, record) in &rows.threads {
            let site = store::SiteId(rows.site_of(*id).unwrap().0);
            let head = store.thread(site, *id).await.unwrap();
            if rows.end_users[&record.end_user].end_user.erased {
                assert_eq!(head, None, "to the site's own software nothing is there");
            } else {
                let head = head.unwrap();
                assert_eq!(
                    (head.head, head.read, head.last_at, head.end_user),
                    (record.head, record.read, record.last_at, record.end_user)
                );
                assert_eq!(
                    head.latest.as_ref(),
                    rows.latest_of(*id),
                    "the latest conversation"
                );
            }
            let log = store.thread_entries(*id, Seq(0), 10_000).await.unwrap();
            let expected: Vec<_> = rows.thread_log(*id, Seq(0)).cloned().collect();
            assert_eq!(log, expected, "the thread log");
            for conversation in rows.conversations_of(*id) {
                let part = store
                    .session_entries(*id, conversation.id, Seq(0), 10_000)
                    .await
                    .unwrap();
                let expected: Vec<_> = expected
                    .iter()
                    .filter(|entry| entry.session == conversation.id)
                    .cloned()
                    .collect();
                assert_eq!(part, expected, "a session's part of it");
            }
        }
    }

    /// What no reader shows: older conversations, whose timers run, the jobs, what came of each client id.
    async fn columns_are_equal(&self) {
        let rows = &self.rows;
        let mut db = self.reads().await;
        let conversations: Vec<Columns> = sqlx::query_as(
            "SELECT id, number, subject, first, started_at, last_message_at, silent_since, status_since, timer, live, \
             state FROM conversation ORDER BY thread, number",
        )
        .fetch_all(&mut db)
        .await
        .unwrap();
        let expected: Vec<Columns> = rows
            .conversations
            .iter()
            .map(|((_, number), it)| {
                (
                    it.id.0.as_bytes().to_vec(),
                    int(*number),
                    it.subject.clone(),
                    int(it.first.0),
                    it.started_at.0,
                    it.last_message_at.0,
                    it.silent_since.0,
                    it.status_since.0,
                    it.timer().map(|timer| word(&timer)),
                    it.is_live(),
                    word(&it.session.state()),
                )
            })
            .collect();
        assert_eq!(conversations, expected, "every conversation's columns");

        let jobs: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT kind, key, due_at FROM job ORDER BY id")
                .fetch_all(&mut db)
                .await
                .unwrap();
        let expected: Vec<(String, String, i64)> = rows
            .jobs
            .values()
            .map(|job| {
                let (kind, key) = named(job.kind);
                (kind, key, job.due_at.0)
            })
            .collect();
        assert_eq!(jobs, expected, "the jobs, in their order");

        let commands = sqlx::query("SELECT cid, sender, payload, thread, outcome FROM command ORDER BY cid")
            .fetch_all(&mut db)
            .await
            .unwrap();
        let commands: Vec<Came> = commands
            .iter()
            .map(|row| {
                let outcome: String = row.get("outcome");
                (
                    row.get("cid"),
                    row.get("sender"),
                    row.get::<Vec<u8>, _>("payload").is_empty(),
                    row.get("thread"),
                    serde_json::from_str(&outcome).unwrap(),
                )
            })
            .collect();
        let expected: Vec<Came> = rows
            .commands
            .iter()
            .map(|(cid, known)| {
                (
                    blob(cid.0),
                    sender(known.sender),
                    known.payload.is_empty(),
                    blob(known.thread.0),
                    known.outcome,
                )
            })
            .collect();
        assert_eq!(commands, expected, "what came of each client id");
        db.close().await.unwrap();
    }
}

fn named(kind: JobKind) -> (String, String) {
    match kind {
        JobKind::Assign => ("assign".to_owned(), "assign".to_owned()),
        JobKind::Return(AgentId(agent)) => ("return".to_owned(), format!("return:{agent}")),
        JobKind::Email(TicketId(ticket), Seq(entry)) => {
            ("email".to_owned(), format!("email:{ticket}:{entry}"))
        }
    }
}

fn sender(it: SentBy) -> Vec<u8> {
    match it {
        SentBy::EndUser(end_user) => blob(end_user.0),
        SentBy::Agent(agent) => [b"agent", agent.0.to_be_bytes().as_slice()].concat(),
        SentBy::Site(site) => [b"site", site.0.to_be_bytes().as_slice()].concat(),
    }
}

pub(super) fn blob(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

fn word<T: serde::Serialize>(it: &T) -> String {
    serde_json::to_value(it).unwrap().as_str().unwrap().to_owned()
}

pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}
