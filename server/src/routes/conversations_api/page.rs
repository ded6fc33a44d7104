//! Pages of a log, by cursor: `page[after]`, `page[before]`, `page[size]`. A cursor is a message's id.

use causerie_core::{ChatThreadId, Seq};
use serde::Serialize;

use super::fault::Fault;
use crate::routes::public_api::query::{Parameters, encoded};

/// How much is on a page without being told, and the most.
const USUAL: u32 = 25;
const MOST: u32 = 100;

/// Which page is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// Where it lies.
    pub side: Side,
    /// How much is on it at the most.
    pub size: u32,
}

/// Where a page lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Behind this number.
    After(Seq),
    /// Before this number.
    Before(Seq),
}

/// Where a page lies in the whole.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Whether there is more in the direction asked for.
    pub has_more: bool,
    /// The cursor of its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_cursor: Option<String>,
    /// The cursor of its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_cursor: Option<String>,
}

/// The pages around one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Links {
    /// The one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// The next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Page {
    /// Reads which page is asked for.
    ///
    /// # Errors
    /// 400.
    pub fn asked(parameters: &Parameters) -> Result<Self, Fault> {
        let size = match parameters.value("page[size]").map(str::parse::<u32>) {
            None => USUAL,
            Some(Ok(size)) if size > 0 => size.min(MOST),
            Some(Ok(_) | Err(_)) => return Err(Fault::malformed("page[size] must be a number from 1 on")),
        };
        let side = match (parameters.value("page[after]"), parameters.value("page[before]")) {
            (Some(_), Some(_)) => {
                return Err(Fault::malformed(
                    "page[after] and page[before] exclude each other",
                ));
            }
            (Some(after), None) => Side::After(seq(after)?),
            (None, Some(before)) => Side::Before(seq(before)?),
            (None, None) => Side::After(Seq(0)),
        };
        Ok(Self { side, size })
    }

    /// What stands beside the page that goes from `first` to `last`, in a log that goes up to `head`.
    #[must_use]
    pub fn beside(
        &self,
        thread: ChatThreadId,
        (first, last): (Seq, Seq),
        head: Seq,
        address: &str,
    ) -> (Meta, Links) {
        let (before, after) = (message_id(thread, first), message_id(thread, last));
        let has_more = match self.side {
            Side::After(_) => last < head,
            Side::Before(_) => first > Seq(1),
        };
        let link = |side: &str, cursor: &str| {
            let name = encoded(&format!("page[{side}]"));
            format!(
                "{address}?{name}={}&{}={}",
                encoded(cursor),
                encoded("page[size]"),
                self.size
            )
        };
        let links = Links {
            prev: (first > Seq(1)).then(|| link("before", &before)),
            next: (last < head).then(|| link("after", &after)),
        };
        (
            Meta {
                has_more,
                after_cursor: Some(after),
                before_cursor: Some(before),
            },
            links,
        )
    }
}

/// The id of a message: its chat thread's, and its number there.
#[must_use]
pub fn message_id(thread: ChatThreadId, seq: Seq) -> String {
    format!("{}-{seq}", thread.0.simple())
}

fn seq(cursor: &str) -> Result<Seq, Fault> {
    cursor
        .rsplit('-')
        .next()
        .and_then(|seq| seq.parse().ok())
        .map(Seq)
        .ok_or_else(|| Fault::malformed(format!("{cursor} is not a cursor of this list")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Result<Page, Fault> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Page::asked(&Parameters(pairs.collect()))
    }

    #[test]
    fn a_message_is_its_own_cursor() {
        let thread = ChatThreadId(uuid::Uuid::from_u128(1));
        let cursor = message_id(thread, Seq(7));
        assert_eq!(
            asked(&[("page[after]", &cursor)]).unwrap().side,
            Side::After(Seq(7))
        );
        assert_eq!(
            asked(&[("page[before]", &cursor)]).unwrap().side,
            Side::Before(Seq(7))
        );
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for pairs in [
            [("page[size]", "0"), ("x", "y")],
            [("page[size]", "many"), ("x", "y")],
            [("page[after]", "what"), ("x", "y")],
            [("page[after]", "a-1"), ("page[before]", "a-2")],
        ] {
            assert!(asked(&pairs).is_err(), "{pairs:?}");
        }
        assert_eq!(asked(&[("page[size]", "500")]).unwrap().size, MOST);
    }

    #[test]
    fn there_is_more_where_it_was_looked_for() {
        let thread = ChatThreadId(uuid::Uuid::from_u128(1));
        let page = |pairs| asked(pairs).unwrap();
        let (meta, links) = page(&[]).beside(thread, (Seq(1), Seq(3)), Seq(5), "a");
        assert!(meta.has_more && links.next.is_some() && links.prev.is_none());
        let (meta, links) = page(&[("page[before]", "a-4")]).beside(thread, (Seq(1), Seq(3)), Seq(5), "a");
        assert!(!meta.has_more && links.next.is_some() && links.prev.is_none());
    }
}
