//! `causerie site add`: a site that may embed the widget, and the tag that does it.

use std::io::Write as _;

use clap::{Args, Subcommand};

use super::agent::named;
use super::place::{Opened, Reached};
use super::{Done, Failure, print, with_runtime};
use crate::config::Place;
use crate::origin::Origin;
use crate::secret;
use crate::store::Change;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Add a site and print the tag for its pages
    Add(Add),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// What people call it
    #[arg(long)]
    name: String,
    /// From where its pages may embed the widget, scheme included; may be given again
    #[arg(
        long = "origin",
        value_name = "ORIGIN",
        required = true,
        value_delimiter = ','
    )]
    origins: Vec<String>,
    #[command(flatten)]
    place: Place,
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
        let name = named("--name", &self.name)?;
        let mut origins = Vec::new();
        for text in &self.origins {
            let origin = Origin::of_site(text).map_err(|fault| Failure::new(format!("--origin {fault}")))?;
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        let opened = Opened::at(&self.place).await?;
        let key = secret::fresh()?[..20].to_owned();
        let origins = origins.into_iter().map(String::from).collect();
        opened
            .change(Change::AddSite {
                key: key.clone(),
                name,
                origins,
            })
            .await?;
        let Reached {
            widget: host, frame, ..
        } = opened.reached();
        print(format_args!(
            "<script id=\"ze-snippet\" src=\"{host}/widget.js?key={key}\" async></script>"
        ))?;
        // With stderr closed there is nobody to tell.
        let _ = writeln!(
            std::io::stderr(),
            "A page with a Content-Security-Policy needs these two entries: script-src {host}; frame-src {frame}"
        );
        Ok(())
    }
}
