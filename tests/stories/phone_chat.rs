//! The chat in windows that are small: a phone held either way, and a short window of a desk's.

use causerie_tests::{Browser, Part, Setup, Story, World, until};
use thirtyfour::By;

const REPLIES: [&str; 3] = ["Track my order", "Ask a question", "Talk to a person"];

/// What of the frame's texts is cut by an ellipsis.
const CUT: &str = "
    return [...document.querySelectorAll('.header h1, .header p, .welcome *, button')]
        .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent);";

/// Waits until the panel takes the whole window: it comes in with a small move.
async fn fills_the_window(visitor: &Browser) -> Story {
    visitor.looks_at_the_page().await?;
    let script = "
        const box = document.getElementById('launcher').shadowRoot.querySelector('iframe').getBoundingClientRect();
        return [box.left, box.top, box.width - document.documentElement.clientWidth, box.height - innerHeight].map(Math.round);";
    until("the panel to take the whole window", async || {
        let off: [i32; 4] = visitor.driver.execute(script, Vec::new()).await?.convert()?;
        Ok((off == [0; 4]).then_some(()))
    })
    .await?;
    visitor.looks_into_the_chat().await
}

async fn cuts_nothing(visitor: &Browser, at: &str) -> Story {
    let cut: Vec<String> = visitor.driver.execute(CUT, Vec::new()).await?.convert()?;
    assert_eq!(cut, [""; 0], "cut {at}");
    Ok(())
}

#[tokio::test]
async fn phone_chat() -> Story {
    let world = World::of("phone_chat").await?;
    for (width, height) in [(667, 375), (780, 441), (375, 667), (320, 568)] {
        let at = format!("at {width}x{height}");
        let visitor = world.person(&format!("visitor-{width}")).await?;
        visitor.is_of_size(width, height).await?;
        visitor.goes_to(&world.server.url("/")).await?;
        visitor.opens_the_chat().await?;
        fills_the_window(&visitor).await?;
        visitor
            .sees_whole(Part::Heading.named("Hello! Write to us here. We are happy to help."))
            .await?;
        visitor.sees_whole(Part::Textbox.named("Message")).await?;
        cuts_nothing(&visitor, &at).await?;
        visitor.shows(&format!("the welcome {at}")).await?;

        visitor.says("Hello").await?;
        for reply in REPLIES {
            visitor.sees_whole(Part::Button.named(reply)).await?;
        }
        visitor.sees_whole(Part::Textbox.named("Message")).await?;
        visitor.sees_whole(Part::Button.named("Close chat")).await?;
        cuts_nothing(&visitor, &at).await?;
        visitor.shows(&format!("the replies {at}")).await?;

        visitor.clicks(Part::Button.named("Talk to a person")).await?;
        visitor.sees_whole(Part::Button.named("Skip")).await?;
        visitor.shows(&format!("the next question {at}")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_header_is_whole_in_french_too() -> Story {
    let world = World::of("phone_chat_in_french").await?;
    let zoe = Setup {
        language: "fr-FR,fr",
        ..Setup::default()
    };
    let zoe = world.person_with("zoe", zoe).await?;
    zoe.is_of_size(320, 568).await?;
    zoe.goes_to(&world.server.url("/")).await?;
    zoe.clicks(Part::Button.named("Ouvrir le chat")).await?;
    zoe.looks_into_the_chat().await?;
    zoe.says("Bonjour").await?;
    zoe.sees_whole(Part::Button.named("Parler à une personne"))
        .await?;
    cuts_nothing(&zoe, "in French").await?;
    let line = zoe.driver.find(By::Css(".header p")).await?;
    assert_eq!(line.text().await?, "Répond en premier");
    assert!(line.rect().await?.height < 20.0, "on one line");
    zoe.shows("in French at 320").await
}
