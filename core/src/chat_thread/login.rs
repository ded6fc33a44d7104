//! Login (R47): what becomes of an anonymous chat thread once its visitor is known.
//!
//! It moves to the person as a whole, or it stays where it is as a whole: two logs are never merged. Who the person is
//! was found out before, by the site's signature alone; nothing that was said in the chat counts for that.

use super::{Actor, Draft, Event, Outcome, end};
use crate::conversation::Conversation;
use crate::end_user::EndUser;
use crate::ids::SessionId;
use crate::ticket::event::{By, TicketEvent};

/// What becomes of it.
enum Fate {
    /// It is the person's from now on.
    Moves,
    /// The person has a live session elsewhere: this one ends, and the log stays where it was.
    Ends(SessionId),
    /// The same, and nothing is live here: all stays as it is.
    Stays,
}

/// The visitor of an anonymous chat thread turns out to be this person.
pub(super) fn log_in(
    draft: &mut Draft<'_>,
    person: EndUser,
    theirs: &[Conversation],
    has_tickets: bool,
) -> Outcome {
    match fate(draft, theirs) {
        Fate::Moves => move_to(draft, person, has_tickets),
        Fate::Ends(session) => drop(end::carry_out(draft, session, &Actor::System)),
        Fate::Stays => {}
    }
    Outcome::Done {}
}

fn fate(draft: &Draft<'_>, theirs: &[Conversation]) -> Fate {
    // Whose chat thread it is has been said already: whoever logs in next on the same device takes nothing away.
    if draft.thread.end_user.is_identified() {
        return Fate::Stays;
    }
    // A conversation that is over by its time is over, whether or not anybody has come by to end it (R44).
    let is_live = |it: &Conversation| it.is_live() && !it.is_forgotten(draft.at, draft.around.settings);
    let here = draft.thread.latest().filter(|latest| latest.is_live());
    match here {
        _ if !theirs.iter().any(is_live) => Fate::Moves,
        Some(live) => Fate::Ends(live.id),
        None => Fate::Stays,
    }
}

fn move_to(draft: &mut Draft<'_>, mut person: EndUser, has_tickets: bool) {
    let before = draft.thread.end_user.name.clone();
    if !has_tickets {
        // What was told in this very chat is kept unless the site knows better, and stays unverified. Of one who has
        // other tickets it says nothing: somebody else may have sat here (R47).
        person.name = person.name.or_else(|| before.clone());
        person.email = person.email.or_else(|| draft.thread.end_user.email.clone());
    }
    let external_id = person.external_id.clone().unwrap_or_default();
    let to = person.name.clone().unwrap_or_else(|| external_id.clone());
    draft.emit(Event::MovedTo(Box::new(person)));
    let sessions: Vec<SessionId> = draft.thread.conversations.iter().map(|it| it.id).collect();
    for session in sessions {
        let changed = TicketEvent::Requester {
            from: before.clone(),
            to: to.clone(),
            external_id: external_id.clone(),
        };
        draft.log(session, &By::EndUser, changed);
    }
}
