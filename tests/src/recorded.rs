//! What can't be seen on a screen: the frames a page hears, its accessibility tree, its pixels.

use std::fmt;
use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use thirtyfour::common::command::{Command, ExtensionCommand};

use crate::wait::until;
use crate::{Browser, Story};

impl Browser {
    /// Every frame that this window's sockets have received so far, as text.
    pub async fn frames_received(&self) -> Story<Vec<String>> {
        let log: Vec<Value> = self
            .extension("/se/log", json!({ "type": "performance" }))
            .await?;
        let mut recorded = self.recorded.lock().await;
        for entry in &log {
            let Some(message) = entry["message"].as_str() else {
                continue;
            };
            let event = &serde_json::from_str::<Value>(message)?["message"];
            if event["method"] == "Network.webSocketFrameReceived"
                && let Some(payload) = event["params"]["response"]["payloadData"].as_str()
            {
                recorded.push(payload.to_owned());
            }
        }
        Ok(recorded.clone())
    }

    /// What the window's console has shown since it was asked last, frames included: warnings and errors.
    pub async fn console(&self) -> Story<Vec<String>> {
        let log: Vec<Value> = self.extension("/se/log", json!({ "type": "browser" })).await?;
        let said = |entry: Value| entry["message"].as_str().map(str::to_owned);
        Ok(log.into_iter().filter_map(said).collect())
    }

    /// The chat's accessibility tree: each node's role, name and value, in order.
    pub async fn accessibility_tree(&self) -> Story<Vec<(String, String, String)>> {
        let frames: Value = self.devtools("Page.getFrameTree", json!({})).await?;
        let chat = &frames["frameTree"]["childFrames"][0]["frame"]["id"];
        self.tree(json!({ "frameId": chat })).await
    }

    /// The page's own accessibility tree, without the chat's.
    pub async fn accessibility_tree_of_the_page(&self) -> Story<Vec<(String, String, String)>> {
        self.tree(json!({})).await
    }

    async fn tree(&self, of: Value) -> Story<Vec<(String, String, String)>> {
        let tree: Value = self.devtools("Accessibility.getFullAXTree", of).await?;
        let nodes = tree["nodes"].as_array().ok_or("no accessibility tree")?;
        let say = |node: &Value, what: &str| node[what]["value"].to_string();
        Ok(nodes
            .iter()
            .filter(|node| node["ignored"] != true)
            .map(|node| (say(node, "role"), say(node, "name"), say(node, "value")))
            .collect())
    }

    /// The window's pixels at rest: nothing has the focus, for a caret blinks, and nothing moves any more.
    pub async fn picture(&self) -> Story<Vec<u8>> {
        self.driver
            .execute("document.activeElement?.blur()", Vec::new())
            .await?;
        self.comes_to_rest().await?;
        Ok(self.driver.screenshot_as_png().await?)
    }

    /// Waits until nothing moves any more.
    pub(crate) async fn comes_to_rest(&self) -> Story {
        until("all transitions to be over", async || {
            let moving = "return document.getAnimations().length;";
            let count: usize = self.driver.execute(moving, Vec::new()).await?.convert()?;
            Ok((count == 0).then_some(()))
        })
        .await
    }

    pub(crate) async fn devtools(&self, method: &str, params: Value) -> Story<Value> {
        self.extension("/goog/cdp/execute", json!({ "cmd": method, "params": params }))
            .await
    }

    async fn extension<T: serde::de::DeserializeOwned>(&self, path: &str, body: Value) -> Story<T> {
        let ask = Extension {
            path: path.to_owned(),
            body,
        };
        Ok(self
            .driver
            .handle()
            .cmd(Command::ExtensionCommand(Box::new(ask)))
            .await?
            .value()?)
    }
}

/// A command of this browser alone.
struct Extension {
    path: String,
    body: Value,
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)
    }
}

impl ExtensionCommand for Extension {
    fn parameters_json(&self) -> Option<Value> {
        Some(self.body.clone())
    }

    fn method(&self) -> Method {
        Method::POST
    }

    fn endpoint(&self) -> Arc<str> {
        self.path.clone().into()
    }
}
