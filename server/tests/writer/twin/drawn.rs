//! What is asked, drawn by dice: what people do, what they do again, and what nobody should.

use causerie_core::agent::Availability;
use causerie_core::conversation::Conversation;
use causerie_core::end_user::Vouched;
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::ticket::{Comment, CommentTo, Priority, Set, Status, Update};
use causerie_core::time::Span;
use causerie_core::wire::end_user::Send;
use causerie_core::{
    AgentId, ChatThreadId, ClientMessageId, EndUserId, GroupId, MacroId, Seq, SessionId, TicketId,
};
use causerie_proof::twin::{Change, Identity, LogIn, Request, Rows, Standing};
use uuid::Uuid;

use super::both::{Asked, Both, TRAPPED};

/// Filled in with what the store and its twin know (R38).
const BYE: &str =
    "Bye {{ticket.requester.name | default: 'you'}} of #{{ticket.id}}, from {{current_user.name}}!";

/// What visitors say; among it what the demo's flow has answers to.
const WORDS: [&str; 8] = [
    "hello",
    "Talk to a person",
    "Talk to a person",
    "Skip",
    "pat@home.example",
    "where is it?",
    "",
    TRAPPED,
];

/// Whom a site names.
const PEOPLE: [&str; 2] = ["ada", "bob"];

impl Both {
    /// One of what is asked at once.
    pub(super) fn some_command(&mut self) -> Asked {
        match self.dice.below(18) {
            0 | 1 => {
                // Rather in the middle of a chat.
                let chats = (0..4).find(|visitor| {
                    let site = self.sites[usize::from(*visitor == 3)];
                    let visitor = self.rows.anonymous(site, [self.secrets[*visitor]; 32]);
                    let thread = visitor.and_then(|visitor| self.rows.current_of(visitor));
                    thread
                        .and_then(|thread| self.rows.latest_of(thread))
                        .is_some_and(Conversation::is_live)
                });
                let any = self.dice.below(4);
                let visitor = chats.filter(|_| !self.dice.one_in(3)).unwrap_or(any);
                Asked::LogIn(visitor, self.some_login(visitor))
            }
            2 => {
                let who = self.somebody();
                Asked::Change(Change::LogOut {
                    site: who.site,
                    secret: who.secret_hash,
                })
            }
            _ => Asked::Request(self.some_request()),
        }
    }

    /// Somebody logs in by their browser: with a fresh secret, with the one it has, or as it did before.
    fn some_login(&mut self, visitor: usize) -> LogIn {
        if self.dice.one_in(6)
            && let Some(again) = self.dice.one_of(&self.logins).cloned()
        {
            return self.login_again(again);
        }
        let mut who = self.visitor(visitor);
        let before = (!self.dice.one_in(6)).then_some(who.secret_hash);
        if !self.dice.one_in(5) {
            self.last_secret = self.last_secret.saturating_add(1);
            who.secret_hash = [self.last_secret; 32];
        }
        let external_id = self.dice.one_of(&PEOPLE).copied().unwrap_or_default();
        let spans = [
            Span(1_000),
            Span::minutes(10),
            Span::hours(26),
            Span::days(40),
            Span::days(40),
        ];
        let lasts = self.dice.one_of(&spans).copied().unwrap_or_default();
        let believed = match Standing::of(&self.rows, who.site, who.secret_hash) {
            Standing::Device(device) => Some(device.end_user),
            Standing::Anonymous | Standing::Retired => None,
        };
        let believed = if self.dice.one_in(8) {
            Some(self.some_end_user())
        } else {
            believed
        };
        LogIn {
            who,
            believed,
            before,
            whom: Vouched {
                external_id: external_id.to_owned(),
                name: self.dice.one_in(2).then(|| external_id.to_uppercase()),
                email: self.dice.one_in(2).then(|| format!("{external_id}@home.example")),
                email_verified: self.dice.one_in(2),
            },
            until: self.house.clock.now().after(lasts),
        }
    }

    /// The answer was lost; or somebody else has the secret, and says that it is theirs.
    fn login_again(&mut self, mut again: LogIn) -> LogIn {
        if self.dice.one_in(4) {
            let other = self.dice.one_of(&PEOPLE).copied().unwrap_or_default();
            other.clone_into(&mut again.whom.external_id);
        }
        if self.dice.one_in(4) {
            again.before = Some(self.somebody().secret_hash);
        }
        again
    }

    /// Anybody there ever was; now and then nobody.
    pub(super) fn some_end_user(&mut self) -> EndUserId {
        let visitors = self.rows.retired.values().filter_map(|retired| retired.end_user);
        let erased = self.rows.erasures.keys().copied();
        // People first of all: they are who has more than one chat thread.
        let people = self.rows.end_users.values().map(|it| &it.end_user);
        let people = people.filter(|it| it.is_identified()).map(|it| it.id);
        let all: Vec<EndUserId> = match self.dice.below(4) {
            0 => visitors.chain(erased).chain([EndUserId(Uuid::nil())]).collect(),
            1 => self.rows.end_users.keys().copied().collect(),
            _ => people.collect(),
        };
        self.dice.one_of(&all).copied().unwrap_or(EndUserId(Uuid::nil()))
    }

    /// What somebody asks of a chat thread.
    pub(super) fn some_request(&mut self) -> Request {
        if self.dice.one_in(6)
            && let Some(again) = self.dice.one_of(&self.asked).cloned()
        {
            return self.again(again);
        }
        match self.dice.below(28) {
            0..=8 => self.some_message(),
            9 => self.some_end_of_a_visitor(),
            10 => Request::Read {
                who: self.somebody(),
                upto: Seq(self.dice.below(40) as u64),
            },
            11..=17 => self.some_update(),
            18 | 19 => Request::End {
                agent: self.some_agent(),
                cid: Some(self.fresh_cid()),
                ticket: self.some_ticket(),
            },
            20 => Request::Macro {
                agent: self.some_agent(),
                cid: Some(self.fresh_cid()),
                ticket: self.some_ticket(),
                id: MacroId(1 + self.dice.below(4) as u64),
            },
            21 => Request::Business {
                site: self.some_site(),
                thread: self.some_thread(),
                cid: self.fresh_cid(),
                name: "Shop".to_owned(),
                text: Text::parse("an offer").unwrap(),
                replies: vec!["Talk to a person".to_owned()],
            },
            22 => Request::HandOff {
                site: self.some_site(),
                thread: self.some_thread(),
            },
            23..=25 => Request::Describe {
                site: self.some_site(),
                thread: self.some_strangers(),
                name: Some("Pat".to_owned()),
                email: self.dice.one_in(2).then(|| "pat@home.example".to_owned()),
            },
            26 => Request::Assign {
                ticket: self.some_ticket(),
                agent: self.some_agent(),
            },
            _ => Request::ReturnToQueue {
                ticket: self.some_ticket(),
                agent: self.some_agent(),
            },
        }
    }

    /// What is asked besides.
    pub(super) fn some_change(&mut self) -> Change {
        let agent = self.some_agent();
        let mut settings = self.rows.settings;
        match self.dice.below(10) {
            0..=3 => {
                let all = [
                    Availability::Online,
                    Availability::Away,
                    Availability::TransfersOnly,
                    Availability::Offline,
                ];
                let to = self.dice.one_of(&all).copied().unwrap_or_default();
                Change::SetAvailability { agent, to }
            }
            4 => Change::SetSlots {
                agent,
                messaging: self.dice.below(4) as u32,
                email: 5,
            },
            5 => {
                settings.agents_can_end_sessions ^= true;
                Change::SetSettings(settings)
            }
            6 => {
                settings.end_users_can_end_sessions ^= true;
                settings.inactive_after = Span::minutes(1 + self.dice.below(20) as i64);
                Change::SetSettings(settings)
            }
            7 => {
                settings.inactive_sessions_count ^= true;
                Change::SetSettings(settings)
            }
            8 => Change::SaveMacro(Macro {
                id: MacroId(self.dice.below(4) as u64),
                title: format!("Macro {}", self.dice.below(10)),
                text: self.dice.one_in(2).then(|| Text::parse(BYE).unwrap()),
                status: self.dice.one_in(2).then_some(Status::Pending),
                priority: None,
                add_tags: vec!["by macro".to_owned()],
                end_session: self.dice.one_in(3),
            }),
            _ if self.dice.one_in(2) => Change::RemoveMacro(MacroId(1 + self.dice.below(5) as u64)),
            _ => Change::AddGroup {
                name: ["Sales", "Returns"][self.dice.below(2)].to_owned(),
            },
        }
    }

    /// A retry; now and then by somebody else, or of something else under the same id.
    fn again(&mut self, mut request: Request) -> Request {
        // Of before a login it is asked for by the person, who has another secret now (R11).
        if let Request::Send { who, .. } | Request::EndByEndUser { who, .. } = &mut request
            && let Some(retired) = self.rows.retired.get(&(who.site, who.secret_hash))
            && let Some(now) = self
                .rows
                .devices
                .iter()
                .find(|it| it.1.end_user == retired.person)
            && !self.dice.one_in(4)
        {
            who.secret_hash = now.0.1;
        }
        if !self.dice.one_in(4) {
            return request;
        }
        if let Request::Send { who, send } = &mut request {
            if self.dice.one_in(2) {
                send.text.push('!');
            } else {
                *who = self.somebody();
            }
        } else if let Request::Update { agent, .. } = &mut request {
            *agent = self.some_agent();
        }
        request
    }

    fn some_message(&mut self) -> Request {
        let text = self.dice.one_of(&WORDS).copied().unwrap_or_default().to_owned();
        let who = self.somebody();
        let head = self
            .rows
            .thread_of(who.site, who.secret_hash)
            .and_then(|thread| self.rows.threads.get(&thread))
            .map_or(0, |record| record.head.0);
        // Most have seen all, some not the last, and somebody says they have seen what is to come.
        let seen = match self.dice.below(6) {
            0 => head.saturating_sub(1 + self.dice.below(3) as u64),
            1 => head + 1_000_000,
            _ => head,
        };
        Request::Send {
            who,
            send: Send {
                cid: self.fresh_cid(),
                text,
                session: None,
                seen: Seq(seen),
            },
        }
    }

    fn some_end_of_a_visitor(&mut self) -> Request {
        let who = self.somebody();
        let sessions: Vec<SessionId> = self.rows.conversations.values().map(|it| it.id).collect();
        // Of any: one's own, one that is over, another's.
        let own = self
            .rows
            .thread_of(who.site, who.secret_hash)
            .and_then(|thread| self.rows.latest_of(thread))
            .map(|it| it.id);
        let any = self.dice.one_of(&sessions).copied();
        let session = if self.dice.one_in(3) { any } else { own };
        Request::EndByEndUser {
            who,
            cid: self.fresh_cid(),
            session: session.unwrap_or(SessionId(Uuid::nil())),
        }
    }

    fn some_update(&mut self) -> Request {
        let agent = self.some_agent();
        let to = Set::To(self.some_agent());
        let mut update = Update::default();
        match self.dice.below(12) {
            0..=3 => update.assignee = Some(Set::To(agent)),
            4 => update.assignee = Some(if self.dice.one_in(2) { to } else { Set::Nothing }),
            5 | 6 => update.status = self.dice.one_of(&Status::ALL).copied(),
            7 => update.priority = self.dice.one_of(&Priority::ALL).copied(),
            8 => {
                update.group = Some(Set::To(GroupId(1 + self.dice.below(3) as u64)));
                update.tags = Some(vec![format!("tag {}", self.dice.below(3))]);
            }
            9 => update.end_session = true,
            _ => {
                let ways = [
                    CommentTo::Messaging,
                    CommentTo::Public,
                    CommentTo::Email,
                    CommentTo::Note,
                ];
                update.comment = self.dice.one_of(&ways).map(|to| Comment {
                    to: *to,
                    text: Text::parse("a reply").unwrap(),
                });
                update.status = self.dice.one_in(4).then_some(Status::Solved);
            }
        }
        Request::Update {
            agent,
            cid: self.dice.one_in(2).then(|| self.fresh_cid()),
            ticket: self.some_ticket(),
            update,
        }
    }

    fn somebody(&mut self) -> Identity {
        let number = self.dice.below(4);
        self.visitor(number)
    }

    /// A visitor by what their browser has; now and then by a secret that is anybody's, or nobody's any more.
    fn visitor(&mut self, number: usize) -> Identity {
        let site = self.sites[usize::from(number == 3)];
        // What opens nothing is given up, mostly: the browser is a stranger's again.
        let standing = Standing::of(&self.rows, site, [self.secrets[number]; 32]);
        if standing.at(self.house.clock.now()).is_err() && !self.dice.one_in(6) {
            self.last_secret = self.last_secret.saturating_add(1);
            self.secrets[number] = self.last_secret;
        }
        let mut secret = self.secrets[number];
        if self.dice.one_in(20) {
            secret = 1 + self.dice.below(usize::from(self.last_secret)) as u8;
        }
        Identity {
            site,
            secret_hash: [secret; 32],
            locale: if self.dice.one_in(10) { "fr" } else { "en" }.to_owned(),
        }
    }

    fn some_site(&mut self) -> causerie_proof::twin::SiteId {
        self.sites[usize::from(self.dice.one_in(5))]
    }

    /// That of somebody whom their site has not identified, mostly: of others it has its own to say.
    fn some_strangers(&mut self) -> ChatThreadId {
        let is_one = |rows: &Rows, thread: &ChatThreadId| {
            let whose = rows.threads.get(thread).map(|record| record.end_user);
            let whose = whose.and_then(|whose| rows.end_users.get(&whose));
            whose.is_some_and(|it| it.secret_hash.is_some())
        };
        let any = self.some_thread();
        let all = [any, self.some_thread(), self.some_thread()];
        let its = all.into_iter().find(|thread| is_one(&self.rows, thread));
        its.unwrap_or(any)
    }

    /// That of a browser, mostly; now and then any there is.
    fn some_thread(&mut self) -> ChatThreadId {
        let who = self.somebody();
        let its = self.rows.thread_of(who.site, who.secret_hash);
        if let Some(its) = its.filter(|_| !self.dice.one_in(3)) {
            return its;
        }
        let all: Vec<ChatThreadId> = self.rows.threads.keys().copied().collect();
        self.dice
            .one_of(&all)
            .copied()
            .unwrap_or(ChatThreadId(Uuid::nil()))
    }

    /// One of the newest, mostly; now and then one that is not there.
    fn some_ticket(&mut self) -> TicketId {
        let last = self.rows.tickets.keys().next_back().map_or(0, |last| last.0);
        TicketId((last + 1).saturating_sub(self.dice.below(6) as u64))
    }

    fn some_agent(&mut self) -> AgentId {
        let so_many = if self.dice.one_in(12) { 4 } else { 3 };
        AgentId(1 + self.dice.below(so_many) as u64)
    }

    fn fresh_cid(&mut self) -> ClientMessageId {
        self.next += 1;
        ClientMessageId(Uuid::from_u128(u128::from(self.next)))
    }
}
