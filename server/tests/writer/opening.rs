use causerie_core::settings::Settings;
use causerie_server::store::{EndUserIdentity, SiteId, Standing, Store, StoreError};
use sqlx::Connection;

use crate::house::House;

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_in_a_sentence() {
    let house = House::new().await;
    let url = format!("sqlite://{}", house.database().display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("PRAGMA user_version = 9999")
        .execute(&mut db)
        .await
        .unwrap();
    let refused = Store::open(&house.database()).await.unwrap_err();
    assert!(matches!(refused, StoreError::NewerVersion { found: 9999, .. }));
    assert!(refused.to_string().contains("newer Causerie"), "{refused}");
}

#[tokio::test]
async fn a_database_of_an_older_version_is_brought_to_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("causerie.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let first = include_str!("../../migrations/0001_start.sql");
    sqlx::raw_sql(first).execute(&mut db).await.unwrap();
    let job = "INSERT INTO meta (id, epoch, settings) VALUES (1, 17, '{}'); INSERT INTO job (kind, key, payload, due_at) VALUES ('assign', 'assign', '{}', 17); \
               PRAGMA user_version = 1";
    sqlx::raw_sql(job).execute(&mut db).await.unwrap();
    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.settings().await.unwrap(), Settings::default());
    let (due, version): (i64, i64) =
        sqlx::query_as("SELECT due_at, (SELECT user_version FROM pragma_user_version) FROM job")
            .fetch_one(&mut db)
            .await
            .unwrap();
    assert_eq!(due, 17, "what was there is there");
    assert!(version > 1);
    let key: Vec<u8> = sqlx::query_scalar("SELECT people_key FROM meta")
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert_eq!(key.len(), 32);
}

#[tokio::test]
async fn security_11_what_an_older_version_has_retired_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("causerie.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    for migration in [
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
    ] {
        sqlx::raw_sql(migration).execute(&mut db).await.unwrap();
    }
    let ada = "INSERT INTO meta (id, epoch, settings) VALUES (1, 17, '{}'); \
               INSERT INTO site (id, key, name, origins, created_at) VALUES (1, 'shop', 'Shop', '[]', 1); \
               INSERT INTO end_user (id, site, external_id, locale, created_at) \
               VALUES (x'01a3185c50007495a9848f5fd1b17239', 1, 'ada', 'en', 1); \
               INSERT INTO retired_secret (site, secret_hash, end_user, person, retired_at) \
               SELECT 1, zeroblob(32), x'01a3185c50007495a9848f5fd1b17230', id, 16 FROM end_user; \
               PRAGMA user_version = 11";
    sqlx::raw_sql(ada).execute(&mut db).await.unwrap();

    let store = Store::open(&path).await.unwrap();

    let who = EndUserIdentity {
        site: SiteId(1),
        secret_hash: [0; 32],
        locale: "en".to_owned(),
    };
    assert_eq!(store.standing(&who).await.unwrap(), Standing::Retired);
    let found = store.named("01a3185c-5000-7495-a984-8f5fd1b17230").await.unwrap();
    assert_eq!(
        found.external_id.as_deref(),
        Some("ada"),
        "who they turned out to be"
    );
    let at: i64 = sqlx::query_scalar("SELECT retired_at FROM retired_secret")
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert_eq!(at, 16);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let below_a_file = folder.path().join("file").join("causerie.db");
    let refused = Store::open(&below_a_file).await.unwrap_err();
    assert!(matches!(refused, StoreError::Folder { .. }));
    assert!(refused.to_string().contains("file"), "{refused}");
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("causerie.db");
    std::fs::write(
        &path,
        "this is a letter, and no database at all; it only has its name ".repeat(50),
    )
    .unwrap();
    let refused = Store::open(&path).await.unwrap_err();
    assert!(refused.to_string().contains("not a database"), "{refused}");
}
