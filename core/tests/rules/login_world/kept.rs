//! What a tab's machine asks for, done: what the browser keeps for all tabs, and what a tab hears of it.

use super::{Browser, NOBODYS, News, owner};
use causerie_core::client::end_user::{Device, Effect, HostEvent, Input};

impl Browser {
    pub(super) fn act(&mut self, at: usize, effect: Effect) {
        let whose = owner(&self.tabs[at].device);
        let tab = &mut self.tabs[at];
        match effect {
            Effect::Connect(_) => {
                tab.lets_go();
                tab.open = self.online;
                let input = if self.online {
                    Input::SocketOpened
                } else {
                    Input::SocketClosed { code: 1006 }
                };
                self.input(at, input);
            }
            Effect::Send(up) => {
                if tab.open {
                    tab.up.push_back(up);
                }
            }
            Effect::CloseSocket => tab.lets_go(),
            Effect::WakeAt(wake) => tab.wake_at = wake,
            Effect::Keep(item) => {
                tab.shelved.push_back(item.cid);
                self.storage
                    .shelf
                    .entry(whose)
                    .or_default()
                    .insert(item.cid, item);
            }
            Effect::Forget(cid) => {
                tab.shelved.push_back(cid);
                self.storage.shelf.entry(whose).or_default().remove(&cid);
            }
            Effect::ClearShelf => {
                let is_erased = |id: &causerie_core::EndUserId| id.to_string() == whose;
                assert!(self.server.erased.iter().any(is_erased), "{whose} is still there");
                let gone = self.storage.shelf.remove(&whose).unwrap_or_default();
                self.thrown_away.extend(gone.keys());
                self.storage.drafts.remove(&whose);
            }
            Effect::KeepDraft(draft) => drop(self.storage.drafts.insert(whose, draft)),
            Effect::LogIn(post) => tab.posts.push_back(post),
            Effect::KeepDevice(device) => {
                self.storage.device = Some(device);
                self.tells_other_tabs(at, News::Device);
            }
            Effect::ShareAs(device) => {
                self.lets_go_of_lock(at);
                let tab = &mut self.tabs[at];
                tab.device = device;
                tab.events.clear();
                // What was done on the shelf of before is not told any more.
                tab.shelved.clear();
                tab.looks = true;
            }
            Effect::Tell(word) => self.tells_by_channel(at, &Input::Heard(word)),
            Effect::Elect { steal } => self.asks_for_lock(at, steal),
            Effect::Resign => self.lets_go_of_lock(at),
            Effect::EmptyComposer => tab.composer.clear(),
            Effect::ViewChanged => {
                if !tab.client.draft().is_empty() {
                    tab.client.draft().clone_into(&mut tab.composer);
                }
            }
            Effect::Host(HostEvent::Stands(cid)) => *tab.told_of.entry(cid).or_default() += 1,
            Effect::Host(HostEvent::Refused(refused)) => {
                if let Some(cid) = refused.cid {
                    *tab.told_of.entry(cid).or_default() += 1;
                }
            }
            Effect::Look => tab.looks = true,
            Effect::LeaveDevice => {
                let mine = self.tabs[at].device.clone();
                self.server.logs_out(&mine.secret);
                let device = match self.storage.device.clone() {
                    // Another tab was quicker.
                    Some(kept) if kept != mine => kept,
                    Some(_) | None => {
                        self.storage.device = None;
                        self.tells_other_tabs(at, News::Device);
                        self.fresh_device()
                    }
                };
                self.becomes(at, device);
            }
            Effect::RenewDevice => {
                let mine = self.tabs[at].device.clone();
                let device = match self.storage.device.clone() {
                    Some(kept) if kept != mine => kept,
                    Some(_) | None => {
                        // Something was written here, so this one is kept at once.
                        let fresh = self.fresh_device();
                        self.storage.device = Some(fresh.clone());
                        self.tells_other_tabs(at, News::Device);
                        fresh
                    }
                };
                self.becomes(at, device);
            }
            Effect::Host(HostEvent::TokenWanted { call }) => (tab.asked, tab.asked_for) = (true, call),
            Effect::Host(HostEvent::LoggedIn { call, failed }) => {
                tab.told_page.entry(call).or_default().push(failed);
            }
            Effect::Host(_)
            | Effect::KeepSession(_)
            | Effect::KeepSounds(_)
            | Effect::KeepEnded(_)
            | Effect::KeepPollsUntil(_)
            | Effect::PassOn(_)
            | Effect::Chime
            | Effect::ReloadForUpgrade(_) => {}
        }
    }

    pub(super) fn becomes(&mut self, at: usize, device: Device) {
        self.input(at, Input::DeviceRenewed(device));
    }

    /// The tab hears that another has kept something, and looks what is kept now.
    pub fn hears_news(&mut self, at: usize) {
        match self.tabs[at].news.pop_front() {
            None => return,
            Some(News::Device) => {}
            Some(News::Reset) => return self.starts_over(at),
        }
        let mine = self.tabs[at].device.clone();
        match self.storage.device.clone() {
            Some(kept) if kept != mine => self.becomes(at, kept),
            Some(_) => self.input(at, Input::LoggedInElsewhere),
            None if mine.person.is_some() => {
                let fresh = self.fresh_device();
                self.becomes(at, fresh);
            }
            None => {}
        }
    }

    pub(super) fn tells_other_tabs(&mut self, at: usize, news: News) {
        for (other, tab) in self.tabs.iter_mut().enumerate() {
            if other != at {
                tab.news.push_back(news);
            }
        }
    }

    /// What lies on the shelf comes in. What was written before a login comes along: another tab may have put it there
    /// before it heard of the login, or gone without hearing of it.
    pub(super) fn looks(&mut self, at: usize) {
        let whose = owner(&self.tabs[at].device);
        if self.storage.device.as_ref() == Some(&self.tabs[at].device) {
            let is_left = |owner: &String| owner.starts_with(NOBODYS) && *owner != whose;
            let left = self.storage.shelf.extract_if(.., |owner, _| is_left(owner));
            let left: Vec<_> = left.flat_map(|(_, left)| left).collect();
            let theirs = self.storage.shelf.entry(whose.clone()).or_default();
            for (cid, mut item) in left {
                item.body.carried = true;
                theirs.insert(cid, item);
            }
            let drafts = self.storage.drafts.extract_if(.., |owner, _| is_left(owner));
            for (_, draft) in drafts.collect::<Vec<_>>() {
                self.storage.drafts.insert(whose.clone(), draft);
            }
        }
        let shelf = self.storage.shelf.get(&whose);
        let outbox = shelf
            .into_iter()
            .flatten()
            .map(|(_, item)| item.clone())
            .collect();
        let draft = self.storage.drafts.get(&whose).cloned();
        self.input(at, Input::Looked { outbox, draft });
    }

    /// The secret is kept once somebody writes, or is to be logged in; another tab's stands.
    pub(super) fn settles(&mut self, at: usize) {
        match self.storage.device.clone() {
            None => self.storage.device = Some(self.tabs[at].device.clone()),
            Some(kept) if kept != self.tabs[at].device => self.becomes(at, kept),
            Some(_) => {}
        }
    }
}
