//! How the world comes to rest: nothing goes wrong any more, everybody is there, and time goes on.

use causerie_core::client::end_user;
use causerie_core::time::Span;

use super::checks::Check;
use super::wire::SocketId;
use super::world::World;

/// How long it has to come to rest: longer than the longest wait of any client, some times over.
const REST: Span = Span::minutes(6);

/// How often the worker looks what is due by time, as the server's does.
const SWEEP: Span = Span(15_000);

/// More than this at one moment, and it never comes to rest.
const MOST: usize = 20_000;

impl World {
    /// Comes to rest; answers in how many steps.
    ///
    /// # Errors
    /// Which invariant is broken on the way.
    pub fn comes_to_rest(&mut self) -> Result<u64, String> {
        self.is_calm()?;
        let until = self.now.after(REST);
        let mut steps = 0;
        let mut sweep_at = self.now;
        loop {
            steps += self.drives()?;
            if sweep_at <= self.now {
                sweep_at = self.now.after(SWEEP);
                while self.works(true) {
                    steps += 1 + self.drives()?;
                    if steps > 50 * MOST as u64 {
                        return Err("i34 everything comes to rest: the sweeps go on and on".to_owned());
                    }
                    if self.process.as_ref().is_some_and(|it| it.worker.is_idle()) {
                        break;
                    }
                }
                self.agent_sockets_look();
                steps += self.drives()?;
            }
            if self.now >= until {
                return Ok(steps);
            }
            let next = self
                .next_wake()
                .min(sweep_at)
                .min(until)
                .max(self.now.after(Span(1)));
            self.passes(Span(next.0 - self.now.0))?;
        }
    }

    /// Nothing goes wrong any more: sockets on which something did are over, and everybody is there.
    fn is_calm(&mut self) -> Check {
        self.crash_at = None;
        self.faults.notices = false;
        self.starts();
        while self.late_comes() {}
        for browser in &mut self.browsers {
            browser.online = true;
        }
        for desk in &mut self.desks {
            desk.online = true;
        }
        let spoiled: Vec<SocketId> = self
            .widgets
            .iter()
            .filter(|(_, it)| it.spoiled)
            .map(|(id, _)| *id)
            .collect();
        for id in spoiled {
            self.breaks_widget(id, 1006)?;
        }
        let spoiled: Vec<SocketId> = self
            .workspaces
            .iter()
            .filter(|(_, it)| it.spoiled)
            .map(|(id, _)| *id)
            .collect();
        for id in spoiled {
            self.breaks_workspace(id, 1006)?;
        }
        for browser in 0..self.browsers.len() {
            if self.browsers[browser].tabs.is_empty() {
                self.opens_tab(browser)?;
            }
            for at in 0..self.browsers[browser].tabs.len() {
                self.tab(browser, at, end_user::Input::PanelShown)?;
                self.tab(browser, at, end_user::Input::PageShown)?;
            }
        }
        Ok(())
    }

    /// Lets everything travel that can travel now; time stands still. Answers in how many steps.
    fn drives(&mut self) -> Result<u64, String> {
        for step in 0..MOST {
            if !self.moves()? {
                return Ok(step as u64);
            }
        }
        Err("i34 everything comes to rest: something goes on and on".to_owned())
    }

    fn moves(&mut self) -> Result<bool, String> {
        let mut any = false;
        while self.a_tab_hears_another()? {
            any = true;
        }
        for at in 0..self.desks.len() {
            if self.desks[at].wants_token {
                self.gets_token(at)?;
                any = true;
            }
        }
        let widgets: Vec<(SocketId, bool, bool)> = self
            .widgets
            .iter()
            .map(|(id, it)| (*id, it.open, it.served))
            .collect();
        for (id, open, served) in widgets {
            if !open {
                self.opens_widget(id)?;
                any = true;
            } else if !served {
                self.breaks_widget(id, 1006)?;
                any = true;
            }
            any |= self.passes_on(id) | self.delivers_widget(id)? | self.hears_widget(id);
        }
        let workspaces: Vec<(SocketId, bool, bool)> = self
            .workspaces
            .iter()
            .map(|(id, it)| (*id, it.open, it.served))
            .collect();
        for (id, open, served) in workspaces {
            if !open {
                self.opens_workspace(id)?;
                any = true;
            } else if !served {
                self.breaks_workspace(id, 1006)?;
                any = true;
            }
            any |= self.passes_on(id) | self.delivers_workspace(id)? | self.hears_workspace(id);
        }
        any |= self.answers() | self.writer(128)? | self.works(false);
        Ok(any)
    }

    fn agent_sockets_look(&mut self) {
        let Some(process) = &mut self.process else { return };
        for (id, its) in &mut process.agents {
            if let Some(socket) = self.workspaces.get_mut(id) {
                its.look(self.disk.synced(), &mut socket.down);
            }
        }
    }

    fn next_wake(&self) -> causerie_core::Timestamp {
        let tabs = self
            .browsers
            .iter()
            .flat_map(|its| &its.tabs)
            .filter_map(|tab| tab.wake);
        let desks = self.desks.iter().filter_map(|desk| desk.wake);
        tabs.chain(desks).min().unwrap_or_else(|| self.now.after(SWEEP))
    }
}
