//! The one node: a process with its line, its writer, its sockets and its worker, over a disk that outlives it.
//!
//! Written anew here is what a shell does, in the order in which the server does it; what is decided is decided by
//! core. Each step of it is small, so that anything can come in between: a crash, too.
//!
//! - `told`: who is told of a commit. `visitor_socket`, `agent_socket`: the server's ends of the sockets.
//! - `worker`: the jobs.

pub mod agent_socket;
pub mod told;
pub mod visitor_socket;
pub mod worker;

use std::collections::{BTreeMap, VecDeque};

use causerie_core::bot::Flow;
use causerie_core::planted::{self, Bug};
use causerie_core::{ChatThreadId, ClientMessageId, EndUserId, SessionId, Timestamp};
use uuid::Uuid;

use self::agent_socket::AgentSocket;
use self::told::{AgentNotice, Told};
use self::visitor_socket::VisitorSocket;
use self::worker::Worker;
use super::checks::Decisions;
use super::disk::Disk;
use super::wire::SocketId;
use crate::twin::{self, Around, Change, Done, Fresh, Performed, Refusal, Request, Rows, Write, Written};

/// The build that serves.
pub const BUILD: &str = "build-1";

/// Who waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From {
    /// A visitor's socket.
    Visitor(SocketId, Option<ClientMessageId>),
    /// An agent's.
    Agent(SocketId, Option<ClientMessageId>),
    /// The jobs' worker.
    Worker,
    /// The business, or an admin, by an API: nobody who remembers.
    Api,
}

/// What waits in the line.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A change of a chat thread.
    Request(Request),
    /// Any other.
    Change(Change),
}

/// What came of one, if the commit has its way.
#[derive(Clone, Debug)]
pub enum Settled {
    /// A request.
    Request(Result<Box<Done>, Refusal>, Box<Told>),
    /// A change.
    Change(Result<Performed, Refusal>, Change),
}

/// A group of commands on its way to the disk.
#[derive(Clone, Debug)]
struct Group {
    settled: Vec<(From, Settled)>,
    unwritten: VecDeque<Write>,
    /// How to take it back.
    written: Vec<Written>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Writing,
    Committed,
    Synced,
}

/// What a step of the writer did.
#[derive(Debug)]
pub enum Wrote {
    /// It took so many from the line, and decided them.
    Took(usize),
    /// A row is on its way.
    Row,
    /// The transaction is whole.
    Commit,
    /// It is safe.
    Sync,
    /// Nothing is to be done.
    Nothing,
}

/// The process. All of it is gone when it dies.
#[derive(Clone, Debug)]
pub struct Process {
    /// The rows as the writer sees them: with what it has not committed yet.
    rows: Rows,
    line: VecDeque<(From, Asked)>,
    group: Option<Group>,
    /// The server's ends of the widgets' sockets.
    pub visitors: BTreeMap<SocketId, VisitorSocket>,
    /// The server's ends of the workspaces' sockets.
    pub agents: BTreeMap<SocketId, AgentSocket>,
    /// The jobs' worker.
    pub worker: Worker,
    /// When it started.
    pub since: Timestamp,
}

impl Process {
    /// Starts on what is on the disk.
    #[must_use]
    pub fn start(disk: &Disk, since: Timestamp) -> Self {
        Self {
            rows: disk.synced().clone(),
            line: VecDeque::new(),
            group: None,
            visitors: BTreeMap::new(),
            agents: BTreeMap::new(),
            worker: Worker::default(),
            since,
        }
    }

    /// Puts something into the line.
    pub fn ask(&mut self, from: From, asked: Asked) {
        self.line.push_back((from, asked));
    }

    /// Whether the line is empty and the writer has nothing in hand.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.line.is_empty() && self.group.is_none()
    }

    /// Whether a transaction is under way.
    #[must_use]
    pub const fn is_writing(&self) -> bool {
        self.group.is_some()
    }

    /// A backup was put back. What visitors have sent before is refused for now, and every socket is closed.
    pub fn finds_other_data(&mut self, disk: &Disk) {
        self.rows = disk.synced().clone();
        self.line.retain(|(from, _)| !matches!(from, From::Visitor(..)));
        self.visitors.clear();
        self.agents.clear();
    }

    /// The writer takes up to `most` commands and decides them, or brings what it has in hand one write further.
    pub fn writes(
        &mut self,
        most: usize,
        disk: &mut Disk,
        now: Timestamp,
        draw: &mut u64,
        flow: &Flow,
        checks: &mut Decisions,
    ) -> Wrote {
        let Some(group) = &mut self.group else {
            return self.takes(most, now, draw, flow, checks);
        };
        match group.stage {
            Stage::Writing => match group.unwritten.pop_front() {
                Some(row) => {
                    if planted::is(Bug::TearsLogsApart) && matches!(row, Write::Logged(..)) {
                        disk.commit();
                    }
                    disk.write(row);
                    Wrote::Row
                }
                None => {
                    disk.commit();
                    group.stage = Stage::Committed;
                    Wrote::Commit
                }
            },
            Stage::Committed => {
                disk.sync();
                group.stage = Stage::Synced;
                Wrote::Sync
            }
            Stage::Synced => Wrote::Nothing,
        }
    }

    /// What may be answered now: what is safe.
    pub fn answers(&mut self) -> Option<Vec<(From, Settled)>> {
        let safe = match self.group.as_ref()?.stage {
            Stage::Writing => false,
            Stage::Committed => planted::is(Bug::AcksBeforeSync),
            Stage::Synced => true,
        };
        if !safe {
            return None;
        }
        let group = self.group.as_mut()?;
        let settled = std::mem::take(&mut group.settled);
        if group.stage == Stage::Synced {
            self.group = None;
        }
        Some(settled)
    }

    /// The disk has no room: nothing of the group in hand is written, and all of it is refused for now.
    pub fn fails_to_commit(&mut self, disk: &mut Disk) -> Option<Vec<(From, Settled)>> {
        if self.group.as_ref()?.stage != Stage::Writing {
            return None;
        }
        let group = self.group.take()?;
        disk.take_back();
        if !planted::is(Bug::KeepsStateOverRollback) {
            self.rows.take_back(group.written);
        }
        let refused = |(from, settled)| match settled {
            Settled::Request(_, told) => (from, Settled::Request(Err(Refusal::Unavailable), told)),
            Settled::Change(_, change) => (from, Settled::Change(Err(Refusal::Unavailable), change)),
        };
        Some(group.settled.into_iter().map(refused).collect())
    }

    fn takes(
        &mut self,
        most: usize,
        now: Timestamp,
        draw: &mut u64,
        flow: &Flow,
        checks: &mut Decisions,
    ) -> Wrote {
        let most = most.min(self.line.len());
        if most == 0 {
            return Wrote::Nothing;
        }
        let mut group = Group {
            settled: Vec::with_capacity(most),
            unwritten: VecDeque::new(),
            written: Vec::new(),
            stage: Stage::Writing,
        };
        for (from, asked) in self.line.drain(..most) {
            let (settled, written) = match asked {
                Asked::Request(request) => {
                    let around = Around {
                        now,
                        fresh: fresh(draw),
                        flow,
                    };
                    let before = checks.before(&self.rows);
                    match twin::ask(&mut self.rows, &request, &around) {
                        Ok(mut done) => {
                            checks.decided(&before, &request, &done, &self.rows);
                            let written = std::mem::take(&mut done.writes);
                            let told = Told::of(&done, &self.rows);
                            (Settled::Request(Ok(Box::new(done)), Box::new(told)), written)
                        }
                        Err(why) => (Settled::Request(Err(why), Box::default()), Vec::new()),
                    }
                }
                Asked::Change(change) => match twin::change(&mut self.rows, &change, now) {
                    Ok(mut done) => {
                        let written = std::mem::take(&mut done.writes);
                        (Settled::Change(Ok(done), change), written)
                    }
                    Err(why) => (Settled::Change(Err(why), change), Vec::new()),
                },
            };
            let lost =
                |row: &Write| planted::is(Bug::KeepsJobsInMemory) && matches!(row, Write::Job(_, Some(_)));
            let rows = written.iter().map(|it| it.now.clone());
            group.unwritten.extend(rows.filter(|row| !lost(row)));
            group.written.extend(written);
            group.settled.push((from, settled));
        }
        self.group = Some(group);
        Wrote::Took(most)
    }

    /// What the agents' side is told of a change.
    #[must_use]
    pub fn told_of(change: &Change) -> Vec<AgentNotice> {
        match change {
            Change::AddAgent { .. }
            | Change::SetAvailability { .. }
            | Change::SetSlots { .. }
            | Change::AddGroup { .. } => vec![AgentNotice::Agents],
            Change::SetSettings(_) => vec![AgentNotice::Settings, AgentNotice::Agents],
            Change::SaveMacro(_) | Change::RemoveMacro(_) => vec![AgentNotice::Macros],
            Change::LogOut { .. } | Change::SweepSecrets { .. } | Change::Finish(_) => Vec::new(),
        }
    }
}

/// Ids that were never drawn before.
fn fresh(draw: &mut u64) -> Fresh {
    *draw += 1;
    let id = |kind: u128| Uuid::from_u128((kind << 64) | u128::from(*draw));
    Fresh {
        session: SessionId(id(1)),
        thread: ChatThreadId(id(2)),
        end_user: EndUserId(id(3)),
    }
}
