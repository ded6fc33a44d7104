//! The data folder: made for its owner alone, served by one server at a time, and never by accident.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use sqlx::Connection;
use tempfile::TempDir;

use crate::binary::{Running, causerie, ending, printed, refused, run};

const ADD_ADA: [&str; 6] = ["agent", "add", "--name", "Ada", "--email", "ada@example.com"];

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_and_commands_work_beside_the_first() {
    let data = TempDir::new().unwrap();
    let first = Running::start(data.path(), &[]);
    let why = refused(&run(data.path(), &["serve", "--listen", "127.0.0.1:0"]));
    let process = format!("process {}", first.child.id());
    assert_eq!(why.lines().count(), 1, "{why}");
    assert!(
        why.contains(&data.path().display().to_string()) && why.contains(&process) && why.contains("--data"),
        "{why}"
    );
    assert!(printed(&run(data.path(), &ADD_ADA)).contains("/#/welcome/"));
    // However the first one goes, the next may serve.
    drop(first);
    let next = Running::start(data.path(), &["--demo"]);
    assert!(next.get("/readyz").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_command_in_a_wrong_folder_says_so_and_makes_nothing_there() {
    let elsewhere = TempDir::new().unwrap();
    let wrong = elsewhere.path().join("wrong");
    for args in [
        &[
            "token",
            "create",
            "--email",
            "ada@example.com",
            "--name",
            "script",
        ][..],
        &["key", "create", "--site", "shop", "--scope", "app"],
        &[
            "site",
            "add",
            "--name",
            "Shop",
            "--origin",
            "https://shop.example",
        ],
    ] {
        for data in [elsewhere.path(), &wrong] {
            let why = refused(&run(data, args));
            assert!(
                why.contains("There is no Causerie data in") && why.contains(&data.display().to_string()),
                "{why}"
            );
        }
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    // A new way in is for somebody who is there.
    let link = ["agent", "add", "--email", "ada@example.com"];
    assert!(refused(&run(&wrong, &link)).contains("There is no Causerie data in"));
    assert!(!wrong.exists());
    // Somebody may be added before the first start, which is said.
    let made = run(&wrong, &ADD_ADA);
    printed(&made);
    let said = String::from_utf8(made.stderr).unwrap();
    assert!(
        said.contains("New data") && said.contains(&wrong.display().to_string()) && said.contains("--data"),
        "{said}"
    );
    assert!(wrong.join("causerie.db").is_file());
    assert!(
        run(&wrong, &link).stderr.starts_with(b"Ada is here already"),
        "no new data any more"
    );
}

#[test]
fn the_data_is_its_owners_alone() {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    let _server = Running::start(&data, &[]);
    assert_eq!(mode(&data), 0o700);
    for name in [
        "causerie.db",
        "causerie.db-wal",
        "causerie.db-shm",
        "causerie.lock",
    ] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
}

#[test]
fn data_that_others_may_read_is_warned_of_at_the_start() {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    let warnings = || {
        let log = elsewhere.path().join("log");
        let mut command = causerie(&data);
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stderr(std::fs::File::create(&log).unwrap());
        let server = Running::spawn_as_it_is(command.stdout(Stdio::piped()));
        assert_eq!(server.stops(), Some(0));
        let log = std::fs::read_to_string(log).unwrap();
        log.lines()
            .filter(|line| line.contains("others on this machine"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(warnings(), [""; 0], "made by the server itself");
    // As earlier versions made it.
    chmod(&data, 0o755);
    chmod(&data.join("causerie.db"), 0o644);
    let warned = warnings();
    assert_eq!(warned.len(), 1, "{warned:?}");
    let folder = data.display().to_string();
    assert!(
        warned[0].contains(&folder) && warned[0].contains("chmod"),
        "{warned:?}"
    );
    // One of the two doors is enough.
    chmod(&data, 0o700);
    assert_eq!(warnings(), [""; 0]);
}

#[tokio::test]
async fn a_newer_causeries_database_stops_the_start_in_one_line() {
    let data = TempDir::new().unwrap();
    printed(&run(data.path(), &ADD_ADA));
    let url = format!("sqlite://{}", data.path().join("causerie.db").display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("PRAGMA user_version = 9999")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    for args in [&["serve", "--listen", "127.0.0.1:0"][..], &ADD_ADA] {
        let why = refused(&run(data.path(), args));
        assert_eq!(why.lines().count(), 1, "{why}");
        assert!(
            why.contains("newer Causerie") && why.contains("9999") && why.contains("causerie.db"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn no_command_migrates_the_data_under_an_older_server() {
    let data = TempDir::new().unwrap();
    printed(&run(data.path(), &ADD_ADA));
    let backup = data.path().join("backup");
    printed(&run(data.path(), &["backup", backup.to_str().unwrap()]));
    // An older server's version, while somebody serves it.
    let url = format!("sqlite://{}", data.path().join("causerie.db").display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("PRAGMA user_version = 1")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    let lock = std::fs::File::create(data.path().join("causerie.lock")).unwrap();
    lock.lock().unwrap();
    for args in [&ADD_ADA[..], &["restore", backup.to_str().unwrap()]] {
        let why = refused(&run(data.path(), args));
        assert!(
            why.contains("older Causerie") && why.contains("Restart the server"),
            "{why}"
        );
    }
    // It can be backed up as it is: that changes nothing.
    let another = data.path().join("another");
    printed(&run(data.path(), &["backup", another.to_str().unwrap()]));
}

/// The superuser may write anywhere, so there the binary runs as somebody else, to whom the folder is given.
fn as_somebody(mut command: Command, folder: &Path, data: &Path) -> Command {
    const NOBODY: u32 = 65_534;
    let me = std::fs::metadata("/proc/self").unwrap().uid();
    if me == 0 {
        chmod(folder, 0o755);
        chown(data, Some(NOBODY), Some(NOBODY)).unwrap();
        for file in std::fs::read_dir(data).unwrap() {
            chown(file.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

#[test]
fn a_database_or_a_folder_that_cannot_be_written_to_stops_the_start_in_one_line() {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    printed(&run(&data, &ADD_ADA));
    let database = data.join("causerie.db");
    let serve = ["serve", "--listen", "127.0.0.1:0"];

    // The file may only be read; its folder may be written to.
    chmod(&database, 0o400);
    for args in [&serve[..], &ADD_ADA] {
        let why = refused(
            &as_somebody(ending(&data, args), elsewhere.path(), &data)
                .output()
                .unwrap(),
        );
        assert_eq!(why.lines().count(), 1, "{why}");
        for each in [
            &data.display().to_string(),
            "cannot be written to",
            "readonly",
            "--data",
        ] {
            assert!(why.contains(each), "{each}: {why}");
        }
    }
    // The file may be written to; its folder may only be read.
    chmod(&database, 0o600);
    for beside in ["causerie.lock", "causerie.db-wal", "causerie.db-shm"] {
        let _ = std::fs::remove_file(data.join(beside));
    }
    chmod(&data, 0o500);
    for args in [&serve[..], &ADD_ADA] {
        let why = refused(
            &as_somebody(ending(&data, args), elsewhere.path(), &data)
                .output()
                .unwrap(),
        );
        assert_eq!(why.lines().count(), 1, "{why}");
        for each in [&data.display().to_string(), "cannot be written to", "--data"] {
            assert!(why.contains(each), "{each}: {why}");
        }
    }
    // Mended, it starts.
    chmod(&data, 0o700);
    let mut command = causerie(&data);
    command.args(serve);
    let server = Running::spawn(as_somebody(command, elsewhere.path(), &data));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
}
