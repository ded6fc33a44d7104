//! The sound of a message that is not seen: one short, quiet tone, made by the browser. No file is fetched for it.
//! Of many tabs one plays it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use leptos::prelude::window;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::AudioContext;

use super::{Chat, locks};

/// How loud, of 1.
const LOUDNESS: f32 = 0.06;
/// How high, in hertz: an A, above most of a room's own noise.
const PITCH: f32 = 880.0;
/// How long, in seconds.
const LENGTH: f64 = 0.25;
/// For how long one tab has the tone to itself, in milliseconds. The timers of tabs in the background are a second
/// apart at most.
const TURN: i32 = 2000;

/// Made at the first tone, for a browser counts these.
#[derive(Debug, Default)]
pub(super) struct Sound(RefCell<Option<AudioContext>>);

impl Sound {
    /// Plays the tone. Where the browser wants a gesture first, or has no sound at all, it stays quiet.
    pub(super) fn play(&self) {
        let mut context = self.0.borrow_mut();
        if context.is_none() {
            *context = AudioContext::new().ok();
        }
        if let Some(context) = &*context {
            let _ = tone(context);
        }
    }
}

/// Plays the tone in the first of the visitor's tabs that asks. Where nothing is kept, or the browser has no locks, a
/// tab knows of no other.
pub(super) fn play_in_one_tab(chat: &Rc<Chat>) {
    let first = Rc::clone(chat);
    let asked = chat.storage.outlives_page().then(|| {
        let held = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if lock.is_null() {
                return lock;
            }
            first.sound.play();
            Promise::new(&mut |done, _| {
                let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, TURN);
            })
            .into()
        });
        let at_once_or_not = [("ifAvailable", true.into())];
        locks::request(&[&chat.boot.key, ":sound"].concat(), &at_once_or_not, &held)
    });
    match asked {
        Some(Ok(_)) => {}
        Some(Err(_)) | None => chat.sound.play(),
    }
}

/// It fades, so that it doesn't click.
fn tone(context: &AudioContext) -> Result<(), JsValue> {
    let _ = context.resume()?;
    let (source, volume) = (context.create_oscillator()?, context.create_gain()?);
    let now = context.current_time();
    source.frequency().set_value(PITCH);
    volume.gain().set_value_at_time(LOUDNESS, now)?;
    volume
        .gain()
        .exponential_ramp_to_value_at_time(LOUDNESS / 100.0, now + LENGTH)?;
    source.connect_with_audio_node(&volume)?;
    volume.connect_with_audio_node(&context.destination())?;
    source.start()?;
    source.stop_with_when(now + LENGTH)
}
