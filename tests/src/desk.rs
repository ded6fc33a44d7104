//! What an agent does at their desk, in the workspace.

use thirtyfour::{By, Key};

use crate::wait::until;
use crate::{Browser, Part, Server, Story};

/// Every agent's password in the stories.
const PASSWORD: &str = "a few words in a row";

impl Browser {
    /// Is added by the command line as this agent, and signs in by email and password.
    pub async fn signs_in(&self, server: &Server, name: &str, role: &str) -> Story {
        self.signs_in_at(&server.url("/workspace/"), server, name, role)
            .await
    }

    /// The same, at a workspace that is reached under another address than the server's own.
    pub async fn signs_in_at(&self, workspace: &str, server: &Server, name: &str, role: &str) -> Story {
        let email = format!("{}@example.com", name.to_lowercase());
        server.command(
            &[
                "agent",
                "add",
                "--name",
                name,
                "--email",
                &email,
                "--role",
                role,
                "--password-stdin",
            ],
            PASSWORD,
        )?;
        self.goes_to(workspace).await?;
        self.fills("Email", &email).await?;
        self.fills("Password", PASSWORD).await?;
        self.clicks(Part::Button.named("Sign in")).await?;
        self.sees(Part::Combobox.named("Availability")).await.map(drop)
    }

    /// Writes into a textbox, after what is in it.
    pub async fn fills(&self, textbox: &str, text: &str) -> Story {
        let part = if textbox == "Password" {
            // A password field has no role of its own.
            self.driver.find(By::Css("input[type=password]")).await?
        } else {
            self.sees(Part::Textbox.named(textbox)).await?
        };
        Ok(part.send_keys(text).await?)
    }

    /// Chooses an option of a combobox by its words.
    pub async fn chooses(&self, combobox: &str, option: &str) -> Story {
        let part = Part::Combobox.named(combobox);
        until(&format!("\"{option}\" in {part}"), async || {
            let select = self.sees(part).await?;
            for each in select.find_all(By::Css("option")).await? {
                if each.text().await?.trim() == option {
                    each.click().await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// What a combobox shows as chosen.
    pub async fn chosen(&self, combobox: &str) -> Story<String> {
        let select = self.sees(Part::Combobox.named(combobox)).await?;
        let value = select.value().await?.unwrap_or_default();
        for each in select.find_all(By::Css("option")).await? {
            if each.value().await?.as_deref() == Some(&value) {
                return Ok(each.text().await?.trim().to_owned());
            }
        }
        Err(format!("\"{combobox}\" shows nothing").into())
    }

    /// Opens a ticket from the list, under the view that is chosen.
    pub async fn opens_ticket(&self, number: u32) -> Story {
        let wanted = format!("#{number}");
        until(&format!("ticket #{number} in the list"), async || {
            for link in self
                .driver
                .find_all(By::Css("ul[aria-label='Tickets'] a"))
                .await?
            {
                if link.text().await?.split_whitespace().next() == Some(&wanted) {
                    link.click().await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await?;
        self.sees(Part::Log.named("Conversation")).await.map(drop)
    }

    /// Chooses a view by the beginning of its name.
    pub async fn looks_at_view(&self, name: &str) -> Story {
        until(&format!("the view \"{name}\""), async || {
            for link in self
                .driver
                .find_all(By::Css("nav[aria-label='Views'] :is(a, button)"))
                .await?
            {
                if link.text().await?.starts_with(name) {
                    link.click().await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Writes a reply on the channel that is chosen, and sends it.
    pub async fn replies(&self, text: &str) -> Story {
        let box_ = self.sees(Part::Textbox.named("Reply")).await?;
        box_.send_keys(text).await?;
        self.clicks(Part::Button.named("Send")).await
    }

    /// Ends the session of the open ticket, and confirms.
    pub async fn ends_the_session(&self) -> Story {
        self.clicks(Part::Button.named("End session")).await?;
        self.sees(Part::Dialog.named("End this session?")).await?;
        self.shows("End this session?").await?;
        until("the dialog to be confirmed", async || {
            for button in self.driver.find_all(By::Css("dialog[open] button")).await? {
                if button.text().await? == "End session" {
                    button.click().await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Waits until this text stands somewhere on the page.
    pub async fn sees_text(&self, text: &str) -> Story {
        until(&format!("\"{text}\" on the page"), async || {
            let body = self.driver.find(By::Tag("body")).await?;
            Ok(body.text().await?.contains(text).then_some(()))
        })
        .await
    }

    /// All the text on the page.
    pub async fn text(&self) -> Story<String> {
        Ok(self.driver.find(By::Tag("body")).await?.text().await?)
    }

    /// Presses a key in the part that has the focus.
    pub async fn presses(&self, key: Key) -> Story {
        Ok(self.driver.active_element().await?.send_keys(key + "").await?)
    }
}
