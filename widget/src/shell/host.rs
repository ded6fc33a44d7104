//! The page that embeds the chat: one port, handed over by the loader from an origin on the site's list.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, MessagePort};

use causerie_core::client::end_user::{HostEvent, Input, TokenGiven};
use causerie_core::ids::{ChatThreadId, ClientMessageId};

use super::{Chat, secret};
use crate::asked::Asked;
use crate::js::{self, field, object, text};
use crate::view::again;

/// What is known of the page.
#[derive(Debug, Default)]
pub(super) struct Host {
    port: RefCell<Option<MessagePort>>,
    /// Which call of the page waits for which message.
    calls: RefCell<Vec<(ClientMessageId, f64)>>,
    marked: Cell<bool>,
    unread: Cell<usize>,
}

impl Host {
    /// The panel is to be closed.
    pub(super) fn close(&self) {
        self.post("close", &[]);
    }

    /// Something has happened.
    pub(super) fn tell(&self, event: HostEvent) {
        match event {
            HostEvent::Unread(count) => {
                self.unread.set(count);
                self.tell_unread();
            }
            HostEvent::ConversationStarted { thread, .. } => {
                self.post_event("conversationStarted", &[conversation(Some(thread))]);
            }
            HostEvent::SessionEnded { thread, reason, .. } => {
                let reason = ("reason", JsValue::from(reason.name()));
                self.post_event("sessionEnded", &[conversation(thread), reason]);
            }
            HostEvent::Stands(cid) => {
                self.answer(cid, ("id", cid.to_string().into()));
                if !self.marked.replace(true) {
                    self.post("marker", &[]);
                }
            }
            HostEvent::TokenWanted { call } => self.post("token", &[("ref", call.into())]),
            HostEvent::LoggedIn { call, failed } => {
                let failed = failed.map_or(JsValue::UNDEFINED, Into::into);
                self.post("sent", &[("ref", call.into()), ("error", failed)]);
            }
            HostEvent::Refused(refused) => {
                if let Some(cid) = refused.cid {
                    self.answer(cid, ("error", refused.message.into()));
                }
            }
        }
    }

    /// Whoever was here has written nothing and has nothing to read.
    pub(super) fn forgets(&self) {
        self.marked.set(false);
        self.unread.set(0);
        self.tell_unread();
    }

    fn tell_unread(&self) {
        let count = u32::try_from(self.unread.get()).unwrap_or(u32::MAX);
        self.post("unread", &[("count", count.into())]);
    }

    fn answer(&self, cid: ClientMessageId, result: (&str, JsValue)) {
        let mut calls = self.calls.borrow_mut();
        if let Some(at) = calls.iter().position(|call| call.0 == cid) {
            let (_, call) = calls.swap_remove(at);
            self.post("sent", &[("ref", call.into()), result]);
        }
    }

    fn post_event(&self, name: &str, payload: &[(&str, JsValue)]) {
        self.post("event", &[("name", name.into()), ("payload", object(payload))]);
    }

    fn post(&self, kind: &str, fields: &[(&str, JsValue)]) {
        if let Some(port) = &*self.port.borrow() {
            let fields: Vec<_> = [("type", kind.into())]
                .into_iter()
                .chain(fields.iter().cloned())
                .collect();
            let _ = port.post_message(&object(&fields));
        }
    }
}

/// Waits for the page to say hello. Opened on its own, without a page around it, the chat is simply open.
pub(super) fn listen(chat: &Rc<Chat>) {
    let parent = window().parent().ok().flatten();
    if parent.as_ref() == Some(&window()) {
        chat.feed(Input::PanelShown);
        return;
    }
    let chat = Rc::clone(chat);
    let around = parent.clone();
    let _ = window_event_listener(leptos::ev::message, move |event| {
        let from_parent = event
            .source()
            .is_some_and(|source| Some(source.unchecked_ref()) == parent.as_ref());
        let known = from_parent && chat.boot.origins.contains(&event.origin());
        let data = event.data();
        let hello = field(&data, "causerie") == 1.0 && text(&data, "type").as_deref() == Some("hello");
        if known && hello && chat.host.port.borrow().is_none() {
            greet(&chat, &event);
        }
    });
    if let Some(parent) = around {
        // Whoever it is: nothing is told but that hello can be said now.
        let here = object(&[("causerie", 1.into()), ("type", "here".into())]);
        let _ = parent.post_message(&here, "*");
    }
}

fn greet(chat: &Rc<Chat>, event: &MessageEvent) {
    let Ok(port) = event.ports().get(0).dyn_into::<MessagePort>() else {
        return;
    };
    let listening = Rc::clone(chat);
    let heard =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| heard(&listening, &event.data()));
    let _ = port.add_event_listener_with_callback("message", heard.as_ref().unchecked_ref());
    // The port lives as long as the page.
    heard.forget();
    port.start();
    *chat.host.port.borrow_mut() = Some(port);
    chat.host.post("ready", &[]);
    chat.host.tell_unread();
    let hello = event.data();
    cookies(chat, &field(&hello, "cookies"));
    if field(&hello, "open").is_truthy() {
        show(chat);
    } else if chat.secret.is_kept() {
        // Somebody who has written before: what came meanwhile is worth knowing.
        chat.feed(Input::Wanted);
    }
}

/// A message of the page's. What is unknown is ignored.
fn heard(chat: &Rc<Chat>, message: &JsValue) {
    match text(message, "type").as_deref() {
        Some("open") => show(chat),
        Some("close") => chat.feed(Input::PanelHidden),
        Some("cookies") => cookies(chat, &field(message, "level")),
        Some("login") => {
            if let Some(call) = number(message) {
                chat.feed(Input::LoginWanted { call });
            }
        }
        Some("token") => chat.feed(Input::TokenGiven(TokenGiven {
            token: text(message, "jwt"),
            call: number(message),
            fresh: secret::fresh_secret(),
        })),
        Some("logout") => {
            secret::look(chat);
            chat.feed(Input::LogoutWanted);
        }
        Some("reset") => {
            chat.reset();
            let call = field(message, "ref");
            chat.host.post("sent", &[("ref", call)]);
        }
        Some("send") => {
            if let Some(call) = field(message, "ref").as_f64() {
                send(chat, call, Asked::read(message));
            }
        }
        Some(_) | None => {}
    }
}

/// The number of a call of the page's.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the loader counts them from one; a cast saturates"
)]
fn number(message: &JsValue) -> Option<u32> {
    field(message, "ref").as_f64().map(|number| number as u32)
}

fn send(chat: &Rc<Chat>, call: f64, asked: Result<Asked, &str>) {
    match asked {
        Ok(Asked { text, thread }) => {
            let cid = js::fresh_id();
            chat.host.calls.borrow_mut().push((cid, call));
            chat.feed(Input::HostSent { cid, text, thread });
        }
        Err(why) => chat
            .host
            .post("sent", &[("ref", call.into()), ("error", why.into())]),
    }
}

fn show(chat: &Rc<Chat>) {
    chat.feed(Input::PanelShown);
    again(chat.screen.focus);
}

fn cookies(chat: &Rc<Chat>, level: &JsValue) {
    if level.as_string().as_deref() == Some("none") {
        chat.storage.forget_on_leaving();
    }
}

fn conversation(thread: Option<ChatThreadId>) -> (&'static str, JsValue) {
    let id = thread.map_or(JsValue::NULL, |thread| thread.to_string().into());
    ("conversation", object(&[("id", id)]))
}
