//! The timeline: the log as it came, own messages under it, and nothing of a session's end to be seen (R20, R41).
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use causerie_core::client::outbox::{Outgoing, State};
use causerie_core::client::timeline::{InConversation, News, Row, RowKey, Said, Standing, Timeline, Written};
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::{EndReason, Placement, SessionState};
use causerie_core::ticket::Status;
use causerie_core::wire::end_user::{Ack, Resumed, SessionReport};
use causerie_core::{ChatThreadId, ClientMessageId, Seq, SessionId, Timestamp};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(n))
}

fn cid(n: u128) -> ClientMessageId {
    ClientMessageId(Uuid::from_u128(n))
}

fn entry(seq: u64, author: Author, text: &str) -> ThreadEntry {
    ThreadEntry {
        seq: Seq(seq),
        at: Timestamp(i64::try_from(seq).expect("small")),
        session: session(1),
        author,
        text: text.to_owned(),
        replies: Vec::new(),
        cid: None,
        erased: false,
    }
}

fn bot(seq: u64, text: &str) -> ThreadEntry {
    entry(seq, Author::Bot, text)
}

fn own(seq: u64, id: u128, text: &str) -> ThreadEntry {
    ThreadEntry {
        cid: Some(cid(id)),
        ..entry(seq, Author::EndUser, text)
    }
}

fn amy(seq: u64, text: &str) -> ThreadEntry {
    let author = Author::Agent {
        id: causerie_core::AgentId(1),
        name: "Amy".to_owned(),
    };
    entry(seq, author, text)
}

fn written(id: u128, text: &str) -> Written {
    Outgoing {
        cid: cid(id),
        body: Said {
            text: text.to_owned(),
            session: None,
            seen: Seq(0),
            log: None,
            carried: false,
        },
        written_at: Timestamp(1_000),
        state: State::Pending,
    }
}

fn report(n: u128, state: SessionState, ticket: Option<Status>) -> SessionReport {
    let ended = (state == SessionState::Ended).then_some(EndReason::EndedByAgent);
    SessionReport {
        id: session(n),
        state,
        ticket,
        ended,
    }
}

fn active(n: u128) -> SessionReport {
    report(n, SessionState::Active, Some(Status::Open))
}

fn ended(n: u128) -> SessionReport {
    report(n, SessionState::Ended, None)
}

fn resumed(head: u64, session: Option<SessionReport>) -> Resumed {
    Resumed {
        thread: Some(ChatThreadId(Uuid::from_u128(9))),
        epoch: 1,
        head: Seq(head),
        read: Seq(0),
        session,
        build: String::new(),
        may_end: false,
    }
}

/// A timeline that has the entries, with session 1 live.
fn with(entries: Vec<ThreadEntry>) -> Timeline {
    let mut timeline = Timeline::new(None);
    let head = entries.last().map_or(0, |last| last.seq.0);
    assert_eq!(timeline.resumed(&resumed(head, Some(active(1)))), []);
    timeline.entries_came(entries);
    timeline
}

fn rows(timeline: &Timeline, outbox: &[Written]) -> Vec<Row> {
    timeline.rows(outbox, 1000, &|at| i32::try_from(at.0 / DAY).expect("small"))
}

fn ack(id: u128, of: u128, seq: u64, placement: Placement) -> Ack {
    Ack {
        cid: cid(id),
        session: session(of),
        seq: Seq(seq),
        placement,
        elsewhere: false,
    }
}

#[test]
fn r41_known_entries_are_ignored_and_a_hole_is_never_jumped() {
    let mut timeline = with(vec![bot(1, "a"), bot(2, "b")]);
    assert_eq!(
        timeline.entries_came(vec![bot(1, "a"), bot(2, "b"), bot(3, "c")]),
        []
    );
    assert_eq!(
        timeline.entries_came(vec![bot(5, "e"), bot(6, "f")]),
        [News::Hole]
    );
    assert_eq!(timeline.head(), Seq(3));
    assert!(timeline.is_behind());
    timeline.entries_came(vec![bot(4, "d"), bot(5, "e")]);
    let texts: Vec<&str> = timeline
        .entries()
        .iter()
        .map(|entry| entry.text.as_str())
        .collect();
    assert_eq!(texts, ["a", "b", "c", "d", "e"]);
}

#[test]
fn r41_an_own_message_is_one_row_under_one_key_from_pending_to_the_log() {
    for ack_first in [true, false] {
        let mut timeline = with(vec![bot(1, "hello")]);
        let message = written(7, "hi");
        let pending = rows(&timeline, std::slice::from_ref(&message));
        assert_eq!(pending[1].standing, Standing::Pending);
        let late = Some(message.clone());

        if ack_first {
            timeline.acknowledged(ack(7, 1, 2, Placement::Appended), Some(message));
            let landed = rows(&timeline, &[]);
            assert_eq!((landed.len(), &landed[1].standing), (2, &Standing::Stands));
            assert_eq!(landed[1].key, pending[1].key);
            assert!(timeline.has(cid(7)));
        }
        assert_eq!(
            timeline.entries_came(vec![own(2, 7, "hi")]),
            [News::Stands(cid(7))]
        );
        if !ack_first {
            timeline.acknowledged(ack(7, 1, 2, Placement::Appended), late);
        }

        let after = rows(&timeline, &[]);
        assert_eq!(after.len(), 2, "not doubled");
        assert_eq!(after[1].key, RowKey::Own(cid(7)));
        assert_eq!(after[1].key, pending[1].key);
    }
}

#[test]
fn r41_acknowledged_messages_stand_in_the_order_of_their_numbers_above_those_on_their_way() {
    let mut timeline = with(vec![bot(1, "hello")]);
    timeline.acknowledged(ack(8, 1, 3, Placement::Appended), Some(written(8, "three")));
    timeline.acknowledged(ack(7, 1, 2, Placement::Appended), Some(written(7, "two")));
    let texts: Vec<String> = rows(&timeline, &[written(9, "four")])
        .into_iter()
        .map(|row| row.text)
        .collect();
    assert_eq!(texts, ["hello", "two", "three", "four"]);
}

#[test]
fn r09_the_prediction_is_the_session_rule_itself() {
    let mut timeline = Timeline::new(None);
    assert_eq!(timeline.foresees(), Placement::Started, "nothing yet");
    timeline = with(vec![bot(1, "hello")]);
    for state in [SessionState::Active, SessionState::Inactive] {
        for (status, placement) in [
            (Status::Open, Placement::Appended),
            (Status::Solved, Placement::AppendedReopening),
            (Status::Closed, Placement::Started),
        ] {
            timeline.session_reported(report(1, state, Some(status)));
            assert_eq!(timeline.foresees(), placement);
        }
    }
    timeline.session_reported(ended(1));
    assert_eq!(timeline.foresees(), Placement::Started);
}

#[test]
fn r09_a_message_written_after_the_end_stands_in_the_fresh_conversation_at_once() {
    let mut timeline = with(vec![bot(1, "hello")]);
    let outbox = [written(7, "one"), written(8, "two")];
    let conversations = |timeline: &Timeline, outbox: &[Written]| -> Vec<InConversation> {
        rows(timeline, outbox)
            .into_iter()
            .skip(1)
            .map(|row| row.conversation)
            .collect()
    };
    let (old, fresh) = (
        InConversation::Known(session(1)),
        InConversation::Known(session(2)),
    );
    assert_eq!(conversations(&timeline, &outbox), [old, old]);

    timeline.session_reported(ended(1));
    assert_eq!(
        conversations(&timeline, &outbox),
        [InConversation::Fresh, InConversation::Fresh]
    );

    timeline.acknowledged(ack(7, 2, 2, Placement::Started), Some(outbox[0].clone()));
    assert_eq!(
        conversations(&timeline, &outbox[1..]),
        [fresh, fresh],
        "the second follows the first"
    );
}

#[test]
fn r09_the_acknowledgement_corrects_a_prediction_that_was_wrong() {
    let mut timeline = with(vec![bot(1, "hello")]);
    let message = written(7, "one");
    let foreseen = rows(&timeline, std::slice::from_ref(&message));
    assert_eq!(foreseen[1].conversation, InConversation::Known(session(1)));

    let news = timeline.acknowledged(ack(7, 2, 2, Placement::Started), Some(message));

    assert_eq!(news, [News::Started(session(2))]);
    assert_eq!(
        rows(&timeline, &[])[1].conversation,
        InConversation::Known(session(2))
    );
}

#[test]
fn r20_an_end_is_told_once_and_what_is_stale_takes_nothing_back() {
    let mut timeline = with(vec![bot(1, "hello")]);
    let end = News::Ended {
        session: session(1),
        reason: EndReason::EndedByAgent,
    };
    assert_eq!(timeline.session_reported(ended(1)), [end]);
    assert_eq!(timeline.session_reported(ended(1)), []);
    assert_eq!(timeline.session_reported(active(1)), [], "an end is for good");
    assert_eq!(timeline.resumed(&resumed(1, Some(ended(1)))), []);
    assert_eq!(timeline.foresees(), Placement::Started);
}

#[test]
fn r20_an_end_that_the_message_after_has_overtaken_is_still_told_once() {
    let mut timeline = with(vec![bot(1, "hello")]);
    timeline.acknowledged(ack(7, 2, 2, Placement::Started), Some(written(7, "one")));
    let end = News::Ended {
        session: session(1),
        reason: EndReason::EndedByAgent,
    };
    assert_eq!(timeline.session_reported(ended(1)), [end]);
    assert_eq!(timeline.session_reported(ended(1)), []);
    assert_eq!(timeline.session().map(|session| session.id), Some(session(2)));
}

#[test]
fn r20_an_end_that_the_message_after_has_overtaken_is_told_once_over_a_reconnection_too() {
    let mut timeline = with(vec![bot(1, "hello")]);
    timeline.acknowledged(ack(7, 2, 2, Placement::Started), Some(written(7, "one")));
    assert_eq!(timeline.resumed(&resumed(2, Some(active(2)))), []);
    let end = News::Ended {
        session: session(1),
        reason: EndReason::EndedByAgent,
    };
    assert_eq!(timeline.session_reported(ended(1)), [end]);
    assert_eq!(timeline.session(), Some(active(2)), "the fresh one goes on");
}

#[test]
fn r20_an_end_from_before_is_not_news_but_one_since_the_last_visit_is() {
    let mut timeline = Timeline::new(None);
    assert_eq!(timeline.resumed(&resumed(0, Some(ended(1)))), []);

    let mut timeline = Timeline::new(Some(ended(1)));
    assert_eq!(timeline.resumed(&resumed(0, Some(ended(1)))), []);

    let mut timeline = Timeline::new(Some(active(1)));
    let end = News::Ended {
        session: session(1),
        reason: EndReason::EndedByAgent,
    };
    assert_eq!(timeline.resumed(&resumed(0, Some(ended(1)))), [end]);
}

#[test]
fn i14_rows_replies_header_and_unread_count_are_the_same_with_and_without_the_end() {
    let mut question = bot(2, "What is it about?");
    question.replies = vec!["Order".to_owned()];
    let without = with(vec![own(1, 5, "hi"), question]);
    let mut ended_one = without.clone();
    ended_one.session_reported(ended(1));

    assert_ne!(without.session(), ended_one.session());
    assert_eq!(rows(&without, &[]), rows(&ended_one, &[]));
    assert_eq!(without.quick_replies(&[]), ended_one.quick_replies(&[]));
    assert_eq!(without.quick_replies(&[]), ["Order"]);
    assert_eq!(without.responder(), ended_one.responder());
    assert_eq!((without.unread(), ended_one.unread()), (1, 1));
}

#[test]
fn quick_replies_go_once_something_is_said_after_them() {
    let mut question = bot(1, "What is it about?");
    question.replies = vec!["Order".to_owned(), "Else".to_owned()];
    let mut timeline = with(vec![question]);
    assert_eq!(timeline.quick_replies(&[]), ["Order", "Else"]);

    let mut message = written(7, "Order");
    assert_eq!(
        timeline.quick_replies(std::slice::from_ref(&message)),
        [""; 0],
        "one is on its way"
    );
    message.state = State::Failed {
        code: String::new(),
        message: String::new(),
    };
    assert_eq!(
        timeline.quick_replies(&[message.clone()]).len(),
        2,
        "what has failed was not said"
    );
    timeline.acknowledged(ack(7, 1, 2, Placement::Appended), Some(message));
    assert_eq!(timeline.quick_replies(&[]), [""; 0], "acknowledged");
    timeline.entries_came(vec![own(2, 7, "Order")]);
    assert_eq!(timeline.quick_replies(&[]), [""; 0], "answered");
}

#[test]
fn the_header_names_whoever_of_the_other_side_spoke_last() {
    let mut timeline = with(vec![own(1, 5, "hi")]);
    assert_eq!(timeline.responder(), None);
    timeline.entries_came(vec![bot(2, "hello"), amy(3, "Amy here")]);
    timeline.entries_came(vec![own(4, 6, "hi Amy")]);
    assert!(matches!(timeline.responder(), Some(Author::Agent { name, .. }) if name == "Amy"));
}

#[test]
fn i30_unread_counts_what_others_said_beyond_the_mark_which_only_grows() {
    let mut timeline = with(vec![bot(1, "a"), own(2, 5, "b"), bot(3, "c"), amy(4, "d")]);
    assert_eq!(timeline.unread(), 3);
    timeline.read_upto(Seq(3));
    assert_eq!(timeline.unread(), 1);
    timeline.read_upto(Seq(1));
    assert_eq!(timeline.unread(), 1, "it only grows");
    timeline.read_upto(Seq(99));
    timeline.entries_came(vec![bot(5, "e")]);
    assert_eq!(timeline.unread(), 1, "it never passes the head");
}

#[test]
fn i26_another_epoch_or_another_chat_thread_forgets_the_log() {
    let full = with(vec![bot(1, "a"), bot(2, "b")]);

    let mut timeline = full.clone();
    let mut other = resumed(5, Some(active(4)));
    other.epoch = 2;
    assert_eq!(timeline.resumed(&other), [News::Reset]);
    assert_eq!((timeline.head(), timeline.epoch()), (Seq(0), Some(2)));
    assert_eq!(timeline.session(), Some(active(4)));

    let mut timeline = full.clone();
    let mut other = resumed(2, None);
    other.thread = Some(ChatThreadId(Uuid::from_u128(10)));
    assert_eq!(
        timeline.resumed(&other),
        [News::Reset, News::Hole],
        "the server went on from another log's number"
    );

    let mut timeline = full;
    assert_eq!(
        timeline.resumed(&resumed(1, None)),
        [News::Reset, News::Hole],
        "the server has less than we do"
    );
}

#[test]
fn r47_what_was_acknowledged_in_a_log_that_is_not_this_one_is_not_waited_for() {
    let mut timeline = Timeline::new(None);
    let mut none = resumed(0, None);
    none.thread = None;
    timeline.resumed(&none);
    timeline.acknowledged(ack(5, 1, 1, Placement::Started), Some(written(5, "hello")));
    assert!(timeline.is_behind(), "until it comes");
    // Before it was told which chat thread that is, somebody has logged in who has none.
    assert!(timeline.resumed(&none).contains(&News::Reset));
    assert!(!timeline.is_behind());
}

#[test]
fn r41_catching_up_on_old_sessions_is_not_news() {
    let mut timeline = Timeline::new(None);
    let mut latest = bot(2, "again");
    latest.session = session(2);
    timeline.resumed(&resumed(2, Some(active(2))));
    assert_eq!(timeline.entries_came(vec![bot(1, "a"), latest]), []);
    assert_eq!(timeline.session(), Some(active(2)));
    assert_eq!(timeline.session_reported(active(1)), [], "long left");
    assert_eq!(timeline.session(), Some(active(2)));

    assert_eq!(
        timeline.resumed(&resumed(2, Some(active(5)))),
        [News::Started(session(5))],
        "begun by another tab in our absence"
    );
    let mut next = bot(3, "fresh");
    next.session = session(3);
    assert_eq!(timeline.entries_came(vec![next]), [News::Started(session(3))]);
}

#[test]
fn rows_know_their_days_breaks_and_groups() {
    let at = |entry: ThreadEntry, at: i64| ThreadEntry {
        at: Timestamp(at),
        ..entry
    };
    let timeline = with(vec![
        at(bot(1, "a"), DAY),
        at(bot(2, "b"), DAY + MINUTE),
        at(own(3, 5, "c"), DAY + 2 * MINUTE),
        at(own(4, 6, "d"), DAY + 12 * MINUTE),
        at(own(5, 7, "e"), 2 * DAY + 1),
    ]);
    let told = |row: &Row| (row.opens_day, row.after_break, row.opens_group, row.closes_group);
    let all = rows(&timeline, &[]);
    assert_eq!(
        all.iter().map(told).collect::<Vec<_>>(),
        [
            (true, false, true, false),
            (false, false, false, true),
            (false, false, true, true),
            (false, true, true, true),
            (true, true, true, true),
        ]
    );
    let tail = timeline.rows(&[], 1, &|at| i32::try_from(at.0 / DAY).expect("small"));
    assert_eq!(tail, all[4..], "the row above counts although it is not shown");
    let tail = timeline.rows(&[], 4, &|at| i32::try_from(at.0 / DAY).expect("small"));
    assert_eq!(tail, all[1..]);
}
