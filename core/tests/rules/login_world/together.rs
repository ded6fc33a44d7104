//! What tabs of one person share beside the shelf: the channel between them, and the lock that one of them holds.

use std::collections::VecDeque;

use super::{Browser, owner};
use causerie_core::client::end_user::Input;
use causerie_core::client::role::TabId;

/// The lock by which one tab leads.
#[derive(Default)]
pub struct Lock {
    holder: Option<TabId>,
    line: VecDeque<TabId>,
}

impl Browser {
    /// One thing that channel and locks have for a tab.
    pub fn hears(&mut self, at: usize) {
        if let Some(event) = self.tabs[at].events.pop_front() {
            self.input(at, event);
        }
    }

    /// A word between tabs is lost, or comes late.
    pub fn loses_a_word(&mut self, at: usize, roll: usize, for_good: bool) {
        let events = &mut self.tabs[at].events;
        let words: Vec<usize> = (0..events.len())
            .filter(|at| matches!(events[*at], Input::Heard(_) | Input::PassedOn { .. }))
            .collect();
        if words.is_empty() {
            return;
        }
        let word = events.remove(words[roll % words.len()]);
        events.extend(word.filter(|_| !for_good));
    }

    /// How many tabs have a socket.
    pub fn sockets(&self) -> usize {
        self.tabs.iter().filter(|tab| tab.open).count()
    }

    pub(super) fn tells_by_channel(&mut self, at: usize, word: &Input) {
        let whose = owner(&self.tabs[at].device);
        for (other, tab) in self.tabs.iter_mut().enumerate() {
            if other != at && owner(&tab.device) == whose {
                tab.events.push_back(word.clone());
            }
        }
    }

    pub(super) fn asks_for_lock(&mut self, at: usize, steal: bool) {
        let (tab, whose) = (self.tabs[at].id, owner(&self.tabs[at].device));
        let lock = self.locks.entry(whose.clone()).or_default();
        if lock.holder == Some(tab) {
            return;
        }
        if steal {
            lock.line.retain(|other| *other != tab);
            let before = lock.holder.replace(tab);
            self.tells_of_lock(before, Input::Replaced);
            self.tells_of_lock(Some(tab), Input::Elected);
        } else if !lock.line.contains(&tab) {
            lock.line.push_back(tab);
            self.grants_lock(&whose);
        }
    }

    /// A tab lets go of its lock, or of its place in the line.
    pub(super) fn lets_go_of_lock(&mut self, at: usize) {
        let (tab, whose) = (self.tabs[at].id, owner(&self.tabs[at].device));
        self.tabs[at]
            .events
            .retain(|event| !matches!(event, Input::Elected | Input::Replaced));
        if let Some(lock) = self.locks.get_mut(&whose) {
            lock.line.retain(|other| *other != tab);
            if lock.holder == Some(tab) {
                lock.holder = None;
                self.grants_lock(&whose);
            }
        }
    }

    fn grants_lock(&mut self, whose: &str) {
        if let Some(lock) = self.locks.get_mut(whose)
            && lock.holder.is_none()
        {
            lock.holder = lock.line.pop_front();
            let holder = lock.holder;
            self.tells_of_lock(holder, Input::Elected);
        }
    }

    fn tells_of_lock(&mut self, tab: Option<TabId>, news: Input) {
        let tab = self.tabs.iter_mut().find(|other| Some(other.id) == tab);
        if let Some(tab) = tab {
            tab.events.push_back(news);
        }
    }
}
