//! A ticket's two logs as one history: what one command said and did is one step, and a step is one audit.
//!
//! The logs have one order (`after`, number), so this only has to find which neighbours belong together.

use causerie_core::message::{Author, ThreadEntry};
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_core::{Seq, Timestamp};

/// Something of a ticket's history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Item<'a> {
    /// Said in the chat.
    Said(&'a ThreadEntry),
    /// Done to the ticket: notes and emails among it.
    Done(&'a TicketEntry),
}

/// What one command did: one item at the least.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step<'a> {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: By,
    /// What, in order.
    pub items: Vec<Item<'a>>,
}

/// Both logs of a ticket in their one order.
#[must_use]
pub fn in_order<'a>(said: &'a [ThreadEntry], done: &'a [TicketEntry]) -> Vec<Item<'a>> {
    let said = said.iter().map(Item::Said);
    let mut items: Vec<Item<'a>> = said.chain(done.iter().map(Item::Done)).collect();
    items.sort_by_key(|item| match item {
        Item::Said(entry) => (entry.seq, Seq(0)),
        Item::Done(entry) => (entry.after, entry.seq),
    });
    items
}

/// The steps of a ticket's history. The first is its birth, with the transcript it was born with.
#[must_use]
pub fn steps<'a>(said: &'a [ThreadEntry], done: &'a [TicketEntry]) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    let mut transcript = Vec::new();
    let born = done.iter().find_map(|entry| match entry.what {
        TicketEvent::Created { to, .. } => Some(to),
        TicketEvent::MacroApplied(_)
        | TicketEvent::Noted { .. }
        | TicketEvent::Emailed { .. }
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
        | TicketEvent::Tombstone(_) => None,
    });
    for item in in_order(said, done) {
        match (item, steps.last_mut()) {
            (Item::Said(entry), _) if born.is_some_and(|to| entry.seq <= to) => transcript.push(item),
            (_, Some(last)) if last.goes_on_with(item) => last.items.push(item),
            (_, Some(_) | None) => steps.push(Step::begun_with(item)),
        }
    }
    if let Some(first) = steps.first_mut() {
        first.items.append(&mut transcript);
    }
    steps
}

impl<'a> Step<'a> {
    fn begun_with(item: Item<'a>) -> Self {
        let (at, by) = match item {
            Item::Said(entry) => (entry.at, speaker(&entry.author)),
            Item::Done(entry) => (entry.at, entry.by.clone()),
        };
        Self {
            at,
            by,
            items: vec![item],
        }
    }

    /// Whether the item that follows is of the same command. Of the ticket's own log, each entry says so; a message
    /// stands before what the same command did to the ticket, or between that and the macro it came from.
    fn goes_on_with(&self, next: Item<'a>) -> bool {
        match (self.items.last(), next) {
            (Some(Item::Said(said)), Item::Done(done)) => {
                let mine = self.items.iter().find_map(|item| match item {
                    Item::Done(first) => Some(first.audit),
                    Item::Said(_) => None,
                });
                match mine {
                    Some(audit) => audit == done.audit,
                    None => {
                        // The end of a session is always an audit of its own.
                        let is_the_end = matches!(done.what, TicketEvent::SessionEnded { .. });
                        !is_the_end
                            && done.audit == done.seq
                            && done.after == said.seq
                            && done.at == said.at
                            && done.by == self.by
                    }
                }
            }
            (Some(Item::Done(last)), Item::Done(done)) => last.audit == done.audit,
            (Some(Item::Done(last)), Item::Said(said)) => {
                matches!(last.what, TicketEvent::MacroApplied(_))
                    && last.after.next() == said.seq
                    && last.at == said.at
                    && last.by == speaker(&said.author)
            }
            (Some(Item::Said(_)), Item::Said(_)) | (None, _) => false,
        }
    }
}

/// Who speaks, as a ticket's history names them.
#[must_use]
pub fn speaker(author: &Author) -> By {
    match author {
        Author::EndUser => By::EndUser,
        Author::Bot => By::Bot,
        Author::Agent { id, name } => By::Agent {
            id: *id,
            name: name.clone(),
        },
        Author::Business { name } => By::Business { name: name.clone() },
    }
}

#[cfg(test)]
pub(super) mod tests {
    use causerie_core::ticket::{MacroReference, Status};
    use causerie_core::{AgentId, MacroId, SessionId};

    use super::*;

    pub(in super::super) fn amy() -> By {
        By::Agent {
            id: AgentId(7),
            name: "Amy".to_owned(),
        }
    }

    pub(in super::super) fn said(seq: u64, at: i64, author: Author, text: &str) -> ThreadEntry {
        ThreadEntry {
            seq: Seq(seq),
            at: Timestamp(at),
            session: SessionId(uuid::Uuid::from_u128(5)),
            author,
            text: text.to_owned(),
            replies: Vec::new(),
            cid: None,
            erased: false,
        }
    }

    pub(in super::super) fn by_amy(seq: u64, at: i64) -> ThreadEntry {
        said(
            seq,
            at,
            Author::Agent {
                id: AgentId(7),
                name: "Amy".to_owned(),
            },
            "Hello.",
        )
    }

    pub(in super::super) fn done(place: (u64, u64, u64), at: i64, by: By, what: TicketEvent) -> TicketEntry {
        let (seq, audit, after) = place;
        TicketEntry {
            seq: Seq(seq),
            audit: Seq(audit),
            after: Seq(after),
            at: Timestamp(at),
            by,
            what,
        }
    }

    pub(in super::super) fn born(to: u64) -> TicketEntry {
        let what = TicketEvent::Created {
            from: Seq(1),
            to: Seq(to),
            previous: None,
        };
        done((1, 1, to), 10, By::Bot, what)
    }

    pub(in super::super) fn to_pending() -> TicketEvent {
        TicketEvent::Status {
            from: Status::Open,
            to: Status::Pending,
        }
    }

    fn shape(said: &[ThreadEntry], done: &[TicketEntry]) -> Vec<String> {
        let show = |item: &Item<'_>| match item {
            Item::Said(entry) => format!("said {}", entry.seq),
            Item::Done(entry) => format!("done {}", entry.seq),
        };
        steps(said, done)
            .iter()
            .map(|step| step.items.iter().map(show).collect::<Vec<_>>().join(", "))
            .collect()
    }

    #[test]
    fn the_transcript_belongs_to_the_birth() {
        let log = [
            said(1, 1, Author::EndUser, "Hi"),
            said(2, 1, Author::Bot, "Hello"),
            by_amy(3, 20),
        ];
        assert_eq!(shape(&log, &[born(2)]), ["done 1, said 1, said 2", "said 3"]);
    }

    #[test]
    fn a_message_and_the_changes_made_with_it_are_one_step() {
        let log = [said(1, 1, Author::EndUser, "Hi"), by_amy(2, 20), by_amy(3, 30)];
        let changes = [
            born(1),
            done((2, 2, 2), 20, amy(), to_pending()),
            done((3, 2, 2), 20, amy(), to_pending()),
            done((4, 4, 2), 20, amy(), to_pending()),
        ];
        assert_eq!(
            shape(&log, &changes),
            ["done 1, said 1", "said 2, done 2, done 3", "done 4", "said 3"]
        );
    }

    #[test]
    fn a_change_by_somebody_else_at_that_moment_is_not() {
        let log = [said(1, 1, Author::EndUser, "Hi"), by_amy(2, 20)];
        let changes = [born(1), done((2, 2, 2), 20, By::System, to_pending())];
        assert_eq!(shape(&log, &changes), ["done 1, said 1", "said 2", "done 2"]);
    }

    #[test]
    fn a_macro_its_text_and_its_changes_are_one_step() {
        let log = [said(1, 1, Author::EndUser, "Hi"), by_amy(2, 20)];
        let reference = MacroReference {
            id: MacroId(1),
            title: "Bye".to_owned(),
        };
        let changes = [
            born(1),
            done((2, 2, 1), 20, amy(), TicketEvent::MacroApplied(reference)),
            done((3, 2, 2), 20, amy(), to_pending()),
        ];
        assert_eq!(
            shape(&log, &changes),
            ["done 1, said 1", "done 2, said 2, done 3"]
        );
    }

    #[test]
    fn the_end_of_a_session_is_a_step_of_its_own() {
        let log = [said(1, 1, Author::EndUser, "Hi"), by_amy(2, 20)];
        let end = TicketEvent::SessionEnded {
            session: SessionId(uuid::Uuid::from_u128(5)),
            from: causerie_core::session::SessionState::Active,
            reason: causerie_core::session::EndReason::EndedByAgent,
        };
        let changes = [born(1), done((2, 2, 2), 20, amy(), end)];
        assert_eq!(shape(&log, &changes), ["done 1, said 1", "said 2", "done 2"]);
    }

    #[test]
    fn a_note_stands_between_the_messages_around_it() {
        let log = [said(1, 1, Author::EndUser, "Hi"), by_amy(2, 20), by_amy(3, 40)];
        let note = TicketEvent::Noted {
            text: "psst".to_owned(),
        };
        let changes = [born(1), done((2, 2, 2), 30, amy(), note)];
        assert_eq!(
            shape(&log, &changes),
            ["done 1, said 1", "said 2", "done 2", "said 3"]
        );
    }
}
