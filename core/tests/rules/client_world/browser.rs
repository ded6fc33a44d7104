//! Of the browser there are the shelf that all tabs share, the channel between them and the lock that one of them holds.

use std::collections::{BTreeMap, VecDeque};

use causerie_core::client::end_user::Input;
use causerie_core::client::role::TabId;
use causerie_core::client::timeline::Written;
use causerie_core::wire::end_user::SessionReport;
use causerie_core::{ClientMessageId, SessionId, Timestamp};

use super::Tabs;

/// What the browser keeps for all tabs of a site.
#[derive(Clone, Default)]
pub struct Storage {
    pub draft: String,
    pub outbox: BTreeMap<ClientMessageId, Written>,
    pub session: Option<SessionReport>,
    pub reloaded_for: Option<String>,
    pub sounds: bool,
    pub ended: Option<SessionId>,
    pub polls_until: Option<Timestamp>,
}

/// What a page asks of the shelf; done in order.
#[derive(Clone, Debug)]
pub enum Asked {
    Keep(Written),
    Forget(ClientMessageId),
    Look,
}

/// The lock by which one tab leads.
#[derive(Default)]
pub struct Lock {
    pub holder: Option<TabId>,
    line: VecDeque<TabId>,
}

impl Lock {
    /// Whether a tab holds it or waits for it.
    pub fn knows(&self, tab: TabId) -> bool {
        self.holder == Some(tab) || self.line.contains(&tab)
    }
}

impl Tabs {
    /// Shelf, channel and locks do what they are asked for.
    pub(super) fn browser_settles(&mut self) {
        if self.slow || core::mem::replace(&mut self.settling, true) {
            return;
        }
        while let Some(page) = (0..self.pages.len()).find(|page| self.has_turn(*page)) {
            self.browser_turn(page);
        }
        self.settling = false;
    }

    pub(super) fn has_turn(&self, page: usize) -> bool {
        let page = &self.pages[page];
        !(page.frozen || (page.asked.is_empty() || page.half_frozen) && page.events.is_empty())
    }

    /// One thing that shelf, channel and locks have for a page.
    pub fn browser_turn(&mut self, page: usize) {
        let its = &mut self.pages[page];
        if !its.half_frozen
            && let Some(asked) = its.asked.pop_front()
        {
            let done = match asked {
                Asked::Keep(_) | Asked::Forget(_) if self.shelf_refuses => Input::ShelfLost,
                Asked::Keep(item) => {
                    let cid = item.cid;
                    self.storage.outbox.insert(cid, item);
                    Input::Shelved(cid)
                }
                Asked::Forget(cid) => {
                    self.storage.outbox.remove(&cid);
                    Input::Shelved(cid)
                }
                Asked::Look => Input::Looked {
                    outbox: self.storage.outbox.values().cloned().collect(),
                    draft: Some(self.storage.draft.clone()).filter(|draft| !draft.is_empty()),
                },
            };
            self.input(page, done);
        } else if let Some(event) = self.pages[page].events.pop_front() {
            self.input(page, event);
        }
    }

    pub(super) fn ask_for_lock(&mut self, tab: TabId, steal: bool) {
        if steal && self.lock.holder != Some(tab) {
            let before = self.lock.holder.replace(tab);
            self.tell_of_lock(before, Input::Replaced);
            self.tell_of_lock(Some(tab), Input::Elected);
        } else if !steal && self.lock.holder != Some(tab) && !self.lock.line.contains(&tab) {
            self.lock.line.push_back(tab);
            self.grant_lock();
        }
    }

    pub(super) fn let_go_of_lock(&mut self, tab: TabId) {
        self.lock.line.retain(|other| *other != tab);
        // What was decided of it and not yet told is not told any more.
        for page in self.pages.iter_mut().filter(|page| page.tab == tab) {
            page.events
                .retain(|event| !matches!(event, Input::Elected | Input::Replaced));
        }
        if self.lock.holder == Some(tab) {
            self.lock.holder = None;
            self.grant_lock();
        }
    }

    fn grant_lock(&mut self) {
        if self.lock.holder.is_none() {
            self.lock.holder = self.lock.line.pop_front();
            self.tell_of_lock(self.lock.holder, Input::Elected);
        }
    }

    fn tell_of_lock(&mut self, tab: Option<TabId>, news: Input) {
        let page = self.pages.iter_mut().find(|page| Some(page.tab) == tab);
        if let Some(page) = page {
            page.events.push_back(news);
        }
    }

    pub(super) fn tell_by_channel(&mut self, page: usize, word: &Input) {
        for other in (0..self.pages.len()).filter(|other| *other != page && !self.deaf) {
            self.pages[other].events.push_back(word.clone());
        }
    }

    pub(super) fn tell_other_tabs(&mut self, page: usize, input: &Input) {
        for other in (0..self.pages.len()).filter(|other| *other != page) {
            self.input(other, input.clone());
        }
    }
}
