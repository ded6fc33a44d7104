//! Coming back: what it takes to be told what was missed, and to have all visitors back after a restart.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use causerie_core::Seq;
use causerie_core::wire::end_user::Down;
use causerie_tests::{Server, Story, Visitor, fresh_cid, fresh_secret};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::figures::{Spread, Table, millis};

const VISITORS: u32 = 5_000;
/// How many of them do something at once while the scene is set.
const AT_ONCE: usize = 64;
/// Entries that were missed.
const MISSED: u64 = 100;
/// How often they are asked for.
const ROUNDS: usize = 500;

pub(crate) async fn run() -> Story<Table> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(folder.path())?;
    server.start().await?;
    let port = server.port();
    let mut table = Table::new("bench resume");

    let everybody = talked(port).await?;
    let (secret, long) = everybody.first().ok_or("nobody talked")?;
    let head = filled(port, secret, *long).await?;
    let mut spread = Spread::default();
    for _ in 0..ROUNDS {
        spread.add(caught_up(port, secret, Seq(head.0 - MISSED), head).await?);
    }
    let p99 = spread.percentile(99);
    table.floored(
        format!("socket, hello and {MISSED} missed entries, p50 / p99 of {ROUNDS}"),
        format!("{} / {}", millis(spread.percentile(50)), millis(p99)),
        "p99 50 ms",
        p99 <= Duration::from_millis(50),
    );

    // All at once, each with entries of the bot's to catch up on: no client is that impatient.
    let began = Instant::now();
    server.kill()?;
    server.start().await?;
    let ready = began.elapsed();
    let mut coming = JoinSet::new();
    for (number, (secret, seen)) in (0..).zip(everybody) {
        coming.spawn(async move { comes_back(port, &secret, seen, address(number)).await });
    }
    let mut visitors = Vec::new();
    while let Some(visitor) = coming.join_next().await {
        visitors.push(visitor??);
    }
    let back = began.elapsed();
    table.row("after SIGKILL, until the server is ready", millis(ready));
    table.floored(
        format!("until {VISITORS} visitors are back and have caught up"),
        millis(back),
        "10 s",
        back <= Duration::from_secs(10),
    );
    let peak = server.peak_memory()?;
    table.floored(
        "the server's peak memory meanwhile",
        format!("{:.1} MiB", peak as f64 / f64::from(1 << 20)),
        "256 MiB",
        peak <= 256 << 20,
    );
    drop(visitors);
    Ok(table)
}

/// Everybody has said something, and has read no further than that.
async fn talked(port: u16) -> Story<Vec<(String, Seq)>> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut talking = JoinSet::new();
    for number in 0..VISITORS {
        let turns = Arc::clone(&turns);
        talking.spawn(async move {
            let _turn = turns.acquire().await?;
            let secret = fresh_secret();
            let (mut visitor, _) = Visitor::comes_back(port, &secret, Seq(0), address(number)).await?;
            visitor.send(fresh_cid(), "Hello").await?;
            let ack = visitor.acknowledged().await?;
            Story::Ok((secret, ack.seq))
        });
    }
    let mut everybody = Vec::new();
    while let Some(one) = talking.join_next().await {
        everybody.push(one??);
    }
    Ok(everybody)
}

/// One of them says so much more that there is enough to miss; answers the last number.
async fn filled(port: u16, secret: &str, mut last: Seq) -> Story<Seq> {
    let (mut visitor, _) = Visitor::comes_back(port, secret, last, address(0)).await?;
    while last.0 < 2 * MISSED {
        last = visitor.says("One more thing").await?.seq;
    }
    drop(visitor);
    // What the bot says to the last one included.
    Ok(Visitor::comes_back(port, secret, last, address(0)).await?.1.head)
}

async fn caught_up(port: u16, secret: &str, since: Seq, head: Seq) -> Story<Duration> {
    let began = Instant::now();
    let (mut visitor, _) = Visitor::comes_back(port, secret, since, address(0)).await?;
    hears_until(&mut visitor, since, head).await?;
    Ok(began.elapsed())
}

async fn comes_back(port: u16, secret: &str, seen: Seq, address: IpAddr) -> Story<Visitor> {
    let (mut visitor, resumed) = Visitor::comes_back(port, secret, seen, address).await?;
    hears_until(&mut visitor, seen, resumed.head).await?;
    Ok(visitor)
}

async fn hears_until(visitor: &mut Visitor, mut seen: Seq, head: Seq) -> Story {
    while seen < head {
        if let Down::Entries(entries) = visitor.frames.hear().await? {
            seen = entries.last().map_or(seen, |entry| entry.seq);
        }
    }
    Ok(())
}

/// Visitors come from many addresses.
fn address(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0A00_0000 + number))
}
