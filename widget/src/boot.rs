//! What the server says in the document: a block of data, read once.

use js_sys::{Array, JSON};
use wasm_bindgen::{JsCast, JsValue};

use crate::js::{field, text};

/// The block `#boot` of the frame's document.
#[derive(Clone, Debug, Default)]
pub struct Boot {
    /// The site's key.
    pub key: String,
    /// The origins of the pages that may embed the chat.
    pub origins: Vec<String>,
    /// The language that is served, such as `fr`.
    pub locale: String,
    /// The language's table: key to string.
    pub strings: JsValue,
    /// What stands in an empty log; else the language's own welcome.
    pub welcome: Option<String>,
    /// Which build serves this document.
    pub build: String,
    /// Whether the host page is told of a session's end (R20).
    pub tells_of_end: bool,
    /// The site's colours: the primary one, and the one on it.
    pub looks: [Option<String>; 2],
}

impl Boot {
    /// Reads the document's block. What is missing is empty: the chat shows, and the server refuses what it must.
    #[must_use]
    pub fn read() -> Self {
        let block = leptos::prelude::document()
            .get_element_by_id("boot")
            .and_then(|node| node.text_content());
        let said = block
            .and_then(|json| JSON::parse(&json).ok())
            .unwrap_or(JsValue::UNDEFINED);
        Self::of(&said)
    }

    /// The block, parsed by the browser.
    #[must_use]
    pub fn of(said: &JsValue) -> Self {
        let origins = field(said, "origins").dyn_into::<Array>().unwrap_or_default();
        let settings = field(said, "settings");
        let looks = field(said, "looks");
        Self {
            key: text(said, "key").unwrap_or_default(),
            origins: origins.iter().filter_map(|origin| origin.as_string()).collect(),
            locale: text(said, "locale").unwrap_or_else(|| "en".into()),
            strings: field(said, "strings"),
            welcome: text(said, "welcome").filter(|welcome| !welcome.is_empty()),
            build: text(said, "build").unwrap_or_default(),
            tells_of_end: field(&settings, "tell_host_page_of_end").as_bool() != Some(false),
            looks: ["primary", "onPrimary"].map(|name| text(&looks, name)),
        }
    }

    /// Puts language, direction and colours on the document.
    pub fn dress(&self) {
        let Some(root) = leptos::prelude::document().document_element() else {
            return;
        };
        let base = self.locale.split(['-', '_']).next().unwrap_or_default();
        let direction = if ["ar", "fa", "he", "ur"].contains(&base) {
            "rtl"
        } else {
            "ltr"
        };
        let _ = root.set_attribute("lang", &self.locale);
        let _ = root.set_attribute("dir", direction);
        if let Some(root) = root.dyn_ref::<web_sys::HtmlElement>() {
            for (name, colour) in ["--primary", "--on-primary"].into_iter().zip(&self.looks) {
                if let Some(colour) = colour {
                    let _ = root.style().set_property(name, colour);
                }
            }
        }
    }
}
