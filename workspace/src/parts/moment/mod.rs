//! A time, for readers and machines.

use causerie_core::Timestamp;
use leptos::prelude::*;

use crate::dates::{Detail, brief, iso, now, shown};
use crate::words::use_words;

/// The hour today, else the day; all of it on hover.
#[component]
pub fn Moment(
    /// Which time.
    at: Timestamp,
) -> impl IntoView {
    let words = use_words();
    let full = shown(at, Detail::Full, words.locale());
    view! { <time class="moment" datetime=iso(at) title=full>{brief(at, now(), words.locale())}</time> }
}

/// All of a time.
#[component]
pub fn FullMoment(
    /// Which time.
    at: Timestamp,
) -> impl IntoView {
    let words = use_words();
    view! { <time class="moment" datetime=iso(at)>{shown(at, Detail::Full, words.locale())}</time> }
}
