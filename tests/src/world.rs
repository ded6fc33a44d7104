//! A story's world: a server, a driver, a folder for the pictures.

use std::fs;
use std::path::{Path, PathBuf};

use crate::driver::Driver;
use crate::{Browser, Server, Story};

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
        let folder = Self::root().join("target/stories").join(story);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let mut server = Server::new(&folder)?;
        server.takes(args);
        server.start().await?;
        Ok(Self {
            server,
            driver: Driver::start(&folder).await?,
            folder,
        })
    }

    /// A person with a browser of their own; `name` goes into the names of their pictures.
    pub async fn person(&self, name: &str) -> Story<Browser> {
        Ok(Browser::new(self.driver.browser().await?, name, &self.folder))
    }

    /// The project's root folder.
    #[must_use]
    pub fn root() -> &'static Path {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.parent().unwrap_or(here)
    }
}
