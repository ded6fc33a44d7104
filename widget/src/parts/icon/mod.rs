//! Icons: lines on a field of 24 by 24, in the colour of the text around them. They say nothing to a screen reader.

use leptos::prelude::*;

/// The bot.
pub const BOT: &str = "M12 4v3M6.5 7h11A2.5 2.5 0 0 1 20 9.5v7a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 16.5v-7A2.5 2.5 0 0 1 6.5 7ZM9 12v1.5M15 12v1.5M1.5 12v3M22.5 12v3";
/// A speech bubble.
pub const CHAT: &str = "M20 11.5a7.5 7.5 0 0 1-7.5 7.5H5l1.6-2.9A7.5 7.5 0 1 1 20 11.5ZM9 10h7M9 13.5h4.5";
/// Switched on.
pub const CHECK: &str = "M5 12.5 10 17.5 19 7.5";
/// Away with it.
pub const CLOSE: &str = "M6 6l12 12M18 6 6 18";
/// Downwards.
pub const DOWN: &str = "M12 5v14M6 13l6 6 6-6";
/// Into a file.
pub const DOWNLOAD: &str = "M12 4v11M7 10.5l5 5 5-5M5 20h14";
/// It is over.
pub const END: &str = "M14 4H7a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7M10 12h10M16.5 8.5 20 12l-3.5 3.5";
/// There is more.
pub const MORE: &str = "M4.6 12a.9.9 0 1 0 1.8 0 .9.9 0 1 0-1.8 0ZM11.1 12a.9.9 0 1 0 1.8 0 .9.9 0 1 0-1.8 0ZM17.6 12a.9.9 0 1 0 1.8 0 .9.9 0 1 0-1.8 0Z";
/// Sent off.
pub const SEND: &str = "M5 12 4 4.5 21 12 4 19.5 5 12Zm0 0h7";
/// A loudspeaker.
pub const SOUND: &str =
    "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11";

/// An icon.
#[component]
pub fn Icon(
    /// Its lines.
    lines: &'static str,
) -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d=lines></path>
        </svg>
    }
}
