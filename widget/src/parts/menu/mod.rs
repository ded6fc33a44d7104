//! `More options`: a button in the header and the menu under it.
//!
//! Arrows, Home and End go through it; Escape, Tab, a press elsewhere and a choice close it. The focus goes back to
//! the button unless it went somewhere else by itself.

use leptos::ev::KeyboardEvent;
use leptos::html::{Button, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

use crate::parts::icon::{CHECK, DOWNLOAD, END, Icon, MORE, SOUND};
use crate::words::words;

/// The button and its menu.
#[component]
pub fn Menu(
    /// Whether `End chat` is on offer.
    offers_end: ReadSignal<bool>,
    /// Whether there is anything to write down.
    has_log: Signal<bool>,
    /// Whether `Sounds` is on.
    sounds: ReadSignal<bool>,
    /// Changes when the button is to take the focus.
    focus: ReadSignal<u32>,
    /// `End chat` was chosen.
    on_end: Callback<()>,
    /// `Download transcript` was chosen.
    on_download: Callback<()>,
    /// `Sounds` was switched on or off.
    on_sounds: Callback<bool>,
) -> impl IntoView {
    let words = words();
    let open = RwSignal::new(false);
    let (root, button, menu) = (
        NodeRef::<Div>::new(),
        NodeRef::<Button>::new(),
        NodeRef::<Div>::new(),
    );
    let back = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let items = items(menu);
        let at = items.iter().position(has_focus);
        let last = items.len().saturating_sub(1);
        let next = match (&*event.key(), at) {
            ("ArrowDown", Some(at)) if at < last => at + 1,
            ("ArrowDown" | "Home", _) => 0,
            ("ArrowUp", Some(at)) if at > 0 => at - 1,
            ("ArrowUp" | "End", _) => last,
            ("Escape", _) => {
                // Not the panel's as well.
                event.prevent_default();
                return back();
            }
            ("Tab", _) => return open.set(false),
            _ => return,
        };
        event.prevent_default();
        if let Some(item) = items.get(next) {
            let _ = item.focus();
        }
    };
    let on_button_key = move |event: KeyboardEvent| {
        if ["ArrowDown", "ArrowUp"].contains(&&*event.key()) {
            event.prevent_default();
            open.set(true);
        }
    };
    // A press outside, in the chat or on the page around it.
    let pressed = window_event_listener(leptos::ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        let inside = root
            .get_untracked()
            .is_some_and(|root| root.contains(target.as_ref()));
        if !inside {
            open.set(false);
        }
    });
    let left = window_event_listener(leptos::ev::blur, move |_| open.set(false));
    on_cleanup(move || {
        pressed.remove();
        left.remove();
    });
    Effect::new(move || {
        if menu.get().is_some()
            && let Some(first) = items(menu).first()
        {
            let _ = first.focus();
        }
    });
    Effect::new(move || {
        if focus.get() > 0
            && let Some(button) = button.get_untracked()
        {
            let _ = button.focus();
        }
    });

    let chosen = move |then: Callback<()>| {
        move |_| {
            back();
            then.run(());
        }
    };
    let end = move || {
        offers_end.get().then(|| {
            view! {
                <button type="button" role="menuitem" tabindex="-1" on:click=chosen(on_end)>
                    <Icon lines=END />
                    {words.t("end")}
                </button>
            }
        })
    };
    let download = move || {
        has_log.get().then(|| {
            view! {
                <button type="button" role="menuitem" tabindex="-1" on:click=chosen(on_download)>
                    <Icon lines=DOWNLOAD />
                    {words.t("transcript")}
                </button>
            }
        })
    };
    let list = move || {
        open.get().then(|| {
            view! {
                <div class="items" node_ref=menu role="menu" aria-label=words.t("options") on:keydown=on_key>
                    {download}
                    <button
                        type="button"
                        role="menuitemcheckbox"
                        tabindex="-1"
                        aria-checked=move || sounds.get().to_string()
                        on:click=move |_| on_sounds.run(!sounds.get_untracked())
                    >
                        <Icon lines=SOUND />
                        {words.t("sounds")}
                        <span class="mark">
                            <Icon lines=CHECK />
                        </span>
                    </button>
                    {end}
                </div>
            }
        })
    };
    view! {
        <div class="menu" node_ref=root>
            <button
                type="button"
                node_ref=button
                aria-label=words.t("options")
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
                on:keydown=on_button_key
            >
                <Icon lines=MORE />
            </button>
            {list}
        </div>
    }
}

fn items(menu: NodeRef<Div>) -> Vec<HtmlElement> {
    let Some(menu) = menu.get_untracked() else {
        return Vec::new();
    };
    let children = menu.children();
    (0..children.length())
        .filter_map(|at| children.item(at)?.dyn_into().ok())
        .collect()
}

fn has_focus(item: &HtmlElement) -> bool {
    document().active_element().as_ref() == Some(item)
}
