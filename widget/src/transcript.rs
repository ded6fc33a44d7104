//! The log as a text file, with the reader's own dates.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use causerie_core::client::timeline::{Row, Standing};

use crate::parts::avatar::name;
use crate::words::Words;

/// The log in plain text: a line over each day, and per message its time, its author and its words. Where one
/// conversation ends and the next begins it does not say (R20).
#[must_use]
pub fn text(rows: &[Row], words: Words) -> String {
    let mut text = words.t("transcript.title");
    for row in rows {
        if row.opens_day {
            text.push_str(&["\n\n", &words.date(row.at)].concat());
        }
        text.push_str(&["\n", &words.time(row.at), "  ", &name(&row.author, words), ": "].concat());
        // Further lines stand in, so that no message can look like several.
        text.push_str(&row.text.replace('\n', "\n    "));
        let standing = match row.standing {
            Standing::Stands => None,
            Standing::Pending => Some("sending"),
            Standing::Failed { .. } => Some("failed"),
        };
        if let Some(standing) = standing {
            text.push_str(&[" (", &words.t(standing), ")"].concat());
        }
    }
    text.push('\n');
    text
}

/// Hands it to the reader as a file. It works in the sandboxed frame by its `allow-downloads`.
pub fn download(text: &str, words: Words) {
    let kind = BlobPropertyBag::new();
    kind.set_type("text/plain;charset=utf-8");
    let Ok(file) = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind) else {
        return;
    };
    let Ok(address) = Url::create_object_url_with_blob(&file) else {
        return;
    };
    if let Ok(link) = document().create_element("a") {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(&address);
        link.set_download(&words.t("transcript.file"));
        link.click();
    }
    // The browser has taken the file by then, and a page may lie open for days.
    set_timeout(
        move || drop(Url::revoke_object_url(&address)),
        std::time::Duration::from_secs(60),
    );
}
