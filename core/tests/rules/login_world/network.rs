//! What goes between tabs and server, and how time goes by.

use super::Browser;
use causerie_core::Seq;
use causerie_core::client::end_user::{Device, Input, LoginAnswer};
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, Up};

impl Browser {
    /// The server takes one post; the answer may get lost on its way back.
    pub fn posts(&mut self, at: usize, answer_comes: bool) {
        let Some(post) = self.tabs[at].posts.pop_front() else {
            return;
        };
        if !self.online {
            let (number, answer) = (post.number, LoginAnswer::Lost);
            return self.input(at, Input::LoginAnswered { number, answer });
        }
        let answer = match self.server.logs_in(&post) {
            Ok(done) => LoginAnswer::Done(done),
            Err(refused) => LoginAnswer::Refused(refused),
        };
        let answer = if answer_comes { answer } else { LoginAnswer::Lost };
        let number = post.number;
        self.input(at, Input::LoginAnswered { number, answer });
    }

    /// One frame goes up.
    pub fn goes_up(&mut self, at: usize) {
        let Some(up) = self.tabs[at].up.pop_front() else {
            return;
        };
        // As whom the socket said hello.
        let secret = self.tabs[at].client.device().secret.clone();
        match up {
            Up::Hello(hello) => match self.server.resumes(&Device {
                secret: hello.secret,
                person: hello.person,
            }) {
                Ok((thread, resumed)) => {
                    let has_our_log = hello.epoch.is_none_or(|epoch| epoch == resumed.epoch);
                    let known = if has_our_log {
                        hello.last.min(resumed.head)
                    } else {
                        Seq(0)
                    };
                    self.tabs[at].told = Some((thread.unwrap_or(usize::MAX), known));
                    self.tabs[at].down.push_back(Down::Resumed(resumed));
                }
                Err(refused) => self.tabs[at].down.push_back(Down::Refused(refused)),
            },
            Up::Send(send) => {
                let down = match self.server.takes(&secret, &send) {
                    Ok(ack) => Down::Ack(ack),
                    Err(refused) => Down::Refused(refused),
                };
                self.tabs[at].down.push_back(down);
            }
            Up::Ping => self.tabs[at].down.push_back(Down::Pong),
            Up::End { .. } | Up::Read(_) | Up::Typing(_) => {}
        }
        self.tells();
    }

    /// Whoever listens is told what is new; a socket of somebody who is nobody any more is closed.
    pub fn tells(&mut self) {
        for at in 0..self.tabs.len() {
            let Some((thread, said)) = self.tabs[at].told else {
                continue;
            };
            match self.server.resumes(self.tabs[at].client.device()) {
                Err(refused) => {
                    self.tabs[at].told = None;
                    self.tabs[at].down.push_back(Down::Refused(refused));
                }
                Ok((now, _)) if thread != usize::MAX && now != Some(thread) => {
                    self.tabs[at].lets_go();
                    self.input(at, Input::SocketClosed { code: 4008 });
                }
                Ok((None, _)) => {}
                Ok((Some(thread), resumed)) => {
                    if self.tabs[at].told.is_some_and(|told| told.0 == usize::MAX) {
                        self.tabs[at].down.push_back(Down::Resumed(resumed));
                    }
                    let entries = self.server.entries(thread, said);
                    if let Some(last) = entries.last() {
                        self.tabs[at].told = Some((thread, last.seq));
                        self.tabs[at].down.push_back(Down::Entries(entries));
                    } else {
                        self.tabs[at].told = Some((thread, said));
                    }
                }
            }
        }
    }

    /// One frame comes down.
    pub fn comes_down(&mut self, at: usize) {
        if let Some(down) = self.tabs[at].down.pop_front() {
            self.input(at, Input::Frame(down));
        }
    }

    pub fn is_cut_off(&mut self, at: usize) {
        if self.tabs[at].open {
            self.tabs[at].lets_go();
            self.input(at, Input::SocketClosed { code: 1006 });
        }
    }

    pub fn time_passes(&mut self, span: Span) {
        self.server.now = self.server.now.after(span);
        self.tells();
        for at in 0..self.tabs.len() {
            if self.tabs[at].wake_at.is_some_and(|wake| wake <= self.server.now) {
                self.tabs[at].wake_at = None;
                self.input(at, Input::TimerFired);
            }
        }
    }

    /// All that is on its way arrives, and time goes on, until nothing moves any more. Pages are not heard.
    pub fn drives(&mut self) {
        for _ in 0..80 {
            for at in 0..self.tabs.len() {
                while !self.tabs[at].news.is_empty() {
                    self.hears_news(at);
                }
                while !self.tabs[at].events.is_empty() {
                    self.hears(at);
                }
                while !self.tabs[at].posts.is_empty() {
                    self.posts(at, true);
                }
                while !self.tabs[at].up.is_empty() || !self.tabs[at].down.is_empty() {
                    self.goes_up(at);
                    self.comes_down(at);
                }
            }
            self.tells();
            let rests = self
                .tabs
                .iter()
                .all(|tab| tab.up.is_empty() && tab.down.is_empty() && tab.posts.is_empty())
                && self
                    .tabs
                    .iter()
                    .all(|tab| tab.news.is_empty() && tab.events.is_empty());
            let settled = self
                .tabs
                .iter()
                .all(|tab| !tab.client.outbox().iter().any(|item| !item.is_failed()));
            if rests && settled {
                return;
            }
            self.time_passes(Span(1_000));
        }
    }

    /// The server's data is another one, in which nobody was logged in yet.
    pub fn is_restored(&mut self) {
        self.server.loses_the_logins();
        self.all_connect_anew();
    }

    /// A person is erased.
    pub fn is_without(&mut self, name: &str) {
        let said = self.server.erases(name);
        self.thrown_away.extend(said);
        self.all_connect_anew();
    }

    fn all_connect_anew(&mut self) {
        for at in 0..self.tabs.len() {
            self.is_cut_off(at);
        }
    }
}
