//! What it costs to be there: start, memory of the idle server, memory of an idle visitor.

use std::time::{Duration, Instant};

use causerie_tests::{Server, Story, Visitor};

use crate::figures::{Table, millis};

const VISITORS: [usize; 2] = [1_000, 5_000];

pub(crate) async fn run() -> Story<Table> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(folder.path())?;
    server.start().await?;
    server.kill()?;
    // The second start: the first makes the database.
    let began = Instant::now();
    server.start().await?;
    let start = began.elapsed();

    let mut table = Table::new("bench idle");
    table.floored(
        "start until ready",
        millis(start),
        "500 ms",
        start <= Duration::from_millis(500),
    );
    let idle = server.memory()?;
    table.floored("idle server, resident", mib(idle), "40 MiB", idle <= 40 << 20);

    let mut visitors = Vec::new();
    for count in VISITORS {
        while visitors.len() < count {
            visitors.push(Visitor::open(server.port()).await?);
        }
        let each = (server.memory()?.saturating_sub(idle)) / count as u64;
        let is = format!("{:.1} KiB", each as f64 / 1024.0);
        table.floored(
            format!("memory per idle visitor, {count} of them"),
            is,
            "16 KiB (aim 8)",
            each <= 16 << 10,
        );
    }
    drop(visitors);
    Ok(table)
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
