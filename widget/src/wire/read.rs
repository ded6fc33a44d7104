//! From JSON.

use causerie_core::client::end_user::LoginAnswer;
use causerie_core::client::outbox::State;
use causerie_core::client::timeline::{LogMark, Said, Written};
use causerie_core::ids::{AgentId, ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId};
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::{EndReason, Placement, SessionState};
use causerie_core::ticket::Status;
use causerie_core::time::Timestamp;
use causerie_core::wire::Refused;
use causerie_core::wire::end_user::{Ack, Down, LoggedIn, Resumed, SessionReport};
use js_sys::{Array, JSON, Object};
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};

use crate::js::{field, text};

/// A frame from the server.
#[must_use]
pub fn frame(json: &str) -> Option<Down> {
    let (kind, body) = variant(&JSON::parse(json).ok()?)?;
    Some(match kind.as_str() {
        "Resumed" => Down::Resumed(resumed(&body)?),
        "Entries" => Down::Entries(list(&body, entry)?),
        "Session" => Down::Session(report_of(&body)?),
        "Ack" => Down::Ack(ack(&body)?),
        "Refused" => Down::Refused(refused(&body)?),
        "Typing" => Down::Typing(body.as_bool()?),
        "Read" => Down::Read(Seq(number(&body)?)),
        "Pong" => Down::Pong,
        _ => return None,
    })
}

/// A session's state that was kept.
#[must_use]
pub fn report(json: &str) -> Option<SessionReport> {
    report_of(&JSON::parse(json).ok()?)
}

/// The id of a message, as it is part of a key.
#[must_use]
pub fn message_id(text: &str) -> Option<ClientMessageId> {
    id(&text.into()).map(ClientMessageId)
}

/// The id of whoever has logged in, as it was kept.
#[must_use]
pub fn end_user_id(text: &str) -> Option<EndUserId> {
    id(&text.into()).map(EndUserId)
}

/// What came of a login.
#[must_use]
pub fn login_answer(json: &str) -> Option<LoginAnswer> {
    let body = JSON::parse(json).ok()?;
    match id(&field(&body, "end_user")) {
        Some(end_user) => Some(LoginAnswer::Done(LoggedIn {
            end_user: EndUserId(end_user),
            until: time(&body, "until")?,
        })),
        None => refused(&body).map(LoginAnswer::Refused),
    }
}

/// The id of a session that was kept.
#[must_use]
pub fn session_id(text: &str) -> Option<SessionId> {
    id(&text.into()).map(SessionId)
}

/// A message that was kept.
#[must_use]
pub fn written(json: &str) -> Option<Written> {
    let item = JSON::parse(json).ok()?;
    let body = field(&item, "body");
    let (kind, details) = variant(&field(&item, "state"))?;
    let state = match kind.as_str() {
        "pending" => State::Pending,
        "sent" => State::Sent,
        "failed" => State::Failed {
            code: text(&details, "code")?,
            message: text(&details, "message")?,
        },
        _ => return None,
    };
    Some(Written {
        cid: ClientMessageId(id(&field(&item, "cid"))?),
        body: Said {
            text: text(&body, "text")?,
            session: id(&field(&body, "session")).map(SessionId),
            seen: Seq(number(&field(&body, "seen")).unwrap_or_default()),
            log: number(&field(&body, "log")).map(LogMark),
            carried: field(&body, "carried").is_truthy(),
        },
        written_at: time(&item, "written_at")?,
        state,
    })
}

fn resumed(body: &JsValue) -> Option<Resumed> {
    Some(Resumed {
        thread: id(&field(body, "thread")).map(ChatThreadId),
        epoch: number(&field(body, "epoch"))?,
        head: Seq(number(&field(body, "head"))?),
        read: Seq(number(&field(body, "read"))?),
        session: report_of(&field(body, "session")),
        build: text(body, "build")?,
        may_end: field(body, "may_end").is_truthy(),
    })
}

fn entry(body: &JsValue) -> Option<ThreadEntry> {
    Some(ThreadEntry {
        seq: Seq(number(&field(body, "seq"))?),
        at: time(body, "at")?,
        session: SessionId(id(&field(body, "session"))?),
        author: author(&field(body, "author"))?,
        text: text(body, "text")?,
        replies: list(&field(body, "replies"), JsValue::as_string).unwrap_or_default(),
        cid: id(&field(body, "cid")).map(ClientMessageId),
        // Nobody is left to read the log of whoever was erased: it has no reader here.
        erased: false,
    })
}

fn author(said: &JsValue) -> Option<Author> {
    let (kind, body) = variant(said)?;
    Some(match kind.as_str() {
        "end_user" => Author::EndUser,
        "bot" => Author::Bot,
        "agent" => Author::Agent {
            id: AgentId(number(&field(&body, "id"))?),
            name: text(&body, "name")?,
        },
        "business" => Author::Business {
            name: text(&body, "name")?,
        },
        _ => return None,
    })
}

fn report_of(body: &JsValue) -> Option<SessionReport> {
    Some(SessionReport {
        id: SessionId(id(&field(body, "id"))?),
        state: match &*text(body, "state")? {
            "active" => SessionState::Active,
            "inactive" => SessionState::Inactive,
            "ended" => SessionState::Ended,
            _ => return None,
        },
        ticket: text(body, "ticket").and_then(|status| {
            Some(match &*status {
                "new" => Status::New,
                "open" => Status::Open,
                "pending" => Status::Pending,
                "hold" => Status::Hold,
                "solved" => Status::Solved,
                "closed" => Status::Closed,
                _ => return None,
            })
        }),
        ended: text(body, "ended").and_then(|reason| {
            use EndReason::{EndedByAgent, EndedByEndUser, EndedBySystem, EndedByTrigger};
            [EndedByAgent, EndedByEndUser, EndedByTrigger, EndedBySystem]
                .into_iter()
                .find(|known| known.name() == reason)
        }),
    })
}

fn ack(body: &JsValue) -> Option<Ack> {
    Some(Ack {
        cid: ClientMessageId(id(&field(body, "cid"))?),
        session: SessionId(id(&field(body, "session"))?),
        seq: Seq(number(&field(body, "seq"))?),
        placement: match &*text(body, "placement")? {
            "appended" => Placement::Appended,
            "appended_reopening" => Placement::AppendedReopening,
            "started" => Placement::Started,
            _ => return None,
        },
        elsewhere: field(body, "elsewhere").is_truthy(),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a wait longer than it can hold is the longest it can"
)]
fn refused(body: &JsValue) -> Option<Refused> {
    Some(Refused {
        cid: id(&field(body, "cid")).map(ClientMessageId),
        code: text(body, "code")?,
        message: text(body, "message")?,
        retryable: field(body, "retryable").is_truthy(),
        retry_after_ms: number(&field(body, "retry_after_ms")).map(|wait| wait as u32),
    })
}

/// A variant and its body: `"Name"`, or `{"Name": body}`.
fn variant(value: &JsValue) -> Option<(String, JsValue)> {
    if let Some(name) = value.as_string() {
        return Some((name, JsValue::UNDEFINED));
    }
    let name = Object::keys(value.dyn_ref::<Object>()?).get(0).as_string()?;
    let body = field(value, &name);
    Some((name, body))
}

fn list<T>(value: &JsValue, item: impl Fn(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    value
        .dyn_ref::<Array>()?
        .iter()
        .map(|value| item(&value))
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "JSON's whole numbers; casts saturate"
)]
fn number(value: &JsValue) -> Option<u64> {
    value.as_f64().map(|number| number as u64)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "JSON's whole numbers; casts saturate"
)]
fn time(body: &JsValue, name: &str) -> Option<Timestamp> {
    field(body, name).as_f64().map(|ms| Timestamp(ms as i64))
}

fn id(value: &JsValue) -> Option<Uuid> {
    let text = value.as_string()?;
    let mut digits = text.chars().filter(|c| *c != '-').map(|c| c.to_digit(16));
    let value = (0..32).try_fold(0_u128, |value, _| Some(value << 4 | u128::from(digits.next()??)))?;
    digits.next().is_none().then(|| Uuid::from_u128(value))
}
