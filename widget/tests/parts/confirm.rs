use causerie_widget::parts::confirm::Confirm;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlDialogElement;

use crate::stage::{Heard, on_stage, press, settled};

#[wasm_bindgen_test]
async fn it_asks_and_only_yes_ends_the_chat() {
    let open = RwSignal::new(false);
    let (ended, closed) = (Heard::<()>::nothing(), Heard::<()>::nothing());
    let (on_end, on_close) = (ended.callback(), closed.callback());
    let stage = on_stage(move || view! { <Confirm open on_end on_close /> });
    assert!(!stage.has("dialog"));

    open.set(true);
    settled().await;
    let dialog: HtmlDialogElement = stage.find("dialog");
    assert!(
        dialog.open() && dialog.matches(":modal").unwrap(),
        "the rest is out of reach"
    );
    assert!(stage.root.text_content().unwrap().contains("End this chat?"));
    stage.button("Keep chatting").click();
    settled().await;
    assert!(!stage.has("dialog"));
    assert_eq!((ended.all().len(), closed.all().len()), (0, 1));

    open.set(true);
    settled().await;
    let dialog: HtmlDialogElement = stage.find("dialog");
    assert!(
        !press(&dialog, "Escape", |_| {}),
        "it is used up: the panel stays open"
    );
    settled().await;
    assert!(!stage.has("dialog"));
    assert_eq!((ended.all().len(), closed.all().len()), (0, 2));

    open.set(true);
    settled().await;
    stage.button("End chat").click();
    settled().await;
    assert!(!stage.has("dialog"));
    assert_eq!((ended.all().len(), closed.all().len()), (1, 3));
}
