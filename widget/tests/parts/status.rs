use causerie_widget::parts::status::{StatusLine, Typing};
use causerie_widget::view::Notice;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

use crate::stage::{agent, on_stage, settled};

#[wasm_bindgen_test]
async fn the_status_region_says_sending_offline_and_failed() {
    let notice = RwSignal::new(Notice::Quiet);
    let stage = on_stage(move || view! { <StatusLine notice=notice.read_only() /> });
    let region = stage.find::<Element>("[role=status]");
    for (state, starts) in [
        (Notice::Sending, "Sending"),
        (Notice::Failed, "Not sent"),
        (Notice::Offline, "No connection"),
        (Notice::LoginOver, "Your sign-in on this site has run out"),
        (Notice::Ended, "You have ended the chat"),
    ] {
        notice.set(state);
        settled().await;
        let text = region.text_content().unwrap();
        assert!(text.starts_with(starts), "{text}");
    }
    assert!(
        !region.class_list().contains("quiet"),
        "offline is for all to see"
    );
    notice.set(Notice::Quiet);
    settled().await;
    assert_eq!(region.text_content().unwrap(), "");
}

#[wasm_bindgen_test]
async fn r17_an_end_that_was_refused_says_why_for_all_to_see() {
    let notice = RwSignal::new(Notice::Quiet);
    let stage = on_stage(move || view! { <StatusLine notice=notice.read_only() /> });
    let region = stage.find::<Element>("[role=status]");
    for (code, why) in [
        ("unreachable", "There is no connection."),
        ("ending_switched_off", "That is not allowed here."),
        ("unheard_of", "The server's own sentence."),
    ] {
        notice.set(Notice::NotEnded {
            code: code.to_owned(),
            message: "The server's own sentence.".to_owned(),
        });
        settled().await;
        let text = region.text_content().unwrap();
        assert!(
            text.starts_with("The chat could not be ended.") && text.contains(why),
            "{text}"
        );
        assert!(!region.class_list().contains("quiet"));
    }
}

#[wasm_bindgen_test]
async fn who_types_is_named() {
    let (typing, responder) = (RwSignal::new(true), RwSignal::new(Some(agent("Camille"))));
    let stage =
        on_stage(move || view! { <Typing typing=typing.read_only() responder=responder.read_only() /> });
    assert_eq!(stage.root.text_content().unwrap(), "Camille is typing…");
    typing.set(false);
    settled().await;
    assert_eq!(stage.root.text_content().unwrap(), "");
}
