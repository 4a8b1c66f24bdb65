//! Who may be called, how often, and by which methods. Nothing is sent without a [`Permitted`], and
//! only the guard can make one.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use url::{Host, Url};

use crate::http::message::Request;
use crate::secret::Fingerprint;

/// The most requests for one recorded call.
pub const CALL_MAX: usize = 6;
/// The most requests with one credential in a run.
pub const PRINCIPAL_MAX: usize = 20;
/// The longest address that is called, in bytes.
const ADDRESS_MAX: usize = 16 * 1024;

/// Scheme, host and port: what a permit is for, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an address; `None` for anything but http and https.
    pub fn of(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        Some(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default()? })
    }

    /// `HOST` is its https; `HOST:PORT` is that port, by either scheme; a whole address is exactly
    /// itself.
    pub fn typed(text: &str) -> Vec<Self> {
        if text.contains("://") {
            return Url::parse(text).ok().and_then(|url| Self::of(&url)).into_iter().collect();
        }
        let of = |scheme: &str| Url::parse(&format!("{scheme}://{text}/")).ok();
        let has_port = of("foo").is_some_and(|url| url.port().is_some());
        let schemes: &[&str] = if has_port { &["https", "http"] } else { &["https"] };
        schemes.iter().filter_map(|scheme| Self::of(&of(scheme)?)).collect()
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

/// Why something is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody permitted this origin.
    #[error("{0} was not permitted; to call it, add --allow-host {1}")]
    NotPermitted(String, String),
    /// The address cannot be called.
    #[error("this address cannot be called: {0}")]
    Address(&'static str),
    /// The host has an address that is never called.
    #[error("{0} leads to a link-local, metadata or other special address, which is never called")]
    Special(String),
    /// The name does not resolve.
    #[error("the name {0} cannot be resolved")]
    Unresolved(String),
    /// The method changes something.
    #[error("{0} may change something; it is only sent with --unsafe-method")]
    Method(String),
    /// The budget is spent.
    #[error("the budget of {0} requests is spent")]
    Budget(usize),
}

/// A request that may be sent, with the address to which it goes.
#[derive(Debug)]
pub struct Permitted {
    /// Where to.
    pub(super) url: Url,
    /// The address to which the name is pinned: it is resolved once.
    pub(super) address: SocketAddr,
    /// What is sent.
    pub(super) request: Request,
}

/// Decides what is sent.
#[derive(Debug, Default)]
pub struct Guard {
    allowed: Vec<Origin>,
    unsafe_methods: bool,
    sent: usize,
    of_principal: HashMap<Option<Fingerprint>, usize>,
}

impl Guard {
    /// A guard that permits these origins, which the user typed.
    pub fn new(allowed: Vec<Origin>, unsafe_methods: bool) -> Self {
        Self { allowed, unsafe_methods, ..Self::default() }
    }

    /// Whether anything at all may be sent.
    pub fn permits_anything(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Another call: its budget begins anew.
    pub fn next_call(&mut self) {
        self.sent = 0;
    }

    /// Whether this origin was permitted.
    pub fn allows(&self, url: &Url) -> Result<(), Refused> {
        let origin = Origin::of(url).ok_or(Refused::Address("only http and https are called"))?;
        if self.allowed.contains(&origin) {
            return Ok(());
        }
        let typed = if origin.scheme == "https" && origin.port == 443 {
            origin.host.clone()
        } else {
            format!("{}:{}", origin.host, origin.port)
        };
        Err(Refused::NotPermitted(origin.to_string(), typed))
    }

    /// The permit for one request, or why there is none.
    pub fn permit(
        &mut self,
        request: &Request,
        principal: Option<Fingerprint>,
    ) -> Result<Permitted, Refused> {
        let url = address_of(request)?;
        self.allows(&url)?;
        let is_safe = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        if !is_safe && !self.unsafe_methods {
            return Err(Refused::Method(request.method.clone()));
        }
        if self.sent >= CALL_MAX {
            return Err(Refused::Budget(CALL_MAX));
        }
        let of_principal = self.of_principal.entry(principal).or_default();
        if *of_principal >= PRINCIPAL_MAX {
            return Err(Refused::Budget(PRINCIPAL_MAX));
        }
        let address = resolve(&url)?;
        self.sent += 1;
        *of_principal += 1;
        Ok(Permitted { url, address, request: request.clone() })
    }
}

/// The address of a request as it can be called.
pub fn address_of(request: &Request) -> Result<Url, Refused> {
    let text = super::edit::whole_address(request);
    if text.len() > ADDRESS_MAX {
        return Err(Refused::Address("it is too long"));
    }
    let mut url = Url::parse(&text).map_err(|_| Refused::Address("it is no whole address"))?;
    if url.host_str().is_none_or(|host| host.contains(['%', '$', '{', '<'])) {
        return Err(Refused::Address("its host is no name"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Resolves a name once; every address that it gives must be one that may be called.
fn resolve(url: &Url) -> Result<SocketAddr, Refused> {
    let port = url.port_or_known_default().ok_or(Refused::Address("it has no port"))?;
    let shown = url.host_str().unwrap_or_default().to_owned();
    let all: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![(ip, port).into()],
        Some(Host::Ipv6(ip)) => vec![(ip, port).into()],
        Some(Host::Domain(name)) => (name, port)
            .to_socket_addrs()
            .map_err(|_| Refused::Unresolved(shown.clone()))?
            .collect(),
        None => Vec::new(),
    };
    if all.iter().any(|address| is_special(address.ip())) {
        return Err(Refused::Special(shown));
    }
    all.first().copied().ok_or(Refused::Unresolved(shown))
}

/// Addresses which are never called, whoever permits the name: link-local, the metadata services of
/// clouds, unspecified, multicast.
pub(super) fn is_special(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || ip == Ipv4Addr::new(100, 100, 100, 200)
                || ip == Ipv4Addr::new(192, 0, 0, 192)
                || ip == Ipv4Addr::new(168, 63, 129, 16)
        }
        IpAddr::V6(ip) => {
            ip.to_ipv4_mapped().is_some_and(|inner| is_special(inner.into()))
                || ip.is_unspecified()
                || ip.is_multicast()
                || (ip.segments()[0] & 0xffc0) == 0xfe80
                || ip == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::message::Headers;
    use crate::secret::Secret;

    fn request(method: &str, target: &str) -> Request {
        let target = Secret::new(target.as_bytes());
        Request { method: method.to_owned(), target, headers: Headers::default(), body: None }
    }

    fn guard(typed: &str) -> Guard {
        Guard::new(Origin::typed(typed), false)
    }

    #[test]
    fn a_permit_is_for_exactly_one_origin() {
        let mut guard = guard("https://127.0.0.1:8443/x");
        assert!(guard.permit(&request("GET", "https://127.0.0.1:8443/y"), None).is_ok());
        for other in [
            "http://127.0.0.1:8443/",
            "https://127.0.0.1/",
            "https://127.0.0.2:8443/",
            "https://localhost:8443/",
            &["https://127.0.0.1:8443", "@evil.example/"].concat(),
            "ftp://127.0.0.1:8443/",
            "//127.0.0.1:8443/",
            "/relative",
        ] {
            assert!(guard.permit(&request("GET", other), None).is_err(), "{other}");
        }
        assert!(Origin::typed("h.example").iter().all(|o| o.port == 443 && o.scheme == "https"));
        assert_eq!(Origin::typed("h.example:8080").len(), 2);
        assert!(Origin::typed("not a host").is_empty());
    }

    #[test]
    fn only_reading_methods_and_a_budget() {
        let mut guard = guard("http://127.0.0.1:1/");
        for method in ["POST", "PUT", "DELETE", "PATCH", "get", "CONNECT"] {
            let refused = guard.permit(&request(method, "http://127.0.0.1:1/"), None);
            assert!(matches!(refused, Err(Refused::Method(_))), "{method}");
        }
        for _ in 0..CALL_MAX {
            assert!(guard.permit(&request("GET", "http://127.0.0.1:1/"), None).is_ok());
        }
        let spent = guard.permit(&request("GET", "http://127.0.0.1:1/"), None);
        assert!(matches!(spent, Err(Refused::Budget(_))));
    }

    #[test]
    fn special_addresses_are_never_called() {
        for host in [
            "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "0.0.0.0", "100.100.100.200",
            "[::ffff:169.254.169.254]", "0xa9fea9fe", "2852039166",
        ] {
            let typed = format!("http://{host}:80/");
            let refused = guard(&typed).permit(&request("GET", &typed), None);
            assert!(matches!(refused, Err(Refused::Special(_))), "{host}: {refused:?}");
        }
    }
}
