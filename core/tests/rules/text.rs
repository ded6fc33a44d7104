//! Text is parsed once at the door (R42).

use causerie_core::message::{MAX_TEXT, Text, TextFault};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r42_blank_text_does_not_stand() {
    for blank in ["", "   ", "\n\t", "\u{0}\u{7}", "\u{202E}"] {
        assert_eq!(Text::parse(blank), Err(TextFault::Empty), "{blank:?}");
    }
}

#[test]
fn r42_the_longest_text_stands_and_one_character_more_does_not() {
    assert!(Text::parse(&"é".repeat(MAX_TEXT)).is_ok());
    assert_eq!(Text::parse(&"é".repeat(MAX_TEXT + 1)), Err(TextFault::TooLong));
}

#[test]
fn r42_control_characters_and_direction_overrides_are_taken_out() {
    let text = Text::parse("a\u{0}b\u{202E}c\u{2066}d\u{1b}[31m").unwrap();
    assert_eq!(text.as_str(), "abcd[31m");
}

#[test]
fn r42_line_breaks_tabs_and_right_to_left_letters_stay() {
    assert_eq!(
        Text::parse(" one\r\ntwo\rthree\t\u{5d0}\u{200f} ")
            .unwrap()
            .as_str(),
        "one\ntwo\nthree\t\u{5d0}\u{200f}"
    );
}
