use causerie_core::agent::Role;
use causerie_core::time::Span;
use causerie_server::store::{Change, ChangeRefused, Changed, KeyScope, NewSession};

use crate::house::House;

fn session(token: u8, house: &House) -> NewSession {
    NewSession {
        token: [token; 32],
        csrf: format!("csrf-{token}"),
        until: house.clock.now().after(Span::hours(12)),
    }
}

#[tokio::test]
async fn a_sign_in_link_is_good_once_and_the_password_ends_what_was_open() {
    let house = House::new().await;
    let agent = house.agent("Ann", 3).await;
    let until = house.clock.now().after(Span::hours(1));
    house
        .change(Change::OpenLink {
            agent: agent.0,
            token: [1; 32],
            until,
        })
        .await;
    house
        .change(Change::OpenLink {
            agent: agent.0,
            token: [2; 32],
            until,
        })
        .await;
    let link = |token, opens| Change::UseLink {
        token: [token; 32],
        password: "$argon2id$…".into(),
        session: session(opens, &house),
    };
    assert!(
        house
            .store
            .agent_of_link(&[2; 32], house.clock.now())
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        house.conversations.change(link(1, 10)).await.is_err(),
        "the older link is void"
    );
    assert_eq!(house.change(link(2, 11)).await, Changed::Agent(agent.0));
    let again = house.conversations.change(link(2, 12)).await.unwrap_err();
    assert_eq!(
        again,
        causerie_server::conversations::Refusal::Change(ChangeRefused::LinkVoid)
    );

    let now = house.clock.now();
    let open = house.store.agent_session(&[11; 32], now).await.unwrap().unwrap();
    assert_eq!(
        (open.agent.email.as_str(), open.csrf.as_str()),
        ("ann@shop.example", "csrf-11")
    );
    assert!(house.store.agent_session(&[12; 32], now).await.unwrap().is_none());
    house
        .change(Change::SetPassword {
            agent: agent.0,
            hash: "other".into(),
        })
        .await;
    assert!(house.store.agent_session(&[11; 32], now).await.unwrap().is_none());

    house
        .change(Change::OpenSession {
            agent: agent.0,
            session: session(13, &house),
        })
        .await;
    house.clock.forward(Span::hours(13));
    assert!(
        house
            .store
            .agent_session(&[13; 32], house.clock.now())
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_link_that_is_too_old_is_void() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let until = house.clock.now().after(Span::minutes(30));
    house
        .change(Change::OpenLink {
            agent: agent.0,
            token: [1; 32],
            until,
        })
        .await;
    house.clock.forward(Span::minutes(31));
    assert!(
        house
            .store
            .agent_of_link(&[1; 32], house.clock.now())
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn what_a_command_changes_takes_effect_without_a_restart() {
    let house = House::new().await;
    let add = Change::AddAgent {
        name: "Bea".into(),
        email: "Bea@Shop.Example".into(),
        role: Some(Role::Admin),
        group: Some("Sales".into()),
    };
    let Ok(Ok(Changed::Agent(agent))) = house.store.change(add, &house.clock).await else {
        panic!()
    };
    let known = house
        .store
        .agent_by_email(" bea@shop.example")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (known.agent.id, known.agent.role, known.agent.groups.len()),
        (agent, Role::Admin, 1)
    );
    assert_eq!(house.store.groups().await.unwrap()[0].1, "Sales");

    let token = Change::AddToken {
        email: "bea@shop.example".into(),
        name: "script".into(),
        token: [5; 32],
    };
    assert!(house.store.change(token, &house.clock).await.unwrap().is_ok());
    assert_eq!(
        house
            .store
            .agent_of_token(&[5; 32])
            .await
            .unwrap()
            .unwrap()
            .agent
            .id,
        agent
    );
    assert!(house.store.agent_of_token(&[6; 32]).await.unwrap().is_none());

    let key = |site: &str| Change::AddKey {
        site: site.into(),
        kid: "kid".into(),
        scope: KeyScope::App,
        secret: "s3cret".into(),
    };
    let unknown = house.store.change(key("nowhere"), &house.clock).await.unwrap();
    assert_eq!(unknown, Err(ChangeRefused::UnknownSite));
    assert!(
        house
            .store
            .change(key("shop"), &house.clock)
            .await
            .unwrap()
            .is_ok()
    );
    let known = house.store.site_key("kid").await.unwrap().unwrap();
    assert_eq!(
        (known.site, known.scope, known.secret.as_str()),
        (house.site, KeyScope::App, "s3cret")
    );

    let again = Change::AddSite {
        key: "shop".into(),
        name: "Other".into(),
        origins: Vec::new(),
    };
    assert_eq!(
        house.store.change(again, &house.clock).await.unwrap(),
        Err(ChangeRefused::SiteKeyTaken)
    );
    assert_eq!(house.store.site("shop").await.unwrap().unwrap().name, "Shop");
}

#[tokio::test]
async fn r30_macros_are_edited_added_and_taken_away() {
    let house = House::new().await;
    let mut macros = house.store.macros().await.unwrap();
    let mut mine = macros.remove(0);
    mine.title = "Goodbye".into();
    house.change(Change::SaveMacro(mine.clone())).await;
    mine.id = causerie_core::MacroId(0);
    mine.title = "Another".into();
    let Changed::Macro(fresh) = house.change(Change::SaveMacro(mine)).await else {
        panic!()
    };
    let titles = |macros: Vec<causerie_core::rules::agent_macro::Macro>| {
        macros.into_iter().map(|it| it.title).collect::<Vec<_>>()
    };
    assert_eq!(
        titles(house.store.macros().await.unwrap()),
        ["Goodbye", "Ending this session and end it", "Another"]
    );
    house.change(Change::RemoveMacro(fresh)).await;
    assert_eq!(house.store.macros().await.unwrap().len(), 2);
}
