//! What the server does with a command: as its writer does it, and what a single one has to keep.

use causerie_core::agent::{Agent, Role};
use causerie_core::chat_thread::{
    Actor, ChatThread, Circumstances, Command, CustomerMessage, Effect, Event, Outcome, Rejection, handle,
};
use causerie_core::conversation::{Conversation, Stage};
use causerie_core::message::{Author, Text};
use causerie_core::planted::{self, Bug};
use causerie_core::routing::assign;
use causerie_core::routing::capacity::Room;
use causerie_core::session::{EndedBy, SessionState};
use causerie_core::ticket::{Comment, CommentTo, Set, Status, Update};
use causerie_core::wire::end_user::Ack;
use causerie_core::{AgentId, ClientMessageId, Seq, SessionId, TicketId};
use uuid::Uuid;

use super::agent_id;
use super::node::{Disk, FLOW, Request, name};
use super::wire::{Down, Told};

/// What a single step has to keep, whatever the state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// I01: an ended session stays as it is.
    EndStands,
    /// I04: a message that begins a conversation is in the bot's hands.
    BotFirst,
    /// I07: every caller of an end gets the first, and who comes second is told so.
    OneEnd,
    /// I08: switched off, nobody ends.
    MayEnd,
    /// I11: what waits for nobody is given to nobody.
    Waited,
    /// I12: the end leaves the ticket's fields alone.
    FieldsAlone,
    /// I14: neither an end nor what time does is anything in the thread log.
    Silence,
    /// I19: the bot is silent once it has handed off.
    BotIsOut,
    /// I21: a timer whose time has not come is harmless.
    Timely,
    /// R10: what was written before a question does not answer it.
    AnswersWhatWasSeen,
}

impl Disk {
    /// Does one command, as the writer does: a client message id that is known is answered before any state is asked.
    pub(super) fn carry_out(&mut self, request: &Request) -> Option<Told> {
        match request {
            Request::Send { tab, cid, text, seen } => {
                let known = self
                    .known
                    .get(cid)
                    .filter(|_| !planted::is(Bug::ForgetsClientIds));
                let outcome = match known {
                    Some(known) => *known,
                    None => {
                        let outcome = self.decide(message(*cid, text, *seen)).ok()?;
                        self.known.insert(*cid, outcome);
                        outcome
                    }
                };
                match outcome {
                    Outcome::Said {
                        session,
                        seq,
                        placement,
                    } => Some(Told::One(
                        *tab,
                        Down::Ack(Ack {
                            cid: *cid,
                            session,
                            seq,
                            placement,
                            elsewhere: false,
                        }),
                    )),
                    Outcome::Ended { .. } | Outcome::Done { .. } => None,
                }
            }
            Request::End { agent, session } => {
                let by = Actor::Agent(actor(*agent));
                let was_on = self.settings.agents_can_end_sessions;
                let lived = self.ends.get(session).map(|(end, _)| *end);
                match self.decide(Command::EndSession {
                    session: *session,
                    by,
                }) {
                    Ok(Outcome::Ended { end, already, .. }) => {
                        let first = lived.is_none_or(|first| first == end);
                        self.demand(first && already == lived.is_some(), Step::OneEnd);
                        self.demand(already || was_on, Step::MayEnd);
                    }
                    Ok(Outcome::Said { .. } | Outcome::Done { .. }) => {
                        self.demand(false, Step::OneEnd);
                    }
                    Err(_) => {}
                }
                None
            }
            Request::Take { agent, ticket } => {
                let update = Update {
                    assignee: Some(Set::To(*agent)),
                    ..Update::default()
                };
                self.update(*agent, *ticket, update);
                None
            }
            Request::Answer { agent, ticket } => {
                let text = Text::parse("Yes?").ok()?;
                let comment = Comment {
                    to: CommentTo::Messaging,
                    text,
                };
                let update = Update {
                    comment: Some(comment),
                    ..Update::default()
                };
                self.update(*agent, *ticket, update);
                None
            }
            Request::HandOff => {
                let _ = self.decide(Command::HandOff);
                None
            }
            Request::Switch => {
                self.settings.agents_can_end_sessions ^= true;
                None
            }
            Request::Assign { ticket, agent } => {
                let room = self.room(*agent);
                if self.other.of_ticket(*ticket).is_some() {
                    if let Some(after) = self.decide_other_in(Command::Assign { ticket: *ticket }, &room) {
                        self.other = after;
                    }
                } else {
                    let _ = self.decide_in(Command::Assign { ticket: *ticket }, Some(&room));
                }
                None
            }
            Request::EndForgotten => {
                let _ = self.decide(Command::EndForgotten);
                None
            }
            Request::TurnInactive(ticket) => self.times(*ticket, Command::TurnInactive { ticket: *ticket }),
            Request::CloseSolved(ticket) => self.times(*ticket, Command::CloseSolved { ticket: *ticket }),
            Request::Solve { agent, ticket } => {
                let update = Update {
                    status: Some(Status::Solved),
                    ..Update::default()
                };
                self.update(*agent, *ticket, update);
                None
            }
            Request::OtherWrites => {
                let room = self.other.would_wake().map(|agent| self.room(agent));
                let room = room.unwrap_or_else(|| self.room(agent_id(0)));
                let cid = ClientMessageId(Uuid::from_u128(u128::from(10_000 + self.next)));
                let message = message(cid, "still here", self.other.head);
                if let Some(after) = self.decide_other_in(message, &room) {
                    self.other = after;
                }
                None
            }
        }
    }

    /// What time does to a ticket, whosever it is.
    fn times(&mut self, ticket: TicketId, command: Command) -> Option<Told> {
        if self.other.of_ticket(ticket).is_some() {
            let room = self.room(agent_id(0));
            if let Some(after) = self.decide_other_in(command, &room) {
                self.other = after;
            }
        } else {
            let _ = self.decide(command);
        }
        None
    }

    fn update(&mut self, agent: AgentId, ticket: TicketId, update: Update) {
        let command = Command::UpdateTicket {
            ticket,
            by: Actor::Agent(actor(agent)),
            update,
            cid: None,
        };
        let room = self.room(agent);
        if self.other.of_ticket(ticket).is_some() {
            if let Some(after) = self.decide_other_in(command, &room) {
                self.other = after;
            }
        } else {
            let _ = self.decide_in(command, Some(&room));
        }
    }

    /// A message may wake somebody's work: then it is their room that counts.
    fn decide(&mut self, command: Command) -> Result<Outcome, Rejection> {
        let room = self.thread.would_wake().map(|agent| self.room(agent));
        self.decide_in(command, room.as_ref())
    }

    /// Decides on the visitor's chat thread, writes, and checks what a single step has to keep.
    fn decide_in(&mut self, command: Command, room: Option<&Room>) -> Result<Outcome, Rejection> {
        let before = self.thread.clone();
        let decision = handle(&before, command.clone(), &self.around(room))?;
        self.next += 1;
        self.keeps_to(&before, &command, &decision.events);
        for event in &decision.events {
            match event {
                Event::Said(entry) => {
                    self.demand(
                        !(entry.author == Author::Bot && had_left_the_bot(&before, entry.session)),
                        Step::BotIsOut,
                    );
                    self.log.push(entry.clone());
                }
                Event::TicketLogged { ticket, entry, .. } => {
                    self.ticket_logs.entry(*ticket).or_default().push(entry.clone());
                }
                Event::SessionChanged { session, .. } => {
                    self.demand(!self.ends.contains_key(session), Step::EndStands);
                }
                Event::ConversationStarted(_)
                | Event::BotMoved { .. }
                | Event::EndUserDescribed { .. }
                | Event::MovedTo(_)
                | Event::Erased
                | Event::TicketCreated { .. } => {}
            }
        }
        self.assign_job |= decision.effects.contains(&Effect::AssignWaiting);
        for conversation in &decision.after.conversations {
            if let Some(end) = conversation.session.ended() {
                let head = before.head;
                let was = before.conversation(conversation.id);
                self.ends.entry(conversation.id).or_insert((end, head));
                let kept = match (was.and_then(Conversation::ticket), conversation.ticket()) {
                    (Some(was), Some(is)) => {
                        (was.status, was.assignee, &was.tags) == (is.status, is.assignee, &is.tags)
                    }
                    (None, None) | (Some(_), None) | (None, Some(_)) => true,
                };
                let just_ended = was.is_some_and(|was| was.session.ended().is_none());
                self.demand(!just_ended || kept, Step::FieldsAlone);
                let early = matches!(end.by, EndedBy::System)
                    && just_ended
                    && was.is_some_and(|was| {
                        end.at < was.last_message_at.after(self.settings.bot_only_ends_after)
                    });
                self.demand(!early, Step::Timely);
            }
        }
        self.thread = decision.after;
        Ok(decision.outcome)
    }

    /// What a command may not do, whatever the state.
    fn keeps_to(&mut self, before: &ChatThread, command: &Command, events: &[Event]) {
        let speaks = events.iter().any(|event| matches!(event, Event::Said(_)));
        let bot_moves = events.iter().any(|event| matches!(event, Event::BotMoved { .. }));
        match command {
            Command::EndSession { .. } | Command::EndForgotten => {
                self.demand(!speaks, Step::Silence);
            }
            Command::TurnInactive { ticket } | Command::CloseSolved { ticket } => {
                self.demand(!speaks, Step::Silence);
                let of = before.of_ticket(*ticket);
                let was_due =
                    of.is_some_and(|of| self.was_due(of, matches!(command, Command::CloseSolved { .. })));
                let acts = events
                    .iter()
                    .any(|event| matches!(event, Event::TicketLogged { ticket: its, .. } if its == ticket));
                self.demand(was_due || !acts, Step::Timely);
            }
            Command::CustomerMessage(message) => {
                let asked = before.latest().and_then(|latest| match &latest.stage {
                    Stage::Bot(progress) if latest.is_live() => Some(progress.asked),
                    Stage::Bot(_) | Stage::HandedOff(_) => None,
                });
                let unseen = asked.is_some_and(|asked| message.seen < asked);
                let goes_on = events
                    .iter()
                    .all(|event| !matches!(event, Event::ConversationStarted(_)));
                let hands_off = events
                    .iter()
                    .any(|event| matches!(event, Event::TicketCreated { .. }));
                self.demand(goes_on || !hands_off, Step::BotFirst);
                self.demand(!(unseen && goes_on && bot_moves), Step::AnswersWhatWasSeen);
            }
            Command::HandOff
            | Command::BusinessMessage { .. }
            | Command::DescribeEndUser { .. }
            | Command::Erase
            | Command::LogIn { .. }
            | Command::UpdateTicket { .. }
            | Command::ReturnToQueue { .. } => {}
            Command::Assign { ticket } => {
                let waited = before.of_ticket(*ticket).is_some_and(assign::is_waiting);
                self.demand(waited, Step::Waited);
            }
        }
    }

    pub(super) fn decide_other(&mut self, command: Command) -> Option<ChatThread> {
        let room = self.room(agent_id(0));
        self.decide_other_in(command, &room)
    }

    /// Decides on the other visitor's chat thread. Nobody reads its thread log here; its ticket's log tells who has it.
    fn decide_other_in(&mut self, command: Command, room: &Room) -> Option<ChatThread> {
        let before = self.other.clone();
        let decision = handle(&before, command.clone(), &self.around(Some(room))).ok()?;
        self.next += 1;
        self.keeps_to(&before, &command, &decision.events);
        for event in &decision.events {
            if let Event::TicketLogged { ticket, entry, .. } = event {
                self.ticket_logs.entry(*ticket).or_default().push(entry.clone());
            }
        }
        self.assign_job |= decision.effects.contains(&Effect::AssignWaiting);
        Some(decision.after)
    }

    fn around<'a>(&'a self, room: Option<&'a Room>) -> Circumstances<'a> {
        Circumstances {
            now: self.now,
            fresh_session: SessionId(Uuid::from_u128(u128::from(1_000 + self.next))),
            fresh_ticket: TicketId(
                self.conversations()
                    .filter(|each| each.ticket().is_some())
                    .count() as u64
                    + 1,
            ),
            settings: &self.settings,
            flow: &FLOW,
            groups: &[],
            someone_available: true,
            room,
        }
    }

    /// Whether the time of a timer has come, said from its rule and not by the function that the server asks.
    fn was_due(&self, of: &Conversation, closes: bool) -> bool {
        let status = of.ticket().map(|ticket| ticket.status);
        if closes {
            status == Some(Status::Solved)
                && self.now >= of.status_since.after(self.settings.solved_closes_after)
        } else {
            of.session.state() == SessionState::Active
                && self.now >= of.silent_since.after(self.settings.inactive_after)
        }
    }

    fn demand(&mut self, holds: bool, step: Step) {
        if !holds && !self.broken.contains(&step) {
            self.broken.push(step);
        }
    }
}

pub(super) fn message(cid: ClientMessageId, text: &str, seen: Seq) -> Command {
    let text = match Text::parse(text) {
        Ok(text) => text,
        Err(fault) => unreachable!("the model's own words: {fault}"),
    };
    Command::CustomerMessage(CustomerMessage {
        cid,
        text,
        seen,
        composed_against: None,
    })
}

fn had_left_the_bot(before: &ChatThread, session: SessionId) -> bool {
    before.conversation(session).is_some_and(|was| match was.stage {
        Stage::HandedOff(_) => true,
        Stage::Bot(_) => was.session.ended().is_some(),
    })
}

/// Both are admins: whoever sees the ticket may end its session.
fn actor(agent: AgentId) -> Agent {
    Agent {
        id: agent,
        name: name(agent),
        role: Role::Admin,
        groups: Vec::new(),
    }
}
