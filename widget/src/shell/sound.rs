//! The sound of a message that is not seen: one short, quiet tone, made by the browser. No file is fetched for it.
//! Of many tabs one plays it. By hand in `sound.js`, for it is a third of what it would be from here.

use wasm_bindgen::prelude::wasm_bindgen;

use super::Chat;

#[wasm_bindgen(module = "/src/shell/sound.js")]
extern "C" {
    /// Plays the tone. Where the browser wants a gesture first, or has no sound at all, it stays quiet.
    pub(super) fn play();
    #[wasm_bindgen(js_name = playInOneTab)]
    fn play_in_one_tab_of(name: &str);
}

/// Plays the tone in the first of the visitor's tabs that asks. Where nothing is kept, or the browser has no locks, a
/// tab knows of no other.
pub(super) fn play_in_one_tab(chat: &Chat) {
    if chat.storage.outlives_page() {
        play_in_one_tab_of(&[&chat.boot.key, ":sound"].concat());
    } else {
        play();
    }
}
