//! The release binary, started and killed as a story wants it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::port;
use crate::wait::until;
use crate::{Story, World};

/// `causerie serve --demo`, on a port and a data folder that stay the same from start to start.
#[derive(Debug)]
pub struct Server {
    port: u16,
    folder: PathBuf,
    more: Vec<String>,
    child: Option<Child>,
}

impl Server {
    /// Not yet started; `folder` gets the data and the server's own words.
    pub fn new(folder: &Path) -> Story<Self> {
        Ok(Self {
            port: port::free()?,
            folder: folder.to_owned(),
            more: Vec::new(),
            child: None,
        })
    }

    /// Starts it and waits until it is ready.
    pub async fn start(&mut self) -> Story {
        let binary = binary();
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("server.log"))?;
        let child = Command::new(&binary)
            .args([
                "serve",
                "--demo",
                "--listen",
                &format!("127.0.0.1:{}", self.port),
                "--data",
            ])
            .arg(self.folder.join("data"))
            .args(&self.more)
            .current_dir(World::root())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map_err(|fault| format!("{}: {fault} (`cargo xtask build` makes it)", binary.display()))?;
        self.child = Some(child);
        let port = self.port;
        let child = &mut self.child;
        let ready = until("the server to be ready", async || {
            if let Some(status) = child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                return Ok(Some(Err(status)));
            }
            Ok((port::status(port, "/readyz").await? == 200).then_some(Ok(())))
        });
        ready
            .await?
            .map_err(|status| format!("the server ended by itself ({status})").into())
            .map_err(|fault| self.told(fault))
    }

    /// From its next start on, adds these arguments instead; paths in them are taken from the project's root.
    pub fn takes(&mut self, more: &[&str]) {
        self.more = more.iter().map(ToString::to_string).collect();
    }

    /// SIGKILL: no word to anybody, nothing written that was not written before.
    pub fn kill(&mut self) -> Story {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
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

    /// Its resident memory, in bytes (Linux).
    pub fn memory(&self) -> Story<u64> {
        let child = self.child.as_ref().ok_or("the server is not running")?;
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: u64 = line.ok_or("no VmRSS")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024)
    }

    /// Runs `causerie` on the same data folder, with a line for its standard input; gives what it printed.
    pub fn command(&self, args: &[&str], input: &str) -> Story<String> {
        let mut child = Command::new(binary())
            .args(args)
            .arg("--data")
            .arg(self.folder.join("data"))
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
        let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
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
