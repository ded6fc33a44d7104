use causerie_widget::parts::message::links::{Piece, pieces};
use wasm_bindgen_test::wasm_bindgen_test;

/// The links in a text; and the pieces together are the text.
fn links(text: &str) -> Vec<String> {
    let pieces = pieces(text);
    let part = |piece: &Piece| match piece {
        Piece::Words(part) | Piece::Link(part) => part.clone(),
    };
    let whole: String = pieces.iter().map(part).collect();
    assert_eq!(whole, text);
    let link = |piece| match piece {
        Piece::Link(link) => Some(link),
        Piece::Words(_) => None,
    };
    pieces.into_iter().filter_map(link).collect()
}

#[wasm_bindgen_test]
fn an_address_ends_where_the_sentence_takes_over() {
    assert_eq!(links("See https://a.example/b."), ["https://a.example/b"]);
    assert_eq!(links("(https://a.example/b)"), ["https://a.example/b"]);
    assert_eq!(links("https://a.example/b_(c)!"), ["https://a.example/b_(c)"]);
    assert_eq!(
        links("«https://a.example», https://b.example…"),
        ["https://a.example", "https://b.example"]
    );
    assert_eq!(links("見てhttps://a.example/。"), ["https://a.example/"]);
    assert_eq!(
        links("https://a.example/?q=é&r=日本#x"),
        ["https://a.example/?q=é&r=日本#x"]
    );
    assert_eq!(
        links("HTTPS://A.example\nhttp://[::1]:80/"),
        ["HTTPS://A.example", "http://[::1]:80/"]
    );
}

#[wasm_bindgen_test]
fn mail_addresses_link_only_where_they_are_written_as_such() {
    assert_eq!(
        links("Write to mailto:post@shop.example."),
        ["mailto:post@shop.example"]
    );
    assert!(links("post@shop.example mailto: mailto:@x").is_empty());
}

#[wasm_bindgen_test]
fn other_schemes_and_half_addresses_are_words() {
    for text in [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example",
        "file:///etc/passwd",
        "https://",
        "http:///a",
        "https:// a",
        "xhttps://a.example",
        "",
        "日本語",
    ] {
        assert!(links(text).is_empty(), "{text}");
    }
}

#[wasm_bindgen_test]
fn what_cannot_be_seen_ends_an_address() {
    assert_eq!(links("https://a.example/\u{202E}gpj.exe"), ["https://a.example/"]);
    assert_eq!(
        links("https://a.example\u{200B}.evil.example"),
        ["https://a.example"]
    );
}
