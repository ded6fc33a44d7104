//! The end button and its dialog.

use causerie_core::session::Session;
use causerie_core::settings::Settings;
use causerie_core::ticket::Status;
use causerie_core::ticket::ending::EndButton;
use causerie_core::wire::agent::TicketRow;
use causerie_workspace::parts::end_session::EndSession;
use causerie_workspace::view::ticket::consequence_of_end;
use causerie_workspace::words::Words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlDialogElement;

use crate::page::{Got, Page, is_disabled, settled, text};
use crate::rows;

fn shown(button: RwSignal<EndButton>, ended: &Got<()>) -> Page {
    shown_with(button, ended, &Got::nothing())
}

fn shown_with(button: RwSignal<EndButton>, ended: &Got<()>, overtaken: &Got<()>) -> Page {
    let (on_end, on_overtaken) = (ended.callback(), overtaken.callback());
    let consequence = consequence_of_end(&rows::ticket(), &Settings::default(), &Words::default());
    Page::with(move || {
        view! { <EndSession button consequence=Signal::stored(consequence) on_end on_overtaken /> }
    })
}

async fn asked(page: &Page) -> HtmlDialogElement {
    let button = page.one(".end-session button");
    // A script's press, unlike a person's, does not take the focus along.
    button.focus().unwrap();
    button.click();
    settled().await;
    let dialog: HtmlDialogElement = page.one("dialog").dyn_into().unwrap();
    assert!(dialog.open());
    dialog
}

fn in_dialog(page: &Page, name: &str) -> web_sys::HtmlElement {
    page.all("dialog button")
        .into_iter()
        .find(|button| text(button) == name)
        .unwrap()
}

#[wasm_bindgen_test]
async fn the_dialog_says_what_will_happen_and_ends_nothing_by_itself() {
    let ended = Got::nothing();
    let page = shown(RwSignal::new(EndButton::Offered), &ended);
    let dialog = asked(&page).await;
    let name = dialog.get_attribute("aria-labelledby").unwrap();
    assert_eq!(text(&page.one(&format!("[id='{name}']"))), "End this session?");
    let said = page.description(&dialog);
    for part in [
        "The customer is not told",
        "fresh conversation",
        "stays Open",
        "slot",
        "Public reply",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(
        document().active_element().map(|button| text(&button)).unwrap(),
        "Keep it open"
    );
    in_dialog(&page, "Keep it open").click();
    settled().await;
    assert!(page.all("dialog").is_empty());
    assert_eq!(
        document().active_element().map(|button| text(&button)).unwrap(),
        "End session"
    );
    assert_eq!(ended.all(), []);
}

#[wasm_bindgen_test]
fn r33_it_speaks_of_a_slot_only_where_the_session_holds_one() {
    let said = |row: &TicketRow| consequence_of_end(row, &Settings::default(), &Words::default());
    assert!(said(&rows::ticket()).contains("slot"));
    let silent = TicketRow {
        session: Session::Inactive { since: rows::NOW },
        ..rows::ticket()
    };
    let mut solved = rows::ticket();
    solved.ticket.status = Status::Solved;
    for row in [silent, solved] {
        let said = said(&row);
        assert!(!said.contains("slot") && said.contains("Public reply"), "{said}");
    }
}

#[wasm_bindgen_test]
async fn confirmed_it_is_asked_for_once() {
    let ended = Got::nothing();
    let page = shown(RwSignal::new(EndButton::Offered), &ended);
    asked(&page).await;
    in_dialog(&page, "End session").click();
    settled().await;
    assert!(page.all("dialog").is_empty());
    assert_eq!(ended.all(), [()]);
}

#[wasm_bindgen_test]
async fn r15_switched_off_there_is_no_button() {
    let (button, ended, overtaken) = (RwSignal::new(EndButton::Offered), Got::nothing(), Got::nothing());
    let page = shown_with(button, &ended, &overtaken);
    asked(&page).await;
    button.set(EndButton::Absent);
    settled().await;
    assert_eq!((ended.all(), overtaken.all()), (vec![], vec![()]));
    assert!(
        page.all("dialog").is_empty(),
        "there is nothing to confirm any more"
    );
    assert!(page.find_button("End session").is_none());
}

#[wasm_bindgen_test]
async fn r16_who_may_not_sees_why() {
    let ended = Got::nothing();
    let page = shown(RwSignal::new(EndButton::NotTheirs), &ended);
    let button = page.one(".end-session button");
    assert!(is_disabled(&button));
    assert!(page.description(&button).starts_with("Only the assignee"));
    button.click();
    settled().await;
    assert!(page.all("dialog").is_empty());
}
