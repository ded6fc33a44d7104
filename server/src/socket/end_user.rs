//! The widget's socket: one `Visitor` on one `Pipe`.
//!
//! An idle visitor costs one task that holds this little state; whatever needs more is boxed for as long as it lasts.

pub(crate) mod visitor;

use std::net::{IpAddr, SocketAddr};

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use causerie_core::wire::end_user::Hello;
use tokio::time::sleep_until;

use visitor::{Since, Visitor};

use super::{Close, Over, Pipe, prepared};
use crate::addresses;
use crate::error::Problem;
use crate::notifier::ThreadNotice;
use crate::notifier::mailbox::Overflowed;
use crate::rate::VISITOR_FRAMES;
use crate::state::App;

/// Opens the socket, for the frame's own page alone.
pub(crate) async fn open(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    if !app.addresses.from_frame(&headers) {
        return Err(Problem::forbidden(
            "foreign_origin",
            "This socket is for the widget's own page.",
        ));
    }
    let address = addresses::visitor(peer, &headers);
    app.limits.sockets.take(address).map_err(Problem::too_fast)?;
    if app.life.is_closing() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "closing",
            "The server is closing.",
        ));
    }
    let upgrade = prepared(upgrade)?;
    Ok(upgrade
        .on_upgrade(move |socket| run(app, Pipe::new(socket, VISITOR_FRAMES), address))
        .into_response())
}

async fn run(app: App, mut pipe: Pipe, address: IpAddr) {
    let _here = app.life.enter();
    let _counted = app.counted.visitors.one_more();
    let over = match Box::pin(greeted(&app, &mut pipe, address)).await {
        Ok(mut visitor) => live(&app, &mut pipe, &mut visitor).await,
        Err(over) => over,
    };
    if over == Over::With(Close::RESYNC) {
        app.counted.resynced.count();
    }
    Box::pin(pipe.close(over)).await;
}

/// What happens to a connected visitor.
enum Happened {
    Heard(axum::extract::ws::Utf8Bytes),
    Told(ThreadNotice),
    TimeToLook,
    Missed,
}

/// Hears who comes, says where it goes on, and catches up.
async fn greeted(app: &App, pipe: &mut Pipe, address: IpAddr) -> Result<Visitor, Over> {
    let hello = hello(app, pipe).await?;
    let who = Visitor::named(app, pipe, &hello).await?;
    Visitor::join(app, pipe, who, address, Since::of(&hello)).await
}

async fn hello(app: &App, pipe: &mut Pipe) -> Result<Hello, Over> {
    let text = pipe.first().await?;
    visitor::hello(app, pipe, &text).await
}

async fn live(app: &App, pipe: &mut Pipe, visitor: &mut Visitor) -> Over {
    loop {
        let silent_at = pipe.silent_at();
        // What is told goes out before the next frame is taken: each message that comes in is told once more to
        // its own sender, so whoever writes ahead of the disk would else fill their own mailbox.
        let happened = tokio::select! {
            biased;
            () = app.life.closed() => Err(Close::RESTART.into()),
            told = visitor.next() => Ok(told.map_or_else(|Overflowed| Happened::Missed, |told| {
                told.map_or(Happened::TimeToLook, Happened::Told)
            })),
            heard = pipe.hear() => heard.map(Happened::Heard),
            () = sleep_until(silent_at) => Err(Close::SILENT.into()),
        };
        let done = match happened {
            Ok(Happened::Heard(text)) => Box::pin(visitor.heard(app, pipe, &text)).await,
            Ok(Happened::Told(notice)) => Box::pin(visitor.told(app, pipe, notice)).await,
            Ok(Happened::TimeToLook) => Box::pin(visitor.is_still(app, pipe)).await,
            Ok(Happened::Missed) => Box::pin(visitor.missed(app, pipe)).await,
            Err(over) => Err(over),
        };
        if let Err(over) = done {
            visitor.stop_typing(app);
            return over;
        }
    }
}
