//! Under which origins the workspace and the widget's frame are reached, and who may speak to them.
//!
//! What the operator set counts; without it, the address listened on. On loopback every loopback name is this server,
//! and the frame takes the other name than the page that embeds it, so that it has an origin of its own.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

use crate::config::Config;
use crate::origin::Origin;

/// The server's own origins.
#[derive(Clone, Debug)]
pub struct Addresses {
    base: Origin,
    widget: Option<Origin>,
    /// Whether nothing was set and any name may lead here.
    any_name: bool,
}

impl Addresses {
    /// From the settings and the address that is really listened on.
    #[must_use]
    pub fn new(config: &Config, listening: SocketAddr) -> Self {
        Self {
            base: config
                .public_url
                .clone()
                .unwrap_or_else(|| Origin::of_listener(listening)),
            widget: config.widget_url.clone(),
            any_name: config.public_url.is_none() && !listening.ip().is_loopback(),
        }
    }

    /// Where people reach the workspace, for links.
    #[must_use]
    pub const fn public(&self) -> &Origin {
        &self.base
    }

    /// The origin that sites load the widget from, for the tag on their pages.
    #[must_use]
    pub fn embed(&self) -> &Origin {
        self.widget.as_ref().unwrap_or(&self.base)
    }

    /// Whether frame and workspace share an origin, so that the frame's sandbox is void (EMBED rule 1).
    #[must_use]
    pub fn shares_one_origin(&self) -> bool {
        self.widget.as_ref().is_none_or(|widget| *widget == self.base) && !self.base.is_loopback()
    }

    /// The origin of the frame, for a page that asked for the loader with these headers.
    #[must_use]
    pub fn frame(&self, asked: &HeaderMap) -> Origin {
        if let Some(widget) = &self.widget {
            return widget.clone();
        }
        let own = self.named(asked).unwrap_or_else(|| self.base.clone());
        own.other_loopback_name().unwrap_or(own)
    }

    /// Every origin that this server is reached under, as far as is known; for the demo shop's allow-list.
    #[must_use]
    pub fn own(&self) -> Vec<Origin> {
        match self.base.other_loopback_name() {
            Some(other) => vec![self.base.clone(), other],
            None => vec![self.base.clone()],
        }
    }

    /// Whether a request comes from the frame itself (SECURITY 1).
    #[must_use]
    pub fn from_frame(&self, asked: &HeaderMap) -> bool {
        let Some(origin) = header(asked, ORIGIN.as_str()) else {
            return false;
        };
        match &self.widget {
            Some(widget) => origin == widget.as_str(),
            None => self.is_own(origin, asked),
        }
    }

    /// Whether a request comes from the workspace itself (SECURITY 1, 6).
    #[must_use]
    pub fn from_workspace(&self, asked: &HeaderMap) -> bool {
        header(asked, ORIGIN.as_str()).is_some_and(|origin| self.is_own(origin, asked))
    }

    /// Whether a request says that it comes from somewhere else than the workspace. A caller that is no browser says
    /// nothing.
    #[must_use]
    pub fn from_elsewhere(&self, asked: &HeaderMap) -> bool {
        asked.contains_key(ORIGIN) && !self.from_workspace(asked)
    }

    fn is_own(&self, origin: &str, asked: &HeaderMap) -> bool {
        if self.any_name {
            let host = header(asked, HOST.as_str()).unwrap_or_default();
            return origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"))
                == Some(host);
        }
        let is_other_name = self.base.is_loopback()
            && origin
                .parse::<Origin>()
                .is_ok_and(|other| other.as_str() == origin && is_same_socket(&self.base, &other));
        origin == self.base.as_str() || is_other_name
    }

    /// The name that this request was made under, where that is one of ours.
    fn named(&self, asked: &HeaderMap) -> Option<Origin> {
        let host = header(asked, HOST.as_str())?;
        let scheme = if self.base.is_secure() { "https" } else { "http" };
        let origin: Origin = format!("{scheme}://{host}").parse().ok()?;
        (self.any_name || self.is_own(origin.as_str(), asked)).then_some(origin)
    }
}

/// The visitor's address, as limits know it. A proxy on this machine tells whom it speaks for.
#[must_use]
pub fn visitor(peer: SocketAddr, asked: &HeaderMap) -> IpAddr {
    let told = header(asked, "x-forwarded-for")
        .and_then(|list| list.rsplit(',').next())
        .and_then(|address| address.trim().parse().ok());
    match told {
        Some(address) if peer.ip().is_loopback() => address,
        Some(_) | None => peer.ip(),
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Whether two loopback origins have the same scheme and port.
fn is_same_socket(one: &Origin, other: &Origin) -> bool {
    let port = |origin: &Origin| {
        origin
            .authority()
            .rsplit_once(':')
            .filter(|(_, port)| !port.contains(']'))
            .map(|(_, port)| port.to_owned())
    };
    other.is_loopback() && one.is_secure() == other.is_secure() && port(one) == port(other)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::config::ServeFlags;

    fn addresses(listening: &str, public: Option<&str>, widget: Option<&str>) -> Addresses {
        let mut config = ServeFlags::default().resolve().unwrap();
        config.public_url = public.map(|url| url.parse().unwrap());
        config.widget_url = widget.map(|url| url.parse().unwrap());
        Addresses::new(&config, listening.parse().unwrap())
    }

    fn asked(host: &'static str, origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn on_loopback_the_frame_takes_the_other_name() {
        let own = addresses("127.0.0.1:7878", None, None);
        assert_eq!(
            own.frame(&asked("127.0.0.1:7878", None)).as_str(),
            "http://localhost:7878"
        );
        assert_eq!(
            own.frame(&asked("localhost:7878", None)).as_str(),
            "http://127.0.0.1:7878"
        );
        assert_eq!(
            own.frame(&asked("evil.example", None)).as_str(),
            "http://localhost:7878"
        );
        assert!(own.from_frame(&asked("localhost:7878", Some("http://localhost:7878"))));
        assert!(own.from_frame(&asked("127.0.0.1:7878", Some("http://127.0.0.1:7878"))));
        for foreign in [
            "http://localhost:7879",
            "https://localhost:7878",
            "http://evil.example:7878",
            "null",
        ] {
            assert!(
                !own.from_frame(&asked("localhost:7878", Some(foreign))),
                "{foreign}"
            );
        }
        assert!(!own.from_frame(&asked("localhost:7878", None)));
    }

    #[test]
    fn in_production_the_frame_and_the_workspace_are_told_apart() {
        let own = addresses(
            "127.0.0.1:7878",
            Some("https://help.example"),
            Some("https://chat.example"),
        );
        assert_eq!(
            own.frame(&asked("chat.example", None)).as_str(),
            "https://chat.example"
        );
        assert!(own.from_frame(&asked("chat.example", Some("https://chat.example"))));
        assert!(!own.from_frame(&asked("chat.example", Some("https://help.example"))));
        assert!(own.from_workspace(&asked("help.example", Some("https://help.example"))));
        assert!(!own.from_workspace(&asked("help.example", Some("https://chat.example"))));
        assert!(!own.from_workspace(&asked("help.example", Some("http://127.0.0.1:7878"))));
        assert!(!own.shares_one_origin());
    }

    #[test]
    fn without_settings_off_loopback_a_request_must_come_from_the_host_it_goes_to() {
        let own = addresses("0.0.0.0:7878", None, None);
        assert!(own.shares_one_origin() || own.public().is_loopback());
        assert!(own.from_frame(&asked("box.lan:7878", Some("http://box.lan:7878"))));
        assert!(!own.from_frame(&asked("box.lan:7878", Some("http://evil.example"))));
        assert_eq!(
            own.frame(&asked("box.lan:7878", None)).as_str(),
            "http://box.lan:7878"
        );
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            HeaderValue::from_static("6.6.6.6, 203.0.113.7"),
        );
        assert_eq!(
            visitor("127.0.0.1:1".parse().unwrap(), &headers).to_string(),
            "203.0.113.7"
        );
        assert_eq!(
            visitor("198.51.100.1:1".parse().unwrap(), &headers).to_string(),
            "198.51.100.1"
        );
    }
}
