//! The jobs' worker: reads at one moment and asks at another, so that everything may have been decided otherwise in
//! between. It keeps nothing over a restart; what is to be done is in the rows.

use std::collections::VecDeque;

use causerie_core::conversation::Timer;
use causerie_core::planted::{self, Bug};
use causerie_core::routing::assign::{self, Candidate, Waiting};
use causerie_core::{AgentId, TicketId, Timestamp};

use crate::twin::{JobKind, Refusal, Request, Rows};

/// What the worker is at.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    work: Work,
    /// It waits for the writer's answer.
    pub asks: bool,
    /// The queue as it was read last.
    queue: Vec<Waiting>,
}

#[derive(Clone, Debug, Default)]
enum Work {
    #[default]
    Idle,
    /// Gives away what waits.
    Assigning {
        job: u64,
        waiting: Vec<Waiting>,
        candidates: Vec<Candidate>,
        given: Option<(TicketId, AgentId)>,
    },
    /// Asks one after the other; then a job is done, if it was one.
    Asking {
        job: Option<u64>,
        todo: VecDeque<Request>,
    },
}

/// What the worker wants.
#[derive(Clone, Debug)]
pub enum Wants {
    /// A change of a chat thread.
    Request(Request),
    /// A job was done.
    Finish(u64),
}

impl Worker {
    /// Whether it has nothing in hand.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        matches!(self.work, Work::Idle)
    }

    /// Takes the next job that is due, or looks what is due by time; answers whether there was something.
    pub fn looks(&mut self, rows: &Rows, now: Timestamp, sweeps: bool, since: Timestamp) -> bool {
        if !self.is_idle() {
            return false;
        }
        if sweeps {
            return self.sweeps(rows, now, since);
        }
        match rows.job_to_do() {
            Some((job, JobKind::Assign)) => self.reads_queue(rows, job),
            Some((job, JobKind::Return(agent))) => {
                let back = |ticket| Request::ReturnToQueue { ticket, agent };
                self.work = Work::Asking {
                    job: Some(job),
                    todo: rows.work_of(agent).into_iter().map(back).collect(),
                };
            }
            Some((_, JobKind::Email(..))) | None => return false,
        }
        true
    }

    /// What to ask of the writer next; none while it waits, or has nothing in hand.
    pub fn wants(&mut self) -> Option<Wants> {
        if self.asks {
            return None;
        }
        let wants = match &mut self.work {
            Work::Idle => return None,
            Work::Assigning {
                job,
                waiting,
                candidates,
                given,
            } => match assign::choose(waiting, candidates) {
                Some((ticket, agent)) => {
                    *given = Some((ticket, agent));
                    Wants::Request(Request::Assign { ticket, agent })
                }
                None => Wants::Finish(*job),
            },
            Work::Asking { job, todo } => match (todo.pop_front(), *job) {
                (Some(request), _) => Wants::Request(request),
                (None, Some(job)) => Wants::Finish(job),
                (None, None) => {
                    self.work = Work::Idle;
                    return None;
                }
            },
        };
        self.asks = true;
        Some(wants)
    }

    /// The writer has answered.
    pub fn answered(&mut self, answer: Result<(), Refusal>, rows: &Rows) {
        self.asks = false;
        match (&mut self.work, answer) {
            (
                Work::Assigning {
                    job,
                    waiting,
                    candidates,
                    given,
                },
                Ok(()),
            ) => {
                if let Some((ticket, agent)) = given.take() {
                    waiting.retain(|other| other.ticket != ticket);
                    let mut its = candidates.iter_mut();
                    if let Some(candidate) = its.find(|it| it.room.agent == agent) {
                        candidate.room.used += 1;
                    }
                    // What was given may take no slot: the queue is read anew until nothing more can be given.
                    if assign::choose(waiting, candidates).is_none() {
                        let job = *job;
                        self.reads_queue(rows, job);
                    }
                }
            }
            // Somebody was quicker: look anew.
            (Work::Assigning { job, .. }, Err(why)) if why.is_overtaken() => {
                let job = *job;
                self.reads_queue(rows, job);
            }
            // What was decided otherwise meanwhile stays as it was decided.
            (Work::Asking { .. }, Err(why)) if why.is_overtaken() => {}
            (Work::Idle | Work::Asking { .. }, Ok(())) => {}
            // The job stays, and is tried again.
            (Work::Idle | Work::Assigning { .. } | Work::Asking { .. }, Err(_)) => self.work = Work::Idle,
        }
    }

    /// A job was done.
    pub fn finished(&mut self) {
        self.asks = false;
        self.work = Work::Idle;
    }

    fn reads_queue(&mut self, rows: &Rows, job: u64) {
        if !planted::is(Bug::LooksAtOldQueue) || self.queue.is_empty() {
            self.queue = rows.waiting();
        }
        self.work = Work::Assigning {
            job,
            waiting: self.queue.clone(),
            candidates: rows.candidates(),
            given: None,
        };
    }

    /// What is due by time, found in the rows.
    fn sweeps(&mut self, rows: &Rows, now: Timestamp, started: Timestamp) -> bool {
        let settings = &rows.settings;
        let before = |span: causerie_core::time::Span| Timestamp(now.0.saturating_sub(span.0));
        let forgotten = rows.forgotten(before(settings.bot_only_ends_after));
        let silent = rows.timed(Timer::Silence, before(settings.inactive_after));
        let solved = rows.timed(Timer::Closing, before(settings.solved_closes_after));
        let lost = |ticket: &TicketId| {
            // A timer that was set in memory when the ticket was touched, and died with the process.
            planted::is(Bug::LosesTimersOnRestart)
                && rows
                    .tickets
                    .get(ticket)
                    .is_some_and(|record| record.updated_at < started)
        };
        let kept = |tickets: Vec<TicketId>| tickets.into_iter().filter(|ticket| !lost(ticket));
        let todo: VecDeque<Request> = forgotten
            .into_iter()
            .map(|thread| Request::EndForgotten { thread })
            .chain(kept(silent).map(|ticket| Request::TurnInactive { ticket }))
            .chain(kept(solved).map(|ticket| Request::CloseSolved { ticket }))
            .collect();
        let any = !todo.is_empty();
        if any {
            self.work = Work::Asking { job: None, todo };
        }
        any
    }
}
