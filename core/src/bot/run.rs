//! The interpreter: given where a conversation is in the flow and what was said, what the bot does now.

use serde::{Deserialize, Serialize};

use super::email::email_in;
use super::flow::{Collect, Condition, Does, Flow, Otherwise, Question, Words};
use crate::agent::Group;
use crate::ids::Seq;

/// The longest name written down, in characters.
const LONGEST_NAME: usize = 80;

/// Where a conversation is in its flow.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The step whose question stands open; none when the flow has come to its end.
    pub waiting_at: Option<String>,
    /// The thread log's number of that question: only what was written after it was seen answers it (R10).
    pub asked: Seq,
    /// Whether an answer to it was no answer already.
    #[serde(default)]
    pub missed: bool,
    /// What was asked for and got: field and value, in the order asked.
    pub collected: Vec<(String, String)>,
    /// Tags for the ticket.
    pub tags: Vec<String>,
    /// Whether the end user was told that nobody is available: once is enough (R46).
    #[serde(default)]
    pub told_nobody: bool,
    /// Of which groups they were told so, by name.
    #[serde(default)]
    pub told_nobody_of: Vec<String>,
}

/// What the bot knows of the world when it moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Surroundings<'a> {
    /// The end user's language: a BCP 47 tag.
    pub locale: &'a str,
    /// Whether an agent is online, of whatever group; where none is, the bot says so before a handoff (R46).
    pub someone_available: bool,
    /// The groups there are, for a handoff to one of them.
    pub groups: &'a [Group],
    /// Whether there was a conversation before this one (R13).
    pub has_previous: bool,
    /// Whether the end user's email is known already.
    pub email_known: bool,
}

/// One thing the bot does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    /// Says something, with quick replies under it.
    Say {
        /// The words, in the end user's language.
        text: String,
        /// The replies it offers.
        replies: Vec<String>,
    },
    /// Has learnt the end user's email (unverified).
    LearnEmail(String),
    /// Has learnt the end user's name.
    LearnName(String),
    /// Hands the conversation to people: the last move of a flow.
    HandOff {
        /// To which group, by name.
        group: Option<String>,
    },
}

impl Progress {
    /// Whether the end user knows that nobody is there: at all, or of this group.
    #[must_use]
    pub fn was_told(&self, group: Option<&str>) -> bool {
        self.told_nobody || group.is_some_and(|group| self.told_nobody_of.iter().any(|told| told == group))
    }

    fn tell_nobody(&mut self, group: Option<&str>) {
        match group {
            Some(group) => self.told_nobody_of.push(group.to_owned()),
            None => self.told_nobody = true,
        }
    }
}

impl Surroundings<'_> {
    /// Whether nobody is there to take over: of a group, or at all where none is named or none is called so, since
    /// such a handoff goes to whoever is there.
    fn nobody_of(&self, group: Option<&str>) -> bool {
        let group = group.and_then(|name| self.groups.iter().find(|group| group.name == name));
        !group.map_or(self.someone_available, |group| group.someone_available)
    }
}

impl Flow {
    /// A conversation begins.
    #[must_use]
    pub fn begin(&self, around: &Surroundings<'_>) -> (Progress, Vec<Move>) {
        self.starting_at(&self.start, Progress::default(), *around, Vec::new())
    }

    /// The end user has written: to the question that stands open, if one does. Where none does, or where its step
    /// is gone because the flow was replaced meanwhile, the flow begins anew; what was collected is kept.
    #[must_use]
    pub fn answer(
        &self,
        progress: &Progress,
        text: &str,
        around: &Surroundings<'_>,
    ) -> (Progress, Vec<Move>) {
        let progress = progress.clone();
        match progress
            .waiting_at
            .as_ref()
            .and_then(|step| self.steps.get(step))
            .map(|step| &step.does)
        {
            Some(Does::Ask(question)) => self.understand(question, text, progress, *around),
            Some(Does::Say { .. } | Does::Branch { .. } | Does::HandOff { .. }) | None => {
                self.starting_at(&self.start, progress, *around, Vec::new())
            }
        }
    }

    /// What is said before a handoff, to a group or to anybody, that the flow has not said in its own words.
    #[must_use]
    pub fn before_handoff(&self, group: Option<&str>, around: &Surroundings<'_>) -> Vec<Move> {
        let mut moves = Vec::new();
        if around.nobody_of(group) {
            self.say(&mut moves, *around, &self.nobody_available);
        }
        moves
    }

    /// What the panel shows before the end user has written (R01).
    #[must_use]
    pub fn welcome(&self, locale: &str) -> &str {
        self.welcome.of(locale, &self.default_locale)
    }

    /// What an answer to an open question leads to.
    fn understand(
        &self,
        question: &Question,
        text: &str,
        mut progress: Progress,
        around: Surroundings<'_>,
    ) -> (Progress, Vec<Move>) {
        if let Some(reply) = question.reply(text) {
            return self.starting_at(&reply.goto, progress, around, Vec::new());
        }
        match &question.otherwise {
            Otherwise::AskAgain(words) => {
                let words = words.as_ref().unwrap_or(&self.unclear);
                (progress, vec![self.ask(question, words, around)])
            }
            Otherwise::Goto(step) => self.starting_at(step, progress, around, Vec::new()),
            Otherwise::Collect {
                what,
                field,
                again,
                goto,
            } => {
                let mut learnt = Vec::new();
                let value = match what {
                    Collect::Email => match email_in(text) {
                        Some(email) => email,
                        None => {
                            let again = again.as_ref().filter(|_| progress.missed);
                            let words = again.unwrap_or(&self.not_an_email);
                            progress.missed = true;
                            return (progress, vec![self.ask(question, words, around)]);
                        }
                    },
                    Collect::Name => one_line(text),
                    Collect::Text => text.to_owned(),
                };
                match what {
                    Collect::Email => learnt.push(Move::LearnEmail(value.clone())),
                    Collect::Name => learnt.push(Move::LearnName(value.clone())),
                    Collect::Text => {}
                }
                // Asked a second time, the later answer counts.
                progress.collected.retain(|(its, _)| its != field);
                progress.collected.push((field.clone(), value));
                self.starting_at(goto, progress, around, learnt)
            }
        }
    }

    /// Goes on from a step to the next question or handoff.
    fn starting_at(
        &self,
        step: &str,
        mut progress: Progress,
        mut around: Surroundings<'_>,
        mut moves: Vec<Move>,
    ) -> (Progress, Vec<Move>) {
        around.email_known |= moves.iter().any(|each| matches!(each, Move::LearnEmail(_)));
        progress.waiting_at = None;
        progress.missed = false;
        let mut at = step;
        // A file whose steps run in a circle without a question is refused; one made otherwise stops here.
        for _ in 0..=self.steps.len() {
            let Some(step) = self.steps.get(at) else { break };
            progress.tags.extend(step.tags.iter().cloned());
            at = match &step.does {
                Does::Say { words, goto } => {
                    self.say(&mut moves, around, words);
                    goto
                }
                Does::Branch {
                    when,
                    goto,
                    otherwise,
                } => {
                    let is_so = match when {
                        Condition::Previous => around.has_previous,
                        Condition::NobodyAvailable { group } => around.nobody_of(group.as_deref()),
                        Condition::EmailKnown => around.email_known,
                    };
                    if let (true, Condition::NobodyAvailable { group }) = (is_so, when) {
                        progress.tell_nobody(group.as_deref());
                    }
                    if is_so { goto } else { otherwise }
                }
                Does::Ask(question) => {
                    moves.push(self.ask(question, &question.words, around));
                    progress.waiting_at = Some(at.to_owned());
                    break;
                }
                Does::HandOff { words, group } => {
                    let group_named = group.as_deref();
                    if around.nobody_of(group_named) && !progress.was_told(group_named) {
                        moves.extend(self.before_handoff(group_named, &around));
                        progress.tell_nobody(group_named);
                    }
                    if let Some(words) = words {
                        self.say(&mut moves, around, words);
                    }
                    moves.push(Move::HandOff { group: group.clone() });
                    break;
                }
            };
        }
        (progress, moves)
    }

    fn say(&self, moves: &mut Vec<Move>, around: Surroundings<'_>, words: &Words) {
        let text = words.of(around.locale, &self.default_locale);
        if !text.is_empty() {
            moves.push(Move::Say {
                text: text.to_owned(),
                replies: Vec::new(),
            });
        }
    }

    fn ask(&self, question: &Question, words: &Words, around: Surroundings<'_>) -> Move {
        Move::Say {
            text: words.of(around.locale, &self.default_locale).to_owned(),
            replies: question.labels(around.locale, &self.default_locale),
        }
    }
}

/// A name as it is written down: on one line, and not a novel.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_NAME).collect()
}
