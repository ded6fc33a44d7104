//! The server's end of a widget's socket: listens first, says where the client goes on, reads the log to its head, and
//! passes on what it hears, leaving out what is said already. One frame is answered before the next is heard.

use std::collections::VecDeque;

use causerie_core::chat_thread::Outcome;
use causerie_core::message::ThreadEntry;
use causerie_core::planted::{self, Bug};
use causerie_core::wire::Refused;
use causerie_core::wire::end_user::{Ack, Down, Resumed, SessionReport, Up};
use causerie_core::{ChatThreadId, ClientMessageId, Seq};

use super::BUILD;
use super::told::{ThreadNotice, Whose};
use crate::twin::{Answer, Identity, Refusal, Request, Rows, SiteId};

/// How many entries one frame carries at most.
const PAGE: usize = 50;

/// The server's end of one socket.
#[derive(Clone, Debug, Default)]
pub struct VisitorSocket {
    who: Option<Identity>,
    thread: Option<ChatThreadId>,
    said: Seq,
    read: Seq,
    reported: Option<SessionReport>,
    may_end: bool,
    /// What waits to be passed on.
    pub mailbox: VecDeque<ThreadNotice>,
    /// A command of this socket waits for the writer.
    pub asks: bool,
}

impl VisitorSocket {
    /// Whose chat thread it listens to.
    #[must_use]
    pub fn whose(&self) -> Option<Whose> {
        let who = self.who.as_ref()?;
        Some(Whose::Anonymous(who.site, who.secret_hash))
    }

    /// A frame came; answers what is to be asked of the writer.
    pub fn heard(
        &mut self,
        up: Up,
        rows: &Rows,
        says: &mut VecDeque<Down>,
    ) -> Option<(Option<ClientMessageId>, Request)> {
        let who = match (up, self.who.clone()) {
            (Up::Hello(hello), None) => {
                let who = identity(&hello.site, &hello.secret, &hello.locale);
                self.greet(who, hello.epoch, hello.last, rows, says);
                return None;
            }
            // Hello comes first, and once.
            (_, None) | (Up::Hello(_), Some(_)) => return None,
            (up, Some(who)) => (up, who),
        };
        match who {
            (Up::Send(send), who) => {
                self.asks = true;
                Some((Some(send.cid), Request::Send { who, send }))
            }
            (Up::End { cid, session }, who) => {
                self.asks = true;
                Some((Some(cid), Request::EndByEndUser { who, cid, session }))
            }
            (Up::Read(upto), who) => {
                self.asks = true;
                Some((None, Request::Read { who, upto }))
            }
            (Up::Ping, _) => {
                if !planted::is(Bug::TrustsNotices) {
                    self.look(rows, says);
                }
                says.push_back(Down::Pong);
                None
            }
            (Up::Typing(_) | Up::Hello(_), _) => None,
        }
    }

    /// The writer has answered.
    pub fn answered(
        &mut self,
        cid: Option<ClientMessageId>,
        answer: Result<Answer, Refusal>,
        rows: &Rows,
        says: &mut VecDeque<Down>,
    ) {
        self.asks = false;
        match (answer, cid) {
            (Ok(answer), Some(cid)) => match answer.outcome {
                Outcome::Said {
                    session,
                    seq,
                    placement,
                } => {
                    self.learn_thread(rows, says);
                    says.push_back(Down::Ack(Ack {
                        cid,
                        session,
                        seq,
                        placement,
                        elsewhere: false,
                    }));
                }
                Outcome::Ended { .. } | Outcome::Done { .. } => {}
            },
            (Ok(_), None) => {}
            (Err(why), cid) => says.push_back(Down::Refused(refused(cid, &why))),
        }
    }

    /// A notice came.
    pub fn told(&mut self, notice: ThreadNotice, rows: &Rows, says: &mut VecDeque<Down>) {
        match notice {
            ThreadNotice::Entries(entries) => {
                self.learn_thread(rows, says);
                self.entries(&entries, rows, says);
            }
            ThreadNotice::Session(report) => {
                self.reported = Some(report);
                says.push_back(Down::Session(report.let_out(&rows.settings)));
            }
            ThreadNotice::Read(upto) => {
                self.read = self.read.max(upto);
                says.push_back(Down::Read(upto));
            }
        }
    }

    fn greet(
        &mut self,
        who: Identity,
        epoch: Option<u64>,
        last: Seq,
        rows: &Rows,
        says: &mut VecDeque<Down>,
    ) {
        self.thread = rows.thread_of(who.site, who.secret_hash);
        self.who = Some(who);
        let head = self.head(rows);
        let has_our_log = epoch.is_none_or(|known| known == rows.epoch);
        self.said = if has_our_log && last <= head { last } else { Seq(0) };
        self.goes_on(rows, says);
        self.catch_up(rows, says);
    }

    fn head(&self, rows: &Rows) -> Seq {
        let record = self.thread.and_then(|thread| rows.threads.get(&thread));
        record.map_or(Seq(0), |record| record.head)
    }

    /// Says (anew) where the connection goes on from.
    fn goes_on(&mut self, rows: &Rows, says: &mut VecDeque<Down>) {
        let record = self.thread.and_then(|thread| rows.threads.get(&thread));
        self.reported = self.report(rows);
        self.read = record.map_or(Seq(0), |record| record.read);
        self.may_end = rows.settings.end_users_can_end_sessions;
        says.push_back(Down::Resumed(Resumed {
            thread: self.thread,
            epoch: rows.epoch,
            head: self.head(rows),
            read: self.read,
            session: self.reported.map(|report| report.let_out(&rows.settings)),
            build: BUILD.to_owned(),
            may_end: self.may_end,
        }));
    }

    fn report(&self, rows: &Rows) -> Option<SessionReport> {
        let latest = self.thread.and_then(|thread| rows.latest_of(thread));
        latest.map(SessionReport::of)
    }

    /// The first message, of this tab or of another, has made the chat thread: says which, once.
    fn learn_thread(&mut self, rows: &Rows, says: &mut VecDeque<Down>) {
        if self.thread.is_none() {
            self.thread = self
                .who
                .as_ref()
                .and_then(|who| rows.thread_of(who.site, who.secret_hash));
            if self.thread.is_some() {
                self.goes_on(rows, says);
            }
        }
    }

    /// Looks whether all was told: a notice may have been lost (I28).
    fn look(&mut self, rows: &Rows, says: &mut VecDeque<Down>) {
        if self.thread.is_none() {
            self.learn_thread(rows, says);
            return self.catch_up(rows, says);
        }
        if self.head(rows) > self.said {
            self.catch_up(rows, says);
        }
        if self.may_end != rows.settings.end_users_can_end_sessions {
            return self.goes_on(rows, says);
        }
        let record = self.thread.and_then(|thread| rows.threads.get(&thread));
        if let Some(read) = record.map(|record| record.read).filter(|read| *read > self.read) {
            self.told(ThreadNotice::Read(read), rows, says);
        }
        match self.report(rows) {
            Some(report) if self.reported != Some(report) => {
                self.told(ThreadNotice::Session(report), rows, says);
            }
            Some(_) | None => {}
        }
    }

    /// Passes on what follows what was said; where something is missing, the log has it.
    fn entries(&mut self, entries: &[ThreadEntry], rows: &Rows, says: &mut VecDeque<Down>) {
        let known = entries.partition_point(|entry| entry.seq <= self.said);
        let fresh = &entries[known..];
        match (fresh.first(), fresh.last()) {
            (Some(first), Some(last)) if first.seq == self.said.next() => {
                self.said = last.seq;
                says.push_back(Down::Entries(fresh.to_vec()));
            }
            (Some(_), Some(_)) => self.catch_up(rows, says),
            (None, _) | (_, None) => {}
        }
    }

    fn catch_up(&mut self, rows: &Rows, says: &mut VecDeque<Down>) {
        let Some(thread) = self.thread else { return };
        loop {
            let page: Vec<ThreadEntry> = rows.thread_log(thread, self.said).take(PAGE).cloned().collect();
            let Some(last) = page.last().map(|entry| entry.seq) else {
                return;
            };
            self.said = last;
            says.push_back(Down::Entries(page));
        }
    }
}

/// A refusal as a client reads it.
#[must_use]
pub fn refused(cid: Option<ClientMessageId>, why: &Refusal) -> Refused {
    Refused {
        cid,
        code: why.code().to_owned(),
        message: why.code().to_owned(),
        retryable: why.is_retryable(),
        retry_after_ms: why.is_retryable().then_some(2000),
    }
}

/// Who a hello names: the simulator's sites and secrets are numbers.
fn identity(site: &str, secret: &str, locale: &str) -> Identity {
    let mut secret_hash = [0; 32];
    for (to, from) in secret_hash.iter_mut().zip(secret.bytes()) {
        *to = from;
    }
    Identity {
        site: SiteId(site.parse().unwrap_or_default()),
        secret_hash,
        locale: locale.to_owned(),
    }
}
