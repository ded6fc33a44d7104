//! The session rule, its whole table (R08, R05).

use causerie_core::session::{EndReason, Placement, SessionState, placement};
use causerie_core::ticket::Status;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const LIVE: [SessionState; 2] = [SessionState::Active, SessionState::Inactive];

#[test]
fn r01_the_first_message_of_all_starts_a_conversation() {
    assert_eq!(placement(None), Placement::Started);
}

#[test]
fn r08_a_message_to_the_bot_is_appended() {
    for session in LIVE {
        assert_eq!(
            placement(Some((session, None))),
            Placement::Appended,
            "{session:?}"
        );
    }
}

#[test]
fn r08_a_message_on_a_new_or_open_ticket_is_appended() {
    for session in LIVE {
        for status in [Status::New, Status::Open] {
            assert_eq!(
                placement(Some((session, Some(status)))),
                Placement::Appended,
                "{session:?} {status:?}"
            );
        }
    }
}

#[test]
fn r08_a_message_on_a_pending_held_or_solved_ticket_is_appended_and_opens_it() {
    for session in LIVE {
        for status in [Status::Pending, Status::Hold, Status::Solved] {
            assert_eq!(
                placement(Some((session, Some(status)))),
                Placement::AppendedReopening,
                "{session:?} {status:?}"
            );
        }
    }
}

#[test]
fn r08_a_message_after_the_closing_of_the_ticket_starts_afresh() {
    for session in LIVE {
        assert_eq!(
            placement(Some((session, Some(Status::Closed)))),
            Placement::Started,
            "{session:?}"
        );
    }
}

#[test]
fn r08_a_message_after_the_end_starts_afresh_whatever_the_ticket() {
    assert_eq!(placement(Some((SessionState::Ended, None))), Placement::Started);
    for status in Status::ALL {
        assert_eq!(
            placement(Some((SessionState::Ended, Some(status)))),
            Placement::Started,
            "{status:?}"
        );
    }
}

#[test]
fn end_reasons_have_the_names_that_rules_and_pages_know() {
    let names = [
        EndReason::EndedByAgent,
        EndReason::EndedByEndUser,
        EndReason::EndedByTrigger,
        EndReason::EndedBySystem,
    ]
    .map(EndReason::name);
    assert_eq!(
        names,
        [
            "ended_by_agent",
            "ended_by_end_user",
            "ended_by_trigger",
            "ended_by_system"
        ]
    );
}
