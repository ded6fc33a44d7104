//! Flows as they are declared: steps by name, each with its words in every language.

use std::collections::BTreeMap;

/// A flow: what the bot says and asks, from the first message to the handoff.
///
/// One that was read from a file always comes to a question or to a handoff, so that no end user is left without
/// an answer. The default one is empty: a bot that says nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flow {
    /// The language of whoever speaks none of the others.
    pub default_locale: String,
    /// The step a conversation begins with.
    pub start: String,
    /// What the panel shows before the end user has written (R01).
    pub welcome: Words,
    /// Said when an answer fits none of the replies on offer.
    pub unclear: Words,
    /// Said when an answer has no email address in it, and one was asked for.
    pub not_an_email: Words,
    /// Said before a handoff when nobody is available and the flow has not said so itself (R46).
    pub nobody_available: Words,
    /// The steps by name.
    pub steps: BTreeMap<String, Step>,
}

/// One step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Tags that the ticket gets once the conversation has come by here.
    pub tags: Vec<String>,
    /// What happens here.
    pub does: Does,
}

/// What a step does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Does {
    /// Says something and goes on at once.
    Say {
        /// What it says.
        words: Words,
        /// The step that follows.
        goto: String,
    },
    /// Asks something, and waits for the answer.
    Ask(Question),
    /// Goes one way or the other at once.
    Branch {
        /// What decides.
        when: Condition,
        /// The step that follows where it is so.
        goto: String,
        /// The step that follows where it is not.
        otherwise: String,
    },
    /// Hands the conversation to people (R03). A flow ends here.
    HandOff {
        /// What it says last.
        words: Option<Words>,
        /// To which group, by name.
        group: Option<String>,
    },
}

/// A question that stands open until it is answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// What it says.
    pub words: Words,
    /// The replies it offers. Typing a reply's label counts as pressing it.
    pub replies: Vec<Reply>,
    /// What becomes of an answer that is none of them.
    pub otherwise: Otherwise,
}

/// A quick reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// What stands on it, and what the end user is seen to say by pressing it.
    pub label: Words,
    /// The step that follows.
    pub goto: String,
}

/// What becomes of an answer that is none of the replies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Otherwise {
    /// The question is asked again, with these words or with [`Flow::unclear`].
    AskAgain(Option<Words>),
    /// It is let pass.
    Goto(String),
    /// It is what was asked for, and is written down for the ticket.
    Collect {
        /// What it has to be.
        what: Collect,
        /// The ticket's field for it.
        field: String,
        /// Said to a second answer that can't be it, and to each after that; else [`Flow::not_an_email`] once more.
        again: Option<Words>,
        /// The step that follows.
        goto: String,
    },
}

/// What a question may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Collect {
    /// An email address; anything else is asked for again.
    Email,
    /// What the end user is called.
    Name,
    /// Whatever they write.
    Text,
}

/// What a branch goes by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// There was a conversation before this one (R13).
    Previous,
    /// Nobody is available (R46). Where it is so, the flow says it in its own words.
    NobodyAvailable {
        /// Nobody of this group, by name; without one, nobody at all.
        group: Option<String>,
    },
    /// The end user's email is known.
    EmailKnown,
}

/// The same words in several languages, by locale: BCP 47 tags such as `fr` or `pt-BR`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Words(pub BTreeMap<String, String>);

impl Words {
    /// Words in the languages given, each by its locale.
    #[must_use]
    pub fn new<const N: usize>(words: [(&str, &str); N]) -> Self {
        Self(
            words
                .map(|(locale, text)| (locale.to_owned(), text.to_owned()))
                .into(),
        )
    }

    /// The words for a reader: in the language asked for, in that language as it is spoken elsewhere, in the
    /// default one, or in whichever there is. Empty only if there are none at all.
    #[must_use]
    pub fn of(&self, locale: &str, default: &str) -> &str {
        [locale, language(locale), default, language(default)]
            .iter()
            .find_map(|wanted| self.0.iter().find(|(its, _)| its.eq_ignore_ascii_case(wanted)))
            .or_else(|| {
                self.0
                    .iter()
                    .find(|(its, _)| language(its).eq_ignore_ascii_case(language(locale)))
            })
            .or_else(|| self.0.iter().next())
            .map_or("", |(_, text)| text)
    }
}

/// The language of a locale: `fr` of `fr-CA`.
fn language(locale: &str) -> &str {
    locale.split(['-', '_']).next().unwrap_or(locale)
}

impl Question {
    /// The labels on offer, for a reader.
    pub(super) fn labels(&self, locale: &str, default: &str) -> Vec<String> {
        self.replies
            .iter()
            .map(|reply| reply.label.of(locale, default).to_owned())
            .collect()
    }

    /// The reply whose label was pressed or typed, in whichever language: who switches theirs may still see the
    /// old one.
    pub(super) fn reply(&self, text: &str) -> Option<&Reply> {
        let said = folded(text);
        self.replies
            .iter()
            .find(|reply| reply.label.0.values().any(|label| folded(label) == said))
    }
}

/// A label as it is compared: letter case and spaces aside.
pub(super) fn folded(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}
