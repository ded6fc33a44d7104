//! Macros: a prepared set of actions that an agent applies, often a standard text (R30).

use serde::{Deserialize, Serialize};

use crate::ids::MacroId;
use crate::message::Text;
use crate::ticket::{Comment, CommentTo, MacroReference, Priority, Status, Update, tidy_tags};

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

impl Macro {
    /// What applying it asks of a ticket that has these tags now.
    #[must_use]
    pub fn update(&self, tags: &[String]) -> Update {
        Update {
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
        }
    }
}
