//! What a search asks for: `type:ticket status<solved tags:vip assignee:me order`. Words that are no condition are
//! looked for in the subject.

use causerie_core::TicketId;
use causerie_core::ticket::{Priority, Status};

/// What is searched for: all of it at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// Whether tickets are looked for at all: `type:user` finds none.
    pub tickets: bool,
    /// One of these.
    pub statuses: Vec<Status>,
    /// One of these.
    pub priorities: Vec<Priority>,
    /// Whose work.
    pub assignee: Option<Whom>,
    /// Which group's, by name or number.
    pub group: Option<Whom>,
    /// Who asked: a name, an address, a number.
    pub requester: Option<Whom>,
    /// All of these.
    pub tags: Vec<String>,
    /// None of these.
    pub without_tags: Vec<String>,
    /// This one.
    pub id: Option<TicketId>,
    /// Words of the subject.
    pub words: Vec<String>,
}

/// Whom a condition names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Whom {
    /// Whoever asks.
    Me,
    /// Nobody.
    Nobody,
    /// By number.
    Number(u64),
    /// By name or address.
    Named(String),
}

/// A condition that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable(pub String);

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Compared {
    Is,
    Below,
    UpTo,
    Above,
    From,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            tickets: true,
            statuses: Status::ALL.to_vec(),
            priorities: Priority::ALL.to_vec(),
            assignee: None,
            group: None,
            requester: None,
            tags: Vec::new(),
            without_tags: Vec::new(),
            id: None,
            words: Vec::new(),
        }
    }
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// The condition that cannot be read, and why.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let mut query = Self::default();
        for term in terms(text) {
            query.narrow(&term)?;
        }
        Ok(query)
    }

    fn narrow(&mut self, term: &str) -> Result<(), Unreadable> {
        let (negated, bare) = match term.strip_prefix('-') {
            Some(bare) => (true, bare),
            None => (false, term),
        };
        let Some((name, compared, value)) = condition(bare) else {
            if negated && !bare.is_empty() {
                return Err(Unreadable(format!("{term}: words cannot be left out")));
            }
            self.words.extend(bare.parse::<u64>().map_or_else(
                |_| Some(bare.to_owned()),
                |number| {
                    self.id = Some(TicketId(number));
                    None
                },
            ));
            return Ok(());
        };
        let name = name.to_ascii_lowercase();
        if !fits(&name, negated, compared) {
            return Err(Unreadable(format!("{term}: {name} is not asked for in this way")));
        }
        match name.as_str() {
            "type" => self.tickets &= (value == "ticket") != negated,
            "status" => {
                let wanted = known(&Status::ALL, Status::name, compared, value, term)?;
                self.statuses.retain(|status| wanted.contains(status) != negated);
            }
            "priority" => {
                let wanted = known(&Priority::ALL, Priority::name, compared, value, term)?;
                self.priorities
                    .retain(|priority| wanted.contains(priority) != negated);
            }
            "tags" | "tag" => {
                let tags = value.split(',').map(str::to_lowercase);
                if negated {
                    self.without_tags.extend(tags)
                } else {
                    self.tags.extend(tags)
                }
            }
            "assignee" | "assignee_id" => self.assignee = Some(whom(value)),
            "group" | "group_id" => self.group = Some(whom(value)),
            "requester" | "requester_id" => self.requester = Some(whom(value)),
            "id" | "ticket_id" => {
                let number = value
                    .parse()
                    .map_err(|_| Unreadable(format!("{term}: not a number")))?;
                self.id = Some(TicketId(number));
            }
            "subject" => self.words.push(value.to_owned()),
            // How to sort may stand in the query; the parameters say it as well.
            "order_by" | "sort" => {}
            _ => return Err(Unreadable(format!("{term}: there is no condition {name}"))),
        }
        Ok(())
    }
}

/// Whether a condition of this name can be turned around and compared like this: to let such a sign pass would answer
/// the opposite of what was asked.
fn fits(name: &str, negated: bool, compared: Compared) -> bool {
    let is = compared == Compared::Is;
    match name {
        "type" | "tags" | "tag" => is,
        "assignee" | "assignee_id" | "group" | "group_id" | "requester" | "requester_id" | "id"
        | "ticket_id" | "subject" => is && !negated,
        // Statuses and priorities have an order; what is no condition at all is told as that.
        _ => true,
    }
}

/// The values that a comparison leaves, of all there are in their order.
fn known<T: Copy + PartialEq>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
    compared: Compared,
    value: &str,
    term: &str,
) -> Result<Vec<T>, Unreadable> {
    let named = value.split(',').map(|value| {
        all.iter()
            .position(|each| name(*each).eq_ignore_ascii_case(value))
            .ok_or_else(|| Unreadable(format!("{term}: {value} is not valid")))
    });
    let named = named.collect::<Result<Vec<usize>, _>>()?;
    let fits = |place: usize| {
        named.iter().any(|named| match compared {
            Compared::Is => place == *named,
            Compared::Below => place < *named,
            Compared::UpTo => place <= *named,
            Compared::Above => place > *named,
            Compared::From => place >= *named,
        })
    };
    Ok(all
        .iter()
        .enumerate()
        .filter(|(place, _)| fits(*place))
        .map(|(_, each)| *each)
        .collect())
}

fn whom(value: &str) -> Whom {
    match value {
        "me" => Whom::Me,
        "none" => Whom::Nobody,
        value => value
            .parse()
            .map_or_else(|_| Whom::Named(value.to_owned()), Whom::Number),
    }
}

/// A term's name, comparison and value, if it has a name made of letters and a value.
fn condition(term: &str) -> Option<(&str, Compared, &str)> {
    let end = term.find([':', '<', '>', '='])?;
    let (name, rest) = term.split_at(end);
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    {
        return None;
    }
    let by = [
        ("<=", Compared::UpTo),
        (">=", Compared::From),
        ("<", Compared::Below),
        (">", Compared::Above),
        (":", Compared::Is),
        ("=", Compared::Is),
    ];
    let (compared, value) = by
        .iter()
        .find_map(|(sign, compared)| Some((*compared, rest.strip_prefix(sign)?)))?;
    (!value.is_empty()).then_some((name, compared, value))
}

/// The terms of a query: parted by blanks, but for those between quotation marks.
fn terms(text: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match (c, terms.last_mut()) {
            ('"', _) => quoted = !quoted,
            (c, _) if c.is_whitespace() && !quoted => terms.push(String::new()),
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(text: &str) -> String {
        let query = Query::read(text).unwrap();
        query
            .statuses
            .iter()
            .map(|status| status.name())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_status_is_compared_by_its_place_in_a_tickets_life() {
        assert_eq!(statuses("status<solved"), "new open pending hold");
        assert_eq!(statuses("status<=solved"), "new open pending hold solved");
        assert_eq!(statuses("status>hold"), "solved closed");
        assert_eq!(statuses("status>=solved"), "solved closed");
        assert_eq!(statuses("status:open"), "open");
        assert_eq!(statuses("status:open,pending"), "open pending");
        assert_eq!(statuses("-status:closed"), "new open pending hold solved");
        assert_eq!(statuses("status>new status<pending"), "open");
        assert_eq!(statuses("type:ticket"), "new open pending hold solved closed");
    }

    #[test]
    fn conditions_stand_in_any_order_among_words() {
        let query =
            Query::read("type:ticket order assignee:me tags:vip,late subject:\"blue shoe\" -tags:spam")
                .unwrap();
        assert!(query.tickets);
        assert_eq!(query.assignee, Some(Whom::Me));
        assert_eq!(query.tags, ["vip", "late"]);
        assert_eq!(query.without_tags, ["spam"]);
        assert_eq!(query.words, ["order", "blue shoe"]);
    }

    #[test]
    fn a_number_alone_is_a_ticket() {
        assert_eq!(Query::read("17").unwrap().id, Some(TicketId(17)));
        assert_eq!(
            Query::read("assignee:none group:4 requester:ada@example.net")
                .unwrap()
                .group,
            Some(Whom::Number(4))
        );
        assert!(!Query::read("type:user ada").unwrap().tickets);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(
            Query::read("status:asleep"),
            Err(Unreadable("status:asleep: asleep is not valid".to_owned()))
        );
        assert!(Query::read("colour:red").is_err());
        for opposite in ["-assignee:me", "-order", "id>5", "type<ticket", "-subject:shoe"] {
            assert!(Query::read(opposite).is_err(), "{opposite}");
        }
        assert!(Query::read("12:30").is_ok(), "a time of day is a word");
    }
}
