//! A shop with an agent, a token and a key, and the whole router before it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use causerie_core::agent::{Availability, Role};
use causerie_core::bot::Flow;
use causerie_core::settings::Settings;
use causerie_core::{AgentId, Timestamp};
use causerie_server::addresses::Addresses;
use causerie_server::clock::Clock;
use causerie_server::config::ServeFlags;
use causerie_server::conversations::Conversations;
use causerie_server::jobs::Worker;
use causerie_server::listener::Life;
use causerie_server::notifier::Notifier;
use causerie_server::router::build_app;
use causerie_server::secret;
use causerie_server::state::{App, Parts};
use causerie_server::store::{Change, Changed, KeyScope, Store};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;
use tower::ServiceExt as _;

use crate::asking::{Answered, Shown, request};

/// The demo's flow, as it is shipped.
const FLOW: &str = include_str!("../../../flows/demo.toml");

/// An installation that is asked by its public APIs.
pub(crate) struct Desk {
    router: Router,
    pub(crate) app: App,
    pub(crate) agent: AgentId,
    _folder: TempDir,
}

impl Desk {
    /// The site `shop` with its key, and the admin Amy, online, with her token.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::by_hand(Timestamp(1_800_000_000_000));
        let store = Store::open(&folder.path().join("causerie.db")).await.unwrap();
        let (notifier, wake) = (Notifier::default(), Arc::new(Notify::new()));
        let flow = Arc::new(Flow::parse(FLOW).unwrap());
        let conversations = Conversations::start(
            store.clone(),
            Arc::clone(&flow),
            clock.clone(),
            notifier.clone(),
            Arc::clone(&wake),
        );
        tokio::spawn(Worker::new(store.clone(), conversations.clone(), clock.clone()).run(wake));
        let config = ServeFlags::default().resolve().unwrap();
        let app = App::new(Parts {
            conversations,
            store,
            notifier,
            clock,
            flow,
            addresses: Addresses::new(&config, "127.0.0.1:7878".parse().unwrap()),
            demo: false,
            life: Life::default(),
        });
        let router = build_app(app.clone());
        let mut desk = Self {
            router,
            app,
            agent: AgentId(0),
            _folder: folder,
        };
        desk.site("shop", "shop-key", "shop-secret", KeyScope::App).await;
        desk.agent = desk.hires("amy", Role::Admin, None).await;
        desk
    }

    /// Adds a site with a key.
    pub(crate) async fn site(&self, site: &str, kid: &str, secret: &str, scope: KeyScope) {
        let (site, name) = (site.to_owned(), site.to_owned());
        if self.app.store.site(&site).await.unwrap().is_none() {
            self.change(Change::AddSite {
                key: site.clone(),
                name,
                origins: Vec::new(),
            })
            .await;
        }
        let (kid, secret) = (kid.to_owned(), secret.to_owned());
        self.change(Change::AddKey {
            site,
            kid,
            scope,
            secret,
        })
        .await;
    }

    /// Adds an agent, online, with the token `NAMEs-token`.
    pub(crate) async fn hires(&self, name: &str, role: Role, group: Option<&str>) -> AgentId {
        let email = format!("{name}@shop.example");
        let added = Change::AddAgent {
            name: name.to_owned(),
            email: email.clone(),
            role: Some(role),
            group: group.map(str::to_owned),
        };
        let Changed::Agent(agent) = self.change(added).await else {
            panic!("no agent")
        };
        self.change(Change::SetAvailability {
            agent,
            to: Availability::Online,
        })
        .await;
        let token = secret::hash(&format!("{name}s-token"));
        self.change(Change::AddToken {
            email,
            name: "test".to_owned(),
            token,
        })
        .await;
        agent
    }

    pub(crate) async fn change(&self, change: Change) -> Changed {
        self.app.conversations.change(change).await.unwrap()
    }

    pub(crate) async fn set(&self, settings: Settings) {
        self.change(Change::SetSettings(settings)).await;
    }

    /// Asks with whatever is given.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answered {
            status,
            headers,
            json,
        }
    }

    pub(crate) async fn get(&self, path: &str, shown: &Shown) -> Answered {
        self.ask(request("GET", path, shown, None)).await
    }

    pub(crate) async fn post(&self, path: &str, shown: &Shown, body: Value) -> Answered {
        self.ask(request("POST", path, shown, Some(body))).await
    }

    /// Amy asks the Support API.
    pub(crate) async fn support(&self, path: &str) -> Value {
        self.get(&format!("/api/v2/{path}"), &Shown::amy()).await.ok()
    }

    /// Amy changes a ticket.
    pub(crate) async fn put(&self, ticket: u64, asked: Value) -> Answered {
        let path = format!("/api/v2/tickets/{ticket}.json");
        self.ask(request(
            "PUT",
            &path,
            &Shown::amy(),
            Some(json!({ "ticket": asked })),
        ))
        .await
    }

    /// Amy ends a ticket's session.
    pub(crate) async fn end(&self, ticket: u64) -> Answered {
        let path = format!("/api/v2/tickets/{ticket}/messaging_session/end");
        self.ask(request("POST", &path, &Shown::amy(), None)).await
    }

    /// The shop asks the Conversations API.
    pub(crate) async fn shop(&self, path: &str) -> Value {
        self.get(&format!("/sc/v2/apps/shop/{path}"), &Shown::shop())
            .await
            .ok()
    }

    /// The shop posts to the Conversations API.
    pub(crate) async fn shop_posts(&self, path: &str, body: Value) -> Answered {
        self.post(&format!("/sc/v2/apps/shop/{path}"), &Shown::shop(), body)
            .await
    }

    /// A user with an empty conversation: its id.
    pub(crate) async fn opens(&self, external_id: &str) -> String {
        let user = json!({
            "externalId": external_id,
            "profile": {"givenName": "Ada", "surname": "Lovelace", "email": "ada@example.net"},
        });
        assert_eq!(self.shop_posts("users", user).await.status, StatusCode::CREATED);
        let asked = json!({"type": "personal", "participants": [{"userExternalId": external_id}]});
        let answer = self.shop_posts("conversations", asked).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json["conversation"]["id"].as_str().unwrap().to_owned()
    }

    /// The user of a conversation says something.
    pub(crate) async fn says(&self, conversation: &str, text: &str) -> Value {
        let message = json!({"author": {"type": "user"}, "content": {"type": "text", "text": text}});
        let answer = self
            .shop_posts(&format!("conversations/{conversation}/messages"), message)
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json["messages"][0].clone()
    }

    /// A conversation that people have, and its ticket, which Amy works on.
    pub(crate) async fn with_people(&self, external_id: &str) -> (String, u64) {
        let conversation = self.opens(external_id).await;
        self.says(&conversation, "Where is my order?").await;
        let ticket = self.hands_off(&conversation).await;
        (conversation, ticket)
    }

    /// Control passes to people: the ticket, once Amy has it.
    pub(crate) async fn hands_off(&self, conversation: &str) -> u64 {
        let path = format!("conversations/{conversation}/passControl");
        let answer = self
            .shop_posts(&path, json!({"switchboardIntegration": "next"}))
            .await;
        assert_eq!((answer.status, &answer.json), (StatusCode::OK, &json!({})));
        for _ in 0..2000 {
            let found = self
                .support("search.json?query=status%3Csolved%20type:ticket")
                .await;
            let ticket = &found["results"][0];
            if ticket["assignee_id"].is_number() {
                return ticket["id"].as_u64().unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        panic!("nobody got the ticket");
    }

    /// What was said in a conversation, as the Conversations API tells it: who and what.
    pub(crate) async fn said(&self, conversation: &str) -> Vec<(String, String)> {
        let listed = self
            .shop(&format!("conversations/{conversation}/messages?page[size]=100"))
            .await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        listed["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| {
                (
                    text(&message["author"]["type"]),
                    text(&message["content"]["text"]),
                )
            })
            .collect()
    }

    /// What was said on a ticket, as the Support API tells it: what, and whether to the customer.
    pub(crate) async fn comments(&self, ticket: u64) -> Vec<(String, bool)> {
        let listed = self.support(&format!("tickets/{ticket}/comments.json")).await;
        let comments = listed["comments"].as_array().unwrap().clone();
        comments
            .iter()
            .map(|it| {
                (
                    it["body"].as_str().unwrap().to_owned(),
                    it["public"].as_bool().unwrap(),
                )
            })
            .collect()
    }

    /// A ticket's audits: for each, the types of its events.
    pub(crate) async fn audits(&self, ticket: u64) -> Vec<Value> {
        self.support(&format!("tickets/{ticket}/audits.json")).await["audits"]
            .as_array()
            .unwrap()
            .clone()
    }
}
