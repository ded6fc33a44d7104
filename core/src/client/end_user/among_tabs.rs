//! One tab among the others of its visitor: what leader and followers say to each other.
//!
//! To a follower the leader is the server: it greets it, is told where it goes on from and what it lacks, and then
//! hears every frame that the leader hears. What it writes lies on the shelf that all share, and the leader sends it;
//! what it reads or types goes up through the leader's socket. The role itself is [`super::super::role`].

use super::super::connection::{self, Status};
use super::super::login::concerns_all_tabs;
use super::super::moment::Moment;
use super::super::role::{Heard, Link, Role, TabId, Term, Unanswered};
use super::{Effect, EndUserClient};
use crate::ids::{ClientMessageId, Seq, SessionId};
use crate::message::ThreadEntry;
use crate::time::{Span, Timestamp};
use crate::wire::end_user::{Down, Hello, Resumed, Up};

/// A follower that was said to be typing and has not been heard of for so long does not type any more.
const TYPES_FOR: Span = Span(60_000);

/// A word between the tabs of one visitor. It may get lost, and then it costs time. What the server says is passed on
/// as it came: see [`Effect::PassOn`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// The shelf holds something else than before.
    Look,
    /// A follower wants to be told what it lacks: its hello, and its heartbeat.
    Greet {
        /// Who speaks.
        tab: TabId,
        /// The epoch of what it has.
        epoch: Option<u64>,
        /// The last number it has.
        last: Seq,
    },
    /// A follower that is not connected wants a sign of life.
    Ask,
    /// Was read in a follower.
    Read(Seq),
    /// Somebody types in a follower, or has stopped.
    Types {
        /// In which.
        tab: TabId,
        /// Whether.
        on: bool,
    },
    /// The end user ends the session in a follower.
    End {
        /// The command's identity.
        cid: ClientMessageId,
        /// Which session.
        session: SessionId,
    },
    /// From where a follower goes on, and what it lacks.
    Welcome {
        /// The leader.
        term: Term,
        /// The follower.
        to: TabId,
        /// As the server would say it.
        resumed: Resumed,
        /// What follows what it has.
        entries: Vec<ThreadEntry>,
    },
    /// Who leads, and how it is connected; also as a sign of life.
    Leads {
        /// The leader.
        term: Term,
        /// Its connection.
        link: Link,
    },
    /// A tab is closed.
    Left(TabId),
}

/// What the leader knows of its followers: no more than this.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Followers {
    /// What they were told of the connection.
    link_told: Option<Link>,
    /// What they have asked and wait for.
    asked: Vec<Word>,
    /// Who of them types, as the server was told, and until when that is believed.
    typist: Option<(TabId, Timestamp)>,
}

impl EndUserClient {
    /// Whether this tab sends what is in the outbox.
    pub(super) const fn sends(&self) -> bool {
        !self.role.follows()
    }

    /// A frame to the server, by whatever way there is.
    pub(super) fn goes_up(&mut self, frame: Up) {
        if !self.role.follows() {
            return self.effects.push(Effect::Send(frame));
        }
        let tab = self.config.tab;
        let word = match frame {
            Up::Hello(Hello { epoch, last, .. }) => Word::Greet { tab, epoch, last },
            // What it may have missed comes with the answer: as the server, the leader looks whether all was told (I28).
            Up::Ping if self.connection.is_live() => Word::Greet {
                tab,
                epoch: self.timeline.epoch(),
                last: self.timeline.head(),
            },
            Up::Ping => Word::Ask,
            Up::Read(upto) => Word::Read(upto),
            Up::Typing(on) => Word::Types { tab, on },
            Up::End { cid, session } => Word::End { cid, session },
            // The leader finds it on the shelf.
            Up::Send(_) => return,
        };
        self.effects.push(Effect::Tell(word));
    }

    /// Opens the way to the server: a socket, or the channel to the leader, which is open already.
    pub(super) fn open_link(&mut self, at: Moment) {
        if self.role == Role::Undecided {
            self.role = if self.config.shares && self.shelf.works() {
                self.effects.push(Effect::Elect { steal: false });
                Role::queueing(None, true)
            } else {
                Role::Alone
            };
        }
        if self.role.follows() {
            self.connection(connection::Input::Opened, at);
        } else {
            self.effects.push(Effect::Connect(self.ways.next(at.now)));
        }
    }

    pub(super) fn close_link(&mut self) {
        if !self.role.follows() {
            self.effects.push(Effect::CloseSocket);
        }
    }

    /// The lock is held: from the last number on, this tab speaks for all.
    pub(super) fn elected(&mut self, at: Moment) {
        if self.role.elected(at.now).is_some() {
            self.followers = Followers::default();
            // What the one before has left.
            self.effects.push(Effect::Look);
            self.begin_link_anew(at);
        } else if self.role.leads().is_none() {
            self.effects.push(Effect::Resign);
        }
    }

    /// The lock was taken away.
    pub(super) fn replaced(&mut self, successor: Option<Term>, at: Moment) {
        if self.role.leads().is_some() {
            self.effects.push(Effect::CloseSocket);
            // Taken away for a silence: where the tabs don't hear each other, taking it back would never end.
            self.role = Role::queueing(successor, false);
            // Whoever was told by a word that was late has the lock still, and is to stand in line all the same.
            self.effects.push(Effect::Resign);
            self.effects.push(Effect::Elect { steal: false });
            self.begin_link_anew(at);
        }
    }

    /// The tabs can't share: this one goes on by itself, with the socket it has or one of its own.
    pub(super) fn on_its_own(&mut self, at: Moment) {
        let before = core::mem::replace(&mut self.role, Role::Alone);
        match before {
            Role::Undecided | Role::Alone => {}
            Role::Leading { .. } => self.effects.push(Effect::Resign),
            Role::Following { .. } => {
                self.effects.push(Effect::Resign);
                self.begin_link_anew(at);
            }
        }
    }

    /// The page goes away, for good or to come back as it was.
    pub(super) fn leaves(&mut self) {
        if self.role.follows() {
            self.effects.push(Effect::Tell(Word::Left(self.config.tab)));
        }
    }

    pub(super) fn heard(&mut self, word: Word, at: Moment) {
        match word {
            Word::Look => self.effects.push(Effect::Look),
            Word::Welcome {
                term,
                to,
                resumed,
                entries,
            } => {
                if self.is_led_by(term, true, at) && to == self.config.tab {
                    let resumed = self.at_least_as_known(resumed);
                    self.frame(Down::Resumed(resumed), at);
                    self.frame(Down::Entries(entries), at);
                }
            }
            Word::Leads { term, link } => self.leader_says(term, link, at),
            Word::Greet { .. }
            | Word::Ask
            | Word::Read(_)
            | Word::Types { .. }
            | Word::End { .. }
            | Word::Left(_) => {
                if self.role.leads().is_some() {
                    self.serve(word, at);
                }
            }
        }
    }

    /// Unlike the server, a leader may know less than this tab, which has followed another: that is nothing to forget. It
    /// may not even have heard yet that there is a chat thread; of one that there was, another epoch says that it is gone.
    fn at_least_as_known(&self, resumed: Resumed) -> Resumed {
        let (thread, known) = (self.timeline.thread(), self.timeline.known_head());
        let is_of_the_same = thread.is_some() && Some(resumed.epoch) == self.timeline.epoch();
        let knows_less = resumed.thread.is_none() || resumed.thread == thread && resumed.head < known;
        if is_of_the_same && knows_less {
            Resumed {
                thread,
                head: known,
                session: self.timeline.session(),
                ..resumed
            }
        } else {
            resumed
        }
    }

    /// The leader has passed on what the server said. It goes on from where this tab may not be: first it is welcomed.
    pub(super) fn passed_on(&mut self, term: Term, frame: Down, at: Moment) {
        let heeded = self.connection.is_live() || concerns_all_tabs(&frame);
        if self.is_led_by(term, false, at) && heeded {
            let frame = match frame {
                // A word may be heard late, of a leader that has led before.
                Down::Resumed(resumed) => Down::Resumed(self.at_least_as_known(resumed)),
                as_it_came @ (Down::Entries(_)
                | Down::Session(_)
                | Down::Ack(_)
                | Down::Refused(_)
                | Down::Typing(_)
                | Down::Read(_)
                | Down::Pong) => as_it_came,
            };
            self.frame(frame, at);
        }
    }

    fn is_led_by(&mut self, term: Term, answers: bool, at: Moment) -> bool {
        match self.role.hears(term, answers) {
            Heard::Stranger => false,
            Heard::Successor => {
                self.replaced(Some(term), at);
                false
            }
            Heard::Leader | Heard::NewLeader => true,
        }
    }

    /// With the tabs of whoever this is from here on, all begins anew.
    pub(super) fn parts_from_others(&mut self) {
        self.leaves();
        self.role = Role::Undecided;
        self.followers = Followers::default();
    }

    /// What unanswered questions and silent typists lead to.
    pub(super) fn tabs_timer(&mut self, at: Moment) {
        match self.role.unanswered(at.now) {
            Unanswered::NotYet => {}
            Unanswered::AskAgain => self.ask_leader(at),
            Unanswered::Steal => {
                self.effects.push(Effect::Elect { steal: true });
                self.role.asks(at);
            }
            Unanswered::GoAlone => self.on_its_own(at),
        }
        if self.followers.typist.is_some_and(|typist| typist.1 <= at.now) {
            self.typist_stops();
        }
    }

    /// When it is worth a look.
    pub(super) fn tabs_deadline(&self) -> Option<Timestamp> {
        let typist = self.followers.typist.map(|typist| typist.1);
        super::earliest([self.role.deadline(), typist])
    }

    /// A follower wants a sign of life; its leader, if it rests between two attempts, is not to rest longer.
    pub(super) fn ask_leader(&mut self, at: Moment) {
        if self.role.follows() {
            self.goes_up(Up::Ping);
            self.role.asks(at);
        }
    }

    /// The followers hear what the leader hears, but for what greets the leader itself.
    pub(super) fn pass_on(&mut self, frame: &Down) {
        if let Some(term) = self.role.leads()
            && (self.connection.is_live() || concerns_all_tabs(frame))
        {
            self.effects.push(Effect::PassOn(term));
        }
    }

    /// The followers are told how the leader is connected, when that has changed.
    pub(super) fn tell_link(&mut self) {
        let link = self.link();
        if let Some(term) = self.role.leads()
            && self.followers.link_told != Some(link)
        {
            self.followers.link_told = Some(link);
            self.effects.push(Effect::Tell(Word::Leads { term, link }));
        }
    }

    fn link(&self) -> Link {
        if self.waits_for_login() {
            return Link::LoginOver;
        }
        match self.connection.status() {
            Status::Idle | Status::Connecting => Link::Connecting,
            Status::Live => Link::Live,
            Status::Offline { .. } => Link::Offline,
        }
    }

    fn begin_link_anew(&mut self, at: Moment) {
        if self.connection.status() != Status::Idle {
            self.connection(connection::Input::Unwanted, at);
            self.connection(connection::Input::Wanted, at);
        }
    }

    fn leader_says(&mut self, term: Term, link: Link, at: Moment) {
        let heard = self.role.hears(term, true);
        let is_new = match heard {
            Heard::Stranger => return,
            Heard::Successor => return self.replaced(Some(term), at),
            Heard::Leader => false,
            Heard::NewLeader => true,
        };
        if link == Link::Live && self.waits_for_login() {
            // Some page has said who this is, whether or not that was heard.
            return self.logged_in_elsewhere(at);
        }
        let live = self.connection.is_live();
        match link {
            Link::Live if is_new || !live => self.begin_link_anew(at),
            Link::Connecting if is_new || live => self.begin_link_anew(at),
            Link::Live | Link::Connecting => self.connection(connection::Input::Heard, at),
            Link::Offline => self.connection(connection::Input::Closed { code: 1006 }, at),
            // Whoever has come since has not heard the server say so.
            Link::LoginOver => self.login_is_over(false, at),
        }
    }

    /// What followers want of their leader.
    fn serve(&mut self, word: Word, at: Moment) {
        let live = self.connection.is_live();
        match word {
            Word::Greet { .. } | Word::Ask => {
                // Somebody is there and waits: where the next attempt is not under way, it is now.
                if !live {
                    self.connection(connection::Input::Online, at);
                }
                self.answers_once_it_has_looked(word);
            }
            // It goes up by itself, as this tab's own would.
            Word::Read(upto) => self.timeline.read_upto(upto),
            Word::Types { tab, on } => {
                self.followers.typist = on.then(|| (tab, at.now.after(TYPES_FOR)));
                self.effects.extend(live.then_some(Effect::Send(Up::Typing(on))));
            }
            Word::End { cid, session } => {
                self.effects
                    .extend(live.then_some(Effect::Send(Up::End { cid, session })));
            }
            Word::Left(tab) => {
                if self.followers.typist.is_some_and(|typist| typist.0 == tab) {
                    self.typist_stops();
                }
            }
            Word::Look | Word::Welcome { .. } | Word::Leads { .. } => {}
        }
    }

    /// A browser may freeze a page by halves, so that it hears and can do nothing: answers wait until the shelf has
    /// been read.
    fn answers_once_it_has_looked(&mut self, word: Word) {
        self.followers.asked.push(word);
        self.effects.push(Effect::Look);
    }

    /// The shelf has been read: whoever leads can do what leading takes.
    pub(super) fn answers(&mut self) {
        for word in core::mem::take(&mut self.followers.asked) {
            match (word, self.role.leads()) {
                (Word::Greet { tab, epoch, last }, Some(term)) if self.connection.is_live() => {
                    self.welcome(tab, epoch, last, term);
                }
                // Says again who leads.
                _ => self.followers.link_told = None,
            }
        }
    }

    /// Says where a follower goes on from, and what it lacks.
    fn welcome(&mut self, to: TabId, epoch: Option<u64>, last: Seq, term: Term) {
        let Some(own) = self.timeline.epoch() else { return };
        let resumed = Resumed {
            thread: self.timeline.thread(),
            epoch: own,
            head: self.timeline.known_head(),
            read: self.timeline.read(),
            session: self.timeline.session(),
            build: self.upgrade.server().to_owned(),
            may_end: self.ender.allowed,
        };
        let after = if epoch == Some(own) { last } else { Seq(0) };
        let entries = self.timeline.entries();
        let known = entries.partition_point(|entry| entry.seq <= after);
        self.effects.push(Effect::Tell(Word::Welcome {
            term,
            to,
            resumed,
            entries: entries[known..].to_vec(),
        }));
    }

    fn typist_stops(&mut self) {
        self.followers.typist = None;
        if self.connection.is_live() {
            self.effects.push(Effect::Send(Up::Typing(false)));
        }
    }
}
