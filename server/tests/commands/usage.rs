//! What the commands print, and how they end.

use std::io::Write;
use std::net::TcpListener;
use std::process::Stdio;

use tempfile::TempDir;

use crate::binary::{Running, causerie, printed, refused, run};

const WRONG_FLOW: &str = include_str!("../../../flows/demo.toml");

#[test]
fn wrong_usage_ends_with_2() {
    let data = TempDir::new().unwrap();
    for args in [
        &["sing"][..],
        &[],
        &["serve", "--listen", "nowhere"],
        &["site", "add", "--name", "x"],
        &["key", "create", "--site", "x", "--scope", "root"],
    ] {
        assert_eq!(run(data.path(), args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_start_that_cannot_be_says_why_in_one_line() {
    let data = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let why = refused(&run(data.path(), &["serve", "--listen", &address]));
    assert!(why.contains(&address) && why.contains("in use"), "{why}");

    let file = data.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let why = refused(&run(&file.join("data"), &["serve", "--listen", "127.0.0.1:0"]));
    assert!(why.contains("cannot be written to"), "{why}");

    let why = refused(&run(data.path(), &["serve", "--database", "postgres://x"]));
    assert!(why.contains("postgres://x"), "{why}");

    let flow = data.path().join("mine.toml");
    let first_goto = WRONG_FLOW.find("goto = \"").unwrap() + "goto = \"".len();
    let line = WRONG_FLOW[..first_goto].lines().count();
    let (before, after) = WRONG_FLOW.split_at(first_goto);
    std::fs::write(&flow, format!("{before}nowhere-{after}")).unwrap();
    let why = refused(&run(data.path(), &["serve", "--flow", flow.to_str().unwrap()]));
    assert!(
        why.contains("mine.toml") && why.contains(&format!("line {line}")) && why.contains("step"),
        "{why}"
    );
    let why = refused(&run(data.path(), &["check", flow.to_str().unwrap()]));
    assert!(why.contains(&format!("line {line}")), "{why}");
    let checked = run(data.path(), &["check"]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("The shipped flow: ok"));
    assert!(!checked.status.success(), "and there is no data yet");
}

#[test]
fn a_running_server_takes_what_commands_change() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &["--demo"]);
    assert_eq!(server.announced[0], format!("Demo site:  {}/", server.base));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert!(
        server
            .get("/frame/?key=demo")
            .contains(&format!("frame-ancestors {}", server.base))
    );

    let added = run(
        data.path(),
        &[
            "site",
            "add",
            "--name",
            "Shop",
            "--origin",
            "https://shop.example",
            "--origin",
            "http://localhost:3000",
        ],
    );
    let site = printed(&added);
    let start = format!("<script id=\"ze-snippet\" src=\"{}/widget.js?key=", server.base);
    let key = site
        .trim()
        .strip_prefix(&start)
        .unwrap()
        .strip_suffix("\" async></script>")
        .unwrap()
        .to_owned();
    let policy = format!(
        "script-src {}; frame-src {}",
        server.base,
        server.base.replace("127.0.0.1", "localhost")
    );
    let hint = String::from_utf8(added.stderr).unwrap();
    assert!(hint.trim().ends_with(&policy), "{hint}");
    let frame = server.get(&format!("/frame/?key={key}"));
    assert!(
        frame.contains("frame-ancestors https://shop.example http://localhost:3000"),
        "{frame}"
    );
    assert!(!frame.starts_with("HTTP/1.1 404"));
    for wrong in [
        "http://shop.example",
        "https://*.example",
        "shop.example",
        "https://shop.example/path",
    ] {
        let why = refused(&run(
            data.path(),
            &["site", "add", "--name", "x", "--origin", wrong],
        ));
        assert!(why.contains(wrong), "{why}");
    }

    let printed_key = printed(&run(
        data.path(),
        &["key", "create", "--site", &key, "--scope", "app"],
    ));
    let lines: Vec<&str> = printed_key.lines().collect();
    assert!(
        lines[0].starts_with("kid: ") && lines[1].starts_with("secret: "),
        "{printed_key}"
    );
    refused(&run(
        data.path(),
        &["key", "create", "--site", "nobodys", "--scope", "app"],
    ));
}

#[test]
fn an_agent_comes_in_by_a_link_or_by_a_password() {
    let data = TempDir::new().unwrap();
    let add = ["agent", "add", "--name", "Ada", "--email", "ada@example.com"];
    let first = printed(&run(data.path(), &add));
    assert!(
        first
            .trim()
            .starts_with("http://127.0.0.1:7878/workspace/#/welcome/"),
        "{first}"
    );
    let again = run(data.path(), &add);
    let second = printed(&again);
    assert_ne!(first, second);
    assert_eq!(second.lines().count(), 1, "the link alone is for scripts");
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(
        said.contains("Ada is here already: a new sign-in link") && said.contains("Nothing else is changed."),
        "{said}"
    );

    // The name is for those who are new, and stays where it isn't given.
    let link = ["agent", "add", "--email"];
    let known = run(data.path(), &[&link[..], &["ada@example.com"]].concat());
    assert!(printed(&known).contains("/#/welcome/"));
    let said = String::from_utf8(known.stderr).unwrap();
    assert!(
        said.contains("Ada is here already") && said.contains("Nothing else is changed."),
        "{said}"
    );
    let unknown = refused(&run(data.path(), &[&link[..], &["bea@example.com"]].concat()));
    assert!(
        unknown.contains("bea@example.com") && unknown.contains("--name"),
        "{unknown}"
    );

    let with_password = |password: &str| {
        let mut child = causerie(data.path())
            .args(add)
            .args(["--role", "admin", "--group", "Returns", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(password.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    refused(&with_password("short\n"));
    let changed = with_password("correct horse\nanother line\n");
    assert_eq!(printed(&changed), "");
    let said = String::from_utf8(changed.stderr).unwrap();
    for each in ["a new password", "from agent to admin", "with Returns"] {
        assert!(said.contains(each), "{said}");
    }

    let token = printed(&run(
        data.path(),
        &[
            "token",
            "create",
            "--email",
            "ada@example.com",
            "--name",
            "script",
        ],
    ));
    assert_eq!(token.lines().last().unwrap().len(), 64);
    refused(&run(
        data.path(),
        &[
            "token",
            "create",
            "--email",
            "nobody@example.com",
            "--name",
            "script",
        ],
    ));
    refused(&run(
        data.path(),
        &["agent", "add", "--name", "Ada", "--email", "nowhere"],
    ));
}

#[test]
fn a_server_told_to_stop_ends_well() {
    let data = TempDir::new().unwrap();
    let server = Running::start(data.path(), &[]);
    assert!(server.get("/").starts_with("HTTP/1.1 303"));
    assert_eq!(server.stops(), Some(0));
}

#[test]
fn where_to_listen_may_be_localhost_and_what_is_no_address_is_answered_by_an_example() {
    let data = TempDir::new().unwrap();
    let output = run(data.path(), &["serve", "--listen", "7878"]);
    assert_eq!(output.status.code(), Some(2));
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(why.contains("as in 127.0.0.1:7878"), "{why}");
    let mut by_name = causerie(data.path());
    by_name.args(["serve", "--listen", "localhost:0"]);
    let server = Running::spawn(by_name);
    assert!(server.base.starts_with("http://127.0.0.1:"), "{}", server.base);
}

#[test]
fn what_is_not_there_is_named_with_what_to_give_instead() {
    let data = TempDir::new().unwrap();
    let why = |args: &[&str]| {
        let why = refused(&run(data.path(), args));
        assert!(
            !why.contains("os error") && why.lines().count() <= 2,
            "{args:?}: {why}"
        );
        why
    };
    printed(&run(
        data.path(),
        &["agent", "add", "--name", "Ada", "--email", "ada@example.com"],
    ));
    let key = ["key", "create", "--site", "nope", "--scope", "app"];
    let none = why(&key);
    assert!(
        none.contains("No site here has the key nope") && none.contains("causerie site add"),
        "{none}"
    );
    let added = [
        "site",
        "add",
        "--name",
        "Shop",
        "--origin",
        "https://shop.example",
    ];
    let shop = printed(&run(data.path(), &added));
    let (_, shop) = shop.split_once("key=").unwrap();
    let (shop, _) = shop.split_once('"').unwrap();
    let others = why(&key);
    assert!(
        others.contains(&format!("Give one of these: {shop} (\u{201c}Shop\u{201d}).")),
        "{others}"
    );
    let nobody = why(&["token", "create", "--email", "bea@example.com", "--name", "x"]);
    assert!(
        nobody.contains("No agent here has the address bea@example.com")
            && nobody.contains("causerie agent add --name NAME --email bea@example.com"),
        "{nobody}"
    );
    let missing = data.path().join("missing");
    let missing = missing.to_str().unwrap();
    for args in [["check", missing], ["restore", missing]] {
        let why = why(&args);
        assert!(
            why.contains(&format!("There is no file {missing}.")) && why.contains("Give a"),
            "{why}"
        );
    }
    // One of several that is not there keeps nobody from looking at the others.
    let output = run(data.path(), &["check", missing, data.path().to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("the data is whole"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_group_that_a_command_makes_is_told_of() {
    let data = TempDir::new().unwrap();
    let added = |email: &str, group: &str| {
        let args = [
            "agent", "add", "--name", "Ada", "--email", email, "--group", group,
        ];
        let output = run(data.path(), &args);
        assert_eq!(
            printed(&output).lines().count(),
            1,
            "the link alone is for scripts"
        );
        String::from_utf8(output.stderr).unwrap()
    };
    let first = added("ada@example.com", "Returns");
    assert!(
        first.contains("The group Returns is made: it is the first one."),
        "{first}"
    );
    assert!(!added("bea@example.com", "Returns").contains("is made"));
    let typed = added("cid@example.com", "Retruns");
    assert!(
        typed
            .contains("The group Retruns is made, for there was none of that name. There are also: Returns."),
        "{typed}"
    );
}
