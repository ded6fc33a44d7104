//! The workspace on a phone: the list, the ticket, the composer and the details, each in sight when it is wanted.

use causerie_tests::{Part, Story, World};

#[tokio::test]
async fn phone_desk() -> Story {
    let world = World::of("phone_desk").await?;
    let (ada, visitor) = world.ada_and_a_visitor().await?;
    visitor.says("Where is my order? It was due on Monday").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await?;

    for (width, height) in [(375, 667), (320, 568)] {
        ada.is_of_size(width, height).await?;
        for part in [
            Part::Navigation.named("Views"),
            Part::List.named("Tickets"),
            Part::Link.named("Settings"),
            Part::Button.named("Sign out"),
            Part::Button.named("Agents"),
            Part::Group.named("Capacity"),
        ] {
            ada.sees_whole(part).await?;
        }
        ada.shows(&format!("the list at {width}")).await?;
        ada.opens_ticket(1).await?;
        for part in [
            Part::Link.named("Back"),
            Part::Group.named("Capacity"),
            Part::Combobox.named("Availability"),
            Part::Combobox.named("Status"),
            Part::Tab.named("Events"),
            Part::Log.named("Conversation"),
            Part::Radio.named("Messaging"),
            Part::Radio.named("Internal note"),
            Part::Textbox.named("Reply"),
            Part::Button.named("Apply macro"),
            Part::Button.named("End session"),
            Part::Button.named("Send"),
        ] {
            ada.sees_whole(part).await?;
        }
        ada.shows(&format!("the ticket at {width}")).await?;
        ada.clicks(Part::Button.named("Details")).await?;
        for part in [
            Part::Combobox.named("Status"),
            Part::Combobox.named("Assignee"),
            Part::Combobox.named("Group"),
            Part::Combobox.named("Priority"),
            Part::Textbox.named("Tags"),
        ] {
            ada.sees_whole(part).await?;
        }
        ada.sees_no(Part::Textbox.named("Reply")).await?;
        ada.shows(&format!("the details at {width}")).await?;
        ada.clicks(Part::Button.named("Details")).await?;
        ada.sees_no(Part::Combobox.named("Assignee")).await?;
        ada.sees_whole(Part::Textbox.named("Reply")).await?;
        ada.clicks(Part::Link.named("Back")).await?;
        ada.sees(Part::List.named("Tickets")).await?;
    }

    ada.opens_ticket(1).await?;
    ada.ends_the_session().await?;
    ada.sees_text("Session ended by Ada").await?;
    for part in [
        Part::Radio.named("Internal note"),
        Part::Textbox.named("Reply"),
        Part::Button.named("Send"),
    ] {
        ada.sees_whole(part).await?;
    }
    ada.shows("after the end").await?;
    Ok(())
}
