//! A one-time link: it names the account, lets its owner in once, and says how to get another.

use causerie_tests::{Part, Story, World};

#[tokio::test]
async fn one_time_link() -> Story {
    let world = World::of("one_time_link").await?;
    let add = ["agent", "add", "--name", "Zoë", "--email", "zoe@example.com"];
    let link = |printed: &str| -> Story<String> {
        let at = printed.find("#/welcome/").ok_or("no link was printed")?;
        let token = printed[at..].split_whitespace().next().unwrap_or_default();
        Ok(world.server.url(&format!("/workspace/{token}")))
    };
    let first = link(&world.server.command(&add, "")?)?;

    let zoe = world.person("zoe").await?;
    zoe.goes_to(&first).await?;
    zoe.sees(Part::Heading.named("Welcome, Zoë")).await?;
    zoe.reloads().await?;
    zoe.sees(Part::Heading.named("Welcome, Zoë")).await?;
    let email = zoe.sees(Part::Textbox.named("Email")).await?;
    assert_eq!(email.value().await?.as_deref(), Some("zoe@example.com"));
    zoe.shows("the first password").await?;
    zoe.fills("Password", "a few words in a row").await?;
    zoe.clicks(Part::Button.named("Sign in")).await?;
    zoe.sees(Part::Combobox.named("Availability")).await?;

    let other = world.person("other").await?;
    other.goes_to(&first).await?;
    other.sees_text("was used already or is too old").await?;
    other.sees_text("causerie agent add").await?;
    other.sees_no(Part::Textbox.named("Email")).await?;
    other.shows("a spent link").await?;
    other.clicks(Part::Button.named("Go to sign-in")).await?;
    other.sees(Part::Textbox.named("Email")).await?;
    other.reloads().await?;
    other.sees(Part::Button.named("Sign in")).await?;
    other.sees_no(Part::Heading.named("Welcome, Zoë")).await?;

    // The password is lost: an admin makes another link, and the old sign-in is over with it.
    let second = link(&world.server.command(&add, "")?)?;
    other.goes_to("about:blank").await?;
    other.goes_to(&second).await?;
    other.sees(Part::Heading.named("Choose a new password")).await?;
    other.shows("a lost password").await?;
    other.fills("Password", "other words in a row").await?;
    other.clicks(Part::Button.named("Sign in")).await?;
    other.sees(Part::Combobox.named("Availability")).await?;
    zoe.sees_text("You are signed out").await?;
    Ok(())
}
