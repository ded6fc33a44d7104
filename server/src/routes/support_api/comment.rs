//! What was said on a ticket: the bot's transcript, messages, notes and emails, each once.

use causerie_core::TicketId;
use causerie_core::message::ThreadEntry;
use causerie_core::ticket::event::{Erased, TicketEntry, TicketEvent};
use serde::Serialize;

use super::person::{Via, author_id};
use super::steps::{Item, Step, speaker};
use crate::routes::public_api::iso;

/// A comment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// `Comment`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whose.
    pub author_id: i64,
    /// What it says.
    pub body: String,
    /// The same as markup: nothing in it is.
    pub html_body: String,
    /// The same again.
    pub plain_body: String,
    /// Whether the customer gets it.
    pub public: bool,
    /// Files.
    pub attachments: [(); 0],
    /// The audit it is part of.
    pub audit_id: u64,
    /// How it came.
    pub via: Via,
    /// When.
    pub created_at: String,
    /// Always there.
    pub metadata: Metadata,
    /// What it said was erased with its ticket's requester.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub erased: bool,
}

/// What else is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Metadata {
    /// Of the system.
    pub system: Empty,
    /// Of the software that wrote.
    pub custom: Empty,
}

/// An object with nothing in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Empty {}

/// The number of an item, unique in the installation: the ticket's, one bit for the log, the item's own, and three
/// bits that are left to the events of an item that is several.
#[must_use]
pub fn number(ticket: TicketId, item: Item<'_>) -> u64 {
    const OWN: u32 = 24;
    const EVENTS: u32 = 3;
    let (log, seq) = match item {
        Item::Said(entry) => (0, entry.seq),
        Item::Done(entry) => (1, entry.seq),
    };
    let item = (log << OWN) | (seq.0 & ((1 << OWN) - 1));
    ((ticket.0 << (OWN + 1)) | item) << EVENTS
}

/// The number of the audit that a step is.
#[must_use]
pub fn audit_number(ticket: TicketId, step: &Step<'_>) -> u64 {
    step.items.first().map_or(0, |first| number(ticket, *first))
}

/// Every comment of a history, oldest first.
#[must_use]
pub fn comments(ticket: TicketId, requester: u64, steps: &[Step<'_>]) -> Vec<Comment> {
    steps
        .iter()
        .flat_map(|step| {
            let audit = audit_number(ticket, step);
            step.items
                .iter()
                .filter_map(move |item| comment(ticket, requester, audit, *item))
        })
        .collect()
}

/// The comment that an item is, if it is one.
#[must_use]
pub fn comment(ticket: TicketId, requester: u64, audit: u64, item: Item<'_>) -> Option<Comment> {
    let id = number(ticket, item);
    match item {
        Item::Said(entry) => Some(said(id, requester, audit, entry)),
        Item::Done(entry) => match &entry.what {
            TicketEvent::Noted { text } => Some(written(id, requester, audit, entry, text, None)),
            TicketEvent::Emailed { to, text } => Some(written(id, requester, audit, entry, text, Some(to))),
            TicketEvent::Tombstone(Erased::Note) => Some(erased(id, requester, audit, entry, false)),
            TicketEvent::Tombstone(Erased::Email) => Some(erased(id, requester, audit, entry, true)),
            TicketEvent::Created { .. }
            | TicketEvent::MacroApplied(_)
            | TicketEvent::Status { .. }
            | TicketEvent::Priority { .. }
            | TicketEvent::Assignee { .. }
            | TicketEvent::Group { .. }
            | TicketEvent::Tags { .. }
            | TicketEvent::SessionState { .. }
            | TicketEvent::SessionEnded { .. }
            | TicketEvent::RoutingChannel { .. }
            | TicketEvent::Requester { .. }
            | TicketEvent::RequesterErased
            | TicketEvent::Tombstone(Erased::Tags | Erased::Requester) => None,
        },
    }
}

fn said(id: u64, requester: u64, audit: u64, entry: &ThreadEntry) -> Comment {
    let by = speaker(&entry.author);
    Comment {
        id,
        kind: "Comment",
        author_id: author_id(&by, requester),
        html_body: as_markup(&entry.text),
        plain_body: entry.text.clone(),
        body: entry.text.clone(),
        public: true,
        attachments: [],
        audit_id: audit,
        via: Via {
            channel: "native_messaging",
            ..Via::of(&by)
        },
        created_at: iso::seconds(entry.at),
        metadata: Metadata::default(),
        erased: entry.erased,
    }
}

/// What is left of a note, or of an email.
fn erased(id: u64, requester: u64, audit: u64, entry: &TicketEntry, was_email: bool) -> Comment {
    let mut comment = Comment {
        public: was_email,
        erased: true,
        ..written(id, requester, audit, entry, "", None)
    };
    if was_email {
        comment.via.channel = "email";
    }
    comment
}

/// A note, or an email where it has an address.
fn written(
    id: u64,
    requester: u64,
    audit: u64,
    entry: &TicketEntry,
    text: &str,
    to: Option<&String>,
) -> Comment {
    let mut via = Via::of(&entry.by);
    if let Some(address) = to {
        via.channel = "email";
        via.source.to.address = Some(address.clone());
    }
    Comment {
        id,
        kind: "Comment",
        author_id: author_id(&entry.by, requester),
        body: text.to_owned(),
        html_body: as_markup(text),
        plain_body: text.to_owned(),
        public: to.is_some(),
        attachments: [],
        audit_id: audit,
        via,
        created_at: iso::seconds(entry.at),
        metadata: Metadata::default(),
        erased: false,
    }
}

/// A text as markup that shows it as it stands (R42).
#[must_use]
pub fn as_markup(text: &str) -> String {
    let mut markup = String::with_capacity(text.len() + 16);
    markup.push_str("<p>");
    for c in text.chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#39;"),
            '\n' => markup.push_str("<br>"),
            c => markup.push(c),
        }
    }
    markup.push_str("</p>");
    markup
}

#[cfg(test)]
mod tests {
    use causerie_core::message::Author;

    use super::super::steps::steps;
    use super::super::steps::tests::{amy, born, by_amy, done, said};
    use super::*;

    const TICKET: TicketId = TicketId(3);

    #[test]
    fn everything_said_is_there_once_and_in_order() {
        let log = [
            said(1, 1, Author::EndUser, "Hi"),
            said(2, 1, Author::Bot, "Hello"),
            by_amy(3, 20),
        ];
        let note = TicketEvent::Noted {
            text: "psst".to_owned(),
        };
        let email = TicketEvent::Emailed {
            to: "ada@example.net".to_owned(),
            text: "Dear".to_owned(),
        };
        let changes = [
            born(2),
            done((2, 2, 2), 15, amy(), note),
            done((3, 3, 3), 30, amy(), email),
        ];
        let comments = comments(TICKET, 99, &steps(&log, &changes));
        let told: Vec<_> = comments
            .iter()
            .map(|it| (it.body.as_str(), it.public, it.author_id, it.via.channel))
            .collect();
        assert_eq!(
            told,
            [
                ("Hi", true, 99, "native_messaging"),
                ("Hello", true, -1, "native_messaging"),
                ("psst", false, 7, "web"),
                ("Hello.", true, 7, "native_messaging"),
                ("Dear", true, 7, "email"),
            ]
        );
        let mut ids: Vec<u64> = comments.iter().map(|it| it.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5);
    }

    #[test]
    fn numbers_of_tickets_do_not_meet() {
        let (entry, log) = (by_amy(3, 20), born(3));
        let of = |ticket| {
            [
                number(TicketId(ticket), Item::Said(&entry)),
                number(TicketId(ticket), Item::Done(&log)),
            ]
        };
        let mut all = [of(1), of(2)].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
        assert!(
            of(1 << 20).iter().all(|number| *number < 1 << 53),
            "exact in JSON"
        );
    }

    #[test]
    fn markup_is_shown_as_text() {
        assert_eq!(as_markup("<b>&\n\"'"), "<p>&lt;b&gt;&amp;<br>&quot;&#39;</p>");
    }
}
