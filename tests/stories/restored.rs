//! A backup is put back while people are at it: their screens recover by themselves.

use causerie_tests::{Part, Story, World, until};

#[tokio::test]
async fn i26_after_a_restore_chat_and_workspace_go_on_by_themselves_without_a_reload() -> Story {
    let world = World::of("restored").await?;
    let (ada, visitor) = world.ada_and_a_visitor().await?;
    visitor.says("Where is my order?").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    ada.opens_ticket(1).await?;
    ada.replies("I am looking").await?;
    visitor.reads("I am looking", 1).await?;
    for person in [&ada, &visitor] {
        person.driver.execute("window.stayed = true", Vec::new()).await?;
    }

    let backup = tempfile::tempdir()?;
    let file = backup.path().join("backup").to_string_lossy().into_owned();
    world.server.command(&["backup", &file], "")?;
    visitor.says("Said after the backup").await?;
    ada.sees_text("Said after the backup").await?;

    world.server.command(&["restore", &file], "")?;

    until("the chat to have forgotten", async || {
        let messages = visitor.messages().await?.join("\n");
        Ok((messages.contains("I am looking") && !messages.contains("Said after")).then_some(()))
    })
    .await?;
    until("the workspace to have forgotten", async || {
        let text = ada.text().await?;
        Ok((text.contains("I am looking") && !text.contains("Said after")).then_some(()))
    })
    .await?;
    visitor.shows("after the restore").await?;
    ada.shows("after the restore").await?;

    // And it goes on, in the conversation that there is.
    visitor.says("Are you still there?").await?;
    ada.sees_text("Are you still there?").await?;
    ada.replies("Always").await?;
    visitor.reads("Always", 1).await?;
    for person in [&ada, &visitor] {
        let stayed = person
            .driver
            .execute("return window.stayed === true", Vec::new())
            .await?;
        assert!(stayed.convert::<bool>()?, "nobody has reloaded");
    }
    Ok(())
}
