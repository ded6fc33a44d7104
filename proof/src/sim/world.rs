//! The whole world at one moment, and what can happen to its parts. What happens when is `steps`' to choose.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use causerie_core::bot::Flow;
use causerie_core::client::agent;
use causerie_core::client::end_user::{self, HostEvent};
use causerie_core::time::Span;
use causerie_core::wire::end_user::Down;
use causerie_core::{ChatThreadId, ClientMessageId, SessionId, Timestamp};
use uuid::Uuid;

use super::browser::{self, Browser, Tab};
use super::checks::{Acknowledged, Check, Decisions, History, desk_shows, tab_shows};
use super::desk::{self, Desk};
use super::dice::Dice;
use super::disk::Disk;
use super::node::told::{AgentNotice, ThreadNotice, Told};
use super::node::{Asked, From, Process, Settled, Wrote};
use super::wire::{PageId, Socket, SocketId};
use super::{Faults, Trace};
use crate::twin::{Change, Request, Rows};

/// The bot greets, asks for an email, and hands off when a person is asked for.
static FLOW: LazyLock<Flow> = LazyLock::new(|| {
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
    next: u64,
    draw: u64,
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
        if let end_user::Input::Frame(Down::Ack(ack)) = &input {
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
            | HostEvent::Stands(_) => {}
        }
    }

    /// Something happens at a desk.
    pub fn desk(&mut self, at: usize, input: agent::Input) -> Check {
        let random = self.dice.random();
        let refusals = self.desks[at].feed(input, self.now, random, &mut self.workspaces, &mut self.next);
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
                process
                    .visitors
                    .insert(id, super::node::visitor_socket::VisitorSocket::default());
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
                process
                    .agents
                    .insert(id, super::node::agent_socket::AgentSocket::default());
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

    /// The node hears the next frame of a widget's socket; answers whether there was one it could hear.
    pub fn hears_widget(&mut self, id: SocketId) -> bool {
        let (Some(process), Some(socket)) = (&mut self.process, self.widgets.get_mut(&id)) else {
            return false;
        };
        let Some(its) = process.visitors.get_mut(&id).filter(|its| !its.asks) else {
            return false;
        };
        let Some(frame) = socket.up.pop_front() else {
            return false;
        };
        let page = socket.page;
        self.trace
            .say(|| format!("the node hears {frame:?} of page {}", page.0));
        if let Some((cid, request)) = its.heard(frame, self.disk.synced(), &mut socket.down) {
            process.ask(From::Visitor(id, cid), Asked::Request(request));
        }
        self.tidy_widget(id);
        true
    }

    /// The node hears the next frame of a workspace's socket; answers whether there was one it could hear.
    pub fn hears_workspace(&mut self, id: SocketId) -> bool {
        use super::node::agent_socket::Asks;
        let (Some(process), Some(socket)) = (&mut self.process, self.workspaces.get_mut(&id)) else {
            return false;
        };
        let Some(its) = process.agents.get_mut(&id).filter(|its| !its.asks) else {
            return false;
        };
        let Some(frame) = socket.up.pop_front() else {
            return false;
        };
        let page = socket.page;
        self.trace
            .say(|| format!("the node hears {frame:?} of page {}", page.0));
        match its.heard(frame, self.disk.synced(), &mut socket.down) {
            Some(Asks::Request(cid, request)) => {
                process.ask(From::Agent(id, Some(cid)), Asked::Request(request));
            }
            Some(Asks::Change(change)) => process.ask(From::Agent(id, None), Asked::Change(change)),
            None => {}
        }
        self.tidy_workspace(id);
        true
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

    /// A socket of the node's passes on the next notice; answers whether there was one.
    pub fn passes_on(&mut self, id: SocketId) -> bool {
        let Some(process) = &mut self.process else {
            return false;
        };
        let rows = self.disk.synced();
        if let (Some(its), Some(socket)) = (process.visitors.get_mut(&id), self.widgets.get_mut(&id))
            && let Some(notice) = its.mailbox.pop_front()
        {
            its.told(notice, rows, &mut socket.down);
            return true;
        }
        if let (Some(its), Some(socket)) = (process.agents.get_mut(&id), self.workspaces.get_mut(&id))
            && let Some(notice) = its.mailbox.pop_front()
        {
            its.told(notice, rows, &mut socket.down);
            return true;
        }
        false
    }

    /// The writer takes up to so many commands, or brings what it has in hand one write further; what is safe then is
    /// answered and told.
    pub fn writer(&mut self, most: usize) -> Result<bool, String> {
        let now = self.machine_time();
        let Some(process) = &mut self.process else {
            return Ok(false);
        };
        let wrote = process.writes(
            most,
            &mut self.disk,
            now,
            &mut self.draw,
            &FLOW,
            &mut self.decisions,
        );
        if let Some(broken) = &self.decisions.broken {
            return Err(broken.clone());
        }
        let happened = match wrote {
            Wrote::Nothing => false,
            Wrote::Took(count) => {
                self.trace.say(|| format!("the writer decides {count}"));
                true
            }
            Wrote::Row => true,
            Wrote::Commit => {
                self.trace.say(|| "the writer commits".to_owned());
                true
            }
            Wrote::Sync => {
                self.trace.say(|| "the disk has synced".to_owned());
                self.history.grows(self.disk.synced())?;
                true
            }
        };
        if self.crash_at.is_some_and(|at| self.disk.writes >= at) {
            self.crash_at = None;
            let power = self.dice.one_in(2);
            self.crashes(power)?;
            return Ok(true);
        }
        Ok(happened)
    }

    /// What is safe is answered and told; answers whether there was something.
    pub fn answers(&mut self) -> bool {
        let settled = self.process.as_mut().and_then(Process::answers);
        settled.is_some_and(|settled| self.tells(settled))
    }

    /// The disk is full for a moment.
    pub fn disk_refuses(&mut self) -> bool {
        let settled = self
            .process
            .as_mut()
            .and_then(|process| process.fails_to_commit(&mut self.disk));
        let Some(settled) = settled else { return false };
        self.trace
            .say(|| format!("the disk is full: {} commands are refused", settled.len()));
        self.tells(settled);
        true
    }

    fn tells(&mut self, settled: Vec<(From, Settled)>) -> bool {
        let any = !settled.is_empty();
        for (from, settled) in settled {
            match settled {
                Settled::Request(result, told) => {
                    let answer = match &result {
                        Ok(done) => Ok(done.answer),
                        Err(why) => Err(*why),
                    };
                    self.answers_request(from, answer);
                    if answer.is_ok() {
                        self.notifies(&told);
                    }
                }
                Settled::Change(result, change) => {
                    let told = if result.is_ok() {
                        Process::told_of(&change)
                    } else {
                        Vec::new()
                    };
                    self.answers_change(from, result.map(|done| done.changed), &change);
                    self.notifies(&Told {
                        agents: told,
                        ..Told::default()
                    });
                }
            }
        }
        any
    }

    fn answers_request(&mut self, from: From, answer: Result<crate::twin::Answer, crate::twin::Refusal>) {
        let Some(process) = &mut self.process else { return };
        let rows = self.disk.synced();
        match from {
            From::Visitor(id, cid) => {
                if let (Some(its), Some(socket)) = (process.visitors.get_mut(&id), self.widgets.get_mut(&id))
                {
                    its.answered(cid, answer, rows, &mut socket.down);
                }
                self.tidy_widget(id);
            }
            From::Agent(id, Some(cid)) => {
                if let (Some(its), Some(socket)) = (process.agents.get_mut(&id), self.workspaces.get_mut(&id))
                {
                    its.answered(cid, answer, &mut socket.down);
                }
                self.tidy_workspace(id);
            }
            From::Worker => process.worker.answered(answer.map(|_| ()), rows),
            From::Agent(_, None) | From::Api => {}
        }
    }

    fn answers_change(
        &mut self,
        from: From,
        answer: Result<crate::twin::Changed, crate::twin::Refusal>,
        change: &Change,
    ) {
        let Some(process) = &mut self.process else { return };
        match (from, change) {
            (From::Worker, Change::Finish(_)) => process.worker.finished(),
            (From::Agent(id, _), _) => {
                if let (Some(its), Some(socket)) = (process.agents.get_mut(&id), self.workspaces.get_mut(&id))
                {
                    its.changed(answer, &mut socket.down);
                }
                self.tidy_workspace(id);
            }
            (From::Worker | From::Visitor(..) | From::Api, _) => {}
        }
    }

    /// Tells whoever listens; a notice may get lost, come twice or come late.
    fn notifies(&mut self, told: &Told) {
        let Some(process) = &mut self.process else { return };
        for notice in &told.thread {
            for (id, its) in &mut process.visitors {
                if its.whose().is_some() && its.whose() == told.whose {
                    match self.faults.of_notice(&mut self.dice) {
                        Fate::Comes => its.mailbox.push_back(notice.clone()),
                        Fate::IsLost => {}
                        Fate::ComesTwice => its.mailbox.extend([notice.clone(), notice.clone()]),
                        Fate::IsLate => self.late.push(Late::Visitor(*id, notice.clone())),
                    }
                }
            }
        }
        for notice in &told.agents {
            for (id, its) in &mut process.agents {
                if its.listens() {
                    match self.faults.of_notice(&mut self.dice) {
                        Fate::Comes => its.mailbox.push_back(notice.clone()),
                        Fate::IsLost => {}
                        Fate::ComesTwice => its.mailbox.extend([notice.clone(), notice.clone()]),
                        Fate::IsLate => self.late.push(Late::Agent(*id, notice.clone())),
                    }
                }
            }
        }
    }

    /// A notice that was late comes; answers whether there was one.
    pub fn late_comes(&mut self) -> bool {
        if self.late.is_empty() {
            return false;
        }
        let at = self.dice.below(self.late.len());
        let late = self.late.remove(at);
        let Some(process) = &mut self.process else {
            return true;
        };
        match late {
            Late::Visitor(id, notice) => {
                if let Some(its) = process.visitors.get_mut(&id) {
                    its.mailbox.push_back(notice);
                }
            }
            Late::Agent(id, notice) => {
                if let Some(its) = process.agents.get_mut(&id) {
                    its.mailbox.push_back(notice);
                }
            }
        }
        true
    }

    /// The worker looks for work, or asks for the next thing; answers whether it did.
    pub fn works(&mut self, sweeps: bool) -> bool {
        use super::node::worker::Wants;
        let now = self.machine_time();
        let Some(process) = &mut self.process else {
            return false;
        };
        let looked = process
            .worker
            .looks(self.disk.synced(), now, sweeps, process.since);
        match process.worker.wants() {
            Some(Wants::Request(request)) => {
                self.trace.say(|| format!("the worker asks {request:?}"));
                process.ask(From::Worker, Asked::Request(request));
                true
            }
            Some(Wants::Finish(job)) => {
                process.ask(From::Worker, Asked::Change(Change::Finish(job)));
                true
            }
            None => looked,
        }
    }

    /// Somebody asks by an API, and does not look at the answer.
    pub fn asks(&mut self, request: Request) -> bool {
        let Some(process) = &mut self.process else {
            return false;
        };
        self.trace.say(|| format!("the business asks {request:?}"));
        process.ask(From::Api, Asked::Request(request));
        true
    }

    /// An admin changes something.
    pub fn changes(&mut self, change: Change) -> bool {
        let Some(process) = &mut self.process else {
            return false;
        };
        self.trace.say(|| format!("an admin asks {change:?}"));
        process.ask(From::Api, Asked::Change(change));
        true
    }

    /// The process dies; with the power, the disk loses what it has not synced, from some write on.
    pub fn crashes(&mut self, power: bool) -> Check {
        self.process = None;
        self.crashes += 1;
        let lost = if power {
            self.disk.loses_power(&mut self.dice)
        } else {
            self.disk.survives_a_kill()
        };
        self.trace.say(|| {
            let how = if power {
                "the power is cut"
            } else {
                "the process is killed"
            };
            format!("{how}: {lost} writes are lost")
        });
        self.late.clear();
        for socket in self.widgets.values_mut() {
            socket.served = false;
            socket.up.clear();
        }
        for socket in self.workspaces.values_mut() {
            socket.served = false;
            socket.up.clear();
        }
        self.widgets.retain(|_, socket| !socket.is_over());
        self.workspaces.retain(|_, socket| !socket.is_over());
        self.history.grows(self.disk.synced())?;
        self.acknowledged.are_safe(self.disk.synced(), &self.history)
    }

    /// The process starts again, on what the disk has.
    pub fn starts(&mut self) -> bool {
        if self.process.is_some() {
            return false;
        }
        self.trace.say(|| "the process starts".to_owned());
        self.process = Some(Process::start(&self.disk, self.machine_time()));
        true
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

    /// A socket that its page has left and that has nothing more to say goes.
    fn tidy_widget(&mut self, id: SocketId) {
        if self.widgets.get(&id).is_some_and(Socket::is_over) {
            self.widgets.remove(&id);
            if let Some(process) = &mut self.process {
                process.visitors.remove(&id);
            }
        }
    }

    fn tidy_workspace(&mut self, id: SocketId) {
        if self.workspaces.get(&id).is_some_and(Socket::is_over) {
            self.workspaces.remove(&id);
            if let Some(process) = &mut self.process {
                process.agents.remove(&id);
            }
        }
    }

    /// The session that is a visitor's latest.
    #[must_use]
    pub fn latest(&self, browser: usize) -> Option<SessionId> {
        let thread = self.thread_of(browser)?;
        self.disk.synced().latest_of(thread).map(|it| it.id)
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
