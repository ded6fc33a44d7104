//! The data that a command works on, also while a server runs on it: a command's change is one short transaction,
//! and a server reads it with its next look.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::Failure;
use crate::addresses::Addresses;
use crate::clock::Clock;
use crate::config::Place;
use crate::store::{Change, Changed, Store};

/// The file in the data folder that says where the server was reached last, so that commands print whole links.
const ADDRESS: &str = "address.json";

/// The data, opened.
#[derive(Debug)]
pub(super) struct Opened {
    store: Store,
    clock: Clock,
    folder: PathBuf,
}

/// Where the server is reached.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reached {
    /// The workspace's origin.
    pub(super) workspace: String,
    /// The origin that serves the loader.
    pub(super) widget: String,
    /// The origin of the frame.
    #[serde(default)]
    pub(super) frame: String,
}

impl Opened {
    /// The data that is there: a command about something that is there already makes none in a wrong folder.
    pub(super) async fn at(place: &Place) -> Result<Self, Failure> {
        let store = Store::open_existing(&place.database()?).await?;
        Ok(Self::over(store, place))
    }

    /// The data, made where there is none: somebody may be added before the first start.
    pub(super) async fn or_made_at(place: &Place) -> Result<Self, Failure> {
        let database = place.database()?;
        let is_new = !database.is_file();
        let store = Store::open(&database).await?;
        if is_new {
            // A server that runs elsewhere knows nothing of it.
            let folder = place.folder();
            let _ = writeln!(
                std::io::stderr(),
                "New data is made in {}. If there is a server already, give its folder with --data.",
                folder.display()
            );
        }
        Ok(Self::over(store, place))
    }

    fn over(store: Store, place: &Place) -> Self {
        Self {
            store,
            clock: Clock::default(),
            folder: place.folder(),
        }
    }

    /// Reads.
    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    pub(super) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Makes a change, or says why it is refused.
    pub(super) async fn change(&self, change: Change) -> Result<Changed, Failure> {
        self.store
            .change(change, &self.clock)
            .await?
            .map_err(Failure::new)
    }

    pub(super) fn reached(&self) -> Reached {
        Reached::read(&self.folder)
    }
}

impl Reached {
    /// From what the operator sets in the environment, else from what the server wrote down, else the defaults.
    fn read(folder: &Path) -> Self {
        let written: Option<Self> = std::fs::read_to_string(folder.join(ADDRESS))
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok());
        let of = |name: &str| std::env::var(name).ok().and_then(|url| url.parse().ok());
        let set = |name| of(name).map(|origin: crate::origin::Origin| origin.to_string());
        let workspace = set("CAUSERIE_PUBLIC_URL")
            .or_else(|| written.as_ref().map(|written| written.workspace.clone()))
            .unwrap_or_else(|| "http://127.0.0.1:7878".to_owned());
        let set_widget = set("CAUSERIE_WIDGET_URL");
        let written_frame = written.as_ref().map(|written| written.frame.clone());
        let widget = set_widget
            .clone()
            .or_else(|| written.map(|written| written.widget))
            .unwrap_or_else(|| workspace.clone());
        let frame = set_widget
            .or(written_frame.filter(|frame| !frame.is_empty()))
            .unwrap_or_else(|| widget.clone());
        Self {
            workspace,
            widget,
            frame,
        }
    }

    /// Writes it down for the commands.
    pub(super) fn write(addresses: &Addresses, folder: &Path) -> std::io::Result<()> {
        let reached = Self {
            workspace: addresses.public().to_string(),
            widget: addresses.embed().to_string(),
            frame: addresses.frame(&HeaderMap::new()).to_string(),
        };
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(ADDRESS), serde_json::to_string(&reached)?)
    }
}

/// The address of a one-time sign-in link. The token is behind the `#`: no server and no log sees it.
pub(super) fn sign_in_link(workspace: &str, token: &str) -> String {
    format!("{workspace}/workspace/#/welcome/{token}")
}
