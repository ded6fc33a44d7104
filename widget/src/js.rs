//! What JavaScript gives without a type: plain objects, random bytes, the clock.

use js_sys::{Array, Date, Object, Reflect};
use wasm_bindgen::JsValue;

use causerie_core::ids::ClientMessageId;
use causerie_core::time::Timestamp;

/// A field of an object; undefined where there is none.
#[must_use]
pub fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A text field of an object.
#[must_use]
pub fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

/// A plain object.
#[must_use]
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // A fresh plain object takes every field.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// A list of one.
#[must_use]
pub fn list(item: &str) -> Array {
    Array::of1(&item.into())
}

/// What time it is.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds of a clock are far inside"
)]
pub fn now() -> Timestamp {
    Timestamp(Date::now() as i64)
}

/// A date of the browser's.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of a clock are far inside"
)]
pub fn date(at: Timestamp) -> Date {
    Date::new(&(at.0 as f64).into())
}

/// Random bytes, good enough for secrets.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without them nothing could be sent under a name of its own: there is no browser that has WASM and not this.
    let _ = leptos::prelude::window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    bytes
}

/// A random number.
#[must_use]
pub fn random_number() -> u32 {
    u32::from_le_bytes(random())
}

/// A fresh id for a command: the time, then chance (UUIDv7), so that ids sort as they were made.
#[must_use]
pub fn fresh_id() -> ClientMessageId {
    let mut bytes: [u8; 16] = random();
    bytes[..6].copy_from_slice(&now().0.to_be_bytes()[2..]);
    bytes[6] = bytes[6] & 0x0F | 0x70;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    ClientMessageId(uuid::Uuid::from_bytes(bytes))
}
