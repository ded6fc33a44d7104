//! Macros: a prepared set of actions that an agent applies, often a standard text (R30).

use serde::{Deserialize, Serialize};

use crate::chat_thread::Rejection;
use crate::ids::MacroId;
use crate::message::Text;
use crate::rules::placeholders::{Facts, can_be_filled_in, filled_in};
use crate::ticket::composer::{ChannelClosed, Composer};
use crate::ticket::ending::CannotEnd;
use crate::ticket::{
    CannotSet, Comment, CommentTo, MacroReference, Priority, Status, Ticket, Update, tidy_tags,
};

/// A prepared set of actions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Macro {
    /// Which one.
    pub id: MacroId,
    /// What the menu calls it.
    pub title: String,
    /// What it says to the customer, by whatever public channel is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// The status it sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The priority it sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Tags it adds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_tags: Vec<String>,
    /// Whether it ends the session after its text, in that order, as one step.
    #[serde(default)]
    pub end_session: bool,
}

/// Why a macro cannot be applied to a ticket as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CannotApply {
    /// It says something to the customer, and every public channel is closed.
    Say(ChannelClosed),
    /// It ends the session, and that is not to be (R15, R16).
    End(CannotEnd),
    /// It sets a status that cannot be set (R43).
    Status(CannotSet),
    /// Its text has placeholders that nobody can fill in (R38).
    Placeholders,
    /// The ticket is closed, and cannot be changed.
    TicketClosed,
}

impl Macro {
    /// Whether it may be kept as it is written.
    ///
    /// # Errors
    /// [`Rejection::StatusNotSettable`] (R43), [`Rejection::MacroPlaceholders`] (R38).
    pub fn may_be_kept(&self) -> Result<(), Rejection> {
        match self.status.filter(|status| !status.is_set_by_hand()) {
            Some(status) => Err(Rejection::StatusNotSettable(status)),
            None => self.says_what_it_means(),
        }
    }

    fn says_what_it_means(&self) -> Result<(), Rejection> {
        if self.text.as_ref().is_none_or(can_be_filled_in) {
            Ok(())
        } else {
            Err(Rejection::MacroPlaceholders)
        }
    }

    /// Whether applying it would be refused as things are: it is one step, so what is wrong with a part is wrong with
    /// all of it. The writer judges again.
    ///
    /// # Errors
    /// Why it would be refused.
    pub fn applies(
        &self,
        ticket: &Ticket,
        offered: &Composer,
        ending: Result<(), CannotEnd>,
    ) -> Result<(), CannotApply> {
        if ticket.status.is_closed() {
            return Err(CannotApply::TicketClosed);
        }
        if self.says_what_it_means().is_err() {
            return Err(CannotApply::Placeholders);
        }
        match ending {
            // To end what is over is harmless (R18).
            Ok(()) | Err(CannotEnd::Ended(_)) => {}
            Err(why @ (CannotEnd::SwitchedOff | CannotEnd::NotTheirs | CannotEnd::TicketClosed)) => {
                if self.end_session {
                    return Err(CannotApply::End(why));
                }
            }
        }
        if let (Some(_), Some(why)) = (&self.text, offered.closed(CommentTo::Public)) {
            return Err(CannotApply::Say(why));
        }
        self.status
            .map_or(Ok(()), |to| ticket.may_become(to))
            .map_err(CannotApply::Status)
    }

    /// What applying it asks of a ticket as it is now, its text filled in (R38).
    ///
    /// # Errors
    /// [`Rejection::MacroPlaceholders`], of one that was stored with others; [`Rejection::Text`], if nothing is left of
    /// its text or too much comes of it.
    pub fn update(&self, facts: &Facts<'_>) -> Result<Update, Rejection> {
        let text = self.text.as_ref().map(|text| filled_in(text, facts));
        Ok(self.asks(text.transpose()?, &facts.ticket.tags))
    }

    /// What applying it would ask of any ticket, its text as it is written.
    #[must_use]
    pub fn as_written(&self) -> Update {
        self.asks(self.text.clone(), &[])
    }

    fn asks(&self, text: Option<Text>, tags: &[String]) -> Update {
        Update {
            from_macro: Some(MacroReference {
                id: self.id,
                title: self.title.clone(),
            }),
            comment: text.map(|text| Comment {
                to: CommentTo::Public,
                text,
            }),
            status: self.status,
            priority: self.priority,
            assignee: None,
            group: None,
            tags: (!self.add_tags.is_empty()).then(|| tidy_tags(tags.iter().chain(&self.add_tags))),
            end_session: self.end_session,
        }
    }
}
