//! The work of an agent who went offline goes back to its queue (R34): read here, decided ticket by ticket by the
//! writer, so that whoever is there again keeps what was not taken yet.

use causerie_core::AgentId;

use super::{NotYet, Worker};
use crate::conversations::Request;

/// Asks for each ticket that may have to go back.
pub(super) async fn return_work(worker: &Worker, agent: AgentId) -> Result<(), NotYet> {
    for ticket in worker.store.work_of(agent).await? {
        match worker
            .conversations
            .ask(Request::ReturnToQueue { ticket, agent })
            .await
        {
            Ok(_) => {}
            // What was decided otherwise meanwhile stays as it was decided.
            Err(refusal) if refusal.is_overtaken() => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(())
}
