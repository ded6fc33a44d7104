//! A house to test in: a database of its own, the writer, the jobs' worker when asked for, and people.
//!
//! After every request the logs of its chat thread are folded and compared with the rows (I24, I33).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use causerie_core::agent::{Availability, Role};
use causerie_core::bot::Flow;
use causerie_core::chat_thread::Outcome;
use causerie_core::message::{Author, Text, ThreadEntry};
use causerie_core::session::{Placement, SessionState};
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::ticket::{Comment, CommentTo, Update};
use causerie_core::wire::agent::TicketRow;
use causerie_core::wire::end_user::Send;
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, Seq, SessionId, TicketId, Timestamp};
use causerie_server::clock::Clock;
use causerie_server::conversations::{Answer, Conversations, EndUserIdentity, Refusal, Request, Sender};
use causerie_server::jobs::Worker;
use causerie_server::notifier::Notifier;
use causerie_server::store::{Change, Changed, SiteId, Store, TicketFilter};
use tempfile::TempDir;
use tokio::sync::Notify;
use uuid::Uuid;

/// The demo's flow, as it is shipped.
pub(crate) const FLOW: &str = include_str!("../../../flows/demo.toml");

/// A database with all that writes to it.
pub(crate) struct House {
    folder: TempDir,
    pub(crate) store: Store,
    pub(crate) conversations: Conversations,
    pub(crate) notifier: Notifier,
    pub(crate) clock: Clock,
    pub(crate) site: SiteId,
    wake: Arc<Notify>,
}

impl House {
    /// A new installation with a site.
    pub(crate) async fn new() -> Self {
        Self::with_flow(FLOW).await
    }

    /// The same, where the bot goes by this flow file.
    pub(crate) async fn with_flow(flow: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::by_hand(Timestamp(1_800_000_000_000));
        let store = Store::open(&folder.path().join("causerie.db")).await.unwrap();
        let site = Change::AddSite {
            key: "shop".into(),
            name: "Shop".into(),
            origins: Vec::new(),
        };
        let Ok(Ok(Changed::Site(site))) = store.change(site, &clock).await else {
            panic!("no site")
        };
        Self::over(folder, store, clock, site, flow)
    }

    fn over(folder: TempDir, store: Store, clock: Clock, site: SiteId, flow: &str) -> Self {
        let (notifier, wake) = (Notifier::default(), Arc::new(Notify::new()));
        let flow = Arc::new(Flow::parse(flow).unwrap());
        let conversations = Conversations::start(
            store.clone(),
            flow,
            clock.clone(),
            notifier.clone(),
            Arc::clone(&wake),
        );
        Self {
            folder,
            store,
            conversations,
            notifier,
            clock,
            site,
            wake,
        }
    }

    /// The process goes and comes again, over the same file.
    pub(crate) async fn restarted(self) -> Self {
        let Self {
            folder,
            store,
            conversations,
            clock,
            site,
            ..
        } = self;
        drop(conversations);
        store.close().await;
        let store = Store::open(&folder.path().join("causerie.db")).await.unwrap();
        Self::over(folder, store, clock, site, FLOW)
    }

    /// The same, as a server opens it: something vouches for each page.
    pub(crate) async fn served() -> Self {
        let Self {
            folder,
            store,
            conversations,
            clock,
            site,
            ..
        } = Self::new().await;
        store.close().await;
        conversations.close().await;
        let store = Store::open_to_serve(&folder.path().join("causerie.db"), &mut |_, _| {})
            .await
            .unwrap();
        Self::over(folder, store, clock, site, FLOW)
    }

    /// Told to stop, and gone; its files are left.
    pub(crate) async fn stopped(self) -> TempDir {
        self.store.close().await;
        self.conversations.close().await;
        self.folder
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("causerie.db")
    }

    /// Sets the jobs' worker to work.
    pub(crate) fn with_a_worker(self) -> Self {
        tokio::spawn(self.worker().run(Arc::clone(&self.wake)));
        self
    }

    pub(crate) fn worker(&self) -> Worker {
        Worker::new(self.store.clone(), self.conversations.clone(), self.clock.clone())
    }

    /// Asks, and checks that the logs folded are the rows.
    pub(crate) async fn ask(&self, request: Request) -> Result<Answer, Refusal> {
        let answer = self.conversations.ask(request).await?;
        self.logs_fold_into_rows(answer.thread).await;
        Ok(answer)
    }

    pub(crate) async fn change(&self, change: Change) -> Changed {
        self.conversations.change(change).await.unwrap()
    }

    /// An agent of a group, with so many messaging slots, online.
    pub(crate) async fn agent(&self, name: &str, slots: u32) -> Agent {
        self.agent_of(name, slots, None, Role::Agent).await
    }

    pub(crate) async fn agent_of(&self, name: &str, slots: u32, group: Option<&str>, role: Role) -> Agent {
        let added = Change::AddAgent {
            name: name.to_owned(),
            email: format!("{name}@shop.example"),
            role: Some(role),
            group: group.map(str::to_owned),
        };
        let Changed::Agent(agent) = self.change(added).await else {
            panic!("no agent")
        };
        self.change(Change::SetSlots {
            agent,
            messaging: slots,
            email: 5,
        })
        .await;
        self.change(Change::SetAvailability {
            agent,
            to: Availability::Online,
        })
        .await;
        Agent(agent)
    }

    /// A visitor by a secret of their own.
    pub(crate) fn visitor(&self, secret: u8) -> Visitor {
        Visitor(EndUserIdentity {
            site: self.site,
            secret_hash: [secret; 32],
            locale: "en".to_owned(),
        })
    }

    pub(crate) async fn tickets(&self) -> Vec<TicketRow> {
        let all = TicketFilter {
            limit: 1000,
            ..TicketFilter::default()
        };
        let mut tickets = self.store.tickets(&all).await.unwrap();
        tickets.sort_by_key(|row| row.ticket.id);
        tickets
    }

    pub(crate) async fn ticket(&self, ticket: TicketId) -> TicketRow {
        self.store.ticket(ticket).await.unwrap().unwrap()
    }

    pub(crate) async fn log(&self, thread: ChatThreadId) -> Vec<ThreadEntry> {
        self.store.thread_entries(thread, Seq(0), 100_000).await.unwrap()
    }

    pub(crate) async fn history(&self, ticket: TicketId) -> Vec<TicketEntry> {
        self.store.ticket_entries(ticket, Seq(0), 100_000).await.unwrap()
    }

    /// Waits until the agents' side is told something, and then looks: no sleeping.
    pub(crate) async fn until(&self, mut there: impl AsyncFnMut(&Self) -> bool) {
        for _ in 0..2000 {
            if there(self).await {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        panic!("it never came to pass");
    }

    /// I24, I33: the logs are dense, and folded they are the rows. Each log is read up to the head that its row says:
    /// the jobs' worker may write on meanwhile.
    pub(crate) async fn logs_fold_into_rows(&self, thread: ChatThreadId) {
        let head = self.store.thread(self.site, thread).await.unwrap().unwrap();
        let mut log = self.log(thread).await;
        log.retain(|entry| entry.seq <= head.head);
        let numbers: Vec<u64> = log.iter().map(|entry| entry.seq.0).collect();
        assert_eq!(
            numbers,
            (1..=head.head.0).collect::<Vec<_>>(),
            "the thread log is dense up to its head"
        );
        assert!(log.is_sorted_by_key(|entry| entry.at), "time never goes back");
        if let Some(latest) = &head.latest {
            let last = log.iter().rev().find(|entry| entry.session == latest.id).unwrap();
            assert_eq!(latest.last_message_at, last.at);
            let first = log.iter().find(|entry| entry.session == latest.id).unwrap();
            assert_eq!(latest.first, first.seq);
        }
        for row in self.tickets().await.iter().filter(|row| row.thread == thread) {
            let mut history = self.history(row.ticket.id).await;
            history.retain(|entry| entry.seq <= row.ticket.head);
            let numbers: Vec<u64> = history.iter().map(|entry| entry.seq.0).collect();
            assert_eq!(
                numbers,
                (1..=row.ticket.head.0).collect::<Vec<_>>(),
                "the ticket log is dense"
            );
            assert_eq!(
                row.ticket.folded(&history),
                row.ticket,
                "fold(ticket log) is the ticket's row"
            );
            let ended = history
                .iter()
                .find(|entry| matches!(entry.what, TicketEvent::SessionEnded { .. }));
            assert_eq!(row.session.ended().map(|end| end.at), ended.map(|entry| entry.at));
            if let Some(end) = ended {
                let late = log
                    .iter()
                    .filter(|entry| entry.session == row.session_id && entry.seq > end.after);
                assert_eq!(late.count(), 0, "I02: nothing of a session stands after its end");
            }
        }
    }
}

/// A fresh client id.
pub(crate) fn cid() -> ClientMessageId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::SeqCst);
    ClientMessageId(uuid::Builder::from_unix_timestamp_millis(next, &[7; 10]).into_uuid())
}

/// A client id of one's own choice.
pub(crate) fn cid_of(number: u128) -> ClientMessageId {
    ClientMessageId(Uuid::from_u128(number))
}

/// Somebody with the widget.
#[derive(Clone)]
pub(crate) struct Visitor(pub(crate) EndUserIdentity);

impl Visitor {
    /// The request of a message that was written after all of the log was seen.
    pub(crate) fn message(&self, cid: ClientMessageId, text: &str) -> Request {
        let send = Send {
            cid,
            text: text.to_owned(),
            session: None,
            seen: Seq(u64::MAX >> 1),
        };
        Request::Send {
            who: Sender::Visitor(self.0.clone()),
            send,
        }
    }

    pub(crate) async fn says(&self, house: &House, text: &str) -> Said {
        Said::of(house.ask(self.message(cid(), text)).await.unwrap())
    }

    /// Goes through the demo's flow to a person, leaving an email if there is one.
    pub(crate) async fn reaches_people(&self, house: &House, email: &str) -> TicketRow {
        self.says(house, "hello").await;
        self.says(house, "Talk to a person").await;
        let said = self.says(house, email).await;
        let rows = house.tickets().await;
        rows.into_iter()
            .find(|row| row.session_id == said.session)
            .unwrap()
    }
}

/// Where a message stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Said {
    pub(crate) thread: ChatThreadId,
    pub(crate) session: SessionId,
    pub(crate) seq: Seq,
    pub(crate) placement: Placement,
}

impl Said {
    pub(crate) fn of(answer: Answer) -> Self {
        match answer.outcome {
            Outcome::Said {
                session,
                seq,
                placement,
            } => Self {
                thread: answer.thread,
                session,
                seq,
                placement,
            },
            other @ (Outcome::Ended { .. } | Outcome::Done { .. }) => panic!("nothing was said: {other:?}"),
        }
    }
}

/// Somebody in the workspace.
#[derive(Clone, Copy)]
pub(crate) struct Agent(pub(crate) AgentId);

impl Agent {
    pub(crate) fn update(self, ticket: TicketId, update: Update) -> Request {
        Request::Update {
            agent: self.0,
            cid: Some(cid()),
            ticket,
            update,
        }
    }

    pub(crate) fn end(self, ticket: TicketId) -> Request {
        Request::End {
            agent: self.0,
            cid: Some(cid()),
            ticket,
        }
    }

    pub(crate) fn comment(self, ticket: TicketId, to: CommentTo, text: &str) -> Request {
        let comment = Comment {
            to,
            text: Text::parse(text).unwrap(),
        };
        self.update(
            ticket,
            Update {
                comment: Some(comment),
                ..Update::default()
            },
        )
    }
}

/// The customer's own words in a log.
pub(crate) fn customers(log: &[ThreadEntry]) -> Vec<&str> {
    log.iter()
        .filter(|entry| entry.author == Author::EndUser)
        .map(|entry| entry.text.as_str())
        .collect()
}

pub(crate) const fn is_ended(row: &TicketRow) -> bool {
    matches!(row.session.state(), SessionState::Ended)
}
