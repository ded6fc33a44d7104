//! What a client's machine has made of all it was told is what a fresh one fetches: the visitor's log, the agents'
//! lists, the queue, capacity and an open ticket (I33). From seeds: after a run of random commands, everybody at rest.
//! No heartbeat mends anything here: what has happened is told by itself.

use std::collections::BTreeMap;

use causerie_core::agent::{Availability, Role};
use causerie_core::client::agent::{self as desk, AgentClient, View};
use causerie_core::client::end_user::{self, Device, EndUserClient};
use causerie_core::client::role::TabId;
use causerie_core::message::Text;
use causerie_core::settings::Settings;
use causerie_core::ticket::{Comment, CommentTo, Priority, Set, Status, Update};
use causerie_core::time::Span;
use causerie_core::wire::{agent, end_user as visitors};
use causerie_core::{AgentId, Seq, TicketId, Timestamp};
use causerie_server::conversations::{Request, Sender};
use causerie_server::store::Change;
use tokio::time::{Duration, timeout};

use crate::support::{Server, Socket, cid, send, visitor};

const SEEDS: u64 = 4;
const STEPS: u64 = 120;
const VISITORS: u64 = 3;
const AGENTS: [(&str, Role); 2] = [
    ("ada@shop.example", Role::Admin),
    ("ben@shop.example", Role::Agent),
];
/// How often two views that differ are looked at again: what is told may be on its way, and the worker in the middle
/// of giving something away.
const LOOKS: u32 = 100;

/// How long nothing has to come until what has come is looked at.
const A_MOMENT: Duration = Duration::from_millis(15);

/// Longer than a machine waits for what it misses, and shorter than from one heartbeat to the next.
const LATER: Span = Span(10_000);

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()].clone()
    }
}

/// An agent's page: the workspace's machine on a socket.
struct Desk {
    socket: Socket,
    machine: AgentClient,
    now: Timestamp,
    /// Heartbeats that were not answered yet.
    owed: u32,
}

impl Desk {
    async fn open(server: &Server, signed_in: &(String, String)) -> Self {
        let (socket, welcome) = server.socket_of(signed_in).await;
        let machine = AgentClient::new(String::new());
        let mut desk = Self {
            socket,
            machine,
            now: Timestamp(0),
            owed: 0,
        };
        // The hello was said, and answered, by whoever opened the socket.
        for input in [
            desk::Input::Wanted,
            desk::Input::ConnectToken(String::new()),
            desk::Input::SocketOpened,
        ] {
            let _ = desk.machine.handle(input, Timestamp(0), 0);
        }
        desk.feed(desk::Input::Frame(agent::Down::Welcome(welcome))).await;
        if server.app.store.ticket(TicketId(1)).await.unwrap().is_some() {
            desk.feed(desk::Input::TicketOpened(TicketId(1))).await;
        }
        desk.is_told_all().await;
        desk
    }

    async fn feed(&mut self, input: desk::Input) {
        for effect in self.machine.handle(input, self.now, 0) {
            if let desk::Effect::Send(frame) = effect {
                self.say(&frame).await;
            }
        }
    }

    /// With a heartbeat the server looks whether it has told all; what the machine still misses, it asks for in time.
    async fn is_told_all(&mut self) {
        self.beats().await;
        self.now = self.now.after(LATER);
        self.feed(desk::Input::TimerFired).await;
        self.beats().await;
    }

    /// Takes what comes by itself.
    async fn hears(&mut self) {
        while let Ok(frame) = timeout(A_MOMENT, self.socket.hear::<agent::Down>()).await {
            self.feed(desk::Input::Frame(frame)).await;
        }
    }

    async fn beats(&mut self) {
        self.say(&agent::Up::Ping).await;
        while self.owed > 0 {
            let frame: agent::Down = self.socket.hear().await;
            if frame == agent::Down::Pong {
                self.owed -= 1;
            }
            self.feed(desk::Input::Frame(frame)).await;
        }
    }

    async fn say(&mut self, frame: &agent::Up) {
        if *frame == agent::Up::Ping {
            self.owed += 1;
        }
        self.socket.say(frame).await;
    }

    /// All that its screens show.
    fn screens(&self) -> String {
        let desk = self.machine.desk().unwrap();
        let views: Vec<_> = View::ALL.map(|view| (view, self.machine.tickets(view))).to_vec();
        let mut agents = desk.agents.clone();
        agents.sort_by_key(|row| row.id);
        format!(
            "{views:#?}\n{agents:#?}\n{:#?}\n{:#?}\n{:#?}",
            desk.settings,
            desk.macros,
            self.machine.log()
        )
    }

    /// Messaging slots in use, by the tickets on the screen (I09, R33).
    fn slots_by_tickets(&self) -> BTreeMap<AgentId, u32> {
        let desk = self.machine.desk().unwrap();
        let mut used: BTreeMap<AgentId, u32> = desk.agents.iter().map(|row| (row.id, 0)).collect();
        for row in &desk.tickets {
            if let Some(agent) = row.slot_of(&desk.settings) {
                *used.entry(agent).or_default() += 1;
            }
        }
        used
    }

    fn slots_as_told(&self) -> BTreeMap<AgentId, u32> {
        let agents = &self.machine.desk().unwrap().agents;
        agents.iter().map(|row| (row.id, row.messaging_used)).collect()
    }
}

/// A visitor's page: the widget's machine on a socket.
struct Page {
    socket: Socket,
    machine: EndUserClient,
    now: Timestamp,
    /// Heartbeats that were not answered yet.
    owed: u32,
}

impl Page {
    async fn open(server: &Server, secret: &str) -> Self {
        let (socket, resumed) = server.visitor(secret, 0).await;
        let machine = EndUserClient::new(end_user::Config {
            site: String::new(),
            device: Device {
                secret: String::new(),
                person: None,
            },
            locale: "en".to_owned(),
            build: String::new(),
            keeps: false,
            shares: false,
            tab: TabId(0),
        });
        let mut page = Self {
            socket,
            machine,
            now: Timestamp(0),
            owed: 0,
        };
        for input in [end_user::Input::Wanted, end_user::Input::SocketOpened] {
            let _ = page.machine.handle(input, Timestamp(0), 0);
        }
        page.feed(end_user::Input::Frame(visitors::Down::Resumed(resumed)))
            .await;
        page.is_told_all().await;
        page
    }

    async fn feed(&mut self, input: end_user::Input) {
        for effect in self.machine.handle(input, self.now, 0) {
            if let end_user::Effect::Send(frame) = effect {
                self.say(&frame).await;
            }
        }
    }

    async fn is_told_all(&mut self) {
        self.beats().await;
        self.now = self.now.after(LATER);
        self.feed(end_user::Input::TimerFired).await;
        self.beats().await;
    }

    /// Takes what comes by itself.
    async fn hears(&mut self) {
        while let Ok(frame) = timeout(A_MOMENT, self.socket.hear::<visitors::Down>()).await {
            self.feed(end_user::Input::Frame(frame)).await;
        }
    }

    async fn beats(&mut self) {
        self.say(&visitors::Up::Ping).await;
        while self.owed > 0 {
            let frame: visitors::Down = self.socket.hear().await;
            if frame == visitors::Down::Pong {
                self.owed -= 1;
            }
            self.feed(end_user::Input::Frame(frame)).await;
        }
    }

    async fn say(&mut self, frame: &visitors::Up) {
        if *frame == visitors::Up::Ping {
            self.owed += 1;
        }
        self.socket.say(frame).await;
    }

    /// All that its screen shows, and the session's state, which it must not show (R20).
    fn screen(&self) -> String {
        let day = |at: Timestamp| i32::try_from(at.0 / 86_400_000).unwrap();
        format!(
            "{:#?}\n{:?}\n{:?}\n{:?}\n{:?}",
            self.machine.rows(usize::MAX, &day),
            self.machine.quick_replies(),
            self.machine.unread(),
            self.machine.timeline().session(),
            self.machine.offers_end()
        )
    }
}

/// Everybody's pages, open from the beginning.
struct Everybody {
    server: Server,
    dice: Dice,
    signed_in: Vec<(String, String)>,
    desks: Vec<Desk>,
    pages: Vec<Page>,
    agents: Vec<AgentId>,
    tickets: u64,
    last_cid: u64,
}

impl Everybody {
    async fn at_work(seed: u64) -> Self {
        let server = Server::start().await;
        let (mut signed_in, mut desks, mut agents) = (Vec::new(), Vec::new(), Vec::new());
        for (email, role) in AGENTS {
            agents.push(server.agent(email, role, Some("Support")).await);
            let both = server.sign_in(email).await;
            desks.push(Desk::open(&server, &both).await);
            signed_in.push(both);
        }
        let mut pages = Vec::new();
        for n in 0..VISITORS {
            pages.push(Page::open(&server, &visitor(n)).await);
        }
        Self {
            server,
            dice: Dice(seed),
            signed_in,
            desks,
            pages,
            agents,
            tickets: 0,
            last_cid: 0,
        }
    }

    /// Something happens; what is refused, or concerns what is not there, is nothing to the screens.
    async fn step(&mut self) {
        self.last_cid += 1;
        let id = cid(self.last_cid);
        let agent = self.dice.of(&self.agents);
        let ticket = TicketId(1 + self.dice.below(self.tickets + 1));
        let request = match self.dice.below(12) {
            0..=4 => {
                let texts = [
                    "hello",
                    "Talk to a person",
                    "Skip",
                    "zoe@shop.example",
                    "Where is it?",
                ];
                let who = self.server.identity(&visitor(self.dice.below(VISITORS))).await;
                Request::Send {
                    who: Sender::Visitor(who),
                    send: send(self.last_cid, self.dice.of(&texts), u64::MAX >> 12),
                }
            }
            5 => Request::End {
                agent,
                cid: Some(id),
                ticket,
            },
            6 => {
                let who = self.server.identity(&visitor(self.dice.below(VISITORS))).await;
                Request::Read {
                    who: Sender::Visitor(who),
                    upto: Seq(self.dice.below(20)),
                }
            }
            7 => {
                let all = [Availability::Online, Availability::Away, Availability::Offline];
                let to = self.dice.of(&all);
                return self.change(Change::SetAvailability { agent, to }).await;
            }
            8 if self.dice.below(4) == 0 => {
                let settings = Settings {
                    inactive_sessions_count: self.dice.below(2) == 0,
                    end_users_can_end_sessions: self.dice.below(2) == 0,
                    ..Settings::default()
                };
                self.change(Change::SetSettings(settings)).await;
                // Whether end users may end sessions is told with the next heartbeat, and nobody waits for it.
                for page in &mut self.pages {
                    page.is_told_all().await;
                }
                return;
            }
            _ => Request::Update {
                agent,
                cid: Some(id),
                ticket,
                update: self.update(),
            },
        };
        let _ = self.server.app.conversations.ask(request).await;
        while self.tickets < 50
            && self
                .server
                .app
                .store
                .ticket(TicketId(self.tickets + 1))
                .await
                .unwrap()
                .is_some()
        {
            self.tickets += 1;
            if self.tickets == 1 {
                for desk in &mut self.desks {
                    desk.feed(desk::Input::TicketOpened(TicketId(1))).await;
                }
            }
        }
    }

    async fn change(&self, change: Change) {
        let _ = self.server.app.conversations.change(change).await;
    }

    fn update(&mut self) -> Update {
        let dice = &mut self.dice;
        let mut update = Update::default();
        match dice.below(5) {
            0 => {
                let to = dice.of(&[CommentTo::Messaging, CommentTo::Email, CommentTo::Note]);
                let text = Text::parse("One moment").unwrap();
                update.comment = Some(Comment { to, text });
            }
            1 => {
                let all = [Status::Open, Status::Pending, Status::Hold, Status::Solved];
                update.status = Some(dice.of(&all));
            }
            2 => update.assignee = Some(Set::To(dice.of(&self.agents))),
            3 => update.assignee = Some(Set::Nothing),
            _ => {
                update.priority = Some(dice.of(&[Priority::Low, Priority::Urgent]));
                update.tags = Some(vec!["late".to_owned()]);
            }
        }
        update
    }

    async fn all_see_what_a_fresh_page_sees(&mut self, seed: u64) {
        for look in 0.. {
            let differing = self.differing().await;
            let Some((told, fetched)) = differing else { return };
            assert!(look < LOOKS, "seed {seed}: told\n{told}\nfetched\n{fetched}");
        }
    }

    async fn differing(&mut self) -> Option<(String, String)> {
        for (desk, signed_in) in self.desks.iter_mut().zip(&self.signed_in) {
            desk.hears().await;
            let fresh = Desk::open(&self.server, signed_in).await;
            let (told, fetched) = (desk.screens(), fresh.screens());
            if told != fetched {
                return Some((told, fetched));
            }
        }
        // The admin sees every ticket.
        let (slots, by_tickets) = (self.desks[0].slots_as_told(), self.desks[0].slots_by_tickets());
        if slots != by_tickets {
            return Some((format!("{slots:?}"), format!("{by_tickets:?}")));
        }
        for (n, page) in (0..).zip(&mut self.pages) {
            page.hears().await;
            let fresh = Page::open(&self.server, &visitor(n)).await;
            let (told, fetched) = (page.screen(), fresh.screen());
            if told != fetched {
                return Some((told, fetched));
            }
        }
        None
    }
}

#[tokio::test]
async fn i33_what_was_told_is_what_a_fresh_page_fetches() {
    for seed in 0..SEEDS {
        let mut everybody = Everybody::at_work(seed).await;
        for step in 0..STEPS {
            everybody.step().await;
            if step % 10 == 9 {
                everybody.all_see_what_a_fresh_page_sees(seed).await;
            }
        }
        assert!(everybody.tickets > 1, "seed {seed}: nothing to see");
    }
}
