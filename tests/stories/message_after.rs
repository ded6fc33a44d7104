//! The message after the end, from everywhere a visitor can write: each starts afresh, and only once.

use std::time::Duration;

use causerie_tests::{Browser, Part, Story, Wire, World, http, until};
use tokio::time::Instant;

/// A visitor who has talked to a person, and the agent who has just ended that.
async fn after_an_end(story: &str, wire: &mut Wire) -> Story<(World, Browser, Browser)> {
    let world = World::with(story, &["--public-url", &wire.url("")]).await?;
    wire.leads_to(world.server.port()).await?;
    let (ada, visitor) = world.ada_and_a_visitor_at(|path| wire.url(path)).await?;
    visitor.says("Where is my order?").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    ada.opens_ticket(1).await?;
    ada.replies("On its way.").await?;
    visitor.reads("On its way.", 1).await?;
    Ok((world, ada, visitor))
}

async fn knows_the_end(visitor: &Browser) -> Story {
    until("the visitor's page to know the end", async || {
        let frames = visitor.frames_received().await?;
        Ok(frames
            .iter()
            .any(|frame| frame.contains("ended_by_agent"))
            .then_some(()))
    })
    .await
}

/// The conversation each message stands in, in order, as the widget shows it.
async fn conversations(visitor: &Browser) -> Story<Vec<String>> {
    let script = "return [...document.querySelectorAll('article')].map((each) => each.dataset.conversation);";
    Ok(visitor.driver.execute(script, Vec::new()).await?.convert()?)
}

#[tokio::test]
async fn r09_with_the_answer_held_back_the_message_stands_in_the_fresh_conversation_at_once() -> Story {
    let mut wire = Wire::new()?;
    let (_world, ada, visitor) = after_an_end("held_answer", &mut wire).await?;
    ada.ends_the_session().await?;
    knows_the_end(&visitor).await?;
    let old = conversations(&visitor).await?;
    assert!(
        old.iter().all(|each| each == &old[0] && each != "fresh"),
        "one conversation: {old:?}"
    );

    wire.holds_answers();
    let held_since = Instant::now();
    visitor.says("One more thing").await?;
    visitor.reads("One more thing", 1).await?;
    let predicted = conversations(&visitor).await?;
    assert_eq!(
        predicted.last().map(String::as_str),
        Some("fresh"),
        "predicted by the same rule"
    );
    assert_eq!(
        predicted[..old.len()],
        old[..],
        "under the old log, which stays as it was"
    );
    visitor.shows("the answer is held back").await?;
    // The server's answer stays away for five seconds, and the screen does not wait for it.
    tokio::time::sleep_until(held_since + Duration::from_secs(5)).await;
    assert_eq!(conversations(&visitor).await?, predicted);
    assert_eq!(
        visitor
            .messages()
            .await?
            .iter()
            .filter(|text| text.contains("Welcome back"))
            .count(),
        0
    );

    wire.is_mended();
    visitor.reads("Welcome back", 1).await?;
    visitor.reads("One more thing", 1).await?;
    let settled = conversations(&visitor).await?;
    assert!(
        settled.iter().all(|each| each != "fresh") && settled.last() != old.last(),
        "{settled:?}"
    );
    Ok(())
}

#[tokio::test]
async fn r10_tabs_that_were_offline_during_the_end_open_one_conversation_together() -> Story {
    let mut wire = Wire::new()?;
    let (world, ada, visitor) = after_an_end("offline_tabs", &mut wire).await?;
    let first = visitor.driver.window().await?;
    let second = visitor.driver.new_tab().await?;
    visitor.driver.switch_to_window(second.clone()).await?;
    visitor.goes_to(&wire.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.reads("On its way.", 1).await?;

    // The agent's page hangs on the same wire, so she ends it by the API, which does not.
    let token = world.server.command(
        &["token", "create", "--email", "ada@example.com", "--name", "story"],
        "",
    )?;
    let bearer = format!("Bearer {}", token.lines().last().unwrap_or_default());
    wire.is_cut();
    let end = "POST /api/v2/tickets/1/messaging_session/end";
    http::ask(world.server.port(), end, &[("Authorization", &bearer)], "").await?;
    visitor.says("From the second tab").await?;
    visitor.reads("From the second tab", 1).await?;
    visitor.driver.switch_to_window(first).await?;
    visitor.looks_into_the_chat().await?;
    visitor.says("From the first tab").await?;
    visitor.shows("written while the network was gone").await?;

    wire.is_mended();
    visitor.reads("Welcome back", 1).await?;
    for text in ["From the first tab", "From the second tab"] {
        visitor.reads(text, 1).await?;
    }
    visitor.shows("both tabs in one fresh conversation").await?;
    ada.looks_at_view("All open").await?;
    ada.sees_text("#1").await?;
    assert!(!ada.text().await?.contains("#2"), "no ticket before the handoff");
    Ok(())
}

#[tokio::test]
async fn r08_a_reload_and_a_second_tab_write_into_the_same_fresh_conversation() -> Story {
    let mut wire = Wire::new()?;
    let (_world, ada, visitor) = after_an_end("reload_and_tab", &mut wire).await?;
    ada.ends_the_session().await?;
    knows_the_end(&visitor).await?;
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads("On its way.", 1).await?;
    visitor.says("After a reload").await?;
    visitor.reads("Welcome back", 1).await?;

    let tab = visitor.driver.new_tab().await?;
    visitor.driver.switch_to_window(tab).await?;
    visitor.goes_to(&wire.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.reads("After a reload", 1).await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    ada.opens_ticket(2).await?;
    ada.sees_text("After a reload").await?;
    visitor.reads("Welcome back", 1).await?;
    Ok(())
}
