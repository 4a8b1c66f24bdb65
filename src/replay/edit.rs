//! Requests as probes want them: without their credentials, with garbage, with the same credential
//! in its right place or cleaned, and to another path.

use crate::diagnose::sent::{self, Form, Sent};
use crate::finding::PlaceKind;
use crate::http::message::{Headers, Request};
use crate::rule::RuleBook;
use crate::rule::schema::Tier;
use crate::secret::Secret;
use crate::text::lossless;

#[expect(clippy::disallowed_methods, reason = "a request is built from what was recorded")]
fn bytes(secret: &Secret) -> &[u8] {
    secret.expose()
}

fn text(secret: &Secret) -> String {
    lossless(bytes(secret)).into_owned()
}

/// The whole address of a request: its target, with `Host` before a path alone.
pub(super) fn whole_address(request: &Request) -> String {
    let target = text(&request.target);
    if target.contains("://") {
        return target;
    }
    match request.headers.all("host").next() {
        Some(host) if target.starts_with('/') => format!("https://{}{target}", text(host)),
        _ => target,
    }
}

/// Headers that belong to one connection or are set by the client itself.
const OWN: &[&str] = &[
    "host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te",
    "trailer", "upgrade", "keep-alive", "proxy-connection", "expect", "referer", "user-agent",
    "if-none-match", "if-modified-since", "if-match", "range", "proxy-authorization",
    // These change what is called or who seems to call.
    "x-http-method-override", "x-http-method", "x-method-override", "x-original-method",
    "x-original-url", "x-rewrite-url", "x-original-host", "x-host", "forwarded", "x-real-ip",
    "x-client-ip", "true-client-ip", "cf-connecting-ip",
];

/// Whether a recorded header is sent again.
fn is_kept(name: &str) -> bool {
    !OWN.contains(&name) && !name.starts_with("x-forwarded")
}

/// The recorded call as it can be sent again, without what belongs to its connection.
pub(super) fn as_it_was(request: &Request) -> Request {
    let mut headers = Headers::default();
    for (name, value) in request.headers.iter().filter(|(name, _)| is_kept(name)) {
        headers.add(name, bytes(value));
    }
    Request {
        method: request.method.clone(),
        target: Secret::new(whole_address(request).as_bytes()),
        headers,
        body: None,
    }
}

/// The call without any credential: headers, cookies, query, userinfo.
pub(super) fn anonymous(book: &RuleBook, request: &Request) -> Request {
    let request = as_it_was(request);
    let all = sent::credentials(book, &request);
    let mut headers = Headers::default();
    for (name, value) in request.headers.iter() {
        let carries = all.iter().any(|s| s.place == PlaceKind::Header && s.name == name);
        if !carries && !matches!(name, "cookie" | "authorization") {
            headers.add(name, bytes(value));
        }
    }
    let target = without_parameters(&text(&request.target), &all);
    Request { target: Secret::new(target.as_bytes()), headers, ..request }
}

fn without_parameters(address: &str, all: &[Sent]) -> String {
    let Ok(mut url) = url::Url::parse(address) else { return address.to_owned() };
    // Neither fails for an address that has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let Some(query) = url.query().map(str::to_owned) else { return url.to_string() };
    let is_credential = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = name.strip_prefix("amp;").unwrap_or(name);
        all.iter().any(|s| s.place.is_query() && s.name.eq_ignore_ascii_case(name))
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_credential(pair)).collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
    url.to_string()
}

/// The call with another value in the place of the credential in question.
pub(super) fn with_value(book: &RuleBook, request: &Request, value: &[u8]) -> Option<Request> {
    let request = as_it_was(request);
    let all = sent::credentials(book, &request);
    let one = all.iter().find(|s| s.place == PlaceKind::Header || s.place.is_query())?;
    Some(replaced(&request, one, value))
}

fn replaced(request: &Request, one: &Sent, value: &[u8]) -> Request {
    let mut request = request.clone();
    if one.place == PlaceKind::Header {
        let mut headers = Headers::default();
        for (name, old) in request.headers.iter() {
            if name == one.name {
                headers.add(name, &header_value(one, value));
            } else {
                headers.add(name, bytes(old));
            }
        }
        request.headers = headers;
        return request;
    }
    let address = text(&request.target);
    let raw = text(&one.raw);
    let encoded: String = url::form_urlencoded::byte_serialize(value).collect();
    let named = |name: &str, value: &str| format!("{name}={value}");
    let target = address.replacen(&named(&one.name, &raw), &named(&one.name, &encoded), 1);
    request.target = Secret::new(target.as_bytes());
    request
}

/// Scheme and value as the header had them.
fn header_value(one: &Sent, value: &[u8]) -> Vec<u8> {
    let lead = match one.scheme.as_deref() {
        Some("fmetoken") => "fmetoken token=".to_owned(),
        Some(scheme) => format!("{} ", written(scheme)),
        None => String::new(),
    };
    [lead.as_bytes(), value].concat()
}

/// Schemes are compared without case, and still some servers want `Bearer`.
fn written(scheme: &str) -> String {
    match scheme {
        "bearer" => "Bearer".to_owned(),
        "basic" => "Basic".to_owned(),
        "token" => "Token".to_owned(),
        other => other.to_owned(),
    }
}

/// A value of the same shape that nobody ever issued, and that logs can recognise.
pub(super) fn garbage(book: &RuleBook, request: &Request) -> Option<Request> {
    let all = sent::credentials(book, request);
    let one = all.iter().find(|s| s.place == PlaceKind::Header || s.place.is_query())?;
    if book.lexicon.tier(one.name.as_bytes()) == Some(Tier::Password) {
        return None;
    }
    let length = one.secret.char_count().clamp(8, 512);
    let value: String = match one.form {
        // Passwords are never tried, and neither are signatures of a whole call.
        Form::Basic | Form::Parameters | Form::Signature => return None,
        Form::Hex => "0badc0de".chars().cycle().take(length).collect(),
        _ => "authward-invalid-".chars().cycle().take(length.max(17)).collect(),
    };
    with_value(book, request, value.as_bytes())
}

/// The call with the credential as it should have been sent: trimmed, without quotes, decoded once.
pub(super) fn cleaned(book: &RuleBook, request: &Request) -> Option<Request> {
    let all = sent::credentials(book, request);
    let one = all
        .iter()
        .find(|s| !s.damage.is_empty() && (s.place == PlaceKind::Header || s.place.is_query()))?;
    let value = if one.damage.contains(&"double-encoded") {
        crate::text::percent_decode(bytes(&one.secret))
    } else if one.damage.contains(&"plus") {
        // A raw plus sign was meant: it is in the value once the query is read as text.
        bytes(&one.raw).to_vec()
    } else {
        let plain = bytes(&one.secret);
        let keep = |b: &&u8| !b.is_ascii_whitespace() && !b.is_ascii_control();
        plain.iter().filter(keep).copied().collect()
    };
    let mut request = as_it_was(request);
    if one.damage.contains(&"amp-name") {
        let target = text(&request.target).replace("&amp;", "&");
        request.target = Secret::new(target.as_bytes());
        return Some(request);
    }
    Some(replaced(&request, one, &value))
}

/// The same credential in a header of this form (`Authorization: Bearer <credential>`).
pub(super) fn in_header(book: &RuleBook, request: &Request, form: &str) -> Option<Request> {
    let all = sent::credentials(book, request);
    let one = all.iter().find(|s| s.place == PlaceKind::Header || s.place.is_query())?;
    if matches!(one.form, Form::Basic | Form::Parameters | Form::Signature) {
        return None;
    }
    let (name, rest) = form.split_once(':')?;
    let (before, after) = rest.trim().split_once("<credential>")?;
    let value = [before.as_bytes(), bytes(&one.secret), after.as_bytes()].concat();
    let mut request = anonymous(book, request);
    request.headers.add(name, &value);
    Some(request)
}

/// Another path of the same origin, with the same credential or without.
pub(super) fn to_path(request: &Request, path: &str) -> Option<Request> {
    let mut request = as_it_was(request);
    let mut url = url::Url::parse(&text(&request.target)).ok()?;
    let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
    url.set_path(path);
    // A credential of the query stays; the rest of the query belongs to the old path.
    if query.is_some() {
        url.set_query(query);
    }
    "GET".clone_into(&mut request.method);
    request.target = Secret::new(url.as_str().as_bytes());
    Some(request)
}

/// The address to which a redirect leads, without any credential.
pub(super) fn to_location(book: &RuleBook, request: &Request, location: &str) -> Option<Request> {
    let base = url::Url::parse(&whole_address(request)).ok()?;
    let mut target = base.join(location).ok()?;
    let _ = target.set_username("");
    let _ = target.set_password(None);
    let mut request = anonymous(book, request);
    "GET".clone_into(&mut request.method);
    if target.origin() != base.origin() {
        request.headers = Headers::default();
    }
    request.target = Secret::new(target.as_str().as_bytes());
    // What the location itself carries is a credential too, of somebody else.
    Some(anonymous(book, &request))
}

/// The call with a credential of the user's own in the place of the recorded one.
pub(super) fn with_credential(book: &RuleBook, request: &Request, credential: &Secret) -> Request {
    with_value(book, request, bytes(credential)).unwrap_or_else(|| request.clone())
}
