//! The end of a session (R15–R23): who may, once only, and what it changes around the ticket.

use super::{Actor, Draft, Event, Outcome, Rejection};
use crate::conversation::Conversation;
use crate::ids::SessionId;
use crate::message::Author;
use crate::planted::{self, Bug};
use crate::session::{End, EndedBy, Session};
use crate::ticket::ending::{CannotEnd, ending};
use crate::ticket::event::TicketEvent;
use crate::ticket::{Channel, Status, Ticket};

/// What is to be done about an end that was asked for.
pub(super) enum Judged {
    /// It is theirs to end.
    May,
    /// It is over already, by this end.
    Already(End),
}

/// Ends a session, for whoever may. Ending twice is harmless: the first end stands (R18).
pub(super) fn end_session(
    draft: &mut Draft<'_>,
    session: SessionId,
    by: &Actor,
) -> Result<Outcome, Rejection> {
    match judge(draft, session, by)? {
        Judged::Already(end) => Ok(Outcome::Ended {
            session,
            end,
            already: true,
        }),
        Judged::May => Ok(Outcome::Ended {
            session,
            end: carry_out(draft, session, by),
            already: false,
        }),
    }
}

/// Whether they may, on the ticket as it stands now: before the other parts of the same step (I08).
pub(super) fn judge(draft: &Draft<'_>, session: SessionId, by: &Actor) -> Result<Judged, Rejection> {
    let conversation = draft
        .thread
        .conversation(session)
        .ok_or(Rejection::UnknownSession)?;
    let ticket = conversation.ticket();
    if let (Actor::Agent(agent), Some(ticket)) = (by, ticket)
        && !agent.sees(ticket)
    {
        return Err(Rejection::UnknownTicket);
    }
    if planted::is(Bug::EndsAgain) {
        return Ok(Judged::May);
    }
    if let Err(end) = conversation.session.end(draft.at, ended_by(by)) {
        return Ok(Judged::Already(end));
    }
    if !planted::is(Bug::EndsThoughSwitchedOff) {
        may_end(draft, by, conversation, ticket)?;
    }
    if ticket.is_some_and(|ticket| ticket.status.is_closed()) {
        return Err(Rejection::TicketClosed);
    }
    Ok(Judged::May)
}

/// The end of a live session, which its actor was found to be allowed.
pub(super) fn carry_out(draft: &mut Draft<'_>, session: SessionId, by: &Actor) -> End {
    let who = ended_by(by);
    let end = End {
        at: draft.at,
        by: who,
    };
    let Some(conversation) = draft.thread.conversation(session) else {
        return end;
    };
    let from = conversation.session.state();
    let (routing, status) = conversation
        .ticket()
        .map(|ticket| (ticket.routing, ticket.status))
        .unzip();
    draft.emit(Event::SessionChanged {
        session,
        to: Session::Ended(end),
    });
    if planted::is(Bug::EndLeaks) {
        draft.say(
            session,
            Author::Bot,
            "This chat has ended.".to_owned(),
            Vec::new(),
            None,
        );
    }
    if planted::is(Bug::EndIsFiltered) {
        draft.thread.head = draft.thread.head.next();
    }
    let named = by.named();
    draft.log(
        session,
        &named,
        TicketEvent::SessionEnded {
            session,
            from,
            reason: who.reason(),
        },
    );
    if planted::is(Bug::EndSolves)
        && let Some(from) = status
    {
        let to = Status::Solved;
        draft.log(session, &named, TicketEvent::Status { from, to });
    }
    match routing {
        Some(from @ Channel::Messaging) => {
            draft.log(
                session,
                &named,
                TicketEvent::RoutingChannel {
                    from,
                    to: Channel::Email,
                },
            );
        }
        Some(Channel::Email) | None => {}
    }
    end
}

/// A conversation that only the bot had is over some time after its last message, silently (R44).
pub(super) fn end_forgotten(draft: &mut Draft<'_>) {
    let forgotten = draft
        .thread
        .latest()
        .filter(|latest: &&Conversation| latest.is_forgotten(draft.at, draft.around.settings))
        .map(|latest| latest.id);
    if let Some(session) = forgotten {
        let end = End {
            at: draft.at,
            by: EndedBy::System,
        };
        draft.emit(Event::SessionChanged {
            session,
            to: Session::Ended(end),
        });
    }
}

/// Judged at the ordering point (I08). The setting governs agents on every path (R15).
fn may_end(
    draft: &Draft<'_>,
    by: &Actor,
    conversation: &Conversation,
    ticket: Option<&Ticket>,
) -> Result<(), Rejection> {
    let settings = draft.around.settings;
    match by {
        Actor::System => Ok(()),
        Actor::EndUser if settings.end_users_can_end_sessions => Ok(()),
        Actor::Rule { .. } if settings.agents_can_end_sessions => Ok(()),
        Actor::EndUser | Actor::Rule { .. } => Err(Rejection::EndingSwitchedOff),
        Actor::Agent(agent) => match ticket {
            Some(ticket) => ending(agent, ticket, &conversation.session, settings).map_err(|why| match why {
                CannotEnd::Ended(end) => Rejection::SessionEnded(end),
                CannotEnd::SwitchedOff => Rejection::EndingSwitchedOff,
                CannotEnd::NotTheirs => Rejection::NotTheirsToEnd,
                CannotEnd::TicketClosed => Rejection::TicketClosed,
            }),
            // While only the bot has it, no agent sees it: there is nothing to end it from.
            None => Err(Rejection::UnknownSession),
        },
    }
}

fn ended_by(by: &Actor) -> EndedBy {
    match by {
        Actor::Agent(agent) => EndedBy::Agent(agent.id),
        Actor::EndUser => EndedBy::EndUser,
        Actor::Rule { id, .. } => EndedBy::Trigger(*id),
        Actor::System => EndedBy::System,
    }
}
