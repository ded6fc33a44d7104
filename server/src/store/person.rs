//! The ids of the people whom sites name: made of the name and a key of the installation's own. A restore may take a
//! person away; logged in again, they are who they were, and what their browsers have kept for them is theirs (R40, R47).
//! Without the key, an id says nothing about the name.

use causerie_core::EndUserId;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteConnection;
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
    let key = key(db.connection()).await?;
    let mut turn = 0;
    loop {
        let id = derived(&key, site, turn, external_id);
        match bearer(db.connection(), id).await? {
            Bearer::Nobody => return Ok(id),
            Bearer::Somebody | Bearer::ErasedOne => turn += 1,
        }
    }
}

/// Whom a site named so before they were erased, on each site in their order. No name is kept for this: it follows from
/// the name that is asked for. Of whoever came before their ids were made so, nobody knows.
pub(super) async fn erased_of_name(
    db: &mut SqliteConnection,
    external_id: &str,
) -> Result<Vec<(SiteId, EndUserId)>, StoreError> {
    let key = key(db).await?;
    let sites = sqlx::query("SELECT id FROM site ORDER BY id")
        .fetch_all(&mut *db)
        .await?;
    let mut erased = Vec::new();
    for row in &sites {
        let site = SiteId(Columns::of(row, "site").int("id")?);
        for turn in 0.. {
            let id = derived(&key, site, turn, external_id);
            match bearer(db, id).await? {
                Bearer::Nobody => break,
                Bearer::Somebody => {}
                Bearer::ErasedOne => erased.push((site, id)),
            }
        }
    }
    Ok(erased)
}

async fn key(db: &mut SqliteConnection) -> Result<Vec<u8>, StoreError> {
    let row = sqlx::query("SELECT people_key FROM meta").fetch_one(db).await?;
    Columns::of(&row, "meta").blob("people_key")
}

/// Who bears an id.
enum Bearer {
    Nobody,
    Somebody,
    ErasedOne,
}

async fn bearer(db: &mut SqliteConnection, id: EndUserId) -> Result<Bearer, StoreError> {
    let row = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM end_user WHERE id = ?1) AS somebodys, \
         EXISTS (SELECT 1 FROM erasure WHERE end_user = ?1) AS erased",
    )
    .bind(bytes(id.0))
    .fetch_one(db)
    .await?;
    let columns = Columns::of(&row, "end_user");
    Ok(
        match (columns.int("erased")? != 0, columns.int("somebodys")? != 0) {
            (true, _) => Bearer::ErasedOne,
            (false, true) => Bearer::Somebody,
            (false, false) => Bearer::Nobody,
        },
    )
}

/// Whether an id was made of a name.
pub(super) fn is_of_a_name(id: EndUserId) -> bool {
    id.0.get_version_num() == 8
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
