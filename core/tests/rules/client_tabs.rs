//! One leader among the tabs of a visitor: one socket, one sender, the same screen everywhere; and whoever leads may
//! close, die, freeze or wake at any moment.

use crate::client_world::together::{same_everywhere, screens, seconds, sockets, three, writes_in};
use crate::client_world::{Tabs, for_good, for_now};
use causerie_core::Seq;
use causerie_core::client::connection::{RESYNC, Status};
use causerie_core::client::end_user::{HostEvent, Input, Word};
use causerie_core::client::outbox::State;
use causerie_core::client::role::{TabId, Term};
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Down, Resumed, Up};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r40_what_a_follower_writes_is_pending_in_every_tab_and_the_leader_sends_it_once() {
    let mut tabs = three();
    assert_eq!(sockets(&tabs), [0], "one socket for all");
    tabs.holds = true;
    let cid = writes_in(&mut tabs, 2, "from the third");
    tabs.drive();
    for page in &tabs.pages {
        assert_eq!(page.client.outbox().len(), 1, "on its way everywhere");
    }
    let flies = |page: usize| tabs.pages[page].client.outbox()[0].state == State::Sent;
    assert_eq!([0, 1, 2].map(flies), [true, false, false], "and in flight in one");
    tabs.holds = false;
    tabs.drive();
    same_everywhere(&tabs);
    assert!(tabs.storage.outbox.is_empty());
    let sends = |up: &&Up| matches!(up, Up::Send(send) if send.cid == cid);
    let sent: Vec<usize> = tabs
        .pages
        .iter()
        .map(|page| page.sent.iter().filter(sends).count())
        .collect();
    assert_eq!(sent, [1, 0, 0]);
}

#[test]
fn what_a_follower_reads_types_and_ends_reaches_the_server() {
    let mut tabs = three();
    for page in 0..3 {
        tabs.input(page, Input::PageHidden);
    }
    tabs.amy_says("On its way.");
    tabs.drive();
    for page in &tabs.pages {
        assert_eq!(page.client.unread(), 1);
    }
    tabs.input(1, Input::PageShown);
    tabs.drive();
    let head = tabs.server.thread.head;
    assert!(tabs.pages[0].sent.contains(&Up::Read(head)));
    assert_eq!(tabs.pages[0].client.unread(), 0, "read in one is read in all");

    tabs.input(1, Input::Edited("tha".to_owned()));
    tabs.drive();
    assert_eq!(tabs.pages[0].sent.last(), Some(&Up::Typing(true)));
    tabs.input(1, Input::PageLeft);
    tabs.close_page(1);
    tabs.drive();
    assert_eq!(
        tabs.pages[0].sent.last(),
        Some(&Up::Typing(false)),
        "a closed tab does not type"
    );

    tabs.input(1, Input::Edited("th".to_owned()));
    tabs.drive();
    tabs.close_page(1);
    tabs.drive_for(seconds(70));
    let told: Vec<bool> = tabs.pages[0]
        .sent
        .iter()
        .filter_map(|up| match up {
            Up::Typing(on) => Some(*on),
            Up::Hello(_) | Up::Send(_) | Up::End { .. } | Up::Read(_) | Up::Ping => None,
        })
        .collect();
    assert_eq!(told.last(), Some(&false), "nor does one that has crashed");
}

#[test]
fn when_the_leader_closes_the_next_goes_on_from_the_last_number() {
    let mut tabs = three();
    tabs.holds = true;
    writes_in(&mut tabs, 1, "one");
    writes_in(&mut tabs, 1, "two");
    tabs.drive();
    tabs.close_page(0);
    tabs.holds = false;
    tabs.drive();
    assert_eq!(sockets(&tabs).len(), 1);
    same_everywhere(&tabs);
    let log: Vec<&str> = tabs.server.thread_log.iter().map(|entry| &*entry.text).collect();
    let at = |text: &str| log.iter().position(|each| *each == text);
    assert!(at("one") < at("two") && at("one").is_some(), "{log:?}");
    assert!(tabs.storage.outbox.is_empty());
    let leader = sockets(&tabs)[0];
    let hello = tabs.pages[leader].sent.iter().find_map(|up| match up {
        Up::Hello(hello) => Some(hello.last),
        Up::Send(_) | Up::End { .. } | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
    });
    assert!(hello > Some(Seq(0)), "it has the log from the leader before");
    assert!(tabs.pages.iter().all(crate::client_world::Page::is_live));
}

#[test]
fn what_a_tab_has_kept_and_could_not_tell_of_is_sent_by_whoever_leads_next() {
    let mut tabs = three();
    tabs.deaf = true;
    let cid = writes_in(&mut tabs, 2, "my last words");
    tabs.close_page(2);
    tabs.deaf = false;
    assert!(tabs.storage.outbox.contains_key(&cid));
    tabs.close_page(0);
    tabs.drive();
    same_everywhere(&tabs);
    assert!(tabs.storage.outbox.is_empty());
}

#[test]
fn what_a_tab_has_kept_and_could_not_tell_of_is_found_with_the_next_heartbeat() {
    let mut tabs = three();
    tabs.deaf = true;
    writes_in(&mut tabs, 2, "my last words");
    tabs.close_page(2);
    tabs.deaf = false;
    tabs.drive_for(seconds(28));
    same_everywhere(&tabs);
    assert!(tabs.storage.outbox.is_empty());
}

#[test]
fn the_followers_are_offline_when_the_leader_is_and_back_when_it_is() {
    let mut tabs = three();
    tabs.goes_offline();
    tabs.drive();
    for page in &tabs.pages {
        assert!(matches!(page.client.status(), Status::Offline { .. }));
    }
    let while_away = writes_in(&mut tabs, 1, "while away");
    tabs.drive_for(seconds(100));
    assert!(tabs.storage.outbox.contains_key(&while_away));
    assert_eq!(tabs.lock.holder, Some(tabs.pages[0].tab), "it answers: it leads");
    tabs.reachable = true;
    // One of them is looked at, and that one is not the leader.
    tabs.input(2, Input::PageShown);
    tabs.drive();
    assert!(tabs.pages.iter().all(crate::client_world::Page::is_live));
    same_everywhere(&tabs);
}

#[test]
fn a_frozen_leader_is_replaced_and_follows_when_it_wakes() {
    let mut tabs = three();
    tabs.pages[0].frozen = true;
    writes_in(&mut tabs, 1, "is anybody there");
    tabs.drive();
    assert_eq!(sockets(&tabs), [0]);
    tabs.drive_for(seconds(7));
    assert_ne!(tabs.lock.holder, Some(tabs.pages[0].tab), "taken away");
    assert_eq!(
        tabs.server.thread_log.last().map(|entry| &*entry.text),
        Some("is anybody there")
    );
    tabs.pass(Span::hours(1));
    tabs.cut(0, 4000);
    tabs.drive();
    writes_in(&mut tabs, 2, "an hour later");
    tabs.drive();
    tabs.pages[0].frozen = false;
    tabs.input(0, Input::SocketClosed { code: 4000 });
    tabs.drive_for(seconds(60));
    assert_eq!(sockets(&tabs).len(), 1);
    assert_ne!(sockets(&tabs), [0], "it follows");
    same_everywhere(&tabs);
    for text in ["is anybody there", "an hour later"] {
        let times = tabs.server.thread_log.iter().filter(|entry| entry.text == text);
        assert_eq!(times.count(), 1);
    }
}

#[test]
fn a_leader_that_sleeps_through_a_quiet_time_is_noticed_by_its_silence() {
    let mut tabs = three();
    tabs.pages[0].frozen = true;
    tabs.drive_for(seconds(60));
    assert_ne!(tabs.lock.holder, Some(tabs.pages[0].tab));
    tabs.amy_says("Still there?");
    tabs.drive();
    assert_eq!(tabs.pages[1].client.unread() + tabs.pages[2].client.unread(), 0);
    assert_eq!(screens(&tabs)[1].last().map(String::as_str), Some("Still there?"));
    assert_eq!(screens(&tabs)[2], screens(&tabs)[1]);
}

#[test]
fn a_leader_that_answers_and_can_do_nothing_is_replaced() {
    let mut tabs = three();
    tabs.pages[0].half_frozen = true;
    // Another that is looked at greets it anew meanwhile.
    tabs.input(1, Input::PageShown);
    tabs.pass(seconds(1));
    writes_in(&mut tabs, 1, "is anybody there");
    tabs.drive_for(seconds(12));
    assert_ne!(tabs.lock.holder, Some(tabs.pages[0].tab), "taken away");
    let last = tabs.server.thread_log.last().map(|entry| &*entry.text);
    assert_eq!(last, Some("is anybody there"));
}

#[test]
fn a_follower_that_has_slept_itself_asks_before_it_takes_the_lock() {
    let mut tabs = three();
    let leader = tabs.lock.holder;
    tabs.pages[0].frozen = true;
    tabs.drive_for(seconds(26));
    // Everything of this browser stands still for an hour, then the timers run before the channel does.
    tabs.pages[0].frozen = false;
    tabs.pass(Span::hours(1));
    tabs.slow = true;
    tabs.fire_timers();
    tabs.slow = false;
    tabs.drive_for(seconds(1));
    assert_eq!(tabs.lock.holder, leader, "it has not slept alone");
}

#[test]
fn tabs_that_do_not_hear_each_other_end_up_on_their_own() {
    let mut tabs = Tabs::none();
    tabs.shares = true;
    tabs.deaf = true;
    for page in 0..2 {
        tabs.open_page();
        tabs.input(page, Input::PanelShown);
        tabs.drive_for(seconds(30));
    }
    tabs.drive_for(Span::minutes(2));
    assert_eq!(sockets(&tabs), [0, 1]);
    assert!(tabs.pages.iter().all(crate::client_world::Page::is_live));
    let connects: u32 = tabs.pages.iter().map(|page| page.connects).sum();
    assert!(connects <= 4, "and leave it at that: {connects} sockets");
}

#[test]
fn without_locks_or_where_they_are_refused_each_tab_has_its_own_socket() {
    let mut tabs = three();
    tabs.input(2, Input::Unshared);
    tabs.drive();
    assert_eq!(sockets(&tabs), [0, 2]);
    writes_in(&mut tabs, 2, "on my own");
    tabs.drive();
    same_everywhere(&tabs);
    tabs.input(0, Input::Unshared);
    tabs.drive();
    assert_eq!(sockets(&tabs), [0, 1, 2], "the lock goes on to the next");
}

/// After an end was told, a follower hears what a leader knew before that, made of what is known by then.
fn hears_what_was(late: impl FnOnce(Term, TabId, Resumed) -> Input) {
    let mut tabs = three();
    let before = tabs.pages[2].client.timeline().session();
    tabs.writes("one more thing");
    tabs.drive();
    tabs.amy_ends();
    tabs.drive();
    assert_eq!(tabs.pages[2].ends_told(), 1);
    let timeline = tabs.pages[2].client.timeline().clone();
    let known = Resumed {
        thread: timeline.thread(),
        epoch: timeline.epoch().unwrap_or_default(),
        head: Seq(1),
        read: Seq(0),
        session: before,
        build: String::new(),
        may_end: true,
    };
    let late = late(tabs.server.now, tabs.pages[2].tab, known);
    tabs.input(2, late);
    assert_eq!(tabs.pages[2].client.timeline().entries(), timeline.entries());
    assert_eq!(tabs.pages[2].client.timeline().session(), timeline.session());
    tabs.drive_for(seconds(60));
    same_everywhere(&tabs);
    assert_eq!(tabs.pages[2].ends_told(), 1, "told once (R20)");
}

fn welcome(term: Term, to: TabId, resumed: Resumed) -> Input {
    Input::Heard(Word::Welcome {
        term,
        to,
        resumed,
        entries: Vec::new(),
    })
}

#[test]
fn i26_a_follower_forgets_nothing_where_its_new_leader_knows_less() {
    hears_what_was(welcome);
}

#[test]
fn i26_nor_where_it_has_not_heard_yet_that_there_is_a_chat_thread() {
    hears_what_was(|term, to, known| {
        let known = Resumed {
            thread: None,
            head: Seq(0),
            session: None,
            ..known
        };
        welcome(term, to, known)
    });
}

#[test]
fn i26_nor_where_what_a_leader_has_passed_on_is_heard_late() {
    hears_what_was(|term, _, known| Input::PassedOn {
        term,
        frame: Down::Resumed(known),
    });
}

#[test]
fn i28_what_a_follower_was_not_told_it_learns_with_its_heartbeat() {
    let mut tabs = three();
    tabs.deaf = true;
    tabs.amy_says("are you there?");
    tabs.amy_ends();
    tabs.drive();
    tabs.deaf = false;
    tabs.drive_for(seconds(28));
    same_everywhere(&tabs);
    for page in &tabs.pages {
        assert_eq!(page.client.timeline().session(), tabs.report(), "{:?}", page.tab);
    }
}

#[test]
fn i26_a_follower_that_missed_a_restore_is_told_of_the_epoch_with_its_heartbeat() {
    let mut tabs = three();
    tabs.deaf = true;
    tabs.epoch += 1;
    tabs.cut(0, RESYNC);
    tabs.drive();
    tabs.deaf = false;
    tabs.drive_for(seconds(28));
    for page in &tabs.pages {
        assert_eq!(page.client.timeline().epoch(), Some(tabs.epoch), "{:?}", page.tab);
    }
}

#[test]
fn a_follower_that_missed_that_its_leader_is_back_is_back_with_its_own_next_message() {
    let mut tabs = three();
    tabs.goes_offline();
    tabs.drive();
    tabs.deaf = true;
    tabs.reachable = true;
    tabs.input(0, Input::Online);
    tabs.drive();
    tabs.deaf = false;
    assert!(tabs.pages[0].is_live() && !tabs.pages[1].is_live());
    writes_in(&mut tabs, 1, "are we back?");
    tabs.drive();
    assert!(tabs.pages[1].is_live(), "at once");
    same_everywhere(&tabs);
}

#[test]
fn a_follower_that_goes_on_typing_is_not_said_to_have_stopped() {
    let mut tabs = three();
    let told = |tabs: &Tabs| {
        let typing = |up: &Up| match up {
            Up::Typing(on) => Some(*on),
            Up::Hello(_) | Up::Send(_) | Up::End { .. } | Up::Read(_) | Up::Ping => None,
        };
        tabs.pages[0].sent.iter().filter_map(typing).collect::<Vec<_>>()
    };
    for keys in 1..=40 {
        tabs.input(1, Input::Edited("x".repeat(keys)));
        tabs.drive_for(seconds(4));
    }
    assert_eq!(
        told(&tabs),
        [true; 8],
        "once in twenty seconds, for almost three minutes"
    );
    tabs.drive_for(seconds(2));
    assert_eq!(told(&tabs).last(), Some(&false));
}

#[test]
fn a_refusal_for_good_is_told_to_the_site_in_every_tab_and_one_for_a_while_in_none() {
    let mut tabs = three();
    tabs.refuses
        .extend([for_now(Some(500)), for_now(Some(500)), for_good("too_old")]);
    let cid = writes_in(&mut tabs, 1, "once more");
    tabs.drive_for(seconds(5));
    for page in &tabs.pages {
        let refused = page.host.iter().filter_map(|event| {
            if let HostEvent::Refused(refused) = event {
                Some((refused.cid, refused.code.as_str()))
            } else {
                None
            }
        });
        assert_eq!(refused.collect::<Vec<_>>(), [(Some(cid), "too_old")]);
    }
}

#[test]
fn a_newer_server_has_each_tab_reload_itself_once_and_the_same_one_none() {
    let mut tabs = three();
    let reloads = |tabs: &Tabs| tabs.pages.iter().map(|page| page.reloads).collect::<Vec<_>>();
    assert_eq!(reloads(&tabs), [0, 0, 0]);
    tabs.build = "build-2".to_owned();
    tabs.cut(0, 1001);
    tabs.drive_for(seconds(60));
    assert_eq!(reloads(&tabs), [1, 1, 1]);
    assert_eq!(tabs.storage.reloaded_for.as_deref(), Some("build-2"));
}
