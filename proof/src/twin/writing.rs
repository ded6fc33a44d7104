//! Writing, row by row, and how to take it back.

use causerie_core::agent::{Agent, Availability, Role};
use causerie_core::chat_thread::{ChatThread, Decision, Effect, Event};
use causerie_core::conversation::Conversation;
use causerie_core::routing::assign::{Follows, follows};
use causerie_core::ticket::event::TicketEvent;
use causerie_core::{AgentId, ChatThreadId, GroupId, MacroId, Seq, TicketId, Timestamp};

use super::{
    AgentRecord, Change, Changed, EndUserRecord, Identity, Job, JobKind, Refusal, Rows, SiteId, ThreadRecord,
    TicketRecord, Write,
};

/// Slots of a new agent.
const SLOTS: (u32, u32) = (3, 5);

/// A row that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// As it is now.
    pub now: Write,
    /// As it was before.
    pub before: Write,
}

impl Rows {
    /// Takes back what was written last.
    pub fn take_back(&mut self, writes: Vec<Written>) {
        for mut written in writes.into_iter().rev() {
            self.write(&mut written.before);
        }
    }
}

/// Writes rows one by one, and keeps how to take them back.
pub(super) struct Writing<'a> {
    rows: &'a mut Rows,
    pub(super) done: Vec<Written>,
}

impl<'a> Writing<'a> {
    pub(super) const fn to(rows: &'a mut Rows) -> Self {
        Self {
            rows,
            done: Vec::new(),
        }
    }

    pub(super) fn put(&mut self, now: Write) {
        let mut before = now.clone();
        self.rows.write(&mut before);
        self.done.push(Written { now, before });
    }

    /// Everything as it is, with what was written so far.
    pub(super) const fn rows(&self) -> &Rows {
        self.rows
    }

    /// A chat thread's head as a decision leaves it, and its end user. The first message makes both: of whoever `who`
    /// is.
    pub(super) fn head(&mut self, was: &ChatThread, after: &ChatThread, who: Option<&Identity>) {
        let moved = was.end_user.id != after.end_user.id;
        if moved && let Some(left) = self.rows.current_of(after.end_user.id) {
            self.put_aside(left);
        }
        let known = self.rows.end_users.get(&after.end_user.id);
        let of_before = self.rows.end_users.get(&was.end_user.id);
        let record = EndUserRecord {
            site: known
                .or(of_before)
                .map(|it| it.site)
                .or(who.map(|who| who.site))
                .unwrap_or(SiteId(0)),
            secret_hash: known.map_or(who.map(|who| who.secret_hash), |it| it.secret_hash),
            end_user: after.end_user.clone(),
        };
        if known != Some(&record) {
            self.put(Write::EndUser(after.end_user.id, Some(record)));
        }
        let before = self.rows.threads.get(&was.id);
        let record = ThreadRecord {
            end_user: after.end_user.id,
            current: moved || before.is_none_or(|it| it.current),
            head: after.head,
            last_at: after.last_at,
            read: before.map_or(Seq(0), |it| it.read),
            conversations: after.conversations.len() as u64,
        };
        self.put(Write::Thread(was.id, Some(record)));
        if moved {
            self.put(Write::EndUser(was.end_user.id, None));
        }
    }

    /// What its end user writes goes here no longer.
    pub(super) fn put_aside(&mut self, thread: ChatThreadId) {
        if let Some(record) = self.rows.threads.get(&thread).cloned() {
            let current = false;
            self.put(Write::Thread(thread, Some(ThreadRecord { current, ..record })));
        }
    }

    /// What a decision writes: first the rows that it changes, then the entries of both logs, then the jobs.
    pub(super) fn decision(&mut self, was: &ChatThread, decision: &Decision, now: Timestamp) {
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
                | Event::Erased
                | Event::SessionChanged { .. }
                | Event::TicketCreated { .. } => {}
            }
        }
        for effect in &decision.effects {
            match effect {
                Effect::AssignWaiting => self.job(JobKind::Assign, now),
                Effect::SendEmail { ticket, entry } => self.job(JobKind::Email(*ticket, *entry), now),
                Effect::ForgetEmails { ticket } => self.forget_emails(*ticket),
            }
        }
    }

    fn forget_emails(&mut self, of: TicketId) {
        let theirs = |job: &Job| matches!(job.kind, JobKind::Email(ticket, _) if ticket == of);
        let jobs = self.rows.jobs.iter().filter(|(_, job)| theirs(job));
        let numbers: Vec<u64> = jobs.map(|(number, _)| *number).collect();
        for number in numbers {
            self.put(Write::Job(number, None));
        }
    }

    /// A job; asked for again before it is done, it is one job still, with another number.
    pub(super) fn job(&mut self, kind: JobKind, due_at: Timestamp) {
        let same = |(_, job): &(&u64, &Job)| job.kind == kind;
        if let Some(old) = self.rows.jobs.iter().find(same).map(|(number, _)| *number) {
            self.put(Write::Job(old, None));
        }
        let number = self.rows.last_job + 1;
        self.put(Write::LastJob(number));
        self.put(Write::Job(number, Some(Job { kind, due_at })));
    }

    pub(super) fn perform(
        &mut self,
        change: &Change,
        now: Timestamp,
    ) -> Result<(Changed, Option<JobKind>), Refusal> {
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
            Change::LogOut { site, secret } => {
                if let Some(device) = self.rows.devices.get(&(*site, *secret)).copied() {
                    self.retire((*site, *secret), device.end_user, now);
                }
                (Changed::Done, None)
            }
            Change::SweepSecrets { before } => {
                self.sweep(*before);
                (Changed::Done, None)
            }
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
            | Event::Erased
            | Event::SessionChanged { .. }
            | Event::TicketCreated { .. } => None,
        })
        .next_back()
}
