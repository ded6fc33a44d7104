//! Where parts stand while they are tested, and what a person does to them.

use std::cell::RefCell;
use std::rc::Rc;

use causerie_core::client::timeline::{InConversation, Row, RowKey, Standing};
use causerie_core::ids::{AgentId, ClientMessageId, Seq};
use causerie_core::message::Author;
use causerie_core::time::Timestamp;
use causerie_widget::boot::Boot;
use causerie_widget::view::{RowHandle, Shown};
use causerie_widget::words::Words;
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::Mountable;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventInit, HtmlElement, KeyboardEvent, KeyboardEventInit};

/// Half past nine of a summer morning, by the clock in Greenwich.
pub(crate) const MORNING: Timestamp = Timestamp(1_750_000_000_000);

/// The language of a table in `locales/`.
pub(crate) fn language(locale: &str, table: &str) -> Words {
    let block = format!(r#"{{"locale": "{locale}", "strings": {table}}}"#);
    Words::new(&Boot::of(&js_sys::JSON::parse(&block).unwrap()))
}

pub(crate) fn english() -> Words {
    language("en", include_str!("../../locales/en.json"))
}

/// A place in the document with a part in it. It goes with the test.
pub(crate) struct Stage<M: Mountable> {
    pub(crate) root: HtmlElement,
    _mounted: UnmountHandle<M>,
}

impl<M: Mountable> Drop for Stage<M> {
    fn drop(&mut self) {
        self.root.remove();
    }
}

/// Puts a part on the stage, in English.
pub(crate) fn on_stage<F, V>(part: F) -> Stage<V::State>
where
    F: FnOnce() -> V + 'static,
    V: IntoView,
{
    let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
    document().body().unwrap().append_child(&root).unwrap();
    let mounted = mount_to(root.clone(), move || {
        provide_context(english());
        part()
    });
    Stage {
        root,
        _mounted: mounted,
    }
}

impl<M: Mountable> Stage<M> {
    pub(crate) fn find<E: JsCast>(&self, selector: &str) -> E {
        let found = self.root.query_selector(selector).unwrap();
        found
            .unwrap_or_else(|| panic!("there is no {selector} in {}", self.root.inner_html()))
            .unchecked_into()
    }

    pub(crate) fn has(&self, selector: &str) -> bool {
        self.root.query_selector(selector).unwrap().is_some()
    }

    pub(crate) fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.root.query_selector_all(selector).unwrap();
        (0..found.length())
            .map(|at| found.get(at).unwrap().unchecked_into())
            .collect()
    }

    /// The button of this name.
    pub(crate) fn button(&self, name: &str) -> HtmlElement {
        let named = |button: &Element| {
            let label = button
                .get_attribute("aria-label")
                .or_else(|| button.text_content());
            label.is_some_and(|label| label.trim() == name)
        };
        let found = self.all("button").into_iter().find(named);
        found
            .unwrap_or_else(|| panic!("there is no button {name}"))
            .unchecked_into()
    }
}

/// What callbacks were told, in order.
#[derive(Clone)]
pub(crate) struct Heard<T: 'static>(StoredValue<Rc<RefCell<Vec<T>>>, LocalStorage>);

impl<T: Clone + 'static> Heard<T> {
    pub(crate) fn nothing() -> Self {
        Self(StoredValue::new_local(Rc::default()))
    }

    pub(crate) fn callback(&self) -> Callback<T> {
        let list = self.0;
        Callback::new(move |said| list.with_value(|list| list.borrow_mut().push(said)))
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.with_value(|list| list.borrow().clone())
    }
}

/// Lets the signals come through to the document.
pub(crate) async fn settled() {
    leptos::task::tick().await;
    leptos::task::tick().await;
}

/// Lets the browser draw.
pub(crate) async fn drawn() {
    settled().await;
    for _ in 0..2 {
        let frame = js_sys::Promise::new(&mut |resolve, _| {
            window().request_animation_frame(&resolve).unwrap();
        });
        wasm_bindgen_futures::JsFuture::from(frame).await.unwrap();
    }
}

/// Presses a key; answers whether the browser would still do its own.
pub(crate) fn press(target: &Element, key: &str, change: impl FnOnce(&KeyboardEventInit)) -> bool {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    change(&init);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    target.dispatch_event(&event).unwrap()
}

/// Says that the value has changed, as typing does.
pub(crate) fn input(target: &Element) {
    let init = EventInit::new();
    init.set_bubbles(true);
    target
        .dispatch_event(&Event::new_with_event_init_dict("input", &init).unwrap())
        .unwrap();
}

pub(crate) fn agent(name: &str) -> Author {
    Author::Agent {
        id: AgentId(1),
        name: name.to_owned(),
    }
}

/// A message that stands on its own.
pub(crate) fn said(number: u64, author: Author, text: &str) -> Shown {
    let key = match author {
        Author::EndUser => RowKey::Own(ClientMessageId(uuid::Uuid::from_u128(number.into()))),
        Author::Bot | Author::Agent { .. } | Author::Business { .. } => RowKey::Entry(Seq(number)),
    };
    Shown {
        row: Row {
            key,
            author,
            text: text.to_owned(),
            at: MORNING,
            standing: Standing::Stands,
            conversation: InConversation::Fresh,
            opens_day: false,
            after_break: false,
            opens_group: true,
            closes_group: true,
        },
        shows_standing: false,
    }
}

pub(crate) fn handle(shown: Shown) -> RowHandle {
    RowHandle {
        key: shown.row.key,
        row: ArcRwSignal::new(shown),
    }
}
