//! The machine's state as signals: what the parts draw. No part looks further, and none decides.

use leptos::prelude::*;

use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{EndUserClient, Ending};
use causerie_core::client::timeline::{Row, RowKey, Standing};
use causerie_core::message::{Author, MAX_TEXT};

use crate::words::day_of;

/// How many rows a page of the log has.
pub const PAGE: usize = 50;
/// More rows than this are taken off when the reader is at the newest again.
pub const MANY: usize = 200;

/// All signals of the screen. A handle: copies mean the same.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// The messages, oldest first; each changes by itself.
    pub rows: RwSignal<Vec<RowHandle>>,
    /// How many rows are asked for, counted from the newest.
    pub window: RwSignal<usize>,
    /// Whether there are older ones.
    pub has_older: RwSignal<bool>,
    /// The quick replies on offer.
    pub replies: RwSignal<Vec<String>>,
    /// Who answers now; nobody in an empty log.
    pub responder: RwSignal<Option<Author>>,
    /// Whether an agent types.
    pub typing: RwSignal<bool>,
    /// What is said of the connection and of what is on its way.
    pub notice: RwSignal<Notice>,
    /// Whether there is anything at all.
    pub empty: RwSignal<Empty>,
    /// The composer's text, where the machine has changed it.
    pub draft: RwSignal<String>,
    /// Counts up when what is in the composer is another person's, and is to vanish.
    pub emptied: RwSignal<u32>,
    /// How many characters too many, where the draft could not be sent.
    pub too_long: RwSignal<Option<u32>>,
    /// Whether `End chat` is on offer.
    pub offers_end: RwSignal<bool>,
    /// Whether `Sounds` is on.
    pub sounds: RwSignal<bool>,
    /// Counts up when the panel opens or a quick reply was pressed: then the composer takes the focus.
    pub focus: RwSignal<u32>,
}

/// A row's key and the signal of its leaf.
#[derive(Clone, Debug)]
pub struct RowHandle {
    /// Which row.
    pub key: RowKey,
    /// What it shows.
    pub row: ArcRwSignal<Shown>,
}

/// What a row shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The message.
    pub row: Row,
    /// Whether its standing is written under it: of the last own message, and of each that failed.
    pub shows_standing: bool,
}

/// Whether the log is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Empty {
    /// There are messages.
    No,
    /// Nothing has come yet, and something will.
    Loading,
    /// There is nothing.
    Yes,
}

/// What the status region says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Notice {
    /// Nothing.
    #[default]
    Quiet,
    /// A message is on its way.
    Sending,
    /// A message was refused.
    Failed,
    /// No connection.
    Offline,
    /// The login's time is over, and the site has not said anew who this is.
    LoginOver,
    /// The end user has ended the chat.
    Ended,
    /// The end user wanted to, and could not.
    NotEnded {
        /// The refusal's stable name.
        code: String,
        /// The refusal's sentence.
        message: String,
    },
}

impl Screen {
    /// An empty screen.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "it makes signals: that is no default value"
    )]
    pub fn new() -> Self {
        Self {
            rows: RwSignal::new(Vec::new()),
            window: RwSignal::new(PAGE),
            has_older: RwSignal::new(false),
            replies: RwSignal::new(Vec::new()),
            responder: RwSignal::new(None),
            typing: RwSignal::new(false),
            notice: RwSignal::new(Notice::Quiet),
            empty: RwSignal::new(Empty::No),
            draft: RwSignal::new(String::new()),
            emptied: RwSignal::new(0),
            too_long: RwSignal::new(None),
            offers_end: RwSignal::new(false),
            sounds: RwSignal::new(false),
            focus: RwSignal::new(0),
        }
    }

    /// Takes over the machine's state; what is the same stays untouched.
    ///
    /// `returns`: this visitor has written before, so that an empty log may only not have come yet.
    pub fn draw(&self, machine: &EndUserClient, returns: bool) {
        let window = self.window.get_untracked();
        self.draw_rows(machine.rows(window, &day_of));
        let awaited = machine.timeline().is_behind() || returns && machine.status() == Status::Connecting;
        let empty = match (self.rows.with_untracked(Vec::is_empty), awaited) {
            (false, _) => Empty::No,
            (true, true) => Empty::Loading,
            (true, false) => Empty::Yes,
        };
        take(self.empty, empty);
        take(self.has_older, machine.timeline().entries().len() > window);
        take(self.replies, machine.quick_replies().to_vec());
        take(self.responder, machine.responder().cloned());
        take(self.typing, machine.is_agent_typing());
        take(self.notice, notice(machine));
        take(self.offers_end, machine.offers_end());
        take(self.sounds, machine.sounds());
        take(self.draft, machine.draft().to_owned());
        take(
            self.too_long,
            machine.draft_fault().map(|_| too_many(machine.draft())),
        );
    }

    fn draw_rows(&self, rows: Vec<Row>) {
        let last_own = rows.iter().rposition(|row| row.author == Author::EndUser);
        let known = self.rows.get_untracked();
        let mut handles = Vec::with_capacity(rows.len());
        for (at, row) in rows.into_iter().enumerate() {
            let failed = matches!(row.standing, Standing::Failed { .. });
            let key = row.key;
            let shown = Shown {
                row,
                shows_standing: failed || last_own == Some(at),
            };
            match known.iter().rfind(|handle| handle.key == key) {
                Some(handle) => {
                    if handle.row.with_untracked(|before| *before != shown) {
                        handle.row.set(shown);
                    }
                    handles.push(handle.clone());
                }
                None => handles.push(RowHandle {
                    key,
                    row: ArcRwSignal::new(shown),
                }),
            }
        }
        let same = known.len() == handles.len() && known.iter().zip(&handles).all(|(a, b)| a.key == b.key);
        if !same {
            self.rows.set(handles);
        }
    }
}

/// Asks once more for what a signal's count asks for.
#[inline(never)]
pub fn again(signal: RwSignal<u32>) {
    signal.update(|times| *times += 1);
}

/// Sets a signal, if that changes it.
fn take<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|before| *before != value) {
        signal.set(value);
    }
}

fn notice(machine: &EndUserClient) -> Notice {
    if machine.waits_for_login() {
        return Notice::LoginOver;
    }
    match machine.status() {
        Status::Offline { .. } => Notice::Offline,
        Status::Idle | Status::Connecting | Status::Live => match machine.ending() {
            Ending::Nothing => written(machine),
            Ending::Asked => Notice::Sending,
            Ending::Done => Notice::Ended,
            Ending::Unreachable => Notice::NotEnded {
                code: "unreachable".to_owned(),
                message: String::new(),
            },
            Ending::Refused(why) => Notice::NotEnded {
                code: why.code.clone(),
                message: why.message.clone(),
            },
        },
    }
}

fn written(machine: &EndUserClient) -> Notice {
    match machine.outbox().last() {
        None => Notice::Quiet,
        Some(last) if last.is_failed() => Notice::Failed,
        Some(_) => Notice::Sending,
    }
}

fn too_many(draft: &str) -> u32 {
    let count = draft.trim().chars().count();
    u32::try_from(count.saturating_sub(MAX_TEXT)).unwrap_or(u32::MAX)
}
