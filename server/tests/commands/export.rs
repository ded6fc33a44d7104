//! `causerie export-user`: all that is held about one person, and nothing about another (SECURITY 27).

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::binary::{Running, printed, refused, run};

fn post(server: &Running, who: usize, n: usize, text: &str) {
    let body = format!(
        "{{\"site\":\"demo\",\"cid\":\"0197a000-0000-7000-8000-{n:012x}\",\"text\":\"{text}\",\"seen\":9000000000000}}"
    );
    let headers = format!("authorization: Bearer {who:064x}\r\ncontent-type: application/json\r\n");
    let answer = server.ask("POST", "/api/messaging/messages", &headers, &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn all_that_is_held_about_a_person_is_one_document_and_nobody_else_is_in_it() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    for (who, name) in [(1, "eve"), (2, "mallory")] {
        let mail = format!("{name}@mail.example");
        for (n, text) in [&format!("hello of {name}"), "Talk to a person", &mail, "canary"]
            .into_iter()
            .enumerate()
        {
            post(&server, who, who * 100 + n, text);
        }
    }
    let token = printed(&run(
        data.path(),
        &[
            "token",
            "create",
            "--email",
            "admin@localhost",
            "--name",
            "script",
        ],
    ));
    let api = format!(
        "authorization: Bearer {}\r\ncontent-type: application/json\r\n",
        token.trim()
    );
    let note = "{\"ticket\":{\"comment\":{\"body\":\"a reseller\",\"public\":false}}}";
    let noted = server.ask("PUT", "/api/v2/tickets/1.json", &api, note);
    assert!(noted.starts_with("HTTP/1.1 200"), "{noted}");

    let text = printed(&run(data.path(), &["export-user", "1"]));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["end_user"]["email"], "eve@mail.example");
    for held in ["hello of eve", "canary", "a reseller"] {
        assert!(text.contains(held), "{held}: {text}");
    }
    assert!(!text.contains("mallory"), "{text}");
    assert!(
        !text.contains(&format!("{:064x}", 1)) && !text.contains("secret"),
        "{text}"
    );
    let log = document["chat_threads"][0]["log"].as_array().unwrap();
    let numbers: Vec<u64> = log.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert_eq!(document["tickets"][0]["id"], 1);
    for (what, count) in [("chat_threads", 1), ("tickets", 1), ("devices", 0)] {
        assert_eq!(document[what].as_array().unwrap().len(), count, "{what}");
    }

    // By id as well, into a file of its owner alone, without what agents wrote among themselves.
    let file = data.path().join("eve.json");
    let (id, path) = (
        document["end_user"]["id"].as_str().unwrap(),
        file.to_str().unwrap(),
    );
    printed(&run(data.path(), &["export-user", id, path, "--without-notes"]));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("hello of eve") && !text.contains("a reseller"),
        "{text}"
    );
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    // What is there stays; whoever is nobody leaves nothing.
    let why = refused(&run(data.path(), &["export-user", id, path]));
    assert!(why.contains("There is a file"), "{why}");
    let another = data.path().join("nobody.json");
    let why = refused(&run(
        data.path(),
        &["export-user", "nobody", another.to_str().unwrap()],
    ));
    assert!(why.contains("No end user has this id"), "{why}");
    assert!(!another.exists());
}

#[test]
fn a_file_that_is_there_stays_and_one_that_cannot_be_made_is_said_to_be_so() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    post(&server, 1, 1, "hello of eve");
    let file = data.path().join("eve.json");
    let file = file.to_str().unwrap();
    printed(&run(data.path(), &["export-user", "1", file]));
    let written = std::fs::read_to_string(file).unwrap();
    let why = refused(&run(data.path(), &["export-user", "1", file]));
    assert!(
        why.contains(&format!(
            "There is a file {file} already, and it is left as it is. Give another name."
        )),
        "{why}"
    );
    assert_eq!(std::fs::read_to_string(file).unwrap(), written);
    let nowhere = data.path().join("nowhere").join("eve.json");
    let why = refused(&run(
        data.path(),
        &["export-user", "1", nowhere.to_str().unwrap()],
    ));
    assert!(
        why.contains("cannot be made") && why.contains("See that its folder is there"),
        "{why}"
    );
}

/// The data as an older version had it.
const OLDER: [&str; 6] = [
    include_str!("../../migrations/0001_start.sql"),
    include_str!("../../migrations/0002_jobs_without_attempts.sql"),
    include_str!("../../migrations/0003_timers.sql"),
    include_str!("../../migrations/0004_numbers_never_again.sql"),
    include_str!("../../migrations/0005_devices.sql"),
    "INSERT INTO meta (id, epoch, settings) VALUES (1, 1, '{}'); \
     INSERT INTO site VALUES (1, 'shop', 'Shop', '[]', 0); \
     INSERT INTO end_user (id, site, email, locale, created_at) \
     VALUES (x'0197a000000070008000000000000001', 1, 'eve@mail.example', 'en', 0); \
     PRAGMA user_version = 5",
];

#[test]
fn data_of_an_older_version_is_brought_to_this_one_unless_a_server_of_that_version_is_at_work() {
    let data = TempDir::new().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let options = SqliteConnectOptions::new()
            .filename(data.path().join("causerie.db"))
            .create_if_missing(true);
        let mut db = options.connect().await.unwrap();
        for sql in OLDER {
            sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
        }
        db.close().await.unwrap();
    });
    let server = std::fs::File::create(data.path().join("causerie.lock")).unwrap();
    server.lock().unwrap();
    let why = refused(&run(data.path(), &["export-user", "1"]));
    assert!(why.contains("An older Causerie serves the data folder"), "{why}");
    drop(server);
    let text = printed(&run(data.path(), &["export-user", "1"]));
    assert!(text.contains("eve@mail.example"), "{text}");
}
