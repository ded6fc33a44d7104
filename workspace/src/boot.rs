//! What the server says in the document: a block of data, read once.

use leptos::prelude::document;
use serde::Deserialize;

/// The block `#boot`. What is missing is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Boot {
    /// Which build serves this document.
    pub build: String,
    /// The best of the locales there are for the browser's languages.
    pub locale: String,
}

impl Boot {
    /// Reads the document's block.
    #[must_use]
    pub fn read() -> Self {
        let block = document()
            .get_element_by_id("boot")
            .and_then(|node| node.text_content());
        block
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default()
    }
}
