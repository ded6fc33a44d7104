//! A short sound: two soft notes. No file, no request.

use wasm_bindgen::JsValue;
use web_sys::{AudioContext, OscillatorType};

/// Sounds, as far as the browser lets a page sound before somebody has touched it.
#[derive(Debug, Default)]
pub(super) struct Sound {
    context: Option<AudioContext>,
}

impl Sound {
    /// Rings once. A page that may not sound stays silent.
    pub(super) fn ring(&mut self) {
        if self.context.is_none() {
            self.context = AudioContext::new().ok();
        }
        if let Some(context) = &self.context {
            // Suspended until a person has done something on the page; the promise needs no answer.
            let _ = context.resume();
            let _ = note(context, 659.25, 0.0).and_then(|()| note(context, 880.0, 0.14));
        }
    }
}

fn note(context: &AudioContext, pitch: f32, after: f64) -> Result<(), JsValue> {
    let (start, oscillator, gain) = (
        context.current_time() + after,
        context.create_oscillator()?,
        context.create_gain()?,
    );
    oscillator.set_type(OscillatorType::Sine);
    oscillator.frequency().set_value(pitch);
    gain.gain().set_value_at_time(0.0001, start)?;
    gain.gain()
        .exponential_ramp_to_value_at_time(0.12, start + 0.02)?;
    gain.gain()
        .exponential_ramp_to_value_at_time(0.0001, start + 0.32)?;
    oscillator.connect_with_audio_node(&gain)?;
    gain.connect_with_audio_node(&context.destination())?;
    oscillator.start_with_when(start)?;
    oscillator.stop_with_when(start + 0.34)
}
