//! The outbox: order kept, one in flight, the same id in every attempt (R40, I25).

use causerie_core::client::outbox::{Outbox, Outgoing, Refusal, State};
use causerie_core::time::Span;
use causerie_core::wire::Refused;
use causerie_core::{ClientMessageId, Timestamp};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: Timestamp = Timestamp(1_000_000);

fn cid(n: u128) -> ClientMessageId {
    ClientMessageId(Uuid::from_u128(n))
}

fn with(texts: &[&'static str]) -> Outbox<&'static str> {
    let mut outbox = Outbox::new();
    for (n, text) in (1..).zip(texts) {
        outbox.write(cid(n), *text, NOW);
    }
    outbox
}

fn texts(outbox: &Outbox<&'static str>) -> Vec<&'static str> {
    outbox.items().iter().map(|item| item.body).collect()
}

fn sends(outbox: &mut Outbox<&'static str>, now: Timestamp) -> Option<&'static str> {
    outbox.next_to_send(now).map(|item| item.body)
}

fn refusal(of: Option<u128>, code: &str, retryable: bool, retry_after_ms: Option<u32>) -> Refused {
    Refused {
        cid: of.map(cid),
        code: code.to_owned(),
        message: "No.".to_owned(),
        retryable,
        retry_after_ms,
    }
}

#[test]
fn i25_one_is_in_flight_at_a_time_and_in_order() {
    let mut outbox = with(&["one", "two", "three"]);
    for text in ["one", "two", "three"] {
        let sent = outbox.next_to_send(NOW).expect("something to send").clone();
        assert_eq!((sent.body, &sent.state), (text, &State::Sent));
        assert_eq!(outbox.next_to_send(NOW), None, "nothing beside it");
        assert_eq!(outbox.acknowledged(sent.cid).map(|item| item.body), Some(text));
    }
    assert_eq!(outbox.next_to_send(NOW), None);
    assert_eq!(outbox.deadline(), None);
}

#[test]
fn i25_one_refused_for_a_while_holds_back_those_behind_it() {
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    let refused = refusal(Some(1), "unavailable", true, Some(2_000));
    assert_eq!(outbox.refused(&refused, NOW, 0), Refusal::Waits);

    assert_eq!(sends(&mut outbox, NOW.after(Span(1_999))), None);
    assert_eq!(outbox.deadline(), Some(NOW.after(Span(2_000))));
    let again = NOW.after(Span(2_000));
    assert_eq!(
        outbox.next_to_send(again).map(|item| item.cid),
        Some(cid(1)),
        "the same id"
    );
}

#[test]
fn r40_clients_told_to_wait_come_back_spread_out() {
    for (random, ms) in [(0, 2_000), (u32::MAX, 2_500)] {
        let mut outbox = with(&["one"]);
        sends(&mut outbox, NOW);
        outbox.refused(&refusal(Some(1), "unavailable", true, Some(2_000)), NOW, random);
        assert_eq!(outbox.deadline(), Some(NOW.after(Span(ms))));
    }
    let mut outbox = with(&["one"]);
    for bound in [1_000, 2_000, 4_000] {
        let now = outbox.deadline().unwrap_or(NOW);
        sends(&mut outbox, now);
        outbox.refused(&refusal(Some(1), "unavailable", true, None), now, u32::MAX);
        assert_eq!(
            outbox.deadline(),
            Some(now.after(Span(bound))),
            "no span told: it doubles"
        );
    }
}

#[test]
fn r11_an_acknowledgement_that_stays_out_is_asked_for_with_the_same_id() {
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    assert_eq!(outbox.next_to_send(NOW.after(Span(9_999))), None);
    let again = outbox.next_to_send(NOW.after(Span(10_000))).map(|item| item.cid);
    assert_eq!(again, Some(cid(1)));
}

#[test]
fn r40_what_was_in_flight_goes_first_after_a_disconnection() {
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    outbox.disconnected();
    assert_eq!(outbox.items()[0].state, State::Pending);
    assert_eq!(outbox.next_to_send(NOW).map(|item| item.cid), Some(cid(1)));
}

#[test]
fn r40_a_disconnection_does_not_shorten_a_pause_the_server_asked_for() {
    let mut outbox = with(&["one"]);
    sends(&mut outbox, NOW);
    outbox.refused(&refusal(Some(1), "unavailable", true, Some(2_000)), NOW, 0);
    outbox.disconnected();
    assert_eq!(sends(&mut outbox, NOW.after(Span(1_999))), None);
}

#[test]
fn r40_refused_for_good_it_keeps_its_text_and_lets_the_others_pass() {
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    let Refusal::Failed(item) = outbox.refused(&refusal(Some(1), "text_too_long", false, None), NOW, 0)
    else {
        panic!("it has failed");
    };
    assert_eq!(item.body, "one");
    assert_eq!(outbox.items()[0], item, "still there");
    assert_eq!(sends(&mut outbox, NOW), Some("two"));
}

#[test]
fn i25_a_retried_one_goes_to_the_end_because_later_ones_may_stand_already() {
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    outbox.refused(&refusal(Some(1), "text_too_long", false, None), NOW, 0);
    sends(&mut outbox, NOW);

    let item = outbox.retry(cid(1), cid(9), NOW.after(Span(1))).expect("retried");

    assert_eq!((item.cid, &item.state), (cid(1), &State::Pending), "the same id");
    assert_eq!(texts(&outbox), ["two", "one"]);
    assert_eq!(outbox.retry(cid(2), cid(9), NOW), None, "only what has failed");
}

#[test]
fn r11_a_retry_takes_a_fresh_id_only_where_the_id_was_what_was_wrong() {
    let mut outbox = with(&["one"]);
    sends(&mut outbox, NOW);
    outbox.refused(&refusal(Some(1), "cid_reused", false, None), NOW, 0);
    assert_eq!(
        outbox.retry(cid(1), cid(9), NOW).map(|item| item.cid),
        Some(cid(9))
    );
}

#[test]
fn r40_only_what_has_failed_can_be_thrown_away() {
    let mut outbox = with(&["one"]);
    assert_eq!(outbox.discard(cid(1)), None);
    sends(&mut outbox, NOW);
    assert_eq!(outbox.discard(cid(1)), None);
    outbox.refused(&refusal(None, "malformed", false, None), NOW, 0);
    assert!(
        outbox.discard(cid(1)).is_some(),
        "a refusal without a name was about the one in flight"
    );
    assert_eq!(texts(&outbox), [""; 0]);
}

#[test]
fn r40_a_late_or_doubled_answer_changes_nothing() {
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    outbox.acknowledged(cid(1));
    assert_eq!(outbox.acknowledged(cid(1)), None);
    assert_eq!(
        outbox.refused(&refusal(Some(1), "x", false, None), NOW, 0),
        Refusal::Unknown
    );
    assert_eq!(
        outbox.refused(&refusal(Some(2), "x", false, None), NOW, 0),
        Refusal::Unknown,
        "not sent yet"
    );
    assert_eq!(texts(&outbox), ["two"]);
}

#[test]
fn r40_what_was_kept_comes_back_in_the_order_written_and_pending() {
    let mut before = Outbox::new();
    for (n, text) in [(7, "one"), (3, "two"), (5, "three")] {
        before.write(
            cid(n),
            text,
            Timestamp(NOW.0 + i64::try_from(10 - n).unwrap_or(0)),
        );
    }
    before.next_to_send(NOW);
    let mut kept: Vec<Outgoing<&str>> = before.items().to_vec();
    assert_eq!(kept[0].state, State::Sent);
    kept.rotate_left(1);
    kept.reverse();

    let mut after = Outbox::new();
    for item in kept.iter().chain(&kept) {
        after.merge(item.clone());
    }

    assert_eq!(texts(&after), ["one", "two", "three"]);
    assert!(after.items().iter().all(|item| item.state == State::Pending));
}

#[test]
fn i25_what_another_tab_wrote_earlier_stands_behind_the_one_in_flight() {
    let mut other = Outbox::new();
    other.write(cid(8), "from the other tab", Timestamp(0));
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    outbox.merge(other.items()[0].clone());
    assert_eq!(texts(&outbox), ["one", "from the other tab", "two"]);
    assert_eq!(outbox.next_to_send(NOW), None);
}

#[test]
fn r40_an_item_survives_being_kept_as_text() {
    let mut outbox = with(&["one"]);
    sends(&mut outbox, NOW);
    outbox.refused(&refusal(Some(1), "text_too_long", false, None), NOW, 0);
    let item = &outbox.items()[0];
    let item = Outgoing {
        cid: item.cid,
        body: item.body.to_owned(),
        written_at: item.written_at,
        state: item.state.clone(),
    };
    let kept = serde_json::to_string(&item).expect("written");
    assert_eq!(
        serde_json::from_str::<Outgoing<String>>(&kept).expect("read"),
        item
    );
}

#[test]
fn i25_neither_one_millisecond_nor_a_clock_set_back_changes_the_order_kept() {
    let mut outbox = Outbox::new();
    outbox.write(cid(3), "one", NOW);
    outbox.write(cid(2), "two", NOW);
    outbox.write(cid(1), "three", Timestamp(0));
    let items = outbox.items().to_vec();
    let mut again = Outbox::new();
    for item in items.into_iter().rev() {
        again.merge(item);
    }
    assert_eq!(texts(&again), ["one", "two", "three"]);
}

#[test]
fn i25_one_in_flight_that_has_failed_in_another_tab_lets_the_next_go_at_once() {
    let mut other = with(&["one"]);
    sends(&mut other, NOW);
    other.refused(&refusal(Some(1), "text_too_long", false, None), NOW, 0);
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    outbox.merge(other.items()[0].clone());
    assert_eq!(sends(&mut outbox, NOW), Some("two"));
}

#[test]
fn r40_a_retry_in_another_tab_does_not_shorten_a_pause_the_server_asked_for() {
    let mut outbox = with(&["one", "two"]);
    sends(&mut outbox, NOW);
    outbox.refused(&refusal(Some(1), "text_too_long", false, None), NOW, 0);
    sends(&mut outbox, NOW);
    outbox.refused(&refusal(Some(2), "unavailable", true, Some(2_000)), NOW, 0);

    let retried = with(&["one"]).items()[0].clone();
    outbox.merge(retried);

    assert!(!outbox.items().iter().any(Outgoing::is_failed), "it is retried");
    assert_eq!(sends(&mut outbox, NOW.after(Span(1_999))), None);
}

#[test]
fn r40_a_failure_goes_when_the_shelf_has_it_no_more_but_not_before_it_was_kept() {
    let mut failed = with(&["one"]);
    sends(&mut failed, NOW);
    failed.refused(&refusal(Some(1), "text_too_long", false, None), NOW, 0);
    for (being_kept, left) in [(true, 1), (false, 0)] {
        let mut outbox = failed.clone();
        outbox.catch_up(Vec::new(), &|_| being_kept);
        assert_eq!(outbox.items().len(), left, "being kept: {being_kept}");
    }
}
