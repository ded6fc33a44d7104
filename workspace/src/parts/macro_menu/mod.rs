//! The menu of macros (R30).

use causerie_core::ids::MacroId;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{close_from_outside, fresh_id};
use crate::words::use_words;

/// A macro as the menu offers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prepared {
    /// Which one.
    pub id: MacroId,
    /// What it is called.
    pub title: String,
    /// What it says to the customer.
    pub text: Option<String>,
    /// Whether it ends the session.
    pub ends: bool,
    /// Why it cannot be applied now, in words.
    pub closed: Option<String>,
}

/// The button `Apply macro` and its menu. What cannot be applied is shown with its reason.
#[component]
pub fn MacroMenu(
    /// The macros, in order.
    #[prop(into)]
    macros: Signal<Vec<Prepared>>,
    /// Whether none can be applied.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// One was picked.
    on_apply: UnsyncCallback<MacroId>,
) -> impl IntoView {
    let words = use_words();
    let (title, id) = (words.say("apply_macro"), fresh_id("macros"));
    let (nothing, ends) = (words.say("macros.none"), words.say("macros.ends"));
    let open = RwSignal::new(false);
    let (button, menu) = (NodeRef::<html::Button>::new(), NodeRef::<html::Div>::new());
    let part = NodeRef::<html::Div>::new();
    close_from_outside(part, open);
    // An open menu has the focus.
    Effect::new(move |_| {
        if let Some(menu) = menu.get() {
            step(&menu, None, true);
        }
    });
    let close = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            // A button in the document takes the focus.
            let _ = button.focus();
        }
    };
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let Some(menu) = menu.get_untracked() else { return };
        let here = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        match event.key().as_str() {
            "Escape" => close(),
            "Tab" => return open.set(false),
            "ArrowDown" => step(&menu, here.as_ref(), true),
            "ArrowUp" => step(&menu, here.as_ref(), false),
            _ => return,
        }
        event.prevent_default();
    };
    let item = move |prepared: Prepared| {
        let ends = prepared
            .ends
            .then(|| view! { <span class="badge">{ends.clone()}</span> });
        let is_closed = prepared.closed.is_some();
        let reason_id = is_closed.then(|| fresh_id("reason"));
        let reason = prepared.closed.map(|reason| {
            view! { <span class="menu__reason muted" id=reason_id.clone()>{reason}</span> }
        });
        let applied = move |_| {
            if !is_closed {
                close();
                on_apply.run(prepared.id);
            }
        };
        view! {
            <button
                type="button"
                role="menuitem"
                tabindex="-1"
                class="menu__item"
                title=prepared.text
                aria-disabled=is_closed.then_some("true")
                aria-describedby=reason_id.clone()
                on:click=applied
            >
                <span dir="auto">{prepared.title}</span>
                " "
                {ends}
                {reason}
            </button>
        }
    };
    let controls = id.clone();
    let name = title.clone();
    let list = move || {
        let items: Vec<_> = macros.get().into_iter().map(&item).collect();
        let nothing = items
            .is_empty()
            .then(|| view! { <p class="muted">{nothing.clone()}</p> });
        open.get().then(|| {
            view! {
                <div
                    class="menu card"
                    role="menu"
                    id=id.clone()
                    aria-label=name.clone()
                    node_ref=menu
                    on:keydown=keys
                >
                    {items}
                    {nothing}
                </div>
            }
        })
    };
    view! {
        <div class="macro-menu" node_ref=part>
            {list}
            <button
                type="button"
                class="button"
                node_ref=button
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                aria-controls=controls
                disabled=move || disabled.get()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {title}
            </button>
        </div>
    }
}

/// Moves the focus to the next item, or the one before, around the ends.
fn step(menu: &web_sys::Element, here: Option<&web_sys::Element>, down: bool) {
    let beside = here.filter(|here| *here != menu).and_then(|here| {
        let item = here.closest("[role=menuitem]").ok().flatten()?;
        if down {
            item.next_element_sibling()
        } else {
            item.previous_element_sibling()
        }
    });
    let next = beside.or_else(|| {
        if down {
            menu.first_element_child()
        } else {
            menu.last_element_child()
        }
    });
    if let Some(item) = next.and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A button in the document takes the focus.
        let _ = item.focus();
    }
}
