//! Changes of what the installation knows besides its chat threads: agents, groups, sign-ins, sites, keys, macros,
//! settings, and the end users that the business introduces. One vocabulary for the server, which sends them through
//! the writer, and for the commands, which open the database themselves while the server runs.

use core::fmt;

use causerie_core::agent::{Availability, Role};
use causerie_core::rules::agent_macro::Macro;
use causerie_core::settings::Settings;
use causerie_core::{AgentId, ChatThreadId, EndUserId, GroupId, MacroId, Timestamp};

use super::{KeyScope, SiteId};

/// SHA-256 of a secret: of a token, a link, a cookie. The secret itself is not kept.
pub type SecretHash = [u8; 32];

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing that is kept is changed, but a message's worth is written: whether anything can be.
    Probe,
    /// A new agent; one that exists by that email keeps what it has and gets the name, the role and the group given.
    AddAgent {
        /// The name customers and colleagues see.
        name: String,
        /// The address to sign in with. Letter case does not count.
        email: String,
        /// The role; none leaves it, or makes an agent.
        role: Option<Role>,
        /// The group, by name; made if there is none such.
        group: Option<String>,
    },
    /// A new password (argon2id, in PHC form). Every session of the agent and every open link ends by it.
    SetPassword {
        /// Whose.
        agent: AgentId,
        /// Its hash.
        hash: String,
    },
    /// A sign-in link; the agent's links from before are void.
    OpenLink {
        /// For whom.
        agent: AgentId,
        /// The link's token, hashed.
        token: SecretHash,
        /// Until when it is good.
        until: Timestamp,
    },
    /// The link is used, once: whose it was is answered, the password is set, a session opens.
    UseLink {
        /// The link's token, hashed.
        token: SecretHash,
        /// The password chosen, hashed.
        password: String,
        /// The session that opens.
        session: NewSession,
    },
    /// An agent signs in: a session opens.
    OpenSession {
        /// Whose.
        agent: AgentId,
        /// The session.
        session: NewSession,
    },
    /// An agent signs out.
    CloseSession {
        /// The cookie's token, hashed.
        token: SecretHash,
    },
    /// An agent's availability (R31).
    SetAvailability {
        /// Whose.
        agent: AgentId,
        /// What it is now.
        to: Availability,
    },
    /// How many slots an agent has.
    SetSlots {
        /// Whose.
        agent: AgentId,
        /// For messaging.
        messaging: u32,
        /// For email.
        email: u32,
    },
    /// The account's settings.
    SetSettings(Settings),
    /// A macro is changed, or added where its id is 0.
    SaveMacro(Macro),
    /// A macro is taken away.
    RemoveMacro(MacroId),
    /// A group, by name; one that exists stays.
    AddGroup {
        /// Its name.
        name: String,
    },
    /// A site.
    AddSite {
        /// Its key, public and unique.
        key: String,
        /// What people call it.
        name: String,
        /// From where its pages may embed the widget.
        origins: Vec<String>,
    },
    /// A token for the Support API.
    AddToken {
        /// The email of the agent it speaks for.
        email: String,
        /// What it is for.
        name: String,
        /// The token, hashed.
        token: SecretHash,
    },
    /// A key of a site.
    AddKey {
        /// The site's key.
        site: String,
        /// The key's id.
        kid: String,
        /// What it is for.
        scope: KeyScope,
        /// The secret as it was printed.
        secret: String,
    },
    /// The business introduces an end user; one that exists by that external id gets what is given.
    IntroduceEndUser {
        /// On which site.
        site: SiteId,
        /// How the business names it.
        external_id: String,
        /// A name.
        name: Option<String>,
        /// An address.
        email: Option<String>,
        /// The language of the bot's words; none leaves it, or means English.
        locale: Option<String>,
    },
    /// An identified end user logs out on one of their devices (R47).
    LogOut {
        /// On which site.
        site: SiteId,
        /// The device's secret, hashed.
        secret: SecretHash,
    },
    /// Secrets that nobody needs any more are taken out, so many of each kind.
    SweepSecrets {
        /// Whose time was over by then.
        before: Timestamp,
        /// How many.
        limit: u32,
    },
    /// The business opens the chat thread of an end user; one that exists stays.
    OpenThread {
        /// On which site.
        site: SiteId,
        /// Whose.
        end_user: EndUserId,
    },
}

/// A session of an agent's, kept in a cookie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSession {
    /// The cookie's token, hashed.
    pub token: SecretHash,
    /// What a request that changes something has to bear besides the cookie.
    pub csrf: String,
    /// Until when it is good.
    pub until: Timestamp,
}

/// What came of a change; it is on disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It is done.
    Done,
    /// Of this agent.
    Agent(AgentId),
    /// Of this group.
    Group(GroupId),
    /// Of this site.
    Site(SiteId),
    /// Of this macro.
    Macro(MacroId),
    /// Of this end user; `fresh` where there was none before.
    EndUser {
        /// Which one.
        id: EndUserId,
        /// Whether it is new.
        fresh: bool,
    },
    /// Of this chat thread; `fresh` where there was none before.
    Thread {
        /// Which one.
        id: ChatThreadId,
        /// Whether it is new.
        fresh: bool,
    },
}

/// Why a change is not done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeRefused {
    /// No such agent, or one who is gone.
    UnknownAgent,
    /// The link was used, is too old or never was.
    LinkVoid,
    /// No such site.
    UnknownSite,
    /// A site has that key already.
    SiteKeyTaken,
    /// No such macro.
    UnknownMacro,
    /// No such end user on this site.
    UnknownEndUser,
}

impl ChangeRefused {
    /// A stable name for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownAgent => "unknown_agent",
            Self::LinkVoid => "link_void",
            Self::UnknownSite => "unknown_site",
            Self::SiteKeyTaken => "site_key_taken",
            Self::UnknownMacro => "unknown_macro",
            Self::UnknownEndUser => "unknown_end_user",
        }
    }
}

impl fmt::Display for ChangeRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownAgent => "There is no such agent.",
            Self::LinkVoid => "This sign-in link was used already or is too old. Ask for a new one.",
            Self::UnknownSite => "There is no such site.",
            Self::SiteKeyTaken => "A site has that key already.",
            Self::UnknownMacro => "There is no such macro.",
            Self::UnknownEndUser => "There is no such user.",
        })
    }
}
