//! A visitor with several tabs: one socket for all, nothing lost or doubled whoever closes, and the same to be seen in
//! each; a tab that the browser has frozen; and storage that is refused.

use causerie_tests::{Browser, Named, Part, Server, Story, World, until};
use thirtyfour::WindowHandle;

const TABS: [&str; 3] = ["A", "B", "C"];
const PERSON: Named<'_> = Part::Button.named("Talk to a person");
const SKIP: Named<'_> = Part::Button.named("Skip");

/// Opens the chat in one more tab and looks into it.
pub(crate) async fn opens_a_tab(visitor: &Browser, server: &Server) -> Story<WindowHandle> {
    let tab = visitor.driver.new_tab().await?;
    visitor.driver.switch_to_window(tab.clone()).await?;
    visitor.goes_to(&server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.sees(Part::Textbox.named("Message")).await?;
    Ok(tab)
}

pub(crate) async fn looks_at(visitor: &Browser, tab: &WindowHandle) -> Story {
    visitor.driver.switch_to_window(tab.clone()).await?;
    visitor.looks_into_the_chat().await
}

/// Waits until the server serves so many sockets of visitors.
pub(crate) async fn sockets(server: &Server, expected: u64) -> Story {
    until(&format!("{expected} sockets of visitors"), async || {
        let open = server.metric("causerie_visitor_sockets").await?;
        Ok((open == expected).then_some(()))
    })
    .await
}

/// Waits until the tab that is looked at has nothing on its way and is connected.
pub(crate) async fn is_at_rest(visitor: &Browser) -> Story {
    until("the status to be quiet", async || {
        Ok(visitor.status().await?.is_empty().then_some(()))
    })
    .await
}

/// The messages that begin with a tab's letter and a number, as the log has them.
async fn numbered(visitor: &Browser) -> Story<Vec<String>> {
    let said = visitor.said().await?;
    let found = said.iter().flat_map(|text| text.lines());
    let is_numbered = |line: &&str| {
        let (letter, number) = line.split_at_checked(1).unwrap_or_default();
        TABS.contains(&letter) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
    };
    Ok(found.filter(is_numbered).map(str::to_owned).collect())
}

fn in_each_ones_order(log: &[String], count: usize) {
    assert_eq!(log.len(), count, "each once: {log:?}");
    for tab in TABS {
        let own: Vec<u32> = log
            .iter()
            .filter_map(|text| text.strip_prefix(tab)?.parse().ok())
            .collect();
        assert!(own.is_sorted_by(|a, b| a < b), "{tab} in order: {log:?}");
    }
}

/// The tab that holds the lock, as its browser names it.
async fn leader(visitor: &Browser) -> Story<String> {
    let ask = "const done = arguments[0];
        navigator.locks.query().then(({ held }) =>
            done(held.filter((lock) => lock.name.endsWith(':')).map((lock) => lock.clientId).join()));";
    Ok(visitor.driver.execute_async(ask, Vec::new()).await?.convert()?)
}

#[tokio::test]
async fn i05_i25_i26_three_tabs_and_two_agents_through_kills_closings_and_an_end() -> Story {
    let mut world = World::of("tabs").await?;
    let ada = world.person("ada").await?;
    ada.signs_in(&world.server, "Ada", "admin").await?;
    ada.chooses("Availability", "Online").await?;
    ada.looks_at_view("All open").await?;
    let bo = world.person("bo").await?;
    bo.signs_in(&world.server, "Bo", "admin").await?;
    bo.looks_at_view("All open").await?;

    let visitor = world.person("visitor").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("Where is my order?").await?;
    visitor.clicks(PERSON).await?;
    visitor.clicks(SKIP).await?;
    ada.opens_ticket(1).await?;
    bo.opens_ticket(1).await?;
    let a = visitor.driver.window().await?;
    let b = opens_a_tab(&visitor, &world.server).await?;
    let c = opens_a_tab(&visitor, &world.server).await?;
    visitor.reads("Where is my order?", 1).await?;
    sockets(&world.server, 1).await?;

    // What is written in any is in all, and what an agent says too.
    for (tab, text) in [(&a, "A1"), (&b, "B1"), (&c, "C1"), (&a, "A2")] {
        looks_at(&visitor, tab).await?;
        visitor.says(text).await?;
        visitor.reads(text, 1).await?;
    }
    ada.sees_text("A2").await?;
    ada.replies("On its way.").await?;
    for tab in [&a, &b, &c] {
        looks_at(&visitor, tab).await?;
        for text in ["A1", "B1", "C1", "A2", "On its way."] {
            visitor.reads(text, 1).await?;
        }
    }
    sockets(&world.server, 1).await?;
    // A follower's typing reaches the agent.
    visitor.fills("Message", "C").await?;
    ada.sees_text("is typing").await?;
    visitor.fills("Message", "2").await?;
    visitor.says("").await?;
    visitor.reads("C2", 1).await?;

    // The server dies; each tab writes; the one that had the socket is closed.
    world.server.kill()?;
    for (tab, texts) in [(&a, ["A3", "A4"]), (&b, ["B2", "B3"]), (&c, ["C3", "C4"])] {
        looks_at(&visitor, tab).await?;
        for text in texts {
            visitor.says(text).await?;
        }
    }
    for text in ["A3", "A4", "B2", "B3", "C3", "C4"] {
        visitor.reads(text, 1).await?;
    }
    until("the third tab to know that it is offline", async || {
        Ok(visitor.status().await?.contains("No connection").then_some(()))
    })
    .await?;
    visitor.shows("pending in the third tab").await?;
    visitor.driver.switch_to_window(a).await?;
    visitor.driver.close_window().await?;
    world.server.start().await?;
    for tab in [&b, &c] {
        looks_at(&visitor, tab).await?;
        is_at_rest(&visitor).await?;
        in_each_ones_order(&numbered(&visitor).await?, 11);
    }
    sockets(&world.server, 1).await?;

    // The browser is offline while the session ends: what is written then begins anew.
    ada.opens_ticket(1).await?;
    ada.sees_text("C4").await?;
    for tab in [&b, &c] {
        looks_at(&visitor, tab).await?;
        visitor.is_offline(true).await?;
    }
    world.server.kill()?;
    world.server.start().await?;
    ada.opens_ticket(1).await?;
    ada.ends_the_session().await?;
    ada.sees_text("Session ended by Ada").await?;
    for (tab, text) in [(&b, "B4"), (&c, "C5"), (&b, "B5")] {
        looks_at(&visitor, tab).await?;
        visitor.says(text).await?;
        visitor.reads(text, 1).await?;
    }
    visitor.shows("offline while the session has ended").await?;
    for tab in [&b, &c] {
        looks_at(&visitor, tab).await?;
        visitor.is_offline(false).await?;
    }
    for tab in [&b, &c] {
        looks_at(&visitor, tab).await?;
        visitor.reads("Welcome back", 1).await?;
        is_at_rest(&visitor).await?;
        in_each_ones_order(&numbered(&visitor).await?, 14);
    }
    sockets(&world.server, 1).await?;
    // Typed, for what was said since has taken the replies away.
    visitor.says("Talk to a person").await?;
    visitor.clicks(SKIP).await?;

    // Each in its conversation, for both agents.
    let before = ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "C1", "C2", "C3", "C4"];
    for agent in [&ada, &bo] {
        agent.opens_ticket(2).await?;
        for text in ["B4", "B5", "C5"] {
            agent.sees_text(text).await?;
        }
        agent.opens_ticket(1).await?;
        for text in before {
            agent.sees_text(text).await?;
        }
        let log = agent.sees(Part::Log.named("Conversation")).await?;
        let shown = log.text().await?;
        assert!(
            ["B4", "B5", "C5"].iter().all(|text| !shown.contains(text)),
            "{shown}"
        );
    }
    // And all of it after a reload, when only the server knows.
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads("B5", 1).await?;
    in_each_ones_order(&numbered(&visitor).await?, 14);
    visitor.shows("after a reload").await
}

#[tokio::test]
async fn a_frozen_leader_is_replaced_and_follows_when_it_wakes() -> Story {
    let world = World::of("frozen_leader").await?;
    let visitor = world.person("visitor").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("A1").await?;
    visitor.reads("A1", 1).await?;
    visitor.sees(PERSON).await?;
    let a = visitor.driver.window().await?;
    let b = opens_a_tab(&visitor, &world.server).await?;
    visitor.reads("A1", 1).await?;
    sockets(&world.server, 1).await?;
    let first = leader(&visitor).await?;

    looks_at(&visitor, &a).await?;
    visitor.is_frozen(true).await?;
    looks_at(&visitor, &b).await?;
    visitor.says("B1").await?;
    visitor.reads("B1", 1).await?;
    is_at_rest(&visitor).await?;
    let second = leader(&visitor).await?;
    assert!(
        !second.is_empty() && second != first,
        "another tab leads: {first}, {second}"
    );
    visitor.says("B2").await?;
    is_at_rest(&visitor).await?;

    visitor.driver.switch_to_window(a.clone()).await?;
    visitor.is_frozen(false).await?;
    visitor.looks_into_the_chat().await?;
    visitor.reads("B2", 1).await?;
    visitor.says("A2").await?;
    is_at_rest(&visitor).await?;
    sockets(&world.server, 1).await?;
    assert_eq!(leader(&visitor).await?, second, "it follows");
    for tab in [&a, &b] {
        looks_at(&visitor, tab).await?;
        visitor.reads("A2", 1).await?;
        in_each_ones_order(&numbered(&visitor).await?, 4);
    }
    visitor.shows("after the first tab woke").await
}

#[tokio::test]
async fn r40_without_a_database_or_when_it_fails_each_tab_goes_on_by_itself() -> Story {
    let mut world = World::of("no_database").await?;
    let visitor = world.person("visitor").await?;
    visitor
        .runs_first("Object.defineProperty(self, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } });")
        .await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("A1").await?;
    visitor.sees(PERSON).await?;
    world.server.kill()?;
    visitor.says("A2").await?;
    visitor.says("A3").await?;
    visitor.reads("A3", 1).await?;
    world.server.start().await?;
    is_at_rest(&visitor).await?;
    in_each_ones_order(&numbered(&visitor).await?, 3);

    // It works, is shared, and then fails in one of two tabs.
    let other = world.person("other").await?;
    other.goes_to(&world.server.url("/")).await?;
    other.opens_the_chat().await?;
    other.says("A1").await?;
    other.sees(PERSON).await?;
    let a = other.driver.window().await?;
    let b = opens_a_tab(&other, &world.server).await?;
    other.reads("A1", 1).await?;
    // The first visitor's, and one for both tabs of this one.
    sockets(&world.server, 2).await?;
    let fails =
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };";
    other.driver.execute(fails, Vec::new()).await?;
    other.says("B1").await?;
    other.says("B2").await?;
    is_at_rest(&other).await?;
    sockets(&world.server, 3).await?;
    looks_at(&other, &a).await?;
    other.says("A2").await?;
    for tab in [&a, &b] {
        looks_at(&other, tab).await?;
        other.reads("A2", 1).await?;
        in_each_ones_order(&numbered(&other).await?, 4);
    }
    Ok(())
}

#[tokio::test]
async fn r40_what_an_older_build_has_kept_is_sent_and_the_draft_is_there() -> Story {
    let world = World::of("older_build").await?;
    let visitor = world.person("visitor").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("A1").await?;
    visitor.sees(PERSON).await?;
    // As a page of the build before has left it, whose tab was closed offline.
    let leaves = "const cid = '01920000-0000-7000-8000-000000000abc';
        localStorage['causerie:demo:outbox:' + cid] = JSON.stringify(
            { cid, body: { text: 'A2', seen: 1 }, written_at: Date.now(), state: 'pending' });
        localStorage['causerie:demo:draft'] = 'half a word';";
    visitor.driver.execute(leaves, Vec::new()).await?;
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads("A2", 1).await?;
    is_at_rest(&visitor).await?;
    let composer = visitor.sees(Part::Textbox.named("Message")).await?;
    until("the draft to be there", async || {
        Ok((composer.value().await?.as_deref() == Some("half a word")).then_some(()))
    })
    .await?;
    let left = "return Object.keys(localStorage).filter((key) => /:(outbox|draft)/.test(key));";
    let left: Vec<String> = visitor.driver.execute(left, Vec::new()).await?.convert()?;
    assert!(left.is_empty(), "it lies in one place: {left:?}");
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads("A2", 1).await?;
    let composer = visitor.sees(Part::Textbox.named("Message")).await?;
    until("the draft to be there still", async || {
        Ok((composer.value().await?.as_deref() == Some("half a word")).then_some(()))
    })
    .await?;
    visitor.shows("with the draft of the build before").await
}
