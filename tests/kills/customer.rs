//! Somebody who writes as fast as it is acknowledged, and remembers what was.

use std::collections::{HashMap, HashSet, VecDeque};

use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::Placement;
use causerie_core::wire::end_user::{Ack, Down, Up};
use causerie_core::{ChatThreadId, ClientMessageId, Seq};
use causerie_tests::{Story, Visitor, fresh_cid, fresh_secret};

use crate::dice::Dice;
use crate::load::Load;

/// How many messages they have under way at most; frames are counted, so nobody sends without end.
const WINDOW: u64 = 4;

/// What leads from the bot's greeting to a person.
const TO_A_PERSON: [&str; 2] = ["Talk to a person", "Skip"];

/// A customer, over all the lives of the server.
#[derive(Debug)]
pub(crate) struct Customer {
    secret: String,
    dice: Dice,
    /// All they ever said, in order; what was not acknowledged stands at the end.
    said: Vec<Said>,
    thread: Option<ChatThreadId>,
}

#[derive(Debug)]
struct Said {
    cid: ClientMessageId,
    text: String,
    ack: Option<Ack>,
}

/// What was found after a kill.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Found {
    /// Messages under way that stand.
    pub(crate) stored_unacknowledged: usize,
    /// Messages under way that do not.
    pub(crate) lost_unacknowledged: usize,
}

impl Customer {
    pub(crate) fn new(dice: Dice) -> Self {
        Self {
            secret: fresh_secret(),
            dice,
            said: Vec::new(),
            thread: None,
        }
    }

    /// The chat thread, once something stands in it.
    pub(crate) const fn thread(&self) -> Option<ChatThreadId> {
        self.thread
    }

    /// Writes until the server is gone.
    pub(crate) async fn writes(&mut self, port: u16, load: &Load) -> Story {
        match self.keeps_writing(port, load).await {
            Err(_) if load.was_killed() => Ok(()),
            done => done,
        }
    }

    async fn keeps_writing(&mut self, port: u16, load: &Load) -> Story {
        let (mut visitor, _) = Visitor::comes(port, &self.secret).await?;
        let window = usize::try_from(1 + self.dice.below(WINDOW))?;
        let mut to_a_person = VecDeque::new();
        let mut asked = false;
        loop {
            while !asked && self.under_way() < if to_a_person.is_empty() { window } else { 1 } {
                let text = to_a_person.pop_front().map(str::to_owned);
                let text = text.unwrap_or_else(|| format!("Message {} of mine", self.said.len() + 1));
                self.says(&mut visitor, text).await?;
            }
            match visitor.frames.hear().await? {
                Down::Ack(ack) => {
                    self.is_acknowledged(ack)?;
                    load.acknowledged();
                    if ack.placement == Placement::Started {
                        to_a_person = TO_A_PERSON.into();
                    }
                    if !to_a_person.is_empty() {
                        // An answer counts only with the question in view: what was told before is heard before this.
                        visitor.frames.say(&Up::Ping).await?;
                        asked = true;
                    }
                }
                Down::Entries(entries) => visitor.saw(&entries),
                Down::Pong => asked = false,
                Down::Refused(refused) => return Err(format!("refused: {refused:?}").into()),
                Down::Resumed(_) | Down::Session(_) | Down::Typing(_) | Down::Read(_) => {}
            }
        }
    }

    async fn says(&mut self, visitor: &mut Visitor, text: String) -> Story {
        let cid = fresh_cid();
        // Noted first: it may arrive although sending it fails.
        self.said.push(Said {
            cid,
            text: text.clone(),
            ack: None,
        });
        visitor.send(cid, &text).await
    }

    fn under_way(&self) -> usize {
        self.said
            .iter()
            .rev()
            .take_while(|said| said.ack.is_none())
            .count()
    }

    fn is_acknowledged(&mut self, ack: Ack) -> Story {
        let next = self.said.len() - self.under_way();
        let said = self.said.get_mut(next).ok_or("an acknowledgement of nothing")?;
        if said.cid != ack.cid {
            return Err("acknowledged out of order".into());
        }
        said.ack = Some(ack);
        Ok(())
    }

    /// Comes back after a kill: nothing acknowledged is missing, nothing stands twice or by halves, and what was under
    /// way stands once when it has been said again. Gives the log as it is then.
    pub(crate) async fn comes_back(&mut self, port: u16) -> Story<(Found, Vec<ThreadEntry>)> {
        let (mut visitor, log) = self.reads_all(port).await?;
        let acknowledged = self.said.len() - self.under_way();
        let stored = self.finds_itself_in(&log, |_| true)?;
        let found = Found {
            stored_unacknowledged: stored - acknowledged,
            lost_unacknowledged: self.said.len() - stored,
        };

        for said in self.said.iter().skip(acknowledged) {
            visitor.send(said.cid, &said.text).await?;
        }
        while self.under_way() > 0 {
            let ack = visitor.acknowledged().await?;
            self.is_acknowledged(ack)?;
        }
        // What stood before stands where it was; the rest was added behind it.
        let (_, after) = self.reads_all(port).await?;
        if after.get(..log.len()) != Some(&*log) {
            return Err("saying it again has changed what stood in the log".into());
        }
        let all = self.finds_itself_in(&after, |_| true)?;
        if all != self.said.len() {
            return Err(format!("{} were said, {all} stand", self.said.len()).into());
        }
        Ok((found, after))
    }

    /// Looks whether all of theirs stands that was acknowledged until then; says nothing.
    pub(crate) async fn is_found(&mut self, port: u16, acknowledged: &HashSet<ClientMessageId>) -> Story {
        let (_, log) = self.reads_all(port).await?;
        self.finds_itself_in(&log, |ack| acknowledged.contains(&ack.cid))
            .map(drop)
    }

    async fn reads_all(&mut self, port: u16) -> Story<(Visitor, Vec<ThreadEntry>)> {
        let (mut visitor, resumed) = Visitor::comes(port, &self.secret).await?;
        self.thread = resumed.thread;
        let mut log = Vec::new();
        while Seq(log.len() as u64) < resumed.head {
            if let Down::Entries(entries) = visitor.frames.hear().await? {
                visitor.saw(&entries);
                log.extend(entries);
            }
        }
        Ok((visitor, log))
    }

    /// That the log has no hole (I24), each acknowledged message at its number (I22), none twice (I06), all in the
    /// order in which they were said (I25). Answers how many of theirs stand.
    fn finds_itself_in(&self, log: &[ThreadEntry], counts: impl Fn(&Ack) -> bool) -> Story<usize> {
        for (number, entry) in (1..).zip(log) {
            if entry.seq != Seq(number) {
                return Err(format!("number {number} of the log is {:?}", entry.seq).into());
            }
        }
        let mine: Vec<_> = log
            .iter()
            .filter(|entry| entry.author == Author::EndUser)
            .collect();
        for said in self.said.iter().skip(mine.len()) {
            if let Some(ack) = said.ack.filter(&counts) {
                return Err(format!("\"{}\", acknowledged as {ack:?}, is gone", said.text).into());
            }
        }
        // In their order, with nothing between them left out: so each of them stands once, and there are no others.
        let mut seen = HashMap::new();
        for (at, entry) in mine.iter().enumerate() {
            let said = self
                .said
                .get(at)
                .ok_or("there is more in the log than was said")?;
            if entry.cid != Some(said.cid) || entry.text != said.text {
                return Err(format!("\"{}\" was said, and here stands {entry:?}", said.text).into());
            }
            if let Some(ack) = said.ack.filter(&counts)
                && (ack.seq, ack.session) != (entry.seq, entry.session)
            {
                return Err(format!("acknowledged as {ack:?}, and stands as {entry:?}").into());
            }
            if seen.insert(said.cid, entry.seq).is_some() {
                return Err(format!("\"{}\" stands twice", said.text).into());
            }
        }
        Ok(mine.len())
    }
}
