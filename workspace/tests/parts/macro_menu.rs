//! The menu of macros.

use causerie_core::ids::MacroId;
use causerie_workspace::parts::macro_menu::{MacroMenu, Prepared};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Got, Page, is_disabled, press, settled, text};

fn prepared(id: u64, title: &str, ends: bool) -> Prepared {
    Prepared {
        id: MacroId(id),
        title: title.into(),
        text: None,
        ends,
        closed: None,
    }
}

fn shown(applied: &Got<MacroId>) -> Page {
    let macros = vec![
        prepared(1, "Ending this session", false),
        prepared(2, "Ending this session and end it", true),
    ];
    with(macros, applied)
}

fn with(macros: Vec<Prepared>, applied: &Got<MacroId>) -> Page {
    let on_apply = applied.callback();
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

#[wasm_bindgen_test]
async fn r15_a_macro_that_cannot_be_applied_is_shown_with_the_reason_and_does_nothing() {
    let applied = Got::nothing();
    let ends = Prepared {
        closed: Some("Ending sessions is switched off in the settings.".into()),
        ..prepared(2, "Ending this session and end it", true)
    };
    let page = with(vec![prepared(1, "Ending this session", false), ends], &applied);
    page.button("Apply macro").click();
    settled().await;
    let items = page.all("[role=menuitem]");
    assert!(!is_disabled(&items[0]) && is_disabled(&items[1]));
    assert_eq!(
        page.description(&items[1]),
        "Ending sessions is switched off in the settings."
    );
    press(&items[0], "ArrowDown");
    assert_eq!(
        document().active_element().as_ref(),
        Some(items[1].as_ref()),
        "it can be read"
    );
    items[1].click();
    settled().await;
    assert_eq!(applied.all(), []);
    items[0].click();
    settled().await;
    assert_eq!(applied.all(), [MacroId(1)]);
}
