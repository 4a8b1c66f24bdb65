//! Whether a value is only shown: what stands around it says that it is a sample, or data of a test.
//!
//! That is said of one value, and not of its whole file as a path would say it. It counts for kinds
//! that have no form of their own: a token with a vendor's prefix is believed to be one.

use crate::artifact::Role;
use crate::name::words;
use crate::rule::lexicon::Lexicon;

/// How far back a fence of Markdown is looked for, in bytes.
const FENCE_MAX: usize = 300;
/// How many lines may stand between a comment and the value.
const BETWEEN_MAX: usize = 2;
/// How far around a token of OAuth 1 its signature is looked for, in bytes each way.
const SIGNED_MAX: usize = 4096;
/// How far back the name of the block is looked for, in bytes and in levels.
const BLOCK_MAX: usize = 8192;
const LEVELS_MAX: usize = 4;

/// What an artifact has at all: asked once, so that a thousand findings do not ask a thousand times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signs {
    fences: bool,
    quotes: bool,
    blocks: bool,
}

impl Signs {
    /// Looks through a window.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let has = |mark: &[u8]| memchr::memmem::find(bytes, mark).is_some();
        Self { fences: has(b"```"), quotes: has(b"\"\"\"") || has(b"'''"), blocks: has(b"<pre") }
    }

    /// Whether what is around the value at `at` says that it is a sample.
    pub(super) fn as_sample(self, bytes: &[u8], at: usize, role: Role, lexicon: &Lexicon) -> bool {
        // A log shows nothing, and may have a finding on every line.
        if matches!(role, Role::Log | Role::Workspace) {
            return false;
        }
        let page = matches!(role, Role::Code | Role::Docs | Role::Template);
        let code = role == Role::Code;
        (code && self.fences && in_fence(bytes, at))
            || in_comment(bytes, at, role, lexicon)
            || (code && (in_tests(bytes, at) || in_doc_comment(bytes, at)))
            || (code && self.quotes && in_docstring(bytes, at, lexicon))
            || (page && self.blocks && in_preformatted(bytes, at))
    }
}

/// Whether the name is that of a token of OAuth 1, and its signature is made or sent close by.
pub(super) fn is_signed(bytes: &[u8], at: usize, name: &str) -> bool {
    let around = bytes.get(at.saturating_sub(SIGNED_MAX)..(at + SIGNED_MAX).min(bytes.len()));
    let marks =
        [b"oauth_signature".as_slice(), b"oauth_nonce", b"oauth_consumer_key", b"HMAC-SHA1"];
    crate::name::fold(name.as_bytes()) == "oauthtoken"
        && marks.iter().any(|m| memchr::memmem::find(around.unwrap_or_default(), m).is_some())
}

/// The lines of `text`, the last first. Most texts have few findings and short lines; where one of
/// megabytes is full of them, each looks back over all that it may.
fn lines_back(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let start = memchr::memrchr(b'\n', text).map_or(0, |sign| sign + 1);
        rest = start.checked_sub(1).and_then(|sign| text.get(..sign));
        text.get(start..)
    })
}

/// A doctest, or a line of a doc comment.
fn in_doc_comment(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(BLOCK_MAX)..at).unwrap_or_default();
    let own = lines_back(before).next().unwrap_or_default().trim_ascii_start();
    own.starts_with(b">>> ") || own.starts_with(b"* ")
}

/// The description of a function, or a text which is called one.
fn in_docstring(bytes: &[u8], at: usize, lexicon: &Lexicon) -> bool {
    let before = bytes.get(at.saturating_sub(2 * BLOCK_MAX)..at).unwrap_or_default();
    [b"\"\"\"".as_slice(), b"'''"].iter().any(|quote| {
        let Some(open) = memchr::memmem::rfind(before, quote) else { return false };
        let head = before.get(..open).unwrap_or_default();
        let line = head.rsplit(|b| *b == b'\n').next().unwrap_or_default().trim_ascii();
        let text = line.strip_suffix(b"r").unwrap_or(line).trim_ascii_end();
        // `EXAMPLES = r'''…'''`
        if let Some(name) = text.strip_suffix(b"=") {
            let words = words(&crate::text::lossless(name));
            return words.last().is_some_and(|word| lexicon.names_description(word));
        }
        // Nothing takes the text, and what stands above begins a function or a class.
        let above = head.get(..head.len() - line.len()).unwrap_or_default();
        matches!(line, [] | [b'r' | b'R' | b'u']) && above.trim_ascii_end().ends_with(b":")
    })
}

/// A block of HTML that shows text as it is.
fn in_preformatted(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(BLOCK_MAX)..at).unwrap_or_default();
    let last = |mark: &[u8]| memchr::memmem::rfind(before, mark);
    let open = last(b"<pre>").max(last(b"<pre "));
    open.is_some_and(|open| last(b"</pre>").is_none_or(|close| close < open))
}

/// Markdown in a literal of code: the description of an API.
fn in_fence(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(FENCE_MAX)..at).unwrap_or_default();
    memchr::memmem::rfind(before, b"```").and_then(|i| before.get(i + 3)).is_some_and(|b| {
        // A fence that opens a block names its language.
        b.is_ascii_lowercase()
    })
}

/// `## Example value taken from …` above it, or the two crosses of a default that is described and
/// not set before it on its own line.
fn in_comment(bytes: &[u8], at: usize, role: Role, lexicon: &Lexicon) -> bool {
    let before = bytes.get(at.saturating_sub(BLOCK_MAX)..at).unwrap_or_default();
    let mut lines = lines_back(before).map(<[u8]>::trim_ascii_start);
    let own = lines.next().unwrap_or_default();
    let described = role == Role::Config && own.starts_with(b"## ");
    // A comment speaks of what comes next: a key and the first line of its value may stand between.
    let mut between = 0;
    described
        || lines
            .take_while(|line| {
                let comment = is_comment(line);
                between += usize::from(!comment);
                !line.is_empty() && between <= BETWEEN_MAX
            })
            .any(|line| is_comment(line) && lexicon.says_sample(line))
}

fn is_comment(line: &[u8]) -> bool {
    matches!(line, [b'#', ..] | [b'/', b'/', ..] | [b'*', b' ', ..])
}

/// `_TESTS = [{ … }]`, `const fixtures = { … }`: data of tests beside the code which they test. Lines
/// that stand further to the left than all below them open the blocks around a value.
fn in_tests(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(BLOCK_MAX)..at).unwrap_or_default();
    let mut indent = usize::MAX;
    let mut levels = 0;
    for line in lines_back(before) {
        let inner = line.trim_ascii_start();
        let own = line.len() - inner.len();
        if inner.is_empty() || own >= indent {
            continue;
        }
        if opens_tests(inner) {
            return true;
        }
        indent = own;
        levels += 1;
        if own == 0 || levels > LEVELS_MAX {
            return false;
        }
    }
    false
}

/// Whether the line gives a list or a map to a name of tests.
fn opens_tests(line: &[u8]) -> bool {
    let Some(sign) = memchr::memchr(b'=', line) else { return false };
    let (name, value) = (line.get(..sign), line.get(sign + 1..));
    let value = value.unwrap_or_default().trim_ascii();
    let opens = matches!(value.last(), Some(b'[' | b'{' | b'(')) && value.len() <= 24;
    let name = name.unwrap_or_default().trim_ascii_end();
    let len = name.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let name = crate::text::lossless(name.get(name.len() - len..).unwrap_or_default());
    let words = words(&name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    // `TEST_SERVER` is one that runs; `_TESTS`, `loginFixtures` and `TEST_CASES` are data.
    let data = match last {
        "test" => words.len() == 1,
        "cases" | "data" => words.iter().any(|word| super::purpose::is_of_test(word)),
        last => super::purpose::is_of_test(last),
    };
    opens && data
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, role: Role) -> bool {
        let at = text.find("VALUE").unwrap();
        Signs::of(text.as_bytes()).as_sample(
            text.as_bytes(),
            at,
            role,
            &Lexicon::builtin_for_tests(),
        )
    }

    #[test]
    fn lines_are_told_backwards() {
        for text in ["", "a", "a\n", "\na", "a\n\nb", "one\ntwo\nthree"] {
            let lines: Vec<&[u8]> = lines_back(text.as_bytes()).collect();
            let split: Vec<&[u8]> = text.as_bytes().rsplit(|b| *b == b'\n').collect();
            assert_eq!(lines, split, "{text:?}");
        }
    }

    #[test]
    fn what_is_around_a_value_tells_that_it_is_shown() {
        for (text, role) in [
            ("doc = \"For instance:\\n```bash\\n-H 'X-Api-Key: VALUE'", Role::Code),
            ("## Example value taken from the manual\nhostKey: |-\n  VALUE", Role::Config),
            ("  ## gossipKey: VALUE", Role::Config),
            ("class A:\n    _TESTS = [{\n        'url': 'VALUE',", Role::Code),
            ("def get(uri):\n    \"\"\"Gets it.\n\n    http://h/?access_token=VALUE", Role::Code),
            ("EXAMPLES = r'''\n- uri:\n    url: http://h/?token=VALUE", Role::Code),
            ("    >>> client.body(code_verifier='VALUE')", Role::Code),
            ("/**\n * \"signature\": \"VALUE\"", Role::Code),
            ("<pre><code>http GET /a\n\"Authorization:Bearer VALUE\"", Role::Code),
            ("const loginFixtures = {\n  user: {\n    token: 'VALUE'", Role::Code),
        ] {
            assert!(shown(text, role), "{text}");
        }
        for (text, role) in [
            ("```bash\nx\n```\n token = 'VALUE'", Role::Code),
            ("# an example follows\nhostKey: VALUE", Role::Config),
            ("# token: VALUE", Role::Config),
            ("# example value\nkey: a\nhost: b\nuser: c\ntoken: VALUE", Role::Config),
            ("# example value\n\ntoken: VALUE", Role::Config),
            ("class A:\n    _TESTS = [1]\n    _KEY = 'VALUE'", Role::Code),
            ("def test_login():\n    token = 'VALUE'", Role::Code),
            ("def get():\n    \"\"\"Gets it.\"\"\"\n    token = 'VALUE'", Role::Code),
            ("def get():\n    text = \"\"\"\n    token: VALUE", Role::Code),
            ("<prefs>\n<preset token=\"VALUE\"", Role::Config),
            ("<pre>a</pre>\n<a href='/?token=VALUE'>", Role::Code),
            ("TEST_SERVER = {\n  'token': 'VALUE'", Role::Code),
            ("latest = {\n  token: 'VALUE'", Role::Code),
        ] {
            assert!(!shown(text, role), "{text}");
        }
    }
}
