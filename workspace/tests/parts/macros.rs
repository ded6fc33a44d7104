//! Macros where they are applied and where they are written.

use causerie_core::agent::Role;
use causerie_core::ids::{MacroId, TicketId};
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::ticket::Status;
use causerie_workspace::route::Route;
use causerie_workspace::screens::macros::Macros;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{is_disabled, painted, settled, text, value};
use crate::screens::{at_a_desk, focused, inbox, welcome};

#[wasm_bindgen_test]
async fn r38_a_stored_macro_that_cannot_be_filled_in_says_why_it_cannot_be_applied() {
    let mut desk = welcome(124, Role::Agent);
    desk.macros[0].text = Text::parse("Hi {{ticket.requester.phone}}").ok();
    let (page, ..) = inbox(desk, Route::Ticket(TicketId(17)));
    settled().await;
    page.button("Apply macro").click();
    settled().await;
    let it = page.one("[role=menuitem]");
    assert!(is_disabled(&it));
    assert_eq!(
        page.description(&it),
        "Its text has a placeholder that cannot be filled in."
    );
}

#[wasm_bindgen_test]
async fn r30_a_macro_is_deleted_only_after_a_yes() {
    let (page, ..) = at_a_desk(welcome(126, Role::Admin), Route::Macros, || view! { <Macros /> });
    settled().await;
    let ask = async || {
        let button = page.one("[aria-label='Delete Bye']");
        button.focus().unwrap();
        button.click();
        settled().await;
    };
    ask().await;
    let dialog = page.one("dialog");
    let name = dialog.get_attribute("aria-labelledby").unwrap();
    assert_eq!(text(&page.one(&format!("[id='{name}']"))), "Delete “Bye”?");
    assert!(page.description(&dialog).contains("does not come back"));
    assert_eq!(text(&focused()), "Keep it");
    page.button("Keep it").click();
    settled().await;
    assert!(page.all("dialog").is_empty());
    assert_eq!(focused(), page.one("[aria-label='Delete Bye']").into());
    assert_eq!(text(&page.one("[role=status]")), "");
    ask().await;
    page.one("dialog .button--primary").click();
    settled().await;
    assert!(page.all("dialog").is_empty());
    // There is no server here: what it could not be asked is said.
    while text(&page.one("[role=status]")).is_empty() {
        painted().await;
    }
}

#[wasm_bindgen_test]
async fn r30_macros_are_everybodys_to_read_and_an_admins_to_write() {
    let (page, ..) = at_a_desk(welcome(108, Role::Agent), Route::Macros, || view! { <Macros /> });
    settled().await;
    assert!(text(&page.one("li")).contains("Bye") && text(&page.one("li")).contains("Ends the session"));
    assert!(page.find_button("Add macro").is_none() && page.all("li button").is_empty());
    drop(page);

    let (page, ..) = at_a_desk(welcome(108, Role::Admin), Route::Macros, || view! { <Macros /> });
    settled().await;
    page.button("Edit").click();
    settled().await;
    assert_eq!(focused(), page.labelled("Title").into());
    assert_eq!(value(&page.labelled("Title")), "Bye");
    page.button("Cancel").click();
    settled().await;
    assert_eq!(text(&focused()), "Macros", "the form that had the focus is gone");
    page.button("Add macro").click();
    settled().await;
    assert_eq!(value(&page.labelled("Title")), "");
}

#[wasm_bindgen_test]
async fn r43_a_macro_whose_status_cannot_be_set_says_why() {
    let mut desk = welcome(121, Role::Agent);
    let sets = |id: u64, status| Macro {
        id: MacroId(id),
        title: format!("Macro {id}"),
        text: None,
        status: Some(status),
        priority: None,
        add_tags: Vec::new(),
        end_session: false,
    };
    desk.macros = vec![
        sets(1, Status::Solved),
        sets(2, Status::Closed),
        sets(3, Status::Hold),
    ];
    desk.tickets[0].ticket.assignee = None;
    let (page, ..) = inbox(desk, Route::Ticket(TicketId(17)));
    settled().await;
    page.button("Apply macro").click();
    settled().await;
    let items = page.all("[role=menuitem]");
    let disabled: Vec<bool> = items.iter().map(|item| is_disabled(item)).collect();
    assert_eq!(disabled, [true, true, false]);
    assert_eq!(
        page.description(&items[0]),
        "Assign the ticket before solving it."
    );
    assert_eq!(
        page.description(&items[1]),
        "Nobody can set a ticket to “Closed” by hand."
    );
}
