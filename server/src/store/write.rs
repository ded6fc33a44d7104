//! What a decision writes: first the rows that it changes, then the entries of both logs, then the jobs.

use causerie_core::chat_thread::{ChatThread, Decision, Effect, Event};
use causerie_core::conversation::{Conversation, Stage};
use causerie_core::end_user::EndUser;
use causerie_core::message::ThreadEntry;
use causerie_core::session::Session;
use causerie_core::ticket::Ticket;
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::{AgentId, ChatThreadId, EndUserId, SessionId, TicketId, Timestamp};

use super::codec::{bytes, int, json, name};
use super::head::Head;
use super::{Script, Whose, job};

/// What the chat thread was before.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Before<'a> {
    /// Nothing: the first message makes it, and an anonymous end user with it.
    Fresh(&'a Whose),
    /// This.
    Loaded(&'a Head),
}

/// Adds to the script all that a decision writes. `was` is the state it was made on, `now` the time of the jobs.
pub(crate) fn write(
    script: &mut Script,
    before: Before<'_>,
    was: &ChatThread,
    decision: &Decision,
    now: Timestamp,
) {
    let after = &decision.after;
    match before {
        Before::Fresh(whose) => insert_thread(script, whose, after),
        Before::Loaded(head) => update_thread(script, head, was, after),
    }
    for conversation in &after.conversations {
        match was.conversation(conversation.id) {
            None => {
                let number = match before {
                    Before::Fresh(_) => 1,
                    Before::Loaded(head) => head.conversations + 1,
                };
                insert_conversation(script, after.id, number, conversation);
            }
            Some(old) if old != conversation => update_conversation(script, conversation),
            Some(_) => {}
        }
        let old = was.conversation(conversation.id).and_then(Conversation::ticket);
        if let Some(ticket) = conversation.ticket() {
            let changed = last_change(&decision.events, conversation.id);
            match (old, changed) {
                (None, _) => {
                    insert_ticket(
                        script,
                        after,
                        conversation,
                        ticket,
                        changed.unwrap_or(after.last_at),
                    );
                }
                (Some(_), Some(at)) => update_ticket(script, ticket, at),
                (Some(_), None) => {}
            }
        }
    }
    for event in &decision.events {
        match event {
            Event::Said(entry) => insert_thread_entry(script, after.id, entry),
            Event::TicketLogged { ticket, entry, .. } => {
                insert_ticket_entry(script, *ticket, entry);
                if let TicketEvent::Assignee { to: Some(agent), .. } = &entry.what {
                    has_got_work(script, *agent, entry.at);
                }
            }
            Event::Erased => {
                for conversation in &after.conversations {
                    forget(script, conversation);
                }
            }
            Event::ConversationStarted(_)
            | Event::BotMoved { .. }
            | Event::EndUserDescribed { .. }
            | Event::MovedTo(_)
            | Event::SessionChanged { .. }
            | Event::TicketCreated { .. } => {}
        }
    }
    for effect in &decision.effects {
        match effect {
            Effect::AssignWaiting => job::assign_waiting(script, now),
            Effect::SendEmail { ticket, entry } => job::send_email(script, *ticket, *entry, now),
            Effect::ForgetEmails { ticket } => job::forget_emails(script, *ticket),
        }
    }
}

/// When the decision last touched the ticket of a session: by what was said in it, or by what was done to it.
pub(crate) fn last_change(events: &[Event], of: SessionId) -> Option<Timestamp> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Said(entry) => (entry.session == of).then_some(entry.at),
            Event::TicketLogged { session, entry, .. } => (*session == of).then_some(entry.at),
            Event::ConversationStarted(_)
            | Event::BotMoved { .. }
            | Event::EndUserDescribed { .. }
            | Event::MovedTo(_)
            | Event::Erased
            | Event::SessionChanged { .. }
            | Event::TicketCreated { .. } => None,
        })
        .next_back()
}

fn insert_thread(script: &mut Script, whose: &Whose, after: &ChatThread) {
    match whose {
        Whose::Anonymous { site, secret_hash } => {
            script
                .then(
                    "INSERT INTO end_user (id, site, secret_hash, name, email, locale, created_at) \
                     VALUES (?, ?, ?, ?, ?, ?, ?)",
                )
                .with(bytes(after.end_user.id.0))
                .with(site.0)
                .with(secret_hash.to_vec())
                .with(after.end_user.name.clone())
                .with(after.end_user.email.clone())
                .with(after.end_user.locale.clone())
                .with(after.last_at.0);
        }
        Whose::Identified(_) => described(script, &after.end_user),
    }
    script
        .then(
            "INSERT INTO chat_thread (id, end_user, current, head, last_at, read_upto, conversations, created_at) \
             VALUES (?, ?, 1, ?, ?, 0, ?, ?)",
        )
        .with(bytes(after.id.0))
        .with(bytes(after.end_user.id.0))
        .with(int(after.head.0))
        .with(after.last_at.0)
        .with(int(after.conversations.len() as u64))
        .with(after.last_at.0);
}

fn update_thread(script: &mut Script, head: &Head, was: &ChatThread, after: &ChatThread) {
    if head.thread.end_user != after.end_user {
        described(script, &after.end_user);
    }
    if head.thread.end_user.id != after.end_user.id {
        move_thread(script, after.id, head.thread.end_user.id, after.end_user.id);
    }
    let fresh = after.conversations.len() - was.conversations.len();
    if (was.head, was.last_at) != (after.head, after.last_at) || fresh > 0 {
        script
            .then("UPDATE chat_thread SET head = ?, last_at = ?, conversations = ? WHERE id = ?")
            .with(int(after.head.0))
            .with(after.last_at.0)
            .with(int(head.conversations + fresh as u64))
            .with(bytes(after.id.0));
    }
}

fn described(script: &mut Script, it: &EndUser) {
    script
        .then("UPDATE end_user SET name = ?, email = ?, email_verified = ?, locale = ? WHERE id = ?")
        .with(it.name.clone())
        .with(it.email.clone())
        .with(it.email_verified)
        .with(it.locale.clone())
        .with(bytes(it.id.0));
}

/// The chat thread becomes the person's current one; the anonymous end user whose it was is nobody any more (R47).
fn move_thread(script: &mut Script, thread: ChatThreadId, from: EndUserId, to: EndUserId) {
    script
        .then("UPDATE chat_thread SET current = 0 WHERE end_user = ? AND current = 1")
        .with(bytes(to.0));
    script
        .then("UPDATE chat_thread SET end_user = ?, current = 1 WHERE id = ?")
        .with(bytes(to.0))
        .with(bytes(thread.0));
    script
        .then("DELETE FROM end_user WHERE id = ?")
        .with(bytes(from.0));
}

/// The columns `state`, `since` and `ended_by`.
fn session(script: &mut Script, session: Session) {
    let (since, ended_by) = match session {
        Session::Active { since } | Session::Inactive { since } => (since, None),
        Session::Ended(end) => (end.at, Some(json(&end.by))),
    };
    script.with(name(&session.state())).with(since.0).with(ended_by);
}

fn progress(stage: &Stage) -> Option<String> {
    match stage {
        Stage::Bot(progress) => Some(json(progress)),
        Stage::HandedOff(_) => None,
    }
}

fn insert_conversation(script: &mut Script, thread: ChatThreadId, number: u64, it: &Conversation) {
    script
        .then(
            "INSERT INTO conversation (id, thread, number, subject, first, previous_session, previous_ticket, \
             started_at, last_message_at, silent_since, status_since, timer, progress, live, state, since, ended_by) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .with(bytes(it.id.0))
        .with(bytes(thread.0))
        .with(int(number))
        .with(it.subject.clone())
        .with(int(it.first.0))
        .with(it.previous.map(|previous| bytes(previous.session.0)))
        .with(it.previous.and_then(|previous| previous.ticket).map(|ticket| int(ticket.0)))
        .with(it.started_at.0);
    conversation_state(script, it);
}

fn update_conversation(script: &mut Script, it: &Conversation) {
    script.then(
        "UPDATE conversation SET last_message_at = ?, silent_since = ?, status_since = ?, timer = ?, \
             progress = ?, live = ?, state = ?, since = ?, ended_by = ? WHERE id = ?",
    );
    conversation_state(script, it);
    script.with(bytes(it.id.0));
}

/// What never changes but by an erasure. The rest of what it changes is written as ever.
fn forget(script: &mut Script, it: &Conversation) {
    script
        .then("UPDATE conversation SET subject = ?, progress = ? WHERE id = ?")
        .with(it.subject.clone())
        .with(progress(&it.stage))
        .with(bytes(it.id.0));
    if let Some(ticket) = it.ticket() {
        script
            .then("UPDATE ticket SET subject = ?, fields = ? WHERE id = ?")
            .with(ticket.subject.clone())
            .with(json(&ticket.fields))
            .with(int(ticket.id.0));
    }
}

/// The columns `last_message_at`, `silent_since`, `status_since`, `timer`, `progress`, `live` and those of the session.
fn conversation_state(script: &mut Script, it: &Conversation) {
    script
        .with(it.last_message_at.0)
        .with(it.silent_since.0)
        .with(it.status_since.0)
        .with(it.timer().map(|timer| name(&timer)))
        .with(progress(&it.stage))
        .with(it.is_live());
    session(script, it.session);
}

fn insert_ticket(script: &mut Script, thread: &ChatThread, of: &Conversation, it: &Ticket, at: Timestamp) {
    script
        .then(
            "INSERT INTO ticket (id, session, thread, subject, fields, channel, created_at, status, priority, \
             assignee, agent_group, tags, routing, head, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .with(int(it.id.0))
        .with(bytes(of.id.0))
        .with(bytes(thread.id.0))
        .with(it.subject.clone())
        .with(json(&it.fields))
        .with(name(&it.channel))
        .with(at.0);
    ticket_state(script, it, at);
}

fn update_ticket(script: &mut Script, it: &Ticket, at: Timestamp) {
    script.then(
        "UPDATE ticket SET status = ?, priority = ?, assignee = ?, agent_group = ?, tags = ?, routing = ?, \
         head = ?, updated_at = ? WHERE id = ?",
    );
    ticket_state(script, it, at);
    script.with(int(it.id.0));
}

/// The columns `status`, `priority`, `assignee`, `agent_group`, `tags`, `routing`, `head` and `updated_at`.
fn ticket_state(script: &mut Script, it: &Ticket, at: Timestamp) {
    script
        .with(it.status.name())
        .with(it.priority.name())
        .with(it.assignee.map(|agent| int(agent.0)))
        .with(it.group.map(|group| int(group.0)))
        .with(json(&it.tags))
        .with(it.routing.name())
        .with(int(it.head.0))
        .with(at.0);
}

fn insert_thread_entry(script: &mut Script, thread: ChatThreadId, it: &ThreadEntry) {
    script
        .then(
            "INSERT INTO thread_entry (thread, seq, session, at, author, text, replies, cid) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .with(bytes(thread.0))
        .with(int(it.seq.0))
        .with(bytes(it.session.0))
        .with(it.at.0)
        .with(json(&it.author))
        .with(it.text.clone())
        .with((!it.replies.is_empty()).then(|| json(&it.replies)))
        .with(it.cid.map(|cid| bytes(cid.0)));
}

fn insert_ticket_entry(script: &mut Script, ticket: TicketId, it: &TicketEntry) {
    script
        .then(
            "INSERT INTO ticket_entry (ticket, seq, audit, after, at, by, what) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .with(int(ticket.0))
        .with(int(it.seq.0))
        .with(int(it.audit.0))
        .with(int(it.after.0))
        .with(it.at.0)
        .with(json(&it.by))
        .with(json(&it.what));
}

fn has_got_work(script: &mut Script, agent: AgentId, at: Timestamp) {
    script
        .then("UPDATE agent SET idle_since = ? WHERE id = ?")
        .with(at.0)
        .with(int(agent.0));
}
