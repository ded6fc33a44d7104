//! A visitor behind a proxy that lets no socket through (R41): the chat goes on by requests that wait.

use causerie_tests::{Part, Server, Story, Wire, World, http, until};

/// How many visitors the server serves by sockets, and how many requests of visitors wait there.
async fn ways(server: &Server) -> Story<(u64, u64)> {
    let metrics = http::ask(server.port(), "GET /metrics", &[], "").await?;
    let value = |name: &str| -> Story<u64> {
        let line = metrics.body.lines().find_map(|line| line.strip_prefix(name));
        Ok(line.ok_or(name)?.trim().parse()?)
    };
    Ok((
        value("causerie_visitor_sockets ")?,
        value("causerie_visitor_polls ")?,
    ))
}

async fn goes_by(server: &Server, expected: (u64, u64)) -> Story {
    let what = format!("{} sockets and {} polls", expected.0, expected.1);
    until(
        &what,
        async || Ok((ways(server).await? == expected).then_some(())),
    )
    .await
}

#[tokio::test]
async fn r41_where_sockets_are_blocked_the_chat_goes_on_by_requests_that_wait() -> Story {
    let mut wire = Wire::new()?;
    let world = World::with("blocked_sockets", &["--public-url", &wire.url("")]).await?;
    wire.leads_to(world.server.port()).await?;
    wire.blocks_sockets(true);
    let (ada, visitor) = world.ada_and_a_visitor_at(|path| wire.url(path)).await?;
    visitor.says("Is anybody there?").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    goes_by(&world.server, (0, 1)).await?;
    ada.opens_ticket(1).await?;
    ada.replies("By requests, too.").await?;
    visitor.reads("By requests, too.", 1).await?;
    visitor
        .shows("behind a proxy that lets no socket through")
        .await?;

    // R08, R20: the end is not seen, and the message after starts afresh.
    let before = visitor.said().await?;
    ada.ends_the_session().await?;
    visitor.says("One more thing").await?;
    visitor.reads("Welcome back", 1).await?;
    visitor.reads("One more thing", 1).await?;
    assert_eq!(visitor.said().await?[..before.len()], before[..]);

    // It is known what works: the next page does not try sockets first.
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads("One more thing", 1).await?;
    goes_by(&world.server, (0, 1)).await?;

    // The line is cut, and what was written meanwhile: there once.
    wire.is_cut();
    visitor.says("Written while away").await?;
    wire.is_mended();
    visitor.reads("Written while away", 1).await?;
    goes_by(&world.server, (0, 1)).await?;

    // As soon as sockets get through, one is taken.
    wire.blocks_sockets(false);
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    goes_by(&world.server, (1, 0)).await?;
    visitor.says("By a socket").await?;
    visitor.reads("By a socket", 1).await?;
    let texts = visitor.messages().await?;
    for text in [
        "Is anybody there?",
        "One more thing",
        "Written while away",
        "By a socket",
    ] {
        let times = texts.iter().filter(|message| message.contains(text)).count();
        assert_eq!(times, 1, "{text}: {texts:?}");
    }
    Ok(())
}
