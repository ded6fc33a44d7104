//! The WebSocket: frames in and out as JSON. Dropping it closes it, and nothing of it comes in any more.

use std::rc::{Rc, Weak};

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

use causerie_core::client::end_user::Input;
use causerie_core::wire::SUBPROTOCOL;
use causerie_core::wire::end_user::Up;

use super::Chat;
use crate::wire;

/// What a browser says of a socket that never opened.
const ABNORMAL: u16 = 1006;

/// One socket, from its opening on.
#[derive(Debug)]
pub(super) struct Socket {
    inner: WebSocket,
    /// They live as long as they may be called.
    _listeners: Listeners,
}

type Listeners = (
    Closure<dyn FnMut(Event)>,
    Closure<dyn FnMut(CloseEvent)>,
    Closure<dyn FnMut(MessageEvent)>,
);

impl Socket {
    /// Opens one. Where the browser refuses at once, that is told as any other end, a moment later.
    pub(super) fn open(chat: &Rc<Chat>) -> Option<Self> {
        let address =
            location().origin().unwrap_or_default().replacen("http", "ws", 1) + "/api/messaging/socket";
        let feed = feeder(chat);
        let Ok(inner) = WebSocket::new_with_str(&address, SUBPROTOCOL) else {
            queue_microtask(move || feed(Input::SocketClosed { code: ABNORMAL }));
            return None;
        };
        let (opening, closing) = (feed.clone(), feed.clone());
        let opened = Closure::new(move |_: Event| opening(Input::SocketOpened));
        let closed =
            Closure::new(move |event: CloseEvent| closing(Input::SocketClosed { code: event.code() }));
        let heard = Closure::new(move |event: MessageEvent| {
            // A frame that this build does not know is a newer server's: ignored.
            let frame = event.data().as_string().and_then(|text| wire::frame(&text));
            if let Some(frame) = frame {
                feed(Input::Frame(frame));
            }
        });
        inner.set_onopen(Some(opened.as_ref().unchecked_ref()));
        inner.set_onclose(Some(closed.as_ref().unchecked_ref()));
        inner.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        Some(Self {
            inner,
            _listeners: (opened, closed, heard),
        })
    }

    /// Sends a frame. What can't be sent now is sent again by the machine when the connection is back.
    pub(super) fn send(&self, frame: &Up) {
        let _ = self.inner.send_with_str(&wire::up(frame));
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.inner.set_onopen(None);
        self.inner.set_onclose(None);
        self.inner.set_onmessage(None);
        let _ = self.inner.close();
    }
}

/// Feeds a chat that may be gone. The input comes in after the event, so that a socket may be let go of by what its
/// own event leads to.
fn feeder(chat: &Rc<Chat>) -> impl Fn(Input) + Clone + 'static {
    let chat: Weak<Chat> = Rc::downgrade(chat);
    move |input| {
        if let Some(chat) = chat.upgrade() {
            queue_microtask(move || chat.feed(input));
        }
    }
}
