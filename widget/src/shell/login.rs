//! Login's two requests, and who this device is, in the browser's keeping (R47).

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::XmlHttpRequest;

use causerie_core::client::end_user::{Device, Input, LoginAnswer, LoginPost};

use super::Chat;
use super::secret::{self, State};
use crate::wire;

impl Chat {
    /// Posts a login; what comes of it comes in.
    pub(super) fn log_in(self: &Rc<Self>, post: LoginPost) {
        let number = post.number;
        let body = wire::login_json(&self.boot.key, &self.boot.locale, &post);
        let before = post.before.unwrap_or_default();
        let chat = Rc::downgrade(self);
        let answered = move |answer: LoginAnswer| {
            if let Some(chat) = chat.upgrade() {
                chat.feed(Input::LoginAnswered { number, answer });
            }
        };
        let ended = answered.clone();
        let sent = request("login", &before, &body, move |request| {
            let text = request.response_text().ok().flatten().unwrap_or_default();
            ended(wire::login_answer(&text).unwrap_or(LoginAnswer::Lost));
        });
        if sent.is_none() {
            queue_microtask(move || answered(LoginAnswer::Lost));
        }
    }

    /// This device is somebody's from here on.
    pub(super) fn keep_device(self: &Rc<Self>, device: Device) {
        self.secret.is_now(device.clone(), State::Kept);
        self.storage.keep_device(&device);
    }

    /// Nobody is logged in here any more. What the server makes of it is its own: the secret is forgotten.
    pub(super) fn leave_device(self: &Rc<Self>) {
        let left = self.secret.device();
        let body = wire::site_json(&self.boot.key);
        let _ = request("logout", &left.secret, &body, |_| {});
        if self.storage.device().is_none_or(|kept| kept == left) {
            self.storage.forget_device();
        }
        self.takes_what_is_kept();
    }

    /// The secret is nobody's any more.
    pub(super) fn renew_device(self: &Rc<Self>) {
        let mine = self.secret.device();
        if self.storage.device().is_none_or(|kept| kept == mine) {
            // Something was written here, so the fresh one is kept at once.
            self.storage.keep_device(&secret::fresh());
        }
        self.takes_what_is_kept();
    }

    /// The device that is kept, by whichever tab, or a fresh one.
    pub(super) fn takes_what_is_kept(self: &Rc<Self>) {
        let device = match self.storage.device() {
            Some(kept) if kept == self.secret.device() => return,
            Some(kept) => {
                self.secret.is_now(kept.clone(), State::Kept);
                kept
            }
            None => {
                let fresh = secret::fresh();
                self.secret.is_now(fresh.clone(), State::Fresh);
                fresh
            }
        };
        self.feed(Input::DeviceRenewed(device));
    }
}

/// Asks the server; none where the browser sends nothing.
fn request(
    path: &str,
    secret: &str,
    body: &str,
    ended: impl FnOnce(&XmlHttpRequest) + 'static,
) -> Option<()> {
    let request = XmlHttpRequest::new().ok()?;
    let address = ["/api/messaging/", path].concat();
    request.open("POST", &address).ok()?;
    request
        .set_request_header("content-type", "application/json")
        .ok()?;
    request
        .set_request_header("authorization", &["Bearer ", secret].concat())
        .ok()?;
    let its = request.clone();
    let ended = Closure::once_into_js(move || ended(&its));
    request.set_onloadend(Some(ended.unchecked_ref()));
    request.send_with_opt_str(Some(body)).ok()
}
