//! The details: each change is one update, and shows when it is so.

use causerie_core::conversation::Previous;
use causerie_core::ids::{AgentId, GroupId, SessionId, TicketId};
use causerie_core::ticket::{Priority, Set, Status, Update};
use causerie_core::wire::agent::TicketRow;
use causerie_workspace::parts::details::Details;
use causerie_workspace::view::Names;
use leptos::prelude::{RwSignal, Signal, UnsyncCallback, view};
use leptos::prelude::{Set as _, Update as _};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Got, Page, change, is_disabled, settled, text, value};
use crate::rows;

fn shown(row: RwSignal<TicketRow>, on_update: UnsyncCallback<Update>) -> Page {
    let names = Names {
        agents: vec![(AgentId(1), "Amélie".into()), (AgentId(2), "Björn".into())],
        groups: vec![(GroupId(1), "Support".into())],
    };
    let (names, me) = (Signal::stored(names), Signal::stored(Some(AgentId(2))));
    Page::with(move || view! { <Details row names me on_update /> })
}

#[wasm_bindgen_test]
async fn every_field_asks_for_its_own_change() {
    let asked = Got::nothing();
    let page = shown(RwSignal::new(rows::ticket()), asked.callback());
    settled().await;
    change(&page.labelled("Status"), "pending");
    assert_eq!(value(&page.labelled("Status")), "open", "it is not so yet");
    change(&page.labelled("Assignee"), "");
    change(&page.labelled("Group"), "1");
    change(&page.labelled("Priority"), "urgent");
    change(&page.labelled("Tags"), "VIP, order ,");
    page.button("Assign to me").click();
    let none = Update::default;
    assert_eq!(
        asked.all(),
        [
            Update {
                status: Some(Status::Pending),
                ..none()
            },
            Update {
                assignee: Some(Set::Nothing),
                ..none()
            },
            Update {
                group: Some(Set::To(GroupId(1))),
                ..none()
            },
            Update {
                priority: Some(Priority::Urgent),
                ..none()
            },
            Update {
                tags: Some(vec!["order".into(), "vip".into()]),
                ..none()
            },
            Update {
                assignee: Some(Set::To(AgentId(2))),
                ..none()
            },
        ]
    );
}

#[wasm_bindgen_test]
async fn r43_nobody_sets_new_or_closed_by_hand_and_a_closed_ticket_stays_as_it_is() {
    let row = RwSignal::new(rows::ticket());
    let page = shown(row, Got::nothing().callback());
    settled().await;
    let settable: Vec<String> = page
        .all("option")
        .iter()
        .filter(|option| {
            Status::ALL.iter().any(|status| value(option) == status.name()) && !is_disabled(option)
        })
        .map(|option| text(option))
        .collect();
    assert_eq!(settable, ["Open", "Pending", "On hold", "Solved"]);
    let mut unassigned = rows::ticket();
    unassigned.ticket.assignee = None;
    row.set(unassigned);
    settled().await;
    let solved = page
        .all("option")
        .into_iter()
        .find(|option| text(option) == "Solved");
    assert!(is_disabled(&solved.unwrap()), "solving needs an assignee");
    let mut closed = rows::ticket();
    closed.ticket.status = Status::Closed;
    row.set(closed);
    settled().await;
    assert_eq!(value(&page.labelled("Status")), "closed");
    for name in ["Status", "Assignee", "Group", "Priority", "Tags"] {
        assert!(is_disabled(&page.labelled(name)), "{name}");
    }
}

#[wasm_bindgen_test]
async fn r13_the_ticket_before_is_a_link() {
    let previous = Previous {
        session: SessionId(uuid::Uuid::nil()),
        ticket: Some(TicketId(12)),
    };
    let row = TicketRow {
        previous: Some(previous),
        ..rows::ticket()
    };
    let page = shown(RwSignal::new(row), Got::nothing().callback());
    settled().await;
    let link = page.one("dd a");
    assert_eq!(
        (text(&link), link.get_attribute("href").unwrap()),
        ("Ticket #12".into(), "#/tickets/12".into())
    );
    let said = page.text();
    for part in ["Camille", "camille@example.org", "Order", "A-1042"] {
        assert!(said.contains(part), "{part}");
    }
}

#[wasm_bindgen_test]
async fn an_email_that_the_bot_asked_for_stands_once() {
    let mut row = rows::ticket();
    row.requester = None;
    row.ticket
        .fields
        .push(("email".into(), "camille@example.org".into()));
    let page = shown(RwSignal::new(row), Got::nothing().callback());
    settled().await;
    assert_eq!(
        page.text().matches("camille@example.org").count(),
        1,
        "{}",
        page.text()
    );
}

#[wasm_bindgen_test]
async fn of_whoever_was_erased_the_details_say_no_more_than_that() {
    let mut row = TicketRow {
        requester: None,
        email: None,
        erased: true,
        ..rows::ticket()
    };
    row.ticket.fields.clear();
    let page = shown(RwSignal::new(row), Got::nothing().callback());
    settled().await;
    let told: Vec<String> = page.all("dd").iter().map(|value| text(value)).collect();
    assert_eq!(told, ["Erased", "Erased"]);
}

#[wasm_bindgen_test]
async fn the_customers_id_is_there_to_be_copied_and_says_what_for() {
    let row = RwSignal::new(rows::ticket());
    let page = shown(row, Got::nothing().callback());
    settled().await;
    assert_eq!(text(&page.one("code")), "00000000-0000-0000-0000-000000000009");
    let button = page.button("Copy");
    let hint = button
        .get_attribute("aria-describedby")
        .map(|id| page.one(&format!("#{id}")));
    assert!(hint.is_some_and(|hint| text(&hint).contains("erases")));
    button.click();
    settled().await;
    let selected = web_sys::window()
        .and_then(|window| window.get_selection().ok().flatten())
        .map(|selection| String::from(selection.to_string()));
    assert_eq!(selected.as_deref(), Some("00000000-0000-0000-0000-000000000009"));

    row.update(|row| row.updated_at.0 += 1);
    settled().await;
    assert!(
        page.button("Copy").is_same_node(Some(&button)),
        "whatever else of the ticket changes, the focus stays"
    );
}
