//! What comes from the server, frame by frame, and what is learnt by it.

use super::super::connection;
use super::super::moment::Moment;
use super::super::outbox::Refusal;
use super::super::timeline::News;
use super::{Effect, EndUserClient, HostEvent};
use crate::ids::{ClientMessageId, Seq};
use crate::wire::Refused;
use crate::wire::end_user::{Ack, Down, Resumed};

impl EndUserClient {
    pub(super) fn frame(&mut self, frame: Down, at: Moment) {
        let sign = match &frame {
            Down::Resumed(_) => connection::Input::Welcomed,
            Down::Entries(_)
            | Down::Session(_)
            | Down::Ack(_)
            | Down::Refused(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => connection::Input::Heard,
        };
        if let Down::Refused(refused) = &frame
            && self.is_unknown_now(refused, at)
        {
            return;
        }
        self.connection(sign, at);
        if !self.connection.is_live() {
            return;
        }
        match frame {
            Down::Resumed(resumed) => self.resumed(&resumed, at),
            Down::Entries(entries) => {
                self.catch_up_by = None;
                let news = self.timeline.entries_came(entries);
                self.changed = true;
                self.learn(news, at);
            }
            Down::Session(report) => {
                let news = self.timeline.session_reported(report);
                self.learn(news, at);
            }
            Down::Ack(ack) => self.acknowledged(ack, at),
            Down::Refused(refused) => self.refused(refused, at),
            Down::Typing(on) => {
                self.changed |= on != self.timeline.is_agent_typing();
                self.timeline.agent_types(on);
            }
            Down::Read(seq) => {
                self.timeline.read_upto(seq);
                self.read_known = self.read_known.max(seq);
                self.read_told = self.read_told.max(seq);
            }
            Down::Pong => {}
        }
    }

    fn resumed(&mut self, resumed: &Resumed, at: Moment) {
        self.read_told = resumed.read;
        self.read_known = resumed.read;
        self.ender.allowed = resumed.may_end;
        self.upgrade.server_is(&resumed.build);
        let news = self.timeline.resumed(resumed);
        self.learn(news, at);
        self.ender.learn(self.timeline.session());
        self.ender.resumed();
        self.read_shelf_first();
        self.tell_of_the_beginning();
        self.send_addressed(at);
    }

    fn acknowledged(&mut self, ack: Ack, at: Moment) {
        let message = self.outbox.acknowledged(ack.cid);
        if message.is_some() {
            self.stands(ack.cid, at);
        }
        if ack.elsewhere {
            return;
        }
        let news = self.timeline.acknowledged(ack, message);
        self.learn(news, at);
    }

    fn refused(&mut self, refused: Refused, at: Moment) {
        if self.ender.refused(&refused) || self.stands_with_who_wrote_it(&refused, at) {
            return;
        }
        match self.outbox.refused(&refused, at.now, at.random) {
            Refusal::Waits => {}
            Refusal::Failed(item) => {
                let refused = Refused {
                    cid: Some(item.cid),
                    ..refused
                };
                self.keep(item, at);
                self.effects.push(Effect::Host(HostEvent::Refused(refused)));
                self.changed = true;
            }
            Refusal::Unknown if refused.cid.is_some() && !refused.retryable => {
                self.effects.push(Effect::Host(HostEvent::Refused(refused)));
            }
            Refusal::Unknown => {}
        }
    }

    /// The page is told of a conversation by its chat thread, which may become known a moment later.
    fn tell_of_the_beginning(&mut self) {
        if let Some(thread) = self.timeline.thread()
            && let Some(session) = self.begun.take()
        {
            self.effects
                .push(Effect::Host(HostEvent::ConversationStarted { thread, session }));
        }
    }

    fn learn(&mut self, news: Vec<News>, at: Moment) {
        for each in news {
            let thread = self.timeline.thread();
            match each {
                News::Reset => {
                    self.read_told = Seq(0);
                    self.read_known = Seq(0);
                    self.changed = true;
                }
                News::Hole => self.connection(connection::Input::Hole, at),
                News::Stands(cid) => {
                    if self.outbox.acknowledged(cid).is_some() {
                        self.stands(cid, at);
                    }
                }
                News::Started(session) => {
                    self.begun = Some(session);
                    self.tell_of_the_beginning();
                }
                News::Ended { session, reason } => {
                    self.effects.push(Effect::Host(HostEvent::SessionEnded {
                        thread,
                        session,
                        reason,
                    }));
                }
            }
        }
    }

    pub(super) fn stands(&mut self, cid: ClientMessageId, at: Moment) {
        if self.sends() {
            self.forget(cid, at);
        }
        self.effects.push(Effect::Host(HostEvent::Stands(cid)));
        self.changed = true;
    }
}
