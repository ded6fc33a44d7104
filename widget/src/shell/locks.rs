//! The browser's locks: what one tab of many does, or one after the other.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};

use crate::js;

/// Asks for the lock of this name, and has `held` called with it. An error where the browser has none (plain http off
/// loopback); where it refuses them with all storage, the promise says so.
pub(super) fn request(name: &str, options: &[(&str, JsValue)], held: &JsValue) -> Result<Promise, JsValue> {
    let locks = js::field(&window().navigator(), "locks");
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    request
        .call3(&locks, &name.into(), &js::object(options), held)?
        .dyn_into()
}
