//! The plainest of HTTP: one request, one connection, the whole answer.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Story;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The cookie it sets, as a browser would send it back.
    pub cookie: Option<String>,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// The body, as JSON.
    pub fn json(&self) -> Story<Value> {
        Ok(serde_json::from_str(&self.body)?)
    }
}

/// Sends a request with these header lines and, for a POST, a body.
pub async fn ask(port: u16, line: &str, headers: &[(&str, &str)], body: &str) -> Story<Answer> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut request = format!(
        "{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("half an answer")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        return Err(format!("{line}: {status} {body}").into());
    }
    let cookie = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .and_then(|(_, value)| value.split(';').next())
        .map(str::to_owned);
    Ok(Answer {
        cookie,
        body: body.to_owned(),
    })
}
