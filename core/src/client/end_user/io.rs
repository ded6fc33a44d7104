//! What goes into the widget's machine, and what comes out.

use super::among_tabs::Word;
use crate::client::login::{Answer, Call, Device, Given, Post};
use crate::client::role::{TabId, Term};
use crate::client::timeline::Written;
use crate::client::transport::Transport;
use crate::ids::{ChatThreadId, ClientMessageId, SessionId};
use crate::session::EndReason;
use crate::time::Timestamp;
use crate::wire::Refused;
use crate::wire::end_user::{Down, SessionReport, Up};

/// What the machine is told once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The site's key.
    pub site: String,
    /// Who this device is: its secret, which the shell has made and kept, and whose it is.
    pub device: Device,
    /// The language of the bot's words.
    pub locale: String,
    /// The build this page is of.
    pub build: String,
    /// Whether what is kept survives a reload: where storage is refused it does not.
    pub keeps: bool,
    /// Whether tabs can share a socket here: there are locks and a channel.
    pub shares: bool,
    /// This tab's name among the others.
    pub tab: TabId,
}

/// What an earlier page, or another tab, has kept, but for what lies on the shelf: see [`Input::Looked`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// The draft, where the page goes on with the one on its screen.
    pub draft: String,
    /// The latest session.
    pub session: Option<SessionReport>,
    /// The build for which the page has reloaded itself: it does so once.
    pub reloaded_for: Option<String>,
    /// Whether `Sounds` is on.
    pub sounds: bool,
    /// The session that the end user has ended last.
    pub ended: Option<SessionId>,
    /// Until when sockets are believed to be blocked.
    pub polls_until: Option<Timestamp>,
}

/// What happens to the widget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// First of all, where there is something: what was kept.
    Restored(Kept),
    /// The visitor has shown the intent to chat, by whatever way. Nothing connects before that (R01).
    Wanted,
    /// The widget is taken off the page, or its state is cleared: what was written here is thrown away, and whoever
    /// waits for an answer is told so.
    Unwanted,
    /// The socket of [`Effect::Connect`] is open.
    SocketOpened,
    /// A frame came.
    Frame(Down),
    /// The socket closed, or never opened.
    SocketClosed {
        /// The WebSocket's close code; 1006 where there is none.
        code: u16,
    },
    /// The composer's text, as it is now.
    Edited(String),
    /// The composer's text is sent: it becomes a message and the draft is emptied, or stays with its fault shown.
    Written {
        /// A fresh id.
        cid: ClientMessageId,
        /// What was written.
        text: String,
    },
    /// A quick reply was pressed. The draft stays.
    QuickReply {
        /// A fresh id.
        cid: ClientMessageId,
        /// The reply.
        text: String,
    },
    /// The host page sends on the visitor's behalf: it counts as intent. The draft stays.
    HostSent {
        /// A fresh id.
        cid: ClientMessageId,
        /// What it says.
        text: String,
        /// To which chat thread, where the page names one: another one than this visitor's is refused.
        thread: Option<ChatThreadId>,
    },
    /// `Retry` on a failed message.
    RetryPressed {
        /// Which one.
        cid: ClientMessageId,
        /// A fresh id, taken where the old one was what was wrong.
        fresh: ClientMessageId,
    },
    /// A failed message is thrown away.
    Discarded {
        /// Which one.
        cid: ClientMessageId,
    },
    /// What the shelf holds, after [`Effect::Look`] or at first.
    Looked {
        /// All messages on it, in any order.
        outbox: Vec<Written>,
        /// The draft on it.
        draft: Option<String>,
    },
    /// What [`Effect::Keep`] or [`Effect::Forget`] asked for is done, for good.
    Shelved(ClientMessageId),
    /// The shelf is refused, or has broken: what is kept lives as long as the page.
    ShelfLost,
    /// Another tab of this visitor has said something.
    Heard(Word),
    /// The tab that leads has passed on what the server said.
    PassedOn {
        /// The leader.
        term: Term,
        /// What was said.
        frame: Down,
    },
    /// The lock of [`Effect::Elect`] is held.
    Elected,
    /// It was held, and was taken away.
    Replaced,
    /// It is not to be had: the browser has no locks, or refuses them.
    Unshared,
    /// `End chat` (R17), confirmed.
    EndPressed {
        /// A fresh id.
        cid: ClientMessageId,
    },
    /// The end user has ended this session in another tab.
    EndedElsewhere(SessionId),
    /// `Sounds` is now on, or off; here or in another tab.
    SoundsSwitched(bool),
    /// The host page says that there is somebody to be logged in (R47). It counts as intent.
    LoginWanted {
        /// The call that is to be answered.
        call: Call,
    },
    /// The host page has answered [`HostEvent::TokenWanted`].
    TokenGiven(Given),
    /// What came of [`Effect::LogIn`].
    LoginAnswered {
        /// The number of the post.
        number: u32,
        /// What came of it.
        answer: Answer,
    },
    /// Who this device is has changed by another tab, or by [`Effect::LeaveDevice`] and [`Effect::RenewDevice`].
    DeviceRenewed(Device),
    /// Another tab has prolonged the login.
    LoggedInElsewhere,
    /// The host page logs its visitor out.
    LogoutWanted,
    /// The panel is open. It counts as intent.
    PanelShown,
    /// The panel is closed.
    PanelHidden,
    /// The page can be seen again.
    PageShown,
    /// The page is in the background: nothing is read.
    PageHidden,
    /// The page is about to go.
    PageLeft,
    /// The browser has got its network back.
    Online,
    /// The language of the bot's words has changed; told in the next hello.
    LocaleChanged(String),
    /// The time of [`Effect::WakeAt`] has come.
    TimerFired,
}

/// What the widget's shell is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Open a socket, or what takes its place, and let go of the one before.
    Connect(Transport),
    /// Send a frame on it.
    Send(Up),
    /// Close the socket and let go of it: nothing of it comes in any more.
    CloseSocket,
    /// Wake the machine then; replaces what was asked before.
    WakeAt(Option<Timestamp>),
    /// Keep an item of the outbox, under its id, and say [`Input::Shelved`] once it is as durable as can be.
    Keep(Written),
    /// Forget what was kept under this id, and say so likewise.
    Forget(ClientMessageId),
    /// Look at the shelf: [`Input::Looked`].
    Look,
    /// Ask for the lock by which one tab leads, unless that is asked already: [`Input::Elected`].
    Elect {
        /// Take it away from whoever has it.
        steal: bool,
    },
    /// Let go of the lock, or of the place in its line.
    Resign,
    /// Say this to the other tabs of this visitor.
    Tell(Word),
    /// Pass the frame that has just come in on to the other tabs, as it came: [`Input::PassedOn`].
    PassOn(Term),
    /// Keep the draft.
    KeepDraft(String),
    /// Take all that lies on the shelf away: nobody is to see it any more.
    ClearShelf,
    /// Keep what is known of the session, or that nothing is.
    KeepSession(Option<SessionReport>),
    /// Keep whether `Sounds` is on.
    KeepSounds(bool),
    /// Keep which session the end user has ended, for the next page and the other tabs.
    KeepEnded(SessionId),
    /// Keep until when sockets are believed to be blocked, or that they are not.
    KeepPollsUntil(Option<Timestamp>),
    /// Post this to the server, and feed what comes of it back as [`Input::LoginAnswered`].
    LogIn(Post),
    /// Keep who this device is, for the next page and the other tabs: it is so from here on, or for longer.
    KeepDevice(Device),
    /// Share with the tabs of this one from here on, and with no others: what is kept after it lies on their shelf, and
    /// what lies there comes in as [`Input::Looked`]. The lock and the channel of before are let go of. On the shelf of
    /// a person lies also what was written here before somebody logged in, marked as [`Said::carried`].
    ///
    /// [`Said::carried`]: crate::client::timeline::Said::carried
    ShareAs(Device),
    /// The login has ended: tell the server that the secret is nobody's, and make a fresh one, which comes back as
    /// [`Input::DeviceRenewed`]. It comes last, and so does [`Effect::RenewDevice`]: what it leads to may come at once. What the person has not sent yet stays kept under their name.
    LeaveDevice,
    /// The secret is nobody's any more: another tab's, or a fresh one, is to come back as [`Input::DeviceRenewed`].
    RenewDevice,
    /// Make the sound of a message that is not seen, in one tab of those that are asked.
    Chime,
    /// Tell the host page.
    Host(HostEvent),
    /// The server is of this build: keep its name (it comes back in [`Kept::reloaded_for`]), then reload the page.
    /// Asked when nothing is lost by it.
    ReloadForUpgrade(String),
    /// Empty the composer: what is typed there is another person's. (Drawing leaves it alone where the draft is empty.)
    EmptyComposer,
    /// Draw again.
    ViewChanged,
}

/// What the host page is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostEvent {
    /// So many entries of others are unread.
    Unread(usize),
    /// A conversation has begun.
    ConversationStarted {
        /// The chat thread.
        thread: ChatThreadId,
        /// The session.
        session: SessionId,
    },
    /// The session has ended (R20).
    SessionEnded {
        /// The chat thread, if its id is known.
        thread: Option<ChatThreadId>,
        /// The session.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// A token is wanted: the page's callback is to be asked for one.
    TokenWanted {
        /// For which call; it comes back in [`Input::TokenGiven`].
        call: Call,
    },
    /// A login has gone well, or failed.
    LoggedIn {
        /// The call that this answers.
        call: Call,
        /// Why it has failed, for the site's developer.
        failed: Option<String>,
    },
    /// A message of this page stands.
    Stands(ClientMessageId),
    /// A message of this page, or another command of it, was refused for good.
    Refused(Refused),
}
