//! The forms: switches, macros, the doors.

use causerie_core::ids::MacroId;
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::ticket::Status;
use causerie_workspace::parts::choice::{Choice, Pick};
use causerie_workspace::parts::macro_form::MacroForm;
use causerie_workspace::parts::switch::Switch;
use causerie_workspace::screens::sentence;
use causerie_workspace::screens::sign_in::{Before, SignIn};
use causerie_workspace::screens::welcome::{ChoosePassword, SpentLink};
use causerie_workspace::shell::http::{Fault, Invited, MacroDraft};
use causerie_workspace::words::Words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use crate::page::{Got, Page, change, fill, is_disabled, settled, text, value};

#[wasm_bindgen_test]
async fn a_switch_shows_what_is_so() {
    let (on, asked) = (RwSignal::new(true), Got::nothing());
    let on_change = asked.callback();
    let page = Page::with(move || {
        view! { <Switch label="Agents can end messaging sessions" hint="From the composer." on on_change /> }
    });
    settled().await;
    let switch: HtmlInputElement = page
        .labelled("Agents can end messaging sessions")
        .dyn_into()
        .unwrap();
    assert_eq!(page.description(&switch), "From the composer.");
    switch.click();
    assert_eq!((asked.all(), switch.checked()), (vec![false], true));
    on.set(false);
    settled().await;
    assert!(!switch.checked());
}

#[wasm_bindgen_test]
async fn a_choice_asks_for_what_is_picked_and_shows_what_is_so() {
    let (so, picked, disabled) = (
        RwSignal::new("low".to_owned()),
        Got::nothing(),
        RwSignal::new(false),
    );
    let on_pick = picked.callback();
    let high = Pick {
        disabled: true,
        ..Pick::new("high", "High")
    };
    let picks = vec![Pick::new("low", "Low"), Pick::new("normal", "Normal"), high];
    let page = Page::with(move || {
        view! { <Choice label="Priority" value=so picks=Signal::stored(picks) disabled on_pick /> }
    });
    settled().await;
    let choice = page.labelled("Priority");
    assert_eq!(value(&choice), "low");
    assert!(is_disabled(&page.all("option")[2]));
    change(&choice, "low");
    change(&choice, "normal");
    assert_eq!(picked.all(), ["normal"], "what is so already is not asked for");
    assert_eq!(value(&choice), "low", "it is not so yet");
    so.set("normal".into());
    disabled.set(true);
    settled().await;
    assert_eq!(value(&choice), "normal");
    assert!(is_disabled(&choice));
}

#[wasm_bindgen_test]
async fn a_macro_is_changed_and_kept_as_it_is_written() {
    let (kept, cancelled) = (Got::<MacroDraft>::nothing(), Got::nothing());
    let (on_keep, on_cancel) = (kept.callback(), cancelled.callback());
    let before = Macro {
        id: MacroId(1),
        title: "Bye".into(),
        text: Some(Text::parse("See you").unwrap()),
        status: None,
        priority: None,
        add_tags: vec!["done".into()],
        end_session: false,
    };
    let page = Page::with(move || view! { <MacroForm macro_before=Some(before) on_keep on_cancel /> });
    settled().await;
    assert_eq!(value(&page.labelled("Text to the customer")), "See you");
    fill(&page.labelled("Title"), " Goodbye ");
    fill(&page.labelled("Add tags"), "done, Ended");
    change(&page.labelled("Set status"), "solved");
    page.labelled("And end the session").click();
    settled().await;
    page.button("Save").click();
    settled().await;
    assert_eq!(
        kept.all(),
        [MacroDraft {
            title: "Goodbye".into(),
            text: Some(Text::parse("See you").unwrap()),
            status: Some(Status::Solved),
            priority: None,
            add_tags: vec!["done".into(), "ended".into()],
            end_session: true,
        }]
    );
    page.button("Cancel").click();
    assert_eq!(cancelled.all().len(), 1);
}

#[wasm_bindgen_test]
async fn r38_a_macro_with_a_placeholder_that_nobody_knows_is_not_kept_and_says_which_there_are() {
    let kept = Got::<MacroDraft>::nothing();
    let (on_keep, on_cancel) = (kept.callback(), Got::nothing().callback());
    let page = Page::with(move || view! { <MacroForm macro_before=None on_keep on_cancel /> });
    settled().await;
    fill(&page.labelled("Title"), "Hi");
    fill(
        &page.labelled("Text to the customer"),
        "Hi {{ticket.requester.phone}}",
    );
    page.button("Save").click();
    settled().await;
    assert_eq!(kept.all(), []);
    assert_eq!(
        text(&page.one("[role=alert]")),
        "The text has a placeholder that cannot be filled in. Under it stands which ones can."
    );
    let field = page.labelled("Text to the customer");
    assert!(
        page.description(&field)
            .contains("{{ticket.id}} {{ticket.title}} {{ticket.requester.name}}")
    );
    fill(&field, "Hi {{ticket.requester.name}}");
    page.button("Save").click();
    settled().await;
    assert_eq!(kept.all().len(), 1);
    assert_eq!(text(&page.one("[role=alert]")), "");
}

#[wasm_bindgen_test]
fn what_a_password_needs_stands_once_and_what_is_wrong_with_it_beside() {
    let words = Words::default();
    let short = Fault::Refused {
        code: "password".into(),
        message: "No.".into(),
    };
    let (hint, wrong) = (words.say("welcome.hint"), sentence(&short, "", &words));
    assert!(hint.contains("At least 8 characters"));
    assert!(!wrong.contains("At least 8 characters") && wrong.contains("too short"));
}

fn sign_in(before: Before) -> Page {
    Page::with(move || view! { <SignIn before on_done=UnsyncCallback::new(|()| ()) /> })
}

#[wasm_bindgen_test]
async fn r40_the_sign_in_does_not_promise_drafts_that_are_gone() {
    let page = sign_in(Before::SomebodyWith { drafts: false });
    settled().await;
    assert!(page.text().contains("You are signed out. Sign in to go on."));
    assert!(!page.text().contains("drafts"));
    drop(page);
    let page = sign_in(Before::Nobody);
    settled().await;
    assert!(!page.text().contains("signed out"));
}

#[wasm_bindgen_test]
async fn the_doors_have_labelled_fields_for_a_password_manager() {
    let page = sign_in(Before::SomebodyWith { drafts: true });
    settled().await;
    assert_eq!(
        page.labelled("Email").get_attribute("autocomplete").unwrap(),
        "username"
    );
    assert_eq!(
        page.labelled("Password").get_attribute("type").unwrap(),
        "password"
    );
    assert_eq!(text(&page.one("button[type=submit]")), "Sign in");
    assert!(
        page.text()
            .contains("You are signed out. Sign in to go on; your drafts are kept.")
    );
    assert!(
        text(&page.one("details")).contains("causerie agent add"),
        "a lost password is not the end"
    );
}

fn invited(renews: bool) -> Invited {
    Invited {
        name: "Zoë".into(),
        email: "zoe@example.com".into(),
        renews,
    }
}

#[wasm_bindgen_test]
async fn a_one_time_link_names_the_account_for_the_password_manager() {
    let nothing = || UnsyncCallback::new(|()| ());
    let page = Page::with(move || {
        view! { <ChoosePassword token="t".to_owned() invited=invited(false) on_done=nothing() on_spent=nothing() /> }
    });
    settled().await;
    let email = page.labelled("Email");
    assert_eq!(value(&email), "zoe@example.com");
    assert_eq!(email.get_attribute("autocomplete").unwrap(), "username");
    assert!(email.has_attribute("readonly"));
    assert_eq!(
        page.labelled("Password").get_attribute("autocomplete").unwrap(),
        "new-password"
    );
    assert_eq!(text(&page.one("button[type=submit]")), "Sign in");
    assert_eq!(text(&page.one("h1")), "Welcome, Zoë");
    drop(page);
    let page = Page::with(move || {
        view! { <ChoosePassword token="t".to_owned() invited=invited(true) on_done=nothing() on_spent=nothing() /> }
    });
    settled().await;
    assert_eq!(text(&page.one("h1")), "Choose a new password", "they had lost it");
}

#[wasm_bindgen_test]
async fn a_spent_link_has_no_form_and_says_how_to_get_another() {
    let left = Got::nothing();
    let on_leave = left.callback();
    let page = Page::with(move || view! { <SpentLink on_leave /> });
    settled().await;
    assert!(page.all("input").is_empty());
    assert!(page.text().contains("used already or is too old"));
    assert!(page.text().contains("causerie agent add"));
    page.button("Go to sign-in").click();
    assert_eq!(left.all().len(), 1);
}
