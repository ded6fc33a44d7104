//! chromedriver, and the browsers it opens.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

use crate::port;
use crate::wait::until;
use crate::{Setup, Story};

/// `--disable-site-isolation-trials` keeps the chat's frame in the page's process: chromedriver can compute no role
/// or name in a frame of another process. Origins and policies are as strict as ever.
const FLAGS: [&str; 10] = [
    "--disable-site-isolation-trials",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
];

/// A running chromedriver; it and its browsers end with it.
#[derive(Debug)]
pub(crate) struct Driver {
    port: u16,
    child: Child,
}

impl Driver {
    pub(crate) async fn start(folder: &Path) -> Story<Self> {
        let port = port::free()?;
        let log = File::create(folder.join("chromedriver.log"))?;
        let child = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map_err(|fault| format!("chromedriver: {fault} (`cargo xtask test` installs it)"))?;
        let driver = Self { port, child };
        until("chromedriver to be ready", async || {
            Ok((port::status(port, "/status").await? == 200).then_some(()))
        })
        .await?;
        Ok(driver)
    }

    /// A browser with a fresh profile.
    pub(crate) async fn browser(&self, setup: Setup) -> Story<WebDriver> {
        let mut wanted = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wanted.add_arg(flag)?;
        }
        if std::env::var_os("CAUSERIE_HEADED").is_none() {
            wanted.add_arg("--headless")?;
        }
        wanted.add_arg("--window-size=1280,860")?;
        let Setup {
            language,
            refuses_storage,
        } = setup;
        let own = language.split(',').next().unwrap_or(language);
        wanted.add_arg(&format!("--lang={own}"))?;
        // What a page stores, cookies and all, goes by one setting: 1 allows it, 2 refuses it.
        let stores = if refuses_storage { 2 } else { 1 };
        let prefs = json!({
            "intl.accept_languages": language,
            "profile.default_content_setting_values.cookies": stores,
        });
        wanted.add_experimental_option("prefs", prefs)?;
        // What the page hears over its sockets, for stories that search it.
        wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
        Ok(WebDriver::new(format!("http://127.0.0.1:{}", self.port), wanted).await?)
    }
}

impl Drop for Driver {
    /// Asks it to end, for then it ends its browsers too; kills it when it does not.
    fn drop(&mut self) {
        let port = self.port;
        let asked = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).and_then(|mut socket| {
            socket.set_read_timeout(Some(Duration::from_secs(5)))?;
            write!(
                socket,
                "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
            )?;
            socket.read_to_end(&mut Vec::new())
        });
        let deadline = Instant::now() + Duration::from_secs(if asked.is_ok() { 5 } else { 0 });
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
