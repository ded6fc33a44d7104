//! One WebSocket. Dropped, it is closed, and nothing of it comes in any more.

use causerie_core::wire::SUBPROTOCOL;
use causerie_core::wire::agent::{Down, Up};
use leptos::prelude::window;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen::{JsCast, closure::IntoWasmClosure};
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

/// The close code where there is none.
pub(super) const LOST: u16 = 1006;

/// What a socket tells.
#[derive(Debug)]
pub(super) enum News {
    /// It is open.
    Opened,
    /// A frame came.
    Frame(Down),
    /// It is closed.
    Closed(u16),
}

/// A socket, open or opening.
#[derive(Debug)]
pub(super) struct Socket {
    socket: WebSocket,
    _opened: Closure<dyn FnMut(Event)>,
    _frame: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Opens one; nothing where the browser won't even try.
    pub(super) fn open(tell: impl Fn(News) + Clone + 'static) -> Option<Self> {
        let socket = WebSocket::new_with_str(&address()?, SUBPROTOCOL).ok()?;
        let opened = {
            let tell = tell.clone();
            Closure::new(move |_: Event| tell(News::Opened))
        };
        let frame = {
            let tell = tell.clone();
            Closure::new(move |event: MessageEvent| {
                let text = event.data().as_string().unwrap_or_default();
                match serde_json::from_str(&text) {
                    Ok(frame) => tell(News::Frame(frame)),
                    // Of a newer server, for a newer page. What was in it is nobody's to read in a console.
                    Err(fault) => {
                        leptos::logging::warn!("a frame was not understood: {:?}", fault.classify())
                    }
                }
            })
        };
        let closed = Closure::new(move |event: CloseEvent| tell(News::Closed(event.code())));
        socket.set_onopen(Some(function(&opened)));
        socket.set_onmessage(Some(function(&frame)));
        socket.set_onclose(Some(function(&closed)));
        Some(Self {
            socket,
            _opened: opened,
            _frame: frame,
            _closed: closed,
        })
    }

    /// Sends a frame. What a closing socket loses, the machine sends again.
    pub(super) fn send(&self, frame: &Up) {
        if let Ok(text) = serde_json::to_string(frame) {
            let _ = self.socket.send_with_str(&text);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // It may be closed already.
        let _ = self.socket.close();
    }
}

fn function<T: ?Sized + IntoWasmClosure<T>>(closure: &Closure<T>) -> &js_sys::Function {
    let value: &JsValue = closure.as_ref();
    value.unchecked_ref()
}

fn address() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" {
        "wss"
    } else {
        "ws"
    };
    Some(format!(
        "{scheme}://{}/api/workspace/socket",
        location.host().ok()?
    ))
}
