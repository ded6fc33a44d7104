use causerie_widget::parts::menu::Menu;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, PointerEvent, PointerEventInit};

use crate::stage::{Heard, Stage, on_stage, press, settled};

/// What the menu is told, and what it tells.
struct Told {
    offers_end: RwSignal<bool>,
    has_log: RwSignal<bool>,
    sounds: RwSignal<bool>,
    ended: Heard<()>,
    downloaded: Heard<()>,
    switched: Heard<bool>,
}

fn menu() -> (Stage<impl leptos::tachys::view::Mountable>, Told) {
    let told = Told {
        offers_end: RwSignal::new(true),
        has_log: RwSignal::new(true),
        sounds: RwSignal::new(false),
        ended: Heard::nothing(),
        downloaded: Heard::nothing(),
        switched: Heard::nothing(),
    };
    let (offers_end, has_log, sounds) = (told.offers_end, told.has_log, told.sounds);
    let (on_end, on_download, on_sounds) = (
        told.ended.callback(),
        told.downloaded.callback(),
        told.switched.callback(),
    );
    let stage = on_stage(move || {
        let focus = RwSignal::new(0).read_only();
        view! {
            <Menu
                offers_end=offers_end.read_only()
                has_log=has_log.into()
                sounds=sounds.read_only()
                focus
                on_end
                on_download
                on_sounds
            />
        }
    });
    (stage, told)
}

fn focused() -> HtmlElement {
    document().active_element().unwrap().unchecked_into()
}

fn names<M: leptos::tachys::view::Mountable>(stage: &Stage<M>) -> Vec<String> {
    let items = stage.all("[role=menu] > [role^=menuitem]");
    items.iter().map(|item| item.text_content().unwrap()).collect()
}

#[wasm_bindgen_test]
async fn the_button_opens_a_menu_and_the_arrows_go_round_in_it() {
    let (stage, _told) = menu();
    let button = stage.button("More options");
    assert_eq!(button.get_attribute("aria-haspopup").as_deref(), Some("menu"));
    assert_eq!(button.get_attribute("aria-expanded").as_deref(), Some("false"));
    button.click();
    settled().await;
    assert_eq!(button.get_attribute("aria-expanded").as_deref(), Some("true"));
    assert_eq!(names(&stage), ["Download transcript", "Sounds", "End chat"]);
    let mut walked = vec![focused().text_content().unwrap()];
    for key in ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Home", "End"] {
        assert!(!press(&focused(), key, |_| {}), "{key} does not scroll the log");
        walked.push(focused().text_content().unwrap());
    }
    assert_eq!(
        walked,
        [
            "Download transcript",
            "Sounds",
            "End chat",
            "Download transcript",
            "End chat",
            "Download transcript",
            "End chat"
        ]
    );
}

#[wasm_bindgen_test]
async fn escape_closes_it_alone_and_gives_the_focus_back() {
    let (stage, _told) = menu();
    let button = stage.button("More options");
    button.focus().unwrap();
    press(&button, "ArrowDown", |_| {});
    settled().await;
    assert!(stage.has("[role=menu]"));
    assert!(
        !press(&focused(), "Escape", |_| {}),
        "it is used up: the panel stays open"
    );
    settled().await;
    assert!(!stage.has("[role=menu]"));
    assert_eq!(focused(), button);
    // Tab goes on from where it stands.
    button.click();
    settled().await;
    assert!(press(&focused(), "Tab", |_| {}));
    settled().await;
    assert!(!stage.has("[role=menu]"));
}

#[wasm_bindgen_test]
async fn a_press_outside_closes_it_and_one_inside_does_not() {
    let (stage, _told) = menu();
    stage.button("More options").click();
    settled().await;
    let down = |target: &Element| {
        let init = PointerEventInit::new();
        init.set_bubbles(true);
        let event = PointerEvent::new_with_event_init_dict("pointerdown", &init).unwrap();
        target.dispatch_event(&event).unwrap();
    };
    down(&stage.find("[role=menu]"));
    settled().await;
    assert!(stage.has("[role=menu]"));
    down(&document().body().unwrap());
    settled().await;
    assert!(!stage.has("[role=menu]"));
}

#[wasm_bindgen_test]
async fn a_choice_is_told_and_closes_it() {
    let (stage, told) = menu();
    for choice in ["End chat", "Download transcript"] {
        stage.button("More options").click();
        settled().await;
        stage.button(choice).click();
        settled().await;
        assert!(!stage.has("[role=menu]"), "{choice}");
    }
    assert_eq!((told.ended.all().len(), told.downloaded.all().len()), (1, 1));
}

#[wasm_bindgen_test]
async fn sounds_is_switched_in_the_open_menu() {
    let (stage, told) = menu();
    stage.button("More options").click();
    settled().await;
    let sounds: HtmlElement = stage.find("[role=menuitemcheckbox]");
    assert_eq!(sounds.get_attribute("aria-checked").as_deref(), Some("false"));
    sounds.click();
    told.sounds.set(true);
    settled().await;
    assert_eq!(sounds.get_attribute("aria-checked").as_deref(), Some("true"));
    sounds.click();
    assert_eq!(told.switched.all(), [true, false]);
}

#[wasm_bindgen_test]
async fn r17_the_end_is_there_only_while_it_is_on_offer() {
    let (stage, told) = menu();
    told.offers_end.set(false);
    told.has_log.set(false);
    stage.button("More options").click();
    settled().await;
    assert_eq!(names(&stage), ["Sounds"]);
    told.offers_end.set(true);
    settled().await;
    assert_eq!(names(&stage), ["Sounds", "End chat"]);
}
