//! What stands on the timeline as rows: each message once, with its day, its break and its group.

use super::{Timeline, Written};
use crate::client::outbox::State;
use crate::ids::{ClientMessageId, Seq, SessionId};
use crate::message::{Author, ThreadEntry};
use crate::session::Placement;
use crate::time::{Span, Timestamp};

/// After this long a silence between two rows is worth a time of its own.
const BREAK: Span = Span::minutes(10);

/// In which conversation a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InConversation {
    /// In this one: the server has said so, or the session rule foresees it.
    Known(SessionId),
    /// In the one that will begin with it, or with a message before it that is on its way too.
    Fresh,
}

/// What a row is told apart by: the same before and after the server has numbered it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RowKey {
    /// An own message.
    Own(ClientMessageId),
    /// Any other entry.
    Entry(Seq),
}

/// How far a row is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// On its way, or waiting for the connection.
    Pending,
    /// Acknowledged: it stands in the log for everyone.
    Stands,
    /// Refused for good.
    Failed {
        /// The refusal's stable name.
        code: String,
        /// The refusal's sentence.
        message: String,
    },
}

/// One message on the screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its key.
    pub key: RowKey,
    /// Who says it.
    pub author: Author,
    /// What is said.
    pub text: String,
    /// When it was committed, or written while it is on its way.
    pub at: Timestamp,
    /// How far it is.
    pub standing: Standing,
    /// In which conversation it stands. For machines; nothing on the screen depends on it (R20).
    pub conversation: InConversation,
    /// Whether it is the first of its day.
    pub opens_day: bool,
    /// Whether it comes ten minutes or more after the row before.
    pub after_break: bool,
    /// Whether it is the first of a group: same author, same day, no break.
    pub opens_group: bool,
    /// Whether it is the last of its group.
    pub closes_group: bool,
}

impl Timeline {
    /// The last `last` entries and everything on its way under them, oldest first. `day_of` numbers the days of the
    /// reader's own time zone.
    #[must_use]
    pub fn rows(&self, outbox: &[Written], last: usize, day_of: &dyn Fn(Timestamp) -> i32) -> Vec<Row> {
        let from = self.entries.len().saturating_sub(last);
        let before = from.checked_sub(1).map(|at| &self.entries[at]);
        let mut rows: Vec<Row> = self.entries[from..].iter().map(of_entry).collect();
        rows.extend(self.landed.iter().map(|landed| {
            of_own(
                &landed.message,
                Standing::Stands,
                InConversation::Known(landed.ack.session),
            )
        }));
        let conversation = self.next_conversation();
        rows.extend(outbox.iter().map(|message| {
            let standing = match &message.state {
                State::Pending | State::Sent => Standing::Pending,
                State::Failed { code, message } => Standing::Failed {
                    code: code.clone(),
                    message: message.clone(),
                },
            };
            of_own(message, standing, conversation)
        }));
        group(&mut rows, before, day_of);
        rows
    }

    /// The conversation of whatever is on its way: all of it goes to the same one, for a first that starts one is
    /// followed into it by the next.
    fn next_conversation(&self) -> InConversation {
        match (self.foresees(), self.session) {
            (Placement::Appended | Placement::AppendedReopening, Some(report)) => {
                InConversation::Known(report.id)
            }
            (Placement::Started, _) | (_, None) => InConversation::Fresh,
        }
    }
}

fn of_entry(entry: &ThreadEntry) -> Row {
    let key = match (&entry.author, entry.cid) {
        (Author::EndUser, Some(cid)) => RowKey::Own(cid),
        (Author::EndUser | Author::Bot | Author::Agent { .. } | Author::Business { .. }, _) => {
            RowKey::Entry(entry.seq)
        }
    };
    Row {
        key,
        author: entry.author.clone(),
        text: entry.text.clone(),
        at: entry.at,
        standing: Standing::Stands,
        conversation: InConversation::Known(entry.session),
        opens_day: false,
        after_break: false,
        opens_group: false,
        closes_group: false,
    }
}

fn of_own(message: &Written, standing: Standing, conversation: InConversation) -> Row {
    Row {
        key: RowKey::Own(message.cid),
        author: Author::EndUser,
        text: message.body.text.clone(),
        at: message.written_at,
        standing,
        conversation,
        opens_day: false,
        after_break: false,
        opens_group: false,
        closes_group: false,
    }
}

/// Days, breaks and groups. `before` is the entry above the first row, if there is one.
fn group(rows: &mut [Row], before: Option<&ThreadEntry>, day_of: &dyn Fn(Timestamp) -> i32) {
    let mut above = before.map(|entry| (entry.author.clone(), entry.at, day_of(entry.at)));
    for at in 0..rows.len() {
        let row = &mut rows[at];
        let day = day_of(row.at);
        let (opens_day, after_break, same_author) = match &above {
            None => (true, false, false),
            Some((author, time, its_day)) => (
                *its_day != day,
                row.at >= time.after(BREAK),
                *author == row.author,
            ),
        };
        row.opens_day = opens_day;
        row.after_break = after_break;
        row.opens_group = opens_day || after_break || !same_author;
        row.closes_group = true;
        above = Some((row.author.clone(), row.at, day));
        let opens_group = row.opens_group;
        if let Some(over) = at.checked_sub(1) {
            rows[over].closes_group = opens_group;
        }
    }
}
