//! Sites: where the widget is embedded.

use causerie_core::Timestamp;
use sqlx::sqlite::SqliteRow;

use super::codec::{Columns, json};
use super::{Store, StoreError, Writing};

/// A site's number. Its public name is its key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SiteId(pub i64);

/// A site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    /// Its number.
    pub id: SiteId,
    /// Its key, public.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// From where its pages may embed the widget.
    pub origins: Vec<String>,
}

impl Store {
    /// The site of a key.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn site(&self, key: &str) -> Result<Option<Site>, StoreError> {
        let row = sqlx::query("SELECT id, key, name, origins FROM site WHERE key = ?")
            .bind(key.to_owned())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(site).transpose()
    }

    /// All sites.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        let rows = sqlx::query("SELECT id, key, name, origins FROM site ORDER BY id")
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(site).collect()
    }
}

/// Adds a site; none where its key is taken.
pub(super) async fn add(
    db: &mut Writing,
    key: &str,
    name: &str,
    origins: &[String],
    now: Timestamp,
) -> Result<Option<SiteId>, StoreError> {
    let done = sqlx::query(
        "INSERT INTO site (key, name, origins, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
    )
    .bind(key.to_owned())
    .bind(name.to_owned())
    .bind(json(&origins))
    .bind(now.0)
    .execute(db.connection())
    .await?;
    Ok((done.rows_affected() > 0).then(|| SiteId(done.last_insert_rowid())))
}

/// The number of a site; none where there is none such.
pub(super) async fn id_of(db: &mut Writing, key: &str) -> Result<Option<SiteId>, StoreError> {
    let row = sqlx::query("SELECT id FROM site WHERE key = ?")
        .bind(key.to_owned())
        .fetch_optional(db.connection())
        .await?;
    row.map(|row| Ok(SiteId(Columns::of(&row, "site").int("id")?)))
        .transpose()
}

fn site(row: &SqliteRow) -> Result<Site, StoreError> {
    let columns = Columns::of(row, "site");
    Ok(Site {
        id: SiteId(columns.int("id")?),
        key: columns.text("key")?,
        name: columns.text("name")?,
        origins: columns.json("origins")?,
    })
}
