//! After the commit: who listens is told. A notice may get lost with its listener; nobody is worse off, for entries
//! are numbered and a client that misses one asks the log.
//!
//! - [`mailbox`]: the small bounded queue of one listener.

pub mod mailbox;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use causerie_core::message::ThreadEntry;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::wire::agent::TicketRow;
use causerie_core::wire::end_user::SessionReport;
use causerie_core::{EndUserId, Seq, TicketId};
use tokio::sync::broadcast;

pub use crate::store::Whose;
pub use mailbox::Listener;
use mailbox::Mailbox;

/// How many notices an agent's socket may be behind before it has to read everything anew.
const BEHIND: usize = 1024;

/// What an end user's side is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ThreadNotice {
    /// Entries of the thread log, consecutive.
    Entries(Arc<[ThreadEntry]>),
    /// The latest session's state.
    Session(SessionReport),
    /// An agent is typing, or has stopped.
    Typing(bool),
    /// The end user has read up to this number.
    Read(Seq),
    /// A backup was put back: nothing that was told holds any more (I26).
    Restored,
    /// Somebody has logged in or out (R47): whose chat thread this is, or which one is theirs, is to be looked at again.
    LoggedIn,
}

/// What the agents' side is told. Each socket passes on what its agent may see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AgentNotice {
    /// A ticket is new or has changed, or something was said in its session.
    Ticket {
        /// As it is now.
        row: Box<TicketRow>,
        /// What was added to the thread log in its session.
        thread: Vec<ThreadEntry>,
        /// What was added to its own log.
        log: Vec<TicketEntry>,
    },
    /// Agents have changed, or their capacity in use has: read them again.
    Agents,
    /// The account's settings have changed: read them again.
    Settings,
    /// The macros have changed: read them again.
    Macros,
    /// What is known of an end user has changed, with no ticket of theirs: read who asks anew (R28).
    EndUser(EndUserId),
    /// The customer is typing, or has stopped.
    Typing {
        /// On which ticket.
        ticket: TicketId,
        /// Which of the two.
        on: bool,
    },
    /// A backup was put back: nothing that was told holds any more (I26).
    Restored,
}

/// The notices of one node, in the process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifier {
    threads: Arc<Mutex<HashMap<Whose, Vec<Arc<Mailbox>>>>>,
    agents: broadcast::Sender<Arc<AgentNotice>>,
}

impl Default for Notifier {
    fn default() -> Self {
        Self {
            threads: Arc::default(),
            agents: broadcast::channel(BEHIND).0,
        }
    }
}

impl Notifier {
    /// Listens to a chat thread, from now on until the listener is dropped.
    #[must_use]
    pub fn listen_to_thread(&self, whose: Whose) -> Listener {
        let mailbox = Arc::new(Mailbox::default());
        self.threads()
            .entry(whose)
            .or_default()
            .push(Arc::clone(&mailbox));
        Listener::new(mailbox, whose, self.clone())
    }

    /// Listens to what agents are told. A lagging receiver has to read everything anew.
    #[must_use]
    pub fn listen_to_agents(&self) -> broadcast::Receiver<Arc<AgentNotice>> {
        self.agents.subscribe()
    }

    /// Tells whoever listens to a chat thread.
    pub fn tell_thread(&self, whose: &Whose, notice: &ThreadNotice) {
        if let Some(mailboxes) = self.threads().get(whose) {
            for mailbox in mailboxes {
                mailbox.put(notice.clone());
            }
        }
    }

    /// Tells the agents' sockets.
    pub fn tell_agents(&self, notice: AgentNotice) {
        // Nobody listening is no failure.
        let _ = self.agents.send(Arc::new(notice));
    }

    /// A backup was put back: tells everybody.
    pub fn tell_restored(&self) {
        for mailbox in self.threads().values().flatten() {
            mailbox.put(ThreadNotice::Restored);
        }
        self.tell_agents(AgentNotice::Restored);
    }

    /// Whether anybody listens on the agents' side.
    #[must_use]
    pub fn agents_listen(&self) -> bool {
        self.agents.receiver_count() > 0
    }

    /// How many listen to chat threads.
    #[must_use]
    pub fn thread_listeners(&self) -> usize {
        self.threads().values().map(Vec::len).sum()
    }

    fn forget(&self, whose: &Whose, gone: &Arc<Mailbox>) {
        let mut threads = self.threads();
        if let Some(mailboxes) = threads.get_mut(whose) {
            mailboxes.retain(|mailbox| !Arc::ptr_eq(mailbox, gone));
            if mailboxes.is_empty() {
                threads.remove(whose);
            }
        }
    }

    fn threads(&self) -> std::sync::MutexGuard<'_, HashMap<Whose, Vec<Arc<Mailbox>>>> {
        // A panic elsewhere leaves the map whole: each change is one call.
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
