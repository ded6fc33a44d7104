//! The list `Tickets` and the navigation `Views`.

use causerie_core::client::agent::View;
use causerie_core::ids::TicketId;
use causerie_core::ticket::Status;
use causerie_workspace::parts::ticket_list::TicketList;
use causerie_workspace::parts::views::Views;
use causerie_workspace::view::list::{Item, Seen};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Got, Page, painted, press, settled, text};
use crate::rows;

fn item(id: u64, requester: Option<&str>) -> Item {
    Item {
        id: TicketId(id),
        requester: requester.map(str::to_owned),
        subject: "Where is my order?".into(),
        erased: false,
        status: Status::Open,
        ended: id == 12,
        news: id == 17,
        at: rows::NOW,
    }
}

fn shown_to(items: RwSignal<Vec<Item>>, offline: RwSignal<bool>, asked: &Got<()>) -> Page {
    let on_go_online = asked.callback();
    Page::with(move || {
        view! { <TicketList items open=Signal::stored(Some(TicketId(12))) offline on_go_online /> }
    })
}

fn shown(items: RwSignal<Vec<Item>>) -> Page {
    shown_to(items, RwSignal::new(false), &Got::nothing())
}

#[wasm_bindgen_test]
async fn each_ticket_is_a_list_item_whose_link_names_it() {
    let items = RwSignal::new(vec![item(17, Some("Camille")), item(12, None)]);
    let page = shown(items);
    settled().await;
    assert_eq!(page.one("ul").get_attribute("aria-label").unwrap(), "Tickets");
    let links: Vec<String> = page.all("li a").iter().map(|link| text(link)).collect();
    assert_eq!(
        links,
        ["#17 Camille Where is my order?", "#12 Visitor Where is my order?"]
    );
    assert_eq!(page.all("li a")[0].get_attribute("href").unwrap(), "#/tickets/17");
    assert_eq!(page.all("li a")[1].get_attribute("aria-current").unwrap(), "true");
    let entries: Vec<String> = page.all("li").iter().map(|entry| text(entry)).collect();
    assert!(
        entries[0].contains("Open") && entries[1].contains("Session ended"),
        "{entries:?}"
    );
    assert_eq!(page.one("[role=img]").get_attribute("aria-label").unwrap(), "New");

    items.set(Vec::new());
    settled().await;
    assert!(page.text().contains("Nothing here."));
}

#[wasm_bindgen_test]
async fn r31_whoever_is_offline_gets_a_way_to_go_online_instead_of_a_bare_list() {
    let (offline, asked) = (RwSignal::new(true), Got::nothing());
    let page = shown_to(RwSignal::new(Vec::new()), offline, &asked);
    settled().await;
    assert!(page.text().contains("You are offline: go online to get tickets."));
    assert!(!page.text().contains("Nothing here."));
    let way = page.button("Go online");
    way.focus().unwrap();
    way.click();
    assert_eq!(asked.all(), [()]);
    offline.set(false);
    settled().await;
    assert!(page.find_button("Go online").is_none());
    assert!(page.text().contains("Nothing here."));
    assert_eq!(
        document().active_element().as_ref(),
        Some(page.one("ul").as_ref()),
        "the button that had the focus is gone"
    );
}

#[wasm_bindgen_test]
async fn arrows_go_from_ticket_to_ticket() {
    let page = shown(RwSignal::new(vec![item(17, None), item(12, None)]));
    settled().await;
    let links = page.all("li a");
    links[0].focus().unwrap();
    press(&links[0], "ArrowDown");
    assert_eq!(document().active_element().as_ref(), Some(links[1].as_ref()));
    press(&links[1], "k");
    assert_eq!(document().active_element().as_ref(), Some(links[0].as_ref()));
}

#[wasm_bindgen_test]
async fn a_ticket_that_changes_keeps_the_focus() {
    let items = RwSignal::new(vec![item(17, None), item(12, None)]);
    let page = shown(items);
    settled().await;
    page.all("li a")[1].focus().unwrap();
    let changed = Item {
        subject: "Found it".into(),
        status: Status::Pending,
        ..item(12, Some("Camille"))
    };
    items.set(vec![changed, item(17, None)]);
    settled().await;
    painted().await;
    let link = page.all("li a").remove(0);
    assert_eq!(text(&link), "#12 Camille Found it");
    assert!(text(&page.all("li")[0]).contains("Pending"));
    assert_eq!(document().active_element().as_ref(), Some(link.as_ref()));
}

#[wasm_bindgen_test]
async fn views_are_named_with_their_counts() {
    let page = Page::with(|| {
        view! { <Views current=Signal::stored(View::Unassigned) counts=Signal::stored([3, 1, 5, 2, 4]) /> }
    });
    settled().await;
    assert_eq!(page.one("nav").get_attribute("aria-label").unwrap(), "Views");
    let links: Vec<String> = page.all("a").iter().map(|link| text(link)).collect();
    assert_eq!(
        links,
        [
            "Your tickets 3",
            "Unassigned 1",
            "All open 5",
            "Ended sessions 2",
            "Solved 4"
        ]
    );
    assert_eq!(text(&page.one("[aria-current=page]")), "Unassigned 1");
}

#[wasm_bindgen_test]
fn a_ticket_is_news_until_it_is_looked_at() {
    let mut row = rows::ticket();
    let mut seen = Seen::from_now_on(rows::NOW);
    assert!(!seen.is_news(&row), "it was there before");
    row.updated_at.0 += 1;
    assert!(seen.is_news(&row));
    let mut gone = row.clone();
    gone.erased = true;
    assert!(!seen.is_news(&gone), "nothing is left to be read");
    assert!(seen.look_at(&row));
    assert!(!seen.is_news(&row));
    assert!(!seen.look_at(&row));
}

#[wasm_bindgen_test]
async fn of_whoever_was_erased_the_list_says_no_more_than_that() {
    let erased = Item {
        erased: true,
        subject: String::new(),
        ..item(9, None)
    };
    let items = RwSignal::new(vec![item(9, Some("Camille"))]);
    let page = shown(items);
    settled().await;
    let link = page.one("li a");
    items.set(vec![erased]);
    settled().await;
    assert_eq!(text(&link), "#9 Erased customer Erased");
}
