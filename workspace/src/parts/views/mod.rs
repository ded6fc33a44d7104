//! The navigation `Views`: each way to look at the tickets, and how many are there.

use causerie_core::client::agent::View;
use leptos::prelude::*;

use crate::view::list::slug;
use crate::words::use_words;

/// The navigation.
#[component]
pub fn Views(
    /// The one that is looked at.
    #[prop(into)]
    current: Signal<View>,
    /// How many tickets each holds, in the order of [`View::ALL`].
    #[prop(into)]
    counts: Signal<[usize; View::ALL.len()]>,
) -> impl IntoView {
    let words = use_words();
    let link = |(at, view): (usize, View)| {
        let name = words.say(&format!("view.{}", slug(view)));
        let href = format!("#/views/{}", slug(view));
        let is_current = move || (current.get() == view).then_some("page");
        view! {
            <li>
                <a class="views__link" href=href aria-current=is_current>
                    <span class="views__name">{name}</span>
                    " "
                    <span class="views__count">{move || counts.get()[at]}</span>
                </a>
            </li>
        }
    };
    let links = View::ALL.into_iter().enumerate().map(link).collect_view();
    view! {
        <nav class="views" aria-label=words.say("views")>
            <ul role="list">{links}</ul>
        </nav>
    }
}
