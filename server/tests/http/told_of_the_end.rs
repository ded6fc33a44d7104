//! What the embedding page may learn of an end is the account's to say (R20), and what is not to be told stays here.

use causerie_core::agent::Role;
use causerie_core::session::{EndReason, SessionState};
use causerie_core::settings::Settings;
use causerie_core::wire::end_user::{Down, SessionReport};
use causerie_core::wire::{agent, end_user};
use causerie_server::store::Change;

use crate::support::{Server, cid, visitor};

fn report(down: Down) -> Option<SessionReport> {
    match down {
        Down::Session(report) if report.state == SessionState::Ended => Some(report),
        Down::Session(_)
        | Down::Resumed(_)
        | Down::Entries(_)
        | Down::Ack(_)
        | Down::Refused(_)
        | Down::Typing(_)
        | Down::Read(_)
        | Down::Pong => None,
    }
}

/// Ends a visitor's session: what an open tab is told, and one that comes afterwards.
async fn told(tell_host_page_of_end: bool) -> [SessionReport; 2] {
    let server = Server::start().await;
    let settings = Settings {
        tell_host_page_of_end,
        ..Settings::default()
    };
    server.change(Change::SetSettings(settings)).await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (mut ada, _) = server.agent_socket("ada@example.com").await;
    let (mut tab, _) = server.visitor(&visitor(1), 0).await;
    for (n, text) in [(1, "hello"), (2, "Talk to a person"), (3, "Skip")] {
        tab.says(n, text).await;
    }
    let ticket = ada
        .until(|down| match down {
            agent::Down::Ticket(row) => Some(row.ticket.id),
            agent::Down::Welcome(_) | agent::Down::Gone(_) | agent::Down::Agent(_) => None,
            agent::Down::Settings(_) | agent::Down::Macros(_) | agent::Down::Entries { .. } => None,
            agent::Down::Typing { .. } | agent::Down::Done { .. } => None,
            agent::Down::Refused(_) | agent::Down::Pong => None,
        })
        .await;
    ada.say(&agent::Up::End { cid: cid(9), ticket }).await;
    let live = tab.until(report).await;
    let (_, resumed) = server.visitor(&visitor(1), 0).await;
    [live, resumed.session.unwrap()]
}

#[tokio::test]
async fn r20_the_end_is_reported_with_its_reason_for_the_host_page() {
    for report in told(true).await {
        let expected = (SessionState::Ended, Some(EndReason::EndedByAgent));
        assert_eq!((report.state, report.ended), expected);
    }
}

#[tokio::test]
async fn r20_switched_off_the_reason_does_not_leave_the_server() {
    for report in told(false).await {
        assert_eq!((report.state, report.ended), (SessionState::Ended, None));
    }
}

#[tokio::test]
async fn r17_who_comes_is_told_whether_they_may_end_and_is_judged_anew_when_they_do() {
    let server = Server::start().await;
    let set = async |end_users_can_end_sessions| {
        let settings = Settings {
            end_users_can_end_sessions,
            tell_host_page_of_end: false,
            ..Settings::default()
        };
        server.change(Change::SetSettings(settings)).await;
    };
    let (mut tab, resumed) = server.visitor(&visitor(1), 0).await;
    assert!(!resumed.may_end, "off for a new installation");
    let session = tab.says(1, "hello").await.session;
    let end = |n| end_user::Up::End { cid: cid(n), session };
    tab.say(&end(2)).await;
    let refused = tab
        .until(|down| match down {
            Down::Refused(refused) => Some(refused),
            Down::Resumed(_) | Down::Entries(_) | Down::Session(_) | Down::Ack(_) => None,
            Down::Typing(_) | Down::Read(_) | Down::Pong => None,
        })
        .await;
    assert_eq!(
        (refused.cid, &*refused.code),
        (Some(cid(2)), "ending_switched_off")
    );

    set(true).await;
    let (mut tab, resumed) = server.visitor(&visitor(1), 0).await;
    assert!(resumed.may_end);
    tab.say(&end(3)).await;
    let report = tab.until(report).await;
    assert_eq!(
        (report.id, report.ended),
        (session, Some(EndReason::EndedByEndUser)),
        "the end user's own reason is no news to them, whatever the host page is told"
    );
}

#[tokio::test]
async fn r17_an_open_chat_learns_with_a_heartbeat_that_it_may_be_ended_now() {
    let server = Server::start().await;
    let (mut tab, resumed) = server.visitor(&visitor(1), 0).await;
    assert!(!resumed.may_end);
    tab.says(1, "hello").await;
    for may_end in [true, false] {
        let settings = Settings {
            end_users_can_end_sessions: may_end,
            ..Settings::default()
        };
        server.change(Change::SetSettings(settings)).await;
        tab.say(&end_user::Up::Ping).await;
        let told = tab
            .until(|down| match down {
                Down::Resumed(resumed) => Some(Some(resumed.may_end)),
                Down::Pong => Some(None),
                Down::Entries(_) | Down::Session(_) | Down::Ack(_) => None,
                Down::Refused(_) | Down::Typing(_) | Down::Read(_) => None,
            })
            .await;
        assert_eq!(told, Some(may_end));
        assert_eq!(tab.hear::<Down>().await, Down::Pong);
    }
}
