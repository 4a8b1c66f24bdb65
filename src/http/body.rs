//! The body of an answer, read for what it says: its kind, the codes and the sentences in it.
//!
//! Every framework wraps its refusal in another envelope, and new ones are made every year. So the
//! envelope is not known here: a word under a key that is called `code` or the like is a code, and
//! whatever reads like a sentence is one. Which code means what stands in the rules.

use serde_json::Value;

/// The largest body that is looked into, in bytes.
pub const BODY_MAX: usize = 256 * 1024;
/// The most codes and the most sentences of one body.
const WORDS_MAX: usize = 24;
/// The longest sentence, in characters; what follows is never the reason.
const SENTENCE_MAX: usize = 600;
/// The most values of a JSON document that are visited.
const NODES_MAX: usize = 4000;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Empty,
    /// JSON.
    Json,
    /// XML that is no page.
    Xml,
    /// A page.
    Html,
    /// Anything else that can be read.
    Text,
}

impl Kind {
    /// The word that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Empty => "empty",
            Kind::Json => "json",
            Kind::Xml => "xml",
            Kind::Html => "html",
            Kind::Text => "text",
        }
    }
}

/// A body, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// What it is.
    pub kind: Kind,
    /// Machine words: OAuth errors, vendor codes, names of exceptions.
    pub codes: Vec<String>,
    /// Sentences for people.
    pub sentences: Vec<String>,
    /// What a reader would see, without markup, cut.
    pub text: String,
    /// A page that asks for a password.
    pub asks_for_password: bool,
    json: Option<Value>,
    elements: Vec<(String, String)>,
}

/// Keys whose value is a code when it is one word or a number.
const CODE_KEYS: &[&str] = &[
    "code", "error", "errorcode", "errcode", "errors", "status", "reason", "type", "kind",
    "errortype", "exception", "name", "title", "faultcode", "errorid", "key", "messageid",
    "subcode", "category",
];
/// Keys whose value is a sentence even when it is one word.
const SENTENCE_KEYS: &[&str] = &[
    "message", "msg", "detail", "details", "error", "errors", "errormessage", "errordescription",
    "description", "title", "reason", "faultstring", "errorsummary", "hint", "what",
];

impl Body {
    /// Reads a body. `content_type` is that of the answer, or empty.
    pub fn read(bytes: &[u8], content_type: &str) -> Self {
        let bytes = bytes.get(..BODY_MAX).unwrap_or(bytes);
        let text = crate::text::lossless(bytes);
        let shown = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        let mut body = Self {
            kind: Kind::Text,
            codes: Vec::new(),
            sentences: Vec::new(),
            text: String::new(),
            asks_for_password: false,
            json: None,
            elements: Vec::new(),
        };
        match shown.chars().next() {
            None => body.kind = Kind::Empty,
            Some('{' | '[' | '"') if body.read_json(shown) => {}
            Some('<') => body.read_markup(shown, content_type),
            Some(_) => {
                body.text = cut(shown.trim(), SENTENCE_MAX);
                body.sentences.push(body.text.clone());
            }
        }
        body
    }

    /// The value behind a JSON pointer (RFC 6901), as text.
    pub fn pointer(&self, pointer: &str) -> Option<String> {
        match self.json.as_ref()?.pointer(pointer)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => Some("null".to_owned()),
            Value::Array(_) | Value::Object(_) => None,
            plain => Some(plain.to_string()),
        }
    }

    /// The text of the first element of this name, without case.
    pub fn element(&self, name: &str) -> Option<&str> {
        self.elements
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, text)| text.as_str())
    }

    /// Names and texts of the elements, in order.
    pub fn elements(&self) -> impl Iterator<Item = (&str, &String)> {
        self.elements.iter().map(|(name, text)| (name.as_str(), text))
    }

    /// The document, where it is JSON.
    pub fn json(&self) -> Option<&Value> {
        self.json.as_ref()
    }

    fn read_json(&mut self, text: &str) -> bool {
        // Hijacking guards (`)]}',`) do not begin like JSON and stay text.
        let Ok(value) = serde_json::from_str::<Value>(text) else { return false };
        self.kind = Kind::Json;
        let mut left = NODES_MAX;
        self.visit(&value, "", &mut left);
        self.text = cut(text.trim(), SENTENCE_MAX);
        self.json = Some(value);
        true
    }

    fn visit(&mut self, value: &Value, key: &str, left: &mut usize) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return;
        }
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| self.visit(value, key, left)),
            Value::Array(list) => list.iter().for_each(|value| self.visit(value, key, left)),
            Value::String(text) => self.word(key, text.trim()),
            Value::Number(number) if is_key(CODE_KEYS, key) => self.code(&number.to_string()),
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    /// A word or a sentence under its key.
    fn word(&mut self, key: &str, text: &str) {
        let one_word = !text.contains(char::is_whitespace);
        if one_word && is_key(CODE_KEYS, key) {
            // Problem types and exceptions are named by addresses and paths: the end is the name.
            self.code(text.rsplit(['/', '#', ':']).find(|part| !part.is_empty()).unwrap_or(text));
        }
        if !one_word || is_key(SENTENCE_KEYS, key) {
            self.sentence(text);
        }
    }

    fn code(&mut self, code: &str) {
        if (1..=120).contains(&code.len()) && self.codes.len() < WORDS_MAX {
            self.codes.push(code.to_owned());
        }
    }

    fn sentence(&mut self, text: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() && self.sentences.len() < WORDS_MAX && !self.sentences.contains(&text) {
            self.sentences.push(cut(&text, SENTENCE_MAX));
        }
    }

    fn read_markup(&mut self, text: &str, content_type: &str) {
        let head = cut(text, 1000).to_ascii_lowercase();
        let is_page = head.contains("<html") || head.contains("<!doctype html");
        let is_xml = !is_page && (head.starts_with("<?xml") || content_type.contains("xml"));
        self.kind = if is_xml { Kind::Xml } else { Kind::Html };
        let mut seen = String::new();
        let mut open = String::new();
        for piece in (Markup { rest: text }) {
            match piece {
                Piece::Tag(tag) => {
                    let name = tag.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
                    open = if tag.starts_with('/') { String::new() } else { name.to_owned() };
                    let lower = tag.to_ascii_lowercase();
                    self.asks_for_password |= lower.starts_with("input")
                        && lower
                            .split(|c: char| !c.is_ascii_alphanumeric())
                            .any(|w| w == "password");
                    seen.push(' ');
                }
                Piece::Text(text) if !is_silent(&open) => {
                    let plain = unescaped(text);
                    let plain = plain.trim();
                    if !plain.is_empty() && is_xml && self.elements.len() < 200 && !open.is_empty()
                    {
                        self.elements.push((local(&open).to_owned(), plain.to_owned()));
                        self.word(local(&open), plain);
                    } else if !plain.is_empty()
                        && matches!(open.as_str(), "title" | "h1" | "h2" | "p")
                    {
                        self.sentence(plain);
                    }
                    seen += plain;
                }
                Piece::Text(_) => {}
            }
        }
        self.text = cut(&seen.split_whitespace().collect::<Vec<_>>().join(" "), 4 * SENTENCE_MAX);
        if !is_xml {
            let text = self.text.clone();
            self.sentence(&text);
        }
    }
}

/// Whether what stands inside of this element is no text for people.
fn is_silent(element: &str) -> bool {
    ["script", "style", "template", "svg"].iter().any(|s| element.eq_ignore_ascii_case(s))
}

/// The name of an element without its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn is_key(keys: &[&str], key: &str) -> bool {
    let folded = crate::name::fold(key.as_bytes());
    keys.contains(&folded.as_str())
}

/// The five entities that matter in a sentence.
fn unescaped(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    plain.replace("&#39;", "'").replace("&apos;", "'").replace("&amp;", "&")
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// Markup, piece by piece, by a reader which nothing can stop.
struct Markup<'t> {
    rest: &'t str,
}

enum Piece<'t> {
    /// What stands between `<` and `>`.
    Tag(&'t str),
    Text(&'t str),
}

impl<'t> Iterator for Markup<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let rest = self.rest;
        if let Some(comment) = rest.strip_prefix("<!--") {
            self.rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            return Some(Piece::Tag(""));
        }
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let (text, rest) = data.split_once("]]>").unwrap_or((data, ""));
            self.rest = rest;
            return Some(Piece::Text(text));
        }
        if let Some(tag) = rest.strip_prefix('<') {
            let (tag, rest) = tag.split_once('>').unwrap_or((tag, ""));
            self.rest = rest;
            return Some(Piece::Tag(tag));
        }
        if rest.is_empty() {
            return None;
        }
        let end = rest.find('<').unwrap_or(rest.len());
        let (text, rest) = rest.split_at_checked(end)?;
        self.rest = rest;
        Some(Piece::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_sentences_are_found_in_any_envelope() {
        let body = Body::read(
            br#"{"error":{"code":401,"status":"UNAUTHENTICATED","details":[{"reason":"ACCESS_TOKEN_EXPIRED"}],"message":"The token has expired."}}"#,
            "application/json",
        );
        assert_eq!(body.kind, Kind::Json);
        for code in ["401", "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"] {
            assert!(body.codes.iter().any(|c| c == code), "{:?}", body.codes);
        }
        assert!(body.sentences.contains(&"The token has expired.".to_owned()), "{body:?}");
        assert_eq!(body.pointer("/error/status").as_deref(), Some("UNAUTHENTICATED"));
        let problem = Body::read(br#"{"type":"https://example.org/probs/out-of-credit"}"#, "");
        assert_eq!(problem.codes, ["out-of-credit"]);
        let word = Body::read(br#"{"message":"Forbidden"}"#, "");
        assert_eq!(word.sentences, ["Forbidden"]);
    }

    #[test]
    fn markup_is_read_without_its_tags() {
        let body = Body::read(
            b"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            "application/xml",
        );
        assert_eq!((body.kind, body.element("code")), (Kind::Xml, Some("AccessDenied")));
        assert_eq!(body.codes, ["AccessDenied"]);
        let page = Body::read(
            b"<html><head><title>403 Forbidden</title><style>a b</style></head><h1>No &amp; no</h1><input type=password></html>",
            "text/html",
        );
        assert_eq!(page.kind, Kind::Html);
        assert!(page.asks_for_password);
        assert_eq!(page.text, "403 Forbidden No & no");
        assert!(page.sentences.contains(&"403 Forbidden".to_owned()));
    }

    #[test]
    fn anything_else_is_text() {
        assert_eq!(Body::read(b"", "").kind, Kind::Empty);
        assert_eq!(Body::read(b"JWT has expired", "").sentences, ["JWT has expired"]);
        assert_eq!(Body::read(b"{broken", "").kind, Kind::Text);
        assert_eq!(Body::read(b"\xff\xfe<", "").kind, Kind::Text);
        assert_eq!(Body::read(b"<", "").kind, Kind::Html);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            Body::read(&bytes, "text/html");
        }
    }
}
