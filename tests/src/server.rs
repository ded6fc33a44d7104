//! The release binary, started and killed as a story wants it.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::port;
use crate::wait::until;
use crate::{Story, World};

/// The process id of the server that `cargo xtask serve`, run as the README has it, became.
const SERVED: &str = "CAUSERIE_SERVED";

/// Where that command serves.
const SERVED_PORT: u16 = 7878;

/// `causerie serve --demo`, on a port and a data folder that stay the same from start to start.
#[derive(Debug)]
pub struct Server {
    port: u16,
    data: PathBuf,
    log: PathBuf,
    more: Vec<String>,
    under: Vec<String>,
    running: Option<Running>,
}

/// The process.
#[derive(Debug)]
enum Running {
    /// Started by this.
    Child(Child),
    /// Found running.
    Found(u32),
}

impl Server {
    /// Not yet started; `folder` gets the data and the server's own words.
    pub fn new(folder: &Path) -> Story<Self> {
        Ok(Self {
            port: port::free()?,
            data: folder.join("data"),
            log: folder.join("server.log"),
            more: Vec::new(),
            under: Vec::new(),
            running: None,
        })
    }

    /// The server that `CAUSERIE_SERVED` names, which runs already; without it, a new one as by [`Server::new`].
    pub fn found_or_new(folder: &Path) -> Story<Self> {
        let mut server = Self::new(folder)?;
        if let Ok(id) = std::env::var(SERVED) {
            server.port = SERVED_PORT;
            server.data = World::root().join("data");
            server.running = Some(Running::Found(id.parse()?));
        }
        Ok(server)
    }

    /// Starts it, unless it runs, and waits until it is ready.
    pub async fn start(&mut self) -> Story {
        if self.running.is_none() {
            self.running = Some(Running::Child(self.spawn()?));
        }
        let port = self.port;
        let running = &mut self.running;
        let ready = until("the server to be ready", async || {
            if let Some(Running::Child(child)) = running.as_mut()
                && let Some(status) = child.try_wait()?
            {
                return Ok(Some(Err(status)));
            }
            Ok((port::status(port, "/readyz").await? == 200).then_some(Ok(())))
        });
        ready
            .await?
            .map_err(|status| format!("the server ended by itself ({status})").into())
            .map_err(|fault| self.told(fault))
    }

    fn spawn(&self) -> Story<Child> {
        let binary = binary();
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut words = self.under.iter().map(Path::new).chain([&*binary]);
        let first = words.next().unwrap_or(&binary);
        let child = program(first)
            .args(words)
            .args([
                "serve",
                "--demo",
                "--listen",
                &format!("127.0.0.1:{}", self.port),
                "--data",
            ])
            .arg(&self.data)
            .args(&self.more)
            .current_dir(World::root())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn();
        child.map_err(|fault| format!("{}: {fault} (`cargo xtask build` makes it)", binary.display()).into())
    }

    /// From its next start on, adds these arguments instead; paths in them are taken from the project's root.
    pub fn takes(&mut self, more: &[&str]) {
        self.more = more.iter().map(ToString::to_string).collect();
    }

    /// From its next start on, is started by this program with these arguments, which then has to become the server.
    pub fn runs_under(&mut self, program: Vec<String>) {
        self.under = program;
    }

    /// SIGKILL: no word to anybody, nothing written that was not written before.
    pub fn kill(&mut self) -> Story {
        match self.running.take() {
            Some(Running::Child(mut child)) => {
                child.kill()?;
                child.wait()?;
            }
            Some(Running::Found(id)) => {
                let killed = Command::new("kill").args(["-KILL", &id.to_string()]).status()?;
                if !killed.success() {
                    return Err(format!("the server, process {id}, could not be killed").into());
                }
                // Whoever started it has its status; what matters here is that its port is free again.
                while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                    std::thread::yield_now();
                }
            }
            None => {}
        }
        Ok(())
    }

    /// The address of a page.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What `/metrics` says of this.
    pub async fn metric(&self, name: &str) -> Story<u64> {
        let metrics = crate::http::ask(self.port(), "GET /metrics", &[], "").await?;
        let line = metrics
            .body
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = line.ok_or_else(|| format!("no metric {name}"))?;
        Ok(value.trim().parse()?)
    }

    /// The folder of its data.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Its resident memory, in bytes (Linux).
    pub fn memory(&self) -> Story<u64> {
        self.status("VmRSS:")
    }

    /// The most memory it ever had resident, in bytes (Linux).
    pub fn peak_memory(&self) -> Story<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> Story<u64> {
        let id = match self.running.as_ref().ok_or("the server is not running")? {
            Running::Child(child) => child.id(),
            Running::Found(id) => *id,
        };
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib: u64 = line.ok_or(name)?.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024)
    }

    /// Runs `causerie` on the same data folder, with a line for its standard input; gives what it printed.
    pub fn command(&self, args: &[&str], input: &str) -> Story<String> {
        let mut child = program(&binary())
            .args(args)
            .arg("--data")
            .arg(&self.data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            writeln!(stdin, "{input}")?;
        }
        let output = child.wait_with_output()?;
        if output.status.success() {
            Ok(String::from_utf8(output.stdout)?)
        } else {
            Err(format!(
                "causerie {}: {}",
                args.join(" "),
                String::from_utf8_lossy(&output.stderr)
            )
            .into())
        }
    }

    /// A failure with the last words of the server.
    fn told(
        &self,
        fault: Box<dyn std::error::Error + Send + Sync>,
    ) -> Box<dyn std::error::Error + Send + Sync> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let last: Vec<_> = log.lines().rev().take(5).collect();
        let last: Vec<_> = last.into_iter().rev().collect();
        format!("{fault}\n{}", last.join("\n")).into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// The binary under test: `CAUSERIE_BINARY`, else the release build.
fn binary() -> PathBuf {
    let built = || {
        World::root()
            .join("target/release")
            .join(format!("causerie{}", std::env::consts::EXE_SUFFIX))
    };
    std::env::var_os("CAUSERIE_BINARY").map_or_else(built, PathBuf::from)
}

/// The binary, without the settings of this environment: they could name somebody's own data.
fn program(binary: &Path) -> Command {
    let mut program = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CAUSERIE_") {
            program.env_remove(name);
        }
    }
    program
}
