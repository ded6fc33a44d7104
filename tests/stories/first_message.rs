//! A visitor writes; the bot answers; nothing that was acknowledged is lost, whatever happens to page or server.

use causerie_tests::{Part, Story, World, until};

const QUESTION: &str = "Bonjour, où est ma commande ?";
const REPLIES: [&str; 3] = ["Track my order", "Ask a question", "Talk to a person"];

#[tokio::test]
async fn first_message() -> Story {
    let mut world = World::as_served("first_message").await?;
    let visitor = world.person("visitor").await?;

    visitor.goes_to(&world.server.url("/")).await?;
    visitor.sees(Part::Button.named("Open chat")).await?;
    visitor.shows("the shop").await?;
    let host = visitor.requests().await?;
    assert_eq!(
        of_the_widget(&host),
        ["/widget.js"],
        "before intent the loader is the only request: {host:?}"
    );

    visitor.opens_the_chat().await?;
    visitor.sees(Part::Textbox.named("Message")).await?;
    visitor.shows("the chat is open").await?;
    let frame = visitor.requests().await?;
    let distinct: std::collections::BTreeSet<_> = frame.iter().collect();
    assert_eq!(
        distinct.len(),
        frame.len(),
        "nothing is asked for twice: {frame:?}"
    );
    assert!(
        frame.len() <= 4,
        "document, style, script, WASM; the loader and the socket make six: {frame:?}"
    );

    visitor.says(QUESTION).await?;
    visitor.reads(QUESTION, 1).await?;
    visitor.sees(Part::Group.named("Suggested replies")).await?;
    for reply in REPLIES {
        visitor.sees(Part::Button.named(reply)).await?;
    }
    visitor.shows("the bot greets and offers its replies").await?;
    // The bot's words are committed with the question, so to see them is to know that it was acknowledged.
    let before = visitor.said().await?;
    assert!(before.len() >= 2, "the question and a greeting: {before:?}");

    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads(QUESTION, 1).await?;
    assert_eq!(visitor.said().await?, before, "after a reload the log is there");
    visitor.shows("after a reload").await?;

    world.server.kill()?;
    let while_away = "Vous êtes là ?";
    visitor.says(while_away).await?;
    visitor.reads(while_away, 1).await?;
    visitor.shows("the server is gone").await?;
    world.server.start().await?;
    until("the page to have nothing left to send", async || {
        let said = visitor.status().await?.to_lowercase();
        let busy = ["offline", "sending", "failed", "connecting"]
            .iter()
            .any(|word| said.contains(word));
        Ok((!busy).then_some(()))
    })
    .await?;

    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads(QUESTION, 1).await?;
    visitor.reads(while_away, 1).await?;
    let after = visitor.said().await?;
    assert_eq!(
        after[..before.len()],
        before[..],
        "what was acknowledged is there, once and in its order"
    );
    visitor.shows("after the server came back").await?;
    Ok(())
}

/// The paths among these addresses that belong to the widget.
fn of_the_widget(requests: &[String]) -> Vec<&str> {
    let paths = requests
        .iter()
        .filter_map(|url| url.splitn(4, '/').nth(3))
        .map(|rest| &rest[..rest.find('?').unwrap_or(rest.len())]);
    let ours = paths.filter(|path| {
        ["widget.js", "frame/", "api/"]
            .iter()
            .any(|start| path.starts_with(start))
    });
    ours.map(|path| if path == "widget.js" { "/widget.js" } else { path })
        .collect()
}
