//! One listener's queue: bounded, and next to nothing while it is empty, for most visitors are idle.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::{Notifier, ThreadNotice, Whose};

/// How many notices may wait for one listener: more than one commit of the writer can bring, so that a listener who
/// reads is never cut off by a burst.
pub(crate) const ROOM: usize = 256;

/// Where notices wait for one listener.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    inside: Mutex<Inside>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    waiting: VecDeque<ThreadNotice>,
    overflowed: bool,
}

impl Mailbox {
    /// Puts a notice in. A listener that is too slow loses all that waits: it has to ask the log.
    pub(super) fn put(&self, notice: ThreadNotice) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.overflowed {
            return;
        }
        if inside.waiting.len() == ROOM {
            inside.overflowed = true;
            inside.waiting = VecDeque::new();
        } else {
            inside.waiting.push_back(notice);
        }
        drop(inside);
        self.filled.notify_one();
    }

    fn take(&self) -> Option<Result<ThreadNotice, Overflowed>> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.overflowed {
            // What is told from here on is kept again, and the log is asked after this: there is no gap between.
            inside.overflowed = false;
            return Some(Err(Overflowed));
        }
        let notice = inside.waiting.pop_front();
        if inside.waiting.is_empty() {
            // An idle listener keeps no buffer.
            inside.waiting = VecDeque::new();
        }
        notice.map(Ok)
    }
}

/// The listener was too slow: what it missed is to be read from the log, from now on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overflowed;

/// Hears what happens in a chat thread, until it is dropped.
#[derive(Debug)]
pub struct Listener {
    mailbox: Arc<Mailbox>,
    whose: Whose,
    notifier: Notifier,
}

impl Listener {
    pub(super) const fn new(mailbox: Arc<Mailbox>, whose: Whose, notifier: Notifier) -> Self {
        Self {
            mailbox,
            whose,
            notifier,
        }
    }

    /// The next notice. May be dropped while it waits: nothing is lost by that.
    ///
    /// # Errors
    /// When this listener was too slow: once, and then it hears on.
    pub async fn next(&mut self) -> Result<ThreadNotice, Overflowed> {
        loop {
            if let Some(notice) = self.mailbox.take() {
                return notice;
            }
            self.mailbox.filled.notified().await;
        }
    }

    /// The next notice, if one waits already.
    ///
    /// # Errors
    /// As [`Listener::next`].
    pub fn next_now(&mut self) -> Result<Option<ThreadNotice>, Overflowed> {
        self.mailbox.take().transpose()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.notifier.forget(&self.whose, &self.mailbox);
    }
}
