//! What is asked, drawn by dice: what people do, what they do again, and what nobody should.

use causerie_core::agent::Availability;
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::ticket::{Comment, CommentTo, Priority, Set, Status, Update};
use causerie_core::time::Span;
use causerie_core::wire::end_user::Send;
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, GroupId, MacroId, Seq, SessionId, TicketId};
use causerie_proof::twin::{Change, Identity, Request};
use uuid::Uuid;

use super::both::{Both, TRAPPED};

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

impl Both {
    /// What somebody asks of a chat thread.
    pub(super) fn some_request(&mut self) -> Request {
        if self.dice.one_in(6)
            && let Some(again) = self.dice.one_of(&self.asked).cloned()
        {
            return self.again(again);
        }
        match self.dice.below(26) {
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
            23 => Request::Describe {
                site: self.some_site(),
                thread: self.some_thread(),
                name: Some("Pat".to_owned()),
                email: self.dice.one_in(2).then(|| "pat@home.example".to_owned()),
            },
            24 => Request::Assign {
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
        Identity {
            site: self.sites[usize::from(number == 3)],
            secret_hash: [1 + number as u8; 32],
            locale: if self.dice.one_in(10) { "fr" } else { "en" }.to_owned(),
        }
    }

    fn some_site(&mut self) -> causerie_proof::twin::SiteId {
        self.sites[usize::from(self.dice.one_in(5))]
    }

    fn some_thread(&mut self) -> ChatThreadId {
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
