//! The end of a session at the desk: where the focus goes, and who is said to have ended it.

use causerie_core::agent::Role;
use causerie_core::client::agent::Input;
use causerie_core::ids::{AgentId, Seq, TicketId};
use causerie_core::session::{End, EndReason, EndedBy, Session, SessionState};
use causerie_core::settings::Settings as Values;
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_core::wire::agent::Down;
use causerie_workspace::route::Route;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{is_disabled, settled, text};
use crate::rows;
use crate::screens::{focused, inbox, welcome};

#[wasm_bindgen_test]
async fn r18_ended_by_a_colleague_under_the_open_dialog_the_focus_is_in_the_textbox() {
    let (page, desk, _) = inbox(welcome(122, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    let button = page.one(".end-session button");
    button.focus().unwrap();
    button.click();
    settled().await;
    assert_eq!(text(&focused()), "Keep it open");
    let mut over = rows::ended();
    over.ticket.head.0 += 1;
    over.ticket.assignee = Some(AgentId(122));
    desk.feed(Input::Frame(Down::Ticket(Box::new(over))));
    settled().await;
    assert!(page.all("dialog").is_empty() && page.find_button("End session").is_none());
    assert_eq!(focused(), page.one("textarea").into());
}

#[wasm_bindgen_test]
async fn r22_who_ended_it_has_one_name_in_the_composer_and_in_the_log() {
    let mut desk = welcome(125, Role::Agent);
    let end = End {
        at: rows::NOW,
        by: EndedBy::EndUser,
    };
    desk.tickets[0].session = Session::Ended(end);
    (desk.tickets[0].requester, desk.tickets[0].email) = (None, None);
    let session = desk.tickets[0].session_id;
    let (page, desk, _) = inbox(desk, Route::Ticket(TicketId(17)));
    settled().await;
    let over = TicketEntry {
        seq: Seq(1),
        audit: Seq(1),
        after: Seq(0),
        at: rows::NOW,
        by: By::EndUser,
        what: TicketEvent::SessionEnded {
            session,
            from: SessionState::Active,
            reason: EndReason::EndedByEndUser,
        },
    };
    desk.feed(Input::Frame(Down::Entries {
        ticket: TicketId(17),
        thread: Vec::new(),
        log: vec![over],
    }));
    settled().await;
    let said = text(&page.one(".log__ended"));
    assert!(said.starts_with("Session ended by the customer"), "{said}");
    let why = text(&page.one("[role=radiogroup]"));
    assert!(why.contains("Session ended by the customer at"), "{why}");
}

#[wasm_bindgen_test]
async fn r16_after_the_end_the_focus_is_in_the_textbox_and_keeping_it_open_goes_back_to_the_button() {
    let (page, ..) = inbox(welcome(103, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    let ask = async || {
        let button = page.one(".end-session button");
        button.focus().unwrap();
        button.click();
        settled().await;
    };
    ask().await;
    page.button("Keep it open").click();
    settled().await;
    assert_eq!(focused(), page.one(".end-session button").into());
    ask().await;
    page.one("dialog .button--primary").click();
    settled().await;
    assert_eq!(focused(), page.one("textarea").into());
}

#[wasm_bindgen_test]
async fn r15_switched_off_the_end_button_goes_and_the_macro_says_why() {
    let (page, desk, _) = inbox(welcome(106, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    assert!(page.find_button("End session").is_some());
    desk.feed(Input::Frame(Down::Settings(Values {
        agents_can_end_sessions: false,
        ..Values::default()
    })));
    settled().await;
    assert!(page.find_button("End session").is_none());
    page.button("Apply macro").click();
    settled().await;
    let ends = page.one("[role=menuitem]");
    assert!(is_disabled(&ends));
    assert_eq!(
        page.description(&ends),
        "Ending sessions is switched off in the settings."
    );
    ends.click();
    assert!(desk.see(|client| client.on_their_way().is_empty()));
}
