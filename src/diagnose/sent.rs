//! The credentials of a request as they were sent: where, under which name and scheme, in which
//! shape, and what happened to them on the way.
//!
//! What is wrong with a call stands most often in the call itself: a variable that was not filled
//! in, quotes that were sent along, a raw `+`, the scheme twice. All of it can be seen without
//! asking anybody.

mod look;

use look::{decoded, form, has_hidden, is_double_encoded, is_quoted, trim, unquoted, value};

use crate::finding::PlaceKind;
use crate::http::message::Request;
use crate::http::uri::{self, Part};
use crate::name::fold;
use crate::rule::RuleBook;
use crate::rule::schema::Tier;
use crate::secret::Secret;
use crate::shape::looks_random;
use crate::text::{Span, percent_decode};
use crate::value::{Braces, ValueKind, classify};

/// The longest value that is looked into, in bytes.
const VALUE_MAX: usize = 64 * 1024;
/// The most credentials of one call.
const SENT_MAX: usize = 32;

/// A credential as it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Where it travels.
    pub place: PlaceKind,
    /// The name of its header or parameter, as written.
    pub name: String,
    /// The scheme before it, lower-case; `None` for a bare value or where there are no schemes.
    pub scheme: Option<String>,
    /// The scheme as it was written.
    pub written: String,
    /// The value without its scheme, as it stands in the message.
    pub raw: Secret,
    /// The value as the server is meant to read it.
    pub secret: Secret,
    /// What is carried.
    pub value: Value,
    /// What it looks like.
    pub form: Form,
    /// What happened to it, as words of the fact `credential.damage`.
    pub damage: Vec<&'static str>,
    /// Who it says that one is: the user of `Basic`.
    pub user: Option<String>,
}

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// The thing itself.
    Literal,
    /// A template or variable that was to be filled in before the call.
    Variable,
    /// A word that documentation puts there.
    Placeholder,
    /// A mask.
    Redacted,
    /// Nothing at all.
    Empty,
    /// What a program writes when there was nothing (`null`).
    Nothing,
}

impl Value {
    /// The word that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            Value::Literal => "literal",
            Value::Variable => "variable",
            Value::Placeholder => "placeholder",
            Value::Redacted => "redacted",
            Value::Empty => "empty",
            Value::Nothing => "nothing",
        }
    }
}

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON Web Token that can be taken apart.
    Jwt,
    /// User and password in base64.
    Basic,
    /// The signature of a call: AWS, SAS.
    Signature,
    /// Hexadecimal digits.
    Hex,
    /// Base64 of something.
    Base64,
    /// Parameters of its own (`Digest username=…`).
    Parameters,
    /// Random enough to be a token of any kind.
    Opaque,
    /// Too plain to be a token.
    Word,
}

impl Form {
    /// The word that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Jwt => "jwt",
            Form::Basic => "basic",
            Form::Signature => "signature",
            Form::Hex => "hex",
            Form::Base64 => "base64",
            Form::Parameters => "parameters",
            Form::Opaque => "opaque",
            Form::Word => "word",
        }
    }
}

/// Everything in a request that is a credential, in the order of the message.
pub fn credentials(book: &RuleBook, request: &Request) -> Vec<Sent> {
    let mut all = Vec::new();
    let address = bytes(&request.target);
    in_address(book, address, &mut all);
    for (name, value) in request.headers.iter() {
        in_header(book, name, value, &mut all);
    }
    if let Some(body) = &request.body {
        in_body(book, request, body, &mut all);
    }
    all.truncate(SENT_MAX);
    all
}

#[expect(clippy::disallowed_methods, reason = "what was sent is looked into to say what is wrong")]
fn bytes(secret: &Secret) -> &[u8] {
    let all = secret.expose();
    all.get(..VALUE_MAX).unwrap_or(all)
}

/// User and password before the host.
fn in_userinfo(book: &RuleBook, address: &[u8], uri: &uri::Uri) -> Option<Sent> {
    let user = uri.user?;
    let Some(password) = uri.password else {
        // A token alone stands where a user would.
        let token = user.of(address);
        let mut sent = sent(book, PlaceKind::Userinfo, "userinfo", None, token);
        sent.scheme = Some("basic".to_owned());
        return looks_random(token, 12).then_some(sent);
    };
    let mut sent = sent(book, PlaceKind::Userinfo, "userinfo", None, password.of(address));
    sent.form = Form::Basic;
    sent.user = Some(crate::text::lossless(user.of(address)).into_owned());
    sent.scheme = Some("basic".to_owned());
    Some(sent)
}

fn in_address(book: &RuleBook, address: &[u8], all: &mut Vec<Sent>) {
    let uri = uri::parse(address, Span::new(0, address.len()));
    all.extend(in_userinfo(book, address, &uri));
    let names: Vec<Vec<u8>> =
        uri.parameters.iter().map(|p| percent_decode(p.name.of(address))).collect();
    let has = |wanted: &str| names.iter().any(|n| n.eq_ignore_ascii_case(wanted.as_bytes()));
    // A shared access signature: its parts say so even when the signature itself was lost.
    let is_sas = (has("sv") || has("sr") || has("ss")) && has("se");
    // The reader of addresses takes `&amp;` for `&`, as texts mean it; a server does not.
    let is_escaped = |at: usize| address.get(..at).is_some_and(|head| head.ends_with(b"&amp;"));
    let escaped = memchr::memmem::find(address, b"&amp;").is_some();
    for (parameter, name) in uri.parameters.iter().zip(&names) {
        let place = match parameter.part {
            Part::Query => PlaceKind::UrlQuery,
            Part::Fragment => continue,
            Part::Matrix => PlaceKind::UrlMatrix,
        };
        let raw = parameter.value.of(address);
        let bare = name.strip_prefix(b"amp;").unwrap_or(name);
        let is_signature = bare.eq_ignore_ascii_case(b"sig") && (is_sas || has("amp;se"))
            || bare.eq_ignore_ascii_case(b"X-Amz-Signature")
            || bare.eq_ignore_ascii_case(b"X-Goog-Signature");
        let pairs = book.lexicon.password_pairs();
        let user = pairs
            .iter()
            .find(|(user, password)| has(user) && bare.eq_ignore_ascii_case(password.as_bytes()));
        if !is_signature && user.is_none() && !is_credential(book, bare, raw, true) {
            continue;
        }
        let shown = crate::text::lossless(bare).into_owned();
        let mut sent = sent(book, place, &shown, None, raw);
        if let Some((user, _)) = user {
            let at = names.iter().position(|n| n.eq_ignore_ascii_case(user.as_bytes()));
            let named = at.and_then(|at| uri.parameters.get(at));
            sent.user = named.map(|p| crate::text::lossless(p.value.of(address)).into_owned());
            sent.scheme = Some("basic".to_owned());
            sent.form = Form::Basic;
        }
        if is_signature {
            sent.form = Form::Signature;
        }
        if raw.contains(&b'+') {
            sent.damage.push("plus");
        }
        if is_double_encoded(raw) {
            sent.damage.push("double-encoded");
        }
        if name.starts_with(b"amp;") || is_escaped(parameter.name.start) {
            sent.damage.push("amp-name");
        }
        all.push(sent);
    }
    let found = |wanted: &[u8]| all.iter().any(|s| s.name.as_bytes().eq_ignore_ascii_case(wanted));
    if is_sas && !found(b"sig") {
        let mut lost = sent(book, PlaceKind::UrlQuery, "sig", None, b"");
        lost.value = Value::Literal;
        lost.form = Form::Signature;
        lost.damage.push(if escaped { "amp-name" } else { "cut" });
        all.push(lost);
    }
}

/// Whether a name means a credential, in a query or a header.
fn is_credential(book: &RuleBook, name: &[u8], value: &[u8], in_query: bool) -> bool {
    let folded = fold(name);
    let listed = if in_query {
        !book.by_query_param(&folded).is_empty()
    } else {
        !book.by_header(&folded).is_empty()
    };
    match book.lexicon.tier(name) {
        Some(Tier::Secret | Tier::Password | Tier::Header | Tier::Session | Tier::ByShape) => true,
        Some(Tier::Never | Tier::Identity) => false,
        // `key`, `code`, `sid`: anything, unless it looks like one.
        Some(Tier::ByLongShape) | None => listed && looks_random(&percent_decode(value), 8),
    }
}

fn in_header(book: &RuleBook, name: &str, value: &Secret, all: &mut Vec<Sent>) {
    let raw = bytes(value);
    match name {
        "authorization" | "proxy-authorization" => {
            let (scheme, rest) = split_scheme(raw);
            all.push(authorization(book, name, scheme, rest, raw));
        }
        "cookie" => {
            for pair in raw.split(|b| *b == b';') {
                let mut parts = pair.trim_ascii().splitn(2, |b| *b == b'=');
                let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
                let tier = book.lexicon.tier(name);
                if matches!(tier, Some(Tier::Session | Tier::Secret | Tier::ByShape)) {
                    let shown = crate::text::lossless(name).into_owned();
                    all.push(sent(book, PlaceKind::Cookie, &shown, None, value));
                }
            }
        }
        _ if is_credential(book, name.as_bytes(), raw, false) => {
            let mut sent = sent(book, PlaceKind::Header, name, None, raw);
            if name.contains('_') {
                sent.damage.push("underscore-name");
            }
            all.push(sent);
        }
        _ => {}
    }
}

/// Scheme and value of an `Authorization`: a scheme alone has an empty value, and one word that is
/// no scheme is a bare value.
fn split_scheme(raw: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let raw = raw.trim_ascii();
    let end = raw.iter().position(u8::is_ascii_whitespace).unwrap_or(raw.len());
    let (word, rest) = raw.split_at_checked(end).unwrap_or((raw, b""));
    let plain = word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if rest.is_empty() {
        return if is_known_scheme(word) { (Some(word), rest) } else { (None, raw) };
    }
    if plain && word.len() <= 32 { (Some(word), rest.trim_ascii()) } else { (None, raw) }
}

/// Schemes of the IANA registry, and those which vendors made up.
fn is_known_scheme(word: &[u8]) -> bool {
    const SCHEMES: &[&str] = &[
        "basic", "bearer", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "ntlm",
        "oauth", "privatetoken", "scram-sha-1", "scram-sha-256", "vapid", "token", "apikey",
        "api-key", "jwt", "hawk", "aws4-hmac-sha256", "sharedkey", "sharedkeylite", "fmetoken",
        "splunk", "key", "sso-key", "genie-key", "ssws", "x-api-key", "userapikey",
        "zoho-oauthtoken", "apitoken",
    ];
    SCHEMES.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

fn authorization(
    book: &RuleBook,
    name: &str,
    scheme: Option<&[u8]>,
    rest: &[u8],
    raw: &[u8],
) -> Sent {
    let lower = scheme.map(|s| crate::text::lossless(s).to_ascii_lowercase());
    let inside = doubled(rest);
    let value = inside.unwrap_or(rest);
    // `fmetoken token=…`, `Token token="…"`: the value has a name of its own.
    let value = named_value(value).unwrap_or(value);
    let mut sent = sent(book, PlaceKind::Header, name, lower.as_deref(), value);
    sent.written = scheme.map(|s| crate::text::lossless(s).into_owned()).unwrap_or_default();
    if inside.is_some() && lower.is_some() {
        sent.damage.push("scheme-inside");
        sent.damage.retain(|d| *d != "whitespace");
    }
    match lower.as_deref() {
        Some("basic") => basic(&mut sent, rest),
        Some("digest" | "hawk" | "oauth" | "signature") => sent.form = Form::Parameters,
        // FME Flow reads nothing but `fmetoken token=…`.
        Some("fmetoken") if !rest.is_empty() && !rest.starts_with(b"token=") => {
            sent.damage.push("no-name");
            if !rest.starts_with(b"\"") {
                sent.damage.retain(|d| *d != "quoted");
            }
        }
        Some(word) if word.starts_with("aws4-") || word.starts_with("sharedkey") => {
            sent.form = Form::Signature;
            sent.user = access_key(raw);
        }
        _ => {}
    }
    if matches!(sent.form, Form::Parameters | Form::Signature) {
        sent.damage.clear();
        if sent.value == Value::Placeholder && !is_sample_key(book, sent.user.as_deref()) {
            sent.value = Value::Literal;
        }
        if is_sample_key(book, sent.user.as_deref()) {
            sent.value = Value::Placeholder;
        }
    }
    sent
}

/// Whether the access key of a signature is a documented sample.
fn is_sample_key(book: &RuleBook, key: Option<&str>) -> bool {
    key.is_some_and(|key| {
        book.lexicon.is_sample(key.as_bytes())
            || classify(key.as_bytes(), Braces::Inert, &book.lexicon) == ValueKind::Placeholder
    })
}

/// The access key in `Credential=AKIA…/20260101/…` of AWS, or in `SharedKey account:…` of Azure.
fn access_key(raw: &[u8]) -> Option<String> {
    let text = crate::text::lossless(raw);
    let key = match text.split_once("Credential=") {
        Some((_, rest)) => rest.split(['/', ',', ' ']).next()?,
        None => text.split_once(' ')?.1.split(':').next()?,
    };
    (!key.is_empty()).then(|| key.to_owned())
}

/// What stands behind a second scheme: `Bearer Bearer …`.
fn doubled(rest: &[u8]) -> Option<&[u8]> {
    let end = rest.iter().position(u8::is_ascii_whitespace)?;
    let (word, value) = rest.split_at_checked(end)?;
    let is_scheme = is_known_scheme(word) && !word.eq_ignore_ascii_case(b"key");
    is_scheme.then(|| value.trim_ascii())
}

/// `token=…` or `token="…"` alone.
fn named_value(value: &[u8]) -> Option<&[u8]> {
    let value = value.strip_prefix(b"token=")?;
    Some(value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value))
}

fn basic(sent: &mut Sent, rest: &[u8]) {
    sent.form = Form::Basic;
    if sent.value != Value::Literal && sent.value != Value::Placeholder {
        return;
    }
    sent.value = Value::Literal;
    match decoded(rest) {
        None => sent.damage.push("no-base64"),
        Some(plain) => match memchr::memchr(b':', &plain) {
            None => sent.damage.push("no-colon"),
            Some(colon) => {
                let (user, password) = plain.split_at_checked(colon).unwrap_or((&plain, b""));
                sent.user = Some(crate::text::lossless(user).into_owned());
                let password = password.get(1..).unwrap_or_default();
                if password.ends_with(b"\n") || password.ends_with(b"\r") {
                    sent.damage.push("whitespace");
                }
            }
        },
    }
}

/// A credential in a form or in the JSON of a request: a login, or a parameter in the wrong place.
fn in_body(book: &RuleBook, request: &Request, body: &Secret, all: &mut Vec<Sent>) {
    let raw = bytes(body);
    let mut take = |name: &[u8], value: &[u8]| {
        let tier = book.lexicon.tier(name);
        let known = matches!(tier, Some(Tier::Secret | Tier::Password | Tier::ByShape));
        if known && !value.is_empty() && !value.starts_with(b"{") {
            let shown = crate::text::lossless(name).into_owned();
            all.push(sent(book, PlaceKind::Body, &shown, None, value));
        }
    };
    let kind = request.headers.all("content-type").next();
    let is_form = kind.is_some_and(|k| bytes(k).starts_with(b"application/x-www-form-urlencoded"));
    if is_form {
        for pair in raw.split(|b| *b == b'&').take(200) {
            let mut parts = pair.splitn(2, |b| *b == b'=');
            if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                take(&percent_decode(name), value);
            }
        }
    } else if let Ok(serde_json::Value::Object(map)) = serde_json::from_slice(raw) {
        for (name, value) in &map {
            if let Some(text) = value.as_str() {
                take(name.as_bytes(), text.as_bytes());
            }
        }
    }
}

fn sent(book: &RuleBook, place: PlaceKind, name: &str, scheme: Option<&str>, raw: &[u8]) -> Sent {
    let in_address = place.is_query() || place == PlaceKind::Userinfo;
    let plain = if in_address { percent_decode(raw) } else { raw.to_vec() };
    let trimmed = trim(&plain);
    let mut damage = Vec::new();
    if is_quoted(trimmed) {
        damage.push("quoted");
    }
    let inner = unquoted(trimmed);
    let has_blank = inner.iter().any(u8::is_ascii_whitespace) || trimmed.len() < plain.len();
    if has_blank || has_hidden(&plain) {
        damage.push("whitespace");
    }
    if plain.iter().any(|b| b.is_ascii_control() && !b.is_ascii_whitespace()) {
        damage.push("control");
    }
    let secret = Secret::new(inner);
    let form = form(&secret, inner);
    let parts = inner.split(|b| *b == b'.').count();
    let is_whole = form == Form::Jwt && matches!(parts, 3 | 5);
    if (inner.starts_with(b"eyJ") || form == Form::Jwt) && !is_whole {
        damage.push("cut");
    } else if inner.starts_with(b"eyj") {
        damage.push("case-changed");
    }
    Sent {
        place,
        name: name.to_owned(),
        scheme: scheme.map(str::to_owned),
        written: scheme.unwrap_or_default().to_owned(),
        raw: Secret::new(raw),
        secret,
        value: value(book, inner),
        form,
        damage,
        user: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Exchange;

    fn of(request: &str) -> Vec<Sent> {
        let mut book = crate::rule::load::builtin().unwrap();
        book.index();
        credentials(&book, &Exchange::parse(request).unwrap().request)
    }

    fn damage(request: &str) -> Vec<&'static str> {
        of(request).into_iter().flat_map(|s| s.damage).collect()
    }

    #[test]
    fn damage_is_seen_where_it_is() {
        let header = |value: &str| damage(&format!("> GET / HTTP/1.1\n> Authorization: {value}"));
        assert_eq!(header("Bearer Bearer abcdef0123456789"), ["scheme-inside"]);
        assert_eq!(header("Bearer \"abcdef0123456789\""), ["quoted"]);
        assert_eq!(header("Basic !!!notb64"), ["no-base64"]);
        assert_eq!(header("Basic bm9jb2xvbg=="), ["no-colon"]);
        assert_eq!(header("Basic YWxpY2U6eA=="), [""; 0]);
        assert_eq!(header("Token a b"), ["whitespace"]);
        assert_eq!(header(&format!("Bearer {}", ["eyJhbGciOi", "JIUzI1NiJ9"].concat())), ["cut"]);
        let query = |text: &str| damage(&format!("> GET /x?{text} HTTP/1.1"));
        assert_eq!(query("api_key=ab+cd"), ["plus"]);
        assert_eq!(query("api_key=ab%252Bcd"), ["double-encoded"]);
        assert_eq!(query("sv=2020&amp;se=2030&amp;sig=abcd"), ["amp-name"]);
        assert_eq!(query("sv=2020-01-01&sr=b&se=2030-01-01"), ["cut"]);
        assert_eq!(query("token=%22abc%22"), ["quoted"]);
        assert_eq!(query("token=abc%0A"), ["whitespace"]);
    }

    #[test]
    fn schemes_values_and_places_are_told_apart() {
        let one =
            |value: &str| of(&format!("> GET / HTTP/1.1\n> Authorization: {value}")).remove(0);
        assert_eq!((one("bad").scheme, one("bad").value), (None, Value::Literal));
        assert_eq!(one("Token").value, Value::Empty);
        assert_eq!(one("Bearer ${TOKEN}").value, Value::Variable);
        assert_eq!(one("Bearer <yourToken>").value, Value::Variable);
        assert_eq!(one("Bearer null").value, Value::Nothing);
        assert_eq!(one("Bearer ****").value, Value::Redacted);
        assert_eq!(one("Bearer abc").value, Value::Literal);
        assert_eq!(one("fmetoken token=0123456789abcdef").scheme.as_deref(), Some("fmetoken"));
        assert!(one("fmetoken token=0123456789abcdef").damage.is_empty());
        assert_eq!(one("fmetoken 0123456789abcdef").damage, ["no-name"]);
        assert_eq!(one("fmetoken token:\"0123456789abcdef\"").damage, ["no-name"]);
        assert_eq!(one("Basic YWxpY2U6eA==").user.as_deref(), Some("alice"));
        assert_eq!(of("> GET /?page=2&state=abc HTTP/1.1\n> Accept: */*").len(), 0);
    }
}
