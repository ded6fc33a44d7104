//! What was said and done on a ticket, in words (R37). The order is core's.

use causerie_core::Timestamp;
use causerie_core::client::agent::{LogItem, Through};
use causerie_core::ids::{AgentId, Seq};
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::{EndReason, SessionState};
use causerie_core::ticket::Channel;
use causerie_core::ticket::event::{By, Erased, TicketEntry, TicketEvent};

use super::Names;
use super::ticket::the_customer;
use crate::words::Words;

/// One thing that was said or done.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Item {
    /// Its number in the one log or in the other.
    pub place: Place,
    /// Whether it is told between the messages.
    pub in_conversation: bool,
    /// Whether it is told in the history.
    pub in_history: bool,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// Through what: a macro's or a rule's name, else the channel.
    pub through: Option<String>,
    /// What.
    pub what: What,
}

/// Where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// In the thread log.
    Thread(Seq),
    /// In the ticket log.
    Ticket(Seq),
}

/// What was said or done.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum What {
    /// The customer said this.
    Customer(String),
    /// The bot said this.
    Bot(String),
    /// Somebody said this to the customer in the chat.
    Agent(String),
    /// Somebody wrote this to colleagues.
    Note(String),
    /// Somebody wrote this to the customer by email.
    Email {
        /// To which address.
        to: String,
        /// What.
        text: String,
        /// Kept until a mail server is set up (R28).
        waiting: bool,
    },
    /// What was said here is erased.
    Erased(Gone),
    /// Something changed.
    Change {
        /// What.
        field: String,
        /// The old value.
        from: String,
        /// The new value.
        to: String,
    },
    /// Something was done that has no old and new value.
    Deed(String),
    /// The session ended (R22).
    Ended {
        /// By whom, as it stands inside a sentence.
        by: String,
        /// Why, in words.
        why: String,
    },
}

/// What was said where it is erased.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Gone {
    /// The customer's or the bot's words.
    Message,
    /// A reply in the chat.
    Reply,
    /// A note to colleagues.
    Note,
    /// A public reply by email.
    Email,
}

/// What the words need to know.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The words.
    pub words: &'a Words,
    /// Agents' and groups' names.
    pub names: &'a Names,
    /// The customer's name, if known.
    pub requester: Option<&'a str>,
    /// Whether a mail server is set up.
    pub mail: bool,
}

/// All that was said and done, in core's order.
#[must_use]
pub fn items(log: &[LogItem<'_>], around: Context<'_>) -> Vec<Item> {
    let item = |item: &LogItem<'_>| match item {
        LogItem::Said(entry) => Item {
            in_history: item.is_of_history(),
            ..around.said(entry)
        },
        LogItem::Happened(entry) => Item {
            in_conversation: item.is_of_conversation() || item.is_landmark(),
            in_history: item.is_of_history(),
            ..around.done(entry, log)
        },
    };
    log.iter().map(item).collect()
}

impl Context<'_> {
    fn said(self, entry: &ThreadEntry) -> Item {
        let text = entry.text.clone();
        let (who, what) = match (&entry.author, entry.erased) {
            (Author::EndUser, false) => (self.customer(), What::Customer(text)),
            (Author::EndUser, true) => (self.customer(), What::Erased(Gone::Message)),
            (Author::Bot, false) => (self.words.say("author.bot"), What::Bot(text)),
            (Author::Bot, true) => (self.words.say("author.bot"), What::Erased(Gone::Message)),
            (Author::Agent { name, .. } | Author::Business { name }, false) => {
                (name.clone(), What::Agent(text))
            }
            (Author::Agent { name, .. } | Author::Business { name }, true) => {
                (name.clone(), What::Erased(Gone::Reply))
            }
        };
        let through = Some(self.words.say("channel.messaging"));
        Item {
            place: Place::Thread(entry.seq),
            in_conversation: true,
            in_history: true,
            at: entry.at,
            who,
            through,
            what,
        }
    }

    fn done(self, entry: &TicketEntry, log: &[LogItem<'_>]) -> Item {
        Item {
            place: Place::Ticket(entry.seq),
            in_conversation: true,
            in_history: true,
            at: entry.at,
            who: self.who(&entry.by),
            through: self.through(entry, log),
            what: self.what(entry),
        }
    }

    fn who(self, by: &By) -> String {
        match by {
            By::EndUser => self.customer(),
            By::Bot => self.words.say("author.bot"),
            By::Agent { name, .. } | By::Business { name } => name.clone(),
            By::Rule { title, .. } => title.clone(),
            By::System => self.words.say("author.system"),
        }
    }

    fn customer(self) -> String {
        self.requester
            .map_or_else(|| self.words.say("author.visitor"), str::to_owned)
    }

    fn through(self, entry: &TicketEntry, log: &[LogItem<'_>]) -> Option<String> {
        Through::of(entry, log).map(|through| match through {
            Through::Macro(title) => self.words.fill("through.macro", &[("title", title)]),
            Through::Rule(title) => self.words.fill("through.rule", &[("title", title)]),
        })
    }

    /// Who did it, as it stands inside a sentence.
    fn whom(self, by: &By) -> String {
        match by {
            By::EndUser => the_customer(self.requester, self.words),
            By::Bot | By::Agent { .. } | By::Business { .. } | By::Rule { .. } | By::System => self.who(by),
        }
    }

    fn what(self, entry: &TicketEntry) -> What {
        let words = self.words;
        match &entry.what {
            TicketEvent::Created { previous: None, .. } => What::Deed(words.say("event.created")),
            TicketEvent::Created {
                previous: Some(previous),
                ..
            } => What::Deed(match previous.ticket {
                Some(ticket) => words.fill("event.created_after_ticket", &[("id", &ticket.to_string())]),
                None => words.say("event.created_after_chat"),
            }),
            TicketEvent::MacroApplied(reference) => {
                What::Deed(words.fill("event.macro", &[("title", &reference.title)]))
            }
            TicketEvent::Noted { text } => What::Note(text.clone()),
            TicketEvent::Emailed { to, text } => What::Email {
                to: to.clone(),
                text: text.clone(),
                waiting: !self.mail,
            },
            TicketEvent::Status { from, to } => self.change(
                "field.status",
                (self.value("status", from.name()), self.value("status", to.name())),
            ),
            TicketEvent::Priority { from, to } => self.change(
                "field.priority",
                (
                    self.value("priority", from.name()),
                    self.value("priority", to.name()),
                ),
            ),
            TicketEvent::Assignee {
                from,
                to,
                over_capacity,
            } => {
                let field = if *over_capacity {
                    "field.assignee_over_capacity"
                } else {
                    "field.assignee"
                };
                self.change(field, (self.agent(*from), self.agent(*to)))
            }
            TicketEvent::Group { from, to } => {
                let group = |id: Option<_>| id.map_or_else(|| self.nothing(), |id| self.names.group(id));
                self.change("field.group", (group(*from), group(*to)))
            }
            TicketEvent::Tags { from, to } => self.change("field.tags", (self.tags(from), self.tags(to))),
            TicketEvent::SessionState { from, to } => {
                self.change("field.session", (self.session(*from), self.session(*to)))
            }
            TicketEvent::SessionEnded { reason, .. } => What::Ended {
                by: self.whom(&entry.by),
                why: words.say(reason_key(*reason)),
            },
            TicketEvent::RoutingChannel { from, to } => {
                self.change("field.routing", (self.channel(*from), self.channel(*to)))
            }
            TicketEvent::Requester { from, to, .. } => {
                let before = from.clone().unwrap_or_else(|| words.say("author.visitor"));
                self.change("field.requester", (before, to.clone()))
            }
            TicketEvent::RequesterErased => What::Deed(words.say("event.requester_erased")),
            TicketEvent::Tombstone(Erased::Note) => What::Erased(Gone::Note),
            TicketEvent::Tombstone(Erased::Email) => What::Erased(Gone::Email),
            TicketEvent::Tombstone(Erased::Tags) => self.erased("field.tags"),
            TicketEvent::Tombstone(Erased::Requester) => self.erased("field.requester"),
        }
    }

    /// A field changed, from what to what is erased.
    fn erased(self, field: &str) -> What {
        let field = self.words.say(field);
        What::Deed(self.words.fill("event.erased_change", &[("field", &field)]))
    }

    fn change(self, field: &str, (from, to): (String, String)) -> What {
        What::Change {
            field: self.words.say(field),
            from,
            to,
        }
    }

    fn value(self, of: &str, name: &str) -> String {
        self.words.say(&format!("{of}.{name}"))
    }

    fn agent(self, id: Option<AgentId>) -> String {
        id.map_or_else(|| self.words.say("nobody"), |id| self.names.agent(id))
    }

    fn tags(self, tags: &[String]) -> String {
        if tags.is_empty() {
            self.nothing()
        } else {
            tags.join(", ")
        }
    }

    fn nothing(self) -> String {
        self.words.say("nothing")
    }

    fn session(self, state: SessionState) -> String {
        self.words.say(match state {
            SessionState::Active => "session.active",
            SessionState::Inactive => "session.inactive",
            SessionState::Ended => "session.ended",
        })
    }

    fn channel(self, channel: Channel) -> String {
        self.words.say(match channel {
            Channel::Messaging => "channel.messaging",
            Channel::Email => "channel.email",
        })
    }
}

const fn reason_key(reason: EndReason) -> &'static str {
    match reason {
        EndReason::EndedByAgent => "reason.agent",
        EndReason::EndedByEndUser => "reason.end_user",
        EndReason::EndedByTrigger => "reason.trigger",
        EndReason::EndedBySystem => "reason.system",
    }
}
