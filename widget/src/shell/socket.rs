//! The WebSocket, or what looks like one where sockets are blocked (`widget/loader/poll.js`, fetched only then): frames
//! in and out as JSON. Dropping it closes it, and nothing of it comes in any more.

use std::rc::{Rc, Weak};

use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

use causerie_core::client::end_user::{Effect, Input};
use causerie_core::client::transport::Transport;
use causerie_core::wire::SUBPROTOCOL;
use causerie_core::wire::end_user::Up;

use super::Chat;
use crate::{js, wire};

/// What a browser says of a socket that never opened.
const ABNORMAL: u16 = 1006;

/// The class in `poll.js`.
const POLL: &str = "CauseriePoll";

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
    pub(super) fn open(chat: &Rc<Chat>, transport: Transport) -> Option<Self> {
        let origin = location().origin().unwrap_or_default();
        let host = origin.strip_prefix("http").unwrap_or_default();
        let address = ["ws", host, "/api/messaging/socket"].concat();
        let feed = feeder(chat);
        let opened = match transport {
            Transport::Socket => WebSocket::new_with_str(&address, SUBPROTOCOL),
            Transport::Poll => match js::field(&window(), POLL).dyn_into::<Function>() {
                Ok(class) => Reflect::construct(&class, &Array::of2(&address.into(), &SUBPROTOCOL.into()))
                    .map(JsCast::unchecked_into),
                Err(_) if fetch_poll(chat).is_ok() => return None,
                Err(undefined) => Err(undefined),
            },
        };
        let Ok(inner) = opened else {
            queue_microtask(move || feed(Input::SocketClosed { code: ABNORMAL }));
            return None;
        };
        let (opening, closing) = (feed.clone(), feed.clone());
        let opened = Closure::new(move |_: Event| opening(Input::SocketOpened));
        let closed =
            Closure::new(move |event: CloseEvent| closing(Input::SocketClosed { code: event.code() }));
        let here = Rc::downgrade(chat);
        let heard = Closure::new(move |event: MessageEvent| {
            // A frame that this build does not know is a newer server's: ignored.
            let frame = event.data().as_string().and_then(|text| wire::frame(&text));
            if let (Some(frame), Some(chat)) = (frame, here.upgrade()) {
                // As it came it goes with what it says, for an answer to a poll has many. Only where the visitor's
                // secret is being settled it waits, and then nobody follows this tab.
                queue_microtask(move || {
                    *chat.came.borrow_mut() = event.data();
                    chat.feed(Input::Frame(frame));
                });
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

/// Fetches what polls, and then connects by it. A script that comes too late, or is another one (a proxy's own page),
/// is none.
fn fetch_poll(chat: &Rc<Chat>) -> Result<(), JsValue> {
    let script = document().create_element("script")?;
    script.set_attribute("src", "/frame/poll.js")?;
    let (arrived, feed) = (Rc::downgrade(chat), feeder(chat));
    let failing = feed.clone();
    let connect = Closure::once_into_js(move || {
        let Some(chat) = arrived.upgrade() else { return };
        if js::field(&window(), POLL).is_undefined() {
            feed(Input::SocketClosed { code: ABNORMAL });
        } else if chat.socket.borrow().is_none() {
            chat.act(Effect::Connect(Transport::Poll));
        }
    });
    let failed = Closure::once_into_js(move || failing(Input::SocketClosed { code: ABNORMAL }));
    script.add_event_listener_with_callback("load", connect.unchecked_ref())?;
    script.add_event_listener_with_callback("error", failed.unchecked_ref())?;
    document().body().ok_or(JsValue::NULL)?.append_child(&script)?;
    Ok(())
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
