//! Somebody's page, of an origin of its own and with a policy of its own, that embeds the widget.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Story, port};

/// A tiny web server with one page; it ends with it.
#[derive(Debug)]
pub struct HostPage {
    port: u16,
    task: Option<JoinHandle<()>>,
}

impl HostPage {
    /// Takes a port; serves nothing yet, for the page needs a snippet that names the port.
    pub fn new() -> Story<Self> {
        Ok(Self {
            port: port::free()?,
            task: None,
        })
    }

    /// The page's origin.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Serves this document under this policy.
    pub async fn serves(&mut self, policy: &str, document: &str) -> Story {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Security-Policy: {policy}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{document}",
            document.len()
        );
        self.task = Some(tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let answer = answer.clone();
                // Each by itself: a browser may open a connection and ask nothing on it.
                tokio::spawn(async move {
                    let mut request = [0; 2048];
                    // What a browser asks of this page fits into one read; whatever it asks, it gets the page.
                    if socket.read(&mut request).await.is_ok() {
                        let _ = socket.write_all(answer.as_bytes()).await;
                    }
                });
            }
        }));
        Ok(())
    }
}

impl Drop for HostPage {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
