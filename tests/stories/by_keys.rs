//! An agent's day without a pointer: every step by keys, with the focus to be seen all along.

use causerie_tests::{Browser, Named, Part, Story, World};
use thirtyfour::Key;

/// Goes on with Tab until this part has the focus; whatever has it on the way shows it.
async fn tabs_to(agent: &Browser, part: Named<'_>) -> Story {
    agent.sees(part).await?;
    for _ in 0..60 {
        agent.presses(Key::Tab).await?;
        let here = agent.driver.active_element().await?;
        let outline = "
            const shown = (style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
            const here = arguments[0];
            return here === document.body || shown(getComputedStyle(here)) || shown(getComputedStyle(here, '::after'));";
        let shown: bool = agent
            .driver
            .execute(outline, vec![here.to_json()?])
            .await?
            .convert()?;
        let name = agent.name_of(&here).await?;
        assert!(shown, "the focus on \"{name}\" cannot be seen");
        if agent
            .all(part)
            .await?
            .iter()
            .any(|wanted| wanted.element_id() == here.element_id())
        {
            return Ok(());
        }
    }
    Err(format!("{part} is not reached by keys").into())
}

async fn types(agent: &Browser, text: &str) -> Story {
    Ok(agent.driver.active_element().await?.send_keys(text).await?)
}

async fn focused(agent: &Browser) -> Story<String> {
    let here = agent.driver.active_element().await?;
    agent.name_of(&here).await
}

#[tokio::test]
async fn by_keys() -> Story {
    let world = World::of("by_keys").await?;
    let ada = world.person("ada").await?;
    ada.signs_in(&world.server, "Ada", "admin").await?;
    tabs_to(&ada, Part::Button.named("Sign out")).await?;
    ada.presses(Key::Enter).await?;
    ada.sees(Part::Button.named("Sign in")).await?;
    tabs_to(&ada, Part::Textbox.named("Email")).await?;
    types(&ada, "ada@example.com").await?;
    ada.presses(Key::Tab).await?;
    types(&ada, "a few words in a row").await?;
    ada.presses(Key::Enter).await?;
    tabs_to(&ada, Part::Combobox.named("Availability")).await?;
    types(&ada, "On").await?;
    ada.sees_text("Messaging 0 of 3").await?;

    let visitor = world.person("visitor").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("Where is my order?").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;

    ada.sees_text("#1").await?;
    tabs_to(&ada, Part::Link.named("#1 Visitor Where is my order?")).await?;
    ada.presses(Key::Enter).await?;
    ada.sees(Part::Log.named("Conversation")).await?;
    assert_eq!(
        focused(&ada).await?,
        "#1 Where is my order?",
        "on with the ticket"
    );
    tabs_to(&ada, Part::Tab.named("Conversation")).await?;
    ada.presses(Key::Right).await?;
    assert_eq!(focused(&ada).await?, "Events");
    ada.sees_text("Ticket created").await?;
    ada.presses(Key::Left).await?;

    tabs_to(&ada, Part::Textbox.named("Reply")).await?;
    types(&ada, "On its way.").await?;
    ada.presses(Key::Enter).await?;
    visitor.reads("On its way.", 1).await?;
    assert_eq!(focused(&ada).await?, "Reply", "on with the next");
    tabs_to(&ada, Part::Button.named("Apply macro")).await?;
    ada.presses(Key::Enter).await?;
    ada.presses(Key::Down).await?;
    ada.presses(Key::Escape).await?;
    assert_eq!(focused(&ada).await?, "Apply macro");
    tabs_to(&ada, Part::Button.named("End session")).await?;
    ada.presses(Key::Enter).await?;
    ada.sees(Part::Dialog.named("End this session?")).await?;
    assert_eq!(
        focused(&ada).await?,
        "Keep it open",
        "nothing ends by a second Enter"
    );
    ada.shows("the dialog").await?;
    ada.presses(Key::Escape).await?;
    assert_eq!(focused(&ada).await?, "End session");
    ada.presses(Key::Enter).await?;
    ada.sees(Part::Dialog.named("End this session?")).await?;
    ada.presses(Key::Tab).await?;
    ada.presses(Key::Enter).await?;
    ada.sees_text("Session ended by Ada").await?;
    assert_eq!(focused(&ada).await?, "Reply");
    types(&ada, "She was in a hurry").await?;
    ada.driver
        .active_element()
        .await?
        .send_keys(Key::Control + Key::Enter)
        .await?;
    ada.sees_text("She was in a hurry").await?;
    tabs_to(&ada, Part::Combobox.named("Status")).await?;
    ada.shows("all of it by keys").await?;
    Ok(())
}
