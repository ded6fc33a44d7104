//! The sound of a message that is not seen: one short, quiet tone, made by the browser. No file is fetched for it.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::AudioContext;

/// How loud, of 1.
const LOUDNESS: f32 = 0.06;
/// How high, in hertz: an A, above most of a room's own noise.
const PITCH: f32 = 880.0;
/// How long, in seconds.
const LENGTH: f64 = 0.25;

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
