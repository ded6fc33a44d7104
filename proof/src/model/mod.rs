//! A model of one node and those who use it, small enough that **every** interleaving can be tried.
//!
//! The visitor has two tabs with three messages; two agents may end sessions, take tickets and answer; the jobs'
//! worker assigns; the site's script hands off; time jumps a day; the server crashes between any two of its steps;
//! frames get lost, doubled and out of order. All of it is bounded by a [`Budget`], so that the model ends.
//!
//! What decides is the real code: [`causerie_core::chat_thread::handle`] on the server, the real outbox and the real
//! timeline in the tabs, the real choice of an agent in the worker. Written anew here is only what has no place in
//! core: the disk with its transaction ([`node`]), the wire ([`wire`]), and who may act when.
//!
//! - [`node`]: the server; `commands`: what it does.
//! - [`tab`]: a tab of the visitor's.
//! - [`wire`]: frames and the network.
//! - [`properties`]: the invariants, by number.

mod commands;
pub mod node;
pub mod properties;
mod shared;
pub mod tab;
pub mod wire;

use causerie_core::{AgentId, TicketId};
use stateright::{Model, Property};

use node::{Disk, Request};
use shared::Shared;
use tab::Tab;
use wire::Wire;

/// How many tabs the visitor has.
pub const TABS: usize = 2;

/// How many agents there are.
pub const AGENTS: usize = 2;

/// How often what may happen does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Budget {
    /// Ends that agents ask for.
    pub ends: u8,
    /// Handoffs that the site's script asks for.
    pub handoffs: u8,
    /// Tickets that an agent takes by hand.
    pub takes: u8,
    /// Messages that an agent sends.
    pub answers: u8,
    /// Half days that pass; after two of them a conversation that only the bot had is forgotten.
    pub half_days: u8,
    /// Looks for what is due by time.
    pub sweeps: u8,
    /// Tickets that their assignee solves.
    pub solves: u8,
    /// Messages of the other visitor.
    pub others: u8,
    /// Crashes of the server.
    pub crashes: u8,
    /// Frames that get lost.
    pub losses: u8,
    /// Frames that come twice.
    pub doubles: u8,
    /// Frames that overtake the one before them.
    pub overtakings: u8,
    /// Switches of *Agents can end messaging sessions*.
    pub switches: u8,
    /// Whether somebody else waits in the queue and the worker assigns.
    pub queue: bool,
}

impl Budget {
    /// Two ends and a handoff, and nothing that goes wrong.
    pub const LEAST: Self = Self {
        ends: 2,
        handoffs: 1,
        takes: 0,
        answers: 0,
        half_days: 0,
        sweeps: 0,
        solves: 0,
        others: 0,
        crashes: 0,
        losses: 0,
        doubles: 0,
        overtakings: 0,
        switches: 0,
        queue: false,
    };
}

/// The world at one moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct World {
    /// The server: what it has committed.
    pub disk: Shared<Disk>,
    /// The visitor's tabs.
    pub tabs: [Shared<Tab>; TABS],
    /// What is under way between them.
    pub wire: Shared<Wire>,
    /// What may happen still.
    pub left: Budget,
}

/// One thing that happens.
///
/// Whoever has something to send sends it at once: how long it takes is the wire's to say. A tab hears all that has
/// come to it in one step, in its order; what is lost, doubled or overtaken is a step of its own. A transaction that
/// never commits changes nothing, so it is no step: its frames are lost with the crash. One that commits and is never
/// told of is a commit with the crash right after it. Several commands in one commit are several commits with nothing
/// in between.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// The visitor writes the next message of a tab.
    Writes(usize),
    /// A tab's answer does not come: it sends again.
    SendsAgain(usize),
    /// A tab has found a hole, or lost its connection: it resumes.
    Resumes(usize),
    /// An agent presses *End session* on the ticket of the latest live session.
    Ends(usize),
    /// An agent takes a ticket.
    Takes(usize, TicketId),
    /// The ticket's assignee answers.
    Answers(usize),
    /// The ticket's assignee solves it.
    Solves(usize),
    /// The other visitor writes.
    OtherWrites,
    /// The site's script hands off.
    HandsOff,
    /// An admin switches *Agents can end messaging sessions*.
    Switches,
    /// The worker picks somebody for a waiting ticket.
    Picks,
    /// Half a day passes.
    TimePasses,
    /// The worker looks for what is due by time.
    Sweeps,
    /// The writer takes the command at this place of the line, commits, and tells.
    Commits(usize),
    /// The server dies; what was under way is gone.
    Crashes,
    /// All that has come to a tab is heard.
    Hears(usize),
    /// The second frame to a tab overtakes the first.
    Overtakes(usize),
    /// The first frame to a tab is lost.
    Lost(usize),
    /// The first is heard, and comes again.
    Doubles(usize),
    /// The frame at this place of the line to the server is lost.
    LostUp(usize),
    /// It is doubled.
    DoublesUp(usize),
}

/// The model.
#[derive(Clone, Debug)]
pub struct OneNode {
    /// How much happens.
    pub budget: Budget,
}

impl Model for OneNode {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            disk: Shared::new(Disk::new(self.budget.queue)),
            tabs: [Tab::new(0, &["hello", "Person"]), Tab::new(1, &["more"])].map(Shared::new),
            wire: Shared::new(Wire::default()),
            left: self.budget,
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        world.may_happen(steps);
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        world.happens(step);
        world.settles();
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl World {
    fn may_happen(&self, steps: &mut Vec<Step>) {
        let left = self.left;
        for (at, tab) in self.tabs.iter().enumerate() {
            if tab.has_more_to_write() {
                steps.push(Step::Writes(at));
            }
            if tab.waits_in_vain(&self.wire) {
                steps.push(Step::SendsAgain(at));
            }
            if tab.has_a_hole {
                steps.push(Step::Resumes(at));
            }
            let frames = self.wire.down[at].len();
            if frames > 0 {
                steps.push(Step::Hears(at));
                if left.losses > 0 {
                    steps.push(Step::Lost(at));
                }
                if left.doubles > 0 {
                    steps.push(Step::Doubles(at));
                }
            }
            if frames > 1 && left.overtakings > 0 {
                steps.push(Step::Overtakes(at));
            }
        }
        for (place, request) in self.wire.up.iter().enumerate() {
            steps.push(Step::Commits(place));
            if request.can_get_lost() {
                if left.losses > 0 {
                    steps.push(Step::LostUp(place));
                }
                if left.doubles > 0 {
                    steps.push(Step::DoublesUp(place));
                }
            }
        }
        if left.crashes > 0 {
            steps.push(Step::Crashes);
        }
        self.people_may(steps);
        if self.left.queue && self.disk.assign_job && !self.wire.has_assignment() {
            steps.push(Step::Picks);
        }
        if left.half_days > 0 && self.disk.thread.latest().is_some() {
            steps.push(Step::TimePasses);
        }
        if left.sweeps > 0 && self.disk.thread.latest().is_some() {
            steps.push(Step::Sweeps);
        }
    }

    /// What agents, admins and the site's script may do.
    fn people_may(&self, steps: &mut Vec<Step>) {
        let (left, disk) = (self.left, &self.disk);
        if left.handoffs > 0 && disk.thread.latest().is_some() {
            steps.push(Step::HandsOff);
        }
        if left.switches > 0 {
            steps.push(Step::Switches);
        }
        if left.ends > 0 && disk.live_ticket().is_some() {
            // Taking turns: two ends are two agents'. Which of them is first served is the wire's to say.
            steps.push(Step::Ends(usize::from(left.ends) % AGENTS));
        }
        if left.others > 0 {
            steps.push(Step::OtherWrites);
        }
        for agent in 0..AGENTS {
            if left.takes > 0 {
                steps.extend(disk.waiting().map(|ticket| Step::Takes(agent, ticket)));
            }
            if left.answers > 0 && disk.assigned_to(agent_id(agent)).is_some() {
                steps.push(Step::Answers(agent));
            }
            if left.solves > 0 && disk.assigned_to(agent_id(agent)).is_some() {
                steps.push(Step::Solves(agent));
            }
        }
    }

    fn happens(&mut self, step: Step) {
        match step {
            Step::Writes(at) => self.tab(at, Tab::writes),
            Step::SendsAgain(at) => self.tab(at, Tab::gives_up_waiting),
            Step::Resumes(at) => {
                // A new socket: what was on the old one is gone.
                self.wire.change(|wire| {
                    wire.down[at].clear();
                    wire.up.retain(|request| request.tab() != Some(at));
                });
                let disk = self.disk.clone();
                self.tab(at, |tab| tab.resumes(&disk));
            }
            Step::Ends(agent) => {
                self.left.ends -= 1;
                if let Some(session) = self.disk.live_ticket() {
                    self.asks(Request::End {
                        agent: agent_id(agent),
                        session,
                    });
                }
            }
            Step::Takes(agent, ticket) => {
                self.left.takes -= 1;
                self.asks(Request::Take {
                    agent: agent_id(agent),
                    ticket,
                });
            }
            Step::Answers(agent) => {
                self.left.answers -= 1;
                if let Some(ticket) = self.disk.assigned_to(agent_id(agent)) {
                    self.asks(Request::Answer {
                        agent: agent_id(agent),
                        ticket,
                    });
                }
            }
            Step::Solves(agent) => {
                self.left.solves -= 1;
                if let Some(ticket) = self.disk.assigned_to(agent_id(agent)) {
                    self.asks(Request::Solve {
                        agent: agent_id(agent),
                        ticket,
                    });
                }
            }
            Step::OtherWrites => {
                self.left.others -= 1;
                self.asks(Request::OtherWrites);
            }
            Step::HandsOff => {
                self.left.handoffs -= 1;
                self.asks(Request::HandOff);
            }
            Step::Switches => {
                self.left.switches -= 1;
                self.asks(Request::Switch);
            }
            Step::Picks => match self.disk.picks() {
                Some((ticket, agent)) => self.asks(Request::Assign { ticket, agent }),
                None => self.disk.change(|disk| disk.assign_job = false),
            },
            Step::TimePasses => {
                self.left.half_days -= 1;
                self.disk.change(Disk::half_a_day_passes);
            }
            Step::Sweeps => {
                self.left.sweeps -= 1;
                self.asks(Request::EndForgotten);
                for due in self.disk.due() {
                    self.asks(due);
                }
            }
            Step::Commits(place) => {
                let request = self.wire.change(|wire| wire.up.remove(place));
                let told = self.disk.change(|disk| disk.commits(&request));
                self.wire.change(|wire| wire.tell(told));
            }
            Step::Crashes => self.crashes(),
            Step::Hears(at) => {
                let frames = self.wire.change(|wire| std::mem::take(&mut wire.down[at]));
                self.tab(at, |tab| frames.into_iter().for_each(|frame| tab.hears(frame)));
            }
            Step::Overtakes(at) => {
                self.left.overtakings -= 1;
                self.wire.change(|wire| wire.down[at].swap(0, 1));
            }
            Step::Lost(at) => {
                self.left.losses -= 1;
                self.wire.change(|wire| wire.down[at].remove(0));
            }
            Step::Doubles(at) => {
                self.left.doubles -= 1;
                let frame = self.wire.down[at][0].clone();
                self.tab(at, |tab| tab.hears(frame));
            }
            Step::LostUp(place) => {
                self.left.losses -= 1;
                self.wire.change(|wire| wire.up.remove(place));
            }
            Step::DoublesUp(place) => {
                self.left.doubles -= 1;
                let frame = self.wire.up[place].clone();
                self.asks(frame);
            }
        }
    }

    /// Something is done to a tab; what it has to send is under way at once.
    fn tab(&mut self, at: usize, what: impl FnOnce(&mut Tab)) {
        let sent = self.tabs[at].change(|tab| {
            what(tab);
            tab.sends()
        });
        if let Some(request) = sent {
            self.asks(request);
        }
    }

    /// A tab that has said all it has to say is of account to itself alone: as long as nothing on its wire can go
    /// wrong any more, it hears at once what comes. That leaves out orders of steps that differ in nothing else.
    fn settles(&mut self) {
        if self.left.losses + self.left.doubles + self.left.overtakings > 0 {
            return;
        }
        for at in 0..TABS {
            let tab = &self.tabs[at];
            if tab.has_more_to_write() || !tab.outbox.items().is_empty() {
                continue;
            }
            if !tab.has_a_hole && !self.wire.down[at].is_empty() {
                self.happens(Step::Hears(at));
            }
            if self.tabs[at].has_a_hole {
                self.happens(Step::Resumes(at));
            }
        }
    }

    fn asks(&mut self, request: Request) {
        self.wire.change(|wire| wire.ask(request));
    }

    /// The server starts anew on what is on disk. What a person asked for is asked again by their client; the
    /// worker's own comes of its job.
    fn crashes(&mut self) {
        self.left.crashes -= 1;
        self.wire = Shared::new(Wire::default());
        for tab in &mut self.tabs {
            tab.change(Tab::loses_connection);
        }
    }

    /// Nothing is under way and nobody has anything to do.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.wire.is_empty()
            && !(self.left.queue && self.disk.assign_job)
            && self
                .tabs
                .iter()
                .all(|tab| !tab.has_more_to_write() && !tab.has_a_hole)
    }
}

/// The agent of an index: 1, 2, …
#[must_use]
pub fn agent_id(index: usize) -> AgentId {
    AgentId(index as u64 + 1)
}
