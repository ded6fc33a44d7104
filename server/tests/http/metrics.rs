//! What is counted for those who run the server.

use crate::support::{Server, visitor};

async fn value(server: &Server, name: &str) -> u64 {
    let metrics = server.get("/metrics", &[]).await;
    let line = metrics.body.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name}"))
        .trim()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn each_commit_is_counted() {
    let server = Server::start().await;
    let name = "causerie_commits_total ";
    let (mut tab, _) = server.visitor(&visitor(1), 0).await;
    let before = value(&server, name).await;
    for n in 1..=3 {
        tab.says(n, "hello").await;
    }
    // One after the other: none shares its commit with another.
    assert_eq!(value(&server, name).await, before + 3);
}
