//! The form of a flow file.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Faults;
use crate::bot::flow::{Collect, Condition, Does, Flow, Otherwise, Question, Reply, Step, Words, folded};
use crate::message::Text;

/// A flow as far as it could be read, and where in the file its parts stand.
pub(super) struct Drawn {
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

const TOP: &[&str] = &[
    "default_locale",
    "start",
    "welcome",
    "unclear",
    "not_an_email",
    "nobody_available",
    "step",
];

pub(super) fn read(file: &DeTable<'_>, faults: &mut Faults<'_>) -> Drawn {
    let mut drawn = Drawn {
        flow: Flow::default(),
        places: BTreeMap::new(),
        ways: Vec::new(),
        is_whole: true,
    };
    let mut top = Fields {
        of: file,
        at: 0,
        step: None,
        default: String::new(),
        faults,
    };
    top.nothing_but(TOP, "A flow file");
    match top.string("default_locale") {
        Some(locale) if is_locale(locale) => locale.clone_into(&mut drawn.flow.default_locale),
        Some(locale) => {
            let problem = format!("\"{locale}\" is not a locale: write one such as \"en\" or \"pt-BR\".");
            top.fault_at("default_locale", problem);
        }
        None => top.missing(
            "default_locale",
            "the language of whoever speaks none of the others",
        ),
    }
    top.default.clone_from(&drawn.flow.default_locale);
    match top.string("start") {
        Some(start) => {
            start.clone_into(&mut drawn.flow.start);
            drawn.ways.push(Way {
                from: None,
                to: start.to_owned(),
                at: top.place("start"),
            });
        }
        None => {
            top.missing("start", "the id of the step that a conversation begins with");
            drawn.is_whole = false;
        }
    }
    drawn.flow.welcome = top.words_or_fault("welcome", "what the panel shows before anybody has written");
    drawn.flow.unclear =
        top.words_or_fault("unclear", "what is said when an answer fits none of the replies");
    drawn.flow.not_an_email = top.words_or_fault(
        "not_an_email",
        "what is said when an answer has no email address in it",
    );
    drawn.flow.nobody_available = top.words_or_fault(
        "nobody_available",
        "what is said before a handoff when nobody is available",
    );
    let tables = top.tables("step");
    if tables.is_empty() {
        top.fault("There are no steps: write each as a [[step]].");
        drawn.is_whole = false;
    }
    for table in tables {
        step(table, &mut drawn, faults);
    }
    drawn
}

fn step(table: &Spanned<DeValue<'_>>, drawn: &mut Drawn, faults: &mut Faults<'_>) {
    let at = table.span().start;
    let default = drawn.flow.default_locale.clone();
    let Some(of) = table.get_ref().as_table() else {
        drawn.is_whole = false;
        return faults.add(None, at, "A step is a table: write it as a [[step]].");
    };
    let mut fields = Fields {
        of,
        at,
        step: None,
        default,
        faults,
    };
    let Some(id) = fields.string("id").map(str::to_owned) else {
        drawn.is_whole = false;
        return fields.missing("id", "the name by which other steps go to this one");
    };
    fields.step = Some(id.clone());
    if drawn.places.contains_key(&id) {
        return fields.fault_at("id", "There is another step of this id.");
    }
    drawn.places.insert(id.clone(), at);
    let tags = fields.strings("tags");
    match does(&mut fields, &mut drawn.ways) {
        Some(does) => {
            drawn.flow.steps.insert(id, Step { tags, does });
        }
        None => drawn.is_whole = false,
    }
}

/// What a step does follows from the keys it has.
fn does(fields: &mut Fields<'_, '_, '_, '_>, ways: &mut Vec<Way>) -> Option<Does> {
    if fields.has("hand_off") {
        fields.nothing_but(&["id", "tags", "say", "hand_off"], "A step that hands off");
        let group = hand_off(fields)?;
        let words = if fields.has("say") {
            Some(fields.words("say")?)
        } else {
            None
        };
        return Some(Does::HandOff { words, group });
    }
    if fields.has("when") {
        fields.nothing_but(
            &["id", "tags", "when", "goto", "otherwise"],
            "A step with a \"when\"",
        );
        let when = condition(fields);
        let goto = fields.way("goto", "the step that follows where it is so", ways);
        let otherwise = fields.way("otherwise", "the step that follows where it is not so", ways);
        return Some(Does::Branch {
            when: when?,
            goto: goto?,
            otherwise: otherwise?,
        });
    }
    let words = fields.words_or_missing("say", "what the bot says");
    if fields.has("collect") {
        return collect(fields, words, ways).map(Does::Ask);
    }
    if fields.has("replies") {
        fields.nothing_but(
            &["id", "tags", "say", "replies", "unclear", "otherwise"],
            "A step that offers replies",
        );
        let replies = replies(fields, ways);
        let otherwise = if fields.has("otherwise") {
            Otherwise::Goto(fields.way("otherwise", "the step that follows any other answer", ways)?)
        } else if fields.has("unclear") {
            Otherwise::AskAgain(Some(fields.words("unclear")?))
        } else {
            Otherwise::AskAgain(None)
        };
        return Some(Does::Ask(Question {
            words: words?,
            replies: replies?,
            otherwise,
        }));
    }
    fields.nothing_but(&["id", "tags", "say", "goto"], "A step that only says something");
    let goto = fields.way(
        "goto",
        "the step that follows, for nothing is asked and nobody takes over here",
        ways,
    );
    Some(Does::Say {
        words: words?,
        goto: goto?,
    })
}

fn collect(
    fields: &mut Fields<'_, '_, '_, '_>,
    words: Option<Words>,
    ways: &mut Vec<Way>,
) -> Option<Question> {
    let known = ["id", "tags", "say", "collect", "field", "skip", "replies", "goto"];
    fields.nothing_but(&known, "A step that collects something");
    let goto = fields.way("goto", "the step that follows the answer", ways);
    let mut offered = if fields.has("replies") {
        replies(fields, ways)
    } else {
        Some(Vec::new())
    };
    if fields.has("skip") {
        let label = fields.words("skip");
        offered = offered
            .zip(label)
            .zip(goto.clone())
            .map(|((mut offered, label), goto)| {
                offered.push(Reply { label, goto });
                offered
            });
    }
    if let Some(offered) = &offered {
        fields.no_two_alike(offered);
    }
    let name = fields.string("collect")?;
    let what = match name {
        "email" => Collect::Email,
        "name" => Collect::Name,
        "text" => Collect::Text,
        other => {
            let problem = format!("It cannot collect \"{other}\": it is \"email\", \"name\" or \"text\".");
            fields.fault_at("collect", problem);
            return None;
        }
    };
    let field = match (fields.string("field"), what) {
        (Some(field), _) => field.to_owned(),
        (None, Collect::Email | Collect::Name) => name.to_owned(),
        (None, Collect::Text) => fields.step.clone()?,
    };
    Some(Question {
        words: words?,
        replies: offered?,
        otherwise: Otherwise::Collect {
            what,
            field,
            goto: goto?,
        },
    })
}

fn replies(fields: &mut Fields<'_, '_, '_, '_>, ways: &mut Vec<Way>) -> Option<Vec<Reply>> {
    let tables = fields.tables("replies");
    if tables.is_empty() {
        fields.fault_at(
            "replies",
            "It offers replies, but there are none: write at least one.",
        );
        return None;
    }
    let mut replies = Some(Vec::new());
    for table in tables {
        let reply = table.get_ref().as_table().and_then(|of| {
            let at = table.span().start;
            let (step, default) = (fields.step.clone(), fields.default.clone());
            let mut its = Fields {
                of,
                at,
                step,
                default,
                faults: fields.faults,
            };
            its.nothing_but(&["label", "goto"], "A reply");
            let label = its.words_or_missing("label", "what stands on the reply");
            let goto = its.way("goto", "the step that follows when it is pressed", ways);
            Some(Reply {
                label: label?,
                goto: goto?,
            })
        });
        replies = replies.zip(reply).map(|(mut replies, reply)| {
            replies.push(reply);
            replies
        });
    }
    if let Some(replies) = &replies
        && !fields.has("collect")
    {
        fields.no_two_alike(replies);
    }
    replies
}

fn hand_off(fields: &mut Fields<'_, '_, '_, '_>) -> Option<Option<String>> {
    let at = fields.place("hand_off");
    match fields.of.get("hand_off").map(Spanned::get_ref) {
        Some(DeValue::Boolean(true)) => Some(None),
        Some(DeValue::Table(of)) => {
            let (step, default) = (fields.step.clone(), fields.default.clone());
            let mut its = Fields {
                of,
                at,
                step,
                default,
                faults: fields.faults,
            };
            its.nothing_but(&["group"], "A handoff");
            Some(its.string("group").map(str::to_owned))
        }
        Some(_) | None => {
            fields.fault_at(
                "hand_off",
                "\"hand_off\" is true, or names a group: { group = \"Sales\" }.",
            );
            None
        }
    }
}

fn condition(fields: &mut Fields<'_, '_, '_, '_>) -> Option<Condition> {
    match fields.string("when")? {
        "previous" => Some(Condition::Previous),
        "nobody available" => Some(Condition::NobodyAvailable),
        "email known" => Some(Condition::EmailKnown),
        other => {
            let problem = format!(
                "The bot cannot tell \"{other}\": it is \"previous\", \"nobody available\" or \"email known\"."
            );
            fields.fault_at("when", problem);
            None
        }
    }
}

/// A table being read, and where a fault in it belongs.
struct Fields<'r, 'i, 'd, 'f> {
    of: &'r DeTable<'i>,
    at: usize,
    step: Option<String>,
    default: String,
    faults: &'d mut Faults<'f>,
}

impl<'r> Fields<'r, '_, '_, '_> {
    fn has(&self, key: &str) -> bool {
        self.of.contains_key(key)
    }

    /// Where a key stands; where the table does if it has none.
    fn place(&self, key: &str) -> usize {
        self.of
            .get_key_value(key)
            .map_or(self.at, |(key, _)| key.span().start)
    }

    fn fault(&mut self, problem: impl Into<String>) {
        self.faults.add(self.step.as_deref(), self.at, problem);
    }

    fn fault_at(&mut self, key: &str, problem: impl Into<String>) {
        let at = self.place(key);
        self.faults.add(self.step.as_deref(), at, problem);
    }

    fn missing(&mut self, key: &str, meaning: &str) {
        // What has the wrong form was named when it was read.
        if !self.has(key) {
            self.fault(format!("There is no \"{key}\" here: {meaning}."));
        }
    }

    fn nothing_but(&mut self, known: &[&str], whose: &str) {
        for key in self
            .of
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
        {
            let known: Vec<&str> = known.iter().copied().filter(|each| *each != "id").collect();
            let problem = format!(
                "\"{key}\" means nothing here. {whose} can have: {}.",
                known.join(", ")
            );
            self.faults.add(self.step.as_deref(), key.span().start, problem);
        }
    }

    fn string(&mut self, key: &str) -> Option<&'r str> {
        let value: &'r DeValue<'_> = self.of.get(key)?.get_ref();
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.fault_at(
                key,
                format!("\"{key}\" has to be a text in quotes, with something in it."),
            );
        }
        text
    }

    fn strings(&mut self, key: &str) -> Vec<String> {
        let Some(value) = self.of.get(key) else {
            return Vec::new();
        };
        let list = value.get_ref().as_array().and_then(|list| {
            list.iter()
                .map(|each| each.get_ref().as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        });
        list.unwrap_or_else(|| {
            self.fault_at(key, format!("\"{key}\" has to be a list of texts in quotes."));
            Vec::new()
        })
    }

    fn tables(&mut self, key: &str) -> Vec<&'r Spanned<DeValue<'r>>> {
        Vec::new()
    }

    /// The step that a key names.
    fn way(&mut self, key: &str, meaning: &str, ways: &mut Vec<Way>) -> Option<String> {
        let Some(to) = self.string(key) else {
            self.missing(key, meaning);
            return None;
        };
        ways.push(Way {
            from: self.step.clone(),
            to: to.to_owned(),
            at: self.place(key),
        });
        Some(to.to_owned())
    }
}
