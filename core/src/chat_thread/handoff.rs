//! What the bot does, done: it says, it learns, and at the last it hands off, where the ticket is born (R03).

use super::{Draft, Event, Outcome, Rejection, customer};
use crate::bot::{Move, Progress};
use crate::conversation::Stage;
use crate::ids::{GroupId, Seq, SessionId};
use crate::message::Author;
use crate::planted::{self, Bug};
use crate::ticket::event::{By, TicketEvent};
use crate::ticket::{Channel, Priority, Status, Ticket, tidy_tags};

/// Carries out the bot's moves and keeps its place in the flow.
pub(super) fn carry_out(draft: &mut Draft<'_>, session: SessionId, mut progress: Progress, moves: Vec<Move>) {
    for each in moves {
        match each {
            Move::Say { text, replies } => {
                // The last thing said is the question that stands open.
                progress.asked = draft.say(session, Author::Bot, text, replies, None);
            }
            Move::LearnEmail(email) => {
                draft.emit(Event::EndUserDescribed {
                    name: None,
                    email: Some(email),
                });
            }
            Move::LearnName(name) => {
                draft.emit(Event::EndUserDescribed {
                    name: Some(name),
                    email: None,
                });
            }
            Move::HandOff { group } => {
                let group = group.and_then(|name| group_named(draft, &name));
                return hand_off(draft, session, progress, group);
            }
        }
    }
    draft.emit(Event::BotMoved { session, progress });
}

/// Control passed by the API: the handoff, whatever step the bot is at. Asked again, it changes nothing (I18).
pub(super) fn on_request(draft: &mut Draft<'_>) -> Result<Outcome, Rejection> {
    let latest = draft.thread.latest().ok_or(Rejection::NothingLive)?;
    if !latest.is_live() {
        return Err(Rejection::NothingLive);
    }
    let session = latest.id;
    match &latest.stage {
        Stage::HandedOff(_) if planted::is(Bug::HandsOffTwice) => {
            hand_off(draft, session, Progress::default(), None);
        }
        Stage::HandedOff(_) => {}
        Stage::Bot(progress) => {
            let progress = progress.clone();
            if !progress.was_told(None) {
                say_before(draft, session);
            }
            hand_off(draft, session, progress, None);
        }
    }
    Ok(Outcome::Done {})
}

/// What the customer is told before a handoff that the flow did not come to by itself (R46).
fn say_before(draft: &mut Draft<'_>, session: SessionId) {
    let moves = draft
        .around
        .flow
        .before_handoff(None, &customer::surroundings(draft, session));
    for each in moves {
        if let Move::Say { text, .. } = each {
            draft.say(session, Author::Bot, text, Vec::new(), None);
        }
    }
}

fn hand_off(draft: &mut Draft<'_>, session: SessionId, progress: Progress, group: Option<GroupId>) {
    let Some(conversation) = draft.thread.conversation(session) else {
        return;
    };
    let (from, previous) = (conversation.first, conversation.previous);
    let ticket = Box::new(Ticket {
        id: draft.around.fresh_ticket,
        subject: conversation.subject.clone(),
        status: Status::New,
        priority: Priority::default(),
        assignee: None,
        group,
        tags: tidy_tags(&progress.tags),
        fields: progress.collected,
        channel: Channel::Messaging,
        routing: Channel::Messaging,
        head: Seq(0),
    });
    let to = draft.thread.head;
    draft.emit(Event::TicketCreated { session, ticket });
    draft.log(session, &By::Bot, TicketEvent::Created { from, to, previous });
}

fn group_named(draft: &Draft<'_>, name: &str) -> Option<GroupId> {
    let mut groups = draft.around.groups.iter();
    groups.find(|group| group.name == name).map(|group| group.id)
}
