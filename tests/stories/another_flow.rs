//! The bot's flow is a file: another one, of six other steps, needs no other binary.

use causerie_tests::{Part, Story, World};

#[tokio::test]
async fn another_flow() -> Story {
    let mut world = World::of("another_flow").await?;
    let first = world.person("first").await?;
    first.goes_to(&world.server.url("/")).await?;
    first.opens_the_chat().await?;
    first.says("Hello").await?;
    first.sees(Part::Button.named("Track my order")).await?;
    first.shows("the flow of the demo").await?;

    world.server.kill()?;
    world.server.takes(&["--flow", "flows/example-returns.toml"]);
    world.server.start().await?;

    let second = world.person("second").await?;
    second.goes_to(&world.server.url("/")).await?;
    second.opens_the_chat().await?;
    second.says("Hello").await?;
    second.reads("This is the returns desk.", 1).await?;
    second.sees_no(Part::Button.named("Track my order")).await?;
    second.shows("the other flow asks").await?;

    second.clicks(Part::Button.named("It is broken")).await?;
    second.reads("We will replace it.", 1).await?;
    second.reads("Under which name did you order?", 1).await?;
    second.says("Ada").await?;
    second.reads("What happened?", 1).await?;
    second.says("It fell from the table").await?;
    second.reads("Our returns desk takes over.", 1).await?;
    second.shows("the other flow ends").await?;
    Ok(())
}
