//! Links in what people write, found as a typed tree: nothing of it is ever markup (R42).
//!
//! A link shows exactly what was written, and leads there: `http`, `https` and `mailto` only, and only where they
//! stand in the text. Nothing is guessed from bare names.

/// A piece of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// Words.
    Words(String),
    /// An address, as it was written: it is the link's text and its target.
    Link(String),
}

const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// The pieces of a text, in order; together they are the text.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut rest, mut words_end, mut boundary) = (text, 0, true);
    while let Some(c) = rest[words_end..].chars().next() {
        let found = if boundary {
            link_at(&rest[words_end..])
        } else {
            None
        };
        if let Some(length) = found {
            let (words, from_link) = rest.split_at(words_end);
            let (link, after) = from_link.split_at(length);
            if !words.is_empty() {
                pieces.push(Piece::Words(words.to_owned()));
            }
            pieces.push(Piece::Link(link.to_owned()));
            (rest, words_end, boundary) = (after, 0, false);
        } else {
            // Scripts without blanks between words write an address right after one.
            boundary = !c.is_ascii_alphanumeric();
            words_end += c.len_utf8();
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    pieces
}

/// How long the link is that the text begins with, in bytes.
fn link_at(text: &str) -> Option<usize> {
    let begins = |scheme: &&&str| {
        text.as_bytes()
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    let scheme = SCHEMES.iter().find(begins)?;
    let end = text.find(ends_link).unwrap_or(text.len());
    let link = without_tail(&text[..end]);
    let target = link.get(scheme.len()..)?;
    let leads_somewhere = match *scheme {
        "mailto:" => target
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()),
        _ => target.starts_with(|c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || c == '['),
    };
    leads_somewhere.then_some(link.len())
}

/// What no address goes on after: blanks, quotes, brackets of tags, and characters that can't be seen.
fn ends_link(c: char) -> bool {
    match c {
        '<' | '>' | '"' | '`' | '\\' | '\u{AD}' | '\u{FEFF}' => true,
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{2060}'..='\u{206F}' => true,
        c => c.is_whitespace() || c.is_control(),
    }
}

/// Without the punctuation that belongs to the sentence; a closing bracket stays if the link has opened it.
fn without_tail(mut link: &str) -> &str {
    loop {
        let Some(last) = link.chars().next_back() else {
            return link;
        };
        let opens = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '»' | '”' | '’' | '…' | '。'
            | '、' => None,
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            _ => return link,
        };
        if let Some(open) = opens
            && link.matches(open).count() >= link.matches(last).count()
        {
            return link;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
}
