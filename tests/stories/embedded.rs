//! A page of another origin embeds the widget by the snippet that `site add` prints, under policies as they are met.

use std::fs;

use causerie_tests::{Browser, HostPage, Named, Part, Setup, Story, World, until};
use serde_json::Value;

const LAUNCHER: Named<'_> = Part::Button.named("Open chat");

/// Somebody's shop, registered as a site.
struct Shop {
    world: World,
    page: HostPage,
    /// What `site add` has printed.
    snippet: String,
    /// From where scripts and frames come.
    hosts: String,
}

impl Shop {
    async fn of(story: &str) -> Story<Self> {
        let world = World::of(story).await?;
        let page = HostPage::new()?;
        let origin = page.origin();
        let add = ["site", "add", "--name", "Another shop", "--origin", &origin];
        let printed = world.server.command(&add, "")?;
        let snippet = printed.lines().find(|line| line.contains("<script"));
        let snippet = snippet.ok_or("site add printed no snippet")?.trim().to_owned();
        let own = world.server.url("");
        Ok(Self {
            world,
            page,
            snippet,
            hosts: [&own, " ", &own.replace("127.0.0.1", "localhost")].concat(),
        })
    }

    /// Serves its page under this policy, with the snippet as it is given.
    async fn serves(&mut self, policy: &str, snippet: &str) -> Story {
        self.page.serves(policy, &document(snippet)).await
    }

    /// A visitor comes and chats: the chat opens, a message is sent and answered.
    async fn is_visited(&self, setup: Setup) -> Story<Browser> {
        let visitor = self.world.person_with("visitor", setup).await?;
        visitor.goes_to(&self.page.origin()).await?;
        visitor.sees(LAUNCHER).await?;
        visitor.opens_the_chat().await?;
        visitor.says("Hello from another shop").await?;
        visitor.sees(Part::Button.named("Track my order")).await?;
        visitor.reads("Hello from another shop", 1).await?;
        visitor.shows("the chat in a page of another origin").await?;
        Ok(visitor)
    }
}

fn document(snippet: &str) -> String {
    format!("<!doctype html><html lang=\"en\"><title>Another shop</title><h1>Another shop</h1>{snippet}")
}

#[tokio::test]
async fn embedded() -> Story {
    let mut shop = Shop::of("embedded").await?;
    // All that its policy allows is our loader and our frame.
    let policy = format!(
        "default-src 'none'; script-src {0}; frame-src {0}; style-src 'self'",
        shop.hosts
    );
    let snippet = shop.snippet.clone();
    shop.serves(&policy, &snippet).await?;
    let visitor = shop.is_visited(Setup::default()).await?;
    assert_eq!(visitor.console().await?, [""; 0], "the page's console is clean");
    // Somebody who returns is shown the count first, and the chat in its place.
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads("Hello from another shop", 1).await?;
    assert_eq!(visitor.console().await?, [""; 0], "and on the next visit");

    // A page that is not on the site's list cannot have the frame.
    let mut stranger = HostPage::new()?;
    stranger.serves(&policy, &document(&snippet)).await?;
    let there = shop.world.person("stranger").await?;
    there.goes_to(&stranger.origin()).await?;
    there.clicks(LAUNCHER).await?;
    there.looks_into_the_chat().await?;
    there.sees_no(Part::Textbox.named("Message")).await?;
    there.shows("a stranger's page").await?;
    // The browser says why, and we add nothing to it.
    let console = until("the browser to refuse the frame", async || {
        let said = there.console().await?;
        Ok((!said.is_empty()).then_some(said))
    })
    .await?;
    let noise: Vec<_> = console
        .iter()
        .filter(|line| line.contains("postMessage"))
        .collect();
    assert!(noise.is_empty(), "{console:?}");
    Ok(())
}

/// Calls `sendMessage` on the page, and gives what its callback got: the error's message, and the result.
async fn sends(visitor: &Browser, arguments: &str) -> Story<(Option<String>, Value)> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
        causerie('messenger', 'sendMessage', {arguments}, (error, result) =>
            done([error && error.message, result === undefined ? 'undefined' : result]));"
    );
    Ok(visitor
        .driver
        .execute_async(&script, Vec::new())
        .await?
        .convert()?)
}

#[tokio::test]
async fn a_page_that_calls_wrongly_is_told_so_in_a_sentence() -> Story {
    let mut shop = Shop::of("embedded_calls").await?;
    let policy = format!("default-src 'none'; script-src {0}; frame-src {0}", shop.hosts);
    let snippet = shop.snippet.clone();
    shop.serves(&policy, &snippet).await?;
    let visitor = shop.world.person("visitor").await?;
    visitor.goes_to(&shop.page.origin()).await?;
    visitor.sees(LAUNCHER).await?;
    // What a page is told once a conversation begins names it.
    let listen = "causerie('messenger:on', 'conversationStarted', (event) => window.begun = event);";
    visitor.driver.execute(listen, Vec::new()).await?;
    let (none, sent) = sends(&visitor, "{content: {type: 'text', text: 'Hello'}}, null").await?;
    assert!(none.is_none() && sent["id"].is_string(), "{none:?} {sent}");
    let begun = until("a conversation to begin", async || {
        let event: Value = visitor
            .driver
            .execute("return window.begun ?? null;", Vec::new())
            .await?
            .convert()?;
        Ok(event.is_object().then_some(event))
    })
    .await?;
    assert_eq!(begun["type"], "conversationStarted");
    let own = begun["payload"]["conversation"]["id"].as_str().ok_or("no id")?;

    for (arguments, sentence) in [
        ("null, null", "A message looks like this"),
        ("undefined, null", "A message looks like this"),
        ("'Hello', null", "A message looks like this"),
        ("{}, null", "A message looks like this"),
        (
            "{content: {type: 'text', text: ''}}, null",
            "The message is empty.",
        ),
        (
            "{content: {type: 'image', text: 'Hello'}}, null",
            "Only content of the type",
        ),
        (
            "{content: {type: 'text', text: 'Hello'}}, 'nonsense'",
            "This visitor has no such",
        ),
        (
            "{content: {type: 'text', text: 'Hello'}}, '01920000-0000-7000-8000-000000000abc'",
            "This visitor has no such",
        ),
    ] {
        let (error, result) = sends(&visitor, arguments).await?;
        let error = error.ok_or_else(|| format!("{arguments} was not refused"))?;
        assert!(error.starts_with(sentence), "{arguments}: {error}");
        assert_eq!(result, Value::Null, "{arguments}");
    }
    let again = format!("{{content: {{type: 'text', text: 'Again'}}}}, '{own}'");
    let (error, sent) = sends(&visitor, &again).await?;
    assert!(error.is_none() && sent["id"].is_string(), "{error:?}");
    assert_eq!(visitor.console().await?, [""; 0]);

    // A mistyped name is told once; the right ones around it still work.
    let mistyped = "causerie('messenger', 'opne'); causerie('messenger:on', 'opened', () => {});
        causerie('messenger:on', 'open', () => {});";
    visitor.driver.execute(mistyped, Vec::new()).await?;
    let told = visitor.console().await?;
    assert!(
        told.len() == 2 && told[0].contains("messenger opne") && told[1].contains("messenger:on opened"),
        "{told:?}"
    );

    let open = "causerie('messenger', 'open');";
    visitor.driver.execute(open, Vec::new()).await?;
    visitor.looks_into_the_chat().await?;
    visitor.reads("Hello", 2).await?;
    visitor.reads("Again", 1).await?;
    visitor.shows("what was called rightly").await
}

#[tokio::test]
async fn the_snippet_is_the_one_in_readme_and_guide() -> Story {
    let shop = Shop::of("snippet").await?;
    let between = |start: &str, end: &str| {
        let rest = shop.snippet.split_once(start).map_or("", |(_, rest)| rest);
        rest.split_once(end).map_or("", |(found, _)| found).to_owned()
    };
    let (host, key) = (between("src=\"", "/widget.js"), between("key=", "\""));
    assert!(!key.is_empty(), "the snippet names the site: {}", shop.snippet);
    for text in ["README.md", "docs/embedding.md"] {
        let text = fs::read_to_string(World::root().join(text))?;
        let shown: Vec<_> = text
            .lines()
            .filter(|line| line.contains("/widget.js?key=KEY"))
            .collect();
        assert!(!shown.is_empty());
        for line in shown {
            assert_eq!(
                line.replace("https://chat.example", &host).replace("KEY", &key),
                shop.snippet
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn embedded_by_a_nonce_under_strict_dynamic() -> Story {
    let mut shop = Shop::of("embedded_nonce").await?;
    let policy = format!(
        "default-src 'none'; script-src 'nonce-r4nd0m' 'strict-dynamic'; frame-src {}",
        shop.hosts
    );
    let with_nonce = shop.snippet.replace("<script", "<script nonce=\"r4nd0m\"");
    shop.serves(&policy, &with_nonce).await?;
    shop.is_visited(Setup::default()).await?;
    Ok(())
}

#[tokio::test]
async fn embedded_in_a_page_of_trusted_types() -> Story {
    let mut shop = Shop::of("embedded_trusted_types").await?;
    let policy = format!(
        "script-src {0}; frame-src {0}; require-trusted-types-for 'script'; trusted-types 'none'",
        shop.hosts
    );
    let snippet = shop.snippet.clone();
    shop.serves(&policy, &snippet).await?;
    let visitor = shop.is_visited(Setup::default()).await?;
    visitor.looks_at_the_page().await?;
    let refuses =
        "try { document.createElement('div').innerHTML = '<i>'; return false; } catch { return true; }";
    let refuses: bool = visitor.driver.execute(refuses, Vec::new()).await?.convert()?;
    assert!(refuses, "the page is one of trusted types");
    Ok(())
}

#[tokio::test]
async fn embedded_where_storage_is_refused() -> Story {
    let mut shop = Shop::of("embedded_no_storage").await?;
    let policy = format!("default-src 'none'; script-src {0}; frame-src {0}", shop.hosts);
    let snippet = shop.snippet.clone();
    shop.serves(&policy, &snippet).await?;
    let refusing = Setup {
        refuses_storage: true,
        ..Setup::default()
    };
    let visitor = shop.is_visited(refusing).await?;
    let refused = "try { localStorage.length; return false; } catch { return true; }";
    for step in ["in the frame", "in the page"] {
        let refused: bool = visitor.driver.execute(refused, Vec::new()).await?.convert()?;
        assert!(refused, "storage is refused {step}");
        visitor.looks_at_the_page().await?;
    }
    // The chat lives as long as the page does, panel closed or open; a reload begins a new one.
    visitor.clicks(Part::Button.named("Close chat")).await?;
    visitor.opens_the_chat().await?;
    visitor.reads("Hello from another shop", 1).await?;
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.says("Me again").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    visitor.reads("Hello from another shop", 0).await?;
    Ok(())
}
