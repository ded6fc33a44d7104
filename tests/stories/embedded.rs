//! A page of another origin, under a strict policy, embeds the widget by the snippet that `site add` prints.

use causerie_tests::{HostPage, Part, Story, World};

#[tokio::test]
async fn embedded() -> Story {
    let world = World::of("embedded").await?;
    let mut page = HostPage::new()?;
    let printed = world.server.command(
        &[
            "site",
            "add",
            "--name",
            "Another shop",
            "--origin",
            &page.origin(),
        ],
        "",
    )?;
    let snippet = printed
        .lines()
        .find(|line| line.contains("<script"))
        .ok_or("site add printed no snippet")?
        .trim()
        .to_owned();
    let key = snippet
        .split("key=")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default();
    let hosts = [
        world.server.url(""),
        world.server.url("").replace("127.0.0.1", "localhost"),
    ]
    .join(" ");
    // A site of ours next to the shop's: all that its policy allows is our loader and our frame.
    let policy = format!("default-src 'none'; script-src {hosts}; frame-src {hosts}; style-src 'self'");
    let document =
        format!("<!doctype html><html lang=\"en\"><title>Another shop</title><h1>Another shop</h1>{snippet}");
    page.serves(&policy, &document).await?;

    let visitor = world.person("visitor").await?;
    visitor.goes_to(&page.origin()).await?;
    visitor.sees(Part::Button.named("Open chat")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("Hello from another shop").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    visitor.shows("the chat in a page of another origin").await?;

    // A page that is not on the site's list cannot have the frame.
    let mut stranger = HostPage::new()?;
    stranger.serves(&policy, &document).await?;
    let there = world.person("stranger").await?;
    there.goes_to(&stranger.origin()).await?;
    there.clicks(Part::Button.named("Open chat")).await?;
    there.looks_into_the_chat().await?;
    there.sees_no(Part::Textbox.named("Message")).await?;
    there.shows("a stranger's page").await?;
    assert!(!key.is_empty(), "the snippet names the site: {snippet}");
    Ok(())
}
