//! Where something lets no socket through, requests that wait take its place, and nobody notices (R41).

use crate::client_world::Tabs;
use causerie_core::client::end_user::{HostEvent, Input};
use causerie_core::client::transport::{SOCKET_WORKS, Transport};
use causerie_core::time::Span;
use causerie_core::wire::end_user::Down;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use Transport::{Poll, Socket};

fn behind_a_proxy() -> Tabs {
    let mut tabs = Tabs::none();
    tabs.blocks_sockets = true;
    tabs.open_page();
    tabs.input(0, Input::PanelShown);
    tabs
}

#[test]
fn r41_a_message_gets_through_where_sockets_are_blocked() {
    let mut tabs = behind_a_proxy();
    tabs.writes("hello");
    tabs.drive_for(Span(10_000));
    assert_eq!(tabs.page().ways, [Socket, Socket, Poll]);
    assert_eq!(tabs.screen()[0], "hello");
    assert_eq!(tabs.server.thread_log[0].text.as_str(), "hello");
    // It is known now, also to the next page.
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.page().ways, [Poll]);
    // A restart of the server changes nothing.
    tabs.goes_offline();
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.page().ways, [Poll, Poll]);
}

#[test]
fn a_conversation_is_told_to_the_page_with_the_id_of_its_chat_thread() {
    let mut tabs = Tabs::one();
    tabs.types("hello");
    let said = tabs.pages[0].up.pop_front().expect("it is on its way");
    tabs.hear(0, said);
    // By another request it comes later, or not at all.
    tabs.pages[0]
        .down
        .retain(|frame| !matches!(frame, Down::Resumed(_)));
    tabs.drive();
    let started = |tabs: &Tabs| {
        let threads = tabs.page().host.iter().filter_map(|event| match event {
            HostEvent::ConversationStarted { thread, .. } => Some(*thread),
            HostEvent::Unread(_)
            | HostEvent::SessionEnded { .. }
            | HostEvent::TokenWanted { .. }
            | HostEvent::LoggedIn { .. }
            | HostEvent::Stands(_)
            | HostEvent::Refused(_) => None,
        });
        threads.collect::<Vec<_>>()
    };
    assert_eq!(started(&tabs), [], "an acknowledgement alone does not name it");
    tabs.cut(0, 1006);
    tabs.drive_for(Span(5_000));
    assert_eq!(started(&tabs), [tabs.server.thread.id]);
}

#[test]
fn r41_a_server_that_restarts_does_not_turn_sockets_into_polls() {
    let mut tabs = Tabs::one();
    for _ in 0..5 {
        tabs.goes_offline();
        tabs.comes_back();
        tabs.drive();
    }
    assert!(
        tabs.page().ways.iter().all(|way| *way == Socket),
        "{:?}",
        tabs.page().ways
    );
    assert_eq!(tabs.storage.polls_until, None);
}

#[test]
fn r41_a_while_offline_does_not_turn_sockets_into_polls() {
    for ms in (500..30_000).step_by(500) {
        let mut tabs = Tabs::one();
        tabs.goes_offline();
        tabs.drive_for(Span(ms));
        tabs.comes_back();
        tabs.drive();
        assert!(tabs.page().is_live());
        assert_eq!(tabs.page().ways.last(), Some(&Socket), "after {ms} ms");
        assert_eq!(tabs.storage.polls_until, None);
    }
}

#[test]
fn r41_as_soon_as_a_socket_opens_beside_the_polls_it_is_taken_and_nothing_is_lost() {
    let mut tabs = behind_a_proxy();
    tabs.drive_for(Span(30_000));
    assert!(tabs.page().is_live());
    assert!(tabs.storage.polls_until.is_some());
    assert_eq!(tabs.client().polls_until(), tabs.storage.polls_until);
    tabs.blocks_sockets = false;
    tabs.types("on its way");
    tabs.cut(0, SOCKET_WORKS);
    tabs.drive();
    assert_eq!(tabs.page().ways.last(), Some(&Socket));
    assert_eq!(tabs.storage.polls_until, None);
    assert_eq!(tabs.screen()[0], "on its way");
}
