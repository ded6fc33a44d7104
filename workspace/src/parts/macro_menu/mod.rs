//! The menu of macros (R30).

use causerie_core::ids::MacroId;
use causerie_core::rules::agent_macro::Macro;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{close_from_outside, fresh_id};
use crate::words::use_words;

/// The button `Apply macro` and its menu.
#[component]
pub fn MacroMenu(
    /// The macros, in order.
    #[prop(into)]
    macros: Signal<Vec<Macro>>,
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
    let item = move |prepared: Macro| {
        let about = prepared
            .text
            .as_ref()
            .map(|text| text.as_str().to_owned())
            .unwrap_or_default();
        let ends = prepared
            .end_session
            .then(|| view! { <span class="badge">{ends.clone()}</span> });
        let applied = move |_| {
            close();
            on_apply.run(prepared.id);
        };
        view! {
            <button type="button" role="menuitem" tabindex="-1" class="menu__item" title=about on:click=applied>
                <span>{prepared.title}</span>
                " "
                {ends}
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
