//! A visitor on a socket, as the widget would be one; for the tests that need many of them, and no browser.

use std::net::IpAddr;

use causerie_core::wire::SUBPROTOCOL;
use causerie_core::wire::end_user::{Ack, Down, Hello, Resumed, Send, Up};
use causerie_core::{ClientMessageId, Seq};
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use uuid::Uuid;

use crate::Story;

/// A socket that speaks frames in JSON.
#[derive(Debug)]
pub struct Frames {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Frames {
    /// Opens one at this path, as the server's own pages do.
    pub async fn open(port: u16, path: &str) -> Story<Self> {
        Self::open_from(port, path, None).await
    }

    /// Opens one as from another address, as a proxy on this machine would.
    async fn open_from(port: u16, path: &str, address: Option<IpAddr>) -> Story<Self> {
        let mut request = format!("ws://127.0.0.1:{port}{path}").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("Origin", format!("http://127.0.0.1:{port}").parse()?);
        headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse()?);
        if let Some(address) = address {
            headers.insert("X-Forwarded-For", address.to_string().parse()?);
        }
        // Without Nagle, as browsers do: a frame does not wait for the acknowledgement of the one before it.
        let (stream, _) = connect_async_with_config(request, None, true).await?;
        Ok(Self { stream })
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: &impl Serialize) -> Story {
        let text = serde_json::to_string(frame)?;
        Ok(self.stream.send(Message::text(text)).await?)
    }

    /// The next frame; an error once the socket is closed.
    pub async fn hear<F: DeserializeOwned>(&mut self) -> Story<F> {
        loop {
            match self.stream.next().await.ok_or("the server closed the socket")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(why) => return Err(format!("closed: {why:?}").into()),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}

/// A visitor of the demo site.
#[derive(Debug)]
pub struct Visitor {
    /// The socket.
    pub frames: Frames,
    seen: Seq,
}

/// A fresh id, as clients make them.
#[must_use]
pub fn fresh_cid() -> ClientMessageId {
    ClientMessageId(Uuid::now_v7())
}

/// A secret for somebody who was never here, as the widget draws one.
#[must_use]
pub fn fresh_secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

impl Visitor {
    /// Opens the chat, as a person who was never here.
    pub async fn open(port: u16) -> Story<Self> {
        Ok(Self::comes(port, &fresh_secret()).await?.0)
    }

    /// Opens the chat as whoever has this secret, with nothing of the log; and what the server says of it.
    pub async fn comes(port: u16, secret: &str) -> Story<(Self, Resumed)> {
        let frames = Frames::open(port, "/api/messaging/socket").await?;
        Self::greets(frames, secret, Seq(0)).await
    }

    /// The same from another address, with the log up to a number.
    pub async fn comes_back(port: u16, secret: &str, last: Seq, address: IpAddr) -> Story<(Self, Resumed)> {
        let frames = Frames::open_from(port, "/api/messaging/socket", Some(address)).await?;
        Self::greets(frames, secret, last).await
    }

    async fn greets(mut frames: Frames, secret: &str, last: Seq) -> Story<(Self, Resumed)> {
        let hello = Hello {
            site: "demo".to_owned(),
            secret: secret.to_owned(),
            person: None,
            locale: "en".to_owned(),
            epoch: None,
            last,
        };
        frames.say(&Up::Hello(hello)).await?;
        let Down::Resumed(resumed) = frames.hear().await? else {
            return Err("the server did not answer the hello".into());
        };
        Ok((Self { frames, seen: last }, resumed))
    }

    /// Says something, and waits for nothing.
    pub async fn send(&mut self, cid: ClientMessageId, text: &str) -> Story {
        let send = Send {
            cid,
            text: text.to_owned(),
            session: None,
            seen: self.seen,
        };
        self.frames.say(&Up::Send(send)).await
    }

    /// Waits for the next acknowledgement; keeps up with the log meanwhile.
    pub async fn acknowledged(&mut self) -> Story<Ack> {
        loop {
            match self.frames.hear().await? {
                Down::Ack(ack) => return Ok(ack),
                Down::Entries(entries) => self.saw(&entries),
                Down::Refused(refused) => return Err(format!("refused: {}", refused.message).into()),
                Down::Resumed(_) | Down::Session(_) | Down::Typing(_) | Down::Read(_) | Down::Pong => {}
            }
        }
    }

    /// Says something and waits until it stands and the log has gone on to it.
    pub async fn says(&mut self, text: &str) -> Story<Ack> {
        self.send(fresh_cid(), text).await?;
        let ack = self.acknowledged().await?;
        while self.seen < ack.seq {
            if let Down::Entries(entries) = self.frames.hear().await? {
                self.saw(&entries);
            }
        }
        Ok(ack)
    }

    /// Talks with the bot until people have the conversation.
    pub async fn asks_for_a_person(&mut self) -> Story {
        for text in ["Hello", "Talk to a person", "Skip"] {
            self.says(text).await?;
            // What the bot says to it stands in the same commit; its frame may come a moment later.
            self.hears_the_bot().await?;
        }
        Ok(())
    }

    async fn hears_the_bot(&mut self) -> Story {
        self.frames.say(&Up::Ping).await?;
        loop {
            match self.frames.hear().await? {
                Down::Entries(entries) => self.saw(&entries),
                // What was told before the ping was heard goes out before its answer.
                Down::Pong => return Ok(()),
                Down::Ack(_)
                | Down::Refused(_)
                | Down::Resumed(_)
                | Down::Session(_)
                | Down::Typing(_)
                | Down::Read(_) => {}
            }
        }
    }

    /// Takes note of entries that it heard itself: what it says next is said with them in view (R10).
    pub fn saw(&mut self, entries: &[causerie_core::message::ThreadEntry]) {
        if let Some(last) = entries.last() {
            self.seen = self.seen.max(last.seq);
        }
    }
}
