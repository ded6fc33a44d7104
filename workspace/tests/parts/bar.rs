//! The bar at the top: availability, capacity, colleagues; and the tabs.

use causerie_core::agent::Availability as Value;
use causerie_core::wire::agent::AgentRow;
use causerie_workspace::parts::availability::Availability;
use causerie_workspace::parts::capacity::Capacity;
use causerie_workspace::parts::colleagues::Colleagues;
use causerie_workspace::parts::tabs::Tabs;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Got, Page, change, press, settled, text, value};
use crate::rows;

#[wasm_bindgen_test]
async fn r31_availability_shows_what_is_so_and_asks_for_another() {
    let (now, picked) = (RwSignal::new(Value::Away), Got::nothing());
    let on_pick = picked.callback();
    let page = Page::with(move || view! { <Availability value=now on_pick /> });
    settled().await;
    let choice = page.labelled("Availability");
    let names: Vec<String> = page.all("option").iter().map(|option| text(option)).collect();
    assert_eq!(names, ["Online", "Away", "Transfers only", "Offline"]);
    assert_eq!(value(&choice), "availability.away");
    change(&choice, "availability.online");
    assert_eq!(picked.all(), [Value::Online]);
    assert_eq!(value(&choice), "availability.away", "it is not so yet");
    now.set(Value::Online);
    settled().await;
    assert_eq!(value(&choice), "availability.online");
}

#[wasm_bindgen_test]
async fn r33_capacity_is_said_in_words_and_follows() {
    let agent = RwSignal::new(Some(rows::agent()));
    let page = Page::with(move || view! { <Capacity agent /> });
    settled().await;
    assert_eq!(
        page.one("[role=group]").get_attribute("aria-label").unwrap(),
        "Capacity"
    );
    assert!(page.text().contains("Messaging 2 of 3") && page.text().contains("Email 1 of 5"));
    agent.set(Some(AgentRow {
        messaging_used: 1,
        ..rows::agent()
    }));
    settled().await;
    assert!(page.text().contains("Messaging 1 of 3"));
}

#[wasm_bindgen_test]
async fn colleagues_are_listed_on_demand() {
    let agents = vec![
        rows::agent(),
        AgentRow {
            name: "Björn".into(),
            messaging_used: 3,
            ..rows::agent()
        },
    ];
    let page = Page::with(move || view! { <Colleagues agents=Signal::stored(agents) /> });
    settled().await;
    assert!(page.all("li").is_empty());
    page.button("Agents").click();
    settled().await;
    assert_eq!(page.one("ul").get_attribute("aria-label").unwrap(), "Agents");
    assert!(
        text(&page.all("li")[1]).contains("Björn") && text(&page.all("li")[1]).contains("Messaging 3 of 3")
    );
    press(&page.one("ul"), "Escape");
    settled().await;
    assert!(page.all("li").is_empty());
}

#[wasm_bindgen_test]
async fn tabs_are_chosen_by_pointer_and_arrows() {
    let chosen = RwSignal::new(0_usize);
    let page = Page::with(move || {
        let names = vec!["Conversation".to_owned(), "Events".to_owned()];
        view! { <Tabs names chosen on_choose=UnsyncCallback::new(move |to| chosen.set(to))>{move || chosen.get()}</Tabs> }
    });
    settled().await;
    let selected = || text(&page.one("[role=tab][aria-selected=true]"));
    assert_eq!(selected(), "Conversation");
    page.button("Events").click();
    settled().await;
    assert_eq!(
        (selected(), text(&page.one("[role=tabpanel]"))),
        ("Events".into(), "1".into())
    );
    press(&page.button("Events"), "ArrowRight");
    settled().await;
    assert_eq!(selected(), "Conversation");
    assert_eq!(
        document().active_element().map(|tab| text(&tab)).unwrap(),
        "Conversation"
    );
}
