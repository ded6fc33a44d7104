//! What the end user writes, from the composer into the outbox.

use super::super::connection;
use super::super::moment::Moment;
use super::{Effect, EndUserClient, HostEvent};
use crate::ids::ClientMessageId;
use crate::message::{Text, TextFault};
use crate::wire::Refused;

impl EndUserClient {
    /// What was written is intent enough.
    pub(super) fn connect_if_unsent(&mut self, at: Moment) {
        if self.outbox.has_unsent() {
            self.connection(connection::Input::Wanted, at);
        }
    }

    pub(super) fn written(&mut self, cid: ClientMessageId, text: String, at: Moment) {
        match Text::parse(&text) {
            Ok(parsed) => {
                // Kept as a message before it is forgotten as a draft.
                self.say(cid, parsed, at);
                self.draft.clear();
                self.draft_fault = None;
                self.keep_draft();
            }
            Err(TextFault::Empty) => {}
            Err(fault @ TextFault::TooLong) => {
                self.draft.clone_from(&text);
                self.draft_fault = Some(fault);
                self.keep_draft();
                self.changed = true;
            }
        }
    }

    /// Something that no draft was: it is sent as it is, or refused.
    pub(super) fn sent_whole(&mut self, cid: ClientMessageId, text: &str, at: Moment) {
        match Text::parse(text) {
            Ok(text) => self.say(cid, text, at),
            Err(fault) => {
                let fault = crate::chat_thread::Rejection::Text(fault);
                self.refuse_here(cid, fault.code(), &fault.to_string());
            }
        }
    }

    /// Refuses what never went to the server.
    pub(super) fn refuse_here(&mut self, cid: ClientMessageId, code: &str, message: &str) {
        self.effects.push(Effect::Host(HostEvent::Refused(Refused {
            cid: Some(cid),
            code: code.to_owned(),
            message: message.to_owned(),
            retryable: false,
            retry_after_ms: None,
        })));
    }

    pub(super) fn say(&mut self, cid: ClientMessageId, text: Text, at: Moment) {
        let here_already = self.outbox.items().iter().any(|item| item.cid == cid) || self.timeline.has(cid);
        if here_already {
            return;
        }
        let said = self.timeline.says(text.into());
        let item = self.outbox.write(cid, said, at.now);
        self.keep(item, at);
        self.ender.put_away();
        self.stop_typing();
        self.changed = true;
        self.connection(connection::Input::Wanted, at);
    }

    pub(super) fn retry(&mut self, cid: ClientMessageId, fresh: ClientMessageId, at: Moment) {
        if let Some(item) = self.outbox.retry(cid, fresh, at.now) {
            let is_another = item.cid != cid;
            self.keep(item, at);
            if is_another {
                self.forget(cid, at);
            }
            self.changed = true;
            self.connection(connection::Input::Wanted, at);
        }
    }

    pub(super) fn discard(&mut self, cid: ClientMessageId, at: Moment) {
        if self.outbox.discard(cid).is_some() {
            self.forget(cid, at);
            self.changed = true;
        }
    }
}
