//! Who a secret stands for, and a login (R47): as the server's `conversations::login` and its `store::device`, over
//! tables in memory.

use causerie_core::chat_thread::{ChatThread, Command, Decision};
use causerie_core::conversation::Conversation;
use causerie_core::end_user::EndUser;
use causerie_core::{EndUserId, Timestamp};

use super::decide::decide;
use super::writing::{Writing, Written};
use super::{
    Around, Device, EndUserRecord, LogIn, Refusal, Retired, Rows, SecretHash, SecretKey, SentBy, SiteId,
    Write,
};

/// What a secret stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// An anonymous visitor, be they known or not yet.
    Anonymous,
    /// A person, until then.
    Device(Device),
    /// Nobody any more.
    Retired,
}

impl Standing {
    /// That of a secret.
    #[must_use]
    pub fn of(rows: &Rows, site: SiteId, secret_hash: SecretHash) -> Self {
        let key = (site, secret_hash);
        if rows.retired.contains_key(&key) {
            return Self::Retired;
        }
        rows.devices
            .get(&key)
            .copied()
            .map_or(Self::Anonymous, Self::Device)
    }

    /// Whether it is a device of this person's.
    #[must_use]
    pub fn is_of(self, person: EndUserId) -> bool {
        match self {
            Self::Device(device) => device.end_user == person,
            Self::Anonymous | Self::Retired => false,
        }
    }

    /// Which identified person it opens anything for at this time; none is the anonymous visitor.
    ///
    /// # Errors
    /// It opens nothing.
    pub fn at(self, now: Timestamp) -> Result<Option<EndUserId>, Refusal> {
        match self {
            Self::Anonymous => Ok(None),
            Self::Device(device) if now < device.until => Ok(Some(device.end_user)),
            Self::Device(_) => Err(Refusal::LoginExpired),
            Self::Retired => Err(Refusal::SecretRetired),
        }
    }
}

/// A login that was done.
#[derive(Clone, Debug)]
pub struct LoginDone {
    /// Whose the device is.
    pub end_user: EndUserId,
    /// Until when, at least.
    pub until: Timestamp,
    /// What became of the chat thread that was open on it: the state before and the decision.
    pub decided: Option<Box<(ChatThread, Command, Decision)>>,
    /// Whose secret the device had before, where that was a person's.
    pub left: Option<EndUserId>,
    /// Whether more is known of the person than before.
    pub described: bool,
    /// What was written, in order.
    pub writes: Vec<Written>,
}

/// A device becomes a person's.
///
/// # Errors
/// Why not; then nothing is written.
pub fn log_in(rows: &mut Rows, asked: &LogIn, around: &Around<'_>) -> Result<LoginDone, Refusal> {
    let site = asked.who.site;
    let known = rows.person(site, &asked.whom.external_id).cloned();
    let standing = Standing::of(rows, site, asked.who.secret_hash);
    if let Some(believed) = asked.believed.filter(|believed| !standing.is_of(*believed)) {
        let is_erased = rows.erasures.contains_key(&believed);
        return Err(if is_erased {
            Refusal::Erased
        } else {
            Refusal::SecretTaken
        });
    }
    match standing {
        Standing::Anonymous => {}
        Standing::Device(device) if known.as_ref().is_some_and(|it| it.id == device.end_user) => {}
        Standing::Device(_) | Standing::Retired => return Err(Refusal::SecretTaken),
    }
    if rows.anonymous(site, asked.who.secret_hash).is_some() {
        return Err(Refusal::SecretTaken);
    }
    let fresh = || EndUser::anonymous(around.fresh.end_user, String::new());
    let mut person = known.clone().unwrap_or_else(fresh);
    person.vouched(&asked.whom);
    person.locale.clone_from(&asked.who.locale);
    // What core is asked with, as it was before.
    let theirs: Vec<Conversation> = rows
        .threads_of(person.id)
        .flat_map(|thread| rows.conversations_of(thread))
        .cloned()
        .collect();
    let before = asked.before.filter(|before| *before != asked.who.secret_hash);
    let left = before.map(|before| ((site, before), Standing::of(rows, site, before)));
    let mut decided = None;
    let mut writing = Writing::to(rows);
    writing.person(site, person.clone());
    writing.prolong((site, asked.who.secret_hash), person.id, asked.until);
    match left {
        None | Some((_, Standing::Retired)) => {}
        Some((key, Standing::Device(_))) => writing.retire(key, person.id, around.now),
        Some((key, Standing::Anonymous)) => {
            let visitor = writing.rows().anonymous(site, key.1);
            let thread = visitor.and_then(|visitor| writing.rows().current_of(visitor));
            writing.retire(key, person.id, around.now);
            if let Some(was) = thread.and_then(|thread| writing.rows().thread(thread)) {
                let command = Command::LogIn {
                    person: Box::new(person.clone()),
                    has_tickets: theirs.iter().any(|it| it.ticket().is_some()),
                    theirs,
                };
                match decide(writing.rows(), &was, None, command.clone(), around) {
                    Ok(decision) => {
                        writing.head(&was, &decision.after, None);
                        writing.decision(&was, &decision, around.now);
                        decided = Some(Box::new((was, command, decision)));
                    }
                    Err(why) => {
                        let writes = writing.done;
                        rows.take_back(writes);
                        return Err(why);
                    }
                }
            }
        }
    }
    let left = match left {
        Some((_, Standing::Device(device))) => Some(device.end_user),
        Some((_, Standing::Anonymous | Standing::Retired)) | None => None,
    };
    Ok(LoginDone {
        end_user: person.id,
        until: asked.until,
        decided,
        left,
        described: known.is_some_and(|known| known != person),
        writes: writing.done,
    })
}

impl Rows {
    /// The person whom a site names so.
    #[must_use]
    pub fn person(&self, site: SiteId, external_id: &str) -> Option<&EndUser> {
        let its = |record: &&EndUserRecord| {
            record.site == site && record.end_user.external_id.as_deref() == Some(external_id)
        };
        self.end_users.values().find(its).map(|record| &record.end_user)
    }

    /// Whom a sender turned out to be, by a login since (R11).
    pub(super) fn became(&self, sender: SentBy) -> Option<SentBy> {
        let SentBy::EndUser(sender) = sender else {
            return None;
        };
        let its = |retired: &&Retired| retired.end_user == Some(sender);
        let its = self.retired.values().find(its);
        its.map(|retired| SentBy::EndUser(retired.person))
    }
}

impl Writing<'_> {
    fn person(&mut self, site: SiteId, end_user: EndUser) {
        let (id, secret_hash) = (end_user.id, None);
        let record = EndUserRecord {
            site,
            secret_hash,
            end_user,
        };
        self.put(Write::EndUser(id, Some(record)));
    }

    /// A secret is a person's until then, at least.
    fn prolong(&mut self, key: SecretKey, end_user: EndUserId, until: Timestamp) {
        let known = self.rows().devices.get(&key).map(|device| device.until);
        let until = known.map_or(until, |known| known.max(until));
        self.put(Write::Device(key, Some(Device { end_user, until })));
    }

    /// A secret opens nothing from now on.
    pub(super) fn retire(&mut self, key: SecretKey, person: EndUserId, at: Timestamp) {
        self.put(Write::Device(key, None));
        let end_user = self.rows().anonymous(key.0, key.1);
        if let Some(record) = end_user.and_then(|id| self.rows().end_users.get(&id)) {
            let (id, secret_hash) = (record.end_user.id, None);
            let record = EndUserRecord {
                secret_hash,
                ..record.clone()
            };
            self.put(Write::EndUser(id, Some(record)));
        }
        let retired = Retired { end_user, person, at };
        self.put(Write::Retired(key, Some(retired)));
    }

    /// Devices whose login was over by then go, and secrets retired by then behind which nobody had written.
    pub(super) fn sweep(&mut self, before: Timestamp) {
        let devices = self.rows().devices.iter();
        let over: Vec<SecretKey> = devices
            .filter(|(_, device)| device.until < before)
            .map(|(key, _)| *key)
            .collect();
        for key in over {
            self.put(Write::Device(key, None));
        }
        let retired = self.rows().retired.iter();
        let of_nobody: Vec<SecretKey> = retired
            .filter(|(_, retired)| retired.end_user.is_none() && retired.at < before)
            .map(|(key, _)| *key)
            .collect();
        for key in of_nobody {
            self.put(Write::Retired(key, None));
        }
    }
}
