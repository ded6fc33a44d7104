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
}
