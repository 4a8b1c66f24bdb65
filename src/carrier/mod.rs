//! Carriers: the places in running text which can hold a credential, parsed and not matched.
//!
//! The search is anchored on separators (`=`, `:`, `,`), because names are everywhere and separators
//! behind secret names are rare. At each separator the two characters before it are looked up in a
//! bitmap; only when they can end a name that the rule book knows is the name itself read, and only
//! then is the place around it parsed: a URL, a header, a query object, an assignment.

pub mod annotation;
pub mod assignment;
pub mod context;
pub mod directive;
pub mod element;
mod encoded;
pub mod header;
pub mod literal;
pub mod logging;
mod name;
pub mod pair;
mod piece;
pub mod table;
pub mod url;

use std::sync::{Arc, LazyLock};

use memchr::{memchr2_iter, memmem};

use self::context::{Context, Opener};
pub use self::encoded::DEPTH_MAX;
pub use self::name::{Name, NameEnd};
use self::name::{is_type, last_three, name_end, name_start, typed};

use crate::artifact::Role;
use crate::finding::PlaceKind;
use crate::format::kind::{Bare, Kind};
use crate::rule::RuleBook;
use crate::rule::book::MatchRef;
use crate::rule::names::Endings;
use crate::rule::schema::Tier;
use crate::secret::Secret;
use crate::text::{Span, lossless};
use crate::value::{Braces, ValueKind};

/// The address of the call to which something belongs, as far as the text tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// Lower-case; empty when unknown.
    pub scheme: String,
    /// Lower-case; empty when unknown.
    pub host: String,
    /// The path.
    pub path: Vec<u8>,
    /// Its parameters as they are written, as far as they tell what the call is for.
    pub query: Vec<u8>,
    /// Folded names of its parameters, in order.
    pub names: Vec<String>,
    /// Values of the parameters that tell a lifetime (`se`, `X-Amz-Expires`), decoded once.
    pub values: Vec<(String, String)>,
}

/// A comma behind a quote, ready to be searched for.
static QUOTED_COMMAS: LazyLock<[memmem::Finder<'static>; 3]> =
    LazyLock::new(|| ["\",", "',", "`,"].map(memmem::Finder::new));

/// Something carried under a name, or free in the text.
#[derive(Debug, Clone)]
pub struct Carried {
    /// Where in the protocol.
    pub place: PlaceKind,
    /// The name as written.
    pub name: String,
    /// What the value is.
    pub kind: ValueKind,
    /// The value, when it is a literal.
    pub secret: Option<Secret>,
    /// The value in the text; for anything but a literal, name and value.
    pub span: Span,
    /// The tier of the name.
    pub tier: Option<Tier>,
    /// The call it belongs to.
    pub call: Option<Arc<Call>>,
    /// The scheme of an `Authorization` header, as written.
    pub scheme: Option<String>,
    /// The match whose free-text pattern found it.
    pub rule: Option<MatchRef>,
}

impl Carried {
    /// Something in a place, of which nothing else is known yet.
    pub fn of(place: PlaceKind, kind: ValueKind, span: Span) -> Self {
        Self {
            place,
            name: String::new(),
            kind,
            secret: None,
            span,
            tier: None,
            call: None,
            scheme: None,
            rule: None,
        }
    }
}

/// A bare value longer than this, in bytes, is not searched for further names when it is none itself.
const RUN_MAX: usize = 256;

/// How far a free-text pattern reaches, in bytes.
const FREE_MAX: usize = 8192;
/// How far behind its prefix a secret may begin, in bytes.
const PREFIX_MAX: usize = 160;

/// How far behind a shorthand field its brace may stand, in bytes.
const SHORTHAND_BLANKS: usize = 60;

/// A text to read, with what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'b> {
    /// The rules, for their names.
    pub book: &'b RuleBook,
    /// How the file is read.
    pub kind: Kind,
}

impl Reader<'_> {
    /// Everything carried in `text` whose anchor lies in `body`.
    pub fn read(&self, text: &[u8], body: Span) -> Vec<Carried> {
        self.read_at_most(text, body, usize::MAX).unwrap_or_default()
    }

    /// The same, unless it is more than `most`.
    fn read_at_most(&self, text: &[u8], body: Span, most: usize) -> Option<Vec<Carried>> {
        let mut out = Vec::new();
        self.named(text, body, most, &mut out);
        self.free(text, body, most, &mut out);
        if out.len() > most {
            return None;
        }
        self.nested(text, body, &mut out);
        annotation::read(self, text, body, &mut out);
        directive::read(self, text, body, &mut out);
        logging::read(self, text, body, &mut out);
        table::read(self, text, body, &mut out);
        if self.kind.markup {
            element::read(self, text, body, &mut out);
        }
        (out.len() <= most).then_some(out)
    }

    /// Whatever stands under a name; more than `most` is of no use.
    fn named(&self, text: &[u8], body: Span, most: usize, out: &mut Vec<Carried>) {
        let endings = self.book.endings();
        let mut done = 0;
        for at in memchr2_iter(b'=', b':', body.of(text)).map(|i| body.start + i) {
            if at >= done && is_worth_a_look(text, at, endings) {
                done = self.anchor(text, at, out).unwrap_or(done);
                if out.len() > most {
                    return;
                }
            }
        }
        // Commas are everywhere; only those behind a quote can stand between a name and its value.
        // Backquotes hold a string in scripts of pages alone; elsewhere they hold a command or a name.
        let quotes = if self.kind.shorthand { 3 } else { 2 };
        for quote in QUOTED_COMMAS.iter().take(quotes) {
            let mut done = 0;
            for at in quote.find_iter(begins_in(text, body, 2)).map(|i| body.start + i + 1) {
                if at >= done {
                    done = self.anchor(text, at, out).unwrap_or(done);
                }
            }
        }
        if matches!(self.kind.role, Role::Code | Role::Config) {
            let mut done = 0;
            for at in
                memmem::find_iter(begins_in(text, body, 2), b"\" ").map(|i| body.start + i + 1)
            {
                if at >= done && joins_pair(text, at, self.kind.role) {
                    done = self.anchor(text, at, out).unwrap_or(done);
                }
            }
        }
        if self.kind.shorthand {
            for at in memchr2_iter(b',', b'}', body.of(text)).map(|i| body.start + i) {
                self.shorthand(text, at, out);
            }
        }
    }

    /// Looks at the separator at `at`; up to where the text is done, when something was read.
    fn anchor(&self, text: &[u8], at: usize, out: &mut Vec<Carried>) -> Option<usize> {
        let endings = self.book.endings();
        let byte = text.get(at).copied().unwrap_or_default();
        if byte == b':' && matches!(text.get(at + 1..at + 3), Some(b"//")) {
            let (carried, end) = url::userinfo(self, text, at)?;
            out.push(carried);
            // The query behind it is still to be read: only the authority is done.
            return Some(end);
        }
        if byte == b'=' && is_comparison(text, at) {
            return None;
        }
        if byte == b':'
            && let Some(end) = keyword(text, at)
            && let Some(name) = self.name(text, end)
        {
            let end = NameEnd { at: end, quoted: false, subscript: false };
            return Some(self.place(text, end.at, end, &name, out).max(at + 1));
        }
        let end = name_end(text, at, byte)?;
        let last = last_three(text, end.at);
        let worth = endings.allow(last) || pair::allow(last) || ends_encoded(text, end.at, last);
        if !worth && !is_type(text, end.at) {
            return None;
        }
        // `"key": "X-Api-Key", "value": …` before `"key": "…"`: both fields together say more.
        if pair::allow(last)
            && let Some(carried) = pair::read(self, text, at, end)
        {
            out.push(carried);
            return None;
        }
        if pair::allow(last) && pair::is_of_expressions(self, text, at, end) {
            return None;
        }
        let end = typed(text, end);
        let compares = byte == b'='
            && matches!(at.checked_sub(1).and_then(|i| text.get(i)), Some(b'=' | b'!' | b'~'));
        if compares && !before_quote(text, at + 1) {
            return None; // only with a literal does a comparison give anything away
        }
        let name = self.name(text, end.at)?;
        // `"Show password",` ends in a name and is none.
        let before = name.span.start.checked_sub(1).and_then(|i| text.get(i));
        if matches!(byte, b',' | b' ')
            && !matches!(before, Some(b'"' | b'\'' | b'`' | b'.' | b';' | b':' | b'$'))
        {
            return None;
        }
        Some(self.place(text, at, end, &name, out).max(at + 1))
    }

    /// `params: { token, from }`: a field whose name is its variable, before a comma or the brace
    /// that closes.
    fn shorthand(&self, text: &[u8], sign: usize, out: &mut Vec<Carried>) {
        let mut end = sign;
        while end + SHORTHAND_BLANKS > sign
            && end.checked_sub(1).and_then(|i| text.get(i)).is_some_and(u8::is_ascii_whitespace)
        {
            end -= 1;
        }
        let last = last_three(text, end);
        if !(last.last().is_some_and(u8::is_ascii_alphanumeric) && self.book.endings().allow(last))
        {
            return;
        }
        let Some(name) = self.name(text, end) else { return };
        let before = text.get(..name.span.start).unwrap_or_default().trim_ascii_end();
        let alone = matches!(before.last(), Some(b'{' | b','));
        if alone && context::is_query_object(text, name.span.start, self) {
            out.push(Carried {
                name: lossless(name.span.of(text)).into_owned(),
                tier: name.tier,
                ..Carried::of(PlaceKind::QueryObject, ValueKind::Variable, name.span)
            });
        }
    }

    /// Finds out where the name stands and reads what it carries. Returns up to where the text is
    /// done.
    fn place(
        &self,
        text: &[u8],
        at: usize,
        end: NameEnd,
        name: &Name,
        out: &mut Vec<Carried>,
    ) -> usize {
        let byte = text.get(at).copied().unwrap_or_default();
        if byte == b'=' && !end.quoted && url::begins_parameter(text, name.span.start) {
            return url::read(self, text, name.span, out);
        }
        if byte == b',' && pair::is_list_element(self, text, name.span, end) {
            return at;
        }
        // What is compared is not sent.
        let compares = byte == b'=' && matches!(text.get(at.wrapping_sub(1)), Some(b'=' | b'!'));
        let asks = compares || pair::is_readers_argument(text, name.span, end);
        let context = if asks {
            Context { opener: Opener::Other, call: None }
        } else {
            context::around(text, name, end, self)
        };
        let is_header = header::is_header(name, context.opener);
        let carried = if is_header {
            header::read(self, text, at, name, &context)
        } else {
            assignment::read(self, text, at, end, name, &context)
        };
        // A value may hold names of its own (`"Authorization": "fmetoken token=…"`): what was read
        // as a header is done, an assignment of something else is searched on.
        match carried {
            // `getenv("FME_TOKEN", "…")` carries nothing but its default.
            Some(carried) if asks && carried.kind != ValueKind::Literal => at,
            // What holds an address is not itself the credential: the address is read in its turn.
            Some(carried)
                if !is_header
                    && (holds_address(carried.span.of(text))
                        || holds_settings(carried.span.of(text))) =>
            {
                at
            }
            // A long run of bare text which is no value holds no better one: `token=token=token=…`.
            Some(carried)
                if !is_header
                    && matches!(carried.kind, ValueKind::Placeholder | ValueKind::Redacted)
                    && carried.span.len() > RUN_MAX =>
            {
                carried.span.end
            }
            Some(carried)
                if carried.kind == ValueKind::Literal
                    || is_header
                    || (self.bare_values() && is_long_run(carried.span.of(text))) =>
            {
                let done = carried.span.end;
                out.push(carried);
                done
            }
            Some(carried) => {
                out.push(carried);
                at
            }
            None => at,
        }
    }

    /// What a rule knows by its looks, anywhere: prefixed tokens, and idioms that carry a value
    /// without a separator; more than `most` is of no use.
    fn free(&self, text: &[u8], body: Span, most: usize, out: &mut Vec<Carried>) {
        let mut all: Vec<(u32, Carried)> = Vec::new();
        self.book.prefixes().each(text, body, |at, matches| {
            if out.len() + all.len() > most {
                return;
            }
            let before = at.checked_sub(1).and_then(|i| text.get(i)).copied().unwrap_or(b' ');
            let first = text.get(at).copied().unwrap_or_default();
            let amid = before.is_ascii_alphanumeric() && first.is_ascii_alphanumeric();
            if matches!(before, b'+' | b'/') && is_inside_base64(text, at) {
                return;
            }
            let found = matches.iter().find_map(|reference| {
                let (_, m) = self.book.resolve(*reference)?;
                let at = match m.inside.is_empty() {
                    true if amid => return None,
                    true => at,
                    false => run_start(text, at),
                };
                let window = Span::new(at, (at + FREE_MAX).min(text.len()));
                let range = m.text.as_ref()?.capture(window.of(text))?;
                let span = Span::new(at + range.start, at + range.end);
                let near = range.start <= PREFIX_MAX;
                (near && self.is_literal(text, span)).then_some((*reference, m, span))
            });
            let Some((reference, m, span)) = found else { return };
            let place = m.place.unwrap_or(PlaceKind::Bare);
            let call = url::call_around(text, span.start).or_else(|| {
                let sent = place == PlaceKind::Header;
                sent.then(|| context::call_of(text, span, self)).flatten()
            });
            // A segment of a path has no name but the host it is sent to.
            let host = call.as_ref().filter(|_| place == PlaceKind::UrlPath).map(|c| &c.host);
            let carried = Carried {
                name: host.cloned().unwrap_or_default(),
                secret: Some(Secret::new(span.of(text))),
                call: call.map(Arc::new),
                rule: Some(reference),
                ..Carried::of(place, ValueKind::Literal, span)
            };
            all.push((m.weight(), carried));
        });
        // Which prefix is met first depends on how the search is laid out. An idiom shall speak
        // first, for it knows the place, and then the prefix that says most of the kind.
        all.sort_by_key(|(weight, carried)| {
            let is_bare = carried.place == PlaceKind::Bare;
            (carried.span.start, is_bare, std::cmp::Reverse(*weight))
        });
        out.extend(all.into_iter().map(|(_, carried)| carried));
    }

    fn is_literal(&self, text: &[u8], span: Span) -> bool {
        let kind = crate::value::classify(span.of(text), Braces::Inert, &self.book.lexicon);
        kind == ValueKind::Literal
    }

    /// Whether a bare word is a value here.
    pub fn bare_values(&self) -> bool {
        self.kind.bare == Bare::Value
    }
}

/// Whether a string literal begins at `at`, behind the rest of an operator and blanks.
fn before_quote(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..(at + 12).min(text.len())).unwrap_or_default();
    let first = rest.iter().find(|b| !matches!(b, b'=' | b' '));
    matches!(first, Some(b'"' | b'\'' | b'`'))
}

/// Whether the blank at `at` stands between the name of a pair and its value: `"token" -> "…"`,
/// `"token" to "…"`, `"token" "…"`.
fn joins_pair(text: &[u8], at: usize, role: Role) -> bool {
    let rest = text.get(at + 1..).unwrap_or_default();
    rest.first() == Some(&b'"')
        || (role == Role::Code && (rest.starts_with(b"-> ") || rest.starts_with(b"to ")))
}

/// Where the name ends of a keyword argument of Lisp: `:token "…"`.
fn keyword(text: &[u8], colon: usize) -> Option<usize> {
    let before = colon.checked_sub(1).and_then(|i| text.get(i))?;
    let rest = text.get(colon + 1..(colon + 1 + crate::name::NAME_MAX).min(text.len()))?;
    if !(matches!(before, b'{' | b'(' | b'[') || before.is_ascii_whitespace())
        || !rest.first()?.is_ascii_alphabetic()
    {
        return None;
    }
    let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let end = colon + 1 + name.count();
    matches!(text.get(end..end + 2), Some(b" \"" | b" (")).then_some(end)
}

/// Whether what stands before `at` is a long run of base64, an image say: chance writes many prefixes.
fn is_inside_base64(text: &[u8], at: usize) -> bool {
    const RUN: usize = 64;
    let before = text.get(at.saturating_sub(RUN)..at).unwrap_or_default();
    let inside = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    before.len() == RUN && before.iter().all(inside)
}

/// The text in which something of `len` bytes is found that begins in `body`: it may end behind it, in
/// the next window, which then sees only its rest.
fn begins_in(text: &[u8], body: Span, len: usize) -> &[u8] {
    Span::new(body.start, (body.end + len - 1).min(text.len()).max(body.end)).of(text)
}

/// The first filter of the hot path: most separators stand behind a word that ends as no name does,
/// or behind a sign that ends no name at all.
fn is_worth_a_look(text: &[u8], at: usize, endings: &Endings) -> bool {
    let one_blank = at.checked_sub(1).and_then(|i| text.get(i)) == Some(&b' ');
    let end = at - usize::from(one_blank);
    let last = last_three(text, end);
    let [_, b, c] = last;
    if text.get(at..at + 3) == Some(b"://") {
        return true;
    }
    let ends = if c.is_ascii_alphanumeric() {
        endings.allow(last)
            || pair::allow(last)
            || (b == b'n' && c == b'g')
            || ends_encoded(text, end, last)
    } else {
        // A quote, blanks, a bracket, the first sign of an operator, another alphabet.
        !c.is_ascii() || b"\"'`])_-.$;\\ \t?:+!=~|".contains(&c)
    };
    ends || (text.get(at) == Some(&b':') && keyword(text, at).is_some())
}

/// Whether one of the last characters of a name is percent-encoded (`toke%6e`): it may end as any.
fn ends_encoded(text: &[u8], end: usize, last: [u8; 3]) -> bool {
    last.iter().any(u8::is_ascii_digit)
        && text.get(end.saturating_sub(5)..end).is_some_and(|name| name.contains(&b'%'))
}

/// Whether a bare value is so long that names inside of it are read no more: `token=${token=${…`.
fn is_long_run(value: &[u8]) -> bool {
    value.len() > RUN_MAX && !value.iter().any(u8::is_ascii_whitespace)
}

/// Whether a value holds an address or the pairs of a query.
pub fn holds_address(value: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'%');
    memmem::find(value, b"://").is_some()
        || (value.iter().any(|b| matches!(b, b'&' | b'?'))
            && memchr::memchr_iter(b'=', value).any(|sign| {
                let head = value.get(..sign).unwrap_or_default();
                let name = head.iter().rev().take_while(|b| is_name(b)).count();
                let before = (head.len() - name).checked_sub(1).and_then(|i| head.get(i));
                name > 0 && before.is_none_or(|b| matches!(b, b'&' | b'?' | b';'))
            }))
}

/// Whether a value is a connection string: `AccountName=…;AccountKey=…`.
fn holds_settings(value: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b' ' | b'_');
    let settings = value.split(|b| *b == b';').filter(|setting| {
        let name = setting.iter().take_while(|b| is_name(b)).count();
        name >= 2 && setting.get(name) == Some(&b'=') && setting.len() > name + 1
    });
    settings.count() >= 2
}

/// Whether `=` at `at` compares (`token == x`) or pads base64. Two signs of an option of httpie are
/// something else.
fn is_comparison(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| text.get(i));
    match text.get(at + 1) {
        Some(b'=') => {
            let behind = text.get(at + 2);
            before == Some(&b' ') || behind.is_none_or(|b| b.is_ascii_whitespace() || *b == b'=')
        }
        // What is compared with a literal is known beforehand, and so is a secret that is.
        behind => match before {
            Some(b'!') => !matches!(behind, Some(b' ' | b'"' | b'\'')),
            before => matches!(before, Some(b'<' | b'>')),
        },
    }
}

/// Where the run of token characters begins that goes over `at`.
fn run_start(text: &[u8], at: usize) -> usize {
    let before = text.get(at.saturating_sub(PREFIX_MAX)..at).unwrap_or_default();
    let inside =
        |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'~' | b'.' | b'+' | b'/' | b'-');
    at - before.iter().rev().take_while(inside).count()
}
