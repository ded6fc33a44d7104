//! Logs and metrics hold no bodies, no tokens and no addresses (SECURITY 28), and no installation has a password that
//! others know (SECURITY 12).

use std::fs::File;
use std::process::Stdio;

use tempfile::TempDir;

use crate::binary::{Running, causerie, printed, run};

const SECRET: &str = "00000000000000000000000000000000000000000000000000000000ca9a7123";

#[test]
fn logs_and_metrics_hold_no_bodies_no_tokens_and_no_addresses() {
    let data = TempDir::new().unwrap();
    let log = data.path().join("log");
    let mut command = causerie(data.path());
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--demo"])
        .env("CAUSERIE_LOG", "debug")
        .stderr(File::create(&log).unwrap());
    let server = Running::spawn_as_it_is(command.stdout(Stdio::piped()));
    let token = printed(&run(
        data.path(),
        &[
            "token",
            "create",
            "--email",
            "admin@localhost",
            "--name",
            "canary-token",
        ],
    ));
    let token = token.trim();
    let from = "x-forwarded-for: 203.0.113.77\r\n";
    let json = "content-type: application/json\r\n";
    let visitor = format!("authorization: Bearer {SECRET}\r\n{from}{json}");
    let said = |n: usize, text: &str| {
        format!(
            "{{\"site\":\"demo\",\"cid\":\"0197a000-0000-7000-8000-{n:012x}\",\"text\":\"{text}\",\"seen\":9000000000000}}"
        )
    };
    let post = |body: &str| server.ask("POST", "/api/messaging/messages", &visitor, body);
    for (n, text) in ["canary of a body", "Talk to a person", "canary@example.com"]
        .iter()
        .enumerate()
    {
        assert!(post(&said(n, text)).starts_with("HTTP/1.1 200"));
    }
    // What is refused, too: what cannot be read, what cannot be done, who is not known.
    assert!(post("{\"canary of a body\"").starts_with("HTTP/1.1 400"));
    assert!(post(&said(0, "canary of another body")).starts_with("HTTP/1.1 422"));
    let sign_in = "{\"email\":\"canary@example.com\",\"password\":\"canary-password\"}";
    let refused = server.ask(
        "POST",
        "/api/workspace/sign-in",
        &format!("{from}{json}"),
        sign_in,
    );
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    let api = format!("authorization: Bearer {token}\r\n{from}{json}");
    let ticket = server.ask("GET", "/api/v2/tickets/1.json", &api, "");
    assert!(ticket.contains("canary of a body"), "{ticket}");
    let refused = server.ask(
        "PUT",
        "/api/v2/tickets/1.json",
        &api,
        "{\"ticket\":{\"status\":\"canary of a body\"}}",
    );
    assert!(refused.starts_with("HTTP/1.1 4"), "{refused}");
    let metrics = server.get("/metrics");
    assert!(
        metrics.contains("causerie_messages_acknowledged_total 3"),
        "{metrics}"
    );
    let link = server.announced.last().unwrap().clone();
    let link = link.rsplit('/').next().unwrap().to_owned();
    assert_eq!(server.stops(), Some(0));

    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("closing"), "there is a log: {log}");
    for canary in ["canary", SECRET, token, &link, "203.0.113.77"] {
        assert!(!log.contains(canary), "{canary}: {log}");
        assert!(!metrics.contains(canary), "{canary}: {metrics}");
    }
}

#[test]
fn no_installation_has_a_password_that_others_know() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    for password in [
        "",
        "admin",
        "password",
        "admin@localhost",
        "causerie",
        "changeme",
        "12345678",
    ] {
        let body = format!("{{\"email\":\"admin@localhost\",\"password\":\"{password}\"}}");
        let answer = server.ask(
            "POST",
            "/api/workspace/sign-in",
            "content-type: application/json\r\n",
            &body,
        );
        assert!(answer.starts_with("HTTP/1.1 401"), "{password}: {answer}");
    }
}
