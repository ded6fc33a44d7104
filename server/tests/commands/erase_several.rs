//! `causerie erase-user` of several people: all of them or none, and at once.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use causerie_server::store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::binary::{Running, printed, refused, run};
use crate::erase::{checked, found, path, says};

const WORDS: [&str; 3] = ["canary-of-ann", "canary-of-bea", "canary-of-cid"];

/// Three people, numbered as they came.
fn three(data: &Path) -> Running {
    let server = Running::start(data, &["--demo"]);
    for (who, text) in WORDS.into_iter().enumerate() {
        says(&server, who + 1, who, text);
    }
    assert_eq!(found(data, &WORDS).len(), 3);
    server
}

fn epoch(data: &Path) -> u64 {
    Runtime::new().unwrap().block_on(async {
        let store = Store::open(&data.join("causerie.db")).await.unwrap();
        let epoch = store.epoch();
        store.close().await;
        epoch
    })
}

#[test]
fn several_are_erased_at_once_under_one_epoch() {
    let data = TempDir::new().unwrap();
    let server = three(data.path());
    let before = epoch(data.path());

    // Whoever is named twice is one person.
    let said = printed(&run(data.path(), &["erase-user", "1", "3", "1", "--yes"]));

    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        lines[0].starts_with("End user 1 is erased: 1 chat, ")
            && lines[1].starts_with("End user 3 is erased: "),
        "{said}"
    );
    assert_ne!(epoch(data.path()), before);
    let left = found(data.path(), &WORDS);
    assert!(
        !left.is_empty() && left.iter().all(|it| it.starts_with("canary-of-bea")),
        "{left:?}"
    );
    checked(data.path());
    says(&server, 2, 10, "still me");

    // With one who is erased already, it is done for the other.
    let said = printed(&run(data.path(), &["erase-user", "3", "2", "--yes"]));
    assert!(
        said.contains("End user 3 is erased since 20") && said.contains("End user 2 is erased: 1 chat, "),
        "{said}"
    );
    assert_eq!(found(data.path(), &WORDS), [""; 0]);
    let before = epoch(data.path());
    printed(&run(data.path(), &["erase-user", "3", "2", "--yes"]));
    assert_eq!(
        epoch(data.path()),
        before,
        "nobody has to read anew what is as it was"
    );
}

#[test]
fn where_one_of_several_is_nobody_no_one_is_erased() {
    let data = TempDir::new().unwrap();
    let _server = three(data.path());
    let why = refused(&run(data.path(), &["erase-user", "1", "nobody", "2", "--yes"]));
    assert!(
        why.contains("nobody: No end user has this id.") && why.contains("Nothing is changed."),
        "{why}"
    );
    assert_eq!(found(data.path(), &WORDS).len(), 3);
}

#[test]
fn at_a_terminal_all_of_them_are_listed_and_all_numbers_are_asked_for() {
    let data = TempDir::new().unwrap();
    let _server = three(data.path());
    // With nothing typed, the terminal says that it is at its end.
    let answered = |answer: &str| {
        let causerie = env!("CARGO_BIN_EXE_causerie");
        let command = format!("{causerie} erase-user 1 2 --data {}", path(data.path()));
        let mut script = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        script.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        let output = script.wait_with_output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    for (answer, why) in [
        ("\u{4}", "No number was typed. Nothing is changed."),
        ("\n", "No number was typed. Nothing is changed."),
        ("1\n", "Those are other numbers. Nothing is changed."),
        ("2 1\n", "Those are other numbers. Nothing is changed."),
    ] {
        let (done, said) = answered(answer);
        assert!(!done && said.contains(why), "{answer:?}: {said}");
        assert!(
            said.contains("This is end user 1, of the site")
                && said.contains("This is end user 2, of the site"),
            "{said}"
        );
        assert!(said.contains("Type the numbers 1 2 to go on:"), "{said}");
    }
    assert_eq!(found(data.path(), &WORDS).len(), 3);
    let (done, said) = answered("1 2\n");
    assert!(done && said.contains("End user 2 is erased: "), "{said}");
    assert_eq!(found(data.path(), &WORDS).len(), 1);
}

#[test]
fn where_somebody_else_writes_for_long_it_is_said_in_words() {
    let data = TempDir::new().unwrap();
    let server = three(data.path());
    let runtime = Runtime::new().unwrap();
    let writer = runtime.block_on(async {
        let options = SqliteConnectOptions::new()
            .filename(data.path().join("causerie.db"))
            .pragma("wal_autocheckpoint", "0");
        let mut writer = options.connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut writer).await.unwrap();
        writer
    });
    for args in [
        &["erase-user", "1", "--yes"][..],
        &["site", "add", "--name", "x", "--origin", "https://x.example"],
    ] {
        let why = refused(&run(data.path(), args));
        assert!(
            why.contains("Another causerie is writing to the data") && why.contains("Try again"),
            "{why}"
        );
        assert!(!why.contains("code") && !why.contains("locked"), "{why}");
    }
    runtime.block_on(writer.close()).unwrap();
    assert_eq!(found(data.path(), &WORDS).len(), 3);
    assert_eq!(server.stops(), Some(0));
}
