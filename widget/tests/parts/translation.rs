use causerie_core::time::Timestamp;
use causerie_widget::js;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{english, language};

const EN: &str = include_str!("../../locales/en.json");
const FR: &str = include_str!("../../locales/fr.json");

fn keys(table: &str) -> Vec<String> {
    let table: serde_json::Map<String, serde_json::Value> = serde_json::from_str(table).unwrap();
    // Each language has the plural forms that it needs.
    let plural = |key: &&String| {
        [".zero", ".one", ".two", ".few", ".many"]
            .iter()
            .any(|form| key.ends_with(form))
    };
    let mut keys: Vec<_> = table.keys().filter(|key| !plural(key)).cloned().collect();
    keys.sort();
    keys
}

#[wasm_bindgen_test]
fn all_languages_have_the_same_strings() {
    assert_eq!(keys(EN), keys(FR));
}

/// What a visitor's message or end may be refused with.
const REFUSALS: [&str; 11] = [
    "cid_reused",
    "cid_unknown",
    "ending_switched_off",
    "text_empty",
    "text_too_long",
    "ticket_closed",
    "too_fast",
    "unavailable",
    "unknown_sender",
    "unknown_session",
    "unreachable",
];

#[wasm_bindgen_test]
fn a_visitor_reads_every_refusal_in_their_own_language() {
    let french = language("fr", FR);
    for code in REFUSALS {
        let key = ["refused.", code].concat();
        assert!(
            english().found(&key).is_some() && french.found(&key).is_some(),
            "{key}"
        );
    }
}

#[wasm_bindgen_test]
fn numbers_take_the_plural_of_their_language() {
    assert_eq!(english().count("jump", 1), "1 new message");
    assert_eq!(english().count("jump", 2), "2 new messages");
    let french = language("fr", FR);
    assert_eq!(french.count("jump", 0), "0 nouveau message");
    assert_eq!(french.count("jump", 2), "2 nouveaux messages");
    assert_eq!(french.count("jump", 1_000_000), "1000000 nouveaux messages");
}

#[wasm_bindgen_test]
fn days_near_today_have_their_names() {
    assert_eq!(english().day(js::now()), "today");
    assert_eq!(
        language("fr", FR).day(Timestamp(js::now().0 - 86_400_000)),
        "hier"
    );
}

#[wasm_bindgen_test]
fn a_missing_string_shows_its_key() {
    assert_eq!(english().t("nothing.like.it"), "nothing.like.it");
    assert_eq!(english().with("typing", "name", "{n}"), "{n} is typing…");
}

#[wasm_bindgen_test]
fn ids_sort_as_they_were_made_and_bear_their_version() {
    let ids: Vec<_> = (0..100).map(|_| js::fresh_id()).collect();
    assert!(
        ids.iter()
            .all(|id| id.0.as_bytes()[6] >> 4 == 7 && id.0.as_bytes()[8] >> 6 == 2)
    );
    assert_ne!(ids[0], ids[99]);
    assert!(ids[0].0.as_bytes()[..6] <= ids[99].0.as_bytes()[..6]);
}
