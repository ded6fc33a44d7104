//! The server of the world: secrets, people and chat threads. What becomes of a chat thread is core's to decide.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::bot::Flow;
use causerie_core::chat_thread::{
    ChatThread, Circumstances, Command, CustomerMessage, Event, Outcome, handle,
};
use causerie_core::client::end_user::{Device, LoginPost};
use causerie_core::end_user::{EndUser, Vouched};
use causerie_core::message::{Author, Text, ThreadEntry};
use causerie_core::settings::Settings;
use causerie_core::wire::end_user::{Ack, LoggedIn, Resumed, Send, SessionReport};
use causerie_core::wire::{
    CID_UNKNOWN, ERASED, LOGIN_EXPIRED, LOGIN_UNKNOWN, Refused, SECRET_RETIRED, SECRET_TAKEN,
};
use causerie_core::{ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId, TicketId, Timestamp};
use uuid::Uuid;

pub const BUILD: &str = "build-1";

/// A chat thread with its log.
pub struct Kept {
    pub thread: ChatThread,
    pub log: Vec<ThreadEntry>,
    pub current: bool,
}

pub struct Server {
    pub now: Timestamp,
    pub threads: Vec<Kept>,
    pub devices: BTreeMap<String, (EndUserId, Timestamp)>,
    anonymous: BTreeMap<String, EndUserId>,
    /// Whose it was, and who has taken its place.
    retired: BTreeMap<String, (Option<EndUserId>, EndUserId)>,
    pub people: BTreeMap<String, EndUser>,
    /// Who was ever known by an id.
    pub names: BTreeMap<EndUserId, String>,
    pub erased: BTreeSet<EndUserId>,
    epoch: u64,
    known: BTreeMap<ClientMessageId, (EndUserId, usize, Outcome)>,
    settings: Settings,
    flow: Flow,
    next: u128,
}

impl Server {
    pub fn new() -> Self {
        Self {
            now: Timestamp(1_000_000),
            threads: Vec::new(),
            devices: BTreeMap::new(),
            anonymous: BTreeMap::new(),
            retired: BTreeMap::new(),
            people: BTreeMap::new(),
            names: BTreeMap::new(),
            erased: BTreeSet::new(),
            epoch: 1,
            known: BTreeMap::new(),
            settings: Settings::default(),
            flow: Flow::default(),
            next: 1_000_000,
        }
    }

    fn fresh(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    /// The id follows from the name, and nobody has that of an erased person.
    fn id_of(&self, name: &str) -> EndUserId {
        let sum = name
            .bytes()
            .fold(0_u128, |sum, byte| sum * 256 + u128::from(byte));
        let mut ids = (0..).map(|turn: u128| EndUserId(Uuid::from_u128((sum << 32) + turn)));
        ids.find(|id| !self.erased.contains(id)).expect("without end")
    }

    /// Whether a device may go on as who it believes to be.
    fn believes(&self, secret: &str, person: Option<EndUserId>, mistaken: &str) -> Result<(), Refused> {
        let Some(person) = person else { return Ok(()) };
        let is_theirs = self
            .devices
            .get(secret)
            .is_some_and(|(whose, _)| *whose == person);
        let is_erased = self.erased.contains(&person);
        if is_theirs || self.retired.contains_key(secret) && !is_erased {
            return Ok(());
        }
        Err(refused(
            None,
            if is_erased { ERASED } else { mistaken },
            !is_erased,
        ))
    }

    /// Data is put back in which nobody was logged in yet.
    pub fn loses_the_logins(&mut self) {
        self.devices.clear();
        self.epoch += 1;
    }

    /// Data is put back of before anybody came.
    pub fn is_as_at_first(&mut self) {
        let (now, epoch, next) = (self.now, self.epoch + 1, self.next);
        *self = Self {
            now,
            epoch,
            next,
            ..Self::new()
        };
    }

    /// All of a person goes. Answers what they had said.
    pub fn erases(&mut self, name: &str) -> Vec<ClientMessageId> {
        let Some(person) = self.people.remove(name) else {
            return Vec::new();
        };
        let turned = self.retired.values().filter(|(_, into)| *into == person.id);
        let all: BTreeSet<_> = turned.filter_map(|(was, _)| *was).chain([person.id]).collect();
        self.erased.extend(&all);
        self.devices.retain(|_, (whose, _)| !all.contains(whose));
        self.epoch += 1;
        let mut said = Vec::new();
        let theirs = |kept: &&mut Kept| all.contains(&kept.thread.end_user.id);
        for kept in self.threads.iter_mut().filter(theirs) {
            said.extend(
                core::mem::take(&mut kept.log)
                    .into_iter()
                    .filter_map(|entry| entry.cid),
            );
            kept.current = false;
        }
        said
    }

    /// Whom a secret opens anything for.
    fn whom(&self, secret: &str) -> Result<Option<EndUserId>, Refused> {
        if self.retired.contains_key(secret) {
            return Err(refused(None, SECRET_RETIRED, true));
        }
        match self.devices.get(secret) {
            Some((_, until)) if *until <= self.now => Err(refused(None, LOGIN_EXPIRED, true)),
            Some((person, _)) => Ok(Some(*person)),
            None => Ok(self.anonymous.get(secret).copied()),
        }
    }

    fn current(&self, whom: EndUserId) -> Option<usize> {
        self.threads
            .iter()
            .position(|kept| kept.current && kept.thread.end_user.id == whom)
    }

    pub fn resumes(&self, device: &Device) -> Result<(Option<usize>, Resumed), Refused> {
        let secret = &*device.secret;
        self.believes(secret, device.person, LOGIN_UNKNOWN)?;
        let at = self.whom(secret)?.and_then(|whom| self.current(whom));
        let thread = at.map(|at| &self.threads[at].thread);
        let resumed = Resumed {
            thread: thread.map(|thread| thread.id),
            epoch: self.epoch,
            head: thread.map_or(Seq(0), |thread| thread.head),
            read: Seq(0),
            session: thread.and_then(ChatThread::latest).map(SessionReport::of),
            build: BUILD.to_owned(),
            may_end: false,
        };
        Ok((at, resumed))
    }

    pub fn entries(&self, thread: usize, after: Seq) -> Vec<ThreadEntry> {
        let log = &self.threads[thread].log;
        log.iter().filter(|entry| entry.seq > after).cloned().collect()
    }

    pub fn takes(&mut self, secret: &str, send: &Send) -> Result<Ack, Refused> {
        let whom = self.whom(secret).map_err(|why| Refused {
            cid: Some(send.cid),
            ..why
        })?;
        if let Some((sender, thread, outcome)) = self.known.get(&send.cid) {
            let asks_after = self
                .retired
                .values()
                .find(|(was, _)| *was == Some(*sender))
                .map_or(*sender, |(_, person)| *person);
            if Some(asks_after) != whom {
                return Err(refused(Some(send.cid), CID_UNKNOWN, false));
            }
            let elsewhere = whom.and_then(|whom| self.current(whom)) != Some(*thread);
            return Ok(ack(send.cid, *outcome, elsewhere));
        }
        let whom = whom.unwrap_or_else(|| {
            let fresh = EndUserId(self.fresh());
            self.anonymous.insert(secret.to_owned(), fresh);
            fresh
        });
        let at = self.current(whom).unwrap_or_else(|| {
            let person = self.people.values().find(|person| person.id == whom).cloned();
            let end_user = person.unwrap_or_else(|| EndUser::anonymous(whom, "en".to_owned()));
            let thread = ChatThread::new(ChatThreadId(self.fresh()), end_user);
            self.threads.push(Kept {
                thread,
                log: Vec::new(),
                current: true,
            });
            self.threads.len() - 1
        });
        let message = CustomerMessage {
            cid: send.cid,
            text: Text::parse(&send.text).expect("a test's own words"),
            seen: send.seen,
            composed_against: send.session,
        };
        let outcome = self.decides(at, Command::CustomerMessage(message));
        self.known.insert(send.cid, (whom, at, outcome));
        Ok(ack(send.cid, outcome, false))
    }

    pub fn decides(&mut self, at: usize, command: Command) -> Outcome {
        let around = Circumstances {
            now: self.now,
            fresh_session: SessionId(self.fresh()),
            fresh_ticket: TicketId(u64::try_from(self.next).expect("few")),
            settings: &self.settings,
            flow: &self.flow,
            groups: &[],
            someone_available: true,
            room: None,
        };
        let decision = handle(&self.threads[at].thread, command, &around).expect("never refused");
        let kept = &mut self.threads[at];
        kept.log
            .extend(decision.events.iter().filter_map(|event| match event {
                Event::Said(entry) => Some(entry.clone()),
                Event::ConversationStarted(_)
                | Event::BotMoved { .. }
                | Event::EndUserDescribed { .. }
                | Event::MovedTo(_)
                | Event::SessionChanged { .. }
                | Event::TicketCreated { .. }
                | Event::Erased
                | Event::TicketLogged { .. } => None,
            }));
        kept.thread = decision.after;
        decision.outcome
    }

    /// A token is a name and until when: `ada 17000`. Any other is none.
    pub fn logs_in(&mut self, post: &LoginPost) -> Result<LoggedIn, Refused> {
        let wrong = || refused(None, "login_refused", false);
        let (name, until) = post.token.split_once(' ').ok_or_else(wrong)?;
        let until = Timestamp(until.parse().map_err(|_| wrong())?);
        if until <= self.now {
            return Err(wrong());
        }
        self.believes(&post.secret, post.person, SECRET_TAKEN)?;
        let known = self.people.get(name).map(|person| person.id);
        let is_theirs = self
            .devices
            .get(&post.secret)
            .map(|(whose, _)| Some(*whose) == known);
        let is_anybodys =
            self.anonymous.contains_key(&post.secret) || self.retired.contains_key(&post.secret);
        if is_anybodys || is_theirs == Some(false) {
            return Err(refused(None, SECRET_TAKEN, false));
        }
        let id = match known {
            Some(known) => known,
            None => self.id_of(name),
        };
        self.names.insert(id, name.to_owned());
        let person = self
            .people
            .entry(name.to_owned())
            .or_insert_with(|| EndUser::anonymous(id, "en".to_owned()));
        person.vouched(&Vouched {
            external_id: name.to_owned(),
            name: None,
            email: None,
            email_verified: false,
        });
        let person = person.clone();
        let longest = self
            .devices
            .get(&post.secret)
            .map_or(until, |(_, known)| until.max(*known));
        self.devices.insert(post.secret.clone(), (id, longest));
        match &post.before {
            Some(before) if *before != post.secret && !self.retired.contains_key(before) => {
                let was = self.anonymous.remove(before);
                self.devices.remove(before);
                self.retired.insert(before.clone(), (was, id));
                if let Some(at) = was.and_then(|was| self.current(was)) {
                    self.moves_or_stays(at, person);
                }
            }
            Some(_) | None => {}
        }
        Ok(LoggedIn {
            end_user: id,
            until: longest,
        })
    }

    fn moves_or_stays(&mut self, at: usize, person: EndUser) {
        let theirs = self
            .threads
            .iter()
            .filter(|kept| kept.thread.end_user.id == person.id);
        let theirs = theirs.filter_map(|kept| kept.thread.latest().cloned()).collect();
        let id = person.id;
        self.decides(
            at,
            Command::LogIn {
                person: Box::new(person),
                theirs,
                has_tickets: true,
            },
        );
        if self.threads[at].thread.end_user.id == id {
            for (other, kept) in self.threads.iter_mut().enumerate() {
                if kept.thread.end_user.id == id {
                    kept.current = other == at;
                }
            }
        }
    }

    pub fn logs_out(&mut self, secret: &str) {
        if let Some((whose, _)) = self.devices.remove(secret) {
            self.retired.insert(secret.to_owned(), (None, whose));
        }
    }

    /// Whose log has which of the customer's messages, in order.
    pub fn said(&self) -> Vec<(EndUser, Vec<ClientMessageId>)> {
        let customers = |kept: &Kept| {
            let log = kept.log.iter().filter(|entry| entry.author == Author::EndUser);
            (
                kept.thread.end_user.clone(),
                log.filter_map(|entry| entry.cid).collect(),
            )
        };
        self.threads.iter().map(customers).collect()
    }
}

fn ack(cid: ClientMessageId, outcome: Outcome, elsewhere: bool) -> Ack {
    let Outcome::Said {
        session,
        seq,
        placement,
    } = outcome
    else {
        unreachable!("a message's")
    };
    Ack {
        cid,
        session,
        seq,
        placement,
        elsewhere,
    }
}

fn refused(cid: Option<ClientMessageId>, code: &str, retryable: bool) -> Refused {
    Refused {
        cid,
        code: code.to_owned(),
        message: format!("Refused: {code}."),
        retryable,
        retry_after_ms: None,
    }
}
