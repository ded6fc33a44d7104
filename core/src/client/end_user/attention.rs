//! What the two sides see of each other's attention: what the end user reads and types, and the sound of what is unread.

use super::super::moment::{CHIME_AFTER, Moment, TYPING_ENDS, TYPING_TOLD_AGAIN};
use super::{Effect, EndUserClient, HostEvent};
use crate::session::Placement;
use crate::wire::end_user::Up;

impl EndUserClient {
    pub(super) fn edited(&mut self, draft: String, at: Moment) {
        self.changed |= self.draft_fault.take().is_some();
        self.idle_at = Some(at.now.after(TYPING_ENDS));
        let types = !draft.trim().is_empty();
        self.awaits_draft = false;
        self.draft.clone_from(&draft);
        self.keep_draft();
        if !types {
            self.stop_typing();
        } else if self
            .typing_told
            .is_none_or(|told| told.after(TYPING_TOLD_AGAIN) <= at.now)
            && self.somebody_would_see_typing()
        {
            self.typing_told = Some(at.now);
            self.goes_up(Up::Typing(true));
        }
    }

    /// An agent may be there, and the message would reach that agent: typing after the end reaches nobody (R19).
    fn somebody_would_see_typing(&self) -> bool {
        let with_people = self
            .timeline
            .session()
            .is_some_and(|session| session.ticket.is_some());
        self.connection.is_live()
            && with_people
            && match self.timeline.foresees() {
                Placement::Appended | Placement::AppendedReopening => true,
                Placement::Started => false,
            }
    }

    pub(super) fn stop_typing(&mut self) {
        self.idle_at = None;
        if self.typing_told.take().is_some() && self.connection.is_live() {
            self.goes_up(Up::Typing(false));
        }
    }

    pub(super) fn switch_sounds(&mut self, on: bool) {
        if on != self.sounds {
            self.sounds = on;
            self.effects.push(Effect::KeepSounds(on));
            self.changed = true;
        }
    }

    pub(super) fn read(&mut self, at: Moment) {
        if self.panel_shown && !self.page_hidden {
            self.timeline.read_upto(self.timeline.head());
        }
        let read = self.timeline.read();
        if self.connection.is_live() && read > self.read_told {
            self.read_told = read;
            self.goes_up(Up::Read(read));
        }
        let unread = self.timeline.unread();
        if !self.sounds || unread == 0 {
            self.chime_at = None;
        } else if unread > self.unread_told && self.caught_up {
            self.chime_at = self.chime_at.or(Some(at.now.after(CHIME_AFTER)));
        } else if unread < self.unread_told {
            // Another tab is reading: what is left may be next.
            self.chime_at = self.chime_at.map(|_| at.now.after(CHIME_AFTER));
        }
        self.caught_up |= self.connection.is_live() && !self.timeline.is_behind();
        if unread != self.unread_told {
            self.unread_told = unread;
            self.changed = true;
            self.effects.push(Effect::Host(HostEvent::Unread(unread)));
        }
    }
}
