//! What the host page sends on the visitor's behalf.

use crate::client_world::Tabs;
use causerie_core::client::end_user::{HostEvent, Input};
use causerie_core::time::Span;
use causerie_core::{ChatThreadId, ClientMessageId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn seconds(n: i64) -> Span {
    Span(n * 1000)
}

fn server_texts(tabs: &Tabs) -> Vec<&str> {
    tabs.server
        .thread_log
        .iter()
        .map(|entry| entry.text.as_str())
        .collect()
}

#[test]
fn the_host_page_sends_with_the_panel_closed_and_hears_what_came_of_it() {
    let mut tabs = Tabs::none();
    let page = tabs.open_page();
    let (one, two) = (tabs.fresh_cid(), tabs.fresh_cid());
    tabs.input(
        page,
        Input::HostSent {
            cid: one,
            text: "hello".to_owned(),
            thread: None,
        },
    );
    tabs.input(
        page,
        Input::HostSent {
            cid: two,
            text: " ".to_owned(),
            thread: None,
        },
    );
    tabs.drive();
    assert_eq!(server_texts(&tabs), ["hello"]);
    assert!(tabs.page().host.contains(&HostEvent::Stands(one)));
    assert!(tabs.page().host.iter().any(
        |event| matches!(event, HostEvent::Refused(refused) if refused.cid == Some(two) && refused.code == "text_empty")
    ));
}

#[test]
fn what_the_host_page_sends_to_a_conversation_goes_to_that_one_or_nowhere() {
    let another = ChatThreadId(uuid::Uuid::from_u128(7));
    let send = |tabs: &mut Tabs, page: usize, text: &str, thread: ChatThreadId| {
        let cid = tabs.fresh_cid();
        let text = text.to_owned();
        tabs.input(
            page,
            Input::HostSent {
                cid,
                text,
                thread: Some(thread),
            },
        );
        cid
    };
    let is_refused = |tabs: &Tabs, page: usize, cid: ClientMessageId| {
        tabs.pages[page].host.iter().any(|event| {
            matches!(event, HostEvent::Refused(refused)
                if refused.cid == Some(cid) && refused.code == "conversation_unknown")
        })
    };
    // A visitor without any: it is known once the server has been asked.
    let mut tabs = Tabs::none();
    let page = tabs.open_page();
    let own = tabs.server.thread.id;
    let first = send(&mut tabs, page, "to nobody", another);
    tabs.drive();
    assert!(is_refused(&tabs, page, first));
    assert_eq!(server_texts(&tabs), [""; 0]);

    tabs.writes("hello");
    tabs.drive();
    tabs.cut(page, 1001);
    tabs.drive_for(seconds(3));
    let (mine, others) = (
        send(&mut tabs, page, "mine", own),
        send(&mut tabs, page, "others", another),
    );
    tabs.drive();
    assert!(tabs.pages[page].host.contains(&HostEvent::Stands(mine)));
    assert!(is_refused(&tabs, page, others));

    // On the next page, before the server has been asked.
    let next = tabs.open_page();
    let (mine, others) = (
        send(&mut tabs, next, "mine again", own),
        send(&mut tabs, next, "others again", another),
    );
    tabs.drive();
    assert!(tabs.pages[next].host.contains(&HostEvent::Stands(mine)));
    assert!(is_refused(&tabs, next, others));
    assert_eq!(server_texts(&tabs), ["hello", "mine", "mine again"]);
}

#[test]
fn r11_what_the_host_page_sends_twice_under_one_id_stands_once() {
    let mut tabs = Tabs::one();
    let cid = tabs.fresh_cid();
    let send = |tabs: &mut Tabs| {
        let text = "hello".to_owned();
        let thread = None;
        tabs.input(0, Input::HostSent { cid, text, thread });
    };
    tabs.holds = true;
    send(&mut tabs);
    send(&mut tabs);
    assert_eq!(tabs.screen(), ["(hello)"], "while it is on its way");
    tabs.holds = false;
    tabs.drive();
    send(&mut tabs);
    assert_eq!(tabs.screen(), ["hello"], "and when it stands");
    tabs.drive();
    assert_eq!(server_texts(&tabs), ["hello"]);
}
