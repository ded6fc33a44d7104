use causerie_widget::parts::replies::Replies;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{Heard, on_stage, settled};

#[wasm_bindgen_test]
async fn a_reply_is_a_button_that_says_its_words() {
    let picked = Heard::<String>::nothing();
    let on_pick = picked.callback();
    let replies = RwSignal::new(vec!["Track my order".to_owned(), "Talk to a person".to_owned()]);
    let stage = on_stage(move || view! { <Replies replies=replies.read_only() on_pick /> });
    assert!(stage.has("[role=group][aria-label='Suggested replies']"));
    assert_eq!(stage.all("[role=group] button").len(), 2);
    stage.button("Talk to a person").click();
    assert_eq!(picked.all(), ["Talk to a person"]);
}

#[wasm_bindgen_test]
async fn without_replies_there_is_no_group() {
    let replies = RwSignal::new(vec!["Skip".to_owned()]);
    let stage = on_stage(
        move || view! { <Replies replies=replies.read_only() on_pick=Callback::new(|_: String| {}) /> },
    );
    replies.set(Vec::new());
    settled().await;
    assert!(!stage.has("[role=group]"));
}
