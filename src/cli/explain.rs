//! `authward explain`: what a rule means, from the same YAML that decides.

use std::path::Path;

use anyhow::{Result, bail};

use super::args::Explain;
use super::{Exit, output, rules};
use crate::fact::{nearest, quoted};
use crate::report::wrap;
use crate::rule::book::severity;
use crate::rule::load::{self, Kind, SOURCES};
use crate::rule::schema::{
    CauseConfidenceWord, CauseWritten, CredentialWritten, LintWritten, ServiceWritten,
    StatusWritten, VerdictWord,
};
use crate::selftest::template::in_words;

/// Runs the verb.
pub(super) fn run(args: &Explain) -> Result<Exit> {
    if let Some(status) = status(&args.id)? {
        output::print_harmless(&status)?;
        return Ok(Exit::Clean);
    }
    let Some((Some(kind), text)) = rules::written(&args.id, args.config.as_deref())? else {
        let ids = SOURCES.iter().filter(|(folder, ..)| !folder.is_empty()).map(|(_, id, _)| *id);
        let hint = nearest(&args.id, ids);
        let typed = quoted(&args.id, "this");
        bail!(
            "nothing is known about {typed}{hint}; `authward rules list` shows every id, and status \
             codes such as 401 are explained too"
        );
    };
    let file = Path::new(&args.id);
    let words = match kind {
        Kind::Lint => lint(&load::parse(file, &text)?),
        Kind::Credential => {
            let rule: CredentialWritten = load::parse(file, &text)?;
            let service = match &rule.service {
                Some(id) => rules::written(id, args.config.as_deref())?,
                None => None,
            };
            let service = match service {
                Some((_, text)) => Some(load::parse::<ServiceWritten>(file, &text)?),
                None => None,
            };
            credential(&rule, service.as_ref())
        }
        Kind::Cause => cause(&load::parse(file, &text)?),
        Kind::Service => service(&load::parse(file, &text)?),
    };
    output::print_harmless(&words)?;
    Ok(Exit::Clean)
}

/// A status code in plain words, when it is one.
fn status(id: &str) -> Result<Option<String>> {
    let Ok(code) = id.parse::<u16>() else { return Ok(None) };
    let text = SOURCES.iter().find(|(folder, id, _)| folder.is_empty() && *id == "statuses");
    let (_, file, text) = text.unwrap_or(&("", "statuses", "[]"));
    let known: Vec<StatusWritten> = load::parse(Path::new(file), text)?;
    Ok(known.iter().find(|status| status.code == code).map(|status| {
        let mut out = format!("{} {}\n", status.code, status.name);
        section(&mut out, "What it means", &status.means);
        list(&mut out, "What to check", &status.check);
        list(&mut out, "What it does not say", &status.not);
        list(&mut out, "Sources", &status.references);
        out
    }))
}

/// How wide paragraphs are, in characters.
const WIDTH: usize = 88;

/// A heading with its text: lines which are indented or listed stand as they are written, the others
/// are paragraphs.
fn section(out: &mut String, title: &str, text: &str) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    *out += &format!("\n{title}\n");
    for line in wrap(&text.split_whitespace().collect::<Vec<_>>().join(" "), WIDTH) {
        *out += &format!("  {line}\n");
    }
}

/// Something to read as it is written.
fn verbatim(out: &mut String, title: &str, text: &str) {
    let text = text.trim_end();
    if !text.is_empty() {
        *out += &format!("\n{title}\n");
        for line in text.lines() {
            *out += &format!("  {line}\n");
        }
    }
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    entries(out, title, lines, |_| "- ".to_owned());
}

fn steps(out: &mut String, title: &str, lines: &[String]) {
    entries(out, title, lines, |index| format!("{}. ", index + 1));
}

fn entries(out: &mut String, title: &str, lines: &[String], mark: impl Fn(usize) -> String) {
    if lines.is_empty() {
        return;
    }
    *out += &format!("\n{title}\n");
    for (index, entry) in lines.iter().enumerate() {
        let mark = mark(index);
        for (number, line) in wrap(entry.trim(), WIDTH - mark.len()).iter().enumerate() {
            let lead = if number == 0 { mark.clone() } else { " ".repeat(mark.len()) };
            *out += &format!("  {lead}{line}\n");
        }
    }
}

fn plain(text: &str) -> String {
    let known = [
        ("{form}", "Send it in a request header, in the form which the service documents."),
        ("{issue}", "make a new credential with the least permissions it needs"),
        ("{revoke}", "revoke the old one where it was issued"),
        ("{accepted}", "another form (the finding names it)"),
        ("{api}", "The finding names what replaces it."),
        ("{retired}", ""),
    ];
    known.iter().fold(text.to_owned(), |text, (word, plain)| text.replace(word, plain))
}

fn lint(rule: &LintWritten) -> String {
    let severity = severity(rule.severity).as_str();
    let mut out = format!("{} ({severity}): {}\n", rule.id, rule.summary);
    section(&mut out, "Why it is a problem", &rule.why);
    section(&mut out, "What to do instead", &plain(&rule.instead));
    steps(&mut out, "Next steps", &rule.next.iter().map(|s| plain(s)).collect::<Vec<_>>());
    if let Some(bad) = rule.examples.bad.first() {
        verbatim(&mut out, "Found, for example", &in_words(&bad.text));
    }
    if let Some(good) = rule.examples.good.first() {
        verbatim(&mut out, "Not found", &in_words(&good.text));
    }
    let comment = format!("# authward: ignore[{}] the reason, until 2027-01-31", rule.id);
    verbatim(&mut out, "To ignore one on purpose, in a comment behind it", &comment);
    verbatim(
        &mut out,
        "Where no comment can stand (logs, JSON), in authward.yaml",
        "allow:\n  - fingerprint: <secret.fingerprint of --format json>\n    reason: <why>\n    \
         until: 2027-01-31",
    );
    list(&mut out, "Sources", &rule.references);
    out
}

fn credential(rule: &CredentialWritten, service: Option<&ServiceWritten>) -> String {
    let mut out = format!("{}: {}\n", rule.id, rule.name);
    let mut travels: Vec<String> = Vec::new();
    for m in &rule.matches {
        travels.extend(m.query_param.iter().map(|n| format!("in a query as {n}=")));
        travels.extend(m.header.iter().map(|n| format!("in the header {n}")));
        travels.extend(m.assignment.iter().map(|n| format!("assigned to {n}")));
        if m.userinfo {
            travels.push("in the user part of an address".to_owned());
        }
    }
    travels.dedup();
    list(&mut out, "How it travels", &travels);
    let life = &rule.lifetime;
    let words = match (&life.unknown, &life.fixed, &life.inspect, &life.permanent) {
        (Some(why), ..) => format!("cannot be told from the value: {why}"),
        (_, Some(fixed), ..) => format!("every one lives {fixed}"),
        (_, _, Some(_), _) => "can be read from the value or from what stands beside it".to_owned(),
        (.., Some(why)) => format!("does not expire by itself: {why}"),
        _ => "nothing is known".to_owned(),
    };
    section(&mut out, "How long it lives", &words);
    if let Some(retired) = &rule.retired {
        section(&mut out, "Retired", &format!("on {}: {}", retired.on, retired.note));
    }
    section(&mut out, "Public on purpose", rule.publishable.as_deref().unwrap_or_default());
    section(&mut out, "Service", service.map(|s| s.name.as_str()).unwrap_or_default());
    let own = rule.header.is_some() || rule.instead.is_some();
    let (header, instead) = match service.filter(|_| !own) {
        Some(service) => (&service.header, &service.instead),
        None => (&rule.header, &rule.instead),
    };
    section(&mut out, "Header to send", header.as_deref().unwrap_or_default());
    section(&mut out, "Where there is no header form", instead.as_deref().unwrap_or_default());
    let of_service = |text: fn(&ServiceWritten) -> &Option<String>| {
        service.and_then(|s| text(s).as_deref()).unwrap_or_default()
    };
    section(&mut out, "A new one", of_service(|s| &s.issue));
    let revoke = rule.revoke.as_deref().unwrap_or_else(|| of_service(|s| &s.revoke));
    section(&mut out, "Where it is revoked", revoke);
    list(&mut out, "Sources", &rule.references);
    out
}

fn cause(rule: &CauseWritten) -> String {
    let mut out =
        format!("{} ({}): {}\n", rule.id, verdict(rule.verdict), plain_call(&rule.summary));
    let signs: Vec<String> = rule
        .signs
        .iter()
        .map(|sign| format!("{} ({})", plain_call(&sign.says), sure(sign.confidence)))
        .collect();
    list(&mut out, "How it is told", &signs);
    section(&mut out, "What to do", &plain_call(&rule.remedy));
    list(&mut out, "It is not", &rule.not);
    section(&mut out, "What would rule it out", &plain_call(&rule.refute));
    list(&mut out, "What one call often cannot tell from it", &rule.neighbours);
    list(&mut out, "What it comes before, where both fit", &rule.outranks);
    if let Some(example) = rule.examples.iter().find(|example| example.expect == rule.id) {
        verbatim(&mut out, "For example", &in_words(&example.exchange));
    }
    list(&mut out, "Sources", &rule.references);
    out
}

fn verdict(word: VerdictWord) -> &'static str {
    match word {
        VerdictWord::NotAuthenticated => "not authenticated",
        VerdictWord::NotAuthorized => "not authorized",
        VerdictWord::BlockedBeforeAuth => "blocked before authentication",
        VerdictWord::NotAuthRelated => "not about the credential",
        VerdictWord::Accepted => "accepted",
    }
}

fn sure(word: CauseConfidenceWord) -> &'static str {
    match word {
        CauseConfidenceWord::Proved => "proved",
        CauseConfidenceWord::Certain => "certain",
        CauseConfidenceWord::Likely => "likely",
        CauseConfidenceWord::Possible => "possible",
    }
}

/// A sentence about a call, without the call.
fn plain_call(text: &str) -> String {
    let known = [
        ("`{form}`", "the header which the service documents"),
        ("`{scheme}`", "one scheme"),
        ("`{name}`", "the header or parameter"),
        ("{form}", "the header which the service documents"),
        ("{issue}", "make a new credential where the service issues them"),
        ("{revoke}", "where it was issued"),
        ("{service}", "the service"),
        ("{offered}", "others"),
        ("{needed}", "a scope"),
        ("{missing}", "what the server asks for"),
        ("{have}", "others"),
        ("{user}", "the caller"),
        (" ({expires})", ""),
        (" ({starts})", ""),
        (" ({location} of the redirect)", ""),
        (" ({location})", ""),
        ("{ago}", "some time"),
        ("{starts}", "its start"),
        ("{method}", "call"),
        ("{path}", "the path"),
        ("{host}", "the host"),
        (" ({realm})", ""),
        ("{audience}", "somebody else"),
        ("{issuer}", "somebody else"),
        (" `{algorithm}`", ""),
        ("{algorithm}", "something else"),
        ("{skew}", "some time"),
        (" ({name} among them)", ""),
        ("{name}", "the header or parameter"),
        (": {said}", ""),
        ("{realm}", "its realm"),
    ];
    known.iter().fold(text.to_owned(), |text, (word, plain)| text.replace(word, plain))
}

fn service(rule: &ServiceWritten) -> String {
    let mut out = format!("{}: {}\n", rule.id, rule.name);
    list(&mut out, "Hosts", &rule.host);
    section(&mut out, "Header to send", rule.header.as_deref().unwrap_or_default());
    section(&mut out, "Where there is no header form", rule.instead.as_deref().unwrap_or_default());
    list(
        &mut out,
        "Its APIs",
        &rule.apis.iter().filter_map(|a| a.note.clone()).collect::<Vec<_>>(),
    );
    section(&mut out, "A new credential", rule.issue.as_deref().unwrap_or_default());
    section(&mut out, "Revoking the old one", rule.revoke.as_deref().unwrap_or_default());
    list(&mut out, "Sources", &rule.references);
    out
}
