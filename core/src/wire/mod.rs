//! The frames between the shells: few, flat and externally tagged, for every variant is paid for in the widget.
//!
//! - [`end_user`]: widget and server, on `/api/messaging`.
//! - [`agent`]: workspace and server, on `/api/workspace`.

pub mod agent;
pub mod end_user;

use serde::{Deserialize, Serialize};

use crate::ids::ClientMessageId;

/// The code of a refusal: the client id is somebody else's command's.
pub const CID_UNKNOWN: &str = "cid_unknown";

/// The code of a refusal: whom a device has believed to be logged in has been erased (SECURITY 27).
pub const ERASED: &str = "erased";

/// The code of a refusal: nothing is known of the login any more, by a restore of data from before or because it was over
/// for long. The site has to vouch anew, if it still knows who this is (R47).
pub const LOGIN_UNKNOWN: &str = "login_unknown";

/// The code of a refusal: the login's time is over, and the site has to vouch anew (R47).
pub const LOGIN_EXPIRED: &str = "login_expired";

/// The code of a refusal: a login has taken this secret's place (R47).
pub const SECRET_RETIRED: &str = "secret_retired";

/// The code of a refusal: a login's secret stands for somebody else, or for nobody any more (R47). A fresh one is needed.
pub const SECRET_TAKEN: &str = "secret_taken";

/// The WebSocket subprotocol of both sockets; its number changes when an old client could not go on.
pub const SUBPROTOCOL: &str = "causerie.v1";

/// The largest frame, in bytes, that a server reads.
pub const MAX_FRAME: usize = 64 * 1024;

/// How often a client says that it is there, in milliseconds, give or take a tenth.
pub const HEARTBEAT_MS: u32 = 25_000;

/// A command that was not done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// Which command; none when the frame could not be read so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<ClientMessageId>,
    /// A stable name for machines, such as `session_ended`.
    pub code: String,
    /// A sentence for people: what was wrong and what to do.
    pub message: String,
    /// Whether the same command may be done later.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub retryable: bool,
    /// How long to wait before that, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
}
