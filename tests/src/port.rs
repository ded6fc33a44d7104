//! Free ports to listen on, and the plainest of HTTP requests to what listens there.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Story;

/// Below what the system hands to clients as their own port, so that none of them can take it between two runs.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A port of 127.0.0.1 that nobody listens on.
pub(crate) fn free() -> Story<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let room = RANGE.end - RANGE.start;
    let start = u16::try_from(std::process::id() % u32::from(room))?;
    for _ in 0..room {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = RANGE.start + start.wrapping_add(step) % room;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no free port".into())
}

/// The status of `GET path`, if anything answers.
pub(crate) async fn status(port: u16, path: &str) -> Story<u16> {
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut head = [0; 12];
    socket.read_exact(&mut head).await?;
    Ok(std::str::from_utf8(&head[9..])?.parse()?)
}
