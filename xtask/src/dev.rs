//! Rebuild and reload on change, in the dev profile.
//!
//! Trunk watches the front ends; this watches the server and what it is built from. The server reads the front ends
//! from the disk in this profile, and is started again when either has changed: open pages reconnect, see another
//! build than their own, and reload themselves, as they would after an upgrade.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use crate::build::{self, dist};
use crate::process::{Outcome, Running, cargo, command, root, target_dir};
use crate::{assets, tools};

const PROGRAM: [&str; 7] = [
    "core",
    "server",
    "flows",
    "demo",
    "widget/loader",
    "widget/locales",
    "workspace/locales",
];
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs until it is interrupted.
pub(crate) fn run(args: &[&str]) -> Outcome {
    tools::for_building()?;
    cargo(["fetch"]).run()?;
    let mut front_ends = ["", "workspace"]
        .map(watch_front_end)
        .into_iter()
        .collect::<Outcome<Vec<_>>>()?;
    let mut server = None;
    let mut seen = None;
    loop {
        let now = Some((
            newest(&PROGRAM.map(|folder| root().join(folder))),
            newest(&[dist()]),
        ));
        if now != seen {
            seen = now;
            let built = assets::settle_loader()
                .and_then(|()| cargo(["build", "--package", "causerie-server", "--bin", "causerie"]).run());
            match built {
                Ok(()) => {
                    drop(server.take());
                    server = Some(start(args)?);
                }
                // What ran before goes on running.
                Err(reason) => println!("{reason}"),
            }
            // The loader has just been written: that is no news.
            seen = seen.map(|(program, _)| (program, newest(&[dist()])));
        }
        if front_ends.iter_mut().any(Running::has_ended) {
            return Err("trunk has ended".to_owned());
        }
        if server.as_mut().is_some_and(Running::has_ended) {
            println!("the server has ended; it is started again when something changes");
            server = None;
        }
        sleep(LOOK_EVERY);
    }
}

fn watch_front_end(folder: &str) -> Outcome<Running> {
    build::trunk(["watch"], folder).start()
}

fn start(args: &[&str]) -> Outcome<Running> {
    let program = target_dir()
        .join("debug")
        .join(format!("causerie{}", std::env::consts::EXE_SUFFIX));
    command(program).args(["serve", "--demo"]).args(args).start()
}

/// When the youngest file below these was written.
fn newest(paths: &[impl AsRef<Path>]) -> Option<SystemTime> {
    let of = |path: &Path| {
        let own = fs::metadata(path).and_then(|data| data.modified()).ok();
        let entries = fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        // Trunk builds in a hidden folder first.
        let shown = entries.filter(|path| {
            !path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
        });
        own.max(newest(&shown.collect::<Vec<_>>()))
    };
    paths.iter().filter_map(|path| of(path.as_ref())).max()
}
