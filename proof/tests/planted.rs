//! Bugs on purpose, each of which the model has to find, or has no place for. What finds no bug proves nothing.

use causerie_core::planted::{self, Bug};
use causerie_proof::model::{Budget, OneNode};
use stateright::{Checker, HasDiscoveries, Model};

/// How much has to happen for a bug to show; none where the model has no such place: its disk is always synced, its
/// clock never goes back, its worker never forgets. Those are the simulator's to find.
const fn budget(bug: Bug) -> Option<Budget> {
    let least = Budget {
        ends: 1,
        ..Budget::LEAST
    };
    Some(match bug {
        Bug::Reopens
        | Bug::OpensOneEach
        | Bug::EndLeaks
        | Bug::TakesOldForAnswer
        | Bug::BotGoesOn
        | Bug::HandsOffTwice
        | Bug::ForgetsSessionOnResume
        | Bug::LosesWhatWasNotAcknowledged => least,
        Bug::EndsAgain => Budget { ends: 2, ..least },
        Bug::TimerIgnoresMessages => Budget {
            ends: 0,
            half_days: 2,
            sweeps: 1,
            ..least
        },
        Bug::AssignsTwice => Budget {
            takes: 1,
            queue: true,
            ..least
        },
        Bug::OverfillsAgent => Budget {
            takes: 1,
            queue: true,
            ..least
        },
        Bug::EndsThoughSwitchedOff => Budget { switches: 1, ..least },
        Bug::JumpsHole => Budget { losses: 1, ..least },
        Bug::SilencesWhoSpoke => Budget {
            ends: 0,
            takes: 1,
            half_days: 1,
            sweeps: 1,
            ..least
        },
        Bug::ClosesWhatWasReopened => Budget {
            ends: 0,
            takes: 1,
            solves: 1,
            half_days: 1,
            sweeps: 1,
            ..least
        },
        Bug::TakesClockAsItIs
        | Bug::AcksBeforeSync
        | Bug::TearsLogsApart
        | Bug::KeepsStateOverRollback
        | Bug::LosesTimersOnRestart
        | Bug::KeepsJobsInMemory
        | Bug::FreesSlotTwice
        | Bug::LooksAtOldQueue
        | Bug::TrustsNotices
        | Bug::ForgetsClientIds => return None,
    })
}

#[test]
fn each_planted_bug_is_found() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        let Some(budget) = budget(bug) else { continue };
        planted::plant(Some(bug));
        let checked = OneNode { budget }
            .checker()
            .threads(2)
            .finish_when(HasDiscoveries::AnyFailures)
            .spawn_bfs()
            .join();
        planted::plant(None);
        let mut found: Vec<_> = checked
            .discoveries()
            .into_iter()
            .filter(|(name, _)| checked.discovery_classification(name).to_string() == "counterexample")
            .map(|(name, path)| (path.into_actions(), name))
            .collect();
        found.sort_by_key(|(steps, _)| steps.len());
        match found.first() {
            Some((steps, name)) => println!(
                "{bug:?}: found in {} steps among {} states by \"{name}\": {steps:?}",
                steps.len(),
                checked.unique_state_count()
            ),
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "the model does not find {missed:?}");
}
