//! **The old ticket untouched** (R08): whatever way the message after the end comes, no row of any table that bears
//! the old ticket, its session or its conversation changes.

use causerie_core::agent::{Availability, Role};
use causerie_core::conversation::Stage;
use causerie_core::message::Author;
use causerie_core::session::{Placement, SessionState};
use causerie_core::ticket::CommentTo;
use causerie_core::wire::agent::{self, TicketRow};
use causerie_core::wire::end_user::{Ack, Down, Up};
use causerie_core::{Seq, SessionId};
use causerie_server::store::{Bearing, Change, KeyScope, ThreadHead};
use serde_json::json;

use crate::people::{Answered, Tab, Window, comment, message};
use crate::support::{SITE, Server, cid, hello, visitor};

/// How the next message comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    OpenWidget,
    Reload,
    SecondTab,
    QuickReplyOfTheOldLog,
    Post,
    ConversationsApi,
    TabThatWasOffline,
}

/// A visitor whose session has ended, with an email that waits, a note and a read mark on the old ticket.
struct After {
    number: u64,
    tab: Tab,
    second: Tab,
    offline: Option<Tab>,
    /// What the offline tab had.
    offline_at: Seq,
    old: TicketRow,
    before: Vec<String>,
}

struct Scene {
    server: Server,
    ann: Window,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start().await;
        let agent = server.agent("ann@shop.example", Role::Agent, None).await;
        let to = Availability::Online;
        server.change(Change::SetAvailability { agent, to }).await;
        let key = Change::AddKey {
            site: SITE.to_owned(),
            kid: "shop-key".to_owned(),
            scope: KeyScope::App,
            secret: "shop-secret".to_owned(),
        };
        server.change(key).await;
        let ann = Window::open(&server, "ann@shop.example").await;
        Self { server, ann }
    }

    async fn ended(&mut self, number: u64) -> After {
        let id = |n| cid(number * 100 + n);
        let seen = Seq(u64::MAX >> 12);
        let mut tab = Tab::open(&self.server, &visitor(number)).await;
        let second = Tab::open(&self.server, &visitor(number)).await;
        let first = tab.sends(message(id(0), "hello", None, Seq(0))).await;
        for (n, text) in [(1, "Talk to a person"), (2, "eve@mail.example")] {
            tab.sends(message(id(n), text, Some(first.session), seen)).await;
        }
        let ticket = self.ann.gets(first.session).await.ticket.id;
        self.ann.follows(ticket).await;
        let said = comment(id(3), ticket, CommentTo::Messaging, "It is on its way.");
        assert!(matches!(self.ann.orders(&said).await, Answered::Done(_)));
        let head = self.head(number).await;
        tab.rests_at(head.head, head.session()).await;
        tab.socket.say(&Up::Read(head.head)).await;
        while tab.hears().await != Down::Read(head.head) {}

        // One tab goes away before the end and comes back after it.
        let mut offline = Tab::open(&self.server, &visitor(number)).await;
        offline.rests_at(head.head, head.session()).await;
        offline
            .socket
            .send(tokio_tungstenite::tungstenite::Message::Close(None))
            .await;

        let end = agent::Up::End { cid: id(4), ticket };
        assert!(matches!(self.ann.orders(&end).await, Answered::Done(_)));
        for (n, to) in [(5, CommentTo::Public), (6, CommentTo::Note)] {
            let answered = self.ann.orders(&comment(id(n), ticket, to, "Afterwards.")).await;
            assert!(matches!(answered, Answered::Done(_)), "{answered:?}");
        }
        let head = self.head(number).await;
        tab.rests_at(head.head, head.session()).await;
        let old = self.server.app.store.ticket(ticket).await.unwrap().unwrap();
        self.ann.rests_at(head.head, old.ticket.head).await;
        let before = self.bearing(&old).await;
        for table in [
            "conversation:",
            "thread_entry:",
            "ticket:",
            "ticket_entry:",
            "command:",
            "job:",
        ] {
            assert!(
                before.iter().any(|row| row.starts_with(table)),
                "{table} {before:#?}"
            );
        }
        After {
            number,
            tab,
            second,
            offline_at: offline.entries.last().unwrap().seq,
            offline: Some(offline),
            old,
            before,
        }
    }

    async fn head(&self, number: u64) -> ThreadHead {
        let site = self.server.app.store.site(SITE).await.unwrap().unwrap().id;
        let who = causerie_server::conversations::EndUserIdentity {
            site,
            secret_hash: causerie_server::secret::hash_of_visitor(&visitor(number)).unwrap(),
            locale: "en".to_owned(),
        };
        self.server.app.store.thread_of(&who).await.unwrap().unwrap()
    }

    async fn bearing(&self, old: &TicketRow) -> Vec<String> {
        let bearing = [Bearing::Ticket(old.ticket.id), Bearing::Session(old.session_id)];
        self.server.app.store.rows_bearing(&bearing).await.unwrap()
    }

    /// The rows are as they were; what is more than before is the fresh conversation's own, which names the old one.
    async fn old_ticket_is_untouched(&self, after: &After, fresh: SessionId, way: Way) {
        let now = self.bearing(&after.old).await;
        let gone: Vec<_> = after.before.iter().filter(|row| !now.contains(row)).collect();
        assert_eq!(
            gone,
            Vec::<&String>::new(),
            "{way:?}: a row of the old ticket has changed"
        );
        let its_own = self
            .server
            .app
            .store
            .rows_bearing(&[Bearing::Session(fresh)])
            .await
            .unwrap();
        let new_ticket = self.head(after.number).await.latest.unwrap();
        let mut allowed = its_own;
        if let Some(ticket) = new_ticket.ticket() {
            allowed.extend(
                self.server
                    .app
                    .store
                    .rows_bearing(&[Bearing::Ticket(ticket.id)])
                    .await
                    .unwrap(),
            );
        }
        for row in now.iter().filter(|row| !after.before.contains(row)) {
            assert!(allowed.contains(row), "{way:?}: {row}");
        }
    }

    /// The next message, its way; its acknowledgement where that way has one.
    async fn says(&self, after: &mut After, way: Way, text: &str) -> Option<Ack> {
        let (number, old) = (after.number, after.old.session_id);
        let send = message(cid(number * 100 + 20), text, Some(old), after.offline_at);
        match way {
            Way::OpenWidget | Way::QuickReplyOfTheOldLog => Some(after.tab.sends(send).await),
            Way::SecondTab => Some(after.second.sends(send).await),
            Way::Reload => {
                let mut reloaded = Tab::open(&self.server, &visitor(number)).await;
                assert_eq!(reloaded.session.unwrap().state, SessionState::Ended);
                Some(reloaded.sends(send).await)
            }
            Way::TabThatWasOffline => {
                drop(after.offline.take());
                let mut socket = self.server.visitor_socket().await;
                let epoch = self.server.app.store.epoch();
                socket
                    .say(&Up::Hello(hello(
                        &visitor(number),
                        Some(epoch),
                        after.offline_at.0,
                    )))
                    .await;
                // Its outbox is flushed before it has read what happened meanwhile.
                socket.say(&Up::Send(send.clone())).await;
                Some(socket.ack(send.cid).await)
            }
            Way::Post => {
                let bearer = format!("Bearer {}", visitor(number));
                let origin = self.server.origin();
                let headers = [("authorization", bearer.as_str()), ("origin", origin.as_str())];
                let mut body = serde_json::to_value(&send).unwrap();
                body["site"] = json!(SITE);
                body["locale"] = json!("en");
                let answer = self.server.post("/api/messaging/messages", &headers, &body).await;
                assert_eq!(answer.status, 200, "{}", answer.body);
                Some(serde_json::from_value(answer.json()).unwrap())
            }
            Way::ConversationsApi => {
                // shop-key:shop-secret
                let headers = [("authorization", "Basic c2hvcC1rZXk6c2hvcC1zZWNyZXQ=")];
                let body = json!({"author": {"type": "user"}, "content": {"type": "text", "text": text}});
                let path = format!("/sc/v2/apps/{SITE}/conversations/{}/messages", after.old.thread);
                let answer = self.server.post(&path, &headers, &body).await;
                assert_eq!(answer.status, 201, "{}", answer.body);
                None
            }
        }
    }
}

async fn untouched_by(way: Way) {
    let mut scene = Scene::new().await;
    let mut after = scene.ended(7).await;
    let (old, thread) = (after.old.session_id, after.old.thread);
    let text = match way {
        // It would lead on at once, were its payload run.
        Way::QuickReplyOfTheOldLog => "Talk to a person",
        Way::OpenWidget | Way::Reload | Way::SecondTab => "One more thing",
        Way::Post | Way::ConversationsApi | Way::TabThatWasOffline => "One more thing",
    };
    let ack = scene.says(&mut after, way, text).await;

    let head = scene.head(7).await;
    let latest = head.latest.clone().unwrap();
    assert_ne!(latest.id, old, "{way:?}");
    assert_eq!(latest.previous.unwrap().session, old, "{way:?}: R13");
    assert!(
        matches!(latest.stage, Stage::Bot(_)),
        "{way:?}: the bot greets, nothing is handed off"
    );
    if let Some(ack) = ack {
        assert_eq!(
            (ack.placement, ack.session),
            (Placement::Started, latest.id),
            "{way:?}"
        );
        assert_eq!(ack.seq, latest.first, "{way:?}");
    }
    let log = scene
        .server
        .app
        .store
        .thread_entries(thread, Seq(0), 1000)
        .await
        .unwrap();
    let fresh: Vec<_> = log.iter().filter(|entry| entry.seq >= latest.first).collect();
    assert_eq!(
        (&fresh[0].author, fresh[0].text.as_str()),
        (&Author::EndUser, text),
        "{way:?}"
    );
    assert!(
        fresh.len() > 1 && fresh.iter().all(|entry| entry.session == latest.id),
        "{way:?}"
    );
    // Ordinary text, whatever it says: the bot greets, and its question stands open.
    let question = fresh.last().unwrap();
    assert!(
        question.replies.contains(&"Talk to a person".to_owned()),
        "{way:?}: {question:?}"
    );
    scene.old_ticket_is_untouched(&after, latest.id, way).await;

    // All that comes with going on: typing, reading, more words, the next handoff.
    let tab = &mut after.tab;
    tab.rests_at(head.head, head.session()).await;
    tab.socket.say(&Up::Typing(true)).await;
    tab.socket.say(&Up::Read(head.head)).await;
    while tab.hears().await != Down::Read(head.head) {}
    scene.ann.rows.clear();
    for (n, text) in [(30, "Talk to a person"), (31, "Skip")] {
        let seen = Seq(u64::MAX >> 12);
        tab.sends(message(cid(700 + n), text, Some(latest.id), seen))
            .await;
    }
    let new = scene.ann.gets(latest.id).await;
    assert_eq!(
        new.previous.unwrap().ticket,
        Some(after.old.ticket.id),
        "{way:?}: R13"
    );
    assert_eq!(
        scene.ann.rows.iter().filter(|row| row.session_id == old).count(),
        0,
        "{way:?}: agents are told nothing more of the old ticket"
    );
    scene.old_ticket_is_untouched(&after, latest.id, way).await;
}

#[tokio::test]
async fn r08_the_old_ticket_is_untouched_by_a_message_from_the_open_widget() {
    untouched_by(Way::OpenWidget).await;
}

#[tokio::test]
async fn r08_the_old_ticket_is_untouched_by_a_message_after_a_reload() {
    untouched_by(Way::Reload).await;
}

#[tokio::test]
async fn r08_the_old_ticket_is_untouched_by_a_message_from_a_second_tab() {
    untouched_by(Way::SecondTab).await;
}

#[tokio::test]
async fn r08_the_old_ticket_is_untouched_by_a_quick_reply_of_the_old_log() {
    untouched_by(Way::QuickReplyOfTheOldLog).await;
}

#[tokio::test]
async fn r08_the_old_ticket_is_untouched_by_a_posted_message() {
    untouched_by(Way::Post).await;
}

#[tokio::test]
async fn r08_the_old_ticket_is_untouched_by_a_message_through_the_conversations_api() {
    untouched_by(Way::ConversationsApi).await;
}

#[tokio::test]
async fn r08_the_old_ticket_is_untouched_by_a_tab_that_was_offline_during_the_end() {
    untouched_by(Way::TabThatWasOffline).await;
}
