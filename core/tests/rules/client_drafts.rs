//! What an agent writes: by which channel it goes (R28), and that none of it is lost (R21, R40).

use crate::desk_world::{Desk, ME, NOTE, SEVEN, cid, ended, erased, kept, refused, row, sent, welcome};
use causerie_core::Timestamp;
use causerie_core::chat_thread::Outcome;
use causerie_core::client::agent::{Draft, Effect, Input, Kept};
use causerie_core::message::{MAX_TEXT, TextFault};
use causerie_core::ticket::{CommentTo, Status};
use causerie_core::wire::agent::{Down, Up};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

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
fn only_what_goes_to_the_chat_tells_the_customer_that_somebody_types() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    let typing = |on| Up::Typing { ticket: SEVEN, on };
    desk.picks(CommentTo::Note);
    assert_eq!(desk.edits("a"), []);
    desk.picks(CommentTo::Messaging);
    assert_eq!(desk.edits("ab"), [typing(true)]);
    assert_eq!(desk.edits("abc"), []);
    assert_eq!(sent(desk.picks(CommentTo::Messaging)), [], "it still does");
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
fn a_reply_that_cannot_stand_stays_in_the_composer_with_its_fault() {
    let mut desk = Desk::with(Vec::new());
    let long = "x".repeat(MAX_TEXT + 1);
    desk.edits(&long);
    assert_eq!(desk.replies(1, CommentTo::Note, &long), []);
    assert_eq!(
        (desk.client.draft(SEVEN), desk.client.draft_fault(SEVEN)),
        (long.as_str(), Some(TextFault::TooLong))
    );
    assert!(desk.writes("xx").contains(&Effect::ViewChanged), "its fault goes");
    assert!(
        !desk.writes("x").contains(&Effect::ViewChanged),
        "nothing else does"
    );
    assert_eq!(desk.client.draft_fault(SEVEN), None);
    assert_eq!(desk.replies(1, CommentTo::Note, " "), []);
    assert_eq!(desk.client.draft(SEVEN), "x");
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
            ..Draft::default()
        }
    );
    assert_eq!(
        read(r#"{"text":"half a word"}"#),
        Draft {
            text: text.clone(),
            ..Draft::default()
        }
    );
    let note = Draft {
        text,
        picked: Some(NOTE),
        after_erasure: true,
    };
    let kept = serde_json::to_string(&note).expect("it is data");
    assert_eq!(read(&kept), note);
}

/// What was written about somebody is theirs to have erased, wherever it is kept.
#[test]
fn a_draft_about_somebody_goes_when_they_are_erased() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.edits("Zoe is ill");
    let effects = desk.frame(Down::Ticket(Box::new(erased(row(7, Some(ME), Status::Open)))));
    assert_eq!(desk.client.draft(SEVEN), "");
    assert!(effects.contains(&kept("", None)) && effects.contains(&Effect::ViewChanged));
    assert!(!desk.pass(1_000).contains(&kept("", None)), "once");
}

#[test]
fn a_draft_about_somebody_who_was_erased_meanwhile_goes_when_the_desk_comes_back() {
    let draft = Draft {
        text: "Zoe is ill".to_owned(),
        picked: Some(NOTE),
        after_erasure: false,
    };
    let mut desk = Desk::new();
    desk.feed(Input::Restored(Kept {
        keeps: true,
        drafts: vec![(SEVEN, draft)],
        reloaded_for: None,
    }));
    assert_eq!(desk.client.draft(SEVEN), "Zoe is ill", "nothing is known yet");
    let effects = desk.signs_in(welcome(vec![erased(row(7, Some(ME), Status::Open))]));
    assert_eq!(desk.client.draft(SEVEN), "");
    assert!(effects.contains(&kept("", None)));
}

#[test]
fn a_reply_about_somebody_that_is_refused_once_they_are_erased_comes_back_nowhere() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.edits("Zoe is ill");
    desk.replies(1, CommentTo::Messaging, "Zoe is ill");
    desk.frame(Down::Ticket(Box::new(erased(row(7, Some(ME), Status::Open)))));
    desk.frame(refused(1, "session_ended", false));
    assert_eq!((desk.client.draft(SEVEN), desk.client.refusal(SEVEN)), ("", None));
}

#[test]
fn a_reply_about_somebody_does_not_come_back_into_what_is_written_once_they_are_erased() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.edits("Zoe is ill");
    desk.replies(1, CommentTo::Messaging, "Zoe is ill");
    desk.frame(Down::Ticket(Box::new(erased(row(7, Some(ME), Status::Open)))));
    desk.writes("Nobody is left");
    desk.frame(refused(1, "ticket_closed", false));
    assert_eq!(
        (desk.client.draft(SEVEN), desk.client.refusal(SEVEN)),
        ("Nobody is left", None)
    );
}

#[test]
fn r21_r40_what_is_written_after_an_erasure_stays_over_a_reload_and_a_refusal() {
    let mut desk = Desk::with(vec![erased(row(7, Some(ME), Status::Open))]);
    let effects = desk.writes("Nobody is left");
    let draft = effects.into_iter().find_map(|effect| {
        if let Effect::KeepDraft { draft, .. } = effect {
            Some(draft)
        } else {
            None
        }
    });
    let mut next = Desk::new();
    next.feed(Input::Restored(Kept {
        keeps: true,
        drafts: draft.map(|draft| (SEVEN, draft)).into_iter().collect(),
        reloaded_for: None,
    }));
    next.signs_in(welcome(vec![erased(row(7, Some(ME), Status::Open))]));
    assert_eq!(next.client.draft(SEVEN), "Nobody is left");

    desk.replies(1, CommentTo::Note, "Nobody is left");
    desk.frame(refused(1, "ticket_closed", false));
    assert_eq!(desk.client.draft(SEVEN), "Nobody is left");
}
