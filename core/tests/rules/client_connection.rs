//! The connection: when it connects, how it waits, how it finds out that the other side is gone.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use causerie_core::Timestamp;
use causerie_core::client::connection::{Connection, Effect, Input, RESYNC, Status, backoff};
use causerie_core::time::Span;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const HALF: u32 = u32::MAX / 2;

/// A connection and its clock.
struct Line {
    connection: Connection,
    now: Timestamp,
}

impl Line {
    fn new() -> Self {
        Self {
            connection: Connection::new(),
            now: Timestamp(1_000_000),
        }
    }

    fn live() -> Self {
        let mut line = Self::new();
        assert_eq!(line.feed(Input::Wanted), [Effect::Connect]);
        line.is_welcomed();
        line
    }

    fn is_welcomed(&mut self) {
        assert_eq!(self.feed(Input::Opened), [Effect::Greet]);
        assert_eq!(self.feed(Input::Welcomed), []);
        assert_eq!(self.connection.status(), Status::Live);
    }

    fn feed(&mut self, input: Input) -> Vec<Effect> {
        self.connection.handle(input, self.now, HALF)
    }

    fn pass(&mut self, ms: i64) {
        self.now = self.now.after(Span(ms));
    }

    /// Moves the clock to the timer, and answers how long that took.
    fn wakes(&mut self) -> (i64, Vec<Effect>) {
        let at = self.connection.deadline().expect("a timer");
        let took = at.0 - self.now.0;
        self.now = at;
        (took, self.feed(Input::TimerFired))
    }
}

#[test]
fn r01_nothing_connects_before_it_is_wanted() {
    let mut line = Line::new();
    for input in [Input::Online, Input::Visible, Input::TimerFired, Input::Hole] {
        assert_eq!(line.feed(input), []);
    }
    assert_eq!(line.connection.deadline(), None);
    assert_eq!(line.connection.status(), Status::Idle);

    assert_eq!(line.feed(Input::Wanted), [Effect::Connect]);
    assert_eq!(line.connection.status(), Status::Connecting);
    assert_eq!(line.feed(Input::Wanted), [], "once is enough");
}

#[test]
fn r41_waits_grow_from_one_second_to_thirty_with_full_jitter() {
    for attempt in 0..40 {
        let bound = (1_000_i64 << attempt.min(5)).min(30_000);
        assert_eq!(backoff(attempt, 0), Span(0));
        assert_eq!(backoff(attempt, u32::MAX), Span(bound));
    }
    let mut line = Line::live();
    let mut waits = Vec::new();
    line.feed(Input::Closed { code: 1006 });
    for _ in 0..7 {
        let (wait, effects) = line.wakes();
        assert_eq!(effects, [Effect::Connect]);
        waits.push(wait);
        line.feed(Input::Closed { code: 1006 });
    }
    assert_eq!(
        waits,
        [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000],
        "half of each bound"
    );
}

#[test]
fn r41_ten_healthy_seconds_start_the_waits_over_and_fewer_do_not() {
    for (lived, wait) in [(9_999, 4_000), (10_000, 500)] {
        let mut line = Line::live();
        for _ in 0..3 {
            line.feed(Input::Closed { code: 1006 });
            line.wakes();
        }
        line.is_welcomed();
        line.pass(lived);
        line.feed(Input::Closed { code: 1006 });
        assert_eq!(line.wakes().0, wait, "after {lived} ms");
    }
}

#[test]
fn r41_a_resync_is_answered_at_once_but_never_in_a_storm() {
    let mut line = Line::live();
    assert_eq!(line.feed(Input::Closed { code: RESYNC }), [Effect::Connect]);
    line.is_welcomed();
    assert_eq!(
        line.feed(Input::Closed { code: RESYNC }),
        [],
        "a second one waits"
    );
    line.wakes();
    line.is_welcomed();
    line.pass(10_000);
    assert_eq!(line.feed(Input::Hole), [Effect::Close, Effect::Connect]);
}

#[test]
fn r41_a_heartbeat_goes_out_every_25_seconds_give_or_take_a_tenth() {
    for (random, ms) in [(0, 22_500), (HALF, 25_000), (u32::MAX, 27_500)] {
        let mut connection = Connection::new();
        let now = Timestamp(0);
        connection.handle(Input::Wanted, now, random);
        connection.handle(Input::Opened, now, random);
        connection.handle(Input::Welcomed, now, random);
        assert_eq!(connection.deadline(), Some(Timestamp(ms)));
    }
    let mut line = Line::live();
    for _ in 0..10 {
        assert_eq!(line.wakes().1, [Effect::Ping]);
        line.feed(Input::Heard);
    }
    assert_eq!(line.connection.status(), Status::Live);
}

#[test]
fn r41_two_missed_heartbeats_are_a_dead_connection() {
    let mut line = Line::live();
    assert_eq!(line.wakes().1, [Effect::Ping]);
    assert_eq!(line.wakes().1, [Effect::Ping], "one missed");
    assert_eq!(line.connection.status(), Status::Live);
    assert_eq!(line.wakes().1, [Effect::Close], "two missed");
    assert_eq!(line.connection.status(), Status::Offline { since: line.now });
    assert_eq!(line.wakes().1, [Effect::Connect]);
}

#[test]
fn r41_coming_online_or_into_view_checks_at_once() {
    for input in [Input::Online, Input::Visible] {
        let mut line = Line::live();
        assert_eq!(line.feed(input), [Effect::Ping]);
        let (took, effects) = line.wakes();
        assert_eq!((took, effects), (5_000, vec![Effect::Close]), "no answer: dead");

        assert_eq!(line.feed(input), [Effect::Connect], "no more waiting");
        line.is_welcomed();
        line.feed(input);
        line.feed(Input::Heard);
        assert_eq!(line.wakes().1, [Effect::Ping], "an answer: alive");
    }
}

#[test]
fn r41_a_socket_that_never_opens_or_is_never_welcomed_is_given_up() {
    let mut line = Line::new();
    line.feed(Input::Wanted);
    assert_eq!(line.wakes().1, [Effect::Close]);
    assert_eq!(line.wakes().1, [Effect::Connect]);
    line.feed(Input::Opened);
    assert_eq!(line.feed(Input::Heard), []);
    assert_eq!(line.wakes().1, [Effect::Close]);
}

#[test]
fn r41_offline_lasts_from_the_loss_until_the_welcome() {
    let mut line = Line::live();
    let since = line.now;
    line.feed(Input::Closed { code: 1001 });
    for _ in 0..3 {
        line.wakes();
        line.feed(Input::Closed { code: 1006 });
    }
    line.wakes();
    line.feed(Input::Opened);
    assert_eq!(line.connection.status(), Status::Offline { since });
    line.feed(Input::Welcomed);
    assert_eq!(line.connection.status(), Status::Live);
}

#[test]
fn not_wanted_any_more_closes_and_rests() {
    let mut line = Line::live();
    assert_eq!(line.feed(Input::Unwanted), [Effect::Close]);
    assert_eq!(line.connection, Connection::new());
}
