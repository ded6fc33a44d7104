//! What the operator may set: by flag, else by the environment, else in a TOML file, else the default.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use crate::origin::Origin;

/// Where the data lies; every command takes it.
#[derive(Args, Clone, Default, Debug, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The data folder [default: ./data]
    #[arg(long, env = "CAUSERIE_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Another database than the data folder's own, such as sqlite:///var/lib/causerie.db
    #[arg(long, env = "CAUSERIE_DATABASE", value_name = "URL")]
    pub database: Option<String>,
}

/// The flags of `causerie serve`, and the keys of its file.
#[derive(Args, Clone, Default, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServeFlags {
    /// The data folder [default: ./data]
    #[arg(long, env = "CAUSERIE_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// sqlite://PATH; without it, a file in the data folder
    #[arg(long, env = "CAUSERIE_DATABASE", value_name = "URL")]
    database: Option<String>,
    /// The address to listen on [default: 127.0.0.1:7878]
    #[arg(long, env = "CAUSERIE_LISTEN", value_name = "ADDR", value_parser = address_to_listen_on)]
    listen: Option<SocketAddr>,
    /// How nodes tell each other of news: local
    #[arg(long, env = "CAUSERIE_NOTIFIER", value_name = "URL")]
    notifier: Option<String>,
    /// Where people reach the workspace: its origin, scheme included
    #[arg(long, env = "CAUSERIE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Where browsers reach the widget's frame: a host name of its own
    #[arg(long, env = "CAUSERIE_WIDGET_URL", value_name = "URL")]
    widget_url: Option<String>,
    /// Where browsers reach uploaded files: a host name of its own
    #[arg(long, env = "CAUSERIE_FILES_URL", value_name = "URL")]
    files_url: Option<String>,
    /// The bot's flow [default: the one that is shipped]
    #[arg(long, env = "CAUSERIE_FLOW", value_name = "FILE")]
    flow: Option<PathBuf>,
    /// Also serve a demo shop at /
    #[arg(long, env = "CAUSERIE_DEMO", value_parser = clap::builder::FalseyValueParser::new())]
    demo: bool,
    /// A TOML file with any of these settings, named as the flags
    #[arg(long, env = "CAUSERIE_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
}

/// Everything the operator has set, or left at its default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The data folder.
    pub data: PathBuf,
    /// The SQLite file.
    pub database: PathBuf,
    /// Where people reach the workspace.
    pub public_url: Option<Origin>,
    /// Where browsers reach the widget's frame.
    pub widget_url: Option<Origin>,
    /// Where browsers reach uploaded files.
    pub files_url: Option<Origin>,
    /// The bot's flow; none for the one that is shipped.
    pub flow: Option<PathBuf>,
    /// Whether there is a demo shop.
    pub demo: bool,
}

/// What is wrong with the settings: one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigFault(String);

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigFault {}

/// Reads what `--listen` names. `localhost` is a name, and what is listened on is an address: it is taken for 127.0.0.1.
fn address_to_listen_on(text: &str) -> Result<SocketAddr, String> {
    let text = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    text.parse().map_err(|_| {
        "an address and a port are needed, as in 127.0.0.1:7878 (this machine alone) or 0.0.0.0:7878 (from anywhere)"
            .to_owned()
    })
}

impl Place {
    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from("data"))
    }

    /// Whether somebody has said where the data is.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        self.data.is_some() || self.database.is_some()
    }

    /// The SQLite file.
    ///
    /// # Errors
    /// When the database is none that this build knows.
    pub fn database(&self) -> Result<PathBuf, ConfigFault> {
        match self.database.as_deref() {
            None => Ok(self.folder().join("causerie.db")),
            Some(url) => match url.strip_prefix("sqlite://") {
                Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
                Some(_) => Err(ConfigFault(format!("--database {url}: the path is missing"))),
                None => Err(ConfigFault(format!(
                    "--database {url}: this version knows sqlite://PATH only"
                ))),
            },
        }
    }
}

impl ServeFlags {
    /// Flags and environment over the file over the defaults.
    ///
    /// # Errors
    /// What is wrong with which setting.
    pub fn resolve(self) -> Result<Config, ConfigFault> {
        let file = match &self.config {
            None => Self::default(),
            Some(path) => Self::read(path)?,
        };
        let place = Place {
            data: self.data.or(file.data),
            database: self.database.or(file.database),
        };
        match self.notifier.or(file.notifier).as_deref() {
            None | Some("local") => {}
            Some(other) => {
                return Err(ConfigFault(format!(
                    "--notifier {other}: this version knows local only"
                )));
            }
        }
        let origin = |name: &str, value: Option<String>| match value {
            None => Ok(None),
            Some(text) => text
                .parse::<Origin>()
                .map(Some)
                .map_err(|fault| ConfigFault(format!("{name} {fault}"))),
        };
        Ok(Config {
            listen: self
                .listen
                .or(file.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7878))),
            data: place.folder(),
            database: place.database()?,
            public_url: origin("--public-url", self.public_url.or(file.public_url))?,
            widget_url: origin("--widget-url", self.widget_url.or(file.widget_url))?,
            files_url: origin("--files-url", self.files_url.or(file.files_url))?,
            flow: self.flow.or(file.flow),
            demo: self.demo || file.demo,
        })
    }

    fn read(path: &Path) -> Result<Self, ConfigFault> {
        let wrong = |why: &dyn fmt::Display| ConfigFault(format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|fault| wrong(&fault))?;
        toml::from_str(&text).map_err(|fault| {
            let line = fault
                .span()
                .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            wrong(&format!("line {line}: {}", fault.message()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_loopback_and_a_data_folder_here() {
        let config = ServeFlags::default().resolve().unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:7878");
        assert_eq!(config.database, PathBuf::from("data/causerie.db"));
        assert!(!config.demo);
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("causerie.toml");
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:9000\"\npublic-url = \"https://help.example\"\n",
        )
        .unwrap();
        let flags = ServeFlags {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 9001))),
            config: Some(file),
            ..ServeFlags::default()
        };
        let config = flags.resolve().unwrap();
        assert_eq!(config.listen.port(), 9001);
        assert_eq!(config.public_url.unwrap().as_str(), "https://help.example");
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("causerie.toml");
        std::fs::write(&file, "demo = true\nlissten = \"x\"\n").unwrap();
        let flags = ServeFlags {
            config: Some(file),
            ..ServeFlags::default()
        };
        let fault = flags.resolve().unwrap_err().to_string();
        assert!(fault.contains("line 2"), "{fault}");
        assert!(fault.contains("lissten"), "{fault}");
    }

    #[test]
    fn databases_and_notifiers_of_later_versions_are_refused_by_name() {
        let flags = ServeFlags {
            database: Some("postgres://x".to_owned()),
            ..ServeFlags::default()
        };
        assert!(flags.resolve().unwrap_err().to_string().contains("postgres://x"));
        let flags = ServeFlags {
            notifier: Some("nats://x".to_owned()),
            ..ServeFlags::default()
        };
        assert!(flags.resolve().unwrap_err().to_string().contains("nats://x"));
    }
}
