//! The wire between a browser and the server, in a story's hand: it can hold the server's answers back, be cut, let
//! no socket of the widget's through, or let the server say one word instead of another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{Story, port};

/// How the wire is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Both ways open.
    Open,
    /// The server's answers wait.
    Held,
    /// Nothing passes and nobody gets through.
    Cut,
}

/// What the server says, and what arrives instead.
type Swap = Arc<Mutex<Option<(String, String)>>>;

/// A relay in front of the server.
#[derive(Debug)]
pub struct Wire {
    port: u16,
    state: Arc<watch::Sender<State>>,
    swap: Swap,
    no_sockets: Arc<AtomicBool>,
    task: Option<JoinHandle<()>>,
}

impl Wire {
    /// Takes a port, and relays nothing yet.
    pub fn new() -> Story<Self> {
        let (state, _) = watch::channel(State::Open);
        Ok(Self {
            port: port::free()?,
            state: Arc::new(state),
            swap: Swap::default(),
            no_sockets: Arc::default(),
            task: None,
        })
    }

    /// The address that browsers are to use instead of the server's own.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Relays to the server on this port.
    pub async fn leads_to(&mut self, server: u16) -> Story {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
        let state = Arc::clone(&self.state);
        let swap = Arc::clone(&self.swap);
        let no_sockets = Arc::clone(&self.no_sockets);
        self.task = Some(tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (state, swap, no_sockets) =
                    (state.subscribe(), Arc::clone(&swap), Arc::clone(&no_sockets));
                tokio::spawn(async move {
                    let is_refused = no_sockets.load(Ordering::SeqCst) && asks_for_a_socket(&browser).await;
                    if is_refused {
                        refuse(browser).await;
                    } else {
                        relay(browser, server, state, swap).await;
                    }
                });
            }
        }));
        Ok(())
    }

    /// From now on one word of the server's arrives as another of the same length: in frames, and in what is sent
    /// plain; what is compressed stays as it is.
    pub fn swaps(&self, said: &str, heard: &str) {
        assert_eq!(said.len(), heard.len(), "a frame's length is part of it");
        let swap = Some((said.to_owned(), heard.to_owned()));
        *self.swap.lock().unwrap_or_else(PoisonError::into_inner) = swap;
    }

    /// From now on new sockets of the widget's are refused, as many a proxy does; the workspace's are not.
    pub fn blocks_sockets(&self, blocks: bool) {
        self.no_sockets.store(blocks, Ordering::SeqCst);
    }

    /// From now on the server's answers wait.
    pub fn holds_answers(&self) {
        self.state.send_replace(State::Held);
    }

    /// The network is gone: open connections break, new ones fail.
    pub fn is_cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// All is well again; what waited arrives.
    pub fn is_mended(&self) {
        self.state.send_replace(State::Open);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// A request's first bytes come in one piece, and a browser opens a connection of its own for each socket.
async fn asks_for_a_socket(browser: &TcpStream) -> bool {
    let mut head = [0; 64];
    let read = browser.peek(&mut head).await.unwrap_or_default();
    head[..read].starts_with(b"GET /api/messaging/socket")
}

async fn refuse(mut browser: TcpStream) {
    let answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let _ = browser.write_all(answer).await;
    let _ = browser.shutdown().await;
    // What was asked is read, or the answer could be lost with it.
    let _ = tokio::io::copy(&mut browser, &mut tokio::io::sink()).await;
}

async fn relay(browser: TcpStream, server: u16, mut state: watch::Receiver<State>, swap: Swap) {
    if *state.borrow() == State::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
        return;
    };
    let (browser_reads, browser_writes) = browser.into_split();
    let (server_reads, server_writes) = server.into_split();
    let mut cut = state.clone();
    tokio::select! {
        () = pass(browser_reads, server_writes, None) => {}
        () = pass(server_reads, browser_writes, Some((&mut state, swap))) => {}
        _ = cut.wait_for(|state| *state == State::Cut) => {}
    }
}

/// Passes bytes on; with a state, each of them only while the wire is open, and with the word swapped.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: Option<(&mut watch::Receiver<State>, Swap)>,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if let Some((state, _)) = &mut state
            && state.wait_for(|state| *state == State::Open).await.is_err()
        {
            return;
        }
        let Some(read) = bytes.get_mut(..count) else {
            return;
        };
        if let Some((_, swap)) = &state {
            let swap = swap.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((said, heard)) = &*swap {
                replace(read, said.as_bytes(), heard.as_bytes());
            }
        }
        if to.write_all(read).await.is_err() {
            return;
        }
    }
}

/// A frame that is told of here is small and comes in one piece.
fn replace(bytes: &mut [u8], said: &[u8], heard: &[u8]) {
    for at in 0..bytes.len() {
        if let Some(here) = bytes.get_mut(at..at + said.len())
            && here == said
        {
            here.copy_from_slice(heard);
        }
    }
}
