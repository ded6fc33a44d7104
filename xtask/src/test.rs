//! Everything CI runs, in the order that tells soonest what is wrong.

use std::collections::BTreeSet;
use std::fs;

use crate::process::{Outcome, Step, cargo, root};
use crate::readme::{self, Served};
use crate::stages::Stages;
use crate::{build, size, tools};

/// The crates that run natively, and those that run in the browser.
const NATIVE: [&str; 5] = [
    "causerie-core",
    "causerie-server",
    "causerie-tests",
    "causerie-proof",
    "xtask",
];
const FRONT_ENDS: [&str; 2] = ["causerie-widget", "causerie-workspace"];
/// How many seeds CI simulates, from the first on: some two minutes. The same each time.
const SIMULATED: &str = "40000";
const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

/// Every stage, to the end: one that fails does not hide the next, unless the next stands on it.
pub(crate) fn everything(stages: &mut Stages) -> Outcome {
    let _ = stages.run("format", || {
        tools::rust_components()?;
        cargo(["fmt", "--all", "--check"]).run()
    });
    // Before any tool is here: it has to bring its own.
    let mut served = None;
    let _ = stages.run("the README's cargo xtask serve", || {
        served = readme::serve()?;
        Ok(())
    });
    stages.run("test tools", tools::for_testing)?;
    if let Some(served) = served {
        let _ = stages.run("a story on that very server", || on_that_server(served));
    }
    let _ = stages.run("clippy", || {
        let check = packages(cargo(["clippy", "--all-targets", "--all-features"]), &NATIVE);
        check.args(["--", "-D", "warnings"]).run()
    });
    let _ = stages.run("clippy wasm", || {
        let check = packages(cargo(["clippy", "--all-targets"]).args(WASM), &FRONT_ENDS);
        check.args(["--", "-D", "warnings"]).run()
    });
    let _ = stages.run("docs", docs);
    let _ = stages.run("tests", || {
        packages(runner(), &["causerie-core", "causerie-server", "xtask"])
            .arg("--all-features")
            .run()
    });
    let _ = in_the_browser(stages);
    build::everything(stages)?;
    let _ = stages.run("proof", proof);
    let _ = stages.run("simulator", || simulate(&["--seeds", SIMULATED]));
    let _ = stages.run("size", size::print_and_check);
    let _ = stages.run("stories", || stories(None, false));
    let _ = stages.run("kill -9", killed);
    let _ = stages.run("bench idle", || above_the_floor("idle"));
    let _ = stages.run("bench send", || above_the_floor("send"));
    let _ = stages.run("bench resume", || above_the_floor("resume"));
    let _ = stages.run("bench decide", || above_the_floor("decide"));
    stages.outcome()
}

/// The first story, which also kills the server and starts it again, against what the README's command started.
fn on_that_server(served: Served) -> Outcome {
    run_stories(Some("first_message"))
        .env("CAUSERIE_SERVED", served.id().to_string())
        .run()
}

/// The model checked, and the planted bugs found. Optimised: it is millions of states.
pub(crate) fn proof() -> Outcome {
    let run = cargo(["test", "--release", "--package", "causerie-proof", "--"]);
    run.args(["--test-threads=1", "--nocapture"]).run()
}

/// The simulator: one seed, told step by step, or as many as there is time for.
pub(crate) fn simulate(args: &[&str]) -> Outcome {
    let run = cargo([
        "run",
        "--release",
        "--quiet",
        "--package",
        "causerie-proof",
        "--bin",
        "simulate",
        "--",
    ]);
    run.args(args).run()
}

/// A bench whose figures must not lie below their floors. What lies below twice is slow; once, the machine may have had
/// other things to do.
fn above_the_floor(name: &str) -> Outcome {
    bench(&[name, "--floor"]).or_else(|why| {
        println!("{why}: measuring once more");
        bench(&[name, "--floor"])
    })
}

/// Benchmarks against the release binary.
pub(crate) fn bench(args: &[&str]) -> Outcome {
    let run = cargo([
        "run",
        "--release",
        "--package",
        "causerie-tests",
        "--bin",
        "bench",
        "--",
    ]);
    run.args(args).env("CAUSERIE_BINARY", build::binary()).run()
}

/// What runs on wasm: the rule tests, none of them left out, and the tests of the front ends' parts.
pub(crate) fn wasm(stages: &mut Stages) -> Outcome {
    stages.run("test tools", tools::for_testing)?;
    in_the_browser(stages)
}

fn in_the_browser(stages: &mut Stages) -> Outcome {
    let rules = ["--all-features", "--test", "*"];
    let _ = stages.run("rules in the browser", || {
        in_chromium("causerie-core", &rules).run()
    });
    let _ = stages.run("rules have the same names", same_names);
    let _ = stages.run("parts in the browser", || {
        FRONT_ENDS
            .iter()
            .try_for_each(|package| in_chromium(package, &[]).run())
    });
    stages.outcome()
}

/// The rule tests alone.
pub(crate) fn core(stages: &mut Stages) -> Outcome {
    stages.run("rules", || {
        runner()
            .args(["--package", "causerie-core", "--all-features"])
            .run()
    })
}

/// One story, or all, against the release build.
pub(crate) fn story(stages: &mut Stages, name: Option<&str>, headed: bool) -> Outcome {
    stages.run("test tools", tools::for_testing)?;
    build::everything(stages)?;
    stages.run("stories", || stories(name, headed))
}

/// The release build killed under load, and its power cut.
pub(crate) fn kills(stages: &mut Stages) -> Outcome {
    build::everything(stages)?;
    stages.run("kill -9", killed)
}

fn killed() -> Outcome {
    tools::strace();
    in_tests("kills").run()
}

fn stories(name: Option<&str>, headed: bool) -> Outcome {
    let run = run_stories(name);
    if headed {
        run.env("CAUSERIE_HEADED", "1").run()
    } else {
        run.run()
    }
}

fn run_stories(name: Option<&str>) -> Step {
    in_tests("stories").args(name)
}

/// Tests of the release binary; what stands in this target.
fn in_tests(target: &str) -> Step {
    let run = cargo([
        "test",
        "--release",
        "--package",
        "causerie-tests",
        "--test",
        target,
    ]);
    run.args(["--", "--test-threads=1", "--nocapture"])
        .env("CAUSERIE_BINARY", build::binary())
}

fn docs() -> Outcome {
    let doc = || cargo(["doc", "--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings");
    packages(doc().arg("--all-features"), &NATIVE).run()?;
    packages(doc().args(WASM), &FRONT_ENDS).run()
}

/// cargo-nextest when it is here, else cargo's own; they run the same tests.
fn runner() -> Step {
    if cargo(["nextest", "--version"]).succeeds() {
        cargo(["nextest", "run", "--no-tests=pass"])
    } else {
        cargo(["test", "--lib", "--bins", "--tests"])
    }
}

/// A package's tests on wasm, in headless Chromium.
fn in_chromium(package: &str, args: &[&str]) -> Step {
    let run = cargo(["test", "--package", package]).args(WASM).args(args);
    // The runner is on PATH or in target/tools/bin; `tools::path` has both.
    run.env("PATH", tools::path())
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
}

/// The rule tests run natively and on wasm; none may be left out on either side.
fn same_names() -> Outcome {
    let folder = root().join("core/tests");
    let entries = fs::read_dir(&folder).map_err(|fault| format!("core/tests: {fault}"))?;
    let mut count = 0;
    let mut alone = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_binary = path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").exists();
        let Some(binary) = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .filter(|_| is_binary)
        else {
            continue;
        };
        let list = [
            "--all-features",
            "--test",
            binary,
            "--",
            "--list",
            "--format",
            "terse",
        ];
        let native = names(
            &cargo(["test", "--package", "causerie-core"])
                .args(list)
                .output()?,
        );
        let wasm = names(&in_chromium("causerie-core", &list).output()?);
        count += native.union(&wasm).count();
        alone.extend(
            native
                .symmetric_difference(&wasm)
                .map(|name| format!("{binary}::{name}")),
        );
    }
    println!("{count} rule tests, {} of them not in both places", alone.len());
    match (count, &*alone) {
        (0, _) => Err("core/tests has no tests".to_owned()),
        (_, []) => Ok(()),
        (_, alone) => Err(format!("run natively or on wasm, not both: {}", alone.join(", "))),
    }
}

/// The names in what `--list --format terse` prints.
fn names(list: &str) -> BTreeSet<String> {
    list.lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(str::to_owned)
        .collect()
}

/// The same for each of these packages.
fn packages(step: Step, names: &[&str]) -> Step {
    names
        .iter()
        .fold(step, |step, name| step.args(["--package", name]))
}
