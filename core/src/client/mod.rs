//! The clients' machines, sans I/O: the shell feeds inputs and the time, and does the effects that come back.
//!
//! Nothing here reads a clock, rolls dice, opens a socket or touches storage. Time and a fresh random number come with
//! each input; a timer is an effect that says when to wake the machine (one at a time); what is to be kept is an
//! effect too. So a whole life, disconnections and all, is a test of a few lines.
//!
//! Where to start:
//! - [`end_user`]: the widget's machine; [`agent`]: the workspace's. Each is put together from
//! - [`connection`]: when to connect, whether the other side still lives, how long to wait after a failure;
//! - [`transport`]: by which way frames travel;
//! - [`outbox`]: what was written and is not yet acknowledged, in order (R40, I25);
//! - [`role`]: which of a visitor's tabs holds the socket;
//! - `login`: who the end user is, once the site says so (R47);
//! - [`timeline`]: what stands on the end user's screen (R41), and the prediction of where a message goes (R09).

pub mod agent;
mod clock;
pub mod connection;
pub mod end_user;
mod login;
mod moment;
pub mod outbox;
pub mod role;
pub mod timeline;
pub mod transport;
mod upgrade;

use crate::time::Timestamp;

/// The earliest of several deadlines: the shell keeps one timer.
pub(crate) fn earliest<const N: usize>(deadlines: [Option<Timestamp>; N]) -> Option<Timestamp> {
    deadlines.into_iter().flatten().min()
}

/// Whether a deadline has come.
pub(crate) fn is_due(deadline: Option<Timestamp>, now: Timestamp) -> bool {
    deadline.is_some_and(|deadline| deadline <= now)
}
