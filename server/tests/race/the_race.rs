//! **The race**: three tabs of one visitor, an agent's reply and one to three ends, released by one barrier.

use std::time::Instant;

use causerie_core::agent::{Availability, Role};
use causerie_server::store::Change;

use crate::people::Window;
use crate::round::{self, Desk};
use crate::shuffled::Chance;
use crate::support::Server;

const ROUNDS: u64 = 200;

/// Each order has to come about in this many rounds at least.
const OFTEN: usize = ROUNDS as usize / 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i01_i08_i12_i14_messages_replies_and_ends_race_and_one_order_holds_for_all() {
    let server = Server::start().await;
    let ann = server.agent("ann@shop.example", Role::Agent, None).await;
    server.agent("boss@shop.example", Role::Admin, None).await;
    server.agent("cal@shop.example", Role::Agent, None).await;
    let (agent, to) = (ann, Availability::Online);
    server.change(Change::SetAvailability { agent, to }).await;
    let mut desk = Desk {
        ann,
        replying: Some(Window::open(&server, "ann@shop.example").await),
        ending: Some(Window::open(&server, "ann@shop.example").await),
        boss: Some(Window::open(&server, "boss@shop.example").await),
        cal: Some(Window::open(&server, "cal@shop.example").await),
    };
    let (mut chance, seed) = Chance::new();
    println!("CAUSERIE_SEED={seed}");

    let began = Instant::now();
    let mut came = Vec::new();
    for number in 1..=ROUNDS {
        came.push(round::run(&server, &mut desk, number, &mut chance).await);
    }

    let count = |is: &dyn Fn(&round::Came) -> bool| came.iter().filter(|came| is(came)).count();
    let before = count(&|came| came.messages_before > 0);
    let after = count(&|came| came.messages_after > 0);
    let both = count(&|came| came.messages_before > 0 && came.messages_after > 0);
    let reply_before = count(&|came| came.reply_before);
    let reply_after = count(&|came| !came.reply_before);
    let two_ends = count(&|came| came.ends > 1);
    println!(
        "{ROUNDS} rounds in {:.1} s: a message before the end in {before}, after it in {after}, both in {both}; \
         the agent's reply before the end in {reply_before}, after it in {reply_after}; two ends in {two_ends}",
        began.elapsed().as_secs_f64()
    );
    for seen in [before, after, reply_before, reply_after, two_ends] {
        assert!(seen >= OFTEN, "an order was not raced for: see above");
    }
}
