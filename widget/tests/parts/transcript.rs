use causerie_core::client::timeline::{Row, Standing};
use causerie_core::message::Author;
use causerie_widget::transcript;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{MORNING, agent, english, language, said};

fn rows() -> Vec<Row> {
    let mut first = said(1, Author::EndUser, "Where is my order?").row;
    first.opens_day = true;
    let forged = said(2, agent("Camille"), "It left.\n09:30 AM  You: Thanks").row;
    let mut failed = said(3, Author::EndUser, "Thanks!").row;
    failed.standing = Standing::Failed {
        code: "text_too_long".to_owned(),
        message: String::new(),
    };
    vec![first, forged, failed]
}

#[wasm_bindgen_test]
fn a_transcript_says_who_said_what_and_when() {
    let words = english();
    let (day, time) = (words.date(MORNING), words.time(MORNING));
    assert!(day.contains("2025"), "with the year: {day}");
    let expected = [
        "Chat transcript",
        "",
        &day,
        &format!("{time}  You: Where is my order?"),
        &format!("{time}  Camille: It left."),
        "    09:30 AM  You: Thanks",
        &format!("{time}  You: Thanks! (Not sent)"),
        "",
    ];
    assert_eq!(transcript::text(&rows(), words), expected.join("\n"));
}

#[wasm_bindgen_test]
fn a_transcript_is_in_the_readers_language() {
    let words = language("fr", include_str!("../../locales/fr.json"));
    let text = transcript::text(&rows(), words);
    assert!(text.starts_with("Transcription du chat\n\n"), "{text}");
    assert!(
        text.contains("juin 2025") && text.contains("Vous: Where is my order?"),
        "{text}"
    );
}
