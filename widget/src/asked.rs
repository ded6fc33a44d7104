//! What a page asks by `sendMessage`, read as it was written: in any shape.

use js_sys::JSON;
use wasm_bindgen::JsValue;

use causerie_core::client::end_user::OTHER_CONVERSATION;
use causerie_core::ids::ChatThreadId;

use crate::js::{field, text};

// Read by those who write pages, in their browser's console: English, as the commands are.
const NO_CONTENT: &str = "A message looks like this: {content: {type: \"text\", text: \"…\"}}.";
const NOT_TEXT: &str = "Only content of the type \"text\" can be sent.";

/// A message for the visitor, and the conversation it is for, where the page names one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// What it says.
    pub text: String,
    /// Where it goes.
    pub thread: Option<ChatThreadId>,
}

impl Asked {
    /// Reads the loader's order to send: `said` is the JSON of the call's arguments.
    ///
    /// # Errors
    ///
    /// A sentence for whoever wrote the call.
    pub fn read(order: &JsValue) -> Result<Self, &'static str> {
        // A page that was open before an upgrade has a loader that gives the text alone.
        if let Some(text) = text(order, "text") {
            return Ok(Self { text, thread: None });
        }
        let said = text(order, "said").and_then(|said| JSON::parse(&said).ok());
        let said = said.ok_or(NO_CONTENT)?;
        let content = field(&field(&said, "0"), "content");
        if !content.is_object() {
            return Err(NO_CONTENT);
        }
        if text(&content, "type").as_deref() != Some("text") {
            return Err(NOT_TEXT);
        }
        let text = text(&content, "text").ok_or(NO_CONTENT)?;
        let thread = field(&said, "1");
        let thread = if thread.is_null() || thread.is_undefined() {
            None
        } else {
            let id = thread.as_string().and_then(|id| uuid::Uuid::parse_str(&id).ok());
            Some(ChatThreadId(id.ok_or(OTHER_CONVERSATION)?))
        };
        Ok(Self { text, thread })
    }
}
