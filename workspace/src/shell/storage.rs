//! What this browser keeps. Where storage is refused, everything works and nothing is kept.

use std::collections::BTreeMap;

use causerie_core::ids::{AgentId, TicketId};
use leptos::prelude::window;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Storage;

const LOCALE: &str = "causerie.locale";
const SOUNDS: &str = "causerie.sounds";
const RELOADED_FOR: &str = "causerie.reloaded_for";

/// The locale chosen here.
#[must_use]
pub fn locale() -> Option<String> {
    local()?.get_item(LOCALE).ok().flatten()
}

/// Keeps the locale chosen here.
pub fn keep_locale(locale: &str) {
    put(local(), LOCALE, locale);
}

/// Whether sounds are on here; they are until somebody mutes them.
#[must_use]
pub fn sounds() -> bool {
    local()
        .and_then(|storage| storage.get_item(SOUNDS).ok().flatten())
        .is_none_or(|kept| kept != "off")
}

/// Keeps whether sounds are on here.
pub fn keep_sounds(on: bool) {
    put(local(), SOUNDS, if on { "on" } else { "off" });
}

/// The build for which this tab has reloaded itself.
pub(super) fn reloaded_for() -> Option<String> {
    session()?.get_item(RELOADED_FOR).ok().flatten()
}

/// Keeps the build for which this tab reloads itself.
pub(super) fn keep_reloaded_for(build: &str) {
    put(session(), RELOADED_FOR, build);
}

/// An agent's drafts.
pub(super) fn drafts(me: AgentId) -> BTreeMap<TicketId, String> {
    read(&drafts_key(me)).unwrap_or_default()
}

/// Keeps a draft; an empty one is forgotten.
pub(super) fn keep_draft(me: AgentId, ticket: TicketId, text: String) {
    let mut drafts = drafts(me);
    if text.is_empty() {
        drafts.remove(&ticket);
    } else {
        drafts.insert(ticket, text);
    }
    write(&drafts_key(me), &drafts);
}

/// What an agent has seen, in whatever shape its owner gives it.
pub(super) fn seen<T: DeserializeOwned>(me: AgentId) -> Option<T> {
    read(&seen_key(me))
}

/// Keeps what an agent has seen.
pub(super) fn keep_seen<T: Serialize>(me: AgentId, seen: &T) {
    write(&seen_key(me), seen);
}

fn drafts_key(me: AgentId) -> String {
    format!("causerie.drafts.{me}")
}

fn seen_key(me: AgentId) -> String {
    format!("causerie.seen.{me}")
}

fn read<T: DeserializeOwned>(key: &str) -> Option<T> {
    let kept = local()?.get_item(key).ok().flatten()?;
    serde_json::from_str(&kept).ok()
}

fn write<T: Serialize>(key: &str, value: &T) {
    if let Ok(text) = serde_json::to_string(value) {
        put(local(), key, &text);
    }
}

fn put(storage: Option<Storage>, key: &str, value: &str) {
    if let Some(storage) = storage {
        // A full storage keeps nothing more; what is on the screen is not lost by it.
        let _ = storage.set_item(key, value);
    }
}

fn local() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn session() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
