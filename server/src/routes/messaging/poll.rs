//! `POST /api/messaging/poll`: the socket's frames where sockets are blocked, by requests that wait (R41).
//!
//! Each request says hello and stands alone, so that any may get lost. One with commands in `up` is answered at once,
//! with their answers and nothing else. One without says what has come since `told`, which is the answer before's, and
//! waits where nothing has: requests that wait come one after the other, so what they say is in order. What is said,
//! and what is done, is the socket's `Visitor`; *is typing* alone is not told.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use causerie_core::ClientMessageId;
use causerie_core::wire::end_user::Down;
use causerie_core::wire::{MAX_FRAME, Refused};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use tokio::time::{Duration, Instant, sleep_until};

use super::from_no_other_page;
use crate::addresses;
use crate::error::{Problem, Told};
use crate::notifier::ThreadNotice;
use crate::notifier::mailbox::Overflowed;
use crate::socket::end_user::visitor::{self, Line, Since, Visitor};
use crate::socket::{Close, Over};
use crate::state::App;

/// How long an answer waits for something to say: shorter than a proxy's patience.
const WAIT: Duration = Duration::from_secs(20);

/// How many commands one request may carry.
const MOST_COMMANDS: usize = 16;

/// How many entries of the log go into a frame.
const PAGE: u32 = 10;

/// What stands around an entry's text, in bytes, about.
const AROUND: usize = 256;

/// After so many bytes of the log, an answer leaves the rest to the next: it is gathered before it is sent.
const MOST_BYTES: usize = 64 * 1024;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// The frame that says hello, as text.
    hello: String,
    /// Commands, each a frame as text.
    #[serde(default)]
    up: Vec<String>,
    /// What the answer before has said in its `told`; none at first.
    #[serde(default)]
    told: Option<visitor::Told>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    /// Frames, in order.
    down: Vec<Down>,
    /// For the next request that waits; none in an answer to commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<visitor::Told>,
    /// It is over: the code with which a socket would close.
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<u16>,
}

/// Does what is asked, or says what has come.
pub(crate) async fn post(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Told(asked): Told<Asked>,
) -> Result<Json<Answer>, Problem> {
    from_no_other_page(&app, &headers)?;
    let address = addresses::visitor(peer, &headers);
    let limit = if asked.up.is_empty() {
        &app.limits.polls
    } else {
        &app.limits.posts
    };
    limit.take(address).map_err(Problem::too_fast)?;
    if asked.up.len() > MOST_COMMANDS {
        return Err(Problem::unprocessable(
            "too_many",
            format!("One request carries at most {MOST_COMMANDS} commands."),
        ));
    }
    let _here = app.life.enter();
    let mut frames = Frames {
        app: &app,
        address,
        said: Vec::new(),
        bytes: 0,
        first_admitted: false,
        answers_only: !asked.up.is_empty(),
    };
    let over = exchange(&app, &mut frames, address, asked).await;
    let down = frames.said;
    Ok(Json(match over {
        Ok(told) => Answer {
            down,
            told,
            close: None,
        },
        Err(Over::With(close)) => Answer {
            down,
            told: None,
            close: Some(close.code()),
        },
        Err(Over::Gone) => Answer {
            down,
            told: None,
            close: Some(Close::FAILED.code()),
        },
    }))
}

async fn exchange(
    app: &App,
    frames: &mut Frames<'_>,
    address: IpAddr,
    asked: Asked,
) -> Result<Option<visitor::Told>, Over> {
    let hello = visitor::hello(app, frames, &asked.hello).await?;
    let who = Visitor::named(app, frames, &hello).await?;
    if frames.answers_only {
        let knows = asked.told.map(|told| told.epoch()).or(hello.epoch);
        let mut visitor = Visitor::passing(app, frames, who, address, knows).await?;
        for frame in asked.up {
            if frame.len() > MAX_FRAME {
                return Err(Close::TOO_LARGE.into());
            }
            Box::pin(visitor.heard(app, frames, &frame)).await?;
        }
        return Ok(None);
    }
    let mut visitor = match asked.told {
        Some(told) => Visitor::go_on(app, frames, who, address, told).await?,
        None => Visitor::join(app, frames, who, address, Since::of(&hello)).await?,
    };
    if frames.said.is_empty() {
        let _counted = app.counted.waiting.one_more();
        wait(app, &mut visitor, frames).await?;
    }
    Ok(Some(visitor.told_so_far()))
}

/// Waits until there is something to say, or for long enough.
async fn wait(app: &App, visitor: &mut Visitor, frames: &mut Frames<'_>) -> Result<(), Over> {
    let until = Instant::now() + WAIT;
    while frames.said.is_empty() {
        let noticed = tokio::select! {
            biased;
            () = app.life.closed() => return Err(Close::RESTART.into()),
            noticed = visitor.next() => noticed,
            () = sleep_until(until) => return Ok(()),
        };
        say(app, visitor, frames, noticed).await?;
        // What comes along with it is said along with it.
        while let Some(noticed) = visitor.next().now_or_never() {
            say(app, visitor, frames, noticed).await?;
        }
    }
    Ok(())
}

async fn say(
    app: &App,
    visitor: &mut Visitor,
    frames: &mut Frames<'_>,
    noticed: Result<Option<ThreadNotice>, Overflowed>,
) -> Result<(), Over> {
    match noticed {
        Ok(Some(notice)) => visitor.told(app, frames, notice).await,
        Ok(None) => visitor.is_still(app, frames).await,
        Err(Overflowed) => visitor.missed(app, frames).await,
    }
}

/// Gathers what an answer says.
struct Frames<'a> {
    app: &'a App,
    address: IpAddr,
    said: Vec<Down>,
    /// The bytes of the log among them, about.
    bytes: usize,
    /// Whether a command was admitted already.
    first_admitted: bool,
    /// The log and all state are for the request that waits: said here as well, it could come out of order.
    answers_only: bool,
}

impl Line for Frames<'_> {
    async fn say(&mut self, down: &Down) -> Result<(), Over> {
        let is_answer = match down {
            Down::Ack(_) | Down::Refused(_) | Down::Pong => true,
            Down::Resumed(_) | Down::Entries(_) | Down::Session(_) | Down::Typing(_) | Down::Read(_) => false,
        };
        if is_answer || !self.answers_only {
            if let Down::Entries(entries) = down {
                self.bytes += entries
                    .iter()
                    .map(|entry| entry.text.len() + AROUND)
                    .sum::<usize>();
            }
            self.said.push(down.clone());
        }
        Ok(())
    }

    /// The request has paid for its first command.
    fn admit(&mut self, cid: Option<ClientMessageId>) -> Result<Option<Refused>, Over> {
        if !std::mem::replace(&mut self.first_admitted, true) {
            return Ok(None);
        }
        let taken = self.app.limits.posts.take(self.address);
        Ok(taken.err().map(|wait| crate::error::too_fast(cid, wait)))
    }

    /// The request's size bounds how much can be wrong with it.
    fn strike(&mut self) -> Result<(), Over> {
        Ok(())
    }

    fn room(&self) -> u32 {
        if self.bytes < MOST_BYTES { PAGE } else { 0 }
    }

    fn stays(&self) -> bool {
        false
    }
}
