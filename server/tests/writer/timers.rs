//! What is due by time, through the jobs' worker and the writer (R06, R43, I21), with the clock moved by hand.

use causerie_core::TicketId;
use causerie_core::session::{Placement, SessionState};
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_core::ticket::{Status, Update};
use causerie_core::time::Span;
use causerie_server::conversations::Request;
use causerie_server::store::Store;
use sqlx::Connection;

use crate::house::{Agent, House, Said, Visitor, cid, is_ended};

/// A ticket that the agent has.
async fn with(house: &House, visitor: &Visitor, agent: Agent) -> TicketId {
    let ticket = visitor.reaches_people(house, "Skip").await.ticket.id;
    let agent = agent.0;
    house.ask(Request::Assign { ticket, agent }).await.unwrap();
    ticket
}

async fn solve(house: &House, ticket: TicketId, agent: Agent) {
    let solved = Update {
        status: Some(Status::Solved),
        ..Update::default()
    };
    house.ask(agent.update(ticket, solved)).await.unwrap();
}

/// What the system did by time.
async fn timed(house: &House, ticket: TicketId) -> Vec<TicketEntry> {
    let mut history = house.history(ticket).await;
    history.retain(|entry| {
        entry.by == By::System
            && matches!(
                entry.what,
                TicketEvent::SessionState { .. }
                    | TicketEvent::Status {
                        to: Status::Closed,
                        ..
                    }
            )
    });
    history
}

async fn state(house: &House, ticket: TicketId) -> (SessionState, Status) {
    let row = house.ticket(ticket).await;
    (row.session.state(), row.ticket.status)
}

async fn sweep(house: &House) {
    assert!(house.worker().sweep_now().await);
}

#[tokio::test]
async fn r06_a_silent_session_is_inactive_and_its_slot_is_the_next_ones() {
    let house = House::new().await;
    let ann = house.agent("ann", 1).await;
    let ticket = with(&house, &house.visitor(1), ann).await;
    let waiting = house.visitor(2).reaches_people(&house, "Skip").await.ticket.id;
    let thread = house.ticket(ticket).await.thread;
    let log = house.log(thread).await;
    house.clock.forward(Span(Span::minutes(10).0 - 1));
    sweep(&house).await;
    assert_eq!(state(&house, ticket).await, (SessionState::Active, Status::Open));
    house.clock.forward(Span(1));
    sweep(&house).await;
    assert_eq!(
        state(&house, ticket).await,
        (SessionState::Inactive, Status::Open)
    );
    assert_eq!(timed(&house, ticket).await.len(), 1);
    assert_eq!(house.log(thread).await, log, "the visitor's log stays as it is");
    house.logs_fold_into_rows(thread).await;
    let house = house.with_a_worker();
    house
        .until(async |house| house.ticket(waiting).await.ticket.assignee == Some(ann.0))
        .await;
    // Whoever waited was nobody's silence: the one who has them now has the full time.
    sweep(&house).await;
    assert_eq!(state(&house, waiting).await.0, SessionState::Active);
}

#[tokio::test]
async fn r06_r43_an_ended_session_stays_as_it_is_and_its_solved_ticket_closes() {
    let house = House::new().await;
    let ann = house.agent("ann", 3).await;
    let ended = with(&house, &house.visitor(1), ann).await;
    house.ask(ann.end(ended)).await.unwrap();
    let solved = with(&house, &house.visitor(2), ann).await;
    solve(&house, solved, ann).await;
    house.ask(ann.end(solved)).await.unwrap();
    let fresh = house.visitor(2).reaches_people(&house, "Skip").await;
    let before = house.ticket(ended).await;
    house.clock.forward(Span::days(4));
    sweep(&house).await;
    assert_eq!(house.ticket(ended).await, before);
    assert_eq!(state(&house, solved).await, (SessionState::Ended, Status::Closed));
    assert!(is_ended(&house.ticket(solved).await));
    assert_eq!(
        house.ticket(fresh.ticket.id).await,
        fresh,
        "the conversation after it is not touched"
    );
    house.logs_fold_into_rows(fresh.thread).await;
}

#[tokio::test]
async fn i21_what_fell_due_while_the_server_was_down_is_done_after_it_once() {
    let house = House::new().await;
    let ann = house.agent("ann", 3).await;
    let silent = with(&house, &house.visitor(1), ann).await;
    let solved = with(&house, &house.visitor(2), ann).await;
    solve(&house, solved, ann).await;
    house.clock.forward(Span::days(3));
    let house = house.restarted().await;
    house.clock.forward(Span::days(1));
    sweep(&house).await;
    let house = house.restarted().await;
    sweep(&house).await;
    sweep(&house).await;
    assert_eq!(
        state(&house, silent).await,
        (SessionState::Inactive, Status::Open)
    );
    assert_eq!(
        state(&house, solved).await,
        (SessionState::Inactive, Status::Closed)
    );
    assert_eq!(timed(&house, silent).await.len(), 1);
    assert_eq!(timed(&house, solved).await.len(), 1);
    let said = house.visitor(2).says(&house, "one more thing").await;
    assert_eq!(said.placement, Placement::Started);
}

#[tokio::test]
async fn i21_the_worker_that_starts_finds_what_is_due_by_itself() {
    let house = House::new().await;
    let ann = house.agent("ann", 3).await;
    let ticket = with(&house, &house.visitor(1), ann).await;
    house.clock.forward(Span::minutes(10));
    let house = house.restarted().await.with_a_worker();
    house
        .until(async |house| state(house, ticket).await.0 == SessionState::Inactive)
        .await;
}

#[tokio::test]
async fn i21_message_and_timer_in_one_commit_leave_the_session_active_in_either_order() {
    for message_first in [true, false] {
        let house = House::new().await;
        let ann = house.agent("ann", 1).await;
        let visitor = house.visitor(1);
        let ticket = with(&house, &visitor, ann).await;
        house.clock.forward(Span::minutes(10));
        let mut both = [
            visitor.message(cid(), "just in time"),
            Request::TurnInactive { ticket },
        ];
        if !message_first {
            both.reverse();
        }
        let commits = house.conversations.commits();
        let answers =
            futures_util::future::join_all(both.into_iter().map(|request| house.conversations.ask(request)))
                .await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(house.conversations.commits(), commits + 1, "one commit");
        let row = house.ticket(ticket).await;
        assert_eq!(row.session.state(), SessionState::Active);
        assert_eq!(row.ticket.assignee, Some(ann.0));
        assert_eq!(
            timed(&house, ticket).await.len(),
            usize::from(!message_first),
            "the message disarms it, or wakes what it did"
        );
        house.logs_fold_into_rows(row.thread).await;
        sweep(&house).await;
        assert_eq!(state(&house, ticket).await.0, SessionState::Active);
    }
}

#[tokio::test]
async fn i21_message_and_closing_in_one_commit_place_the_message_by_their_order() {
    for message_first in [true, false] {
        let house = House::new().await;
        let ann = house.agent("ann", 1).await;
        let visitor = house.visitor(1);
        let ticket = with(&house, &visitor, ann).await;
        solve(&house, ticket, ann).await;
        house.clock.forward(Span::days(4));
        let message = house.conversations.ask(visitor.message(cid(), "not quite"));
        let closing = house.conversations.ask(Request::CloseSolved { ticket });
        let commits = house.conversations.commits();
        let (said, closed) = if message_first {
            tokio::join!(biased; message, closing)
        } else {
            let (closed, said) = tokio::join!(biased; closing, message);
            (said, closed)
        };
        closed.unwrap();
        assert_eq!(house.conversations.commits(), commits + 1, "one commit");
        let placement = Said::of(said.unwrap()).placement;
        let (expected, status) = if message_first {
            (Placement::AppendedReopening, Status::Open)
        } else {
            (Placement::Started, Status::Closed)
        };
        assert_eq!((placement, state(&house, ticket).await.1), (expected, status));
        house.logs_fold_into_rows(house.ticket(ticket).await.thread).await;
    }
}

#[tokio::test]
async fn r43_what_was_solved_in_an_older_version_closes_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("causerie.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    for migration in [
        include_str!("../../migrations/0001_start.sql"),
        include_str!("../../migrations/0002_jobs_without_attempts.sql"),
        "INSERT INTO site VALUES (1, 'shop', 'Shop', '[]', 0);
         INSERT INTO agent VALUES (1, 'Ann', 'ann@shop.example', 'agent', 'online', 3, 5, NULL, 0, 0, NULL);
         INSERT INTO end_user VALUES (1, x'01', 1, NULL, NULL, NULL, NULL, 'en', 0);
         INSERT INTO chat_thread VALUES (x'02', x'01', 9, 90, 0, 3, 0);
         INSERT INTO conversation VALUES
            (x'03', x'02', 1, 'ended', 40, '\"system\"', 's', 1, NULL, NULL, 10, 30, NULL, 0),
            (x'04', x'02', 2, 'inactive', 60, NULL, 's', 2, NULL, NULL, 10, 50, NULL, 0),
            (x'05', x'02', 3, 'active', 70, NULL, 's', 3, NULL, NULL, 10, 80, NULL, 1);
         INSERT INTO ticket VALUES
            (1, x'03', x'02', 's', 'solved', 'normal', 1, NULL, '[]', '[]', 'messaging', 'email', 1, 10, 40),
            (2, x'04', x'02', 's', 'closed', 'normal', 1, NULL, '[]', '[]', 'messaging', 'messaging', 1, 10, 60),
            (3, x'05', x'02', 's', 'open', 'normal', 1, NULL, '[]', '[]', 'messaging', 'messaging', 1, 10, 90);
         PRAGMA user_version = 2",
    ] {
        sqlx::raw_sql(migration).execute(&mut db).await.unwrap();
    }
    Store::open(&path).await.unwrap().close().await;
    type Row = (i64, i64, Option<String>);
    let rows: Vec<Row> =
        sqlx::query_as("SELECT silent_since, status_since, timer FROM conversation ORDER BY number")
            .fetch_all(&mut db)
            .await
            .unwrap();
    assert_eq!(
        rows,
        [
            (40, 40, Some("closing".to_owned())),
            (60, 60, None),
            (90, 90, Some("silence".to_owned())),
        ]
    );
}
