//! Tabs: one panel of several, by arrow keys too.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::fresh_id;

/// A row of tabs over one panel. The panel's content is the children, drawn by whoever knows which tab is chosen.
#[component]
pub fn Tabs(
    /// The tabs' names.
    names: Vec<String>,
    /// Which one is chosen.
    #[prop(into)]
    chosen: Signal<usize>,
    /// Another one was chosen.
    on_choose: UnsyncCallback<usize>,
    /// The panel.
    children: Children,
) -> impl IntoView {
    let (panel, of) = (fresh_id("panel"), fresh_id("tab"));
    let count = names.len().max(1);
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let now = chosen.get_untracked();
        let to = match event.key().as_str() {
            "ArrowRight" => (now + 1) % count,
            "ArrowLeft" => (now + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        on_choose.run(to);
        focus_child(&event, to);
    };
    let tab = |(at, name): (usize, String)| {
        let is_chosen = move || chosen.get() == at;
        view! {
            <button
                type="button"
                role="tab"
                class="tabs__tab"
                id=format!("{of}-{at}")
                aria-controls=panel.clone()
                aria-selected=move || is_chosen().to_string()
                tabindex=move || if is_chosen() { "0" } else { "-1" }
                on:click=move |_| on_choose.run(at)
            >
                {name}
            </button>
        }
    };
    let tabs = names.into_iter().enumerate().map(tab).collect_view();
    let labelled_by = move || format!("{of}-{}", chosen.get());
    view! {
        <div class="tabs" role="tablist" on:keydown=keys>{tabs}</div>
        <div class="tabs__panel" role="tabpanel" id=panel.clone() aria-labelledby=labelled_by>{children()}</div>
    }
}

/// Moves the focus to the tab with this number.
fn focus_child(event: &leptos::ev::KeyboardEvent, to: usize) {
    let list = event
        .current_target()
        .and_then(|list| list.dyn_into::<web_sys::Element>().ok());
    let tab = list.and_then(|list| list.children().item(u32::try_from(to).ok()?));
    if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A button in the document takes the focus.
        let _ = tab.focus();
    }
}
