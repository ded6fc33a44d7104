//! The visitor's own options: the end of a chat that they end themselves, the transcript, the sounds.

use std::fs;
use std::path::Path;

use causerie_tests::{Browser, Part, Story, World, until};
use thirtyfour::Key;

const OPTIONS: causerie_tests::Named<'_> = Part::Button.named("More options");
const END: causerie_tests::Named<'_> = Part::MenuItem.named("End chat");
const QUESTION: causerie_tests::Named<'_> = Part::Dialog.named("End this chat?");

/// Ada, an admin, online, who has let end users end their sessions; and a visitor with the chat open.
async fn where_visitors_may_end(story: &str) -> Story<(World, Browser, Browser)> {
    let world = World::of(story).await?;
    let ada = world.person("ada").await?;
    ada.signs_in(&world.server, "Ada", "admin").await?;
    ada.chooses("Availability", "Online").await?;
    ada.clicks(Part::Link.named("Settings")).await?;
    ada.clicks(Part::Checkbox.named("End users can end sessions"))
        .await?;
    ada.sees_text("Saved").await?;
    ada.clicks(Part::Link.named("Tickets")).await?;
    let visitor = world.person("visitor").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    Ok((world, ada, visitor))
}

/// Ends the chat from the options, having been asked once more.
async fn ends_the_chat(visitor: &Browser) -> Story {
    visitor.clicks(OPTIONS).await?;
    visitor.clicks(END).await?;
    visitor.sees(QUESTION).await?;
    visitor.shows("End this chat?").await?;
    visitor.passes_an_audit("End this chat?").await?;
    visitor.clicks(Part::Button.named("End chat")).await?;
    visitor.sees_no(QUESTION).await?;
    until("the chat to be said to have ended", async || {
        let said = visitor.status().await?;
        Ok(said.contains("You have ended the chat").then_some(()))
    })
    .await?;
    visitor.passes_an_audit("the chat has ended").await.map(drop)
}

/// Whom the visitor reaches by asking for a person.
async fn asks_for_a_person(visitor: &Browser) -> Story {
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await
}

/// The first file that has come into a folder, whole.
async fn downloaded(folder: &Path) -> Story<(String, String)> {
    until("a file to be downloaded", async || {
        for entry in fs::read_dir(folder)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".crdownload") && !name.starts_with('.') {
                return Ok(Some((name, fs::read_to_string(entry.path())?)));
            }
        }
        Ok(None)
    })
    .await
}

#[tokio::test]
async fn r17_the_visitor_ends_the_chat_from_the_options() -> Story {
    let (_world, ada, visitor) = where_visitors_may_end("options").await?;
    visitor.clicks(OPTIONS).await?;
    visitor.sees(Part::MenuItemCheckbox.named("Sounds")).await?;
    visitor.sees_no(END).await?;
    visitor
        .shows("the options before there is anything to end")
        .await?;
    visitor.presses(Key::Escape).await?;
    visitor.sees_no(Part::Menu.named("More options")).await?;

    visitor.says("Hello").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    let folder = visitor.keeps_downloads().await?;
    visitor.clicks(OPTIONS).await?;
    visitor.shows("the options while the bot talks").await?;
    visitor
        .clicks(Part::MenuItem.named("Download transcript"))
        .await?;
    let (name, text) = downloaded(&folder).await?;
    assert_eq!(name, "chat-transcript.txt");
    assert!(
        text.starts_with("Chat transcript\n")
            && text.contains("You: Hello\n")
            && text.contains("Bot: Hello!"),
        "{text}"
    );

    // Asked once more: no, then yes. Only the bot has it still.
    visitor.clicks(OPTIONS).await?;
    visitor.clicks(END).await?;
    visitor.sees(QUESTION).await?;
    visitor.clicks(Part::Button.named("Keep chatting")).await?;
    visitor.sees_no(QUESTION).await?;
    ends_the_chat(&visitor).await?;
    visitor.shows("the chat has ended").await?;
    visitor.clicks(OPTIONS).await?;
    visitor.sees_no(END).await?;
    visitor.presses(Key::Escape).await?;
    visitor.says("One more thing").await?;
    visitor.reads("Welcome back", 1).await?;
    assert_eq!(visitor.status().await?, "", "what was said is said");

    // And once a person has it.
    asks_for_a_person(&visitor).await?;
    ada.opens_ticket(1).await?;
    ada.sees_text("Messaging 1 of 3").await?;
    ada.replies("Gladly.").await?;
    visitor.reads("Gladly.", 1).await?;
    ends_the_chat(&visitor).await?;
    visitor.shows("a chat with a person has ended").await?;
    ada.sees_text("Messaging 0 of 3").await?;
    ada.clicks(Part::Tab.named("Events")).await?;
    ada.sees_text("Ended by the customer").await?;
    ada.shows("the visitor's end in the history").await?;
    visitor.says("And another").await?;
    visitor.reads("Welcome back", 2).await?;
    Ok(())
}

/// Opens the chat and looks into its options, once it knows where it is.
async fn offers_no_end(visitor: &Browser) -> Story {
    visitor.opens_the_chat().await?;
    visitor.reads("Gladly.", 1).await?;
    visitor.clicks(OPTIONS).await?;
    visitor.sees(Part::MenuItem.named("Download transcript")).await?;
    visitor.sees_no(END).await
}

#[tokio::test]
async fn r20_an_agents_end_shows_neither_in_the_open_options_nor_to_who_ends_after_it() -> Story {
    let (world, ada, visitor) = where_visitors_may_end("options_after_an_end").await?;
    visitor.says("Hello").await?;
    asks_for_a_person(&visitor).await?;
    ada.opens_ticket(1).await?;
    ada.replies("Gladly.").await?;
    visitor.reads("Gladly.", 1).await?;

    visitor.clicks(OPTIONS).await?;
    visitor.sees(END).await?;
    let tree = visitor.accessibility_tree().await?;
    let picture = visitor.picture().await?;
    let tree_at_rest = visitor.accessibility_tree().await?;
    ada.ends_the_session().await?;
    until("the visitor's page to know the end", async || {
        let frames = visitor.frames_received().await?;
        Ok(frames
            .iter()
            .any(|frame| frame.contains("ended_by_agent"))
            .then_some(()))
    })
    .await?;
    assert!(tree.iter().any(|(_, name, _)| name.contains("End chat")));
    assert_eq!(
        visitor.accessibility_tree().await?,
        tree_at_rest,
        "the same accessibility tree"
    );
    assert!(
        visitor.picture().await? == picture,
        "the same screen, to the pixel"
    );

    // Who ends it now hears what they would have heard; the first end stands (R18).
    visitor.clicks(OPTIONS).await?;
    visitor.sees_no(Part::Menu.named("More options")).await?;
    ends_the_chat(&visitor).await?;
    ada.clicks(Part::Tab.named("Events")).await?;
    ada.sees_text("Session ended by Ada").await?;
    assert!(!ada.text().await?.contains("Ended by the customer"));

    // And it stays ended as theirs would: after a reload, and in another tab.
    visitor.reloads().await?;
    offers_no_end(&visitor).await?;
    let tab = visitor.driver.new_tab().await?;
    visitor.driver.switch_to_window(tab).await?;
    visitor.goes_to(&world.server.url("/")).await?;
    offers_no_end(&visitor).await
}

#[tokio::test]
async fn a_message_that_is_not_seen_makes_a_sound_once_that_is_switched_on() -> Story {
    let (_world, ada, visitor) = where_visitors_may_end("sounds").await?;
    visitor.says("Hello").await?;
    asks_for_a_person(&visitor).await?;
    ada.opens_ticket(1).await?;
    let listen = "window.tones = 0; const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...at) { window.tones++; return start.apply(this, at); };";
    visitor.driver.execute(listen, Vec::new()).await?;
    let tones = async || -> Story<usize> {
        Ok(visitor
            .driver
            .execute("return window.tones;", Vec::new())
            .await?
            .convert()?)
    };
    visitor.clicks(OPTIONS).await?;
    visitor.clicks(Part::MenuItemCheckbox.named("Sounds")).await?;
    visitor.shows("sounds are on").await?;
    assert_eq!(tones().await?, 1, "switched on, it is heard at once");
    visitor.presses(Key::Escape).await?;
    visitor.clicks(Part::Button.named("Close chat")).await?;

    ada.replies("Are you there?").await?;
    until("a tone", async || Ok((tones().await? == 2).then_some(()))).await?;
    ada.ends_the_session().await?;
    until("the visitor's page to know the end", async || {
        let frames = visitor.frames_received().await?;
        Ok(frames
            .iter()
            .any(|frame| frame.contains("ended_by_agent"))
            .then_some(()))
    })
    .await?;
    assert_eq!(tones().await?, 2, "R20: no sound at an end");

    visitor.reloads().await?;
    visitor.clicks(Part::Button.named("Open chat, 1 unread")).await?;
    visitor.looks_into_the_chat().await?;
    visitor.reads("Are you there?", 1).await?;
    visitor.clicks(OPTIONS).await?;
    let sounds = visitor.sees(Part::MenuItemCheckbox.named("Sounds")).await?;
    assert_eq!(
        sounds.attr("aria-checked").await?.as_deref(),
        Some("true"),
        "it is kept"
    );
    Ok(())
}

/// Counts the tones of the chat that is looked into, and how often it has asked whether it may make one.
const LISTEN: &str = "
    window.tones = 0; window.asked = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) { window.tones++; return start.apply(this, at); };
    const request = LockManager.prototype.request;
    LockManager.prototype.request = function (name, options, held) {
        return request.call(this, name, options, (lock) => { window.asked++; return held(lock); });
    };";

#[tokio::test]
async fn of_two_tabs_one_makes_the_sound() -> Story {
    let (world, ada, visitor) = where_visitors_may_end("sounds_of_tabs").await?;
    visitor.says("Hello").await?;
    asks_for_a_person(&visitor).await?;
    ada.opens_ticket(1).await?;
    visitor.clicks(OPTIONS).await?;
    visitor.clicks(Part::MenuItemCheckbox.named("Sounds")).await?;
    visitor.presses(Key::Escape).await?;
    let tabs = [visitor.driver.window().await?, visitor.driver.new_tab().await?];
    visitor.driver.switch_to_window(tabs[1].clone()).await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.reads("Thank you!", 1).await?;
    for tab in &tabs {
        visitor.driver.switch_to_window(tab.clone()).await?;
        visitor.looks_into_the_chat().await?;
        visitor.driver.execute(LISTEN, Vec::new()).await?;
        visitor.clicks(Part::Button.named("Close chat")).await?;
    }

    ada.replies("Are you there?").await?;
    let mut tones: usize = 0;
    for tab in tabs {
        visitor.driver.switch_to_window(tab).await?;
        visitor.looks_into_the_chat().await?;
        tones += until("the tab to ask for the sound", async || {
            let counts = visitor
                .driver
                .execute("return [window.asked, window.tones];", Vec::new())
                .await?;
            let (asked, tones): (usize, usize) = counts.convert()?;
            Ok((asked == 1).then_some(tones))
        })
        .await?;
    }
    assert_eq!(tones, 1);
    Ok(())
}
