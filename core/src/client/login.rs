//! Login, as the widget goes about it (R47): ask the page for a token, post it with a new secret of one's own, and ask
//! again with the same until there is an answer, however often one is lost.
//!
//! It knows no frames and keeps nothing: the machine around it says what happens and does what comes back. One attempt
//! goes on at a time; a call that comes in the middle of one has its turn after it, so the last one stands.

use super::connection::{backoff, share};
use super::end_user::{Effect, HostEvent};
use super::is_due;
use super::moment::Moment;
use crate::ids::EndUserId;
use crate::time::{Span, Timestamp};
use crate::wire::end_user::{Down, LoggedIn};
use crate::wire::{ERASED, LOGIN_EXPIRED, LOGIN_UNKNOWN, Refused, SECRET_TAKEN};

/// How long an answer may take.
const PATIENCE: Span = Span(15_000);
/// A page that gives no token is asked again after this, while a login is over.
const ASK_AGAIN: Span = Span(30_000);
/// The longest wait that a server may ask for.
const LONGEST_WAIT_MS: u32 = 60_000;

/// What a call is told that waited for this attempt.
const OVERTAKEN: &str = "Another login, or a logout, has taken the place of this one.";
/// What a call is told whose page has no token to give.
const NO_TOKEN: &str = "The page gave no token.";

/// Which call of the page waits for the outcome: a number of the page's own.
pub type Call = u32;

/// What is posted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Post {
    /// Which one, by chance: its answer bears the same number. That of one before, come late, says nothing of this
    /// one, be it from before a reset.
    pub number: u32,
    /// The secret that the device has had, where the login leaves it.
    pub before: Option<String>,
    /// The secret that it will have: the same in every retry.
    pub secret: String,
    /// Whose that one is already, as far as is known.
    pub person: Option<EndUserId>,
    /// The site's JWT.
    pub token: String,
}

/// What a page answers when it is asked for a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// The token; none where nobody is logged in there, as it turns out.
    pub token: Option<String>,
    /// For which call it was wanted. A loader of an older build does not say.
    pub call: Option<Call>,
    /// A new secret, for the login that comes of it: 256 random bits in hexadecimal.
    pub fresh: String,
}

/// What came of a post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is done.
    Done(LoggedIn),
    /// It is not.
    Refused(Refused),
    /// There is none: it may be done or not.
    Lost,
}

/// Who this device is, as far as is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// Its secret.
    pub secret: String,
    /// Whose it is, once somebody has logged in on it.
    pub person: Option<EndUserId>,
}

/// Whether the server says what each tab has to do for itself: a login's time is over, so that every page of the
/// browser may have a token; or its person is erased, so that every page forgets them.
pub(super) fn concerns_all_tabs(frame: &Down) -> bool {
    matches!(frame, Down::Refused(refused) if [LOGIN_EXPIRED, LOGIN_UNKNOWN, ERASED].contains(&&*refused.code))
}

/// What has changed by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// Nothing about who this is.
    None,
    /// The device is this person's from now on, by the secret of [`Login::secret`].
    Becomes(EndUserId),
    /// The device stays what it is, for longer.
    Prolonged,
    /// Who the device was is erased. The login goes on.
    Erased,
}

/// The login of one page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Login {
    attempt: Attempt,
    /// The last post.
    post: Post,
    /// A secret for when that of the post turns out to be somebody's.
    spare: String,
    /// Whose outcome the attempt is.
    calls: Vec<Call>,
    /// The call whose token is wanted, or was last: what an earlier one's function gives late is another person's.
    wanted_for: Call,
    /// Calls that came while a post was on its way: their turn is after it.
    after: Vec<Call>,
    /// The secret of before has become another while the post was on its way: it is to be left by this login too.
    goes_again: bool,
    /// The login's time is over, as the server says: nothing is sent until there is another.
    is_over: bool,
    /// And the server knows nothing of it: whoever was logged in may be here no more.
    is_unknown: bool,
    /// Answers lost in a row.
    lost: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Attempt {
    /// Nothing is asked for.
    #[default]
    None,
    /// The page is to give a token. Asked again then, while a login is over.
    Asking(Timestamp),
    /// The post is on its way, and given up on then.
    Posting(Timestamp),
    /// The post is tried again then.
    Waiting(Timestamp),
}

impl Login {
    /// The page says that there is somebody to be logged in.
    pub(super) fn asked(&mut self, call: Call, at: Moment, effects: &mut Vec<Effect>) {
        if let Attempt::Posting(_) = self.attempt {
            self.after.push(call);
        } else {
            self.tell(Some(OVERTAKEN), effects);
            self.calls.push(call);
            self.ask(at, effects);
        }
    }

    /// The page has given a token, or says that it has none.
    pub(super) fn given(&mut self, given: Given, here: &Device, at: Moment, effects: &mut Vec<Effect>) {
        let Given { token, call, fresh } = given;
        let is_wanted = call.is_none_or(|call| call == self.wanted_for);
        let (Attempt::Asking(_), true) = (self.attempt, is_wanted) else {
            return;
        };
        let Some(token) = token else {
            if !self.calls.is_empty() {
                self.tell(Some(NO_TOKEN), effects);
                self.rests(at);
            }
            return;
        };
        self.post.number = at.random;
        self.post.token = token;
        // A device that is somebody's already stays theirs for longer, if that is who the token names.
        self.spare = fresh;
        self.is_for(here);
        self.lost = 0;
        self.send(at, effects);
    }

    /// The post is to be for the device as it is now.
    fn is_for(&mut self, here: &Device) {
        self.post.person = here.person;
        (self.post.before, self.post.secret) = match here.person {
            Some(_) => (None, here.secret.clone()),
            None => (Some(here.secret.clone()), self.spare.clone()),
        };
    }

    /// What came of the post of this number.
    pub(super) fn answered(
        &mut self,
        number: u32,
        answer: Answer,
        here: &Device,
        at: Moment,
        effects: &mut Vec<Effect>,
    ) -> Change {
        match self.attempt {
            Attempt::Posting(_) if number == self.post.number => {}
            // An answer that was given up on: the try after it says the same.
            Attempt::None | Attempt::Asking(_) | Attempt::Posting(_) | Attempt::Waiting(_) => {
                return Change::None;
            }
        }
        self.attempt = Attempt::None;
        let mut change = Change::None;
        match answer {
            Answer::Done(_) if self.goes_again => {
                self.post.number = self.post.number.wrapping_add(1);
                self.send(at, effects);
                return change;
            }
            Answer::Done(done) => {
                self.is_over = false;
                change = if self.post.secret == here.secret && here.person == Some(done.end_user) {
                    Change::Prolonged
                } else {
                    Change::Becomes(done.end_user)
                };
                self.tell(None, effects);
            }
            Answer::Refused(refused) => {
                let is_erased = refused.code == ERASED;
                if (is_erased || refused.code == SECRET_TAKEN) && self.post.secret != self.spare {
                    let is_still_here = self.post.secret == here.secret;
                    self.post.number = self.post.number.wrapping_add(1);
                    if is_still_here {
                        // The token names another than who was here, or nothing is known of that login any more:
                        // whoever it names gets a secret of their own.
                        self.post.before = Some(here.secret.clone());
                        self.post.secret.clone_from(&self.spare);
                        self.post.person = None;
                    } else {
                        // What was asked of a device that is another by now says nothing about this one.
                        self.is_for(here);
                    }
                    self.send(at, effects);
                    return if is_erased && is_still_here {
                        Change::Erased
                    } else {
                        change
                    };
                }
                if refused.retryable {
                    self.wait(refused.retry_after_ms, at, effects);
                    return change;
                }
                if refused.code == SECRET_TAKEN || self.lost > 0 {
                    // Another secret; or it took so long that the token's own time is over.
                    self.lost = 0;
                    self.ask(at, effects);
                    return change;
                }
                self.tell(Some(&refused.message), effects);
            }
            Answer::Lost => {
                self.wait(None, at, effects);
                return change;
            }
        }
        self.calls.append(&mut self.after);
        if self.calls.is_empty() {
            self.rests(at);
        } else {
            self.ask(at, effects);
        }
        change
    }

    /// The device is another one of nobody's while a login is under way: what is written on it goes to the person as
    /// well.
    pub(super) fn device_is(&mut self, here: &Device) {
        let (true, None) = (self.is_open(), here.person) else {
            return;
        };
        self.goes_again = true;
        self.post.before = Some(here.secret.clone());
    }

    /// The server says that the login's time is over, or that it knows nothing of it.
    pub(super) fn expired(&mut self, is_unknown: bool, at: Moment, effects: &mut Vec<Effect>) {
        self.is_over = true;
        self.is_unknown = is_unknown;
        if self.attempt == Attempt::None {
            self.ask(at, effects);
        }
    }

    /// Somebody is here who may have a token now, or the network is back, or time has passed.
    pub(super) fn nudged(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        match self.attempt {
            Attempt::Asking(_) => self.ask(at, effects),
            Attempt::Waiting(_) => self.send(at, effects),
            Attempt::None | Attempt::Posting(_) => {}
        }
    }

    /// Another tab has logged in, or prolonged what was over.
    pub(super) fn done_elsewhere(&mut self) {
        self.is_over = false;
        match self.attempt {
            // The page's own call is still to be answered.
            Attempt::Asking(_) if self.calls.is_empty() => self.attempt = Attempt::None,
            Attempt::None | Attempt::Asking(_) | Attempt::Posting(_) | Attempt::Waiting(_) => {}
        }
    }

    /// Nobody is to be logged in any more.
    pub(super) fn dismissed(&mut self, effects: &mut Vec<Effect>) {
        self.attempt = Attempt::None;
        self.calls.append(&mut self.after);
        self.tell(Some(OVERTAKEN), effects);
        self.is_over = false;
    }

    /// The time of [`Login::deadline`] has come, or may have.
    pub(super) fn timer_fired(&mut self, here: &Device, at: Moment, effects: &mut Vec<Effect>) {
        if is_due(self.deadline(), at.now) {
            self.nudged(at, effects);
            if let Attempt::Posting(by) = self.attempt
                && is_due(Some(by), at.now)
            {
                self.answered(self.post.number, Answer::Lost, here, at, effects);
            }
        }
    }

    /// When [`Login::timer_fired`] is due.
    pub(super) const fn deadline(&self) -> Option<Timestamp> {
        match self.attempt {
            // Whoever has only been asked to log in is not pestered.
            Attempt::Asking(at) if self.is_over => Some(at),
            Attempt::None | Attempt::Asking(_) => None,
            Attempt::Posting(at) | Attempt::Waiting(at) => Some(at),
        }
    }

    /// Whether the login's time is over, so that nothing can be sent.
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether the server knows nothing of the login, and may be right.
    pub(super) const fn is_unknown(&self) -> bool {
        self.is_over && self.is_unknown
    }

    /// Whether an attempt has been posted and is not settled: the secret of before may be nobody's already.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.attempt, Attempt::Posting(_) | Attempt::Waiting(_))
    }

    /// The secret of the last post.
    pub(super) fn secret(&self) -> String {
        self.post.secret.clone()
    }

    /// Whether a call of the page's waits.
    pub(super) const fn is_awaited(&self) -> bool {
        !(self.calls.is_empty() && self.after.is_empty())
    }

    fn ask(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        self.attempt = Attempt::Asking(at.now.after(ASK_AGAIN));
        self.wanted_for = self.calls.last().copied().unwrap_or(self.wanted_for);
        let call = self.wanted_for;
        effects.push(Effect::Host(HostEvent::TokenWanted { call }));
    }

    /// Nobody waits any more. Where the login is over, it goes on as soon as the page has a token that is taken.
    const fn rests(&mut self, at: Moment) {
        self.attempt = if self.is_over {
            Attempt::Asking(at.now.after(ASK_AGAIN))
        } else {
            Attempt::None
        };
    }

    fn send(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        self.attempt = Attempt::Posting(at.now.after(PATIENCE));
        self.goes_again = false;
        effects.push(Effect::LogIn(self.post.clone()));
    }

    fn wait(&mut self, asked_for_ms: Option<u32>, at: Moment, effects: &mut Vec<Effect>) {
        // A call that came meanwhile need not wait for this one's answer: it will ask the page anew.
        if !self.after.is_empty() {
            self.tell(Some(OVERTAKEN), effects);
            self.calls.append(&mut self.after);
            return self.ask(at, effects);
        }
        let wait = match asked_for_ms {
            Some(ms) => {
                let ms = ms.min(LONGEST_WAIT_MS);
                Span(i64::from(ms) + share(ms / 4, at.random))
            }
            None => backoff(self.lost, at.random),
        };
        self.lost = self.lost.saturating_add(1);
        self.attempt = Attempt::Waiting(at.now.after(wait));
    }

    /// Tells the page how it went.
    fn tell(&mut self, failed: Option<&str>, effects: &mut Vec<Effect>) {
        for call in self.calls.drain(..) {
            let failed = failed.map(str::to_owned);
            effects.push(Effect::Host(HostEvent::LoggedIn { call, failed }));
        }
    }
}
