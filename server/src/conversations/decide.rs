//! One request: look up its client id, load the chat thread, let core decide, write. All inside the writer's
//! transaction; what it answers counts only once that is committed.

use causerie_core::agent::Agent;
use causerie_core::bot::Flow;
use causerie_core::chat_thread::{
    self, Actor, ChatThread, Circumstances, Command, CustomerMessage, Decision, Event, Outcome, Rejection,
};
use causerie_core::end_user::EndUser;
use causerie_core::message::Text;
use causerie_core::rules::placeholders::Facts;
use causerie_core::{AgentId, ChatThreadId, EndUserId, Seq, SessionId, TicketId};

use super::asked::Asked;
use super::told::Told;
use super::{Answer, EndUserIdentity, Refusal, Request, Sender};
use crate::clock::Clock;
use crate::notifier::Whose;
use crate::store::{self, Account, Before, Head, Loaded, Script, StoreError, Wanted, Writing};

/// A request that was done, as far as the commit has its way.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) answer: Answer,
    /// Who is told after the commit; nobody of what was done before.
    pub(super) told: Option<Told>,
    /// Whether it left a job.
    pub(super) wake: bool,
    /// Whether it added to a log: that much can be saved, then.
    pub(super) adds_to_a_log: bool,
}

/// Why a request was not done.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is refused; it wrote nothing.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Rejection> for Fault {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(Refusal::Rejected(rejection))
    }
}

/// Decides on the state as it is now, in the writer's open transaction.
pub(super) struct Deciding<'a> {
    pub(super) db: &'a mut Writing,
    /// Read once a commit, when it is first asked for.
    pub(super) account: &'a mut Option<Account>,
    pub(super) flow: &'a Flow,
    pub(super) clock: &'a Clock,
}

impl Deciding<'_> {
    pub(super) async fn request(&mut self, request: &Request) -> Result<Done, Fault> {
        let asked = Asked::of(request);
        let Loaded {
            known,
            standing,
            head,
        } = store::load(self.db, asked.cid, asked.wanted).await?;
        // Whoever is nobody any more is told so, and of nothing else.
        let identified = standing.at(self.clock.now()).map_err(Refusal::from)?;
        let head = head.filter(|head| asked.site.is_none_or(|site| site == head.site));
        // Before any state is looked at: a retry is answered by what was done, be the session ended or not (R11).
        if let Some(known) = known {
            return asked.repeat(&known, head.as_ref()).map_err(Fault::Refused);
        }
        match (head, request) {
            (Some(head), Request::Read { upto, .. }) => self.read(&head, *upto).await,
            (Some(head), request) => {
                let mut was = head.thread.clone();
                if let Request::Send {
                    who: Sender::Visitor(who),
                    ..
                } = request
                {
                    was.end_user.locale.clone_from(&who.locale);
                }
                self.decide(request, &asked, Before::Loaded(&head), was, head.whose)
                    .await
            }
            (
                None,
                Request::Send {
                    who: Sender::Visitor(who),
                    ..
                },
            ) => {
                let (whose, end_user) = self.writes_first(who, identified).await?;
                let was = ChatThread::new(
                    ChatThreadId(self.clock.fresh_id().map_err(StoreError::from)?),
                    end_user,
                );
                self.decide(request, &asked, Before::Fresh(&whose), was, Some(whose))
                    .await
            }
            (None, _) => Err(asked.missing().into()),
        }
    }

    async fn decide(
        &mut self,
        request: &Request,
        asked: &Asked<'_>,
        before: Before<'_>,
        was: ChatThread,
        whose: Option<Whose>,
    ) -> Result<Done, Fault> {
        let command = self.command(request, &was).await?;
        let room = whose_room(&command, request, &was);
        let decision = self
            .carry_out(
                command,
                room,
                before,
                &was,
                asked.wanted,
                Script::default(),
                Some(asked),
            )
            .await?;
        note_another_place(request, decision.outcome);
        Ok(Done {
            answer: Answer {
                thread: was.id,
                outcome: decision.outcome,
                repeated: false,
            },
            wake: !decision.effects.is_empty(),
            adds_to_a_log: adds_to_a_log(&decision),
            told: Some(Told::of(whose, before, &was, decision)),
        })
    }

    /// Lets core decide, and writes what it decides after the changes given: all of it or nothing. `room` is whose
    /// capacity the decision asks for; `asked` has the client id under which it is remembered.
    #[expect(clippy::too_many_arguments, reason = "one decision, and all that is about it")]
    pub(super) async fn carry_out(
        &mut self,
        command: Command,
        room: Option<AgentId>,
        before: Before<'_>,
        was: &ChatThread,
        wanted: Wanted<'_>,
        mut changes: Script,
        asked: Option<&Asked<'_>>,
    ) -> Result<Decision, Fault> {
        let account = self.account().await?;
        let room = match room {
            Some(agent) => store::room(self.db, agent, &account.settings).await?,
            None => None,
        };
        let now = self.clock.now();
        let around = Circumstances {
            now,
            fresh_session: SessionId(self.clock.fresh_id().map_err(StoreError::from)?),
            fresh_ticket: account.fresh_ticket,
            settings: &account.settings,
            flow: self.flow,
            groups: &account.groups,
            someone_available: account.someone_available,
            room: room.as_ref(),
        };
        let decision = chat_thread::handle(was, command, &around)?;
        store::write(&mut changes, before, was, &decision, now);
        if let Some(asked) = asked
            && let Some(cid) = asked.cid
        {
            store::remember(&mut changes, cid, &asked.known(was, decision.outcome));
        }
        self.run(changes).await?;
        if cfg!(debug_assertions) {
            self.rows_say_the_same(wanted, &decision.after).await?;
        }
        self.took_a_ticket_number(&decision);
        Ok(decision)
    }

    async fn read(&mut self, head: &Head, upto: Seq) -> Result<Done, Fault> {
        let upto = upto.min(head.thread.head);
        let answer = Answer {
            thread: head.thread.id,
            outcome: Outcome::Done {},
            repeated: false,
        };
        if upto <= head.read {
            return Ok(Done {
                answer,
                told: None,
                wake: false,
                adds_to_a_log: false,
            });
        }
        let mut changes = Script::default();
        store::read_upto(&mut changes, head.thread.id, upto);
        self.run(changes).await?;
        Ok(Done {
            answer,
            told: head.whose.map(|whose| Told::read(whose, upto)),
            wake: false,
            adds_to_a_log: false,
        })
    }

    /// Writes, whole or not at all: a neighbour in the same commit is not touched by what fails here.
    pub(super) async fn run(&mut self, changes: Script) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let done = changes.in_savepoint().run(self.db).await;
        match done {
            Err(error) if error.is_constraint() => {
                self.db.rollback_command().await?;
                Err(error)
            }
            Ok(()) | Err(_) => done,
        }
    }

    /// What was written is what was decided: read back, the rows are the events folded into the state before.
    async fn rows_say_the_same(&mut self, wanted: Wanted<'_>, after: &ChatThread) -> Result<(), StoreError> {
        let head = store::load(self.db, None, wanted).await?.head;
        let rows = head.map(|head| head.thread);
        let latest = after.latest();
        assert_eq!(
            rows.as_ref().and_then(ChatThread::latest),
            latest,
            "the latest conversation's rows"
        );
        if let Some(mut rows) = rows {
            for conversation in &rows.conversations {
                assert_eq!(
                    Some(conversation),
                    after.conversation(conversation.id),
                    "a conversation's rows"
                );
            }
            rows.conversations.clone_from(&after.conversations);
            assert_eq!(&rows, after, "the chat thread's row");
        }
        Ok(())
    }

    async fn command(&mut self, request: &Request, was: &ChatThread) -> Result<Command, Fault> {
        Ok(match request {
            Request::Send { send, .. } => Command::CustomerMessage(CustomerMessage {
                cid: send.cid,
                text: Text::parse(&send.text).map_err(Rejection::Text)?,
                seen: send.seen,
                composed_against: send.session,
            }),
            Request::EndByEndUser { session, .. } => Command::EndSession {
                session: *session,
                by: Actor::EndUser,
            },
            Request::Update {
                agent,
                ticket,
                update,
                cid,
            } => Command::UpdateTicket {
                ticket: *ticket,
                by: Actor::Agent(self.actor(*agent).await?),
                update: update.clone(),
                cid: *cid,
            },
            Request::End { agent, ticket, .. } => Command::EndSession {
                session: was.of_ticket(*ticket).ok_or(Rejection::UnknownTicket)?.id,
                by: Actor::Agent(self.actor(*agent).await?),
            },
            Request::Macro {
                agent,
                ticket,
                id,
                cid,
            } => {
                let by = self.actor(*agent).await?;
                let it = store::macro_by_id(self.db, *id)
                    .await?
                    .ok_or(Refusal::UnknownMacro)?;
                let its = was.of_ticket(*ticket).and_then(|of| of.ticket());
                let update = it.update(&Facts {
                    ticket: its.ok_or(Rejection::UnknownTicket)?,
                    requester: was.end_user.name.as_deref(),
                    email: was.end_user.email.as_deref(),
                    agent: &by.name,
                })?;
                Command::UpdateTicket {
                    ticket: *ticket,
                    by: Actor::Agent(by),
                    update,
                    cid: *cid,
                }
            }
            Request::Business {
                cid,
                name,
                text,
                replies,
                ..
            } => Command::BusinessMessage {
                cid: *cid,
                name: name.clone(),
                text: text.clone(),
                replies: replies.clone(),
            },
            Request::HandOff { .. } => Command::HandOff,
            Request::Describe { name, email, .. } => Command::DescribeEndUser {
                name: name.clone(),
                email: email.clone(),
            },
            Request::Assign { ticket, .. } => Command::Assign { ticket: *ticket },
            Request::ReturnToQueue { ticket, .. } => Command::ReturnToQueue { ticket: *ticket },
            Request::TurnInactive { ticket } => Command::TurnInactive { ticket: *ticket },
            Request::CloseSolved { ticket } => Command::CloseSolved { ticket: *ticket },
            // A read mark is no command of core's: it decides nothing.
            Request::EndForgotten { .. } | Request::Read { .. } => Command::EndForgotten,
        })
    }

    async fn actor(&mut self, agent: AgentId) -> Result<Agent, Fault> {
        Ok(store::actor(self.db, agent)
            .await?
            .ok_or(Refusal::UnknownSender)?)
    }

    async fn account(&mut self) -> Result<Account, StoreError> {
        if self.account.is_none() {
            *self.account = Some(store::account(self.db).await?);
        }
        match self.account {
            Some(account) => Ok(account.clone()),
            None => store::account(self.db).await,
        }
    }

    fn took_a_ticket_number(&mut self, decision: &Decision) {
        let took = decision
            .events
            .iter()
            .any(|event| matches!(event, Event::TicketCreated { .. }));
        if let (true, Some(account)) = (took, self.account.as_mut()) {
            account.fresh_ticket = TicketId(account.fresh_ticket.0 + 1);
        }
    }

    /// Who writes the first message of all: somebody new, or an identified end user whom nobody had heard yet.
    async fn writes_first(
        &mut self,
        who: &EndUserIdentity,
        identified: Option<EndUserId>,
    ) -> Result<(Whose, EndUser), StoreError> {
        let (site, secret_hash) = (who.site, who.secret_hash);
        match identified {
            Some(id) => {
                let mut person = store::end_user_by_id(self.db, id).await?;
                person.locale.clone_from(&who.locale);
                Ok((Whose::Identified(id), person))
            }
            None => Ok((
                Whose::Anonymous { site, secret_hash },
                EndUser::anonymous(EndUserId(self.clock.fresh_id()?), who.locale.clone()),
            )),
        }
    }
}

/// Whether a decision adds to a log: that much can be saved, then.
pub(super) fn adds_to_a_log(decision: &Decision) -> bool {
    decision
        .events
        .iter()
        .any(|event| matches!(event, Event::Said(_) | Event::TicketLogged { .. }))
}

/// For the record (R09): a message that was placed in another session than its writer composed it for.
fn note_another_place(request: &Request, outcome: Outcome) {
    if let (
        Request::Send { send, .. },
        Outcome::Said {
            session, placement, ..
        },
    ) = (request, outcome)
        && let Some(composed_for) = send.session.filter(|composed_for| *composed_for != session)
    {
        tracing::debug!(%composed_for, %session, ?placement, "a message stands in another session");
    }
}

/// Whose capacity the decision asks for.
fn whose_room(command: &Command, request: &Request, was: &ChatThread) -> Option<AgentId> {
    if let Request::Assign { agent, .. } | Request::ReturnToQueue { agent, .. } = request {
        return Some(*agent);
    }
    command.asks_for_room_of(was)
}
