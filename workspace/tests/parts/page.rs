//! The page a part is put on, and a person's hands.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventInit, HtmlElement, KeyboardEvent, KeyboardEventInit};

/// A part on a page of its own.
pub(crate) struct Page(HtmlElement);

impl Page {
    /// Puts a part on a page.
    pub(crate) fn with<N: IntoView + 'static>(view: impl FnOnce() -> N + 'static) -> Self {
        let root: HtmlElement = document().create_element("div").unwrap().dyn_into().unwrap();
        document().body().unwrap().append_child(&root).unwrap();
        mount_to(root.clone(), view).forget();
        Self(root)
    }

    /// All that a selector finds.
    pub(crate) fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = self.0.query_selector_all(selector).unwrap();
        (0..found.length())
            .map(|at| found.item(at).unwrap().dyn_into().unwrap())
            .collect()
    }

    /// The one that a selector finds.
    pub(crate) fn one(&self, selector: &str) -> HtmlElement {
        let mut found = self.all(selector);
        assert_eq!(found.len(), 1, "{selector} in {}", self.0.inner_html());
        found.remove(0)
    }

    /// The button with this text.
    pub(crate) fn button(&self, name: &str) -> HtmlElement {
        self.find_button(name)
            .unwrap_or_else(|| panic!("no button {name} in {}", self.0.inner_html()))
    }

    /// The button with this text, if there is one.
    pub(crate) fn find_button(&self, name: &str) -> Option<HtmlElement> {
        self.all("button").into_iter().find(|button| text(button) == name)
    }

    /// The label with this text, if there is one.
    pub(crate) fn find_label(&self, name: &str) -> Option<HtmlElement> {
        self.all("label").into_iter().find(|label| text(label) == name)
    }

    /// The control that the label with this text is for.
    pub(crate) fn labelled(&self, name: &str) -> HtmlElement {
        let label = self.find_label(name);
        let label = label.unwrap_or_else(|| panic!("no label {name} in {}", self.0.inner_html()));
        match label.get_attribute("for") {
            Some(id) => self.one(&format!("[id='{id}']")),
            None => label
                .query_selector("input")
                .unwrap()
                .unwrap()
                .dyn_into()
                .unwrap(),
        }
    }

    /// The text of what describes an element.
    pub(crate) fn description(&self, of: &Element) -> String {
        let id = of.get_attribute("aria-describedby").unwrap();
        text(&self.one(&format!("[id='{id}']")))
    }

    /// All there is to read.
    pub(crate) fn text(&self) -> String {
        text(&self.0)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.0.remove();
    }
}

/// What callbacks have got, in order.
pub(crate) struct Got<T>(Rc<RefCell<Vec<T>>>);

impl<T: Clone + 'static> Got<T> {
    pub(crate) fn nothing() -> Self {
        Self(Rc::default())
    }

    pub(crate) fn callback(&self) -> UnsyncCallback<T> {
        let got = Rc::clone(&self.0);
        UnsyncCallback::new(move |what| got.borrow_mut().push(what))
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }
}

/// Lets the page take up what has changed.
pub(crate) async fn settled() {
    for _ in 0..3 {
        leptos::task::tick().await;
    }
}

/// Lets the browser draw what has changed, a few times.
pub(crate) async fn painted() {
    for _ in 0..4 {
        let frame = js_sys::Promise::new(&mut |resolve, _| {
            window().request_animation_frame(&resolve).unwrap();
        });
        wasm_bindgen_futures::JsFuture::from(frame).await.unwrap();
    }
    settled().await;
}

/// An element's text, blanks made one.
pub(crate) fn text(of: &Element) -> String {
    let text = of.text_content().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a control can be used.
pub(crate) fn is_disabled(element: &Element) -> bool {
    element.has_attribute("disabled") || element.get_attribute("aria-disabled").as_deref() == Some("true")
}

/// Presses a key; answers whether the browser would still do what it does with it.
pub(crate) fn press(on: &Element, key: &str) -> bool {
    press_with(on, key, |_| {})
}

/// Presses a key with others held.
pub(crate) fn press_with(on: &Element, key: &str, held: impl FnOnce(&KeyboardEventInit)) -> bool {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    held(&init);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    on.dispatch_event(&event).unwrap()
}

/// Types a text into a textbox.
pub(crate) fn fill(textbox: &HtmlElement, text: &str) {
    set(textbox, text);
    tell(textbox, "input");
}

/// Picks a value of a combobox, or leaves a textbox with another text.
pub(crate) fn change(control: &HtmlElement, value: &str) {
    set(control, value);
    tell(control, "change");
}

/// The value of a control.
pub(crate) fn value(control: &HtmlElement) -> String {
    js_sys::Reflect::get(control, &"value".into())
        .unwrap()
        .as_string()
        .unwrap()
}

fn set(control: &HtmlElement, value: &str) {
    js_sys::Reflect::set(control, &"value".into(), &value.into()).unwrap();
}

fn tell(element: &Element, kind: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    element
        .dispatch_event(&Event::new_with_event_init_dict(kind, &init).unwrap())
        .unwrap();
}
