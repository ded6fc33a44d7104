//! Pages, both ways: by cursor where `page[…]` was given, else by number.

use serde::Serialize;

use super::fault::Fault;
use crate::routes::public_api::query::Parameters;

/// The most on one page, and how much without being told.
const MOST: usize = 100;

/// Which page is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    how: How,
    size: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    Number(usize),
    /// From this place on.
    Cursor(usize),
}

/// What stands beside the records of a page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum Beside {
    /// Asked for by number.
    Numbered {
        /// How many there are in all.
        count: usize,
        /// The address of the next page.
        next_page: Option<String>,
        /// The address of the page before.
        previous_page: Option<String>,
    },
    /// Asked for by cursor.
    ByCursor {
        /// Where this page lies.
        meta: Meta,
        /// The pages around it.
        links: Links,
    },
}

/// Where a page lies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Meta {
    /// Whether there are more behind it.
    pub has_more: bool,
    /// The cursor of its end.
    pub after_cursor: Option<String>,
    /// The cursor of its beginning.
    pub before_cursor: Option<String>,
}

/// The pages around one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Links {
    /// The next.
    pub next: Option<String>,
    /// The one before.
    pub prev: Option<String>,
}

impl Page {
    /// Reads which page is asked for.
    ///
    /// # Errors
    /// When the page cannot be: a number below 1, a size that is none, a cursor that is not ours.
    pub fn asked(parameters: &Parameters) -> Result<Self, Fault> {
        let number = |name: &str| match parameters.value(name) {
            None => Ok(None),
            Some(text) => match text.parse::<usize>() {
                Ok(number) if number > 0 => Ok(Some(number)),
                Ok(_) | Err(_) => Err(Fault::malformed(format!(
                    "{name}: {text} is not a number from 1 on."
                ))),
            },
        };
        let by_cursor = parameters.0.iter().any(|(name, _)| name.starts_with("page["));
        if !by_cursor {
            let size = number("per_page")?.unwrap_or(MOST).min(MOST);
            return Ok(Self {
                how: How::Number(number("page")?.unwrap_or(1)),
                size,
            });
        }
        let size = number("page[size]")?.unwrap_or(MOST).min(MOST);
        let (start, size) = match (parameters.value("page[after]"), parameters.value("page[before]")) {
            (Some(after), _) => (place(after)?, size),
            (None, Some(before)) => {
                let end = place(before)?;
                (end.saturating_sub(size), size.min(end))
            }
            (None, None) => (0, size),
        };
        Ok(Self {
            how: How::Cursor(start),
            size,
        })
    }

    /// How many records to leave out before it.
    #[must_use]
    pub const fn start(&self) -> usize {
        match self.how {
            How::Number(number) => (number - 1).saturating_mul(self.size),
            How::Cursor(start) => start,
        }
    }

    /// How many records it has at the most.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// The records of this page out of all of them.
    #[must_use]
    pub fn of<T>(&self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.start()).take(self.size).collect()
    }

    /// What stands beside its records, of `count` in all. `address` is that of the request, without its query.
    #[must_use]
    pub fn beside(&self, count: usize, address: &str, parameters: &Parameters) -> Beside {
        let start = self.start();
        let end = start.saturating_add(self.size).min(count).max(start);
        let has_more = end < count;
        match self.how {
            How::Number(number) => {
                let link = |number: usize| {
                    let query = parameters.with(&["page"], &[("page", number.to_string())]);
                    format!("{address}?{query}")
                };
                Beside::Numbered {
                    count,
                    next_page: has_more.then(|| link(number + 1)),
                    previous_page: (number > 1).then(|| link(number - 1)),
                }
            }
            How::Cursor(_) => {
                let link = |name: &'static str, cursor: String| {
                    let query = parameters.with(&["page[after]", "page[before]"], &[(name, cursor)]);
                    format!("{address}?{query}")
                };
                let any = end > start;
                Beside::ByCursor {
                    meta: Meta {
                        has_more,
                        after_cursor: any.then(|| cursor(end)),
                        before_cursor: any.then(|| cursor(start)),
                    },
                    links: Links {
                        next: has_more.then(|| link("page[after]", cursor(end))),
                        prev: (start > 0).then(|| link("page[before]", cursor(start))),
                    },
                }
            }
        }
    }
}

/// A place as a cursor. Records are only ever added behind others, so a place stays what it is.
fn cursor(place: usize) -> String {
    format!("p{place}")
}

fn place(cursor: &str) -> Result<usize, Fault> {
    cursor
        .strip_prefix('p')
        .and_then(|place| place.parse().ok())
        .ok_or_else(|| Fault::malformed(format!("{cursor} is not a cursor of this list.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &[(&str, &str)]) -> (Page, Parameters) {
        let pairs = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let parameters = Parameters(pairs.collect());
        (Page::asked(&parameters).unwrap(), parameters)
    }

    fn walk(
        mut query: Vec<(String, String)>,
        next: impl Fn(&Beside) -> Option<Vec<(String, String)>>,
    ) -> Vec<u32> {
        let mut seen = Vec::new();
        loop {
            let parameters = Parameters(query);
            let page = Page::asked(&parameters).unwrap();
            seen.extend(page.of((0..7).collect()));
            match next(&page.beside(7, "http://x/y", &parameters)) {
                Some(following) => query = following,
                None => return seen,
            }
        }
    }

    fn query_of(link: &str) -> Vec<(String, String)> {
        let uri = link.parse().unwrap();
        axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri)
            .unwrap()
            .0
    }

    #[test]
    fn both_ways_lead_through_everything_once() {
        let by_cursor = walk(query_of("/x?page%5Bsize%5D=3"), |beside| match beside {
            Beside::ByCursor { links, .. } => links.next.as_deref().map(query_of),
            Beside::Numbered { .. } => panic!("asked by cursor"),
        });
        let by_number = walk(query_of("/x?per_page=3"), |beside| match beside {
            Beside::Numbered { next_page, .. } => next_page.as_deref().map(query_of),
            Beside::ByCursor { .. } => panic!("asked by number"),
        });
        assert_eq!(by_cursor, [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(by_number, by_cursor);
    }

    #[test]
    fn the_way_back_is_there_too() {
        let (page, parameters) = asked(&[("page[size]", "3"), ("page[after]", "p3")]);
        let Beside::ByCursor { links, meta } = page.beside(7, "http://x/y", &parameters) else {
            panic!("asked by cursor");
        };
        assert!(meta.has_more);
        let back = Parameters(query_of(&links.prev.unwrap()));
        assert_eq!(
            Page::asked(&back).unwrap().of((0..7).collect::<Vec<_>>()),
            [0, 1, 2]
        );
    }

    #[test]
    fn a_page_behind_the_end_is_empty() {
        let (page, parameters) = asked(&[("page", "9")]);
        assert!(page.of(vec![1, 2]).is_empty());
        let beside = serde_json::to_value(page.beside(2, "http://x/y", &parameters)).unwrap();
        assert_eq!(beside["count"], 2);
        assert!(beside["next_page"].is_null());
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for (name, value) in [
            ("page", "0"),
            ("per_page", "x"),
            ("page[size]", "-1"),
            ("page[after]", "7"),
        ] {
            let parameters = Parameters(vec![(name.to_owned(), value.to_owned())]);
            assert!(Page::asked(&parameters).is_err(), "{name}={value}");
        }
        assert_eq!(asked(&[("per_page", "1000")]).0.size(), 100);
    }
}
