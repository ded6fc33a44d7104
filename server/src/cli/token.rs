//! `causerie token create` and `causerie key create`: secrets for machines, shown once.

use clap::{Args, Subcommand, ValueEnum};

use super::agent::named;
use super::place::Opened;
use super::{Done, Failure, print, with_runtime};
use crate::config::Place;
use crate::secret;
use crate::store::{Change, KeyScope, Site};

#[derive(Subcommand, Debug)]
pub(super) enum TokenCommand {
    /// Print a token for the Support API; it speaks for one agent
    Create(TokenCreate),
}

#[derive(Args, Debug)]
pub(super) struct TokenCreate {
    /// The agent it speaks for
    #[arg(long)]
    email: String,
    /// What it is for
    #[arg(long)]
    name: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand, Debug)]
pub(super) enum KeyCommand {
    /// Print a key of a site: its id and its secret
    Create(KeyCreate),
}

#[derive(Args, Debug)]
pub(super) struct KeyCreate {
    /// The site's key
    #[arg(long, value_name = "KEY")]
    site: String,
    /// What it is for
    #[arg(long)]
    scope: Scope,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Scope {
    /// Signs end users' tokens
    User,
    /// Opens the Conversations API
    App,
}

impl TokenCommand {
    pub(super) fn run(self) -> Done {
        match self {
            Self::Create(create) => with_runtime(create.run()),
        }
    }
}

impl KeyCommand {
    pub(super) fn run(self) -> Done {
        match self {
            Self::Create(create) => with_runtime(create.run()),
        }
    }
}

impl TokenCreate {
    async fn run(self) -> Done {
        let name = named("--name", &self.name)?;
        let opened = Opened::at(&self.place).await?;
        let email = self.email.trim();
        if opened.store().agent_by_email(email).await?.is_none() {
            return Err(Failure::new(format!(
                "No agent here has the address {email}. Give the one that an agent signs in with, or add them first: \
                 causerie agent add --name NAME --email {email}"
            )));
        }
        let token = secret::fresh()?;
        let change = Change::AddToken {
            email: self.email,
            name,
            token: secret::hash(&token),
        };
        opened.change(change).await?;
        print(token)
    }
}

impl KeyCreate {
    async fn run(self) -> Done {
        let opened = Opened::at(&self.place).await?;
        if opened.store().site(&self.site).await?.is_none() {
            return Err(unknown_site(&self.site, &opened.store().sites().await?));
        }
        let (kid, secret) = (format!("key_{}", &secret::fresh()?[..24]), secret::fresh()?);
        let scope = match self.scope {
            Scope::User => KeyScope::User,
            Scope::App => KeyScope::App,
        };
        opened
            .change(Change::AddKey {
                site: self.site,
                kid: kid.clone(),
                scope,
                secret: secret.clone(),
            })
            .await?;
        print(format_args!("kid: {kid}"))?;
        print(format_args!("secret: {secret}"))
    }
}

fn unknown_site(key: &str, sites: &[Site]) -> Failure {
    let there: Vec<String> = sites
        .iter()
        .map(|it| format!("{} (“{}”)", it.key, it.name))
        .collect();
    Failure::new(if there.is_empty() {
        format!("No site here has the key {key}, and there is none yet: causerie site add makes one.")
    } else {
        format!(
            "No site here has the key {key}. Give one of these: {}.",
            there.join(", ")
        )
    })
}
