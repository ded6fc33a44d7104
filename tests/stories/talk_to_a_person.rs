//! A visitor asks for a person; an agent answers; a note between colleagues never reaches the visitor.

use causerie_tests::{Part, Story, World};

const NOTE: &str = "canary-7431: she is a reseller, be quick";

#[tokio::test]
async fn talk_to_a_person() -> Story {
    let world = World::of("talk_to_a_person").await?;
    let ada = world.person("ada").await?;
    ada.signs_in(&world.server, "Ada", "admin").await?;
    ada.chooses("Availability", "Online").await?;
    ada.sees_text("Messaging 0 of 3").await?;
    let ben = world.person("ben").await?;
    ben.signs_in(&world.server, "Ben", "agent").await?;
    ada.shows("an empty inbox").await?;

    let visitor = world.person("visitor").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("My parcel is late").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;

    // The only agent online has a free slot, so the ticket is hers.
    ada.opens_ticket(1).await?;
    ada.sees_text("Messaging 1 of 3").await?;
    ada.sees_text("My parcel is late").await?;
    assert_eq!(ada.chosen("Status").await?, "Open");
    ada.shows("the ticket with the bot's transcript").await?;

    visitor.fills("Message", "It was du").await?;
    ada.sees_text("is typing").await?;
    visitor.fills("Message", "e on Monday").await?;
    visitor.says("").await?;
    ada.sees_text("It was due on Monday").await?;

    ada.fills("Reply", "Let me look").await?;
    visitor.sees_text("is typing").await?;
    ada.replies(" at that.").await?;
    visitor.reads("Let me look at that.", 1).await?;
    visitor.shows("a person answers").await?;

    ada.clicks(Part::Radio.named("Internal note")).await?;
    ada.replies(NOTE).await?;
    ada.sees_text(NOTE).await?;
    ada.shows("a note").await?;
    ada.clicks(Part::Radio.named("Messaging")).await?;
    ada.replies("It arrives tomorrow.").await?;
    visitor.reads("It arrives tomorrow.", 1).await?;
    let frames = visitor.frames_received().await?;
    assert!(
        frames.iter().any(|frame| frame.contains("It arrives tomorrow.")),
        "the frames are recorded"
    );
    assert!(
        !frames.iter().any(|frame| frame.contains("canary-7431")),
        "the visitor never got the note"
    );

    // Everything is in the history, in one order.
    ada.clicks(Part::Tab.named("Events")).await?;
    for text in [
        "Ticket created",
        "Let me look at that.",
        NOTE,
        "It arrives tomorrow.",
    ] {
        ada.sees_text(text).await?;
    }
    ada.shows("the history").await?;

    // A colleague's window sees the slots change without a reload.
    ben.clicks(Part::Button.named("Agents")).await?;
    ben.sees_text("1 of 3").await?;
    ben.shows("a colleague sees the slots").await?;
    ada.chooses("Status", "Solved").await?;
    ada.sees_text("Messaging 0 of 3").await?;
    ben.sees_text("0 of 3").await?;
    Ok(())
}
