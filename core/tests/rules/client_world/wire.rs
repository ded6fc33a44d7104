//! The wire between pages and the server, and the server's rules at its other end.

use causerie_core::Seq;
use causerie_core::chat_thread::Actor;
use causerie_core::client::end_user::Input;
use causerie_core::client::transport::Transport;
use causerie_core::message::ThreadEntry;
use causerie_core::wire::Refused;
use causerie_core::wire::end_user::{Ack, Down, Resumed, SessionReport, Up};

use super::Tabs;
use super::page::Socket;

impl Tabs {
    /// One thing happens on a page's wire, if anything can.
    pub fn step(&mut self, page: usize) -> bool {
        if self.pages[page].frozen {
            return false;
        }
        if self.has_turn(page) {
            self.browser_turn(page);
            return true;
        }
        if self.pages[page].socket == Socket::Opening {
            let blocked = self.blocks_sockets && self.pages[page].ways.last() == Some(&Transport::Socket);
            if self.reachable && !blocked {
                self.pages[page].socket = Socket::Open;
                self.input(page, Input::SocketOpened);
            } else {
                self.cut(page, 1006);
            }
            return true;
        }
        if let Some(frame) = self.pages[page].down.pop_front() {
            self.input(page, Input::Frame(frame));
            return true;
        }
        if self.holds {
            return false;
        }
        match self.pages[page].up.pop_front() {
            Some(frame) => {
                self.hear(page, frame);
                true
            }
            None => false,
        }
    }

    /// The server hears a frame.
    pub fn hear(&mut self, page: usize, frame: Up) {
        match frame {
            Up::Hello(hello) => {
                let last = if hello.epoch == Some(self.epoch) {
                    hello.last
                } else {
                    Seq(0)
                };
                let resumed = self.resumed();
                self.pages[page].told = Some((last, resumed.session));
                self.pages[page].down.push_back(Down::Resumed(resumed));
                self.notify();
            }
            Up::Send(send) => {
                if let Some(refusal) = self.refuses.pop_front() {
                    let refusal = Refused {
                        cid: Some(send.cid),
                        ..refusal
                    };
                    self.pages[page].down.push_back(Down::Refused(refusal));
                    return;
                }
                let (session, seq, placement) = self.server.sends(send.cid, &send.text, send.seen);
                self.tell_of_the_thread();
                let ack = Down::Ack(Ack {
                    cid: send.cid,
                    session,
                    seq,
                    placement,
                    elsewhere: false,
                });
                if self.ack_first {
                    self.pages[page].down.push_back(ack);
                    self.notify();
                } else {
                    self.notify();
                    self.pages[page].down.push_back(ack);
                }
            }
            Up::Ping => self.pages[page].down.push_back(Down::Pong),
            Up::End { cid, session } => {
                if let Err(why) = self.server.ends_as(session, Actor::EndUser) {
                    let refused = Refused {
                        cid: Some(cid),
                        code: why.code().to_owned(),
                        message: why.to_string(),
                        retryable: false,
                        retry_after_ms: None,
                    };
                    self.pages[page].down.push_back(Down::Refused(refused));
                }
                self.notify();
            }
            Up::Read(seq) => {
                for page in self.pages.iter_mut().filter(|page| page.told.is_some()) {
                    page.down.push_back(Down::Read(seq));
                }
            }
            Up::Typing(_) => {}
        }
    }

    fn resumed(&self) -> Resumed {
        let session = self.report();
        Resumed {
            thread: session.map(|_| self.server.thread.id),
            epoch: self.epoch,
            head: self.server.thread.head,
            read: Seq(0),
            session,
            build: self.build.clone(),
            may_end: self.server.settings.end_users_can_end_sessions,
        }
    }

    /// Whoever was welcomed before there was a chat thread is told which it is, before anything else of it.
    fn tell_of_the_thread(&mut self) {
        let resumed = self.resumed();
        for page in &mut self.pages {
            if let (Some((_, told)), true) = (&mut page.told, resumed.session.is_some())
                && told.is_none()
            {
                *told = resumed.session;
                page.down.push_back(Down::Resumed(resumed.clone()));
            }
        }
    }

    /// The server tells every socket what it does not have.
    pub fn notify(&mut self) {
        self.tell_of_the_thread();
        let report = self.report();
        let log = &self.server.thread_log;
        for page in &mut self.pages {
            let Some((upto, told)) = page.told else { continue };
            let new: Vec<ThreadEntry> = log.iter().filter(|entry| entry.seq > upto).cloned().collect();
            let head = new.last().map_or(upto, |last| last.seq);
            if !new.is_empty() {
                page.down.push_back(Down::Entries(new));
            }
            if report != told {
                page.down.extend(report.map(Down::Session));
            }
            page.told = Some((head, report));
        }
    }

    pub fn report(&self) -> Option<SessionReport> {
        self.server.thread.latest().map(SessionReport::of)
    }
}

/// A refusal that another attempt may not meet.
pub fn for_now(retry_after_ms: Option<u32>) -> Refused {
    Refused {
        cid: None,
        code: "unavailable".to_owned(),
        message: "Try again soon.".to_owned(),
        retryable: true,
        retry_after_ms,
    }
}

/// A refusal for good.
pub fn for_good(code: &str) -> Refused {
    Refused {
        cid: None,
        code: code.to_owned(),
        message: "It cannot be taken.".to_owned(),
        retryable: false,
        retry_after_ms: None,
    }
}
