//! Who this visitor is: 256 random bits, known to this browser alone; the server keeps only their hash.
//!
//! It is made in memory, and kept once the visitor writes: by the first key, or by whatever sends the first message.
//! Two tabs may get there at once; only one secret is kept, and the other tab takes it over before it sends (R05).
//! Until then every input waits in line.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use wasm_bindgen::closure::Closure;

use causerie_core::client::end_user::{Device, Input};

use super::storage::{SECRET, Storage};
use super::{Chat, tabs};
use crate::js;

/// The secret, and how far it is.
#[derive(Debug)]
pub(super) struct Secret(RefCell<(Device, State)>);

#[derive(Debug)]
pub(super) enum State {
    /// In memory alone: the visitor has not written yet.
    Fresh,
    /// Being agreed upon with the other tabs; this is what waits.
    Settling(VecDeque<Input>),
    /// Kept.
    Kept,
}

impl Secret {
    /// The one that is kept, or a fresh one that is not.
    pub(super) fn known_or_fresh(storage: &Storage) -> Self {
        Self(RefCell::new(match storage.device() {
            Some(known) => (known, State::Kept),
            None => (fresh(), State::Fresh),
        }))
    }

    /// With whom it makes this device.
    pub(super) fn device(&self) -> Device {
        self.0.borrow().0.clone()
    }

    /// What tells the tabs of this visitor from those of another: whose they are, or as much of the secret as it takes.
    /// It stays in the browser.
    pub(super) fn whose(&self) -> String {
        let device = &self.0.borrow().0;
        match device.person {
            Some(person) => person.to_string(),
            None => device.secret.chars().take(16).collect(),
        }
    }

    /// From here on it is this one; what waits still waits.
    pub(super) fn is_now(&self, device: Device, state: State) {
        let mut its = self.0.borrow_mut();
        its.0 = device;
        if !matches!(its.1, State::Settling(_)) {
            its.1 = state;
        }
    }

    /// Whether this browser has it for good.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.0.borrow().1, State::Kept)
    }
}

/// Hands the input on, if the secret is settled enough for it; else keeps it in line.
pub(super) fn settled(chat: &Rc<Chat>, input: Input) -> Option<Input> {
    let mut secret = chat.secret.0.borrow_mut();
    match &mut secret.1 {
        State::Settling(line) => {
            line.push_back(input);
            None
        }
        State::Fresh if is_writing(&input) => {
            secret.1 = State::Settling(VecDeque::from([input]));
            drop(secret);
            in_turn(chat);
            None
        }
        State::Fresh | State::Kept => Some(input),
    }
}

/// Another tab may have kept a secret, be it the first or a login's, or logged out.
pub(super) fn look(chat: &Rc<Chat>) {
    let is_first = matches!(chat.secret.0.borrow().1, State::Fresh);
    match chat.storage.device() {
        Some(kept) if is_first => take_over(chat, kept),
        // Where storage is full or refused there is none, and nobody has logged out.
        None if !chat.storage.is_logged_out() || chat.secret.device().person.is_none() => {}
        Some(_) | None => chat.takes_what_is_kept(),
    }
}

/// Whether the visitor, or the host page for the visitor, writes.
fn is_writing(input: &Input) -> bool {
    match input {
        Input::Written { .. } | Input::QuickReply { .. } | Input::LoginWanted { .. } => true,
        // To a conversation that is named, only somebody can write who has one.
        Input::HostSent { thread, .. } => thread.is_none(),
        Input::Edited(draft) => !draft.is_empty(),
        Input::Restored(_)
        | Input::Wanted
        | Input::Unwanted
        | Input::SocketOpened
        | Input::Frame(_)
        | Input::SocketClosed { .. }
        | Input::RetryPressed { .. }
        | Input::Discarded { .. }
        | Input::Looked { .. }
        | Input::Shelved(_)
        | Input::ShelfLost
        | Input::Heard(_)
        | Input::PassedOn { .. }
        | Input::Elected
        | Input::Replaced
        | Input::Unshared
        | Input::EndPressed { .. }
        | Input::EndedElsewhere(_)
        | Input::SoundsSwitched(_)
        | Input::TokenGiven { .. }
        | Input::LoginAnswered { .. }
        | Input::DeviceRenewed(_)
        | Input::LoggedInElsewhere
        | Input::LogoutWanted
        | Input::PanelShown
        | Input::PanelHidden
        | Input::PageShown
        | Input::PageHidden
        | Input::PageLeft
        | Input::Online
        | Input::LocaleChanged(_)
        | Input::TimerFired => false,
    }
}

/// One tab after the other, where the browser has locks; at once where it has none (plain http off loopback), or
/// refuses them with all storage.
fn in_turn(chat: &Rc<Chat>) {
    let waiting = Rc::clone(chat);
    // Called once more where the locks are refused; a page asks once in its life.
    let agrees = Closure::<dyn FnMut()>::new(move || agree(&waiting));
    tabs::in_turn(&[&chat.boot.key, ":secret"].concat(), agrees.as_ref());
    agrees.forget();
}

/// The first that is kept stands; what was written is what is read back.
pub(super) fn agree(chat: &Rc<Chat>) {
    if !matches!(chat.secret.0.borrow().1, State::Settling(_)) {
        return;
    }
    let own = chat.secret.device();
    if chat.storage.device().is_none() {
        chat.storage.write(SECRET, &own.secret);
    }
    take_over(chat, chat.storage.device().unwrap_or(own));
}

/// This is the device from now on; what has waited comes in.
fn take_over(chat: &Rc<Chat>, device: Device) {
    let before = chat.secret.0.replace((device.clone(), State::Kept));
    let polls_until = chat.machine.borrow().polls_until();
    if polls_until.is_some() {
        chat.storage.keep_polls_until(polls_until);
    }
    if before.0 != device {
        chat.begin_again();
    }
    if let State::Settling(line) = before.1 {
        for input in line {
            chat.feed(input);
        }
    }
}

/// A device of nobody's yet.
pub(super) fn fresh() -> Device {
    Device {
        secret: fresh_secret(),
        person: None,
    }
}

/// 256 random bits.
pub(super) fn fresh_secret() -> String {
    hexadecimal(&js::random::<32>())
}

pub(super) fn is_secret(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
