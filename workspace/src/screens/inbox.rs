//! The inbox: views, the tickets of one, and the ticket that is open beside them.

use causerie_core::TicketId;
use causerie_core::agent::Availability;
use causerie_core::client::agent::{Input, View};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::ticket::TicketScreen;
use crate::parts::ticket_list::TicketList;
use crate::parts::views::Views;
use crate::route::Route;
use crate::shell::Desk;
use crate::view::list;
use crate::words::use_words;

/// The screen.
#[component]
pub fn Inbox() -> impl IntoView {
    let (desk, route): (Desk, RwSignal<Route>) = (expect_context(), expect_context());
    let open = Memo::new(move |_| route.with(Route::ticket));
    // A ticket opens beside the view it was found in.
    let view = Memo::new(move |before: Option<&View>| match route.get() {
        Route::View(view) => view,
        Route::Ticket(_) | Route::Macros | Route::Settings | Route::Welcome(_) => {
            before.copied().unwrap_or(View::YourTickets)
        }
    });
    let counts = Memo::new(move |_| desk.see(list::counts));
    let items =
        Memo::new(move |_| desk.see(|client| desk.seen.with(|seen| list::items(client, view.get(), seen))));
    let offline = Memo::new(move |_| desk.see(|client| client.is_empty_offline(view.get())));
    let go_online = move |()| desk.feed(Input::AvailabilityChosen(Availability::Online));
    follow(desk, open);
    let ticket = move || match open.get() {
        Some(id) => view! { <TicketScreen id back=view /> }.into_any(),
        None => view! { <Nothing /> }.into_any(),
    };
    let words = use_words();
    // By keys, past the list and into the ticket.
    let skip = {
        let label = words.say("inbox.skip");
        move || {
            open.get().is_some().then(|| {
                view! {
                    <button type="button" class="button inbox__skip" on:click=move |_| focus_on("ticket-title")>
                        {label.clone()}
                    </button>
                }
            })
        }
    };
    let shown = Memo::new(move |_| {
        desk.see(|client| {
            let desk = client.desk().filter(|desk| desk.more);
            desk.map(|desk| desk.tickets.len())
        })
    });
    let cut = move || {
        let count = shown.get()?;
        Some(view! { <p class="inbox__cut muted">{words.count("inbox.cut", count)}</p> })
    };
    view! {
        <div class="inbox" class:inbox--ticket=move || open.get().is_some()>
            <div class="inbox__list">
                {skip}
                <Views current=view counts />
                <TicketList items open offline on_go_online=UnsyncCallback::new(go_online) />
                {cut}
            </div>
            {ticket}
        </div>
    }
}

/// Follows the ticket that is open, and counts it as looked at while it can be seen.
fn follow(desk: Desk, open: Memo<Option<TicketId>>) {
    Effect::new(move |_| {
        desk.feed(match open.get() {
            Some(ticket) => Input::TicketOpened(ticket),
            None => Input::TicketLeft,
        });
    });
    on_cleanup(move || desk.feed(Input::TicketLeft));
    let look = move || {
        if let Some(ticket) = open.get_untracked().filter(|_| !document().hidden()) {
            desk.look_at(ticket);
        }
    };
    Effect::new(move |_| {
        let changed = open
            .get()
            .and_then(|id| desk.see(|client| client.ticket(id).map(|row| row.updated_at)));
        if changed.is_some() {
            look();
        }
    });
    let shown = window_event_listener(leptos::ev::visibilitychange, move |_| look());
    on_cleanup(move || shown.remove());
}

fn focus_on(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // What is in the document and has a tab index takes the focus.
        let _ = element.focus();
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! { <main class="inbox__nothing muted"><p>{use_words().say("inbox.choose")}</p></main> }
}
