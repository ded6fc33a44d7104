//! What is on the disk and is not what was written is refused at the start, and what is served is what was written
//! (I22, I23).

use std::path::Path;

use causerie_server::store::{Change, Store, StoreError};
use tempfile::TempDir;

use crate::dice::Dice;
use crate::house::House;

const FILES: [&str; 3] = ["causerie.db", "causerie.db-wal", "causerie.db-sums"];

/// The files as they are now: what a crash at this moment would leave.
fn image(of: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    for name in FILES {
        if let Ok(bytes) = std::fs::read(of.join(name)) {
            std::fs::write(to.path().join(name), bytes).unwrap();
        }
    }
    to
}

/// Starts on a folder; answers all that is served.
async fn served(folder: &Path) -> Result<Vec<String>, StoreError> {
    let store = Store::open_to_serve(&folder.join("causerie.db"), &mut |_, _| {}).await?;
    let rows = store.every_row().await;
    store.close().await;
    rows
}

async fn talked(many: u8) -> House {
    let house = House::served().await;
    house.agent("ann", 3).await;
    for n in 1..=many {
        let visitor = house.visitor(n);
        visitor.says(&house, &format!("message of {n}")).await;
        visitor.says(&house, &"many words ".repeat(300)).await;
    }
    house.visitor(1).reaches_people(&house, "eve@mail.example").await;
    house
}

/// Damages one of the files; answers what was done.
fn damaged(folder: &Path, dice: &mut Dice) -> String {
    let there: Vec<&str> = FILES
        .into_iter()
        .filter(|name| std::fs::metadata(folder.join(name)).is_ok_and(|file| file.len() > 0))
        .collect();
    let name = there[dice.below(there.len())];
    let mut bytes = std::fs::read(folder.join(name)).unwrap();
    let at = match dice.below(4) {
        // Headers are small and matter much.
        0 => dice.below(bytes.len().min(200)),
        // The last commits.
        1 => bytes.len() - 1 - dice.below(bytes.len().min(9000)),
        _ => dice.below(bytes.len()),
    };
    let done = match dice.below(4) {
        0 => {
            bytes.truncate(at);
            format!("{name}: cut at {at}")
        }
        1 => {
            let end = bytes.len().min(at + 512);
            bytes[at..end].fill(0);
            format!("{name}: {at}..{end} are zero")
        }
        _ => {
            let with = u8::try_from(1 + dice.below(255)).unwrap();
            bytes[at] ^= with;
            format!("{name}: byte {at} ^ {with}")
        }
    };
    std::fs::write(folder.join(name), bytes).unwrap();
    done
}

async fn each_damage_is_refused_or_harmless(image_of: &Path, seed: u64, rounds: usize) {
    let whole = served(image(image_of).path()).await.unwrap();
    let mut dice = Dice(seed);
    let (mut refused, mut harmless) = (0, 0);
    for _ in 0..rounds {
        let folder = image(image_of);
        let done = format!("seed {seed}: {}", damaged(folder.path(), &mut dice));
        match served(folder.path()).await {
            Ok(rows) => {
                assert!(rows == whole, "{done}: something else is served");
                harmless += 1;
            }
            Err(fault) => {
                let said = fault.to_string();
                let database = folder.path().join("causerie.db").display().to_string();
                assert!(
                    said.contains(&database)
                        && (said.contains("causerie restore") || said.contains("restore a backup")),
                    "{done}: {said}"
                );
                refused += 1;
            }
        }
    }
    assert!(refused > rounds / 3, "{refused} refused, {harmless} harmless");
}

#[tokio::test]
async fn i23_after_a_clean_stop_each_flip_and_cut_is_refused_or_harmless() {
    let folder = talked(6).await.stopped().await;
    assert!(
        !folder.path().join("causerie.db-wal").exists(),
        "the log was put away"
    );
    each_damage_is_refused_or_harmless(folder.path(), 23, 200).await;
}

#[tokio::test]
async fn i23_after_a_crash_each_flip_and_cut_is_refused_or_harmless() {
    let house = talked(10).await;
    let folder = house.database();
    each_damage_is_refused_or_harmless(folder.parent().unwrap(), 42, 250).await;
}

#[tokio::test]
async fn i23_after_many_checkpoints_a_crash_at_any_commit_leaves_what_was_acknowledged_and_nothing_is_taken_for_damage()
 {
    let house = House::served().await;
    let long = "many words ".repeat(300);
    let mut dice = Dice(7);
    let mut thread = None;
    let folder = house.database().parent().unwrap().to_owned();
    for n in 0..360_u32 {
        let visitor = house.visitor(u8::try_from(n % 40).unwrap());
        thread = Some((visitor.says(&house, &format!("{n} {long}")).await.thread, n));
        // A command of another process comes between.
        if n % 40 == 7 {
            let change = Change::AddGroup {
                name: format!("group {n}"),
            };
            house.store.change(change, &house.clock).await.unwrap().unwrap();
        }
        if dice.below(20) == 0 {
            let crashed = image(&folder);
            let rows = served(crashed.path()).await.unwrap();
            let said = format!("'{n} many words");
            assert!(rows.iter().any(|row| row.contains(&said)), "message {n} is gone");
        }
    }
    let log = std::fs::metadata(folder.join("causerie.db-wal")).unwrap().len();
    assert!(log < 16 << 20, "the log is put away now and then: {log} bytes");
    // Old pages that nobody wrote since are vouched for as well; what is in the log counts for the others.
    let whole = served(image(&folder).path()).await.unwrap();
    let mut refused = 0;
    for _ in 0..20 {
        let crashed = image(&folder);
        let database = crashed.path().join("causerie.db");
        let mut bytes = std::fs::read(&database).unwrap();
        let from = dice.below(bytes.len() / 2);
        let words = bytes[from..]
            .windows(11)
            .position(|words| words == b"many words ");
        bytes[from + words.unwrap()] = b'M';
        std::fs::write(&database, &bytes).unwrap();
        match served(crashed.path()).await {
            Ok(rows) => assert!(rows == whole, "something else is served"),
            Err(fault) => {
                assert!(matches!(fault, StoreError::Damaged { .. }), "{fault}");
                refused += 1;
            }
        }
    }
    assert!(refused > 5, "{refused} of 20");
    house.logs_fold_into_rows(thread.unwrap().0).await;
}

#[tokio::test]
async fn i22_a_tail_that_a_power_cut_tore_is_no_damage_and_takes_nothing_acknowledged_with_it() {
    let house = talked(3).await;
    let folder = house.database().parent().unwrap().to_owned();
    let before = image(&folder);
    let acknowledged = served(image(&folder).path()).await.unwrap();
    house.visitor(2).says(&house, &"torn ".repeat(800)).await;
    let after = image(&folder);
    let wal = std::fs::read(after.path().join("causerie.db-wal")).unwrap();
    let old = std::fs::read(before.path().join("causerie.db-wal")).unwrap();
    let begins = old.len();
    assert!(wal.len() >= begins + 3 * 4120, "the commit has several frames");
    // What the disk has of the last commit, which nobody was told of: any of its sectors and none of the note.
    let mut dice = Dice(5);
    for round in 0..60 {
        let torn = image(before.path());
        let mut bytes = wal.clone();
        let mut lost = 0;
        for sector in (begins..wal.len()).step_by(512) {
            if dice.below(3) == 0 {
                let end = (sector + 512).min(wal.len());
                lost += usize::from(bytes[sector..end].iter().any(|byte| *byte != 0));
                bytes[sector..end].fill(0);
            }
        }
        std::fs::write(torn.path().join("causerie.db-wal"), &bytes).unwrap();
        let rows = served(torn.path())
            .await
            .unwrap_or_else(|fault| panic!("round {round}: {fault}"));
        assert!(lost == 0 || rows == acknowledged, "round {round}");
    }
}

#[tokio::test]
async fn without_sums_all_is_read_through_and_then_vouched_for() {
    let folder = talked(3).await.stopped().await;
    let whole = served(folder.path()).await.unwrap();
    let sums = folder.path().join("causerie.db-sums");
    std::fs::remove_file(&sums).unwrap();
    assert_eq!(served(folder.path()).await.unwrap(), whole);
    assert!(sums.is_file());
    // Sums that are damaged are no reason to refuse what is whole.
    let mut bytes = std::fs::read(&sums).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&sums, &bytes).unwrap();
    assert_eq!(served(folder.path()).await.unwrap(), whole);
    // A page that is none is found by reading through.
    std::fs::remove_file(&sums).unwrap();
    let database = folder.path().join("causerie.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let end = bytes.len();
    bytes[end - 4096..].fill(0xAA);
    std::fs::write(&database, &bytes).unwrap();
    let refused = served(folder.path()).await.err().unwrap().to_string();
    assert!(
        refused.contains("is damaged") && refused.contains("causerie restore"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_log_without_its_database_is_refused() {
    let house = talked(2).await;
    let crashed = image(house.database().parent().unwrap());
    std::fs::remove_file(crashed.path().join("causerie.db")).unwrap();
    let refused = served(crashed.path()).await.err().unwrap();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn i23_a_byte_flipped_in_the_log_is_found_by_the_log_itself_when_a_power_cut_took_the_note() {
    let house = talked(4).await;
    let folder = house.database().parent().unwrap().to_owned();
    let without_note = image(&folder);
    let sums = without_note.path().join("causerie.db-sums");
    let mut bytes = std::fs::read(&sums).unwrap();
    bytes[64..88].fill(0);
    std::fs::write(&sums, &bytes).unwrap();
    let whole = served(image(without_note.path()).path()).await.unwrap();
    let log = std::fs::read(folder.join("causerie.db-wal")).unwrap();
    let seed = 11;
    let mut dice = Dice(seed);
    for round in 0..150 {
        let crashed = image(without_note.path());
        let at = match round % 3 {
            0 => dice.below(32 + 4120),
            1 => log.len() - 1 - dice.below(4120),
            _ => dice.below(log.len()),
        };
        let with = u8::try_from(1 + dice.below(255)).unwrap();
        let mut bytes = log.clone();
        bytes[at] ^= with;
        std::fs::write(crashed.path().join("causerie.db-wal"), &bytes).unwrap();
        match served(crashed.path()).await {
            Ok(rows) => assert!(
                rows == whole,
                "seed {seed}: byte {at} ^ {with}: something else is served"
            ),
            Err(fault) => assert!(matches!(fault, StoreError::Damaged { .. }), "{fault}"),
        }
    }
}

#[tokio::test]
async fn i23_a_first_commit_that_writes_nothing_leaves_the_sums_as_they_are() {
    let house = House::served().await;
    let taken = Change::AddSite {
        key: "shop".to_owned(),
        name: "Shop".to_owned(),
        origins: Vec::new(),
    };
    house.conversations.change(taken).await.unwrap_err();
    // By now it has looked at a log in which nothing is.
    house.visitor(1).says(&house, "hello").await;
    let folder = house.stopped().await;
    assert!(folder.path().join("causerie.db-sums").is_file());
}

#[tokio::test]
async fn i23_a_database_cut_to_nothing_after_a_clean_stop_is_not_taken_for_a_new_one() {
    let folder = talked(2).await.stopped().await;
    let database = folder.path().join("causerie.db");
    for file_is in ["empty", "gone"] {
        match file_is {
            "empty" => std::fs::write(&database, "").unwrap(),
            _ => std::fs::remove_file(&database).unwrap(),
        }
        let refused = served(folder.path()).await.err().unwrap();
        assert!(
            matches!(refused, StoreError::Damaged { .. }),
            "{file_is}: {refused}"
        );
        assert!(folder.path().join("causerie.db-sums").is_file(), "{file_is}");
    }
}
