//! What a decision costs in core alone, and that a long log makes it no dearer.

use std::time::{Duration, Instant};

use causerie_core::bot::Flow;
use causerie_core::chat_thread::{ChatThread, Circumstances, Command, CustomerMessage, handle};
use causerie_core::end_user::EndUser;
use causerie_core::message::Text;
use causerie_core::settings::Settings;
use causerie_core::{ChatThreadId, EndUserId, SessionId, TicketId, Timestamp};
use causerie_tests::{Story, fresh_cid};
use uuid::Uuid;

use crate::figures::Table;

/// Messages in the log at the end.
const MESSAGES: u64 = 1_000_000;
/// How many of them are timed, at the log's beginning and at its end.
const TIMED: u64 = 100_000;

pub(crate) fn run() -> Story<Table> {
    let end_user = EndUser::anonymous(EndUserId(Uuid::from_u128(1)), "en".to_owned());
    let mut talk = Talk {
        thread: ChatThread::new(ChatThreadId(Uuid::from_u128(2)), end_user),
        settings: Settings::default(),
        flow: Flow::default(),
        text: Text::parse("Is my order on its way? I have been waiting since Monday.")
            .map_err(|fault| fault.to_string())?,
    };
    talk.goes_on(1)?;
    talk.decides(Command::HandOff)?;
    let at_first = talk.goes_on(TIMED)?;
    talk.goes_on(MESSAGES - 2 * TIMED)?;
    let at_last = talk.goes_on(TIMED)?;

    let rate = |took: Duration| TIMED as f64 / took.as_secs_f64();
    let mut table = Table::new("bench decide: a customer's message in a ticket's conversation, core alone");
    table.row(
        "the first 100,000, decisions a second",
        format!("{:.0}/s", rate(at_first)),
    );
    table.floored(
        "the last of a million",
        format!("{:.0}/s", rate(at_last)),
        "half of the first's",
        rate(at_last) >= rate(at_first) / 2.0,
    );
    Ok(table)
}

struct Talk {
    thread: ChatThread,
    settings: Settings,
    flow: Flow,
    text: Text,
}

impl Talk {
    fn goes_on(&mut self, messages: u64) -> Story<Duration> {
        let began = Instant::now();
        for _ in 0..messages {
            self.decides(Command::CustomerMessage(CustomerMessage {
                cid: fresh_cid(),
                text: self.text.clone(),
                seen: self.thread.head,
                composed_against: None,
            }))?;
        }
        Ok(began.elapsed())
    }

    fn decides(&mut self, command: Command) -> Story {
        let around = Circumstances {
            now: Timestamp(1_000_000),
            fresh_session: SessionId(Uuid::from_u128(3)),
            fresh_ticket: TicketId(1),
            settings: &self.settings,
            flow: &self.flow,
            groups: &[],
            someone_available: true,
            room: None,
        };
        let decided = handle(&self.thread, command, &around).map_err(|refused| refused.to_string())?;
        self.thread = decided.after;
        Ok(())
    }
}
