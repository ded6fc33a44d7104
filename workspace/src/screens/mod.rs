//! The screens: each looks at the desk and hands its parts what they show.

pub mod door;
pub mod inbox;
pub mod macros;
pub mod office;
pub mod settings;
pub mod sign_in;
pub mod ticket;
pub mod welcome;

use crate::shell::http::Fault;
use crate::words::Words;

/// What is said of a fault. `credentials`: the key of what a refusal of the credentials means here.
#[must_use]
pub fn sentence(fault: &Fault, credentials: &str, words: &Words) -> String {
    match fault {
        Fault::SignedOut => words.say(credentials),
        Fault::TooMany => words.say("fault.too_many"),
        Fault::Refused { code, message } => words
            .find(&format!("fault.{code}"))
            .unwrap_or_else(|| message.clone()),
        Fault::Unreachable => words.say("fault.unreachable"),
    }
}

/// Why this browser could not stay signed in, if it could not: cookies of a sign-in travel over https alone.
#[must_use]
pub fn insecure(words: &Words) -> Option<String> {
    (!leptos::prelude::window().is_secure_context()).then(|| words.say("sign_in.insecure"))
}
