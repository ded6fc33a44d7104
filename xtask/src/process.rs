//! Starting other programs from the project's root, with their output shown as it comes.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a step gives, or one line that says why it could not.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The project's root folder.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from))
}

/// A program, to be run in the project's root.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Step {
    let mut command = Command::new(program);
    command.current_dir(root());
    Step(command)
}

/// The cargo that runs us.
pub(crate) fn cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Step {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).args(args)
}

/// Replaces this process by the program; comes back only when that fails.
pub(crate) fn become_program(step: Step) -> Outcome {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let mut step = step;
        let fault = step.0.exec();
        Err(format!("{}: {fault}", step.name()))
    }
    #[cfg(not(unix))]
    step.run()
}

/// One program with its arguments.
#[derive(Debug)]
pub(crate) struct Step(Command);

impl Step {
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(args);
        self
    }

    pub(crate) fn arg(self, arg: impl AsRef<OsStr>) -> Self {
        self.args([arg])
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn envs<'a>(mut self, vars: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.0.envs(vars);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    /// Without any variable whose name begins so.
    pub(crate) fn without_envs_of(mut self, prefix: &str) -> Self {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with(prefix) {
                self.0.env_remove(name);
            }
        }
        self
    }

    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it to its end; a bad status is a failure.
    pub(crate) fn run(mut self) -> Outcome {
        let status = self
            .0
            .status()
            .map_err(|fault| format!("{}: {fault}", self.name()))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{} failed ({status})", self.name()))
        }
    }

    /// Runs it and gives what it wrote to its standard output.
    pub(crate) fn output(mut self) -> Outcome<String> {
        let output = self.0.stderr(Stdio::inherit()).output();
        let output = output.map_err(|fault| format!("{}: {fault}", self.name()))?;
        if !output.status.success() {
            return Err(format!("{} failed ({})", self.name(), output.status));
        }
        String::from_utf8(output.stdout).map_err(|_| format!("{}: output is not UTF-8", self.name()))
    }

    /// Whether it can be started and ends well; nothing is shown.
    pub(crate) fn succeeds(mut self) -> bool {
        self.0
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Starts it; it is killed when the guard goes.
    pub(crate) fn start(mut self) -> Outcome<Running> {
        self.0
            .spawn()
            .map(Running)
            .map_err(|fault| format!("{}: {fault}", self.name()))
    }

    /// The program and its first argument, for messages.
    fn name(&self) -> String {
        let program = Path::new(self.0.get_program())
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        match self.0.get_args().next() {
            Some(first) => format!("{program} {}", first.to_string_lossy()),
            None => program.into_owned(),
        }
    }
}

/// A program that runs beside us.
#[derive(Debug)]
pub(crate) struct Running(std::process::Child);

impl Running {
    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends it at once; one that has ended is left as it is.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
