//! An audit of every screen: the shop with its chat, light and dark, and the workspace's.

use causerie_tests::{Browser, Part, Story, World};
use thirtyfour::Key;

/// Audits what is there, light and dark, and leaves a picture of both.
async fn passes(who: &Browser, step: &str) -> Story<bool> {
    let mut audited = true;
    for scheme in ["light", "dark"] {
        who.prefers(scheme).await?;
        let step = format!("{step}, {scheme}");
        who.shows(&step).await?;
        audited &= who.passes_an_audit(&step).await?;
    }
    who.prefers("light").await?;
    Ok(audited)
}

#[tokio::test]
async fn the_chat_passes_an_audit() -> Story {
    let mut world = World::of("accessible_chat").await?;
    let visitor = world.person("visitor").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.sees(Part::Button.named("Open chat")).await?;
    if !passes(&visitor, "the shop").await? {
        return Ok(());
    }
    visitor.opens_the_chat().await?;
    visitor.sees(Part::Textbox.named("Message")).await?;
    passes(&visitor, "the welcome").await?;
    visitor.looks_at_the_page().await?;
    passes(&visitor, "the shop around the open chat").await?;
    visitor.looks_into_the_chat().await?;
    visitor.says("Hello").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    passes(&visitor, "the bot and its replies").await?;
    visitor.clicks(Part::Button.named("More options")).await?;
    visitor.sees(Part::Menu.named("More options")).await?;
    passes(&visitor, "the options").await?;

    // The same on the narrowest of phones, and the other way round.
    visitor.is_of_size(320, 568).await?;
    passes(&visitor, "the options on a phone").await?;
    visitor.presses(Key::Escape).await?;
    passes(&visitor, "on a phone").await?;
    let turn = "document.documentElement.dir = 'rtl';";
    visitor.driver.execute(turn, Vec::new()).await?;
    visitor.clicks(Part::Button.named("More options")).await?;
    passes(&visitor, "from right to left").await?;
    visitor.presses(Key::Escape).await?;
    visitor.is_of_size(1280, 860).await?;

    world.server.kill()?;
    visitor.says("Are you there?").await?;
    visitor.sees_text("No connection").await?;
    passes(&visitor, "offline").await?;
    Ok(())
}

#[tokio::test]
async fn the_workspace_passes_an_audit() -> Story {
    let world = World::of("accessible_workspace").await?;
    let visitor = world.person("visitor").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("My parcel is late").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    visitor.reads("Thank you!", 1).await?;

    let ada = world.person("ada").await?;
    ada.goes_to(&world.server.url("/workspace/")).await?;
    ada.sees(Part::Button.named("Sign in")).await?;
    if !passes(&ada, "signing in").await? {
        return Ok(());
    }
    ada.signs_in(&world.server, "Ada", "admin").await?;
    ada.chooses("Availability", "Online").await?;
    ada.looks_at_view("All open").await?;
    ada.sees_text("#1").await?;
    passes(&ada, "the list").await?;
    ada.opens_ticket(1).await?;
    ada.replies("Let me look.").await?;
    visitor.reads("Let me look.", 1).await?;
    ada.sees_text("Let me look.").await?;
    passes(&ada, "the ticket").await?;
    ada.clicks(Part::Radio.named("Internal note")).await?;
    ada.replies("She is a reseller.").await?;
    ada.sees_text("She is a reseller.").await?;
    passes(&ada, "a note").await?;
    ada.clicks(Part::Tab.named("Events")).await?;
    ada.sees_text("Ticket created").await?;
    passes(&ada, "the events").await?;
    ada.clicks(Part::Tab.named("Conversation")).await?;
    ada.ends_the_session().await?;
    ada.sees_text("Session ended by Ada").await?;
    passes(&ada, "after the end").await?;
    for section in ["Macros", "Settings"] {
        ada.clicks(Part::Link.named(section)).await?;
        ada.sees(Part::Heading.named(section)).await?;
        passes(&ada, section).await?;
    }
    Ok(())
}
