//! Flow files that are refused, with the step, the line and what to do.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use causerie_core::bot::{Flow, FlowFault};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const DEMO: &str = include_str!("../../../flows/demo.toml");

/// The head of a file with nothing wrong in it: 6 lines.
const HEAD: &str = r#"default_locale = "en"
start = "hello"
welcome = "Hello"
unclear = "Sorry?"
not_an_email = "An email, please."
nobody_available = "Nobody is here."
"#;

/// A handoff with nothing wrong in it, on line 7.
const PEOPLE: &str = "[[step]]\nid = \"people\"\nhand_off = true\n";

fn faults(file: &str) -> Vec<FlowFault> {
    Flow::parse(file).unwrap_err()
}

/// The only fault of a file: step, line and sentence.
#[track_caller]
fn the_fault(file: &str, step: Option<&str>, line: usize, words: &str) {
    let faults = faults(file);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    let fault = &faults[0];
    assert_eq!((fault.step.as_deref(), fault.line), (step, line), "{fault}");
    assert!(fault.problem.contains(words), "{fault}");
}

/// A file whose first step is `hello`.
pub(crate) fn file(lines: &str) -> String {
    format!("{HEAD}[[step]]\nid = \"hello\"\n{lines}\n")
}

/// A file whose first step, on line 10 after [`PEOPLE`], is `hello`.
pub(crate) fn with_hello(lines: &str) -> String {
    format!("{HEAD}{PEOPLE}[[step]]\nid = \"hello\"\n{lines}\n")
}

#[test]
fn file_that_is_whole_is_read() {
    let file = with_hello("say = \"Hi\"\ngoto = \"people\"");
    let flow = Flow::parse(&file).unwrap();
    assert_eq!(flow.welcome("fr"), "Hello");
    assert_eq!(flow.steps.len(), 2);
}

#[test]
fn file_that_asks_for_a_group_where_no_people_are_asked_for_is_refused() {
    let file =
        with_hello("when = \"previous\"\ngroup = \"Sales\"\ngoto = \"people\"\notherwise = \"people\"");
    the_fault(&file, Some("hello"), 13, "group");
}

#[test]
fn file_with_a_goto_to_nowhere_is_refused() {
    let file = with_hello("say = \"Hi\"\ngoto = \"poeple\"");
    the_fault(
        &file,
        Some("hello"),
        13,
        "It goes on to \"poeple\", but there is no step of that id.",
    );
    assert_eq!(
        faults(&file)[0].to_string(),
        "line 13, step \"hello\": It goes on to \"poeple\", but there is no step of that id."
    );
}

#[test]
fn file_whose_reply_leads_nowhere_is_refused_at_the_replys_line() {
    let file = with_hello(
        "say = \"Hi\"\nreplies = [\n  { label = \"A\", goto = \"people\" },\n  { label = \"B\", goto = \"b\" },\n]",
    );
    the_fault(&file, Some("hello"), 15, "\"b\"");
}

#[test]
fn file_of_the_demo_without_one_of_its_steps_is_refused() {
    let steps: Vec<&str> = DEMO.split("[[step]]").collect();
    for gone in 1..steps.len() {
        let mut left = steps.clone();
        let name = left.remove(gone).split('"').nth(1).unwrap();
        let faults = faults(&left.join("[[step]]"));
        let named = format!("\"{name}\"");
        assert!(
            faults
                .iter()
                .any(|fault| fault.problem.contains(&named) && fault.line > 1),
            "{name}: {faults:?}"
        );
    }
}

#[test]
fn file_without_a_start_is_refused() {
    let file = with_hello("say = \"Hi\"\ngoto = \"people\"");
    the_fault(
        &file.replace("start = \"hello\"\n", ""),
        None,
        1,
        "There is no \"start\" here",
    );
    the_fault(
        &file.replace("start = \"hello\"", "start = \"hullo\""),
        None,
        2,
        "starts at \"hullo\"",
    );
}

#[test]
fn file_without_steps_is_refused() {
    the_fault(HEAD, None, 1, "There are no steps");
}

#[test]
fn file_with_a_step_that_nothing_leads_to_is_refused() {
    let file = with_hello("say = \"Hi\"\nhand_off = true");
    the_fault(&file, Some("people"), 7, "No other step leads here");
}

#[test]
fn file_with_an_id_twice_is_refused() {
    let file = format!("{}{PEOPLE}", with_hello("say = \"Hi\"\ngoto = \"people\""));
    the_fault(&file, Some("people"), 15, "There is a step of this id already.");
}

#[test]
fn file_with_words_missing_in_the_default_locale_is_refused() {
    let file = with_hello("say = { fr = \"Salut\" }\ngoto = \"people\"");
    the_fault(
        &file,
        Some("hello"),
        12,
        "\"say\" has no words in \"en\", the default locale.",
    );
    let file = with_hello("say = \"Hi\"\ngoto = \"people\"").replace("unclear = \"Sorry?\"\n", "");
    the_fault(&file, None, 1, "There is no \"unclear\" here");
}

#[test]
fn file_with_a_choice_of_nothing_is_refused() {
    let file = with_hello("say = \"Hi\"\nreplies = []");
    the_fault(&file, Some("hello"), 13, "There is no reply to choose");
}

#[test]
fn file_with_two_replies_that_read_the_same_is_refused() {
    let reply = |label: &str| format!("{{ label = {label}, goto = \"people\" }}");
    let file = with_hello(&format!(
        "say = \"Hi\"\nreplies = [ {}, {} ]",
        reply("\"Menu\""),
        reply("{ en = \"Map\", fr = \"menu\" }")
    ));
    the_fault(&file, Some("hello"), 13, "Two of its replies read \"menu\".");
}

#[test]
fn file_whose_steps_run_in_a_circle_is_refused() {
    let file = with_hello(
        "when = \"previous\"\ngoto = \"people\"\notherwise = \"back\"\n[[step]]\nid = \"back\"\nsay = \"Hm\"\ngoto = \"hello\"",
    );
    let faults = faults(&file);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].problem.contains("round for ever"), "{faults:?}");
}

#[test]
fn file_with_a_step_that_ends_in_silence_is_refused() {
    the_fault(
        &with_hello("say = \"Hi\"").replace(PEOPLE, ""),
        Some("hello"),
        7,
        "There is no \"goto\" here",
    );
}

#[test]
fn file_with_a_slip_of_the_pen_is_refused_by_its_name() {
    let file = with_hello("say = \"Hi\"\ngoto = \"people\"\ntag = [\"a\"]");
    the_fault(&file, Some("hello"), 14, "\"tag\" means nothing here.");
    let file = with_hello("say = \"Hi\"\ncollect = \"phone\"\ngoto = \"people\"");
    the_fault(&file, Some("hello"), 13, "It cannot collect \"phone\"");
    let file = with_hello("when = \"raining\"\ngoto = \"people\"\notherwise = \"people\"");
    the_fault(&file, Some("hello"), 12, "The bot cannot tell \"raining\"");
    let file = with_hello("say = { english = \"Hi\" }\ngoto = \"people\"");
    assert!(faults(&file)[0].problem.contains("\"english\" is not a locale"));
}

#[test]
fn file_that_is_no_toml_is_refused_with_step_and_line() {
    let file = with_hello("say = \"Hi\ngoto = \"people\"");
    the_fault(&file, Some("hello"), 12, "This is not valid TOML");
}

#[test]
fn file_with_many_faults_names_them_all_in_the_order_of_the_lines() {
    let file =
        with_hello("say = \"\"\ngoto = 5\nsays = \"Hi\"").replace("welcome = \"Hello\"", "welcome = 1");
    let lines: Vec<usize> = faults(&file).iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [3, 12, 13, 14]);
}

#[test]
fn file_with_a_second_unclear_where_no_email_is_asked_for_is_refused() {
    let ask = "say = \"Who?\"\ncollect = \"name\"\ngoto = \"people\"\nunclear_again = \"Who?\"";
    the_fault(
        &with_hello(ask),
        Some("hello"),
        15,
        "Only an email can be unclear",
    );
}
