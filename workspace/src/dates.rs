//! Times as their reader writes them, by the browser's `Intl`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use causerie_core::Timestamp;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

/// How much of a time is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Detail {
    /// Hour and minute.
    Time,
    /// Day and month.
    Day,
    /// Everything.
    Full,
}

impl Detail {
    fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Time => &[("hour", "numeric"), ("minute", "2-digit")],
            Self::Day => &[("day", "numeric"), ("month", "short")],
            Self::Full => &[("dateStyle", "medium"), ("timeStyle", "medium")],
        }
    }
}

thread_local! {
    /// A formatter is costly to make and cheap to use.
    static FORMATTERS: RefCell<BTreeMap<(String, Detail), Function>> = const { RefCell::new(BTreeMap::new()) };
}

/// A time, with as much detail as asked.
#[must_use]
pub fn shown(at: Timestamp, detail: Detail, locale: &str) -> String {
    FORMATTERS.with_borrow_mut(|made| {
        let format = made
            .entry((locale.to_owned(), detail))
            .or_insert_with(|| formatter(locale, detail));
        let written = format.call1(&JsValue::UNDEFINED, &date(at));
        written
            .ok()
            .and_then(|written| written.as_string())
            .unwrap_or_default()
    })
}

/// A time as a list shows it: the hour today, else the day.
#[must_use]
pub fn brief(at: Timestamp, now: Timestamp, locale: &str) -> String {
    let same_day = date(at).to_date_string() == date(now).to_date_string();
    shown(at, if same_day { Detail::Time } else { Detail::Day }, locale)
}

/// A time for machines, as `<time datetime>` wants it.
#[must_use]
pub fn iso(at: Timestamp) -> String {
    date(at).to_iso_string().into()
}

/// The time now. The one clock of the workspace.
#[must_use]
pub fn now() -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole milliseconds since 1970 fit"
    )]
    Timestamp(Date::now() as i64)
}

fn date(at: Timestamp) -> Date {
    #[expect(clippy::cast_precision_loss, reason = "a Date holds 2^53 milliseconds")]
    Date::new(&JsValue::from_f64(at.0 as f64))
}

fn formatter(locale: &str, detail: Detail) -> Function {
    let options = Object::new();
    for (name, value) in detail.options() {
        // Setting a property of a plain object does not fail.
        let _ = Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&Array::of1(&JsValue::from_str(locale)), &options).format()
}
