//! A site says who its visitor is, in the middle of a chat (R47): the page calls `loginUser` with a token it has signed.

use crate::tabs::{is_at_rest, looks_at, opens_a_tab, sockets};
use causerie_tests::{Browser, Part, Story, World, until};
use serde_json::{Value, json};

/// Signs a token as a site's own server would, and hands it to the chat whenever it is asked for, while there is one.
const PAGE: &str = "
    const [kid, secret] = arguments;
    const url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const bytes = (text) => new TextEncoder().encode(text);
    const part = (value) => url(bytes(JSON.stringify(value)));
    window.sign = async (external_id, name, seconds) => {
        const exp = Math.floor(Date.now() / 1000) + seconds;
        const email = external_id + '@example.net';
        const claims = { scope: 'user', external_id, name, email, email_verified: true, exp };
        const body = part({ alg: 'HS256', typ: 'JWT', kid }) + '.' + part(claims);
        const key = await crypto.subtle.importKey('raw', bytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
        return body + '.' + url(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes(body))));
    };
    window.asked = 0;
    window.give = (answer) => {
        window.asked += 1;
        if (window.who) window.sign(...window.who).then(answer);
    };";

/// The demo shop, with a key that signs its visitors' tokens.
pub(crate) struct Shop {
    pub(crate) world: World,
    kid: String,
    secret: String,
}

impl Shop {
    pub(crate) async fn of(story: &str) -> Story<Self> {
        let world = World::of(story).await?;
        let printed = world
            .server
            .command(&["key", "create", "--site", "demo", "--scope", "user"], "")?;
        let value = |name: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned())
                .ok_or_else(|| format!("no {name} in {printed}"))
        };
        let (kid, secret) = (value("kid:")?, value("secret:")?);
        Ok(Self { world, kid, secret })
    }

    /// Somebody on the shop's page, the chat open.
    pub(crate) async fn visitor(&self, name: &str) -> Story<Browser> {
        let visitor = self.world.person(name).await?;
        visitor.goes_to(&self.world.server.url("/")).await?;
        self.takes_care_of(&visitor).await?;
        visitor.opens_the_chat().await?;
        Ok(visitor)
    }

    /// The page's own script.
    pub(crate) async fn takes_care_of(&self, visitor: &Browser) -> Story {
        visitor.looks_at_the_page().await?;
        let key = vec![json!(self.kid), json!(self.secret)];
        visitor.driver.execute(PAGE, key).await?;
        Ok(())
    }

    pub(crate) async fn agent(&self) -> Story<Browser> {
        let agent = self.world.person("ada").await?;
        agent.signs_in(&self.world.server, "Ada", "admin").await?;
        agent.chooses("Availability", "Online").await?;
        Ok(agent)
    }
}

/// The page logs its visitor in; gives what its callback got.
pub(crate) async fn logs_in(visitor: &Browser, whom: &str, name: &str, seconds: i64) -> Story<Value> {
    visitor.looks_at_the_page().await?;
    let call = "const done = arguments[3];
        window.who = [arguments[0], arguments[1], arguments[2]];
        causerie('messenger', 'loginUser', window.give, done);";
    let who = vec![json!(whom), json!(name), json!(seconds)];
    let failed = visitor.driver.execute_async(call, who).await?;
    let failed = failed.convert()?;
    visitor.looks_into_the_chat().await?;
    Ok(failed)
}

/// Something in the composer that is not sent.
pub(crate) async fn types(visitor: &Browser, text: &str) -> Story {
    let composer = visitor.sees(Part::Textbox.named("Message")).await?;
    composer.send_keys(text).await?;
    Ok(())
}

/// No message, and no word in the composer.
async fn nothing_is_left(visitor: &Browser) -> Story {
    until("all to be gone", async || {
        let composer = visitor.sees(Part::Textbox.named("Message")).await?;
        let typed = composer.value().await?.unwrap_or_default();
        let left = visitor.messages().await?;
        Ok((left.is_empty() && typed.is_empty()).then_some(()))
    })
    .await
}

async fn asks_for_a_person(visitor: &Browser) -> Story {
    visitor.says("Hello").await?;
    visitor.clicks(Part::Button.named("Talk to a person")).await?;
    visitor.clicks(Part::Button.named("Skip")).await
}

#[tokio::test]
async fn r47_a_login_in_the_middle_of_a_chat_names_who_asks_and_the_log_goes_on() -> Story {
    let shop = Shop::of("login").await?;
    let agent = shop.agent().await?;
    let visitor = shop.visitor("grace").await?;
    asks_for_a_person(&visitor).await?;
    agent.opens_ticket(1).await?;
    agent.replies("Good morning.").await?;
    visitor.reads("Good morning.", 1).await?;
    visitor.shows("before the login").await?;
    let said = visitor.said().await?;

    // A token that is none, first.
    visitor.looks_at_the_page().await?;
    let wrong = "causerie('messenger', 'loginUser', (give) => give('a.b.c'), arguments[0]);";
    let failed: Value = visitor.driver.execute_async(wrong, Vec::new()).await?.convert()?;
    assert_eq!(failed["type"], "LoginFailedError", "{failed}");
    assert_eq!(failed["message"], failed["reason"]);
    assert!(
        failed["message"].as_str().is_some_and(|it| it.contains("HS256")),
        "{failed}"
    );

    assert_eq!(
        logs_in(&visitor, "grace", "Grace Hopper", 3600).await?,
        Value::Null
    );
    visitor.reads("Good morning.", 1).await?;
    assert_eq!(visitor.said().await?, said, "the same log");
    visitor.says("It is me").await?;
    visitor.reads("It is me", 1).await?;
    visitor.shows("after the login").await?;
    agent.sees_text("Grace Hopper").await?;
    agent.sees_text("grace@example.net").await?;
    agent.sees_text("It is me").await?;
    agent.clicks(Part::Tab.named("Events")).await?;
    agent.sees_text("Requester").await?;
    agent.shows("who asks, in the history").await?;

    // On another device, where nobody is known yet: the chat with people goes on where it is.
    let phone = shop.visitor("grace_on_her_phone").await?;
    asks_for_a_person(&phone).await?;
    agent.opens_ticket(2).await?;
    agent.sees_text("Messaging 2 of 3").await?;
    assert_eq!(logs_in(&phone, "grace", "Grace Hopper", 3600).await?, Value::Null);
    phone.reads("It is me", 1).await?;
    phone.reads("Good morning.", 1).await?;
    phone.shows("her own log, with nothing of the other").await?;
    agent.sees_text("Messaging 1 of 3").await?;
    agent.clicks(Part::Tab.named("Events")).await?;
    agent.sees_text("Ended by the system").await?;
    agent.shows("what was said by nobody known has ended").await?;
    phone.says("From my phone").await?;
    visitor.reads("From my phone", 1).await
}

#[tokio::test]
async fn r47_what_is_written_as_a_login_runs_out_waits_and_a_logout_leaves_nothing() -> Story {
    let shop = Shop::of("login_over").await?;
    let visitor = shop.visitor("grace").await?;
    // Clocks may differ by a minute: this one is good for a few seconds more.
    assert_eq!(
        logs_in(&visitor, "grace", "Grace Hopper", -55).await?,
        Value::Null
    );
    visitor.says("Hello").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    // The page has no token any more when it is asked again.
    visitor.looks_at_the_page().await?;
    visitor
        .driver
        .execute("window.who = null; window.asked = 0;", Vec::new())
        .await?;
    visitor.looks_into_the_chat().await?;
    until("the login to run out", async || {
        let said = visitor.status().await?;
        Ok(said.contains("has run out").then_some(()))
    })
    .await?;
    visitor.says("In the middle").await?;
    visitor.reads("In the middle", 1).await?;
    visitor.shows("the login has run out").await?;
    visitor.passes_an_audit("the login has run out").await?;
    visitor.looks_at_the_page().await?;
    let asked: u32 = visitor
        .driver
        .execute("return window.asked", Vec::new())
        .await?
        .convert()?;
    assert!(asked > 0, "the page was asked for a fresh token");
    assert_eq!(
        logs_in(&visitor, "grace", "Grace Hopper", 3600).await?,
        Value::Null
    );
    until("the status to be quiet", async || {
        Ok(visitor.status().await?.is_empty().then_some(()))
    })
    .await?;
    visitor.reads("In the middle", 1).await?;
    // A reload, without a word of the page: it is she still.
    visitor.reloads().await?;
    shop.takes_care_of(&visitor).await?;
    visitor.opens_the_chat().await?;
    visitor.reads("In the middle", 1).await?;

    types(&visitor, "between me and you").await?;
    visitor.looks_at_the_page().await?;
    visitor
        .driver
        .execute("causerie('messenger', 'logoutUser')", Vec::new())
        .await?;
    visitor.looks_into_the_chat().await?;
    nothing_is_left(&visitor).await?;
    visitor.shows("after the logout").await?;
    visitor.reloads().await?;
    shop.takes_care_of(&visitor).await?;
    visitor.opens_the_chat().await?;
    visitor.sees(Part::Textbox.named("Message")).await?;
    nothing_is_left(&visitor).await?;
    // A page whose function has no token, or that has none, is answered.
    visitor.looks_at_the_page().await?;
    for given in ["(give) => give(null)", "'a.b.c'"] {
        let call = format!("causerie('messenger', 'loginUser', {given}, arguments[0]);");
        let failed: Value = visitor.driver.execute_async(&call, Vec::new()).await?.convert()?;
        assert_eq!(failed["type"], "LoginFailedError", "{failed}");
    }
    visitor.looks_into_the_chat().await?;
    assert_eq!(
        logs_in(&visitor, "grace", "Grace Hopper", 3600).await?,
        Value::Null
    );
    visitor.reads("In the middle", 1).await?;

    // And all of it can be cleared.
    visitor.looks_at_the_page().await?;
    let reset = "causerie('messenger', 'resetWidget', arguments[0]);";
    visitor.driver.execute_async(reset, Vec::new()).await?;
    visitor.looks_into_the_chat().await?;
    until("the log to be gone", async || {
        Ok(visitor.messages().await?.is_empty().then_some(()))
    })
    .await
}

#[tokio::test]
async fn r47_a_reset_in_one_tab_leaves_nothing_in_any_and_no_call_without_an_answer() -> Story {
    let mut shop = Shop::of("login_reset").await?;
    let visitor = shop.visitor("grace").await?;
    visitor.says("Is it far?").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    let leads = visitor.driver.window().await?;
    let follows = opens_a_tab(&visitor, &shop.world.server).await?;
    visitor.looks_into_the_chat().await?;
    visitor.reads("Is it far?", 1).await?;
    types(&visitor, "between me and you").await?;

    // In the other tab the page sends for her and calls for a login, and nothing comes of it: there is no server.
    shop.world.server.kill()?;
    visitor.looks_at_the_page().await?;
    let calls = "window.told = {};
        const send = { content: { type: 'text', text: 'by the page' } };
        causerie('messenger', 'sendMessage', send, undefined, (fault) => window.told.send = !!fault);
        causerie('messenger', 'loginUser', (give) => give('a.b.c'), (fault) => window.told.login = !!fault);";
    visitor.driver.execute(calls, Vec::new()).await?;
    visitor.looks_into_the_chat().await?;
    visitor.reads("by the page", 1).await?;
    looks_at(&visitor, &leads).await?;
    visitor.reads("by the page", 1).await?;
    visitor.looks_at_the_page().await?;
    let reset = "causerie('messenger', 'resetWidget', arguments[0]);";
    visitor.driver.execute_async(reset, Vec::new()).await?;
    for tab in [&leads, &follows] {
        looks_at(&visitor, tab).await?;
        nothing_is_left(&visitor).await?;
    }
    visitor.looks_at_the_page().await?;
    let told: Value = visitor
        .driver
        .execute("return window.told", Vec::new())
        .await?
        .convert()?;
    assert_eq!(told, json!({"send": true, "login": true}));

    // Whoever comes next begins anew, in both tabs, and nothing of before goes out as theirs.
    shop.world.server.start().await?;
    visitor.looks_into_the_chat().await?;
    visitor.says("I am a stranger").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    for tab in [&leads, &follows] {
        looks_at(&visitor, tab).await?;
        visitor.reads("I am a stranger", 1).await?;
        is_at_rest(&visitor).await?;
        for text in ["Is it far?", "by the page"] {
            visitor.reads(text, 0).await?;
        }
    }
    sockets(&shop.world.server, 1).await?;
    visitor.shows("a stranger begins anew in both tabs").await
}

#[tokio::test]
async fn r47_the_demo_shop_signs_its_customers_in_and_out() -> Story {
    let world = World::of("login_at_the_shop").await?;
    let visitor = world.person("grace").await?;
    visitor.goes_to(&world.server.url("/")).await?;
    visitor.opens_the_chat().await?;
    visitor.says("Is it far?").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    visitor.looks_at_the_page().await?;
    visitor.clicks(Part::Button.named("Sign in as Camille")).await?;
    visitor.sees(Part::Button.named("Sign out")).await?;
    visitor.sees_no(Part::Button.named("Sign in as Jules")).await?;
    visitor.shows("signed in").await?;
    visitor.passes_an_audit("signed in").await?;
    // On each page after that as well.
    visitor.reloads().await?;
    visitor.opens_the_chat().await?;
    visitor.reads("Is it far?", 1).await?;
    visitor.looks_at_the_page().await?;
    visitor.clicks(Part::Button.named("Sign out")).await?;
    visitor.looks_into_the_chat().await?;
    nothing_is_left(&visitor).await?;
    visitor.looks_at_the_page().await?;
    visitor.clicks(Part::Button.named("Sign in as Jules")).await?;
    visitor.looks_into_the_chat().await?;
    visitor.says("I am another").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    visitor.reads("Is it far?", 0).await?;
    visitor.looks_at_the_page().await?;
    visitor.clicks(Part::Button.named("Sign out")).await?;
    visitor.clicks(Part::Button.named("Sign in as Camille")).await?;
    visitor.looks_into_the_chat().await?;
    visitor.reads("Is it far?", 1).await?;
    visitor.reads("I am another", 0).await
}

#[tokio::test]
async fn r47_what_one_tab_does_is_so_in_all_and_what_waits_goes_to_nobody_else() -> Story {
    let mut shop = Shop::of("login_in_tabs").await?;
    let visitor = shop.visitor("grace").await?;
    visitor.says("Is it far?").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    let leads = visitor.driver.window().await?;
    let follows = opens_a_tab(&visitor, &shop.world.server).await?;
    shop.takes_care_of(&visitor).await?;
    visitor.looks_into_the_chat().await?;
    visitor.reads("Is it far?", 1).await?;

    // Offline, the first tab writes; and the second one logs in as soon as there is a server again.
    shop.world.server.kill()?;
    looks_at(&visitor, &leads).await?;
    visitor.says("Before I said who I am").await?;
    visitor.reads("Before I said who I am", 1).await?;
    looks_at(&visitor, &follows).await?;
    visitor.reads("Before I said who I am", 1).await?;
    shop.world.server.start().await?;
    assert_eq!(
        logs_in(&visitor, "grace", "Grace Hopper", 3600).await?,
        Value::Null
    );
    for (tab, text) in [(&leads, "From the first"), (&follows, "From the second")] {
        looks_at(&visitor, tab).await?;
        visitor.says(text).await?;
    }
    for tab in [&leads, &follows] {
        looks_at(&visitor, tab).await?;
        for text in [
            "Is it far?",
            "Before I said who I am",
            "From the first",
            "From the second",
        ] {
            visitor.reads(text, 1).await?;
        }
        is_at_rest(&visitor).await?;
    }
    sockets(&shop.world.server, 1).await?;
    visitor.shows("both tabs are hers").await?;

    // What she can't send any more before the page logs her out, in the other tab.
    shop.world.server.kill()?;
    visitor.says("For later").await?;
    visitor.reads("For later", 1).await?;
    looks_at(&visitor, &leads).await?;
    visitor.reads("For later", 1).await?;
    visitor.looks_at_the_page().await?;
    visitor
        .driver
        .execute("causerie('messenger', 'logoutUser')", Vec::new())
        .await?;
    for tab in [&leads, &follows] {
        looks_at(&visitor, tab).await?;
        until("the log to be gone", async || {
            Ok(visitor.messages().await?.is_empty().then_some(()))
        })
        .await?;
    }
    shop.world.server.start().await?;
    visitor.says("I am a stranger").await?;
    visitor.sees(Part::Button.named("Track my order")).await?;
    is_at_rest(&visitor).await?;
    visitor.reads("For later", 0).await?;
    visitor.shows("a stranger sees nothing of hers").await?;
    assert_eq!(
        logs_in(&visitor, "grace", "Grace Hopper", 3600).await?,
        Value::Null
    );
    for tab in [&follows, &leads] {
        looks_at(&visitor, tab).await?;
        visitor.reads("For later", 1).await?;
        is_at_rest(&visitor).await?;
    }
    Ok(())
}
