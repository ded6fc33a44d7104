//! One round of the race: a chat thread that an agent has, everybody released by one barrier, and what must hold
//! afterwards of what the clients were told and of what is in the database.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use causerie_core::chat_thread::Outcome;
use causerie_core::conversation::Stage;
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::{End, EndedBy, Placement};
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_core::ticket::{Channel, CommentTo, Ticket};
use causerie_core::wire::agent::{TicketRow, Up};
use causerie_core::wire::end_user::{self, Ack, Send};
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, Seq, SessionId};
use causerie_server::store::{Bearing, ThreadHead};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::people::{Answered, Tab, Window, comment, has_started, message};
use crate::shuffled::Chance;
use crate::support::{Server, cid, visitor};

/// What agents write to the customer while the end is on its way.
const REPLY: &str = "I am looking into it.";

/// What the customer never reads.
const NOTE: &str = "Told her to write again.";

/// The people of the workspace, in windows that stay open over all rounds.
pub(crate) struct Desk {
    /// The assignee, in two windows.
    pub(crate) ann: AgentId,
    pub(crate) replying: Option<Window>,
    pub(crate) ending: Option<Window>,
    /// An admin.
    pub(crate) boss: Option<Window>,
    /// Sees the ticket, but it is not his to end.
    pub(crate) cal: Option<Window>,
}

/// On which side of the end things came to stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Came {
    pub(crate) messages_before: usize,
    pub(crate) messages_after: usize,
    pub(crate) reply_before: bool,
    pub(crate) ends: usize,
}

/// Who comes back from the race, and with what.
enum Back {
    Tab(usize, Tab),
    Replying(Window, Answered),
    Ending(Window, Answered),
    Boss(Window, Answered),
    Cal(Window, Answered),
}

type Racer = Pin<Box<dyn Future<Output = Back> + core::marker::Send>>;

/// A chat thread in front of the race.
struct Start {
    number: u64,
    row: TicketRow,
    tabs: Vec<Tab>,
    /// What each tab will send, in order.
    sends: Vec<Vec<Send>>,
    /// The last number before the race.
    seen: Seq,
}

impl Start {
    /// Command `n` of this round.
    fn cid(&self, n: u64) -> ClientMessageId {
        cid(self.number * 100 + n)
    }

    fn end(&self, n: u64) -> Up {
        Up::End {
            cid: self.cid(n),
            ticket: self.row.ticket.id,
        }
    }

    fn reply(&self) -> Up {
        comment(self.cid(50), self.row.ticket.id, CommentTo::Messaging, REPLY)
    }
}

/// What is in the database after the race.
struct Stored {
    head: ThreadHead,
    log: Vec<ThreadEntry>,
    row: TicketRow,
    history: Vec<TicketEntry>,
}

impl Stored {
    async fn of(server: &Server, thread: ChatThreadId, row: &TicketRow) -> Self {
        let store = &server.app.store;
        let site = store.site(crate::support::SITE).await.unwrap().unwrap().id;
        Self {
            head: store.thread(site, thread).await.unwrap().unwrap(),
            log: store.thread_entries(thread, Seq(0), 10_000).await.unwrap(),
            row: store.ticket(row.ticket.id).await.unwrap().unwrap(),
            history: store.ticket_entries(row.ticket.id, Seq(0), 10_000).await.unwrap(),
        }
    }

    fn ends(&self) -> Vec<&TicketEntry> {
        let is_end = |entry: &&TicketEntry| matches!(entry.what, TicketEvent::SessionEnded { .. });
        self.history.iter().filter(is_end).collect()
    }
}

/// What the ticket is apart from its log's length and how its replies travel.
fn as_it_was(ticket: &Ticket) -> Ticket {
    Ticket {
        head: Seq(0),
        routing: Channel::Messaging,
        ..ticket.clone()
    }
}

/// Three tabs of one visitor, whose conversation Ann has got.
async fn start(server: &Server, desk: &mut Desk, number: u64) -> Start {
    let mut tabs = Vec::new();
    for _ in 0..3 {
        tabs.push(Tab::open(server, &visitor(number)).await);
    }
    let hello = message(cid(number * 100), "hello", None, Seq(0));
    let first = tabs[0].sends(hello).await;
    for (n, text) in [(1, "Talk to a person"), (2, "Skip")] {
        let seen = Seq(u64::MAX >> 12);
        let said = message(cid(number * 100 + n), text, Some(first.session), seen);
        tabs[0].sends(said).await;
    }
    let replying = desk.replying.as_mut().unwrap();
    let row = replying.gets(first.session).await;
    assert_eq!(row.ticket.assignee, Some(desk.ann));
    let seen = Stored::of(server, row.thread, &row).await.head.head;
    // Until its logs are there: a window that is busy with them would come last in every race.
    replying.follows(row.ticket.id).await;
    replying.rests_at(seen, row.ticket.head).await;
    let sends = [(0, 1), (1, 1 + number % 3), (2, 1)].map(|(tab, count)| {
        (0..count)
            .map(|n| {
                let id = cid(number * 100 + 10 * (tab + 1) + n);
                message(id, &format!("tab {tab}, message {n}"), Some(first.session), seen)
            })
            .collect()
    });
    Start {
        number,
        row,
        tabs,
        sends: sends.into(),
        seen,
    }
}

async fn race(
    desk: &mut Desk,
    start: &mut Start,
    chance: &mut Chance,
) -> (Answered, Vec<Answered>, Option<Answered>) {
    let mut racers: Vec<Box<dyn FnOnce(Arc<Barrier>) -> Racer>> = Vec::new();
    for (number, mut tab) in start.tabs.drain(..).enumerate() {
        let sends = start.sends[number].clone();
        racers.push(Box::new(move |barrier| {
            Box::pin(async move {
                barrier.wait().await;
                for send in &sends {
                    tab.socket.say(&end_user::Up::Send(send.clone())).await;
                }
                for send in &sends {
                    tab.acknowledged(send.cid).await;
                }
                Back::Tab(number, tab)
            })
        }));
    }
    let mut orders = |mut window: Window, up: Up, back: fn(Window, Answered) -> Back| {
        racers.push(Box::new(move |barrier| {
            Box::pin(async move {
                barrier.wait().await;
                let answered = window.orders(&up).await;
                back(window, answered)
            })
        }));
    };
    orders(desk.replying.take().unwrap(), start.reply(), Back::Replying);
    orders(desk.boss.take().unwrap(), start.end(60), Back::Boss);
    if start.number.is_multiple_of(2) {
        orders(desk.ending.take().unwrap(), start.end(61), Back::Ending);
    }
    if start.number.is_multiple_of(3) {
        orders(desk.cal.take().unwrap(), start.end(62), Back::Cal);
    }

    chance.shuffle(&mut racers);
    let barrier = Arc::new(Barrier::new(racers.len()));
    let mut running = JoinSet::new();
    for racer in racers {
        running.spawn(racer(Arc::clone(&barrier)));
    }
    let (mut tabs, mut replied, mut ended, mut tried) = ([None, None, None], None, Vec::new(), None);
    while let Some(back) = running.join_next().await {
        match back.unwrap() {
            Back::Tab(number, tab) => tabs[number] = Some(tab),
            Back::Replying(window, answered) => {
                desk.replying = Some(window);
                replied = Some(answered);
            }
            Back::Ending(window, answered) => {
                desk.ending = Some(window);
                ended.push(answered);
            }
            Back::Boss(window, answered) => {
                desk.boss = Some(window);
                ended.insert(0, answered);
            }
            Back::Cal(window, answered) => {
                desk.cal = Some(window);
                tried = Some(answered);
            }
        }
    }
    start.tabs.extend(tabs.into_iter().flatten());
    (replied.unwrap(), ended, tried)
}

pub(crate) async fn run(server: &Server, desk: &mut Desk, number: u64, chance: &mut Chance) -> Came {
    let mut start = start(server, desk, number).await;
    let (replied, ended, tried) = race(desk, &mut start, chance).await;
    let (c, thread) = (start.row.session_id, start.row.thread);
    let stored = Stored::of(server, thread, &start.row).await;

    let (e, end) = one_end(&stored, &start.row, &ended, tried.as_ref());
    let came = everything_stands_once(&start, &stored, e, ended.len());
    what_came_after_is_with_the_bot(&start, &stored, e);
    let reply_before = the_reply(&start, &stored, e, &replied, end);
    i12_the_ticket_is_as_it_was(&start.row, &stored);
    capacity_is_free(server, desk.ann).await;

    // At rest everybody has everything, in one order (I24), and of the end the session's state alone (I14).
    let report = stored.head.session();
    let mut secrets = vec!["\"ended", "_ended", NOTE];
    if !reply_before {
        secrets.push(REPLY);
    }
    for tab in &mut start.tabs {
        tab.rests_at(stored.head.head, report).await;
        assert_eq!(tab.entries, stored.log, "I24: a tab's log is the log");
        tab.was_told_nothing_of(&secrets);
    }
    let of_c: Vec<ThreadEntry> = stored
        .log
        .iter()
        .filter(|entry| entry.session == c)
        .cloned()
        .collect();
    let replying = desk.replying.as_mut().unwrap();
    let last_of_c = of_c.last().map_or(Seq(0), |last| last.seq);
    replying.rests_at(last_of_c, stored.row.ticket.head).await;
    assert_eq!(replying.thread, of_c, "R12: the agent sees the same order");
    assert_eq!(replying.log, stored.history);

    retries_change_nothing(server, desk, &mut start, &stored, &replied, &ended).await;
    i13_after_the_end_notes_go_on_and_messaging_does_not(server, desk, &mut start, &stored).await;
    Came { reply_before, ..came }
}

/// I01, I07, I08: one end, by somebody who may; every caller is told the same.
fn one_end(stored: &Stored, was: &TicketRow, ended: &[Answered], tried: Option<&Answered>) -> (Seq, End) {
    let ends = stored.ends();
    let [entry] = ends.as_slice() else {
        panic!("I07: {} end events", ends.len())
    };
    let end = stored.row.session.ended().unwrap();
    assert_eq!(entry.at, end.at);
    let EndedBy::Agent(by) = end.by else {
        panic!("{end:?}")
    };
    assert!(matches!(&entry.by, By::Agent { id, .. } if *id == by));
    let mut firsts = 0;
    for answered in ended {
        let Answered::Done(Outcome::Ended {
            session,
            end: told,
            already,
        }) = answered
        else {
            panic!("{answered:?}")
        };
        assert_eq!(
            (*session, *told),
            (was.session_id, end),
            "I07: all are told the same"
        );
        firsts += usize::from(!already);
    }
    assert_eq!(firsts, 1, "I07: one of them did it");
    match tried {
        // He came before the end: it was not his to make. Or after it: then he learns of it, as all do.
        Some(Answered::Refused(code)) => assert_eq!(code, "not_theirs_to_end", "I08"),
        Some(Answered::Done(outcome)) => {
            assert!(
                matches!(outcome, Outcome::Ended { end: told, already: true, .. } if *told == end),
                "I08: {outcome:?}"
            );
        }
        None => {}
    }
    (entry.after, end)
}

/// I02, I03, I06, I25: what was acknowledged is stored once, where it was said to be, on the right side of the end.
fn everything_stands_once(start: &Start, stored: &Stored, e: Seq, ends: usize) -> Came {
    let numbers: Vec<u64> = stored.log.iter().map(|entry| entry.seq.0).collect();
    assert_eq!(numbers, (1..=stored.head.head.0).collect::<Vec<_>>(), "I24");
    for entry in &stored.log {
        let is_of_c = entry.session == start.row.session_id;
        assert_eq!(
            is_of_c,
            entry.seq <= e,
            "I02, I03: {entry:?}, the end after {e:?}"
        );
    }
    let (mut before, mut after) = (0, 0);
    for (tab, sends) in start.tabs.iter().zip(&start.sends) {
        let mut last = Seq(0);
        for send in sends {
            let ack = tab.acks.iter().find(|ack| ack.cid == send.cid).unwrap();
            let standing: Vec<_> = stored.log.iter().filter(|it| it.cid == Some(send.cid)).collect();
            let [entry] = standing.as_slice() else {
                panic!("I03: {} times", standing.len())
            };
            assert_eq!((entry.seq, entry.session), (ack.seq, ack.session));
            assert_eq!((&entry.author, &entry.text), (&Author::EndUser, &send.text));
            assert!(entry.seq > last, "I25: a sender's order is kept");
            last = entry.seq;
            if entry.seq <= e {
                assert_eq!(ack.placement, Placement::Appended);
                before += 1;
            } else {
                after += 1;
            }
        }
    }
    Came {
        messages_before: before,
        messages_after: after,
        reply_before: false,
        ends,
    }
}

/// I04, I05: what lost the race is in one fresh conversation, which the bot has.
fn what_came_after_is_with_the_bot(start: &Start, stored: &Stored, e: Seq) {
    let latest = stored.head.latest.as_ref().unwrap();
    let late: BTreeSet<SessionId> = stored
        .log
        .iter()
        .filter(|entry| entry.seq > e)
        .map(|entry| entry.session)
        .collect();
    let mut acks: Vec<&Ack> = start.tabs.iter().flat_map(|tab| &tab.acks).collect();
    acks.retain(|ack| ack.seq > e);
    acks.sort_by_key(|ack| ack.seq);
    match late.first() {
        None => {
            assert_eq!(latest.id, start.row.session_id);
            assert!(!latest.is_live());
        }
        Some(fresh) => {
            assert_eq!(late.len(), 1, "I05: one fresh conversation");
            assert_ne!(*fresh, start.row.session_id, "I04");
            assert_eq!(latest.id, *fresh);
            assert!(latest.is_live());
            assert!(matches!(latest.stage, Stage::Bot(_)), "I04: in the bot's hands");
            let previous = latest.previous.unwrap();
            assert_eq!(
                (previous.session, previous.ticket),
                (start.row.session_id, Some(start.row.ticket.id))
            );
            assert_eq!(latest.first, acks[0].seq);
            let started: Vec<bool> = acks.iter().map(|ack| has_started(ack)).collect();
            assert!(
                started[0] && started[1..].iter().all(|started| !started),
                "{started:?}"
            );
        }
    }
    // I14: nothing is in the log but what people said, and what the bot says in the fresh conversation.
    for entry in stored.log.iter().filter(|entry| entry.seq > start.seen) {
        match &entry.author {
            Author::EndUser => {}
            Author::Bot => assert!(entry.session != start.row.session_id, "I14: {entry:?}"),
            Author::Agent { .. } => assert_eq!(entry.text, REPLY),
            Author::Business { .. } => panic!("{entry:?}"),
        }
    }
}

/// I02, I13: the agent's reply stands before the end, or is refused.
fn the_reply(start: &Start, stored: &Stored, e: Seq, replied: &Answered, end: End) -> bool {
    let standing: Vec<_> = stored
        .log
        .iter()
        .filter(|entry| matches!(entry.author, Author::Agent { .. }))
        .collect();
    match replied {
        Answered::Done(outcome) => {
            let [entry] = standing.as_slice() else {
                panic!("the reply stands {} times", standing.len())
            };
            assert_eq!(entry.cid, Some(start.cid(50)));
            assert!(entry.seq <= e && entry.at <= end.at, "I02");
            let said = Outcome::Said {
                session: entry.session,
                seq: entry.seq,
                placement: Placement::Appended,
            };
            assert_eq!(*outcome, said);
            true
        }
        Answered::Refused(code) => {
            assert_eq!(code, "session_ended", "I13");
            assert!(standing.is_empty());
            false
        }
    }
}

fn i12_the_ticket_is_as_it_was(was: &TicketRow, stored: &Stored) {
    assert_eq!(as_it_was(&was.ticket), as_it_was(&stored.row.ticket), "I12");
    assert_eq!(stored.row.ticket.routing, Channel::Email, "R23");
    assert_eq!(was.ticket.routing, Channel::Messaging);
    // R08: of the messages that came after it, the old ticket's history has nothing.
    let end = stored.ends()[0];
    for entry in stored.history.iter().filter(|entry| entry.seq >= end.seq) {
        assert_eq!(entry.audit, end.audit, "I12: {entry:?}");
    }
}

/// I07, I10: the one slot is free, once.
async fn capacity_is_free(server: &Server, ann: AgentId) {
    let agents = server.app.store.agents().await.unwrap();
    let ann = agents.iter().find(|row| row.id == ann).unwrap();
    assert_eq!((ann.messaging_used, ann.email_used), (0, 0));
}

/// I06, I07: whatever is sent again is answered as before, on whatever socket, and changes nothing.
async fn retries_change_nothing(
    server: &Server,
    desk: &mut Desk,
    start: &mut Start,
    stored: &Stored,
    replied: &Answered,
    ended: &[Answered],
) {
    let bearing = [
        Bearing::Session(start.row.session_id),
        Bearing::Session(stored.head.latest.as_ref().unwrap().id),
        Bearing::Ticket(start.row.ticket.id),
    ];
    // All tables are much to read: now and then will do, for the two logs and their rows are compared each time.
    let all_tables = start.number.is_multiple_of(20);
    let rows = if all_tables {
        server.app.store.rows_bearing(&bearing).await.unwrap()
    } else {
        Vec::new()
    };
    for tab in 0..start.tabs.len() {
        for send in start.sends[tab].clone() {
            let first = *start.tabs[tab]
                .acks
                .iter()
                .find(|ack| ack.cid == send.cid)
                .unwrap();
            let again = Send {
                seen: stored.head.head,
                session: None,
                ..send
            };
            let elsewhere = (tab + 1) % start.tabs.len();
            assert_eq!(start.tabs[elsewhere].sends(again).await, first, "I06");
        }
    }
    let again = desk.replying.as_mut().unwrap().orders(&start.reply()).await;
    assert_eq!(again, *replied, "I06");
    let again = desk.boss.as_mut().unwrap().orders(&start.end(60)).await;
    assert_eq!(again, ended[0], "I07");
    if start.number.is_multiple_of(2) {
        let again = desk.ending.as_mut().unwrap().orders(&start.end(61)).await;
        assert_eq!(again, ended[1], "I07");
    }
    let after = Stored::of(server, start.row.thread, &start.row).await;
    assert_eq!(after.head, stored.head, "I06: a pure retry opens nothing");
    assert_eq!(
        (&after.log, &after.row, &after.history),
        (&stored.log, &stored.row, &stored.history),
        "I01, I06: a retry changes nothing"
    );
    if all_tables {
        assert_eq!(server.app.store.rows_bearing(&bearing).await.unwrap(), rows);
    }
}

/// R19, R29: the customer's address is not known, so a note it is; nothing of it reaches the visitor.
async fn i13_after_the_end_notes_go_on_and_messaging_does_not(
    server: &Server,
    desk: &mut Desk,
    start: &mut Start,
    stored: &Stored,
) {
    let ticket = start.row.ticket.id;
    let window = desk.ending.as_mut().unwrap();
    for (n, to, refused) in [
        (70, CommentTo::Messaging, Some("session_ended")),
        (71, CommentTo::Public, Some("email_unknown")),
        (72, CommentTo::Note, None),
    ] {
        match (
            window.orders(&comment(start.cid(n), ticket, to, NOTE)).await,
            refused,
        ) {
            (Answered::Refused(code), Some(refused)) => assert_eq!(code, refused, "I13"),
            (Answered::Done(_), None) => {}
            (other, _) => panic!("I13: {other:?}"),
        }
    }
    let after = Stored::of(server, start.row.thread, &start.row).await;
    assert_eq!(after.log, stored.log);
    assert_eq!(after.history.len(), stored.history.len() + 1);
    let tab = &mut start.tabs[0];
    tab.socket.say(&end_user::Up::Ping).await;
    while tab.hears().await != end_user::Down::Pong {}
    tab.was_told_nothing_of(&[NOTE]);
    assert_eq!(tab.entries, stored.log);
}
