//! The one source of randomness of the workspace.

use causerie_core::{ClientMessageId, Timestamp};
use leptos::prelude::window;
use uuid::Builder;

/// A fresh identity for a command: a UUID of version 7.
pub(super) fn client_message_id(now: Timestamp) -> ClientMessageId {
    let millis = u64::try_from(now.0).unwrap_or_default();
    ClientMessageId(Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid())
}

/// A fresh number, any of the 2^32.
pub(super) fn number() -> u32 {
    u32::from_ne_bytes(bytes())
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Ok(crypto) = window().crypto() {
        // It fills so few bytes without fail.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}
