//! A server, and small clients for it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use causerie_core::agent::Role;
use causerie_core::bot::Flow;
use causerie_core::wire::SUBPROTOCOL;
use causerie_core::wire::end_user::{Ack, Down, Hello, Send, Up};
use causerie_core::{AgentId, ClientMessageId, Seq, wire};
use causerie_server::addresses::Addresses;
use causerie_server::clock::Clock;
use causerie_server::config::ServeFlags;
use causerie_server::conversations::{Conversations, EndUserIdentity};
use causerie_server::jobs::Worker;
use causerie_server::listener::{self, Life};
use causerie_server::notifier::Notifier;
use causerie_server::router::build_app;
use causerie_server::state::{App, Parts};
use causerie_server::store::{Change, Changed, Store};
use causerie_server::{epoch, password, secret};
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Nothing in a test takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The key of the site that every test has.
pub(crate) const SITE: &str = "shop";

/// From where its pages embed the widget.
pub(crate) const SHOP: &str = "https://shop.example";

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    pub(crate) life: Life,
    folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clock = Clock::default();
        let store = Store::open(&folder.path().join("causerie.db")).await.unwrap();
        let flow = Arc::new(Flow::parse(include_str!("../../../flows/demo.toml")).unwrap());
        let (notifier, wake, life) = (Notifier::default(), Arc::new(Notify::new()), Life::default());
        let conversations = Conversations::start(
            store.clone(),
            Arc::clone(&flow),
            clock.clone(),
            notifier.clone(),
            Arc::clone(&wake),
        );
        tokio::spawn(epoch::watch(store.clone(), notifier.clone(), Arc::clone(&wake)));
        tokio::spawn(Worker::new(store.clone(), conversations.clone(), clock.clone()).run(wake));
        let addresses = Addresses::new(&ServeFlags::default().resolve().unwrap(), address);
        let app = App::new(Parts {
            conversations,
            store,
            notifier,
            clock,
            flow,
            addresses,
            demo: true,
            life: life.clone(),
        });
        tokio::spawn(listener::serve(listener, build_app(app.clone()), life.clone()));
        let server = Self {
            address,
            app,
            life,
            folder,
        };
        server
            .change(Change::AddSite {
                key: SITE.to_owned(),
                name: "Shop".to_owned(),
                origins: vec![SHOP.to_owned()],
            })
            .await;
        server
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("causerie.db")
    }

    /// Changes rows behind the server's back.
    pub(crate) async fn sql(&self, statement: &'static str) {
        let url = format!("sqlite://{}", self.database().display());
        let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(statement).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }

    pub(crate) async fn change(&self, change: Change) -> Changed {
        self.app.conversations.change(change).await.unwrap()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An agent with [`PASSWORD`].
    pub(crate) async fn agent(&self, email: &str, role: Role, group: Option<&str>) -> AgentId {
        let (name, email, group) = (email.to_owned(), email.to_owned(), group.map(str::to_owned));
        let added = self
            .change(Change::AddAgent {
                name,
                email,
                role: Some(role),
                group,
            })
            .await;
        let Changed::Agent(agent) = added else {
            panic!("{added:?}")
        };
        let hash = password::hash_now(PASSWORD).unwrap();
        self.change(Change::SetPassword { agent, hash }).await;
        agent
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, None).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &impl Serialize) -> Answer {
        let body = serde_json::to_string(body).unwrap();
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.ask("POST", path, &all, Some(&body)).await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
            self.address
        );
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        if let Some(body) = body {
            request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        } else {
            request += "\r\n";
        }
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut bytes))
            .await
            .unwrap()
            .unwrap();
        Answer::parse(&String::from_utf8_lossy(&bytes))
    }

    /// A socket as a browser opens it; or the status it was refused with.
    pub(crate) async fn socket(
        &self,
        path: &str,
        origin: Option<&str>,
        protocol: Option<&'static str>,
    ) -> Result<Socket, u16> {
        let mut request = format!("ws://{}{path}", self.address)
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        if let Some(origin) = origin {
            headers.insert("origin", HeaderValue::try_from(origin).unwrap());
        }
        if let Some(protocol) = protocol {
            headers.insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// A socket that a proxy hands on from this address.
    pub(crate) async fn socket_from(
        &self,
        path: &str,
        origin: &str,
        protocol: &'static str,
        from: &str,
    ) -> Socket {
        let mut request = format!("ws://{}{path}", self.address)
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        headers.insert("origin", HeaderValue::try_from(origin).unwrap());
        headers.insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
        headers.insert("x-forwarded-for", HeaderValue::try_from(from).unwrap());
        let stream = TcpStream::connect(self.address).await.unwrap();
        Socket(client_async(request, stream).await.unwrap().0)
    }

    /// A visitor's socket, not greeted yet.
    pub(crate) async fn visitor_socket(&self) -> Socket {
        self.socket("/api/messaging/socket", Some(&self.origin()), Some(SUBPROTOCOL))
            .await
            .unwrap()
    }

    /// A visitor, greeted, with whatever the greeting brought.
    pub(crate) async fn visitor(&self, secret: &str, last: u64) -> (Socket, wire::end_user::Resumed) {
        let mut socket = self.visitor_socket().await;
        socket.say(&Up::Hello(hello(secret, None, last))).await;
        let Down::Resumed(resumed) = socket.hear().await else {
            panic!("no Resumed")
        };
        (socket, resumed)
    }

    /// Who has this secret, as the writer is told.
    pub(crate) async fn identity(&self, secret: &str) -> EndUserIdentity {
        EndUserIdentity {
            site: self.app.store.site(SITE).await.unwrap().unwrap().id,
            secret_hash: secret::hash_of_visitor(secret).unwrap(),
            locale: "en".to_owned(),
        }
    }

    /// Signs in; answers the cookie and the token for changes.
    pub(crate) async fn sign_in(&self, email: &str) -> (String, String) {
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let answer = self
            .post("/api/workspace/sign-in", &[("origin", &self.origin())], &body)
            .await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let me = self.get("/api/workspace/me", &[("cookie", &cookie)]).await.json();
        (cookie, me["csrf"].as_str().unwrap().to_owned())
    }

    /// An agent's socket, welcomed.
    pub(crate) async fn agent_socket(&self, email: &str) -> (Socket, Box<wire::agent::Welcome>) {
        let signed_in = self.sign_in(email).await;
        self.socket_of(&signed_in).await
    }

    /// The same, for one who is signed in already.
    pub(crate) async fn socket_of(
        &self,
        (cookie, csrf): &(String, String),
    ) -> (Socket, Box<wire::agent::Welcome>) {
        let headers = [
            ("cookie", cookie.as_str()),
            ("x-csrf-token", csrf),
            ("origin", &self.origin()),
        ];
        let answer = self
            .ask("POST", "/api/workspace/connect-token", &headers, Some(""))
            .await;
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        let mut socket = self
            .socket("/api/workspace/socket", Some(&self.origin()), Some(SUBPROTOCOL))
            .await
            .unwrap();
        socket.say(&wire::agent::Up::Hello { token }).await;
        let wire::agent::Down::Welcome(welcome) = socket.hear().await else {
            panic!("no Welcome")
        };
        (socket, welcome)
    }
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            headers,
            body: body.to_owned(),
        }
    }

    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(its, _)| its == name)
            .map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{fault}: {}", self.body))
    }
}

pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn say(&mut self, up: &impl Serialize) {
        self.send(Message::text(serde_json::to_string(up).unwrap())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// The bytes below the frames.
    pub(crate) fn raw(&mut self) -> &mut TcpStream {
        self.0.get_mut()
    }

    /// The next frame.
    pub(crate) async fn hear<T: DeserializeOwned>(&mut self) -> T {
        let text = self.hear_raw().await;
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
    }

    /// The next frame as it came.
    pub(crate) async fn hear_raw(&mut self) -> String {
        match timeout(PATIENCE, self.0.next()).await.unwrap() {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// Frames, until one is what is waited for.
    pub(crate) async fn until<T: DeserializeOwned, R>(
        &mut self,
        mut wanted: impl FnMut(T) -> Option<R>,
    ) -> R {
        loop {
            if let Some(found) = wanted(self.hear().await) {
                return found;
            }
        }
    }

    /// The code that the socket closes with; 1006 where it is cut.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            match timeout(PATIENCE, self.0.next()).await.unwrap() {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(None) | Message::Binary(_) | Message::Frame(_)) | Err(_)) | None => {
                    return 1006;
                }
            }
        }
    }

    /// All frames until the socket closes, and the code that it closes with.
    pub(crate) async fn until_closed<T: DeserializeOwned>(&mut self) -> (Vec<T>, u16) {
        let mut frames = Vec::new();
        loop {
            match timeout(PATIENCE, self.0.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => frames.push(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return (frames, frame.code.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn ack(&mut self, cid: ClientMessageId) -> Ack {
        self.until(|down| match down {
            Down::Ack(ack) if ack.cid == cid => Some(ack),
            Down::Refused(refused) => panic!("{refused:?}"),
            Down::Ack(_)
            | Down::Resumed(_)
            | Down::Entries(_)
            | Down::Session(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => None,
        })
        .await
    }

    /// Says something and waits until it stands.
    pub(crate) async fn says(&mut self, n: u64, text: &str) -> Ack {
        self.say(&Up::Send(send(n, text, u64::MAX >> 12))).await;
        self.ack(cid(n)).await
    }
}

/// A visitor's secret.
pub(crate) fn visitor(n: u64) -> String {
    format!("{n:064x}")
}

pub(crate) fn hello(secret: &str, epoch: Option<u64>, last: u64) -> Hello {
    Hello {
        site: SITE.to_owned(),
        secret: secret.to_owned(),
        person: None,
        locale: "en".to_owned(),
        epoch,
        last: Seq(last),
    }
}

pub(crate) fn cid(n: u64) -> ClientMessageId {
    let id = format!("\"0197a000-0000-7000-8000-{n:012x}\"");
    serde_json::from_str(&id).unwrap()
}

pub(crate) fn send(n: u64, text: &str, seen: u64) -> Send {
    Send {
        cid: cid(n),
        text: text.to_owned(),
        session: None,
        seen: Seq(seen),
    }
}

/// A token that nobody has issued.
pub(crate) fn guessed() -> String {
    secret::fresh().unwrap()
}
