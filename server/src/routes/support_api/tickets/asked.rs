//! What a PUT asks of a ticket, read into the one [`Update`] that everybody's changes are.

use causerie_core::message::Text;
use causerie_core::ticket::{Comment, CommentTo, Priority, Set, Status, Update, tidy_tags};
use causerie_core::{AgentId, GroupId};
use serde::{Deserialize, Deserializer};

use super::super::fault::Fault;

/// The body of a PUT.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Put {
    /// What is asked.
    pub ticket: Asked,
}

/// What is asked of a ticket. What is not there stays as it is; fields of later versions are let pass.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// A new status.
    pub status: Option<String>,
    /// A new priority.
    pub priority: Option<String>,
    /// Something to say.
    pub comment: Option<Said>,
    /// A new assignee; null for none.
    #[serde(deserialize_with = "given")]
    pub assignee_id: Option<Option<u64>>,
    /// A new assignee, by address.
    pub assignee_email: Option<String>,
    /// A new group; null for none.
    #[serde(deserialize_with = "given")]
    pub group_id: Option<Option<u64>>,
    /// The tags it shall have.
    pub tags: Option<Vec<String>>,
    /// Tags it shall have besides.
    pub additional_tags: Vec<String>,
    /// Tags it shall not have any more.
    pub remove_tags: Vec<String>,
    /// End the session after all that.
    pub end_messaging_session: bool,
}

/// Something to say. A bare text is a public comment.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// A public one.
    Bare(String),
    /// One that says whether it is public.
    Told {
        /// What it says.
        #[serde(default)]
        body: Option<String>,
        /// The same under its other name.
        #[serde(default)]
        plain_body: Option<String>,
        /// Whether the customer gets it.
        #[serde(default = "yes")]
        public: bool,
    },
}

const fn yes() -> bool {
    true
}

/// Tells a field that is null from one that is not there.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Asked {
    /// Reads it, for a ticket that has these tags now. `named` is whom `assignee_email` names.
    ///
    /// # Errors
    /// 422, with the field at fault.
    pub fn update(self, tags: &[String], named: Option<AgentId>) -> Result<Update, Fault> {
        let status = self
            .status
            .map(|name| {
                known(&Status::ALL, Status::name, &name).ok_or_else(|| not_valid("status", "Status", &name))
            })
            .transpose()?;
        let priority = self
            .priority
            .map(|name| {
                known(&Priority::ALL, Priority::name, &name)
                    .ok_or_else(|| not_valid("priority", "Priority", &name))
            })
            .transpose()?;
        let by_email = named.map(|agent| Some(agent.0));
        let tags = match (
            self.tags,
            self.additional_tags.is_empty() && self.remove_tags.is_empty(),
        ) {
            (None, true) => None,
            (given, _) => {
                let removed = tidy_tags(&self.remove_tags);
                let mut all = tidy_tags(
                    given
                        .as_deref()
                        .unwrap_or(tags)
                        .iter()
                        .chain(&self.additional_tags),
                );
                all.retain(|tag| !removed.contains(tag));
                Some(all)
            }
        };
        Ok(Update {
            from_macro: None,
            comment: self.comment.map(Said::comment).transpose()?,
            status,
            priority,
            assignee: self
                .assignee_id
                .or(by_email)
                .map(|id| id.map_or(Set::Nothing, |id| Set::To(AgentId(id)))),
            group: self
                .group_id
                .map(|id| id.map_or(Set::Nothing, |id| Set::To(GroupId(id)))),
            tags,
            end_session: self.end_messaging_session,
        })
    }
}

impl Said {
    fn comment(self) -> Result<Comment, Fault> {
        let (text, public) = match self {
            Self::Bare(text) => (text, true),
            Self::Told {
                body,
                plain_body,
                public,
            } => (body.or(plain_body).unwrap_or_default(), public),
        };
        let text = Text::parse(&text).map_err(|fault| Fault::invalid("comment", fault.to_string()))?;
        let to = if public {
            CommentTo::Public
        } else {
            CommentTo::Note
        };
        Ok(Comment { to, text })
    }
}

fn known<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, asked: &str) -> Option<T> {
    all.iter()
        .copied()
        .find(|each| name(*each).eq_ignore_ascii_case(asked))
}

fn not_valid(field: &'static str, title: &str, value: &str) -> Fault {
    Fault::invalid(field, format!("{title}: {value} is not valid"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(body: &str) -> Result<Update, Fault> {
        let put: Put = serde_json::from_str(body).unwrap();
        put.ticket.update(&["old".to_owned()], None)
    }

    #[test]
    fn null_clears_and_absence_leaves() {
        assert_eq!(
            update(r#"{"ticket":{"assignee_id":null}}"#).unwrap().assignee,
            Some(Set::Nothing)
        );
        assert_eq!(
            update(r#"{"ticket":{"assignee_id":7}}"#).unwrap().assignee,
            Some(Set::To(AgentId(7)))
        );
        assert_eq!(update(r#"{"ticket":{}}"#).unwrap(), Update::default());
    }

    #[test]
    fn a_comment_is_public_unless_it_says_otherwise() {
        let to = |body| update(body).unwrap().comment.map(|comment| comment.to);
        assert_eq!(
            to(r#"{"ticket":{"comment":{"body":"x"}}}"#),
            Some(CommentTo::Public)
        );
        assert_eq!(
            to(r#"{"ticket":{"comment":{"body":"x","public":false}}}"#),
            Some(CommentTo::Note)
        );
        assert_eq!(to(r#"{"ticket":{"comment":"x"}}"#), Some(CommentTo::Public));
        assert!(update(r#"{"ticket":{"comment":{"body":"  "}}}"#).is_err());
    }

    #[test]
    fn tags_are_replaced_added_and_taken_away() {
        let tags = |body| update(body).unwrap().tags;
        assert_eq!(tags(r#"{"ticket":{"tags":["b","A"]}}"#).unwrap(), ["a", "b"]);
        assert_eq!(
            tags(r#"{"ticket":{"additional_tags":["new"]}}"#).unwrap(),
            ["new", "old"]
        );
        assert!(tags(r#"{"ticket":{"remove_tags":["old"]}}"#).unwrap().is_empty());
        assert_eq!(tags(r#"{"ticket":{"subject":"x"}}"#), None);
    }

    #[test]
    fn what_is_no_status_is_refused() {
        assert_eq!(
            update(r#"{"ticket":{"status":"hold"}}"#).unwrap().status,
            Some(Status::Hold)
        );
        assert!(update(r#"{"ticket":{"status":"asleep"}}"#).is_err());
        assert!(update(r#"{"ticket":{"priority":"soon"}}"#).is_err());
    }
}
