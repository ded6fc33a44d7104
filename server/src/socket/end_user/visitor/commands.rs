//! What a visitor asks for.

use causerie_core::ClientMessageId;
use causerie_core::conversation::Conversation;
use causerie_core::wire::end_user::{Down, Send, Up};
use tokio::time::{Duration, Instant};

use super::super::super::{Over, failed, parse, refusal};
use super::{Line, Typing, Visitor};
use crate::conversations::{Request, Sender};
use crate::error::{refused, too_fast};
use crate::notifier::AgentNotice;
use crate::routes::messaging::send;
use crate::state::App;

/// *Is typing* is told again to the agents no sooner than this.
const TYPING_AGAIN: Duration = Duration::from_secs(2);

/// The commands of a visitor, by name.
pub(crate) const KNOWN: &[&str] = &["Hello", "Send", "End", "Read", "Typing", "Ping"];

impl Visitor {
    pub(crate) async fn heard(&mut self, app: &App, line: &mut impl Line, text: &str) -> Result<(), Over> {
        let up = match parse::<Up>(text, KNOWN) {
            Ok(up) => up,
            Err(bad) => {
                app.counted.unreadable.count();
                line.say(&Down::Refused(bad)).await?;
                return line.strike();
            }
        };
        let cid = match &up {
            Up::Send(send) => Some(send.cid),
            Up::End { cid, .. } => Some(*cid),
            Up::Hello(_) | Up::Read(_) | Up::Typing(_) | Up::Ping => None,
        };
        if let Some(refused) = line.admit(cid)? {
            return line.say(&Down::Refused(refused)).await;
        }
        match up {
            Up::Hello(_) => {
                line.say(&Down::Refused(refusal(
                    None,
                    "already_greeted",
                    "Hello was said already.",
                )))
                .await?;
                line.strike()
            }
            Up::Send(send) => self.send(app, line, send).await,
            Up::End { cid, session } => {
                let request = Request::EndByEndUser {
                    who: self.who.clone(),
                    cid,
                    session,
                };
                self.ask(app, line, Some(cid), request).await
            }
            Up::Read(upto) => {
                let request = Request::Read {
                    who: Sender::Visitor(self.who.clone()),
                    upto,
                };
                self.ask(app, line, None, request).await
            }
            Up::Typing(on) if line.stays() => self.typing(app, on).await,
            Up::Typing(_) => Ok(()),
            Up::Ping => {
                self.look(app, line).await?;
                line.say(&Down::Pong).await
            }
        }
    }

    async fn send(&mut self, app: &App, line: &mut impl Line, send: Send) -> Result<(), Over> {
        let cid = send.cid;
        if self.thread.is_none()
            && let Err(wait) = app.limits.beginnings.take((self.address, self.who.site.0))
        {
            return line.say(&Down::Refused(too_fast(Some(cid), wait))).await;
        }
        self.stop_typing(app);
        let request = Request::Send {
            who: Sender::Visitor(self.who.clone()),
            send,
        };
        match app.conversations.ask_knowing(self.epoch, request).await {
            Ok(answer) => {
                self.learn_thread(app, line).await?;
                app.counted.acknowledged.count();
                match send::ack(app, &self.who, cid, &answer).await.map_err(failed)? {
                    Some(ack) => line.say(&Down::Ack(ack)).await,
                    None => {
                        let why = "This client id stands for another command.";
                        line.say(&Down::Refused(refusal(Some(cid), "cid_reused", why)))
                            .await
                    }
                }
            }
            Err(why) => {
                app.counted.refused.count();
                line.say(&Down::Refused(refused(Some(cid), &why))).await
            }
        }
    }

    /// A command whose success is told by what follows from it.
    async fn ask(
        &self,
        app: &App,
        line: &mut impl Line,
        cid: Option<ClientMessageId>,
        request: Request,
    ) -> Result<(), Over> {
        match app.conversations.ask_knowing(self.epoch, request).await {
            Ok(_) => Ok(()),
            Err(why) => {
                app.counted.refused.count();
                line.say(&Down::Refused(refused(cid, &why))).await
            }
        }
    }

    /// Tells the agents; never written down, and no more often than it helps.
    async fn typing(&mut self, app: &App, on: bool) -> Result<(), Over> {
        if !on {
            self.stop_typing(app);
            return Ok(());
        }
        if self
            .typing
            .is_some_and(|typing| typing.told_at.elapsed() < TYPING_AGAIN)
            || !app.notifier.agents_listen()
        {
            return Ok(());
        }
        let head = app.store.thread_of(&self.who).await.map_err(failed)?;
        let live = head.and_then(|head| head.latest).filter(Conversation::is_live);
        if let Some(ticket) = live
            .as_ref()
            .and_then(Conversation::ticket)
            .map(|ticket| ticket.id)
        {
            self.typing = Some(Typing {
                ticket,
                told_at: Instant::now(),
            });
            app.notifier.tell_agents(AgentNotice::Typing { ticket, on: true });
        }
        Ok(())
    }

    pub(crate) fn stop_typing(&mut self, app: &App) {
        if let Some(Typing { ticket, .. }) = self.typing.take() {
            app.notifier
                .tell_agents(AgentNotice::Typing { ticket, on: false });
        }
    }
}
