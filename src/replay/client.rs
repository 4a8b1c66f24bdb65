//! The client. Nothing is followed, remembered or taken from the surroundings: no redirects, no
//! `Referer`, no proxy, no cookies, no retries; the name is pinned to the address that was looked at,
//! and the body is cut after it was unpacked.

use std::io::Read;
use std::time::Duration;

use reqwest::blocking::Client as Blocking;
use reqwest::redirect::Policy;

use super::Sender;
use super::guard::Permitted;
use crate::http::message::{Headers, Request, Response};
use crate::secret::Secret;

/// The largest body that is kept, in bytes, unpacked.
const BODY_MAX: u64 = 256 * 1024;
/// How long one request may take in all.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(7);
/// Between two requests to one host, unless it is this machine.
const PACE: Duration = Duration::from_secs(1);

/// Sends what was permitted.
#[derive(Debug, Default)]
pub struct Client {
    last: Option<String>,
}

impl Sender for Client {
    fn send(&mut self, permitted: &Permitted) -> Result<Response, String> {
        let host = permitted.url.host_str().unwrap_or_default().to_owned();
        if self.last.as_ref() == Some(&host) && !permitted.address.ip().is_loopback() {
            std::thread::sleep(PACE);
        }
        self.last = Some(host);
        let client = client(permitted)?;
        let request = build(&client, permitted)?;
        let answer = client.execute(request).map_err(|error| reason(&error))?;
        let status = answer.status().as_u16();
        let mut headers = Headers::default();
        for (name, value) in answer.headers() {
            headers.add(name.as_str(), value.as_bytes());
        }
        let mut body = Vec::new();
        // A body that breaks off says what it says as far as it goes.
        let _ = answer.take(BODY_MAX).read_to_end(&mut body);
        Ok(Response { status, headers, body: Secret::new(&body) })
    }
}

fn client(permitted: &Permitted) -> Result<Blocking, String> {
    // The first provider stays; a second call is no failure.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let name = permitted.url.host_str().unwrap_or_default();
    let builder = || {
        Blocking::builder()
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(0)
            .http1_only()
            .resolve(name, permitted.address)
            .user_agent(concat!("authward/", env!("CARGO_PKG_VERSION")))
    };
    builder().build().or_else(|_| {
        // No certificates on this machine: http still works, and https then trusts nobody.
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| "TLS cannot be set up".to_owned())?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        builder()
            .tls_backend_preconfigured(config)
            .build()
            .map_err(|_| "the HTTP client cannot be set up on this machine".to_owned())
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the door through which a credential is sent"
)]
fn build(client: &Blocking, permitted: &Permitted) -> Result<reqwest::blocking::Request, String> {
    let Request { method, headers, .. } = &permitted.request;
    let method = reqwest::Method::from_bytes(method.as_bytes())
        .map_err(|_| "the method cannot be sent".to_owned())?;
    let mut url = permitted.url.clone();
    let (user, password) = (url.username().to_owned(), url.password().map(str::to_owned));
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let mut builder = client.request(method, url);
    for (name, value) in headers.iter() {
        builder = builder.header(name, value.expose());
    }
    if !user.is_empty() || password.is_some() {
        // Userinfo is percent-encoded, and `Basic` is not.
        let plain = |text: &str| {
            crate::text::lossless(&crate::text::percent_decode(text.as_bytes())).into_owned()
        };
        builder = builder.basic_auth(plain(&user), password.as_deref().map(plain));
    }
    builder.build().map_err(|_| "a header of this call cannot be sent".to_owned())
}

/// Why there is no answer, without the address: it may hold the credential.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    if error.is_connect() {
        let mut source: Option<&dyn std::error::Error> = std::error::Error::source(error);
        let mut last = String::new();
        while let Some(inner) = source {
            last = inner.to_string();
            source = inner.source();
        }
        let lower = last.to_lowercase();
        return if lower.contains("certificate") {
            "the certificate of the server is not trusted".to_owned()
        } else if lower.contains("refused") {
            "the connection was refused".to_owned()
        } else {
            "no connection".to_owned()
        };
    }
    "the answer broke off or is no HTTP".to_owned()
}
