//! What the findings say: the words of the rules, filled with what is known, and a line to look at.

use super::excerpt::Hidden;
use super::owner::Owned;
use super::pool::Problem;
use super::trace::Trace;
use super::{Scanner, Setting, Sighting, claims, facts, lints};
use crate::artifact::Window;
use crate::fact::Facts;
use crate::finding::Finding;
use crate::rule::book::{LintRule, ServiceRule};
use crate::text::{LineIndex, lossless};
use crate::token::jwt;
use crate::value::ValueKind;

/// Makes the words of each problem.
pub(super) fn say(
    scanner: &Scanner<'_>,
    setting: &Setting<'_>,
    problems: &mut [Problem<'_, '_>],
    (window, lines): (&Window<'_>, &LineIndex<'_>),
    hidden: &Hidden,
) {
    let offsets = problems.iter().map(|problem| problem.cause.source().start).collect();
    let trace = Trace::new(&setting.artifact.path, window, offsets);
    for Problem { finding, lint, cause } in problems {
        let (sighting, owned) = (&cause.sighting, cause.owned.as_ref());
        let setting = &lints::at_host(scanner, setting, sighting);
        let call = sighting.carried.call.as_ref();
        let at_call = call.and_then(|c| scanner.book.service_at(&c.host, &c.path));
        let speech = Speech {
            scanner,
            setting,
            sighting,
            owned,
            service: facts::service(scanner.book, sighting, owned),
            facts: &facts::gather(scanner, setting, sighting, owned, (cause.around, at_call)),
            hidden,
        };
        speech.say(lint, finding, (lines, window.bytes), &trace);
    }
}

/// Everything that a finding's words are made of.
struct Speech<'a> {
    scanner: &'a Scanner<'a>,
    setting: &'a Setting<'a>,
    sighting: &'a Sighting<'a>,
    owned: Option<&'a Owned<'a>>,
    service: Option<&'a ServiceRule>,
    facts: &'a Facts,
    hidden: &'a Hidden,
}

impl Speech<'_> {
    /// Makes the words of a finding. Every one of them that was scanned goes through the veil.
    fn say(
        &self,
        lint: &LintRule,
        finding: &mut Finding,
        (lines, bytes): (&LineIndex<'_>, &[u8]),
        trace: &Trace<'_>,
    ) {
        let source = self.owned.map_or(self.sighting.source, |o| o.source);
        let logical = finding.location.logical.take().or_else(|| trace.logical(source.start));
        finding.location.logical = logical;
        for location in std::iter::once(&mut finding.location).chain(&mut finding.also) {
            location.path.clone_from(&self.setting.artifact.path);
            if let Some(logical) = &mut location.logical {
                *logical = self.hidden.veil.cover(logical);
            }
        }
        finding.message = self.fill(&lint.written.message);
        finding.place.name = self.name();
        finding.help = self.fill(lint.written.instead.trim());
        let next = lint.written.next.iter().map(|step| self.fill(step));
        finding.next = next.filter(|step| !step.is_empty()).collect();
        finding.because = self.because(lint);
        finding.excerpt = Some(self.hidden.excerpt(bytes, lines, source));
    }

    /// The name it is carried under. A name is scanned text, and may hold a secret like any other.
    fn name(&self) -> String {
        self.hidden.veil.cover(&self.sighting.carried.name)
    }

    /// What made the lint speak, for people: the lifetime and its basis, what a token claims of its
    /// origin, and the environment.
    fn because(&self, lint: &LintRule) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(owned) = self.owned
            && owned.credential.lifetime.is_known()
        {
            out.push(owned.credential.lifetime.in_words(self.scanner.at));
        }
        let claims = self
            .owned
            .and_then(|o| claims::in_words(&jwt::claims(&o.credential.secret)?, &self.hidden.veil));
        out.extend(claims);
        let asks_environment = lint.when.facts().any(|f| f.to_string() == "artifact.environment");
        if let Some(evidence) = self.setting.environment.as_ref().filter(|_| asks_environment) {
            let because = self.hidden.veil.cover(&evidence.because);
            out.push(format!("{}: {because}", evidence.environment.as_str()));
        }
        out
    }

    /// Fills the words of a rule with what is known.
    fn fill(&self, template: &str) -> String {
        let mut out = String::with_capacity(template.len() + 64);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            if let Some((value, tail)) =
                after.split_once('}').and_then(|(word, tail)| Some((self.word(word)?, tail)))
            {
                out.push_str(&value);
                rest = tail;
            } else {
                out.push('{');
                rest = after;
            }
        }
        out.push_str(rest);
        // What has no name is not spoken of by it.
        out.replace(" (``)", "").replace(" (parameter ``)", "").trim().to_owned()
    }

    fn word(&self, word: &str) -> Option<String> {
        let carried = &self.sighting.carried;
        let service = self.service.map(|s| &s.written);
        Some(match word {
            "name" => self.name(),
            "credential" => {
                self.owned.map_or_else(|| "credential".to_owned(), |o| o.credential.name.clone())
            }
            "host" => carried
                .call
                .as_ref()
                .map(|c| self.hidden.veil.cover(&c.host))
                .filter(|h| !h.is_empty())
                .unwrap_or_else(|| "this host".to_owned()),
            "scheme" => self.hidden.veil.cover(carried.scheme.as_deref().unwrap_or_default()),
            "service" => service.map_or_else(|| "the service".to_owned(), |s| s.name.clone()),
            "lifetime" => self.lifetime(),
            "environment" => {
                let because = self.setting.environment.as_ref().map(|e| e.because.as_str());
                self.hidden.veil.cover(because.unwrap_or_default())
            }
            "form" => self.form(),
            "api" => self.api_note(),
            "accepted" => self.accepted(),
            "issue" => service.and_then(|s| s.issue.clone()).unwrap_or_else(|| {
                "make a new credential with the least permissions it needs".to_owned()
            }),
            "revoke" => self
                .owned
                .and_then(|o| o.rule.written.revoke.clone())
                .or_else(|| service.and_then(|s| s.revoke.clone()))
                .map_or_else(
                    || "revoke the old one where it was issued".to_owned(),
                    |page| format!("revoke the old one: {page}"),
                ),
            "retired" => self
                .owned
                .and_then(|o| o.rule.written.retired.as_ref())
                .map(|r| r.note.clone())
                .unwrap_or_default(),
            _ => return None,
        })
    }

    fn lifetime(&self) -> String {
        match self.owned {
            Some(owned)
                if self.facts.first("credential.retired") == Some("yes")
                    && !owned.credential.lifetime.is_known() =>
            {
                "its form is no longer accepted".to_owned()
            }
            Some(owned) => owned.credential.lifetime.in_words(self.scanner.at),
            None => String::new(),
        }
    }

    /// The header form to use instead, or what to do where there is none.
    fn form(&self) -> String {
        let service = self.service.map(|s| &s.written);
        let variable = self.variable();
        let kind = self.owned.map(|o| &o.rule.written);
        let own = kind.map(|k| (k.header.as_ref(), k.instead.as_ref()));
        let of_service = service.map(|s| (s.header.as_ref(), s.instead.as_ref()));
        let known = own.filter(|(h, i)| h.is_some() || i.is_some()).or(of_service);
        match known {
            Some((Some(header), _)) => {
                let header = header.replace("<credential>", &variable);
                format!("Send it as a header: `{header}`.")
            }
            Some((None, Some(instead))) => instead.trim().to_owned(),
            _ => format!(
                "Send it in a request header, in the form which the service documents (most read `Authorization: Bearer {variable}`)."
            ),
        }
    }

    /// The variable to put into the header: the one that stands there, else one made of the name.
    fn variable(&self) -> String {
        if self.sighting.carried.kind != ValueKind::Literal
            && let Some(written) = reference_in(self.sighting.written)
        {
            return self.hidden.veil.cover(&lossless(written));
        }
        let made = crate::name::words(&self.name()).join("_").to_uppercase();
        format!("${}", if made.is_empty() { "TOKEN" } else { &made })
    }

    fn api(&self) -> Option<&crate::rule::schema::ApiWritten> {
        self.service?.api(&self.sighting.carried.call.as_ref()?.path)
    }

    fn api_note(&self) -> String {
        self.api().and_then(|api| api.note.clone()).unwrap_or_default()
    }

    /// The forms that the API does read.
    fn accepted(&self) -> String {
        let header = self.service.and_then(|s| s.written.header.clone());
        let parameters = self.api().map(|api| api.query_param.clone()).unwrap_or_default();
        match (header, parameters.first()) {
            (Some(header), Some(parameter)) => format!("`{header}` or, less safe, `?{parameter}=`"),
            (Some(header), None) => format!("`{header}`"),
            (None, Some(parameter)) => format!("`?{parameter}=`"),
            (None, None) => "another form".to_owned(),
        }
    }
}

/// The reference in what is written for a value, as a shell or a template writes one: `$TOKEN`,
/// `%TOKEN%`, `$(TOKEN)`, `${{ secrets.TOKEN }}`. Nothing but a name: a default or an argument that
/// comes along may be a secret.
fn reference_in(written: &[u8]) -> Option<&[u8]> {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    (0..written.len()).find_map(|at| {
        let rest = written.get(at..)?;
        if let Some(len) = crate::http::uri::unit(written, at, written.len()) {
            return rest.get(..len).filter(|unit| is_plain_reference(unit));
        }
        let sign = match rest {
            [b'$', b'e', b'n', b'v', b':', ..] => b"$env:".len(),
            [b'$' | b'%', ..] => 1,
            _ => return None,
        };
        let name = rest.get(sign..)?;
        let len = name.iter().take_while(|b| is_part(b)).count();
        let closed = name.get(len) == Some(&b'%');
        let end = sign + len + usize::from(closed && rest.first() == Some(&b'%'));
        let whole = rest.first() == Some(&b'$') || closed;
        // `$USER:word`: more than the variable.
        let more = rest.get(end).is_some_and(|b| matches!(b, b':' | b'.' | b'-'));
        (len > 0 && whole && !more).then(|| rest.get(..end)).flatten().filter(|r| !is_value(r))
    })
}

/// Whether the brackets hold one name, with dots in it at most.
fn is_plain_reference(unit: &[u8]) -> bool {
    let inner = unit.trim_ascii_end();
    let open = inner.iter().position(|b| matches!(b, b'{' | b'(')).unwrap_or(inner.len());
    let name: Vec<u8> = inner
        .get(open..)
        .unwrap_or_default()
        .iter()
        .copied()
        .filter(|b| !matches!(b, b'{' | b'}' | b'(' | b')'))
        .collect();
    let name = name.trim_ascii();
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        && !is_value(name)
}

/// Whether what stands for a name looks drawn at random.
fn is_value(name: &[u8]) -> bool {
    crate::shape::looks_random(name, 12)
}
