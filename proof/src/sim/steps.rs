//! What happens next: drawn by the dice among all that can.

use causerie_core::agent::Availability;
use causerie_core::client::agent::{self, Ask};
use causerie_core::client::end_user;
use causerie_core::message::Text;
use causerie_core::ticket::{CommentTo, Priority, Set, Status, Update};
use causerie_core::time::Span;
use causerie_core::{AgentId, GroupId, MacroId, TicketId};

use super::checks::Check;
use super::wire::{PageId, SocketId, Spoil, spoil};
use super::world::{World, name};
use crate::twin::{Change, Request};

/// What visitors say; among it what the bot's flow has answers to.
const WORDS: [&str; 8] = [
    "hello",
    "Person",
    "Sales",
    "pat@home.example",
    "Skip",
    "where is it?",
    "thanks",
    "one more thing",
];

/// How often a step that cannot happen is drawn again.
const TRIES: usize = 40;

/// Whether something happened.
type Step = Result<bool, String>;

impl World {
    /// Something happens.
    ///
    /// # Errors
    /// Which invariant is broken by it.
    pub fn step(&mut self) -> Check {
        for _ in 0..TRIES {
            if self.something()? {
                return Ok(());
            }
        }
        // Time always passes.
        self.passes(Span(1000))
    }

    fn something(&mut self) -> Step {
        match self.dice.below(200) {
            0..=9 => self.visitor_does(),
            10..=23 => self.agent_does(),
            24..=27 => self.business_does(),
            28..=30 => self.admin_does(),
            31..=60 => self.a_socket_hears(),
            61..=95 => self.a_page_hears(),
            96..=115 => Ok(self.a_socket_passes_on()),
            116..=119 => Ok(self.late_comes()),
            120..=150 => self.the_writer_writes(),
            151..=160 => Ok(self.works(false)),
            161..=163 => Ok(self.works(true)),
            164..=165 => Ok(self.an_agent_socket_looks()),
            166..=170 => self.something_connects(),
            171..=174 => self.a_tab_hears_another(),
            175..=190 => self.time_passes(),
            _ => self.something_goes_wrong(),
        }
    }

    fn visitor_does(&mut self) -> Step {
        let browser = self.dice.below(self.browsers.len());
        if self.browsers[browser].tabs.is_empty() {
            return self.opens_tab(browser);
        }
        let at = self.dice.below(self.browsers[browser].tabs.len());
        let page = self.browsers[browser].tabs[at].page;
        let what = self.dice.below(24);
        let cid = self.fresh_cid();
        let input = match what {
            0..=9 => {
                let text = self.dice.one_of(&WORDS).copied().unwrap_or_default().to_owned();
                self.browsers[browser].wrote.entry(page).or_default().push(cid);
                end_user::Input::Written { cid, text }
            }
            10..=12 => {
                let offered = self.browsers[browser].tabs[at].client.quick_replies().to_vec();
                let Some(text) = self.dice.one_of(&offered).cloned() else {
                    return Ok(false);
                };
                self.browsers[browser].wrote.entry(page).or_default().push(cid);
                end_user::Input::QuickReply { cid, text }
            }
            13 => end_user::Input::EndPressed { cid },
            14 => end_user::Input::PanelHidden,
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

    fn agent_does(&mut self) -> Step {
        let at = self.dice.below(self.desks.len());
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
            0..=5 => agent::Input::TicketOpened(ticket),
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
                    text: format!("reply {}", cid.0.as_u128() & 0xFFFF),
                }
            }
            16..=18 => {
                let status = self.dice.one_of(&Status::ALL).copied();
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
                    tags: Some(vec![format!("t{}", self.dice.below(3))]),
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

    fn business_does(&mut self) -> Step {
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
                name: Some("Pat".to_owned()),
                email: self.dice.one_in(2).then(|| "pat@home.example".to_owned()),
            },
        };
        Ok(self.asks(request))
    }

    fn admin_does(&mut self) -> Step {
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

    fn a_socket_hears(&mut self) -> Step {
        if self.dice.one_in(2) {
            let ids: Vec<SocketId> = self.widgets.keys().copied().collect();
            Ok(self
                .dice
                .one_of(&ids)
                .copied()
                .is_some_and(|id| self.hears_widget(id)))
        } else {
            let ids: Vec<SocketId> = self.workspaces.keys().copied().collect();
            Ok(self
                .dice
                .one_of(&ids)
                .copied()
                .is_some_and(|id| self.hears_workspace(id)))
        }
    }

    fn a_page_hears(&mut self) -> Step {
        if self.dice.one_in(2) {
            let ids: Vec<SocketId> = self.widgets.keys().copied().collect();
            self.dice
                .one_of(&ids)
                .copied()
                .map_or(Ok(false), |id| self.delivers_widget(id))
        } else {
            let ids: Vec<SocketId> = self.workspaces.keys().copied().collect();
            self.dice
                .one_of(&ids)
                .copied()
                .map_or(Ok(false), |id| self.delivers_workspace(id))
        }
    }

    fn a_socket_passes_on(&mut self) -> bool {
        let Some(process) = &self.process else {
            return false;
        };
        let ids: Vec<SocketId> = process
            .visitors
            .keys()
            .chain(process.agents.keys())
            .copied()
            .collect();
        self.dice
            .one_of(&ids)
            .copied()
            .is_some_and(|id| self.passes_on(id))
    }

    fn an_agent_socket_looks(&mut self) -> bool {
        let Some(process) = &mut self.process else {
            return false;
        };
        let ids: Vec<SocketId> = process.agents.keys().copied().collect();
        let Some(id) = self.dice.one_of(&ids) else {
            return false;
        };
        match (process.agents.get_mut(id), self.workspaces.get_mut(id)) {
            (Some(its), Some(socket)) => {
                its.look(self.disk.synced(), &mut socket.down);
                true
            }
            _ => false,
        }
    }

    fn the_writer_writes(&mut self) -> Step {
        if self.answers() {
            return Ok(true);
        }
        let most = 1 + self.dice.below(6);
        // A write is quick: several of them, but now and then something comes in between.
        let mut any = false;
        for _ in 0..=self.dice.below(12) {
            let happened = self.writer(most)?;
            any |= happened;
            if !happened {
                break;
            }
        }
        Ok(any)
    }

    fn something_connects(&mut self) -> Step {
        if self.starts() {
            return Ok(true);
        }
        let tokens: Vec<usize> = (0..self.desks.len())
            .filter(|at| self.desks[*at].wants_token)
            .collect();
        if let Some(at) = self.dice.one_of(&tokens).copied() {
            self.gets_token(at)?;
            return Ok(true);
        }
        let opening: Vec<SocketId> = self
            .widgets
            .iter()
            .filter(|(_, it)| !it.open)
            .map(|(id, _)| *id)
            .collect();
        if let Some(id) = self.dice.one_of(&opening).copied() {
            self.opens_widget(id)?;
            return Ok(true);
        }
        let opening: Vec<SocketId> = self
            .workspaces
            .iter()
            .filter(|(_, it)| !it.open)
            .map(|(id, _)| *id)
            .collect();
        if let Some(id) = self.dice.one_of(&opening).copied() {
            self.opens_workspace(id)?;
            return Ok(true);
        }
        let dead: Vec<SocketId> = self
            .widgets
            .iter()
            .filter(|(_, it)| it.open && !it.served)
            .map(|(id, _)| *id)
            .collect();
        if let Some(id) = self.dice.one_of(&dead).copied() {
            self.breaks_widget(id, 1006)?;
            return Ok(true);
        }
        let dead: Vec<SocketId> = self
            .workspaces
            .iter()
            .filter(|(_, it)| it.open && !it.served)
            .map(|(id, _)| *id)
            .collect();
        if let Some(id) = self.dice.one_of(&dead).copied() {
            self.breaks_workspace(id, 1006)?;
            return Ok(true);
        }
        Ok(false)
    }

    pub(super) fn a_tab_hears_another(&mut self) -> Step {
        let told: Vec<(usize, usize)> = self
            .browsers
            .iter()
            .enumerate()
            .flat_map(|(browser, its)| {
                let told = its
                    .tabs
                    .iter()
                    .enumerate()
                    .filter(|(_, tab)| !tab.told.is_empty());
                told.map(move |(at, _)| (browser, at))
            })
            .collect();
        let Some((browser, at)) = self.dice.one_of(&told).copied() else {
            return Ok(false);
        };
        let Some(input) = self.browsers[browser].tabs[at].told.pop_front() else {
            return Ok(false);
        };
        self.tab(browser, at, input)?;
        Ok(true)
    }

    fn time_passes(&mut self) -> Step {
        let span = match self.dice.below(40) {
            0..=29 => Span(self.dice.below(3_000) as i64),
            30..=36 => Span(self.dice.below(30_000) as i64),
            37 => Span::minutes(1 + self.dice.below(15) as i64),
            38 => Span::hours(1 + self.dice.below(30) as i64),
            _ if self.dice.one_in(4) => Span::days(5),
            _ => return Ok(false),
        };
        self.passes(span)?;
        Ok(true)
    }

    /// Time passes, and whoever wanted to be woken is.
    pub(super) fn passes(&mut self, span: Span) -> Check {
        self.now = self.now.after(span);
        self.trace.say(|| format!("{} ms pass", span.0));
        for browser in 0..self.browsers.len() {
            for at in 0..self.browsers[browser].tabs.len() {
                let tab = &mut self.browsers[browser].tabs[at];
                if tab.wake.is_some_and(|wake| wake <= self.now) {
                    tab.wake = None;
                    self.tab(browser, at, end_user::Input::TimerFired)?;
                }
            }
        }
        for at in 0..self.desks.len() {
            if self.desks[at].wake.is_some_and(|wake| wake <= self.now) {
                self.desks[at].wake = None;
                self.desk(at, agent::Input::TimerFired)?;
            }
        }
        Ok(())
    }

    fn something_goes_wrong(&mut self) -> Step {
        match self.dice.below(40) {
            0 if self.faults.crashes && self.process.is_some() && self.crash_at.is_none() => {
                let power = self.dice.one_in(2);
                self.crashes(power)?;
                Ok(true)
            }
            1 | 2 if self.faults.full => Ok(self.disk_refuses()),
            4..=9 if self.faults.frames => Ok(self.spoils()),
            10..=12 if self.faults.cuts => self.cuts(),
            13 if self.faults.cuts => {
                let browser = self.dice.below(self.browsers.len());
                self.browsers[browser].online ^= true;
                Ok(true)
            }
            15 if self.faults.cuts => {
                let at = self.dice.below(self.desks.len());
                self.desks[at].online ^= true;
                Ok(true)
            }
            16 | 17 if self.faults.jumps => Ok(self.a_clock_jumps()),
            _ => Ok(false),
        }
    }

    fn a_clock_jumps(&mut self) -> bool {
        let by = match self.dice.below(6) {
            0 => Span(-1000 * self.dice.below(100) as i64),
            1 => Span::minutes(-(self.dice.below(600) as i64)),
            2 => Span::days(365),
            3 => Span::days(-365),
            _ => Span(1000 * self.dice.below(100) as i64),
        };
        match self.dice.below(3) {
            0 => {
                self.skew = Span(self.skew.0 + by.0);
                self.trace
                    .say(|| format!("the node's clock jumps by {} s", by.0 / 1000));
            }
            1 => {
                let browser = self.dice.below(self.browsers.len());
                let its = &mut self.browsers[browser];
                its.skew = Span(its.skew.0 + by.0);
                self.trace
                    .say(|| format!("visitor {browser}'s clock jumps by {} s", by.0 / 1000));
            }
            _ => {
                let at = self.dice.below(self.desks.len());
                let its = &mut self.desks[at];
                its.skew = Span(its.skew.0 + by.0);
                let agent = its.agent;
                self.trace
                    .say(|| format!("agent {agent}'s clock jumps by {} s", by.0 / 1000));
            }
        }
        true
    }

    fn spoils(&mut self) -> bool {
        let (how, at) = (
            self.dice
                .one_of(&[Spoil::Lose, Spoil::Double, Spoil::Overtake])
                .copied()
                .unwrap_or(Spoil::Lose),
            self.dice.below(64),
        );
        let up = self.dice.one_in(2);
        let ids: Vec<SocketId> = self.widgets.keys().copied().collect();
        let Some(id) = self.dice.one_of(&ids).copied() else {
            return false;
        };
        let Some(socket) = self.widgets.get_mut(&id) else {
            return false;
        };
        let done = if up {
            spoil(&mut socket.up, how, at)
        } else {
            spoil(&mut socket.down, how, at)
        };
        socket.spoiled |= done;
        if done {
            self.trace.say(|| format!("a frame of socket {}: {how:?}", id.0));
        }
        done
    }

    fn cuts(&mut self) -> Step {
        let ids: Vec<SocketId> = self.widgets.keys().copied().collect();
        let others: Vec<SocketId> = self.workspaces.keys().copied().collect();
        let code = if self.dice.one_in(4) { 4008 } else { 1006 };
        let widget = self.dice.one_in(2);
        let Some(id) = self.dice.one_of(if widget { &ids } else { &others }).copied() else {
            return Ok(false);
        };
        self.trace.say(|| format!("socket {} is cut", id.0));
        if widget {
            self.breaks_widget(id, code)?;
        } else {
            self.breaks_workspace(id, code)?;
        }
        Ok(true)
    }
}
