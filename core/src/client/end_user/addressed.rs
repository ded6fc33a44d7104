//! What the host page sends to a conversation that it names. A visitor has one chat thread: to that it goes, or nowhere.

use super::super::connection;
use super::{EndUserClient, Moment};
use crate::ids::{ChatThreadId, ClientMessageId};

/// Why a message to another conversation than this visitor's is not sent.
pub const OTHER_CONVERSATION: &str = "This visitor has no such conversation.";

/// A message that waits until it is known which chat thread is this visitor's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Addressed {
    pub(super) cid: ClientMessageId,
    text: String,
    thread: ChatThreadId,
}

impl EndUserClient {
    pub(super) fn host_sent(
        &mut self,
        cid: ClientMessageId,
        text: String,
        thread: Option<ChatThreadId>,
        at: Moment,
    ) {
        let Some(thread) = thread else {
            return self.sent_whole(cid, &text, at);
        };
        match self.timeline.thread() {
            Some(own) if own == thread => self.sent_whole(cid, &text, at),
            Some(_) => self.refuse_here(cid, "conversation_unknown", OTHER_CONVERSATION),
            None if self.connection.is_live() => {
                self.refuse_here(cid, "conversation_unknown", OTHER_CONVERSATION);
            }
            // Somebody who has been here before may have one: the server says so first.
            None => {
                self.addressed.push(Addressed { cid, text, thread });
                self.connection(connection::Input::Wanted, at);
            }
        }
    }

    /// The server has said which chat thread is this visitor's, or that there is none.
    pub(super) fn send_addressed(&mut self, at: Moment) {
        for Addressed { cid, text, thread } in core::mem::take(&mut self.addressed) {
            self.host_sent(cid, text, Some(thread), at);
        }
    }
}
