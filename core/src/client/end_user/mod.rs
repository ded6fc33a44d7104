//! The widget's machine: connection, outbox and timeline, put together. One [`Input`] in, [`Effect`]s out, in order.
//!
//! The shell does the effects as they come (what is to be kept before what is to be sent), feeds back what happens,
//! and on [`Effect::ViewChanged`] draws what the accessors tell.

mod addressed;
mod among_tabs;
mod attention;
mod ending;
mod identity;
mod io;
mod received;
mod shelf;
mod writing;

use addressed::Addressed;
pub use addressed::OTHER_CONVERSATION;
use among_tabs::Followers;
pub use among_tabs::Word;
use ending::Ender;
pub use ending::Ending;
pub use io::{Config, Effect, HostEvent, Input, Kept};
use shelf::Shelf;

pub use super::login::{
    Answer as LoginAnswer, Call as LoginCall, Device, Given as TokenGiven, Post as LoginPost,
};

use super::clock::Clock;
use super::connection::{self, Connection, Status};
use super::login::Login;
use super::moment::{CATCH_UP_WITHIN, Moment};
use super::outbox::Outbox;
use super::role::Role;
use super::timeline::{Row, Said, Timeline, Written};
use super::transport::Ways;
use super::upgrade::Upgrade;
use super::{earliest, is_due};
use crate::ids::{ClientMessageId, Seq, SessionId};
use crate::message::{Author, TextFault};
use crate::time::Timestamp;
use crate::wire::end_user::{Hello, Send, SessionReport, Up};

/// The widget's machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndUserClient {
    clock: Clock,
    config: Config,
    connection: Connection,
    ways: Ways,
    outbox: Outbox<Said>,
    timeline: Timeline,
    role: Role,
    followers: Followers,
    shelf: Shelf,
    draft: String,
    /// Whether the draft that was kept is still to be taken up.
    awaits_draft: bool,
    draft_fault: Option<TextFault>,
    panel_shown: bool,
    page_hidden: bool,
    /// Set by a key, and past some time after the last one.
    idle_at: Option<Timestamp>,
    /// When the other side was told last that the end user types, while it believes so.
    typing_told: Option<Timestamp>,
    /// While entries are missing: until when they are waited for.
    catch_up_by: Option<Timestamp>,
    upgrade: Upgrade,
    login: Login,
    /// The server says that the secret is nobody's any more: until when another tab's is waited for.
    retired: Option<Timestamp>,
    /// What the host page sent before it was known which chat thread this is.
    addressed: Vec<Addressed>,
    ender: Ender,
    /// What was drawn of it last.
    ending_drawn: (bool, Ending),
    /// What is kept of it.
    ended_kept: Option<SessionId>,
    /// Whether a message of the other side makes a sound where it is not seen.
    sounds: bool,
    /// While a message is not seen and nothing has been heard of it: until when another tab may read it.
    chime_at: Option<Timestamp>,
    /// Whether the log was complete once: what comes up to there is not new.
    caught_up: bool,
    /// A conversation that has begun, of which the page is told once its chat thread is known.
    begun: Option<SessionId>,
    read_told: Seq,
    /// What the server says was read: the rest of what it was told may have been lost, or refused.
    read_known: Seq,
    unread_told: usize,
    session_kept: Option<SessionReport>,
    wake_told: Option<Timestamp>,
    changed: bool,
    effects: Vec<Effect>,
    /// What comes after all of them, for the shell answers it at once.
    last: Option<Effect>,
}

impl EndUserClient {
    /// One that rests: nothing connects before [`Input::Wanted`] or whatever counts as it.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            clock: Clock::default(),
            upgrade: Upgrade::of(config.build.clone()),
            connection: Connection::new(),
            ways: Ways::default(),
            outbox: Outbox::new(),
            timeline: Timeline::default(),
            role: Role::Undecided,
            followers: Followers::default(),
            shelf: Shelf::new(config.keeps),
            awaits_draft: true,
            config,
            draft: String::new(),
            draft_fault: None,
            panel_shown: false,
            page_hidden: false,
            idle_at: None,
            typing_told: None,
            catch_up_by: None,
            login: Login::default(),
            retired: None,
            addressed: Vec::new(),
            ender: Ender::default(),
            ending_drawn: (false, Ending::Nothing),
            ended_kept: None,
            sounds: false,
            chime_at: None,
            caught_up: false,
            begun: None,
            read_told: Seq(0),
            read_known: Seq(0),
            unread_told: 0,
            session_kept: None,
            wake_told: None,
            changed: false,
            effects: Vec::new(),
            last: None,
        }
    }

    /// Takes what happened at `now`; `random` is fresh with every call. What is to be done comes back in order.
    pub fn handle(&mut self, input: Input, now: Timestamp, random: u32) -> Vec<Effect> {
        let now = self.clock.read(now);
        let at = Moment { now, random };
        match input {
            Input::Restored(kept) => self.restored(kept),
            Input::Wanted => self.connection(connection::Input::Wanted, at),
            Input::Unwanted => self.is_unwanted(at),
            Input::SocketOpened => self.connection(connection::Input::Opened, at),
            Input::Frame(frame) => {
                self.pass_on(&frame);
                self.frame(frame, at);
            }
            Input::SocketClosed { code } => {
                let kept = self.ways.closed(code);
                self.effects.extend(kept.map(Effect::KeepPollsUntil));
                self.connection(connection::Input::Closed { code }, at);
            }
            Input::Edited(draft) => self.edited(draft, at),
            Input::Written { cid, text } => self.written(cid, text, at),
            Input::QuickReply { cid, text } => self.sent_whole(cid, &text, at),
            Input::HostSent { cid, text, thread } => self.host_sent(cid, text, thread, at),
            Input::RetryPressed { cid, fresh } => self.retry(cid, fresh, at),
            Input::Discarded { cid } => self.discard(cid, at),
            Input::Looked { outbox, draft } => self.looked(outbox, draft, at),
            Input::Shelved(cid) => self.shelved(cid, at),
            Input::ShelfLost => self.shelf_is_lost(at),
            Input::Heard(word) => self.heard(word, at),
            Input::PassedOn { term, frame } => self.passed_on(term, frame, at),
            Input::Elected => self.elected(at),
            Input::Replaced => self.replaced(None, at),
            Input::Unshared => self.on_its_own(at),
            Input::EndPressed { cid } => self.end_pressed(cid),
            Input::EndedElsewhere(session) => {
                self.ender.ended_elsewhere(session);
                self.ended_kept = Some(session);
            }
            Input::SoundsSwitched(on) => self.switch_sounds(on),
            Input::LoginWanted { call } => self.log_in(call, at),
            Input::TokenGiven(given) => self.token_given(given, at),
            Input::LoginAnswered { number, answer } => self.login_answered(number, answer, at),
            Input::DeviceRenewed(device) => self.device_renewed(device, at),
            Input::LoggedInElsewhere => self.logged_in_elsewhere(at),
            Input::LogoutWanted => self.log_out(at),
            Input::PanelShown => {
                self.panel_shown = true;
                self.changed = true;
                self.nudge_login(at);
                self.connection(connection::Input::Wanted, at);
            }
            Input::PanelHidden => {
                self.panel_shown = false;
                self.ender.put_away();
                self.changed = true;
            }
            Input::PageShown => {
                self.page_hidden = false;
                self.connection(connection::Input::Visible, at);
                self.ask_leader(at);
            }
            Input::PageHidden => self.page_hidden = true,
            Input::PageLeft => self.leaves(),
            Input::Online => {
                self.ways.back_online();
                self.nudge_login(at);
                self.connection(connection::Input::Online, at);
                self.ask_leader(at);
            }
            Input::LocaleChanged(locale) => self.config.locale = locale,
            Input::TimerFired => self.timer_fired(at),
        }
        self.settle(at);
        self.effects.extend(self.last.take());
        core::mem::take(&mut self.effects)
    }

    /// The messages on the screen: see [`Timeline::rows`].
    #[must_use]
    pub fn rows(&self, last: usize, day_of: &dyn Fn(Timestamp) -> i32) -> Vec<Row> {
        self.timeline.rows(self.outbox.items(), last, day_of)
    }

    /// The quick replies on offer: see [`Timeline::quick_replies`].
    #[must_use]
    pub fn quick_replies(&self) -> &[String] {
        self.timeline.quick_replies(self.outbox.items())
    }

    /// Who answers now: see [`Timeline::responder`].
    #[must_use]
    pub fn responder(&self) -> Option<&Author> {
        self.timeline.responder()
    }

    /// Whether an agent is typing.
    #[must_use]
    pub const fn is_agent_typing(&self) -> bool {
        self.timeline.is_agent_typing()
    }

    /// How many entries of others are unread.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.timeline.unread()
    }

    /// What is said of the connection.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.connection.status()
    }

    /// The draft. It changes by [`Input::Edited`], [`Input::Written`], and where it was kept, only; and an edit by
    /// itself calls for no drawing.
    #[must_use]
    pub fn draft(&self) -> &str {
        &self.draft
    }

    /// Why the draft could not be sent as it is; gone with the next edit.
    #[must_use]
    pub const fn draft_fault(&self) -> Option<TextFault> {
        self.draft_fault
    }

    /// Whether the panel is open.
    #[must_use]
    pub const fn is_panel_shown(&self) -> bool {
        self.panel_shown
    }

    /// Whether `End chat` is on offer (R17). Nobody else's end changes it (R20).
    #[must_use]
    pub fn offers_end(&self) -> bool {
        self.ender.is_offered(self.timeline.session())
    }

    /// What came of the last `End chat`, until the end user writes again or closes the panel.
    #[must_use]
    pub const fn ending(&self) -> &Ending {
        self.ender.state()
    }

    /// Whether a message of the other side makes a sound while the panel is closed or the page hidden.
    #[must_use]
    pub const fn sounds(&self) -> bool {
        self.sounds
    }

    /// The log, the session's state and the prediction. Beware of R20: no screen may depend on the session.
    #[must_use]
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What is on its way or has failed, in order.
    #[must_use]
    pub fn outbox(&self) -> &[Written] {
        self.outbox.items()
    }

    /// Until when sockets are believed to be blocked, as [`Effect::KeepPollsUntil`] says it.
    #[must_use]
    pub const fn polls_until(&self) -> Option<Timestamp> {
        self.ways.polls_until()
    }

    fn connection(&mut self, input: connection::Input, at: Moment) {
        // As somebody whom the server does not know, nothing is to be had from it.
        if input == connection::Input::Wanted && !self.is_somebody() {
            return;
        }
        let (before, was_live) = (self.connection.status(), self.connection.is_live());
        for effect in self.connection.handle(input, at.now, at.random) {
            match effect {
                connection::Effect::Connect => self.open_link(at),
                connection::Effect::Greet => {
                    self.goes_up(Up::Hello(self.hello()));
                    self.role.asks(at);
                }
                connection::Effect::Ping => {
                    self.goes_up(Up::Ping);
                    self.role.asks(at);
                    self.read_told = self.read_known;
                    // A tab that told of something on the shelf may not have been heard, or died before it could.
                    self.effects.push(Effect::Look);
                }
                connection::Effect::Close => self.close_link(),
            }
        }
        if !was_live && self.connection.is_live() && !self.role.follows() {
            let kept = self.ways.welcomed(at.now);
            self.effects.extend(kept.map(Effect::KeepPollsUntil));
        }
        if was_live && !self.connection.is_live() {
            self.outbox.disconnected();
            self.timeline.agent_types(false);
            self.typing_told = None;
        }
        self.changed |= before != self.connection.status();
    }

    fn hello(&self) -> Hello {
        Hello {
            site: self.config.site.clone(),
            secret: self.config.device.secret.clone(),
            person: self.config.device.person,
            locale: self.config.locale.clone(),
            epoch: self.timeline.epoch(),
            last: self.timeline.head(),
        }
    }

    fn restored(&mut self, kept: Kept) {
        self.awaits_draft = kept.draft.is_empty();
        self.draft = kept.draft;
        self.upgrade.restored(kept.reloaded_for);
        self.sounds = kept.sounds;
        self.ways = Ways::remembering(kept.polls_until);
        self.session_kept = kept.session;
        self.ender = Ender::restored(kept.ended);
        self.ended_kept = kept.ended;
        self.timeline = Timeline::new(kept.session);
        self.changed = true;
    }

    fn end_pressed(&mut self, cid: ClientMessageId) {
        self.ender
            .pressed(cid, self.timeline.session(), self.connection.is_live());
    }

    fn timer_fired(&mut self, at: Moment) {
        self.wake_told = None;
        self.connection(connection::Input::TimerFired, at);
        self.shelf_timer(at);
        self.tabs_timer(at);
        self.login_timer(at);
        if is_due(self.idle_at, at.now) {
            self.stop_typing();
        }
        if is_due(self.catch_up_by, at.now) {
            self.catch_up_by = None;
            self.connection(connection::Input::Hole, at);
        }
        if is_due(self.chime_at, at.now) {
            self.chime_at = None;
            self.effects.push(Effect::Chime);
        }
    }

    /// What follows from the state, whatever led to it.
    fn settle(&mut self, at: Moment) {
        let live = self.connection.is_live();
        self.read_shelf_if_due();
        if self.may_send()
            && let Some(item) = self.outbox.next_to_send(at.now)
        {
            let (cid, text) = (item.cid, item.body.text.clone());
            let (session, seen) = self.timeline.counts(&item.body);
            self.goes_up(Up::Send(Send {
                cid,
                text,
                session,
                seen,
            }));
        }
        self.catch_up_by = match self.catch_up_by {
            by if live && self.timeline.is_behind() => by.or(Some(at.now.after(CATCH_UP_WITHIN))),
            Some(_) | None => None,
        };
        self.end();
        self.read(at);
        let session = self.timeline.session();
        if session != self.session_kept {
            self.session_kept = session;
            self.effects.push(Effect::KeepSession(session));
        }
        self.tell_link();
        self.reload_if_safe();
        if core::mem::take(&mut self.changed) {
            self.effects.push(Effect::ViewChanged);
        }
        let outbox = if self.may_send() {
            self.outbox.deadline()
        } else {
            None
        };
        let wake = earliest([
            self.connection.deadline(),
            self.login.deadline(),
            self.renewal_deadline(),
            outbox,
            self.idle_at,
            self.catch_up_by,
            self.chime_at,
            self.shelf.deadline(),
            self.tabs_deadline(),
        ]);
        if wake != self.wake_told {
            self.wake_told = wake;
            let shown = wake.map(|at| self.clock.shows_at(at));
            self.effects.push(Effect::WakeAt(shown));
        }
    }

    /// Whether the one whose turn it is may go: there is a way, this tab is the one that sends, and it is kept.
    fn may_send(&self) -> bool {
        let kept = |item: &Written| self.shelf.is_read() && !self.shelf.is_changing(item.cid);
        self.connection.is_live() && self.sends() && self.outbox.head().is_some_and(kept)
    }

    /// The end goes out after what was written before it, or that would begin anew at once (R08).
    fn end(&mut self) {
        let latest = self.timeline.session();
        self.ender.learn(latest);
        if self.connection.is_live()
            && !self.outbox.has_unsent()
            && let Some((cid, session)) = self.ender.take_unsent(latest)
        {
            self.goes_up(Up::End { cid, session });
        }
        let ended = self.ender.ended();
        if ended != self.ended_kept {
            self.ended_kept = ended;
            self.effects.extend(ended.map(Effect::KeepEnded));
        }
        let drawn = (self.offers_end(), self.ending().clone());
        if drawn != self.ending_drawn {
            self.ending_drawn = drawn;
            self.changed = true;
        }
    }

    /// An old page goes when nobody is in the middle of a word and nothing is lost by it.
    fn reload_if_safe(&mut self) {
        let nothing_to_lose = self.draft.is_empty() && self.outbox.items().is_empty();
        // A call of the page's is answered by the page that it was made to.
        if self.idle_at.is_none()
            && !self.login.is_awaited()
            && (self.shelf.is_settled() || nothing_to_lose)
            && let Some(build) = self.upgrade.take()
        {
            self.effects.push(Effect::ReloadForUpgrade(build));
        }
    }
}
