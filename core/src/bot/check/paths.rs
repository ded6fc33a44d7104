//! The ways through a flow: each leads to a step that exists, each step is on one, none goes round for ever.

use std::collections::BTreeSet;

use super::Faults;
use super::read::Drawn;
use crate::bot::flow::Does;

pub(super) fn check(drawn: &Drawn, faults: &mut Faults<'_>) {
    let mut is_whole = drawn.is_whole;
    for way in &drawn.ways {
        if !drawn.places.contains_key(&way.to) {
            is_whole = false;
            let problem = match way.from {
                Some(_) => format!("It goes on to \"{}\", but there is no step of that id.", way.to),
                None => format!(
                    "The flow starts at \"{}\", but there is no step of that id.",
                    way.to
                ),
            };
            faults.add(way.from.as_deref(), way.at, problem);
        }
    }
    // Where steps or ways are missing, others only seem to be out of reach.
    if is_whole {
        out_of_reach(drawn, faults);
        in_circles(drawn, faults);
    }
}

/// The steps that a step leads to.
fn after<'d>(drawn: &'d Drawn, step: &str) -> impl Iterator<Item = &'d str> {
    drawn
        .ways
        .iter()
        .filter(move |way| way.from.as_deref() == Some(step))
        .map(|way| way.to.as_str())
}

fn out_of_reach(drawn: &Drawn, faults: &mut Faults<'_>) {
    let mut reached = BTreeSet::new();
    let mut next = vec![drawn.flow.start.as_str()];
    while let Some(step) = next.pop() {
        if reached.insert(step) {
            next.extend(after(drawn, step));
        }
    }
    for (step, at) in &drawn.places {
        if !reached.contains(step.as_str()) {
            faults.add(
                Some(step),
                *at,
                "No other step leads here, so the bot never comes to it.",
            );
        }
    }
}

/// A bot that goes round without a question would never let anybody speak.
fn in_circles(drawn: &Drawn, faults: &mut Faults<'_>) {
    let is_question = |step: &str| {
        matches!(
            drawn.flow.steps.get(step).map(|step| &step.does),
            Some(Does::Ask(_))
        )
    };
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (first, at) in &drawn.places {
        let mut seen = BTreeSet::new();
        let mut next = vec![first.as_str()];
        while let Some(step) = next.pop() {
            if !is_question(step) && seen.insert(step) {
                next.extend(after(drawn, step));
            } else if step == first && !told.contains(step) && !is_question(step) {
                told.extend(&seen);
                let problem = "From here the steps come back here without a question on the way, and the bot \
                               would never stop.";
                faults.add(Some(first), *at, problem);
            }
        }
    }
}
