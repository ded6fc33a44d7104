//! A tab of the visitor's: the real outbox and the real timeline, and what is written next.

use causerie_core::client::outbox::{Outbox, State};
use causerie_core::client::timeline::{News, Said, Timeline};
use causerie_core::message::Author;
use causerie_core::wire::end_user::{Resumed, SessionReport};
use causerie_core::{ClientMessageId, Timestamp};
use uuid::Uuid;

use super::node::{Disk, EPOCH, Request};
use super::wire::{Down, Wire};

/// The tab's clock stands still: what depends on it (how long an answer is waited for) is a step of the model.
const NOW: Timestamp = Timestamp(0);

/// One tab.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tab {
    at: usize,
    to_write: Vec<(ClientMessageId, &'static str)>,
    /// The real one.
    pub outbox: Outbox<Said>,
    /// The real one.
    pub timeline: Timeline,
    /// Something is missing, or the connection is lost: it has to resume.
    pub has_a_hole: bool,
    /// What it was told of its messages: the same message always gets the same answer.
    pub contradicted: bool,
    /// It has resumed and yet does not know how the session stands (R41).
    pub is_ignorant: bool,
    acks: Vec<causerie_core::wire::end_user::Ack>,
}

impl Tab {
    /// One that will write these, in this order.
    #[must_use]
    pub fn new(at: usize, texts: &[&'static str]) -> Self {
        let cid = |nth: usize| ClientMessageId(Uuid::from_u128((at as u128 + 1) * 100 + nth as u128));
        Self {
            at,
            to_write: texts
                .iter()
                .enumerate()
                .map(|(nth, text)| (cid(nth), *text))
                .collect(),
            outbox: Outbox::new(),
            timeline: Timeline::default(),
            // It opens the chat: that is to resume from nothing.
            has_a_hole: true,
            contradicted: false,
            is_ignorant: false,
            acks: Vec::new(),
        }
    }

    /// Whether something is to be written still.
    #[must_use]
    pub fn has_more_to_write(&self) -> bool {
        !self.to_write.is_empty()
    }

    /// Writes the next message.
    pub fn writes(&mut self) {
        let (cid, text) = self.to_write.remove(0);
        self.outbox.write(cid, self.timeline.says(text.to_owned()), NOW);
    }

    /// Sends what is first, if it was not sent and there is a connection.
    pub fn sends(&mut self) -> Option<Request> {
        if self.has_a_hole {
            return None;
        }
        let head = self.outbox.next_to_send(NOW)?;
        Some(Request::Send {
            tab: self.at,
            cid: head.cid,
            text: head.body.text.clone(),
            // There is one log.
            seen: head.body.seen,
        })
    }

    /// Whether it waits for an answer that nothing under way will bring.
    #[must_use]
    pub fn waits_in_vain(&self, wire: &Wire) -> bool {
        let Some(head) = self
            .outbox
            .items()
            .first()
            .filter(|head| head.state == State::Sent)
        else {
            return false;
        };
        let cid = head.cid;
        let is_it = |request: &Request| match request {
            Request::Send { tab, cid: sent, .. } => *tab == self.at && *sent == cid,
            Request::End { .. }
            | Request::Take { .. }
            | Request::Answer { .. }
            | Request::HandOff
            | Request::Switch
            | Request::Assign { .. }
            | Request::EndForgotten
            | Request::TurnInactive(_)
            | Request::CloseSolved(_)
            | Request::Solve { .. }
            | Request::OtherWrites => false,
        };
        let brings_it = |frame: &Down| match frame {
            Down::Ack(ack) => ack.cid == cid,
            Down::Entries(entries) => entries.iter().any(|entry| entry.cid == Some(cid)),
            Down::Session(_) => false,
        };
        !self.has_a_hole && !wire.up.iter().any(is_it) && !wire.down[self.at].iter().any(brings_it)
    }

    /// It has waited long enough.
    pub fn gives_up_waiting(&mut self) {
        self.outbox.disconnected();
    }

    /// Its socket is gone.
    pub fn loses_connection(&mut self) {
        self.outbox.disconnected();
        self.has_a_hole = true;
    }

    /// It connects anew: listens, is told where it goes on from, and reads the log to its head.
    pub fn resumes(&mut self, disk: &Disk) {
        self.loses_connection();
        self.has_a_hole = false;
        let thread = &disk.thread;
        let news = self.timeline.resumed(&Resumed {
            thread: (thread.head.0 > 0).then_some(thread.id),
            epoch: EPOCH,
            head: thread.head,
            read: causerie_core::Seq(0),
            session: thread.latest().map(SessionReport::of),
            build: String::new(),
            may_end: false,
        });
        self.learns(news);
        self.is_ignorant |= self.timeline.session() != thread.latest().map(SessionReport::of);
        let from = self.timeline.head();
        let missed = disk
            .log
            .iter()
            .filter(|entry| entry.seq > from)
            .cloned()
            .collect();
        let news = self.timeline.entries_came(missed);
        self.learns(news);
    }

    /// A frame arrives.
    pub fn hears(&mut self, frame: Down) {
        if self.has_a_hole {
            // That socket is being left.
            return;
        }
        let news = match frame {
            Down::Entries(entries) => self.timeline.entries_came(entries),
            Down::Session(report) => self.timeline.session_reported(report),
            Down::Ack(ack) => {
                self.contradicted |= self
                    .acks
                    .iter()
                    .any(|known| known.cid == ack.cid && *known != ack);
                if !self.acks.contains(&ack) {
                    self.acks.push(ack);
                }
                let message = self.outbox.acknowledged(ack.cid);
                self.timeline.acknowledged(ack, message)
            }
        };
        self.learns(news);
    }

    /// The acknowledgements it has got.
    #[must_use]
    pub fn acknowledgements(&self) -> &[causerie_core::wire::end_user::Ack] {
        &self.acks
    }

    /// The own messages that stand in the log as this tab has it, in its order.
    #[must_use]
    pub fn own(&self, disk: &Disk) -> Vec<ClientMessageId> {
        let mine = |cid: &ClientMessageId| cid.0.as_u128() / 100 == self.at as u128 + 1;
        disk.log
            .iter()
            .filter(|entry| entry.author == Author::EndUser)
            .filter_map(|entry| entry.cid)
            .filter(mine)
            .collect()
    }

    fn learns(&mut self, news: Vec<News>) {
        for each in news {
            match each {
                News::Hole => self.has_a_hole = true,
                News::Stands(cid) => {
                    self.outbox.acknowledged(cid);
                }
                News::Reset => self.outbox.rewrite(|said| {
                    said.session = None;
                    said.seen = causerie_core::Seq(0);
                }),
                News::Started(_) | News::Ended { .. } => {}
            }
        }
        // What is known to exist and does not come is asked for, as the widget's machine does after a while.
        if self.timeline.is_behind() && self.outbox.items().is_empty() {
            self.has_a_hole = true;
        }
    }
}
