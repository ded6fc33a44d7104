//! Placeholders in a macro's text (R38), written as in Liquid: `{{ticket.requester.name | default: "there"}}`.
//!
//! These names and the filter `default` are all there is of Liquid. A text is read whole before it is kept, so that
//! nothing that cannot be filled in ever reaches a customer as it stands.

use crate::chat_thread::Rejection;
use crate::message::Text;
use crate::ticket::Ticket;

/// What a placeholder stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placeholder {
    /// The ticket's number.
    TicketId,
    /// What the ticket is about.
    TicketTitle,
    /// The requester's name.
    RequesterName,
    /// The first word of it.
    RequesterFirstName,
    /// The requester's address.
    RequesterEmail,
    /// The name of the agent who applies the macro, as the customer sees it.
    AgentName,
    /// The first word of it.
    AgentFirstName,
}

/// From what placeholders are filled in.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// The requester's name, if known.
    pub requester: Option<&'a str>,
    /// The requester's email, if known.
    pub email: Option<&'a str>,
    /// The name of the agent who applies the macro.
    pub agent: &'a str,
}

/// A piece of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Piece<'t> {
    Words(&'t str),
    Place { of: Placeholder, default: &'t str },
}

impl Placeholder {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::TicketId,
        Self::TicketTitle,
        Self::RequesterName,
        Self::RequesterFirstName,
        Self::RequesterEmail,
        Self::AgentName,
        Self::AgentFirstName,
    ];

    /// As it is written between the braces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TicketId => "ticket.id",
            Self::TicketTitle => "ticket.title",
            Self::RequesterName => "ticket.requester.name",
            Self::RequesterFirstName => "ticket.requester.first_name",
            Self::RequesterEmail => "ticket.requester.email",
            Self::AgentName => "current_user.name",
            Self::AgentFirstName => "current_user.first_name",
        }
    }

    /// What stands in its place; nothing where nothing is known.
    fn value(self, facts: &Facts<'_>) -> String {
        let requester = facts.requester.unwrap_or_default();
        let value = match self {
            Self::TicketId => return facts.ticket.id.to_string(),
            Self::TicketTitle => &facts.ticket.subject,
            Self::RequesterName => requester,
            Self::RequesterFirstName => first_word(requester),
            Self::RequesterEmail => facts.email.unwrap_or_default(),
            Self::AgentName => facts.agent,
            Self::AgentFirstName => first_word(facts.agent),
        };
        value.to_owned()
    }
}

/// Whether whatever a text has of placeholders can be filled in.
#[must_use]
pub fn can_be_filled_in(text: &Text) -> bool {
    pieces(text.as_str()).is_some()
}

/// A text with its placeholders filled in. What they stand for is taken as it is: braces in a name are a name's.
///
/// # Errors
/// [`Rejection::MacroPlaceholders`] of a text that has others; [`Rejection::Text`] if what comes of it cannot stand.
pub fn filled_in(text: &Text, facts: &Facts<'_>) -> Result<Text, Rejection> {
    let mut filled = String::new();
    for piece in pieces(text.as_str()).ok_or(Rejection::MacroPlaceholders)? {
        match piece {
            Piece::Words(words) => filled.push_str(words),
            Piece::Place { of, default } => {
                let value = of.value(facts);
                filled.push_str(if value.trim().is_empty() { default } else { &value });
            }
        }
    }
    Text::parse(&filled).map_err(Rejection::Text)
}

/// None, if there is anything that cannot be filled in: another name, another filter, a tag of Liquid's.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}")?;
        pieces.extend([Piece::Words(words), place(inside)?]);
        rest = after;
    }
    pieces.push(Piece::Words(rest));
    let is_a_tag = |piece: &Piece<'_>| matches!(piece, Piece::Words(words) if words.contains("{%"));
    (!pieces.iter().any(is_a_tag)).then_some(pieces)
}

fn place(inside: &str) -> Option<Piece<'_>> {
    let (name, default) = match inside.split_once('|') {
        None => (inside, ""),
        Some((name, filter)) => {
            let value = filter.trim().strip_prefix("default")?.trim_start();
            (name, quoted(value.strip_prefix(':')?.trim())?)
        }
    };
    let of = Placeholder::ALL.into_iter().find(|it| it.name() == name.trim())?;
    Some(Piece::Place { of, default })
}

/// What is between two quotes of one kind.
fn quoted(text: &str) -> Option<&str> {
    ['"', '\''].into_iter().find_map(|quote| {
        let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inside.contains(quote)).then_some(inside)
    })
}

fn first_word(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}
