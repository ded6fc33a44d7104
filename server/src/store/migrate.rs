//! Migrations, embedded: the database's `user_version` says how many of them it has seen.

use std::path::Path;

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::{StoreError, Writing};

/// Every migration, in order. One that a release has had is never changed again; what comes is added.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_start.sql"),
    include_str!("../../migrations/0002_jobs_without_attempts.sql"),
    include_str!("../../migrations/0003_timers.sql"),
    include_str!("../../migrations/0004_numbers_never_again.sql"),
    include_str!("../../migrations/0005_devices.sql"),
    include_str!("../../migrations/0006_jobs_to_do.sql"),
    include_str!("../../migrations/0007_erasure.sql"),
    include_str!("../../migrations/0008_devices_swept.sql"),
    include_str!("../../migrations/0009_traces.sql"),
    include_str!("../../migrations/0010_probe.sql"),
    include_str!("../../migrations/0011_people.sql"),
    include_str!("../../migrations/0012_retired_for_good.sql"),
];

/// Says so if a version is a newer build's.
pub(super) fn not_newer(path: &Path, found: i64) -> Result<(), StoreError> {
    let known = known();
    if found <= known {
        return Ok(());
    }
    Err(StoreError::NewerVersion {
        path: path.to_owned(),
        found,
        known,
    })
}

/// The version that this build knows.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the database to this build's version, in one transaction.
pub(super) async fn migrate(db: &mut Writing, path: &Path) -> Result<(), StoreError> {
    let known = known();
    if version(db.connection()).await? == known {
        return Ok(());
    }
    db.begin().await?;
    // Another process may have been quicker.
    let found = version(db.connection()).await?;
    if let Err(newer) = not_newer(path, found) {
        db.rollback().await?;
        return Err(newer);
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        sqlx::raw_sql(*migration).execute(db.connection()).await?;
    }
    mark(db, known).await?;
    db.commit().await
}

async fn mark(db: &mut Writing, version: i64) -> Result<(), StoreError> {
    let mark = format!("PRAGMA user_version = {version}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(mark))
        .execute(db.connection())
        .await?;
    Ok(())
}

/// Writes the version as it is: a page for certain, where an update that changes nothing would write none.
pub(super) async fn mark_again(db: &mut Writing) -> Result<(), StoreError> {
    let version = version(db.connection()).await?;
    mark(db, version).await
}

/// The version of a database.
pub(super) async fn version(db: &mut SqliteConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("PRAGMA user_version").fetch_one(db).await?;
    Ok(row.try_get(0)?)
}
