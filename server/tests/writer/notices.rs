use causerie_core::Seq;
use causerie_core::session::SessionState;
use causerie_core::ticket::CommentTo;
use causerie_server::notifier::{AgentNotice, ThreadNotice, Whose};

use crate::house::{House, Visitor};

fn whose(visitor: &Visitor) -> Whose {
    Whose::Anonymous {
        site: visitor.0.site,
        secret_hash: visitor.0.secret_hash,
    }
}

#[tokio::test]
async fn a_tab_that_opened_first_learns_of_the_chat_thread_that_another_made() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let mut tab = house.notifier.listen_to_thread(whose(&visitor));
    let mut stranger = house.notifier.listen_to_thread(whose(&house.visitor(2)));

    let said = visitor.says(&house, "hello").await;

    let ThreadNotice::Entries(entries) = tab.next().await.unwrap() else {
        panic!()
    };
    assert_eq!(&entries[..], house.log(said.thread).await);
    let ThreadNotice::Session(report) = tab.next().await.unwrap() else {
        panic!()
    };
    assert_eq!((report.id, report.state), (said.session, SessionState::Active));
    assert_eq!(stranger.next_now(), Ok(None));
    drop((tab, stranger));
    assert_eq!(house.notifier.thread_listeners(), 0);
}

#[tokio::test]
async fn r20_of_an_end_and_of_a_note_the_end_users_side_hears_no_entry() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let boss = house
        .agent_of("boss", 3, None, causerie_core::agent::Role::Admin)
        .await;
    let ticket = visitor.reaches_people(&house, "Skip").await.ticket.id;
    let mut tab = house.notifier.listen_to_thread(whose(&visitor));
    let mut agents = house.notifier.listen_to_agents();

    house
        .ask(boss.comment(ticket, CommentTo::Note, "a secret note"))
        .await
        .unwrap();
    assert_eq!(tab.next_now(), Ok(None));
    house.ask(boss.end(ticket)).await.unwrap();

    let ThreadNotice::Session(report) = tab.next_now().unwrap().unwrap() else {
        panic!()
    };
    assert_eq!((report.state, report.ticket), (SessionState::Ended, None));
    assert_eq!(tab.next_now(), Ok(None));
    let (mut logged, mut capacity) = (0, 0);
    while let Ok(notice) = agents.try_recv() {
        match &*notice {
            AgentNotice::Ticket { row, thread, log } => {
                assert_eq!((row.ticket.id, thread.len()), (ticket, 0));
                logged += log.len();
            }
            AgentNotice::Agents => capacity += 1,
            AgentNotice::Settings
            | AgentNotice::Macros
            | AgentNotice::EndUser(_)
            | AgentNotice::Restored
            | AgentNotice::Typing { .. } => panic!("{notice:?}"),
        }
    }
    assert_eq!(logged as u64, house.ticket(ticket).await.ticket.head.0 - 1);
    assert_eq!(capacity, 1);
}

#[tokio::test]
async fn i30_read_marks_only_grow_and_never_pass_the_head() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let said = visitor.says(&house, "hello").await;
    let head = house.log(said.thread).await.len() as u64;
    let mut tab = house.notifier.listen_to_thread(whose(&visitor));
    for (upto, is) in [(1, 1), (999, head), (2, head)] {
        let who = causerie_server::conversations::Sender::Visitor(visitor.0.clone());
        house
            .ask(causerie_server::conversations::Request::Read { who, upto: Seq(upto) })
            .await
            .unwrap();
        assert_eq!(
            house.store.thread_of(&visitor.0).await.unwrap().unwrap().read,
            Seq(is)
        );
    }
    assert_eq!(tab.next_now(), Ok(Some(ThreadNotice::Read(Seq(1)))));
    assert_eq!(tab.next_now(), Ok(Some(ThreadNotice::Read(Seq(head)))));
    assert_eq!(tab.next_now(), Ok(None));
}

#[tokio::test]
async fn a_listener_that_is_too_slow_is_told_so_instead_of_being_served_a_gap_and_then_hears_on() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let mut tab = house.notifier.listen_to_thread(whose(&visitor));
    for n in 0..1000 {
        house
            .notifier
            .tell_thread(&whose(&visitor), &ThreadNotice::Read(Seq(n)));
    }
    assert!(tab.next().await.is_err());
    assert_eq!(tab.next_now(), Ok(None), "once is enough");
    house
        .notifier
        .tell_thread(&whose(&visitor), &ThreadNotice::Read(Seq(1000)));
    assert_eq!(tab.next().await, Ok(ThreadNotice::Read(Seq(1000))));
}
