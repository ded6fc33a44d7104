//! The small things that outlive the page: the browser's storage, parted by site; or memory, where storage is refused.
//! What was written lies on the shelf: see `tabs`.
//!
//! All keys begin with `causerie:SITE:`.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use web_sys::StorageEvent;

use causerie_core::client::end_user::{Device, Input, Kept};
use causerie_core::ids::SessionId;
use causerie_core::time::Timestamp;
use causerie_core::wire::end_user::SessionReport;

use super::{Chat, secret, tabs};
use crate::{js, wire};

const ENDED: &str = "ended";
const POLLS: &str = "polls";
const RELOADED: &str = "reloaded";
const SESSION: &str = "session";
const SOUNDS: &str = "sounds";
const ON: &str = "on";
/// Whose the secret is, once somebody has logged in.
const PERSON: &str = "person";
/// When somebody has logged in last; empty after a logout. For the other tabs.
const LOGIN: &str = "login";
/// What stands there when all of it was taken out.
const RESET: &str = "reset";
pub(super) const SECRET: &str = "secret";

/// Where things are kept.
#[derive(Debug)]
pub(super) struct Storage {
    prefix: String,
    place: RefCell<Place>,
}

#[derive(Debug)]
enum Place {
    /// The browser's.
    Browser(web_sys::Storage),
    /// As long as the page lives.
    Memory(Vec<(String, String)>),
}

impl Storage {
    /// The browser's, if it works: every access may be refused.
    pub(super) fn open(site: &str) -> Self {
        let prefix = ["causerie:", site, ":"].concat();
        let place = match window().local_storage() {
            Ok(Some(storage)) if storage.length().is_ok() => Place::Browser(storage),
            Ok(_) | Err(_) => Place::Memory(Vec::new()),
        };
        Self {
            prefix,
            place: RefCell::new(place),
        }
    }

    /// Who this device is, as it is kept.
    pub(super) fn device(&self) -> Option<Device> {
        let secret = self.read(SECRET).filter(|secret| secret::is_secret(secret))?;
        let person = self.read(PERSON).and_then(|id| wire::end_user_id(&id));
        Some(Device { secret, person })
    }

    /// Keeps who this device is.
    pub(super) fn keep_device(&self, device: &Device) {
        // Where there is no room for what follows, this much is so.
        self.remove(LOGIN);
        match device.person {
            Some(person) => self.write(PERSON, &person.to_string()),
            None => self.remove(PERSON),
        }
        // Told to the other tabs last: they look for the rest then.
        self.write(SECRET, &device.secret);
        self.write(LOGIN, &js::now().0.to_string());
    }

    /// Nobody is logged in any more.
    pub(super) fn forget_device(&self) {
        self.remove(SECRET);
        self.remove(PERSON);
        self.write(LOGIN, "");
    }

    /// Whether the last thing that was heard of a login is a logout.
    pub(super) fn is_logged_out(&self) -> bool {
        self.read(LOGIN).as_deref() == Some("")
    }

    /// All is taken out of the browser, whoever's it is.
    pub(super) fn clear(&self) {
        for key in self.keys() {
            self.remove(&key);
        }
        tabs::clear(true);
        // For the other tabs.
        self.write(LOGIN, RESET);
        self.remove(LOGIN);
    }

    /// Whether a reload finds it again.
    pub(super) fn outlives_page(&self) -> bool {
        matches!(*self.place.borrow(), Place::Browser(_))
    }

    /// What an earlier page has kept. What can't be read (an older build's) is left out.
    pub(super) fn kept(&self) -> Kept {
        let read = |key: &str| self.read(key);
        Kept {
            draft: String::new(),
            session: read(SESSION).and_then(|json| wire::report(&json)),
            reloaded_for: read(RELOADED),
            sounds: is_on(read(SOUNDS).as_deref()),
            ended: read(ENDED).and_then(|id| wire::session_id(&id)),
            polls_until: read(POLLS).and_then(|at| at.parse().ok()).map(Timestamp),
        }
    }

    pub(super) fn keep_session(&self, session: Option<&SessionReport>) {
        match session {
            Some(session) => self.write(SESSION, &wire::report_json(session)),
            None => self.remove(SESSION),
        }
    }

    pub(super) fn keep_ended(&self, session: SessionId) {
        self.write(ENDED, &session.to_string());
    }

    pub(super) fn keep_polls_until(&self, until: Option<Timestamp>) {
        match until {
            Some(Timestamp(at)) => self.write(POLLS, &at.to_string()),
            None => self.remove(POLLS),
        }
    }

    pub(super) fn keep_sounds(&self, on: bool) {
        self.write(SOUNDS, if on { ON } else { "off" });
    }

    pub(super) fn keep_reload(&self, build: &str) {
        self.write(RELOADED, build);
    }

    /// The visitor wants nothing kept: it is all taken out of the browser, and stays while the page lives.
    pub(super) fn forget_on_leaving(&self) {
        let mut memory = Vec::new();
        for key in self.keys() {
            if let Some(value) = self.read(&key) {
                self.remove(&key);
                memory.push((self.prefix.clone() + &key, value));
            }
        }
        *self.place.borrow_mut() = Place::Memory(memory);
        tabs::burn();
    }

    pub(super) fn read(&self, key: &str) -> Option<String> {
        let key = self.prefix.clone() + key;
        match &*self.place.borrow() {
            Place::Browser(storage) => storage.get_item(&key).ok().flatten(),
            Place::Memory(memory) => memory
                .iter()
                .find(|kept| kept.0 == key)
                .map(|kept| kept.1.clone()),
        }
    }

    pub(super) fn write(&self, key: &str, value: &str) {
        let key = self.prefix.clone() + key;
        match &mut *self.place.borrow_mut() {
            // Full, or refused meanwhile: it lives as long as the page does.
            Place::Browser(storage) => drop(storage.set_item(&key, value)),
            Place::Memory(memory) => {
                memory.retain(|kept| kept.0 != key);
                memory.push((key, value.to_owned()));
            }
        }
    }

    fn remove(&self, key: &str) {
        let key = self.prefix.clone() + key;
        match &mut *self.place.borrow_mut() {
            Place::Browser(storage) => drop(storage.remove_item(&key)),
            Place::Memory(memory) => memory.retain(|kept| kept.0 != key),
        }
    }

    /// All keys of this site, without what they begin with.
    fn keys(&self) -> Vec<String> {
        let all: Vec<String> = match &*self.place.borrow() {
            Place::Browser(storage) => {
                let count = storage.length().unwrap_or_default();
                (0..count)
                    .filter_map(|at| storage.key(at).ok().flatten())
                    .collect()
            }
            Place::Memory(memory) => memory.iter().map(|kept| kept.0.clone()).collect(),
        };
        all.iter()
            .filter_map(|key| key.strip_prefix(&*self.prefix))
            .map(str::to_owned)
            .collect()
    }
}

fn is_on(kept: Option<&str>) -> bool {
    kept == Some(ON)
}

/// Follows what the other tabs keep and forget.
pub(super) fn listen(chat: &Rc<Chat>) {
    let chat = Rc::clone(chat);
    let _ = window_event_listener(leptos::ev::storage, move |event| heard(&chat, &event));
}

fn heard(chat: &Rc<Chat>, event: &StorageEvent) {
    let key = event.key();
    let Some(key) = key
        .as_deref()
        .and_then(|key| key.strip_prefix(&*chat.storage.prefix))
    else {
        return;
    };
    if key == SECRET {
        secret::look(chat);
    } else if key == LOGIN {
        match event.new_value().as_deref() {
            Some("") => secret::look(chat),
            // Whoever has written nothing has nothing to forget.
            Some(RESET) if chat.secret.is_kept() => chat.starts_over(),
            Some(RESET) => {}
            Some(_) => chat.feed(Input::LoggedInElsewhere),
            None => {}
        }
    } else if key == SOUNDS {
        chat.feed(Input::SoundsSwitched(is_on(event.new_value().as_deref())));
    } else if key == ENDED
        && let Some(session) = event.new_value().and_then(|id| wire::session_id(&id))
    {
        chat.feed(Input::EndedElsewhere(session));
    }
}
