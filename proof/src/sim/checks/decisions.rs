//! What a single command may do, judged where it is decided: on the state before it, and the state after.

use std::collections::BTreeMap;

use causerie_core::chat_thread::{Actor, ChatThread, Command, Decision, Event, Outcome};
use causerie_core::conversation::{Conversation, Stage};
use causerie_core::message::Author;
use causerie_core::routing::{assign, capacity};
use causerie_core::session::{EndedBy, Placement, SessionState};
use causerie_core::settings::Settings;
use causerie_core::ticket::Status;
use causerie_core::ticket::event::{By, TicketEvent};
use causerie_core::{AgentId, ChatThreadId, Seq, Timestamp};

use crate::twin::{Done, Erased, Request, Rows, Write};

/// What was so before a command.
#[derive(Clone, Debug)]
pub struct Before {
    settings: Settings,
    used: BTreeMap<AgentId, u32>,
}

/// Watches the decisions; keeps the first that breaks an invariant.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Which one, and how.
    pub broken: Option<String>,
    /// What was decided how often: a simulation in which nothing happens finds nothing.
    pub seen: BTreeMap<&'static str, u64>,
}

impl Decisions {
    /// What has to be known of the rows before a command.
    #[must_use]
    pub fn before(&self, rows: &Rows) -> Before {
        Before {
            settings: rows.settings,
            used: rows
                .agents
                .keys()
                .map(|agent| (*agent, used(rows, *agent)))
                .collect(),
        }
    }

    /// A request was decided.
    pub fn decided(&mut self, before: &Before, request: &Request, done: &Done, after: &Rows) {
        let Some((was, command, decision)) = done.decided.as_deref() else {
            return;
        };
        self.counts(was, command, decision);
        self.ends(before, was, command, decision);
        self.bot(was, command, decision);
        self.slots(before, decision, after);
        self.timers(was, decision, after);
        self.demand(
            done.writes
                .iter()
                .all(|written| is_of(&written.now, decision.after.id, after))
                && is_askers(request, decision.after.id, after),
            "i32 a command touches its asker's own chat thread and no other",
            || format!("{request:?}"),
        );
        if let Command::Assign { ticket } = command {
            let waited = was.of_ticket(*ticket).is_some_and(assign::is_waiting);
            self.demand(waited, "i11 what waits for nobody is given to nobody", || {
                format!("ticket {ticket}")
            });
        }
    }

    /// Somebody was erased, and it was decided for each of their chat threads.
    pub fn erased(&mut self, before: &Before, erased: &Erased, after: &Rows) {
        if !erased.already {
            *self.seen.entry("people erased").or_default() += 1;
        }
        for (was, command, decision) in &erased.decided {
            self.counts(was, command, decision);
            self.ends(before, was, command, decision);
            self.slots(before, decision, after);
        }
    }

    fn counts(&mut self, was: &ChatThread, command: &Command, decision: &Decision) {
        let what = match (command, decision.outcome) {
            (Command::CustomerMessage(_), Outcome::Said { placement, .. }) => match placement {
                Placement::Started if was.conversations.is_empty() => "first messages",
                Placement::Started => "messages that began anew",
                Placement::Appended => "messages appended",
                Placement::AppendedReopening => "messages that reopened a ticket",
            },
            (Command::EndSession { .. }, Outcome::Ended { already: true, .. }) => "second ends",
            (Command::EndSession { by, .. }, _) => match by {
                Actor::Agent(_) | Actor::Rule { .. } => "ends by agents",
                Actor::EndUser => "ends by end users",
                Actor::System => "ends by the system",
            },
            (Command::Assign { .. }, _) => "assignments from the queue",
            (Command::ReturnToQueue { .. }, _) if !decision.events.is_empty() => "returns to the queue",
            (Command::TurnInactive { .. }, _) if !decision.events.is_empty() => "silent sessions",
            (Command::CloseSolved { .. }, _) if !decision.events.is_empty() => "closed tickets",
            (Command::EndForgotten, _) if !decision.events.is_empty() => "forgotten conversations",
            (Command::Erase, _) => "chat threads erased",
            (
                Command::CustomerMessage(_)
                | Command::HandOff
                | Command::BusinessMessage { .. }
                | Command::DescribeEndUser { .. }
                | Command::LogIn { .. }
                | Command::UpdateTicket { .. }
                | Command::ReturnToQueue { .. }
                | Command::TurnInactive { .. }
                | Command::CloseSolved { .. }
                | Command::EndForgotten,
                _,
            ) => "other changes",
        };
        *self.seen.entry(what).or_default() += 1;
        for event in &decision.events {
            if let Event::TicketCreated { .. } = event {
                *self.seen.entry("handoffs").or_default() += 1;
            }
        }
    }

    /// I07, I08, I12, I14: what an end does, and what it leaves alone.
    fn ends(&mut self, before: &Before, was: &ChatThread, command: &Command, decision: &Decision) {
        let alone = match command {
            Command::EndSession { session, by } => {
                let lived = was.conversation(*session).and_then(|it| it.session.ended());
                match decision.outcome {
                    Outcome::Ended { end, already, .. } => {
                        // One that nobody came by to end in its time is over by the system, before anybody's end (R44).
                        let stands = decision
                            .after
                            .conversation(*session)
                            .and_then(|it| it.session.ended());
                        self.demand(
                            stands == Some(end)
                                && lived.is_none_or(|first| already && first == end)
                                && (lived.is_some() || !already || end.by == EndedBy::System),
                            "i07 every caller gets the same end",
                            || format!("{end:?} after {lived:?}"),
                        );
                        let allowed = match by {
                            Actor::Agent(_) | Actor::Rule { .. } => before.settings.agents_can_end_sessions,
                            Actor::EndUser => before.settings.end_users_can_end_sessions,
                            Actor::System => true,
                        };
                        self.demand(
                            already || allowed,
                            "i08 whether one may end is judged where it is decided",
                            || format!("{by:?} ended {session}"),
                        );
                    }
                    Outcome::Said { .. } | Outcome::Done { .. } => {
                        self.demand(false, "i07 an end is answered by an end", || format!("{by:?}"));
                    }
                }
                true
            }
            Command::EndForgotten
            | Command::Erase
            | Command::TurnInactive { .. }
            | Command::CloseSolved { .. } => true,
            Command::CustomerMessage(_)
            | Command::HandOff
            | Command::BusinessMessage { .. }
            | Command::DescribeEndUser { .. }
            | Command::LogIn { .. }
            | Command::UpdateTicket { .. }
            | Command::Assign { .. }
            | Command::ReturnToQueue { .. } => false,
        };
        let spoke = decision
            .events
            .iter()
            .any(|event| matches!(event, Event::Said(_)));
        self.demand(
            !(alone && spoke),
            "i14 the end, and what time does, is nothing in the thread log",
            || format!("{command:?}"),
        );
        if let Command::EndSession { .. } = command {
            for after in &decision.after.conversations {
                let old = was.conversation(after.id).and_then(Conversation::ticket);
                if let (Some(old), Some(new)) = (old, after.ticket()) {
                    self.demand(
                        (old.status, old.assignee, old.group, old.priority, &old.tags)
                            == (new.status, new.assignee, new.group, new.priority, &new.tags),
                        "i12 the end leaves the ticket's fields alone",
                        || format!("{old:?} became {new:?}"),
                    );
                }
            }
        }
    }

    /// I04, I19, R10: the bot has each conversation first, speaks only where it has the conversation, and hears only what was meant for its question.
    fn bot(&mut self, was: &ChatThread, command: &Command, decision: &Decision) {
        for event in &decision.events {
            if let Event::Said(entry) = event
                && entry.author == Author::Bot
                && let Some(its) = was.conversation(entry.session)
            {
                let left = its.ticket().is_some() || its.session.ended().is_some();
                self.demand(!left, "i19 the bot is silent once it has handed off", || {
                    format!("{entry:?}")
                });
            }
        }
        if let Command::CustomerMessage(message) = command {
            let asked = was.latest().and_then(|latest| match &latest.stage {
                Stage::Bot(progress) if latest.is_live() => Some(progress.asked),
                Stage::Bot(_) | Stage::HandedOff(_) => None,
            });
            let unseen = asked.is_some_and(|asked| message.seen < asked);
            let moved = decision
                .events
                .iter()
                .any(|event| matches!(event, Event::BotMoved { .. }));
            let began = decision
                .events
                .iter()
                .any(|event| matches!(event, Event::ConversationStarted(_)));
            let handed_off = decision
                .events
                .iter()
                .any(|event| matches!(event, Event::TicketCreated { .. }));
            // This flow greets whoever begins, and hands off at nobody's first word.
            self.demand(
                !(began && handed_off),
                "i04 a message that begins a conversation is in the bot's hands",
                || format!("{message:?}"),
            );
            self.demand(
                !(unseen && moved && !began),
                "r10 what was written before a question does not answer it",
                || format!("{message:?}"),
            );
        }
    }

    /// I09, I10: nobody's slots in use grow past the maximum, unless a hand has done it and it is written down.
    fn slots(&mut self, before: &Before, decision: &Decision, after: &Rows) {
        for (agent, record) in &after.agents {
            let (was, is) = (
                before.used.get(agent).copied().unwrap_or_default(),
                used(after, *agent),
            );
            let by_hand = decision.events.iter().any(|event| match event {
                Event::TicketLogged { entry, .. } => {
                    let given = matches!(&entry.what,
                        TicketEvent::Assignee { to: Some(to), over_capacity: true, .. } if to == agent);
                    // To take up again what was solved is a hand's doing as well, and stands in the history as such.
                    let taken_up = matches!(
                        &entry.what,
                        TicketEvent::Status {
                            from: Status::Solved,
                            ..
                        }
                    ) && matches!(&entry.by, By::Agent { .. });
                    given || taken_up
                }
                Event::Said(_)
                | Event::ConversationStarted(_)
                | Event::BotMoved { .. }
                | Event::EndUserDescribed { .. }
                | Event::MovedTo(_)
                | Event::Erased
                | Event::SessionChanged { .. }
                | Event::TicketCreated { .. } => false,
            });
            self.demand(
                is <= was || is <= record.messaging_max || by_hand,
                "i09 i10 i11 no agent gets more than there is room for",
                || {
                    format!(
                        "{} had {was} and has {is} of {}",
                        record.agent.name, record.messaging_max
                    )
                },
            );
        }
    }

    /// I21: a timer whose time has not come does nothing, judged by the logs and not by the rows that it reads.
    fn timers(&mut self, was: &ChatThread, decision: &Decision, after: &Rows) {
        let settings = &after.settings;
        for event in &decision.events {
            match event {
                Event::SessionChanged { session, to } => {
                    let Some(end) = to.ended().filter(|end| end.by == EndedBy::System) else {
                        continue;
                    };
                    let last = last_said(after, was, |entry| entry.session == *session);
                    self.demand(
                        last.is_none_or(|last| end.at >= last.after(settings.bot_only_ends_after)),
                        "i21 a conversation is forgotten after its last message, not before its time",
                        || format!("ended at {}, last message at {last:?}", end.at.0),
                    );
                }
                Event::TicketLogged { session, entry, .. }
                    if matches!(
                        entry.what,
                        TicketEvent::Status {
                            to: Status::Closed,
                            ..
                        }
                    ) =>
                {
                    let before = was.conversation(*session).and_then(Conversation::ticket);
                    let solved = before.and_then(|ticket| {
                        let log = after.ticket_log(ticket.id, Seq(0));
                        let statuses = log
                            .filter(|it| it.seq < entry.seq)
                            .filter_map(|it| match it.what {
                                TicketEvent::Status { to, .. } => Some((to, it.at)),
                                TicketEvent::Created { .. }
                                | TicketEvent::MacroApplied(_)
                                | TicketEvent::Noted { .. }
                                | TicketEvent::Emailed { .. }
                                | TicketEvent::Priority { .. }
                                | TicketEvent::Assignee { .. }
                                | TicketEvent::Group { .. }
                                | TicketEvent::Tags { .. }
                                | TicketEvent::SessionState { .. }
                                | TicketEvent::SessionEnded { .. }
                                | TicketEvent::RoutingChannel { .. }
                                | TicketEvent::Requester { .. }
                                | TicketEvent::RequesterErased
                                | TicketEvent::Tombstone(_) => None,
                            });
                        statuses.last().filter(|(to, _)| *to == Status::Solved)
                    });
                    self.demand(
                        solved.is_some_and(|(_, at)| entry.at >= at.after(settings.solved_closes_after)),
                        "i21 a ticket closes when it has been solved for long, and not before",
                        || format!("closed at {}, solved at {solved:?}", entry.at.0),
                    );
                }
                Event::TicketLogged { session, entry, .. } if entry.by == By::System => {
                    let turned = matches!(
                        entry.what,
                        TicketEvent::SessionState {
                            to: SessionState::Inactive,
                            ..
                        }
                    );
                    let closed = decision.events.iter().any(|event| match event {
                        Event::TicketLogged { entry, .. } => {
                            matches!(entry.what, TicketEvent::Status { .. })
                        }
                        Event::Said(_)
                        | Event::ConversationStarted(_)
                        | Event::BotMoved { .. }
                        | Event::EndUserDescribed { .. }
                        | Event::MovedTo(_)
                        | Event::Erased
                        | Event::SessionChanged { .. }
                        | Event::TicketCreated { .. } => false,
                    });
                    let its = |entry: &causerie_core::message::ThreadEntry| {
                        entry.session == *session && entry.author == Author::EndUser
                    };
                    let last = last_said(after, was, its);
                    self.demand(
                        !turned
                            || closed
                            || last.is_none_or(|last| entry.at >= last.after(settings.inactive_after)),
                        "i21 a session is inactive after its customer's silence, not before its time",
                        || format!("turned at {}, last message at {last:?}", entry.at.0),
                    );
                }
                Event::Said(_)
                | Event::TicketLogged { .. }
                | Event::ConversationStarted(_)
                | Event::BotMoved { .. }
                | Event::EndUserDescribed { .. }
                | Event::MovedTo(_)
                | Event::Erased
                | Event::TicketCreated { .. } => {}
            }
        }
    }

    fn demand(&mut self, it: bool, invariant: &str, how: impl FnOnce() -> String) {
        if !it {
            self.broken
                .get_or_insert_with(|| format!("{invariant}: {}", how()));
        }
    }
}

/// An agent's slots in use, recomputed from the sessions themselves and from nothing else.
pub(super) fn used(rows: &Rows, agent: AgentId) -> u32 {
    let held = |it: &&Conversation| capacity::holder(it, &rows.settings) == Some(agent);
    rows.conversations.values().filter(held).count() as u32
}

fn last_said(
    rows: &Rows,
    of: &ChatThread,
    its: impl Fn(&causerie_core::message::ThreadEntry) -> bool,
) -> Option<Timestamp> {
    rows.thread_log(of.id, Seq(0))
        .filter(|entry| entry.seq <= of.head && its(entry))
        .last()
        .map(|entry| entry.at)
}

/// Whether a row that is written belongs to a chat thread, or to nobody's.
fn is_of(row: &Write, thread: ChatThreadId, after: &Rows) -> bool {
    let ticket_is = |ticket| after.tickets.get(ticket).is_some_and(|its| its.thread == thread);
    let end_user = after.threads.get(&thread).map(|record| record.end_user);
    match row {
        Write::EndUser(id, _) | Write::Erasure(id, _) => Some(*id) == end_user,
        Write::Thread(id, _) => *id == thread,
        Write::Conversation((id, _), _) | Write::Said((id, _), _) => *id == thread,
        Write::Ticket(ticket, _) | Write::Logged((ticket, _), _) => ticket_is(ticket),
        Write::Command(_, known) => known.as_ref().is_none_or(|known| known.thread == thread),
        // A request for a chat thread lets nobody in or out.
        Write::Device(..) | Write::Retired(..) | Write::Epoch(_) => false,
        Write::Settings(_)
        | Write::Agent(..)
        | Write::Group(..)
        | Write::Macro(..)
        | Write::Job(..)
        | Write::LastJob(_) => true,
    }
}

/// Whether a chat thread is that of the visitor who asks, or of the site that does.
fn is_askers(request: &Request, thread: ChatThreadId, after: &Rows) -> bool {
    match request {
        Request::Send { who, .. } | Request::EndByEndUser { who, .. } | Request::Read { who, .. } => {
            after.thread_of(who.site, who.secret_hash) == Some(thread)
        }
        Request::Business { site, .. } | Request::HandOff { site, .. } | Request::Describe { site, .. } => {
            after.site_of(thread) == Some(*site)
        }
        Request::Update { .. }
        | Request::End { .. }
        | Request::Macro { .. }
        | Request::Assign { .. }
        | Request::ReturnToQueue { .. }
        | Request::TurnInactive { .. }
        | Request::CloseSolved { .. }
        | Request::EndForgotten { .. } => true,
    }
}
