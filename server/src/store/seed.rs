//! What a new installation has: the default settings and the shipped macros (R30).

use causerie_core::MacroId;
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::settings::Settings;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::codec;
use super::{Script, StoreError, Writing};

/// What the shipped macros say: an admin may put other words there.
const ENDING: &str = "I am ending this session now. If there is anything else, just write here again: any new \
                      message opens a new session.";

/// Seeds a new database; answers the epoch.
pub(super) async fn seed(db: &mut Writing) -> Result<u64, StoreError> {
    db.begin().await?;
    let known = sqlx::query("SELECT epoch, people_key = x'' AS keyless FROM meta")
        .fetch_optional(db.connection())
        .await?;
    let mut script = Script::default();
    if let Some(row) = known {
        if row.try_get("keyless")? {
            script.then("UPDATE meta SET people_key = ?").with(people_key()?);
            script.run(db).await?;
            db.commit().await?;
        } else {
            db.rollback().await?;
        }
        return epoch(&row);
    }
    let epoch = fresh_epoch()?;
    script
        .then("INSERT INTO meta (id, epoch, settings, people_key) VALUES (1, ?, ?, ?)")
        .with(codec::int(epoch))
        .with(codec::json(&Settings::default()))
        .with(people_key()?);
    for each in shipped_macros() {
        script
            .then("INSERT INTO agent_macro (id, definition) VALUES (?, ?)")
            .with(codec::int(each.id.0))
            .with(codec::json(&each));
    }
    script.run(db).await?;
    db.commit().await?;
    Ok(epoch)
}

/// By which the ids of people are made: see `person`.
fn people_key() -> Result<Vec<u8>, StoreError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)?;
    Ok(key.to_vec())
}

/// The epoch of a row that has it first.
pub(super) fn epoch(row: &SqliteRow) -> Result<u64, StoreError> {
    Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default())
}

/// Below 2^53, for it travels in JSON; never 0.
pub(super) fn fresh_epoch() -> Result<u64, StoreError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)?;
    Ok((u64::from_le_bytes(random) >> 11) | 1)
}

fn shipped_macros() -> [Macro; 2] {
    let plain = |id, title: &str, end_session| Macro {
        id: MacroId(id),
        title: title.to_owned(),
        text: Text::parse(ENDING).ok(),
        status: None,
        priority: None,
        add_tags: Vec::new(),
        end_session,
    };
    [
        plain(1, "Ending this session", false),
        plain(2, "Ending this session and end it", true),
    ]
}
