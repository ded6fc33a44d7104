//! The workspace's words.
//!
//! They are data: one flat table per locale in `locales/`, a key and its sentence. English is inside the program; any
//! other locale is fetched when it is wanted, and falls back to English sentence by sentence. `{name}` in a sentence is
//! filled in; a key with plural forms is one key per category of the browser's `Intl.PluralRules` (`tickets.one`,
//! `tickets.other`).

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use gloo_net::http::Request;
use js_sys::{Array, Intl, Object};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

type Table = BTreeMap<String, String>;

/// The locales there are: a tag, and the name its readers know it by.
pub const LOCALES: [(&str, &str); 2] = [("en", "English"), ("fr", "Français")];

static ENGLISH: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(parse(include_str!("../locales/en.json"))));

/// The words of one locale.
#[derive(Clone, Debug)]
pub struct Words {
    locale: Arc<str>,
    table: Arc<Table>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            locale: "en".into(),
            table: Arc::clone(&ENGLISH),
        }
    }
}

impl Words {
    /// The words of a table as it stands in a file.
    #[must_use]
    pub fn from_json(locale: &str, json: &str) -> Self {
        Self {
            locale: locale.into(),
            table: Arc::new(parse(json)),
        }
    }

    /// Fetches a locale's words; English when it is not there or cannot be had.
    pub async fn fetch(locale: &str) -> Self {
        if locale == "en" {
            return Self::default();
        }
        let answer = match Request::get(&format!("locales/{locale}.json")).send().await {
            Ok(answer) if answer.ok() => answer.text().await,
            Ok(_) | Err(_) => return Self::default(),
        };
        answer.map_or_else(|_| Self::default(), |json| Self::from_json(locale, &json))
    }

    /// The locale's tag.
    #[must_use]
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// A sentence.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.sentence(key).unwrap_or(key).to_owned()
    }

    /// A sentence, if there is one.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<String> {
        self.sentence(key).map(str::to_owned)
    }

    /// A sentence with its blanks filled in.
    #[must_use]
    pub fn fill(&self, key: &str, blanks: &[(&str, &str)]) -> String {
        filled(self.sentence(key).unwrap_or(key), blanks)
    }

    /// A sentence in the plural form that `count` asks for; `{n}` is the count.
    #[must_use]
    pub fn count(&self, key: &str, count: usize) -> String {
        let category = plural_category(&self.locale, count);
        let form = self
            .sentence(&format!("{key}.{category}"))
            .or_else(|| self.sentence(&format!("{key}.other")));
        filled(form.unwrap_or(key), &[("n", &count.to_string())])
    }

    fn sentence(&self, key: &str) -> Option<&str> {
        let found = self.table.get(key).or_else(|| ENGLISH.get(key));
        found.map(String::as_str)
    }
}

/// The words of the reader's locale; English outside an app.
#[must_use]
pub fn use_words() -> Words {
    use_context().unwrap_or_default()
}

/// The locale to begin with: the one chosen before, else the first of those wanted that there is.
#[must_use]
pub fn choose_locale<'a>(chosen: Option<&str>, wanted: impl IntoIterator<Item = &'a str>) -> &'static str {
    let known = |tag: &str| {
        let language = tag.split('-').next().unwrap_or(tag).to_lowercase();
        LOCALES
            .iter()
            .map(|(locale, _)| *locale)
            .find(|locale| *locale == language)
    };
    chosen
        .and_then(known)
        .or_else(|| wanted.into_iter().find_map(known))
        .unwrap_or("en")
}

fn parse(json: &str) -> Table {
    serde_json::from_str(json).unwrap_or_default()
}

/// Fills each `{name}` in one pass, so that a value is never taken for a blank.
fn filled(sentence: &str, blanks: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        out += before;
        let Some((name, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match blanks.iter().find(|(blank, _)| *blank == name) {
            Some((_, value)) => out += value,
            None => out += &format!("{{{name}}}"),
        }
        rest = after;
    }
    out + rest
}

fn plural_category(locale: &str, count: usize) -> String {
    let rules = Intl::PluralRules::new(&Array::of1(&JsValue::from_str(locale)), &Object::new());
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of things on a screen are small"
    )]
    let category = rules.select(count as f64);
    category.as_string().unwrap_or_else(|| "other".to_owned())
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const FRENCH: &str = include_str!("../locales/fr.json");

    #[wasm_bindgen_test]
    fn every_locale_has_the_same_keys_and_the_same_blanks() {
        let french = parse(FRENCH);
        assert!(ENGLISH.len() > 100, "the English table was not read");
        let keys = |table: &Table| table.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&ENGLISH), keys(&french));
        for (key, sentence) in ENGLISH.iter() {
            assert_eq!(blanks_of(sentence), blanks_of(&french[key]), "{key}");
        }
    }

    #[wasm_bindgen_test]
    fn a_value_is_never_taken_for_a_blank() {
        assert_eq!(filled("{a} and {b}", &[("a", "{b}"), ("b", "2")]), "{b} and 2");
        assert_eq!(filled("open { and {unknown}", &[]), "open { and {unknown}");
    }

    #[wasm_bindgen_test]
    fn plurals_follow_the_locale() {
        let french = Words::from_json("fr", FRENCH);
        assert_eq!(Words::default().count("log.more", 1), "1 new entry");
        assert_eq!(Words::default().count("log.more", 0), "0 new entries");
        assert_eq!(
            french.count("log.more", 0),
            "0 nouvelle entrée",
            "zero is singular in French"
        );
        assert_eq!(french.count("log.more", 2), "2 nouvelles entrées");
    }

    #[wasm_bindgen_test]
    fn the_chosen_locale_wins_over_the_browsers() {
        assert_eq!(choose_locale(Some("fr"), ["en-GB"]), "fr");
        assert_eq!(choose_locale(None, ["nl", "fr-CA"]), "fr");
        assert_eq!(choose_locale(Some("xx"), ["xx"]), "en");
    }

    fn blanks_of(sentence: &str) -> Vec<&str> {
        let mut blanks: Vec<&str> = sentence
            .split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .collect();
        blanks.sort_unstable();
        blanks
    }
}
