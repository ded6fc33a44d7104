//! A story's world: a server, a driver, a folder for the pictures.

use std::fs;
use std::path::{Path, PathBuf};

use crate::driver::Driver;
use crate::{Browser, Server, Setup, Story};

/// Everything a story needs; all of it ends with it.
#[derive(Debug)]
pub struct World {
    /// The server under test.
    pub server: Server,
    driver: Driver,
    folder: PathBuf,
}

impl World {
    /// A fresh world for the story of this name, its server started.
    pub async fn of(story: &str) -> Story<Self> {
        Self::with(story, &[]).await
    }

    /// The same, with more arguments for `causerie serve`; paths in them are taken from the project's root.
    pub async fn with(story: &str, args: &[&str]) -> Story<Self> {
        let folder = Self::fresh_folder(story)?;
        let mut server = Server::new(&folder)?;
        server.takes(args);
        Self::around(server, folder).await
    }

    /// A world around the server that `cargo xtask serve` became, where the tests were told of one; else a fresh one.
    pub async fn as_served(story: &str) -> Story<Self> {
        let folder = Self::fresh_folder(story)?;
        Self::around(Server::found_or_new(&folder)?, folder).await
    }

    fn fresh_folder(story: &str) -> Story<PathBuf> {
        let folder = Self::root().join("target/stories").join(story);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    async fn around(mut server: Server, folder: PathBuf) -> Story<Self> {
        server.start().await?;
        Ok(Self {
            server,
            driver: Driver::start(&folder).await?,
            folder,
        })
    }

    /// A person with a browser of their own; `name` goes into the names of their pictures.
    pub async fn person(&self, name: &str) -> Story<Browser> {
        self.person_with(name, Setup::default()).await
    }

    /// The same, with a browser set up in a way of their own.
    pub async fn person_with(&self, name: &str, setup: Setup) -> Story<Browser> {
        Ok(Browser::new(
            self.driver.browser(setup).await?,
            name,
            &self.folder,
        ))
    }

    /// Ada, an admin who is online, and a visitor with the chat open.
    pub async fn ada_and_a_visitor(&self) -> Story<(Browser, Browser)> {
        self.ada_and_a_visitor_at(|path| self.server.url(path)).await
    }

    /// The same, both by another address than the server's own.
    pub async fn ada_and_a_visitor_at(&self, address: impl Fn(&str) -> String) -> Story<(Browser, Browser)> {
        let ada = self.person("ada").await?;
        ada.signs_in_at(&address("/workspace/"), &self.server, "Ada", "admin")
            .await?;
        ada.chooses("Availability", "Online").await?;
        let visitor = self.person("visitor").await?;
        visitor.goes_to(&address("/")).await?;
        visitor.opens_the_chat().await?;
        Ok((ada, visitor))
    }

    /// The project's root folder.
    #[must_use]
    pub fn root() -> &'static Path {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.parent().unwrap_or(here)
    }
}
