//! Takes connections and serves the router on each, until it is told to close.
//!
//! HTTP/1.1 only: sockets need it, and whoever wants more puts a proxy before it. A connection that never finishes
//! its request's head is dropped, and so is one whose answer nobody reads: neither holds anything for long (SECURITY 5).

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_io_timeout::TimeoutStream;

/// How long a request's head may take, and an idle connection may stay.
const HEAD: Duration = Duration::from_secs(30);

/// How long an answer may wait for a reader who does not read.
const WRITE: Duration = Duration::from_secs(15);

/// The largest head, in bytes.
const HEAD_SIZE: usize = 32 * 1024;

/// How long to wait when the system has no more connections to give.
const NO_ROOM: Duration = Duration::from_millis(50);

/// Whether the server is closing, and who is still there.
#[derive(Clone, Debug)]
pub struct Life {
    closing: watch::Sender<bool>,
    there: Arc<There>,
}

#[derive(Debug, Default)]
struct There {
    count: AtomicUsize,
    gone: Notify,
}

/// Somebody who is there until this is dropped.
#[derive(Debug)]
pub struct Presence(Arc<There>);

impl Default for Life {
    fn default() -> Self {
        Self {
            closing: watch::Sender::new(false),
            there: Arc::default(),
        }
    }
}

impl Life {
    /// Tells everybody to finish.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Whether everybody was told to finish.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Waits until everybody was told to finish.
    pub async fn closed(&self) {
        // The sender lives as long as this does.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Somebody more is there.
    #[must_use]
    pub fn enter(&self) -> Presence {
        self.there.count.fetch_add(1, Ordering::SeqCst);
        Presence(Arc::clone(&self.there))
    }

    /// Waits until nobody is there.
    pub async fn everybody_gone(&self) {
        loop {
            let mut gone = pin!(self.there.gone.notified());
            gone.as_mut().enable();
            if self.there.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            gone.await;
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.gone.notify_waiters();
        }
    }
}

/// Serves until `life` closes; then takes nobody any more and lets the requests under way finish.
pub async fn serve(listener: TcpListener, router: Router, life: Life) {
    let closed = {
        let life = life.clone();
        async move { life.closed().await }
    };
    let mut closed = pin!(closed);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut closed => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(connection(stream, peer, router.clone(), life.clone()));
            }
            Err(fault) => {
                tracing::warn!(%fault, "a connection could not be taken");
                tokio::time::sleep(NO_ROOM).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, life: Life) {
    let _here = life.enter();
    // Small frames go at once; where that cannot be set, they go a little later.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        TowerToHyperService::new(router.clone()).call(request)
    });
    // A reader that does not read is left, with all that waits for it.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .with_upgrades();
    let mut served = pin!(served);
    let done = tokio::select! {
        done = served.as_mut() => done,
        () = life.closed() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(fault) = done {
        tracing::debug!(%fault, "a connection broke");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::AsyncWriteExt;
    use tokio::time::timeout;

    use super::*;

    /// More than all buffers between two ends of a connection hold.
    const LARGE: usize = 64 << 20;

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_reads_is_dropped() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let life = Life::default();
        let router = Router::new().route("/", get(|| async { vec![0_u8; LARGE] }));
        tokio::spawn(serve(listener, router, life.clone()));
        let mut reader = TcpStream::connect(address).await.unwrap();
        reader
            .write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
            .await
            .unwrap();
        // It has come in: from here on, what waits is the answer.
        while life.there.count.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        timeout(WRITE * 3, life.everybody_gone()).await.unwrap();
    }
}
