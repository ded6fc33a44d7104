//! The erasure of a person (SECURITY 27): as the server's `conversations::erase` and its `store::erasure`, over tables
//! in memory.

use std::collections::BTreeSet;

use causerie_core::bot::Flow;
use causerie_core::chat_thread::{ChatThread, Command, Decision};
use causerie_core::end_user::EndUser;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::{ChatThreadId, EndUserId, SessionId, TicketId, Timestamp};
use uuid::Uuid;

use super::decide::decide;
use super::writing::{Writing, Written};
use super::{Around, EndUserRecord, Erasure, Fresh, Known, Refusal, Rows, SecretKey, Write};

/// A person who is erased.
#[derive(Clone, Debug)]
pub struct Erased {
    /// Since when.
    pub at: Timestamp,
    /// Whether they were so already.
    pub already: bool,
    /// Of each chat thread the state before, and the decision.
    pub decided: Vec<(ChatThread, Command, Decision)>,
    /// What was written, in order.
    pub writes: Vec<Written>,
}

/// Erases a person, with all that they were before they logged in. Done again, it changes nothing.
///
/// # Errors
/// There is nobody of that id, or core refuses; then nothing is written.
pub fn erase(rows: &mut Rows, person: EndUserId, around: &Around<'_>) -> Result<Erased, Refusal> {
    let mut writing = Writing::to(rows);
    let mut decided = Vec::new();
    match writing.erase_all_of(person, &mut decided, around) {
        Ok(true) => {
            writing.forget_commands();
            let epoch = writing.rows().epoch + 1;
            writing.put(Write::Epoch(epoch));
            Ok(Erased {
                at: around.now,
                already: false,
                decided,
                writes: writing.done,
            })
        }
        Ok(false) => {
            let since = writing.rows().erasures.get(&person).map(|erasure| erasure.at);
            Ok(Erased {
                at: since.ok_or(Refusal::UnknownSender)?,
                already: true,
                decided,
                writes: writing.done,
            })
        }
        Err(why) => {
            let writes = writing.done;
            rows.take_back(writes);
            Err(why)
        }
    }
}

impl Rows {
    /// Erases again whoever is remembered as erased and is there all the same: the data is older than that.
    ///
    /// # Errors
    /// Core refuses it.
    pub(super) fn erase_again(&mut self, now: Timestamp) -> Result<(), Refusal> {
        // An erasure makes nothing, and asks nothing of the bot.
        let nobody = Uuid::nil();
        let around = Around {
            now,
            fresh: Fresh {
                session: SessionId(nobody),
                thread: ChatThreadId(nobody),
                end_user: EndUserId(nobody),
            },
            flow: &Flow::default(),
        };
        let risen: Vec<EndUserId> = self
            .erasures
            .keys()
            .filter(|id| self.end_users.get(id).is_some_and(|it| !it.end_user.erased))
            .copied()
            .collect();
        let mut writing = Writing::to(self);
        for id in risen {
            writing.erase_all_of(id, &mut Vec::new(), &around)?;
        }
        writing.forget_commands();
        Ok(())
    }
}

impl Writing<'_> {
    /// Answers whether anything was to be done.
    fn erase_all_of(
        &mut self,
        person: EndUserId,
        decided: &mut Vec<(ChatThread, Command, Decision)>,
        around: &Around<'_>,
    ) -> Result<bool, Refusal> {
        if !self.rows().end_users.contains_key(&person) {
            return Err(Refusal::UnknownSender);
        }
        let visitors = self.rows().retired.values();
        let theirs: BTreeSet<EndUserId> = visitors
            .filter(|retired| retired.person == person)
            .filter_map(|retired| retired.end_user)
            .chain([person])
            .collect();
        let mut any = false;
        for id in theirs {
            let known = self.rows().end_users.get(&id);
            if known.is_some_and(|it| it.end_user.erased) {
                continue;
            }
            any |= known.is_some();
            let (mut messages, mut tickets) = (0, 0);
            for thread in self.rows().threads_of(id).collect::<Vec<_>>() {
                if let Some(was) = self.rows().thread(thread) {
                    let decision = decide(self.rows(), &was, None, Command::Erase, around)?;
                    self.head(&was, &decision.after, None);
                    self.decision(&was, &decision, around.now);
                    decided.push((was, Command::Erase, decision));
                }
                let (its_messages, its_tickets) = self.entomb(thread);
                messages += its_messages;
                tickets += its_tickets;
            }
            self.bury(id);
            let erasure = Erasure {
                person,
                at: around.now,
                messages,
                tickets,
            };
            if !self.rows().erasures.contains_key(&id) {
                self.put(Write::Erasure(id, Some(erasure)));
            }
        }
        Ok(any)
    }

    /// Tombstones take the place of what the logs say; answers how many entries, and of how many tickets.
    fn entomb(&mut self, thread: ChatThreadId) -> (u64, u64) {
        let said: Vec<_> = self
            .rows()
            .thread_log(thread, causerie_core::Seq(0))
            .cloned()
            .collect();
        for entry in &said {
            self.put(Write::Said((thread, entry.seq), Some(entry.tombstone())));
        }
        let tickets: Vec<TicketId> = self
            .rows()
            .tickets
            .iter()
            .filter(|(_, record)| record.thread == thread)
            .map(|(id, _)| *id)
            .collect();
        for ticket in &tickets {
            let log: Vec<TicketEntry> = self
                .rows()
                .ticket_log(*ticket, causerie_core::Seq(0))
                .cloned()
                .collect();
            for entry in log {
                self.put(Write::Logged((*ticket, entry.seq), Some(entry.tombstone())));
            }
        }
        (said.len() as u64, tickets.len() as u64)
    }

    /// The ids of their commands stay taken (I06), and nothing is known of what any of the erased has asked under them.
    fn forget_commands(&mut self) {
        let is_theirs = |rows: &Rows, known: &Known| {
            let whose = rows.threads.get(&known.thread).map(|record| record.end_user);
            let whose = whose.and_then(|whose| rows.end_users.get(&whose));
            whose.is_some_and(|it| it.end_user.erased) && !known.payload.is_empty()
        };
        let commands: Vec<_> = self
            .rows()
            .commands
            .iter()
            .filter(|(_, known)| is_theirs(self.rows(), known))
            .map(|(cid, known)| (*cid, known.clone()))
            .collect();
        for (cid, known) in commands {
            let payload = String::new();
            self.put(Write::Command(cid, Some(Known { payload, ..known })));
        }
    }

    /// What is left of an end user, to whom no secret leads.
    fn bury(&mut self, id: EndUserId) {
        if let Some(record) = self.rows().end_users.get(&id).cloned() {
            let left = EndUserRecord {
                site: record.site,
                secret_hash: None,
                end_user: EndUser::anonymous(id, String::new()).tombstone(),
            };
            self.put(Write::EndUser(id, Some(left)));
        }
        let devices = self.rows().devices.iter();
        let theirs: Vec<SecretKey> = devices
            .filter(|(_, device)| device.end_user == id)
            .map(|(key, _)| *key)
            .collect();
        for key in theirs {
            self.put(Write::Device(key, None));
        }
        for thread in self.rows().threads_of(id).collect::<Vec<_>>() {
            self.put_aside(thread);
        }
    }
}
