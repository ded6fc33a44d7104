//! The workspace's socket.
//!
//! It listens first, then says everything that the screens need but the logs; an agent follows the logs of one ticket
//! at a time, joined without a hole as the widget's socket does. It passes on what its agent may see and nothing else.
//! Who the agent is and whether the session is good still is looked at again and again: a socket outlives neither
//! (SECURITY 4).
//!
//! - `followed`: the logs of the ticket that is open.
//! - `told`: the tickets as they were told.

mod followed;
mod told;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Utf8Bytes, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use causerie_core::agent::Agent;
use causerie_core::chat_thread::Rejection;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::settings::Settings;
use causerie_core::wire::agent::{AgentRow, Down, Up, Welcome};
use causerie_core::{ClientMessageId, GroupId, TicketId};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

use self::followed::Followed;
use self::told::{Seen, Told};
use super::{Close, Over, Pipe, failed, parse, prepared, refusal};
use crate::addresses;
use crate::conversations::{Refusal, Request};
use crate::error::{Problem, refused};
use crate::notifier::{AgentNotice, ThreadNotice, Whose};
use crate::rate::AGENT_FRAMES;
use crate::state::{App, Connecting};
use crate::store::Change;

/// How often a socket looks whether its agent may still be here; and what commands of other processes changed.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// How soon after a change the agents' capacity is told: what comes together is told together.
const LOOK_SOON: Duration = Duration::from_millis(100);

/// *Is typing* is told again to the customer no sooner than this.
const TYPING_AGAIN: Duration = Duration::from_secs(2);

const KNOWN: &[&str] = &[
    "Hello",
    "Open",
    "Close",
    "Update",
    "End",
    "Macro",
    "Availability",
    "Typing",
    "Ping",
];

/// Opens the socket, for the workspace's own page alone.
pub(crate) async fn open(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    if !app.addresses.from_workspace(&headers) {
        return Err(Problem::forbidden(
            "foreign_origin",
            "This socket is for the workspace's own page.",
        ));
    }
    app.limits
        .sockets
        .take(addresses::visitor(peer, &headers))
        .map_err(Problem::too_fast)?;
    if app.life.is_closing() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "closing",
            "The server is closing.",
        ));
    }
    let upgrade = prepared(upgrade)?;
    Ok(upgrade
        .on_upgrade(move |socket| run(app, Pipe::new(socket, AGENT_FRAMES)))
        .into_response())
}

async fn run(app: App, mut pipe: Pipe) {
    let _here = app.life.enter();
    let _counted = app.counted.agents.one_more();
    let over = match Connected::greet(&app, &mut pipe).await {
        Ok(mut connected) => connected.live(&app, &mut pipe).await,
        Err(over) => over,
    };
    if over == Over::With(Close::RESYNC) {
        app.counted.resynced.count();
    }
    pipe.close(over).await;
}

/// One agent, connected.
#[derive(Debug)]
struct Connected {
    me: Agent,
    by: Connecting,
    /// The epoch of all that this client was told.
    epoch: u64,
    news: Receiver<Arc<AgentNotice>>,
    /// The agents as they were told.
    agents: Vec<AgentRow>,
    /// The groups as they were told.
    groups: Vec<(GroupId, String)>,
    /// The macros as they were told.
    macros: Vec<Macro>,
    /// The account's settings as they were told.
    settings: Settings,
    /// The tickets that were told.
    told: Told,
    /// The ticket that is open.
    followed: Option<Followed>,
    typing: Option<Typing>,
    look_at: Instant,
}

/// The agent is typing, as the customer was told.
#[derive(Clone, Copy, Debug)]
struct Typing {
    ticket: TicketId,
    whose: Whose,
    told_at: Instant,
}

impl Connected {
    async fn greet(app: &App, pipe: &mut Pipe) -> Result<Self, Over> {
        let text = pipe.first().await?;
        let token = match parse::<Up>(&text, KNOWN) {
            Ok(Up::Hello { token }) => token,
            Ok(
                Up::Open { .. }
                | Up::Close
                | Up::Update { .. }
                | Up::End { .. }
                | Up::Macro { .. }
                | Up::Availability(_)
                | Up::Typing { .. }
                | Up::Ping,
            ) => {
                let refused = refusal(None, "hello_first", "The first frame says Hello.");
                pipe.say(&Down::Refused(refused)).await?;
                return Err(Close::NO_HELLO.into());
            }
            Err(bad) => {
                app.counted.unreadable.count();
                pipe.say(&Down::Refused(bad)).await?;
                return Err(Close::NO_HELLO.into());
            }
        };
        let by = app.connecting.redeem(&token).ok_or(Close::UNKNOWN)?;
        // From here on nothing is missed; what is heard twice is harmless.
        let news = app.notifier.listen_to_agents();
        let epoch = app.store.epoch();
        let me = Self::still(app, &by).await?;
        let Seen { rows: tickets, more } = Seen::by(app, &me).await?;
        let agents = app.store.agents().await.map_err(failed)?;
        let told = Told::of(&tickets);
        let groups = app.store.groups().await.map_err(failed)?;
        let macros = app.store.macros().await.map_err(failed)?;
        let settings = app.store.settings().await.map_err(failed)?;
        let welcome = Welcome {
            me: me.id,
            agents: agents.clone(),
            groups: groups.clone(),
            macros: macros.clone(),
            settings,
            tickets,
            more,
            mail: false,
            epoch,
            build: app.build.clone(),
        };
        pipe.say(&Down::Welcome(Box::new(welcome))).await?;
        let look_at = Instant::now() + LOOK_EVERY;
        Ok(Self {
            me,
            by,
            epoch,
            news,
            agents,
            groups,
            macros,
            settings,
            told,
            followed: None,
            typing: None,
            look_at,
        })
    }

    /// The agent, if the session is good still.
    async fn still(app: &App, by: &Connecting) -> Result<Agent, Over> {
        let session = app
            .store
            .agent_session(&by.session, app.clock.now())
            .await
            .map_err(failed)?;
        session
            .map(|session| session.agent.agent)
            .filter(|agent| agent.id == by.agent)
            .ok_or_else(|| Close::UNKNOWN.into())
    }

    async fn live(&mut self, app: &App, pipe: &mut Pipe) -> Over {
        loop {
            let silent_at = pipe.silent_at();
            let done = tokio::select! {
                heard = pipe.hear() => match heard {
                    Ok(text) => self.heard(app, pipe, &text).await,
                    Err(over) => Err(over),
                },
                news = self.news.recv() => match news {
                    Ok(notice) => self.told(app, pipe, &notice).await,
                    Err(RecvError::Lagged(_)) => Err(Close::RESYNC.into()),
                    Err(RecvError::Closed) => Err(Close::RESTART.into()),
                },
                () = sleep_until(self.look_at) => self.look(app, pipe).await,
                () = app.life.closed() => Err(Close::RESTART.into()),
                () = sleep_until(silent_at) => Err(Close::SILENT.into()),
            };
            if let Err(over) = done {
                self.stop_typing(app);
                return over;
            }
        }
    }

    async fn heard(&mut self, app: &App, pipe: &mut Pipe, text: &Utf8Bytes) -> Result<(), Over> {
        let up = match parse::<Up>(text, KNOWN) {
            Ok(up) => up,
            Err(bad) => {
                app.counted.unreadable.count();
                pipe.say(&Down::Refused(bad)).await?;
                return pipe.strike();
            }
        };
        let cid = match &up {
            Up::Update { cid, .. } | Up::End { cid, .. } | Up::Macro { cid, .. } => Some(*cid),
            Up::Hello { .. }
            | Up::Open { .. }
            | Up::Close
            | Up::Availability(_)
            | Up::Typing { .. }
            | Up::Ping => None,
        };
        if let Some(refused) = pipe.admit(cid)? {
            return pipe.say(&Down::Refused(refused)).await;
        }
        let agent = self.me.id;
        match up {
            Up::Hello { .. } => {
                let refused = refusal(None, "already_greeted", "Hello was said already.");
                pipe.say(&Down::Refused(refused)).await?;
                pipe.strike()
            }
            Up::Open { ticket, thread, log } => {
                let Some(row) = app.store.ticket(ticket).await.map_err(failed)? else {
                    return self.unknown_ticket(pipe).await;
                };
                if !self.me.sees(&row.ticket) {
                    return self.unknown_ticket(pipe).await;
                }
                let head = app.store.head_of(row.thread).await.map_err(failed)?;
                let mut followed = Followed::new(&row, head, thread, log);
                self.told.row(pipe, row).await?;
                followed.begin(app, pipe).await?;
                self.followed = Some(followed);
                Ok(())
            }
            Up::Close => {
                self.followed = None;
                Ok(())
            }
            Up::Update { cid, ticket, update } => {
                self.stop_typing(app);
                ask(
                    app,
                    pipe,
                    cid,
                    Request::Update {
                        agent,
                        cid: Some(cid),
                        ticket,
                        update: *update,
                    },
                )
                .await
            }
            Up::End { cid, ticket } => {
                self.stop_typing(app);
                ask(
                    app,
                    pipe,
                    cid,
                    Request::End {
                        agent,
                        cid: Some(cid),
                        ticket,
                    },
                )
                .await
            }
            Up::Macro { cid, ticket, id } => {
                self.stop_typing(app);
                ask(
                    app,
                    pipe,
                    cid,
                    Request::Macro {
                        agent,
                        cid: Some(cid),
                        ticket,
                        id,
                    },
                )
                .await
            }
            Up::Availability(to) => {
                match app
                    .conversations
                    .change(Change::SetAvailability { agent, to })
                    .await
                {
                    // It is told as the change of an agent, to this one as to all.
                    Ok(_) => Ok(()),
                    Err(why) => refuse(app, pipe, None, &why).await,
                }
            }
            Up::Typing { ticket, on } => self.typing(app, ticket, on).await,
            Up::Ping => {
                self.catch_up(app, pipe).await?;
                pipe.say(&Down::Pong).await
            }
        }
    }

    async fn told(&mut self, app: &App, pipe: &mut Pipe, notice: &AgentNotice) -> Result<(), Over> {
        match notice {
            AgentNotice::Ticket { row, thread, log } => {
                let id = row.ticket.id;
                if !self.me.sees(&row.ticket) {
                    return self.gone(pipe, id).await;
                }
                self.told.row(pipe, (**row).clone()).await?;
                match &mut self.followed {
                    Some(followed) if followed.ticket() == id => followed.told(app, pipe, thread, log).await,
                    Some(_) | None => Ok(()),
                }
            }
            AgentNotice::Agents => {
                self.look_at = self.look_at.min(Instant::now() + LOOK_SOON);
                Ok(())
            }
            AgentNotice::Settings => self.tell_settings(app, pipe).await,
            AgentNotice::Macros => self.tell_macros(app, pipe).await,
            AgentNotice::EndUser(id) => {
                for row in app.store.tickets_of(*id).await.map_err(failed)? {
                    // What the agent has not been told of is on no screen of theirs.
                    if self.told.knows(row.ticket.id) && self.me.sees(&row.ticket) {
                        self.told.row(pipe, row).await?;
                    }
                }
                Ok(())
            }
            // The client comes again, is told the new epoch and reads everything anew.
            AgentNotice::Restored => Err(Close::RESYNC.into()),
            AgentNotice::Typing { ticket, on } => {
                if self.told.knows(*ticket) {
                    pipe.say(&Down::Typing {
                        ticket: *ticket,
                        on: *on,
                    })
                    .await
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Looks whether the agent may still be here, and what has changed about the agents.
    async fn look(&mut self, app: &App, pipe: &mut Pipe) -> Result<(), Over> {
        self.look_at = Instant::now() + LOOK_EVERY;
        if app.store.epoch() != self.epoch {
            return Err(Close::RESYNC.into());
        }
        if Self::still(app, &self.by).await? != self.me {
            // Another role, other groups: another set of tickets. All is to be read anew.
            return Err(Close::RESYNC.into());
        }
        if app.store.groups().await.map_err(failed)? != self.groups {
            // A group is new, which is rare: no frame tells of it but the welcome.
            return Err(Close::RESYNC.into());
        }
        let agents = app.store.agents().await.map_err(failed)?;
        for row in &agents {
            if !self.agents.contains(row) {
                pipe.say(&Down::Agent(row.clone())).await?;
            }
        }
        self.agents = agents;
        Ok(())
    }

    /// The account's settings, if they are others than were told.
    async fn tell_settings(&mut self, app: &App, pipe: &mut Pipe) -> Result<(), Over> {
        let settings = app.store.settings().await.map_err(failed)?;
        if settings == self.settings {
            return Ok(());
        }
        self.settings = settings;
        pipe.say(&Down::Settings(settings)).await
    }

    /// The macros, if they are others than were told.
    async fn tell_macros(&mut self, app: &App, pipe: &mut Pipe) -> Result<(), Over> {
        let macros = app.store.macros().await.map_err(failed)?;
        if macros == self.macros {
            return Ok(());
        }
        self.macros.clone_from(&macros);
        pipe.say(&Down::Macros(macros)).await
    }

    /// Looks whether all was told: a notice may have been lost, and then it is made up for with the next heartbeat
    /// (I28).
    async fn catch_up(&mut self, app: &App, pipe: &mut Pipe) -> Result<(), Over> {
        self.tell_settings(app, pipe).await?;
        self.tell_macros(app, pipe).await?;
        for ticket in self.told.catch_up(app, pipe, &self.me).await? {
            self.gone(pipe, ticket).await?;
        }
        match &mut self.followed {
            Some(followed) => followed.catch_up(app, pipe).await,
            None => Ok(()),
        }
    }

    async fn gone(&mut self, pipe: &mut Pipe, ticket: TicketId) -> Result<(), Over> {
        self.followed.take_if(|followed| followed.ticket() == ticket);
        self.told.gone(pipe, ticket).await
    }

    async fn unknown_ticket(&mut self, pipe: &mut Pipe) -> Result<(), Over> {
        self.followed = None;
        let why = Refusal::Rejected(Rejection::UnknownTicket);
        pipe.say(&Down::Refused(refused(None, &why))).await
    }

    /// Tells the customer; never written down. Nothing of it passes once the session has ended (R19) or the ticket is
    /// closed.
    async fn typing(&mut self, app: &App, ticket: TicketId, on: bool) -> Result<(), Over> {
        if !on {
            self.stop_typing(app);
            return Ok(());
        }
        let is_told = |typing: &Typing| typing.ticket == ticket && typing.told_at.elapsed() < TYPING_AGAIN;
        if self.typing.as_ref().is_some_and(is_told) {
            return Ok(());
        }
        let Some(row) = app.store.ticket(ticket).await.map_err(failed)? else {
            return Ok(());
        };
        if !self.me.sees(&row.ticket) || !row.session.state().is_live(Some(row.ticket.status)) {
            return Ok(());
        }
        let Some(whose) = app.store.whose_ticket(ticket).await.map_err(failed)? else {
            return Ok(());
        };
        app.notifier.tell_thread(&whose, &ThreadNotice::Typing(true));
        self.typing = Some(Typing {
            ticket,
            whose,
            told_at: Instant::now(),
        });
        Ok(())
    }

    fn stop_typing(&mut self, app: &App) {
        if let Some(Typing { whose, .. }) = self.typing.take() {
            app.notifier.tell_thread(&whose, &ThreadNotice::Typing(false));
        }
    }
}

async fn ask(app: &App, pipe: &mut Pipe, cid: ClientMessageId, request: Request) -> Result<(), Over> {
    match app.conversations.ask(request).await {
        Ok(answer) => {
            pipe.say(&Down::Done {
                cid,
                outcome: answer.outcome,
            })
            .await
        }
        Err(why) => refuse(app, pipe, Some(cid), &why).await,
    }
}

async fn refuse(app: &App, pipe: &mut Pipe, cid: Option<ClientMessageId>, why: &Refusal) -> Result<(), Over> {
    app.counted.refused.count();
    pipe.say(&Down::Refused(refused(cid, why))).await
}
