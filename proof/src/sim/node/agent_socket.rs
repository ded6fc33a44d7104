//! The server's end of a workspace's socket: says everything that the screens need but the logs, follows the logs of
//! one ticket at a time, and passes on what its agent may see.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use causerie_core::agent::Agent;
use causerie_core::chat_thread::Rejection;
use causerie_core::message::ThreadEntry;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::settings::Settings;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::wire::agent::{AgentRow, Down, TicketRow, Up, Welcome};
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, Seq, SessionId, TicketId};

use super::BUILD;
use super::told::AgentNotice;
use super::visitor_socket::refused;
use crate::twin::{Answer, Change, Changed, Refusal, Request, Rows};

/// How many entries of each log one frame carries at most.
const PAGE: usize = 50;

/// What a socket asks of the writer.
#[derive(Clone, Debug)]
pub enum Asks {
    /// A change of a ticket.
    Request(ClientMessageId, Request),
    /// The agent's own availability.
    Change(Change),
}

/// The server's end of one socket.
#[derive(Clone, Debug, Default)]
pub struct AgentSocket {
    me: Option<Agent>,
    settings: Settings,
    macros: Vec<Macro>,
    agents: Vec<AgentRow>,
    told: BTreeMap<TicketId, TicketRow>,
    followed: Option<Followed>,
    /// What waits to be passed on.
    pub mailbox: VecDeque<AgentNotice>,
    /// A command of this socket waits for the writer.
    pub asks: bool,
}

/// A ticket, and how far its logs were said.
#[derive(Clone, Debug)]
struct Followed {
    ticket: TicketId,
    chat: ChatThreadId,
    session: SessionId,
    thread: Seq,
    log: Seq,
}

impl AgentSocket {
    /// Whether it was greeted, so that it listens.
    #[must_use]
    pub const fn listens(&self) -> bool {
        self.me.is_some()
    }

    /// A frame came; answers what is to be asked of the writer.
    pub fn heard(&mut self, up: Up, rows: &Rows, says: &mut VecDeque<Down>) -> Option<Asks> {
        let Some(me) = self.me.clone() else {
            if let Up::Hello { token } = up {
                self.greet(&token, rows, says);
            }
            return None;
        };
        let agent = me.id;
        let request = match up {
            Up::Hello { .. } | Up::Typing { .. } => return None,
            Up::Open { ticket, thread, log } => {
                self.open(&me, ticket, (thread, log), rows, says);
                return None;
            }
            Up::Close => {
                self.followed = None;
                return None;
            }
            Up::Ping => {
                self.catch_up(&me, rows, says);
                says.push_back(Down::Pong);
                return None;
            }
            Up::Availability(to) => {
                self.asks = true;
                return Some(Asks::Change(Change::SetAvailability { agent, to }));
            }
            Up::Update { cid, ticket, update } => Request::Update {
                agent,
                cid: Some(cid),
                ticket,
                update: *update,
            },
            Up::End { cid, ticket } => Request::End {
                agent,
                cid: Some(cid),
                ticket,
            },
            Up::Macro { cid, ticket, id } => Request::Macro {
                agent,
                cid: Some(cid),
                ticket,
                id,
            },
        };
        self.asks = true;
        let cid = match &request {
            Request::Update { cid, .. } | Request::End { cid, .. } | Request::Macro { cid, .. } => *cid,
            Request::Send { .. }
            | Request::EndByEndUser { .. }
            | Request::Read { .. }
            | Request::Business { .. }
            | Request::HandOff { .. }
            | Request::Describe { .. }
            | Request::Assign { .. }
            | Request::ReturnToQueue { .. }
            | Request::TurnInactive { .. }
            | Request::CloseSolved { .. }
            | Request::EndForgotten { .. } => None,
        };
        cid.map(|cid| Asks::Request(cid, request))
    }

    /// The writer has answered a command.
    pub fn answered(
        &mut self,
        cid: ClientMessageId,
        answer: Result<Answer, Refusal>,
        says: &mut VecDeque<Down>,
    ) {
        self.asks = false;
        says.push_back(match answer {
            Ok(answer) => Down::Done {
                cid,
                outcome: answer.outcome,
            },
            Err(why) => Down::Refused(refused(Some(cid), &why)),
        });
    }

    /// The writer has answered a change.
    pub fn changed(&mut self, answer: Result<Changed, Refusal>, says: &mut VecDeque<Down>) {
        self.asks = false;
        if let Err(why) = answer {
            says.push_back(Down::Refused(refused(None, &why)));
        }
    }

    /// A notice came.
    pub fn told(&mut self, notice: AgentNotice, rows: &Rows, says: &mut VecDeque<Down>) {
        let Some(me) = self.me.clone() else { return };
        match notice {
            AgentNotice::Ticket { row, thread, log } => {
                let id = row.ticket.id;
                if !me.sees(&row.ticket) {
                    return self.gone(id, says);
                }
                self.row(*row, says);
                match &mut self.followed {
                    Some(followed) if followed.ticket == id => followed.told(&thread, &log, rows, says),
                    Some(_) | None => {}
                }
            }
            AgentNotice::Agents => self.look(rows, says),
            AgentNotice::Settings => self.settings(rows, says),
            AgentNotice::Macros => self.macros(rows, says),
            AgentNotice::EndUser(id) => {
                let its = |row: &TicketRow| rows.threads.get(&row.thread).is_some_and(|it| it.end_user == id);
                for row in rows.ticket_rows().filter(its) {
                    if self.told.contains_key(&row.ticket.id) && me.sees(&row.ticket) {
                        self.row(row, says);
                    }
                }
            }
        }
    }

    /// Every few seconds: what has changed about the agents.
    pub fn look(&mut self, rows: &Rows, says: &mut VecDeque<Down>) {
        if self.me.is_none() {
            return;
        }
        let agents = rows.agent_rows();
        for row in &agents {
            if !self.agents.contains(row) {
                says.push_back(Down::Agent(row.clone()));
            }
        }
        self.agents = agents;
    }

    fn settings(&mut self, rows: &Rows, says: &mut VecDeque<Down>) {
        if self.settings != rows.settings {
            self.settings = rows.settings;
            says.push_back(Down::Settings(rows.settings));
        }
    }

    fn macros(&mut self, rows: &Rows, says: &mut VecDeque<Down>) {
        let macros: Vec<Macro> = rows.macros.values().cloned().collect();
        if self.macros != macros {
            self.macros.clone_from(&macros);
            says.push_back(Down::Macros(macros));
        }
    }

    fn greet(&mut self, token: &str, rows: &Rows, says: &mut VecDeque<Down>) {
        let id = AgentId(token.parse().unwrap_or_default());
        let Some(record) = rows.agents.get(&id) else {
            return;
        };
        let me = record.agent.clone();
        let tickets = rows.seen_by(&me);
        self.agents = rows.agent_rows();
        self.settings = rows.settings;
        self.macros = rows.macros.values().cloned().collect();
        self.told = tickets.iter().map(|row| (row.ticket.id, row.clone())).collect();
        says.push_back(Down::Welcome(Box::new(Welcome {
            me: me.id,
            agents: self.agents.clone(),
            groups: rows.groups.iter().map(|(id, name)| (*id, name.clone())).collect(),
            macros: self.macros.clone(),
            settings: self.settings,
            tickets,
            more: false,
            mail: false,
            epoch: rows.epoch,
            build: BUILD.to_owned(),
        })));
        self.me = Some(me);
    }

    fn open(
        &mut self,
        me: &Agent,
        ticket: TicketId,
        known: (Seq, Seq),
        rows: &Rows,
        says: &mut VecDeque<Down>,
    ) {
        let row = rows.ticket_row(ticket).filter(|row| me.sees(&row.ticket));
        let Some(row) = row else {
            self.followed = None;
            let why = Refusal::Rejected(Rejection::UnknownTicket);
            says.push_back(Down::Refused(refused(None, &why)));
            return;
        };
        let (thread, log) = known;
        let head = rows.threads.get(&row.thread).map_or(Seq(0), |record| record.head);
        let thread = if thread <= head { thread } else { Seq(0) };
        let mut followed = Followed {
            ticket,
            chat: row.thread,
            session: row.session_id,
            thread,
            log: if log <= row.ticket.head { log } else { Seq(0) },
        };
        self.row(row, says);
        followed.page(true, rows, says);
        while followed.page(false, rows, says) {}
        self.followed = Some(followed);
    }

    /// Looks whether all was told: a notice may have been lost (I28).
    fn catch_up(&mut self, me: &Agent, rows: &Rows, says: &mut VecDeque<Down>) {
        self.settings(rows, says);
        self.macros(rows, says);
        let seen = rows.seen_by(me);
        let ids: BTreeSet<TicketId> = seen.iter().map(|row| row.ticket.id).collect();
        for row in seen.into_iter().rev() {
            if self.told.get(&row.ticket.id) != Some(&row) {
                self.row(row, says);
            }
        }
        let gone: Vec<TicketId> = self.told.keys().filter(|id| !ids.contains(id)).copied().collect();
        for ticket in gone {
            self.gone(ticket, says);
        }
        if let Some(followed) = &mut self.followed {
            while followed.page(false, rows, says) {}
        }
    }

    fn row(&mut self, row: TicketRow, says: &mut VecDeque<Down>) {
        self.told.insert(row.ticket.id, row.clone());
        says.push_back(Down::Ticket(Box::new(row)));
    }

    fn gone(&mut self, ticket: TicketId, says: &mut VecDeque<Down>) {
        self.followed.take_if(|followed| followed.ticket == ticket);
        if self.told.remove(&ticket).is_some() {
            says.push_back(Down::Gone(ticket));
        }
    }
}

impl Followed {
    fn told(&mut self, thread: &[ThreadEntry], log: &[TicketEntry], rows: &Rows, says: &mut VecDeque<Down>) {
        let thread = &thread[thread.partition_point(|entry| entry.seq <= self.thread)..];
        let log = &log[log.partition_point(|entry| entry.seq <= self.log)..];
        if thread.is_empty() && log.is_empty() {
            return;
        }
        let follows = thread.first().is_none_or(|first| first.seq == self.thread.next())
            && log.first().is_none_or(|first| first.seq == self.log.next());
        if follows {
            self.say(thread.to_vec(), log.to_vec(), says);
        } else {
            while self.page(false, rows, says) {}
        }
    }

    /// Says the next page of both logs; answers whether there was one.
    fn page(&mut self, even_if_empty: bool, rows: &Rows, says: &mut VecDeque<Down>) -> bool {
        let its = |entry: &&ThreadEntry| entry.session == self.session;
        let thread: Vec<ThreadEntry> = rows
            .thread_log(self.chat, self.thread)
            .filter(its)
            .take(PAGE)
            .cloned()
            .collect();
        let log: Vec<TicketEntry> = rows
            .ticket_log(self.ticket, self.log)
            .take(PAGE)
            .cloned()
            .collect();
        let any = !thread.is_empty() || !log.is_empty();
        if any || even_if_empty {
            self.say(thread, log, says);
        }
        any
    }

    fn say(&mut self, thread: Vec<ThreadEntry>, log: Vec<TicketEntry>, says: &mut VecDeque<Down>) {
        self.thread = thread.last().map_or(self.thread, |entry| entry.seq);
        self.log = log.last().map_or(self.log, |entry| entry.seq);
        says.push_back(Down::Entries {
            ticket: self.ticket,
            thread,
            log,
        });
    }
}
