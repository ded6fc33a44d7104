//! The ways through a flow: each leads to a step that exists, each step is on one, none goes round for ever.

use std::collections::BTreeSet;

use super::Faults;
use super::read::Drawn;
use crate::bot::flow::Does;

pub(super) fn check(drawn: &Drawn, faults: &mut Faults) {
    if drawn.places.is_empty() {
        return;
    }
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

fn out_of_reach(drawn: &Drawn, faults: &mut Faults) {
    let reached = reached(drawn, vec![&drawn.flow.start], |_| true);
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
fn in_circles(drawn: &Drawn, faults: &mut Faults) {
    let is_silent = |step: &str| match drawn.flow.steps.get(step).map(|step| &step.does) {
        Some(Does::Say { .. } | Does::Branch { .. } | Does::HandOff { .. }) | None => true,
        Some(Does::Ask(_)) => false,
    };
    let mut told = BTreeSet::new();
    for (step, at) in drawn.places.iter().filter(|(step, _)| is_silent(step)) {
        let beyond = reached(drawn, after(drawn, step).collect(), is_silent);
        if beyond.contains(step.as_str()) && !told.contains(step.as_str()) {
            told.extend(beyond);
            let problem = "The steps from here lead back here with no question on the way: the bot would go \
                           round for ever.";
            faults.add(Some(step), *at, problem);
        }
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

/// The steps given, and those that they lead to over such as may be passed.
fn reached<'d>(
    drawn: &'d Drawn,
    mut next: Vec<&'d str>,
    may_pass: impl Fn(&str) -> bool,
) -> BTreeSet<&'d str> {
    let mut reached = BTreeSet::new();
    while let Some(step) = next.pop() {
        if reached.insert(step) && may_pass(step) {
            next.extend(after(drawn, step));
        }
    }
    reached
}
