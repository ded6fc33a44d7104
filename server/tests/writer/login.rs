//! Login in the middle of a chat (R47): one transaction, ordered like every command.

use causerie_core::Timestamp;
use causerie_core::end_user::Vouched;
use causerie_core::session::{EndReason, Placement};
use causerie_core::ticket::event::TicketEvent;
use causerie_core::time::Span;
use causerie_server::conversations::{LogIn, LoggedIn, Refusal, Request, Sender};
use causerie_server::notifier::{AgentNotice, ThreadNotice, Whose};
use causerie_server::store::{Change, Changed};

use crate::house::{Agent, House, Said, Visitor, cid, customers, is_ended};

pub(crate) fn until(house: &House) -> Timestamp {
    house.clock.now().after(Span::minutes(10))
}

pub(crate) fn as_whom(house: &House, before: Option<u8>, device: u8, external_id: &str) -> LogIn {
    LogIn {
        believed: None,
        who: house.visitor(device).0,
        before: before.map(|before| house.visitor(before).0.secret_hash),
        whom: Vouched {
            external_id: external_id.to_owned(),
            name: Some(external_id.to_uppercase()),
            email: Some(format!("{external_id}@example.net")),
            email_verified: true,
        },
        until: until(house),
    }
}

/// Whoever had secret `before` logs in, on a device whose secret is `device` from then on.
pub(crate) async fn log_in(
    house: &House,
    before: Option<u8>,
    device: u8,
    external_id: &str,
) -> Result<LoggedIn, Refusal> {
    house
        .conversations
        .log_in(as_whom(house, before, device, external_id))
        .await
}

pub(crate) async fn retry(
    house: &House,
    visitor: &Visitor,
    id: causerie_core::ClientMessageId,
    text: &str,
) -> Said {
    Said::of(house.ask(visitor.message(id, text)).await.unwrap())
}

fn requesters(history: &[causerie_core::ticket::event::TicketEntry]) -> usize {
    let is_one = |entry: &&causerie_core::ticket::event::TicketEntry| {
        matches!(entry.what, TicketEvent::Requester { .. })
    };
    history.iter().filter(is_one).count()
}

async fn with_people(house: &House, secret: u8, agent: Agent) -> causerie_core::wire::agent::TicketRow {
    let ticket = house.visitor(secret).reaches_people(house, "Skip").await;
    let take = causerie_core::ticket::Update {
        assignee: Some(causerie_core::ticket::Set::To(agent.0)),
        ..Default::default()
    };
    house.ask(agent.update(ticket.ticket.id, take)).await.unwrap();
    house.ticket(ticket.ticket.id).await
}

#[tokio::test]
async fn r47_the_chat_thread_moves_and_the_session_goes_on() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let before = with_people(&house, 1, agent).await;

    log_in(&house, Some(1), 11, "ada").await.unwrap();

    let ada = house.visitor(11);
    let head = house.store.thread_of(&ada.0).await.unwrap().unwrap();
    assert_eq!(head.thread, before.thread);
    let after = house.ticket(before.ticket.id).await;
    assert_eq!(after.requester.as_deref(), Some("ADA"));
    assert_eq!(after.email.as_deref(), Some("ada@example.net"));
    assert_eq!(after.session, before.session);
    assert_eq!(requesters(&house.history(before.ticket.id).await), 1, "r37");
    let said = ada.says(&house, "it is me").await;
    assert_eq!(
        (said.thread, said.placement),
        (before.thread, Placement::Appended)
    );
    let known = house
        .store
        .end_user_by_external_id(house.site, "ada")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((known.thread, known.email_verified), (Some(before.thread), true));
    house.logs_fold_into_rows(before.thread).await;
}

#[tokio::test]
async fn r47_with_a_live_session_elsewhere_the_anonymous_one_ends_and_its_log_stays() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    log_in(&house, None, 10, "ada").await.unwrap();
    let theirs = house.visitor(10).says(&house, "from my phone").await;
    let stray = with_people(&house, 1, agent).await;
    let log = house.log(stray.thread).await;

    log_in(&house, Some(1), 11, "ada").await.unwrap();

    let after = house.ticket(stray.ticket.id).await;
    assert!(is_ended(&after));
    assert_eq!(
        after.session.ended().unwrap().by.reason(),
        EndReason::EndedBySystem
    );
    assert_eq!(after.requester, None, "nobody is named by it");
    assert_eq!(house.log(stray.thread).await, log);
    assert_eq!(requesters(&house.history(stray.ticket.id).await), 0);
    let head = house
        .store
        .thread_of(&house.visitor(11).0)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        head.thread, theirs.thread,
        "what they see is their own log, with nothing of the other"
    );
    let said = house.visitor(11).says(&house, "from my desk").await;
    assert_eq!(
        (said.session, said.placement),
        (theirs.session, Placement::Appended)
    );
    assert_eq!(
        customers(&house.log(theirs.thread).await),
        ["from my phone", "from my desk"]
    );
    house.logs_fold_into_rows(stray.thread).await;
}

#[tokio::test]
async fn r11_a_message_whose_ack_was_lost_before_the_login_is_answered_where_it_stands() {
    for elsewhere in [false, true] {
        let house = House::new().await;
        if elsewhere {
            log_in(&house, None, 10, "ada").await.unwrap();
            house.visitor(10).says(&house, "from my phone").await;
        }
        let id = cid();
        let first = retry(&house, &house.visitor(1), id, "hello").await;
        log_in(&house, Some(1), 11, "ada").await.unwrap();

        let again = retry(&house, &house.visitor(11), id, "hello").await;

        assert_eq!(again, first, "i06: where it stood, elsewhere: {elsewhere}");
        assert_eq!(customers(&house.log(first.thread).await), ["hello"]);
        let current = house
            .store
            .thread_of(&house.visitor(11).0)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(current.thread == first.thread, !elsewhere);
        // It is nobody else's to ask after.
        log_in(&house, None, 12, "eve").await.unwrap();
        let refused = house
            .ask(house.visitor(12).message(id, "hello"))
            .await
            .unwrap_err();
        assert_eq!(refused, Refusal::UnknownClientId);
    }
}

#[tokio::test]
async fn r11_the_businesss_own_retry_in_a_chat_thread_that_stayed_is_answered_where_it_stands() {
    let house = House::new().await;
    log_in(&house, None, 10, "ada").await.unwrap();
    house.visitor(10).says(&house, "from my phone").await;
    let stays = house.visitor(1).says(&house, "hello").await;
    let send = causerie_core::wire::end_user::Send {
        cid: cid(),
        text: "by software".to_owned(),
        session: None,
        seen: causerie_core::Seq(0),
    };
    let who = Sender::Of {
        site: house.site,
        thread: stays.thread,
    };
    let request = Request::Send { who, send };
    let first = Said::of(house.ask(request.clone()).await.unwrap());
    log_in(&house, Some(1), 11, "ada").await.unwrap();

    assert_eq!(Said::of(house.ask(request).await.unwrap()), first);
    assert_eq!(
        customers(&house.log(stays.thread).await),
        ["hello", "by software"]
    );
}

#[tokio::test]
async fn r11_a_message_that_was_never_taken_goes_to_the_person_once() {
    let house = House::new().await;
    let said = house.visitor(1).says(&house, "hello").await;
    log_in(&house, Some(1), 11, "ada").await.unwrap();
    let id = cid();
    // The tab that has not heard of the login yet, and then the person.
    let late = house
        .ask(house.visitor(1).message(id, "still there?"))
        .await
        .unwrap_err();
    assert_eq!(late, Refusal::SecretRetired);
    assert!(late.is_retryable(), "nothing is lost by it");
    for _ in 0..2 {
        retry(&house, &house.visitor(11), id, "still there?").await;
    }
    assert_eq!(
        customers(&house.log(said.thread).await),
        ["hello", "still there?"]
    );
}

#[tokio::test]
async fn r47_a_login_asked_again_is_the_same_login() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let ticket = with_people(&house, 1, agent).await;
    let first = log_in(&house, Some(1), 11, "ada").await.unwrap();
    for _ in 0..3 {
        assert_eq!(log_in(&house, Some(1), 11, "ada").await.unwrap(), first);
    }
    assert_eq!(requesters(&house.history(ticket.ticket.id).await), 1);
    let house = house.restarted().await;
    assert_eq!(log_in(&house, Some(1), 11, "ada").await.unwrap(), first);
    assert_eq!(house.tickets().await.len(), 1);
}

#[tokio::test]
async fn security_24_another_sites_person_of_the_same_name_is_another() {
    let house = House::new().await;
    let add = Change::AddSite {
        key: "other".into(),
        name: "Other".into(),
        origins: Vec::new(),
    };
    let Changed::Site(other) = house.change(add).await else {
        panic!()
    };
    log_in(&house, None, 11, "ada").await.unwrap();
    let here = house.visitor(11).says(&house, "here").await;
    let mut there = as_whom(&house, Some(11), 12, "ada");
    there.who.site = other;
    house.conversations.log_in(there).await.unwrap();
    let mut who = house.visitor(12).0;
    assert_eq!(house.store.thread_of(&who).await.unwrap(), None);
    who.site = other;
    assert_eq!(house.store.thread_of(&who).await.unwrap(), None);
    assert_eq!(
        house
            .store
            .thread_of(&house.visitor(11).0)
            .await
            .unwrap()
            .unwrap()
            .thread,
        here.thread,
        "a secret of one site is nothing on the other"
    );
}

#[tokio::test]
async fn r05_the_very_first_messages_of_a_person_from_two_devices_make_one_chat_thread() {
    let house = House::new().await;
    log_in(&house, None, 11, "ada").await.unwrap();
    log_in(&house, None, 12, "ada").await.unwrap();
    let said = futures_util::future::join_all((0..6).map(|n| {
        let request = house.visitor(11 + n % 2).message(cid(), &format!("{n}"));
        let conversations = house.conversations.clone();
        async move { Said::of(conversations.ask(request).await.unwrap()) }
    }))
    .await;
    assert!(
        said.iter()
            .all(|each| (each.thread, each.session) == (said[0].thread, said[0].session))
    );
}

#[tokio::test]
async fn r47_what_the_business_has_introduced_is_the_same_person() {
    let house = House::new().await;
    let introduce = Change::IntroduceEndUser {
        site: house.site,
        external_id: "ada".to_owned(),
        name: Some("Ada Lovelace".to_owned()),
        email: None,
        locale: None,
    };
    let Changed::EndUser { id, .. } = house.change(introduce).await else {
        panic!()
    };
    let open = Change::OpenThread {
        site: house.site,
        end_user: id,
    };
    let Changed::Thread { id: opened, .. } = house.change(open).await else {
        panic!()
    };
    let mut asked = as_whom(&house, None, 11, "ada");
    (asked.whom.name, asked.whom.email) = (None, None);

    let logged_in = house.conversations.log_in(asked).await.unwrap();

    assert_eq!(logged_in.end_user, id);
    let said = house.visitor(11).says(&house, "hello").await;
    assert_eq!(said.thread, opened);
    let known = house
        .store
        .end_user_by_external_id(house.site, "ada")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        known.name.as_deref(),
        Some("Ada Lovelace"),
        "what is left out stays"
    );
}

#[tokio::test]
async fn r47_an_address_identifies_nobody() {
    let house = House::new().await;
    let mut one = as_whom(&house, None, 11, "ada");
    let mut two = as_whom(&house, None, 12, "eve");
    one.whom.email = Some("same@example.net".to_owned());
    two.whom.email = one.whom.email.clone();
    let (one, two) = (
        house.conversations.log_in(one).await.unwrap(),
        house.conversations.log_in(two).await.unwrap(),
    );
    assert_ne!(one.end_user, two.end_user);
    // Nor does one that somebody says is theirs in the chat.
    house.visitor(1).reaches_people(&house, "same@example.net").await;
    assert_eq!(house.store.thread_of(&house.visitor(11).0).await.unwrap(), None);
}

#[tokio::test]
async fn r47_the_moved_chat_thread_is_current_on_all_devices_of_the_person() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    log_in(&house, None, 10, "ada").await.unwrap();
    let old = with_people(&house, 10, agent).await;
    house.ask(agent.end(old.ticket.id)).await.unwrap();
    let fresh = house.visitor(1).says(&house, "as nobody").await;
    let person = log_in(&house, Some(1), 11, "ada").await.unwrap().end_user;
    for device in [10, 11] {
        let head = house
            .store
            .thread_of(&house.visitor(device).0)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(head.thread, fresh.thread, "device {device}");
    }
    let threads = house.store.threads_of(house.site, person).await.unwrap();
    assert_eq!(threads.len(), 2, "the one from before is theirs as it was");
    assert_eq!(customers(&house.log(old.thread).await).len(), 3);
}

#[tokio::test]
async fn i06_a_login_among_messages_keeps_each_of_them_once() {
    // All in one commit or in a few: each message stands before the login, or is refused and sent again.
    for before_it in 0..6_usize {
        let house = House::new().await;
        let first = house.visitor(1).says(&house, "0").await;
        let messages: Vec<_> = (1..6).map(|n| (cid(), n.to_string())).collect();
        let ask = |(id, text): &(_, String)| house.conversations.ask(house.visitor(1).message(*id, text));
        let (early, late) = messages.split_at(before_it.min(5));
        let (early, login, late) = futures_util::future::join3(
            futures_util::future::join_all(early.iter().map(ask)),
            house.conversations.log_in(as_whom(&house, Some(1), 11, "ada")),
            futures_util::future::join_all(late.iter().map(ask)),
        )
        .await;
        login.unwrap();
        assert!(early.iter().all(Result::is_ok));
        assert!(late.iter().all(|it| *it == Err(Refusal::SecretRetired)));
        for (id, text) in &messages {
            let said = retry(&house, &house.visitor(11), *id, text).await;
            assert_eq!(said.thread, first.thread);
        }
        assert_eq!(
            customers(&house.log(first.thread).await),
            ["0", "1", "2", "3", "4", "5"]
        );
    }
}

#[tokio::test]
async fn r47_whoever_listens_is_told_to_look_who_they_are() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let ticket = with_people(&house, 1, agent).await;
    let person = log_in(&house, None, 10, "ada").await.unwrap().end_user;
    let whose = Whose::Anonymous {
        site: house.site,
        secret_hash: house.visitor(1).0.secret_hash,
    };
    let mut old = house.notifier.listen_to_thread(whose);
    let mut phone = house.notifier.listen_to_thread(Whose::Identified(person));
    let mut desk = house.notifier.listen_to_agents();

    log_in(&house, Some(1), 11, "ada").await.unwrap();

    assert_eq!(old.next().await.unwrap(), ThreadNotice::LoggedIn);
    assert_eq!(phone.next().await.unwrap(), ThreadNotice::LoggedIn);
    let AgentNotice::Ticket { row, log, .. } = desk.recv().await.unwrap().as_ref().clone() else {
        panic!("no ticket")
    };
    assert_eq!(
        (row.ticket.id, row.requester.as_deref()),
        (ticket.ticket.id, Some("ADA"))
    );
    assert!(matches!(log[..], [_]), "{log:?}");
}

#[tokio::test]
async fn r47_what_comes_to_a_chat_thread_from_before_is_told_to_no_screen_of_the_current_one() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let person = log_in(&house, None, 10, "ada").await.unwrap().end_user;
    let old = with_people(&house, 10, agent).await;
    house.ask(agent.end(old.ticket.id)).await.unwrap();
    house.visitor(1).says(&house, "as nobody").await;
    log_in(&house, Some(1), 11, "ada").await.unwrap();
    let mut tab = house.notifier.listen_to_thread(Whose::Identified(person));
    // The business speaks for its end user in the one from before, by its id.
    let send = causerie_core::wire::end_user::Send {
        cid: cid(),
        text: "by software".to_owned(),
        session: None,
        seen: causerie_core::Seq(0),
    };
    let who = Sender::Of {
        site: house.site,
        thread: old.thread,
    };
    house.ask(Request::Send { who, send }).await.unwrap();
    assert_eq!(tab.next_now(), Ok(None));
    house.visitor(11).says(&house, "in the current one").await;
    assert!(matches!(tab.next_now(), Ok(Some(ThreadNotice::Entries(_)))));
}

#[tokio::test]
async fn r47_an_address_from_this_very_chat_is_kept_of_a_known_person_who_has_no_ticket() {
    let house = House::new().await;
    let as_ada = |before: Option<u8>, device: u8| {
        let mut asked = as_whom(&house, before, device, "ada");
        asked.whom.email = None;
        asked
    };
    house.conversations.log_in(as_ada(None, 10)).await.unwrap();
    let typed = house.visitor(1).reaches_people(&house, "typed@example.net").await;

    house.conversations.log_in(as_ada(Some(1), 11)).await.unwrap();

    let after = house.ticket(typed.ticket.id).await;
    assert_eq!(after.requester.as_deref(), Some("ADA"));
    assert_eq!(
        after.email.as_deref(),
        Some("typed@example.net"),
        "r28: it can be answered"
    );
}
