//! What is asked of the twin, as it is asked of the server.

use causerie_core::MacroId;
use causerie_proof::twin::{self, Change, Identity, LogIn, Request, SiteId};
use causerie_server::conversations::{self as asked, EndUserIdentity, Sender};
use causerie_server::store::{self, Changed};

pub(super) fn identity(who: &Identity) -> EndUserIdentity {
    EndUserIdentity {
        site: store::SiteId(who.site.0),
        secret_hash: who.secret_hash,
        locale: who.locale.clone(),
    }
}

pub(super) fn login_to_server(login: &LogIn) -> asked::LogIn {
    asked::LogIn {
        who: identity(&login.who),
        believed: login.believed,
        before: login.before,
        whom: login.whom.clone(),
        until: login.until,
    }
}

pub(super) const fn changed_of_server(changed: &Changed) -> twin::Changed {
    match changed {
        Changed::Agent(agent) => twin::Changed::Agent(*agent),
        Changed::Group(group) => twin::Changed::Group(*group),
        Changed::Macro(it) => twin::Changed::Macro(*it),
        Changed::Done | Changed::Site(_) | Changed::EndUser { .. } | Changed::Thread { .. } => {
            twin::Changed::Done
        }
    }
}

pub(super) fn to_server(request: &Request) -> asked::Request {
    let site_of = |site: &SiteId| store::SiteId(site.0);
    match request.clone() {
        Request::Send { who, send } => asked::Request::Send {
            who: Sender::Visitor(identity(&who)),
            send,
        },
        Request::EndByEndUser { who, cid, session } => asked::Request::EndByEndUser {
            who: identity(&who),
            cid,
            session,
        },
        Request::Read { who, upto } => asked::Request::Read {
            who: Sender::Visitor(identity(&who)),
            upto,
        },
        Request::Update {
            agent,
            cid,
            ticket,
            update,
        } => asked::Request::Update {
            agent,
            cid,
            ticket,
            update,
        },
        Request::End { agent, cid, ticket } => asked::Request::End { agent, cid, ticket },
        Request::Macro {
            agent,
            cid,
            ticket,
            id,
        } => asked::Request::Macro {
            agent,
            cid,
            ticket,
            id,
        },
        Request::Business {
            site,
            thread,
            cid,
            name,
            text,
            replies,
        } => asked::Request::Business {
            site: site_of(&site),
            thread,
            cid,
            name,
            text,
            replies,
        },
        Request::HandOff { site, thread } => asked::Request::HandOff {
            site: site_of(&site),
            thread,
        },
        Request::Describe {
            site,
            thread,
            name,
            email,
        } => asked::Request::Describe {
            site: site_of(&site),
            thread,
            name,
            email,
        },
        Request::Assign { ticket, agent } => asked::Request::Assign { ticket, agent },
        Request::ReturnToQueue { ticket, agent } => asked::Request::ReturnToQueue { ticket, agent },
        Request::TurnInactive { ticket } => asked::Request::TurnInactive { ticket },
        Request::CloseSolved { ticket } => asked::Request::CloseSolved { ticket },
        Request::EndForgotten { thread } => asked::Request::EndForgotten { thread },
    }
}

pub(super) fn change_to_server(change: &Change) -> store::Change {
    match change.clone() {
        Change::AddAgent {
            name,
            email,
            role,
            group,
        } => store::Change::AddAgent {
            name,
            email,
            role,
            group,
        },
        Change::SetAvailability { agent, to } => store::Change::SetAvailability { agent, to },
        Change::SetSlots {
            agent,
            messaging,
            email,
        } => store::Change::SetSlots {
            agent,
            messaging,
            email,
        },
        Change::SetSettings(settings) => store::Change::SetSettings(settings),
        Change::SaveMacro(it) => store::Change::SaveMacro(it),
        Change::RemoveMacro(id) => store::Change::RemoveMacro(id),
        Change::AddGroup { name } => store::Change::AddGroup { name },
        Change::LogOut { site, secret } => store::Change::LogOut {
            site: store::SiteId(site.0),
            secret,
        },
        Change::SweepSecrets { before } => store::Change::SweepSecrets {
            before,
            limit: 10_000,
        },
        // A job's number is the store's own affair: only its worker asks for this.
        Change::Finish(_) => store::Change::RemoveMacro(MacroId(0)),
    }
}
