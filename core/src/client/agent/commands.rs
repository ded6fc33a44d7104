//! The commands on their way, and what becomes of them. What an agent has written is never lost to a refusal: it comes
//! back into the composer, with the choice to send it otherwise (R21).

use super::{AgentClient, Ask, Asked, Effect};
use crate::chat_thread::{Outcome, Rejection};
use crate::client::moment::Moment;
use crate::client::outbox::Refusal;
use crate::ids::{ClientMessageId, TicketId};
use crate::message::{Text, TextFault};
use crate::ticket::{Comment, CommentTo, Update};
use crate::wire::Refused;

impl AgentClient {
    /// Why the last command on a ticket was not done; gone when read, or with the next command.
    #[must_use]
    pub fn refusal(&self, ticket: TicketId) -> Option<&Refused> {
        self.refusals.get(&ticket)
    }

    /// Whether a reply was too late for messaging, so that its text waits in the composer for another way (R21).
    #[must_use]
    pub fn waits_for_another_way(&self, ticket: TicketId) -> bool {
        let too_late = self
            .refusal(ticket)
            .is_some_and(|refused| refused.code == Rejection::SESSION_ENDED);
        too_late && !self.draft(ticket).trim().is_empty()
    }

    pub(super) fn replied(
        &mut self,
        cid: ClientMessageId,
        ticket: TicketId,
        to: CommentTo,
        text: &str,
        at: Moment,
    ) {
        match Text::parse(text) {
            Ok(text) => {
                // The draft leaves the composer now, and what is kept of it when the command is done.
                self.set_draft(ticket, String::new());
                self.draft_fault = None;
                let comment = Some(Comment { to, text });
                let update = Update {
                    comment,
                    ..Update::default()
                };
                self.ask(cid, ticket, Ask::Update(Box::new(update)), at);
            }
            Err(TextFault::Empty) => {}
            Err(fault @ TextFault::TooLong) => {
                self.set_draft(ticket, text.to_owned());
                self.draft_fault = Some((ticket, fault));
                self.changed = true;
            }
        }
    }

    pub(super) fn ask(&mut self, cid: ClientMessageId, ticket: TicketId, ask: Ask, at: Moment) {
        if self.outbox.items().iter().any(|item| item.cid == cid) {
            return;
        }
        self.stop_typing();
        self.refusals.remove(&ticket);
        let after_erasure = self.is_erased(ticket);
        let asked = Asked {
            ticket,
            ask,
            after_erasure,
        };
        self.outbox.write(cid, asked, at.now);
        self.changed = true;
    }

    pub(super) fn done(&mut self, cid: ClientMessageId, outcome: Outcome) {
        if let Some(item) = self.outbox.acknowledged(cid) {
            if item.body.comment().is_some() {
                self.keep_draft(item.body.ticket);
            }
            self.effects.push(Effect::Done { cid, outcome });
        }
    }

    pub(super) fn refused(&mut self, refused: Refused, at: Moment) {
        let item = match self.outbox.refused(&refused, at.now, at.random) {
            Refusal::Failed(item) => item,
            Refusal::Waits => return,
            Refusal::Unknown => return self.refused_without_id(&refused),
        };
        self.outbox.discard(item.cid);
        let ticket = item.body.ticket;
        let goes_with_them = self.is_erased(ticket) && !item.body.after_erasure;
        if goes_with_them {
            self.keep_draft(ticket);
        } else if let Some(comment) = item.body.comment() {
            let text = match self.draft(ticket) {
                "" => comment.text.as_str().to_owned(),
                draft => [draft, comment.text.as_str()].join("\n\n"),
            };
            self.set_draft(ticket, text);
            // What was meant for colleagues does not come back as something for the customer.
            if comment.to == CommentTo::Note {
                self.pick(ticket, CommentTo::Note);
            }
            self.keep_draft(ticket);
        }
        let refused = Refused {
            cid: Some(item.cid),
            ..refused
        };
        // What is shown of it says that the text is kept.
        if !goes_with_them {
            self.refusals.insert(ticket, refused.clone());
        }
        self.effects.push(Effect::Refused(refused));
    }

    /// What has no client id is the opening of a ticket that is not there, or not to be seen, and then there is no log
    /// to wait for; or it is the availability, which goes back to what the server told.
    fn refused_without_id(&mut self, refused: &Refused) {
        if refused.cid.is_some() {
            return;
        }
        if refused.code == Rejection::UnknownTicket.code() {
            if let Some(followed) = &mut self.followed {
                followed.asked = false;
                followed.ask_again_at = None;
            }
        } else {
            self.availability = None;
        }
    }
}
