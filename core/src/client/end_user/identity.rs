//! Who the end user is on this device: a login in the middle of a chat, its end, and what of the outbox is whose (R47).
//!
//! What was written before a login goes with the person who wrote it: it is sent under the new secret, with the same
//! ids (R11). What a person wrote stays theirs when they log out, or when somebody else logs in: the shell keeps it
//! under their name, and it comes back with them.

use super::super::connection::{self, Status};
use super::super::login::{Answer, Call, Change, Device};
use super::super::moment::Moment;
use super::super::outbox::Outbox;
use super::super::timeline::Timeline;
use super::{Effect, EndUserClient, Ender};
use crate::ids::Seq;
use crate::wire::{CID_UNKNOWN, LOGIN_EXPIRED, Refused, SECRET_RETIRED};

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

    pub(super) fn token_given(&mut self, token: Option<String>, fresh: String, at: Moment) {
        let here = &self.config.device;
        self.login.given(token, fresh, here, at, &mut self.effects);
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
        }
        if was_open && self.is_retired && !self.login.is_open() {
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
        self.login.done_elsewhere();
        let wanted = device.person.is_some() && self.connection.status() != Status::Idle;
        self.becomes(device, at);
        if wanted || self.panel_shown || self.outbox.has_unsent() {
            self.goes_on(at);
        }
    }

    pub(super) fn log_out(&mut self, at: Moment) {
        self.login.dismissed(&mut self.effects);
        if self.config.device.person.is_some() {
            // What was sent is the person's; what was not even sent is nobody else's to read.
            self.draft.clear();
            self.keep_draft();
            self.connection(connection::Input::Unwanted, at);
            self.effects.push(Effect::LeaveDevice);
        }
    }

    pub(super) fn login_timer(&mut self, at: Moment) {
        self.login.timer_fired(&self.config.device, at, &mut self.effects);
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
            LOGIN_EXPIRED => {
                self.login.expired(at, &mut self.effects);
                self.rest(at);
                true
            }
            SECRET_RETIRED => {
                // Whoever leads sees to it, and all hear of it.
                if self.role.follows() {
                    return true;
                }
                self.is_retired = true;
                self.rest(at);
                // A login that has no answer yet may be what has retired it.
                if !self.login.is_open() {
                    self.begin_anew();
                }
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
        !self.login.is_over() && !self.is_retired
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
        self.is_retired = false;
        self.effects.push(Effect::RenewDevice);
    }

    /// The device is somebody from here on, or somebody else.
    fn becomes(&mut self, device: Device, at: Moment) {
        self.connection(connection::Input::Unwanted, at);
        self.is_retired = false;
        self.leave_shelf();
        self.parts_from_others();
        let was = core::mem::replace(&mut self.config.device, device.clone());
        self.effects.push(Effect::ShareAs(device));
        if was.person.is_some() && was.person != self.config.device.person {
            // All of it is the other one's, and stays kept under their name.
            self.outbox = Outbox::new();
            self.timeline = Timeline::default();
            self.ender = Ender::default();
            self.addressed.clear();
            self.draft.clear();
            self.draft_fault = None;
            self.read_told = Seq(0);
            self.read_known = Seq(0);
        } else {
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
}
