//! What the tabs of one visitor share: the shelf, a channel, and the lock by which one of them leads. The browser's
//! side is `tabs.js`, by hand, for it is a fifth of what the same would be from here.
//!
//! All of it is parted by site and by whose it is: tabs of another person have another shelf, channel and lock.

use std::rc::Weak;

use js_sys::Array;
use leptos::prelude::queue_microtask;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use causerie_core::client::end_user::{Input, Word};
use causerie_core::client::role::Term;
use causerie_core::client::timeline::Written;
use causerie_core::ids::ClientMessageId;

use super::Chat;
use crate::wire;

/// The id under which the draft is kept.
const DRAFT: &str = "";
/// What a draft begins with on the shelf; a message is an object.
const DRAFT_MARK: char = '=';
/// What a message begins with that was written before somebody logged in.
const CARRIED_MARK: char = '+';

#[wasm_bindgen(module = "/src/shell/tabs.js")]
extern "C" {
    #[wasm_bindgen(js_name = join)]
    fn join_under(site: &str, whose: &str, tells: &JsValue);
    #[wasm_bindgen(js_name = canShare)]
    pub(super) fn can_share() -> bool;
    #[wasm_bindgen(js_name = tell)]
    fn tell_word(word: JsValue);
    pub(super) fn elect(steal: bool);
    pub(super) fn resign();
    #[wasm_bindgen(js_name = keep)]
    fn keep_text(id: &str, text: Option<&str>);
    pub(super) fn look();
    pub(super) fn burn();
    pub(super) fn clear(whole: bool);
    #[wasm_bindgen(js_name = inTurn)]
    pub(super) fn in_turn(name: &str, act: &JsValue);
}

/// Shares with the other tabs of this person from here on, and with no others.
pub(super) fn join(site: &str, whose: &str, chat: Weak<Chat>) {
    let told = Closure::<dyn FnMut(JsValue)>::new(move |told: JsValue| {
        // After the call that led to it: an input is done with before the next comes in.
        if let (Some(chat), Some(input)) = (chat.upgrade(), input(&told)) {
            queue_microtask(move || chat.feed(input));
        }
    });
    join_under(site, whose, told.as_ref().unchecked_ref());
    // Called as long as the page lives; a page joins once, and whenever it learns whose it is.
    told.forget();
}

/// Says a word to the other tabs.
pub(super) fn tell(word: &Word) {
    tell_word(wire::word(word));
}

/// Passes on to the other tabs what the server has said.
pub(super) fn pass_on(term: Term, frame: &JsValue) {
    tell_word(wire::passed_on(term, frame));
}

/// Keeps a message.
pub(super) fn keep(item: &Written) {
    keep_text(&item.cid.to_string(), Some(&wire::written_json(item)));
}

/// Forgets a message.
pub(super) fn forget(cid: ClientMessageId) {
    keep_text(&cid.to_string(), None);
}

/// Keeps the draft.
pub(super) fn keep_draft(draft: &str) {
    let text = [&*String::from(DRAFT_MARK), draft].concat();
    keep_text(DRAFT, (!draft.is_empty()).then_some(&text));
}

fn written(text: &str) -> Option<Written> {
    let Some(carried) = text.strip_prefix(CARRIED_MARK) else {
        return wire::written(text);
    };
    let mut item = wire::written(carried)?;
    item.body.carried = true;
    Some(item)
}

/// What is told: a name, or a name and a value.
fn input(told: &JsValue) -> Option<Input> {
    let told = told.dyn_ref::<Array>()?;
    let value = told.get(1);
    Some(match &*told.get(0).as_string()? {
        "looked" => {
            let (mut outbox, mut draft) = (Vec::new(), None);
            for text in value
                .dyn_ref::<Array>()?
                .iter()
                .filter_map(|text| text.as_string())
            {
                match text.strip_prefix(DRAFT_MARK) {
                    Some(text) => draft = Some(text.to_owned()),
                    None => outbox.extend(written(&text)),
                }
            }
            Input::Looked { outbox, draft }
        }
        "shelved" => Input::Shelved(wire::message_id(&value.as_string()?)?),
        "lost" => Input::ShelfLost,
        "heard" => wire::heard(&value)?,
        "elected" => Input::Elected,
        "replaced" => Input::Replaced,
        "unshared" => Input::Unshared,
        _ => return None,
    })
}
