use causerie_core::message::Author;
use causerie_widget::parts::header::Header;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

use crate::stage::{Heard, agent, on_stage, settled};

#[wasm_bindgen_test]
async fn it_says_who_answers_now() {
    let responder = RwSignal::new(None);
    let stage = on_stage(
        move || view! { <Header responder=responder.read_only() on_close=Callback::new(|()| {}) /> },
    );
    let title = || stage.find::<Element>("h1").text_content().unwrap();
    assert_eq!(title(), "Chat");
    responder.set(Some(Author::Bot));
    settled().await;
    assert_eq!(title(), "Bot");
    let line = stage.find::<Element>(".header p").text_content().unwrap();
    assert_eq!(line, "Answers first", "right also while somebody is waited for");
    responder.set(Some(agent("Camille Renaud")));
    settled().await;
    assert_eq!(title(), "Camille Renaud");
    assert_eq!(stage.find::<Element>(".avatar").text_content().unwrap(), "CR");
}

#[wasm_bindgen_test]
async fn what_it_is_given_stands_before_the_way_out() {
    let stage = on_stage(|| {
        view! {
            <Header responder=RwSignal::new(None).read_only() on_close=Callback::new(|()| {})>
                <button>"More options"</button>
            </Header>
        }
    });
    let order: Vec<_> = stage.all("button").iter().map(Element::outer_html).collect();
    assert!(
        order[0].contains("More options") && order[1].contains("Close chat"),
        "{order:?}"
    );
}

#[wasm_bindgen_test]
async fn its_button_closes_the_chat() {
    let closed = Heard::<()>::nothing();
    let on_close = closed.callback();
    let stage = on_stage(move || view! { <Header responder=RwSignal::new(None).read_only() on_close /> });
    stage.button("Close chat").click();
    assert_eq!(closed.all().len(), 1);
}
