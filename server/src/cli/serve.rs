//! `causerie serve`.

use std::io::{ErrorKind, IsTerminal as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use causerie_core::agent::Role;
use causerie_core::bot::Flow;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::time::timeout;
use tracing_subscriber::EnvFilter;

use super::agent::LINK;
use super::check::flow;
use super::place::{Reached, sign_in_link};
use super::{Done, Failure, print};
use crate::addresses::Addresses;
use crate::clock::Clock;
use crate::config::{Config, ServeFlags};
use crate::conversations::{Conversations, Refusal};
use crate::epoch;
use crate::jobs::Worker;
use crate::listener::{self, Life};
use crate::notifier::Notifier;
use crate::router::build_app;
use crate::routes::pages::{DEMO, demo};
use crate::secret;
use crate::state::{App, Parts};
use crate::store::{Change, ChangeRefused, Changed, KeyScope, Serving, Store, others_may_read};

/// How long requests and sockets under way may take to finish when the server closes.
const DRAIN: Duration = Duration::from_secs(10);

/// The first admin's address, until an admin is added by another.
const FIRST_ADMIN: &str = "admin@localhost";

pub(super) fn run(flags: ServeFlags) -> Done {
    let config = flags.resolve()?;
    let filter = EnvFilter::try_from_env("CAUSERIE_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let flow = flow(config.flow.as_deref()).map_err(|faults| {
        let more = faults.len().saturating_sub(1);
        let first = faults.into_iter().next().unwrap_or_default();
        let rest = if more == 0 {
            String::new()
        } else {
            format!(" (and {more} more: causerie check)")
        };
        Failure::new(format!("The bot's flow is refused. {first}{rest}"))
    })?;
    // Each visitor is an open file; where more are not to be had, the limit stays.
    if let Err(fault) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%fault, "the limit of open files stays as it is");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|fault| Failure::new(format!("no runtime: {fault}")))?
        .block_on(serve(config, flow))
}

async fn serve(config: Config, flow: Flow) -> Done {
    let stop = Stop::heard()?;
    // Before anything else: of two servers on one folder, the second says so and touches nothing.
    let _serving = Serving::of(&config.database)?;
    let (listener, addresses) = listen(&config).await?;
    let clock = Clock::default();
    let store = Store::open_to_serve(&config.database, &mut how_far()).await?;
    if others_may_read(&config.database) {
        tracing::warn!(
            "others on this machine may read the data: chmod -R go= '{}' keeps it to its owner",
            config.data.display()
        );
    }
    let life = Life::default();
    let flow = Arc::new(flow);
    let notifier = Notifier::default();
    let wake = Arc::new(Notify::new());
    let conversations = Conversations::start(
        store.clone(),
        Arc::clone(&flow),
        clock.clone(),
        notifier.clone(),
        Arc::clone(&wake),
    );
    let watch = tokio::spawn(epoch::watch(store.clone(), notifier.clone(), Arc::clone(&wake)));
    let worker = Worker::new(store.clone(), conversations.clone(), clock.clone());
    let worker = tokio::spawn(worker.run(wake));
    let app = App::new(Parts {
        conversations,
        store,
        notifier,
        clock,
        flow,
        addresses,
        demo: config.demo,
        life: life.clone(),
    });
    if config.demo {
        add_demo_site(&app).await?;
    }
    announce(&app, &config).await?;

    let serving = tokio::spawn(listener::serve(listener, build_app(app.clone()), life.clone()));
    let finishing = tokio::spawn(finish_erasures(app.store.clone()));
    stop.told().await;
    tracing::info!("closing: nobody new is taken, those who are here finish");
    life.close();
    // It ends by itself, as it was told to; should it not, the process ends all the same.
    let _ = serving.await;
    if timeout(DRAIN, life.everybody_gone()).await.is_err() {
        tracing::warn!("some connections did not finish in time");
    }
    // Whatever was acknowledged is on disk; a job that is cut off is done again after the next start.
    worker.abort();
    watch.abort();
    // Not cut off, as long as nobody kills the process.
    let _ = finishing.await;
    // The writer goes last: who only reads cannot put the log away.
    app.store.close().await;
    app.conversations.close().await;
    Ok(())
}

/// What an erasure has left that was cut off; whoever is served doesn't wait for it.
async fn finish_erasures(store: Store) {
    if let Err(fault) = store.finish_erasures().await {
        tracing::warn!(%fault, "whether an erasure was cut off could not be seen to");
    }
}

/// Says how far the look at the data is, now and then: only what takes long gets here.
fn how_far() -> impl FnMut(u64, u64) {
    let mut told = Instant::now();
    move |done, of| {
        if told.elapsed() >= Duration::from_secs(2) {
            told = Instant::now();
            tracing::info!(
                "looking whether the data is as it was written: {} of {} MiB",
                done >> 20,
                of >> 20
            );
        }
    }
}

async fn listen(config: &Config) -> Result<(TcpListener, Addresses), Failure> {
    let wanted = config.listen;
    let listener = TcpListener::bind(wanted).await.map_err(|fault| {
        Failure::new(if fault.kind() == ErrorKind::AddrInUse {
            format!("The address {wanted} is in use already. Stop what listens there, or give another with --listen.")
        } else {
            format!("The address {wanted} cannot be listened on: {fault}.")
        })
    })?;
    let listening = listener.local_addr().map_err(Failure::new)?;
    let addresses = Addresses::new(config, listening);
    if addresses.shares_one_origin() {
        tracing::warn!(
            "the widget's frame and the workspace share one origin: give the frame a host name of its own with \
             --widget-url, or its sandbox protects nothing"
        );
    }
    Ok((listener, addresses))
}

async fn add_demo_site(app: &App) -> Done {
    let change = Change::AddSite {
        key: DEMO.to_owned(),
        name: "Demo shop".to_owned(),
        origins: Vec::new(),
    };
    match app.conversations.change(change).await {
        Ok(_) | Err(Refusal::Change(ChangeRefused::SiteKeyTaken)) => {}
        Err(refusal) => return Err(Failure::new(refusal)),
    }
    if app
        .store
        .site_key(demo::KID)
        .await
        .map_err(Failure::new)?
        .is_none()
    {
        // Signs for the shop's customers.
        let key = Change::AddKey {
            site: DEMO.to_owned(),
            kid: demo::KID.to_owned(),
            scope: KeyScope::User,
            secret: secret::fresh()?,
        };
        app.conversations.change(key).await.map_err(Failure::new)?;
    }
    Ok(())
}

/// Says where everything is; to whoever comes first, how to get in.
async fn announce(app: &App, config: &Config) -> Done {
    if let Err(fault) = Reached::write(&app.addresses, &config.data) {
        tracing::warn!(%fault, "the commands will not know this server's address");
    }
    let public = app.addresses.public();
    if config.demo {
        print(format_args!("Demo site:  {public}/"))?;
    }
    print(format_args!("Workspace:  {public}/workspace/"))?;
    if let Some(link) = first_link(app).await? {
        print(format_args!(
            "Sign in as {FIRST_ADMIN}, the first admin, once, by this link:\n{link}"
        ))?;
    }
    Ok(())
}

/// A sign-in link for the first admin, until somebody is one: with a password, or added by `causerie agent add`.
async fn first_link(app: &App) -> Result<Option<String>, Failure> {
    let agents = app.store.agents().await?;
    let first = app.store.agent_by_email(FIRST_ADMIN).await?;
    let is_another = |id| first.as_ref().is_none_or(|first| first.agent.id != id);
    let somebody_else = agents
        .iter()
        .any(|agent| agent.role == Role::Admin && is_another(agent.id));
    if somebody_else || first.as_ref().is_some_and(|first| first.password_hash.is_some()) {
        return Ok(None);
    }
    let agent = match first {
        Some(first) => first.agent.id,
        None => {
            let change = Change::AddAgent {
                name: "Admin".to_owned(),
                email: FIRST_ADMIN.to_owned(),
                role: Some(Role::Admin),
                group: None,
            };
            match app.conversations.change(change).await.map_err(Failure::new)? {
                Changed::Agent(agent) => agent,
                Changed::Done
                | Changed::Group(_)
                | Changed::Site(_)
                | Changed::Macro(_)
                | Changed::EndUser { .. }
                | Changed::Thread { .. } => return Ok(None),
            }
        }
    };
    let token = secret::fresh()?;
    let until = app.clock.now().after(LINK);
    app.conversations
        .change(Change::OpenLink {
            agent,
            token: secret::hash(&token),
            until,
        })
        .await
        .map_err(Failure::new)?;
    Ok(Some(sign_in_link(app.addresses.public().as_str(), &token)))
}

/// The signals that stop the server, heard from when this is made.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn heard() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(Failure::new)?,
            interrupt: signal(SignalKind::interrupt()).map_err(Failure::new)?,
        })
    }

    async fn told(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
