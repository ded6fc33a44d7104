//! Three tabs of a visitor that share: what they write, show and hold.

use causerie_core::ClientMessageId;
use causerie_core::client::end_user::Input;
use causerie_core::time::Span;

use super::{Page, Socket, Tabs};
use crate::world::{amy, assign_to};

pub const fn seconds(n: i64) -> Span {
    Span(n * 1000)
}

/// Three open tabs of a visitor who is with Amy.
pub fn three() -> Tabs {
    let mut tabs = Tabs::none();
    tabs.shares = true;
    for page in 0..3 {
        tabs.open_page();
        tabs.input(page, Input::PanelShown);
    }
    tabs.drive();
    tabs.writes("hello");
    let ticket = tabs.server.hands_off();
    tabs.server
        .update(ticket, &amy(), assign_to(amy().id))
        .expect("assigned");
    tabs.drive();
    tabs
}

pub fn writes_in(tabs: &mut Tabs, page: usize, text: &str) -> ClientMessageId {
    let cid = tabs.fresh_cid();
    let text = text.to_owned();
    tabs.input(page, Input::Written { cid, text });
    cid
}

pub fn sockets(tabs: &Tabs) -> Vec<usize> {
    (0..tabs.pages.len())
        .filter(|page| tabs.pages[*page].socket != Socket::None)
        .collect()
}

pub fn screens(tabs: &Tabs) -> Vec<Vec<String>> {
    let of = |page: &Page| {
        let rows = page.client.rows(1000, &|_| 0);
        rows.into_iter().map(|row| row.text).collect()
    };
    tabs.pages.iter().map(of).collect()
}

pub fn same_everywhere(tabs: &Tabs) {
    let screens = screens(tabs);
    for screen in &screens {
        assert_eq!(screen, &screens[0]);
    }
    for page in &tabs.pages {
        assert_eq!(page.client.timeline().entries(), tabs.server.thread_log);
    }
}
