//! Macros: a prepared set of actions that an agent applies, often a standard text (R30).

use serde::{Deserialize, Serialize};

use crate::chat_thread::Rejection;
use crate::ids::MacroId;
use crate::message::Text;
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
    /// Its text has placeholders, and nobody fills them in yet (R38).
    Placeholders,
    /// The ticket is closed, and cannot be changed.
    TicketClosed,
}

/// Whether a text has placeholders (R38). Until they are filled in they would go to the customer as they stand.
#[must_use]
pub fn has_placeholders(text: &Text) -> bool {
    ["{{", "{%"]
        .into_iter()
        .any(|opens| text.as_str().contains(opens))
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
        if self.text.as_ref().is_some_and(has_placeholders) {
            Err(Rejection::MacroPlaceholders)
        } else {
            Ok(())
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

    /// What applying it asks of a ticket that has these tags now.
    ///
    /// # Errors
    /// [`Rejection::MacroPlaceholders`], of one that was stored with them (R38).
    pub fn update(&self, tags: &[String]) -> Result<Update, Rejection> {
        self.says_what_it_means()?;
        Ok(Update {
            from_macro: Some(MacroReference {
                id: self.id,
                title: self.title.clone(),
            }),
            comment: self.text.clone().map(|text| Comment {
                to: CommentTo::Public,
                text,
            }),
            status: self.status,
            priority: self.priority,
            assignee: None,
            group: None,
            tags: (!self.add_tags.is_empty()).then(|| tidy_tags(tags.iter().chain(&self.add_tags))),
            end_session: self.end_session,
        })
    }
}
