//! One request, one change: look up its client id, load, let core decide, write. What is written is written at once;
//! whoever asks keeps [`Done::writes`] to commit them, or to take them back.

use causerie_core::agent::{Availability, Group};
use causerie_core::bot::Flow;
use causerie_core::chat_thread::{
    Actor, ChatThread, Circumstances, Command, CustomerMessage, Decision, Outcome, Rejection, handle,
};
use causerie_core::conversation::Conversation;
use causerie_core::end_user::EndUser;
use causerie_core::message::Text;
use causerie_core::planted::{self, Bug};
use causerie_core::rules::placeholders::Facts;
use causerie_core::{AgentId, ClientMessageId, Seq, TicketId, Timestamp};

use super::writing::{Writing, Written};
use super::{
    AgentRecord, Answer, Change, Changed, Fresh, Identity, Known, Refusal, Request, Rows, SentBy, SiteId,
    Standing, ThreadRecord, Write,
};

/// What a decision needs beyond the rows.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The time.
    pub now: Timestamp,
    /// Ids that may be needed.
    pub fresh: Fresh,
    /// The bot's flow.
    pub flow: &'a Flow,
}

/// A request that was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// What its sender is told, once it is committed.
    pub answer: Answer,
    /// The state before and the decision; none of what was done before, and of a read mark.
    pub decided: Option<Box<(ChatThread, Command, Decision)>>,
    /// Up to where the end user has read, if that is news.
    pub read: Option<Seq>,
    /// What was written, in order.
    pub writes: Vec<Written>,
}

/// A change that was done.
#[derive(Clone, Debug)]
pub struct Performed {
    /// What its sender is told, once it is committed.
    pub changed: Changed,
    /// Whether it left a job.
    pub wake: bool,
    /// What was written, in order.
    pub writes: Vec<Written>,
}

/// Asks for a change of a chat thread.
///
/// # Errors
/// Why it is not done; then nothing is written.
pub fn ask(rows: &mut Rows, request: &Request, around: &Around<'_>) -> Result<Done, Refusal> {
    let (thread, cid) = (thread_of(rows, request), cid_of(request));
    // Whoever is nobody any more is told so, and of nothing else.
    let identified = match of_visitor(request) {
        Some(who) => Standing::of(rows, who.site, who.secret_hash).at(around.now)?,
        None => None,
    };
    let known = cid.and_then(|cid| rows.commands.get(&cid));
    if let Some(known) = known.filter(|_| !planted::is(Bug::ForgetsClientIds)) {
        return repeated(rows, known, request, thread.as_ref());
    }
    if let Request::Read { upto, .. } = request {
        let thread = thread.ok_or(Refusal::UnknownSender)?;
        return Ok(read(rows, &thread, *upto));
    }
    let (was, visitor) = match (thread, request) {
        (Some(mut was), Request::Send { who, .. }) => {
            was.end_user.locale.clone_from(&who.locale);
            (was, None)
        }
        (Some(was), _) => (was, None),
        (None, Request::Send { who, .. }) => {
            let person = identified.and_then(|id| rows.end_users.get(&id));
            let mut end_user = person.map_or_else(
                || EndUser::anonymous(around.fresh.end_user, String::new()),
                |person| person.end_user.clone(),
            );
            end_user.locale.clone_from(&who.locale);
            (ChatThread::new(around.fresh.thread, end_user), Some(who))
        }
        (None, _) => return Err(missing(request)),
    };
    let command = command(rows, request, &was)?;
    let room = whose_room(&command, request, &was);
    let decision = decide(rows, &was, room, command.clone(), around)?;
    let mut writing = Writing::to(rows);
    writing.head(&was, &decision.after, visitor);
    writing.decision(&was, &decision, around.now);
    if let Some(cid) = cid {
        let known = Known {
            sender: sent_by(request, &was),
            payload: payload(request),
            thread: was.id,
            outcome: decision.outcome,
        };
        writing.put(Write::Command(cid, Some(known)));
    }
    let writes = writing.done;
    Ok(Done {
        answer: Answer {
            thread: was.id,
            outcome: decision.outcome,
            repeated: false,
        },
        decided: Some(Box::new((was, command, decision))),
        read: None,
        writes,
    })
}

/// Asks for any other change.
///
/// # Errors
/// Why it is not done; then nothing is written.
pub fn change(rows: &mut Rows, change: &Change, now: Timestamp) -> Result<Performed, Refusal> {
    let mut writing = Writing::to(rows);
    let (changed, left) = writing.perform(change, now)?;
    if let Some(left) = left {
        writing.job(left, now);
    }
    Ok(Performed {
        changed,
        wake: left.is_some(),
        writes: writing.done,
    })
}

/// Lets core decide; `room` is whose capacity the decision asks for.
pub(super) fn decide(
    rows: &Rows,
    was: &ChatThread,
    room: Option<AgentId>,
    command: Command,
    around: &Around<'_>,
) -> Result<Decision, Refusal> {
    let room = room.and_then(|agent| rows.room(agent));
    let is_online = |agent: &AgentRecord| agent.availability == Availability::Online;
    let groups: Vec<Group> = rows
        .groups
        .iter()
        .map(|(id, name)| Group {
            id: *id,
            name: name.clone(),
            someone_available: rows
                .agents
                .values()
                .any(|agent| is_online(agent) && agent.agent.groups.contains(id)),
        })
        .collect();
    let circumstances = Circumstances {
        now: around.now,
        fresh_session: around.fresh.session,
        fresh_ticket: TicketId(rows.last_ticket().max(rows.last_ticket) + 1),
        settings: &rows.settings,
        flow: around.flow,
        groups: &groups,
        someone_available: rows.agents.values().any(is_online),
        room: room.as_ref(),
    };
    handle(was, command, &circumstances).map_err(Refusal::Rejected)
}

/// Whose capacity the decision asks for.
fn whose_room(command: &Command, request: &Request, was: &ChatThread) -> Option<AgentId> {
    if let Request::Assign { agent, .. } | Request::ReturnToQueue { agent, .. } = request {
        return Some(*agent);
    }
    command.asks_for_room_of(was)
}

/// The chat thread that a request is for.
fn thread_of(rows: &Rows, request: &Request) -> Option<ChatThread> {
    let of_site = |site: SiteId, thread| (rows.site_of(thread) == Some(site)).then_some(thread);
    let id = match request {
        Request::EndByEndUser { session, .. } if planted::is(Bug::EndsAnothersSession) => rows
            .conversations
            .iter()
            .find(|(_, conversation)| conversation.id == *session)
            .map(|((thread, _), _)| *thread),
        Request::Send { who, .. } | Request::EndByEndUser { who, .. } | Request::Read { who, .. } => {
            rows.thread_of(who.site, who.secret_hash)
        }
        Request::Update { ticket, .. }
        | Request::End { ticket, .. }
        | Request::Macro { ticket, .. }
        | Request::Assign { ticket, .. }
        | Request::ReturnToQueue { ticket, .. }
        | Request::TurnInactive { ticket }
        | Request::CloseSolved { ticket } => rows.tickets.get(ticket).map(|record| record.thread),
        Request::Business { site, thread, .. }
        | Request::HandOff { site, thread }
        | Request::Describe { site, thread, .. } => of_site(*site, *thread),
        Request::EndForgotten { thread } => Some(*thread),
    };
    rows.thread(id?)
}

/// The visitor who asks.
const fn of_visitor(request: &Request) -> Option<&Identity> {
    match request {
        Request::Send { who, .. } | Request::EndByEndUser { who, .. } | Request::Read { who, .. } => {
            Some(who)
        }
        Request::Update { .. }
        | Request::End { .. }
        | Request::Macro { .. }
        | Request::Business { .. }
        | Request::HandOff { .. }
        | Request::Describe { .. }
        | Request::Assign { .. }
        | Request::ReturnToQueue { .. }
        | Request::TurnInactive { .. }
        | Request::CloseSolved { .. }
        | Request::EndForgotten { .. } => None,
    }
}

const fn missing(request: &Request) -> Refusal {
    match request {
        Request::Send { .. } | Request::EndByEndUser { .. } | Request::Read { .. } => Refusal::UnknownSender,
        Request::Update { .. }
        | Request::End { .. }
        | Request::Macro { .. }
        | Request::Assign { .. }
        | Request::ReturnToQueue { .. }
        | Request::TurnInactive { .. }
        | Request::CloseSolved { .. } => Refusal::Rejected(Rejection::UnknownTicket),
        Request::Business { .. }
        | Request::HandOff { .. }
        | Request::Describe { .. }
        | Request::EndForgotten { .. } => Refusal::UnknownThread,
    }
}

const fn cid_of(request: &Request) -> Option<ClientMessageId> {
    match request {
        Request::Send { send, .. } => Some(send.cid),
        Request::EndByEndUser { cid, .. } | Request::Business { cid, .. } => Some(*cid),
        Request::Update { cid, .. } | Request::End { cid, .. } | Request::Macro { cid, .. } => *cid,
        Request::Read { .. }
        | Request::HandOff { .. }
        | Request::Describe { .. }
        | Request::Assign { .. }
        | Request::ReturnToQueue { .. }
        | Request::TurnInactive { .. }
        | Request::CloseSolved { .. }
        | Request::EndForgotten { .. } => None,
    }
}

/// What a retry has to say again; of a message its text alone, for more of the log may have been seen meanwhile.
fn payload(request: &Request) -> String {
    match request {
        Request::Send { send, .. } => format!("send {}", send.text),
        Request::EndByEndUser { session, .. } => format!("end {session}"),
        Request::Update { ticket, update, .. } => format!("update {ticket} {update:?}"),
        Request::End { ticket, .. } => format!("end {ticket}"),
        Request::Macro { ticket, id, .. } => format!("macro {ticket} {id}"),
        Request::Business {
            thread,
            name,
            text,
            replies,
            ..
        } => format!("business {thread} {name} {text:?} {replies:?}"),
        Request::Read { .. }
        | Request::HandOff { .. }
        | Request::Describe { .. }
        | Request::Assign { .. }
        | Request::ReturnToQueue { .. }
        | Request::TurnInactive { .. }
        | Request::CloseSolved { .. }
        | Request::EndForgotten { .. } => String::new(),
    }
}

const fn sent_by(request: &Request, thread: &ChatThread) -> SentBy {
    match request {
        Request::Update { agent, .. }
        | Request::End { agent, .. }
        | Request::Macro { agent, .. }
        | Request::Assign { agent, .. }
        | Request::ReturnToQueue { agent, .. } => SentBy::Agent(*agent),
        Request::Business { site, .. } | Request::HandOff { site, .. } | Request::Describe { site, .. } => {
            SentBy::Site(*site)
        }
        Request::Send { .. }
        | Request::EndByEndUser { .. }
        | Request::Read { .. }
        | Request::TurnInactive { .. }
        | Request::CloseSolved { .. }
        | Request::EndForgotten { .. } => SentBy::EndUser(thread.end_user.id),
    }
}

fn repeated(
    rows: &Rows,
    known: &Known,
    request: &Request,
    thread: Option<&ChatThread>,
) -> Result<Done, Refusal> {
    let anyone = planted::is(Bug::AnswersAnyone);
    let asks = thread.map(|thread| sent_by(request, thread));
    let is_theirs = asks.is_some_and(|it| it == known.sender || Some(it) == rows.became(known.sender));
    if !anyone && !is_theirs {
        return Err(Refusal::UnknownClientId);
    }
    // Of what was asked by somebody erased since, there is nothing left to compare.
    if !anyone && !known.payload.is_empty() && known.payload != payload(request) {
        return Err(Refusal::ClientIdReused);
    }
    Ok(Done {
        answer: Answer {
            thread: known.thread,
            outcome: known.outcome,
            repeated: true,
        },
        decided: None,
        read: None,
        writes: Vec::new(),
    })
}

fn read(rows: &mut Rows, thread: &ChatThread, upto: Seq) -> Done {
    let upto = if planted::is(Bug::BelievesReadMarks) {
        upto
    } else {
        upto.min(thread.head)
    };
    let record = rows.threads.get(&thread.id).filter(|record| record.read < upto);
    let fresh = record.map(|record| ThreadRecord {
        read: upto,
        ..record.clone()
    });
    let news = fresh.is_some();
    let mut writing = Writing::to(rows);
    if fresh.is_some() {
        writing.put(Write::Thread(thread.id, fresh));
    }
    Done {
        answer: Answer {
            thread: thread.id,
            outcome: Outcome::Done {},
            repeated: false,
        },
        decided: None,
        read: news.then_some(upto),
        writes: writing.done,
    }
}

fn command(rows: &Rows, request: &Request, was: &ChatThread) -> Result<Command, Refusal> {
    let actor = |agent: &AgentId| {
        let record = rows.agents.get(agent).ok_or(Refusal::UnknownSender)?;
        Ok(Actor::Agent(record.agent.clone()))
    };
    Ok(match request {
        Request::Send { send, .. } => Command::CustomerMessage(CustomerMessage {
            cid: send.cid,
            text: Text::parse(&send.text).map_err(|fault| Refusal::Rejected(Rejection::Text(fault)))?,
            seen: send.seen,
            composed_against: send.session,
        }),
        Request::EndByEndUser { session, .. } => Command::EndSession {
            session: *session,
            by: Actor::EndUser,
        },
        Request::Update {
            agent,
            cid,
            ticket,
            update,
        } => Command::UpdateTicket {
            ticket: *ticket,
            by: actor(agent)?,
            update: update.clone(),
            cid: *cid,
        },
        Request::End { agent, ticket, .. } => {
            let of = was.of_ticket(*ticket);
            Command::EndSession {
                session: of.ok_or(Refusal::Rejected(Rejection::UnknownTicket))?.id,
                by: actor(agent)?,
            }
        }
        Request::Macro {
            agent,
            cid,
            ticket,
            id,
        } => {
            let by = actor(agent)?;
            let it = rows.macros.get(id).ok_or(Refusal::UnknownMacro)?;
            let its = was.of_ticket(*ticket).and_then(Conversation::ticket);
            let facts = Facts {
                ticket: its.ok_or(Refusal::Rejected(Rejection::UnknownTicket))?,
                requester: was.end_user.name.as_deref(),
                email: was.end_user.email.as_deref(),
                agent: rows
                    .agents
                    .get(agent)
                    .map_or("", |record| record.agent.name.as_str()),
            };
            Command::UpdateTicket {
                ticket: *ticket,
                by,
                update: it.update(&facts).map_err(Refusal::Rejected)?,
                cid: *cid,
            }
        }
        Request::Business {
            cid,
            name,
            text,
            replies,
            ..
        } => Command::BusinessMessage {
            cid: *cid,
            name: name.clone(),
            text: text.clone(),
            replies: replies.clone(),
        },
        Request::HandOff { .. } => Command::HandOff,
        Request::Describe { name, email, .. } => Command::DescribeEndUser {
            name: name.clone(),
            email: email.clone(),
        },
        Request::Assign { ticket, .. } => Command::Assign { ticket: *ticket },
        Request::ReturnToQueue { ticket, .. } => Command::ReturnToQueue { ticket: *ticket },
        Request::TurnInactive { ticket } => Command::TurnInactive { ticket: *ticket },
        Request::CloseSolved { ticket } => Command::CloseSolved { ticket: *ticket },
        // A read mark decides nothing, and was done before this.
        Request::EndForgotten { .. } | Request::Read { .. } => Command::EndForgotten,
    })
}
