//! A person is erased while their chat and an agent's workspace are open: nothing of them is left on either screen, and
//! nobody reloads.

use causerie_tests::{Browser, Part, Story, World, until};
use thirtyfour::By;

async fn sees_nothing_of(who: &Browser, canary: &str) -> Story {
    until("nothing of it to be on the screen", async || {
        Ok((!who.text().await?.contains(canary)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn i24_i26_a_person_is_erased_under_everybodys_eyes_and_comes_back_as_a_stranger() -> Story {
    let world = World::of("erased").await?;
    let (ada, visitor) = world.ada_and_a_visitor().await?;
    visitor.says("My canary is ill").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    // What is written before the question is shown does not answer it (R10).
    visitor.sees(Part::Button.named("Skip")).await?;
    visitor.says("canary@mail.example").await?;
    ada.opens_ticket(1).await?;
    ada.sees_text("canary@mail.example").await?;
    ada.replies("Poor canary").await?;
    visitor.reads("Poor canary", 1).await?;
    for person in [&ada, &visitor] {
        person.driver.execute("window.stayed = true", Vec::new()).await?;
    }

    // The operator is told whom by the id that stands beside the ticket.
    ada.sees(Part::Button.named("Copy: Customer ID")).await?;
    let id = ada.driver.find(By::Css("code")).await?.text().await?;
    ada.fills("Reply", "About the canary").await?;
    ada.shows("before the erasure").await?;
    world.server.command(&["erase-user", &id, "--yes"], "")?;

    // The agent's open ticket is a row of tombstones, in its place in the list as well.
    sees_nothing_of(&ada, "canary").await?;
    ada.sees_text("Requester erased, with all that was said").await?;
    ada.sees_text("Erased customer").await?;
    let text = ada.text().await?;
    assert!(text.matches("Erased").count() > 5, "{text}");
    // What was written about them and not sent is gone, here and where it is kept.
    let composer = ada.sees(Part::Textbox.named("Reply")).await?;
    assert_eq!(composer.value().await?.as_deref(), Some(""));
    ada.sees_no(Part::Button.named("Copy: Customer ID")).await?;
    let kept = "return JSON.stringify(Object.entries(localStorage))";
    let kept: String = ada.driver.execute(kept, Vec::new()).await?.convert()?;
    assert!(
        kept.contains("causerie.drafts") && !kept.contains("canary"),
        "{kept}"
    );
    ada.shows("after the erasure").await?;
    ada.passes_an_audit("a ticket of tombstones").await?;
    ada.clicks(Part::Tab.named("Events")).await?;
    sees_nothing_of(&ada, "canary").await?;
    ada.shows("the history").await?;

    // The visitor's chat is empty, and what they write next is a stranger's.
    until("the chat to have forgotten", async || {
        let messages = visitor.messages().await?.join("\n");
        Ok((!messages.contains("canary")).then_some(()))
    })
    .await?;
    visitor.shows("after the erasure").await?;
    visitor.says("A new day").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    ada.opens_ticket(2).await?;
    ada.sees_text("A new day").await?;
    ada.replies("Good morning").await?;
    visitor.reads("Good morning", 1).await?;
    let messages = visitor.messages().await?.join("\n");
    assert!(!messages.contains("canary"), "{messages}");
    for person in [&ada, &visitor] {
        let stayed = person
            .driver
            .execute("return window.stayed === true", Vec::new())
            .await?;
        assert!(stayed.convert::<bool>()?, "nobody has reloaded");
    }
    Ok(())
}
