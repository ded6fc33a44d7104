//! What a device's secret opens, from the login to its end and after it (R47, SECURITY 11).

use causerie_core::session::Placement;
use causerie_core::time::Span;
use causerie_server::conversations::Refusal;
use causerie_server::store::{Change, Standing};

use crate::house::{House, cid, customers};
use crate::login::{as_whom, log_in, retry, until};

#[tokio::test]
async fn security_11_the_secret_from_before_opens_nothing() {
    let house = House::new().await;
    let said = house.visitor(1).says(&house, "hello").await;
    log_in(&house, Some(1), 11, "ada").await.unwrap();
    assert_eq!(house.store.thread_of(&house.visitor(1).0).await.unwrap(), None);
    let refused = house
        .ask(house.visitor(1).message(cid(), "me again"))
        .await
        .unwrap_err();
    assert_eq!(refused, Refusal::SecretRetired);
    // Nor is it ever a device's again, whoever has read it somewhere.
    for whom in ["ada", "eve"] {
        assert_eq!(
            log_in(&house, None, 1, whom).await.unwrap_err(),
            Refusal::SecretTaken
        );
    }
    assert_eq!(customers(&house.log(said.thread).await), ["hello"]);
}

#[tokio::test]
async fn security_11_a_devices_new_secret_is_nobodys_yet() {
    let house = House::new().await;
    house.visitor(1).says(&house, "hello").await;
    log_in(&house, None, 11, "ada").await.unwrap();
    // A visitor's, and another person's.
    assert_eq!(
        log_in(&house, None, 1, "eve").await.unwrap_err(),
        Refusal::SecretTaken
    );
    assert_eq!(
        log_in(&house, Some(1), 1, "eve").await.unwrap_err(),
        Refusal::SecretTaken
    );
    assert_eq!(
        log_in(&house, None, 11, "eve").await.unwrap_err(),
        Refusal::SecretTaken
    );
    let head = house.store.thread_of(&house.visitor(1).0).await.unwrap();
    assert!(head.is_some(), "what was refused has done nothing");
}

#[tokio::test]
async fn security_11_who_logs_in_next_on_the_same_device_takes_nothing_of_who_was_there() {
    let house = House::new().await;
    house.visitor(1).says(&house, "hello").await;
    log_in(&house, Some(1), 11, "ada").await.unwrap();
    let adas = house.visitor(11).says(&house, "mine").await;

    log_in(&house, Some(11), 12, "eve").await.unwrap();

    assert_eq!(house.store.thread_of(&house.visitor(12).0).await.unwrap(), None);
    let known = house
        .store
        .end_user_by_external_id(house.site, "ada")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(known.thread, Some(adas.thread));
    let eves = house.visitor(12).says(&house, "I am new here").await;
    assert_ne!(eves.thread, adas.thread);
    assert_eq!(eves.placement, Placement::Started);
    assert_eq!(customers(&house.log(adas.thread).await), ["hello", "mine"]);
    // The device is Eve's now.
    let refused = house
        .ask(house.visitor(11).message(cid(), "x"))
        .await
        .unwrap_err();
    assert_eq!(refused, Refusal::SecretRetired);
}

#[tokio::test]
async fn r47_the_login_is_over_at_its_time_and_goes_on_by_a_fresh_token() {
    let house = House::new().await;
    log_in(&house, None, 11, "ada").await.unwrap();
    let (ada, id) = (house.visitor(11), cid());
    ada.says(&house, "hello").await;
    house.clock.forward(Span::minutes(10));

    let refused = house.ask(ada.message(id, "in the middle")).await.unwrap_err();
    assert_eq!(refused, Refusal::LoginExpired);
    assert!(refused.is_retryable());
    log_in(&house, Some(11), 11, "ada").await.unwrap();
    let said = retry(&house, &ada, id, "in the middle").await;

    assert_eq!(said.placement, Placement::Appended);
    assert_eq!(
        customers(&house.log(said.thread).await),
        ["hello", "in the middle"]
    );
    // An older answer that comes late takes nothing of it away.
    let mut late = as_whom(&house, None, 11, "ada");
    late.until = house.clock.now().after(Span(1));
    house.conversations.log_in(late).await.unwrap();
    let standing = house.store.standing(&ada.0).await.unwrap();
    assert_eq!(standing.until(), Some(until(&house)));
}

#[tokio::test]
async fn r47_a_logged_out_device_opens_nothing() {
    let house = House::new().await;
    log_in(&house, None, 11, "ada").await.unwrap();
    log_in(&house, None, 12, "ada").await.unwrap();
    let out = |secret: u8| Change::LogOut {
        site: house.site,
        secret: house.visitor(secret).0.secret_hash,
    };
    house.change(out(11)).await;
    house.change(out(11)).await;
    house.change(out(99)).await;
    let refused = house
        .ask(house.visitor(11).message(cid(), "x"))
        .await
        .unwrap_err();
    assert_eq!(refused, Refusal::SecretRetired);
    house.visitor(12).says(&house, "the other goes on").await;
    let nobody = house.store.standing(&house.visitor(99).0).await.unwrap();
    assert_eq!(nobody, Standing::Anonymous);
}

#[tokio::test]
async fn r47_secrets_that_nobody_needs_any_more_are_taken_out_and_what_r11_asks_by_stays() {
    let house = House::new().await;
    house.visitor(1).says(&house, "hello").await;
    log_in(&house, Some(1), 11, "ada").await.unwrap();
    log_in(&house, Some(2), 12, "ada").await.unwrap();
    let standings = async || {
        let mut found = Vec::new();
        for secret in [11, 12, 1, 2] {
            found.push(house.store.standing(&house.visitor(secret).0).await.unwrap());
        }
        found
    };
    let before = standings().await;
    house.clock.forward(Span::days(30));
    assert!(house.worker().sweep_now().await);
    assert_eq!(standings().await, before, "the login was over ten minutes later");

    house.clock.forward(Span::hours(1));
    assert!(house.worker().sweep_now().await);
    assert_eq!(
        standings().await,
        [
            Standing::Anonymous,
            Standing::Anonymous,
            Standing::Retired,
            Standing::Anonymous
        ]
    );
}
