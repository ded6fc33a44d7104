use causerie_core::message::Author;
use causerie_widget::parts::avatar::Avatar;
use causerie_widget::parts::welcome::{Loading, Welcome};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

use crate::stage::{agent, on_stage};

#[wasm_bindgen_test]
async fn an_empty_log_welcomes_in_the_sites_words_or_in_our_own() {
    let ours = on_stage(|| view! { <Welcome text=None /> });
    assert_eq!(
        ours.find::<Element>("h2").text_content().unwrap(),
        "Hello! How can we help you?"
    );
    let theirs = on_stage(|| view! { <Welcome text=Some("Ask <b>us</b>".to_owned()) /> });
    assert_eq!(
        theirs.find::<Element>("h2").text_content().unwrap(),
        "Ask <b>us</b>",
        "R42: never markup"
    );
}

#[wasm_bindgen_test]
async fn a_wait_says_nothing_to_a_screen_reader() {
    let stage = on_stage(|| view! { <Loading /> });
    assert!(stage.has(".loading[aria-hidden=true]"));
}

#[wasm_bindgen_test]
async fn a_person_is_pictured_by_initials_and_the_bot_by_its_icon() {
    for (name, letters) in [
        ("Camille Renaud", "CR"),
        ("ada", "A"),
        ("Jean de la Fontaine", "JF"),
        ("", ""),
        ("🫖 Tea House", "🫖H"),
    ] {
        let author = Some(agent(name));
        let stage = on_stage(move || view! { <Avatar author /> });
        assert_eq!(stage.root.text_content().unwrap(), letters);
        assert!(stage.has(".avatar.person[aria-hidden=true]") && !stage.has("svg"));
    }
    let bot = on_stage(|| view! { <Avatar author=Some(Author::Bot) small=true /> });
    assert!(bot.has(".avatar.small:not(.person) svg"));
}
