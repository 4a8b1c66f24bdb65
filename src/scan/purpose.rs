//! Purpose: what a file is for beside its role. A password in a test is a password by form, and
//! hardly ever one that its team would replace.

use crate::artifact::Role;
use crate::name::words;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The product or its operation.
    Product,
    /// Tests and their data.
    Test,
    /// Samples, demonstrations, lessons.
    Sample,
    /// A page of documentation, wherever it lies.
    Docs,
    /// Something in a folder of documentation.
    Manual,
    /// Reads what other companies publish, with the keys which their own pages use.
    Collector,
    /// Texts in the languages of people.
    Translation,
    /// Written by a program: lock files, bundles.
    Generated,
}

impl Purpose {
    /// The word that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Product => "product",
            Purpose::Test => "test",
            Purpose::Sample => "sample",
            Purpose::Docs => "docs",
            Purpose::Manual => "manual",
            Purpose::Collector => "collector",
            Purpose::Translation => "translation",
            Purpose::Generated => "generated",
        }
    }
}

/// Tells purposes by path.
#[derive(Debug, Clone, Default)]
pub struct Purposes {
    /// The folders that were named to be searched: what lies above and in their own names says
    /// nothing, for the user wants to see what is in them.
    roots: Vec<String>,
}

const TEST: &[&str] = &[
    "test", "tests", "testing", "testdata", "spec", "specs", "fixture", "fixtures", "mock",
    "mocks", "itest", "testsuite", "e2e", "unittest", "unittests", "testcase", "testcases", "stub",
    "stubs",
];
const SAMPLE: &[&str] = &[
    "example", "examples", "sample", "samples", "demo", "demos", "workshop", "workshops",
    "tutorial", "tutorials", "seeds",
];
const MANUAL: &[&str] = &["doc", "docs", "documentation"];
const COLLECTOR: &[&str] =
    &["extractor", "extractors", "scraper", "scrapers", "crawler", "crawlers", "spider", "spiders"];
const TRANSLATION: &[&str] = &[
    "lang", "langs", "locale", "locales", "i18n", "l10n", "localization", "translation",
    "translations", "messages",
];
const GENERATED: &[&str] =
    &["vendor", ".yarn", "third_party", "thirdparty", "bower_components", "node_modules"];
const LOCK_FILES: &[&str] = &[
    "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "composer.lock", "cargo.lock",
    "poetry.lock", "gemfile.lock", "go.sum", "npm-shrinkwrap.json", "pipfile.lock",
    "packages.lock.json", "uv.lock",
];

impl Purposes {
    /// For these paths, as they are shown.
    pub fn below(roots: Vec<String>) -> Self {
        Self { roots }
    }

    /// The purpose of the artifact at `path`.
    pub fn of(&self, path: &str, role: Role) -> Purpose {
        let below = self
            .roots
            .iter()
            .filter_map(|root| path.strip_prefix(root.as_str()))
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .min_by_key(|rest| rest.len());
        let path = below.unwrap_or(path);
        let lower = path.to_ascii_lowercase();
        let name = lower.rsplit(['/', '!']).next().unwrap_or_default();
        if LOCK_FILES.contains(&name) {
            return Purpose::Generated;
        }
        let mut folders = path.split(['/', '!']).rev().skip(1);
        let found = folders.find_map(|folder| {
            // `Identity.IntegrationTest`, `test-data`, `__tests__`
            let parts = words(folder);
            let whole = folder.to_ascii_lowercase();
            parts.iter().find_map(|part| by_word(part)).or_else(|| by_word(&whole))
        });
        found.or_else(|| by_name(path)).unwrap_or(if role == Role::Docs {
            Purpose::Docs
        } else {
            Purpose::Product
        })
    }
}

fn by_word(word: &str) -> Option<Purpose> {
    [
        (TEST, Purpose::Test),
        (SAMPLE, Purpose::Sample),
        (MANUAL, Purpose::Manual),
        (COLLECTOR, Purpose::Collector),
        (TRANSLATION, Purpose::Translation),
        (GENERATED, Purpose::Generated),
    ]
    .into_iter()
    .find(|(list, _)| list.contains(&word))
    .map(|(_, purpose)| purpose)
}

/// Whether a word speaks of tests and their data.
pub(super) fn is_of_test(word: &str) -> bool {
    TEST.contains(&word)
}

/// `parser_test.go`, `login.spec.ts`, `TokenServiceTests.java`, `messages_nb.properties`
fn by_name(path: &str) -> Option<Purpose> {
    let name = path.rsplit(['/', '!']).next().unwrap_or_default();
    let stem = words(name);
    let test = ["test", "tests", "spec", "fixture", "mock"];
    // `spec.yaml` is a description of an API, `login.spec.ts` a test.
    let ends =
        stem.len() > 2 && stem.iter().rev().skip(1).take(1).any(|w| test.contains(&w.as_str()));
    // `.env.test`
    let settings = name.starts_with(".env.") && stem.last().is_some_and(|w| w == "test");
    let begins = stem.first().is_some_and(|w| w == "test") && stem.len() > 2;
    let translation = stem.first().is_some_and(|w| w == "messages") && stem.len() > 2;
    if ends || begins || settings {
        Some(Purpose::Test)
    } else {
        translation.then_some(Purpose::Translation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_what_a_file_is_for() {
        let purposes = Purposes::below(vec!["fixtures/tour".into()]);
        for (path, purpose) in [
            ("src/app.py", Purpose::Product),
            ("src/app_test.go", Purpose::Test),
            ("test_login.py", Purpose::Test),
            ("web/login.spec.ts", Purpose::Test),
            ("src/TokenServiceTests.java", Purpose::Test),
            ("Identity.IntegrationTest/Login.cs", Purpose::Test),
            ("src/__tests__/a.js", Purpose::Test),
            ("examples/run.sh", Purpose::Sample),
            ("docs/run.sh", Purpose::Manual),
            ("app/.env.test", Purpose::Test),
            ("app/.env", Purpose::Product),
            ("clips/extractor/tube.py", Purpose::Collector),
            ("etl/extract/load.py", Purpose::Product),
            ("app/locales/nb.json", Purpose::Translation),
            ("web/yarn.lock", Purpose::Generated),
            ("fixtures/tour/config/production.yaml", Purpose::Product),
            ("a/test/b.py", Purpose::Test),
            ("contest/latest.py", Purpose::Product),
        ] {
            assert_eq!(purposes.of(path, Role::Code), purpose, "{path}");
        }
        assert_eq!(purposes.of("README.md", Role::Docs), Purpose::Docs);
    }
}
