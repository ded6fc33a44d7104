//! The ids of the people whom sites name: made of the name and a key of the installation's own. A restore may take a
//! person away; logged in again, they are who they were, and what their browsers have kept for them is theirs (R40, R47).
//! Without the key, an id says nothing about the name.

use causerie_core::EndUserId;
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::codec::{Columns, bytes};
use super::{SiteId, StoreError, Writing};

/// The id of whom a site names so, whom nobody knows yet. An erased person does not come back: whoever is named so
/// after them is another.
pub(crate) async fn id_of(
    db: &mut Writing,
    site: SiteId,
    external_id: &str,
) -> Result<EndUserId, StoreError> {
    let row = sqlx::query("SELECT people_key FROM meta")
        .fetch_one(db.connection())
        .await?;
    let key = Columns::of(&row, "meta").blob("people_key")?;
    let mut turn = 0;
    loop {
        let id = derived(&key, site, turn, external_id);
        if !is_taken(db, id).await? {
            return Ok(id);
        }
        turn += 1;
    }
}

async fn is_taken(db: &mut Writing, id: EndUserId) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM end_user WHERE id = ?1) OR \
         EXISTS (SELECT 1 FROM erasure WHERE end_user = ?1) AS taken",
    )
    .bind(bytes(id.0))
    .fetch_one(db.connection())
    .await?;
    Ok(Columns::of(&row, "end_user").int("taken")? != 0)
}

/// A UUID of version 8, which leaves its bits to whoever makes it. The key goes first and is of one length, and less than
/// half of the sum is told, so nobody goes on from there to another name's.
fn derived(key: &[u8], site: SiteId, turn: u32, external_id: &str) -> EndUserId {
    let sum = Sha256::new()
        .chain_update(key)
        .chain_update(site.0.to_be_bytes())
        .chain_update(turn.to_be_bytes())
        .chain_update(external_id)
        .finalize();
    let mut id = [0; 16];
    id.iter_mut().zip(sum).for_each(|(to, from)| *to = from);
    EndUserId(Builder::from_custom_bytes(id).into_uuid())
}
