//! Benchmarks of the release binary, driven from this other process: `cargo xtask bench send`, and so on; one
//! is of core alone.
//!
//! Prints what is; with `--floor`, fails when a figure lies below its floor.

mod decide;
mod figures;
mod idle;
mod resume;
mod send;

use std::process::ExitCode;

use causerie_tests::Story;
use figures::Table;

const USAGE: &str = "usage: bench [idle | send | resume | decide] [--floor]";

const NAMES: [&str; 4] = ["idle", "send", "resume", "decide"];

fn main() -> ExitCode {
    let mut floor = false;
    let mut names = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--floor" => floor = true,
            name if NAMES.contains(&name) => names.push(name.to_owned()),
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    if names.is_empty() {
        names = NAMES.map(str::to_owned).to_vec();
    }
    match run(&names) {
        Ok(tables) => {
            let below: Vec<_> = tables.iter().flat_map(Table::below_floor).collect();
            for line in &below {
                eprintln!("below the floor: {line}");
            }
            if floor && !below.is_empty() {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(fault) => {
            eprintln!("bench: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(names: &[String]) -> Story<Vec<Table>> {
    // As many sockets as the benches open; the server raises its own limit.
    rlimit::increase_nofile_limit(20_000)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut tables = Vec::new();
    for name in names {
        let table = runtime.block_on(async {
            match name.as_str() {
                "idle" => idle::run().await,
                "resume" => resume::run().await,
                "decide" => decide::run(),
                _ => send::run().await,
            }
        })?;
        table.print();
        tables.push(table);
    }
    Ok(tables)
}
