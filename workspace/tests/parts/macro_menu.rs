//! The menu of macros.

use causerie_core::ids::MacroId;
use causerie_core::rules::agent_macro::Macro;
use causerie_workspace::parts::macro_menu::MacroMenu;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Got, Page, press, settled, text};

fn prepared(id: u64, title: &str, end_session: bool) -> Macro {
    Macro {
        id: MacroId(id),
        title: title.into(),
        text: None,
        status: None,
        priority: None,
        add_tags: Vec::new(),
        end_session,
    }
}

fn shown(applied: &Got<MacroId>) -> Page {
    let on_apply = applied.callback();
    let macros = vec![
        prepared(1, "Ending this session", false),
        prepared(2, "Ending this session and end it", true),
    ];
    Page::with(move || view! { <MacroMenu macros=Signal::stored(macros) on_apply /> })
}

fn focused() -> String {
    document()
        .active_element()
        .map(|element| text(&element))
        .unwrap_or_default()
}

#[wasm_bindgen_test]
async fn a_macro_is_picked_by_keys_and_the_focus_comes_back() {
    let applied = Got::nothing();
    let page = shown(&applied);
    let button = page.button("Apply macro");
    assert_eq!(button.get_attribute("aria-expanded").unwrap(), "false");
    button.click();
    settled().await;
    assert_eq!(button.get_attribute("aria-expanded").unwrap(), "true");
    assert_eq!(focused(), "Ending this session");
    press(&document().active_element().unwrap(), "ArrowDown");
    assert_eq!(focused(), "Ending this session and end it Ends the session");
    press(&document().active_element().unwrap(), "ArrowDown");
    assert_eq!(focused(), "Ending this session", "around the end");
    page.all("[role=menuitem]")[1].click();
    settled().await;
    assert_eq!(applied.all(), [MacroId(2)]);
    assert!(page.all("[role=menu]").is_empty());
    assert_eq!(focused(), "Apply macro");
}

#[wasm_bindgen_test]
async fn escape_applies_nothing() {
    let applied = Got::nothing();
    let page = shown(&applied);
    page.button("Apply macro").click();
    settled().await;
    press(&document().active_element().unwrap(), "Escape");
    settled().await;
    assert!(page.all("[role=menu]").is_empty());
    assert_eq!(applied.all(), []);
    assert_eq!(focused(), "Apply macro");
}
