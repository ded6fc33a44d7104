use causerie_widget::parts::composer::Composer;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlTextAreaElement;

use crate::stage::{Heard, drawn, input, on_stage, press, settled};

/// A composer, what it was told to edit and to send, and its text field.
macro_rules! composer {
    ($draft:expr, $too_long:expr, $focus:expr) => {
        composer!($draft, $too_long, $focus, RwSignal::new(0))
    };
    ($draft:expr, $too_long:expr, $focus:expr, $emptied:expr) => {{
        let (edited, sent) = (Heard::<String>::nothing(), Heard::<String>::nothing());
        let (on_edit, on_send) = (edited.callback(), sent.callback());
        let stage = on_stage(move || {
            let (draft, too_long, focus) = ($draft.read_only(), $too_long.read_only(), $focus.read_only());
            let emptied = $emptied.read_only();
            view! { <Composer draft emptied too_long focus on_edit on_send /> }
        });
        let area: HtmlTextAreaElement = stage.find("textarea[aria-label='Message']");
        (stage, area, edited, sent)
    }};
    () => {
        composer!(
            RwSignal::new(String::new()),
            RwSignal::new(None),
            RwSignal::new(0)
        )
    };
}

fn types(area: &HtmlTextAreaElement, text: &str) {
    area.set_value(text);
    input(area);
}

#[wasm_bindgen_test]
async fn enter_sends_and_empties_the_field() {
    let (_stage, area, edited, sent) = composer!();
    types(&area, "Where is my order?");
    let goes_on = press(&area, "Enter", |_| {});
    settled().await;
    assert!(!goes_on, "Enter must not also break the line");
    assert_eq!(edited.all(), ["Where is my order?"]);
    assert_eq!(sent.all(), ["Where is my order?"]);
    assert_eq!(area.value(), "");
}

#[wasm_bindgen_test]
async fn shift_and_enter_break_the_line() {
    let (_stage, area, _, sent) = composer!();
    types(&area, "one");
    assert!(
        press(&area, "Enter", |init| init.set_shift_key(true)),
        "the browser breaks the line"
    );
    settled().await;
    assert!(sent.all().is_empty());
    assert_eq!(area.value(), "one");
}

#[wasm_bindgen_test]
async fn enter_that_chooses_a_candidate_of_an_input_method_sends_nothing() {
    let (_stage, area, _, sent) = composer!();
    types(&area, "にほん");
    assert!(press(&area, "Enter", |init| init.set_is_composing(true)));
    // Some browsers end the composition before the key, and say so by its code alone.
    assert!(press(&area, "Enter", |init| init.set_key_code(229)));
    settled().await;
    assert!(sent.all().is_empty());
    press(&area, "Enter", |_| {});
    assert_eq!(sent.all(), ["にほん"]);
}

#[wasm_bindgen_test]
async fn r47_what_is_another_persons_vanishes_from_the_field_typed_or_drawn() {
    let (draft, emptied) = (RwSignal::new("as it was kept".to_owned()), RwSignal::new(0));
    let (stage, area, _, sent) = composer!(draft, RwSignal::new(None), RwSignal::new(0), emptied);
    settled().await;
    types(&area, "as it was kept, and more");
    // Drawing it empty leaves it as it is: it may have been typed meanwhile.
    draft.set(String::new());
    settled().await;
    assert_eq!(area.value(), "as it was kept, and more");
    emptied.set(1);
    settled().await;
    assert_eq!(area.value(), "");
    assert!(stage.find::<web_sys::HtmlButtonElement>("button").disabled());
    press(&area, "Enter", |_| {});
    assert!(sent.all().is_empty());
    types(&area, "by the next one");
    settled().await;
    assert_eq!(area.value(), "by the next one");
}

#[wasm_bindgen_test]
async fn nothing_but_blanks_is_not_sent() {
    let (stage, area, _, sent) = composer!();
    types(&area, " \n ");
    press(&area, "Enter", |_| {});
    settled().await;
    assert!(sent.all().is_empty());
    assert!(stage.button("Send").has_attribute("disabled"));
    types(&area, "x");
    settled().await;
    assert!(!stage.button("Send").has_attribute("disabled"));
    stage.button("Send").click();
    assert_eq!(sent.all(), ["x"]);
}

#[wasm_bindgen_test]
async fn r40_a_kept_draft_stands_in_the_field_again() {
    let draft = RwSignal::new("half a thou".to_owned());
    let (stage, area, edited, _) = composer!(draft, RwSignal::new(None), RwSignal::new(0));
    settled().await;
    assert_eq!(area.value(), "half a thou");
    assert!(!stage.button("Send").has_attribute("disabled"));
    assert!(edited.all().is_empty(), "what was restored is no edit");
}

#[wasm_bindgen_test]
async fn it_grows_with_its_lines_up_to_five() {
    let (_stage, area, _, _) = composer!();
    let height = |text: &str| {
        types(&area, text);
        let style = web_sys::HtmlElement::style(&area);
        style
            .get_property_value("height")
            .unwrap()
            .trim_end_matches("px")
            .parse::<i32>()
            .unwrap()
    };
    let one = height("one");
    assert!(height("one\ntwo\nthree") > one);
    assert_eq!(height("one"), one);
}

#[wasm_bindgen_test]
async fn it_takes_the_focus_when_the_panel_opens() {
    let focus = RwSignal::new(0);
    let (_stage, area, _, _) = composer!(RwSignal::new(String::new()), RwSignal::new(None), focus);
    drawn().await;
    let focused = || {
        document()
            .active_element()
            .is_some_and(|active| active == *area.as_ref())
    };
    assert!(!focused(), "nothing takes the focus unasked");
    focus.set(1);
    drawn().await;
    assert!(focused());
}

#[wasm_bindgen_test]
async fn a_text_that_is_too_long_says_by_how_much() {
    let too_long = RwSignal::new(None);
    let (stage, area, _, _) = composer!(RwSignal::new(String::new()), too_long, RwSignal::new(0));
    assert_eq!(
        stage
            .find::<web_sys::Element>("[role=alert]")
            .text_content()
            .unwrap(),
        ""
    );
    too_long.set(Some(1));
    settled().await;
    assert_eq!(
        stage
            .find::<web_sys::Element>("[role=alert]")
            .text_content()
            .unwrap(),
        "1 character too many"
    );
    assert_eq!(area.get_attribute("aria-invalid").as_deref(), Some("true"));
    assert_eq!(
        area.get_attribute("aria-describedby").as_deref(),
        Some("composer-fault")
    );
}
