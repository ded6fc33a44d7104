//! A customer's message: placed by the session rule, then answered by the bot where the bot has the conversation.

use super::{CustomerMessage, Draft, Event, Outcome, Rejection, handoff, queue};
use crate::bot::{Progress, Surroundings};
use crate::conversation::{Conversation, Previous, Stage};
use crate::ids::{ClientMessageId, Seq, SessionId};
use crate::message::{Author, Text};
use crate::planted::{self, Bug};
use crate::routing::capacity;
use crate::session::{Placement, Session, SessionState, placement};
use crate::ticket::Status;
use crate::ticket::event::{By, TicketEvent};

/// The longest subject taken from a first message, in characters.
const SUBJECT: usize = 80;

pub(super) fn message(draft: &mut Draft<'_>, message: CustomerMessage) -> Outcome {
    let mut placement = placement(draft.thread.latest().map(Conversation::standing));
    if planted::is(Bug::Reopens) && draft.thread.latest().is_some() {
        placement = Placement::Appended;
    }
    if planted::is(Bug::OpensOneEach) && draft.thread.conversations.len() > 1 {
        placement = Placement::Started;
    }
    let (session, seq) = match (placement, draft.thread.latest().map(|latest| latest.id)) {
        (Placement::Appended | Placement::AppendedReopening, Some(session)) => {
            (session, append(draft, session, &message, placement))
        }
        (Placement::Started, _) | (_, None) => start(draft, &message),
    };
    Outcome::Said {
        session,
        seq,
        placement,
    }
}

fn append(draft: &mut Draft<'_>, session: SessionId, message: &CustomerMessage, placement: Placement) -> Seq {
    let woken = draft.thread.would_wake();
    let held = draft
        .thread
        .conversation(session)
        .and_then(|conversation| capacity::holder(conversation, draft.around.settings));
    let text = message.text.as_str().to_owned();
    let seq = draft.say(session, Author::EndUser, text, Vec::new(), Some(message.cid));
    draft.turn(session, &By::EndUser, SessionState::Active);
    if let Some(from) = draft
        .thread
        .conversation(session)
        .and_then(Conversation::ticket)
        .map(|it| it.status)
        && placement == Placement::AppendedReopening
    {
        draft.log(
            session,
            &By::EndUser,
            TicketEvent::Status {
                from,
                to: Status::Open,
            },
        );
    }
    if let Some(agent) = woken {
        queue::woken(draft, session, agent, held);
    }
    let progress = match draft
        .thread
        .conversation(session)
        .map(|conversation| &conversation.stage)
    {
        Some(Stage::Bot(progress)) => progress.clone(),
        Some(Stage::HandedOff(_)) if planted::is(Bug::BotGoesOn) => Progress::default(),
        Some(Stage::HandedOff(_)) | None => return seq,
    };
    // What was written before a question was shown does not answer it (R10): it stands in the log, and the
    // question stands open.
    if message.seen >= progress.asked || planted::is(Bug::TakesOldForAnswer) {
        let (progress, moves) =
            draft
                .around
                .flow
                .answer(&progress, message.text.as_str(), &surroundings(draft, session));
        handoff::carry_out(draft, session, progress, moves);
    }
    seq
}

fn start(draft: &mut Draft<'_>, message: &CustomerMessage) -> (SessionId, Seq) {
    let session = draft.around.fresh_session;
    let previous = draft.thread.latest().map(|latest| Previous {
        session: latest.id,
        ticket: latest.ticket().map(|ticket| ticket.id),
    });
    let has_previous = previous.is_some();
    draft.emit(Event::ConversationStarted(Box::new(Conversation {
        id: session,
        session: Session::Active { since: draft.at },
        stage: Stage::Bot(Progress::default()),
        subject: subject(&message.text),
        first: draft.thread.head.next(),
        previous,
        started_at: draft.at,
        last_message_at: draft.at,
        silent_since: draft.at,
        status_since: draft.at,
    })));
    let text = message.text.as_str().to_owned();
    let seq = draft.say(session, Author::EndUser, text, Vec::new(), Some(message.cid));
    // Whatever it says, even the label of a reply offered in the old log, it is ordinary text here (R08).
    let (progress, moves) = draft.around.flow.begin(&surroundings(draft, session));
    handoff::carry_out(draft, session, progress, moves);
    if planted::is(Bug::SkipsBot) && has_previous {
        let _ = handoff::on_request(draft);
    }
    (session, seq)
}

/// What the bot knows of the world.
pub(super) fn surroundings<'a>(draft: &'a Draft<'_>, session: SessionId) -> Surroundings<'a> {
    Surroundings {
        locale: &draft.thread.end_user.locale,
        someone_available: draft.around.someone_available,
        groups: draft.around.groups,
        has_previous: draft
            .thread
            .conversation(session)
            .is_some_and(|conversation| conversation.previous.is_some()),
        email_known: draft.thread.end_user.email.is_some(),
    }
}

/// A message of the business, through the API: it reaches the end user only while a session lives (R19).
pub(super) fn business_message(
    draft: &mut Draft<'_>,
    cid: ClientMessageId,
    name: String,
    text: Text,
    replies: Vec<String>,
) -> Result<Outcome, Rejection> {
    let latest = draft.thread.latest().ok_or(Rejection::NothingLive)?;
    if let Some(end) = latest.session.ended() {
        return Err(Rejection::SessionEnded(end));
    }
    if !latest.is_live() {
        return Err(Rejection::NothingLive);
    }
    let session = latest.id;
    let seq = draft.say(
        session,
        Author::Business { name },
        text.into(),
        replies,
        Some(cid),
    );
    Ok(Outcome::Said {
        session,
        seq,
        placement: Placement::Appended,
    })
}

pub(super) fn describe(draft: &mut Draft<'_>, name: Option<String>, email: Option<String>) -> Outcome {
    if name.is_some() || email.is_some() {
        draft.emit(Event::EndUserDescribed { name, email });
    }
    Outcome::Done {}
}

/// One line that says what a conversation is about: the beginning of its first message.
fn subject(text: &Text) -> String {
    let line = text.as_str().lines().next().unwrap_or_default();
    if line.chars().count() <= SUBJECT {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(SUBJECT - 1).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}
