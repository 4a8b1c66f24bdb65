//! `authward token`: what a token is. It comes from standard input or from the environment, never
//! from an argument, which the list of processes shows to everybody.

use std::path::Path;

use anyhow::{Result, bail};

use super::args::Token;
use super::{Exit, output};
use crate::artifact::{Artifact, Window};
use crate::config::{self, Source};
use crate::diagnose::claims::Known;
use crate::finding::Finding;
use crate::report::wrap;
use crate::rule::RuleBook;
use crate::rule::load::Extent;
use crate::scan::Scanner;
use crate::scan::environment::Environments;
use crate::scan::purpose::Purposes;
use crate::secret::{Key, Secret};
use crate::source;
use crate::time::{DAY, Instant};
use crate::token::jwt::harmless;

/// The longest token that is looked at, in bytes.
const TOKEN_MAX: u64 = 64 * 1024;
/// How wide a line is, in characters.
const WIDTH: usize = 88;

/// Runs the verb.
pub(super) fn run(args: &Token) -> Result<Exit> {
    let source = match &args.config {
        Some(file) => Source::Named(file.clone()),
        None => config::find(Path::new(".")),
    };
    let settings = config::load(&source, output::environment("AUTHWARD_KEY"), Extent::Whole)?;
    let value = match &args.env {
        Some(name) => match output::environment(name) {
            Some(value) => value.into_bytes(),
            None => bail!("the variable that --env names is not set or empty"),
        },
        None => source::whole(Path::new("-"), TOKEN_MAX).map_err(|why| anyhow::anyhow!(why))?,
    };
    let value = alone(&value);
    if value.is_empty() {
        bail!("no token came: give it on standard input, or name its variable with --env NAME");
    }
    let at = args.at.unwrap_or_else(Instant::now);
    output::print_harmless(&told(&settings.book, &settings.key, value, at))?;
    Ok(Exit::Clean)
}

/// The value without the header, the scheme, the name and the quotes with which it was pasted.
fn alone(pasted: &[u8]) -> &[u8] {
    let last = pasted.trim_ascii().rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    let value = last.strip_prefix(b"token=").unwrap_or(last);
    let quote = |b: &u8| matches!(b, b'"' | b'\'');
    let start = value.iter().position(|b| !quote(b)).unwrap_or(0);
    let end = value.iter().rposition(|b| !quote(b)).map_or(value.len(), |at| at + 1);
    value.get(start..end).unwrap_or(value)
}

/// What is known of a value, in lines.
fn told(book: &RuleBook, key: &Key, value: &[u8], at: Instant) -> String {
    let secret = Secret::new(value);
    let finding = recognised(book, key, value, at);
    let credential = finding.as_ref().and_then(|f| f.credential.as_ref());
    let rule = credential.and_then(|c| book.credential(&c.kind));
    let service = rule.and_then(|rule| book.service(rule.written.service.as_deref()?));
    let mut out = String::new();
    let mut line = |label: &str, text: &str| {
        for (index, text) in wrap(text, WIDTH).iter().enumerate() {
            out += &format!("{:<10} {text}\n", if index == 0 { label } else { "" });
        }
    };
    let kind = match credential {
        Some(c) => format!("{} ({})", c.name, c.kind),
        None => unknown_kind(value),
    };
    line("kind", &kind);
    let mask = credential.map_or_else(|| secret.mask(), |c| c.secret.mask());
    line("value", &format!("{mask}, {} characters", secret.char_count()));
    if let Some(fingerprint) = secret.fingerprint(key) {
        line("print", &format!("{fingerprint} (for `authward check --where`)"));
    }
    let life = credential.map_or_else(|| "unknown".to_owned(), |c| c.lifetime.in_words(at));
    line("life", &life);
    for (label, text) in claims(&secret) {
        line(label, &text);
    }
    let header = rule.and_then(|r| r.written.header.clone());
    let header = header.or_else(|| service.and_then(|s| s.written.header.clone()));
    match header {
        Some(header) => line("send", &header),
        None if is_forty_hex(value) => line(
            "send",
            "in a request header, in the form which its service documents; for FME Flow that is \
             `Authorization: fmetoken token=<credential>`",
        ),
        None => line("send", "in a request header, in the form which its service documents"),
    }
    let revoke = rule.and_then(|r| r.written.revoke.clone());
    if let Some(revoke) = revoke.or_else(|| service.and_then(|s| s.written.revoke.clone())) {
        line("revoke", &revoke);
    }
    line("note", "This is what it says of itself. Whether it still works only its server knows.");
    out
}

fn is_forty_hex(value: &[u8]) -> bool {
    value.len() == 40 && value.iter().all(u8::is_ascii_hexdigit)
}

/// A value whose form alone names no kind.
fn unknown_kind(value: &[u8]) -> String {
    let is_hex = value.iter().all(u8::is_ascii_hexdigit);
    match (is_hex, value.len()) {
        _ if is_forty_hex(value) => {
            "40 hex digits: a token of FME Flow looks so, and so does the name of a git \
                       commit; nothing in it says which"
                .to_owned()
        }
        (true, n) => format!("{n} hex digits, of no kind that its form would name"),
        (false, n) => format!("{n} characters, of no kind that its form would name"),
    }
}

/// What the rules make of the value where a token is expected.
fn recognised(book: &RuleBook, key: &Key, value: &[u8], at: Instant) -> Option<Finding> {
    let scanner = Scanner {
        book,
        at,
        key: key.clone(),
        expiring_within: 14 * DAY,
        environments: Environments::default(),
        purposes: Purposes::default(),
    };
    let artifact = Artifact::file("token.txt");
    // Alone, so that only its own form counts.
    let findings = scanner.scan(&artifact, &Window::whole(value)).findings;
    findings.into_iter().find(|finding| finding.credential.is_some())
}

/// What a JSON web token says of itself.
fn claims(secret: &Secret) -> Vec<(&'static str, String)> {
    let known = Known::of_jwt(secret);
    let mut out = Vec::new();
    let mut add = |label, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            // A claim may hold an address with a password, or a token of somebody else.
            let parts: Vec<String> = text.split(' ').map(harmless).collect();
            out.push((label, parts.join(" ").chars().take(300).collect()));
        }
    };
    add("issuer", known.issuer);
    add("for", Some(known.audience.join(", ")));
    add("about", known.subject);
    add("scopes", Some(known.scopes.join(" ")));
    add("use", known.kind.map(str::to_owned));
    add("signed", known.algorithm);
    // Moments are no secrets, and look like what is drawn at random.
    let moments = [("from", known.starts), ("until", known.expires)];
    out.extend(moments.into_iter().filter_map(|(label, at)| Some((label, at?.to_string()))));
    out
}
