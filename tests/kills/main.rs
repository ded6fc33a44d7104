//! The server is killed under load, again and again, on one data folder (I22): `cargo xtask test kills`.
//!
//! SIGKILL takes the process and leaves what the system has in its cache. What a power cut leaves is in [`power_cut`].

mod customer;
mod desk;
mod dice;
mod disk;
mod load;
mod power_cut;
mod recording;

use std::collections::HashMap;
use std::time::Instant;

use causerie_tests::{Agent, Server, Story};
use customer::{Customer, Found};
use desk::Desk;
use dice::Dice;
use load::Load;
use tokio::task::JoinSet;

/// How often it is killed.
const ROUNDS: u32 = 100;

/// After this many rounds other people come: those who were there keep their logs, to be looked at in the end.
const TOGETHER: u32 = 10;

/// How many write at once.
const CUSTOMERS: usize = 8;

/// How many acknowledgements there are before a kill, at most.
const ACKNOWLEDGEMENTS: u64 = 240;

/// How many turns the others get between the last of them and the kill, at most.
const TURNS: u64 = 400;

#[tokio::test]
async fn i22_what_was_acknowledged_before_a_kill_stands_once_after_it() -> Story {
    let began = Instant::now();
    let mut dice = Dice::of_this_run();
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(folder.path())?;
    server.start().await?;
    let mut desk = Desk::new(Agent::signs_in(&server).await?, dice.another());

    let mut all = Vec::new();
    let mut people = Vec::new();
    let (mut acknowledged, mut stored, mut lost) = (0, 0, 0);
    for round in 0..ROUNDS {
        if round % TOGETHER == 0 {
            let others = (0..CUSTOMERS).map(|_| Customer::new(dice.another())).collect();
            all.push(std::mem::replace(&mut people, others));
        }
        let found = async {
            let load = Load::of(1 + dice.below(ACKNOWLEDGEMENTS));
            let writing = std::mem::take(&mut people);
            people = under_load(&load, &mut server, writing, &mut desk, &mut dice).await?;
            acknowledged += load.count();
            server.start().await?;
            comes_back(server.port(), &mut people, &mut desk).await
        };
        let found = found
            .await
            .map_err(|fault| format!("round {}: {fault}", round + 1))?;
        stored += u32::from(found.stored_unacknowledged > 0);
        lost += u32::from(found.lost_unacknowledged > 0);
    }
    all.push(people);
    for mut people in all {
        let found = comes_back(server.port(), &mut people, &mut desk).await;
        found.map_err(|fault| format!("in the end: {fault}"))?;
    }
    println!(
        "{ROUNDS} kills: {acknowledged} messages and {} ends acknowledged, all of them there, once; \
         {stored} rounds had messages that were stored and never acknowledged, {lost} had some that were not stored; \
         {:.1} s",
        desk.ended(),
        began.elapsed().as_secs_f32()
    );
    if stored == 0 || lost == 0 {
        return Err("no kill came at a moment that tells anything".into());
    }
    Ok(())
}

/// All of them write and the agent ends sessions, until the server is killed.
async fn under_load(
    load: &Load,
    server: &mut Server,
    people: Vec<Customer>,
    desk: &mut Desk,
    dice: &mut Dice,
) -> Story<Vec<Customer>> {
    let port = server.port();
    let mut writing = JoinSet::new();
    for mut customer in people {
        let load = load.clone();
        writing.spawn(async move {
            customer.writes(port, &load).await?;
            Story::Ok(customer)
        });
    }
    let kill = async {
        tokio::select! {
            () = load.is_enough() => {}
            // Nobody stops before: it is how one failed.
            Some(stopped) = writing.join_next() => {
                stopped??;
                return Err("somebody stopped writing".into());
            }
        }
        for _ in 0..dice.below(TURNS) {
            tokio::task::yield_now().await;
        }
        load.kills();
        server.kill()
    };
    tokio::try_join!(kill, desk.works(load))?;
    let mut people = Vec::new();
    while let Some(customer) = writing.join_next().await {
        people.push(customer??);
    }
    Ok(people)
}

/// Each of them looks at what stands, and says again what was under way.
async fn comes_back(port: u16, people: &mut [Customer], desk: &mut Desk) -> Story<Found> {
    let mut sum = Found::default();
    let mut logs = HashMap::new();
    for customer in people {
        let (found, log) = customer.comes_back(port).await?;
        sum.stored_unacknowledged += found.stored_unacknowledged;
        sum.lost_unacknowledged += found.lost_unacknowledged;
        if let Some(thread) = customer.thread() {
            logs.insert(thread, log);
        }
    }
    desk.comes_back(&logs).await?;
    Ok(sum)
}
