//! A page of an older build reloads itself, once for each build of the server, and only when nothing is lost by it.

/// Which build the page is of, and which one it is to become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Upgrade {
    page: String,
    server: String,
    wanted: Option<String>,
    reloaded_for: Option<String>,
}

impl Upgrade {
    /// For a page of this build.
    pub(crate) fn of(page: String) -> Self {
        Self {
            server: page.clone(),
            page,
            wanted: None,
            reloaded_for: None,
        }
    }

    /// The build for which an earlier page has reloaded itself.
    pub(crate) fn restored(&mut self, reloaded_for: Option<String>) {
        self.reloaded_for = reloaded_for;
    }

    /// The server is of this build.
    pub(crate) fn server_is(&mut self, build: &str) {
        build.clone_into(&mut self.server);
        let is_new = build != self.page && self.reloaded_for.as_deref() != Some(build);
        self.wanted = is_new.then(|| build.to_owned());
    }

    /// The server's build, as it said last; the page's own before.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Nothing is lost by a reload now: the build to reload for, if there is one.
    pub(crate) fn take(&mut self) -> Option<String> {
        let build = self.wanted.take()?;
        self.reloaded_for = Some(build.clone());
        Some(build)
    }
}
