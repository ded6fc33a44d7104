//! `causerie backup` and `causerie restore`, beside a running server and without one.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use causerie_server::store::Store;
use tempfile::TempDir;

use crate::binary::{Running, ending, printed, refused, run};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn secret(n: usize) -> String {
    format!("{n:064x}")
}

fn post(server: &Running, who: usize, n: usize, text: &str) -> String {
    let body = format!(
        "{{\"site\":\"demo\",\"cid\":\"0197a000-0000-7000-8000-{n:012x}\",\"text\":\"{text}\",\"seen\":9000000000000}}"
    );
    let headers = format!(
        "authorization: Bearer {}\r\ncontent-type: application/json\r\n",
        secret(who)
    );
    server.ask("POST", "/api/messaging/messages", &headers, &body)
}

fn stands(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200")
}

fn at(answer: &str) -> String {
    let (_, rest) = answer.split_once("\"seq\":").unwrap();
    rest.chars().take_while(char::is_ascii_digit).collect()
}

/// What stands in the data, as one text: the same bytes for the same rows.
fn contents(data: &Path) -> String {
    let elsewhere = TempDir::new().unwrap();
    let file = elsewhere.path().join("now");
    printed(&run(data, &["backup", path(&file)]));
    let bytes = std::fs::read(&file).unwrap();
    // The seal says when it was made.
    String::from_utf8_lossy(&bytes[..bytes.len() - 200]).into_owned()
}

#[test]
fn a_backup_is_made_and_put_back_while_the_server_runs() {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    let backup = elsewhere.path().join("backup");
    let server = Running::start(&data, &["--demo"]);
    assert!(stands(&post(&server, 1, 1, "kept")));
    let said = printed(&run(&data, &["backup", path(&backup)]));
    assert!(said.starts_with(path(&backup)) && said.contains("KiB"), "{said}");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&backup).unwrap());
    assert_eq!(mode & 0o777, 0o600, "people's words are their owner's alone");

    // A file that is there stays, unless it is to be replaced.
    let why = refused(&run(&data, &["backup", path(&backup)]));
    assert!(why.contains(path(&backup)) && why.contains("--replace"), "{why}");
    printed(&run(&data, &["backup", "--replace", path(&backup)]));

    let lost = post(&server, 1, 2, "lost");
    let said = printed(&run(&data, &["restore", path(&backup)]));
    assert!(said.contains("The data is as it was at"), "{said}");
    // Sent again, it finds its place anew: it was not there any more.
    assert_eq!(at(&post(&server, 1, 2, "lost")), at(&lost));
    assert!(stands(&post(&server, 1, 3, "goes on")));
    let kept = said
        .split_whitespace()
        .find(|word| word.contains("before-restore"))
        .unwrap();
    let kept = PathBuf::from(kept.trim_end_matches(':'));
    assert!(kept.starts_with(&data) && kept.is_file(), "{said}");
    printed(&run(&data, &["restore", path(&kept)]));
    assert!(stands(&post(&server, 1, 4, "and again")));
    assert_eq!(server.stops(), Some(0));
}

#[test]
fn what_is_no_backup_is_refused_in_a_sentence_and_changes_nothing() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    assert!(stands(&post(&server, 1, 1, "hello")));
    let before = contents(data.path());
    let letter = data.path().join("letter");
    std::fs::write(&letter, "this is a letter").unwrap();
    let database = data.path().join("causerie.db");
    for (file, words) in [
        (&letter, "does not begin as one"),
        (&database, "was not made by causerie backup"),
        (&data.path().join("nowhere"), "There is no file"),
        (&data.path().to_owned(), "cannot be read"),
    ] {
        let why = refused(&run(data.path(), &["restore", path(file)]));
        assert!(why.contains(words) && why.contains(path(file)), "{why}");
        assert_eq!(why.lines().count(), 1, "{why}");
    }
    let why = refused(&run(
        data.path(),
        &["backup", path(&data.path().join("no/folder"))],
    ));
    assert!(
        why.contains("no/folder") && why.contains("cannot be made"),
        "{why}"
    );
    assert_eq!(contents(data.path()), before);
    let elsewhere = TempDir::new().unwrap();
    let why = refused(&run(elsewhere.path(), &["backup", path(&letter)]));
    assert!(why.contains("There is no Causerie data in"), "{why}");
}

#[test]
fn a_backup_makes_the_data_of_another_machine_and_takes_the_place_of_damaged_data() {
    let elsewhere = TempDir::new().unwrap();
    let (data, other) = (elsewhere.path().join("data"), elsewhere.path().join("other"));
    let backup = elsewhere.path().join("backup");
    let server = Running::start(&data, &["--demo"]);
    assert!(stands(&post(&server, 1, 1, "hello")));
    printed(&run(&data, &["backup", path(&backup)]));
    assert_eq!(server.stops(), Some(0));

    let said = printed(&run(&other, &["restore", path(&backup)]));
    assert_eq!(said.lines().count(), 2, "{said}");
    let server = Running::start(&other, &["--demo"]);
    assert!(post(&server, 1, 1, "hello").contains("\"seq\":1,"));
    assert_eq!(server.stops(), Some(0));

    // In the middle of it, a page is no page any more.
    let database = data.join("causerie.db");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[8192..12288].fill(0xAA);
    std::fs::write(&database, &bytes).unwrap();
    for args in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["agent", "add", "--email", "admin@localhost"],
        &["backup", path(&elsewhere.path().join("another"))],
    ] {
        let why = refused(&run(&data, args));
        assert!(
            why.contains(path(&database))
                && why.contains("is damaged")
                && why.contains("causerie restore FILE"),
            "{why}"
        );
        assert_eq!(why.lines().count(), 1, "{why}");
    }
    let said = printed(&run(&data, &["restore", path(&backup)]));
    assert!(said.contains("was damaged"), "{said}");
    let aside = said
        .split_whitespace()
        .find(|word| word.contains("before-restore"))
        .unwrap()
        .trim_end_matches('.');
    assert_eq!(
        std::fs::read(Path::new(aside).join("causerie.db")).unwrap(),
        bytes
    );
    let server = Running::start(&data, &["--demo"]);
    assert!(post(&server, 1, 1, "hello").contains("\"seq\":1,"));
}

#[test]
fn i22_a_restore_that_is_killed_leaves_the_old_data_or_the_new_whole() {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    let (small, large) = (elsewhere.path().join("small"), elsewhere.path().join("large"));
    let server = Running::start(&data, &["--demo"]);
    assert!(stands(&post(&server, 1, 1, "hello")));
    printed(&run(&data, &["backup", path(&small)]));
    for n in 2..150 {
        assert!(stands(&post(&server, n, n, &"many words ".repeat(300))));
    }
    printed(&run(&data, &["backup", path(&large)]));
    assert_eq!(server.stops(), Some(0));

    let words = [entries(&elsewhere, &small), entries(&elsewhere, &large)];
    assert!(words[0].len() > 1 && words[1].len() > 400);
    let (mut whole, mut cut) = (0, 0);
    for round in 0..40 {
        let to = if round % 2 == 0 { &small } else { &large };
        let mut restore = ending(&data, &["restore", path(to)])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // The moments are spread over the time that it takes.
        std::thread::sleep(Duration::from_millis(round * 7));
        let id = restore.id().to_string();
        // Where it is done already, there is nobody to kill.
        let _ = std::process::Command::new("pkill")
            .args(["-KILL", "-P", &id])
            .status();
        let status = restore.wait().unwrap();
        if status.success() {
            whole += 1
        } else {
            cut += 1
        }
        let server = Running::start(&data, &["--demo"]);
        assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
        assert_eq!(server.stops(), Some(0));
        let now = spoken(&data);
        assert!(words.contains(&now), "round {round}: {} entries", now.len());
        assert!(!status.success() || now == words[usize::from(round % 2 == 1)]);
        let left: Vec<String> = std::fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name.contains("restoring"))
            .collect();
        assert_eq!(left, [""; 0], "the next start tidies up");
    }
    assert!(whole > 0 && cut > 0, "{whole} done, {cut} cut off");
}

/// Every row that anybody's talk has left in the data, as text.
fn spoken(data: &Path) -> Vec<String> {
    let of_talk = [
        "thread_entry: ",
        "chat_thread: ",
        "end_user: ",
        "conversation: ",
        "command: ",
    ];
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&data.join("causerie.db")).await.unwrap();
        let mut rows = store.every_row().await.unwrap();
        store.close().await;
        rows.retain(|row| of_talk.iter().any(|table| row.starts_with(table)));
        rows
    })
}

/// The same of a backup.
fn entries(elsewhere: &TempDir, backup: &Path) -> Vec<String> {
    let data = elsewhere
        .path()
        .join(format!("of-{}", backup.file_name().unwrap().display()));
    printed(&run(&data, &["restore", path(backup)]));
    spoken(&data)
}

#[test]
fn a_restore_never_meets_the_log_of_what_was_there() {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    let backup = elsewhere.path().join("backup");
    let database = data.join("causerie.db");
    for file_is in ["gone", "empty"] {
        let mut server = Running::start(&data, &["--demo"]);
        assert!(stands(&post(&server, 1, 1, "kept")));
        printed(&run(&data, &["backup", "--replace", path(&backup)]));
        assert!(stands(&post(&server, 2, 2, "in the log alone")));
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        assert!(data.join("causerie.db-wal").metadata().unwrap().len() > 0);
        match file_is {
            "gone" => std::fs::remove_file(&database).unwrap(),
            _ => std::fs::write(&database, "").unwrap(),
        }
        for args in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["agent", "add", "--name", "Ada", "--email", "ada@example.com"],
        ] {
            let why = refused(&run(&data, args));
            assert!(why.contains("is empty or gone"), "{file_is}: {why}");
        }
        let said = printed(&run(&data, &["restore", path(&backup)]));
        assert!(said.contains("was damaged"), "{file_is}: {said}");
        let rows = spoken(&data);
        assert!(rows.iter().any(|row| row.contains("'kept'")), "{file_is}");
        assert!(
            !rows.iter().any(|row| row.contains("in the log alone")),
            "{file_is}"
        );
    }
    // An empty file and nothing else was never begun.
    let fresh = elsewhere.path().join("fresh");
    std::fs::create_dir(&fresh).unwrap();
    std::fs::write(fresh.join("causerie.db"), "").unwrap();
    printed(&run(&fresh, &["restore", path(&backup)]));
    assert!(spoken(&fresh).iter().any(|row| row.contains("'kept'")));
}

#[test]
fn a_backup_that_was_killed_is_in_nobodys_way() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    let backup = data.path().join("backup");
    let part = data.path().join("backup.part");
    std::fs::write(&part, "the beginning of one that was killed").unwrap();
    printed(&run(data.path(), &["backup", path(&backup)]));
    assert!(!part.exists());
    printed(&run(data.path(), &["check", path(&backup)]));
    // One that is at work on that name is not disturbed.
    let held = std::fs::File::create(&part).unwrap();
    held.lock().unwrap();
    let why = refused(&run(data.path(), &["backup", "--replace", path(&backup)]));
    assert!(why.contains("Another causerie backup"), "{why}");
    assert!(part.exists());
    drop(server);
}
