//! The binary as people and scripts call it: what it prints, and how it ends (0 done, 1 refused, 2 wrong usage).

#![expect(clippy::unwrap_used, reason = "what is not as a test says ends the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

const WRONG_FLOW: &str = include_str!("../../flows/demo.toml");

fn causerie(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAUSERIE_")) {
        command.env_remove(name);
    }
    command.env("CAUSERIE_DATA", data);
    command
}

fn run(data: &Path, args: &[&str]) -> Output {
    causerie(data).args(args).stdin(Stdio::null()).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line that says why.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let why = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(
        why.lines().filter(|line| line.starts_with("causerie: ")).count(),
        1,
        "{why}"
    );
    why
}

/// A running server, ended with its test.
struct Running {
    child: Child,
    base: String,
    announced: Vec<String>,
}

impl Running {
    fn start(data: &Path, args: &[&str]) -> Self {
        let mut child = causerie(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut announced = Vec::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The link is the last that is said, where one is said.
        while !announced.iter().any(|line: &String| line.contains("/#/welcome/")) {
            announced.push(lines.next().unwrap().unwrap());
        }
        let workspace = announced
            .iter()
            .find(|line| line.starts_with("Workspace:"))
            .unwrap();
        let address = workspace.split_whitespace().last().unwrap();
        let base = address.trim_end_matches("/workspace/").to_owned();
        Self {
            child,
            base,
            announced,
        }
    }

    fn get(&self, path: &str) -> String {
        let address = self.base.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    let data = TempDir::new().unwrap();
    for args in [
        &["sing"][..],
        &[],
        &["serve", "--listen", "nowhere"],
        &["site", "add", "--name", "x"],
        &["key", "create", "--site", "x", "--scope", "root"],
    ] {
        assert_eq!(run(data.path(), args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_start_that_cannot_be_says_why_in_one_line() {
    let data = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let why = refused(&run(data.path(), &["serve", "--listen", &address]));
    assert!(why.contains(&address) && why.contains("in use"), "{why}");

    let file = data.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let why = refused(&run(&file.join("data"), &["serve", "--listen", "127.0.0.1:0"]));
    assert!(why.contains("cannot be written to"), "{why}");

    let why = refused(&run(data.path(), &["serve", "--database", "postgres://x"]));
    assert!(why.contains("postgres://x"), "{why}");

    let flow = data.path().join("mine.toml");
    let first_goto = WRONG_FLOW.find("goto = \"").unwrap() + "goto = \"".len();
    let line = WRONG_FLOW[..first_goto].lines().count();
    let (before, after) = WRONG_FLOW.split_at(first_goto);
    std::fs::write(&flow, format!("{before}nowhere-{after}")).unwrap();
    let why = refused(&run(data.path(), &["serve", "--flow", flow.to_str().unwrap()]));
    assert!(
        why.contains("mine.toml") && why.contains(&format!("line {line}")) && why.contains("step"),
        "{why}"
    );
    let why = refused(&run(data.path(), &["check", flow.to_str().unwrap()]));
    assert!(why.contains(&format!("line {line}")), "{why}");
    assert!(printed(&run(data.path(), &["check"])).contains("ok"));
}

#[test]
fn a_running_server_takes_what_commands_change() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    assert_eq!(server.announced[0], format!("Demo site:  {}/", server.base));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert!(
        server
            .get("/frame/?key=demo")
            .contains(&format!("frame-ancestors {}", server.base))
    );

    let site = printed(&run(
        data.path(),
        &[
            "site",
            "add",
            "--name",
            "Shop",
            "--origin",
            "https://shop.example",
            "--origin",
            "http://localhost:3000",
        ],
    ));
    let start = format!("<script id=\"ze-snippet\" src=\"{}/widget.js?key=", server.base);
    let key = site
        .trim()
        .strip_prefix(&start)
        .unwrap()
        .strip_suffix("\" async></script>")
        .unwrap()
        .to_owned();
    let frame = server.get(&format!("/frame/?key={key}"));
    assert!(
        frame.contains("frame-ancestors https://shop.example http://localhost:3000"),
        "{frame}"
    );
    assert!(!frame.starts_with("HTTP/1.1 404"));
    for wrong in [
        "http://shop.example",
        "https://*.example",
        "shop.example",
        "https://shop.example/path",
    ] {
        let why = refused(&run(
            data.path(),
            &["site", "add", "--name", "x", "--origin", wrong],
        ));
        assert!(why.contains(wrong), "{why}");
    }

    let printed_key = printed(&run(
        data.path(),
        &["key", "create", "--site", &key, "--scope", "app"],
    ));
    let lines: Vec<&str> = printed_key.lines().collect();
    assert!(
        lines[0].starts_with("kid: ") && lines[1].starts_with("secret: "),
        "{printed_key}"
    );
    refused(&run(
        data.path(),
        &["key", "create", "--site", "nobodys", "--scope", "app"],
    ));
}

#[test]
fn an_agent_comes_in_by_a_link_or_by_a_password() {
    let data = TempDir::new().unwrap();
    let add = ["agent", "add", "--name", "Ada", "--email", "ada@example.com"];
    let first = printed(&run(data.path(), &add));
    assert!(
        first
            .trim()
            .starts_with("http://127.0.0.1:7878/workspace/#/welcome/"),
        "{first}"
    );
    let second = printed(&run(data.path(), &add));
    assert_ne!(first, second);

    let with_password = |password: &str| {
        let mut child = causerie(data.path())
            .args(add)
            .args(["--role", "admin", "--group", "Returns", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(password.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    refused(&with_password("short\n"));
    assert_eq!(printed(&with_password("correct horse\nanother line\n")), "");

    let token = printed(&run(
        data.path(),
        &[
            "token",
            "create",
            "--email",
            "ada@example.com",
            "--name",
            "script",
        ],
    ));
    assert_eq!(token.lines().last().unwrap().len(), 64);
    refused(&run(
        data.path(),
        &[
            "token",
            "create",
            "--email",
            "nobody@example.com",
            "--name",
            "script",
        ],
    ));
    refused(&run(
        data.path(),
        &["agent", "add", "--name", "Ada", "--email", "nowhere"],
    ));
}

#[test]
fn a_server_told_to_stop_ends_well() {
    let data = TempDir::new().unwrap();
    let mut server = Running::start(data.path(), &[]);
    assert!(server.get("/").starts_with("HTTP/1.1 303"));
    let stop = Command::new("kill")
        .arg(server.child.id().to_string())
        .status()
        .unwrap();
    assert!(stop.success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
