//! An agent who ends sessions while people write, and remembers which ends were acknowledged.

use std::collections::{HashMap, HashSet};

use causerie_core::chat_thread::Outcome;
use causerie_core::message::ThreadEntry;
use causerie_core::session::{End, SessionState};
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::wire::agent::{Down, TicketRow, Up};
use causerie_core::{ChatThreadId, ClientMessageId, Seq, TicketId};
use causerie_tests::{Agent, Frames, Story, fresh_cid};

use crate::dice::Dice;
use crate::load::Load;

/// Of how many changes of tickets one is answered by the end of the session.
const ENDS_ONE_IN: u64 = 8;

/// An agent, over all the lives of the server.
#[derive(Debug)]
pub(crate) struct Desk {
    agent: Agent,
    dice: Dice,
    ends: HashMap<TicketId, Pressed>,
}

/// An end that was asked for.
#[derive(Debug)]
struct Pressed {
    cid: ClientMessageId,
    stands: Option<End>,
}

impl Desk {
    pub(crate) fn new(agent: Agent, dice: Dice) -> Self {
        Self {
            agent,
            dice,
            ends: HashMap::new(),
        }
    }

    /// How many sessions' ends were acknowledged.
    pub(crate) fn ended(&self) -> usize {
        self.ends
            .values()
            .filter(|pressed| pressed.stands.is_some())
            .count()
    }

    /// Ends sessions until the server is gone.
    pub(crate) async fn works(&mut self, load: &Load) -> Story {
        match self.keeps_working().await {
            Err(_) if load.was_killed() => Ok(()),
            done => done,
        }
    }

    async fn keeps_working(&mut self) -> Story {
        let (mut frames, _) = self.agent.connects().await?;
        loop {
            let down = frames.hear().await?;
            if let Down::Ticket(row) = &down {
                let ticket = row.ticket.id;
                if row.session.state() != SessionState::Ended
                    && !self.ends.contains_key(&ticket)
                    && self.dice.below(ENDS_ONE_IN) == 0
                {
                    let cid = fresh_cid();
                    self.ends.insert(ticket, Pressed { cid, stands: None });
                    frames.say(&Up::End { cid, ticket }).await?;
                }
            }
            self.hears(down)?;
        }
    }

    fn hears(&mut self, down: Down) -> Story {
        match down {
            Down::Done { cid, outcome } => {
                let Outcome::Ended { end, .. } = outcome else {
                    return Err(format!("an end was answered by {outcome:?}").into());
                };
                let pressed = self.ends.values_mut().find(|pressed| pressed.cid == cid);
                let pressed = pressed.ok_or("an end was acknowledged that nobody asked for")?;
                if pressed.stands.is_some_and(|first| first != end) {
                    return Err(format!("ended as {:?}, and then as {end:?}", pressed.stands).into());
                }
                pressed.stands = Some(end);
                Ok(())
            }
            Down::Refused(refused) => Err(format!("refused: {refused:?}").into()),
            Down::Welcome(_)
            | Down::Ticket(_)
            | Down::Gone(_)
            | Down::Agent(_)
            | Down::Settings(_)
            | Down::Macros(_)
            | Down::Entries { .. }
            | Down::Typing { .. }
            | Down::Pong => Ok(()),
        }
    }

    /// Comes back after a kill: an end that was acknowledged stands, each other one wholly or not at all, and asked for
    /// again it stands once. Of these chat threads, nothing was said in a session after its end (I02).
    pub(crate) async fn comes_back(&mut self, logs: &HashMap<ChatThreadId, Vec<ThreadEntry>>) -> Story {
        let (mut frames, welcome) = self.agent.connects().await?;
        if welcome.more {
            return Err("there are more tickets than an agent is told of: look at fewer rounds".into());
        }
        let rows = || {
            welcome
                .tickets
                .iter()
                .filter(|row| logs.contains_key(&row.thread))
        };
        self.finds_its_ends(&mut frames, rows(), logs).await?;

        let mut again = HashSet::new();
        for row in rows() {
            if let Some(pressed) = self.ends.get(&row.ticket.id)
                && pressed.stands.is_none()
            {
                let (cid, ticket) = (pressed.cid, row.ticket.id);
                frames.say(&Up::End { cid, ticket }).await?;
                again.insert(ticket);
            }
        }
        self.hears_all(&mut frames).await?;
        let (mut frames, welcome) = self.agent.connects().await?;
        let rows = welcome
            .tickets
            .iter()
            .filter(|row| again.contains(&row.ticket.id));
        self.finds_its_ends(&mut frames, rows, logs).await?;
        match again
            .iter()
            .find(|ticket| self.ends.get(ticket).is_none_or(|it| it.stands.is_none()))
        {
            Some(ticket) => {
                Err(format!("the end of ticket {ticket} was asked for again and never answered").into())
            }
            None => Ok(()),
        }
    }

    /// All that is to be heard before the answer to a ping.
    async fn hears_all(&mut self, frames: &mut Frames) -> Story<Vec<TicketEntry>> {
        frames.say(&Up::Ping).await?;
        let mut heard = Vec::new();
        loop {
            let down = frames.hear().await?;
            if down == Down::Pong {
                return Ok(heard);
            }
            if let Down::Entries { log, .. } = down {
                heard.extend(log);
            } else {
                self.hears(down)?;
            }
        }
    }

    async fn finds_its_ends(
        &mut self,
        frames: &mut Frames,
        rows: impl Iterator<Item = &TicketRow>,
        logs: &HashMap<ChatThreadId, Vec<ThreadEntry>>,
    ) -> Story {
        for row in rows {
            let ticket = row.ticket.id;
            let acknowledged = self.ends.get(&ticket).and_then(|pressed| pressed.stands);
            if acknowledged.is_some() && row.session.ended() != acknowledged {
                return Err(format!("ended as {acknowledged:?}, and is {:?}", row.session).into());
            }
            frames
                .say(&Up::Open {
                    ticket,
                    thread: Seq(0),
                    log: Seq(0),
                })
                .await?;
            let log = self.hears_all(frames).await?;
            let thread = logs.get(&row.thread).ok_or("a ticket of nobody")?;
            stands_whole(row, &log, thread).map_err(|why| format!("ticket {ticket}: {why}"))?;
        }
        Ok(())
    }
}

/// That the row and both logs say the same of the end.
fn stands_whole(row: &TicketRow, log: &[TicketEntry], thread: &[ThreadEntry]) -> Story {
    for (number, entry) in (1..).zip(log) {
        if entry.seq != Seq(number) {
            return Err(format!("number {number} of its log is {:?}", entry.seq).into());
        }
    }
    let ends: Vec<_> = log
        .iter()
        .filter(|entry| matches!(entry.what, TicketEvent::SessionEnded { .. }))
        .collect();
    match (row.session.ended(), &*ends) {
        (None, []) => Ok(()),
        (Some(_), [end]) => match thread
            .iter()
            .find(|entry| entry.session == row.session_id && entry.seq > end.after)
        {
            Some(late) => Err(format!("ended after {:?}, and in it stands {late:?}", end.after).into()),
            None => Ok(()),
        },
        (state, ends) => Err(format!("its session's end is {state:?}, and its log says {ends:?}").into()),
    }
}
