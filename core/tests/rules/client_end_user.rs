//! The widget's machine against the server's rules: sending, losing, coming back, the end and the message after.

use crate::client_world::{Socket, Tabs, for_good, for_now};
use causerie_core::chat_thread::{Actor, Command};
use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{HostEvent, Input};
use causerie_core::client::timeline::{InConversation, Standing};
use causerie_core::message::{Author, MAX_TEXT, Text, TextFault};
use causerie_core::session::EndReason;
use causerie_core::ticket::Status as TicketStatus;
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, SessionReport, Up};
use causerie_core::{ChatThreadId, ClientMessageId, Seq};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn seconds(n: i64) -> Span {
    Span(n * 1000)
}

/// The ids of the messages that were sent in the first tab, in order.
fn sent(tabs: &Tabs) -> Vec<ClientMessageId> {
    let sends = |frame: &Up| match frame {
        Up::Send(send) => Some(send.cid),
        Up::Hello(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
    };
    tabs.page().sent.iter().filter_map(sends).collect()
}

fn typing(tabs: &Tabs) -> Vec<bool> {
    let types = |frame: &Up| match frame {
        Up::Typing(on) => Some(*on),
        Up::Hello(_) | Up::End { .. } | Up::Read(_) | Up::Send(_) | Up::Ping => None,
    };
    tabs.page().sent.iter().filter_map(types).collect()
}

fn server_texts(tabs: &Tabs) -> Vec<&str> {
    tabs.server
        .thread_log
        .iter()
        .map(|entry| entry.text.as_str())
        .collect()
}

#[test]
fn r01_nothing_connects_before_the_visitor_wants_to_chat() {
    let mut tabs = Tabs::none();
    let page = tabs.open_page();
    for input in [
        Input::Online,
        Input::PageHidden,
        Input::PageShown,
        Input::TimerFired,
    ] {
        tabs.input(page, input);
    }
    tabs.drive_for(seconds(600));
    assert_eq!((tabs.page().connects, tabs.page().socket), (0, Socket::None));
    assert_eq!(tabs.client().status(), Status::Idle);

    tabs.input(page, Input::PanelShown);
    tabs.drive();
    assert!(tabs.page().is_live());
    assert!(
        matches!(tabs.page().sent[..], [Up::Hello(_)]),
        "opening creates nothing"
    );
}

#[test]
fn r40_a_message_is_kept_before_it_is_sent_and_forgotten_when_it_stands() {
    let mut tabs = Tabs::one();
    tabs.holds = true;
    let cid = tabs.writes("hello");
    assert_eq!(tabs.screen(), ["(hello)"]);
    assert_eq!(tabs.storage.outbox.keys().collect::<Vec<_>>(), [&cid]);
    tabs.holds = false;
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello"]);
    assert!(tabs.storage.outbox.is_empty());
    assert!(tabs.page().host.contains(&HostEvent::Stands(cid)));
}

#[test]
fn r41_neither_order_of_acknowledgement_and_entry_doubles_a_row() {
    for ack_first in [true, false] {
        let mut tabs = Tabs::one();
        tabs.ack_first = ack_first;
        let cid = tabs.types("hello");
        let key = tabs.rows()[0].key;
        tabs.holds = true;
        tabs.drive();
        let send = tabs.pages[0].up.pop_back().expect("the message");
        tabs.hear(0, send);
        while tabs.step(0) {
            let rows = tabs.rows();
            assert_eq!((rows.len(), rows[0].key), (1, key));
        }
        assert_eq!(tabs.rows()[0].standing, Standing::Stands);
        let told = tabs
            .page()
            .host
            .iter()
            .filter(|event| **event == HostEvent::Stands(cid))
            .count();
        assert_eq!(told, 1);
    }
}

#[test]
fn r40_messages_written_offline_are_sent_in_order_once_the_connection_is_back() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    let cids = [tabs.types("one"), tabs.types("two"), tabs.types("three")];
    tabs.drive_for(seconds(120));
    assert_eq!(tabs.screen(), ["hello", "(one)", "(two)", "(three)"]);
    assert!(matches!(tabs.client().status(), Status::Offline { .. }));

    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two", "three"]);
    assert_eq!(sent(&tabs)[1..], cids);
}

#[test]
fn r40_draft_and_outbox_survive_a_reload() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.types("one");
    tabs.types("two");
    tabs.input(0, Input::Edited("thr".to_owned()));
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.screen(), ["(one)", "(two)"]);
    assert_eq!(tabs.client().draft(), "thr");

    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    assert_eq!(server_texts(&tabs), ["hello", "one", "two"]);
}

#[test]
fn r40_what_was_left_unsent_is_intent_enough_to_connect() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.types("one");
    tabs.pages.clear();
    tabs.reachable = true;
    tabs.open_page();
    tabs.drive();
    assert_eq!(server_texts(&tabs), ["hello", "one"]);
}

/// A message can stand before another tab hears that it was written, and its own tab can be closed before it hears
/// that it stands: nobody took it out of what is kept.
#[test]
fn r40_bug_what_stands_is_kept_no_longer_though_its_own_tab_is_gone() {
    let mut tabs = Tabs::one();
    let cid = tabs.types("hello");
    let kept = tabs.storage.outbox[&cid].clone();
    tabs.drive();
    tabs.storage.outbox.insert(cid, kept.clone());
    let outbox = vec![kept];
    tabs.input(0, Input::Looked { outbox, draft: None });
    assert!(tabs.storage.outbox.is_empty());
}

#[test]
fn r40_what_waits_is_visible_in_all_tabs_and_sent_once() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    let other = tabs.open_page();
    tabs.types("one");
    let cid = tabs.fresh_cid();
    tabs.pass(seconds(1));
    tabs.input(
        other,
        Input::Written {
            cid,
            text: "two".to_owned(),
        },
    );
    tabs.pass(seconds(1));
    tabs.types("three");
    let texts = |page: usize| -> Vec<String> {
        tabs.pages[page]
            .client
            .outbox()
            .iter()
            .map(|item| item.body.text.clone())
            .collect()
    };
    assert_eq!((texts(0), texts(other)), (texts(0), texts(0)));
    assert_eq!(texts(0), ["one", "two", "three"]);

    tabs.comes_back();
    tabs.drive();
    assert_eq!(server_texts(&tabs), ["hello", "one", "two", "three"]);
    assert_eq!(tabs.screen(), ["hello", "one", "two", "three"]);
    assert!(tabs.storage.outbox.is_empty());
}

#[test]
fn r11_a_message_whose_acknowledgement_was_lost_stands_once() {
    let mut tabs = Tabs::with_amy();
    tabs.types("one");
    while let Some(frame) = tabs.pages[0].up.pop_front() {
        tabs.hear(0, frame);
    }
    assert_eq!(server_texts(&tabs), ["hello", "one"]);
    tabs.cut(0, 1006);
    assert_eq!(tabs.screen(), ["hello", "(one)"]);
    tabs.drive_for(seconds(5));
    assert_eq!(tabs.screen(), ["hello", "one"]);
    assert_eq!(server_texts(&tabs), ["hello", "one"]);
}

#[test]
fn r40_what_was_in_flight_is_sent_again_as_soon_as_the_connection_is_back() {
    let mut tabs = Tabs::with_amy();
    let cid = tabs.types("one");
    assert_eq!(sent(&tabs).last(), Some(&cid));
    tabs.cut(0, 1006);
    tabs.input(0, Input::Online);
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one"]);
}

#[test]
fn i25_one_refused_for_a_while_is_not_overtaken() {
    let mut tabs = Tabs::with_amy();
    tabs.refuses
        .extend([for_now(Some(2_000)), for_now(None), for_now(Some(500))]);
    tabs.types("one");
    tabs.types("two");
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "(one)", "(two)"]);
    tabs.drive_for(seconds(10));
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    assert_eq!(server_texts(&tabs), ["hello", "one", "two"]);
}

#[test]
fn r40_one_refused_for_good_keeps_its_text_until_it_is_retried_or_thrown_away() {
    let mut tabs = Tabs::with_amy();
    tabs.refuses
        .extend([for_good("text_refused"), for_good("cid_reused")]);
    let (one, two) = (tabs.types("one"), tabs.types("two"));
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "!one", "!two"]);
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "!one", "!two"]);

    let fresh = tabs.fresh_cid();
    tabs.input(0, Input::RetryPressed { cid: one, fresh });
    tabs.input(0, Input::RetryPressed { cid: two, fresh });
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    assert_eq!(
        sent(&tabs),
        [one, fresh],
        "a fresh id where the id was what was wrong"
    );
    assert!(tabs.storage.outbox.is_empty());

    tabs.refuses.push_back(for_good("text_refused"));
    let cid = tabs.writes("three");
    tabs.input(0, Input::Discarded { cid });
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    assert!(tabs.storage.outbox.is_empty());
}

#[test]
fn r40_what_cannot_be_a_message_stays_in_the_composer_with_its_fault() {
    let mut tabs = Tabs::one();
    let long = "x".repeat(MAX_TEXT + 1);
    tabs.input(0, Input::Edited(long.clone()));
    tabs.writes(&long);
    assert_eq!(
        (tabs.client().draft(), tabs.client().draft_fault()),
        (long.as_str(), Some(TextFault::TooLong))
    );
    assert_eq!(tabs.storage.draft, long);
    tabs.input(0, Input::Edited("x".to_owned()));
    assert_eq!(tabs.client().draft_fault(), None);
    tabs.writes(" \n");
    assert_eq!((tabs.client().draft(), tabs.screen()), ("x", Vec::new()));
    tabs.writes("x");
    assert_eq!((tabs.client().draft(), tabs.storage.draft.as_str()), ("", ""));
    assert_eq!(tabs.screen(), ["x"]);
}

#[test]
fn r09_the_message_after_the_end_stands_in_the_fresh_conversation_while_the_answer_is_held_back() {
    let mut tabs = Tabs::with_amy();
    let old = tabs.server.latest().id;
    tabs.amy_ends();
    tabs.drive();
    tabs.holds = true;
    tabs.writes("and another thing");
    tabs.drive_for(seconds(5));

    let rows = tabs.rows();
    assert_eq!(rows[0].conversation, InConversation::Known(old));
    assert_eq!(
        (&rows[1].standing, rows[1].conversation),
        (&Standing::Pending, InConversation::Fresh)
    );

    tabs.holds = false;
    tabs.drive();
    let fresh = tabs.server.latest().id;
    assert_ne!(fresh, old);
    assert_eq!(tabs.rows()[1].conversation, InConversation::Known(fresh));
    assert!(matches!(tabs.page().sent.last(), Some(Up::Send(_) | Up::Read(_))));
}

#[test]
fn r09_a_wrong_prediction_is_corrected_by_the_answer() {
    let mut tabs = Tabs::with_amy();
    let old = tabs.server.latest().id;
    tabs.holds = true;
    tabs.writes("one");
    assert_eq!(tabs.rows()[1].conversation, InConversation::Known(old));
    tabs.server.ends_as(old, Actor::System).expect("ended");
    tabs.holds = false;
    tabs.drive();
    assert_eq!(
        tabs.rows()[1].conversation,
        InConversation::Known(tabs.server.latest().id)
    );
    assert_ne!(tabs.server.latest().id, old);
}

#[test]
fn r10_an_outbox_flushed_after_the_end_opens_one_conversation() {
    let mut tabs = Tabs::with_amy();
    let other = tabs.open_page();
    tabs.input(other, Input::PanelShown);
    tabs.drive();
    tabs.goes_offline();
    tabs.cut(other, 1006);
    tabs.types("one");
    tabs.types("two");
    let cid = tabs.fresh_cid();
    tabs.input(
        other,
        Input::Written {
            cid,
            text: "three".to_owned(),
        },
    );
    tabs.amy_ends();
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.server.thread.conversations.len(), 2);
    assert_eq!(
        tabs.server.texts(tabs.server.latest().id),
        ["one", "two", "three"]
    );
    for page in &tabs.pages {
        assert_eq!(page.client.timeline().entries(), tabs.server.thread_log);
    }
}

#[test]
fn r10_a_message_tells_what_its_writer_had_seen_when_writing_not_when_it_is_sent() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.types("one");
    tabs.amy_says("a question?");
    tabs.comes_back();
    tabs.drive();
    let sends = |frame: &Up| match frame {
        Up::Send(send) if send.text == "one" => Some(send.seen),
        Up::Send(_) | Up::Hello(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
    };
    assert_eq!(tabs.page().sent.iter().find_map(sends), Some(Seq(1)));
    assert_eq!(tabs.screen(), ["hello", "a question?", "one"]);
}

#[test]
fn r20_the_end_tells_the_host_page_once_and_draws_nothing() {
    let mut tabs = Tabs::with_amy();
    let (drawn, rows, session) = (tabs.page().drawn, tabs.rows(), tabs.server.latest().id);
    tabs.amy_ends();
    tabs.drive();
    assert!(tabs.page().knows_of_the_end());
    assert_eq!((tabs.page().drawn, tabs.rows()), (drawn, rows));
    let thread = tabs.client().timeline().thread();
    let end = HostEvent::SessionEnded {
        thread,
        session,
        reason: EndReason::EndedByAgent,
    };
    assert_eq!(tabs.page().host.last(), Some(&end));

    tabs.cut(0, 1006);
    tabs.drive_for(seconds(5));
    tabs.notify();
    tabs.drive();
    assert_eq!(tabs.page().ends_told(), 1, "not again after a reconnection");
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.page().ends_told(), 0, "nor after a reload");
}

#[test]
fn r20_an_end_in_the_visitors_absence_is_told_when_they_come_back() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.amy_ends();
    tabs.reachable = true;
    tabs.reload();
    tabs.drive();
    assert_eq!(tabs.page().ends_told(), 1);
}

#[test]
fn a_conversation_that_begins_is_told_to_the_host_page_once() {
    let mut tabs = Tabs::one();
    tabs.writes("hello");
    tabs.writes("again");
    tabs.cut(0, 1006);
    tabs.drive_for(seconds(5));
    let started = |event: &&HostEvent| matches!(event, HostEvent::ConversationStarted { .. });
    assert_eq!(tabs.page().host.iter().filter(started).count(), 1);
}

#[test]
fn r41_after_a_disconnection_the_log_is_complete_and_in_order() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.amy_says("one");
    tabs.amy_says("two");
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
    let hellos = tabs
        .page()
        .sent
        .iter()
        .filter(|frame| matches!(frame, Up::Hello(hello) if hello.last == Seq(1)));
    assert_eq!(hellos.count(), 1, "it went on from the last number");
}

#[test]
fn i26_a_hole_makes_it_come_again_at_once() {
    let mut tabs = Tabs::with_amy();
    tabs.drive_for(seconds(15));
    tabs.amy_says("one");
    tabs.notify();
    tabs.pages[0].down.clear();
    tabs.amy_says("two");
    tabs.drive();
    assert_eq!(tabs.screen(), ["hello", "one", "two"]);
}

#[test]
fn i26_entries_that_are_known_to_exist_and_never_come_are_asked_for() {
    let mut tabs = Tabs::with_amy();
    tabs.types("one");
    tabs.drive_for(seconds(15));
    tabs.types("two");
    while let Some(frame) = tabs.pages[0].up.pop_front() {
        tabs.hear(0, frame);
    }
    tabs.pages[0]
        .down
        .retain(|frame| !matches!(frame, Down::Entries(_)));
    tabs.drive();
    assert!(tabs.client().timeline().is_behind());
    assert_eq!(
        tabs.screen(),
        ["hello", "one", "two"],
        "acknowledged, so it is shown"
    );
    tabs.drive_for(seconds(10));
    assert_eq!(tabs.client().timeline().entries(), tabs.server.thread_log);
}

#[test]
fn i26_after_a_restore_the_log_is_forgotten_and_what_waits_is_asked_afresh() {
    let mut tabs = Tabs::with_amy();
    tabs.goes_offline();
    tabs.types("one");
    tabs.server = crate::world::World::new();
    tabs.epoch = 2;
    tabs.comes_back();
    tabs.drive();
    assert_eq!(tabs.screen(), ["one"]);
    let sends = |frame: &Up| match frame {
        Up::Send(send) if send.text == "one" => Some((send.seen, send.session)),
        Up::Send(_) | Up::Hello(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
    };
    assert_eq!(tabs.page().sent.iter().find_map(sends), Some((Seq(0), None)));
}

#[test]
fn unread_counts_while_the_panel_is_closed_or_the_page_hidden_and_is_read_when_seen() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::PanelHidden);
    tabs.amy_says("one");
    tabs.amy_says("two");
    tabs.drive();
    assert_eq!(tabs.page().host.last(), Some(&HostEvent::Unread(2)));
    tabs.input(0, Input::PanelShown);
    assert_eq!(tabs.page().host.last(), Some(&HostEvent::Unread(0)));
    assert_eq!(tabs.page().sent.last(), Some(&Up::Read(Seq(3))));

    tabs.input(0, Input::PageHidden);
    tabs.amy_says("three");
    tabs.drive();
    assert_eq!(tabs.client().unread(), 1);
    tabs.input(0, Input::PageShown);
    assert_eq!(tabs.client().unread(), 0);

    tabs.input(0, Input::PanelHidden);
    tabs.amy_says("four");
    tabs.drive();
    tabs.input(0, Input::Frame(Down::Read(Seq(5))));
    assert_eq!(tabs.client().unread(), 0, "read in another tab");
    assert_eq!(
        tabs.page().sent.last(),
        Some(&Up::Read(Seq(4))),
        "and not told back"
    );
}

#[test]
fn typing_is_told_at_the_first_key_and_off_after_five_seconds_or_the_sending() {
    let mut tabs = Tabs::with_amy();
    for draft in ["h", "he", "hey"] {
        tabs.input(0, Input::Edited(draft.to_owned()));
        tabs.drive_for(seconds(4));
    }
    assert_eq!(typing(&tabs), [true]);
    tabs.drive_for(seconds(1));
    assert_eq!(typing(&tabs), [true, false]);
    tabs.input(0, Input::Edited("hey y".to_owned()));
    tabs.writes("hey you");
    assert_eq!(typing(&tabs), [true, false, true, false]);
    tabs.drive_for(seconds(20));
    assert_eq!(typing(&tabs).len(), 4);
}

#[test]
fn r19_typing_after_the_end_or_to_the_bot_is_told_to_nobody() {
    let mut tabs = Tabs::one();
    tabs.input(0, Input::Edited("h".to_owned()));
    tabs.writes("hello");
    tabs.input(0, Input::Edited("w".to_owned()));
    assert_eq!(typing(&tabs), [true; 0], "the bot does not look");

    let mut tabs = Tabs::with_amy();
    tabs.amy_ends();
    tabs.drive();
    tabs.input(0, Input::Edited("w".to_owned()));
    assert_eq!(typing(&tabs), [true; 0], "nor does the old ticket hear of it");

    let mut tabs = Tabs::with_amy();
    let report = tabs.client().timeline().session().expect("a session");
    let ticket = Some(TicketStatus::Closed);
    tabs.input(0, Input::Frame(Down::Session(SessionReport { ticket, ..report })));
    tabs.input(0, Input::Edited("w".to_owned()));
    assert_eq!(typing(&tabs), [true; 0], "nor a closed one");
}

#[test]
fn r08_a_quick_reply_of_the_old_log_is_a_text_like_any_other() {
    let mut tabs = Tabs::one();
    tabs.writes("hello");
    let cid = tabs.fresh_cid();
    let question = Command::BusinessMessage {
        cid,
        name: "Shop".to_owned(),
        text: Text::parse("Which?").expect("a text"),
        replies: vec!["This one".to_owned()],
    };
    tabs.server.run(question).expect("said");
    tabs.drive();
    tabs.server
        .ends_as(tabs.server.latest().id, Actor::System)
        .expect("ended");
    tabs.drive();
    assert_eq!(
        tabs.client().quick_replies(),
        ["This one"],
        "still there: the end shows nowhere"
    );

    tabs.input(0, Input::Edited("a draft".to_owned()));
    let cid = tabs.fresh_cid();
    tabs.input(
        0,
        Input::QuickReply {
            cid,
            text: "This one".to_owned(),
        },
    );
    assert_eq!(tabs.client().quick_replies(), [""; 0], "gone once pressed");
    tabs.drive();
    assert_eq!(tabs.server.thread.conversations.len(), 2);
    assert_eq!(tabs.server.texts(tabs.server.latest().id), ["This one"]);
    assert_eq!(tabs.client().draft(), "a draft");
    assert_eq!(
        tabs.client().timeline().entries().last().map(|last| &last.author),
        Some(&Author::EndUser)
    );
}

#[test]
fn the_host_page_sends_with_the_panel_closed_and_hears_what_came_of_it() {
    let mut tabs = Tabs::none();
    let page = tabs.open_page();
    let (one, two) = (tabs.fresh_cid(), tabs.fresh_cid());
    tabs.input(
        page,
        Input::HostSent {
            cid: one,
            text: "hello".to_owned(),
            thread: None,
        },
    );
    tabs.input(
        page,
        Input::HostSent {
            cid: two,
            text: " ".to_owned(),
            thread: None,
        },
    );
    tabs.drive();
    assert_eq!(server_texts(&tabs), ["hello"]);
    assert!(tabs.page().host.contains(&HostEvent::Stands(one)));
    assert!(tabs.page().host.iter().any(
        |event| matches!(event, HostEvent::Refused(refused) if refused.cid == Some(two) && refused.code == "text_empty")
    ));
}

#[test]
fn what_the_host_page_sends_to_a_conversation_goes_to_that_one_or_nowhere() {
    let another = ChatThreadId(uuid::Uuid::from_u128(7));
    let send = |tabs: &mut Tabs, page: usize, text: &str, thread: ChatThreadId| {
        let cid = tabs.fresh_cid();
        let text = text.to_owned();
        tabs.input(
            page,
            Input::HostSent {
                cid,
                text,
                thread: Some(thread),
            },
        );
        cid
    };
    let is_refused = |tabs: &Tabs, page: usize, cid: ClientMessageId| {
        tabs.pages[page].host.iter().any(|event| {
            matches!(event, HostEvent::Refused(refused)
                if refused.cid == Some(cid) && refused.code == "conversation_unknown")
        })
    };
    // A visitor without any: it is known once the server has been asked.
    let mut tabs = Tabs::none();
    let page = tabs.open_page();
    let own = tabs.server.thread.id;
    let first = send(&mut tabs, page, "to nobody", another);
    tabs.drive();
    assert!(is_refused(&tabs, page, first));
    assert_eq!(server_texts(&tabs), [""; 0]);

    tabs.writes("hello");
    tabs.drive();
    tabs.cut(page, 1001);
    tabs.drive_for(seconds(3));
    let (mine, others) = (
        send(&mut tabs, page, "mine", own),
        send(&mut tabs, page, "others", another),
    );
    tabs.drive();
    assert!(tabs.pages[page].host.contains(&HostEvent::Stands(mine)));
    assert!(is_refused(&tabs, page, others));

    // On the next page, before the server has been asked.
    let next = tabs.open_page();
    let (mine, others) = (
        send(&mut tabs, next, "mine again", own),
        send(&mut tabs, next, "others again", another),
    );
    tabs.drive();
    assert!(tabs.pages[next].host.contains(&HostEvent::Stands(mine)));
    assert!(is_refused(&tabs, next, others));
    assert_eq!(server_texts(&tabs), ["hello", "mine", "mine again"]);
}

#[test]
fn an_old_page_reloads_itself_once_and_not_in_the_middle_of_a_word() {
    let mut tabs = Tabs::with_amy();
    tabs.input(0, Input::Edited("half a w".to_owned()));
    tabs.build = "build-2".to_owned();
    tabs.cut(0, 1001);
    tabs.drive_for(seconds(3));
    assert!(tabs.page().is_live());
    assert_eq!(tabs.page().reloads, 0, "not in the middle of a word");
    tabs.drive_for(seconds(3));
    assert_eq!(
        (tabs.page().reloads, tabs.storage.draft.as_str()),
        (1, "half a w")
    );

    tabs.reload();
    tabs.drive_for(seconds(60));
    assert_eq!(
        tabs.page().reloads,
        0,
        "a page that stays old does not go round in circles"
    );
}
