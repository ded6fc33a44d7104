//! What stands in the composers: the texts, the channels picked for them, and who is told that somebody types.

use super::{AgentClient, Draft, Effect};
use crate::client::moment::{Moment, TYPING_ENDS};
use crate::ids::TicketId;
use crate::message::TextFault;
use crate::session::SessionState;
use crate::ticket::CommentTo;
use crate::ticket::composer::Picked;
use crate::wire::agent::Up;

impl AgentClient {
    /// The text in a ticket's composer. A reply that was refused is in it again (R21).
    #[must_use]
    pub fn draft(&self, ticket: TicketId) -> &str {
        self.drafts.get(&ticket).map_or("", |draft| &draft.text)
    }

    /// The channel that is chosen in a ticket's composer (R28); a note, of a ticket that is not seen.
    #[must_use]
    pub fn channel(&self, ticket: TicketId) -> CommentTo {
        let draft = self.drafts.get(&ticket);
        let (picked, writing) = draft.map_or((None, false), |draft| (draft.picked, !draft.is_blank()));
        self.ticket(ticket)
            .map_or(CommentTo::Note, |row| row.composer().chosen(picked, writing))
    }

    /// Why a ticket's draft could not be sent as it is; gone with the next edit.
    #[must_use]
    pub fn draft_fault(&self, ticket: TicketId) -> Option<TextFault> {
        self.draft_fault
            .filter(|(of, _)| *of == ticket)
            .map(|(_, fault)| fault)
    }

    pub(super) fn picked(&mut self, ticket: TicketId, to: CommentTo) {
        self.pick(ticket, to);
        self.keep_draft(ticket);
        self.changed = true;
        if self.typing_told == Some(ticket) && !self.reaches_the_customer(ticket) {
            self.tell_typing_stopped();
        }
    }

    pub(super) fn edited(&mut self, ticket: TicketId, text: String, at: Moment) {
        self.changed |= self.draft_fault.take().is_some();
        self.idle_at = Some(at.now.after(TYPING_ENDS));
        let blank = text.trim().is_empty();
        // Picked anew with each key: a note stays one to its end, whatever becomes of the default (R28).
        let to = self.channel(ticket);
        self.set_draft(ticket, text);
        self.mark_after_erasure(ticket);
        self.pick(ticket, to);
        self.keep_draft(ticket);
        let typing = (!blank && self.reaches_the_customer(ticket)).then_some(ticket);
        if self.typing_told.is_some() && self.typing_told != typing {
            self.tell_typing_stopped();
        }
        if self.typing_told != typing && self.connection.is_live() {
            self.typing_told = typing;
            self.effects.push(Effect::Send(Up::Typing { ticket, on: true }));
        }
    }

    /// Whether what is written goes to the chat, to a customer who is there.
    fn reaches_the_customer(&self, ticket: TicketId) -> bool {
        let is_live = self.ticket(ticket).is_some_and(|row| match row.session.state() {
            SessionState::Active | SessionState::Inactive => true,
            SessionState::Ended => false,
        });
        match self.channel(ticket) {
            CommentTo::Messaging | CommentTo::Public => is_live,
            CommentTo::Email | CommentTo::Note => false,
        }
    }

    /// Picks a channel in the place of what is the default now. The default needs no pick, but for a note: an email that
    /// comes to be known changes the default, and is not to turn what colleagues were to read into a letter.
    pub(super) fn pick(&mut self, ticket: TicketId, to: CommentTo) {
        if let Some(instead_of) = self.ticket(ticket).map(|row| row.composer().default) {
            let draft = self.drafts.entry(ticket).or_default();
            draft.picked = (to != instead_of || to == CommentTo::Note).then_some(Picked { to, instead_of });
        }
    }

    pub(super) fn set_draft(&mut self, ticket: TicketId, text: String) {
        self.drafts.entry(ticket).or_default().text = text;
    }

    pub(super) fn keep_draft(&mut self, ticket: TicketId) {
        let draft = self.drafts.get(&ticket).cloned().unwrap_or_default();
        // Not until the answer is here: storage may be full.
        self.keeps = false;
        self.effects.push(Effect::KeepDraft { ticket, draft });
    }

    /// What was written about somebody is forgotten with them, here and where it is kept. What is written once they are
    /// erased is not about them any more.
    pub(super) fn forget_drafts_of_the_erased(&mut self) {
        let is_of_erased = |(ticket, draft): (&TicketId, &Draft)| {
            let is_old = !draft.after_erasure && !draft.text.is_empty();
            (is_old && self.is_erased(*ticket)).then_some(*ticket)
        };
        let gone: Vec<TicketId> = self.drafts.iter().filter_map(is_of_erased).collect();
        for ticket in gone {
            self.drafts.remove(&ticket);
            self.draft_fault = self.draft_fault.filter(|(of, _)| *of != ticket);
            // It says that the text is kept.
            self.refusals.remove(&ticket);
            self.keep_draft(ticket);
            self.changed = true;
        }
    }

    fn mark_after_erasure(&mut self, ticket: TicketId) {
        let after_erasure = self.is_erased(ticket);
        self.drafts.entry(ticket).or_default().after_erasure = after_erasure;
    }

    pub(super) fn is_erased(&self, ticket: TicketId) -> bool {
        self.ticket(ticket).is_some_and(|row| row.erased)
    }

    pub(super) fn stop_typing(&mut self) {
        self.idle_at = None;
        self.tell_typing_stopped();
    }

    fn tell_typing_stopped(&mut self) {
        if let Some(ticket) = self.typing_told.take() {
            self.send_if_live(Up::Typing { ticket, on: false });
        }
    }
}
