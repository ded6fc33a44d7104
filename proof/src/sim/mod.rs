//! A simulation of one node and all who use it, under one clock and one pair of dice.
//!
//! Several tabs of several visitors, several agents at their desks, the business behind its API and an admin; a server
//! with its line, its writer, its sockets and its worker; a disk that loses what it has not synced; a network that
//! loses, doubles and reorders; notices that get lost; clocks that jump; crashes between any two writes. All of it is
//! single-threaded and follows from a seed: the same seed is the same run.
//!
//! What decides is the real code: core's `handle` on the server, core's `EndUserClient` in each tab, core's
//! `AgentClient` at each desk, core's choice of an agent in the worker. Written anew is only what a shell does. The
//! store is the [twin](crate::twin) that the SQLite store is held to.
//!
//! After each step the invariants of [`checks`] hold; and when faults stop, everything comes to rest, and then what
//! everybody sees is what is so (I34). Start at [`run`].
//!
//! - `steps`, `people`, `faults`, `backups`, `erasures`: what happens next. `world`, `serving`: what happens then. `calm`: how it comes to rest.
//! - `browser`, `desk`: the pages. `wire`: the sockets. `node`: the server. `disk`: the disk.

mod backups;
pub mod browser;
mod calm;
pub mod checks;
pub mod desk;
pub mod dice;
pub mod disk;
mod erasures;
mod faults;
mod house;
pub mod node;
mod people;
mod serving;
mod steps;
pub mod wire;
pub mod world;

use std::collections::{BTreeMap, VecDeque};

use self::dice::Dice;
use self::world::{Fate, World};

/// How many of the last things that happened are told of a failure.
const TOLD: usize = 60;

/// What may go wrong. Each can be left out, to see whether a failure needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Faults {
    /// Crashes of the process, and cuts of the power.
    pub crashes: bool,
    /// Clocks that jump: the node's and the clients'.
    pub jumps: bool,
    /// Frames that get lost, come twice or overtake each other.
    pub frames: bool,
    /// Notices that get lost, come twice or come late.
    pub notices: bool,
    /// Connections that break.
    pub cuts: bool,
    /// A disk that has no room for a moment.
    pub full: bool,
    /// Pages that reload, close and open.
    pub reloads: bool,
    /// Settings, slots and macros that change.
    pub admin: bool,
    /// Tabs that share a socket, in every second browser.
    pub sharing: bool,
    /// Backups that are put back.
    pub restores: bool,
    /// People who are erased.
    pub erasures: bool,
}

impl Faults {
    /// All of them.
    pub const ALL: Self = Self {
        crashes: true,
        jumps: true,
        frames: true,
        notices: true,
        cuts: true,
        full: true,
        reloads: true,
        admin: true,
        sharing: true,
        restores: true,
        erasures: true,
    };

    /// Their names, as the command line knows them.
    pub const NAMES: [&'static str; 11] = [
        "crashes", "jumps", "frames", "notices", "cuts", "full", "reloads", "admin", "sharing", "restores",
        "erasures",
    ];

    /// Without the one of this name; none where there is none such.
    #[must_use]
    pub fn without(mut self, name: &str) -> Option<Self> {
        let its = match name {
            "crashes" => &mut self.crashes,
            "jumps" => &mut self.jumps,
            "frames" => &mut self.frames,
            "notices" => &mut self.notices,
            "cuts" => &mut self.cuts,
            "full" => &mut self.full,
            "reloads" => &mut self.reloads,
            "admin" => &mut self.admin,
            "sharing" => &mut self.sharing,
            "restores" => &mut self.restores,
            "erasures" => &mut self.erasures,
            _ => return None,
        };
        *its = false;
        Some(self)
    }

    /// What becomes of a notice.
    fn of_notice(self, dice: &mut Dice) -> Fate {
        if !self.notices {
            return Fate::Comes;
        }
        match dice.below(16) {
            0 => Fate::IsLost,
            1 => Fate::ComesTwice,
            2 | 3 => Fate::IsLate,
            _ => Fate::Comes,
        }
    }
}

/// One run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// What it follows from.
    pub seed: u64,
    /// How many steps before it comes to rest.
    pub steps: usize,
    /// What may go wrong.
    pub faults: Faults,
    /// Whether what happens is told, step by step.
    pub told: bool,
    /// Crash when the disk has taken so many writes.
    pub crash_at: Option<u64>,
}

impl Run {
    /// The usual one of a seed.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        Self {
            seed,
            steps: 2_000,
            faults: Faults::ALL,
            told: false,
            crash_at: None,
        }
    }
}

/// What came of a run that went well.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Steps, those to rest included.
    pub steps: u64,
    /// Messages that clients were told stand.
    pub acknowledged: u64,
    /// Sessions that ended.
    pub ends: u64,
    /// Crashes.
    pub crashes: u64,
    /// Backups that were put back.
    pub restores: u64,
    /// Writes that the disk took.
    pub writes: u64,
    /// What was decided how often.
    pub seen: BTreeMap<&'static str, u64>,
}

impl Figures {
    /// These and those.
    pub fn add(&mut self, more: &Self) {
        self.steps += more.steps;
        self.acknowledged += more.acknowledged;
        self.ends += more.ends;
        self.crashes += more.crashes;
        self.restores += more.restores;
        self.writes += more.writes;
        for (what, often) in &more.seen {
            *self.seen.entry(what).or_default() += often;
        }
    }
}

/// An invariant that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The run.
    pub run: Run,
    /// At which step.
    pub step: u64,
    /// Which invariant, and how.
    pub what: String,
    /// What happened last.
    pub told: Vec<String>,
}

/// What happened, for people: told at once, or kept until something breaks.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    on: bool,
    aloud: bool,
    step: u64,
    last: VecDeque<String>,
}

impl Trace {
    /// Says what happens, if anybody listens.
    #[expect(clippy::print_stdout, reason = "a replay is read as it runs")]
    pub fn say(&mut self, what: impl FnOnce() -> String) {
        if !self.on {
            return;
        }
        let line = format!("{:>6}  {}", self.step, what());
        if self.aloud {
            println!("{line}");
        }
        if self.last.len() == TOLD {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }
}

/// Runs to the end.
///
/// # Errors
/// The first invariant that is broken, with what happened last.
pub fn run(run: Run) -> Result<Figures, Box<Failure>> {
    match once(run, run.told, run.told) {
        Ok(figures) => Ok(figures),
        // The same again, and this time somebody listens.
        Err(silent) => match once(run, true, false) {
            Ok(_) => Err(silent),
            Err(told) => Err(told),
        },
    }
}

fn once(run: Run, on: bool, aloud: bool) -> Result<Figures, Box<Failure>> {
    let trace = Trace {
        on,
        aloud,
        ..Trace::default()
    };
    let mut world = house::world(run, trace);
    let mut figures = Figures::default();
    let failed = |world: &mut World, figures: &Figures, what| {
        Box::new(Failure {
            run,
            step: figures.steps,
            what,
            told: std::mem::take(&mut world.trace.last).into(),
        })
    };
    for step in 0..run.steps {
        world.trace.step = step as u64 + 1;
        figures.steps += 1;
        if let Err(what) = world.step() {
            return Err(failed(&mut world, &figures, what));
        }
    }
    world.trace.say(|| "nothing goes wrong any more".to_owned());
    match world.comes_to_rest() {
        Ok(steps) => figures.steps += steps,
        Err(what) => return Err(failed(&mut world, &figures, what)),
    }
    if let Err(what) = checks::at_rest(&world) {
        return Err(failed(&mut world, &figures, what));
    }
    let rows = world.disk.synced();
    figures.acknowledged = world.acknowledged.count() as u64;
    figures.ends = rows
        .conversations
        .values()
        .filter(|it| it.session.ended().is_some())
        .count() as u64;
    figures.crashes = world.crashes;
    figures.restores = world.restores;
    figures.writes = world.disk.writes;
    figures.seen = world.decisions.seen;
    Ok(figures)
}
