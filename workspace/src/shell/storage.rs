//! What this browser keeps. Where storage is refused, or full, this page keeps it as long as it is open.

use std::cell::RefCell;
use std::collections::BTreeMap;

use causerie_core::client::agent::Draft;
use causerie_core::ids::{AgentId, TicketId};
use leptos::prelude::window;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Storage;

const LOCALE: &str = "causerie.locale";
const SOUNDS: &str = "causerie.sounds";
const RELOADED_FOR: &str = "causerie.reloaded_for";

thread_local! {
    /// What storage would not take.
    static PAGE: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
}

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

/// What stands in an agent's composers (R40).
#[must_use]
pub fn drafts(me: AgentId) -> BTreeMap<TicketId, Draft> {
    read(&drafts_key(me)).unwrap_or_default()
}

/// Whether those drafts survive a reload; where storage would not take them, they do not.
#[must_use]
pub fn keeps_drafts(me: AgentId) -> bool {
    let key = drafts_key(me);
    local().is_some() && PAGE.with_borrow(|page| !page.contains_key(&key))
}

/// Keeps what stands in a composer; a blank one is forgotten.
pub fn keep_draft(me: AgentId, ticket: TicketId, draft: Draft) {
    let mut drafts = drafts(me);
    if draft.is_blank() {
        drafts.remove(&ticket);
    } else {
        drafts.insert(ticket, draft);
    }
    write(&drafts_key(me), &drafts);
}

/// Forgets what stood in an agent's composers: whoever signs out leaves nothing behind for the next at this browser.
pub fn forget_drafts(me: AgentId) {
    let key = drafts_key(me);
    PAGE.with_borrow_mut(|page| page.remove(&key));
    if let Some(storage) = local() {
        // Where it cannot be removed, it could not be kept.
        let _ = storage.remove_item(&key);
    }
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
    let here = PAGE.with_borrow(|page| page.get(key).cloned());
    let kept = here.or_else(|| local()?.get_item(key).ok().flatten())?;
    serde_json::from_str(&kept).ok()
}

fn write<T: Serialize>(key: &str, value: &T) {
    if let Ok(text) = serde_json::to_string(value) {
        put(local(), key, &text);
    }
}

fn put(storage: Option<Storage>, key: &str, value: &str) {
    let kept = storage.is_some_and(|storage| storage.set_item(key, value).is_ok());
    PAGE.with_borrow_mut(|page| {
        if kept {
            page.remove(key);
        } else {
            page.insert(key.to_owned(), value.to_owned());
        }
    });
}

fn local() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn session() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
