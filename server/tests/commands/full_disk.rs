//! A disk that is really full: a small file system of its own, in a mount namespace that only this server sees. Where
//! a test may not mount, it says so; `tests/writer/full_disk.rs` has the same with a bound on the database's pages.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::binary::{Running, causerie, hand_down, printed, refused};

/// How large the disk is, in MiB.
const SIZE: usize = 8;

const SECRET: &str = "00000000000000000000000000000000000000000000000000000000000000aa";

/// Mounts, then becomes the command that follows: by privilege, else in a user namespace of its own.
fn with_a_small_disk(at: &Path) -> Option<Command> {
    let mount = format!(
        "mount -t tmpfs -o size={SIZE}m,mode=700 none '{}' && exec \"$@\"",
        at.display()
    );
    let ways: [&[&str]; 2] = [&["--mount"], &["--mount", "--user", "--map-root-user"]];
    ways.into_iter().find_map(|way| {
        let command = || {
            let mut command = Command::new("unshare");
            command.args(way).args(["sh", "-c", &mount, "sh"]);
            command
        };
        let may = command()
            .arg("true")
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        may.then(command)
    })
}

/// The server's own disk, as it sees it.
fn inside(server: &Running, path: &Path) -> PathBuf {
    Path::new("/proc")
        .join(server.child.id().to_string())
        .join("root")
        .join(path.strip_prefix("/").unwrap())
}

/// A command on the server's own disk.
fn on_its_disk(server: &Running, data: &Path, args: &[&str]) -> Output {
    let of = |(option, name): &(&str, &str)| format!("--{option}=/proc/{}/ns/{name}", server.child.id());
    let enter = |ways: &[(&str, &str)]| {
        let mut command = Command::new("nsenter");
        command.args(ways.iter().map(of));
        command
    };
    let ways: [&[(&str, &str)]; 2] = [&[("mount", "mnt")], &[("user", "user"), ("mount", "mnt")]];
    let mut command = ways
        .into_iter()
        .find(|ways| {
            enter(ways)
                .arg("true")
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|it| it.success())
        })
        .map(enter)
        .unwrap();
    let causerie = causerie(data);
    command.arg(causerie.get_program()).args(args);
    hand_down(&causerie, &mut command);
    command.stdin(Stdio::null()).output().unwrap()
}

/// Writes until there is no room at all.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for chunk in [64 * 1024, 4096, 1] {
        while file.write(&vec![0; chunk]).is_ok_and(|written| written > 0) {}
    }
}

fn post(server: &Running, n: usize, text: &str) -> String {
    let body = format!(
        "{{\"site\":\"demo\",\"cid\":\"0197a000-0000-7000-8000-{n:012x}\",\"text\":\"{text}\",\"seen\":9000000000000}}"
    );
    let headers = format!("authorization: Bearer {SECRET}\r\ncontent-type: application/json\r\n");
    server.ask("POST", "/api/messaging/messages", &headers, &body)
}

fn was_done(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200")
}

#[test]
fn on_a_full_disk_commands_are_refused_retryably_nothing_is_half_written_and_it_comes_back_by_itself() {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let Some(mut command) = with_a_small_disk(&data) else {
        println!(
            "skipped: mounting is not allowed here (unshare --mount); the bound on pages is tested instead"
        );
        return;
    };
    let serve = {
        let mut serve = causerie(&data);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--demo"]);
        serve
    };
    command.arg(serve.get_program()).args(serve.get_args());
    hand_down(&serve, &mut command);
    let server = Running::spawn(command);
    let filler = inside(&server, &data).join("filler");
    assert!(was_done(&post(&server, 0, "before")));
    fill(&filler);

    // Many at once, so that they share commits.
    let long = "x".repeat(4000);
    let answers: Vec<String> = std::thread::scope(|scope| {
        let asked: Vec<_> = (1..=60)
            .map(|n| {
                let (server, long) = (&server, &long);
                scope.spawn(move || post(server, n, &format!("{n} {long}")))
            })
            .collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let refused: Vec<usize> = (1..=60).filter(|n| !was_done(&answers[n - 1])).collect();
    assert!(!refused.is_empty(), "the disk was not full");
    for n in &refused {
        let answer = &answers[n - 1];
        assert!(
            answer.starts_with("HTTP/1.1 503") && answer.contains("\"retryable\":true"),
            "{answer}"
        );
        assert!(
            answer.contains("retry-after:") && answer.contains("Nothing can be saved"),
            "{answer}"
        );
    }
    assert!(
        server.get("/healthz").starts_with("HTTP/1.1 200"),
        "the server stays up"
    );
    let one_more = (61..1000).find(|n| !was_done(&post(&server, *n, &format!("{n} {long}"))));
    assert!(one_more.is_some());
    assert!(
        server.get("/readyz").starts_with("HTTP/1.1 503"),
        "whoever balances load sends nobody here"
    );
    // What was acknowledged is stored, and nothing else: retried, it is told its place.
    for n in (1..=60).filter(|n| !refused.contains(n)) {
        assert_eq!(
            seq(&post(&server, n, &format!("{n} {long}"))),
            seq(&answers[n - 1])
        );
    }
    assert!(
        server.get("/readyz").starts_with("HTTP/1.1 503"),
        "retries wrote nothing: there is no more room than before"
    );

    std::fs::remove_file(&filler).unwrap();
    let mut places: Vec<u64> = (1..=60)
        .map(|n| {
            let answer = post(&server, n, &format!("{n} {long}"));
            assert!(was_done(&answer), "{answer}");
            seq(&answer)
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 60, "each stands once");
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(server.stops(), Some(0));
}

fn seq(answer: &str) -> u64 {
    let (_, rest) = answer.split_once("\"seq\":").unwrap();
    rest.chars()
        .take_while(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap()
}

#[test]
fn without_room_a_backup_and_a_restore_say_so_and_leave_nothing_half() {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let Some(mut command) = with_a_small_disk(&data) else {
        println!("not run: no file system may be mounted here");
        return;
    };
    let mut serve = causerie(&data);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--demo"]);
    command.arg(serve.get_program()).args(serve.get_args());
    hand_down(&serve, &mut command);
    let server = Running::spawn(command);
    let its_data = inside(&server, &data);
    for n in 0..50 {
        assert!(was_done(&post(&server, n, &"x".repeat(4000))));
    }
    let outside = elsewhere.path().join("backup");
    printed(&on_its_disk(
        &server,
        &data,
        &["backup", outside.to_str().unwrap()],
    ));
    let filler = its_data.join("filler");
    fill(&filler);
    let names = || {
        let mut names: Vec<String> = std::fs::read_dir(&its_data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let before = names();
    for args in [
        ["backup", data.join("backup").to_str().unwrap()],
        ["restore", outside.to_str().unwrap()],
    ] {
        let why = refused(&on_its_disk(&server, &data, &args));
        assert!(why.contains("no room"), "{why}");
        assert_eq!(names(), before, "{args:?} left something");
    }
    // Room for the copy, and none for the rest; then for the copy and the backup of what is there.
    let size = std::fs::metadata(&outside).unwrap().len();
    for halves in [3, 5] {
        std::fs::remove_file(&filler).unwrap();
        let used = before
            .iter()
            .filter(|name| *name != "filler")
            .fold(0, |all, name| {
                all + std::fs::metadata(its_data.join(name)).map_or(0, |it| it.len().div_ceil(4096) * 4096)
            });
        let left = 8 * 1024 * 1024 - used - size * halves / 2;
        std::fs::write(&filler, vec![0; usize::try_from(left).unwrap()]).unwrap();
        let why = refused(&on_its_disk(
            &server,
            &data,
            &["restore", outside.to_str().unwrap()],
        ));
        assert!(why.contains("no room") || why.contains("full"), "{why}");
        assert_eq!(names(), before, "{halves} halves: {why}");
    }
    std::fs::remove_file(&filler).unwrap();
    assert!(was_done(&post(&server, 51, "goes on")));
    printed(&on_its_disk(
        &server,
        &data,
        &["restore", outside.to_str().unwrap()],
    ));
    assert_eq!(server.stops(), Some(0));
}
