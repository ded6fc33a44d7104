//! Headers as they really leave the server (SECURITY 7–9), and what each address serves.

use causerie_server::routes::pages::demo;
use causerie_server::store::{Change, KeyScope};

use crate::support::{SHOP, SITE, Server, visitor};

#[tokio::test]
async fn the_frame_is_framed_by_the_sites_pages_alone() {
    let server = Server::start().await;
    for path in ["/frame/", "/frame/unread"] {
        let answer = server.get(&format!("{path}?key={SITE}"), &[]).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.ends_with(&format!("frame-ancestors {SHOP}")), "{policy}");
        assert!(
            policy.contains("script-src 'self' 'wasm-unsafe-eval'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_ne!(answer.header("referrer-policy"), "");
        assert_eq!(answer.header("x-frame-options"), "");
    }
}

#[tokio::test]
async fn the_demo_shop_embeds_the_widget_from_wherever_this_server_is() {
    let server = Server::start().await;
    server
        .change(causerie_server::store::Change::AddSite {
            key: "demo".to_owned(),
            name: "Demo".to_owned(),
            origins: Vec::new(),
        })
        .await;
    let answer = server.get("/frame/?key=demo", &[]).await;
    let port = server.address.port();
    let expected = format!("frame-ancestors http://127.0.0.1:{port} http://localhost:{port}");
    assert!(answer.header("content-security-policy").ends_with(&expected));
}

#[tokio::test]
async fn the_demo_shop_signs_for_its_own_customers_and_for_nobody_else() {
    let server = Server::start().await;
    let ask = async |customer: &str| {
        let path = format!("/customers/{customer}/token");
        server.post(&path, &[], &serde_json::json!({})).await
    };
    assert_eq!(ask("camille").await.status, 404, "there is no key yet");
    server
        .change(Change::AddKey {
            site: SITE.to_owned(),
            kid: demo::KID.to_owned(),
            scope: KeyScope::User,
            secret: "0123456789abcdef".repeat(4),
        })
        .await;
    assert_eq!(ask("mallory").await.status, 404);
    let signed = ask("camille").await;
    assert_eq!(signed.status, 200, "{}", signed.body);
    let token = serde_json::from_str::<serde_json::Value>(&signed.body).unwrap()["token"].clone();
    let login = serde_json::json!({
        "site": SITE, "secret": visitor(11), "locale": "en", "token": token,
    });
    let origin = [("origin", &*server.origin())];
    let answer = server.post("/api/messaging/login", &origin, &login).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn the_workspace_is_framed_by_nobody() {
    let server = Server::start().await;
    let answer = server.get("/workspace/", &[]).await;
    let policy = answer.header("content-security-policy");
    assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert_eq!(
        server.get("/workspace", &[]).await.header("location"),
        "/workspace/"
    );
}

#[tokio::test]
async fn no_address_allows_another_origin_to_read() {
    let server = Server::start().await;
    let foreign = [("origin", "https://evil.example")];
    for path in [
        "/",
        "/workspace/",
        "/frame/?key=shop",
        "/widget.js?key=shop",
        "/api/workspace/me",
        "/healthz",
    ] {
        let answer = server.get(path, &foreign).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    let preflight = server
        .ask("OPTIONS", "/api/messaging/messages", &foreign, None)
        .await;
    assert_eq!(preflight.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn an_unknown_site_gets_a_comment_and_no_frame() {
    let server = Server::start().await;
    for key in ["", "nobodys", "%00", "%27%22%3C", &"k".repeat(5000)] {
        let answer = server.get(&format!("/widget.js?key={key}"), &[]).await;
        assert_eq!(answer.status, 404, "{key}");
        assert!(answer.header("content-type").starts_with("text/javascript"));
        assert!(answer.body.starts_with("// "));
        assert_eq!(server.get(&format!("/frame/?key={key}"), &[]).await.status, 404);
    }
    assert_eq!(server.get("/widget.js", &[]).await.status, 404);
}

#[tokio::test]
async fn the_loader_carries_its_site_and_the_frames_own_origin() {
    let server = Server::start().await;
    let answer = server.get(&format!("/widget.js?key={SITE}"), &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    let port = server.address.port();
    assert!(answer.body.contains(&format!(
        "\"frame\":\"http://localhost:{port}\",\"key\":\"{SITE}\""
    )));
    assert!(!answer.body.contains("__SITE__"));
    let tag = answer.header("etag").to_owned();
    let again = server
        .get(&format!("/widget.js?key={SITE}"), &[("if-none-match", &tag)])
        .await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let compressed = server
        .get(&format!("/widget.js?key={SITE}"), &[("accept-encoding", "br")])
        .await;
    assert_eq!(compressed.header("content-encoding"), "br");
}

#[tokio::test]
async fn what_is_not_there_is_404_in_the_words_of_its_place() {
    let server = Server::start().await;
    for path in [
        "/nothing",
        "/frame/nothing.js",
        "/frame/index.html",
        "/frame/../Cargo.toml",
        "/frame/app.wasm.br",
    ] {
        assert_eq!(server.get(path, &[]).await.status, 404, "{path}");
    }
    for path in ["/api/messaging/nothing", "/api/workspace/nothing", "/api/nothing"] {
        let answer = server.get(path, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["code"], "not_found", "{path}");
    }
    let answer = server.ask("DELETE", "/api/workspace/me", &[], None).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (405, Some("method"))
    );
}

#[tokio::test]
async fn probes_tell_whether_the_server_lives_and_takes_requests() {
    let server = Server::start().await;
    assert_eq!(server.get("/healthz", &[]).await.status, 200);
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
    let metrics = server.get("/metrics", &[]).await;
    assert!(metrics.body.contains("causerie_visitor_sockets 0"));
    // A closing server says so to those who are on a connection still.
    let keep = tokio::net::TcpStream::connect(server.address).await.unwrap();
    server.life.close();
    drop(keep);
    server.life.everybody_gone().await;
}
