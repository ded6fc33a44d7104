//! Web origins: parsed once, compared exactly (EMBED rules 3–5).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Scheme, host and port, as a browser writes it in an `Origin` header: lower case, without a default port.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// Why a text is not an origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAnOrigin(String);

impl fmt::Display for NotAnOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAnOrigin {}

impl Origin {
    /// The origin of an address that this machine listens on.
    #[must_use]
    pub fn of_listener(address: SocketAddr) -> Self {
        Self::plain(&address.ip(), address.port())
    }

    /// What a browser sends when the page itself came from this origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is spoken over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Host and port, as in a `Host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// Whether it is this very machine, for whoever runs the browser.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let (host, _) = split_port(self.authority());
        host == "localhost" || literal_address(host).is_some_and(|address| address.is_loopback())
    }

    /// The same socket under the other loopback name: `127.0.0.1` ↔ `localhost`. Another origin for a browser.
    #[must_use]
    pub fn other_loopback_name(&self) -> Option<Self> {
        if !self.is_loopback() {
            return None;
        }
        let (scheme, authority) = self.0.split_once("://")?;
        let (host, port) = split_port(authority);
        let other = if host == "localhost" {
            "127.0.0.1"
        } else {
            "localhost"
        };
        let port = port.map_or(String::new(), |port| format!(":{port}"));
        Some(Self(format!("{scheme}://{other}{port}")))
    }

    /// The origin of a site that may embed the widget: `https`, or `http` on this very machine.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn of_site(text: &str) -> Result<Self, NotAnOrigin> {
        let origin: Self = text.parse()?;
        if origin.is_secure() || origin.is_loopback() {
            Ok(origin)
        } else {
            Err(NotAnOrigin(format!(
                "{text}: a site's origin begins with https:// (http:// only for localhost and 127.0.0.1)"
            )))
        }
    }

    fn plain(ip: &IpAddr, port: u16) -> Self {
        let ip = if ip.is_unspecified() {
            &IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            ip
        };
        let host = match ip {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("[{v6}]"),
        };
        let port = if port == 80 {
            String::new()
        } else {
            format!(":{port}")
        };
        Self(format!("http://{host}{port}"))
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let wrong = |why: &str| NotAnOrigin(format!("{text}: {why}"));
        let lower = text.trim().to_ascii_lowercase();
        let (scheme, rest) = lower
            .split_once("://")
            .ok_or_else(|| wrong("an origin looks like https://www.example.com"))?;
        let default_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return Err(wrong("an origin begins with https:// or http://")),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(authority);
        let port = match port {
            None => None,
            Some(digits) => match digits.parse::<u16>() {
                Ok(0) | Err(_) => return Err(wrong("the port is a number from 1 to 65535")),
                Ok(port) => (port != default_port).then_some(port),
            },
        };
        if !is_host(host) {
            return Err(wrong(
                "an origin is scheme, host and port only, without path or wildcard; \
                 a name with other letters is written in its ASCII form (xn--…)",
            ));
        }
        Ok(Self(match port {
            None => format!("{scheme}://{host}"),
            Some(port) => format!("{scheme}://{host}:{port}"),
        }))
    }
}

impl TryFrom<String> for Origin {
    type Error = NotAnOrigin;

    fn try_from(text: String) -> Result<Self, NotAnOrigin> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    }
}

fn literal_address(host: &str) -> Option<IpAddr> {
    host.strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(host)
        .parse()
        .ok()
}

fn is_host(host: &str) -> bool {
    let is_name = !host.is_empty()
        && host.len() <= 253
        && !host.starts_with(['.', '-'])
        && !host.contains("..")
        && host
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-'));
    let is_bracketed = host.starts_with('[') && literal_address(host).is_some_and(|ip| ip.is_ipv6());
    is_name || is_bracketed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        text.parse::<Origin>().ok().map(String::from)
    }

    #[test]
    fn an_origin_is_kept_as_a_browser_writes_it() {
        assert_eq!(
            parsed("HTTPS://Shop.Example:443/").as_deref(),
            Some("https://shop.example")
        );
        assert_eq!(
            parsed("http://localhost:8080").as_deref(),
            Some("http://localhost:8080")
        );
        assert_eq!(parsed("http://[::1]:8080").as_deref(), Some("http://[::1]:8080"));
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for wrong in [
            "",
            "shop.example",
            "ftp://shop.example",
            "https://",
            "https://*.shop.example",
            "https://shop.example/path",
            "https://shop.example:0",
            "https://shop.example:99999",
            "https://user@shop.example",
            "https://shop.example; script-src *",
            "https://shop.example\nX: y",
            "https://café.example",
            "null",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_site_is_secure_or_on_this_machine() {
        assert!(Origin::of_site("https://shop.example").is_ok());
        assert!(Origin::of_site("http://localhost:3000").is_ok());
        assert!(Origin::of_site("http://127.0.0.1:3000").is_ok());
        assert!(Origin::of_site("http://shop.example").is_err());
    }

    #[test]
    fn the_other_loopback_name_has_the_same_port() {
        let other = |text: &str| {
            text.parse::<Origin>()
                .ok()?
                .other_loopback_name()
                .map(String::from)
        };
        assert_eq!(
            other("http://127.0.0.1:7878").as_deref(),
            Some("http://localhost:7878")
        );
        assert_eq!(
            other("http://localhost:7878").as_deref(),
            Some("http://127.0.0.1:7878")
        );
        assert_eq!(other("https://shop.example"), None);
    }
}
