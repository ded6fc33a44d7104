//! What the writer has to know of a request before it looks at any state: which chat thread it is for, under which
//! client id it comes, from whom, and what it asks.

use causerie_core::chat_thread::{ChatThread, Outcome, Rejection};
use causerie_core::{AgentId, ClientMessageId};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::decide::Done;
use super::{Answer, Refusal, Request, Sender};
use crate::store::{Head, Known, SiteId, Wanted};

/// Whose client id it is.
#[derive(Clone, Copy, Debug)]
enum From {
    /// The end user's of the chat thread.
    EndUser,
    /// An agent's.
    Agent(AgentId),
    /// A site's, by the Conversations API.
    Site(SiteId),
}

/// A request, seen from outside.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) cid: Option<ClientMessageId>,
    /// The site that the chat thread has to be of.
    pub(super) site: Option<SiteId>,
    from: From,
    payload: Vec<u8>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let asked = |wanted, cid, site, from, payload| Self {
            wanted,
            cid,
            site,
            from,
            payload,
        };
        match request {
            // The text alone: a retry may have seen more of the log meanwhile.
            Request::Send { who, send } => {
                let (wanted, site) = of_sender(who);
                asked(
                    wanted,
                    Some(send.cid),
                    Some(site),
                    From::EndUser,
                    fingerprint("send", &send.text),
                )
            }
            Request::EndByEndUser { who, cid, session } => asked(
                Wanted::Of(who, Some(*session)),
                Some(*cid),
                Some(who.site),
                From::EndUser,
                fingerprint("end", session),
            ),
            Request::Read { who, .. } => {
                let (wanted, site) = of_sender(who);
                asked(wanted, None, Some(site), From::EndUser, Vec::new())
            }
            Request::Update {
                agent,
                cid,
                ticket,
                update,
            } => asked(
                Wanted::Ticket(*ticket),
                *cid,
                None,
                From::Agent(*agent),
                fingerprint("update", &(ticket, update)),
            ),
            Request::End { agent, cid, ticket } => asked(
                Wanted::Ticket(*ticket),
                *cid,
                None,
                From::Agent(*agent),
                fingerprint("end", ticket),
            ),
            Request::Macro {
                agent,
                cid,
                ticket,
                id,
            } => asked(
                Wanted::Ticket(*ticket),
                *cid,
                None,
                From::Agent(*agent),
                fingerprint("macro", &(ticket, id)),
            ),
            Request::Business {
                site,
                thread,
                cid,
                name,
                text,
                replies,
            } => asked(
                Wanted::Thread(*thread),
                Some(*cid),
                Some(*site),
                From::Site(*site),
                fingerprint("business", &(thread, name, text, replies)),
            ),
            Request::HandOff { site, thread } | Request::Describe { site, thread, .. } => asked(
                Wanted::Thread(*thread),
                None,
                Some(*site),
                From::Site(*site),
                Vec::new(),
            ),
            Request::Assign { ticket, agent } | Request::ReturnToQueue { ticket, agent } => asked(
                Wanted::Ticket(*ticket),
                None,
                None,
                From::Agent(*agent),
                Vec::new(),
            ),
            Request::EndForgotten { thread } => {
                asked(Wanted::Thread(*thread), None, None, From::EndUser, Vec::new())
            }
            // No client id, so nothing is kept of who asked.
            Request::TurnInactive { ticket } | Request::CloseSolved { ticket } => {
                asked(Wanted::Ticket(*ticket), None, None, From::EndUser, Vec::new())
            }
        }
    }

    /// The client id is known: to its sender, what came of it; to anybody else nothing (R11).
    pub(super) fn repeat(&self, known: &Known, head: Option<&Head>) -> Result<Done, Refusal> {
        let sender = head.map(|head| self.sender(&head.thread));
        let is_theirs = sender.is_some_and(|it| it == known.sender || Some(it) == known.became);
        if !is_theirs {
            return Err(Refusal::UnknownClientId);
        }
        // Of what was asked by somebody erased since, there is nothing left to compare.
        if !known.payload.is_empty() && known.payload != self.payload {
            return Err(Refusal::ClientIdReused);
        }
        let answer = Answer {
            thread: known.thread,
            outcome: known.outcome,
            repeated: true,
        };
        Ok(Done {
            answer,
            told: None,
            wake: false,
            adds_to_a_log: false,
        })
    }

    /// What is kept under the client id.
    pub(super) fn known(&self, thread: &ChatThread, outcome: Outcome) -> Known {
        Known {
            sender: self.sender(thread),
            became: None,
            payload: self.payload.clone(),
            thread: thread.id,
            outcome,
        }
    }

    /// There is no such chat thread.
    pub(super) const fn missing(&self) -> Refusal {
        match self.wanted {
            Wanted::Of(..) | Wanted::Whole(_) => Refusal::UnknownSender,
            Wanted::Thread(_) | Wanted::WholeThread(_) => Refusal::UnknownThread,
            Wanted::Ticket(_) => Refusal::Rejected(Rejection::UnknownTicket),
        }
    }

    fn sender(&self, thread: &ChatThread) -> Vec<u8> {
        match self.from {
            From::EndUser => thread.end_user.id.0.as_bytes().to_vec(),
            From::Agent(agent) => [b"agent", agent.0.to_be_bytes().as_slice()].concat(),
            From::Site(site) => [b"site", site.0.to_be_bytes().as_slice()].concat(),
        }
    }
}

const fn of_sender(who: &Sender) -> (Wanted<'_>, SiteId) {
    match who {
        Sender::Visitor(who) => (Wanted::Of(who, None), who.site),
        Sender::Of { site, thread } => (Wanted::Thread(*thread), *site),
    }
}

/// A fingerprint of what is asked: the same client id with another one is another command (422).
fn fingerprint<T: Serialize>(kind: &str, payload: &T) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(kind);
    hash.update([0]);
    // Our own types never fail to be written.
    hash.update(serde_json::to_vec(payload).unwrap_or_default());
    hash.finalize().get(..16).map(<[u8]>::to_vec).unwrap_or_default()
}
