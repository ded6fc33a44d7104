//! The two sockets. Each connection is one task: it hears, it is told, it answers; nothing else holds its state.
//!
//! - [`end_user`]: the widget's, at `/api/messaging/socket`.
//! - [`agent`]: the workspace's, at `/api/workspace/socket`.
//!
//! What is shared is here: small buffers, one reader and writer (`Pipe`), and the codes a socket closes with.

pub mod agent;
pub mod end_user;

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use causerie_core::ClientMessageId;
use causerie_core::chat_thread::Rejection;
use causerie_core::message::{Text, TextFault};
use causerie_core::wire::{HEARTBEAT_MS, MAX_FRAME, Refused, SUBPROTOCOL};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout};
use tungstenite::error::CapacityError;

use crate::error::{Problem, too_fast};
use crate::rate::{Bucket, Rate};
use crate::store::StoreError;

/// Most visitors are idle: what their sockets read into is small, and grows with what they send.
const READ_BUFFER: usize = 1024;

/// How much is gathered before it is written.
const WRITE_BUFFER: usize = 4 * 1024;

/// The most that may wait to be written: one frame at a time, the largest is an agent's welcome.
const WRITE_BUFFER_MOST: usize = 16 * 1024 * 1024;

/// How long a connection may take to say who it is.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// How long a frame may take to be written to a reader that does not read.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// How long a closing connection may take to say goodbye.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);

/// A client that misses two heartbeats is gone.
const SILENCE: Duration = Duration::from_millis(HEARTBEAT_MS as u64 * 27 / 10);

/// How many frames that cannot be read, or come too fast, are answered before the socket closes.
const STRIKES: u8 = 20;

/// Why a socket closes: its code and its word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Close {
    code: u16,
    reason: &'static str,
}

impl Close {
    /// The server restarts: come back, each after a time of its own.
    pub const RESTART: Self = Self {
        code: 1012,
        reason: "restart",
    };
    /// A frame that is no text.
    pub const NOT_TEXT: Self = Self {
        code: 1003,
        reason: "text frames only",
    };
    /// A frame that is no UTF-8.
    pub const NOT_UTF8: Self = Self {
        code: 1007,
        reason: "not UTF-8",
    };
    /// A frame of more than [`MAX_FRAME`] bytes.
    pub const TOO_LARGE: Self = Self {
        code: 1009,
        reason: "frame too large",
    };
    /// A frame that breaks the protocol.
    pub const BROKEN: Self = Self {
        code: 1002,
        reason: "protocol error",
    };
    /// Something failed here: come back.
    pub const FAILED: Self = Self {
        code: 1011,
        reason: "try again",
    };
    /// Too many frames that cannot be read, or too fast.
    pub const FLOOD: Self = Self {
        code: 4029,
        reason: "too much",
    };
    /// The first frame was no hello, or came too late.
    pub const NO_HELLO: Self = Self {
        code: 4001,
        reason: "hello expected",
    };
    /// Not known here, or not any more: do not come back with the same credentials.
    pub const UNKNOWN: Self = Self {
        code: 4003,
        reason: "not signed in",
    };
    /// What is said is not read, or what was known has changed: read everything anew.
    pub const RESYNC: Self = Self {
        code: 4008,
        reason: "resync",
    };
    /// Two heartbeats missed.
    pub const SILENT: Self = Self {
        code: 4009,
        reason: "silent",
    };
}

impl Close {
    /// The code.
    pub(crate) const fn code(self) -> u16 {
        self.code
    }
}

/// The other side is gone, or this one has to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Over {
    /// Close with this.
    With(Close),
    /// There is nobody to close with.
    Gone,
}

impl From<Close> for Over {
    fn from(close: Close) -> Self {
        Self::With(close)
    }
}

/// A socket with its limits.
#[derive(Debug)]
pub(crate) struct Pipe {
    socket: WebSocket,
    rate: Rate,
    bucket: Bucket,
    strikes: u8,
    heard_at: Instant,
}

/// Sets a socket up: small buffers, bounded sizes, our subprotocol, which the client has to speak.
pub(crate) fn prepared(upgrade: WebSocketUpgrade) -> Result<WebSocketUpgrade, Problem> {
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MOST)
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME);
    if upgrade.selected_protocol().is_some() {
        Ok(upgrade)
    } else {
        Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "no_subprotocol",
            format!("This socket speaks {SUBPROTOCOL}."),
        ))
    }
}

impl Pipe {
    pub(crate) fn new(socket: WebSocket, rate: Rate) -> Self {
        Self {
            socket,
            rate,
            bucket: Bucket::full(rate),
            strikes: 0,
            heard_at: Instant::now(),
        }
    }

    /// When the other side counts as gone, if nothing is heard.
    pub(crate) fn silent_at(&self) -> Instant {
        self.heard_at + SILENCE
    }

    /// The next text frame. May be dropped while it waits: nothing is lost by that.
    pub(crate) async fn hear(&mut self) -> Result<Utf8Bytes, Over> {
        loop {
            match self.socket.recv().await {
                Some(Ok(Message::Text(text))) => {
                    self.heard_at = Instant::now();
                    return Ok(text);
                }
                // The library answers pings; a flood of them counts as one of frames.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    self.heard_at = Instant::now();
                    if self.bucket.take(self.rate, 1.0).is_err() {
                        return Err(Close::FLOOD.into());
                    }
                }
                Some(Ok(Message::Binary(_))) => return Err(Close::NOT_TEXT.into()),
                Some(Ok(Message::Close(_))) | None => return Err(Over::Gone),
                Some(Err(fault)) => return Err(reason(fault)),
            }
        }
    }

    /// The first frame, in time.
    pub(crate) async fn first(&mut self) -> Result<Utf8Bytes, Over> {
        timeout(HELLO_WITHIN, self.hear())
            .await
            .unwrap_or(Err(Close::NO_HELLO.into()))
    }

    /// Says something. A reader that does not read is dropped.
    pub(crate) async fn say<T: Serialize>(&mut self, down: &T) -> Result<(), Over> {
        let text = serde_json::to_string(down).map_err(|fault| {
            tracing::error!(%fault, "a frame could not be written");
            Over::With(Close::FAILED)
        })?;
        match timeout(WRITE_WITHIN, self.socket.send(Message::Text(text.into()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over::Gone),
            Err(_) => Err(Close::RESYNC.into()),
        }
    }

    /// Takes a frame's cost from its limit. What is too fast is refused; what goes on so is closed.
    pub(crate) fn admit(&mut self, cid: Option<ClientMessageId>) -> Result<Option<Refused>, Over> {
        match self.bucket.take(self.rate, 1.0) {
            Ok(()) => {
                self.strikes = self.strikes.min(STRIKES / 2);
                Ok(None)
            }
            Err(wait) => {
                self.strike()?;
                Ok(Some(too_fast(cid, wait)))
            }
        }
    }

    /// Something was wrong with a frame; too much of that closes.
    pub(crate) fn strike(&mut self) -> Result<(), Over> {
        self.strikes += 1;
        if self.strikes > STRIKES {
            Err(Close::FLOOD.into())
        } else {
            Ok(())
        }
    }

    /// Says why, and goes.
    pub(crate) async fn close(mut self, over: Over) {
        let Over::With(close) = over else { return };
        let frame = CloseFrame {
            code: close.code,
            reason: Utf8Bytes::from_static(close.reason),
        };
        let goodbye = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                // Until the other side has closed too, so that it reads the reason before the line is cut.
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        // Whoever does not answer is left.
        let _ = timeout(GOODBYE_WITHIN, goodbye).await;
    }
}

/// Reads a frame, or says what is wrong with it.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, known: &[&str]) -> Result<T, Refused> {
    serde_json::from_str(text).map_err(|fault| {
        let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
        let (code, message) = match &value {
            None => ("not_json", format!("The frame is not JSON: {fault}.")),
            Some(value) => match name_of(value) {
                Some(name) if known.contains(&name) => match text_fault(value) {
                    Some(text) => (Rejection::Text(text).code(), text.to_string()),
                    None => (
                        "malformed",
                        format!("The frame {name} has another shape than expected: {fault}."),
                    ),
                },
                Some(_) | None => (
                    "unknown_command",
                    format!("There is no such command. Known are {}.", known.join(", ")),
                ),
            },
        };
        Refused {
            cid: value.as_ref().and_then(cid_of),
            code: code.to_owned(),
            message,
            retryable: false,
            retry_after_ms: None,
        }
    })
}

/// Where an agent's update has its text.
const COMMENT: &str = "/update/comment/text";

/// A text that cannot stand is told as such: its writer meets the sentence.
fn text_fault(frame: &serde_json::Value) -> Option<TextFault> {
    let body = frame.as_object()?.values().next()?;
    Text::parse(body.pointer(COMMENT)?.as_str()?).err()
}

/// What a socket answers to a frame that has no place here.
pub(crate) fn refusal(cid: Option<ClientMessageId>, code: &str, message: &str) -> Refused {
    Refused {
        cid,
        code: code.to_owned(),
        message: message.to_owned(),
        retryable: false,
        retry_after_ms: None,
    }
}

/// The store failed: the client comes back.
pub(crate) fn failed(fault: StoreError) -> Over {
    tracing::error!(%fault, "a socket could not read");
    Close::FAILED.into()
}

fn name_of(value: &serde_json::Value) -> Option<&str> {
    match value.as_object() {
        Some(object) => object.keys().next().map(String::as_str),
        None => value.as_str(),
    }
}

fn cid_of(value: &serde_json::Value) -> Option<ClientMessageId> {
    let body = value.as_object()?.values().next()?;
    serde_json::from_value(body.get("cid")?.clone()).ok()
}

fn reason(fault: axum::Error) -> Over {
    let inner = fault.into_inner();
    match inner.downcast_ref::<tungstenite::Error>() {
        Some(tungstenite::Error::Utf8(_)) => Close::NOT_UTF8.into(),
        Some(tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. })) => Close::TOO_LARGE.into(),
        Some(tungstenite::Error::Protocol(
            tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        )) => Over::Gone,
        Some(tungstenite::Error::Protocol(_)) => Close::BROKEN.into(),
        Some(_) => Over::Gone,
        None => Close::BROKEN.into(),
    }
}

#[cfg(test)]
mod tests {
    use causerie_core::wire::end_user::Up;

    use super::*;

    const KNOWN: &[&str] = &["Hello", "Send", "End", "Read", "Typing", "Ping"];

    fn fault(text: &str) -> Refused {
        parse::<Up>(text, KNOWN).unwrap_err()
    }

    #[test]
    fn each_bad_frame_is_named() {
        assert_eq!(fault("hello").code, "not_json");
        assert_eq!(fault("").code, "not_json");
        assert_eq!(fault("null").code, "unknown_command");
        assert_eq!(fault("{\"Sing\":{}}").code, "unknown_command");
        assert_eq!(fault("\"Sing\"").code, "unknown_command");
        assert_eq!(fault("{\"Send\":{\"text\":1}}").code, "malformed");
        let deep = "[".repeat(60_000);
        assert_eq!(fault(&deep).code, "not_json");
    }

    #[test]
    fn a_bad_command_is_answered_under_its_own_id() {
        let refused = fault("{\"Send\":{\"cid\":\"0197a000-0000-7000-8000-000000000001\",\"text\":1}}");
        assert!(refused.cid.is_some());
    }
}
