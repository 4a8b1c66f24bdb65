//! The rule book in memory: every rule of the four kinds, and the look-ups which the engines make.

use std::collections::HashMap;

use super::credential::CredentialRule;
use super::lexicon::Lexicon;
use super::names::{Endings, NameSet};
use super::pattern::Pattern;
use super::prefix::Prefixes;
use super::schema::{ApiState, CauseWritten, Grade, LintWritten, ServiceWritten, SeverityWord};
use super::when::When;
use crate::fact::Facts;
use crate::finding::Severity;
use crate::name::Folded;

/// Points to one match of one credential rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchRef {
    /// Index into [`RuleBook::credentials`].
    pub rule: usize,
    /// Index into its matches.
    pub index: usize,
}

/// A lint, ready to ask.
#[derive(Debug)]
pub struct LintRule {
    /// As written.
    pub written: LintWritten,
    /// When it fires.
    pub when: When,
    unless: Vec<(When, Severity)>,
    pedantic: Option<When>,
}

/// A cause, ready to ask.
#[derive(Debug)]
pub struct CauseRule {
    /// As written.
    pub written: CauseWritten,
    /// When its signs hold, in their order.
    pub signs: Vec<When>,
}

/// A service, ready to ask.
#[derive(Debug)]
pub struct ServiceRule {
    /// As written.
    pub written: ServiceWritten,
    /// When its refusals hold, in their order.
    pub refusals: Vec<When>,
    path: Option<Pattern>,
    apis: Vec<Pattern>,
    answers: Option<When>,
    acts_on_get: Vec<Pattern>,
}

/// Every rule, compiled.
#[derive(Debug, Default)]
pub struct RuleBook {
    /// Credential kinds.
    pub credentials: Vec<CredentialRule>,
    /// Lints.
    pub lints: Vec<LintRule>,
    /// Causes.
    pub causes: Vec<CauseRule>,
    /// Services.
    pub services: Vec<ServiceRule>,
    /// Names.
    pub lexicon: Lexicon,
    query_names: HashMap<String, Vec<MatchRef>>,
    header_names: HashMap<String, Vec<MatchRef>>,
    assigned_names: HashMap<String, Vec<MatchRef>>,
    general: Vec<MatchRef>,
    prefixes: Prefixes,
    endings: Endings,
    known_names: NameSet,
}

impl RuleBook {
    /// Builds the look-ups. Called once, after every rule was added.
    pub fn index(&mut self) {
        let mut named: [HashMap<String, Vec<MatchRef>>; 3] = Default::default();
        self.general.clear();
        let mut prefixes = Vec::new();
        for (rule, credential) in self.credentials.iter().enumerate() {
            for (index, m) in credential.matches.iter().enumerate() {
                let at = MatchRef { rule, index };
                for (map, names) in named.iter_mut().zip([&m.query_param, &m.header, &m.assignment])
                {
                    for name in names {
                        map.entry(name.clone()).or_default().push(at);
                    }
                }
                if m.userinfo || m.anywhere || !m.lexicon.is_empty() {
                    self.general.push(at);
                }
                let pieces = m.prefix.iter().chain(&m.inside);
                prefixes.extend(pieces.map(|p| (p.as_bytes().to_vec(), at)));
            }
        }
        self.endings = Endings::default();
        for name in self
            .lexicon
            .endings()
            .chain(named.iter().flat_map(|map| map.keys().map(String::as_str)))
        {
            self.endings.add(name);
        }
        self.known_names = NameSet::new(
            self.lexicon
                .carrying_names()
                .chain(named.iter().flat_map(|map| map.keys().map(String::as_str))),
        );
        [self.query_names, self.header_names, self.assigned_names] = named;
        self.prefixes = Prefixes::new(prefixes.into_iter());
    }

    /// The filter of the hot path.
    pub fn endings(&self) -> &Endings {
        &self.endings
    }

    /// Whether a folded name could be of use to any rule; most names are told off here.
    pub fn may_know(&self, folded: &Folded) -> bool {
        let name = folded.as_bytes();
        let digits = name.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let stem = name.get(..name.len() - digits).unwrap_or(name);
        self.known_names.contains(name)
            || (digits > 0 && self.known_names.contains(stem))
            || self.lexicon.ends_like_a_name(stem)
    }

    /// Whether a folded name is listed as it is.
    pub fn lists(&self, folded: &Folded) -> bool {
        self.known_names.contains(folded.as_bytes())
    }

    /// Matches that name this query parameter (folded).
    pub fn by_query_param(&self, folded: &str) -> &[MatchRef] {
        self.query_names.get(folded).map(Vec::as_slice).unwrap_or_default()
    }

    /// Matches that name this header (folded).
    pub fn by_header(&self, folded: &str) -> &[MatchRef] {
        self.header_names.get(folded).map(Vec::as_slice).unwrap_or_default()
    }

    /// Matches that name this key (folded).
    pub fn by_assignment(&self, folded: &str) -> &[MatchRef] {
        self.assigned_names.get(folded).map(Vec::as_slice).unwrap_or_default()
    }

    /// Matches that name no name.
    pub fn general(&self) -> &[MatchRef] {
        &self.general
    }

    /// The rule and match behind a reference.
    pub fn resolve(&self, at: MatchRef) -> Option<(&CredentialRule, &super::credential::Match)> {
        let rule = self.credentials.get(at.rule)?;
        Some((rule, rule.matches.get(at.index)?))
    }

    /// The prefixes of free-text patterns.
    pub fn prefixes(&self) -> &Prefixes {
        &self.prefixes
    }

    /// The credential rule with this id.
    pub fn credential(&self, id: &str) -> Option<&CredentialRule> {
        self.credentials.iter().find(|rule| rule.id() == id)
    }

    /// The lint with this id.
    pub fn lint(&self, id: &str) -> Option<&LintRule> {
        self.lints.iter().find(|rule| rule.written.id == id)
    }

    /// The service with this id.
    pub fn service(&self, id: &str) -> Option<&ServiceRule> {
        self.services.iter().find(|rule| rule.written.id == id)
    }

    /// Whether a call of this path may do something although it only reads: by its service, or by
    /// words that mean so everywhere.
    pub fn acts_on_get(&self, services: &[&ServiceRule], path: &[u8]) -> bool {
        services.iter().any(|service| service.acts_on_get(path)) || self.lexicon.acts(path)
    }

    /// The cause with this id.
    pub fn cause(&self, id: &str) -> Option<&CauseRule> {
        self.causes.iter().find(|rule| rule.written.id == id)
    }

    /// The service that answers at this address, if one is known.
    pub fn service_at(&self, host: &str, path: &[u8]) -> Option<&ServiceRule> {
        self.services.iter().find(|service| service.answers(host, path))
    }
}

impl LintRule {
    /// Compiles the written form.
    pub fn compile(written: LintWritten) -> Result<Self, (String, String)> {
        let when = When::compile(&written.when)?;
        let grade = |g: &Grade| Ok((When::compile(&g.when)?, severity(g.severity)));
        let unless = written.unless.iter().map(grade).collect::<Result<_, (String, String)>>()?;
        let pedantic =
            (!written.pedantic.is_empty()).then(|| When::compile(&written.pedantic)).transpose()?;
        Ok(Self { written, when, unless, pedantic })
    }

    /// Checks what is compiled only when it is needed.
    pub fn check(&self) -> Result<(), (String, String)> {
        let unless = self.written.unless.iter().map(|grade| &grade.when);
        [&self.written.when, &self.written.pedantic]
            .into_iter()
            .chain(unless)
            .try_for_each(When::check)
    }

    /// Whether hardly anybody would mend it.
    pub fn is_pedantic(&self, facts: &Facts) -> bool {
        self.pedantic.as_ref().is_some_and(|when| when.holds(facts))
    }

    /// Its severity for these facts.
    pub fn severity(&self, facts: &Facts) -> Severity {
        self.unless
            .iter()
            .find(|(when, _)| when.holds(facts))
            .map_or_else(|| severity(self.written.severity), |(_, severity)| *severity)
    }
}

impl CauseRule {
    /// Compiles the written form.
    pub fn compile(written: CauseWritten) -> Result<Self, (String, String)> {
        let signs = written
            .signs
            .iter()
            .map(|sign| When::compile(&sign.when))
            .collect::<Result<_, (String, String)>>()?;
        Ok(Self { written, signs })
    }

    /// Checks what is compiled only when it is needed.
    pub fn check(&self) -> Result<(), (String, String)> {
        self.written.signs.iter().try_for_each(|sign| When::check(&sign.when))
    }
}

/// The severity behind its word.
pub fn severity(word: SeverityWord) -> Severity {
    match word {
        SeverityWord::Error => Severity::Error,
        SeverityWord::Warning => Severity::Warning,
        SeverityWord::Note => Severity::Note,
    }
}

/// What a service says about the way in which a call carries its credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// It reads this form.
    Read,
    /// It does not.
    Unread,
    /// Not known.
    Unknown,
}

/// The condition under which an answer is that of the service.
fn answers(written: &ServiceWritten) -> super::schema::When {
    super::schema::When { any: written.diagnosis.answers.clone(), ..super::schema::When::default() }
}

impl ServiceRule {
    /// Compiles the written form.
    pub fn compile(written: ServiceWritten) -> Result<Self, (String, String)> {
        let path = written.path.as_deref().map(Pattern::anywhere);
        let apis = written.apis.iter().map(|api| Pattern::anywhere(&api.path)).collect();
        let acts_on_get =
            written.diagnosis.acts_on_get.iter().map(|p| Pattern::anywhere(p)).collect();
        let answers = answers(&written);
        let answers = (!answers.is_empty()).then(|| When::compile(&answers)).transpose()?;
        let refusals = written
            .diagnosis
            .refusals
            .iter()
            .map(|refusal| When::compile(&refusal.when))
            .collect::<Result<_, (String, String)>>()?;
        Ok(Self { written, refusals, path, apis, answers, acts_on_get })
    }

    /// Checks what compiles lazily.
    pub fn check(&self) -> Result<(), (String, String)> {
        if let (Some(pattern), Some(source)) = (&self.path, &self.written.path) {
            pattern.check().map_err(|e| (source.clone(), format!("path: {e}")))?;
        }
        for (pattern, api) in self.apis.iter().zip(&self.written.apis) {
            pattern.check().map_err(|e| (api.path.clone(), format!("apis.path: {e}")))?;
        }
        for (pattern, source) in self.acts_on_get.iter().zip(&self.written.diagnosis.acts_on_get) {
            pattern.check().map_err(|e| (source.clone(), format!("acts-on-get: {e}")))?;
        }
        When::check(&answers(&self.written))?;
        self.written.diagnosis.refusals.iter().try_for_each(|refusal| When::check(&refusal.when))
    }

    /// Whether an answer with these facts can only come from this service.
    pub fn is_recognised(&self, facts: &Facts) -> bool {
        self.answers.as_ref().is_some_and(|when| when.holds(facts))
    }

    /// Whether a call of this path does something even when it only reads.
    pub fn acts_on_get(&self, path: &[u8]) -> bool {
        self.acts_on_get.iter().any(|pattern| pattern.is_match(path))
    }

    /// Whether this service answers at this address.
    pub fn answers(&self, host: &str, path: &[u8]) -> bool {
        (!host.is_empty()
            && self.written.host.iter().any(|p| crate::http::uri::host_matches(host, p)))
            || (!path.is_empty() && self.path.as_ref().is_some_and(|p| p.is_match(path)))
    }

    /// Its API at this path.
    pub fn api(&self, path: &[u8]) -> Option<&super::schema::ApiWritten> {
        let index = self.apis.iter().position(|p| p.is_match(path))?;
        self.written.apis.get(index)
    }

    /// Whether the API at `path` reads a credential from this query parameter (folded).
    pub fn reads_parameter(&self, path: &[u8], folded: &str) -> Form {
        let Some(api) = self.api(path) else {
            return Form::Unknown;
        };
        let lists =
            |names: &[String]| names.iter().any(|n| crate::name::fold(n.as_bytes()) == folded);
        if lists(&api.query_param) {
            Form::Read
        } else if lists(&api.unread_param) {
            Form::Unread
        } else {
            Form::Unknown
        }
    }

    /// Whether the API at `path` reads this scheme of `Authorization`.
    pub fn reads_scheme(&self, path: &[u8], scheme: &str) -> Form {
        let Some(api) = self.api(path) else {
            return Form::Unknown;
        };
        let lists = |names: &[String]| names.iter().any(|n| n.eq_ignore_ascii_case(scheme));
        if lists(&api.scheme) {
            Form::Read
        } else if lists(&api.unread_scheme) {
            Form::Unread
        } else {
            Form::Unknown
        }
    }

    /// What became of the API at `path`.
    pub fn state(&self, path: &[u8]) -> Option<ApiState> {
        self.api(path)?.state
    }
}
