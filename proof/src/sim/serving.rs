//! The node at work in the world: what it hears, decides, writes, answers and tells, its worker, its death and its start.

use super::checks::Check;
use super::node::agent_socket::Asks;
use super::node::told::Told;
use super::node::worker::Wants;
use super::node::{Asked, From, Process, Settled, Wrote};
use super::wire::{Socket, SocketId};
use super::world::{FLOW, Fate, Late, World};
use crate::twin::{Answer, Change, Changed, Refusal, Request};

impl World {
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

    fn answers_request(&mut self, from: From, answer: Result<Answer, Refusal>) {
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

    fn answers_change(&mut self, from: From, answer: Result<Changed, Refusal>, change: &Change) {
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
}
