//! A house and its twin, asked the same.

use std::sync::LazyLock;

use causerie_core::agent::{Availability, Role};
use causerie_core::bot::Flow;
use causerie_core::chat_thread::Outcome;
use causerie_core::conversation::Timer;
use causerie_core::time::Span;
use causerie_core::{AgentId, ChatThreadId, EndUserId, SessionId, Timestamp};
use causerie_proof::sim::dice::Dice;
use causerie_proof::sim::node::worker::{Wants, Worker};
use causerie_proof::twin::{
    self, Answer, Around, Change, Fresh, Identity, LogIn, Refusal, Request, Rows, SiteId, Write,
};
use causerie_server::conversations as asked;
use causerie_server::store::{self, Changed};
use sqlx::Connection;
use uuid::Uuid;

use super::to_server::{change_to_server, changed_of_server, login_to_server, to_server};
use crate::house::{FLOW, House};

static BOT: LazyLock<Flow> = LazyLock::new(|| Flow::parse(FLOW).unwrap());

/// What a message says that cannot be written: a trap in the database lets it fail among its neighbours.
pub(super) const TRAPPED: &str = "trapped";

/// A house, its twin, and the dice.
pub(super) struct Both {
    pub(super) house: House,
    pub(super) rows: Rows,
    pub(super) dice: Dice,
    pub(super) sites: [SiteId; 2],
    /// What was asked before, to be asked again.
    pub(super) asked: Vec<Request>,
    pub(super) logins: Vec<LogIn>,
    /// The secret that each visitor's browser has now.
    pub(super) secrets: [u8; 4],
    /// The last secret that was made.
    pub(super) last_secret: u8,
    pub(super) next: u64,
    pub(super) counts: Counts,
}

/// How often what was done.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Counts {
    pub(super) done: usize,
    pub(super) refused: usize,
    pub(super) failed: usize,
    /// Logins that took the chat thread along.
    pub(super) moved: usize,
    /// Logins that left it behind, its session ended.
    pub(super) stayed: usize,
    /// Logins with no chat thread in question.
    pub(super) bare: usize,
    pub(super) logouts: usize,
    pub(super) erased: usize,
}

impl Counts {
    pub(super) const fn add(&mut self, more: Self) {
        self.done += more.done;
        self.refused += more.refused;
        self.failed += more.failed;
        self.moved += more.moved;
        self.stayed += more.stayed;
        self.bare += more.bare;
        self.logouts += more.logouts;
        self.erased += more.erased;
    }
}

/// One of what is asked at once.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Request(Request),
    /// A login, by the browser of this visitor.
    LogIn(usize, LogIn),
    Change(Change),
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Came {
    Answer(Answer),
    LoggedIn(EndUserId, Timestamp),
    Changed(twin::Changed),
}

impl Both {
    pub(super) async fn new(seed: u64) -> Self {
        let house = House::new().await;
        let other = store::Change::AddSite {
            key: "club".into(),
            name: "Club".into(),
            origins: Vec::new(),
        };
        let Changed::Site(other) = house.change(other).await else {
            panic!("no site")
        };
        lay_trap(&house).await;
        // What a new installation has.
        let mut rows = Rows {
            settings: house.store.settings().await.unwrap(),
            ..Rows::default()
        };
        for it in house.store.macros().await.unwrap() {
            rows.macros.insert(it.id, it);
        }
        let sites = [SiteId(house.site.0), SiteId(other.0)];
        let mut both = Self {
            house,
            rows,
            dice: Dice::new(seed),
            sites,
            asked: Vec::new(),
            logins: Vec::new(),
            secrets: [1, 2, 3, 4],
            last_secret: 4,
            next: 1,
            counts: Counts::default(),
        };
        for (name, role, group) in [
            ("ann", Role::Admin, None),
            ("bob", Role::Agent, Some("Sales")),
            ("cat", Role::Agent, None),
        ] {
            both.change(&Change::AddAgent {
                name: name.to_owned(),
                email: format!("{name}@shop.example"),
                role: Some(role),
                group: group.map(str::to_owned),
            })
            .await;
        }
        for agent in (1..=3).map(AgentId) {
            let slots = Change::SetSlots {
                agent,
                messaging: 1,
                email: 5,
            };
            both.change(&slots).await;
            let to = Availability::Online;
            both.change(&Change::SetAvailability { agent, to }).await;
        }
        both
    }

    /// Closed and opened again, over the same file.
    pub(super) async fn reopened(self) -> Self {
        Self {
            house: self.house.restarted().await,
            ..self
        }
    }

    /// Some commands at once, which the writer takes into one commit.
    pub(super) async fn a_group(&mut self) {
        if self.dice.one_in(6) {
            let change = self.some_change();
            return self.change(&change).await;
        }
        let count = 1 + self.dice.below(5);
        let all: Vec<Asked> = (0..count).map(|_| self.some_command()).collect();
        let answers = futures_util::future::join_all(all.iter().map(|one| self.house_does(one))).await;
        for (one, answer) in all.into_iter().zip(answers) {
            let expected = self.twin(&one, answer.as_ref().ok()).await;
            assert_eq!(
                answer.as_ref().map_err(|why| why.code()),
                expected.as_ref().map_err(Refusal::code),
                "{one:?}"
            );
            match answer {
                Ok(_) => self.counts.done += 1,
                Err(asked::Refusal::Unavailable { .. }) => self.counts.failed += 1,
                Err(_) => self.counts.refused += 1,
            }
            match one {
                Asked::Request(request) => self.asked.push(request),
                Asked::LogIn(visitor, login) => {
                    // Now and then the answer is lost, and the browser goes on as it was.
                    if answer.is_ok() && !self.dice.one_in(4) {
                        self.secrets[visitor] = login.who.secret_hash[0];
                    }
                    self.logins.push(login);
                }
                Asked::Change(_) => {}
            }
        }
    }

    async fn house_does(&self, one: &Asked) -> Result<Came, asked::Refusal> {
        let conversations = &self.house.conversations;
        match one {
            Asked::Request(request) => {
                let answer = conversations.ask(to_server(request)).await?;
                Ok(Came::Answer(Answer {
                    thread: answer.thread,
                    outcome: answer.outcome,
                    repeated: answer.repeated,
                }))
            }
            Asked::LogIn(_, login) => {
                let done = conversations.log_in(login_to_server(login)).await?;
                Ok(Came::LoggedIn(done.end_user, done.until))
            }
            Asked::Change(change) => {
                let changed = conversations.change(change_to_server(change)).await?;
                Ok(Came::Changed(changed_of_server(&changed)))
            }
        }
    }

    /// Asks the twin, which takes the ids that the house has drawn.
    async fn twin(&mut self, one: &Asked, drawn: Option<&Came>) -> Result<Came, Refusal> {
        match (one, drawn) {
            (Asked::Request(request), Some(Came::Answer(answer))) => {
                self.twin_answers(request, Some(answer)).await
            }
            (Asked::Request(request), _) => self.twin_answers(request, None).await,
            (Asked::LogIn(_, login), drawn) => {
                let mut fresh = nobody();
                if let Some(Came::LoggedIn(end_user, _)) = drawn {
                    fresh.end_user = *end_user;
                }
                let around = self.around(fresh);
                let done = twin::log_in(&mut self.rows, login, &around)?;
                match &done.decided {
                    Some(it) if it.0.end_user.id != it.2.after.end_user.id => self.counts.moved += 1,
                    Some(it) if !it.2.events.is_empty() => self.counts.stayed += 1,
                    Some(_) | None => self.counts.bare += 1,
                }
                Ok(Came::LoggedIn(done.end_user, done.until))
            }
            (Asked::Change(change), _) => {
                let done = twin::change(&mut self.rows, change, self.house.clock.now())?;
                if done.writes.iter().any(|it| matches!(it.now, Write::Retired(..))) {
                    self.counts.logouts += 1;
                }
                Ok(Came::Changed(done.changed))
            }
        }
    }

    async fn twin_answers(&mut self, request: &Request, drawn: Option<&Answer>) -> Result<Came, Refusal> {
        let around = self.around(self.drawn(request, drawn).await);
        let done = twin::ask(&mut self.rows, request, &around)?;
        if is_trapped(request) && !done.answer.repeated {
            self.rows.take_back(done.writes);
            return Err(Refusal::Unavailable);
        }
        Ok(Came::Answer(done.answer))
    }

    fn around(&self, fresh: Fresh) -> Around<'static> {
        Around {
            now: self.house.clock.now(),
            fresh,
            flow: &BOT,
        }
    }

    async fn drawn(&self, request: &Request, answer: Option<&Answer>) -> Fresh {
        let mut fresh = nobody();
        let Some(answer) = answer else { return fresh };
        fresh.thread = answer.thread;
        if let Outcome::Said { session, .. } = answer.outcome {
            fresh.session = session;
        }
        if let Request::Send { who, .. } = request
            && !self.rows.threads.contains_key(&answer.thread)
        {
            fresh.end_user = self.made(who).await;
        }
        fresh
    }

    /// The anonymous visitor whom the house has made of a secret, be they somebody else by now.
    async fn made(&self, who: &Identity) -> EndUserId {
        let mut db = self.reads().await;
        let made: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT coalesce((SELECT id FROM end_user WHERE site = ?1 AND secret_hash = ?2), \
             (SELECT end_user FROM retired_secret WHERE site = ?1 AND secret_hash = ?2))",
        )
        .bind(who.site.0)
        .bind(who.secret_hash.to_vec())
        .fetch_one(&mut db)
        .await
        .unwrap();
        db.close().await.unwrap();
        EndUserId(made.map_or(Uuid::nil(), |made| Uuid::from_slice(&made).unwrap()))
    }

    /// A connection of its own, which only reads.
    pub(super) async fn reads(&self) -> sqlx::SqliteConnection {
        let url = format!("sqlite://{}?mode=ro", self.house.database().display());
        sqlx::SqliteConnection::connect(&url).await.unwrap()
    }

    /// A person is erased, beside the house at work and in the twin.
    pub(super) async fn somebody_is_erased(&mut self) {
        let whom = self.some_end_user();
        let around = self.around(nobody());
        let erased = asked::erase(&self.house.store, &[whom], &self.house.clock).await;
        let expected = twin::erase(&mut self.rows, whom, &around);
        match (erased, expected) {
            (Ok(erased), Ok(expected)) => {
                assert!(matches!(erased.traces, store::Traces::Gone), "{erased:?}");
                let [gone] = erased.people[..] else {
                    panic!("{erased:?}")
                };
                let as_expected = (whom, expected.at, expected.already);
                assert_eq!((gone.id, gone.at, gone.already), as_expected);
                self.counts.erased += usize::from(!gone.already);
            }
            (Err(asked::EraseFault::Nobody(_)), Err(Refusal::UnknownSender)) => {}
            (erased, expected) => panic!("{whom}: {erased:?}, and the twin {expected:?}"),
        }
    }

    pub(super) async fn change(&mut self, change: &Change) {
        let now = self.house.clock.now();
        let done = self.house.conversations.change(change_to_server(change)).await;
        let expected = twin::change(&mut self.rows, change, now);
        let done = done.map(|changed| changed_of_server(&changed));
        assert_eq!(
            done.map_err(|why| why.code()),
            expected.map(|done| done.changed).map_err(|why| why.code()),
            "{change:?}"
        );
    }

    /// Both workers do the jobs that there are.
    pub(super) async fn jobs_are_done(&mut self) {
        assert!(self.house.worker().work_now().await);
        let now = self.house.clock.now();
        let mut worker = Worker::default();
        while worker.looks(&self.rows, now, false, Timestamp(0)) {
            while let Some(wants) = worker.wants() {
                match wants {
                    Wants::Request(request) => {
                        let answer = self.twin_answers(&request, None).await;
                        worker.answered(answer.map(|_| ()), &self.rows);
                    }
                    Wants::Finish(job) => {
                        let finished = twin::change(&mut self.rows, &Change::Finish(job), now);
                        assert!(finished.is_ok());
                        worker.finished();
                    }
                }
            }
        }
    }

    /// Both do what is due by time.
    pub(super) async fn sweeps(&mut self) {
        assert!(self.house.worker().sweep_now().await);
        let settings = self.rows.settings;
        let now = self.house.clock.now();
        let before = |span: Span| Timestamp(now.0.saturating_sub(span.0));
        let forgotten = self.rows.forgotten(before(settings.bot_only_ends_after));
        let silent = self.rows.timed(Timer::Silence, before(settings.inactive_after));
        let solved = self
            .rows
            .timed(Timer::Closing, before(settings.solved_closes_after));
        let due = forgotten
            .into_iter()
            .map(|thread| Request::EndForgotten { thread })
            .chain(silent.into_iter().map(|ticket| Request::TurnInactive { ticket }))
            .chain(solved.into_iter().map(|ticket| Request::CloseSolved { ticket }));
        // As `jobs/devices.rs`.
        let before = before(Span::days(30));
        let swept = twin::change(&mut self.rows, &Change::SweepSecrets { before }, now);
        assert!(swept.is_ok());
        for request in due.collect::<Vec<_>>() {
            assert!(self.twin_answers(&request, None).await.is_ok(), "{request:?}");
        }
    }

    pub(super) fn time_passes(&mut self) {
        let spans = [
            Span(1_000),
            Span::minutes(1),
            Span::minutes(11),
            Span::hours(25),
            Span::days(5),
            Span::days(31),
        ];
        let span = self.dice.one_of(&spans).copied().unwrap_or_default();
        self.house.clock.forward(span);
    }
}

/// No fresh ids: for what makes nothing.
const fn nobody() -> Fresh {
    Fresh {
        session: SessionId(Uuid::nil()),
        thread: ChatThreadId(Uuid::nil()),
        end_user: EndUserId(Uuid::nil()),
    }
}

fn is_trapped(request: &Request) -> bool {
    matches!(request, Request::Send { send, .. } if send.text == TRAPPED)
}

/// Writing this text fails, after the rows of its command were written and before its last ones.
async fn lay_trap(house: &House) {
    let url = format!("sqlite://{}", house.database().display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON thread_entry WHEN new.text = 'trapped' \
                BEGIN SELECT RAISE(ABORT, 'trapped'); END";
    sqlx::raw_sql(trap).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}
