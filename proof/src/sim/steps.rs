//! What happens next: drawn by the dice among all that can. What people do is in `people`, what goes wrong in `faults`.

use causerie_core::client::{agent, end_user};
use causerie_core::time::Span;

use super::checks::Check;
use super::wire::SocketId;
use super::world::{World, name};

/// How often a step that cannot happen is drawn again.
const TRIES: usize = 40;

/// Whether something happened.
pub(super) type Step = Result<bool, String>;

impl World {
    /// Something happens.
    ///
    /// # Errors
    /// Which invariant is broken by it.
    pub fn step(&mut self) -> Check {
        for _ in 0..TRIES {
            if self.something()? {
                return Ok(());
            }
        }
        // Time always passes.
        self.passes(Span(1000))
    }

    fn something(&mut self) -> Step {
        match self.dice.below(200) {
            0..=9 => self.visitor_does(),
            10..=25 => self.agent_does(),
            26..=27 => self.business_does(),
            28 => self.admin_does(),
            29..=60 => self.a_socket_hears(),
            61..=95 => self.a_page_hears(),
            96..=115 => Ok(self.a_socket_passes_on()),
            116..=119 => Ok(self.late_comes()),
            120..=150 => self.the_writer_writes(),
            151..=160 => Ok(self.works(false)),
            161..=163 => Ok(self.works(true)),
            164..=165 => Ok(self.an_agent_socket_looks()),
            166..=170 => self.something_connects(),
            171..=174 => self.a_tab_hears_another(),
            175..=190 => self.time_passes(),
            _ => self.something_goes_wrong(),
        }
    }

    /// The node hears a frame on a socket where one has come.
    fn a_socket_hears(&mut self) -> Step {
        let Some(process) = &self.process else {
            return Ok(false);
        };
        let waits = |id: &SocketId| process.visitors.get(id).is_some_and(|it| !it.asks);
        let widgets = self
            .widgets
            .iter()
            .filter(|(id, it)| !it.up.is_empty() && waits(id));
        let mut ids: Vec<(bool, SocketId)> = widgets.map(|(id, _)| (true, *id)).collect();
        let waits = |id: &SocketId| process.agents.get(id).is_some_and(|it| !it.asks);
        let workspaces = self
            .workspaces
            .iter()
            .filter(|(id, it)| !it.up.is_empty() && waits(id));
        ids.extend(workspaces.map(|(id, _)| (false, *id)));
        Ok(match self.dice.one_of(&ids).copied() {
            Some((true, id)) => self.hears_widget(id),
            Some((false, id)) => self.hears_workspace(id),
            None => false,
        })
    }

    /// A page hears a frame, or all that has come to it.
    fn a_page_hears(&mut self) -> Step {
        let widgets = self
            .widgets
            .iter()
            .filter(|(_, it)| it.held && !it.down.is_empty());
        let mut ids: Vec<(bool, SocketId)> = widgets.map(|(id, _)| (true, *id)).collect();
        let workspaces = self
            .workspaces
            .iter()
            .filter(|(_, it)| it.held && !it.down.is_empty());
        ids.extend(workspaces.map(|(id, _)| (false, *id)));
        let Some((widget, id)) = self.dice.one_of(&ids).copied() else {
            return Ok(false);
        };
        let most = if self.dice.one_in(2) { 1 } else { 8 };
        let mut any = false;
        for _ in 0..most {
            let one = if widget {
                self.delivers_widget(id)?
            } else {
                self.delivers_workspace(id)?
            };
            any |= one;
            if !one {
                break;
            }
        }
        Ok(any)
    }

    fn a_socket_passes_on(&mut self) -> bool {
        let Some(process) = &self.process else {
            return false;
        };
        let visitors = process.visitors.iter().filter(|(_, it)| !it.mailbox.is_empty());
        let mut ids: Vec<SocketId> = visitors.map(|(id, _)| *id).collect();
        let agents = process.agents.iter().filter(|(_, it)| !it.mailbox.is_empty());
        ids.extend(agents.map(|(id, _)| *id));
        self.dice
            .one_of(&ids)
            .copied()
            .is_some_and(|id| self.passes_on(id))
    }

    fn an_agent_socket_looks(&mut self) -> bool {
        let Some(process) = &mut self.process else {
            return false;
        };
        let ids: Vec<SocketId> = process.agents.keys().copied().collect();
        let Some(id) = self.dice.one_of(&ids) else {
            return false;
        };
        match (process.agents.get_mut(id), self.workspaces.get_mut(id)) {
            (Some(its), Some(socket)) => {
                its.look(self.disk.synced(), &mut socket.down);
                true
            }
            _ => false,
        }
    }

    fn the_writer_writes(&mut self) -> Step {
        if self.answers() {
            return Ok(true);
        }
        let most = 1 + self.dice.below(6);
        // A write is quick: several of them, but now and then something comes in between.
        let mut any = false;
        for _ in 0..=self.dice.below(12) {
            let happened = self.writer(most)?;
            any |= happened;
            if !happened {
                break;
            }
        }
        Ok(any)
    }

    fn something_connects(&mut self) -> Step {
        if self.starts() {
            return Ok(true);
        }
        let tokens: Vec<usize> = (0..self.desks.len())
            .filter(|at| self.desks[*at].wants_token)
            .collect();
        if let Some(at) = self.dice.one_of(&tokens).copied() {
            self.gets_token(at)?;
            return Ok(true);
        }
        let opening: Vec<SocketId> = self
            .widgets
            .iter()
            .filter(|(_, it)| !it.open)
            .map(|(id, _)| *id)
            .collect();
        if let Some(id) = self.dice.one_of(&opening).copied() {
            self.opens_widget(id)?;
            return Ok(true);
        }
        let opening: Vec<SocketId> = self
            .workspaces
            .iter()
            .filter(|(_, it)| !it.open)
            .map(|(id, _)| *id)
            .collect();
        if let Some(id) = self.dice.one_of(&opening).copied() {
            self.opens_workspace(id)?;
            return Ok(true);
        }
        let dead: Vec<SocketId> = self
            .widgets
            .iter()
            .filter(|(_, it)| it.open && !it.served)
            .map(|(id, _)| *id)
            .collect();
        if let Some(id) = self.dice.one_of(&dead).copied() {
            self.breaks_widget(id, 1006)?;
            return Ok(true);
        }
        let dead: Vec<SocketId> = self
            .workspaces
            .iter()
            .filter(|(_, it)| it.open && !it.served)
            .map(|(id, _)| *id)
            .collect();
        if let Some(id) = self.dice.one_of(&dead).copied() {
            self.breaks_workspace(id, 1006)?;
            return Ok(true);
        }
        Ok(false)
    }

    pub(super) fn a_tab_hears_another(&mut self) -> Step {
        let told: Vec<(usize, usize)> = self
            .browsers
            .iter()
            .enumerate()
            .flat_map(|(browser, its)| {
                let told = its
                    .tabs
                    .iter()
                    .enumerate()
                    .filter(|(_, tab)| !tab.told.is_empty());
                told.map(move |(at, _)| (browser, at))
            })
            .collect();
        let Some((browser, at)) = self.dice.one_of(&told).copied() else {
            return Ok(false);
        };
        let Some(input) = self.browsers[browser].tabs[at].told.pop_front() else {
            return Ok(false);
        };
        let page = self.browsers[browser].tabs[at].page;
        self.trace
            .say(|| format!("{} hears of its browser {input:?}", name(browser, page)));
        self.tab(browser, at, input)?;
        Ok(true)
    }

    fn time_passes(&mut self) -> Step {
        let span = match self.dice.below(40) {
            0..=29 => Span(self.dice.below(3_000) as i64),
            30..=36 => Span(self.dice.below(30_000) as i64),
            37 => Span::minutes(1 + self.dice.below(15) as i64),
            38 if self.dice.one_in(4) => Span::hours(1 + self.dice.below(30) as i64),
            _ if self.dice.one_in(8) => Span::days(5),
            _ => return Ok(false),
        };
        self.passes(span)?;
        Ok(true)
    }

    /// Time passes, and whoever wanted to be woken is.
    pub(super) fn passes(&mut self, span: Span) -> Check {
        self.now = self.now.after(span);
        self.trace.say(|| format!("{} ms pass", span.0));
        for browser in 0..self.browsers.len() {
            for at in 0..self.browsers[browser].tabs.len() {
                let tab = &mut self.browsers[browser].tabs[at];
                if tab.wake.is_some_and(|wake| wake <= self.now) {
                    tab.wake = None;
                    self.tab(browser, at, end_user::Input::TimerFired)?;
                }
            }
        }
        for at in 0..self.desks.len() {
            if self.desks[at].wake.is_some_and(|wake| wake <= self.now) {
                self.desks[at].wake = None;
                self.desk(at, agent::Input::TimerFired)?;
            }
        }
        Ok(())
    }
}
