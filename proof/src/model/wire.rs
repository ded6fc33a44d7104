//! The network: what is under way, and in which order it may arrive.

use causerie_core::message::ThreadEntry;
use causerie_core::wire::end_user::{Ack, SessionReport};

use super::TABS;
use super::node::Request;

/// A frame to a tab.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Down {
    /// Entries of the thread log, consecutive.
    Entries(Vec<ThreadEntry>),
    /// The session's state, beside the log.
    Session(SessionReport),
    /// A message of this tab's stands.
    Ack(Ack),
}

/// What is told after a commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// To every tab of the visitor's.
    All(Down),
    /// To one.
    One(usize, Down),
}

/// What is under way.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wire {
    /// To the server. Any of it may be next: the senders do not know of each other.
    pub up: Vec<Request>,
    /// To each tab, in the order of sending.
    pub down: [Vec<Down>; TABS],
}

impl Wire {
    /// Puts what is told on its way.
    pub fn tell(&mut self, told: Vec<Told>) {
        for each in told {
            match each {
                Told::All(frame) => {
                    for tab in &mut self.down {
                        tab.push(frame.clone());
                    }
                }
                Told::One(tab, frame) => self.down[tab].push(frame),
            }
        }
    }

    /// Puts a command into the line. Its order is of no account, so equal lines look alike.
    pub fn ask(&mut self, request: Request) {
        let place = self.up.partition_point(|other| *other <= request);
        self.up.insert(place, request);
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.up.is_empty() && self.down.iter().all(Vec::is_empty)
    }

    /// Whether the worker's assignment is in the line.
    #[must_use]
    pub fn has_assignment(&self) -> bool {
        self.up.iter().any(|request| match request {
            Request::Assign { .. } => true,
            Request::Send { .. }
            | Request::End { .. }
            | Request::Take { .. }
            | Request::Answer { .. }
            | Request::HandOff
            | Request::Switch
            | Request::EndForgotten
            | Request::TurnInactive(_)
            | Request::CloseSolved(_)
            | Request::Solve { .. }
            | Request::OtherWrites => false,
        })
    }
}
