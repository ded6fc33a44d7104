//! A house and its twin, asked the same.

use std::sync::LazyLock;

use causerie_core::agent::{Availability, Role};
use causerie_core::bot::Flow;
use causerie_core::chat_thread::Outcome;
use causerie_core::conversation::Timer;
use causerie_core::time::Span;
use causerie_core::{AgentId, ChatThreadId, EndUserId, MacroId, SessionId, Timestamp};
use causerie_proof::sim::dice::Dice;
use causerie_proof::sim::node::worker::{Wants, Worker};
use causerie_proof::twin::{self, Answer, Around, Change, Fresh, Identity, Refusal, Request, Rows, SiteId};
use causerie_server::conversations::{self as asked, EndUserIdentity, Sender};
use causerie_server::store::{self, Changed};
use sqlx::Connection;
use uuid::Uuid;

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
    pub(super) next: u64,
    pub(super) done: usize,
    pub(super) refused: usize,
    pub(super) failed: usize,
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
            next: 1,
            done: 0,
            refused: 0,
            failed: 0,
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
        let requests: Vec<Request> = (0..count).map(|_| self.some_request()).collect();
        let answers = futures_util::future::join_all(
            requests
                .iter()
                .map(|request| self.house.conversations.ask(to_server(request))),
        )
        .await;
        for (request, answer) in requests.iter().zip(answers) {
            let answer = answer.map(|answer| Answer {
                thread: answer.thread,
                outcome: answer.outcome,
                repeated: answer.repeated,
            });
            let expected = self.twin(request, answer.as_ref().ok()).await;
            assert_eq!(
                answer.as_ref().map_err(|why| why.code()),
                expected.as_ref().map_err(Refusal::code),
                "{request:?}"
            );
            match answer {
                Ok(_) => self.done += 1,
                Err(asked::Refusal::Unavailable { .. }) => self.failed += 1,
                Err(_) => self.refused += 1,
            }
        }
        self.asked.extend(requests);
    }

    /// Asks the twin, which takes the ids that the house has drawn.
    async fn twin(&mut self, request: &Request, drawn: Option<&Answer>) -> Result<Answer, Refusal> {
        let fresh = self.drawn(request, drawn).await;
        let around = Around {
            now: self.house.clock.now(),
            fresh,
            flow: &BOT,
        };
        let done = twin::ask(&mut self.rows, request, &around)?;
        if is_trapped(request) && !done.answer.repeated {
            self.rows.take_back(done.writes);
            return Err(Refusal::Unavailable);
        }
        Ok(done.answer)
    }

    async fn drawn(&self, request: &Request, answer: Option<&Answer>) -> Fresh {
        let nobody = Uuid::nil();
        let (session, thread) = match answer.map(|answer| (answer.outcome, answer.thread)) {
            Some((Outcome::Said { session, .. }, thread)) => (session, thread),
            Some((Outcome::Ended { .. } | Outcome::Done {}, _)) | None => {
                (SessionId(nobody), ChatThreadId(nobody))
            }
        };
        let head = if let Request::Send { who, .. } = request {
            self.house.store.thread_of(&identity(who)).await.unwrap()
        } else {
            None
        };
        Fresh {
            session,
            thread,
            end_user: head.map_or(EndUserId(nobody), |head| head.end_user),
        }
    }

    pub(super) async fn change(&mut self, change: &Change) {
        let now = self.house.clock.now();
        let done = self.house.conversations.change(change_to_server(change)).await;
        let expected = twin::change(&mut self.rows, change, now);
        let done = done.map(|changed| match changed {
            Changed::Agent(agent) => twin::Changed::Agent(agent),
            Changed::Group(group) => twin::Changed::Group(group),
            Changed::Macro(it) => twin::Changed::Macro(it),
            Changed::Done | Changed::Site(_) | Changed::EndUser { .. } | Changed::Thread { .. } => {
                twin::Changed::Done
            }
        });
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
                        let answer = self.twin(&request, None).await;
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
        for request in due.collect::<Vec<_>>() {
            assert!(self.twin(&request, None).await.is_ok(), "{request:?}");
        }
    }

    pub(super) fn time_passes(&mut self) {
        let spans = [
            Span(1_000),
            Span::minutes(1),
            Span::minutes(11),
            Span::hours(25),
            Span::days(5),
        ];
        let span = self.dice.one_of(&spans).copied().unwrap_or_default();
        self.house.clock.forward(span);
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

fn identity(who: &Identity) -> EndUserIdentity {
    EndUserIdentity {
        site: store::SiteId(who.site.0),
        secret_hash: who.secret_hash,
        locale: who.locale.clone(),
    }
}

fn to_server(request: &Request) -> asked::Request {
    let site_of = |site: &SiteId| store::SiteId(site.0);
    match request.clone() {
        Request::Send { who, send } => asked::Request::Send {
            who: Sender::Visitor(identity(&who)),
            send,
        },
        Request::EndByEndUser { who, cid, session } => asked::Request::EndByEndUser {
            who: identity(&who),
            cid,
            session,
        },
        Request::Read { who, upto } => asked::Request::Read {
            who: Sender::Visitor(identity(&who)),
            upto,
        },
        Request::Update {
            agent,
            cid,
            ticket,
            update,
        } => asked::Request::Update {
            agent,
            cid,
            ticket,
            update,
        },
        Request::End { agent, cid, ticket } => asked::Request::End { agent, cid, ticket },
        Request::Macro {
            agent,
            cid,
            ticket,
            id,
        } => asked::Request::Macro {
            agent,
            cid,
            ticket,
            id,
        },
        Request::Business {
            site,
            thread,
            cid,
            name,
            text,
            replies,
        } => asked::Request::Business {
            site: site_of(&site),
            thread,
            cid,
            name,
            text,
            replies,
        },
        Request::HandOff { site, thread } => asked::Request::HandOff {
            site: site_of(&site),
            thread,
        },
        Request::Describe {
            site,
            thread,
            name,
            email,
        } => asked::Request::Describe {
            site: site_of(&site),
            thread,
            name,
            email,
        },
        Request::Assign { ticket, agent } => asked::Request::Assign { ticket, agent },
        Request::ReturnToQueue { ticket, agent } => asked::Request::ReturnToQueue { ticket, agent },
        Request::TurnInactive { ticket } => asked::Request::TurnInactive { ticket },
        Request::CloseSolved { ticket } => asked::Request::CloseSolved { ticket },
        Request::EndForgotten { thread } => asked::Request::EndForgotten { thread },
    }
}

fn change_to_server(change: &Change) -> store::Change {
    match change.clone() {
        Change::AddAgent {
            name,
            email,
            role,
            group,
        } => store::Change::AddAgent {
            name,
            email,
            role,
            group,
        },
        Change::SetAvailability { agent, to } => store::Change::SetAvailability { agent, to },
        Change::SetSlots {
            agent,
            messaging,
            email,
        } => store::Change::SetSlots {
            agent,
            messaging,
            email,
        },
        Change::SetSettings(settings) => store::Change::SetSettings(settings),
        Change::SaveMacro(it) => store::Change::SaveMacro(it),
        Change::RemoveMacro(id) => store::Change::RemoveMacro(id),
        Change::AddGroup { name } => store::Change::AddGroup { name },
        // A job's number is the store's own affair: only its worker asks for this.
        Change::Finish(_) => store::Change::RemoveMacro(MacroId(0)),
    }
}
