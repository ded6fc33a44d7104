//! What stands in an empty log. The welcome is this page's own text: nothing of it is on the server (R01).

use leptos::prelude::*;

use crate::parts::icon::{CHAT, Icon};
use crate::words::words;

/// The welcome.
#[component]
pub fn Welcome(
    /// The site's own words, if it has any.
    text: Option<String>,
) -> impl IntoView {
    let words = words();
    view! {
        <div class="welcome">
            <div class="glyph">
                <Icon lines=CHAT />
            </div>
            <h2 dir="auto">{text.unwrap_or_else(|| words.t("welcome"))}</h2>
            <p>{words.t("welcome.hint")}</p>
        </div>
    }
}

/// The shape of messages to come. The style sheet shows it only when the wait is worth it.
#[component]
pub fn Loading() -> impl IntoView {
    view! {
        <div class="loading" aria-hidden="true">
            <i></i>
            <i></i>
            <i></i>
        </div>
    }
}
