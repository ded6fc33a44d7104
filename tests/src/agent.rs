//! An agent on sockets, as the workspace would be one.

use causerie_core::agent::Availability;
use causerie_core::wire::agent::{Down, Up, Welcome};
use causerie_core::{Seq, TicketId};
use serde_json::json;

use crate::visitor::Frames;
use crate::{Server, Story, http};

/// An agent who is signed in.
#[derive(Debug)]
pub struct Agent {
    port: u16,
    cookie: String,
    csrf: String,
}

impl Agent {
    /// Adds one by the command line and signs in.
    pub async fn signs_in(server: &Server) -> Story<Self> {
        let (port, email, password) = (server.port(), "ada@example.com", "correct horse battery");
        server.command(
            &[
                "agent",
                "add",
                "--name",
                "Ada",
                "--email",
                email,
                "--role",
                "admin",
                "--password-stdin",
            ],
            password,
        )?;
        let credentials = json!({ "email": email, "password": password }).to_string();
        let answer = http::ask(port, "POST /api/workspace/sign-in", &[], &credentials).await?;
        let cookie = answer.cookie.ok_or("no cookie")?;
        let me = http::ask(port, "GET /api/workspace/me", &[("Cookie", &cookie)], "")
            .await?
            .json()?;
        let csrf = me["csrf"].as_str().ok_or("no token for changes")?.to_owned();
        Ok(Self { port, cookie, csrf })
    }

    /// Opens a socket.
    pub async fn connects(&self) -> Story<(Frames, Welcome)> {
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("X-CSRF-Token", self.csrf.as_str()),
        ];
        let answer = http::ask(self.port, "POST /api/workspace/connect-token", &headers, "")
            .await?
            .json()?;
        let token = answer["token"].as_str().ok_or("no connect token")?.to_owned();
        let mut frames = Frames::open(self.port, "/api/workspace/socket").await?;
        frames.say(&Up::Hello { token }).await?;
        let Down::Welcome(welcome) = frames.hear().await? else {
            return Err("the server did not welcome the agent".into());
        };
        Ok((frames, *welcome))
    }

    /// Goes online, so that the bot has somebody to hand over to.
    pub async fn goes_online(&self) -> Story {
        let (mut frames, welcome) = self.connects().await?;
        frames.say(&Up::Availability(Availability::Online)).await?;
        loop {
            if let Down::Agent(row) = frames.hear().await?
                && row.id == welcome.me
                && row.availability == Availability::Online
            {
                return Ok(());
            }
        }
    }

    /// Follows a ticket on a socket of its own.
    pub async fn follows(&self, ticket: TicketId) -> Story<Frames> {
        let (mut frames, _) = self.connects().await?;
        frames
            .say(&Up::Open {
                ticket,
                thread: Seq(0),
                log: Seq(0),
            })
            .await?;
        loop {
            if let Down::Entries { ticket: of, .. } = frames.hear().await?
                && of == ticket
            {
                return Ok(frames);
            }
        }
    }
}
