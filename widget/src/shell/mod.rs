//! The shell: feeds the machine, and does its effects in one match. It decides nothing.
//!
//! - `socket`: the connection to the server. `storage`: what outlives the page. `host`: the page that embeds it.
//! - `sound`: the tone of a message that is not seen.
//! - `login`: who the site says that this visitor is.
//! - `tabs`: what the visitor's tabs share, the outbox and drafts among it.
//! - `secret`: who this visitor is, settled between tabs before anything is sent.

mod host;
mod login;
mod secret;
mod socket;
mod sound;
mod storage;
mod tabs;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use causerie_core::client::end_user::{Config, Effect, EndUserClient, HostEvent, Input, Kept};
use causerie_core::client::role::TabId;
use causerie_core::client::timeline::Row;
use causerie_core::ids::ClientMessageId;
use causerie_core::time::Timestamp;

use crate::boot::Boot;
use crate::js;
use crate::view::{Screen, again};
use crate::words::day_of;
use host::Host;
use secret::Secret;
use socket::Socket;
use storage::Storage;

/// The widget's shell. A handle: copies mean the same.
#[derive(Clone, Copy, Debug)]
pub struct Shell(StoredValue<Rc<Chat>, LocalStorage>);

/// The machine and all that its effects act on.
#[derive(Debug)]
pub(crate) struct Chat {
    boot: Boot,
    screen: Screen,
    storage: Storage,
    secret: Secret,
    host: Host,
    machine: RefCell<EndUserClient>,
    socket: RefCell<Option<Socket>>,
    /// The frame that came last, as it came.
    came: RefCell<JsValue>,
    timer: RefCell<Option<TimeoutHandle>>,
}

impl Shell {
    /// Takes up what was kept, and listens to the page, the browser and the other tabs. Connects to nothing yet.
    #[must_use]
    pub fn start(boot: &Boot, screen: Screen) -> Self {
        let storage = Storage::open(&boot.key);
        let secret = Secret::known_or_fresh(&storage);
        let chat = Rc::new_cyclic(|chat| {
            tabs::join(&boot.key, &secret.whose(), chat.clone());
            Chat {
                boot: boot.clone(),
                screen,
                machine: RefCell::new(EndUserClient::new(config(boot, &storage, &secret))),
                storage,
                secret,
                host: Host::default(),
                socket: RefCell::default(),
                came: RefCell::default(),
                timer: RefCell::default(),
            }
        });
        chat.feed(Input::Restored(chat.storage.kept()));
        chat.look();
        storage::listen(&chat);
        host::listen(&chat);
        listen_to_browser(&chat);
        Self(StoredValue::new_local(chat))
    }

    /// The composer's text has changed.
    pub fn edited(self, draft: String) {
        self.chat().feed(Input::Edited(draft));
    }

    /// The composer's text is sent.
    pub fn written(self, text: String) {
        self.chat().feed(Input::Written {
            cid: js::fresh_id(),
            text,
        });
    }

    /// A quick reply was pressed. Its button is gone with that, so the composer takes the focus.
    pub fn replied(self, text: String) {
        let chat = self.chat();
        chat.feed(Input::QuickReply {
            cid: js::fresh_id(),
            text,
        });
        again(chat.screen.focus);
    }

    /// `Retry` was pressed.
    pub fn retried(self, cid: ClientMessageId) {
        self.chat().feed(Input::RetryPressed {
            cid,
            fresh: js::fresh_id(),
        });
    }

    /// `End chat` was pressed, and confirmed.
    pub fn ended(self) {
        self.chat().feed(Input::EndPressed { cid: js::fresh_id() });
    }

    /// `Sounds` was switched. On, it is heard at once: that says what it will be like, and a browser wants the
    /// visitor's own press before it makes any sound.
    pub fn switched_sounds(self, on: bool) {
        let chat = self.chat();
        chat.feed(Input::SoundsSwitched(on));
        if on {
            sound::play();
        }
    }

    /// The whole log.
    #[must_use]
    pub fn rows(self) -> Vec<Row> {
        self.chat().machine.borrow().rows(usize::MAX, &day_of)
    }

    /// The panel is to be closed: the host page does it.
    pub fn closed(self) {
        self.chat().host.close();
    }

    /// Another part of the log is to be shown.
    pub fn page(self, rows: usize) {
        let chat = self.chat();
        chat.screen.window.set(rows);
        chat.draw();
    }

    fn chat(self) -> Rc<Chat> {
        self.0.get_value()
    }
}

impl Chat {
    /// One input in; its effects are done, in order. What needs a settled secret waits for it, and so does what
    /// comes after.
    pub(crate) fn feed(self: &Rc<Self>, input: Input) {
        if let Some(input) = secret::settled(self, input) {
            let effects = self
                .machine
                .borrow_mut()
                .handle(input, js::now(), js::random_number());
            for effect in effects {
                self.act(effect);
            }
        }
    }

    pub(crate) fn act(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Connect(transport) => {
                // The one before is let go of first: nothing of it comes in any more.
                self.socket.take();
                let opened = Socket::open(self, transport);
                *self.socket.borrow_mut() = opened;
            }
            Effect::Send(frame) => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send(&frame);
                }
            }
            Effect::CloseSocket => drop(self.socket.take()),
            Effect::WakeAt(at) => self.wake_at(at),
            Effect::Keep(item) => tabs::keep(&item),
            Effect::Forget(cid) => tabs::forget(cid),
            Effect::KeepDraft(draft) => tabs::keep_draft(&draft),
            Effect::Look => self.look(),
            Effect::Tell(word) => tabs::tell(&word),
            Effect::PassOn(term) => tabs::pass_on(term, &self.came.borrow()),
            Effect::Elect { steal } => tabs::elect(steal),
            Effect::Resign => tabs::resign(),
            Effect::KeepSession(session) => self.storage.keep_session(session.as_ref()),
            Effect::ClearShelf => tabs::clear(false),
            Effect::KeepSounds(on) => self.storage.keep_sounds(on),
            Effect::KeepEnded(session) => self.storage.keep_ended(session),
            // Before the visitor writes, nothing is kept: it goes with the secret.
            Effect::KeepPollsUntil(until) if self.secret.is_kept() => self.storage.keep_polls_until(until),
            Effect::KeepPollsUntil(_) => {}
            Effect::LogIn(post) => self.log_in(post),
            Effect::KeepDevice(device) => self.keep_device(device),
            Effect::ShareAs(_) => {
                self.share();
                self.look();
            }
            Effect::LeaveDevice => self.leave_device(),
            Effect::RenewDevice => self.renew_device(),
            Effect::Chime => sound::play_in_one_tab(self),
            Effect::Host(event) => self.tell(event),
            Effect::ReloadForUpgrade(build) => {
                self.storage.keep_reload(&build);
                let _ = location().reload();
            }
            Effect::EmptyComposer => again(self.screen.emptied),
            Effect::ViewChanged => self.draw(),
        }
    }

    /// With the tabs of whoever this is, and no others.
    fn share(self: &Rc<Self>) {
        tabs::join(&self.boot.key, &self.secret.whose(), Rc::downgrade(self));
    }

    /// Whoever has not written yet has nothing on the shelf, and none is made for a look.
    fn look(self: &Rc<Self>) {
        if self.secret.is_kept() {
            return tabs::look();
        }
        let chat = Rc::clone(self);
        queue_microtask(move || {
            chat.feed(Input::Looked {
                outbox: Vec::new(),
                draft: None,
            });
        });
    }

    fn draw(&self) {
        self.screen.draw(&self.machine.borrow(), self.secret.is_kept());
    }

    fn tell(&self, event: HostEvent) {
        match event {
            HostEvent::SessionEnded { .. } if !self.boot.tells_of_end => {}
            HostEvent::Unread(_)
            | HostEvent::ConversationStarted { .. }
            | HostEvent::SessionEnded { .. }
            | HostEvent::TokenWanted { .. }
            | HostEvent::LoggedIn { .. }
            | HostEvent::Stands(_)
            | HostEvent::Refused(_) => self.host.tell(event),
        }
    }

    fn wake_at(self: &Rc<Self>, at: Option<Timestamp>) {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
        let Some(at) = at else { return };
        // A browser's timer counts in 32 bits; what is due later is asked for again then.
        let wait = at.0.saturating_sub(js::now().0).clamp(0, 1 << 30).unsigned_abs();
        let chat = Rc::clone(self);
        let timer =
            set_timeout_with_handle(move || chat.feed(Input::TimerFired), Duration::from_millis(wait));
        *self.timer.borrow_mut() = timer.ok();
    }

    /// Nothing is kept any more, of whoever it was.
    pub(crate) fn reset(self: &Rc<Self>) {
        // What waits in line came before.
        secret::agree(self);
        self.feed(Input::LogoutWanted);
        self.storage.clear();
        self.starts_over();
    }

    /// Whoever was here is forgotten, in each tab. Nothing connects before they show anew that they want to chat.
    pub(crate) fn starts_over(self: &Rc<Self>) {
        self.feed(Input::Unwanted);
        // What this tab has put there since another one took all of it out.
        tabs::clear(false);
        self.host.forgets();
        self.secret.is_now(secret::fresh(), secret::State::Fresh);
        self.begin_again_with(Kept::default(), Input::PanelHidden);
    }

    /// Another tab's secret stands: the machine begins again under it, with what is kept and what is shown.
    pub(crate) fn begin_again(self: &Rc<Self>) {
        // The draft on the screen, which may be ahead of the one that any tab has kept.
        let draft = self.machine.borrow().draft().to_owned();
        let kept = Kept {
            draft,
            ..self.storage.kept()
        };
        self.begin_again_with(kept, Input::Wanted);
    }

    fn begin_again_with(self: &Rc<Self>, kept: Kept, closed: Input) {
        let shown = self.machine.borrow().is_panel_shown();
        self.socket.take();
        self.share();
        *self.machine.borrow_mut() = EndUserClient::new(config(&self.boot, &self.storage, &self.secret));
        self.feed(Input::Restored(kept));
        self.look();
        self.feed(page_visibility());
        self.feed(if shown { Input::PanelShown } else { closed });
    }
}

fn config(boot: &Boot, storage: &Storage, secret: &Secret) -> Config {
    Config {
        site: boot.key.clone(),
        device: secret.device(),
        locale: boot.locale.clone(),
        build: boot.build.clone(),
        keeps: storage.outlives_page(),
        shares: tabs::can_share(),
        tab: TabId(js::random_number()),
    }
}

fn page_visibility() -> Input {
    if document().hidden() {
        Input::PageHidden
    } else {
        Input::PageShown
    }
}

fn listen_to_browser(chat: &Rc<Chat>) {
    let online = Rc::clone(chat);
    // The window lives as long as the page: these are never taken off.
    let _ = window_event_listener_untyped("online", move |_| online.feed(Input::Online));
    let seen = Rc::clone(chat);
    let _ = window_event_listener_untyped("visibilitychange", move |_| {
        // What other tabs did is not told to one that was frozen.
        secret::look(&seen);
        seen.feed(page_visibility());
    });
    let left = Rc::clone(chat);
    let _ = window_event_listener_untyped("pagehide", move |_| left.feed(Input::PageLeft));
    let escaped = Rc::clone(chat);
    let _ = window_event_listener(leptos::ev::keydown, move |event| {
        // What stands open in the chat takes it first.
        if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
            escaped.host.close();
        }
    });
}
