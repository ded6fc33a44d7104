//! An agent's desk: the workspace's real machine in one page, its storage, and a clock of its own.

use std::collections::BTreeMap;

use causerie_core::client::agent::{AgentClient, Asked, Draft, Effect, Input, Kept};
use causerie_core::client::outbox::Outgoing;
use causerie_core::time::Span;
use causerie_core::wire::Refused;
use causerie_core::wire::agent::{Down, Up};
use causerie_core::{AgentId, ClientMessageId, TicketId, Timestamp};

use super::browser::let_go;
use super::node::BUILD;
use super::wire::{PageId, Socket, SocketId};

/// The sockets of all workspaces.
pub type Sockets = BTreeMap<SocketId, Socket<Up, Down>>;

/// One agent's desk.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Who sits at it.
    pub agent: AgentId,
    /// Its clock, against the true time.
    pub skew: Span,
    /// Whether there is a network.
    pub online: bool,
    /// Which page.
    pub page: PageId,
    /// The real machine.
    pub client: AgentClient,
    /// The socket it holds.
    pub socket: Option<SocketId>,
    /// When it wants to be woken, in true time.
    pub wake: Option<Timestamp>,
    /// It waits for a connect token.
    pub wants_token: bool,
    drafts: BTreeMap<TicketId, Draft>,
}

impl Desk {
    /// A desk whose page is not open yet.
    #[must_use]
    pub fn new(agent: AgentId, page: PageId, skew: Span) -> Self {
        Self {
            agent,
            skew,
            online: true,
            page,
            client: AgentClient::new(BUILD.to_owned()),
            socket: None,
            wake: None,
            wants_token: false,
            drafts: BTreeMap::new(),
        }
    }

    /// What was written and is on its way: under which id, on which ticket, what it says.
    #[must_use]
    pub fn written(&self) -> Vec<(ClientMessageId, TicketId, String)> {
        let comment = |item: &Outgoing<Asked>| {
            let comment = item.body.comment()?;
            Some((item.cid, item.body.ticket, comment.text.as_str().to_owned()))
        };
        self.client.on_their_way().iter().filter_map(comment).collect()
    }

    /// What of a draft the browser keeps.
    #[must_use]
    pub fn kept(&self, ticket: TicketId) -> &str {
        self.drafts.get(&ticket).map_or("", |draft| &draft.text)
    }

    /// The page goes and comes again; only what was kept survives.
    pub fn reloads(&mut self, page: PageId, sockets: &mut Sockets) -> Input {
        let_go(self.socket.take(), sockets);
        self.page = page;
        self.client = AgentClient::new(BUILD.to_owned());
        self.wake = None;
        self.wants_token = false;
        Input::Restored(Kept {
            keeps: true,
            drafts: self
                .drafts
                .iter()
                .map(|(ticket, draft)| (*ticket, draft.clone()))
                .collect(),
            reloaded_for: None,
        })
    }

    /// Feeds the machine and does what comes back, in order. Answers what was refused.
    pub fn feed(
        &mut self,
        input: Input,
        now: Timestamp,
        random: u32,
        sockets: &mut Sockets,
        next: &mut u64,
    ) -> Vec<Refused> {
        let mut refusals = Vec::new();
        let clock = now.after(self.skew);
        let mut kept = false;
        for effect in self.client.handle(input, clock, random) {
            match effect {
                Effect::FetchConnectToken => {
                    let_go(self.socket.take(), sockets);
                    self.wants_token = true;
                }
                Effect::Connect => {
                    *next += 1;
                    let id = SocketId(*next);
                    sockets.insert(id, Socket::new(self.page));
                    self.socket = Some(id);
                }
                Effect::Send(frame) => {
                    let socket = self.socket.and_then(|socket| sockets.get_mut(&socket));
                    if let Some(socket) = socket.filter(|socket| socket.open) {
                        socket.up.push_back(frame);
                    }
                }
                Effect::CloseSocket => {
                    let_go(self.socket.take(), sockets);
                    self.wants_token = false;
                }
                Effect::WakeAt(at) => {
                    self.wake = at.map(|at| now.after(Span(at.0.saturating_sub(clock.0).max(0))));
                }
                Effect::KeepDraft { ticket, draft } => {
                    self.drafts.insert(ticket, draft);
                    kept = true;
                }
                Effect::Refused(refused) => refusals.push(refused),
                Effect::Chime(_)
                | Effect::Done { .. }
                | Effect::SignedOut
                | Effect::ReloadForUpgrade(_)
                | Effect::ViewChanged => {}
            }
        }
        if kept {
            refusals.extend(self.feed(Input::DraftKept { survives: true }, now, random, sockets, next));
        }
        refusals
    }
}
