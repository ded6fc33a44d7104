//! How a person has set their browser up, and what their screen is like.

use serde_json::json;

use crate::{Browser, Story};

/// The settings of a browser, where they are not the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The language it asks pages for, and says its own words in.
    pub language: &'static str,
    /// Whether it refuses pages all storage.
    pub refuses_storage: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            language: "en-US,en",
            refuses_storage: false,
        }
    }
}

impl Browser {
    /// Prefers dark pages from here on, or light ones.
    pub async fn prefers(&self, scheme: &str) -> Story {
        let features = [json!({ "name": "prefers-color-scheme", "value": scheme })];
        let params = json!({ "features": features });
        let _: serde_json::Value = self.devtools("Emulation.setEmulatedMedia", params).await?;
        self.comes_to_rest().await
    }

    /// Has a window of this size from here on, however small.
    pub async fn is_of_size(&self, width: u32, height: u32) -> Story {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await
            .map(drop)
    }

    /// What it downloads lands in this story's own folder.
    pub async fn keeps_downloads(&self) -> Story<std::path::PathBuf> {
        let folder = self.folder().join("downloads");
        std::fs::create_dir_all(&folder)?;
        let params = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", params).await?;
        Ok(folder)
    }

    /// The tab that is looked at loses its network, or gets it back.
    pub async fn is_offline(&self, offline: bool) -> Story {
        self.devtools("Network.enable", json!({})).await?;
        let network =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", network)
            .await
            .map(drop)
    }

    /// The browser stops the tab that is looked at, as it does with one in the background to save power; or lets it go
    /// on.
    pub async fn is_frozen(&self, frozen: bool) -> Story {
        let state = json!({ "state": if frozen { "frozen" } else { "active" } });
        self.devtools("Page.setWebLifecycleState", state).await.map(drop)
    }

    /// Every document of this tab runs this before anything else.
    pub async fn runs_first(&self, script: &str) -> Story {
        let source = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source)
            .await
            .map(drop)
    }
}
