//! The power fails under load (I23): of what the server did, each file is cut back to its last sync. What was written
//! since is lost, or every second write of it, by chance.

use std::collections::HashSet;
use std::process::{Command, Stdio};
use std::time::Instant;

use causerie_core::ClientMessageId;
use causerie_tests::{Server, Story, until};
use tokio::task::JoinSet;

use crate::customer::Customer;
use crate::dice::Dice;
use crate::disk::{Disk, Syncs};
use crate::load::Load;
use crate::recording::{self, Did};

const CUSTOMERS: usize = 8;

/// How many acknowledgements are recorded.
const ACKNOWLEDGEMENTS: u64 = 600;

/// How many moments are tried right after an acknowledgement had left, and how many in the middle of a checkpoint.
const CUTS: usize = 25;

#[tokio::test]
async fn i23_what_was_acknowledged_is_on_the_disk_when_the_power_fails() -> Story {
    if !may_record() {
        println!("NOT RUN: strace is not here or may not trace (Debian: apt-get install strace)");
        return Ok(());
    }
    let began = Instant::now();
    let mut dice = Dice::of_this_run();
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(folder.path())?;
    server.start().await?;
    server.kill()?;
    let before = |syncs| Disk::of(server.data(), syncs);
    let disks = [
        before(Syncs::All)?,
        before(Syncs::OfCheckpoints)?,
        before(Syncs::None)?,
    ];

    let trace = folder.path().join("trace");
    let mut recorder: Vec<_> = recording::STRACE.iter().map(ToString::to_string).collect();
    recorder.push(trace.to_string_lossy().into_owned());
    server.runs_under(recorder);
    server.start().await?;
    let mut people = write(&mut server, &mut dice).await?;
    until("the recording to be written", async || {
        let trace = std::fs::read(&trace)?;
        Ok(trace.ends_with(b"+++ killed by SIGKILL +++\n").then_some(()))
    })
    .await?;
    let did = recording::read(&trace, server.data())?;

    let [disk, of_checkpoints, without] = disks;
    let cut_folder = tempfile::tempdir()?;
    let mut after_a_cut = Server::new(cut_folder.path())?;
    let cuts = cuts(&did, &mut dice);
    let in_checkpoints = cuts
        .iter()
        .filter(|at| matches!(did.get(**at), Some(Did::Wrote(..))))
        .count();
    for at in &cuts {
        let did = &did[..=*at];
        for some_is_kept in [false, true] {
            let kept = || some_is_kept && dice.below(2) == 0;
            stands_after(disk.clone(), did, kept, &mut people, &mut after_a_cut)
                .await
                .map_err(|fault| {
                    format!("power cut after step {at}, some is kept: {some_is_kept}: {fault}")
                })?;
        }
    }
    // The same without the syncs that other settings leave out: if nothing were missing, this would see nothing.
    for (setting, disk) in [("NORMAL", of_checkpoints), ("OFF", without)] {
        match stands_after(disk, &did, || false, &mut people, &mut after_a_cut).await {
            Err(lost) if lost.to_string().contains("is gone") => {
                println!("as it would be with synchronous={setting}: {lost}");
            }
            Err(fault) => return Err(fault),
            Ok(()) => return Err(format!("nothing is lost as with synchronous={setting}").into()),
        }
    }
    let acknowledged = did
        .iter()
        .filter(|did| matches!(did, Did::Acknowledged(_)))
        .count();
    println!(
        "{} moments, {in_checkpoints} of them in checkpoints, two power cuts each, while {acknowledged} messages were acknowledged: \
         none of those is lost; {:.1} s",
        cuts.len(),
        began.elapsed().as_secs_f32()
    );
    Ok(())
}

/// Whether strace is here and may trace a process.
fn may_record() -> bool {
    let trace = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    trace.is_ok_and(|status| status.success())
}

/// All of them write until there were enough acknowledgements; then the process is killed.
async fn write(server: &mut Server, dice: &mut Dice) -> Story<Vec<Customer>> {
    let load = Load::of(ACKNOWLEDGEMENTS);
    let port = server.port();
    let mut writing = JoinSet::new();
    for _ in 0..CUSTOMERS {
        let (mut customer, load) = (Customer::new(dice.another()), load.clone());
        writing.spawn(async move {
            customer.writes(port, &load).await?;
            Story::Ok(customer)
        });
    }
    tokio::select! {
        () = load.is_enough() => {}
        Some(stopped) = writing.join_next() => {
            stopped??;
            return Err("somebody stopped writing".into());
        }
    }
    load.kills();
    server.kill()?;
    let mut people = Vec::new();
    while let Some(customer) = writing.join_next().await {
        people.push(customer??);
    }
    Ok(people)
}

/// The moments at which the power fails: after acknowledgements, and while the database itself is written.
fn cuts(did: &[Did], dice: &mut Dice) -> Vec<usize> {
    let mut some_of = |fits: fn(&Did) -> bool| {
        let mut all: Vec<_> = (0..did.len())
            .filter(|at| did.get(*at).is_some_and(fits))
            .collect();
        let mut some: Vec<_> = all.pop().into_iter().collect();
        while some.len() < CUTS && !all.is_empty() {
            let at = usize::try_from(dice.below(all.len() as u64)).unwrap_or_default();
            some.push(all.swap_remove(at));
        }
        some
    };
    let mut cuts = some_of(|did| matches!(did, Did::Acknowledged(_)));
    cuts.extend(some_of(
        |did| matches!(did, Did::Wrote(file, ..) if file == "causerie.db"),
    ));
    cuts
}

/// The power fails after all of this was done: what was acknowledged until then is there when the server starts.
async fn stands_after(
    mut disk: Disk,
    did: &[Did],
    kept: impl FnMut() -> bool,
    people: &mut [Customer],
    server: &mut Server,
) -> Story {
    let mut acknowledged: HashSet<ClientMessageId> = HashSet::new();
    for did in did {
        disk.does(did);
        if let Did::Acknowledged(cid) = did {
            acknowledged.insert(*cid);
        }
    }
    server.kill()?;
    disk.loses_power(server.data(), kept)?;
    server.start().await?;
    for customer in people {
        customer.is_found(server.port(), &acknowledged).await?;
    }
    Ok(())
}
