//! Where in the workspace somebody is: the part of the address behind `#`, which no server sees.

use causerie_core::TicketId;
use causerie_core::client::agent::View;
use leptos::prelude::*;

use crate::view::list::slug;

/// A place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// A view of the tickets.
    View(View),
    /// A ticket.
    Ticket(TicketId),
    /// The macros.
    Macros,
    /// The settings.
    Settings,
    /// A one-time sign-in link, with its token.
    Welcome(String),
}

impl Route {
    /// The place that a fragment names; *Your tickets* where it names none.
    #[must_use]
    pub fn parse(fragment: &str) -> Self {
        let fragment = fragment.trim_start_matches('#').trim_matches('/');
        let (first, rest) = fragment.split_once('/').unwrap_or((fragment, ""));
        let ticket = || rest.parse().ok().map(|id| Self::Ticket(TicketId(id)));
        let view = || {
            View::ALL
                .into_iter()
                .find(|view| slug(*view) == rest)
                .map(Self::View)
        };
        let found = match first {
            "tickets" => ticket(),
            "views" => view(),
            "macros" => Some(Self::Macros),
            "settings" => Some(Self::Settings),
            "welcome" if !rest.is_empty() => Some(Self::Welcome(rest.to_owned())),
            _ => None,
        };
        found.unwrap_or(Self::View(View::YourTickets))
    }

    /// The ticket, where one is open.
    #[must_use]
    pub const fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Ticket(id) => Some(*id),
            Self::View(_) | Self::Macros | Self::Settings | Self::Welcome(_) => None,
        }
    }
}

/// The place, as it changes.
#[must_use]
pub fn use_route() -> RwSignal<Route> {
    let now = || Route::parse(&window().location().hash().unwrap_or_default());
    let route = RwSignal::new(now());
    let listener = window_event_listener(leptos::ev::hashchange, move |_| route.set(now()));
    on_cleanup(move || listener.remove());
    route
}

/// Takes the fragment out of the address, and out of the browser's history: a token stands in neither.
pub fn forget_fragment() {
    if let Ok(history) = window().history() {
        // It changes nothing but what the address bar says.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("./"));
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn an_address_names_a_place() {
        assert_eq!(Route::parse("#/tickets/17"), Route::Ticket(TicketId(17)));
        assert_eq!(Route::parse("#/views/ended"), Route::View(View::EndedSessions));
        assert_eq!(Route::parse("#/welcome/abc_-9"), Route::Welcome("abc_-9".into()));
        assert_eq!(Route::parse("#/settings"), Route::Settings);
    }

    #[wasm_bindgen_test]
    fn an_address_that_names_none_leads_to_your_tickets() {
        for fragment in [
            "",
            "#",
            "#/",
            "#/tickets/x",
            "#/views/all",
            "#/welcome/",
            "#/nowhere",
        ] {
            assert_eq!(
                Route::parse(fragment),
                Route::View(View::YourTickets),
                "{fragment}"
            );
        }
    }
}
