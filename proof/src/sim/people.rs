//! What people do: visitors, agents, the business, an admin. And what they try that is not theirs to do.

use causerie_core::agent::Availability;
use causerie_core::client::agent::{self, Ask};
use causerie_core::client::end_user;
use causerie_core::message::Text;
use causerie_core::ticket::{CommentTo, Priority, Set, Status, Update};
use causerie_core::time::Span;
use causerie_core::{AgentId, GroupId, MacroId, TicketId};

use super::erasures::word_of;
use super::steps::Step;
use super::wire::PageId;
use super::world::{World, name};
use crate::twin::{Change, Request};

/// What visitors say; among it what the bot's flow has answers to.
const WORDS: [&str; 10] = [
    "hello",
    "Person",
    "Person",
    "Person",
    "Sales",
    "pat@home.example",
    "Skip",
    "where is it?",
    "thanks",
    "one more thing",
];

impl World {
    pub(super) fn visitor_does(&mut self) -> Step {
        let browser = self.dice.below(self.browsers.len());
        if self.browsers[browser].tabs.is_empty() {
            return self.opens_tab(browser);
        }
        let at = self.dice.below(self.browsers[browser].tabs.len());
        let page = self.browsers[browser].tabs[at].page;
        let what = self.dice.below(24);
        let cid = self.fresh_cid();
        let waits = self.browsers[browser].tabs[at].client.outbox().len();
        let input = match what {
            // Nobody writes much more while nothing comes through.
            0..=12 if waits > self.dice.below(4) => return Ok(false),
            0..=7 => {
                let text = self.dice.one_of(&WORDS).copied().unwrap_or_default();
                // What the flow has answers to is everybody's; the rest is this visitor's alone.
                let text = match text {
                    "Person" | "Sales" | "Skip" => text.to_owned(),
                    _ if text.contains('@') => format!("{}@home.example", word_of(browser)),
                    _ => format!("{text} {}", word_of(browser)),
                };
                self.browsers[browser].wrote.entry(page).or_default().push(cid);
                end_user::Input::Written { cid, text }
            }
            8..=12 => {
                let offered = self.browsers[browser].tabs[at].client.quick_replies().to_vec();
                let Some(text) = self.dice.one_of(&offered).cloned() else {
                    return Ok(false);
                };
                self.browsers[browser].wrote.entry(page).or_default().push(cid);
                end_user::Input::QuickReply { cid, text }
            }
            13 if self.dice.one_in(2) => end_user::Input::EndPressed { cid },
            14 => end_user::Input::PageShown,
            15 if self.dice.one_in(2) => end_user::Input::PanelHidden,
            15 => end_user::Input::PanelShown,
            16 => end_user::Input::PageHidden,
            17 => end_user::Input::PageShown,
            18 => end_user::Input::Edited("…".to_owned()),
            19 => return self.writes_with_a_used_id(browser, at),
            20 => return self.retries(browser, at, page),
            21 if self.faults.reloads => return self.reloads_tab(browser, at),
            22 if self.faults.reloads && self.browsers[browser].tabs.len() < 3 => {
                return self.opens_tab(browser);
            }
            23 if self.faults.reloads => {
                self.trace.say(|| format!("{} is closed", name(browser, page)));
                let (browsers, widgets) = (&mut self.browsers, &mut self.widgets);
                browsers[browser].closes(at, widgets);
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.trace.say(|| format!("{}: {input:?}", name(browser, page)));
        self.tab(browser, at, input)?;
        Ok(true)
    }

    pub(super) fn opens_tab(&mut self, browser: usize) -> Step {
        let page = PageId(self.fresh());
        self.trace.say(|| format!("{} is opened", name(browser, page)));
        let kept = self.browsers[browser].opens(page);
        let at = self.browsers[browser].tabs.len() - 1;
        self.tab(browser, at, kept)?;
        if self.dice.one_in(2) {
            self.tab(browser, at, end_user::Input::PanelShown)?;
        }
        Ok(true)
    }

    fn reloads_tab(&mut self, browser: usize, at: usize) -> Step {
        let page = self.browsers[browser].tabs[at].page;
        self.trace.say(|| format!("{} is reloaded", name(browser, page)));
        let (browsers, widgets) = (&mut self.browsers, &mut self.widgets);
        browsers[browser].closes(at, widgets);
        self.opens_tab(browser)
    }

    /// A page draws an id that somebody has used: it is refused, and the message keeps its text.
    fn writes_with_a_used_id(&mut self, browser: usize, at: usize) -> Step {
        let used: Vec<_> = self.disk.synced().commands.keys().copied().collect();
        let Some(cid) = self.dice.one_of(&used).copied() else {
            return Ok(false);
        };
        // An id of one's own is that message again; nobody draws one twice in one browser.
        let thread = self.thread_of(browser);
        if self
            .disk
            .synced()
            .commands
            .get(&cid)
            .is_some_and(|known| Some(known.thread) == thread)
        {
            return Ok(false);
        }
        let page = self.browsers[browser].tabs[at].page;
        self.trace
            .say(|| format!("{} writes under an id that is taken: {cid}", name(browser, page)));
        let text = "taken".to_owned();
        self.tab(browser, at, end_user::Input::Written { cid, text })?;
        Ok(true)
    }

    fn retries(&mut self, browser: usize, at: usize, page: PageId) -> Step {
        let failed = self.browsers[browser].tabs[at]
            .client
            .outbox()
            .iter()
            .find(|item| item.is_failed());
        let Some(cid) = failed.map(|item| item.cid) else {
            return Ok(false);
        };
        let fresh = self.fresh_cid();
        self.trace
            .say(|| format!("{} tries {cid} again", name(browser, page)));
        self.tab(browser, at, end_user::Input::RetryPressed { cid, fresh })?;
        Ok(true)
    }

    pub(super) fn agent_does(&mut self) -> Step {
        let at = self.dice.below(self.desks.len());
        if self.desks[at].client.on_their_way().len() > self.dice.below(4) {
            return Ok(false);
        }
        let cid = self.fresh_cid();
        let me = self.desks[at].agent;
        let shown: Vec<TicketId> = self.desks[at]
            .client
            .desk()
            .map(|desk| {
                desk.tickets
                    .iter()
                    .rev()
                    .take(4)
                    .map(|row| row.ticket.id)
                    .collect()
            })
            .unwrap_or_default();
        // Mostly the ticket that is open, or one of the newest; now and then any.
        let ticket = match self.dice.below(8) {
            0..=3 => self.desks[at].client.followed(),
            4..=6 => self.dice.one_of(&shown).copied(),
            _ => Some(TicketId(1 + self.dice.below(12) as u64)),
        };
        let Some(ticket) = ticket.or_else(|| shown.first().copied()) else {
            return Ok(false);
        };
        let update = |update| agent::Input::Asked {
            cid,
            ticket,
            ask: Ask::Update(Box::new(update)),
        };
        let what = self.dice.below(30);
        let input = match what {
            0..=3 => agent::Input::TicketOpened(ticket),
            4 | 5 => update(Update {
                status: Some(Status::Solved),
                ..Update::default()
            }),
            6 => agent::Input::TicketLeft,
            7..=9 => update(Update {
                assignee: Some(Set::To(me)),
                ..Update::default()
            }),
            10 => {
                let to = AgentId(1 + self.dice.below(3) as u64);
                let nobody = self.dice.one_in(3);
                update(Update {
                    assignee: Some(if nobody { Set::Nothing } else { Set::To(to) }),
                    ..Update::default()
                })
            }
            11..=15 => {
                let ways = [
                    CommentTo::Messaging,
                    CommentTo::Messaging,
                    CommentTo::Public,
                    CommentTo::Email,
                    CommentTo::Note,
                ];
                let to = self.dice.one_of(&ways).copied().unwrap_or(CommentTo::Note);
                agent::Input::Replied {
                    cid,
                    ticket,
                    to,
                    text: format!("reply {} {}", cid.0.as_u128() & 0xFFFF, self.word_about(ticket)),
                }
            }
            16..=18 => {
                let some = [
                    Status::Solved,
                    Status::Solved,
                    Status::Pending,
                    Status::Hold,
                    Status::Open,
                    Status::Closed,
                ];
                let status = self.dice.one_of(&some).copied();
                update(Update {
                    status,
                    ..Update::default()
                })
            }
            19 => {
                let priority = self.dice.one_of(&Priority::ALL).copied();
                let group = self.dice.one_in(2).then_some(Set::To(GroupId(1)));
                update(Update {
                    priority,
                    group,
                    tags: Some(vec![format!(
                        "t{}-{}",
                        self.dice.below(3),
                        self.word_about(ticket)
                    )]),
                    ..Update::default()
                })
            }
            20..=22 => agent::Input::Asked {
                cid,
                ticket,
                ask: Ask::End,
            },
            23 => agent::Input::Asked {
                cid,
                ticket,
                ask: Ask::Macro(MacroId(1 + self.dice.below(3) as u64)),
            },
            24..=25 => {
                let all = [
                    Availability::Online,
                    Availability::Online,
                    Availability::Away,
                    Availability::TransfersOnly,
                    Availability::Offline,
                ];
                let to = self.dice.one_of(&all).copied().unwrap_or_default();
                agent::Input::AvailabilityChosen(to)
            }
            26 => agent::Input::Edited {
                ticket,
                text: "draft".to_owned(),
            },
            27 => agent::Input::RefusalRead(ticket),
            28 => agent::Input::PageShown,
            29 if self.faults.reloads => return self.reloads_desk(at),
            _ => return Ok(false),
        };
        self.trace.say(|| format!("agent {me}: {input:?}"));
        self.desk(at, input)?;
        Ok(true)
    }

    /// What is said of whose ticket it is, and of nobody else.
    fn word_about(&self, ticket: TicketId) -> String {
        let its = self.disk.synced().tickets.get(&ticket);
        let browser = (0..self.browsers.len())
            .find(|browser| its.is_some_and(|its| self.thread_of(*browser) == Some(its.thread)));
        browser.map_or_else(|| "of-nobody".to_owned(), word_of)
    }

    fn reloads_desk(&mut self, at: usize) -> Step {
        let page = PageId(self.fresh());
        self.trace
            .say(|| format!("agent {} reloads", self.desks[at].agent));
        let (desks, workspaces) = (&mut self.desks, &mut self.workspaces);
        let kept = desks[at].reloads(page, workspaces);
        self.desk(at, kept)?;
        self.desk(at, agent::Input::Wanted)?;
        Ok(true)
    }

    pub(super) fn business_does(&mut self) -> Step {
        let browser = self.dice.below(self.browsers.len());
        let Some(thread) = self.thread_of(browser) else {
            return Ok(false);
        };
        // Now and then by the key of another site.
        let site = self.browsers[browser].site;
        let site = if self.dice.one_in(8) {
            crate::twin::SiteId(3 - site.0)
        } else {
            site
        };
        let request = match self.dice.below(4) {
            0 | 1 => Request::HandOff { site, thread },
            2 => {
                let Ok(text) = Text::parse("an offer") else {
                    return Ok(false);
                };
                Request::Business {
                    site,
                    thread,
                    cid: self.fresh_cid(),
                    name: "Shop".to_owned(),
                    text,
                    replies: vec!["Person".to_owned()],
                }
            }
            _ => Request::Describe {
                site,
                thread,
                name: Some(format!("Pat {}", word_of(browser))),
                email: self
                    .dice
                    .one_in(2)
                    .then(|| format!("{}@home.example", word_of(browser))),
            },
        };
        Ok(self.asks(request))
    }

    pub(super) fn admin_does(&mut self) -> Step {
        if !self.faults.admin {
            return Ok(false);
        }
        let mut settings = self.disk.synced().settings;
        let change = match self.dice.below(8) {
            0 | 1 => {
                settings.agents_can_end_sessions ^= true;
                Change::SetSettings(settings)
            }
            2 => {
                settings.end_users_can_end_sessions ^= true;
                Change::SetSettings(settings)
            }
            3 => {
                settings.inactive_sessions_count ^= true;
                Change::SetSettings(settings)
            }
            4 => {
                settings.tell_host_page_of_end ^= true;
                Change::SetSettings(settings)
            }
            5 => {
                let minutes = [1, 10, 60];
                settings.inactive_after = Span::minutes(self.dice.one_of(&minutes).copied().unwrap_or(10));
                Change::SetSettings(settings)
            }
            6 => Change::SetSlots {
                agent: AgentId(1 + self.dice.below(3) as u64),
                messaging: self.dice.below(4) as u32,
                email: 5,
            },
            _ => {
                let macros: Vec<_> = self.disk.synced().macros.values().cloned().collect();
                let Some(mut it) = self.dice.one_of(&macros).cloned() else {
                    return Ok(false);
                };
                it.end_session ^= true;
                Change::SaveMacro(it)
            }
        };
        Ok(self.changes(change))
    }
}
