//! A tab that was open before an upgrade of the server.

use causerie_tests::{Browser, Part, Story, Wire, World, until};

/// The build that the server names in its answer to a page's hello.
async fn build_told(visitor: &Browser) -> Story<String> {
    until("the server to name its build", async || {
        let frames = visitor.frames_received().await?;
        let told = frames.iter().rev().find_map(|frame| {
            let (_, rest) = frame.split_once("\"build\":\"")?;
            rest.split_once('"').map(|(build, _)| build.to_owned())
        });
        Ok(told)
    })
    .await
}

async fn is_marked(visitor: &Browser) -> Story<bool> {
    Ok(visitor
        .driver
        .execute("return window.marked === true;", Vec::new())
        .await?
        .convert()?)
}

#[tokio::test]
async fn an_old_tab_reloads_itself_after_an_upgrade_and_keeps_the_draft() -> Story {
    let mut wire = Wire::new()?;
    let world = World::with("upgrade", &["--public-url", &wire.url("")]).await?;
    wire.leads_to(world.server.port()).await?;
    let visitor = world.person("visitor").await?;
    visitor.goes_to(&wire.url("/")).await?;
    visitor
        .driver
        .execute("window.marked = true;", Vec::new())
        .await?;
    visitor.opens_the_chat().await?;
    visitor.says("Hello").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    visitor.fills("Message", "half a sentence").await?;
    visitor
        .driver
        .execute("window.marked = true;", Vec::new())
        .await?;

    // The server comes back as another build; the wire says so in its place.
    let old = build_told(&visitor).await?;
    let new = "0".repeat(old.len());
    assert_ne!(old, new);
    wire.swaps(&old, &new);
    wire.is_cut();
    visitor.sees_text("No connection").await?;
    wire.is_mended();
    until("the chat to reload itself", async || {
        Ok((!is_marked(&visitor).await?).then_some(()))
    })
    .await?;
    visitor.reads("Hello", 2).await?;
    let composer = visitor.sees(Part::Textbox.named("Message")).await?;
    until("the draft to be there again", async || {
        Ok((composer.value().await?.as_deref() == Some("half a sentence")).then_some(()))
    })
    .await?;
    visitor.shows("reloaded with its draft").await?;
    assert_eq!(build_told(&visitor).await?, new);
    visitor.looks_at_the_page().await?;
    assert!(is_marked(&visitor).await?, "the site's own page stays");

    // It is still of the old build, for the wire alone says otherwise: it does not go round in circles.
    visitor.looks_into_the_chat().await?;
    visitor
        .driver
        .execute("window.marked = true;", Vec::new())
        .await?;
    let heard = visitor.frames_received().await?.len();
    wire.is_cut();
    visitor.sees_text("No connection").await?;
    wire.is_mended();
    until("the chat to be connected again", async || {
        let frames = visitor.frames_received().await?;
        let again = frames.iter().skip(heard).any(|frame| frame.contains("Resumed"));
        Ok(again.then_some(()))
    })
    .await?;
    visitor.says(" whole").await?;
    visitor.reads("half a sentence whole", 1).await?;
    assert!(is_marked(&visitor).await?, "once for each build");
    Ok(())
}

#[tokio::test]
async fn an_agents_old_tab_reloads_itself_and_keeps_what_stands_in_the_composer() -> Story {
    let mut wire = Wire::new()?;
    let world = World::with("upgrade_desk", &["--public-url", &wire.url("")]).await?;
    wire.leads_to(world.server.port()).await?;
    let visitor = world.person("visitor").await?;
    visitor.goes_to(&wire.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("My parcel is late").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    let ada = world.person("ada").await?;
    ada.signs_in_at(&wire.url("/workspace/"), &world.server, "Ada", "admin")
        .await?;
    ada.chooses("Availability", "Online").await?;
    ada.opens_ticket(1).await?;
    ada.fills("Reply", "half a reply").await?;
    ada.driver.execute("window.marked = true;", Vec::new()).await?;

    let old = build_told(&ada).await?;
    wire.swaps(&old, &"0".repeat(old.len()));
    wire.is_cut();
    ada.sees_text("You are offline").await?;
    wire.is_mended();
    until("the workspace to reload itself", async || {
        Ok((!is_marked(&ada).await?).then_some(()))
    })
    .await?;
    let reply = ada.sees(Part::Textbox.named("Reply")).await?;
    until("the draft to be there again", async || {
        Ok((reply.value().await?.as_deref() == Some("half a reply")).then_some(()))
    })
    .await?;
    ada.shows("the desk, reloaded with its draft").await?;
    Ok(())
}
