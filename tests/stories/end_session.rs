//! The mission: an agent ends the session, the visitor notices nothing, and the next message opens a new ticket.

use causerie_tests::{Part, Story, World, until};

#[tokio::test]
async fn end_session() -> Story {
    let world = World::of("end_session").await?;
    let (ada, visitor) = world.ada_and_a_visitor().await?;
    visitor.says("Where is my order?").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    // The composer has the focus after a quick reply, so an address can be typed at once.
    visitor.reads("What is your email address?", 1).await?;
    visitor
        .driver
        .active_element()
        .await?
        .send_keys("zoe@example.com")
        .await?;
    visitor.presses(thirtyfour::Key::Enter).await?;
    ada.opens_ticket(1).await?;
    ada.replies("On its way.").await?;
    visitor.reads("On its way.", 1).await?;

    // R20: the end shows nowhere on the visitor's side.
    let (log, status) = (visitor.messages().await?, visitor.status().await?);
    let tree = visitor.accessibility_tree().await?;
    let picture = visitor.picture().await?;
    ada.clicks(Part::Radio.named("Internal note")).await?;
    ada.ends_the_session().await?;
    ada.sees_text("Session ended by Ada").await?;
    ada.sees_text("Messaging 0 of 3").await?;
    until("the visitor's page to know the end", async || {
        let frames = visitor.frames_received().await?;
        Ok(frames
            .iter()
            .any(|frame| frame.contains("ended_by_agent"))
            .then_some(()))
    })
    .await?;
    assert_eq!(visitor.messages().await?, log, "the same log");
    assert_eq!(visitor.status().await?, status, "the same status");
    assert_eq!(
        visitor.accessibility_tree().await?,
        tree,
        "the same accessibility tree"
    );
    assert!(
        visitor.picture().await? == picture,
        "the same screen, to the pixel"
    );

    // R28: the composer falls back to what is open; the address is known, so to a public reply.
    let messaging = ada.sees(Part::Radio.named("Messaging")).await?;
    assert!(!messaging.is_enabled().await?, "messaging is off");
    let email = ada.sees(Part::Radio.named("Public reply")).await?;
    assert!(
        email.is_selected().await?,
        "the default is a public reply, whatever was picked before"
    );
    assert_eq!(ada.chosen("Status").await?, "Open", "R07: the status stays");
    ada.shows("after the end").await?;
    ada.clicks(Part::Tab.named("Events")).await?;
    ada.sees_text("Session ended by Ada").await?;
    ada.shows("the end in the history").await?;

    // R08: the next message starts afresh, and leads to a second ticket.
    visitor.says("One more thing").await?;
    visitor.reads("Welcome back", 1).await?;
    visitor.shows("a fresh bot interaction under the old log").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    ada.opens_ticket(2).await?;
    ada.sees_text("One more thing").await?;
    ada.sees_text("Ticket #1").await?;
    ada.shows("the second ticket, linked to the first").await?;
    ada.replies("Gladly.").await?;
    visitor.reads("Gladly.", 1).await?;

    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads("On its way.", 1).await?;
    visitor.reads("Gladly.", 1).await?;
    visitor.shows("one continuous log").await?;
    Ok(())
}
