use causerie_core::ids::ChatThreadId;
use causerie_widget::asked::Asked;
use causerie_widget::js;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

const ID: &str = "01920000-0000-7000-8000-000000000abc";

/// What comes of the arguments of a `sendMessage`, as JSON.
fn asked(arguments: &str) -> Result<Asked, &'static str> {
    Asked::read(&js::object(&[("said", arguments.into())]))
}

fn hi(thread: Option<ChatThreadId>) -> Result<Asked, &'static str> {
    let text = "Hi".to_owned();
    Ok(Asked { text, thread })
}

#[wasm_bindgen_test]
fn a_text_is_for_the_conversation_that_is_named_or_for_the_one_there_is() {
    let message = r#"{"content": {"type": "text", "text": "Hi"}}"#;
    for none in ["", ", null", ", null, null"] {
        assert_eq!(asked(&format!("[{message}{none}]")), hi(None));
    }
    let named = Some(ChatThreadId(Uuid::parse_str(ID).unwrap()));
    assert_eq!(asked(&format!("[{message}, \"{ID}\"]")), hi(named));
    for wrong in ["7", "\"nonsense\"", "\"\"", "{}", "false"] {
        let why = asked(&format!("[{message}, {wrong}]")).unwrap_err();
        assert_eq!(why, "This visitor has no such conversation.", "{wrong}");
    }
}

#[wasm_bindgen_test]
fn what_is_no_message_is_refused_with_a_sentence() {
    for wrong in [
        "[]",
        "[null]",
        "[\"Hi\"]",
        "[{}]",
        "[{\"content\": \"Hi\"}]",
        "[7]",
        "null",
        "nonsense",
    ] {
        let why = asked(wrong).unwrap_err();
        assert!(why.starts_with("A message looks like this"), "{wrong}: {why}");
    }
    let why = asked(r#"[{"content": {"type": "text", "text": 5}}]"#).unwrap_err();
    assert!(why.starts_with("A message looks like this"), "{why}");
}

#[wasm_bindgen_test]
fn content_that_is_no_text_is_refused_with_a_sentence() {
    for wrong in [
        r#"{"type": "image", "text": "Hi"}"#,
        r#"{"text": "Hi"}"#,
        r#"{"type": null}"#,
    ] {
        let why = asked(&format!("[{{\"content\": {wrong}}}]")).unwrap_err();
        assert!(why.starts_with("Only content of the type"), "{wrong}: {why}");
    }
}

#[wasm_bindgen_test]
fn a_page_from_before_an_upgrade_gives_the_text_alone() {
    assert_eq!(Asked::read(&js::object(&[("text", "Hi".into())])), hi(None));
}
