//! The composer: core's rule as it is drawn, keys, and what becomes of a reply that was too late.

use causerie_core::ticket::CommentTo;
use causerie_core::wire::agent::TicketRow;
use causerie_workspace::parts::composer::{Composer, Refusal};
use causerie_workspace::view::{Names, ticket};
use causerie_workspace::words::Words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use crate::page::{Got, Page, fill, is_disabled, press, press_with, settled, value};
use crate::rows;

/// A composer on a ticket, wired as the screen wires it.
struct Fixture {
    page: Page,
    row: RwSignal<TicketRow>,
    draft: RwSignal<String>,
    refusal: RwSignal<Option<Refusal>>,
    sent: Got<CommentTo>,
    instead: Got<CommentTo>,
}

impl Fixture {
    fn on(row: TicketRow) -> Self {
        let names = Names {
            agents: vec![(rows::agent().id, rows::agent().name)],
            groups: Vec::new(),
        };
        let (row, draft, refusal) = (
            RwSignal::new(row),
            RwSignal::new(String::new()),
            RwSignal::new(None),
        );
        let (sent, instead) = (Got::nothing(), Got::nothing());
        let (on_sent, on_instead) = (sent.callback(), instead.callback());
        let page = Page::with(move || {
            // Which channel holds for how long is core's to say, and is tested there and at a desk.
            let picked = RwSignal::new(None);
            let offers = Memo::new(move |_| row.with(|row| ticket::offers(row, &Words::default(), &names)));
            let chosen = Memo::new(move |_| {
                let default = row.with(|row| row.composer().default);
                picked.get().unwrap_or(default)
            });
            view! {
                <Composer
                    draft
                    on_edit=UnsyncCallback::new(move |text| draft.set(text))
                    offers
                    chosen
                    on_pick=UnsyncCallback::new(move |to| picked.set(Some(to)))
                    on_send=UnsyncCallback::new(move |()| on_sent.run(chosen.get_untracked()))
                    refusal
                    on_instead
                    on_read=UnsyncCallback::new(move |()| refusal.set(None))
                >
                    ""
                </Composer>
            }
        });
        Self {
            page,
            row,
            draft,
            refusal,
            sent,
            instead,
        }
    }

    fn channel(&self, name: &str) -> HtmlInputElement {
        self.page.labelled(name).dyn_into().unwrap()
    }
}

#[wasm_bindgen_test]
async fn while_the_session_lives_messaging_is_chosen() {
    let on = Fixture::on(rows::ticket());
    settled().await;
    assert_eq!(
        on.page
            .one("[role=radiogroup]")
            .get_attribute("aria-label")
            .unwrap(),
        "Channel"
    );
    assert!(on.channel("Messaging").checked());
    assert!(!on.channel("Public reply").disabled());
    assert!(!on.channel("Internal note").disabled());
    assert_eq!(
        on.page.one("textarea").get_attribute("aria-label").unwrap(),
        "Reply"
    );
}

#[wasm_bindgen_test]
async fn r28_after_the_end_messaging_is_off_with_its_reason_and_public_reply_is_chosen() {
    let on = Fixture::on(rows::ticket());
    on.row.set(rows::ended());
    settled().await;
    let messaging = on.channel("Messaging");
    assert!(messaging.disabled());
    assert!(
        on.page
            .description(&messaging)
            .starts_with("Session ended by Amélie at ")
    );
    assert!(on.channel("Public reply").checked());
}

#[wasm_bindgen_test]
async fn r28_without_an_address_the_note_is_chosen() {
    let on = Fixture::on(TicketRow {
        email: None,
        ..rows::ended()
    });
    settled().await;
    let public = on.channel("Public reply");
    assert!(public.disabled());
    assert_eq!(on.page.description(&public), "The customer's email is not known");
    assert!(on.channel("Internal note").checked());
}

#[wasm_bindgen_test]
async fn enter_sends_in_messaging_and_breaks_the_line_elsewhere() {
    let on = Fixture::on(rows::ticket());
    let reply = on.page.one("textarea");
    assert!(is_disabled(&on.page.button("Send")), "there is nothing to send");
    fill(&reply, "Hello");
    settled().await;
    assert_eq!(on.draft.get_untracked(), "Hello");
    assert!(
        press_with(&reply, "Enter", |keys| keys.set_shift_key(true)),
        "Shift+Enter breaks the line"
    );
    assert!(
        press_with(&reply, "Enter", |keys| keys.set_is_composing(true)),
        "Enter is the input method's"
    );
    assert_eq!(on.sent.all(), []);
    assert!(!press(&reply, "Enter"));
    assert_eq!(on.sent.all(), [CommentTo::Messaging]);

    on.channel("Internal note").click();
    settled().await;
    assert!(press(&reply, "Enter"), "a note has lines");
    assert!(!press_with(&reply, "Enter", |keys| keys.set_ctrl_key(true)));
    on.page.button("Send").click();
    assert_eq!(
        on.sent.all(),
        [CommentTo::Messaging, CommentTo::Note, CommentTo::Note]
    );
}

#[wasm_bindgen_test]
async fn r21_a_reply_that_was_too_late_offers_both_ways_to_go_on() {
    let on = Fixture::on(rows::ended());
    on.draft.set("One moment".into());
    on.refusal.set(Some(Refusal {
        why: "Not sent: the session had just ended.".into(),
        choose: true,
    }));
    settled().await;
    assert_eq!(value(&on.page.one("textarea")), "One moment");
    assert!(
        on.page
            .one("[role=alert]")
            .text_content()
            .unwrap()
            .contains("Not sent")
    );
    on.page.button("Send by email").click();
    on.page.button("Keep as note").click();
    assert_eq!(on.instead.all(), [CommentTo::Email, CommentTo::Note]);
    on.page.button("Dismiss").click();
    settled().await;
    assert!(on.page.find_button("Keep as note").is_none());
}

#[wasm_bindgen_test]
async fn r21_without_an_address_only_the_note_is_left() {
    let on = Fixture::on(TicketRow {
        email: None,
        ..rows::ended()
    });
    on.refusal.set(Some(Refusal {
        why: "Not sent.".into(),
        choose: true,
    }));
    settled().await;
    assert!(is_disabled(&on.page.button("Send by email")));
    assert!(!is_disabled(&on.page.button("Keep as note")));
}
