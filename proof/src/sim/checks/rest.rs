//! What holds when nothing goes wrong any more and everything has come to its end (I34): nothing waits, and what
//! everybody sees is what is so (I28, I33).

use std::collections::BTreeSet;

use causerie_core::client::connection::Status;
use causerie_core::conversation::Timer;
use causerie_core::routing::assign;
use causerie_core::wire::end_user::SessionReport;
use causerie_core::{ClientMessageId, Timestamp};

use super::{Check, holds};
use crate::sim::erasures::word_of;
use crate::sim::world::World;
use crate::twin::JobKind;

/// All of it.
///
/// # Errors
/// Which invariant is broken.
pub fn at_rest(world: &World) -> Check {
    nothing_waits(world)?;
    for browser in 0..world.browsers.len() {
        visitors_see(world, browser)?;
    }
    for at in 0..world.desks.len() {
        agents_see(world, at)?;
    }
    world.acknowledged.are_safe(world.disk.synced(), &world.history)
}

/// No job, no ticket that somebody could take, nothing that is due by time.
fn nothing_waits(world: &World) -> Check {
    let rows = world.disk.synced();
    let left: Vec<_> = rows
        .jobs
        .values()
        .filter(|job| match job.kind {
            JobKind::Assign | JobKind::Return(_) => true,
            JobKind::Email(..) => false,
        })
        .collect();
    holds(left.is_empty(), "i34 every job is done in the end", || {
        format!("{left:?}")
    })?;
    let pair = assign::choose(&rows.waiting(), &rows.candidates());
    holds(
        pair.is_none(),
        "i34 whoever waits is given to somebody with room",
        || format!("ticket and agent: {pair:?}"),
    )?;
    let settings = &rows.settings;
    let before = |span: causerie_core::time::Span| {
        Timestamp(
            world
                .machine_time()
                .0
                .saturating_sub(span.0)
                .saturating_sub(30_000),
        )
    };
    let due = (
        rows.forgotten(before(settings.bot_only_ends_after)),
        rows.timed(Timer::Silence, before(settings.inactive_after)),
        rows.timed(Timer::Closing, before(settings.solved_closes_after)),
    );
    holds(
        due.0.is_empty() && due.1.is_empty() && due.2.is_empty(),
        "i21 i34 what is due by time is done, after a restart too",
        || format!("{due:?}"),
    )
}

/// I24, I25, I26, I28, I30, I34: every tab has the whole log and knows the session, and every message stands once, in
/// its writer's order.
fn visitors_see(world: &World, browser: usize) -> Check {
    let rows = world.disk.synced();
    let its = &world.browsers[browser];
    let thread = world.thread_of(browser);
    let log = world.history.log(thread);
    let waits: Vec<_> = its
        .storage
        .outbox
        .values()
        .filter(|item| !item.is_failed())
        .collect();
    holds(
        waits.is_empty(),
        "i34 everything in an outbox is sent in the end",
        || format!("visitor {browser}: {waits:?}"),
    )?;
    let report = thread
        .and_then(|thread| rows.latest_of(thread))
        .map(SessionReport::of);
    let read = thread
        .and_then(|thread| rows.threads.get(&thread))
        .map(|record| record.read);
    for tab in &its.tabs {
        let who = || super::super::world::name(browser, tab.page);
        let timeline = tab.client.timeline();
        holds(
            tab.client.status() == Status::Live,
            "i34 every tab is connected in the end",
            || format!("{}: {:?}", who(), tab.client.status()),
        )?;
        holds(
            timeline.entries() == log,
            "i24 i26 i28 at rest a tab has the whole log",
            || format!("{}: {} of {}", who(), timeline.entries().len(), log.len()),
        )?;
        let unsent: Vec<_> = tab
            .client
            .outbox()
            .iter()
            .filter(|item| !item.is_failed())
            .collect();
        holds(
            unsent.is_empty(),
            "i34 every message is acknowledged or refused",
            || format!("{}: {unsent:?}", who()),
        )?;
        let known = timeline.session().map(|it| (it.id, it.state, it.ticket));
        holds(
            known == report.map(|it| (it.id, it.state, it.ticket)),
            "r41 i28 at rest a tab knows how the session stands",
            || format!("{}: {known:?} and {report:?}", who()),
        )?;
        holds(
            thread.is_none() || Some(timeline.read()) == read,
            "i30 at rest all tabs have read as far as the server knows",
            || format!("{}: {} and {read:?}", who(), timeline.read()),
        )?;
        let told: BTreeSet<_> = tab.ends.iter().collect();
        holds(
            told.len() == tab.ends.len(),
            "r20 an end is told once to a page",
            || format!("{}: {:?}", who(), tab.ends),
        )?;
    }
    let order: Vec<ClientMessageId> = log.iter().filter_map(|entry| entry.cid).collect();
    for (page, wrote) in &its.wrote {
        let mut stands = order.iter().filter(|cid| wrote.contains(cid));
        holds(
            wrote.iter().all(|cid| stands.next() == Some(cid)),
            "i25 i34 the order of one outbox is the order in the log",
            || format!("{}: {wrote:?}", super::super::world::name(browser, *page)),
        )?;
    }
    Ok(())
}

/// I28, I33: a workspace shows the tickets, the agents, the queue and the logs as they are.
fn agents_see(world: &World, at: usize) -> Check {
    let rows = world.disk.synced();
    let desk = &world.desks[at];
    let who = || format!("agent {}", desk.agent);
    let (Some(shown), Some(record)) = (desk.client.desk(), rows.agents.get(&desk.agent)) else {
        return Err(format!("i34 every desk is connected in the end: {}", who()));
    };
    holds(
        desk.client.status() == Status::Live && desk.client.on_their_way().is_empty(),
        "i34 every command is answered in the end",
        || format!("{}: {:?}", who(), desk.client.on_their_way()),
    )?;
    let by_number = |rows: &[causerie_core::wire::agent::TicketRow]| {
        let mut rows = rows.to_vec();
        rows.sort_by_key(|row| row.ticket.id);
        rows
    };
    let (has, is) = (by_number(&shown.tickets), by_number(&rows.seen_by(&record.agent)));
    holds(
        has == is,
        "i28 i33 at rest a desk shows the tickets as they are",
        || {
            let other = has.iter().find(|row| !is.contains(row));
            let instead = is.iter().find(|row| !has.contains(row));
            format!("{}: {other:?}\n  and not {instead:?}", who())
        },
    )?;
    for row in shown.tickets.iter().filter(|row| row.erased) {
        let draft = desk.client.draft(row.ticket.id);
        let kept = desk.kept(row.ticket.id);
        let words = (0..world.browsers.len()).map(word_of);
        let left = words.filter(|word| draft.contains(word) || kept.contains(word));
        holds(
            left.count() == 0,
            "s27 nothing that was written about an erased person is in a composer",
            || format!("{}: {draft:?}, kept {kept:?}", who()),
        )?;
    }
    let mut agents = shown.agents.clone();
    agents.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    holds(
        agents == rows.agent_rows(),
        "i09 i28 i33 at rest a desk shows everybody's room as it is",
        || format!("{}: {agents:?}\n  and not {:?}", who(), rows.agent_rows()),
    )?;
    holds(
        shown.settings == rows.settings,
        "i28 at rest a desk knows the settings",
        || format!("{}: {:?}", who(), shown.settings),
    )?;
    let macros: Vec<_> = rows.macros.values().cloned().collect();
    holds(shown.macros == macros, "i28 at rest a desk knows the macros", who)?;
    if let Some(ticket) = desk.client.followed()
        && let Some(conversation) = rows.conversation_of(ticket)
        && desk.client.ticket(ticket).is_some()
    {
        let thread = rows.tickets.get(&ticket).map(|record| record.thread);
        let said = world
            .history
            .log(thread)
            .iter()
            .filter(|entry| entry.session == conversation.id);
        let is = said.count() + world.history.ticket(ticket).len();
        let has = desk.client.log().len();
        holds(
            has == is,
            "i24 i28 at rest a desk has both logs of the ticket that is open",
            || format!("{}: {has} of {is} entries of ticket {ticket}", who()),
        )?;
    }
    Ok(())
}
