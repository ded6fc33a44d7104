//! Bugs on purpose, each of which the model has to find, or has no place for. What finds no bug proves nothing.

use std::collections::BTreeSet;

use causerie_core::planted::{self, Bug};
use causerie_proof::model::{Budget, OneNode, properties};
use stateright::{Checker, Expectation, HasDiscoveries, Model};

/// How much has to happen for a bug to show, and which properties it breaks then; none where the model has no such
/// place: its disk is always synced, its clock never goes back, its worker never forgets. Those are the simulator's to
/// find.
fn breaks(bug: Bug) -> Option<(Budget, &'static [&'static str])> {
    let least = Budget {
        ends: 1,
        ..Budget::LEAST
    };
    Some(match bug {
        Bug::Reopens => (least, &["i02 nothing of a conversation stands after its end"]),
        Bug::OpensOneEach => (least, &["i05 at most one conversation lives"]),
        Bug::EndsAgain => (
            Budget { ends: 2, ..least },
            &[
                "i01 an ended session stays as it is",
                "i01 an end is written once and stays",
                "i07 one end makes one event",
                "i07 every caller gets the first end, and who comes second is told so",
            ],
        ),
        Bug::EndLeaks => (
            least,
            &["i14 i21 neither an end nor what time does is anything in the thread log"],
        ),
        Bug::EndIsFiltered => (least, &["i24 the logs have no holes"]),
        Bug::EndSolves => (least, &["i12 the end leaves the ticket's fields alone"]),
        Bug::EndsThoughSwitchedOff => (
            Budget { switches: 1, ..least },
            &["i08 switched off, nobody ends"],
        ),
        Bug::EndedStillWaits => (least, &["i11 i20 an ended session waits for nobody"]),
        Bug::SkipsBot => (least, &["i04 a message after the end is in the bot's hands"]),
        Bug::BotGoesOn => (least, &["i19 the bot is silent once it has handed off"]),
        Bug::HandsOffTwice => (
            Budget { handoffs: 2, ..least },
            &["i18 one ticket per conversation"],
        ),
        Bug::TakesOldForAnswer => (
            least,
            &["r10 what was written before a question does not answer it"],
        ),
        Bug::ForgetsClientIds => (
            Budget { doubles: 1, ..least },
            &["i03 i06 an accepted message stands once, where its answer says"],
        ),
        Bug::SendsAllAtOnce => (
            Budget {
                ends: 0,
                overtakings: 1,
                ..least
            },
            &["i25 each sender's order is kept"],
        ),
        Bug::JumpsHole => (Budget { losses: 1, ..least }, &["i26 what a tab has is a prefix"]),
        Bug::ForgetsSessionOnResume => (
            Budget { crashes: 1, ..least },
            &["r41 whoever resumes knows how the session stands"],
        ),
        Bug::LosesWhatWasNotAcknowledged => (
            least,
            &["i34 every message is finally acknowledged, every waiting session assigned"],
        ),
        Bug::AssignsTwice => (
            Budget {
                takes: 1,
                queue: true,
                ..least
            },
            &["i11 what waits for nobody is given to nobody"],
        ),
        Bug::OverfillsAgent => (
            Budget {
                takes: 1,
                queue: true,
                ..least
            },
            &["i09 i10 i11 no agent holds more than there is room for"],
        ),
        Bug::TimerIgnoresMessages => (
            Budget {
                ends: 0,
                half_days: 2,
                sweeps: 1,
                ..least
            },
            &["i21 a timer whose time has not come is harmless"],
        ),
        Bug::SilencesWhoSpoke => (
            Budget {
                ends: 0,
                takes: 1,
                half_days: 1,
                sweeps: 1,
                ..least
            },
            &["i21 a timer whose time has not come is harmless"],
        ),
        Bug::ClosesWhatWasReopened => (
            Budget {
                ends: 0,
                takes: 1,
                solves: 1,
                half_days: 1,
                sweeps: 1,
                ..least
            },
            &["i21 a timer whose time has not come is harmless"],
        ),
        Bug::TakesClockAsItIs
        | Bug::AcksBeforeSync
        | Bug::TearsLogsApart
        | Bug::KeepsStateOverRollback
        | Bug::LosesTimersOnRestart
        | Bug::KeepsJobsInMemory
        | Bug::FreesSlotTwice
        | Bug::LooksAtOldQueue
        | Bug::TrustsNotices
        | Bug::AnswersAnyone
        | Bug::BelievesReadMarks
        | Bug::KeepsLogOverRestore
        | Bug::EndsAnothersSession
        | Bug::SparesNotesOfErased
        | Bug::RaisesErased => return None,
    })
}

#[test]
fn each_planted_bug_is_found() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        let Some((budget, broken)) = breaks(bug) else {
            continue;
        };
        planted::plant(Some(bug));
        let checked = OneNode { budget }
            .checker()
            .threads(2)
            .finish_when(HasDiscoveries::AllOf(broken.iter().copied().collect()))
            .spawn_bfs()
            .join();
        for name in broken {
            match checked.discovery(name) {
                Some(path) => {
                    let steps = path.into_actions();
                    println!(
                        "{bug:?}: found in {} steps among {} states by \"{name}\": {steps:?}",
                        steps.len(),
                        checked.unique_state_count()
                    );
                }
                None => missed.push((bug, *name)),
            }
        }
        // Not before: a path is walked once more to tell its steps.
        planted::plant(None);
    }
    assert!(missed.is_empty(), "the model does not find {missed:?}");
}

/// One that no bug breaks proves nothing.
#[test]
fn each_property_is_broken_by_a_planted_bug() {
    let broken: BTreeSet<_> = Bug::ALL
        .into_iter()
        .filter_map(breaks)
        .flat_map(|(_, broken)| broken)
        .copied()
        .collect();
    let unbroken: Vec<_> = properties::all()
        .into_iter()
        .filter(|property| property.expectation != Expectation::Sometimes)
        .map(|property| property.name)
        .filter(|name| !broken.contains(name))
        .collect();
    assert_eq!(unbroken, [""; 0], "no planted bug breaks them");
}
