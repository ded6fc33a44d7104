//! Where in the workspace somebody is: the part of the address behind `#`, which no server sees.

use causerie_core::TicketId;
use causerie_core::client::agent::View;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

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
    let now = || {
        let shown = window().location().hash().unwrap_or_default();
        Route::parse(&hidden_fragment().filter(|_| shown.is_empty()).unwrap_or(shown))
    };
    let route = RwSignal::new(now());
    let listener = window_event_listener(leptos::ev::hashchange, move |_| route.set(now()));
    on_cleanup(move || listener.remove());
    route
}

/// Takes the fragment out of the address, and out of the history that can be read: a token stands in neither. This
/// page alone still has it when it is loaded again, until [`forget_fragment`].
pub fn hide_fragment() {
    if let Ok(fragment) = window().location().hash()
        && !fragment.is_empty()
    {
        leave(&JsValue::from_str(&fragment));
    }
}

/// Lets go of what [`hide_fragment`] has kept.
pub fn forget_fragment() {
    if hidden_fragment().is_some() {
        leave(&JsValue::NULL);
    }
}

fn hidden_fragment() -> Option<String> {
    window().history().ok()?.state().ok()?.as_string()
}

fn leave(state: &JsValue) {
    if let Ok(history) = window().history() {
        // It changes nothing but what the address bar says.
        let _ = history.replace_state_with_url(state, "", Some("./"));
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_link_whose_token_is_hidden_is_still_there_after_a_reload_until_it_is_forgotten() {
        let history = window().history().unwrap();
        let (link, here) = ("#/welcome/t0k3n", window().location().href().unwrap());
        history
            .replace_state_with_url(&JsValue::NULL, "", Some(link))
            .unwrap();
        hide_fragment();
        assert!(!window().location().href().unwrap().contains("t0k3n"));
        let loaded = || Owner::new().with(|| use_route().get_untracked());
        assert_eq!(loaded(), Route::Welcome("t0k3n".into()));
        hide_fragment();
        assert_eq!(loaded(), Route::Welcome("t0k3n".into()), "and after another");
        forget_fragment();
        assert_eq!(loaded(), Route::View(View::YourTickets));
        history
            .replace_state_with_url(&JsValue::NULL, "", Some(&here))
            .unwrap();
    }

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
