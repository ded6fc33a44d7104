//! The binary, run.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub(crate) fn causerie(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAUSERIE_")) {
        command.env_remove(name);
    }
    command.env("CAUSERIE_DATA", data);
    command
}

/// A command that is to end by itself: one that does not, because it serves after all, is stopped and fails the test.
pub(crate) fn ending(data: &Path, args: &[&str]) -> Command {
    let causerie = causerie(data);
    let mut command = Command::new("timeout");
    command.arg("60").arg(causerie.get_program()).args(args);
    hand_down(&causerie, &mut command);
    command.stdin(Stdio::null());
    command
}

/// The environment of one command for another that starts it.
pub(crate) fn hand_down(of: &Command, to: &mut Command) {
    for (name, value) in of.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
}

pub(crate) fn run(data: &Path, args: &[&str]) -> Output {
    ending(data, args).output().unwrap()
}

pub(crate) fn printed(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line that says why.
pub(crate) fn refused(output: &Output) -> String {
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
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) base: String,
    pub(crate) announced: Vec<String>,
}

impl Running {
    pub(crate) fn start(data: &Path, args: &[&str]) -> Self {
        let mut command = causerie(data);
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        Self::spawn(command)
    }

    /// By a command that comes to be the server.
    pub(crate) fn spawn(mut command: Command) -> Self {
        Self::spawn_as_it_is(command.stdout(Stdio::piped()).stderr(Stdio::null()))
    }

    /// The same, with its output where the command says; stdout is read here.
    pub(crate) fn spawn_as_it_is(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
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

    pub(crate) fn get(&self, path: &str) -> String {
        self.ask("GET", path, "", "")
    }

    /// The answer as it came, head and all. `headers` end in a line break each.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let address = self.base.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Told to stop, and gone.
    pub(crate) fn stops(mut self) -> Option<i32> {
        let told = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(told.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
