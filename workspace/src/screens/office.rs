//! The frame around every screen of somebody who is signed in: the bar at the top, and the place below it.

use causerie_core::client::agent::Input;
use causerie_core::client::connection::Status;
use causerie_core::ids::TicketId;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::inbox::Inbox;
use super::macros::Macros;
use super::settings::Settings;
use crate::parts::availability::Availability;
use crate::parts::capacity::Capacity;
use crate::parts::colleagues::Colleagues;
use crate::route::Route;
use crate::shell::Desk;
use crate::words::use_words;

/// The frame.
#[component]
pub fn Office(
    /// Nobody is signed in any more; whether by hand.
    on_leave: UnsyncCallback<()>,
) -> impl IntoView {
    let (desk, route): (Desk, RwSignal<Route>) = (expect_context(), expect_context());
    let words = use_words();
    let name = words.say("app");
    Effect::new(move |_| {
        let calls = |id: &&TicketId| desk.see(|client| client.calls(**id));
        let count = desk.calling.with(|calling| calling.iter().filter(calls).count());
        document().set_title(&if count == 0 {
            name.clone()
        } else {
            format!("({count}) {name}")
        });
    });
    let section = Memo::new(move |_| match route.get() {
        Route::View(_) | Route::Ticket(_) | Route::Welcome(_) => Section::Tickets,
        Route::Macros => Section::Macros,
        Route::Settings => Section::Settings,
    });
    let arrived = Memo::new(move |_| desk.see(|client| client.desk().is_some()));
    let loading = words.say("loading");
    let screen = move || {
        if !arrived.get() {
            return view! { <p class="waiting">{loading.clone()}</p> }.into_any();
        }
        match section.get() {
            Section::Tickets => view! { <Inbox /> }.into_any(),
            Section::Macros => view! { <Macros /> }.into_any(),
            Section::Settings => view! { <Settings /> }.into_any(),
        }
    };
    view! {
        <div class="office">
            <Bar section on_leave />
            <ConnectionNote />
            {screen}
        </div>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Tickets,
    Macros,
    Settings,
}

#[component]
fn Bar(section: Memo<Section>, on_leave: UnsyncCallback<()>) -> impl IntoView {
    let desk: Desk = expect_context();
    let words = use_words();
    let me = Memo::new(move |_| desk.see(|client| client.me().cloned()));
    let availability = Memo::new(move |_| desk.see(|client| client.availability().unwrap_or_default()));
    let agents = Memo::new(move |_| {
        desk.see(|client| client.desk().map(|desk| desk.agents.clone()).unwrap_or_default())
    });
    let link = |to: Section, href: &'static str, key: &str| {
        let is_current = move || (section.get() == to).then_some("page");
        view! { <a class="bar__link" href=href aria-current=is_current>{words.say(key)}</a> }
    };
    let sign_out = move |_| {
        spawn_local(async move {
            desk.sign_out().await;
            on_leave.run(());
        });
    };
    view! {
        <header class="bar">
            <a class="bar__brand" href="#/views/yours">{words.say("app")}</a>
            <nav class="bar__links" aria-label=words.say("sections")>
                {link(Section::Tickets, "#/views/yours", "section.tickets")}
                {link(Section::Macros, "#/macros", "section.macros")}
                {link(Section::Settings, "#/settings", "section.settings")}
            </nav>
            <span class="bar__space"></span>
            <Capacity agent=me />
            <Colleagues agents />
            <Availability
                value=availability
                on_pick=UnsyncCallback::new(move |to| desk.feed(Input::AvailabilityChosen(to)))
            />
            <span class="bar__me" dir="auto">{desk.me().name}</span>
            <button type="button" class="button button--quiet bar__leave" on:click=sign_out>{words.say("sign_out")}</button>
        </header>
    }
}

/// What is said while the server cannot be reached.
#[component]
fn ConnectionNote() -> impl IntoView {
    let desk: Desk = expect_context();
    let words = use_words();
    let offline = Memo::new(move |_| match desk.see(|client| client.status()) {
        Status::Offline { .. } => true,
        Status::Idle | Status::Connecting | Status::Live => false,
    });
    let said = move || offline.get().then(|| words.say("offline"));
    view! { <p class="office__note" role="status">{said}</p> }
}
