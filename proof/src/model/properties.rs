//! The invariants, each by its number, as properties of a state.

use std::collections::BTreeSet;

use causerie_core::message::Author;
use causerie_core::routing::assign;
use causerie_core::session::SessionState;
use causerie_core::ticket::event::TicketEvent;
use causerie_core::{ClientMessageId, Seq};
use stateright::{Expectation, Property};

use super::commands::Step;
use super::node::Disk;
use super::{AGENTS, OneNode, World, agent_id};

/// The names of those that hold in every state.
#[must_use]
pub fn invariants() -> Vec<&'static str> {
    all()
        .into_iter()
        .filter(|property| property.expectation == Expectation::Always)
        .map(|property| property.name)
        .collect()
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Property<OneNode>> {
    vec![
        Property::always("i01 an ended session stays as it is", |_, world: &World| {
            keeps(world, Step::EndStands)
        }),
        Property::always("i01 an end is written once and stays", |_, world: &World| {
            i01(&world.disk)
        }),
        Property::always(
            "i02 nothing of a conversation stands after its end",
            |_, world: &World| i02(&world.disk),
        ),
        Property::always(
            "i03 i06 an accepted message stands once, where its answer says",
            |_, world: &World| i03(world),
        ),
        Property::always(
            "i04 a message after the end is in the bot's hands",
            |_, world: &World| keeps(world, Step::BotFirst),
        ),
        Property::always("i05 at most one conversation lives", |_, world: &World| {
            i05(&world.disk)
        }),
        Property::always("i07 one end makes one event", |_, world: &World| i07(&world.disk)),
        Property::always(
            "i07 every caller gets the first end, and who comes second is told so",
            |_, world: &World| keeps(world, Step::OneEnd),
        ),
        Property::always("i08 switched off, nobody ends", |_, world: &World| {
            keeps(world, Step::MayEnd)
        }),
        Property::always(
            "i09 i10 i11 no agent holds more than there is room for",
            |_, world: &World| i09(&world.disk),
        ),
        Property::always(
            "i11 what waits for nobody is given to nobody",
            |_, world: &World| keeps(world, Step::Waited),
        ),
        Property::always("i11 i20 an ended session waits for nobody", |_, world: &World| {
            i20(&world.disk)
        }),
        Property::always(
            "i12 the end leaves the ticket's fields alone",
            |_, world: &World| keeps(world, Step::FieldsAlone),
        ),
        Property::always(
            "i14 i21 neither an end nor what time does is anything in the thread log",
            |_, world: &World| keeps(world, Step::Silence),
        ),
        Property::always("i18 one ticket per conversation", |_, world: &World| {
            i18(&world.disk)
        }),
        Property::always(
            "i19 the bot is silent once it has handed off",
            |_, world: &World| keeps(world, Step::BotIsOut),
        ),
        Property::always(
            "i21 a timer whose time has not come is harmless",
            |_, world: &World| keeps(world, Step::Timely),
        ),
        Property::always("i24 the logs have no holes", |_, world: &World| i24(&world.disk)),
        Property::always("i25 each sender's order is kept", |_, world: &World| i25(world)),
        Property::always("i26 what a tab has is a prefix", |_, world: &World| i26(world)),
        Property::always(
            "r10 what was written before a question does not answer it",
            |_, world: &World| keeps(world, Step::AnswersWhatWasSeen),
        ),
        Property::always(
            "r41 whoever resumes knows how the session stands",
            |_, world: &World| world.tabs.iter().all(|tab| !tab.is_ignorant),
        ),
        Property::eventually(
            "i34 every message is finally acknowledged, every waiting session assigned",
            |_, world| i34(world),
        ),
        Property::sometimes(
            "a message comes after an end and starts afresh",
            |_, world: &World| world.disk.thread.conversations.len() > 1,
        ),
        Property::sometimes(
            "all three messages stand in one fresh conversation",
            |_, world: &World| {
                let disk = &world.disk;
                disk.thread.latest().is_some_and(|latest| {
                    let said = disk
                        .log
                        .iter()
                        .filter(|entry| entry.session == latest.id && entry.author == Author::EndUser);
                    said.count() >= 2 && disk.thread.conversations.len() > 1
                })
            },
        ),
        Property::sometimes("everything is at rest", |_, world: &World| world.is_at_rest()),
    ]
}

fn keeps(world: &World, step: Step) -> bool {
    !world.disk.broken.contains(&step)
}

fn i01(disk: &Disk) -> bool {
    disk.ends.iter().all(|(session, (end, _))| {
        let is = disk
            .thread
            .conversation(*session)
            .and_then(|its| its.session.ended());
        is == Some(*end)
    })
}

fn i02(disk: &Disk) -> bool {
    disk.log.iter().all(|entry| {
        let end = disk.ends.get(&entry.session);
        end.is_none_or(|(_, e)| entry.seq <= *e)
    })
}

fn i03(world: &World) -> bool {
    let disk = &world.disk;
    let mut seen = BTreeSet::new();
    let once = customers(disk).all(|(cid, _)| seen.insert(cid));
    let acknowledged = world.tabs.iter().all(|tab| {
        !tab.contradicted
            && tab.acknowledgements().iter().all(|ack| {
                let stands = |entry: &&causerie_core::message::ThreadEntry| entry.cid == Some(ack.cid);
                let entry = disk.log.iter().find(stands);
                entry.is_some_and(|entry| (entry.seq, entry.session) == (ack.seq, ack.session))
            })
    });
    once && acknowledged
}

fn i05(disk: &Disk) -> bool {
    disk.thread
        .conversations
        .iter()
        .filter(|each| each.is_live())
        .count()
        <= 1
}

fn i07(disk: &Disk) -> bool {
    disk.thread.conversations.iter().all(|conversation| {
        let Some(ticket) = conversation.ticket() else {
            return true;
        };
        let log = disk.ticket_logs.get(&ticket.id).map_or(&[][..], Vec::as_slice);
        let ends = log
            .iter()
            .filter(|entry| matches!(entry.what, TicketEvent::SessionEnded { .. }))
            .count();
        ends == usize::from(conversation.session.ended().is_some())
    })
}

fn i09(disk: &Disk) -> bool {
    (0..AGENTS)
        .map(agent_id)
        .all(|agent| disk.used(agent) <= disk.most() + disk.taken_over_capacity(agent))
}

fn i20(disk: &Disk) -> bool {
    disk.conversations()
        .filter(|conversation| conversation.session.state() == SessionState::Ended)
        .all(|conversation| !assign::is_waiting(conversation) && !conversation.is_live())
}

fn i18(disk: &Disk) -> bool {
    let tickets: Vec<_> = disk
        .conversations()
        .filter_map(|each| each.ticket())
        .map(|its| its.id)
        .collect();
    // A ticket is born of its own handoff: its creation is its first entry, and no other.
    let born_once = disk.ticket_logs.values().all(|log| {
        log.iter()
            .enumerate()
            .all(|(at, entry)| (at == 0) == matches!(entry.what, TicketEvent::Created { .. }))
    });
    tickets.iter().collect::<BTreeSet<_>>().len() == tickets.len()
        && disk.ticket_logs.len() == tickets.len()
        && born_once
}

fn i24(disk: &Disk) -> bool {
    let dense = disk
        .log
        .iter()
        .enumerate()
        .all(|(at, entry)| entry.seq == Seq(at as u64 + 1));
    let tickets = disk.ticket_logs.values().all(|log| {
        log.iter()
            .enumerate()
            .all(|(at, entry)| entry.seq == Seq(at as u64 + 1))
    });
    dense && tickets && disk.thread.head == Seq(disk.log.len() as u64)
}

fn i25(world: &World) -> bool {
    world.tabs.iter().all(|tab| tab.own(&world.disk).is_sorted())
}

fn i26(world: &World) -> bool {
    world
        .tabs
        .iter()
        .all(|tab| world.disk.log.starts_with(tab.timeline.entries()))
}

fn i34(world: &World) -> bool {
    let disk = &world.disk;
    let said = world
        .tabs
        .iter()
        .all(|tab| !tab.has_more_to_write() && tab.outbox.items().is_empty());
    said && customers(disk).count() == 3 && (!world.left.queue || disk.picks().is_none())
}

fn customers(disk: &Disk) -> impl Iterator<Item = (ClientMessageId, Seq)> {
    disk.log
        .iter()
        .filter(|entry| entry.author == Author::EndUser)
        .filter_map(|entry| Some((entry.cid?, entry.seq)))
}
