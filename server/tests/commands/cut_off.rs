//! An erasure that is cut off between its commit and its end: it stands, and the files hold words that no row has any
//! more. Whoever comes next knows of it, and takes them away (SECURITY 27).

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use causerie_server::clock::Clock;
use causerie_server::store::{Change, Changed, SiteId, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::binary::{Running, causerie, hand_down, printed, refused, run};
use crate::erase::{EVES, checked, eve_and_mallory, eves_number, found, path, says};

/// What the system sends to a process that writes further into a file than it may.
const SIGXFSZ: i32 = 25;

/// How long anything takes at most, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that may write so far into any file and no further. There it dies, as of a kill; where it doesn't heed the
/// signal, it is refused as by a full disk.
fn bounded(bytes: u64, heeds: bool, data: &Path, args: &[&str]) -> Command {
    let its = causerie(data);
    let mut command = Command::new("sh");
    let trap = if heeds { "" } else { "trap '' XFSZ; " };
    command
        .args([
            "-c",
            &format!("{trap}exec prlimit --fsize={bytes} --core=0 \"$@\""),
            "sh",
        ])
        .arg(its.get_program())
        .args(args);
    hand_down(&its, &mut command);
    command.stdin(Stdio::null());
    command
}

fn dies_behind(bytes: u64, data: &Path, args: &[&str]) -> ExitStatus {
    bounded(bytes, true, data, args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
}

fn is_refused_room_behind(bytes: u64, data: &Path, args: &[&str]) -> Output {
    bounded(bytes, false, data, args).output().unwrap()
}

fn size(data: &Path) -> u64 {
    std::fs::metadata(data.join("causerie.db")).unwrap().len()
}

/// Eve among many, in a folder that nobody serves.
struct Shop {
    elsewhere: TempDir,
    data: PathBuf,
    eve: String,
}

impl Shop {
    fn new() -> Self {
        let elsewhere = TempDir::new().unwrap();
        let data = elsewhere.path().join("data");
        let server = Running::start(&data, &["--demo"]);
        eve_and_mallory(&server, &data);
        // Most of the data is others': what an erasure writes is little beside what is written anew.
        for n in 0..150 {
            says(&server, 10 + n % 60, 50_000 + n, &"y".repeat(4000));
        }
        let eve = eves_number(&data);
        assert_eq!(server.stops(), Some(0));
        Self { elsewhere, data, eve }
    }

    /// Erases Eve, and is killed while the database is written anew: behind the erasure's own commit, there is no room
    /// in its log for all of it.
    fn is_cut_off(&self) {
        let status = dies_behind(size(&self.data), &self.data, &["erase-user", &self.eve, "--yes"]);
        assert_eq!(status.signal(), Some(SIGXFSZ));
        assert!(!found(&self.data, &EVES).is_empty());
    }

    fn is_erased(&self) -> bool {
        Runtime::new().unwrap().block_on(async {
            let mut eye = reading(&self.data).await;
            let is_erased = is_erased(&mut eye).await;
            eye.close().await.unwrap();
            is_erased
        })
    }
}

/// It only reads: to put the log into the database is for those who keep the sums of its pages.
async fn reading(data: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(data.join("causerie.db"))
        .read_only(true)
        .connect()
        .await
        .unwrap()
}

async fn is_erased(eye: &mut SqliteConnection) -> bool {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM end_user WHERE erased_at IS NOT NULL")
        .fetch_one(eye)
        .await
        .unwrap();
    count > 0
}

/// Somebody who reads, and so keeps the log from being begun anew.
async fn reader(data: &Path) -> SqliteConnection {
    let mut reader = reading(data).await;
    sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
    is_erased(&mut reader).await;
    reader
}

/// A server, and what it logs.
fn serving(shop: &Shop) -> (Running, PathBuf) {
    let log = shop.elsewhere.path().join("log");
    let mut command = causerie(&shop.data);
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--demo"])
        .stdout(Stdio::piped())
        .stderr(File::create(&log).unwrap());
    (Running::spawn_as_it_is(&mut command), log)
}

/// All that it has logged once this is among it.
fn logged(log: &Path, what: &str) -> String {
    let begun = Instant::now();
    loop {
        let said = std::fs::read_to_string(log).unwrap();
        if said.contains(what) {
            return said;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: {said}");
        std::thread::yield_now();
    }
}

#[test]
fn i22_what_an_erasure_left_that_was_cut_off_is_taken_away_by_the_next_start() {
    let shop = Shop::new();
    shop.is_cut_off();
    assert!(shop.is_erased(), "its commit stands");

    let (server, log) = serving(&shop);

    logged(
        &log,
        &format!("nothing of end user {} is left in the files", shop.eve),
    );
    assert_eq!(found(&shop.data, &EVES), [""; 0]);
    says(&server, 2, 60_000, "still me");
    checked(&shop.data);
    assert_eq!(server.stops(), Some(0));
    let (server, log) = serving(&shop);
    assert_eq!(server.stops(), Some(0));
    let said = std::fs::read_to_string(log).unwrap();
    assert!(!said.contains("end user"), "once: {said}");
    checked(&shop.data);
}

#[test]
fn i22_what_was_left_is_told_by_check_and_taken_away_by_any_erasure() {
    let shop = Shop::new();
    shop.is_cut_off();

    let why = refused(&run(&shop.data, &["check"]));
    let to_do = format!("Run causerie erase-user {} to have them cleared.", shop.eve);
    assert!(
        why.contains(&format!("end user {} was erased at 20", shop.eve)) && why.contains(&to_do),
        "{why}"
    );
    assert!(!found(&shop.data, &EVES).is_empty(), "it only reads");

    // Somebody else's will do.
    let passer_by = if shop.eve == "1" { "2" } else { "1" };
    let done = run(&shop.data, &["erase-user", passer_by, "--yes"]);
    let said = printed(&done);
    assert!(
        said.starts_with(&format!("End user {passer_by} is erased: ")),
        "{said}"
    );
    assert_eq!(found(&shop.data, &EVES), [""; 0]);
    checked(&shop.data);

    // Whoever began it is told, until they are told that it is done.
    let cut_off = format!("End user {} was erased at 20", shop.eve);
    let told = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).contains(&cut_off);
    assert!(told(&done));
    let again = run(&shop.data, &["erase-user", &shop.eve]);
    assert!(told(&again));
    let said = printed(&again);
    assert!(
        said.starts_with(&format!("End user {} is erased since 20", shop.eve)),
        "{said}"
    );
    assert!(!told(&run(&shop.data, &["erase-user", passer_by])));
}

#[test]
fn i22_killed_while_it_waits_for_a_reader_an_erasure_is_finished_by_the_same_command() {
    let shop = Shop::new();
    let runtime = Runtime::new().unwrap();
    let (reader, mut eye) = runtime.block_on(async { (reader(&shop.data).await, reading(&shop.data).await) });
    let its = causerie(&shop.data);
    let mut command = Command::new(its.get_program());
    command.args(["erase-user", &shop.eve, "--yes"]);
    hand_down(&its, &mut command);
    let mut command = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !runtime.block_on(is_erased(&mut eye)) {
        assert!(command.try_wait().unwrap().is_none());
    }
    command.kill().unwrap();
    assert!(!command.wait().unwrap().success());

    // Nobody who is served waits for the reader. The server says what is to be done; and so do its figures, as long as
    // it serves.
    let (server, log) = serving(&shop);
    let still = format!("may still hold words of end user {}", shop.eve);
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(!said.contains(&still), "before anybody was served: {said}");
    says(&server, 2, 60_000, "while it waits");
    let said = logged(&log, &still);
    assert!(
        said.contains(&format!("Run causerie erase-user {}", shop.eve)),
        "{said}"
    );
    assert!(!found(&shop.data, &EVES).is_empty());
    let unfinished = |many: u64| {
        let metrics = server.get("/metrics");
        assert!(
            metrics.contains(&format!("\ncauserie_erasures_unfinished {many}\n")),
            "{metrics}"
        );
    };
    unfinished(1);
    runtime.block_on(async {
        reader.close().await.unwrap();
        eye.close().await.unwrap();
    });

    printed(&run(&shop.data, &["erase-user", &shop.eve, "--yes"]));
    unfinished(0);
    assert_eq!(found(&shop.data, &EVES), [""; 0]);
    checked(&shop.data);
    assert_eq!(server.stops(), Some(0));
}

/// The site's name for somebody.
const NAME: &str = "customer-42";

fn introduced(data: &Path, name: &str, email: &str) -> String {
    Runtime::new().unwrap().block_on(async {
        let store = Store::open(&data.join("causerie.db")).await.unwrap();
        let change = Change::IntroduceEndUser {
            site: SiteId(1),
            external_id: name.to_owned(),
            name: Some("canary-of-eve".to_owned()),
            email: Some(email.to_owned()),
            locale: None,
        };
        let done = store.change(change, &Clock::default()).await.unwrap().unwrap();
        assert!(matches!(done, Changed::EndUser { fresh: true, .. }));
        let number = store.named(name).await.unwrap().number.to_string();
        store.close().await;
        number
    })
}

#[test]
fn a_name_whose_erasure_was_cut_off_erases_nobody_who_has_it_since() {
    let mut shop = Shop::new();
    shop.eve = introduced(&shop.data, NAME, "customer@mail.example");
    let status = dies_behind(size(&shop.data), &shop.data, &["erase-user", NAME, "--yes"]);
    assert_eq!(status.signal(), Some(SIGXFSZ));
    assert!(!found(&shop.data, &["customer@mail.example"]).is_empty());
    let other = shop.elsewhere.path().join("other");
    let copied = Command::new("cp")
        .args(["-r", path(&shop.data), path(&other)])
        .status();
    assert!(copied.unwrap().success());

    // Where nobody has it since, the same command finishes what it began.
    let again = run(&other, &["erase-user", NAME, "--yes"]);
    let said = printed(&again);
    assert!(
        said.starts_with(&format!("End user {} is erased since 20", shop.eve)),
        "{said}"
    );
    assert_eq!(found(&other, &["customer@mail.example"]), [""; 0]);
    checked(&other);

    // They come back, as somebody new of the same name.
    let new = introduced(&shop.data, NAME, "back@mail.example");
    assert_ne!(new, shop.eve);
    for _ in 0..2 {
        let why = refused(&run(&shop.data, &["erase-user", NAME, "--yes"]));
        for each in [
            format!("{NAME} is end user {new}, who came after end user {}", shop.eve),
            format!("If you mean end user {new}, give that number."),
            format!("Nothing is left in the files of end user {}", shop.eve),
            format!("run causerie erase-user {}, which says so", shop.eve),
        ] {
            assert!(why.contains(&each), "{each}: {why}");
        }
        assert_eq!(found(&shop.data, &["customer@mail.example"]), [""; 0]);
        assert!(!found(&shop.data, &["back@mail.example"]).is_empty());
    }
    // Somebody else's name is only theirs.
    let neighbour = introduced(&shop.data, "customer-43", "bea@mail.example");
    let said = printed(&run(&shop.data, &["erase-user", "customer-43", "--yes"]));
    assert!(
        said.starts_with(&format!("End user {neighbour} is erased: ")),
        "{said}"
    );

    // Once it is told that they are erased, a name is a name.
    printed(&run(&shop.data, &["erase-user", &shop.eve, "--yes"]));
    let said = printed(&run(&shop.data, &["erase-user", NAME, "--yes"]));
    assert!(said.starts_with(&format!("End user {new} is erased: ")), "{said}");
    assert_eq!(found(&shop.data, &["back@mail.example"]), [""; 0]);
    let said = printed(&run(&shop.data, &["erase-user", NAME, "--yes"]));
    assert!(
        said.starts_with(&format!("End user {new} is erased since 20")),
        "the last who had it: {said}"
    );
}

#[test]
fn where_no_name_follows_from_whose_erasure_was_cut_off_whoever_came_after_is_asked_for_by_number() {
    let shop = Shop::new();
    let before = introduced(&shop.data, "customer-1", "ann@mail.example");
    shop.is_cut_off();
    let after = introduced(&shop.data, NAME, "bea@mail.example");
    let by_name = |name| run(&shop.data, &["erase-user", name, "--yes"]);

    let why = refused(&by_name(NAME));
    assert!(
        why.contains(&format!(
            "{NAME} is end user {after}, who came after end user {}",
            shop.eve
        )),
        "{why}"
    );
    let said = printed(&by_name("customer-1"));
    assert!(
        said.starts_with(&format!("End user {before} is erased: ")),
        "{said}"
    );
    refused(&by_name(NAME));
    let said = printed(&by_name(&after));
    assert!(
        said.starts_with(&format!("End user {after} is erased: ")),
        "{said}"
    );
}

#[test]
fn a_name_that_nobody_has_finishes_what_was_cut_off_and_says_of_whom() {
    let shop = Shop::new();
    shop.is_cut_off();
    let why = refused(&run(&shop.data, &["erase-user", "nobody", "--yes"]));
    for each in [
        "nobody: No end user has this id.".to_owned(),
        "Nothing is changed.".to_owned(),
        format!("Nothing is left in the files of end user {}", shop.eve),
        format!("run causerie erase-user {}, which says so", shop.eve),
    ] {
        assert!(why.contains(&each), "{each}: {why}");
    }
    assert_eq!(found(&shop.data, &EVES), [""; 0]);
    checked(&shop.data);
}

#[test]
fn i22_what_a_restore_left_that_erased_again_and_was_cut_off_is_taken_away_by_the_next_start() {
    let shop = Shop::new();
    let backup = shop.elsewhere.path().join("backup");
    printed(&run(&shop.data, &["backup", path(&backup)]));
    printed(&run(&shop.data, &["erase-user", &shop.eve, "--yes"]));
    assert_eq!(found(&shop.data, &EVES), [""; 0]);

    // There is room in the log for the backup, and not for the same once more.
    let room = size(&shop.data) * 3 / 2;
    let status = dies_behind(room, &shop.data, &["restore", path(&backup)]);
    assert_eq!(status.signal(), Some(SIGXFSZ));
    assert!(!found(&shop.data, &EVES).is_empty());
    let why = refused(&run(&shop.data, &["check"]));
    assert!(
        why.contains(&format!(
            "Run causerie erase-user {} to have them cleared.",
            shop.eve
        )),
        "{why}"
    );

    let (server, log) = serving(&shop);
    logged(
        &log,
        &format!("nothing of end user {} is left in the files", shop.eve),
    );
    assert_eq!(found(&shop.data, &EVES), [""; 0]);
    checked(&shop.data);
    assert_eq!(server.stops(), Some(0));
}

/// One of the demo shop's customers logs in, on a device that may have been an anonymous visitor's.
fn logs_in(server: &Running, device: usize, before: Option<usize>) {
    let signed = server.ask("POST", "/customers/camille/token", "", "");
    let token = signed.rsplit('"').nth(1).unwrap();
    let before = before.map_or_else(String::new, |it| format!("authorization: Bearer {it:064x}\r\n"));
    let headers = format!("{before}content-type: application/json\r\n");
    let body =
        format!("{{\"site\":\"demo\",\"locale\":\"en\",\"secret\":\"{device:064x}\",\"token\":\"{token}\"}}");
    let answer = server.ask("POST", "/api/messaging/login", &headers, &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn an_erasure_of_several_in_one_that_a_restore_was_cut_off_in_is_one_and_is_told_once() {
    let mut shop = Shop::new();
    let server = Running::start(&shop.data, &["--demo"]);
    says(&server, 0xb1, 70_000, "canary-of-camille before");
    logs_in(&server, 0xa1, None);
    says(&server, 0xa1, 70_001, "canary-of-camille");
    // Whoever chatted first turns out to be her. She has a session elsewhere, so that chat stays behind.
    logs_in(&server, 0xb2, Some(0xb1));
    assert_eq!(server.stops(), Some(0));
    let runtime = Runtime::new().unwrap();
    let number_of = |name: &str| {
        runtime.block_on(async {
            let store = Store::open(&shop.data.join("causerie.db")).await.unwrap();
            let number = store.named(name).await.unwrap().number.to_string();
            store.close().await;
            number
        })
    };
    let camille = number_of("camille");
    let backup = shop.elsewhere.path().join("backup");
    printed(&run(&shop.data, &["backup", path(&backup)]));
    printed(&run(&shop.data, &["erase-user", &camille, "--yes"]));
    shop.eve = camille;

    let room = size(&shop.data) * 3 / 2;
    let status = dies_behind(room, &shop.data, &["restore", path(&backup)]);
    assert_eq!(status.signal(), Some(SIGXFSZ));
    let why = refused(&run(&shop.data, &["check"]));
    assert_eq!(why.matches(" was erased at 20").count(), 1, "{why}");

    let came = introduced(&shop.data, NAME, "customer@mail.example");
    let told = run(&shop.data, &["erase-user", &shop.eve]);
    let beside = String::from_utf8_lossy(&told.stderr).into_owned();
    let hers = format!("End user {} was erased at 20", shop.eve);
    assert!(beside.contains(&hers), "{beside}");
    assert_eq!(beside.matches("cut off").count(), 1, "{beside}");
    printed(&told);
    assert_eq!(found(&shop.data, &["canary-of-camille"]), [""; 0]);

    // Nothing of it stands in the way of anybody else's.
    let other = run(&shop.data, &["erase-user", NAME, "--yes"]);
    let said = printed(&other);
    assert!(
        said.starts_with(&format!("End user {came} is erased: ")),
        "{said}"
    );
    assert!(!String::from_utf8_lossy(&other.stderr).contains("cut off"));
    checked(&shop.data);
}

#[test]
fn a_restore_whose_traces_cannot_be_taken_away_says_of_whom_and_what_to_run() {
    let shop = Shop::new();
    let (backup, later) = (
        shop.elsewhere.path().join("backup"),
        shop.elsewhere.path().join("later"),
    );
    printed(&run(&shop.data, &["backup", path(&backup)]));
    let shown = printed(&run(&shop.data, &["erase-user", &shop.eve, "--yes"]));
    assert!(shown.contains("is erased: "), "{shown}");
    let since = |data: &Path| printed(&run(data, &["erase-user", &shop.eve]));
    let first = since(&shop.data);

    let room = size(&shop.data) * 3 / 2;
    let output = is_refused_room_behind(room, &shop.data, &["restore", path(&backup)]);
    let why = refused(&output);
    assert!(
        why.contains(&format!(
            "may still hold words of end user {}, who are erased",
            shop.eve
        )) && why.contains(&format!(
            "Run causerie erase-user {} to have them cleared.",
            shop.eve
        )),
        "{why}"
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("One end user who was erased since is erased again."),
        "{said}"
    );

    // What is written from rows holds nothing, though the files do: put back elsewhere, nothing is to be done.
    printed(&run(&shop.data, &["backup", path(&later)]));
    assert_eq!(
        found(shop.elsewhere.path(), &["canary-of-eve"]),
        ["canary-of-eve in backup"]
    );
    let other = shop.elsewhere.path().join("other");
    printed(&run(&other, &["restore", path(&later)]));
    checked(&other);
    assert_eq!(found(&other, &EVES), [""; 0]);

    // It is since the first time that they are erased, wherever it is told.
    let output = run(&shop.data, &["erase-user", &shop.eve]);
    let (said, beside) = (printed(&output), String::from_utf8(output.stderr).unwrap());
    assert_eq!(said.lines().next(), first.lines().next());
    let at = first
        .lines()
        .next()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap()
        .trim_end_matches('.');
    assert_eq!(beside.matches(at).count(), 2, "{beside}");
    std::fs::read_dir(&shop.data)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("before-restore-"))
        .for_each(|kept| std::fs::remove_file(kept).unwrap());
    assert_eq!(found(&shop.data, &EVES), [""; 0]);
    checked(&shop.data);
}

#[test]
fn an_erasure_whose_traces_cannot_be_taken_away_says_whose_why_and_what_to_run() {
    let shop = Shop::new();
    let args = ["erase-user", &shop.eve, "--yes"];
    let output = is_refused_room_behind(size(&shop.data), &shop.data, &args);
    let why = refused(&output);
    for each in [
        &format!(
            "End user {} is erased, but the files of the data may still hold",
            shop.eve
        ),
        "needs room for a copy of it",
        "cannot be written to",
        &format!("Run causerie erase-user {} once more.", shop.eve),
    ] {
        assert!(why.contains(each), "{each}: {why}");
    }
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with(&format!("End user {} is erased: ", shop.eve)),
        "{said}"
    );
    assert!(!found(&shop.data, &EVES).is_empty());

    printed(&run(&shop.data, &args));
    assert_eq!(found(&shop.data, &EVES), [""; 0]);
    checked(&shop.data);
}
