//! The shell around core's agent machine: it feeds inputs and the time, and does what comes back, in one match.
//!
//! State goes out by [`Desk::see`], intents come in by [`Desk::feed`] and what is put on it. The shell decides nothing.

pub mod http;
mod random;
mod socket;
mod sound;
pub mod storage;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use causerie_core::Timestamp;
use causerie_core::client::agent::{AgentClient, Ask, Effect, Input, Kept};
use causerie_core::ids::TicketId;
use causerie_core::ticket::{CommentTo, Update};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::{Update as _, *};
use wasm_bindgen_futures::spawn_local;

use crate::boot::Boot;
use crate::dates::now;
use crate::view::list::Seen;
use http::{Fault, Me};
use socket::{LOST, News, Socket};
use sound::Sound;

/// What an agent works at: a handle to the machine and to what its shell keeps. Copies mean the same.
#[derive(Clone, Copy, Debug)]
pub struct Desk {
    shell: StoredValue<Rc<Shell>, LocalStorage>,
    drawn: RwSignal<u32>,
    /// What has been looked at.
    pub seen: RwSignal<Seen>,
    /// Tickets that call for somebody and have not been looked at since.
    pub calling: RwSignal<BTreeSet<TicketId>>,
    /// Whether sounds are on.
    pub sounds: RwSignal<bool>,
    /// Set when nobody is signed in any more.
    pub signed_out: RwSignal<bool>,
}

#[derive(Debug)]
struct Shell {
    me: Me,
    machine: RefCell<AgentClient>,
    socket: RefCell<Option<Socket>>,
    /// Grows whenever what is under way is let go of: an answer to an older number is nobody's.
    attempt: RefCell<u64>,
    timer: RefCell<Option<TimeoutHandle>>,
    sound: RefCell<Sound>,
}

impl Desk {
    /// A desk for whoever is signed in. It rests until [`Desk::start`].
    #[must_use]
    pub fn new(me: Me) -> Self {
        let seen = storage::seen(me.id).unwrap_or_else(|| Seen::from_now_on(now()));
        let shell = Shell {
            me,
            machine: RefCell::new(AgentClient::new(Boot::read().build)),
            socket: RefCell::default(),
            attempt: RefCell::default(),
            timer: RefCell::default(),
            sound: RefCell::default(),
        };
        Self {
            shell: StoredValue::new_local(Rc::new(shell)),
            drawn: RwSignal::new(0),
            seen: RwSignal::new(seen),
            calling: RwSignal::default(),
            sounds: RwSignal::new(storage::sounds()),
            signed_out: RwSignal::new(false),
        }
    }

    /// Gives the machine what was kept, listens to the browser, and connects.
    pub fn start(self) {
        let kept = Kept {
            keeps: storage::keeps_drafts(self.me().id),
            drafts: storage::drafts(self.me().id).into_iter().collect(),
            reloaded_for: storage::reloaded_for(),
        };
        self.feed(Input::Restored(kept));
        self.feed(Input::Wanted);
        let online = window_event_listener(leptos::ev::online, move |_| self.feed(Input::Online));
        let shown = window_event_listener(leptos::ev::visibilitychange, move |_| {
            if !document().hidden() {
                self.feed(Input::PageShown);
            }
        });
        on_cleanup(move || {
            online.remove();
            shown.remove();
            self.feed(Input::Unwanted);
        });
    }

    /// Who is signed in, for the workspace's own API.
    #[must_use]
    pub fn me(self) -> Me {
        self.shell().me.clone()
    }

    /// Signs out, and leaves no draft behind. Whatever the answer is, this page forgets its sign-in.
    pub async fn sign_out(self) {
        let me = self.me();
        // At once, since the page may be closed before the answer is here; and again, since it can be written in till then.
        storage::forget_drafts(me.id);
        // A server that is not reached ends the session when its time is over.
        let _ = me.sign_out().await;
        storage::forget_drafts(me.id);
    }

    /// Whether drafts of whoever is signed in are kept here: signing out in another tab takes them.
    #[must_use]
    pub fn has_kept_drafts(self) -> bool {
        !storage::drafts(self.me().id).is_empty()
    }

    /// Looks at the machine; whatever looks, looks again when it has changed.
    pub fn see<T>(self, look: impl FnOnce(&AgentClient) -> T) -> T {
        self.drawn.track();
        look(&self.shell().machine.borrow())
    }

    /// Sends what is written on a ticket.
    pub fn reply(self, ticket: TicketId, to: CommentTo, text: String) {
        let cid = random::client_message_id(now());
        self.feed(Input::Replied {
            cid,
            ticket,
            to,
            text,
        });
    }

    /// Asks something of a ticket.
    pub fn ask(self, ticket: TicketId, ask: Ask) {
        let cid = random::client_message_id(now());
        self.feed(Input::Asked { cid, ticket, ask });
    }

    /// Asks a change of a ticket.
    pub fn update(self, ticket: TicketId, update: Update) {
        self.ask(ticket, Ask::Update(Box::new(update)));
    }

    /// A ticket is looked at, as it is now.
    pub fn look_at(self, ticket: TicketId) {
        if self.calling.with_untracked(|calling| calling.contains(&ticket)) {
            self.calling.update(|calling| {
                calling.remove(&ticket);
            });
        }
        let row = self.shell().machine.borrow().ticket(ticket).cloned();
        let news = row.is_some_and(|row| self.seen.try_update(|seen| seen.look_at(&row)) == Some(true));
        if news {
            self.seen
                .with_untracked(|seen| storage::keep_seen(self.me().id, seen));
        }
    }

    /// Sets whether sounds are on.
    pub fn set_sounds(self, on: bool) {
        storage::keep_sounds(on);
        self.sounds.set(on);
        if on {
            self.shell().sound.borrow_mut().ring();
        }
    }

    /// Hands the machine what has happened, and does what it answers.
    pub fn feed(self, input: Input) {
        let Some(shell) = self.shell.try_get_value() else {
            return;
        };
        let effects = shell.machine.borrow_mut().handle(input, now(), random::number());
        for effect in effects {
            self.act(&shell, effect);
        }
    }

    /// The one effect match.
    fn act(self, shell: &Rc<Shell>, effect: Effect) {
        match effect {
            Effect::FetchConnectToken => self.fetch_connect_token(shell),
            Effect::Connect => self.connect(shell),
            Effect::Send(frame) => {
                if let Some(socket) = &*shell.socket.borrow() {
                    socket.send(&frame);
                }
            }
            Effect::CloseSocket => shell.let_go(),
            Effect::WakeAt(at) => self.wake_at(shell, at),
            Effect::KeepDraft { ticket, draft } => {
                storage::keep_draft(shell.me.id, ticket, draft);
                let survives = storage::keeps_drafts(shell.me.id);
                self.feed(Input::DraftKept { survives });
            }
            Effect::Chime(ticket) => self.chime(shell, ticket),
            Effect::Done { .. } | Effect::Refused(_) | Effect::ViewChanged => {
                self.drawn.update(|drawn| *drawn = drawn.wrapping_add(1));
            }
            Effect::SignedOut => self.signed_out.set(true),
            Effect::ReloadForUpgrade(build) => {
                storage::keep_reloaded_for(&build);
                // A page that may not reload itself goes on as it is.
                let _ = window().location().reload();
            }
        }
    }

    fn fetch_connect_token(self, shell: &Rc<Shell>) {
        shell.let_go();
        let (attempt, me) = (*shell.attempt.borrow(), shell.me.clone());
        spawn_local(async move {
            let answer = me.connect_token().await;
            let Some(shell) = self.shell.try_get_value() else {
                return;
            };
            if *shell.attempt.borrow() != attempt {
                return;
            }
            self.feed(match answer {
                Ok(token) => Input::ConnectToken(token),
                Err(Fault::SignedOut) => Input::NoConnectToken { signed_out: true },
                Err(Fault::TooMany | Fault::Refused { .. } | Fault::Unreachable) => {
                    Input::NoConnectToken { signed_out: false }
                }
            });
        });
    }

    fn connect(self, shell: &Rc<Shell>) {
        let tell = move |news| {
            self.feed(match news {
                News::Opened => Input::SocketOpened,
                News::Frame(frame) => Input::Frame(frame),
                News::Closed(code) => Input::SocketClosed { code },
            });
        };
        let socket = Socket::open(tell);
        let opened = socket.is_some();
        *shell.socket.borrow_mut() = socket;
        if !opened {
            self.feed(Input::SocketClosed { code: LOST });
        }
    }

    fn wake_at(self, shell: &Rc<Shell>, at: Option<Timestamp>) {
        if let Some(timer) = shell.timer.borrow_mut().take() {
            timer.clear();
        }
        let Some(at) = at else { return };
        let wait = Duration::from_millis(u64::try_from(at.0 - now().0).unwrap_or_default());
        let timer = set_timeout_with_handle(move || self.feed(Input::TimerFired), wait);
        *shell.timer.borrow_mut() = timer.ok();
    }

    fn chime(self, shell: &Rc<Shell>, ticket: TicketId) {
        self.calling.update(|calling| {
            calling.insert(ticket);
        });
        if self.sounds.get_untracked() {
            shell.sound.borrow_mut().ring();
        }
    }

    fn shell(self) -> Rc<Shell> {
        self.shell.get_value()
    }
}

impl Shell {
    /// Lets go of the socket, and of the token that is being fetched.
    fn let_go(&self) {
        *self.attempt.borrow_mut() += 1;
        *self.socket.borrow_mut() = None;
    }
}
