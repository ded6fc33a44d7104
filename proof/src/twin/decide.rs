//! One request, one change: look up its client id, load, let core decide, write. What is written is written at once;
//! whoever asks keeps [`Done::writes`] to commit them, or to take them back.

use causerie_core::agent::{Agent, Availability, Group, Role};
use causerie_core::bot::Flow;
use causerie_core::chat_thread::{
    Actor, ChatThread, Circumstances, Command, CustomerMessage, Decision, Effect, Event, Outcome, Rejection,
    handle,
};
use causerie_core::conversation::Conversation;
use causerie_core::end_user::EndUser;
use causerie_core::message::Text;
use causerie_core::planted::{self, Bug};
use causerie_core::routing::assign::{Follows, follows};
use causerie_core::ticket::Set;
use causerie_core::ticket::event::TicketEvent;
use causerie_core::{AgentId, ClientMessageId, GroupId, MacroId, Seq, TicketId, Timestamp};

use super::{
    AgentRecord, Answer, Change, Changed, Fresh, Job, JobKind, Known, Refusal, Request, Rows, SentBy, SiteId,
    ThreadRecord, TicketRecord, Write,
};

/// Slots of a new agent.
const SLOTS: (u32, u32) = (3, 5);

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

/// A row that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// As it is now.
    pub now: Write,
    /// As it was before.
    pub before: Write,
}

/// Asks for a change of a chat thread.
///
/// # Errors
/// Why it is not done; then nothing is written.
pub fn ask(rows: &mut Rows, request: &Request, around: &Around<'_>) -> Result<Done, Refusal> {
    let (thread, cid) = (thread_of(rows, request), cid_of(request));
    let known = cid.and_then(|cid| rows.commands.get(&cid));
    if let Some(known) = known.filter(|_| !planted::is(Bug::ForgetsClientIds)) {
        return repeated(known, request, thread.as_ref());
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
            let end_user = EndUser::anonymous(around.fresh.end_user, who.locale.clone());
            (ChatThread::new(around.fresh.thread, end_user), Some(who))
        }
        (None, _) => return Err(missing(request)),
    };
    let command = command(rows, request, &was)?;
    let decision = decide(rows, &was, request, command.clone(), around)?;
    let before = rows.threads.get(&was.id);
    let record = ThreadRecord {
        site: visitor.map_or_else(|| before.map_or(SiteId(0), |it| it.site), |who| who.site),
        secret_hash: visitor.map_or_else(
            || before.map_or([0; 32], |it| it.secret_hash),
            |who| who.secret_hash,
        ),
        end_user: decision.after.end_user.clone(),
        head: decision.after.head,
        last_at: decision.after.last_at,
        read: before.map_or(Seq(0), |it| it.read),
        conversations: decision.after.conversations.len() as u64,
    };
    let mut writing = Writing::to(rows);
    writing.put(Write::Thread(was.id, Some(record)));
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

impl Rows {
    /// Takes back what was written last.
    pub fn take_back(&mut self, writes: Vec<Written>) {
        for mut written in writes.into_iter().rev() {
            self.write(&mut written.before);
        }
    }
}

fn decide(
    rows: &Rows,
    was: &ChatThread,
    request: &Request,
    command: Command,
    around: &Around<'_>,
) -> Result<Decision, Refusal> {
    let room = whose_room(&command, request, was).and_then(|agent| rows.room(agent));
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
        fresh_ticket: TicketId(rows.tickets.keys().next_back().map_or(0, |last| last.0) + 1),
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
    match (command, request) {
        (_, Request::Assign { agent, .. } | Request::ReturnToQueue { agent, .. }) => Some(*agent),
        (Command::UpdateTicket { update, .. }, _) => update.assignee.and_then(Set::value),
        (Command::CustomerMessage(_), _) => was.would_wake(),
        (
            Command::HandOff
            | Command::BusinessMessage { .. }
            | Command::DescribeEndUser { .. }
            | Command::LogIn { .. }
            | Command::EndSession { .. }
            | Command::EndForgotten
            | Command::Assign { .. }
            | Command::ReturnToQueue { .. }
            | Command::TurnInactive { .. }
            | Command::CloseSolved { .. },
            _,
        ) => None,
    }
}

/// The chat thread that a request is for.
fn thread_of(rows: &Rows, request: &Request) -> Option<ChatThread> {
    let of_site = |site: SiteId, thread| {
        let its = rows
            .threads
            .get(&thread)
            .is_some_and(|record| record.site == site);
        its.then_some(thread)
    };
    let id = match request {
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

fn repeated(known: &Known, request: &Request, thread: Option<&ChatThread>) -> Result<Done, Refusal> {
    if thread.map(|thread| sent_by(request, thread)) != Some(known.sender) {
        return Err(Refusal::UnknownClientId);
    }
    if known.payload != payload(request) {
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
    let upto = upto.min(thread.head);
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
            let tags = its.map(|its| its.tags.as_slice()).unwrap_or_default();
            Command::UpdateTicket {
                ticket: *ticket,
                by,
                update: it.update(tags).map_err(Refusal::Rejected)?,
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

/// Writes rows one by one, and keeps how to take them back.
struct Writing<'a> {
    rows: &'a mut Rows,
    done: Vec<Written>,
}

impl<'a> Writing<'a> {
    const fn to(rows: &'a mut Rows) -> Self {
        Self {
            rows,
            done: Vec::new(),
        }
    }

    fn put(&mut self, now: Write) {
        let mut before = now.clone();
        self.rows.write(&mut before);
        self.done.push(Written { now, before });
    }

    /// What a decision writes: first the rows that it changes, then the entries of both logs, then the jobs.
    fn decision(&mut self, was: &ChatThread, decision: &Decision, now: Timestamp) {
        let after = &decision.after;
        for (number, conversation) in (1..).zip(&after.conversations) {
            if was.conversation(conversation.id) != Some(conversation) {
                let row = Some(Box::new(conversation.clone()));
                self.put(Write::Conversation((after.id, number), row));
            }
            if let (Some(ticket), Some(at)) = (conversation.ticket(), last_change(decision, conversation)) {
                let made = self
                    .rows
                    .tickets
                    .get(&ticket.id)
                    .map_or(at, |record| record.created_at);
                let record = TicketRecord {
                    thread: after.id,
                    number,
                    created_at: made,
                    updated_at: at,
                };
                self.put(Write::Ticket(ticket.id, Some(record)));
            }
        }
        for event in &decision.events {
            match event {
                Event::Said(entry) => {
                    self.put(Write::Said((after.id, entry.seq), Some(entry.clone())));
                }
                Event::TicketLogged { ticket, entry, .. } => {
                    self.put(Write::Logged((*ticket, entry.seq), Some(entry.clone())));
                    if let TicketEvent::Assignee { to: Some(agent), .. } = &entry.what
                        && let Some(record) = self.rows.agents.get(agent)
                    {
                        let record = AgentRecord {
                            idle_since: entry.at,
                            ..record.clone()
                        };
                        self.put(Write::Agent(*agent, Some(record)));
                    }
                }
                Event::ConversationStarted(_)
                | Event::BotMoved { .. }
                | Event::EndUserDescribed { .. }
                | Event::MovedTo(_)
                | Event::SessionChanged { .. }
                | Event::TicketCreated { .. } => {}
            }
        }
        for effect in &decision.effects {
            match effect {
                Effect::AssignWaiting => self.job(JobKind::Assign, now),
                Effect::SendEmail { ticket, entry } => self.job(JobKind::Email(*ticket, *entry), now),
            }
        }
    }

    /// A job; asked for again before it is done, it is one job still, with another number.
    fn job(&mut self, kind: JobKind, due_at: Timestamp) {
        let same = |(_, job): &(&u64, &Job)| job.kind == kind;
        if let Some(old) = self.rows.jobs.iter().find(same).map(|(number, _)| *number) {
            self.put(Write::Job(old, None));
        }
        let number = self.rows.last_job + 1;
        self.put(Write::LastJob(number));
        self.put(Write::Job(number, Some(Job { kind, due_at })));
    }

    fn perform(&mut self, change: &Change, now: Timestamp) -> Result<(Changed, Option<JobKind>), Refusal> {
        let its = |rows: &Rows, agent: &AgentId| rows.agents.get(agent).cloned().ok_or(Refusal::UnknownAgent);
        Ok(match change {
            Change::AddAgent {
                name,
                email,
                role,
                group,
            } => {
                let agent = self.add_agent(name, email, *role, group.as_deref(), now);
                (Changed::Agent(agent), Some(JobKind::Assign))
            }
            Change::SetAvailability { agent, to } => {
                let before = its(self.rows, agent)?;
                let left = match follows(before.availability, *to) {
                    Follows::TheyGetWork => Some(JobKind::Assign),
                    Follows::TheirWorkReturns => Some(JobKind::Return(*agent)),
                    Follows::Nothing => None,
                };
                let availability = *to;
                let record = AgentRecord {
                    availability,
                    ..before
                };
                self.put(Write::Agent(*agent, Some(record)));
                (Changed::Agent(*agent), left)
            }
            Change::SetSlots {
                agent,
                messaging,
                email,
            } => {
                let record = AgentRecord {
                    messaging_max: *messaging,
                    email_max: *email,
                    ..its(self.rows, agent)?
                };
                self.put(Write::Agent(*agent, Some(record)));
                (Changed::Agent(*agent), Some(JobKind::Assign))
            }
            Change::SetSettings(settings) => {
                self.put(Write::Settings(*settings));
                (Changed::Done, Some(JobKind::Assign))
            }
            Change::SaveMacro(it) => {
                let id = match it.id {
                    MacroId(0) => MacroId(self.rows.macros.keys().next_back().map_or(0, |last| last.0) + 1),
                    known if self.rows.macros.contains_key(&known) => known,
                    _ => return Err(Refusal::UnknownMacro),
                };
                let mut it = it.clone();
                it.id = id;
                self.put(Write::Macro(id, Some(it)));
                (Changed::Macro(id), None)
            }
            Change::RemoveMacro(id) => {
                if !self.rows.macros.contains_key(id) {
                    return Err(Refusal::UnknownMacro);
                }
                self.put(Write::Macro(*id, None));
                (Changed::Macro(*id), None)
            }
            Change::AddGroup { name } => (Changed::Group(self.group_named(name)), None),
            Change::Finish(job) => {
                self.put(Write::Job(*job, None));
                (Changed::Done, None)
            }
        })
    }

    fn add_agent(
        &mut self,
        name: &str,
        email: &str,
        role: Option<Role>,
        group: Option<&str>,
        now: Timestamp,
    ) -> AgentId {
        let group = group.map(|group| self.group_named(group));
        let known = self.rows.agents.values().find(|record| record.email == email);
        let next = AgentId(self.rows.agents.keys().next_back().map_or(0, |last| last.0) + 1);
        let mut record = known.cloned().unwrap_or_else(|| AgentRecord {
            agent: Agent {
                id: next,
                name: String::new(),
                role: Role::Agent,
                groups: Vec::new(),
            },
            email: email.to_owned(),
            availability: Availability::Offline,
            messaging_max: SLOTS.0,
            email_max: SLOTS.1,
            idle_since: now,
        });
        name.clone_into(&mut record.agent.name);
        record.agent.role = role.unwrap_or(record.agent.role);
        record.agent.groups.extend(group);
        record.agent.groups.sort();
        record.agent.groups.dedup();
        let id = record.agent.id;
        self.put(Write::Agent(id, Some(record)));
        id
    }

    fn group_named(&mut self, name: &str) -> GroupId {
        let known = self.rows.groups.iter().find(|(_, its)| *its == name);
        if let Some((id, _)) = known {
            return *id;
        }
        let id = GroupId(self.rows.groups.keys().next_back().map_or(0, |last| last.0) + 1);
        self.put(Write::Group(id, Some(name.to_owned())));
        id
    }
}

/// When the decision last touched a conversation's ticket: by what was said, or by what was done to it.
fn last_change(decision: &Decision, of: &Conversation) -> Option<Timestamp> {
    decision
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Said(entry) => (entry.session == of.id).then_some(entry.at),
            Event::TicketLogged { session, entry, .. } => (*session == of.id).then_some(entry.at),
            Event::ConversationStarted(_)
            | Event::BotMoved { .. }
            | Event::EndUserDescribed { .. }
            | Event::MovedTo(_)
            | Event::SessionChanged { .. }
            | Event::TicketCreated { .. } => None,
        })
        .next_back()
}
