//! The identity of what is posted: fresh each time, or the same for the same `Idempotency-Key` (R11).

use axum::http::HeaderMap;
use causerie_core::{ChatThreadId, ClientMessageId};
use sha2::{Digest, Sha256};
use uuid::{Builder, Variant, Version};

use super::caller::Caller;
use super::fault::Fault;
use crate::state::App;

/// The header.
const KEY: &str = "idempotency-key";

/// The longest key, in bytes.
const MAX_KEY: usize = 255;

/// The identity of a request.
///
/// # Errors
/// 400 for a key that is none.
pub fn of(
    app: &App,
    caller: &Caller,
    thread: ChatThreadId,
    headers: &HeaderMap,
) -> Result<ClientMessageId, Fault> {
    match headers.get(KEY) {
        None => app
            .clock
            .fresh_id()
            .map(ClientMessageId)
            .map_err(|fault| Fault::ours(&fault)),
        Some(key) if key.is_empty() || key.len() > MAX_KEY => {
            Err(Fault::malformed("Idempotency-Key must have 1 to 255 characters"))
        }
        Some(key) => Ok(derived(&caller.kid, thread, key.as_bytes())),
    }
}

/// Made of the key, of whoever uses it, and of where: nobody else's key makes the same.
fn derived(kid: &str, thread: ChatThreadId, key: &[u8]) -> ClientMessageId {
    let mut hash = Sha256::new();
    hash.update(kid);
    hash.update([0]);
    hash.update(thread.0.as_bytes());
    hash.update(key);
    let hash: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    let id = Builder::from_bytes(bytes)
        .with_version(Version::Custom)
        .with_variant(Variant::RFC4122);
    ClientMessageId(id.into_uuid())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_key_means_the_same_only_to_whoever_used_it_there() {
        let here = ChatThreadId(Uuid::from_u128(1));
        let first = derived("k", here, b"a");
        assert_eq!(derived("k", here, b"a"), first);
        assert_ne!(derived("k", here, b"b"), first);
        assert_ne!(derived("l", here, b"a"), first);
        assert_ne!(derived("k", ChatThreadId(Uuid::from_u128(2)), b"a"), first);
    }
}
