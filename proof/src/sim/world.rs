//! The whole world at one moment, and what can happen to its pages and their sockets. What happens when is `steps`' to
//! choose; the node's side is in `serving`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use causerie_core::bot::Flow;
use causerie_core::client::agent;
use causerie_core::client::end_user::{self, HostEvent};
use causerie_core::time::Span;
use causerie_core::wire::end_user::Down;
use causerie_core::{ChatThreadId, ClientMessageId, Timestamp};
use uuid::Uuid;

use super::backups::Backup;
use super::browser::{self, Browser, Tab};
use super::checks::{Acknowledged, Check, Decisions, History, desk_shows, keeps_what_was_written, tab_shows};
use super::desk::{self, Desk};
use super::dice::Dice;
use super::disk::Disk;
use super::node::Process;
use super::node::agent_socket::AgentSocket;
use super::node::told::{AgentNotice, ThreadNotice};
use super::node::visitor_socket::VisitorSocket;
use super::wire::{PageId, SocketId};
use super::{Faults, Trace};
use crate::twin::Rows;

/// The bot greets, asks for an email, and hands off when a person is asked for.
pub(super) static FLOW: LazyLock<Flow> = LazyLock::new(|| {
    let flow = Flow::parse(
        r#"
        default_locale = "en"
        start = "menu"
        welcome = "Hi"
        unclear = "I did not get that."
        not_an_email = "That is no address."
        nobody_available = "Nobody is here."
        [[step]]
        id = "menu"
        say = "How can I help?"
        [[step.replies]]
        label = "Person"
        goto = "people"
        [[step.replies]]
        label = "Sales"
        goto = "email"
        [[step]]
        id = "email"
        say = "Where can we write to you?"
        collect = "email"
        skip = "Skip"
        goto = "sales"
        [[step]]
        id = "sales"
        tags = ["sales"]
        say = "A moment."
        hand_off = { group = "Sales" }
        [[step]]
        id = "people"
        say = "A moment."
        hand_off = true
        "#,
    );
    match flow {
        Ok(flow) => flow,
        Err(faults) => unreachable!("the simulator's own flow: {faults:?}"),
    }
});

/// Everything.
#[derive(Debug)]
pub struct World {
    /// What may go wrong.
    pub faults: Faults,
    /// The dice.
    pub dice: Dice,
    /// The true time.
    pub now: Timestamp,
    /// The node's clock, against it.
    pub skew: Span,
    /// The disk.
    pub disk: Disk,
    /// The process, while it runs.
    pub process: Option<Process>,
    /// The visitors.
    pub browsers: Vec<Browser>,
    /// The agents.
    pub desks: Vec<Desk>,
    /// The widgets' sockets.
    pub widgets: browser::Sockets,
    /// The workspaces' sockets.
    pub workspaces: desk::Sockets,
    /// Notices that come late.
    pub late: Vec<Late>,
    /// What was safe before.
    pub history: History,
    /// What clients were told that stands.
    pub acknowledged: Acknowledged,
    /// What was decided.
    pub decisions: Decisions,
    /// What happened, for people.
    pub trace: Trace,
    /// Crash when the disk has taken so many writes.
    pub crash_at: Option<u64>,
    /// How often the process died.
    pub crashes: u64,
    /// The last backup.
    pub backup: Option<Box<Backup>>,
    /// How often one was put back.
    pub restores: u64,
    next: u64,
    pub(super) draw: u64,
}

/// A notice on its way to one listener.
#[derive(Clone, Debug)]
pub enum Late {
    /// Of a widget.
    Visitor(SocketId, ThreadNotice),
    /// Of a workspace.
    Agent(SocketId, AgentNotice),
}

impl World {
    /// An installation with its rows, and nobody there yet.
    #[must_use]
    pub fn new(seed: u64, faults: Faults, trace: Trace, rows: Rows, now: Timestamp) -> Self {
        let disk = Disk::new(rows);
        let process = Process::start(&disk, now);
        Self {
            faults,
            dice: Dice::new(seed),
            now,
            skew: Span(0),
            disk,
            process: Some(process),
            browsers: Vec::new(),
            desks: Vec::new(),
            widgets: BTreeMap::new(),
            workspaces: BTreeMap::new(),
            late: Vec::new(),
            history: History::default(),
            acknowledged: Acknowledged::default(),
            decisions: Decisions::default(),
            trace,
            crash_at: None,
            crashes: 0,
            backup: None,
            restores: 0,
            next: 0,
            draw: 0,
        }
    }

    /// The time as the node's clock shows it.
    #[must_use]
    pub const fn machine_time(&self) -> Timestamp {
        self.now.after(self.skew)
    }

    /// A number that was never given before.
    pub const fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A client id that was never given before.
    pub fn fresh_cid(&mut self) -> ClientMessageId {
        let number = self.fresh();
        ClientMessageId(Uuid::from_u128((9 << 64) | u128::from(number)))
    }

    /// The chat thread of a visitor.
    #[must_use]
    pub fn thread_of(&self, browser: usize) -> Option<ChatThreadId> {
        let its = &self.browsers[browser];
        self.disk.synced().thread_of(its.site, its.secret_hash())
    }

    /// Something happens to a tab.
    pub fn tab(&mut self, browser: usize, at: usize, input: end_user::Input) -> Check {
        let socket = self.browsers[browser].tabs[at].socket;
        let of_before = socket.is_some_and(|id| self.widgets.get(&id).is_some_and(|its| its.of_before));
        if let end_user::Input::Frame(Down::Ack(ack)) = &input
            && !of_before
        {
            self.acknowledged.told(ack, &self.history)?;
        }
        let random = self.dice.random();
        let asked =
            self.browsers[browser].feed(at, input, self.now, random, &mut self.widgets, &mut self.next);
        for event in asked.host {
            self.host_hears(browser, at, event);
        }
        let client = &self.browsers[browser].tabs[at].client;
        tab_shows(client, self.thread_of(browser), self.disk.synced(), &self.history)
    }

    fn host_hears(&mut self, browser: usize, at: usize, event: HostEvent) {
        let its = &mut self.browsers[browser];
        let page = its.tabs[at].page;
        match event {
            HostEvent::Refused(refused) => {
                self.trace
                    .say(|| format!("{} hears {}", name(browser, page), refused.code));
                for wrote in its.wrote.values_mut() {
                    wrote.retain(|cid| Some(*cid) != refused.cid);
                }
            }
            HostEvent::Unread(_)
            | HostEvent::ConversationStarted { .. }
            | HostEvent::SessionEnded { .. }
            | HostEvent::TokenWanted { .. }
            | HostEvent::LoggedIn { .. }
            | HostEvent::Stands(_) => {}
        }
    }

    /// Something happens at a desk.
    pub fn desk(&mut self, at: usize, input: agent::Input) -> Check {
        let random = self.dice.random();
        let written = self.desks[at].written();
        let refusals = self.desks[at].feed(input, self.now, random, &mut self.workspaces, &mut self.next);
        keeps_what_was_written(&self.desks[at], &written, &refusals)?;
        for refused in refusals {
            self.trace
                .say(|| format!("agent {} hears {}", self.desks[at].agent, refused.code));
        }
        desk_shows(&self.desks[at].client, self.disk.synced(), &self.history)
    }

    /// A widget's socket opens, or doesn't.
    pub fn opens_widget(&mut self, id: SocketId) -> Check {
        let Some((browser, at)) = self.tab_of(id) else {
            return Ok(());
        };
        let reachable = self.process.is_some() && self.browsers[browser].online;
        match (self.widgets.get_mut(&id), &mut self.process) {
            (Some(socket), Some(process)) if reachable => {
                (socket.open, socket.served) = (true, true);
                process.visitors.insert(id, VisitorSocket::default());
                self.tab(browser, at, end_user::Input::SocketOpened)
            }
            _ => self.breaks_widget(id, 1006),
        }
    }

    /// A widget's socket is gone, and its page notices.
    pub fn breaks_widget(&mut self, id: SocketId, code: u16) -> Check {
        let holder = self.tab_of(id);
        self.widgets.remove(&id);
        if let Some(process) = &mut self.process {
            process.visitors.remove(&id);
        }
        let Some((browser, at)) = holder else {
            return Ok(());
        };
        self.browsers[browser].tabs[at].socket = None;
        self.tab(browser, at, end_user::Input::SocketClosed { code })
    }

    /// A workspace's socket opens, or doesn't.
    pub fn opens_workspace(&mut self, id: SocketId) -> Check {
        let Some(at) = self.desk_of(id) else { return Ok(()) };
        let reachable = self.process.is_some() && self.desks[at].online;
        match (self.workspaces.get_mut(&id), &mut self.process) {
            (Some(socket), Some(process)) if reachable => {
                (socket.open, socket.served) = (true, true);
                process.agents.insert(id, AgentSocket::default());
                self.desk(at, agent::Input::SocketOpened)
            }
            _ => self.breaks_workspace(id, 1006),
        }
    }

    /// A workspace's socket is gone, and its page notices.
    pub fn breaks_workspace(&mut self, id: SocketId, code: u16) -> Check {
        let holder = self.desk_of(id);
        self.workspaces.remove(&id);
        if let Some(process) = &mut self.process {
            process.agents.remove(&id);
        }
        let Some(at) = holder else { return Ok(()) };
        self.desks[at].socket = None;
        self.desk(at, agent::Input::SocketClosed { code })
    }

    /// A desk gets its connect token, or hears that there is none to be had.
    pub fn gets_token(&mut self, at: usize) -> Check {
        self.desks[at].wants_token = false;
        let input = if self.process.is_some() && self.desks[at].online {
            agent::Input::ConnectToken(self.desks[at].agent.to_string())
        } else {
            agent::Input::NoConnectToken { signed_out: false }
        };
        self.desk(at, input)
    }

    /// A page hears the next frame of its socket; answers whether there was one.
    pub fn delivers_widget(&mut self, id: SocketId) -> Result<bool, String> {
        let Some((browser, at)) = self.tab_of(id) else {
            return Ok(false);
        };
        let frame = self
            .widgets
            .get_mut(&id)
            .and_then(|socket| socket.down.pop_front());
        let Some(frame) = frame else { return Ok(false) };
        let page = self.browsers[browser].tabs[at].page;
        self.trace
            .say(|| format!("{} hears {frame:?}", name(browser, page)));
        self.tab(browser, at, end_user::Input::Frame(frame))?;
        Ok(true)
    }

    /// As [`World::delivers_widget`], at a desk.
    pub fn delivers_workspace(&mut self, id: SocketId) -> Result<bool, String> {
        let Some(at) = self.desk_of(id) else {
            return Ok(false);
        };
        let frame = self
            .workspaces
            .get_mut(&id)
            .and_then(|socket| socket.down.pop_front());
        let Some(frame) = frame else { return Ok(false) };
        self.trace
            .say(|| format!("agent {} hears {frame:?}", self.desks[at].agent));
        self.desk(at, agent::Input::Frame(frame))?;
        Ok(true)
    }

    /// Which tab holds a socket.
    #[must_use]
    pub fn tab_of(&self, id: SocketId) -> Option<(usize, usize)> {
        self.browsers.iter().enumerate().find_map(|(browser, its)| {
            let at = its.tabs.iter().position(|tab: &Tab| tab.socket == Some(id))?;
            Some((browser, at))
        })
    }

    /// Which desk holds a socket.
    #[must_use]
    pub fn desk_of(&self, id: SocketId) -> Option<usize> {
        self.desks.iter().position(|desk| desk.socket == Some(id))
    }
}

/// What becomes of a notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It comes.
    Comes,
    /// It is lost.
    IsLost,
    /// It comes twice.
    ComesTwice,
    /// It comes late.
    IsLate,
}

/// How a tab is called.
#[must_use]
pub fn name(browser: usize, page: PageId) -> String {
    format!("visitor {browser}'s page {}", page.0)
}
