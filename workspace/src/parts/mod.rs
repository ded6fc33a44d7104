//! The parts a screen is put together from. A part takes values and callbacks; it does not know why.

pub mod amount;
pub mod availability;
pub mod capacity;
pub mod choice;
pub mod colleagues;
pub mod composer;
pub mod copyable;
pub mod details;
pub mod end_session;
pub mod events;
pub mod linked_text;
pub mod log;
pub mod macro_form;
pub mod macro_menu;
pub mod moment;
pub mod question;
pub mod switch;
pub mod tabs;
pub mod ticket_list;
pub mod views;

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// An element id that no other part has, for a label or a description to refer to.
#[must_use]
pub fn fresh_id(of: &str) -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    format!("{of}-{}", LAST.fetch_add(1, Ordering::Relaxed))
}

/// Closes what a part has opened when the page is pressed anywhere else.
fn close_from_outside(part: NodeRef<html::Div>, open: RwSignal<bool>) {
    let listener = window_event_listener(leptos::ev::pointerdown, move |event| {
        let pressed = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let inside = part
            .get_untracked()
            .is_some_and(|part| part.contains(pressed.as_ref()));
        if open.get_untracked() && !inside {
            open.set(false);
        }
    });
    on_cleanup(move || listener.remove());
}

/// Says whenever an element gets another size.
fn on_resize(of: NodeRef<html::Div>, resized: impl Fn() + 'static) {
    let resized = Closure::<dyn FnMut()>::new(resized);
    let Ok(observer) = web_sys::ResizeObserver::new(resized.as_ref().unchecked_ref()) else {
        return;
    };
    // Both live as long as the part.
    let observing = StoredValue::new_local((observer, resized));
    Effect::new(move |_| {
        if let Some(element) = of.get() {
            observing.with_value(|(observer, _)| observer.observe(&element));
        }
    });
    on_cleanup(move || {
        observing.try_with_value(|(observer, _)| observer.disconnect());
    });
}
