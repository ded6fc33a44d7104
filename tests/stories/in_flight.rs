//! What an agent has written is not lost: to an end that was quicker, or to a reload.

use causerie_tests::{Part, Story, Wire, World, http, until};
use thirtyfour::By;

#[tokio::test]
async fn r21_a_reply_in_flight_at_the_end_keeps_its_text_and_goes_on_by_email() -> Story {
    let mut wire = Wire::new()?;
    let world = World::with("reply_in_flight", &["--public-url", &wire.url("")]).await?;
    wire.leads_to(world.server.port()).await?;
    let (ada, visitor) = world.ada_and_a_visitor_at(|path| wire.url(path)).await?;
    visitor.says("Where is my order?").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.says("zoe@example.com").await?;
    ada.opens_ticket(1).await?;
    let token = world.server.command(
        &["token", "create", "--email", "ada@example.com", "--name", "story"],
        "",
    )?;
    let bearer = format!("Bearer {}", token.lines().last().unwrap_or_default());

    // Somebody ends the session while no answer reaches this page: the reply is written to a session that is over.
    wire.holds_answers();
    let end = "POST /api/v2/tickets/1/messaging_session/end";
    http::ask(world.server.port(), end, &[("Authorization", &bearer)], "").await?;
    ada.replies("It is in the post").await?;
    ada.sees_text("Sending…").await?;
    ada.shows("the reply is on its way").await?;

    wire.is_mended();
    ada.sees_text("Not sent: the session had just ended").await?;
    let reply = ada.sees(Part::Textbox.named("Reply")).await?;
    assert_eq!(reply.value().await?.as_deref(), Some("It is in the post"));
    let messaging = ada.sees(Part::Radio.named("Messaging")).await?;
    assert!(!messaging.is_enabled().await?, "messaging is off");
    ada.sees(Part::Button.named("Keep as note")).await?;
    ada.shows("the text is kept, with two ways to go on").await?;

    ada.clicks(Part::Button.named("Send by email")).await?;
    ada.sees_text("Public reply to zoe@example.com").await?;
    ada.sees_no(Part::Button.named("Keep as note")).await?;
    let reply = ada.sees(Part::Textbox.named("Reply")).await?;
    assert_eq!(reply.value().await?.as_deref(), Some(""));
    assert_eq!(
        ada.driver.active_element().await?.element_id(),
        reply.element_id(),
        "the focus is where it goes on"
    );
    // R19: nothing of it reaches the chat.
    assert!(!visitor.messages().await?.join("\n").contains("in the post"));
    Ok(())
}

#[tokio::test]
async fn r40_an_unsent_note_outlives_a_reload_as_a_note_and_goes_with_the_sign_out() -> Story {
    let world = World::of("unsent_note").await?;
    let (ada, visitor) = world.ada_and_a_visitor().await?;
    visitor.says("Where is my order?").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    ada.opens_ticket(1).await?;
    ada.clicks(Part::Radio.named("Internal note")).await?;
    ada.fills("Reply", "She is a reseller").await?;

    ada.reloads().await?;
    let reply = ada.sees(Part::Textbox.named("Reply")).await?;
    until("the note to be there again", async || {
        Ok((reply.value().await?.as_deref() == Some("She is a reseller")).then_some(()))
    })
    .await?;
    let note = ada.sees(Part::Radio.named("Internal note")).await?;
    assert!(
        note.is_selected().await?,
        "a note does not become a message by a reload"
    );
    ada.shows("after a reload").await?;

    ada.clicks(Part::Button.named("Sign out")).await?;
    ada.sees(Part::Button.named("Sign in")).await?;
    let kept = "return JSON.stringify({ ...localStorage });";
    let kept: String = ada.driver.execute(kept, Vec::new()).await?.convert()?;
    assert!(!kept.contains("reseller"), "nothing is left behind: {kept}");
    ada.fills("Email", "ada@example.com").await?;
    ada.fills("Password", "a few words in a row").await?;
    ada.clicks(Part::Button.named("Sign in")).await?;
    ada.opens_ticket(1).await?;
    let reply = ada.sees(Part::Textbox.named("Reply")).await?;
    assert_eq!(reply.value().await?.as_deref(), Some(""));
    assert!(
        ada.driver.find(By::Css("article")).await.is_ok(),
        "the log is there"
    );
    Ok(())
}
