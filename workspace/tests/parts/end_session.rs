//! The end button and its dialog.

use causerie_core::agent::Role;
use causerie_core::ids::AgentId;
use causerie_core::ticket::Status;
use causerie_core::wire::agent::{AgentRow, TicketRow, Welcome};
use causerie_workspace::parts::end_session::EndSession;
use causerie_workspace::view::ticket::{EndButton, consequence_of_end, end_button};
use causerie_workspace::words::Words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlDialogElement;

use crate::page::{Got, Page, is_disabled, settled, text};
use crate::rows;

fn shown(button: RwSignal<EndButton>, ended: &Got<()>) -> Page {
    let on_end = ended.callback();
    let consequence = consequence_of_end(&rows::ticket(), &Words::default());
    Page::with(move || view! { <EndSession button consequence=Signal::stored(consequence) on_end /> })
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
    let (button, ended) = (RwSignal::new(EndButton::Offered), Got::nothing());
    let page = shown(button, &ended);
    asked(&page).await;
    button.set(EndButton::Absent);
    settled().await;
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

#[wasm_bindgen_test]
fn the_button_follows_the_rules() {
    let desk = |on: bool| {
        let mut desk = Welcome {
            me: AgentId(1),
            agents: Vec::new(),
            groups: Vec::new(),
            macros: Vec::new(),
            settings: causerie_core::settings::Settings::default(),
            tickets: Vec::new(),
            mail: false,
            epoch: 1,
            build: String::new(),
        };
        desk.settings.agents_can_end_sessions = on;
        desk
    };
    let me = rows::agent();
    let other = AgentRow {
        id: AgentId(2),
        ..rows::agent()
    };
    let admin = AgentRow {
        role: Role::Admin,
        ..other.clone()
    };
    let button = |row: &TicketRow, me: &AgentRow, on: bool| end_button(row, Some(me), Some(&desk(on)));
    assert_eq!(button(&rows::ticket(), &me, true), EndButton::Offered);
    assert_eq!(button(&rows::ticket(), &other, true), EndButton::NotTheirs);
    assert_eq!(button(&rows::ticket(), &admin, true), EndButton::Offered);
    assert_eq!(button(&rows::ticket(), &me, false), EndButton::Absent);
    assert_eq!(button(&rows::ended(), &me, true), EndButton::Absent);
    let mut closed = rows::ticket();
    closed.ticket.status = Status::Closed;
    assert_eq!(button(&closed, &admin, true), EndButton::Absent);
}
