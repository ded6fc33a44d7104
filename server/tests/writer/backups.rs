//! Backups and restoring them, while the writer is at work: all of it, in one step, and nothing half (I22, I26).

use std::path::{Path, PathBuf};

use causerie_core::{Seq, Timestamp};
use causerie_server::conversations::{Refusal, erase};
use causerie_server::notifier::{AgentNotice, ThreadNotice, Whose};
use causerie_server::store::{
    BackupFault, BeforeRestore, Change, Changed, NamedFault, Restored, Standing, Store, back_up, check,
    export_end_user, read_backup, restore,
};
use sqlx::Connection;

use crate::dice::Dice;
use crate::house::{House, Said, cid, customers};
use crate::login::log_in;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

async fn backed_up(house: &House, name: &str) -> PathBuf {
    let file = house.database().with_file_name(name);
    back_up(&house.database(), &file, false, NOW, &mut |_, _| {})
        .await
        .unwrap();
    file
}

async fn restored(database: &Path, file: &Path) -> Result<Restored, BackupFault> {
    let keep = database.with_file_name("kept");
    restore(database, file, &keep, NOW, &mut |_, _| {}).await
}

/// A few visitors who talked, one of them with people.
async fn talked() -> House {
    let house = House::new().await;
    house.agent("ann", 3).await;
    for n in 1..=5 {
        house.visitor(n).says(&house, &format!("message of {n}")).await;
    }
    house.visitor(1).reaches_people(&house, "eve@mail.example").await;
    house
}

#[tokio::test]
async fn i26_a_restore_brings_all_back_under_a_new_epoch_while_the_writer_works() {
    let house = talked().await;
    let visitor = house.visitor(1);
    let first = Said::of(house.ask(visitor.message(cid(), "kept")).await.unwrap());
    let (log, tickets) = (house.log(first.thread).await, house.tickets().await);
    let file = backed_up(&house, "backup").await;

    // What comes after the backup is not in it.
    let late = visitor.message(cid(), "lost with the restore");
    house.ask(late.clone()).await.unwrap();
    house.visitor(9).reaches_people(&house, "Skip").await;
    let last_ticket = house.tickets().await.last().unwrap().ticket.id;
    let Changed::EndUser { id, .. } = introduced(&house, "late").await else {
        panic!("nobody was introduced")
    };
    let number = house
        .store
        .end_user(house.site, id)
        .await
        .unwrap()
        .unwrap()
        .number;
    let before = house.store.epoch();
    let whose = Whose::Anonymous {
        site: house.site,
        secret_hash: visitor.0.secret_hash,
    };
    let mut tab = house.notifier.listen_to_thread(whose);
    let mut agents = house.notifier.listen_to_agents();

    let restored = restored(&house.database(), &file).await.unwrap();

    assert_eq!(house.log(first.thread).await, log);
    assert_eq!(house.tickets().await, tickets);
    house.logs_fold_into_rows(first.thread).await;
    // The next commit notices, and tells everybody before it tells of itself.
    let again = Said::of(house.ask(late).await.unwrap());
    assert_eq!(
        again.seq,
        log.last().unwrap().seq.next(),
        "sent again, it stands once"
    );
    assert_eq!(house.store.epoch(), restored.epoch);
    assert_ne!(restored.epoch, before);
    assert_eq!(tab.next().await, Ok(ThreadNotice::Restored));
    assert_eq!(*agents.recv().await.unwrap(), AgentNotice::Restored);
    // What was numbered once is not numbered so again.
    let fresh = house.visitor(9).reaches_people(&house, "Skip").await;
    assert!(
        fresh.ticket.id > last_ticket,
        "{} after {last_ticket}",
        fresh.ticket.id
    );
    let Changed::EndUser { id, .. } = introduced(&house, "another").await else {
        panic!("nobody was introduced")
    };
    let next = house.store.end_user(house.site, id).await.unwrap().unwrap();
    assert!(next.number > number, "{} after {number}", next.number);
    // What was there before is in a backup of its own.
    let BeforeRestore::BackedUp(kept) = restored.before else {
        panic!("{:?}", restored.before)
    };
    let elsewhere = tempfile::tempdir().unwrap();
    let database = elsewhere.path().join("causerie.db");
    restore(
        &database,
        &kept,
        &elsewhere.path().join("kept"),
        NOW,
        &mut |_, _| {},
    )
    .await
    .unwrap();
    let old = Store::open(&database).await.unwrap();
    let log = old.thread_entries(first.thread, Seq(0), 1000).await.unwrap();
    assert_eq!(customers(&log).last(), Some(&"lost with the restore"));
}

async fn introduced(house: &House, external_id: &str) -> Changed {
    house
        .change(Change::IntroduceEndUser {
            site: house.site,
            external_id: external_id.to_owned(),
            name: None,
            email: None,
            locale: None,
        })
        .await
}

#[tokio::test]
async fn i22_whoever_writes_during_a_restore_stands_whole_or_is_told_to_try_again() {
    let house = talked().await;
    let file = backed_up(&house, "backup").await;
    let (visitor, database) = (house.visitor(2), house.database());
    let (restored, answers) = tokio::join!(restored(&database, &file), async {
        let mut answers = Vec::new();
        for n in 0..200 {
            let text = format!("{n} meanwhile");
            answers.push(house.conversations.ask(visitor.message(cid(), &text)).await);
        }
        answers
    });
    let kept = match restored.unwrap().before {
        BeforeRestore::BackedUp(kept) => kept,
        other @ (BeforeRestore::Nothing | BeforeRestore::SetAside { .. }) => panic!("{other:?}"),
    };
    let elsewhere = tempfile::tempdir().unwrap();
    let database = elsewhere.path().join("causerie.db");
    restore(
        &database,
        &kept,
        &elsewhere.path().join("kept"),
        NOW,
        &mut |_, _| {},
    )
    .await
    .unwrap();
    let old = Store::open(&database).await.unwrap();
    let thread = Said::of(answers.iter().flatten().next().copied().unwrap()).thread;
    let before = old.thread_entries(thread, Seq(0), 10_000).await.unwrap();
    let after = house.log(thread).await;
    for (n, answer) in answers.iter().enumerate() {
        match answer {
            Ok(_) => {
                let text = format!("{n} meanwhile");
                let stands = |log: &[_]| customers(log).contains(&text.as_str());
                assert!(stands(&before) != stands(&after), "{text}: in one of the two");
            }
            Err(refusal) => assert!(matches!(refusal, Refusal::Unavailable { .. }), "{refusal:?}"),
        }
    }
    house.logs_fold_into_rows(thread).await;
}

#[tokio::test]
async fn r10_what_was_written_against_the_data_of_before_waits_until_its_writer_knows_what_is_so() {
    let house = talked().await;
    let file = backed_up(&house, "backup").await;
    let (visitor, before) = (house.visitor(1), house.store.epoch());
    restored(&house.database(), &file).await.unwrap();
    let message = visitor.message(cid(), "an answer to what is not asked any more");
    let refused = house.conversations.ask_knowing(before, message.clone()).await;
    assert!(matches!(refused, Err(Refusal::Unavailable { .. })), "{refused:?}");
    let now = house.store.epoch();
    assert_ne!(now, before);
    house.conversations.ask_knowing(now, message).await.unwrap();
}

/// Ada wrote as a visitor, was backed up, and then logged in: with what she says after that, and a log-out elsewhere.
async fn logged_in_since(house: &House) -> (PathBuf, Said) {
    log_in(house, None, 21, "eve").await.unwrap();
    house.visitor(21).says(house, "from eve").await;
    let said = house.visitor(11).says(house, "adacanary as a stranger").await;
    let file = backed_up(house, "backup").await;

    log_in(house, Some(11), 12, "ada").await.unwrap();
    house.visitor(12).says(house, "adacanary as herself").await;
    let secret = house.visitor(21).0.secret_hash;
    house
        .change(Change::LogOut {
            site: house.site,
            secret,
        })
        .await;
    (file, said)
}

async fn standing(house: &House, device: u8) -> Standing {
    house.store.standing(&house.visitor(device).0).await.unwrap()
}

/// How many rows of a table go by a secret that opens nothing.
async fn retired_in(house: &House, table: &str) -> i64 {
    let url = format!("sqlite://{}", house.database().display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let sql = format!("SELECT count(*) FROM {table} JOIN retired_secret USING (site, secret_hash)");
    let found = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .fetch_one(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    found
}

async fn nothing_is_wrong(house: &House) {
    let found = check(&house.database(), &mut |_, _| {}).await.unwrap();
    assert_eq!(found, [""; 0], "i24, i33");
}

#[tokio::test]
async fn security_11_what_was_retired_since_the_backup_opens_nothing_after_it_is_put_back() {
    let house = House::new().await;
    let (file, said) = logged_in_since(&house).await;

    restored(&house.database(), &file).await.unwrap();

    for (device, whose) in [(11, "of before the login"), (21, "logged out, security_4")] {
        assert_eq!(standing(&house, device).await, Standing::Retired, "{whose}");
        let who = house.visitor(device).0;
        assert_eq!(house.store.thread_of(&who).await.unwrap(), None, "{whose}");
        let refused = house.ask(house.visitor(device).message(cid(), "me again")).await;
        assert_eq!(refused.unwrap_err(), Refusal::SecretRetired, "{whose}");
    }
    assert_eq!(
        customers(&house.log(said.thread).await),
        ["adacanary as a stranger"]
    );
    for table in ["device", "end_user"] {
        assert_eq!(retired_in(&house, table).await, 0, "{table}");
    }
    // Logged in anew, Eve finds what is hers.
    log_in(&house, None, 22, "eve").await.unwrap();
    assert!(
        house
            .store
            .thread_of(&house.visitor(22).0)
            .await
            .unwrap()
            .is_some()
    );
    nothing_is_wrong(&house).await;
}

#[tokio::test]
async fn r47_a_person_is_who_they_were_after_a_restore_of_before_they_came_to_be_exported_and_erased() {
    let house = House::new().await;
    let (file, said) = logged_in_since(&house).await;
    let ada = house.store.named("ada").await.unwrap();
    assert_eq!(ada.threads, 1);

    restored(&house.database(), &file).await.unwrap();

    // Until she comes again, it is a stranger's.
    let head = house
        .store
        .thread(house.site, said.thread)
        .await
        .unwrap()
        .unwrap();
    let visitor = house.store.named(&head.end_user.to_string()).await.unwrap();
    assert_eq!((visitor.id, visitor.threads), (head.end_user, 1));
    assert_eq!(
        house.store.named(&visitor.number.to_string()).await.unwrap().id,
        visitor.id
    );
    assert!(house.store.named("ada").await.is_err(), "nobody knows her yet");
    nothing_is_wrong(&house).await;

    let again = log_in(&house, None, 13, "ada").await.unwrap().end_user;
    assert_eq!(again, ada.id);
    house.visitor(13).says(&house, "adacanary once more").await;
    let named = house.store.named("ada").await.unwrap();
    assert_eq!((named.id, named.threads), (ada.id, 2), "the stranger's is hers");
    let by_visitor = house.store.named(&head.end_user.to_string()).await.unwrap();
    assert_eq!(by_visitor, named);
    let mut document = Vec::new();
    export_end_user(&house.database(), "ada", true, NOW, &mut |_| {}, &mut document)
        .await
        .unwrap();
    let document = String::from_utf8(document).unwrap();
    assert!(document.contains("adacanary as a stranger"), "{document}");

    erase(&house.store, &[ada.id], &house.clock).await.unwrap();

    let mut rows = house.store.every_row().await.unwrap();
    rows.retain(|row| row.contains("adacanary"));
    assert_eq!(rows, [""; 0], "security_27: no word of hers is left");
    nothing_is_wrong(&house).await;
}

#[tokio::test]
async fn security_11_what_a_backup_knows_as_retired_stays_so_over_data_that_knows_nothing_of_it() {
    let house = House::new().await;
    let (_, said) = logged_in_since(&house).await;
    let file = backed_up(&house, "later").await;
    let other = House::new().await;
    other.visitor(11).says(&other, "something else").await;

    restored(&other.database(), &file).await.unwrap();

    assert_eq!(standing(&other, 11).await, Standing::Retired);
    assert_eq!(standing(&other, 21).await, Standing::Retired);
    let ada = other.store.named("ada").await.unwrap();
    assert_eq!(ada.threads, 1);
    assert_eq!(
        customers(&other.log(said.thread).await),
        ["adacanary as a stranger", "adacanary as herself"]
    );
    nothing_is_wrong(&other).await;
}

#[tokio::test]
async fn security_27_whoever_was_erased_is_known_as_that_also_in_data_of_before_they_came() {
    let house = talked().await;
    let file = backed_up(&house, "before they came").await;
    let ada = log_in(&house, None, 11, "ada").await.unwrap().end_user;
    let number = house.store.named("ada").await.unwrap().number.to_string();
    erase(&house.store, &[ada], &house.clock).await.unwrap();
    restored(&house.database(), &file).await.unwrap();
    for name in [ada.to_string(), number] {
        let found = house.store.named(&name).await;
        assert!(matches!(found, Err(NamedFault::Erased(_))), "{name}: {found:?}");
    }
    let nobody = house.store.named("4711").await;
    assert!(matches!(nobody, Err(NamedFault::Nobody)), "{nobody:?}");
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_brought_to_this_one_and_of_a_newer_one_refused() {
    let elsewhere = tempfile::tempdir().unwrap();
    let old = elsewhere.path().join("old.db");
    let url = format!("sqlite://{}?mode=rwc", old.display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let first = include_str!("../../migrations/0001_start.sql");
    sqlx::raw_sql(first).execute(&mut db).await.unwrap();
    let site = "INSERT INTO meta (id, epoch, settings) VALUES (1, 17, '{}'); \
                INSERT INTO site (key, name, origins, created_at) VALUES ('old', 'Old shop', '[]', 1); \
                PRAGMA user_version = 1";
    sqlx::raw_sql(site).execute(&mut db).await.unwrap();
    let backup = elsewhere.path().join("old.backup");
    let made = back_up(&old, &backup, false, NOW, &mut |_, _| {}).await.unwrap();
    assert_eq!(made.version, 1);

    let house = talked().await;
    let ada = log_in(&house, None, 11, "ada").await.unwrap().end_user;
    restored(&house.database(), &backup).await.unwrap();
    assert!(house.store.site("old").await.unwrap().is_some());
    assert_eq!(
        log_in(&house, None, 12, "ada").await.unwrap().end_user,
        ada,
        "r47: who they were"
    );
    assert!(house.store.site("shop").await.unwrap().is_none());

    sqlx::raw_sql("PRAGMA user_version = 9999")
        .execute(&mut db)
        .await
        .unwrap();
    let refused = back_up(&old, &elsewhere.path().join("new"), false, NOW, &mut |_, _| {})
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("newer Causerie"), "{refused}");
    assert_eq!(
        std::fs::read_dir(elsewhere.path()).unwrap().count(),
        2,
        "nothing half is left"
    );
}

#[tokio::test]
async fn a_backup_with_any_byte_changed_or_cut_off_is_refused_and_nothing_is_touched() {
    let house = talked().await;
    let file = backed_up(&house, "backup").await;
    let whole = std::fs::read(&file).unwrap();
    assert!(read_backup(&file).is_ok());
    let tickets = house.tickets().await;
    let seed = 17;
    let mut dice = Dice(seed);
    for round in 0..400 {
        let mut bytes = whole.clone();
        let done = if round % 2 == 0 {
            // The seal, whose bytes are few, gets its share.
            let last = whole.len().min(300);
            let at = match round % 4 {
                0 => dice.below(whole.len()),
                _ => whole.len() - 1 - dice.below(last),
            };
            let bit = 1 << dice.below(8);
            bytes[at] ^= bit;
            format!("seed {seed}: byte {at} ^ {bit}")
        } else {
            let at = dice.below(whole.len());
            bytes.truncate(at);
            format!("seed {seed}: cut at {at}")
        };
        std::fs::write(&file, &bytes).unwrap();
        let refused = restored(&house.database(), &file).await.unwrap_err();
        let said = refused.to_string();
        assert!(
            said.contains(&file.display().to_string()) && said.contains("Give a"),
            "{done}: {said}"
        );
    }
    assert_eq!(house.tickets().await, tickets);
    let beside = std::fs::read_dir(house.database().parent().unwrap()).unwrap();
    let left: Vec<String> = beside
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("restoring") || name.contains("kept") || name.contains("part"))
        .collect();
    assert_eq!(left, [""; 0]);
}
