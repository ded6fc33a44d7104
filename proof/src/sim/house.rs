//! The installation in which a run begins: two sites, three visitors, three agents in two groups, a macro that ends.

use causerie_core::agent::{Availability, Role};
use causerie_core::client::{agent, end_user};
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::time::Span;
use causerie_core::{MacroId, Timestamp};

use super::browser::Browser;
use super::desk::Desk;
use super::wire::PageId;
use super::world::World;
use super::{Run, Trace};
use crate::twin::{Change, Rows, SiteId, change};

/// When every run begins.
const BEGIN: Timestamp = Timestamp(1_800_000_000_000);

/// How far the clocks of pages may be from the true time at the beginning, in seconds.
const SKEW_S: usize = 600;

/// The world of a run, before anything happens.
pub(super) fn world(run: Run, trace: Trace) -> World {
    let mut world = World::new(run.seed, run.faults, trace, rows(), BEGIN);
    world.crash_at = run.crash_at;
    for number in 0..3 {
        let skew = some_skew(&mut world);
        let site = SiteId(if number == 2 { 2 } else { 1 });
        world
            .browsers
            .push(Browser::new(number, site, skew, run.faults.sharing));
    }
    let agents: Vec<_> = world.disk.synced().agents.keys().copied().collect();
    for agent in agents {
        let (page, skew) = (PageId(world.fresh()), some_skew(&mut world));
        world.desks.push(Desk::new(agent, page, skew));
    }
    for at in 0..world.desks.len() {
        // Nothing is checked yet, and nothing can be wrong.
        let _ = world.desk(at, agent::Input::Wanted);
    }
    for browser in 0..world.browsers.len() {
        let page = PageId(world.fresh());
        let kept = world.browsers[browser].opens(page);
        let _ = world.tab(browser, 0, kept);
        let _ = world.tab(browser, 0, end_user::Input::PanelShown);
    }
    world
}

fn some_skew(world: &mut World) -> Span {
    if !world.faults.jumps {
        return Span(0);
    }
    let seconds = world.dice.below(2 * SKEW_S) as i64 - SKEW_S as i64;
    Span(seconds * 1000)
}

fn rows() -> Rows {
    let mut rows = Rows::default();
    rows.settings.end_users_can_end_sessions = true;
    let agent = |name: &str, role, group: Option<&str>| Change::AddAgent {
        name: name.to_owned(),
        email: format!("{name}@shop.example"),
        role: Some(role),
        group: group.map(str::to_owned),
    };
    let closing = |title: &str, text: Option<&str>, end_session| {
        Change::SaveMacro(Macro {
            id: MacroId(0),
            title: title.to_owned(),
            text: text.and_then(|text| Text::parse(text).ok()),
            status: None,
            priority: None,
            add_tags: vec!["macro".to_owned()],
            end_session,
        })
    };
    let mut changes = vec![
        agent("amy", Role::Admin, None),
        agent("ben", Role::Agent, Some("Sales")),
        agent("cat", Role::Agent, None),
        closing("Say goodbye and end", Some("Goodbye!"), true),
        closing("Mark", None, false),
    ];
    for id in 1..=3 {
        let agent = causerie_core::AgentId(id);
        changes.push(Change::SetSlots {
            agent,
            messaging: 1 + u32::from(id == 1),
            email: 5,
        });
        changes.push(Change::SetAvailability {
            agent,
            to: Availability::Online,
        });
    }
    for each in changes {
        // They follow from nothing but this function.
        if let Err(why) = change(&mut rows, &each, BEGIN) {
            unreachable!("the simulator's own installation: {why:?}");
        }
    }
    rows
}
