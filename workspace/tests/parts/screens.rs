//! The screens, at a desk without a server: who sees which control, and where the focus goes.

use std::pin::pin;
use std::task::{Context, Waker};

use causerie_core::agent::{Availability, Role};
use causerie_core::client::agent::{AgentClient, Input};
use causerie_core::ids::{AgentId, MacroId, TicketId};
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::session::Session;
use causerie_core::settings::Settings as Values;
use causerie_core::ticket::CommentTo;
use causerie_core::wire::agent::{AgentRow, Down, TicketRow, Welcome};
use causerie_workspace::app::Language;
use causerie_workspace::route::Route;
use causerie_workspace::screens::inbox::Inbox;
use causerie_workspace::screens::settings::Settings;
use causerie_workspace::shell::http::Me;
use causerie_workspace::shell::{Desk, storage};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use crate::page::{Page, fill, is_disabled, painted, press, press_with, settled, text, value};
use crate::rows;

/// Each test has an agent of its own, since what is kept is kept by agent.
pub(crate) fn welcome(me: u64, role: Role) -> Welcome {
    let mut mine = rows::ticket();
    mine.ticket.assignee = Some(AgentId(me));
    Welcome {
        me: AgentId(me),
        agents: vec![AgentRow {
            id: AgentId(me),
            role,
            ..rows::agent()
        }],
        groups: Vec::new(),
        macros: vec![Macro {
            id: MacroId(2),
            title: "Bye".into(),
            text: Some(Text::parse("See you").unwrap()),
            status: None,
            priority: None,
            add_tags: Vec::new(),
            end_session: true,
        }],
        settings: Values::default(),
        tickets: vec![mine],
        more: false,
        mail: false,
        epoch: 1,
        build: String::new(),
    }
}

/// A desk that has had its welcome, and a page with a screen at it.
pub(crate) fn at_a_desk<N: IntoView + 'static>(
    welcome: Welcome,
    at: Route,
    screen: impl FnOnce() -> N + 'static,
) -> (Page, Desk, RwSignal<Route>) {
    let me = Me {
        id: welcome.me,
        name: "Amélie".into(),
        role: Role::Agent,
        csrf: String::new(),
    };
    let owner = Owner::new();
    let (desk, route, language) = owner.with(|| (Desk::new(me), RwSignal::new(at), Language::default()));
    let page = Page::with(move || {
        // The desk lives as long as the page.
        on_cleanup(move || drop(owner));
        provide_context(desk);
        provide_context(route);
        provide_context(language);
        desk.start();
        desk.feed(Input::ConnectToken("t".into()));
        desk.feed(Input::SocketOpened);
        desk.feed(Input::Frame(Down::Welcome(Box::new(welcome))));
        screen()
    });
    (page, desk, route)
}

pub(crate) fn inbox(welcome: Welcome, at: Route) -> (Page, Desk, RwSignal<Route>) {
    at_a_desk(welcome, at, || view! { <Inbox /> })
}

pub(crate) fn focused() -> web_sys::Element {
    document().active_element().unwrap()
}

#[wasm_bindgen_test]
async fn opening_a_ticket_takes_the_focus_to_its_title() {
    let (page, _desk, route) = inbox(
        welcome(101, Role::Agent),
        Route::View(causerie_core::client::agent::View::YourTickets),
    );
    settled().await;
    assert!(page.find_button("Skip to the ticket").is_none());
    page.one("ul[aria-label=Tickets] a").focus().unwrap();
    route.set(Route::Ticket(TicketId(17)));
    settled().await;
    assert_eq!(text(&focused()), "#17 Where is my order?");

    page.one("ul[aria-label=Tickets] a").focus().unwrap();
    page.button("Skip to the ticket").click();
    assert_eq!(
        text(&focused()),
        "#17 Where is my order?",
        "past the list, by keys"
    );
}

#[wasm_bindgen_test]
async fn after_sending_the_focus_is_in_the_textbox_again() {
    let (page, ..) = inbox(welcome(102, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    fill(&page.one("textarea"), "On its way");
    settled().await;
    let send = page.button("Send");
    send.focus().unwrap();
    send.click();
    settled().await;
    assert!(is_disabled(&send), "there is nothing to send any more");
    assert_eq!(focused(), page.one("textarea").into());
    assert!(page.text().contains("Sending…"));
}

#[wasm_bindgen_test]
async fn r31_an_offline_agent_goes_online_from_the_empty_list() {
    let mut desk = welcome(123, Role::Agent);
    desk.agents[0].availability = Availability::Offline;
    desk.tickets.clear();
    let (page, desk, route) = inbox(desk, Route::View(causerie_core::client::agent::View::YourTickets));
    settled().await;
    assert!(page.text().contains("You are offline: go online to get tickets."));
    route.set(Route::View(causerie_core::client::agent::View::AllOpen));
    settled().await;
    assert!(page.text().contains("Nothing here.") && page.find_button("Go online").is_none());
    route.set(Route::View(causerie_core::client::agent::View::YourTickets));
    settled().await;
    page.button("Go online").click();
    settled().await;
    assert_eq!(desk.see(AgentClient::availability), Some(Availability::Online));
    assert!(page.text().contains("Nothing here."));
}

#[wasm_bindgen_test]
async fn r40_a_note_being_written_is_there_after_a_look_elsewhere_and_after_a_reload() {
    let me = AgentId(104);
    let (page, _desk, route) = inbox(welcome(104, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    page.labelled("Internal note").click();
    fill(&page.one("textarea"), "half a thought");
    settled().await;
    let note_is_chosen = |page: &Page| {
        let checked = page.all("input[type=radio]").into_iter().map(|radio| {
            js_sys::Reflect::get(&radio, &"checked".into())
                .unwrap()
                .is_truthy()
        });
        checked.collect::<Vec<_>>() == [false, false, true]
    };
    page.button("Events").click();
    settled().await;
    page.button("Conversation").click();
    settled().await;
    assert!(note_is_chosen(&page) && value(&page.one("textarea")) == "half a thought");
    route.set(Route::View(causerie_core::client::agent::View::AllOpen));
    settled().await;
    drop(page);

    // Another page of the same browser.
    let (page, desk, _) = inbox(welcome(104, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    assert!(note_is_chosen(&page) && value(&page.one("textarea")) == "half a thought");
    assert_eq!(storage::drafts(me)[&TicketId(17)].text, "half a thought");
    assert!(desk.has_kept_drafts());
    let mut leaves = pin!(desk.sign_out());
    assert!(
        leaves
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    assert!(
        storage::drafts(me).is_empty(),
        "before any answer: the page may be closed"
    );
    fill(&page.one("textarea"), "another thought");
    settled().await;
    leaves.await;
    assert!(
        storage::drafts(me).is_empty(),
        "nothing is left behind for the next at this browser"
    );
    assert!(!desk.has_kept_drafts());
}

#[wasm_bindgen_test]
async fn r40_a_draft_that_storage_has_no_room_for_is_not_said_to_be_kept() {
    let me = AgentId(119);
    let storage = window().local_storage().unwrap().unwrap();
    let (page, ..) = inbox(welcome(119, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    fill(&page.one("textarea"), "half");
    assert!(storage::keeps_drafts(me));
    for size in (0..24).rev().map(|power| 1 << power) {
        // What does not fit, fits by halves.
        let _ = storage.set_item(&format!("filler.{size}"), &"x".repeat(size));
    }
    fill(&page.one("textarea"), &"half a thought ".repeat(100));
    assert!(!storage::keeps_drafts(me));
    while let Some(name) = (0..storage.length().unwrap())
        .filter_map(|nth| storage.key(nth).unwrap())
        .find(|name| name.starts_with("filler."))
    {
        storage.remove_item(&name).unwrap();
    }
    fill(&page.one("textarea"), "half a thought");
    assert!(storage::keeps_drafts(me), "there is room again");
    storage::forget_drafts(me);
}

#[wasm_bindgen_test]
async fn r28_a_note_that_is_being_written_stays_a_note_over_the_end() {
    let (page, desk, _) = inbox(welcome(120, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    page.labelled("Internal note").click();
    fill(&page.one("textarea"), "for colleagues");
    settled().await;
    let mut over = rows::ended();
    over.ticket.head.0 += 1;
    over.ticket.assignee = Some(AgentId(120));
    over.email = None;
    desk.feed(Input::Frame(Down::Ticket(Box::new(over.clone()))));
    settled().await;
    let is_chosen = |name: &str| page.labelled(name).unchecked_into::<HtmlInputElement>().checked();
    assert!(is_chosen("Internal note"));
    fill(&page.one("textarea"), "for colleagues only");
    settled().await;

    // The customer has told the bot of the next session who they are.
    over.updated_at.0 += 1;
    over.email = Some("camille@example.org".into());
    desk.feed(Input::Frame(Down::Ticket(Box::new(over))));
    settled().await;
    assert!(is_chosen("Internal note"), "it was not written for the customer");
    press_with(&page.one("textarea"), "Enter", |keys| keys.set_ctrl_key(true));
    let to = desk.see(|client| {
        client
            .comments_on_their_way(TicketId(17))
            .map(|said| said.to)
            .collect::<Vec<_>>()
    });
    assert_eq!(to, [CommentTo::Note]);
}

#[wasm_bindgen_test]
async fn r21_a_refused_reply_waits_with_both_ways_to_go_on() {
    let (page, desk, _) = inbox(welcome(105, Role::Agent), Route::Ticket(TicketId(17)));
    settled().await;
    desk.reply(TicketId(17), CommentTo::Messaging, "One moment".into());
    let cid = desk.see(|client| client.on_their_way()[0].cid);
    let mut over = rows::ended();
    over.ticket.head.0 += 1;
    desk.feed(Input::Frame(Down::Ticket(Box::new(over))));
    desk.feed(Input::Frame(Down::Refused(causerie_core::wire::Refused {
        cid: Some(cid),
        code: "session_ended".into(),
        message: "No.".into(),
        retryable: false,
        retry_after_ms: None,
    })));
    settled().await;
    assert_eq!(value(&page.one("textarea")), "One moment");
    assert!(page.text().contains("Not sent: the session had just ended."));
    page.button("Keep as note").click();
    settled().await;
    assert_eq!(focused(), page.one("textarea").into());
    assert!(page.find_button("Keep as note").is_none());
    let to = desk.see(|client| {
        client
            .comments_on_their_way(TicketId(17))
            .map(|said| said.to)
            .collect::<Vec<_>>()
    });
    assert_eq!(to, [CommentTo::Note]);
}

#[wasm_bindgen_test]
async fn a_list_that_is_cut_says_so() {
    let view = || Route::View(causerie_core::client::agent::View::AllOpen);
    let (page, ..) = inbox(welcome(107, Role::Agent), view());
    settled().await;
    assert!(!page.text().contains("latest ticket"));
    drop(page);
    let cut = Welcome {
        more: true,
        tickets: vec![
            rows::ticket(),
            TicketRow {
                session: Session::Active { since: rows::NOW },
                ..rows::ticket()
            },
        ],
        ..welcome(107, Role::Agent)
    };
    let (page, ..) = inbox(cut, view());
    settled().await;
    assert!(
        page.text().contains("Only the 2 latest tickets are listed"),
        "{}",
        page.text()
    );
}

#[wasm_bindgen_test]
async fn the_accounts_settings_are_an_admins_and_ones_own_are_everybodys() {
    let (page, desk, _) = at_a_desk(
        welcome(109, Role::Agent),
        Route::Settings,
        || view! { <Settings /> },
    );
    settled().await;
    assert!(page.find_label("Agents can end messaging sessions").is_none());
    let sounds = page.labelled("Sounds");
    let before = desk.sounds.get_untracked();
    sounds.click();
    settled().await;
    assert_eq!(desk.sounds.get_untracked(), !before);
    assert_eq!(storage::sounds(), !before, "kept in this browser");
    sounds.click();
    drop(page);

    let (page, ..) = at_a_desk(
        welcome(109, Role::Admin),
        Route::Settings,
        || view! { <Settings /> },
    );
    settled().await;
    for name in [
        "Agents can end messaging sessions",
        "End users can end sessions",
        "Tell the host page when a session ends",
    ] {
        assert!(page.find_label(name).is_some(), "{name}");
    }
    assert_eq!(value(&page.labelled("A session becomes inactive after")), "10");
    assert_eq!(value(&page.labelled("A solved ticket closes after")), "96");
    assert_eq!(value(&page.labelled("Language")), "en");
}

#[wasm_bindgen_test]
async fn arrows_walk_the_list_while_it_changes() {
    let other = |id: u64| {
        let mut row = rows::ticket();
        row.ticket.id = TicketId(id);
        row
    };
    let desk = Welcome {
        tickets: vec![other(1), other(2), other(3)],
        ..welcome(110, Role::Agent)
    };
    let (page, desk, _) = inbox(desk, Route::View(causerie_core::client::agent::View::AllOpen));
    settled().await;
    page.all("ul[aria-label=Tickets] a")[0].focus().unwrap();
    press(&focused(), "ArrowDown");
    let second = text(&focused());
    let mut news = other(1);
    news.ticket.head.0 += 1;
    news.updated_at.0 += 1;
    desk.feed(Input::Frame(Down::Ticket(Box::new(news))));
    settled().await;
    painted().await;
    assert_eq!(text(&focused()), second, "the focus is where it was");
}
