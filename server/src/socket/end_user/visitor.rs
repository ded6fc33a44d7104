//! A visitor who is connected, by a socket or by requests that wait: what is heard from them, what they are told.
//!
//! Joins without a hole: it listens to the chat thread first, then reads the log to its head, says what it has read,
//! and only then passes on what it heard meanwhile, leaving out what is said already (I26). Who joined before there
//! was a chat thread is told where it goes on from again, once the first message has made one.

use std::net::IpAddr;

use causerie_core::conversation::Conversation;
use causerie_core::message::ThreadEntry;
use causerie_core::wire::Refused;
use causerie_core::wire::end_user::{Down, Hello, Resumed, Send, SessionReport, Up};
use causerie_core::{ChatThreadId, ClientMessageId, Seq, TicketId};
use serde::{Deserialize, Serialize};
use tokio::time::{Duration, Instant, sleep_until};

use super::super::{Close, Over, Pipe, failed, parse, refusal};
use crate::conversations::{EndUserIdentity, Refusal, Request, Sender};
use crate::error::{refused, too_fast};
use crate::notifier::mailbox::{Listener, Overflowed};
use crate::notifier::{AgentNotice, ThreadNotice, Whose};
use crate::routes::messaging::{send, tidy_locale};
use crate::routes::pages;
use crate::secret;
use crate::state::App;
use crate::store::{Shut, ThreadHead};

/// How many entries one frame carries at most.
const PAGE: u32 = 50;

/// *Is typing* is told again to the agents no sooner than this.
const TYPING_AGAIN: Duration = Duration::from_secs(2);

/// Whether a device is still its end user's is looked at this often, whatever it sends or does not send: who logs out
/// tells it at once, and this is for what is told to nobody.
const LOOK_WHO: Duration = Duration::from_secs(4);

/// The commands of a visitor, by name.
pub(crate) const KNOWN: &[&str] = &["Hello", "Send", "End", "Read", "Typing", "Ping"];

/// By which way frames go to a visitor, with the limits of that way.
pub(crate) trait Line {
    /// Says something.
    async fn say(&mut self, down: &Down) -> Result<(), Over>;
    /// Takes a frame's cost from its limit. What is too fast is refused; what goes on so is closed.
    fn admit(&mut self, cid: Option<ClientMessageId>) -> Result<Option<Refused>, Over>;
    /// Something was wrong with a frame; too much of that closes.
    fn strike(&mut self) -> Result<(), Over>;
    /// How many entries of the log can be said now; none where the rest has to be asked for again.
    fn room(&self) -> u32;
    /// Whether it stays: *is typing* is told by a line alone whose end is noticed, or it would never stop.
    fn stays(&self) -> bool;
}

impl Line for Pipe {
    async fn say(&mut self, down: &Down) -> Result<(), Over> {
        Self::say(self, down).await
    }

    fn admit(&mut self, cid: Option<ClientMessageId>) -> Result<Option<Refused>, Over> {
        Self::admit(self, cid)
    }

    fn strike(&mut self) -> Result<(), Over> {
        Self::strike(self)
    }

    fn room(&self) -> u32 {
        PAGE
    }

    fn stays(&self) -> bool {
        true
    }
}

/// One visitor, connected.
#[derive(Debug)]
pub(crate) struct Visitor {
    who: EndUserIdentity,
    /// Whose chat thread is listened to.
    whose: Whose,
    /// Of an identified end user: when it is looked at whether they still are it, at the latest when the login's time
    /// is over.
    look_who_at: Option<Instant>,
    address: IpAddr,
    listener: Listener,
    /// The epoch of all that this client was told.
    epoch: u64,
    /// The chat thread, once there is one.
    thread: Option<ChatThreadId>,
    /// The last number that was said to this client.
    said: Seq,
    /// How far the end user has read, as this client was told.
    read: Seq,
    /// The session's state as this client was told.
    reported: Option<SessionReport>,
    /// Whether end users may end sessions, as this client was told.
    may_end: bool,
    typing: Option<Typing>,
}

/// The end user is typing, as the agents were told.
#[derive(Clone, Copy, Debug)]
struct Typing {
    ticket: TicketId,
    told_at: Instant,
}

/// What a client was told up to now, where no connection remembers it. It goes to the client and comes back with its
/// next request; all that follows from it is what is left out, so a wrong one harms nobody but its sender.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    epoch: u64,
    thread: Option<ChatThreadId>,
    said: Seq,
    read: Seq,
    session: Option<SessionReport>,
    may_end: bool,
}

impl Told {
    /// The epoch of it.
    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// From where a client goes on, by its own account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since {
    epoch: Option<u64>,
    last: Seq,
}

impl Since {
    /// As a hello says it.
    pub(crate) const fn of(hello: &Hello) -> Self {
        Self {
            epoch: hello.epoch,
            last: hello.last,
        }
    }
}

impl Visitor {
    /// Who says hello.
    pub(crate) async fn named(
        app: &App,
        line: &mut impl Line,
        hello: &Hello,
    ) -> Result<EndUserIdentity, Over> {
        let Some(secret_hash) = secret::hash_of_visitor(&hello.secret) else {
            return refuse_and_close(
                line,
                "bad_secret",
                "The visitor's secret is 256 bits in hexadecimal.",
            )
            .await;
        };
        let Some(site) = pages::site(app, &hello.site).await.map_err(failed)? else {
            return refuse_and_close(line, "unknown_site", "No site has this key.").await;
        };
        let who = EndUserIdentity {
            site: site.id,
            secret_hash,
            locale: tidy_locale(&hello.locale),
        };
        if let Some(person) = hello.person
            && app
                .store
                .standing(&who)
                .await
                .map_err(failed)?
                .contradicts(person)
        {
            let is_erased = app.store.is_erased(person).await.map_err(failed)?;
            return shut_out(line, if is_erased { Shut::Erased } else { Shut::Expired }).await;
        }
        Ok(who)
    }

    /// Says where it goes on, and catches up.
    pub(crate) async fn join(
        app: &App,
        line: &mut impl Line,
        who: EndUserIdentity,
        address: IpAddr,
        since: Since,
    ) -> Result<Self, Over> {
        let (whose, _) = standing(app, line, &who).await?;
        // From here on nothing is missed; what is heard twice is left out.
        let listener = app.notifier.listen_to_thread(whose);
        let (still, look_who_at) = standing(app, line, &who).await?;
        if still != whose {
            return Err(Close::RESYNC.into());
        }
        let epoch = app.store.epoch();
        let head = app.store.thread_of(&who).await.map_err(failed)?;
        let has_our_log = since.epoch.is_none_or(|known| known == epoch);
        let last = head.as_ref().map_or(Seq(0), |head| head.head);
        let resumed = resumed(app, head.as_ref(), epoch).await?;
        let may_end = resumed.may_end;
        line.say(&Down::Resumed(resumed)).await?;
        let mut visitor = Self {
            who,
            whose,
            look_who_at,
            address,
            listener,
            epoch,
            reported: head.as_ref().and_then(ThreadHead::session),
            read: head.as_ref().map_or(Seq(0), |head| head.read),
            thread: head.map(|head| head.thread),
            // A client that knows more than there is has the log of another past.
            said: if has_our_log && since.last <= last {
                since.last
            } else {
                Seq(0)
            },
            may_end,
            typing: None,
        };
        visitor.catch_up(app, line).await?;
        Ok(visitor)
    }

    /// Goes on where an answer before has left off, and says what has come since; joins anew where that was another
    /// chat thread or another epoch.
    pub(crate) async fn go_on(
        app: &App,
        line: &mut impl Line,
        who: EndUserIdentity,
        address: IpAddr,
        told: Told,
    ) -> Result<Self, Over> {
        let (whose, look_who_at) = standing(app, line, &who).await?;
        let listener = app.notifier.listen_to_thread(whose);
        let epoch = app.store.epoch();
        let head = app.store.thread_of(&who).await.map_err(failed)?;
        let is_same = told.epoch == epoch
            && told
                .thread
                .is_none_or(|thread| head.as_ref().is_some_and(|head| head.thread == thread))
            && told.said <= head.as_ref().map_or(Seq(0), |head| head.head);
        if !is_same {
            let since = Since {
                epoch: Some(told.epoch),
                last: told.said,
            };
            return Self::join(app, line, who, address, since).await;
        }
        let mut visitor = Self {
            who,
            whose,
            look_who_at,
            address,
            listener,
            epoch,
            thread: told.thread,
            said: told.said,
            read: told.read,
            reported: told.session,
            may_end: told.may_end,
            typing: None,
        };
        visitor.look(app, line).await?;
        Ok(visitor)
    }

    /// Somebody whose commands alone are of interest here: nothing is said of where it goes on. They are composed
    /// against the data that the client `knows`, if it knows any.
    pub(crate) async fn passing(
        app: &App,
        line: &mut impl Line,
        who: EndUserIdentity,
        address: IpAddr,
        knows: Option<u64>,
    ) -> Result<Self, Over> {
        let (whose, look_who_at) = standing(app, line, &who).await?;
        let listener = app.notifier.listen_to_thread(whose);
        let epoch = knows.unwrap_or_else(|| app.store.epoch());
        let head = app.store.thread_of(&who).await.map_err(failed)?;
        Ok(Self {
            who,
            whose,
            look_who_at,
            address,
            listener,
            epoch,
            said: head.as_ref().map_or(Seq(0), |head| head.head),
            read: head.as_ref().map_or(Seq(0), |head| head.read),
            reported: head.as_ref().and_then(ThreadHead::session),
            thread: head.map(|head| head.thread),
            may_end: may_end(app).await?,
            typing: None,
        })
    }

    /// What this client was told up to now.
    pub(crate) fn told_so_far(&self) -> Told {
        Told {
            epoch: self.epoch,
            thread: self.thread,
            said: self.said,
            read: self.read,
            session: self.reported,
            may_end: self.may_end,
        }
    }

    /// The next notice; none where it is time to look who this is ([`Self::is_still`]).
    pub(crate) async fn next(&mut self) -> Result<Option<ThreadNotice>, Overflowed> {
        match self.look_who_at {
            None => self.listener.next().await.map(Some),
            Some(at) => tokio::select! {
                told = self.listener.next() => told.map(Some),
                () = sleep_until(at) => Ok(None),
            },
        }
    }

    /// Looks whether this is who they were: of an identified end user, one read every few seconds. A login may have
    /// been prolonged meanwhile; whatever else happens to it is told.
    pub(crate) async fn is_still(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        let (whose, look_who_at) = standing(app, line, &self.who).await?;
        self.look_who_at = look_who_at;
        if whose == self.whose {
            Ok(())
        } else {
            Err(Close::RESYNC.into())
        }
    }

    pub(crate) async fn heard(&mut self, app: &App, line: &mut impl Line, text: &str) -> Result<(), Over> {
        let up = match parse::<Up>(text, KNOWN) {
            Ok(up) => up,
            Err(bad) => {
                app.counted.unreadable.count();
                line.say(&Down::Refused(bad)).await?;
                return line.strike();
            }
        };
        let cid = match &up {
            Up::Send(send) => Some(send.cid),
            Up::End { cid, .. } => Some(*cid),
            Up::Hello(_) | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
        };
        if let Some(refused) = line.admit(cid)? {
            return line.say(&Down::Refused(refused)).await;
        }
        match up {
            Up::Hello(_) => {
                line.say(&Down::Refused(refusal(
                    None,
                    "already_greeted",
                    "Hello was said already.",
                )))
                .await?;
                line.strike()
            }
            Up::Send(send) => self.send(app, line, send).await,
            Up::End { cid, session } => {
                let request = Request::EndByEndUser {
                    who: self.who.clone(),
                    cid,
                    session,
                };
                self.ask(app, line, Some(cid), request).await
            }
            Up::Read(upto) => {
                let request = Request::Read {
                    who: Sender::Visitor(self.who.clone()),
                    upto,
                };
                self.ask(app, line, None, request).await
            }
            Up::Typing(on) if line.stays() => self.typing(app, on).await,
            Up::Typing(_) => Ok(()),
            Up::Ping => {
                self.look(app, line).await?;
                line.say(&Down::Pong).await
            }
        }
    }

    async fn send(&mut self, app: &App, line: &mut impl Line, send: Send) -> Result<(), Over> {
        let cid = send.cid;
        if self.thread.is_none()
            && let Err(wait) = app.limits.beginnings.take((self.address, self.who.site.0))
        {
            return line.say(&Down::Refused(too_fast(Some(cid), wait))).await;
        }
        self.stop_typing(app);
        let request = Request::Send {
            who: Sender::Visitor(self.who.clone()),
            send,
        };
        match app.conversations.ask_knowing(self.epoch, request).await {
            Ok(answer) => {
                self.learn_thread(app, line).await?;
                app.counted.acknowledged.count();
                match send::ack(app, &self.who, cid, &answer).await.map_err(failed)? {
                    Some(ack) => line.say(&Down::Ack(ack)).await,
                    None => {
                        let why = "This client id stands for another command.";
                        line.say(&Down::Refused(refusal(Some(cid), "cid_reused", why)))
                            .await
                    }
                }
            }
            Err(why) => {
                app.counted.refused.count();
                line.say(&Down::Refused(refused(Some(cid), &why))).await
            }
        }
    }

    /// A command whose success is told by what follows from it.
    async fn ask(
        &self,
        app: &App,
        line: &mut impl Line,
        cid: Option<ClientMessageId>,
        request: Request,
    ) -> Result<(), Over> {
        match app.conversations.ask_knowing(self.epoch, request).await {
            Ok(_) => Ok(()),
            Err(why) => {
                app.counted.refused.count();
                line.say(&Down::Refused(refused(cid, &why))).await
            }
        }
    }

    /// Tells the agents; never written down, and no more often than it helps.
    async fn typing(&mut self, app: &App, on: bool) -> Result<(), Over> {
        if !on {
            self.stop_typing(app);
            return Ok(());
        }
        if self
            .typing
            .is_some_and(|typing| typing.told_at.elapsed() < TYPING_AGAIN)
            || !app.notifier.agents_listen()
        {
            return Ok(());
        }
        let head = app.store.thread_of(&self.who).await.map_err(failed)?;
        let live = head.and_then(|head| head.latest).filter(Conversation::is_live);
        if let Some(ticket) = live
            .as_ref()
            .and_then(Conversation::ticket)
            .map(|ticket| ticket.id)
        {
            self.typing = Some(Typing {
                ticket,
                told_at: Instant::now(),
            });
            app.notifier.tell_agents(AgentNotice::Typing { ticket, on: true });
        }
        Ok(())
    }

    pub(crate) fn stop_typing(&mut self, app: &App) {
        if let Some(Typing { ticket, .. }) = self.typing.take() {
            app.notifier
                .tell_agents(AgentNotice::Typing { ticket, on: false });
        }
    }

    pub(crate) async fn told(
        &mut self,
        app: &App,
        line: &mut impl Line,
        notice: ThreadNotice,
    ) -> Result<(), Over> {
        match notice {
            ThreadNotice::Entries(entries) => {
                self.learn_thread(app, line).await?;
                self.entries(app, line, &entries).await
            }
            ThreadNotice::Session(report) => {
                self.reported = Some(report);
                line.say(&Down::Session(to_be_told(app, report).await?)).await
            }
            ThreadNotice::Typing(on) if line.stays() => line.say(&Down::Typing(on)).await,
            ThreadNotice::Typing(_) => Ok(()),
            ThreadNotice::LoggedIn => self.look_who(app, line).await,
            ThreadNotice::Read(upto) => {
                self.read = self.read.max(upto);
                line.say(&Down::Read(upto)).await
            }
            // The client comes again, is told the new epoch and reads everything anew.
            ThreadNotice::Restored => Err(Close::RESYNC.into()),
        }
    }

    /// Somebody has logged in, or a login's time is over: whoever this is no more comes again as who they are now.
    async fn look_who(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        self.is_still(app, line).await?;
        let head = app.store.thread_of(&self.who).await.map_err(failed)?;
        let is_another = self.thread.is_some() && self.thread != head.map(|head| head.thread);
        if is_another {
            return Err(Close::RESYNC.into());
        }
        self.learn_thread(app, line).await
    }

    /// The first message, of this tab or of another, has made the chat thread: says which, once.
    async fn learn_thread(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        if self.thread.is_some() {
            return Ok(());
        }
        let Some(head) = app.store.thread_of(&self.who).await.map_err(failed)? else {
            return Ok(());
        };
        self.thread = Some(head.thread);
        self.goes_on(app, line, Some(&head)).await
    }

    /// Says anew where the connection goes on from.
    async fn goes_on(
        &mut self,
        app: &App,
        line: &mut impl Line,
        head: Option<&ThreadHead>,
    ) -> Result<(), Over> {
        let resumed = resumed(app, head, self.epoch).await?;
        self.reported = head.and_then(ThreadHead::session);
        self.read = resumed.read;
        self.may_end = resumed.may_end;
        line.say(&Down::Resumed(resumed)).await
    }

    /// Looks whether all was told: a notice may have been lost, and then it is made up for with the next heartbeat
    /// (I28). Whether end users may end sessions is told by the same way alone: nobody waits for it.
    pub(crate) async fn look(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        if app.store.epoch() != self.epoch {
            return Err(Close::RESYNC.into());
        }
        self.look_who(app, line).await?;
        if self.thread.is_none() {
            return self.catch_up(app, line).await;
        }
        let Some(head) = app.store.thread_of(&self.who).await.map_err(failed)? else {
            return Ok(());
        };
        if head.head > self.said {
            self.catch_up(app, line).await?;
        }
        if self.may_end != may_end(app).await? {
            return self.goes_on(app, line, Some(&head)).await;
        }
        if head.read > self.read {
            self.told(app, line, ThreadNotice::Read(head.read)).await?;
        }
        match head.session() {
            Some(report) if self.reported != Some(report) => {
                self.told(app, line, ThreadNotice::Session(report)).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// More was told at once than waits for a listener: the log has what was missed, and the rest is said as it is.
    pub(crate) async fn missed(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        self.look(app, line).await?;
        line.say(&Down::Typing(false)).await
    }

    /// Passes on what follows what was said; where something is missing, the log has it.
    async fn entries(
        &mut self,
        app: &App,
        line: &mut impl Line,
        entries: &[ThreadEntry],
    ) -> Result<(), Over> {
        let known = entries.partition_point(|entry| entry.seq <= self.said);
        let fresh = &entries[known..];
        match (fresh.first(), fresh.last()) {
            (Some(first), Some(last)) if first.seq == self.said.next() => {
                let upto = last.seq;
                line.say(&Down::Entries(fresh.to_vec())).await?;
                self.said = upto;
                Ok(())
            }
            (Some(_), Some(_)) => self.catch_up(app, line).await,
            (None, _) | (_, None) => Ok(()),
        }
    }

    /// Says the log from the last number said to its head, page by page.
    async fn catch_up(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        let Some(thread) = self.thread else { return Ok(()) };
        loop {
            let room = line.room();
            let page = app
                .store
                .thread_entries(thread, self.said, room)
                .await
                .map_err(failed)?;
            let (Some(last), count) = (page.last().map(|entry| entry.seq), page.len()) else {
                return Ok(());
            };
            line.say(&Down::Entries(page)).await?;
            self.said = last;
            if count < room as usize {
                return Ok(());
            }
        }
    }
}

/// Where a connection goes on from.
async fn resumed(app: &App, head: Option<&ThreadHead>, epoch: u64) -> Result<Resumed, Over> {
    let session = match head.and_then(ThreadHead::session) {
        Some(report) => Some(to_be_told(app, report).await?),
        None => None,
    };
    Ok(Resumed {
        thread: head.map(|head| head.thread),
        epoch,
        head: head.map_or(Seq(0), |head| head.head),
        read: head.map_or(Seq(0), |head| head.read),
        session,
        build: app.build.clone(),
        may_end: may_end(app).await?,
    })
}

/// Whether end users may end sessions (R17).
async fn may_end(app: &App) -> Result<bool, Over> {
    let settings = app.store.settings().await.map_err(failed)?;
    Ok(settings.end_users_can_end_sessions)
}

/// A session's state, as far as the account lets it out.
async fn to_be_told(app: &App, report: SessionReport) -> Result<SessionReport, Over> {
    if report.ended.is_none() {
        return Ok(report);
    }
    Ok(report.let_out(&app.store.settings().await.map_err(failed)?))
}

/// Whose chat thread a visitor's secret opens, and when that is over. One that opens nothing is told why, and closed.
async fn standing(
    app: &App,
    line: &mut impl Line,
    who: &EndUserIdentity,
) -> Result<(Whose, Option<Instant>), Over> {
    let standing = app.store.standing(who).await.map_err(failed)?;
    let now = app.clock.now();
    match standing.at(now) {
        Ok(None) => Ok((
            Whose::Anonymous {
                site: who.site,
                secret_hash: who.secret_hash,
            },
            None,
        )),
        Ok(Some(end_user)) => {
            let left = standing.until().map_or(0, |until| until.0.saturating_sub(now.0));
            let left = Duration::from_millis(left.unsigned_abs());
            let look_at = Instant::now() + left.min(LOOK_WHO);
            Ok((Whose::Identified(end_user), Some(look_at)))
        }
        Err(shut) => shut_out(line, shut).await,
    }
}

/// Whoever comes is not known by this secret any more.
async fn shut_out<T>(line: &mut impl Line, shut: Shut) -> Result<T, Over> {
    line.say(&Down::Refused(refused(None, &Refusal::from(shut))))
        .await?;
    Err(Close::UNKNOWN.into())
}

async fn refuse_and_close<T>(line: &mut impl Line, code: &str, message: &str) -> Result<T, Over> {
    line.say(&Down::Refused(refusal(None, code, message))).await?;
    Err(Close::NO_HELLO.into())
}

/// The first frame: it says hello.
pub(crate) async fn hello(app: &App, line: &mut impl Line, text: &str) -> Result<Hello, Over> {
    match parse::<Up>(text, KNOWN) {
        Ok(Up::Hello(hello)) => Ok(hello),
        Ok(Up::Send(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping) => {
            refuse_and_close(line, "hello_first", "The first frame says Hello.").await
        }
        Err(bad) => {
            app.counted.unreadable.count();
            line.say(&Down::Refused(bad)).await?;
            Err(Close::NO_HELLO.into())
        }
    }
}
