//! Whoever speaks French reads French: each visible text and each accessible name, in the chat and in the workspace.

use std::collections::BTreeMap;
use std::fs;

use causerie_tests::{Browser, Part, Setup, Story, World};
use thirtyfour::By;

const FRENCH: Setup = Setup {
    language: "fr-FR,fr",
    refuses_storage: false,
};

/// What both languages say alike: all else of these tables is to differ.
const ALIKE: [&str; 14] = [
    "Active",
    "Agents",
    "Bot",
    "Causerie",
    "Chat",
    "Conversation",
    "Inactive",
    "Macros",
    "Message",
    "Messages",
    "Session",
    "Ticket #{id}",
    "Tickets",
    "minutes",
];

/// The English sentences of a table, but for what is French as well; cut where a value stands in them.
fn english(folder: &str) -> Story<Vec<Vec<String>>> {
    let path = World::root().join(folder).join("en.json");
    let english: BTreeMap<String, String> = serde_json::from_str(&fs::read_to_string(path)?)?;
    let cut = |text: String| -> Vec<String> {
        let parts = text.split('{').enumerate();
        let kept = parts.map(|(at, part)| match (at, part.split_once('}')) {
            (1.., Some((_, rest))) => rest.to_owned(),
            (0, _) | (1.., None) => part.to_owned(),
        });
        kept.collect()
    };
    let other = english.into_values().filter(|text| !ALIKE.contains(&&**text));
    Ok(other.map(cut).collect())
}

/// Whether a text is one of these sentences, with whatever values in it.
fn says(text: &str, sentence: &[String]) -> bool {
    let [first, others @ ..] = sentence else {
        return false;
    };
    if others.is_empty() {
        return text == first;
    }
    // Of a sentence that is hardly more than its values ("{n} of {limit}") nothing is known by its parts.
    let letters = sentence.concat().chars().filter(|c| c.is_alphabetic()).count();
    let Some(mut rest) = text.strip_prefix(first.as_str()).filter(|_| letters > 4) else {
        return false;
    };
    for part in others {
        match rest.split_once(part.as_str()) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    others.last().is_some_and(|last| text.ends_with(last.as_str()))
}

/// Every name in the tree and every line on the screen.
async fn reads_no_english(who: &Browser, chat: bool, english: &[Vec<String>], step: &str) -> Story {
    let tree = if chat {
        who.accessibility_tree().await?
    } else {
        who.accessibility_tree_of_the_page().await?
    };
    let names = tree
        .into_iter()
        .filter_map(|(_, name, _)| serde_json::from_str::<String>(&name).ok());
    let text = who.text().await?;
    let left: Vec<String> = names
        .chain(text.lines().map(str::to_owned))
        .filter(|text| english.iter().any(|sentence| says(text.trim(), sentence)))
        .collect();
    who.shows(step).await?;
    assert_eq!(left, [""; 0], "English, {step}");
    Ok(())
}

#[tokio::test]
async fn the_chat_speaks_french() -> Story {
    let mut world = World::of("french").await?;
    let english = english("widget/locales")?;
    let zoe = world.person_with("zoe", FRENCH).await?;
    zoe.goes_to(&world.server.url("/")).await?;
    zoe.clicks(Part::Button.named("Ouvrir le chat")).await?;
    zoe.sees(Part::Button.named("Fermer le chat")).await?;
    zoe.looks_into_the_chat().await?;
    zoe.sees(Part::Button.named("Envoyer")).await?;
    reads_no_english(&zoe, true, &english, "l'accueil").await?;
    let html = zoe.driver.find(By::Tag("html")).await?;
    assert_eq!(html.attr("lang").await?.as_deref(), Some("fr"));

    zoe.says("Bonjour").await?;
    zoe.sees(Part::Group.named("Réponses suggérées")).await?;
    zoe.sees(Part::Button.named("Parler à une personne")).await?;
    reads_no_english(&zoe, true, &english, "le bot").await?;
    zoe.clicks(Part::Button.named("Plus d’options")).await?;
    zoe.sees(Part::MenuItem.named("Télécharger la transcription"))
        .await?;
    reads_no_english(&zoe, true, &english, "les options").await?;
    zoe.presses(thirtyfour::Key::Escape).await?;

    world.server.kill()?;
    zoe.says("Vous êtes là ?").await?;
    zoe.sees_text("Pas de connexion").await?;
    reads_no_english(&zoe, true, &english, "hors ligne").await?;
    world.server.start().await?;
    zoe.reads("Vous êtes là ?", 1).await?;
    assert!(
        english
            .iter()
            .any(|sentence| says("Camille is typing…", sentence)),
        "the check knows a sentence with a value in it"
    );
    Ok(())
}

#[tokio::test]
async fn the_workspace_speaks_french() -> Story {
    let world = World::of("french_workspace").await?;
    let english = english("workspace/locales")?;
    let ada = world.person_with("ada", FRENCH).await?;
    let email = "ada@example.com";
    let add = [
        "agent",
        "add",
        "--name",
        "Ada",
        "--email",
        email,
        "--role",
        "admin",
        "--password-stdin",
    ];
    world.server.command(&add, "a few words in a row")?;
    ada.goes_to(&world.server.url("/workspace/")).await?;
    ada.sees(Part::Button.named("Se connecter")).await?;
    reads_no_english(&ada, false, &english, "la connexion").await?;
    let field = async |kind: &str| ada.driver.find(By::Css(format!("input[type={kind}]"))).await;
    field("email").await?.send_keys(email).await?;
    field("password").await?.send_keys("a few words in a row").await?;
    ada.clicks(Part::Button.named("Se connecter")).await?;
    ada.chooses("Disponibilité", "En ligne").await?;

    let zoe = world.person_with("zoe", FRENCH).await?;
    zoe.goes_to(&world.server.url("/")).await?;
    zoe.clicks(Part::Button.named("Ouvrir le chat")).await?;
    zoe.looks_into_the_chat().await?;
    zoe.says("Bonjour").await?;
    zoe.clicks(Part::Button.named("Parler à une personne")).await?;
    zoe.clicks(Part::Button.named("Passer")).await?;
    zoe.reads("Merci", 1).await?;
    ada.sees_text("#1").await?;
    reads_no_english(&ada, false, &english, "la liste").await?;
    ada.driver.find(By::PartialLinkText("#1")).await?.click().await?;
    ada.sees_text("Bonjour").await?;
    reads_no_english(&ada, false, &english, "le ticket").await?;
    for (tab, step) in [("macros", "les macros"), ("settings", "les réglages")] {
        ada.driver
            .find(By::Css(format!("a[href='#/{tab}']")))
            .await?
            .click()
            .await?;
        ada.sees(Part::Heading.named(if tab == "macros" { "Macros" } else { "Réglages" }))
            .await?;
        reads_no_english(&ada, false, &english, step).await?;
    }
    Ok(())
}
