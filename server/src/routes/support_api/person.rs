//! Who somebody is in this API: one space of numbers for agents and end users, and −1 for whoever is no person.

use causerie_core::ticket::event::By;
use serde::Serialize;

/// The end users' numbers begin above this; the agents' are below.
const END_USERS: u64 = 1_000_000_000;

/// The bot, a rule, the business's own software, the system.
pub const NOBODY: i64 = -1;

/// A user's number, read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Person {
    /// An agent's.
    Agent(u64),
    /// An end user's, by their number in the store.
    EndUser(u64),
}

impl Person {
    /// Whose number this is.
    #[must_use]
    pub const fn numbered(number: u64) -> Self {
        match number.checked_sub(END_USERS) {
            Some(end_user) => Self::EndUser(end_user),
            None => Self::Agent(number),
        }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Agent(id) => id,
            Self::EndUser(number) => END_USERS.saturating_add(number),
        }
    }
}

/// Whoever did something, by number.
#[must_use]
pub fn author_id(by: &By, requester: u64) -> i64 {
    let number = match by {
        By::Agent { id, .. } => id.0,
        By::EndUser => requester,
        By::Bot | By::Business { .. } | By::Rule { .. } | By::System => return NOBODY,
    };
    i64::try_from(number).unwrap_or(NOBODY)
}

/// Through what something came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Via {
    /// The channel.
    pub channel: &'static str,
    /// From where to where.
    pub source: Source,
}

/// From where to where something came.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Source {
    /// From.
    pub from: End,
    /// To.
    pub to: End,
    /// How the two are related.
    pub rel: Option<&'static str>,
}

/// One end of a way.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct End {
    /// A rule's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// A rule's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Via {
    /// A channel alone.
    #[must_use]
    pub fn channel(channel: &'static str) -> Self {
        Self {
            channel,
            source: Source::default(),
        }
    }

    /// How whoever did something came to the ticket.
    #[must_use]
    pub fn of(by: &By) -> Self {
        let from = |name: &str| End {
            name: Some(name.to_owned()),
            ..End::default()
        };
        match by {
            By::Agent { .. } => Self::channel("web"),
            By::EndUser => Self::channel("native_messaging"),
            By::Bot => Self::sent("native_messaging", from("Bot")),
            By::Business { name } => Self::sent("api", from(name)),
            By::System => Self::channel("system"),
            By::Rule { id, title } => Self {
                channel: "rule",
                source: Source {
                    from: End {
                        id: Some(*id),
                        title: Some(title.clone()),
                        ..End::default()
                    },
                    to: End::default(),
                    rel: Some("trigger"),
                },
            },
        }
    }

    fn sent(channel: &'static str, from: End) -> Self {
        Self {
            channel,
            source: Source {
                from,
                ..Source::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_and_end_users_share_no_number() {
        assert_eq!(Person::numbered(7), Person::Agent(7));
        for person in [Person::Agent(1), Person::EndUser(1)] {
            assert_eq!(Person::numbered(person.number()), person);
        }
        assert_ne!(Person::Agent(1).number(), Person::EndUser(1).number());
    }

    #[test]
    fn what_a_rule_did_says_which() {
        let via = Via::of(&By::Rule {
            id: 4,
            title: "Thank".to_owned(),
        });
        assert_eq!(
            serde_json::to_value(via).unwrap(),
            serde_json::json!({
                "channel": "rule",
                "source": {"from": {"id": 4, "title": "Thank"}, "to": {}, "rel": "trigger"},
            })
        );
    }
}
