//! The erasure of a person, beside the writer at work (SECURITY 27): a person is all that they were, also before they
//! logged in, and everybody else stays as they are.

use causerie_core::end_user::Vouched;
use causerie_core::session::Placement;
use causerie_core::ticket::{CommentTo, Set, Status, Update};
use causerie_core::time::Span;
use causerie_core::{EndUserId, TicketId};
use causerie_server::conversations::{EraseFault, Gone, LogIn, Refusal, Request, Sender, erase};
use causerie_server::notifier::{ThreadNotice, Whose};
use causerie_server::store::{
    Change, Changed, Named, NamedFault, Standing, Traces, check, export_end_user, undamaged,
};

use sqlx::Connection;

use crate::house::{Agent, House, Said, cid, cid_of};

async fn erased(house: &House, whom: EndUserId) -> Gone {
    let erased = erase(&house.store, &[whom], &house.clock).await.unwrap();
    assert!(matches!(erased.traces, Traces::Gone), "{erased:?}");
    house.store.erasures_told(&[whom]).await.unwrap();
    let found = check(&house.database(), &mut |_, _| {}).await.unwrap();
    assert_eq!(found, [""; 0], "i24, i33");
    erased.people[0]
}

async fn log_in(house: &House, before: Option<u8>, device: u8, external_id: &str) -> EndUserId {
    let asked = LogIn {
        believed: None,
        who: house.visitor(device).0,
        before: before.map(|before| house.visitor(before).0.secret_hash),
        whom: Vouched {
            external_id: external_id.to_owned(),
            name: Some(format!("{external_id} canary")),
            email: Some(format!("{external_id}@mail.example")),
            email_verified: true,
        },
        until: house.clock.now().after(Span::minutes(10)),
    };
    house.conversations.log_in(asked).await.unwrap().end_user
}

async fn taken(house: &House, agent: Agent, ticket: TicketId) {
    let take = Update {
        assignee: Some(Set::To(agent.0)),
        ..Update::default()
    };
    house.ask(agent.update(ticket, take)).await.unwrap();
}

/// Which rows have such a word.
async fn rows_with(house: &House, word: &str) -> Vec<String> {
    let mut rows = house.store.every_row().await.unwrap();
    rows.retain(|row| row.contains(word));
    rows
}

async fn document(house: &House, name: &str) -> (String, String) {
    let (mut said, mut out) = (String::new(), Vec::new());
    let now = house.clock.now();
    let mut found = |whose: &causerie_server::store::Named| said = whose.to_string();
    export_end_user(&house.database(), name, true, now, &mut found, &mut out)
        .await
        .unwrap();
    (said, String::from_utf8(out).unwrap())
}

/// Eve wrote anonymously on two devices and logged in on both: one chat moved to her, the other stayed behind.
async fn eve(house: &House, agent: Agent) -> (EndUserId, TicketId, TicketId) {
    let first = house
        .visitor(1)
        .reaches_people(house, "evecanary@mail.example")
        .await;
    taken(house, agent, first.ticket.id).await;
    let eve = log_in(house, Some(1), 11, "evecanary").await;
    let stray = house
        .visitor(2)
        .reaches_people(house, "strayevecanary@mail.example")
        .await;
    assert_eq!(log_in(house, Some(2), 12, "evecanary").await, eve);
    let note = agent.comment(first.ticket.id, CommentTo::Note, "an evecanary note");
    house.ask(note).await.unwrap();
    (eve, first.ticket.id, stray.ticket.id)
}

#[tokio::test]
async fn r47_a_person_is_erased_with_all_that_stayed_behind_when_they_logged_in() {
    let house = House::new().await;
    let ann = house.agent("ann", 3).await;
    let mallory = house
        .visitor(7)
        .reaches_people(&house, "mallory@mail.example")
        .await;
    let (eve, moved, stayed) = eve(&house, ann).await;
    assert!(rows_with(&house, "evecanary").await.len() > 5);
    let (neighbours, log) = (
        house.ticket(mallory.ticket.id).await,
        house.log(mallory.thread).await,
    );

    assert!(!erased(&house, eve).await.already);

    assert_eq!(rows_with(&house, "evecanary").await, [""; 0]);
    for ticket in [moved, stayed] {
        let row = house.ticket(ticket).await;
        assert!(row.erased && row.requester.is_none() && row.email.is_none());
        assert_eq!(row.ticket.status, Status::Closed);
        assert!(house.log(row.thread).await.iter().all(|entry| entry.erased));
        let head = house.store.thread(house.site, row.thread).await.unwrap();
        assert!(head.is_none(), "to the site's own software nothing is there");
    }
    assert_eq!(house.ticket(mallory.ticket.id).await, neighbours);
    assert_eq!(house.log(mallory.thread).await, log);
    // Neither of the devices is anybody's, and what they opened before is nobody's still.
    for device in [11, 12] {
        let who = house.visitor(device).0;
        assert_eq!(house.store.standing(&who).await.unwrap(), Standing::Anonymous);
        assert!(house.store.thread_of(&who).await.unwrap().is_none());
    }
    for secret in [1, 2] {
        let standing = house.store.standing(&house.visitor(secret).0).await.unwrap();
        assert_eq!(standing, Standing::Retired, "r47: a retired secret opens nothing");
    }
    assert!(house.store.end_user(house.site, eve).await.unwrap().is_none());
    let known = house.store.end_user_by_external_id(house.site, "evecanary").await;
    assert!(known.unwrap().is_none());

    // What is remembered of it is never changed again.
    let url = format!("sqlite://{}", house.database().display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    for change in ["DELETE FROM erasure", "UPDATE erasure SET at = 0"] {
        assert!(sqlx::raw_sql(change).execute(&mut db).await.is_err(), "{change}");
    }
    db.close().await.unwrap();

    // Again, nothing happens.
    let rows = house.store.every_row().await.unwrap();
    assert!(erased(&house, eve).await.already);
    assert_eq!(house.store.every_row().await.unwrap(), rows);
    assert!(matches!(
        erase(&house.store, &[EndUserId(uuid::Uuid::from_u128(5))], &house.clock).await,
        Err(EraseFault::Nobody(_))
    ));
}

#[tokio::test]
async fn whoever_comes_back_is_a_stranger_and_old_client_ids_stay_taken() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let (first, id) = (cid_of(77), "evecanary");
    let was = Said::of(house.ask(visitor.message(first, id)).await.unwrap());
    let end_user = house.store.thread_of(&visitor.0).await.unwrap().unwrap().end_user;
    let mut tab = house.notifier.listen_to_thread(Whose::Anonymous {
        site: house.site,
        secret_hash: visitor.0.secret_hash,
    });

    erased(&house, end_user).await;

    let commands = rows_with(&house, "command: ").await;
    assert_eq!(commands.len(), 1, "its id is taken (i06)");
    assert!(
        commands[0].contains("X''"),
        "and not even a fingerprint is left: {commands:?}"
    );
    // What was sent before is nobody's to ask after, and its id is nobody else's (i06).
    let again = house.conversations.ask(visitor.message(first, id)).await;
    assert_eq!(again.unwrap_err(), Refusal::UnknownClientId);
    assert_eq!(
        tab.next().await,
        Ok(ThreadNotice::Restored),
        "i26: every tab forgets"
    );
    let said = visitor.says(&house, "a new day").await;
    assert_ne!(said.thread, was.thread);
    assert_eq!((said.seq.0, said.placement), (1, Placement::Started));
    let fresh = house.store.thread_of(&visitor.0).await.unwrap().unwrap().end_user;
    assert_ne!(fresh, end_user);
    // Nor does anybody write in their name, or to them.
    let send = Request::Send {
        who: Sender::Of {
            site: house.site,
            thread: was.thread,
        },
        send: causerie_core::wire::end_user::Send {
            cid: cid(),
            text: "in her name".to_owned(),
            session: None,
            seen: causerie_core::Seq(0),
        },
    };
    let refused = house.conversations.ask(send).await.unwrap_err();
    assert_eq!(refused.code(), "end_user_erased");
    let open = Change::OpenThread {
        site: house.site,
        end_user,
    };
    assert!(house.conversations.change(open).await.is_err());
}

#[tokio::test]
async fn r24_the_slot_is_free_and_the_next_one_waiting_gets_it() {
    let house = House::new().await.with_a_worker();
    let ann = house.agent("ann", 1).await;
    let first = house
        .visitor(1)
        .reaches_people(&house, "evecanary@mail.example")
        .await;
    let its = |row: &causerie_core::wire::agent::TicketRow| row.ticket.assignee == Some(ann.0);
    house
        .until(async |house| its(&house.ticket(first.ticket.id).await))
        .await;
    let next = house
        .visitor(2)
        .reaches_people(&house, "mallory@mail.example")
        .await;
    assert_eq!(next.ticket.assignee, None);
    let whose = house
        .store
        .thread_of(&house.visitor(1).0)
        .await
        .unwrap()
        .unwrap()
        .end_user;

    erased(&house, whose).await;

    // The writer's next look at the data wakes the worker.
    house.visitor(3).says(&house, "hello").await;
    house
        .until(async |house| its(&house.ticket(next.ticket.id).await))
        .await;
}

#[tokio::test]
async fn what_waits_to_be_sent_by_email_is_not_sent_any_more() {
    let house = House::new().await;
    let ann = house.agent("ann", 3).await;
    let row = house
        .visitor(1)
        .reaches_people(&house, "evecanary@mail.example")
        .await;
    let other = house
        .visitor(2)
        .reaches_people(&house, "mallory@mail.example")
        .await;
    for (ticket, text) in [
        (row.ticket.id, "dear evecanary"),
        (other.ticket.id, "dear mallory"),
    ] {
        taken(&house, ann, ticket).await;
        house.ask(ann.end(ticket)).await.unwrap();
        house
            .ask(ann.comment(ticket, CommentTo::Email, text))
            .await
            .unwrap();
        assert_eq!(house.store.waiting_emails(ticket).await.unwrap().len(), 1);
    }
    let whose = house
        .store
        .thread_of(&house.visitor(1).0)
        .await
        .unwrap()
        .unwrap()
        .end_user;

    erased(&house, whose).await;

    assert_eq!(house.store.waiting_emails(row.ticket.id).await.unwrap(), []);
    assert_eq!(
        house.store.waiting_emails(other.ticket.id).await.unwrap().len(),
        1
    );
    assert_eq!(rows_with(&house, "evecanary").await, [""; 0]);
}

#[tokio::test]
async fn the_sums_follow_a_database_that_becomes_smaller() {
    let house = House::served().await;
    for n in 1..30 {
        house
            .visitor(n)
            .says(&house, &format!("evecanary {}", "x".repeat(4000)))
            .await;
    }
    let before = house.store.pages().await.unwrap();
    for n in 1..25 {
        let whose = house
            .store
            .thread_of(&house.visitor(n).0)
            .await
            .unwrap()
            .unwrap()
            .end_user;
        erased(&house, whose).await;
        house.visitor(200).says(&house, "goes on").await;
    }
    assert!(house.store.pages().await.unwrap() < before);
    let folder = house.stopped().await;
    undamaged(&folder.path().join("causerie.db")).unwrap();
}

#[tokio::test]
async fn an_export_has_what_stayed_behind_and_says_whose_it_is() {
    let house = House::new().await;
    let ann = house.agent("ann", 3).await;
    let (eve, moved, stayed) = eve(&house, ann).await;
    let (said, text) = document(&house, "evecanary").await;
    assert!(
        said.contains("\u{201c}evecanary canary\u{201d} <evecanary@mail.example>"),
        "{said}"
    );
    assert!(
        said.contains("external_id \u{201c}evecanary\u{201d}, of the site \u{201c}Shop\u{201d} (shop)"),
        "{said}"
    );
    let document_of_eve: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ids = |what: &str| -> Vec<String> {
        let all = document_of_eve[what].as_array().unwrap();
        all.iter().map(|it| it["id"].to_string()).collect()
    };
    assert_eq!(ids("tickets"), [moved.to_string(), stayed.to_string()]);
    assert_eq!((ids("chat_threads").len(), ids("visitors").len()), (2, 1));
    assert!(text.contains("strayevecanary@mail.example"));
    // A visitor who has logged in since is that person.
    let visitor = ids("visitors")[0].trim_matches('"').to_owned();
    let by_visitor = document(&house, &visitor).await;
    assert_eq!(by_visitor, (said.clone(), text));

    // A number that is somebody else's name as well means nobody; an id is nobody else's.
    let Named { number, .. } = house.store.named("evecanary").await.unwrap();
    let introduced = Change::IntroduceEndUser {
        site: house.site,
        external_id: number.to_string(),
        name: None,
        email: None,
        locale: None,
    };
    let Changed::EndUser { id: other, .. } = house.change(introduced).await else {
        panic!("nobody was introduced")
    };
    let Err(NamedFault::Several(those)) = house.store.named(&number.to_string()).await else {
        panic!("one of two was taken")
    };
    assert_eq!(those.iter().map(|it| it.id).collect::<Vec<_>>(), [eve, other]);
    assert_eq!(document(&house, &eve.to_string()).await.0, said);
    assert_eq!(house.store.named(&other.to_string()).await.unwrap().id, other);
}
