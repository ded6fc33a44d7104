//! Who comes, and from where they go on: by a socket, by a request that waits, or with commands alone.

use std::net::IpAddr;

use causerie_core::wire::end_user::{Down, Hello, SessionReport, Up};
use causerie_core::{ChatThreadId, Seq};
use serde::{Deserialize, Serialize};
use tokio::time::{Duration, Instant};

use super::super::super::{Close, Over, failed, parse, refusal};
use super::telling::{may_end, resumed};
use super::{KNOWN, Line, Visitor};
use crate::conversations::{EndUserIdentity, Refusal};
use crate::error::refused;
use crate::notifier::Whose;
use crate::routes::messaging::tidy_locale;
use crate::routes::pages;
use crate::secret;
use crate::state::App;
use crate::store::{Shut, ThreadHead};

/// Whether a device is still its end user's is looked at this often, whatever it sends or does not send: who logs out
/// tells it at once, and this is for what is told to nobody.
const LOOK_WHO: Duration = Duration::from_secs(4);

/// What a client was told up to now, where no connection remembers it. It goes to the client and comes back with its
/// next request; all that follows from it is what is left out, so a wrong one harms nobody but its sender.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    epoch: u64,
    thread: Option<ChatThreadId>,
    said: Seq,
    read: Seq,
    session: Option<SessionReport>,
    may_end: bool,
}

impl Told {
    /// The epoch of it.
    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// From where a client goes on, by its own account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since {
    epoch: Option<u64>,
    last: Seq,
}

impl Since {
    /// As a hello says it.
    pub(crate) const fn of(hello: &Hello) -> Self {
        Self {
            epoch: hello.epoch,
            last: hello.last,
        }
    }
}

impl Visitor {
    /// Who says hello.
    pub(crate) async fn named(
        app: &App,
        line: &mut impl Line,
        hello: &Hello,
    ) -> Result<EndUserIdentity, Over> {
        let Some(secret_hash) = secret::hash_of_visitor(&hello.secret) else {
            return refuse_and_close(
                line,
                "bad_secret",
                "The visitor's secret is 256 bits in hexadecimal.",
            )
            .await;
        };
        let Some(site) = pages::site(app, &hello.site).await.map_err(failed)? else {
            return refuse_and_close(line, "unknown_site", "No site has this key.").await;
        };
        let who = EndUserIdentity {
            site: site.id,
            secret_hash,
            locale: tidy_locale(&hello.locale),
        };
        if let Some(person) = hello.person
            && let Some(shut) = app.store.contradicts(&who, person).await.map_err(failed)?
        {
            return shut_out(line, shut).await;
        }
        Ok(who)
    }

    /// Says where it goes on, and catches up.
    pub(crate) async fn join(
        app: &App,
        line: &mut impl Line,
        who: EndUserIdentity,
        address: IpAddr,
        since: Since,
    ) -> Result<Self, Over> {
        let (whose, _) = standing(app, line, &who).await?;
        // From here on nothing is missed; what is heard twice is left out.
        let listener = app.notifier.listen_to_thread(whose);
        let (still, look_who_at) = standing(app, line, &who).await?;
        if still != whose {
            return Err(Close::RESYNC.into());
        }
        let epoch = app.store.epoch();
        let head = app.store.thread_of(&who).await.map_err(failed)?;
        let has_our_log = since.epoch.is_none_or(|known| known == epoch);
        let last = head.as_ref().map_or(Seq(0), |head| head.head);
        let resumed = resumed(app, head.as_ref(), epoch).await?;
        let may_end = resumed.may_end;
        line.say(&Down::Resumed(resumed)).await?;
        let mut visitor = Self {
            who,
            whose,
            look_who_at,
            address,
            listener,
            epoch,
            reported: head.as_ref().and_then(ThreadHead::session),
            read: head.as_ref().map_or(Seq(0), |head| head.read),
            thread: head.map(|head| head.thread),
            // A client that knows more than there is has the log of another past.
            said: if has_our_log && since.last <= last {
                since.last
            } else {
                Seq(0)
            },
            may_end,
            typing: None,
        };
        visitor.catch_up(app, line).await?;
        Ok(visitor)
    }

    /// Goes on where an answer before has left off, and says what has come since; joins anew where that was another
    /// chat thread or another epoch.
    pub(crate) async fn go_on(
        app: &App,
        line: &mut impl Line,
        who: EndUserIdentity,
        address: IpAddr,
        told: Told,
    ) -> Result<Self, Over> {
        let (whose, look_who_at) = standing(app, line, &who).await?;
        let listener = app.notifier.listen_to_thread(whose);
        let epoch = app.store.epoch();
        let head = app.store.thread_of(&who).await.map_err(failed)?;
        let is_same = told.epoch == epoch
            && told
                .thread
                .is_none_or(|thread| head.as_ref().is_some_and(|head| head.thread == thread))
            && told.said <= head.as_ref().map_or(Seq(0), |head| head.head);
        if !is_same {
            let since = Since {
                epoch: Some(told.epoch),
                last: told.said,
            };
            return Self::join(app, line, who, address, since).await;
        }
        let mut visitor = Self {
            who,
            whose,
            look_who_at,
            address,
            listener,
            epoch,
            thread: told.thread,
            said: told.said,
            read: told.read,
            reported: told.session,
            may_end: told.may_end,
            typing: None,
        };
        visitor.look(app, line).await?;
        Ok(visitor)
    }

    /// Somebody whose commands alone are of interest here: nothing is said of where it goes on. They are composed
    /// against the data that the client `knows`, if it knows any.
    pub(crate) async fn passing(
        app: &App,
        line: &mut impl Line,
        who: EndUserIdentity,
        address: IpAddr,
        knows: Option<u64>,
    ) -> Result<Self, Over> {
        let (whose, look_who_at) = standing(app, line, &who).await?;
        let listener = app.notifier.listen_to_thread(whose);
        let epoch = knows.unwrap_or_else(|| app.store.epoch());
        let head = app.store.thread_of(&who).await.map_err(failed)?;
        Ok(Self {
            who,
            whose,
            look_who_at,
            address,
            listener,
            epoch,
            said: head.as_ref().map_or(Seq(0), |head| head.head),
            read: head.as_ref().map_or(Seq(0), |head| head.read),
            reported: head.as_ref().and_then(ThreadHead::session),
            thread: head.map(|head| head.thread),
            may_end: may_end(app).await?,
            typing: None,
        })
    }

    /// What this client was told up to now.
    pub(crate) fn told_so_far(&self) -> Told {
        Told {
            epoch: self.epoch,
            thread: self.thread,
            said: self.said,
            read: self.read,
            session: self.reported,
            may_end: self.may_end,
        }
    }

    /// Looks whether this is who they were: of an identified end user, one read every few seconds. A login may have
    /// been prolonged meanwhile; whatever else happens to it is told.
    pub(crate) async fn is_still(&mut self, app: &App, line: &mut impl Line) -> Result<(), Over> {
        let (whose, look_who_at) = standing(app, line, &self.who).await?;
        self.look_who_at = look_who_at;
        if whose == self.whose {
            Ok(())
        } else {
            Err(Close::RESYNC.into())
        }
    }
}

/// Whose chat thread a visitor's secret opens, and when that is over. One that opens nothing is told why, and closed.
async fn standing(
    app: &App,
    line: &mut impl Line,
    who: &EndUserIdentity,
) -> Result<(Whose, Option<Instant>), Over> {
    let standing = app.store.standing(who).await.map_err(failed)?;
    let now = app.clock.now();
    match standing.at(now) {
        Ok(None) => Ok((
            Whose::Anonymous {
                site: who.site,
                secret_hash: who.secret_hash,
            },
            None,
        )),
        Ok(Some(end_user)) => {
            let left = standing.until().map_or(0, |until| until.0.saturating_sub(now.0));
            let left = Duration::from_millis(left.unsigned_abs());
            let look_at = Instant::now() + left.min(LOOK_WHO);
            Ok((Whose::Identified(end_user), Some(look_at)))
        }
        Err(shut) => shut_out(line, shut).await,
    }
}

/// Whoever comes is not known by this secret any more.
async fn shut_out<T>(line: &mut impl Line, shut: Shut) -> Result<T, Over> {
    line.say(&Down::Refused(refused(None, &Refusal::from(shut))))
        .await?;
    Err(Close::UNKNOWN.into())
}

async fn refuse_and_close<T>(line: &mut impl Line, code: &str, message: &str) -> Result<T, Over> {
    line.say(&Down::Refused(refusal(None, code, message))).await?;
    Err(Close::NO_HELLO.into())
}

/// The first frame: it says hello.
pub(crate) async fn hello(app: &App, line: &mut impl Line, text: &str) -> Result<Hello, Over> {
    match parse::<Up>(text, KNOWN) {
        Ok(Up::Hello(hello)) => Ok(hello),
        Ok(Up::Send(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping) => {
            refuse_and_close(line, "hello_first", "The first frame says Hello.").await
        }
        Err(bad) => {
            app.counted.unreadable.count();
            line.say(&Down::Refused(bad)).await?;
            Err(Close::NO_HELLO.into())
        }
    }
}
