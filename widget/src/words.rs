//! The reader's language: a flat table that comes with the document, and the browser's own Intl for the rest.

use std::rc::Rc;

use js_sys::Intl::{DateTimeFormat, PluralRules, RelativeTimeFormat};
use js_sys::{Function, Object};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use causerie_core::time::Timestamp;

use crate::boot::Boot;
use crate::js;

const DAY_MS: i64 = 86_400_000;

/// The reader's language. A handle: copies mean the same.
#[derive(Clone, Copy, Debug)]
pub struct Words(StoredValue<Rc<Language>, LocalStorage>);

#[derive(Debug)]
struct Language {
    strings: JsValue,
    plurals: PluralRules,
    relative: RelativeTimeFormat,
    time: Function,
    day: Function,
    date: Function,
}

impl Words {
    /// The language of the document.
    #[must_use]
    pub fn new(boot: &Boot) -> Self {
        let locale = js::list(&boot.locale);
        let options = |fields: &[(&str, &str)]| -> Object {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (*name, JsValue::from(*value)))
                .collect();
            js::object(&fields).unchecked_into()
        };
        let time = options(&[("hour", "numeric"), ("minute", "2-digit")]);
        let day = options(&[("weekday", "long"), ("day", "numeric"), ("month", "long")]);
        let date = options(&[("dateStyle", "full")]);
        let language = Language {
            strings: boot.strings.clone(),
            plurals: PluralRules::new(&locale, &Object::new()),
            relative: RelativeTimeFormat::new(&locale, &options(&[("numeric", "auto")])),
            time: DateTimeFormat::new(&locale, &time).format(),
            day: DateTimeFormat::new(&locale, &day).format(),
            date: DateTimeFormat::new(&locale, &date).format(),
        };
        Self(StoredValue::new_local(Rc::new(language)))
    }

    /// The string under this key. A key without one shows itself, so that it is noticed.
    #[must_use]
    pub fn t(self, key: &str) -> String {
        self.found(key).unwrap_or_else(|| key.to_owned())
    }

    /// The string under this key, with a value in the place of `{name}`.
    #[must_use]
    pub fn with(self, key: &str, name: &str, value: &str) -> String {
        filled(&self.t(key), name, value)
    }

    /// The string under this key in the plural form of the number, which takes the place of `{n}`.
    #[must_use]
    pub fn count(self, key: &str, n: u32) -> String {
        let form = self
            .0
            .with_value(|language| language.plurals.select(f64::from(n)));
        let form = self.found(&[key, ".", &String::from(form)].concat());
        let text = form.unwrap_or_else(|| self.t(&[key, ".other"].concat()));
        filled(&text, "n", &n.to_string())
    }

    /// A time of day.
    #[must_use]
    pub fn time(self, at: Timestamp) -> String {
        self.formatted(|language| &language.time, at)
    }

    /// A day: *today*, *yesterday*, or its date.
    #[must_use]
    pub fn day(self, at: Timestamp) -> String {
        let ago = day_of(js::now()) - day_of(at);
        if (0..=1).contains(&ago) {
            return self
                .0
                .with_value(|language| language.relative.format(f64::from(-ago), "day").into());
        }
        self.formatted(|language| &language.day, at)
    }

    /// A day by its full date, with the year.
    #[must_use]
    pub fn date(self, at: Timestamp) -> String {
        self.formatted(|language| &language.date, at)
    }

    fn formatted(self, by: impl Fn(&Language) -> &Function, at: Timestamp) -> String {
        self.0.with_value(|language| {
            let text = by(language).call1(&JsValue::UNDEFINED, &js::date(at));
            text.ok().and_then(|text| text.as_string()).unwrap_or_default()
        })
    }

    /// The string under this key, if there is one.
    #[must_use]
    pub fn found(self, key: &str) -> Option<String> {
        self.0.with_value(|language| js::text(&language.strings, key))
    }
}

/// A text with a value in the place of `{name}`.
fn filled(text: &str, name: &str, value: &str) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((found, rest)) if found == name => {
                filled.push_str(value);
                filled.push_str(rest);
            }
            Some(_) | None => {
                filled.push('{');
                filled.push_str(part);
            }
        }
    }
    filled
}

/// The language that the parts above provide.
#[must_use]
pub fn words() -> Words {
    expect_context()
}

/// The number of a moment's day in the reader's time zone.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "minutes of an offset, and days since 1970"
)]
pub fn day_of(at: Timestamp) -> i32 {
    let offset = js::date(at).get_timezone_offset() as i64 * 60_000;
    (at.0 - offset).div_euclid(DAY_MS) as i32
}
