//! Environments: does this artifact belong to production, and what says so?

use std::borrow::Cow;
use std::path::{Component, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::artifact::{Environment, EnvironmentEvidence, Role};
use crate::name::words;
use crate::text::lossless;

/// What the config says about environments.
#[derive(Debug, Clone, Default)]
pub struct Environments {
    production: GlobSet,
    non_production: GlobSet,
    hosts: Vec<String>,
    non_production_hosts: Vec<String>,
    /// Where the command runs and where the config lies, when its globs count from there.
    roots: Option<(PathBuf, PathBuf)>,
    /// The folders from the root of the repository to where the command runs.
    above: Vec<String>,
}

const PRODUCTION: &[&str] =
    &["prod", "production", "prd", "produktion", "produktiv", "productie", "prodn"];
const NON_PRODUCTION: &[&str] = &[
    "test", "tests", "testing", "dev", "develop", "development", "staging", "stage", "stg", "qa",
    "sandbox", "example", "examples", "sample", "samples", "demo", "local", "fixture", "fixtures",
    "mock", "mocks", "nonprod", "preprod", "uat", "int", "integration",
];
/// Keys whose value names the environment.
const KEYS: &[&str] = &[
    "environment", "nodeenv", "appenv", "railsenv", "rackenv", "djangoenv", "flaskenv", "env",
    "stage", "deployenv", "deployment", "aspnetcoreenvironment", "dotnetenvironment",
    "springprofilesactive", "profilesactive", "namespace", "fmeenvironment", "symfonyenv", "goenv",
    "mixenv", "sentryenvironment", "deploymentenvironment",
];

impl Environments {
    /// Compiles the globs and hosts of a config; the error names the glob.
    pub fn new(
        production: &[String],
        non_production: &[String],
        hosts: &[String],
        non_production_hosts: &[String],
    ) -> Result<Self, String> {
        Ok(Self {
            production: globs(production)?,
            non_production: globs(non_production)?,
            hosts: hosts.iter().map(|h| h.to_ascii_lowercase()).collect(),
            non_production_hosts: non_production_hosts
                .iter()
                .map(|h| h.to_ascii_lowercase())
                .collect(),
            roots: None,
            above: Vec::new(),
        })
    }

    /// Says in which folders of its repository the command runs.
    #[must_use]
    pub fn inside(mut self, folders: Vec<String>) -> Self {
        self.above = folders;
        self
    }

    /// Lets globs count from the folder of the config, `base`, while paths count from `here`.
    #[must_use]
    pub fn below(mut self, here: PathBuf, base: PathBuf) -> Self {
        self.roots = Some((here, base));
        self
    }

    /// The path as the config would write it.
    fn by_config<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let below = self.roots.as_ref().and_then(|(here, base)| {
            let mut whole = PathBuf::new();
            for part in here.join(path).components() {
                match part {
                    Component::ParentDir => drop(whole.pop()),
                    part => whole.push(part),
                }
            }
            whole.strip_prefix(base).ok().map(|p| p.to_string_lossy().replace('\\', "/"))
        });
        below.map_or(Cow::Borrowed(path), Cow::Owned)
    }

    /// The environment of the artifact at `path` which begins with `head`: by the config, by what
    /// its format found inside (`published`), by name, by content, by folder.
    ///
    /// The config comes first, so that a team can say of a published workspace that it is a test.
    pub fn of(
        &self,
        path: &str,
        head: &[u8],
        role: Role,
        published: Option<String>,
    ) -> Option<EnvironmentEvidence> {
        let say = |environment, because: String| Some(EnvironmentEvidence { environment, because });
        let by_config = self.by_config(path);
        // What is no production is the exception, and wins: a canary inside of the live folder.
        for (globs, environment) in [
            (&self.non_production, Environment::NonProduction),
            (&self.production, Environment::Production),
        ] {
            if globs.is_match(&*by_config) {
                return say(environment, "the config names this path".to_owned());
            }
        }
        if let Some(because) = published {
            return say(Environment::Production, because);
        }
        if matches!(role, Role::Docs | Role::Log) {
            return None;
        }
        let mut parts = path.rsplit(['/', '!']);
        let name = parts.next().unwrap_or_default();
        if let Some((environment, word)) = by_words(name) {
            return say(environment, format!("the file name says {word}"));
        }
        if let Some((environment, because)) = by_content(head, role) {
            return say(environment, because);
        }
        let by_folder = parts.find_map(|folder| {
            let (environment, word) = by_words(folder)?;
            say(environment, format!("the folder {folder}/ says {word}"))
        });
        by_folder.or_else(|| {
            // Inside of `deploy/production` its files are no less production. That the folder one
            // works in is one of tests says nothing: it was gone to on purpose.
            let is_below = !path.starts_with("../") && !path.starts_with('/');
            self.above.iter().rev().filter(|_| is_below).find_map(|folder| {
                let (environment, word) = by_words(folder)?;
                (environment == Environment::Production).then_some(())?;
                say(environment, format!("the folder {folder}/ says {word}"))
            })
        })
    }

    /// Why the host is production, if it is.
    pub fn production_host(&self, host: &str) -> Option<String> {
        if host.is_empty() {
            return None;
        }
        let named = |list: &[String]| {
            list.iter().any(|pattern| crate::http::uri::host_matches(host, pattern))
        };
        if named(&self.non_production_hosts) {
            return None;
        }
        if named(&self.hosts) {
            return Some(format!("the config names the host {host}"));
        }
        let all = words(host);
        let non = all.iter().any(|w| NON_PRODUCTION.contains(&w.as_str()) && w != "example");
        (!non && all.iter().any(|w| PRODUCTION.contains(&w.as_str())))
            .then(|| format!("the host name {host} says so"))
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).map_err(|e| e.to_string())?);
    }
    builder.build().map_err(|e| e.to_string())
}

/// `non-prod` and `preprod` are not production, and `prod-test` is a test.
fn by_words(name: &str) -> Option<(Environment, String)> {
    let all = words(name);
    if let Some(word) = all.iter().find(|w| NON_PRODUCTION.contains(&w.as_str())) {
        return Some((Environment::NonProduction, word.clone()));
    }
    let at = all.iter().position(|w| PRODUCTION.contains(&w.as_str()))?;
    let before = at.checked_sub(1).and_then(|i| all.get(i)).map(String::as_str);
    let environment = if matches!(before, Some("non" | "not" | "pre")) {
        Environment::NonProduction
    } else {
        Environment::Production
    };
    Some((environment, all.get(at)?.clone()))
}

/// `environment: production` and its kin in configuration and manifests.
fn by_content(head: &[u8], role: Role) -> Option<(Environment, String)> {
    if !matches!(role, Role::Config | Role::Script | Role::Api | Role::Other) {
        return None;
    }
    let text = lossless(head);
    if let Some(name) = postman_environment(&text) {
        return by_words(&name).map(|(environment, word)| {
            (environment, format!("the Postman environment is named {word}"))
        });
    }
    // Spring writes the path of a key as nested keys: `spring:`, `profiles:`, `active: prod`.
    let mut above: Vec<(usize, String)> = Vec::new();
    text.lines().find_map(|line| {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if line.starts_with(['#', ';']) || line.starts_with("//") {
            return None;
        }
        if let Some(found) = section(line) {
            return Some(found);
        }
        above.retain(|(depth, _)| *depth < indent);
        let parent = above.last().map(|(_, key)| key.clone()).unwrap_or_default();
        if let Some(key) = line.strip_suffix(':') {
            above.push((indent, crate::name::fold(key.as_bytes())));
        }
        line.split([',', '{', '}']).find_map(|part| assigned(part, &parent))
    })
}

/// `[production]`: a section of an ini file.
fn section(line: &str) -> Option<(Environment, String)> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    let plain = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.: ".contains(&b));
    match by_words(name).filter(|_| plain && name.len() <= 40)? {
        // A section for tests does not make a test of the file.
        (Environment::NonProduction, _) => None,
        (environment, word) => Some((environment, format!("a section is named {word}"))),
    }
}

/// `key: value`, `key=value`, `<key>value</key>` whose key names the environment.
fn assigned(part: &str, parent: &str) -> Option<(Environment, String)> {
    let part = part.trim().trim_start_matches("- ");
    let (key, value) = if let Some(element) = part.strip_prefix('<') {
        let (key, rest) = element.split_once('>')?;
        rest.split_once("</").map(|(value, _)| (key, value))?
    } else {
        part.split_once([':', '='])?
    };
    // `ENV NODE_ENV=production`, `export NODE_ENV=production`
    let key = key.trim().trim_matches(['"', '\'']);
    let key = key.rsplit([' ', '.']).next().unwrap_or_default();
    let key = crate::name::fold(key.as_bytes());
    let value = value.trim().trim_matches(['"', '\'']);
    let nested = format!("{parent}{key}");
    if !(KEYS.contains(&key.as_str()) || KEYS.contains(&nested.as_str()))
        || value.len() > 40
        || value.is_empty()
    {
        return None;
    }
    let (environment, _) = by_words(value)?;
    Some((environment, format!("it says {key} {value}")))
}

fn postman_environment(text: &str) -> Option<String> {
    text.contains("_postman_variable_scope").then_some(())?;
    let (_, rest) = text.split_once("\"name\"")?;
    Some(rest.split('"').nth(1)?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, head: &str, role: Role) -> Option<Environment> {
        Environments::default().of(path, head.as_bytes(), role, None).map(|e| e.environment)
    }

    #[test]
    fn the_config_speaks_before_what_was_published() {
        let own = Environments::new(&[], &["t/**".to_owned()], &[], &[]).unwrap();
        let of = |path: &str| {
            let published = Some("it is published".to_owned());
            own.of(path, b"", Role::Workspace, published).map(|e| e.environment)
        };
        assert_eq!(of("t/a.fmw"), Some(Environment::NonProduction));
        assert_eq!(of("test/a.fmw"), Some(Environment::Production));
    }

    #[test]
    fn names_folders_and_content_decide() {
        use Environment::{NonProduction, Production};
        for (path, head, environment) in [
            (".env.production", "", Some(Production)),
            ("values-prod.yaml", "", Some(Production)),
            ("appsettings.Production.json", "", Some(Production)),
            ("tokens.env.prod", "", Some(Production)),
            ("prod/app.yaml", "", Some(Production)),
            ("values-nonprod.yaml", "", Some(NonProduction)),
            ("non-prod/x.yaml", "", Some(NonProduction)),
            ("prod/test.yaml", "", Some(NonProduction)),
            ("products.yaml", "", None),
            ("reproduce.sh", "", None),
            ("app.yaml", "environment: production\n", Some(Production)),
            (".env", "NODE_ENV=production\n", Some(Production)),
            ("x.json", "{\"environment\": \"production\",\n \"a\": 1}", Some(Production)),
            ("Dockerfile", "FROM x\nENV NODE_ENV=production\n", Some(Production)),
            ("x.yaml", "labels: {app: x, environment: production}\n", Some(Production)),
            ("x.yaml", "spring:\n  profiles:\n    active: prod\n", Some(Production)),
            ("x.yaml", "rules:\n  active: prod\n", None),
            ("x.xml", "<c>\n <environment>production</environment>\n</c>\n", Some(Production)),
            ("x.ini", "[production]\na=1\n", Some(Production)),
            ("x.ini", "[test]\na=1\n", None),
            ("x.yaml", "# environment: production\na: 1\n", None),
            ("k8s.yaml", "metadata:\n  namespace: prod\n", Some(Production)),
            (
                "x.json",
                "{\"_postman_variable_scope\": 1, \"name\": \"Our production\"}",
                Some(Production),
            ),
        ] {
            assert_eq!(of(path, head, Role::Config), environment, "{path}");
        }
        assert_eq!(of("prod.md", "", Role::Docs), None);
        let hosts = Environments::default();
        assert!(hosts.production_host("fme-prod.corp.example").is_some());
        assert!(
            hosts.production_host("fme.corp.example").is_none()
                && hosts.production_host("prod-test.x").is_none()
        );
    }
}
