//! `causerie check` of data and backups: all of it is looked at, and what is wrong is named by table and row.

use sqlx::Connection;
use tempfile::TempDir;

use crate::binary::{Running, printed, refused, run};

const SECRET: &str = "00000000000000000000000000000000000000000000000000000000000000cc";

fn post(server: &Running, n: usize, text: &str) {
    let body = format!(
        "{{\"site\":\"demo\",\"cid\":\"0197a000-0000-7000-8000-{n:012x}\",\"text\":\"{text}\",\"seen\":9000000000000}}"
    );
    let headers = format!("authorization: Bearer {SECRET}\r\ncontent-type: application/json\r\n");
    let answer = server.ask("POST", "/api/messaging/messages", &headers, &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// A visitor whom people have.
fn talked(server: &Running) {
    for (n, text) in ["hello", "Talk to a person", "eve@mail.example", "are you there?"]
        .into_iter()
        .enumerate()
    {
        post(server, n, text);
    }
}

#[test]
fn data_and_backups_are_checked_while_the_server_is_at_work() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    talked(&server);
    let backup = data.path().join("backup");
    let backup = backup.to_str().unwrap();
    printed(&run(data.path(), &["backup", backup]));
    std::thread::scope(|scope| {
        scope.spawn(|| (10..200).for_each(|n| post(&server, n, "meanwhile")));
        for _ in 0..5 {
            let said = printed(&run(data.path(), &["check"]));
            assert!(
                said.contains("The shipped flow: ok") && said.contains("the data is whole"),
                "{said}"
            );
        }
    });
    let said = printed(&run(
        data.path(),
        &["check", backup, data.path().to_str().unwrap()],
    ));
    assert!(
        said.contains("a whole backup") && said.contains("the data is whole"),
        "{said}"
    );

    let mut bytes = std::fs::read(backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(backup, &bytes).unwrap();
    let why = refused(&run(data.path(), &["check", backup]));
    assert!(why.contains(backup) && why.contains("is damaged"), "{why}");
    let nowhere = data.path().join("nowhere");
    std::fs::create_dir(&nowhere).unwrap();
    let why = refused(&run(data.path(), &["check", nowhere.to_str().unwrap()]));
    assert!(why.contains("There is no Causerie data in"), "{why}");
    assert_eq!(server.stops(), Some(0));
}

#[tokio::test]
async fn i24_i33_what_does_not_fit_together_is_named_by_table_and_row_and_stops_a_start() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    talked(&server);
    assert_eq!(server.stops(), Some(0));
    let database = data.path().join("causerie.db");
    let whole = std::fs::read(&database).unwrap();
    for (change, named) in [
        (
            "UPDATE ticket SET status = 'pending'",
            "ticket 1: its log, folded, is not its row",
        ),
        (
            "UPDATE ticket SET head = head + 1",
            "ticket 1: its log is not numbered from 1 to",
        ),
        (
            "UPDATE ticket SET tags = 'no list'",
            "ticket 1: tags cannot be read",
        ),
        (
            "UPDATE ticket_entry SET what = '{}' WHERE seq = 1",
            "ticket_entry 1 1: what cannot be read",
        ),
        (
            "DELETE FROM thread_entry WHERE seq = 3",
            "its log is not numbered from 1 to",
        ),
        (
            "UPDATE thread_entry SET at = at - 1000 WHERE seq = 3",
            "in its log time goes back",
        ),
        (
            "UPDATE thread_entry SET author = '\"nobody\"' WHERE seq = 2",
            "2: author cannot be read",
        ),
        (
            "UPDATE conversation SET live = 0",
            "live is 0, and the session and the ticket say otherwise",
        ),
        ("UPDATE conversation SET first = 2", "begins at another number"),
        (
            "UPDATE chat_thread SET conversations = 2",
            "1 conversations, and its row says 2",
        ),
        (
            "UPDATE chat_thread SET read_upto = 99",
            "read up to 99, past its head",
        ),
        (
            "UPDATE meta SET settings = '7'",
            "meta 1: settings cannot be read",
        ),
        (
            "UPDATE agent_macro SET definition = '7' WHERE id = 2",
            "agent_macro 2: definition cannot be read",
        ),
        ("UPDATE site SET origins = '7'", "site 1: origins cannot be read"),
        (
            "UPDATE end_user SET secret_hash = x'00'",
            "end_user 1: secret_hash cannot be read",
        ),
        ("UPDATE command SET outcome = '{'", "its outcome cannot be read"),
        (
            "UPDATE end_user SET erased_at = 1",
            "end_user 1: its row and the table erasure differ about whether it was erased",
        ),
        (
            "UPDATE thread_entry SET erased = 1 WHERE seq = 2",
            "2: it and its end user differ about whether it was erased",
        ),
        (
            "UPDATE conversation SET thread = x'00'",
            "conversation: a row names one of chat_thread that is not there",
        ),
    ] {
        std::fs::write(&database, &whole).unwrap();
        let _ = std::fs::remove_file(data.path().join("causerie.db-sums"));
        let url = format!("sqlite://{}", database.display());
        let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql("PRAGMA foreign_keys = OFF")
            .execute(&mut db)
            .await
            .unwrap();
        sqlx::query(change).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
        let checked = run(data.path(), &["check"]);
        assert_eq!(checked.status.code(), Some(1), "{change}");
        let why = refused(&checked);
        assert!(
            why.contains(named) && why.contains("causerie.db"),
            "{change}: {why}"
        );
        // Nothing vouches for the pages, so a start reads all of it through.
        let why = refused(&run(data.path(), &["serve", "--listen", "127.0.0.1:0"]));
        assert!(
            why.contains(named) && why.contains("causerie restore FILE"),
            "{change}: {why}"
        );
    }
}

#[test]
fn a_check_of_data_that_is_not_there_is_refused() {
    let data = TempDir::new().unwrap();
    let nowhere = data.path().join("nowhere");
    let why = refused(&run(&nowhere, &["check"]));
    assert!(
        why.contains("no Causerie data in") && why.contains("nowhere"),
        "{why}"
    );
}
