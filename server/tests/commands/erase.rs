//! `causerie erase-user`: nothing of a person is left in any file, and nothing of anybody else is missing
//! (SECURITY 27).

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use causerie_server::store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::binary::{Running, ending, printed, refused, run};

/// What only Eve's chat holds: her words, her address, what was answered, noted and labelled.
pub(crate) const EVES: [&str; 6] = [
    "canary-of-eve",
    "eve@mail.example",
    "reply-for-eve",
    "note-about-eve",
    "label-of-eve",
    "\u{e9}v\u{e9}nement",
];

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) fn post(server: &Running, who: usize, n: usize, text: &str) -> String {
    let body = format!(
        "{{\"site\":\"demo\",\"cid\":\"0197a000-0000-7000-8000-{n:012x}\",\"text\":\"{text}\",\"seen\":9000000000000}}"
    );
    let headers = format!("authorization: Bearer {who:064x}\r\ncontent-type: application/json\r\n");
    server.ask("POST", "/api/messaging/messages", &headers, &body)
}

pub(crate) fn says(server: &Running, who: usize, n: usize, text: &str) {
    let answer = post(server, who, n, text);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Somebody who got as far as people, by email.
fn reaches_people(server: &Running, who: usize, name: &str) {
    let (first, mail) = (format!("canary-of-{name}"), format!("{name}@mail.example"));
    for (n, text) in [first.as_str(), "Talk to a person", &mail, "\u{e9}v\u{e9}nement"]
        .into_iter()
        .enumerate()
    {
        // What is Eve's alone stays hers alone.
        let text = if name == "eve" {
            text
        } else {
            text.trim_start_matches('\u{e9}')
        };
        says(server, who, who * 100 + n, text);
    }
}

struct Desk<'a>(&'a Running, String);

impl<'a> Desk<'a> {
    fn of(server: &'a Running, data: &Path) -> Self {
        let args = [
            "token",
            "create",
            "--email",
            "admin@localhost",
            "--name",
            "script",
        ];
        let token = printed(&run(data, &args));
        Self(
            server,
            format!(
                "authorization: Bearer {}\r\ncontent-type: application/json\r\n",
                token.trim()
            ),
        )
    }

    fn asks(&self, method: &str, path: &str, body: &str) -> String {
        self.0.ask(method, path, &self.1, body)
    }

    fn works_on(&self, ticket: u64, name: &str) {
        let path = format!("/api/v2/tickets/{ticket}.json");
        for body in [
            format!("{{\"comment\":{{\"body\":\"note-about-{name}\",\"public\":false}}}}"),
            format!("{{\"comment\":{{\"body\":\"reply-for-{name}\",\"public\":true}}}}"),
            format!("{{\"tags\":[\"label-of-{name}\"]}}"),
        ] {
            let answer = self.asks("PUT", &path, &format!("{{\"ticket\":{body}}}"));
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
}

/// Which of these texts are in any file of a folder. Read by another process: to close a file lets go of the locks that
/// this one has on it.
pub(crate) fn found(folder: &Path, texts: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = Command::new("cat").arg(&path).output().unwrap().stdout;
        for text in texts {
            if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                all.push(format!("{text} in {}", path.file_name().unwrap().display()));
            }
        }
    }
    all
}

pub(crate) fn checked(data: &Path) {
    let said = printed(&run(data, &["check"]));
    assert!(!said.contains("error"), "{said}");
}

/// Eve, and Mallory beside her, who is not touched by it.
pub(crate) fn eve_and_mallory(server: &Running, data: &Path) {
    // Many others as well: their rows share pages with hers, and pages split.
    for n in 0..60 {
        says(
            server,
            10 + n,
            10_000 + n,
            &format!("passer-by {n} {}", "x".repeat(n * 20)),
        );
        if n == 20 {
            reaches_people(server, 1, "eve");
        }
        if n == 40 {
            reaches_people(server, 2, "mallory");
        }
        says(server, 1, 20_000 + n, &format!("canary-of-eve again {n}"));
    }
    let desk = Desk::of(server, data);
    desk.works_on(1, "eve");
    desk.works_on(2, "mallory");
}

const MALLORYS: [&str; 5] = [
    "canary-of-mallory",
    "mallory@mail.example",
    "reply-for-mallory",
    "note-about-mallory",
    "label-of-mallory",
];

pub(crate) fn eves_number(data: &Path) -> String {
    let args = ["export-user", "1"];
    let exported = printed(&run(data, &args));
    for number in 1..100 {
        let exported = if number == 1 {
            exported.clone()
        } else {
            printed(&run(data, &["export-user", &number.to_string()]))
        };
        if exported.contains("eve@mail.example") {
            return number.to_string();
        }
    }
    panic!("Eve is nobody")
}

#[test]
fn i24_beside_a_running_server_nothing_of_a_person_is_left_in_any_file() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    eve_and_mallory(&server, data.path());
    let eve = eves_number(data.path());
    let there = found(data.path(), &EVES);
    for text in EVES {
        assert!(
            there.iter().any(|found| found.starts_with(text)),
            "{text} was there"
        );
    }
    // What a restore leaves that was cut off.
    std::fs::write(data.path().join("causerie.db.restoring"), EVES.join(" ")).unwrap();

    // Nobody can be asked, so nothing is done.
    let why = refused(&run(data.path(), &["erase-user", &eve]));
    assert!(why.contains("give --yes"), "{why}");
    assert!(
        why.contains(&format!("This is end user {eve} <eve@mail.example>, of the site")),
        "{why}"
    );
    assert!(
        why.contains("1 chat, ") && why.contains("1 ticket, last written"),
        "{why}"
    );
    assert!(!found(data.path(), &EVES).is_empty());

    let said = printed(&run(data.path(), &["erase-user", &eve, "--yes"]));
    assert!(
        said.starts_with(&format!("End user {eve} is erased: 1 chat, ")),
        "{said}"
    );

    assert_eq!(found(data.path(), &EVES), [""; 0]);
    let theirs = found(data.path(), &MALLORYS);
    assert!(
        MALLORYS
            .iter()
            .all(|text| theirs.iter().any(|it| it.starts_with(text))),
        "{theirs:?}"
    );
    checked(data.path());

    // The server goes on: with her as a stranger, with everybody else as ever.
    says(&server, 1, 30_000, "a new day");
    says(&server, 2, 30_001, "still me");
    let exported = printed(&run(data.path(), &["export-user", &eve]));
    assert!(
        exported.contains("\"erased_at\":1") && !exported.contains("a new day"),
        "{exported}"
    );
    let desk = Desk::of(&server, data.path());
    let ticket = desk.asks("GET", "/api/v2/tickets/1.json", "");
    assert!(
        ticket.contains("\"erased\":true") && ticket.contains("\"status\":\"closed\""),
        "{ticket}"
    );
    let comments = desk.asks("GET", "/api/v2/tickets/1/comments.json", "");
    let audits = desk.asks("GET", "/api/v2/tickets/1/audits.json", "");
    for (answer, parts) in [
        (
            &comments,
            &["\"erased\":true", "\"body\":\"\"", "\"public\":false"][..],
        ),
        (
            &audits,
            &["RequesterErased", "\"was\":\"tags\"", "ended_by_system"][..],
        ),
    ] {
        assert!(
            parts.iter().all(|part| answer.contains(part)),
            "{parts:?}: {answer}"
        );
        assert!(!EVES.iter().any(|text| answer.contains(text)), "{answer}");
    }
    let user = desk.asks(
        "GET",
        &format!(
            "/api/v2/users/{}.json",
            1_000_000_000 + eve.parse::<u64>().unwrap()
        ),
        "",
    );
    assert!(
        user.contains("\"active\":false") && user.contains("\"erased\":true"),
        "{user}"
    );
    let refused = desk.asks(
        "PUT",
        "/api/v2/tickets/1.json",
        "{\"ticket\":{\"comment\":{\"body\":\"and yet\",\"public\":false}}}",
    );
    assert!(refused.starts_with("HTTP/1.1 422"), "{refused}");

    // Again, it is done already.
    let again = printed(&run(data.path(), &["erase-user", &eve]));
    assert!(
        again.starts_with(&format!("End user {eve} is erased since 20")),
        "{again}"
    );
    assert_eq!(server.stops(), Some(0));
    assert_eq!(found(data.path(), &EVES), [""; 0]);
    let server = Running::start(data.path(), &["--demo"]);
    assert!(
        server.get("/readyz").starts_with("HTTP/1.1 200"),
        "its sums are right"
    );
}

#[test]
fn with_no_server_a_person_is_erased_as_well_and_the_data_is_what_was_written() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    eve_and_mallory(&server, data.path());
    let eve = eves_number(data.path());
    assert_eq!(server.stops(), Some(0));
    assert!(!found(data.path(), &EVES).is_empty());

    printed(&run(data.path(), &["erase-user", &eve, "--yes"]));

    assert_eq!(found(data.path(), &EVES), [""; 0]);
    checked(data.path());
    let server = Running::start(data.path(), &["--demo"]);
    says(&server, 2, 30_001, "still me");
    assert_eq!(server.stops(), Some(0));
    checked(data.path());
}

#[test]
fn whoever_reads_is_waited_for_until_the_log_can_begin_anew() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    eve_and_mallory(&server, data.path());
    let eve = eves_number(data.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(data.path().join("causerie.db"))
        .read_only(true);
    let erased = "SELECT count(*) FROM end_user WHERE erased_at IS NOT NULL";
    let (mut reader, mut eye) = runtime.block_on(async {
        let mut reader = options.connect().await.unwrap();
        sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
        sqlx::query(erased).fetch_one(&mut reader).await.unwrap();
        (reader, options.connect().await.unwrap())
    });
    let mut command = ending(data.path(), &["erase-user", &eve, "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let is_erased = || {
        runtime.block_on(async {
            let count: i64 = sqlx::query_scalar(erased).fetch_one(&mut eye).await.unwrap();
            count > 0
        })
    };
    let mut is_erased = is_erased;
    while !is_erased() {
        assert!(command.try_wait().unwrap().is_none());
    }
    // It is erased for everybody who looks, and what the reader still reads is in the files.
    assert!(!found(data.path(), &EVES).is_empty());
    std::thread::sleep(Duration::from_millis(300));
    let ended = command.try_wait().unwrap();
    assert!(ended.is_none(), "it waits: {ended:?}");
    runtime.block_on(async {
        sqlx::query("COMMIT").execute(&mut reader).await.unwrap();
        reader.close().await.unwrap();
    });
    assert!(command.wait().unwrap().success());
    assert_eq!(found(data.path(), &EVES), [""; 0]);
}

#[test]
fn while_others_write_all_the_time_the_log_begins_anew_all_the_same() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    eve_and_mallory(&server, data.path());
    let eve = eves_number(data.path());
    let erased = AtomicBool::new(false);
    let said = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3_usize)
            .map(|writer| {
                let (server, erased) = (&server, &erased);
                scope.spawn(move || {
                    let mut said = 0;
                    while !erased.load(Ordering::SeqCst) {
                        let n = 100_000 + writer * 10_000 + said;
                        // Refused for a moment, it would be tried again by whoever writes.
                        while !post(server, 50 + writer, n, "meanwhile").starts_with("HTTP/1.1 200") {}
                        said += 1;
                    }
                    said
                })
            })
            .collect();
        let output = run(data.path(), &["erase-user", &eve, "--yes"]);
        erased.store(true, Ordering::SeqCst);
        printed(&output);
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .sum::<usize>()
    });
    assert!(said > 3, "{said}");
    assert_eq!(found(data.path(), &EVES), [""; 0]);
    checked(data.path());
    let rows = rows(data.path());
    let stand = rows.iter().filter(|row| row.contains("'meanwhile'")).count();
    assert_eq!(stand, said, "each stands once");
    assert_eq!(server.stops(), Some(0));
    let server = Running::start(data.path(), &["--demo"]);
    assert!(
        server.get("/readyz").starts_with("HTTP/1.1 200"),
        "its sums are right"
    );
}

#[test]
fn at_a_terminal_it_asks_for_the_number_and_takes_no_other() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    eve_and_mallory(&server, data.path());
    let eve = eves_number(data.path());
    let answered = |answer: &str| {
        let causerie = env!("CARGO_BIN_EXE_causerie");
        let data = path(data.path());
        let command = format!("{causerie} erase-user {eve} --data {data}");
        let mut script = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = script.stdin.take().unwrap();
        stdin.write_all(format!("{answer}\n").as_bytes()).unwrap();
        let output = script.wait_with_output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let (done, said) = answered("77");
    assert!(
        !done && said.contains("That is another number. Nothing is changed."),
        "{said}"
    );
    assert!(
        said.contains(&format!("Type the number {eve} to go on:")),
        "{said}"
    );
    assert!(!found(data.path(), &EVES).is_empty());
    let (done, said) = answered(&eve);
    assert!(
        done && said.contains(&format!("End user {eve} is erased")),
        "{said}"
    );
    assert_eq!(found(data.path(), &EVES), [""; 0]);
}

#[test]
fn i22_an_erasure_that_is_killed_is_undone_or_whole_and_finished_by_the_next() {
    let elsewhere = TempDir::new().unwrap();
    let (whole, data) = (elsewhere.path().join("whole"), elsewhere.path().join("data"));
    let server = Running::start(&whole, &["--demo"]);
    eve_and_mallory(&server, &whole);
    let eve = eves_number(&whole);
    assert_eq!(server.stops(), Some(0));
    let before = rows(&whole);
    let (mut done, mut undone) = (0, 0);
    for round in 0..24 {
        let _ = std::fs::remove_dir_all(&data);
        std::fs::create_dir(&data).unwrap();
        for file in std::fs::read_dir(&whole).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), data.join(file.file_name())).unwrap();
        }
        let mut command = ending(&data, &["erase-user", &eve, "--yes"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The moments are spread over the time that it takes.
        std::thread::sleep(Duration::from_millis(round * 6));
        let id = command.id().to_string();
        // Where it is done already, there is nobody to kill.
        let _ = Command::new("pkill").args(["-KILL", "-P", &id]).status();
        let status = command.wait().unwrap();
        let now = rows(&data);
        if now.iter().any(|row| EVES.iter().any(|text| row.contains(text))) {
            assert!(!status.success());
            assert_eq!(now, before, "round {round}");
            undone += 1;
            checked(&data);
        } else {
            done += 1;
            let said = run(&data, &["check"]);
            let why = String::from_utf8(said.stderr).unwrap();
            let to_do = format!("Run causerie erase-user {eve} to have them cleared.");
            assert!(
                said.status.success() || why.contains(&to_do),
                "round {round}: {why}"
            );
        }
        printed(&run(&data, &["erase-user", &eve, "--yes"]));
        assert_eq!(found(&data, &EVES), [""; 0], "round {round}");
        checked(&data);
    }
    assert!(done > 0 && undone > 0, "{done} done, {undone} undone");
}

/// Every row, as text.
pub(crate) fn rows(data: &Path) -> Vec<String> {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&data.join("causerie.db")).await.unwrap();
        let rows = store.every_row().await.unwrap();
        store.close().await;
        rows
    })
}

#[test]
fn a_restore_of_an_older_backup_erases_again_whoever_was_erased() {
    let elsewhere = TempDir::new().unwrap();
    let (data, other) = (elsewhere.path().join("data"), elsewhere.path().join("other"));
    let backup = elsewhere.path().join("backup");
    let server = Running::start(&data, &["--demo"]);
    eve_and_mallory(&server, &data);
    let eve = eves_number(&data);
    printed(&run(&data, &["backup", path(&backup)]));
    says(&server, 2, 40_000, "after the backup");
    printed(&run(&data, &["erase-user", &eve, "--yes"]));

    let said = printed(&run(&data, &["restore", path(&backup)]));
    assert!(
        said.contains("One end user who was erased since is erased again."),
        "{said}"
    );
    assert_eq!(found(&data, &EVES), [""; 0]);
    checked(&data);
    assert!(!rows(&data).iter().any(|row| row.contains("after the backup")));
    let again = printed(&run(&data, &["erase-user", &eve]));
    assert!(again.contains("is erased since"), "{again}");
    assert!(
        again.contains("before-restore-") && again.contains("delete it"),
        "{again}"
    );
    let said = printed(&run(&data, &["restore", path(&backup)]));
    assert!(said.contains("erased again"), "each time: {said}");
    assert_eq!(found(&data, &EVES), [""; 0]);

    // Where nobody remembers, it is said.
    let said = printed(&run(&other, &["restore", path(&backup)]));
    assert!(
        said.contains("Whoever was erased since that backup was made is in the data again"),
        "{said}"
    );
    assert!(!found(&other, &EVES).is_empty());
}

#[test]
fn whoever_is_meant_is_said_and_nobody_is_erased_for_another() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    says(&server, 1, 1, "hello");
    says(&server, 2, 2, "hello");
    for (command, name) in [
        ("export-user", "nobody"),
        ("erase-user", "nobody"),
        ("erase-user", "17"),
    ] {
        let why = refused(&run(data.path(), &[command, name]));
        assert!(why.contains("No end user has this id"), "{why}");
    }
    drop(server);
    let elsewhere = TempDir::new().unwrap();
    let why = refused(&run(elsewhere.path(), &["erase-user", "1", "--yes"]));
    assert!(why.contains("There is no Causerie data in"), "{why}");
}
