//! Challenges: what `WWW-Authenticate` and `Proxy-Authenticate` ask for (RFC 9110 §11.6.1).
//!
//! A field holds a list of challenges and may come several times. Commas separate challenges as well
//! as the parameters of one challenge, a challenge may be a scheme alone, and a value may be a
//! `token68` instead of parameters; servers get all of it wrong in places, so the reader never
//! refuses: what it does not understand it passes over.

/// One challenge: a scheme and what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme as written (`Bearer`).
    pub scheme: String,
    /// The `token68` behind it, where there is one instead of parameters (`Negotiate <token>`).
    pub token68: Option<String>,
    /// Parameters in order, names in lower case, values without quotes.
    pub parameters: Vec<(String, String)>,
}

/// The longest field that is read, in bytes.
const FIELD_MAX: usize = 64 * 1024;
/// The most challenges of one answer.
const CHALLENGES_MAX: usize = 32;

impl Challenge {
    /// The value of a parameter, by its lower-case name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the challenges of one field value.
pub fn parse(field: &str) -> Vec<Challenge> {
    let mut reader = Reader { rest: floor(field, FIELD_MAX) };
    let mut challenges: Vec<Challenge> = Vec::new();
    while challenges.len() < CHALLENGES_MAX {
        reader.skip_separators();
        let Some(word) = reader.token() else {
            if reader.rest.is_empty() {
                break;
            }
            reader.skip_one();
            continue;
        };
        reader.skip_blanks();
        if reader.rest.starts_with('=') && !challenges.is_empty() && !reader.at_padding() {
            let value = reader.value();
            if let Some(last) = challenges.last_mut() {
                last.parameters.push((word.to_ascii_lowercase(), value));
            }
            continue;
        }
        let token68 = reader.token68();
        challenges.push(Challenge { scheme: word.to_owned(), token68, parameters: Vec::new() });
    }
    challenges
}

/// What is left of a field.
struct Reader<'f> {
    rest: &'f str,
}

impl<'f> Reader<'f> {
    fn take(&mut self, len: usize) -> &'f str {
        let (head, tail) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    fn skip_one(&mut self) {
        let len = self.rest.chars().next().map_or(0, char::len_utf8);
        self.take(len);
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn skip_separators(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', ',', ';', '\r', '\n']);
    }

    /// A `token` of RFC 9110: a scheme or the name of a parameter.
    fn token(&mut self) -> Option<&'f str> {
        let end = self.rest.find(|c: char| !is_token(c)).unwrap_or(self.rest.len());
        (end > 0).then(|| self.take(end))
    }

    /// Whether the `=` that comes next is the padding of a `token68` and no assignment.
    fn at_padding(&self) -> bool {
        let behind = self.rest.trim_start_matches('=').trim_start();
        behind.is_empty() || behind.starts_with(',')
    }

    /// `= value`, in quotes or without.
    fn value(&mut self) -> String {
        self.take(1);
        self.skip_blanks();
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let end = self.rest.find([',', ' ', '\t']).unwrap_or(self.rest.len());
        self.take(end).trim_end_matches(';').to_owned()
    }

    /// A quoted string; one without its end goes to the end of the field.
    fn quoted(&mut self) -> String {
        self.take(1);
        let mut out = String::new();
        let mut chars = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    end = at + 1;
                    break;
                }
                '\\' => out.extend(chars.next().map(|(_, c)| c)),
                c => out.push(c),
            }
        }
        self.take(end);
        out
    }

    /// What stands behind a scheme and is neither a parameter nor the next challenge.
    fn token68(&mut self) -> Option<String> {
        let end = self.rest.find([',', ' ', '\t', '"']).unwrap_or(self.rest.len());
        let word = self.rest.get(..end)?;
        let body = word.trim_end_matches('=');
        let is_word = !body.is_empty()
            && body.chars().all(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c));
        let behind = self.rest.get(end..)?.trim_start();
        let ends = behind.is_empty() || behind.starts_with(',');
        (is_word && ends).then(|| self.take(end).to_owned())
    }
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

fn floor(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemes(field: &str) -> Vec<String> {
        parse(field).into_iter().map(|c| c.scheme).collect()
    }

    #[test]
    fn lists_parameters_and_quotes_are_told_apart() {
        let all = parse(
            r#"Basic realm="a, \"b\"", Bearer realm="https://id.example/", error="invalid_token",error_description="The token expired", Negotiate"#,
        );
        assert_eq!(all.len(), 3, "{all:?}");
        assert_eq!(all[0].parameter("realm"), Some("a, \"b\""));
        assert_eq!(all[1].parameter("error"), Some("invalid_token"));
        assert_eq!(all[1].parameter("error_description"), Some("The token expired"));
        assert_eq!((all[2].scheme.as_str(), all[2].parameters.len()), ("Negotiate", 0));
    }

    #[test]
    fn a_token68_is_no_parameter() {
        let all = parse("NTLM TlRMTVNTUAACAAAA==, Negotiate abc+/=");
        assert_eq!(all[0].token68.as_deref(), Some("TlRMTVNTUAACAAAA=="));
        assert_eq!(all[1].token68.as_deref(), Some("abc+/="));
        assert_eq!(schemes("Digest realm=x, nonce=abc=, stale=TRUE"), ["Digest"]);
        let digest = parse("Digest realm=x, nonce=\"a=b\", stale=TRUE");
        assert_eq!(digest[0].parameter("stale"), Some("TRUE"));
        assert_eq!(digest[0].parameter("nonce"), Some("a=b"));
    }

    #[test]
    fn broken_fields_are_read_as_far_as_they_go() {
        assert_eq!(schemes(""), Vec::<String>::new());
        assert_eq!(schemes(", ,Basic"), ["Basic"]);
        assert_eq!(schemes("Bearer realm=\"open"), ["Bearer"]);
        assert_eq!(schemes("\u{e9}\u{0} Token"), ["Token"]);
        assert_eq!(schemes("Bearer error = \"x\" ; scope=\"a b\""), ["Bearer"]);
        assert_eq!(parse(&"a, ".repeat(1000)).len(), CHALLENGES_MAX);
        assert_eq!(parse(&"=".repeat(100_000)), []);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(field in ".{0,200}") {
            parse(&field);
        }
    }
}
