//! A table of a flow file, read key by key: what is missing, misspelt or of the wrong form is a fault.

use toml::de::{DeTable, DeValue};

use super::Faults;
use super::read::Way;
use crate::bot::flow::Words;
use crate::message::{MAX_TEXT, Text, TextFault};

/// A table being read, and where a fault in it belongs.
pub(super) struct Fields<'r, 'f> {
    /// The table.
    pub(super) of: &'r DeTable<'r>,
    /// Where it begins.
    pub(super) at: usize,
    /// The step it is in.
    pub(super) step: Option<&'r str>,
    /// The locale that all words have to be there for; empty if the file does not say.
    pub(super) default_locale: &'r str,
    /// What was found so far.
    pub(super) faults: &'f mut Faults,
}

impl<'r> Fields<'r, '_> {
    /// A table inside this one.
    pub(super) fn within(&mut self, of: &'r DeTable<'r>, at: usize) -> Fields<'r, '_> {
        Fields {
            of,
            at,
            step: self.step,
            default_locale: self.default_locale,
            faults: &mut *self.faults,
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.of.contains_key(key)
    }

    /// Where a key stands; where the table does if it has none.
    pub(super) fn place(&self, key: &str) -> usize {
        self.of
            .get_key_value(key)
            .map_or(self.at, |(key, _)| key.span().start)
    }

    pub(super) fn fault(&mut self, key: &str, problem: impl Into<String>) {
        self.faults.add(self.step, self.place(key), problem);
    }

    /// Names each key that has no business here: most are slips of the pen.
    pub(super) fn nothing_but(&mut self, whose: &str, known: &[&str]) {
        for key in self
            .of
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
        {
            let problem = format!(
                "\"{key}\" means nothing here. {whose} can have: {}.",
                known.join(", ")
            );
            self.faults.add(self.step, key.span().start, problem);
        }
    }

    /// A text that may be left out.
    pub(super) fn text(&mut self, key: &str) -> Option<&'r str> {
        let text = self
            .of
            .get(key)?
            .get_ref()
            .as_str()
            .filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.fault(
                key,
                format!("\"{key}\" has to be a text in quotes, with something in it."),
            );
        }
        text
    }

    /// A text that has to be there.
    pub(super) fn required(&mut self, key: &str, meaning: &str) -> Option<&'r str> {
        if !self.has(key) {
            self.fault(key, missing(key, meaning));
        }
        self.text(key)
    }

    /// The step that a key leads to.
    pub(super) fn way(&mut self, key: &str, meaning: &str, ways: &mut Vec<Way>) -> Option<String> {
        let to = self.required(key, meaning)?;
        ways.push(Way {
            from: self.step.map(str::to_owned),
            to: to.to_owned(),
            at: self.place(key),
        });
        Some(to.to_owned())
    }

    /// A list of texts; empty if it is left out.
    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        self.list(key, "texts in quotes", |_, each| each.as_str().map(str::to_owned))
    }

    /// A list of tables, each with its place; empty if it is left out.
    pub(super) fn tables(&mut self, key: &str) -> Vec<(usize, &'r DeTable<'r>)> {
        self.list(key, "tables", |at, each| each.as_table().map(|table| (at, table)))
    }

    fn list<T>(&mut self, key: &str, what: &str, read: fn(usize, &'r DeValue<'r>) -> Option<T>) -> Vec<T> {
        let Some(value) = self.of.get(key) else {
            return Vec::new();
        };
        let list: Option<Vec<T>> = value.get_ref().as_array().and_then(|list| {
            list.iter()
                .map(|each| read(each.span().start, each.get_ref()))
                .collect()
        });
        list.unwrap_or_else(|| {
            self.fault(key, format!("\"{key}\" has to be a list of {what}."));
            Vec::new()
        })
    }

    /// Words that have to be there: a table of locales, or a text alone for the default one.
    pub(super) fn words(&mut self, key: &str, meaning: &str) -> Option<Words> {
        let Some(value) = self.of.get(key) else {
            self.fault(key, missing(key, meaning));
            return None;
        };
        let mut words = Words::default();
        let Some(table) = value.get_ref().as_table() else {
            let text = self.clean(self.place(key), value.get_ref())?;
            words.0.insert(self.default_locale.to_owned(), text);
            return Some(words);
        };
        for (locale, value) in table {
            let (at, locale) = (locale.span().start, locale.get_ref().replace('_', "-"));
            if is_locale(&locale) {
                words.0.insert(locale, self.clean(at, value.get_ref())?);
            } else {
                self.faults.add(self.step, at, no_locale(&locale));
            }
        }
        let default = self.default_locale;
        if !default.is_empty() && !words.0.contains_key(default) {
            let problem = format!("\"{key}\" has no words in \"{default}\", the default locale.");
            self.fault(key, problem);
            return None;
        }
        Some(words)
    }

    /// Words as they can stand in a log.
    fn clean(&mut self, at: usize, value: &DeValue<'_>) -> Option<String> {
        let problem = match value.as_str().map(Text::parse) {
            Some(Ok(text)) => return Some(text.into()),
            Some(Err(TextFault::Empty)) => "These words are empty.".to_owned(),
            Some(Err(TextFault::TooLong)) => format!("These words are longer than {MAX_TEXT} characters."),
            None => "Words have to be a text in quotes, or one for each locale.".to_owned(),
        };
        self.faults.add(self.step, at, problem);
        None
    }
}

fn missing(key: &str, meaning: &str) -> String {
    format!("There is no \"{key}\" here: {meaning}.")
}

/// What is said of a name that is no locale.
pub(super) fn no_locale(name: &str) -> String {
    format!("\"{name}\" is not a locale: write one such as \"en\" or \"pt-BR\".")
}

/// Whether a name has the form of a BCP 47 tag.
pub(super) fn is_locale(name: &str) -> bool {
    let mut parts = name.split('-');
    let is_language =
        |part: &str| (2..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphabetic());
    parts.next().is_some_and(is_language)
        && parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()))
}
