//! A person who has logged in, and whom the server knows no more: by a restore of data from before (R40, R47), or
//! because they were erased (SECURITY 27).

use crate::login::{Shop, logs_in, types};
use causerie_tests::{Browser, Part, Story, until};
use serde_json::Value;

/// Grace, who has logged in and said hello, and then something while she is offline.
async fn grace(shop: &Shop) -> Story<Browser> {
    let visitor = shop.visitor("grace").await?;
    assert_eq!(
        logs_in(&visitor, "grace", "Grace Hopper", 3600).await?,
        Value::Null
    );
    visitor.says("Hello from Grace").await?;
    visitor.reads("Hello from Grace", 1).await?;
    Ok(visitor)
}

async fn writes_offline(visitor: &Browser) -> Story {
    visitor.is_offline(true).await?;
    visitor.says("Written offline").await?;
    until("it to be shown", async || {
        let messages = visitor.messages().await?;
        Ok(messages
            .iter()
            .any(|text| text.contains("Written offline"))
            .then_some(()))
    })
    .await
}

/// All that the chat's frame keeps in the browser, as one text.
async fn kept(visitor: &Browser) -> Story<String> {
    let read = "const done = arguments[0];
        (async () => {
            const all = [JSON.stringify({ ...localStorage })];
            for (const { name } of await indexedDB.databases()) {
                const found = await new Promise((is, no) => {
                    const asked = indexedDB.open(name);
                    asked.onsuccess = () => is(asked.result);
                    asked.onerror = no;
                });
                for (const store of found.objectStoreNames) {
                    const read = found.transaction(store).objectStore(store);
                    for (const asked of [read.getAllKeys(), read.getAll()])
                        all.push(JSON.stringify(await new Promise((is) => (asked.onsuccess = () => is(asked.result)))));
                }
                found.close();
            }
            return all.join();
        })().then(done);";
    Ok(visitor.driver.execute_async(read, Vec::new()).await?.convert()?)
}

#[tokio::test]
async fn r40_what_a_signed_in_visitor_wrote_offline_goes_out_though_a_restore_has_taken_them_away() -> Story {
    let shop = Shop::of("taken_away").await?;
    let agent = shop.agent().await?;
    let backup = tempfile::tempdir()?;
    let file = backup.path().join("backup").to_string_lossy().into_owned();
    shop.world.server.command(&["backup", &file], "")?;
    let visitor = grace(&shop).await?;
    writes_offline(&visitor).await?;
    assert!(kept(&visitor).await?.contains("Written offline"));
    visitor.shows("written offline").await?;

    shop.world.server.command(&["restore", &file], "")?;
    visitor.is_offline(false).await?;

    visitor.reads("Written offline", 1).await?;
    until("the log of before to be forgotten", async || {
        let messages = visitor.messages().await?.join("\n");
        Ok((messages.contains("Written offline") && !messages.contains("Hello from Grace")).then_some(()))
    })
    .await?;
    visitor.shows("after the restore").await?;
    until("nothing to wait any more", async || {
        Ok((!kept(&visitor).await?.contains("Written offline")).then_some(()))
    })
    .await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;
    agent.opens_ticket(1).await?;
    agent.sees_text("Written offline").await?;
    agent.sees_text("Grace Hopper").await?;
    agent.replies("Good morning, Grace").await?;
    visitor.reads("Good morning, Grace", 1).await?;
    Ok(())
}

#[tokio::test]
async fn security_27_of_a_signed_in_visitor_who_is_erased_nothing_stays_in_their_browser() -> Story {
    let shop = Shop::of("erased_signed_in").await?;
    let visitor = grace(&shop).await?;
    writes_offline(&visitor).await?;
    types(&visitor, "half a canary").await?;
    until("the draft to be kept", async || {
        let kept = kept(&visitor).await?;
        Ok((kept.contains("half a canary") && kept.contains("Written offline")).then_some(()))
    })
    .await?;

    shop.world.server.command(&["erase-user", "grace", "--yes"], "")?;
    visitor.is_offline(false).await?;

    until("all to be gone", async || {
        let composer = visitor.sees(Part::Textbox.named("Message")).await?;
        let typed = composer.value().await?.unwrap_or_default();
        let left = visitor.messages().await?;
        Ok((left.is_empty() && typed.is_empty()).then_some(()))
    })
    .await?;
    visitor.shows("after the erasure").await?;
    until("nothing to be kept", async || {
        let kept = kept(&visitor).await?;
        Ok((!kept.contains("canary") && !kept.contains("Written offline")).then_some(()))
    })
    .await?;
    visitor.says("A new day").await?;
    visitor.reads("A new day", 1).await?;

    // The site still calls them so: they are somebody new.
    visitor.reloads().await?;
    shop.takes_care_of(&visitor).await?;
    visitor.opens_the_chat().await?;
    assert_eq!(
        logs_in(&visitor, "grace", "Grace Hopper", 3600).await?,
        Value::Null
    );
    visitor.reads("A new day", 1).await?;
    let messages = visitor.messages().await?.join("\n");
    assert!(!messages.contains("Hello from Grace"), "{messages}");
    visitor.shows("logged in anew").await?;
    Ok(())
}
