//! A text with its web addresses as links. Nothing else in it is ever anything but text (R42).

use leptos::prelude::*;

/// A piece of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// An address of the web.
    Link(&'a str),
}

/// The text's pieces, in order. Only `http` and `https` make a link, and only where a word begins.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut words_from, mut at) = (0, 0);
    for word in text.split_inclusive(char::is_whitespace) {
        let opening = word.len() - word.trim_start_matches(['(', '<', '"', '\'', '«', '“']).len();
        let address = address(word.trim_end().get(opening..).unwrap_or_default());
        if !address.is_empty() {
            let from = at + opening;
            if let Some(before) = text.get(words_from..from).filter(|before| !before.is_empty()) {
                found.push(Piece::Text(before));
            }
            found.push(Piece::Link(address));
            words_from = from + address.len();
        }
        at += word.len();
    }
    if let Some(rest) = text.get(words_from..).filter(|rest| !rest.is_empty()) {
        found.push(Piece::Text(rest));
    }
    found
}

/// The address that a word is, without the sentence's own punctuation; nothing where it is none.
fn address(word: &str) -> &str {
    let is_web = ["https://", "http://"].iter().any(|scheme| {
        word.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && word.len() > scheme.len()
    });
    if !is_web {
        return "";
    }
    word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '>', '"', '\'', '»', '”'])
}

/// The text.
#[component]
pub fn LinkedText(
    /// As it was written.
    text: String,
) -> impl IntoView {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned().into_any(),
        Piece::Link(address) => {
            let address = address.to_owned();
            view! {
                <a href=address target="_blank" rel="noopener noreferrer nofollow">{address.clone()}</a>
            }
            .into_any()
        }
    };
    view! { <span class="text" dir="auto">{pieces(&text).into_iter().map(piece).collect_view()}</span> }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::Piece::{Link, Text};
    use super::*;

    #[wasm_bindgen_test]
    fn an_address_ends_where_the_sentence_does() {
        assert_eq!(
            pieces("see (https://a.example/b?c=1), then http://d.example."),
            [
                Text("see ("),
                Link("https://a.example/b?c=1"),
                Text("), then "),
                Link("http://d.example"),
                Text(".")
            ]
        );
    }

    #[wasm_bindgen_test]
    fn r42_nothing_but_the_web_is_a_link() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "xhttps://a",
            "<b>é</b>",
            "é",
        ] {
            assert_eq!(pieces(text), [Text(text)], "{text}");
        }
    }
}
