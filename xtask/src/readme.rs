//! The README's first command, run as it stands there, by somebody who has nothing but rustup, git and what the system
//! brings.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::{Outcome, Running, command, root, target_dir};

/// The two commands that a newcomer is told to type.
const COMMANDS: [&str; 2] = ["cargo xtask serve", "cargo xtask test"];

/// Where the first of them serves.
const PORT: u16 = 7878;

/// What rustup brings.
const RUST: [&str; 8] = [
    "cargo",
    "cargo-clippy",
    "cargo-fmt",
    "clippy-driver",
    "rustc",
    "rustdoc",
    "rustfmt",
    "rustup",
];

/// What the system brings.
const SYSTEM: [&str; 4] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/// The first start fetches and builds everything.
const DEADLINE: Duration = Duration::from_secs(45 * 60);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The server that the command became. With it go the data that it made.
#[derive(Debug)]
pub(crate) struct Served(Running);

impl Served {
    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.0.kill();
        if let Err(fault) = std::fs::remove_dir_all(data()) {
            println!("{}: {fault}", data().display());
        }
    }
}

/// Runs `cargo xtask serve` until the server is ready. Nothing where it would write into somebody's own data, or
/// somebody's own server has its port: then the reason is printed. A clean clone has neither.
pub(crate) fn serve() -> Outcome<Option<Served>> {
    let readme =
        std::fs::read_to_string(root().join("README.md")).map_err(|fault| format!("README.md: {fault}"))?;
    for wanted in COMMANDS {
        if !readme.lines().any(|line| line == wanted) {
            return Err(format!("README.md does not say `{wanted}` on a line of its own"));
        }
    }
    let in_the_way = if data().exists() {
        Some("there is a folder ./data, which it would write into".to_owned())
    } else {
        let taken = TcpStream::connect((Ipv4Addr::LOCALHOST, PORT)).ok();
        taken.map(|_| format!("a server listens on port {PORT}"))
    };
    if let Some(why) = in_the_way {
        if std::env::var_os("CI").is_some() {
            return Err(why);
        }
        println!("left out: {why}");
        return Ok(None);
    }
    let [first, _] = COMMANDS;
    let mut words = first.split_whitespace();
    let program = words.next().unwrap_or_default();
    let running = command(program)
        .args(words)
        .env("PATH", newcomers_path()?)
        // A newcomer has no settings; what stands in this environment could name somebody's own data.
        .without_envs_of("CAUSERIE_")
        .start()?;
    let mut served = Served(running);
    let until = Instant::now() + DEADLINE;
    while ask("/readyz") != Some(200) {
        if served.0.has_ended() {
            return Err(format!("`{first}` ended before it served"));
        }
        if Instant::now() > until {
            return Err(format!("`{first}` serves nothing after {} s", DEADLINE.as_secs()));
        }
        sleep(LOOK_EVERY);
    }
    for page in ["/", "/workspace/"] {
        if ask(page) != Some(200) {
            return Err(format!("`{first}` serves no {page}"));
        }
    }
    Ok(Some(served))
}

/// Where the command keeps what people write.
fn data() -> PathBuf {
    root().join("data")
}

/// rustup's programs and the system's; no build tool that somebody installed by hand.
fn newcomers_path() -> Outcome<std::ffi::OsString> {
    let folder = target_dir().join("readme/bin");
    let made = std::fs::create_dir_all(&folder);
    made.map_err(|fault| format!("{}: {fault}", folder.display()))?;
    for name in RUST {
        if let Some(program) = on_path(name) {
            let link = folder.join(name);
            // One from an earlier run is made anew: what it led to may be gone.
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(program, &link)
                .map_err(|fault| format!("{}: {fault}", link.display()))?;
        }
    }
    let folders = [folder].into_iter().chain(SYSTEM.map(PathBuf::from));
    std::env::join_paths(folders).map_err(|fault| fault.to_string())
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// The status of a page, if anything answers.
fn ask(page: &str) -> Option<u16> {
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, PORT)).ok()?;
    // Whoever listens there may not be ours, and say nothing.
    socket.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let request = format!("GET {page} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).ok()?;
    let mut head = [0; 12];
    socket.read_exact(&mut head).ok()?;
    std::str::from_utf8(head.get(9..)?).ok()?.parse().ok()
}
