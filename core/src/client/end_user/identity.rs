//! Who the end user is on this device: a login in the middle of a chat, its end, and what of the outbox is whose (R47).
//!
//! What was written before a login goes with the person who wrote it: it is sent under the new secret, with the same
//! ids (R11). What a person wrote stays theirs when they log out, or when somebody else logs in: the shell keeps it
//! under their name, and it comes back with them.

use super::super::connection::{self, Status};
use super::super::is_due;
use super::super::login::{Answer, Call, Change, Device, Given};
use super::super::moment::Moment;
use super::super::role::Role;
use super::super::timeline::Timeline;
use super::{Effect, EndUserClient, Ender};
use crate::ids::Seq;
use crate::time::{Span, Timestamp};
use crate::wire::{CID_UNKNOWN, ERASED, LOGIN_EXPIRED, LOGIN_UNKNOWN, Refused, SECRET_RETIRED};

/// A secret that is nobody's any more has most often become somebody's in another tab, which has yet to hear so and to
/// say so: a fresh one is made after this.
const RENEWS_AFTER: Span = Span(5_000);

/// What the page is told of a message that stays behind with whoever wrote it.
const LEFT: &str = "Whoever wrote this is not here any more.";

impl EndUserClient {
    /// Whether what was written waits for the site to say anew who this is.
    #[must_use]
    pub fn waits_for_login(&self) -> bool {
        self.login.is_over()
    }

    /// Who this device is, as far as is known.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.config.device
    }

    pub(super) fn log_in(&mut self, call: Call, at: Moment) {
        self.login.asked(call, at, &mut self.effects);
    }

    pub(super) fn token_given(&mut self, given: Given, at: Moment) {
        // Whoever was logged in is not here any more, as the site says expressly.
        if given.token.is_none() && self.login.is_unknown() && !self.login.is_open() && !self.role.follows() {
            self.is_retired(at);
        }
        let here = &self.config.device;
        self.login.given(given, here, at, &mut self.effects);
    }

    pub(super) fn login_answered(&mut self, number: u32, answer: Answer, at: Moment) {
        let was_open = self.login.is_open();
        let here = &self.config.device;
        match self.login.answered(number, answer, here, at, &mut self.effects) {
            Change::None => {}
            Change::Prolonged => {
                self.effects.push(Effect::KeepDevice(self.config.device.clone()));
                self.goes_on(at);
            }
            Change::Becomes(person) => {
                let device = Device {
                    secret: self.login.secret(),
                    person: Some(person),
                };
                self.effects.push(Effect::KeepDevice(device.clone()));
                self.becomes(device, at);
                self.goes_on(at);
            }
            Change::Erased => self.is_erased(),
        }
        if was_open && self.retired.is_some() && !self.login.is_open() {
            self.begin_anew();
        }
    }

    pub(super) fn logged_in_elsewhere(&mut self, at: Moment) {
        if self.login.is_over() {
            self.login.done_elsewhere();
            self.goes_on(at);
        }
    }

    /// Another tab has logged in or out, or there is a fresh secret.
    pub(super) fn device_renewed(&mut self, device: Device, at: Moment) {
        if device == self.config.device {
            return;
        }
        let rested = !self.is_somebody();
        self.login.done_elsewhere();
        match (self.config.device.person, device.person) {
            // Logged out in another tab: a login that is under way here is from before that.
            (Some(_), None) => self.login.dismissed(&mut self.effects),
            (None, _) | (Some(_), Some(_)) => self.login.device_is(&device),
        }
        let wanted = device.person.is_some() && (rested || self.connection.status() != Status::Idle);
        self.becomes(device, at);
        if wanted || self.panel_shown || self.outbox.has_unsent() {
            self.goes_on(at);
        }
    }

    pub(super) fn log_out(&mut self, at: Moment) {
        // The server may take a post that is on its way at any time from here on, with all that is written by then.
        let may_be_somebody = self.config.device.person.is_some() || self.login.is_open();
        self.login.dismissed(&mut self.effects);
        if may_be_somebody {
            // What was sent is the person's; what was not even sent is nobody else's to read.
            self.empty_composer();
            self.keep_draft();
            self.connection(connection::Input::Unwanted, at);
            self.last = Some(Effect::LeaveDevice);
        }
    }

    /// What was written here is thrown away, and whoever waits for an answer has it: the page has cleared its state.
    pub(super) fn is_unwanted(&mut self, at: Moment) {
        self.login.dismissed(&mut self.effects);
        self.connection(connection::Input::Unwanted, at);
        match self.role {
            Role::Undecided | Role::Alone => {}
            Role::Following { .. } | Role::Leading { .. } => self.effects.push(Effect::Resign),
        }
        self.parts_from_others();
        self.leave_all_behind();
        self.effects.push(Effect::KeepDraft(String::new()));
    }

    pub(super) fn login_timer(&mut self, at: Moment) {
        self.login.timer_fired(&self.config.device, at, &mut self.effects);
        if is_due(self.renewal_deadline(), at.now) {
            self.begin_anew();
        }
    }

    /// When a fresh secret is to be made, unless another tab has one by then.
    pub(super) fn renewal_deadline(&self) -> Option<Timestamp> {
        self.retired.filter(|_| !self.login.is_open())
    }

    /// Somebody is here, or the network is: the page may have a token now.
    pub(super) fn nudge_login(&mut self, at: Moment) {
        if self.login.is_over() {
            self.login.nudged(at, &mut self.effects);
        }
    }

    /// The server knows this device no more, for a while or for good. Answers whether that is what was refused.
    pub(super) fn is_unknown_now(&mut self, refused: &Refused, at: Moment) -> bool {
        match refused.code.as_str() {
            LOGIN_EXPIRED | LOGIN_UNKNOWN => {
                self.login_is_over(refused.code == LOGIN_UNKNOWN, at);
                true
            }
            ERASED => {
                self.is_erased();
                true
            }
            SECRET_RETIRED => {
                // Whoever leads sees to it, and all hear of it.
                if self.role.follows() {
                    return true;
                }
                // A login that has no answer yet, here or in another tab, may be what has retired it.
                self.is_retired(at);
                self.rest(at);
                true
            }
            _ => false,
        }
    }

    /// A message that was carried over a login, whose id the server knows as somebody else's: it was taken before the
    /// login, from whoever its writer was then, and stands where they wrote it (R11). Sent anew, it would be doubled.
    pub(super) fn stands_with_who_wrote_it(&mut self, refused: &Refused, at: Moment) -> bool {
        let Some(cid) = refused.cid.filter(|_| refused.code == CID_UNKNOWN) else {
            return false;
        };
        let was_carried = self
            .outbox
            .items()
            .iter()
            .any(|item| item.cid == cid && item.body.carried);
        if was_carried && self.outbox.acknowledged(cid).is_some() {
            self.stands(cid, at);
        }
        was_carried
    }

    /// Whether anything may be sent as who this device is.
    pub(super) const fn is_somebody(&self) -> bool {
        !self.login.is_over() && self.retired.is_none()
    }

    /// The server says, or the leader does, that the login's time is over.
    pub(super) fn login_is_over(&mut self, is_unknown: bool, at: Moment) {
        if !self.login.is_over() {
            self.login.expired(is_unknown, at, &mut self.effects);
            self.rest(at);
        }
    }

    /// There is to be a fresh secret, unless another tab has one by then.
    fn is_retired(&mut self, at: Moment) {
        self.retired = self.retired.or(Some(at.now.after(RENEWS_AFTER)));
    }

    /// Nothing is asked of the server as somebody whom it does not know. What was on its way is sent again later.
    fn rest(&mut self, at: Moment) {
        self.connection(connection::Input::Unwanted, at);
        self.changed = true;
    }

    fn goes_on(&mut self, at: Moment) {
        self.changed = true;
        self.connection(connection::Input::Wanted, at);
    }

    /// The secret is nobody's, and no login of this page has taken its place: another tab has one, or there is to be a
    /// fresh one. What was written goes along.
    fn begin_anew(&mut self) {
        self.retired = None;
        self.last = Some(Effect::RenewDevice);
    }

    /// The person of this device is erased. What of theirs lies in this browser goes too, and whoever is here now is
    /// nobody known.
    fn is_erased(&mut self) {
        self.leave_all_behind();
        self.shelf.gives_up();
        self.effects.push(Effect::KeepDraft(String::new()));
        self.effects.push(Effect::ClearShelf);
        self.config.device.person = None;
        self.begin_anew();
    }

    /// The device is somebody from here on, or somebody else.
    fn becomes(&mut self, device: Device, at: Moment) {
        self.connection(connection::Input::Unwanted, at);
        self.retired = None;
        self.leave_shelf();
        self.parts_from_others();
        let was = core::mem::replace(&mut self.config.device, device.clone());
        self.effects.push(Effect::ShareAs(device));
        if was.person.is_some() && was.person != self.config.device.person {
            // All of it is the other one's, and stays kept under their name.
            self.leave_all_behind();
        } else {
            if self.config.device.person.is_none() {
                // A log moves to persons only.
                self.leave_log_behind();
            }
            self.outbox.rewrite(|said| said.carried = true);
            for item in self.outbox.items().to_vec() {
                self.keep(item, at);
            }
            if !self.draft.is_empty() {
                self.keep_draft();
            }
        }
        self.awaits_draft = self.draft.is_empty();
        self.changed = true;
    }

    /// Nothing of whoever was here is left in this tab. What the page has sent for them is answered: it may be kept
    /// under their name, and go out when they are back.
    fn leave_all_behind(&mut self) {
        for item in core::mem::take(&mut self.outbox).items() {
            if !item.is_failed() {
                self.refuse_here(item.cid, "left_behind", LEFT);
            }
        }
        for addressed in core::mem::take(&mut self.addressed) {
            self.refuse_here(addressed.cid, "left_behind", LEFT);
        }
        self.empty_composer();
        self.leave_log_behind();
    }

    fn leave_log_behind(&mut self) {
        self.timeline = Timeline::default();
        self.ender = Ender::default();
        self.read_told = Seq(0);
        self.read_known = Seq(0);
        self.begun = None;
        self.caught_up = false;
        self.changed = true;
    }

    /// What is typed there is another's. Drawing alone never empties it, for what has been typed meanwhile.
    fn empty_composer(&mut self) {
        self.draft.clear();
        self.draft_fault = None;
        self.changed = true;
        self.effects.push(Effect::EmptyComposer);
    }
}
