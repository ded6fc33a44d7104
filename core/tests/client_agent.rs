//! The workspace's machine: lists as a fold, both logs in one order, commands done once, no reply lost (R21).
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use causerie_core::agent::{Availability, Role};
use causerie_core::chat_thread::Outcome;
use causerie_core::client::agent::{AgentClient, Ask, Draft, Effect, Input, Kept, LogItem, View};
use causerie_core::client::connection::Status as Line;
use causerie_core::message::{Author, MAX_TEXT, TextFault, ThreadEntry};
use causerie_core::rules::agent_macro::{CannotApply, Macro};
use causerie_core::session::{End, EndReason, EndedBy, Session, SessionState};
use causerie_core::settings::Settings;
use causerie_core::ticket::composer::Picked;
use causerie_core::ticket::ending::CannotEnd;
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_core::ticket::{Channel, CommentTo, Priority, Status, Ticket, Update};
use causerie_core::time::Span;
use causerie_core::wire::Refused;
use causerie_core::wire::agent::{AgentRow, Down, TicketRow, Up, Welcome};
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, MacroId, Seq, SessionId, TicketId, Timestamp};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const ME: AgentId = AgentId(1);
const OTHER: AgentId = AgentId(2);
const SEVEN: TicketId = TicketId(7);

fn cid(n: u128) -> ClientMessageId {
    ClientMessageId(Uuid::from_u128(n))
}

fn row(ticket: u64, assignee: Option<AgentId>, status: Status) -> TicketRow {
    TicketRow {
        ticket: Ticket {
            id: TicketId(ticket),
            subject: "Where is it?".to_owned(),
            status,
            priority: Priority::Normal,
            assignee,
            group: None,
            tags: Vec::new(),
            fields: Vec::new(),
            channel: Channel::Messaging,
            routing: Channel::Messaging,
            head: Seq(1),
        },
        thread: ChatThreadId(Uuid::from_u128(1)),
        session_id: SessionId(Uuid::from_u128(u128::from(ticket))),
        session: Session::Active { since: Timestamp(0) },
        requester: None,
        email: None,
        previous: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(i64::try_from(ticket).expect("small")),
    }
}

fn ended(mut row: TicketRow) -> TicketRow {
    let by = EndedBy::Agent(OTHER);
    row.session = Session::Ended(End { at: Timestamp(5), by });
    row.ticket.head = Seq(3);
    row
}

fn agent(id: AgentId, availability: Availability) -> AgentRow {
    AgentRow {
        id,
        name: "A".to_owned(),
        role: Role::Agent,
        groups: Vec::new(),
        availability,
        messaging_used: 0,
        messaging_max: 3,
        email_used: 0,
        email_max: 5,
    }
}

fn welcome(tickets: Vec<TicketRow>) -> Welcome {
    Welcome {
        me: ME,
        agents: vec![
            agent(ME, Availability::Offline),
            agent(OTHER, Availability::Online),
        ],
        groups: Vec::new(),
        macros: Vec::new(),
        settings: Settings::default(),
        tickets,
        more: false,
        mail: false,
        epoch: 1,
        build: "build-1".to_owned(),
    }
}

fn said(seq: u64) -> ThreadEntry {
    ThreadEntry {
        seq: Seq(seq),
        at: Timestamp(0),
        session: SessionId(Uuid::from_u128(7)),
        author: Author::EndUser,
        text: seq.to_string(),
        replies: Vec::new(),
        cid: None,
    }
}

fn happened(seq: u64, after: u64, what: TicketEvent) -> TicketEntry {
    TicketEntry {
        seq: Seq(seq),
        audit: Seq(seq),
        after: Seq(after),
        at: Timestamp(0),
        by: By::System,
        what,
    }
}

fn created(from: u64, to: u64) -> TicketEntry {
    let (from, to) = (Seq(from), Seq(to));
    happened(
        1,
        to.0,
        TicketEvent::Created {
            from,
            to,
            previous: None,
        },
    )
}

fn note(seq: u64, after: u64) -> TicketEntry {
    happened(
        seq,
        after,
        TicketEvent::Noted {
            text: "psst".to_owned(),
        },
    )
}

fn kept(text: &str, picked: Option<Picked>) -> Effect {
    let text = text.to_owned();
    Effect::KeepDraft {
        ticket: SEVEN,
        draft: Draft { text, picked },
    }
}

/// A note picked in a live session.
const NOTE: Picked = Picked {
    to: CommentTo::Note,
    instead_of: CommentTo::Messaging,
};

fn refused(of: u128, code: &str, retryable: bool) -> Down {
    Down::Refused(Refused {
        cid: Some(cid(of)),
        code: code.to_owned(),
        message: "No.".to_owned(),
        retryable,
        retry_after_ms: None,
    })
}

/// The workspace and its clock.
struct Desk {
    client: AgentClient,
    now: Timestamp,
}

impl Desk {
    fn new() -> Self {
        Self {
            client: AgentClient::new("build-1".to_owned()),
            now: Timestamp(1_000_000),
        }
    }

    fn with(tickets: Vec<TicketRow>) -> Self {
        let mut desk = Self::new();
        desk.signs_in(welcome(tickets));
        desk
    }

    fn signs_in(&mut self, welcome: Welcome) -> Vec<Effect> {
        assert!(self.feed(Input::Wanted).contains(&Effect::FetchConnectToken));
        self.connects(welcome)
    }

    fn connects(&mut self, welcome: Welcome) -> Vec<Effect> {
        assert_eq!(self.feed(Input::ConnectToken("t".to_owned())), [Effect::Connect]);
        let token = "t".to_owned();
        assert_eq!(
            self.feed(Input::SocketOpened)[0],
            Effect::Send(Up::Hello { token })
        );
        self.frame(Down::Welcome(Box::new(welcome)))
    }

    fn reconnects(&mut self, welcome: Welcome) -> Vec<Effect> {
        self.feed(Input::SocketClosed { code: 1006 });
        assert!(self.feed(Input::Online).contains(&Effect::FetchConnectToken));
        self.connects(welcome)
    }

    fn feed(&mut self, input: Input) -> Vec<Effect> {
        self.client.handle(input, self.now, u32::MAX / 2)
    }

    fn frame(&mut self, frame: Down) -> Vec<Effect> {
        self.feed(Input::Frame(frame))
    }

    fn entries(&mut self, thread: Vec<ThreadEntry>, log: Vec<TicketEntry>) -> Vec<Up> {
        sent(self.frame(Down::Entries {
            ticket: SEVEN,
            thread,
            log,
        }))
    }

    fn replies(&mut self, id: u128, to: CommentTo, text: &str) -> Vec<Up> {
        sent(self.feed(Input::Replied {
            cid: cid(id),
            ticket: SEVEN,
            to,
            text: text.to_owned(),
        }))
    }

    fn picks(&mut self, to: CommentTo) -> Vec<Effect> {
        self.feed(Input::ChannelPicked { ticket: SEVEN, to })
    }

    fn edits(&mut self, text: &str) -> Vec<Up> {
        sent(self.writes(text))
    }

    fn writes(&mut self, text: &str) -> Vec<Effect> {
        self.feed(Input::Edited {
            ticket: SEVEN,
            text: text.to_owned(),
        })
    }

    fn pass(&mut self, ms: i64) -> Vec<Effect> {
        self.now = self.now.after(Span(ms));
        self.feed(Input::TimerFired)
    }

    fn list(&self, view: View) -> Vec<u64> {
        self.client
            .tickets(view)
            .into_iter()
            .map(|row| row.ticket.id.0)
            .collect()
    }

    /// The one order: thread numbers as they are, ticket numbers behind a dash.
    fn log(&self) -> Vec<String> {
        let shown = |item: LogItem<'_>| match item {
            LogItem::Said(entry) => entry.seq.to_string(),
            LogItem::Happened(entry) => ["-", &entry.seq.to_string()].concat(),
        };
        self.client.log().into_iter().map(shown).collect()
    }
}

fn sent(effects: Vec<Effect>) -> Vec<Up> {
    let frame = |effect| {
        if let Effect::Send(frame) = effect {
            Some(frame)
        } else {
            None
        }
    };
    effects.into_iter().filter_map(frame).collect()
}

fn open(thread: u64, log: u64) -> Up {
    Up::Open {
        ticket: SEVEN,
        thread: Seq(thread),
        log: Seq(log),
    }
}

#[test]
fn each_socket_has_a_connect_token_of_its_own() {
    let mut desk = Desk::with(Vec::new());
    assert_eq!(desk.client.status(), Line::Live);
    desk.reconnects(welcome(Vec::new()));
    assert_eq!(desk.client.status(), Line::Live);
    assert_eq!(
        desk.feed(Input::ConnectToken("late".to_owned())),
        [],
        "not asked for"
    );
}

#[test]
fn without_a_token_it_waits_and_signed_out_it_stops() {
    let mut desk = Desk::new();
    desk.feed(Input::Wanted);
    desk.feed(Input::NoConnectToken { signed_out: false });
    assert!(matches!(desk.client.status(), Line::Offline { .. }));
    assert!(desk.pass(1_000).contains(&Effect::FetchConnectToken));
    let effects = desk.feed(Input::NoConnectToken { signed_out: true });
    assert!(effects.contains(&Effect::SignedOut));
    assert_eq!(desk.client.status(), Line::Idle);
    assert_eq!(desk.pass(60_000), []);
}

#[test]
fn views_hold_what_they_say() {
    let mut inactive = row(6, Some(ME), Status::Solved);
    inactive.session = Session::Inactive { since: Timestamp(0) };
    let desk = Desk::with(vec![
        row(1, None, Status::New),
        row(2, Some(ME), Status::Open),
        row(3, Some(OTHER), Status::Pending),
        row(4, Some(ME), Status::Solved),
        row(5, Some(ME), Status::Closed),
        inactive,
        ended(row(7, Some(ME), Status::Hold)),
        ended(row(8, None, Status::Solved)),
    ]);
    assert_eq!(desk.list(View::YourTickets), [7, 4, 2], "newest change first");
    assert_eq!(desk.list(View::Unassigned), [1]);
    assert_eq!(desk.list(View::AllOpen), [7, 3, 2, 1]);
    assert_eq!(desk.list(View::EndedSessions), [8, 7]);
}

#[test]
fn i28_lists_are_a_fold_that_late_and_doubled_notices_do_not_take_back() {
    let mut desk = Desk::with(vec![row(1, None, Status::New)]);
    let mut newer = row(1, Some(ME), Status::Open);
    newer.ticket.head = Seq(3);
    newer.updated_at = Timestamp(50);
    desk.frame(Down::Ticket(Box::new(newer.clone())));
    desk.frame(Down::Ticket(Box::new(row(1, None, Status::New))));
    desk.frame(Down::Ticket(Box::new(row(2, None, Status::New))));
    desk.frame(Down::Ticket(Box::new(row(2, None, Status::New))));
    desk.frame(Down::Gone(TicketId(9)));

    let fresh = Desk::with(vec![newer, row(2, None, Status::New)]);
    assert_eq!(
        desk.client.desk(),
        fresh.client.desk(),
        "apply(events, old) == fetch fresh"
    );

    desk.frame(Down::Gone(TicketId(2)));
    assert_eq!(desk.list(View::AllOpen), [1]);
}

#[test]
fn r33_slots_and_availability_change_without_a_reload() {
    let mut desk = Desk::with(Vec::new());
    let effects = desk.feed(Input::AvailabilityChosen(Availability::Online));
    assert_eq!(sent(effects), [Up::Availability(Availability::Online)]);
    assert_eq!(desk.client.availability(), Some(Availability::Online), "at once");

    let mut busy = agent(ME, Availability::Offline);
    busy.messaging_used = 1;
    desk.frame(Down::Agent(busy));
    assert_eq!(
        desk.client.availability(),
        Some(Availability::Online),
        "not heard yet when that was told"
    );

    let mut me = agent(ME, Availability::Online);
    me.messaging_used = 2;
    desk.frame(Down::Agent(me));
    assert_eq!(desk.client.me().map(|me| me.messaging_used), Some(2));
    desk.frame(Down::Agent(agent(ME, Availability::Away)));
    assert_eq!(
        desk.client.availability(),
        Some(Availability::Away),
        "set elsewhere since"
    );
}

/// A welcome by which the agent is available like this.
fn found(availability: Availability) -> Welcome {
    let mut found = welcome(Vec::new());
    found.agents[0].availability = availability;
    found
}

#[test]
fn r31_a_choice_that_was_not_heard_is_told_again_soon_after() {
    let mut desk = Desk::with(Vec::new());
    desk.feed(Input::AvailabilityChosen(Availability::Online));
    let again = sent(desk.reconnects(found(Availability::Offline)));
    assert_eq!(again, [Up::Availability(Availability::Online)]);
    assert_eq!(desk.client.availability(), Some(Availability::Online));
}

#[test]
fn r34_an_old_choice_is_not_told_again_over_what_was_chosen_since() {
    // Heard, and the confirmation missed.
    let mut desk = Desk::new();
    desk.signs_in(found(Availability::Online));
    desk.feed(Input::AvailabilityChosen(Availability::Offline));
    assert_eq!(sent(desk.reconnects(found(Availability::Offline))), []);
    assert_eq!(sent(desk.reconnects(found(Availability::Online))), []);
    assert_eq!(
        desk.client.availability(),
        Some(Availability::Online),
        "set elsewhere since"
    );

    // Another one was set elsewhere before this page was back.
    desk.feed(Input::AvailabilityChosen(Availability::Offline));
    assert_eq!(sent(desk.reconnects(found(Availability::Away))), []);
    assert_eq!(desk.client.availability(), Some(Availability::Away));

    // Told on the same connection.
    desk.feed(Input::AvailabilityChosen(Availability::Offline));
    desk.frame(Down::Agent(agent(ME, Availability::Online)));
    assert_eq!(desk.client.availability(), Some(Availability::Online));
    assert_eq!(sent(desk.reconnects(found(Availability::Away))), []);

    // Long ago: what it was chosen for may be over.
    desk.feed(Input::AvailabilityChosen(Availability::Offline));
    desk.feed(Input::SocketClosed { code: 1006 });
    desk.now = desk.now.after(Span::minutes(5));
    desk.feed(Input::Online);
    assert_eq!(sent(desk.connects(found(Availability::Away))), []);
    assert_eq!(desk.client.availability(), Some(Availability::Away));
}

#[test]
fn r31_a_choice_that_is_refused_goes_back() {
    let mut desk = Desk::with(Vec::new());
    desk.feed(Input::AvailabilityChosen(Availability::Online));
    desk.frame(Down::Refused(Refused {
        cid: None,
        code: "unavailable".to_owned(),
        message: "No.".to_owned(),
        retryable: true,
        retry_after_ms: None,
    }));
    assert_eq!(desk.client.availability(), Some(Availability::Offline));
}

#[test]
fn a_ticket_that_begins_to_call_chimes_once() {
    let mut desk = Desk::with(vec![row(1, Some(OTHER), Status::Open)]);
    let chimes = |effects: Vec<Effect>| effects.iter().any(|effect| matches!(effect, Effect::Chime(_)));
    assert!(chimes(desk.frame(Down::Ticket(Box::new(row(
        2,
        None,
        Status::New
    ))))));
    assert!(!chimes(desk.frame(Down::Ticket(Box::new(row(
        2,
        None,
        Status::New
    ))))));
    assert!(!chimes(desk.frame(Down::Ticket(Box::new(row(
        3,
        Some(OTHER),
        Status::New
    ))))));
    assert!(!chimes(desk.frame(Down::Ticket(Box::new(ended(row(
        4,
        None,
        Status::Open
    )))))));
    assert!(
        chimes(desk.frame(Down::Ticket(Box::new(row(3, Some(ME), Status::Open))))),
        "mine now"
    );
    let effects = desk.reconnects(welcome(vec![
        row(3, Some(ME), Status::Open),
        row(5, None, Status::New),
    ]));
    assert!(effects.contains(&Effect::Chime(TicketId(5))) && !effects.contains(&Effect::Chime(TicketId(3))));
}

#[test]
fn i24_both_logs_stand_in_one_order() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    assert_eq!(sent(desk.feed(Input::TicketOpened(SEVEN))), [open(0, 0)]);
    desk.entries(
        vec![said(4), said(5), said(6)],
        vec![created(4, 5), note(2, 5), note(3, 6)],
    );
    assert_eq!(desk.log(), ["4", "5", "-1", "-2", "6", "-3"]);
    desk.entries(vec![said(6), said(7)], vec![note(3, 6), note(4, 6), note(5, 7)]);
    assert_eq!(desk.log(), ["4", "5", "-1", "-2", "6", "-3", "-4", "7", "-5"]);
}

#[test]
fn i26_a_hole_in_either_log_is_asked_for_and_never_jumped() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    assert_eq!(
        desk.entries(vec![said(5)], vec![created(4, 5)]),
        [],
        "the transcript begins with 4: it may yet come"
    );
    assert!(desk.pass(5_000).contains(&Effect::Send(open(0, 1))));
    desk.entries(vec![said(4), said(5)], Vec::new());

    assert_eq!(desk.entries(vec![said(7)], Vec::new()), [open(5, 1)]);
    assert_eq!(desk.entries(vec![said(8)], vec![note(3, 8)]), [], "asked once");
    assert_eq!(desk.log(), ["4", "5", "-1"]);
    assert!(
        desk.pass(5_000).contains(&Effect::Send(open(5, 1))),
        "and again when no answer comes"
    );
    desk.entries(vec![said(6), said(7), said(8)], vec![note(2, 6), note(3, 8)]);
    assert_eq!(desk.log(), ["4", "5", "-1", "6", "-2", "7", "8", "-3"]);
    assert_eq!(sent(desk.pass(5_000)), [], "nothing is missing");
}

#[test]
fn i26_a_log_that_is_known_to_be_longer_is_asked_for() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1)], vec![created(1, 1)]);
    let mut longer = row(7, Some(ME), Status::Open);
    longer.ticket.head = Seq(2);
    assert_eq!(
        sent(desk.frame(Down::Ticket(Box::new(longer)))),
        [],
        "it may be on its way"
    );
    assert!(desk.pass(5_000).contains(&Effect::Send(open(1, 1))));
}

#[test]
fn i26_after_a_reconnection_the_open_ticket_goes_on_and_after_a_restore_it_starts_again() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1), said(2)], vec![created(1, 2)]);
    assert_eq!(sent(desk.reconnects(welcome(Vec::new()))), [open(2, 1)]);
    let mut restored = welcome(Vec::new());
    restored.epoch = 2;
    assert_eq!(sent(desk.reconnects(restored)), [open(0, 0)]);
    assert_eq!(desk.log(), [""; 0]);

    assert_eq!(sent(desk.feed(Input::TicketLeft)), [Up::Close]);
    assert_eq!(
        desk.entries(vec![said(1)], Vec::new()),
        [],
        "of a ticket that is not open"
    );
    assert_eq!(desk.log(), [""; 0]);
}

#[test]
fn r37_the_history_has_everything_done_and_the_conversation_what_was_said() {
    let end = TicketEvent::SessionEnded {
        session: SessionId(Uuid::from_u128(7)),
        from: SessionState::Active,
        reason: EndReason::EndedByAgent,
    };
    let mut reply = said(2);
    reply.author = Author::Agent {
        id: ME,
        name: "Amy".to_owned(),
    };
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(
        vec![said(1), reply],
        vec![created(1, 1), note(2, 2), happened(3, 2, end)],
    );
    let items = desk.client.log();
    assert_eq!(desk.log(), ["1", "-1", "2", "-2", "-3"]);
    let of_conversation: Vec<bool> = items.iter().map(LogItem::is_of_conversation).collect();
    assert_eq!(of_conversation, [true, false, true, true, true]);
    let of_history: Vec<bool> = items.iter().map(LogItem::is_of_history).collect();
    assert_eq!(of_history, [false, true, true, true, true]);
}

#[test]
fn r21_a_reply_in_flight_at_the_end_comes_back_into_the_composer() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.edits("Here it is");
    assert_eq!(
        desk.replies(1, CommentTo::Messaging, "Here it is").len(),
        2,
        "typing off, and the reply"
    );
    assert_eq!(desk.client.draft(SEVEN), "");
    assert_eq!(desk.client.on_their_way().len(), 1);

    let effects = desk.frame(refused(1, "session_ended", false));

    assert_eq!(desk.client.draft(SEVEN), "Here it is");
    assert_eq!(
        desk.client.refusal(SEVEN).map(|refusal| refusal.code.as_str()),
        Some("session_ended")
    );
    assert!(desk.client.waits_for_another_way(SEVEN));
    assert_eq!(desk.client.on_their_way().len(), 0);
    assert!(effects.contains(&kept("Here it is", None)));

    desk.replies(2, CommentTo::Note, "Here it is");
    assert_eq!(
        (desk.client.draft(SEVEN), desk.client.refusal(SEVEN)),
        ("", None),
        "kept as a note instead"
    );
}

#[test]
fn r21_neither_the_refused_text_nor_what_was_written_since_is_lost() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.replies(1, CommentTo::Messaging, "one");
    desk.replies(2, CommentTo::Messaging, "two");
    desk.frame(refused(1, "session_ended", false));
    desk.frame(refused(2, "session_ended", false));
    assert_eq!(desk.client.draft(SEVEN), "one\n\ntwo");
}

#[test]
fn r21_the_kept_draft_goes_only_when_the_reply_stands() {
    let mut desk = Desk::with(Vec::new());
    desk.edits("one");
    let text = "one".to_owned();
    let effects = desk.feed(Input::Replied {
        cid: cid(1),
        ticket: SEVEN,
        to: CommentTo::Note,
        text,
    });
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::KeepDraft { .. }))
    );
    let outcome = Outcome::Done {};
    let effects = desk.frame(Down::Done { cid: cid(1), outcome });
    assert!(effects.contains(&kept("", None)));
    assert!(effects.contains(&Effect::Done { cid: cid(1), outcome }));
}

#[test]
fn r40_a_note_that_is_being_written_outlives_a_reload_as_a_note() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.picks(CommentTo::Note);
    let effects = desk.writes("she is a reseller");
    assert!(
        effects.contains(&kept("she is a reseller", Some(NOTE))),
        "{effects:?}"
    );

    let mut drafts = Vec::new();
    for effect in effects {
        if let Effect::KeepDraft { ticket, draft } = effect {
            drafts.push((ticket, draft));
        }
    }
    let mut again = Desk::new();
    again.feed(Input::Restored(Kept {
        drafts,
        ..Kept::default()
    }));
    again.signs_in(welcome(vec![row(7, Some(ME), Status::Open)]));
    assert_eq!(again.client.draft(SEVEN), "she is a reseller");
    assert_eq!(again.client.channel(SEVEN), CommentTo::Note);
}

#[test]
fn a_channel_that_was_picked_stays_while_one_looks_elsewhere() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    assert_eq!(desk.client.channel(SEVEN), CommentTo::Messaging);
    desk.picks(CommentTo::Note);
    desk.feed(Input::TicketLeft);
    desk.feed(Input::TicketOpened(SEVEN));
    assert_eq!(desk.client.channel(SEVEN), CommentTo::Note);
    desk.picks(CommentTo::Messaging);
    assert_eq!(desk.client.channel(SEVEN), CommentTo::Messaging);
}

#[test]
fn r28_at_the_end_the_default_comes_back_but_a_note_being_written_stays_a_note() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    let end = |desk: &mut Desk| {
        let mut over = ended(row(7, Some(ME), Status::Open));
        over.email = Some("zoe@example.com".to_owned());
        desk.frame(Down::Ticket(Box::new(over)));
    };
    desk.picks(CommentTo::Note);
    desk.edits("for colleagues");
    end(&mut desk);
    assert_eq!(desk.client.channel(SEVEN), CommentTo::Note, "being written");
    desk.edits("for colleagues only");
    desk.edits("");
    desk.edits("for");
    assert_eq!(
        desk.client.channel(SEVEN),
        CommentTo::Note,
        "to its end, rewritten or not"
    );

    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.picks(CommentTo::Note);
    end(&mut desk);
    assert_eq!(
        desk.client.channel(SEVEN),
        CommentTo::Email,
        "nothing was written"
    );
}

#[test]
fn r28_a_note_written_where_it_is_the_default_stays_one_when_an_email_comes_to_be_known() {
    let over = ended(row(7, Some(ME), Status::Open));
    let with_email = || {
        let mut with_email = over.clone();
        with_email.email = Some("zoe@example.com".to_owned());
        with_email.updated_at = Timestamp(60);
        Down::Ticket(Box::new(with_email))
    };
    let begins: [fn(&mut Desk); 4] = [
        |desk| {
            desk.edits("she is a reseller");
        },
        |desk| {
            desk.picks(CommentTo::Note);
            desk.edits("she is a reseller");
        },
        |desk| {
            desk.edits("She");
            desk.edits("");
            desk.edits("she is a reseller");
        },
        |desk| {
            desk.replies(1, CommentTo::Note, "psst");
            desk.frame(refused(1, "unavailable_for_good", false));
        },
    ];
    for (nth, begin) in begins.into_iter().enumerate() {
        let mut desk = Desk::with(vec![over.clone()]);
        begin(&mut desk);
        desk.frame(with_email());
        assert_eq!(desk.client.channel(SEVEN), CommentTo::Note, "way {nth}");
        desk.edits("she is a reseller.");
        assert_eq!(
            desk.client.channel(SEVEN),
            CommentTo::Note,
            "way {nth}, one key later"
        );
    }

    let mut desk = Desk::with(vec![over.clone()]);
    desk.edits("she is a reseller");
    desk.edits("");
    desk.frame(with_email());
    assert_eq!(
        desk.client.channel(SEVEN),
        CommentTo::Email,
        "nothing is being written"
    );
}

#[test]
fn r28_a_note_picked_while_the_session_lived_stays_one_over_the_end_and_an_email_that_comes() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.picks(CommentTo::Note);
    desk.edits("for colleagues");
    let mut over = ended(row(7, Some(ME), Status::Open));
    desk.frame(Down::Ticket(Box::new(over.clone())));
    desk.edits("for colleagues only");
    over.email = Some("zoe@example.com".to_owned());
    over.updated_at = Timestamp(60);
    desk.frame(Down::Ticket(Box::new(over)));
    assert_eq!(desk.client.channel(SEVEN), CommentTo::Note);
}

#[test]
fn r21_a_refused_note_comes_back_as_a_note() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.picks(CommentTo::Note);
    desk.replies(1, CommentTo::Note, "psst");
    desk.picks(CommentTo::Messaging);
    desk.frame(refused(1, "unavailable_for_good", false));
    assert_eq!(desk.client.draft(SEVEN), "psst");
    assert_eq!(desk.client.channel(SEVEN), CommentTo::Note);
    assert!(!desk.client.waits_for_another_way(SEVEN));
}

#[test]
fn a_choice_shows_at_once_and_goes_back_when_it_is_refused() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    let status = |desk: &Desk| desk.client.as_asked(SEVEN).map(|row| row.ticket.status);
    let update = Update {
        status: Some(Status::Pending),
        ..Update::default()
    };
    desk.feed(Input::Asked {
        cid: cid(1),
        ticket: SEVEN,
        ask: Ask::Update(Box::new(update)),
    });
    assert_eq!(status(&desk), Some(Status::Pending));
    desk.frame(refused(1, "unknown_ticket", false));
    assert_eq!(status(&desk), Some(Status::Open));
}

#[test]
fn r15_while_ending_is_switched_off_a_macro_that_ends_is_shown_with_the_reason() {
    let prepared = |id: u64, end_session| Macro {
        id: MacroId(id),
        title: "Bye".to_owned(),
        text: None,
        status: None,
        priority: None,
        add_tags: Vec::new(),
        end_session,
    };
    let mut desk = Desk::new();
    desk.signs_in(Welcome {
        macros: vec![prepared(1, false), prepared(2, true)],
        ..welcome(vec![row(7, Some(ME), Status::Open)])
    });
    let applies = |desk: &Desk| {
        let seven = desk.client.ticket(SEVEN).expect("it is seen");
        desk.client
            .macros_for(seven)
            .map(|(_, applies)| applies)
            .collect::<Vec<_>>()
    };
    assert_eq!(applies(&desk), [Ok(()), Ok(())]);
    desk.frame(Down::Settings(Settings {
        agents_can_end_sessions: false,
        ..Settings::default()
    }));
    let off = Err(CannotApply::End(CannotEnd::SwitchedOff));
    assert_eq!(applies(&desk), [Ok(()), off]);
}

#[test]
fn i25_commands_go_one_by_one_and_again_with_the_same_id() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    let ended = |id: u128| Up::End {
        cid: cid(id),
        ticket: SEVEN,
    };
    assert_eq!(desk.replies(1, CommentTo::Messaging, "one").len(), 1);
    let ask = Input::Asked {
        cid: cid(2),
        ticket: SEVEN,
        ask: Ask::End,
    };
    assert_eq!(sent(desk.feed(ask.clone())), []);
    assert_eq!(sent(desk.feed(ask)), [], "pressed twice is asked once");

    let effects = sent(desk.reconnects(welcome(Vec::new())));
    assert!(
        matches!(effects[..], [Up::Update { cid: again, .. }] if again == cid(1)),
        "the same id"
    );
    let done = |id: u128| Down::Done {
        cid: cid(id),
        outcome: Outcome::Done {},
    };
    assert_eq!(sent(desk.frame(done(1))), [ended(2)]);
    assert_eq!(sent(desk.frame(refused(2, "unavailable", true))), []);
    assert!(desk.pass(1_000).contains(&Effect::Send(ended(2))));
    desk.frame(done(2));
    assert_eq!(desk.client.on_their_way(), []);
}

#[test]
fn only_what_goes_to_the_chat_tells_the_customer_that_somebody_types() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    let typing = |on| Up::Typing { ticket: SEVEN, on };
    desk.picks(CommentTo::Note);
    assert_eq!(desk.edits("a"), []);
    desk.picks(CommentTo::Messaging);
    assert_eq!(desk.edits("ab"), [typing(true)]);
    assert_eq!(desk.edits("abc"), []);
    assert_eq!(sent(desk.picks(CommentTo::Note)), [typing(false)]);
    assert_eq!(desk.edits("abcd"), []);
    desk.picks(CommentTo::Messaging);
    assert_eq!(desk.edits("abcde"), [typing(true)]);
    assert_eq!(sent(desk.pass(5_000)), [typing(false)]);
    desk.edits("abcdef");
    assert_eq!(desk.replies(1, CommentTo::Messaging, "abcdef")[0], typing(false));

    desk.frame(Down::Ticket(Box::new(ended(row(7, Some(ME), Status::Open)))));
    assert_eq!(desk.edits("a"), [], "r19: nor after the end");
}

#[test]
fn the_customers_typing_is_over_with_the_message_or_the_connection() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1)], vec![created(1, 1)]);
    desk.frame(Down::Typing {
        ticket: SEVEN,
        on: true,
    });
    assert!(desk.client.is_customer_typing());
    desk.entries(vec![said(2)], Vec::new());
    assert!(!desk.client.is_customer_typing());
    desk.frame(Down::Typing {
        ticket: SEVEN,
        on: true,
    });
    desk.feed(Input::SocketClosed { code: 1006 });
    assert!(!desk.client.is_customer_typing());
}

#[test]
fn a_reply_that_cannot_stand_stays_in_the_composer_with_its_fault() {
    let mut desk = Desk::with(Vec::new());
    let long = "x".repeat(MAX_TEXT + 1);
    desk.edits(&long);
    assert_eq!(desk.replies(1, CommentTo::Note, &long), []);
    assert_eq!(
        (desk.client.draft(SEVEN), desk.client.draft_fault(SEVEN)),
        (long.as_str(), Some(TextFault::TooLong))
    );
    desk.edits("x");
    assert_eq!(desk.client.draft_fault(SEVEN), None);
    assert_eq!(desk.replies(1, CommentTo::Note, " "), []);
    assert_eq!(desk.client.draft(SEVEN), "x");
}

#[test]
fn an_old_workspace_reloads_itself_once_when_nothing_is_under_way() {
    let mut newer = welcome(Vec::new());
    newer.build = "build-2".to_owned();
    let reload = Effect::ReloadForUpgrade("build-2".to_owned());
    let mut desk = Desk::with(Vec::new());
    desk.feed(Input::Restored(Kept {
        keeps: true,
        ..Kept::default()
    }));
    desk.edits("half a w");
    desk.feed(Input::DraftKept { survives: true });
    assert!(!desk.reconnects(newer.clone()).contains(&reload));
    assert!(desk.pass(5_000).contains(&reload));
    assert!(!desk.reconnects(newer).contains(&reload));
}

#[test]
fn r40_where_nothing_is_kept_no_reload_takes_a_draft() {
    let mut newer = welcome(Vec::new());
    newer.build = "build-2".to_owned();
    let reload = Effect::ReloadForUpgrade("build-2".to_owned());
    let mut desk = Desk::with(Vec::new());
    desk.edits("half a word");
    desk.reconnects(newer);
    assert!(!desk.pass(60_000).contains(&reload));
    desk.edits("");
    assert!(desk.pass(5_000).contains(&reload));
}

#[test]
fn r40_no_reload_takes_a_draft_that_storage_had_no_room_for() {
    let mut newer = welcome(vec![row(7, Some(ME), Status::Open)]);
    newer.build = "build-2".to_owned();
    let reload = Effect::ReloadForUpgrade("build-2".to_owned());
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::Restored(Kept {
        keeps: true,
        ..Kept::default()
    }));
    desk.replies(1, CommentTo::Note, "half a word");
    desk.reconnects(newer);
    let effects = desk.frame(refused(1, "unknown_ticket", false));
    assert!(effects.contains(&kept("half a word", Some(NOTE))));
    assert!(
        !effects.contains(&reload),
        "it is not known yet whether it is kept"
    );
    assert!(!desk.feed(Input::DraftKept { survives: false }).contains(&reload));
    assert!(!desk.pass(60_000).contains(&reload));
    assert!(desk.feed(Input::DraftKept { survives: true }).contains(&reload));
}

#[test]
fn r40_a_draft_that_an_earlier_build_kept_is_read() {
    let read = |kept: &str| serde_json::from_str::<Draft>(kept).expect("a draft");
    let text = "half a word".to_owned();
    assert_eq!(
        read(r#""half a word""#),
        Draft {
            text: text.clone(),
            picked: None
        }
    );
    assert_eq!(
        read(r#"{"text":"half a word"}"#),
        Draft {
            text: text.clone(),
            picked: None
        }
    );
    let note = Draft {
        text,
        picked: Some(NOTE),
    };
    let kept = serde_json::to_string(&note).expect("it is data");
    assert_eq!(read(&kept), note);
}

#[test]
fn r03_what_the_bot_collected_is_told_once() {
    let mut seven = row(7, Some(ME), Status::Open);
    seven.email = Some("zoe@example.com".to_owned());
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    seven.ticket.fields = vec![field("email", "zoe@example.com"), field("order", "A-17")];
    let collected: Vec<_> = seven.collected().cloned().collect();
    assert_eq!(collected, [field("order", "A-17")], "the email stands by itself");
}
