//! Changes of a ticket, as one step or not at all: first what is said, then the fields, then the end (R30).

use super::{Actor, Draft, Effect, Outcome, Rejection, end};
use crate::conversation::Conversation;
use crate::ids::{AgentId, ClientMessageId, Seq, SessionId, TicketId};
use crate::message::Author;
use crate::routing::capacity;
use crate::session::{Placement, SessionState};
use crate::ticket::composer::{ChannelClosed, composer};
use crate::ticket::event::{By, TicketEvent};
use crate::ticket::{CannotSet, Comment, CommentTo, Set, Status, Ticket, Update, tidy_tags};

pub(super) fn update_ticket(
    draft: &mut Draft<'_>,
    ticket: TicketId,
    actor: &Actor,
    update: Update,
    cid: Option<ClientMessageId>,
) -> Result<Outcome, Rejection> {
    let conversation = draft.thread.of_ticket(ticket).ok_or(Rejection::UnknownTicket)?;
    let session = conversation.id;
    let its = its_ticket(draft, session)?;
    if let Actor::Agent(agent) = actor
        && !agent.sees(its)
    {
        return Err(Rejection::UnknownTicket);
    }
    if its.status == Status::Closed {
        return Err(Rejection::TicketClosed);
    }
    // Who may end it is judged before the step changes whose it is.
    let end = if update.end_session {
        Some(end::judge(draft, session, actor)?)
    } else {
        None
    };
    let by = actor.named();
    if let Some(reference) = update.from_macro {
        draft.log(session, &by, TicketEvent::MacroApplied(reference));
    }
    let said = match update.comment {
        Some(comment) => say(draft, session, actor, &by, comment, cid)?,
        None => None,
    };
    if let Some(group) = update.group {
        set_group(draft, session, &by, group.value())?;
    }
    if let Some(assignee) = update.assignee {
        set_assignee(draft, session, &by, assignee)?;
    }
    if let Some(to) = update.priority {
        let from = its_ticket(draft, session)?.priority;
        if from != to {
            draft.log(session, &by, TicketEvent::Priority { from, to });
        }
    }
    if let Some(tags) = update.tags {
        let (from, to) = (its_ticket(draft, session)?.tags.clone(), tidy_tags(tags));
        if from != to {
            draft.log(session, &by, TicketEvent::Tags { from, to });
        }
    }
    if let Some(to) = update.status {
        set_status(draft, session, &by, to)?;
    }
    match end {
        Some(end::Judged::May) => {
            end::carry_out(draft, session, actor);
        }
        Some(end::Judged::Already(_)) | None => {}
    }
    Ok(match said {
        Some(seq) => Outcome::Said {
            session,
            seq,
            placement: Placement::Appended,
        },
        None => Outcome::Done {},
    })
}

fn say(
    draft: &mut Draft<'_>,
    session: SessionId,
    actor: &Actor,
    by: &By,
    comment: Comment,
    cid: Option<ClientMessageId>,
) -> Result<Option<Seq>, Rejection> {
    let conversation = draft
        .thread
        .conversation(session)
        .ok_or(Rejection::UnknownSession)?;
    let ticket = its_ticket(draft, session)?;
    let id = ticket.id;
    let email = draft.thread.end_user.email.clone();
    let offered = composer(&conversation.session, ticket.status, email.is_some());
    let text = String::from(comment.text);
    match offered.resolve(comment.to).map_err(refused)? {
        CommentTo::Messaging | CommentTo::Public => {
            let author = match actor {
                Actor::Agent(agent) => Author::Agent {
                    id: agent.id,
                    name: agent.name.clone(),
                },
                Actor::EndUser => Author::EndUser,
                Actor::Rule { title, .. } => Author::Business { name: title.clone() },
                Actor::System => Author::Bot,
            };
            Ok(Some(draft.say(session, author, text, Vec::new(), cid)))
        }
        CommentTo::Email => {
            let to = email.ok_or(Rejection::EmailUnknown)?;
            if let Some(entry) = draft.log(session, by, TicketEvent::Emailed { to, text }) {
                draft.effects.push(Effect::SendEmail { ticket: id, entry });
            }
            Ok(None)
        }
        CommentTo::Note => {
            draft.log(session, by, TicketEvent::Noted { text });
            Ok(None)
        }
    }
}

const fn refused(why: ChannelClosed) -> Rejection {
    match why {
        ChannelClosed::SessionEnded(end) => Rejection::SessionEnded(end),
        ChannelClosed::EmailUnknown => Rejection::EmailUnknown,
        ChannelClosed::TicketClosed => Rejection::TicketClosed,
    }
}

/// Writes a status; one that leaves new/open makes the session inactive (R06).
pub(super) fn set_status(
    draft: &mut Draft<'_>,
    session: SessionId,
    by: &By,
    to: Status,
) -> Result<(), Rejection> {
    let ticket = its_ticket(draft, session)?;
    let from = ticket.status;
    if from == to {
        return Ok(());
    }
    match ticket.may_become(to) {
        Ok(()) => {}
        Err(CannotSet::NeedsAssignee) => return Err(Rejection::SolvingNeedsAssignee),
        Err(CannotSet::NotByHand(to)) => match by {
            // Closing is the system's, or a rule's: some days after solving (R43).
            By::System | By::Rule { .. } if to.is_closed() => {}
            By::EndUser | By::Bot | By::Agent { .. } | By::Business { .. } | By::System | By::Rule { .. } => {
                return Err(Rejection::StatusNotSettable(to));
            }
        },
    }
    draft.log(session, by, TicketEvent::Status { from, to });
    match to {
        Status::New | Status::Open => {}
        // The ticket has left new/open, so the session is inactive until the end user writes (R06).
        Status::Pending | Status::Hold | Status::Solved | Status::Closed => {
            draft.turn(session, by, SessionState::Inactive);
        }
    }
    Ok(())
}

fn set_assignee(
    draft: &mut Draft<'_>,
    session: SessionId,
    by: &By,
    to: Set<AgentId>,
) -> Result<(), Rejection> {
    match to {
        Set::Nothing => give_to(draft, session, by, None, false),
        Set::To(agent) => {
            let room = draft
                .around
                .room
                .filter(|room| room.agent == agent)
                .ok_or(Rejection::UnknownAgent)?;
            give_to(draft, session, by, Some(agent), room.free() == 0)
        }
    }
}

/// Writes an assignment; a new ticket becomes open by it (R43).
pub(super) fn give_to(
    draft: &mut Draft<'_>,
    session: SessionId,
    by: &By,
    to: Option<AgentId>,
    full: bool,
) -> Result<(), Rejection> {
    let conversation = draft
        .thread
        .conversation(session)
        .ok_or(Rejection::UnknownSession)?;
    let state = conversation.session.state();
    let ticket = its_ticket(draft, session)?;
    let takes_a_slot = capacity::counts_for(state, ticket.status, to, draft.around.settings).is_some();
    let (from, status) = (ticket.assignee, ticket.status);
    if from == to {
        return Ok(());
    }
    let over_capacity = full && takes_a_slot;
    draft.log(
        session,
        by,
        TicketEvent::Assignee {
            from,
            to,
            over_capacity,
        },
    );
    if status == Status::New && to.is_some() {
        draft.log(
            session,
            by,
            TicketEvent::Status {
                from: status,
                to: Status::Open,
            },
        );
    }
    Ok(())
}

fn set_group(
    draft: &mut Draft<'_>,
    session: SessionId,
    by: &By,
    to: Option<crate::ids::GroupId>,
) -> Result<(), Rejection> {
    let from = its_ticket(draft, session)?.group;
    if to.is_some_and(|to| !draft.around.groups.iter().any(|group| group.id == to)) {
        return Err(Rejection::UnknownGroup);
    }
    if from != to {
        draft.log(session, by, TicketEvent::Group { from, to });
    }
    Ok(())
}

fn its_ticket<'d>(draft: &'d Draft<'_>, session: SessionId) -> Result<&'d Ticket, Rejection> {
    draft
        .thread
        .conversation(session)
        .and_then(Conversation::ticket)
        .ok_or(Rejection::UnknownTicket)
}
