//! A setting that is a number.

use causerie_workspace::parts::amount::Amount;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Got, Page, change, settled, text, value};

#[wasm_bindgen_test]
async fn an_amount_asks_for_what_is_entered_and_shows_what_is_so() {
    let (so, asked) = (RwSignal::new(10_i64), Got::nothing());
    let on_change = asked.callback();
    let page = Page::with(move || {
        view! { <Amount label="A session becomes inactive after" unit="minutes" hint="Of silence." value=so on_change /> }
    });
    settled().await;
    let amount = page.labelled("A session becomes inactive after");
    let described = amount.get_attribute("aria-describedby").unwrap();
    let described: Vec<String> = described
        .split(' ')
        .map(|id| text(&page.one(&format!("[id='{id}']"))))
        .collect();
    assert_eq!(described, ["minutes", "Of silence."]);
    change(&amount, "15");
    assert_eq!((asked.all(), value(&amount).as_str()), (vec![15], "10"));
    so.set(15);
    settled().await;
    assert_eq!(value(&amount), "15");
    for nothing in ["", "15", "1.5", "soon"] {
        change(&amount, nothing);
        assert_eq!(value(&amount), "15", "{nothing:?}");
    }
    assert_eq!(asked.all(), [15]);
}
