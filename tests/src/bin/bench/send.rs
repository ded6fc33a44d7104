//! What it does under load: durable messages a second, and how long a message takes to the other side.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use causerie_core::wire::agent;
use causerie_core::{ClientMessageId, TicketId};
use causerie_tests::{Agent, Frames, Server, Story, Visitor, fresh_cid, http};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::figures::{Spread, Table, millis};

const VISITORS: usize = 200;
/// Tickets that an agent's socket follows; every fifth message of the paced runs goes to one of them.
const FOLLOWED: usize = 4;
/// Messages that a visitor has under way at once.
const WINDOW: usize = 4;
const FLAT_OUT: Duration = Duration::from_secs(30);
const PACED: Duration = Duration::from_secs(15);
/// No message may take longer than this to the other side.
const LATEST: Duration = Duration::from_secs(5);

pub(crate) async fn run() -> Story<Table> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(folder.path())?;
    server.start().await?;
    let port = server.port();
    let agent = Agent::signs_in(&server).await?;
    agent.goes_online().await?;

    let mut visitors = Vec::new();
    for _ in 0..VISITORS {
        let mut visitor = Visitor::open(port).await?;
        visitor.asks_for_a_person().await?;
        visitors.push(visitor);
    }

    let mut table = Table::new("bench send: 200 chat threads, synchronous=FULL");
    for (rate, floor) in [(100, None), (500, Some(Duration::from_millis(20)))] {
        let (mut spread, rest) = paced(&agent, visitors, rate)
            .await
            .map_err(|fault| format!("at {rate}/s: {fault}"))?;
        visitors = rest;
        let (p50, p99) = (spread.percentile(50), spread.percentile(99));
        let what = format!("to the agent's screen at {rate}/s, p50 / p99 of {}", spread.len());
        let is = format!("{} / {}", millis(p50), millis(p99));
        match floor {
            Some(aim) => table.row(format!("{what} (aim p99 ≤ {})", millis(aim)), is),
            None => table.row(what, is),
        }
    }

    let commits = commits(port).await?;
    let (count, took, mut acks) = flat_out(visitors)
        .await
        .map_err(|fault| format!("flat out: {fault}"))?;
    let synced = self::commits(port).await? - commits;
    let rate = count as f64 / took.as_secs_f64();
    table.floored(
        "durable messages a second, flat out",
        format!("{rate:.0}/s"),
        "1500/s (aim 3000)",
        rate >= 1_500.0,
    );
    let is = format!(
        "{} / {}",
        millis(acks.percentile(50)),
        millis(acks.percentile(99))
    );
    table.row("until acknowledged, flat out, p50 / p99", is);
    table.row(
        "fsyncs a second",
        format!("{:.0}/s", synced as f64 / took.as_secs_f64()),
    );
    table.row(
        "messages per fsync",
        format!("{:.1}", count as f64 / (synced.max(1)) as f64),
    );
    Ok(table)
}

/// How many commits the server has made: one fsync of the log each.
async fn commits(port: u16) -> Story<u64> {
    let metrics = http::ask(port, "GET /metrics", &[], "").await?.body;
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix("causerie_commits_total "));
    Ok(line
        .ok_or("no causerie_commits_total among the metrics")?
        .trim()
        .parse()?)
}

/// Every visitor sends as fast as it is acknowledged.
async fn flat_out(visitors: Vec<Visitor>) -> Story<(usize, Duration, Spread)> {
    let began = Instant::now();
    let until = began + FLAT_OUT;
    let mut running = JoinSet::new();
    for visitor in visitors {
        running.spawn(async move { flat_out_one(visitor, until).await });
    }
    let (mut count, mut all) = (0, Spread::default());
    while let Some(one) = running.join_next().await {
        for took in one?? {
            count += 1;
            all.add(took);
        }
    }
    Ok((count, began.elapsed(), all))
}

async fn flat_out_one(mut visitor: Visitor, until: Instant) -> Story<Vec<Duration>> {
    let mut sent = HashMap::new();
    let mut took = Vec::new();
    for _ in 0..WINDOW {
        send(&mut visitor, &mut sent).await?;
    }
    while !sent.is_empty() {
        let ack = visitor.acknowledged().await?;
        if let Some(at) = sent.remove(&ack.cid) {
            took.push(at.elapsed());
        }
        if Instant::now() < until {
            send(&mut visitor, &mut sent).await?;
        }
    }
    Ok(took)
}

async fn send(visitor: &mut Visitor, sent: &mut HashMap<ClientMessageId, Instant>) -> Story {
    let cid = fresh_cid();
    sent.insert(cid, Instant::now());
    visitor
        .send(cid, "Is my order on its way? I have been waiting since Monday.")
        .await
}

/// Messages at a steady rate, spread over all visitors; how long those to the followed tickets take to the agent.
async fn paced(agent: &Agent, visitors: Vec<Visitor>, rate: u32) -> Story<(Spread, Vec<Visitor>)> {
    let (_, welcome) = agent.connects().await?;
    // The first visitors have the first tickets.
    let mut tickets: Vec<TicketId> = welcome.tickets.iter().map(|row| row.ticket.id).collect();
    tickets.sort_unstable();
    let (seen, mut shown) = mpsc::unbounded_channel();
    let mut watching = JoinSet::new();
    for ticket in tickets.iter().copied().take(FOLLOWED) {
        let frames = agent
            .follows(ticket)
            .await
            .map_err(|fault| format!("following: {fault}"))?;
        watching.spawn(watch(frames, seen.clone()));
    }
    let mut talking = JoinSet::new();
    let lines: Vec<_> = visitors
        .into_iter()
        .map(|visitor| {
            let (line, asked) = mpsc::unbounded_channel();
            talking.spawn(talk(visitor, asked));
            line
        })
        .collect();

    let mut sent = HashMap::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / rate);
    let count = PACED.as_secs() as usize * rate as usize;
    for turn in 0..count {
        tick.tick().await;
        let followed = turn.is_multiple_of(5);
        let whose = if followed {
            (turn / 5) % FOLLOWED
        } else {
            FOLLOWED + turn % (VISITORS - FOLLOWED)
        };
        let cid = fresh_cid();
        if followed {
            sent.insert(cid, Instant::now());
        }
        if lines.get(whose).ok_or("no such visitor")?.send(cid).is_err() {
            // Its visitor is gone: what happened to it is the thing to tell.
            while let Some(visitor) = talking.join_next().await {
                visitor?.map_err(|fault| format!("a visitor, at message {turn}: {fault}"))?;
            }
        }
    }
    let mut spread = Spread::default();
    while !sent.is_empty() {
        let (cid, at): (ClientMessageId, Instant) = tokio::time::timeout(LATEST, shown.recv())
            .await
            .map_err(|_| format!("{} messages did not reach the agent's screen", sent.len()))?
            .ok_or("nobody watches any more")?;
        if let Some(sent_at) = sent.remove(&cid) {
            spread.add(at - sent_at);
        }
    }
    watching.abort_all();
    drop(lines);
    let mut visitors = Vec::new();
    while let Some(visitor) = talking.join_next().await {
        visitors.push(visitor??);
    }
    Ok((spread, visitors))
}

/// A visitor who says what is asked, and reads meanwhile: the server rightly closes a socket that falls behind.
async fn talk(mut visitor: Visitor, mut asked: mpsc::UnboundedReceiver<ClientMessageId>) -> Story<Visitor> {
    let mut under_way = 0_usize;
    loop {
        tokio::select! {
            cid = asked.recv() => match cid {
                Some(cid) => {
                    under_way += 1;
                    visitor.send(cid, "Hello?").await?;
                }
                None => break,
            },
            ack = visitor.acknowledged(), if under_way > 0 => {
                ack?;
                under_way -= 1;
            }
        }
    }
    for _ in 0..under_way {
        visitor.acknowledged().await?;
    }
    Ok(visitor)
}

/// Tells when each message is on the agent's screen.
async fn watch(mut frames: Frames, seen: mpsc::UnboundedSender<(ClientMessageId, Instant)>) -> Story {
    loop {
        if let agent::Down::Entries { thread, .. } = frames.hear().await? {
            let now = Instant::now();
            for cid in thread.into_iter().filter_map(|entry| entry.cid) {
                seen.send((cid, now))?;
            }
        }
    }
}
