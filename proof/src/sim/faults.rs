//! What goes wrong: crashes, a full disk, frames and connections, clocks.

use causerie_core::time::Span;
use causerie_core::wire::{agent, end_user};
use causerie_core::{Seq, SessionId, TicketId};

use super::steps::Step;
use super::wire::{SocketId, Spoil, spoil};
use super::world::World;

impl World {
    pub(super) fn something_goes_wrong(&mut self) -> Step {
        match self.dice.below(40) {
            0 if self.faults.crashes && self.process.is_some() && self.crash_at.is_none() => {
                let power = self.dice.one_in(2);
                self.crashes(power)?;
                Ok(true)
            }
            1 | 2 if self.faults.full => Ok(self.disk_refuses()),
            3 if self.faults.erasures && self.dice.one_in(10) => self.somebody_is_erased(),
            4..=9 if self.faults.frames => Ok(self.spoils()),
            10..=12 if self.faults.cuts => self.cuts(),
            13 if self.faults.cuts => {
                let browser = self.dice.below(self.browsers.len());
                self.browsers[browser].online ^= true;
                Ok(true)
            }
            15 if self.faults.cuts => {
                let at = self.dice.below(self.desks.len());
                self.desks[at].online ^= true;
                Ok(true)
            }
            16 | 17 if self.faults.jumps => Ok(self.a_clock_jumps()),
            18 if self.faults.frames => Ok(self.somebody_claims_the_future()),
            20 if self.faults.frames && self.dice.one_in(4) => Ok(self.somebody_ends_anothers()),
            19 if self.faults.restores && self.dice.one_in(4) => self.backs_up_or_restores(),
            _ => Ok(false),
        }
    }

    /// A client says that it has read, or has, what is to come.
    fn somebody_claims_the_future(&mut self) -> bool {
        let (widgets, future) = (self.dice.one_in(2), Seq(u64::MAX >> 12));
        if widgets {
            let ids: Vec<SocketId> = self.widgets.keys().copied().collect();
            let socket = self.dice.one_of(&ids).and_then(|id| self.widgets.get_mut(id));
            let Some(socket) = socket.filter(|socket| socket.open) else {
                return false;
            };
            socket.up.push_back(end_user::Up::Read(future));
        } else {
            let ids: Vec<SocketId> = self.workspaces.keys().copied().collect();
            let ticket = TicketId(1 + self.dice.below(6) as u64);
            let socket = self.dice.one_of(&ids).and_then(|id| self.workspaces.get_mut(id));
            let Some(socket) = socket.filter(|socket| socket.open) else {
                return false;
            };
            socket.spoiled = true;
            socket.up.push_back(agent::Up::Open {
                ticket,
                thread: future,
                log: future,
            });
        }
        self.trace
            .say(|| "somebody claims numbers of the future".to_owned());
        true
    }

    /// A visitor asks for the end of a session that is another's.
    fn somebody_ends_anothers(&mut self) -> bool {
        let ids: Vec<SocketId> = self
            .widgets
            .iter()
            .filter(|(_, it)| it.open)
            .map(|(id, _)| *id)
            .collect();
        let Some((browser, id)) = self
            .dice
            .one_of(&ids)
            .and_then(|id| Some((self.tab_of(*id)?.0, *id)))
        else {
            return false;
        };
        let others = (0..self.browsers.len()).filter(|other| *other != browser);
        let sessions: Vec<SessionId> = others
            .filter_map(|other| self.thread_of(other))
            .filter_map(|thread| Some(self.disk.synced().latest_of(thread)?.id))
            .collect();
        let (Some(session), cid) = (self.dice.one_of(&sessions).copied(), self.fresh_cid()) else {
            return false;
        };
        let Some(socket) = self.widgets.get_mut(&id) else {
            return false;
        };
        socket.spoiled = true;
        socket.up.push_back(end_user::Up::End { cid, session });
        self.trace
            .say(|| format!("visitor {browser} asks for the end of another's session {session}"));
        true
    }

    fn a_clock_jumps(&mut self) -> bool {
        let by = match self.dice.below(6) {
            0 => Span(-1000 * self.dice.below(100) as i64),
            1 => Span::minutes(-(self.dice.below(600) as i64)),
            2 => Span::days(365),
            3 => Span::days(-365),
            _ => Span(1000 * self.dice.below(100) as i64),
        };
        match self.dice.below(3) {
            0 => {
                self.skew = Span(self.skew.0 + by.0);
                self.trace
                    .say(|| format!("the node's clock jumps by {} s", by.0 / 1000));
            }
            1 => {
                let browser = self.dice.below(self.browsers.len());
                let its = &mut self.browsers[browser];
                its.skew = Span(its.skew.0 + by.0);
                self.trace
                    .say(|| format!("visitor {browser}'s clock jumps by {} s", by.0 / 1000));
            }
            _ => {
                let at = self.dice.below(self.desks.len());
                let its = &mut self.desks[at];
                its.skew = Span(its.skew.0 + by.0);
                let agent = its.agent;
                self.trace
                    .say(|| format!("agent {agent}'s clock jumps by {} s", by.0 / 1000));
            }
        }
        true
    }

    fn spoils(&mut self) -> bool {
        let (how, at) = (
            self.dice
                .one_of(&[Spoil::Lose, Spoil::Double, Spoil::Overtake])
                .copied()
                .unwrap_or(Spoil::Lose),
            self.dice.below(64),
        );
        let (up, widget) = (self.dice.one_in(2), self.dice.one_in(2));
        let widgets: Vec<SocketId> = self.widgets.keys().copied().collect();
        let workspaces: Vec<SocketId> = self.workspaces.keys().copied().collect();
        let id = self
            .dice
            .one_of(if widget { &widgets } else { &workspaces })
            .copied();
        let Some(id) = id else { return false };
        let done = if let Some(socket) = self.widgets.get_mut(&id) {
            let done = if up {
                spoil(&mut socket.up, how, at)
            } else {
                spoil(&mut socket.down, how, at)
            };
            socket.spoiled |= done;
            done
        } else if let Some(socket) = self.workspaces.get_mut(&id) {
            let done = if up {
                spoil(&mut socket.up, how, at)
            } else {
                spoil(&mut socket.down, how, at)
            };
            socket.spoiled |= done;
            done
        } else {
            false
        };
        if done {
            self.trace.say(|| format!("a frame of socket {}: {how:?}", id.0));
        }
        done
    }

    fn cuts(&mut self) -> Step {
        let ids: Vec<SocketId> = self.widgets.keys().copied().collect();
        let others: Vec<SocketId> = self.workspaces.keys().copied().collect();
        let code = if self.dice.one_in(4) { 4008 } else { 1006 };
        let widget = self.dice.one_in(2);
        let Some(id) = self.dice.one_of(if widget { &ids } else { &others }).copied() else {
            return Ok(false);
        };
        self.trace.say(|| format!("socket {} is cut", id.0));
        if widget {
            self.breaks_widget(id, code)?;
        } else {
            self.breaks_workspace(id, code)?;
        }
        Ok(true)
    }
}
