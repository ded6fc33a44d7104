//! Login (R47): a device becomes an identified end user's, and the anonymous chat thread that was open on it moves to
//! them or stays where it was, as core decides. All in the transaction of one request, ordered like every other.
//!
//! The device's new secret is made by the widget, which asks again with the same one until it has an answer: what was
//! done is found done. The secret from before is retired by the same step (SECURITY 11): it opens nothing any more, so
//! nothing can be written behind the person's back, and what was written with it before is answered to the person (R11).

use causerie_core::chat_thread::Command;
use causerie_core::end_user::{EndUser, Vouched};
use causerie_core::{EndUserId, Timestamp};

use super::decide::{Deciding, Fault, adds_to_a_log};
use super::told::Told;
use super::{EndUserIdentity, Refusal};
use crate::notifier::{AgentNotice, Whose};
use crate::store::{self, Before, Script, SecretHash, Shut, Standing, Wanted};

/// Somebody logs in, by a token that was verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogIn {
    /// The device, by its new secret.
    pub who: EndUserIdentity,
    /// Whose device it is already, as it believes.
    pub believed: Option<EndUserId>,
    /// The secret that it had before, if any.
    pub before: Option<SecretHash>,
    /// Whom the token names.
    pub whom: Vouched,
    /// Until when the login lasts.
    pub until: Timestamp,
}

/// The device is the end user's; it is on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoggedIn {
    /// Whose.
    pub end_user: EndUserId,
    /// Until when, at least.
    pub until: Timestamp,
}

/// A login that was done, as far as the commit has its way.
#[derive(Debug)]
pub(super) struct LoginDone {
    pub(super) logged_in: LoggedIn,
    pub(super) told: Vec<Told>,
    pub(super) wake: bool,
    pub(super) adds_to_a_log: bool,
}

impl Deciding<'_> {
    pub(super) async fn log_in(mut self, asked: &LogIn) -> Result<LoginDone, Fault> {
        let (site, now) = (asked.who.site, self.clock.now());
        let known = store::person(self.db, site, &asked.whom.external_id).await?;
        let standing = store::standing(self.db, site, &asked.who.secret_hash).await?;
        if let Some(believed) = asked.believed
            && standing.contradicts(believed, false).is_some()
        {
            // Its other tabs still believe so, and are not to go on as somebody else by the same secret.
            let is_erased = store::erased_at(self.db, believed).await?.is_some();
            return Err(match standing.contradicts(believed, is_erased) {
                Some(Shut::Erased) => Refusal::Erased.into(),
                Some(Shut::Expired | Shut::Retired | Shut::Unknown) | None => Refusal::SecretTaken.into(),
            });
        }
        match standing {
            Standing::Anonymous => {}
            // Asked again, or for longer.
            Standing::Device { end_user, .. } if known.as_ref().is_some_and(|it| it.id == end_user) => {}
            Standing::Device { .. } | Standing::Retired => return Err(Refusal::SecretTaken.into()),
        }
        if store::anonymous(self.db, site, &asked.who.secret_hash)
            .await?
            .is_some()
        {
            return Err(Refusal::SecretTaken.into());
        }
        let mut person = match &known {
            Some(known) => known.clone(),
            None => EndUser::anonymous(
                store::id_of_person(self.db, site, &asked.whom.external_id).await?,
                String::new(),
            ),
        };
        person.vouched(&asked.whom);
        person.locale.clone_from(&asked.who.locale);
        let mut changes = Script::default();
        store::write_person(&mut changes, site, &person, now);
        store::log_in_device(&mut changes, &asked.who, person.id, asked.until);
        let mut done = LoginDone {
            logged_in: LoggedIn {
                end_user: person.id,
                until: asked.until,
            },
            told: Vec::new(),
            wake: false,
            adds_to_a_log: false,
        };
        // Their tickets of before are shown with who they are now.
        if known.as_ref().is_some_and(|known| *known != person) {
            done.told.push(Told::to_agents(AgentNotice::EndUser(person.id)));
        }
        match asked.before {
            Some(before) if before != asked.who.secret_hash => {
                self.leave(asked, before, person, changes, &mut done).await?;
            }
            Some(_) | None => self.run(changes).await?,
        }
        Ok(done)
    }

    /// The device leaves its secret of before, with what it opened.
    async fn leave(
        &mut self,
        asked: &LogIn,
        before: SecretHash,
        person: EndUser,
        mut changes: Script,
        done: &mut LoginDone,
    ) -> Result<(), Fault> {
        let (site, now) = (asked.who.site, self.clock.now());
        match store::standing(self.db, site, &before).await? {
            Standing::Retired => return Ok(self.run(changes).await?),
            // Somebody was logged in: what is theirs stays theirs, whoever comes next.
            Standing::Device { end_user, .. } => {
                store::retire(&mut changes, site, &before, None, person.id, now);
                // Its tabs are told theirs no longer (SECURITY 4).
                done.told.push(Told::logged_in(Whose::Identified(end_user)));
                return Ok(self.run(changes).await?);
            }
            Standing::Anonymous => {}
        }
        let whose = Whose::Anonymous {
            site,
            secret_hash: before,
        };
        let visitor = store::anonymous(self.db, site, &before).await?;
        store::retire(&mut changes, site, &before, visitor, person.id, now);
        let head = match visitor {
            Some(visitor) => store::load(self.db, None, Wanted::Whole(visitor)).await?.head,
            None => None,
        };
        let Some(head) = head else {
            done.told.push(Told::logged_in(whose));
            return Ok(self.run(changes).await?);
        };
        let theirs = store::live_of(self.db, person.id).await?;
        let has_tickets = store::has_tickets(self.db, person.id).await?;
        let command = Command::LogIn {
            person: Box::new(person.clone()),
            theirs,
            has_tickets,
        };
        let was = head.thread.clone();
        let wanted = Wanted::Thread(was.id);
        let decided = self
            .carry_out(command, None, Before::Loaded(&head), &was, wanted, changes, None)
            .await?;
        let moved = decided.after.end_user.id != was.end_user.id;
        done.wake = !decided.effects.is_empty();
        done.adds_to_a_log = adds_to_a_log(&decided);
        done.told
            .push(Told::of(Some(whose), Before::Loaded(&head), &was, decided));
        done.told.push(Told::logged_in(whose));
        if moved {
            // Which chat thread is current has changed, on their other devices as well.
            done.told.push(Told::logged_in(Whose::Identified(person.id)));
        }
        Ok(())
    }
}
