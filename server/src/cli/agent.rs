//! `causerie agent add`: a new agent, or a new way in for one who is there.

use std::io::BufRead as _;

use causerie_core::AgentId;
use causerie_core::agent::{Agent, Role};
use causerie_core::time::Span;
use clap::{Args, Subcommand, ValueEnum};

use super::place::{Opened, sign_in_link};
use super::{Done, Failure, print, tell, with_runtime};
use crate::config::Place;
use crate::password::hash_now;
use crate::secret;
use crate::store::{Change, Changed};

/// How long a sign-in link is good.
pub(super) const LINK: Span = Span::hours(48);

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Add an agent and print a one-time sign-in link; for one who is there, just a new link (a lost password)
    Add(Add),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// The name customers and colleagues see; for one who is there it may be left out, and stays
    #[arg(long)]
    name: Option<String>,
    /// The address to sign in with
    #[arg(long)]
    email: String,
    /// What they may do [default: agent]
    #[arg(long)]
    role: Option<RoleName>,
    /// A group to be in; made if there is none of that name
    #[arg(long)]
    group: Option<String>,
    /// Read a password from one line of stdin, instead of printing a link
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// Sees and sets everything
    Admin,
    /// Works on tickets
    Agent,
}

impl Command {
    pub(super) fn run(self) -> Done {
        match self {
            Self::Add(add) => with_runtime(add.run()),
        }
    }
}

impl Add {
    async fn run(self) -> Done {
        let name = self
            .name
            .as_deref()
            .map(|name| named("--name", name))
            .transpose()?;
        let email = address(&self.email)?;
        let group = self
            .group
            .as_deref()
            .map(|group| named("--group", group))
            .transpose()?;
        let password = if self.password_stdin {
            Some(hash_now(&first_line()?).map_err(Failure::new)?)
        } else {
            None
        };
        let role = self.role.map(|role| match role {
            RoleName::Admin => Role::Admin,
            RoleName::Agent => Role::Agent,
        });
        // Without a name it is about somebody who is there: in a wrong folder there is nobody.
        let opened = match name {
            Some(_) => Opened::or_made_at(&self.place).await?,
            None => Opened::at(&self.place).await?,
        };
        let was = opened.store().agent_by_email(&email).await?;
        let groups = opened.store().groups().await?;
        let Some(name) = name.or_else(|| was.as_ref().map(|was| was.agent.name.clone())) else {
            return Err(Failure::new(format!(
                "Nobody here has the address {email}. A new agent needs a --name."
            )));
        };
        let added = opened
            .change(Change::AddAgent {
                name,
                email,
                role,
                group: group.clone(),
            })
            .await?;
        let Changed::Agent(agent) = added else {
            return Err(Failure::new("The agent was not added."));
        };
        let groups: Vec<String> = groups.into_iter().map(|(_, name)| name).collect();
        if let Some(group) = group
            .as_deref()
            .filter(|name| !groups.iter().any(|it| it == name))
        {
            tell(made(group, &groups));
        }
        let with_password = password.is_some();
        let link = match password {
            Some(hash) => {
                opened.change(Change::SetPassword { agent, hash }).await?;
                None
            }
            None => Some(link(&opened, agent).await?),
        };
        if let (Some(was), Some(is)) = (was, opened.store().agent(agent).await?) {
            // Beside what was asked for, which stays alone on stdout for scripts.
            let news = known(&was.agent, &is.agent, group.as_deref(), with_password);
            tell(news);
        }
        link.map_or(Ok(()), print)
    }
}

/// What is said of a group that was not there before: it may be one that was, by another spelling.
fn made(group: &str, others: &[String]) -> String {
    if others.is_empty() {
        format!("The group {group} is made: it is the first one.")
    } else {
        format!(
            "The group {group} is made, for there was none of that name. There are also: {}.",
            others.join(", ")
        )
    }
}

/// What is said of somebody who was there before: what they get, and what has changed.
fn known(was: &Agent, is: &Agent, group: Option<&str>, with_password: bool) -> String {
    let gets = if with_password {
        "a new password; whoever was signed in with the old one is signed out"
    } else {
        "a new sign-in link; those from before are void"
    };
    let mut changed = Vec::new();
    if was.name != is.name {
        changed.push(format!("the name, from {} to {}", was.name, is.name));
    }
    if was.role != is.role {
        changed.push(format!(
            "the role, from {} to {}",
            role_name(was.role),
            role_name(is.role)
        ));
    }
    if let Some(group) = group.filter(|_| was.groups != is.groups) {
        changed.push(format!("the groups, with {group}"));
    }
    let changed = if changed.is_empty() {
        "Nothing else is changed.".to_owned()
    } else {
        format!("Changed as well: {}.", changed.join("; "))
    };
    format!("{} is here already: {gets}. {changed}", is.name)
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Agent => "agent",
    }
}

/// Opens a one-time link for an agent; those from before are void.
async fn link(opened: &Opened, agent: AgentId) -> Result<String, Failure> {
    let token = secret::fresh()?;
    let until = opened.clock().now().after(LINK);
    opened
        .change(Change::OpenLink {
            agent,
            token: secret::hash(&token),
            until,
        })
        .await?;
    Ok(sign_in_link(&opened.reached().workspace, &token))
}

/// A name as it may be kept: one line, not blank, at most 100 characters.
pub(super) fn named(flag: &str, text: &str) -> Result<String, Failure> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Failure::new(format!(
            "{flag}: a name is one line of 1 to 100 characters"
        )));
    }
    Ok(name.to_owned())
}

fn address(text: &str) -> Result<String, Failure> {
    let email = text.trim();
    let (user, host) = email.split_once('@').unwrap_or_default();
    let is_one = !user.is_empty() && !host.is_empty() && !host.contains('@') && email.len() <= 254;
    if is_one && !email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Ok(email.to_owned())
    } else {
        Err(Failure::new(format!("--email {text}: this is no email address")))
    }
}

fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|fault| Failure::new(format!("--password-stdin: {fault}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_are_taken() {
        assert!(address("ada@example.com").is_ok());
        assert!(address("admin@localhost").is_ok());
        for wrong in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a da@example.com",
            "ada@b@c",
            "ada@example.com\nBcc: x",
        ] {
            assert!(address(wrong).is_err(), "{wrong:?}");
        }
    }
}
