//! The settings: one's own, and for admins the account's.

use causerie_core::client::agent::AgentClient;
use causerie_core::settings::Settings as Values;
use causerie_core::time::Span;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::sentence;
use crate::app::Language;
use crate::parts::amount::Amount;
use crate::parts::choice::{Choice, Pick};
use crate::parts::switch::Switch;
use crate::shell::Desk;
use crate::words::{LOCALES, use_words};

/// The screen.
#[component]
pub fn Settings() -> impl IntoView {
    let desk: Desk = expect_context();
    let words = use_words();
    let is_admin = Memo::new(move |_| desk.see(AgentClient::sets_the_account));
    view! {
        <main class="page">
            <h1>{words.say("section.settings")}</h1>
            <Yours />
            <Show when=move || is_admin.get()>
                <Account />
            </Show>
        </main>
    }
}

/// What is this browser's own.
#[component]
fn Yours() -> impl IntoView {
    let (desk, language): (Desk, Language) = (expect_context(), expect_context());
    let words = use_words();
    let picks: Vec<Pick> = LOCALES.iter().map(|(tag, name)| Pick::new(*tag, *name)).collect();
    view! {
        <section class="card page__section" aria-labelledby="settings-yours">
            <h2 id="settings-yours">{words.say("settings.yours")}</h2>
            <Choice
                label=words.say("settings.language")
                value=Signal::stored(words.locale().to_owned())
                picks=Signal::stored(picks)
                on_pick=UnsyncCallback::new(move |tag: String| language.choose(&tag))
            />
            <Switch
                label=words.say("settings.sounds")
                hint=words.say("settings.sounds_hint")
                on=desk.sounds
                on_change=UnsyncCallback::new(move |on| desk.set_sounds(on))
            />
        </section>
    }
}

/// What is the account's.
#[component]
fn Account() -> impl IntoView {
    let desk: Desk = expect_context();
    let words = use_words();
    let values =
        Memo::new(move |_| desk.see(|client| client.desk().map(|desk| desk.settings).unwrap_or_default()));
    let said = RwSignal::new(String::new());
    let keep = {
        let words = words.clone();
        UnsyncCallback::new(move |values: Values| {
            let words = words.clone();
            spawn_local(async move {
                let answer = desk.me().set_settings(&values).await;
                said.set(match answer {
                    Ok(()) => words.say("saved"),
                    Err(why) => sentence(&why, "sign_in.again", &words),
                });
            });
        })
    };
    let switch = |key: &str, read: fn(&Values) -> bool, write: fn(&mut Values, bool)| {
        let changed = move |on: bool| {
            let mut values = values.get_untracked();
            write(&mut values, on);
            keep.run(values);
        };
        view! {
            <Switch
                label=words.say(key)
                hint=words.say(&format!("{key}_hint"))
                on=Signal::derive(move || values.with(read))
                on_change=UnsyncCallback::new(changed)
            />
        }
    };
    let amount =
        |key: &str, unit: &str, of: Span, read: fn(&Values) -> Span, write: fn(&mut Values, Span)| {
            let changed = move |many: i64| {
                let mut values = values.get_untracked();
                write(&mut values, Span(many.saturating_mul(of.0)));
                keep.run(values);
            };
            view! {
                <Amount
                    label=words.say(key)
                    unit=words.say(unit)
                    hint=words.say(&format!("{key}_hint"))
                    value=Signal::derive(move || values.with(read).0 / of.0)
                    on_change=UnsyncCallback::new(changed)
                />
            }
        };
    view! {
        <section class="card page__section" aria-labelledby="settings-account">
            <h2 id="settings-account">{words.say("settings.account")}</h2>
            {switch(
                "settings.agents_can_end",
                |values| values.agents_can_end_sessions,
                |values, on| values.agents_can_end_sessions = on,
            )}
            {switch(
                "settings.end_users_can_end",
                |values| values.end_users_can_end_sessions,
                |values, on| values.end_users_can_end_sessions = on,
            )}
            {switch(
                "settings.tell_host_page",
                |values| values.tell_host_page_of_end,
                |values, on| values.tell_host_page_of_end = on,
            )}
            {amount(
                "settings.inactive_after",
                "settings.minutes",
                Span::minutes(1),
                |values| values.inactive_after,
                |values, after| values.inactive_after = after,
            )}
            {amount(
                "settings.solved_closes_after",
                "settings.hours",
                Span::hours(1),
                |values| values.solved_closes_after,
                |values, after| values.solved_closes_after = after,
            )}
            <p class="muted" role="status">{move || said.get()}</p>
        </section>
    }
}
