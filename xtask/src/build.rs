//! The product: both front ends by Trunk, the loader, and the one binary with all of them inside.

use std::fs::File;
use std::path::PathBuf;

use crate::process::{Outcome, Step, cargo, command, root, target_dir};
use crate::stages::Stages;
use crate::{assets, tools};

/// `target/release/causerie`.
pub(crate) fn binary() -> PathBuf {
    target_dir()
        .join("release")
        .join(format!("causerie{}", std::env::consts::EXE_SUFFIX))
}

/// Where the built front ends lie; the server embeds this folder.
pub(crate) fn dist() -> PathBuf {
    root().join("target/dist")
}

/// Everything that is shipped.
pub(crate) fn everything(stages: &mut Stages) -> Outcome {
    let _alone = alone()?;
    build_front_ends(stages)?;
    stages.run("build server", || {
        cargo([
            "build",
            "--release",
            "--package",
            "causerie-server",
            "--bin",
            "causerie",
        ])
        .run()
    })
}

/// The widget's frame, the workspace and the loader, into `target/dist`.
pub(crate) fn front_ends(stages: &mut Stages) -> Outcome {
    let _alone = alone()?;
    build_front_ends(stages)
}

/// One build at a time: two would write into one `target/dist`, and a binary would hold half of each. The lock goes
/// with the file.
fn alone() -> Outcome<File> {
    let path = target_dir().join("build.lock");
    let fault = |fault: std::io::Error| format!("{}: {fault}", path.display());
    std::fs::create_dir_all(target_dir()).map_err(fault)?;
    let file = File::create(&path).map_err(fault)?;
    if file.try_lock().is_err() {
        println!("another build is under way here: waiting for it");
        file.lock().map_err(fault)?;
    }
    Ok(file)
}

fn build_front_ends(stages: &mut Stages) -> Outcome {
    stages.run("tools", tools::for_building)?;
    // Trunk runs without network, so what it compiles is fetched before.
    stages.run("fetch", || cargo(["fetch"]).run())?;
    stages.run("build widget", || front_end(""))?;
    stages.run("build workspace", || front_end("workspace"))?;
    stages.run("build loader", assets::settle_loader)
}

/// One front end, as the Trunk.toml of its folder describes it.
fn front_end(folder: &str) -> Outcome {
    trunk(["build", "--release"], folder).run()
}

/// Trunk in one of the two folders, with our tools and without network.
pub(crate) fn trunk<'a>(args: impl IntoIterator<Item = &'a str>, folder: &str) -> Step {
    command("trunk")
        .args(args)
        .args(["--offline", "--skip-version-check"])
        .folder(root().join(folder))
        .env("PATH", tools::path())
        // Trunk reads this variable as a flag of its own and refuses the usual `NO_COLOR=1`.
        .without_env("NO_COLOR")
}
