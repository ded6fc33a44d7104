use causerie_core::MacroId;
use causerie_core::chat_thread::Outcome;
use causerie_core::message::Text;
use causerie_core::session::{EndReason, Placement, SessionState};
use causerie_core::settings::Settings;
use causerie_core::ticket::event::TicketEvent;
use causerie_core::ticket::{CommentTo, Set, Status, Update};
use causerie_core::time::Span;
use causerie_server::conversations::Request;
use causerie_server::store::{Bearing, Change, NO_MAIL_SERVER};

use crate::house::{Agent, House, Said, Visitor, cid, customers};

async fn an_ended_ticket(house: &House, visitor: &Visitor, email: &str) -> (Agent, causerie_core::TicketId) {
    let agent = house.agent("ann", 3).await;
    let ticket = visitor.reaches_people(house, email).await.ticket.id;
    let take = Update {
        assignee: Some(Set::To(agent.0)),
        ..Update::default()
    };
    house.ask(agent.update(ticket, take)).await.unwrap();
    house
        .ask(agent.comment(ticket, CommentTo::Messaging, "Your order is on its way."))
        .await
        .unwrap();
    house.ask(agent.end(ticket)).await.unwrap();
    (agent, ticket)
}

#[tokio::test]
async fn r08_the_message_after_the_end_starts_afresh_and_the_old_ticket_is_untouched() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let (agent, old) = an_ended_ticket(&house, &visitor, "eve@mail.example").await;
    let row = house.ticket(old).await;
    let bearing = [Bearing::Ticket(old), Bearing::Session(row.session_id)];
    let before = house.store.rows_bearing(&bearing).await.unwrap();
    for table in [
        "conversation:",
        "thread_entry:",
        "ticket:",
        "ticket_entry:",
        "command:",
    ] {
        assert!(
            before.iter().any(|line| line.starts_with(table)),
            "{table} bears the ticket"
        );
    }

    house.clock.forward(Span::minutes(3));
    let said = visitor.says(&house, "One more thing").await;
    house
        .ask(Request::Read {
            who: causerie_server::conversations::Sender::Visitor(visitor.0.clone()),
            upto: said.seq,
        })
        .await
        .unwrap();
    visitor.says(&house, "Talk to a person").await;
    visitor.says(&house, "Skip").await;

    assert_eq!(said.placement, Placement::Started);
    let tickets = house.tickets().await;
    assert_eq!(tickets.len(), 2);
    // R13: the new one knows the old one; that link is the new one's, and the only rows that are more than before.
    let fresh = &tickets[1];
    assert_eq!(fresh.previous.and_then(|previous| previous.ticket), Some(old));
    let after = house.store.rows_bearing(&bearing).await.unwrap();
    let added: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    assert_eq!(gone, Vec::<&String>::new(), "a row of the old ticket was changed");
    let its_own = [
        Bearing::Ticket(fresh.ticket.id),
        Bearing::Session(fresh.session_id),
    ];
    let its_own = house.store.rows_bearing(&its_own).await.unwrap();
    assert!(added.iter().all(|line| its_own.contains(line)), "{added:#?}");
    assert_eq!(
        house.store.agent(agent.0).await.unwrap().unwrap().agent.id,
        agent.0
    );
}

#[tokio::test]
async fn r10_messages_sent_at_once_after_the_end_open_one_conversation_in_order() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    an_ended_ticket(&house, &visitor, "Skip").await;
    let sent: Vec<String> = (0..10).map(|n| format!("after {n}")).collect();
    let said = futures_util::future::join_all(
        sent.iter()
            .map(|text| house.conversations.ask(visitor.message(cid(), text))),
    )
    .await;
    let said: Vec<Said> = said.into_iter().map(|answer| Said::of(answer.unwrap())).collect();
    assert_eq!(
        said.iter()
            .filter(|said| said.placement == Placement::Started)
            .count(),
        1
    );
    assert!(said.iter().all(|other| other.session == said[0].session));
    assert!(said.is_sorted_by_key(|said| said.seq));
    let log = house.log(said[0].thread).await;
    assert!(customers(&log).ends_with(&sent.iter().map(String::as_str).collect::<Vec<_>>()));
}

#[tokio::test]
async fn r18_ending_twice_tells_the_second_caller_who_and_when() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let (agent, old) = an_ended_ticket(&house, &visitor, "Skip").await;
    let first = house.ticket(old).await.session.ended().unwrap();
    house.clock.forward(Span::minutes(1));
    // Even when another conversation has begun meanwhile.
    visitor.says(&house, "again").await;
    let boss = house
        .agent_of("boss", 1, None, causerie_core::agent::Role::Admin)
        .await;
    for second in [agent.end(old), boss.end(old)] {
        let answer = house.ask(second).await.unwrap();
        assert!(matches!(answer.outcome, Outcome::Ended { end, already: true, .. } if end == first));
    }
    let ends = house.history(old).await;
    assert_eq!(
        ends.iter()
            .filter(|it| matches!(it.what, TicketEvent::SessionEnded { .. }))
            .count(),
        1
    );
}

#[tokio::test]
async fn r15_switched_off_an_end_is_refused_and_nothing_changes() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    let take = Update {
        assignee: Some(Set::To(agent.0)),
        ..Update::default()
    };
    house.ask(agent.update(ticket, take)).await.unwrap();
    let off = Settings {
        agents_can_end_sessions: false,
        ..Settings::default()
    };
    house.change(Change::SetSettings(off)).await;
    let before = house.ticket(ticket).await;
    let refused = house.ask(agent.end(ticket)).await.unwrap_err();
    assert_eq!(refused.code(), "ending_switched_off");
    // R30: the macro's text and its end are one step, so neither is done.
    let both = Request::Macro {
        agent: agent.0,
        cid: Some(cid()),
        ticket,
        id: MacroId(2),
    };
    assert_eq!(house.ask(both).await.unwrap_err().code(), "ending_switched_off");
    assert_eq!(house.ticket(ticket).await, before);
}

#[tokio::test]
async fn r30_the_shipped_macros_say_it_and_one_of_them_ends_as_well() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let macros = house.store.macros().await.unwrap();
    let titles: Vec<_> = macros.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(titles, ["Ending this session", "Ending this session and end it"]);
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await;
    let take = Update {
        assignee: Some(Set::To(agent.0)),
        ..Update::default()
    };
    house.ask(agent.update(ticket.ticket.id, take)).await.unwrap();
    for (id, ended) in [(macros[0].id, false), (macros[1].id, true)] {
        let apply = Request::Macro {
            agent: agent.0,
            cid: Some(cid()),
            ticket: ticket.ticket.id,
            id,
        };
        house.ask(apply).await.unwrap();
        assert_eq!(
            house.ticket(ticket.ticket.id).await.session.ended().is_some(),
            ended
        );
        assert!(
            house
                .log(ticket.thread)
                .await
                .last()
                .unwrap()
                .text
                .contains("any new message opens a new")
        );
    }
    let unknown = Request::Macro {
        agent: agent.0,
        cid: None,
        ticket: ticket.ticket.id,
        id: MacroId(99),
    };
    assert_eq!(house.ask(unknown).await.unwrap_err().code(), "unknown_macro");
}

#[tokio::test]
async fn r38_a_stored_macro_that_cannot_be_filled_in_is_refused_and_says_nothing_to_the_customer() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await;
    let mut old = house.store.macros().await.unwrap().remove(0);
    old.text = Text::parse("Hi {{ticket.requester.phone}}").ok();
    let id = old.id;
    house.change(Change::SaveMacro(old)).await;
    let (before, log) = (
        house.ticket(ticket.ticket.id).await,
        house.log(ticket.thread).await,
    );
    let apply = Request::Macro {
        agent: agent.0,
        cid: Some(cid()),
        ticket: ticket.ticket.id,
        id,
    };
    assert_eq!(house.ask(apply).await.unwrap_err().code(), "macro_placeholders");
    assert_eq!(house.ticket(ticket.ticket.id).await, before);
    assert_eq!(house.log(ticket.thread).await, log);
}

#[tokio::test]
async fn r38_a_macro_says_of_whom_it_is_and_by_whom() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await;
    let mut hello = house.store.macros().await.unwrap().remove(0);
    hello.text = Text::parse(
        "Hi {{ticket.requester.name | default: 'there'}}, {{current_user.name}} here: #{{ticket.id}}",
    )
    .ok();
    let id = hello.id;
    house.change(Change::SaveMacro(hello)).await;
    let apply = Request::Macro {
        agent: agent.0,
        cid: Some(cid()),
        ticket: ticket.ticket.id,
        id,
    };
    house.ask(apply).await.unwrap();
    let said = house.log(ticket.thread).await;
    let expected = format!("Hi there, ann here: #{}", ticket.ticket.id);
    assert_eq!(
        said.last().map(|entry| entry.text.as_str()),
        Some(expected.as_str())
    );
}

#[tokio::test]
async fn r28_after_the_end_a_public_reply_waits_for_a_mail_server_and_stays_out_of_the_chat() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let (agent, old) = an_ended_ticket(&house, &visitor, "eve@mail.example").await;
    let thread = house.ticket(old).await.thread;
    let log = house.log(thread).await;
    let refused = house
        .ask(agent.comment(old, CommentTo::Messaging, "Wait!"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "session_ended");
    house
        .ask(agent.comment(old, CommentTo::Public, "By email, then."))
        .await
        .unwrap();
    house
        .ask(agent.comment(old, CommentTo::Note, "Told her by email."))
        .await
        .unwrap();
    assert_eq!(house.log(thread).await, log);
    let history = house.history(old).await;
    let email = history
        .iter()
        .find(|it| matches!(it.what, TicketEvent::Emailed { .. }))
        .unwrap();
    let waiting = house.store.waiting_emails(old).await.unwrap();
    assert_eq!(waiting, [(email.seq, NO_MAIL_SERVER.to_owned())]);
}

#[tokio::test]
async fn r44_what_only_the_bot_had_is_over_after_a_day_silently() {
    let house = House::new().await;
    let (visitor, agent) = (house.visitor(1), house.agent("ann", 3).await);
    let said = visitor.says(&house, "hello").await;
    let kept = house.visitor(2).reaches_people(&house, "Skip").await;
    let log = house.log(said.thread).await;
    house.clock.forward(Span::hours(23));
    assert!(house.worker().sweep_now().await);
    assert_eq!(state(&house, &visitor).await, (SessionState::Active, None));
    house.clock.forward(Span::hours(1));
    assert!(house.worker().sweep_now().await);
    assert_eq!(
        state(&house, &visitor).await,
        (SessionState::Ended, Some(EndReason::EndedBySystem))
    );
    assert_eq!(house.log(said.thread).await, log);
    assert!(house.ticket(kept.ticket.id).await.session.ended().is_none());
    assert_eq!(
        visitor.says(&house, "me again").await.placement,
        Placement::Started
    );
    assert_eq!(
        house.store.agent(agent.0).await.unwrap().unwrap().messaging_max,
        3
    );
}

#[tokio::test]
async fn r17_the_end_user_may_end_where_the_account_allows_it() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let session = visitor.says(&house, "hello").await.session;
    let end = || Request::EndByEndUser {
        who: visitor.0.clone(),
        cid: cid(),
        session,
    };
    assert_eq!(house.ask(end()).await.unwrap_err().code(), "ending_switched_off");
    let on = Settings {
        end_users_can_end_sessions: true,
        ..Settings::default()
    };
    house.change(Change::SetSettings(on)).await;
    house.ask(end()).await.unwrap();
    assert_eq!(
        state(&house, &visitor).await,
        (SessionState::Ended, Some(EndReason::EndedByEndUser))
    );
}

#[tokio::test]
async fn r08_a_message_to_a_solved_ticket_reopens_it_but_to_an_ended_one_never() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let agent = house.agent("ann", 3).await;
    let ticket = visitor.reaches_people(&house, "Skip").await.ticket.id;
    let solve = Update {
        assignee: Some(Set::To(agent.0)),
        status: Some(Status::Solved),
        ..Update::default()
    };
    house.ask(agent.update(ticket, solve.clone())).await.unwrap();
    assert_eq!(
        visitor.says(&house, "no, wait").await.placement,
        Placement::AppendedReopening
    );
    assert_eq!(house.ticket(ticket).await.ticket.status, Status::Open);
    house.ask(agent.end(ticket)).await.unwrap();
    house.ask(agent.update(ticket, solve)).await.unwrap();
    assert_eq!(
        visitor.says(&house, "and another").await.placement,
        Placement::Started
    );
    assert_eq!(house.ticket(ticket).await.ticket.status, Status::Solved);
}

async fn state(house: &House, visitor: &Visitor) -> (SessionState, Option<EndReason>) {
    let session = house
        .store
        .thread_of(&visitor.0)
        .await
        .unwrap()
        .unwrap()
        .session()
        .unwrap();
    (session.state, session.ended)
}
