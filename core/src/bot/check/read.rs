//! The form of a flow file: what each kind of step consists of.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Faults;
use super::fields::{Fields, is_locale, no_locale};
use crate::bot::flow::{Collect, Condition, Does, Flow, Otherwise, Question, Reply, Step, folded};

/// A flow as far as it could be read, and where in the file its parts stand.
pub(super) struct Drawn {
    /// The flow, without the steps that could not be read.
    pub(super) flow: Flow,
    /// Where each step begins: all of them, also those that could not be read.
    pub(super) places: BTreeMap<String, usize>,
    /// All that leads from one step to another.
    pub(super) ways: Vec<Way>,
    /// Whether every step could be read.
    pub(super) is_whole: bool,
}

/// A `goto`, or the start.
pub(super) struct Way {
    /// The step it leads from; none for the start.
    pub(super) from: Option<String>,
    /// The step it leads to.
    pub(super) to: String,
    /// Where it stands.
    pub(super) at: usize,
}

/// The keys of a file.
const TOP: &[&str] = &[
    "default_locale",
    "start",
    "welcome",
    "unclear",
    "not_an_email",
    "nobody_available",
    "step",
];
/// What `say` is for.
const SAY: &str = "what the bot says";

/// Reads all that can be read.
pub(super) fn read(file: &DeTable<'_>, faults: &mut Faults) -> Drawn {
    let mut top = Fields {
        of: file,
        at: 0,
        step: None,
        default_locale: "",
        faults,
    };
    top.nothing_but("A flow file", TOP);
    if let Some(locale) = top.required(
        "default_locale",
        "the language of whoever speaks none of the others",
    ) {
        top.default_locale = locale;
        if !is_locale(locale) {
            top.fault("default_locale", no_locale(locale));
        }
    }
    let default_locale = top.default_locale;
    let mut ways = Vec::new();
    let start = top.way(
        "start",
        "the id of the step that a conversation begins with",
        &mut ways,
    );
    let mut words = |key, meaning| top.words(key, meaning).unwrap_or_default();
    let flow = Flow {
        default_locale: default_locale.to_owned(),
        welcome: words("welcome", "what the panel shows before anybody has written"),
        unclear: words(
            "unclear",
            "what is said to an answer that fits none of the replies",
        ),
        not_an_email: words(
            "not_an_email",
            "what is said to an answer with no email address in it",
        ),
        nobody_available: words(
            "nobody_available",
            "what is said before a handoff when nobody is available",
        ),
        start: start.clone().unwrap_or_default(),
        steps: BTreeMap::new(),
    };
    let steps = top.tables("step");
    if steps.is_empty() {
        top.fault("step", "There are no steps: write each as a [[step]].");
    }
    let is_whole = start.is_some() && !steps.is_empty();
    let mut drawn = Drawn {
        flow,
        places: BTreeMap::new(),
        ways,
        is_whole,
    };
    for (at, of) in steps {
        let fields = Fields {
            of,
            at,
            step: None,
            default_locale,
            faults,
        };
        drawn.is_whole &= step(fields, &mut drawn).is_some();
    }
    drawn
}

fn step(mut fields: Fields<'_, '_>, drawn: &mut Drawn) -> Option<()> {
    let id = fields.required("id", "the name by which other steps go to this one")?;
    fields.step = Some(id);
    if drawn.places.contains_key(id) {
        fields.fault("id", "There is a step of this id already.");
        return None;
    }
    drawn.places.insert(id.to_owned(), fields.at);
    let tags = fields.texts("tags");
    let does = does(&mut fields, &mut drawn.ways)?;
    drawn.flow.steps.insert(id.to_owned(), Step { tags, does });
    Some(())
}

/// What a step does follows from the keys it has. All of them are read before the first fault counts, so that a
/// writer learns of the others as well.
fn does(fields: &mut Fields<'_, '_>, ways: &mut Vec<Way>) -> Option<Does> {
    if fields.has("hand_off") {
        fields.nothing_but("A step that hands off", &["id", "tags", "say", "hand_off"]);
        let words = fields.has("say").then(|| fields.words("say", SAY));
        let group = hand_off(fields)?;
        return Some(Does::HandOff {
            words: words.map_or(Some(None), |words| words.map(Some))?,
            group,
        });
    }
    if fields.has("when") {
        let when = condition(fields);
        let about_people = matches!(when, Some(Condition::NobodyAvailable { .. }));
        let may_have = ["id", "tags", "when", "goto", "otherwise", "group"];
        fields.nothing_but(
            "A step that branches",
            if about_people { &may_have } else { &may_have[..5] },
        );
        let goto = fields.way("goto", "the step that follows where it is so", ways);
        let otherwise = fields.way("otherwise", "the step that follows where it is not so", ways);
        return Some(Does::Branch {
            when: when?,
            goto: goto?,
            otherwise: otherwise?,
        });
    }
    let words = fields.words("say", SAY);
    if fields.has("collect") || fields.has("replies") {
        let (replies, otherwise) = if fields.has("collect") {
            collect(fields, ways)
        } else {
            choice(fields, ways)
        };
        return Some(Does::Ask(Question {
            words: words?,
            replies: replies?,
            otherwise: otherwise?,
        }));
    }
    fields.nothing_but("A step that only says something", &["id", "tags", "say", "goto"]);
    let goto = fields.way(
        "goto",
        "the step that follows, as nothing is asked and nobody takes over",
        ways,
    );
    Some(Does::Say {
        words: words?,
        goto: goto?,
    })
}

/// A question answered by its replies.
fn choice(fields: &mut Fields<'_, '_>, ways: &mut Vec<Way>) -> (Option<Vec<Reply>>, Option<Otherwise>) {
    let known = ["id", "tags", "say", "replies", "unclear", "otherwise"];
    fields.nothing_but("A step that offers replies", &known);
    let replies = replies(fields, ways);
    no_two_alike(fields, replies.as_deref());
    let otherwise = match (fields.has("otherwise"), fields.has("unclear")) {
        (true, true) => {
            fields.fault(
                "unclear",
                "It has an \"otherwise\" for such answers, so this is never said.",
            );
            None
        }
        (true, false) => fields
            .way("otherwise", "the step that follows any other answer", ways)
            .map(Otherwise::Goto),
        (false, true) => fields
            .words("unclear", "")
            .map(|words| Otherwise::AskAgain(Some(words))),
        (false, false) => Some(Otherwise::AskAgain(None)),
    };
    (replies, otherwise)
}

/// A question answered in the end user's own words.
fn collect(fields: &mut Fields<'_, '_>, ways: &mut Vec<Way>) -> (Option<Vec<Reply>>, Option<Otherwise>) {
    let known = [
        "id",
        "tags",
        "say",
        "collect",
        "field",
        "skip",
        "replies",
        "goto",
        "unclear_again",
    ];
    fields.nothing_but("A step that collects something", &known);
    let mut offered = if fields.has("replies") {
        replies(fields, ways)
    } else {
        Some(Vec::new())
    };
    let goto = fields.way("goto", "the step that follows the answer", ways);
    if fields.has("skip") {
        let label = fields.words("skip", "what stands on the reply that passes the question over");
        let skip = label.zip(goto.clone()).map(|(label, goto)| Reply { label, goto });
        offered = offered
            .zip(skip)
            .map(|(offered, skip)| offered.into_iter().chain([skip]).collect());
    }
    no_two_alike(fields, offered.as_deref());
    let what = match fields.text("collect") {
        Some("email") => Some((Collect::Email, Some("email"))),
        Some("name") => Some((Collect::Name, Some("name"))),
        Some("text") => Some((Collect::Text, fields.step)),
        Some(other) => {
            let problem = format!("It cannot collect \"{other}\": it is \"email\", \"name\" or \"text\".");
            fields.fault("collect", problem);
            None
        }
        None => None,
    };
    let again = if fields.has("unclear_again") {
        if matches!(what, Some((Collect::Name | Collect::Text, _))) {
            fields.fault(
                "unclear_again",
                "Only an email can be unclear: every other answer is taken.",
            );
        }
        fields.words("unclear_again", "").map(Some)
    } else {
        Some(None)
    };
    let named = fields.text("field");
    let otherwise = what.zip(goto).and_then(|((what, usual), goto)| {
        Some(Otherwise::Collect {
            what,
            field: named.or(usual)?.to_owned(),
            again: again?,
            goto,
        })
    });
    (offered, otherwise)
}

fn replies(fields: &mut Fields<'_, '_>, ways: &mut Vec<Way>) -> Option<Vec<Reply>> {
    let tables = fields.tables("replies");
    if tables.is_empty() {
        fields.fault("replies", "There is no reply to choose: write at least one.");
        return None;
    }
    let replies: Vec<Option<Reply>> = tables
        .into_iter()
        .map(|(at, of)| {
            let mut its = fields.within(of, at);
            its.nothing_but("A reply", &["label", "goto"]);
            let label = its.words("label", "what stands on the reply");
            let goto = its.way("goto", "the step that follows when it is pressed", ways);
            Some(Reply {
                label: label?,
                goto: goto?,
            })
        })
        .collect();
    replies.into_iter().collect()
}

/// A typed label has to mean one reply.
fn no_two_alike(fields: &mut Fields<'_, '_>, replies: Option<&[Reply]>) {
    let mut taken = BTreeSet::new();
    for reply in replies.unwrap_or_default() {
        let labels: BTreeSet<String> = reply.label.0.values().map(|label| folded(label)).collect();
        for label in &labels {
            if taken.contains(label) {
                fields.fault("replies", format!("Two of its replies read \"{label}\"."));
            }
        }
        taken.extend(labels);
    }
}

/// The group, if there is one; or nothing, if the form is wrong.
fn hand_off(fields: &mut Fields<'_, '_>) -> Option<Option<String>> {
    let value = fields.of.get("hand_off").map(Spanned::get_ref);
    if let Some(table) = value.and_then(DeValue::as_table) {
        let at = fields.place("hand_off");
        let mut its = fields.within(table, at);
        its.nothing_but("A handoff", &["group"]);
        return Some(its.text("group").map(str::to_owned));
    }
    if value.and_then(DeValue::as_bool) == Some(true) {
        return Some(None);
    }
    fields.fault(
        "hand_off",
        "It is true, or it names a group: { group = \"Sales\" }.",
    );
    None
}

fn condition(fields: &mut Fields<'_, '_>) -> Option<Condition> {
    match fields.text("when")? {
        "previous" => Some(Condition::Previous),
        "nobody available" => Some(Condition::NobodyAvailable {
            group: fields.text("group").map(str::to_owned),
        }),
        "email known" => Some(Condition::EmailKnown),
        other => {
            let problem = format!(
                "The bot cannot tell \"{other}\": it is \"previous\", \"nobody available\" or \"email known\"."
            );
            fields.fault("when", problem);
            None
        }
    }
}
