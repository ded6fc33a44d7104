//! To JSON.

use causerie_core::client::end_user::LoginPost;
use causerie_core::client::outbox::State;
use causerie_core::client::timeline::Written;
use causerie_core::ids::{Seq, SessionId};
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::SessionState;
use causerie_core::ticket::Status;
use causerie_core::wire::end_user::{Resumed, SessionReport, Up};
use js_sys::{Array, JSON};
use uuid::Uuid;
use wasm_bindgen::JsValue;

use crate::js::object;

/// A frame to the server.
#[must_use]
pub fn up(frame: &Up) -> String {
    let (kind, body) = match frame {
        Up::Hello(hello) => {
            let body = object(&[
                ("site", (&*hello.site).into()),
                ("secret", (&*hello.secret).into()),
                ("locale", (&*hello.locale).into()),
                ("person", id(hello.person.map(|person| person.0))),
                ("epoch", hello.epoch.map_or(JsValue::UNDEFINED, number)),
                ("last", seq(hello.last)),
            ]);
            ("Hello", body)
        }
        Up::Send(send) => {
            let body = object(&[
                ("cid", send.cid.to_string().into()),
                ("text", (&*send.text).into()),
                ("session", session(send.session)),
                ("seen", seq(send.seen)),
            ]);
            ("Send", body)
        }
        Up::End { cid, session: ended } => (
            "End",
            object(&[
                ("cid", cid.to_string().into()),
                ("session", session(Some(*ended))),
            ]),
        ),
        Up::Read(upto) => ("Read", seq(*upto)),
        Up::Typing(on) => ("Typing", (*on).into()),
        Up::Ping => return "\"Ping\"".to_owned(),
    };
    json(&object(&[(kind, body)]))
}

/// From where a follower goes on, as the server would say it.
pub(super) fn resumed_json(resumed: &Resumed) -> String {
    let body = object(&[
        ("thread", id(resumed.thread.map(|thread| thread.0))),
        ("epoch", number(resumed.epoch)),
        ("head", seq(resumed.head)),
        ("read", seq(resumed.read)),
        (
            "session",
            resumed.session.as_ref().map_or(JsValue::UNDEFINED, report),
        ),
        ("build", (&*resumed.build).into()),
        ("may_end", resumed.may_end.into()),
    ]);
    json(&object(&[("Resumed", body)]))
}

/// What a follower lacks, as the server would say it.
pub(super) fn entries_json(entries: &[ThreadEntry]) -> String {
    let entries: Array = entries.iter().map(entry).collect();
    json(&object(&[("Entries", entries.into())]))
}

fn entry(entry: &ThreadEntry) -> JsValue {
    let author = match &entry.author {
        Author::EndUser => "end_user".into(),
        Author::Bot => "bot".into(),
        Author::Agent { id, name } => {
            let body = object(&[("id", number(id.0)), ("name", (&**name).into())]);
            object(&[("agent", body)])
        }
        Author::Business { name } => object(&[("business", object(&[("name", (&**name).into())]))]),
    };
    object(&[
        ("seq", seq(entry.seq)),
        ("at", time(entry.at.0)),
        ("session", session(Some(entry.session))),
        ("author", author),
        ("text", (&*entry.text).into()),
        (
            "replies",
            entry
                .replies
                .iter()
                .map(|reply| JsValue::from(&**reply))
                .collect::<Array>()
                .into(),
        ),
        ("cid", id(entry.cid.map(|cid| cid.0))),
    ])
}

/// A login to be posted.
#[must_use]
pub fn login_json(site: &str, locale: &str, post: &LoginPost) -> String {
    json(&object(&[
        ("site", site.into()),
        ("locale", locale.into()),
        ("secret", (&*post.secret).into()),
        ("person", id(post.person.map(|person| person.0))),
        ("token", (&*post.token).into()),
    ]))
}

/// The site's key alone.
#[must_use]
pub fn site_json(site: &str) -> String {
    json(&object(&[("site", site.into())]))
}

/// A message to be kept.
#[must_use]
pub fn written_json(item: &Written) -> String {
    let state = match &item.state {
        State::Pending => "pending".into(),
        State::Sent => "sent".into(),
        State::Failed { code, message } => {
            let details = object(&[("code", (&**code).into()), ("message", (&**message).into())]);
            object(&[("failed", details)])
        }
    };
    let body = object(&[
        ("text", (&*item.body.text).into()),
        ("session", session(item.body.session)),
        ("seen", seq(item.body.seen)),
        (
            "log",
            item.body.log.map_or(JsValue::UNDEFINED, |log| number(log.0)),
        ),
        (
            "carried",
            if item.body.carried {
                true.into()
            } else {
                JsValue::UNDEFINED
            },
        ),
    ]);
    json(&object(&[
        ("cid", item.cid.to_string().into()),
        ("body", body),
        ("written_at", time(item.written_at.0)),
        ("state", state),
    ]))
}

/// A session's state to be kept.
#[must_use]
pub fn report_json(session: &SessionReport) -> String {
    json(&report(session))
}

fn report(report: &SessionReport) -> JsValue {
    let state = match report.state {
        SessionState::Active => "active",
        SessionState::Inactive => "inactive",
        SessionState::Ended => "ended",
    };
    let ticket = report.ticket.map(|status| match status {
        Status::New => "new",
        Status::Open => "open",
        Status::Pending => "pending",
        Status::Hold => "hold",
        Status::Solved => "solved",
        Status::Closed => "closed",
    });
    object(&[
        ("id", session(Some(report.id))),
        ("state", state.into()),
        ("ticket", ticket.map_or(JsValue::UNDEFINED, Into::into)),
        (
            "ended",
            report
                .ended
                .map_or(JsValue::UNDEFINED, |reason| reason.name().into()),
        ),
    ])
}

/// What is undefined is left out.
fn json(value: &JsValue) -> String {
    JSON::stringify(value).map_or_else(|_| String::new(), Into::into)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "JSON's numbers; what is counted here is far below"
)]
pub(super) fn number(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of a clock are far inside"
)]
pub(super) fn time(ms: i64) -> JsValue {
    JsValue::from_f64(ms as f64)
}

fn seq(seq: Seq) -> JsValue {
    number(seq.0)
}

fn session(session: Option<SessionId>) -> JsValue {
    id(session.map(|session| session.0))
}

fn id(id: Option<Uuid>) -> JsValue {
    id.map_or(JsValue::UNDEFINED, |id| id.to_string().into())
}
