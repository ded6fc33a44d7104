//! The build tools: those on PATH when their versions fit, else installed once under `target/tools`.
//!
//! To build the product nothing but rustup is needed. wasm-opt is taken where it is to be had and left out, in so
//! many words, where not. Chromium and its driver are for tests alone, and so is axe-core, which audits what is on the
//! screen: where there is no npm to bring it, the tests say so and go on without.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::process::{Outcome, cargo, command, root};

const TRUNK: &str = "0.21.14";
const BINARYEN: u32 = 132;
/// The oldest wasm-opt that reads all that today's rustc writes.
const OLDEST_BINARYEN: u32 = 123;
const AXE: &str = "4.14.1";
const WASM: &str = "wasm32-unknown-unknown";

/// Compiling the tools is most of a newcomer's wait; they run for seconds, so they are built quickly, not well.
const QUICK_PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// All that a build needs.
pub(crate) fn for_building() -> Outcome {
    wasm_target()?;
    trunk()?;
    wasm_bindgen()?;
    if wasm_opt().is_none() {
        install_wasm_opt();
    }
    Ok(())
}

/// All that the tests need besides.
pub(crate) fn for_testing() -> Outcome {
    rust_components()?;
    for_building()?;
    axe();
    chromium()
}

/// PATH with our own tools before the others.
pub(crate) fn path() -> OsString {
    let others = std::env::var_os("PATH").unwrap_or_default();
    let folders = [bin()].into_iter().chain(std::env::split_paths(&others));
    std::env::join_paths(folders).unwrap_or(others)
}

/// A wasm-opt that is new enough, if there is one.
pub(crate) fn wasm_opt() -> Option<PathBuf> {
    let ours = npm().join("node_modules/.bin/wasm-opt");
    [PathBuf::from("wasm-opt"), ours].into_iter().find(|program| {
        let version = version_of(program).and_then(|version| version.parse().ok());
        version.is_some_and(|version: u32| version >= OLDEST_BINARYEN)
    })
}

/// rustfmt and clippy.
pub(crate) fn rust_components() -> Outcome {
    if cargo(["fmt", "--version"]).succeeds() && cargo(["clippy", "--version"]).succeeds() {
        return Ok(());
    }
    command("rustup")
        .args(["component", "add", "rustfmt", "clippy"])
        .run()
}

fn wasm_target() -> Outcome {
    let libraries = command("rustc")
        .args(["--print", "target-libdir", "--target", WASM])
        .output()?;
    if PathBuf::from(libraries.trim()).is_dir() {
        return Ok(());
    }
    command("rustup").args(["target", "add", WASM]).run()
}

fn trunk() -> Outcome {
    let series = TRUNK.rsplit_once('.').map_or(TRUNK, |(series, _)| series);
    let fits = |program: PathBuf| version_of(&program).is_some_and(|version| version.starts_with(series));
    if fits(bin().join("trunk")) || fits("trunk".into()) {
        return Ok(());
    }
    println!("trunk {TRUNK} is not here: building it once into target/tools (some minutes)");
    install(&[
        "--locked",
        &format!("trunk@{TRUNK}"),
        "--no-default-features",
        "--features",
        "rustls",
    ])
}

/// wasm-bindgen and its test runner, of exactly the version in Cargo.lock: they and the library must agree.
fn wasm_bindgen() -> Outcome {
    let wanted = locked_version("wasm-bindgen")?;
    let fits = |folder: PathBuf| {
        ["wasm-bindgen", "wasm-bindgen-test-runner"]
            .iter()
            .all(|name| version_of(&folder.join(name)).as_deref() == Some(&*wanted))
    };
    if fits(bin()) || fits(PathBuf::new()) {
        return Ok(());
    }
    println!("wasm-bindgen {wanted} is not here: building it once into target/tools (some minutes)");
    // Without --locked: its lock file asks for versions that not every registry mirror serves.
    install(&[&format!("wasm-bindgen-cli@{wanted}"), "--force"])
}

fn install(args: &[&str]) -> Outcome {
    cargo(["install", "--root"])
        .arg(home())
        .args(args)
        .envs(QUICK_PROFILE)
        .env("CARGO_TARGET_DIR", home().join("build"))
        .run()
}

/// Tries npm; the build goes on without.
fn install_wasm_opt() {
    let found = from_npm("wasm-opt", &format!("binaryen@{BINARYEN}"));
    if !found || wasm_opt().is_none() {
        println!("wasm-opt is not to be had here (npm would bring it): the build goes on without it");
    }
}

/// The audits' rules, of exactly this version; the tests go on without.
fn axe() {
    let manifest = npm().join("node_modules/axe-core/package.json");
    let here = || {
        let manifest = std::fs::read_to_string(&manifest).unwrap_or_default();
        manifest.contains(&format!("\"version\": \"{AXE}\""))
    };
    if !here() && (!from_npm("axe-core", &format!("axe-core@{AXE}")) || !here()) {
        println!("axe-core is not to be had here (npm would bring it): the stories audit nothing");
    }
}

/// Whether npm is there and has put this package into `target/tools/npm`.
fn from_npm(name: &str, package: &str) -> bool {
    if !command("npm").arg("--version").succeeds() {
        return false;
    }
    println!("{name} is not here: fetching {package} once into target/tools/npm");
    let options = [
        "install",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--prefix",
    ];
    std::fs::create_dir_all(npm()).is_ok()
        && command("npm").args(options).arg(npm()).arg(package).run().is_ok()
}

fn chromium() -> Outcome {
    let browser = ["chromium", "chromium-browser", "google-chrome"];
    let here = || {
        browser
            .iter()
            .any(|name| command(name).arg("--version").succeeds())
            && command("chromedriver").arg("--version").succeeds()
    };
    if here() {
        return Ok(());
    }
    let install = "apt-get update && apt-get install -y chromium chromium-driver";
    if command("apt-get").arg("--version").succeeds() && is_root() {
        println!("Chromium and its driver are not here: {install}");
        command("sh")
            .args(["-c", install])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run()?;
        if here() {
            return Ok(());
        }
    }
    Err(format!(
        "the browser tests need Chromium and chromedriver on PATH; on Debian: sudo sh -c '{install}'"
    ))
}

/// strace, which records for the power cut. Without it that one test says that it was not run.
pub(crate) fn strace() {
    if command("strace").arg("--version").succeeds() || !is_root() {
        return;
    }
    let install = "apt-get update && apt-get install -y --no-install-recommends strace";
    println!("strace is not here: {install}");
    let installed = command("sh")
        .args(["-c", install])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run();
    if let Err(fault) = installed {
        println!("{fault}: there will be no power cut");
    }
}

fn is_root() -> bool {
    command("id").arg("-u").output().is_ok_and(|id| id.trim() == "0")
}

/// The first word of `PROGRAM --version` that is a version number.
fn version_of(program: &PathBuf) -> Option<String> {
    let mut probe = std::process::Command::new(program);
    let output = probe
        .arg("--version")
        .stderr(std::process::Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}

/// A package's version in Cargo.lock.
fn locked_version(package: &str) -> Outcome<String> {
    let lock =
        std::fs::read_to_string(root().join("Cargo.lock")).map_err(|fault| format!("Cargo.lock: {fault}"))?;
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| **line != *name);
    let version = lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version
        .map(str::to_owned)
        .ok_or_else(|| format!("Cargo.lock names no version of {package}"))
}

fn home() -> PathBuf {
    root().join("target/tools")
}

fn bin() -> PathBuf {
    home().join("bin")
}

fn npm() -> PathBuf {
    home().join("npm")
}
