//! String literals and bare values of any language, as far as a carrier needs them.

use std::ops::Range;

use super::{Name, Reader};
use crate::rule::schema::Tier;
use crate::shape::looks_random;
use crate::text::Span;
use crate::value::{Braces, ValueKind, classify};

/// The longest value that is read, in bytes.
pub const VALUE_MAX: usize = 16_384;

/// A value behind a separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extracted {
    /// The value without its quotes.
    pub span: Span,
    /// It is a string literal.
    pub quoted: bool,
    /// Whether `{name}` in it is alive.
    pub braces: Braces,
    /// An expression is joined to it or stands in its place: a variable.
    pub expression: bool,
}

/// Reads the value that begins at or after `at` (just behind the separator).
pub fn value_after(text: &[u8], at: usize, bare_values: bool) -> Option<Extracted> {
    let start = skip_to_value(text, at)?;
    let rest = text.get(start..)?;
    // On another line only a literal can be the value, and only one that is no key itself.
    let crossed = text.get(at..start).is_some_and(|between| between.contains(&b'\n'));
    if crossed && !is_value_of_its_own(text, start) {
        return None;
    }
    if let Some((open, prefix)) = opening_quote(rest) {
        return Some(quoted(text, start + prefix, open, rest.get(..prefix).unwrap_or_default()));
    }
    if let Some(wrapped) = wrapped(text, start) {
        return Some(wrapped);
    }
    if !bare_values {
        return expression(text, start);
    }
    let end = bare_end(text, start);
    (end > start).then(|| Extracted {
        span: Span::new(start, end),
        quoted: false,
        braces: Braces::Inert,
        expression: false,
    })
}

/// Whether the literal at `start` stands alone: no separator behind it makes it a key.
fn is_value_of_its_own(text: &[u8], start: usize) -> bool {
    let rest = text.get(start..).unwrap_or_default();
    let Some((quote, prefix)) = opening_quote(rest) else {
        return false;
    };
    let literal = quoted(text, start + prefix, quote, rest.get(..prefix).unwrap_or_default());
    let behind = text.get(literal.span.end + quote.len()..).unwrap_or_default();
    !matches!(behind.trim_ascii_start().first(), Some(b':' | b'='))
}

/// Skips blanks, the second half of a two-character separator, and a type between name and value.
fn skip_to_value(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    // `:=`, `=>`, `==`, `=~`
    while matches!(text.get(at), Some(b'=' | b'>' | b'~')) {
        at += 1;
    }
    // `"token" to "…"`, `"token" -> "…"`
    if let Some(arrow) =
        text.get(at..at + 3).filter(|a| matches!(a, [b't', b'o', b' '] | [b'-', b'>', b' ']))
    {
        at += arrow.len();
    }
    let mut blanks = 0;
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = text.get(at) {
        if text.get(at) == Some(&b'\n') && blanks > 0 && text.get(at + 1) == Some(&b'\n') {
            return None;
        }
        blanks += 1;
        if blanks > 120 {
            return None;
        }
        at += 1;
    }
    // `const token: string = "…"`: the value stands behind the type.
    let word =
        text.get(at..)?.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let typed = text.get(..at).is_some_and(|t| t.trim_ascii_end().last() == Some(&b':'));
    if typed && word > 0 && text.get(at).is_some_and(u8::is_ascii_alphabetic) {
        let behind = text.get(at + word..).unwrap_or_default();
        let spaces = behind.iter().take_while(|b| **b == b' ').count();
        if spaces > 0 && behind.get(spaces) == Some(&b'=') && behind.get(spaces + 1) == Some(&b' ')
        {
            return Some(at + word + spaces + 2);
        }
    }
    Some(at)
}

/// The quote that opens a literal, and how many bytes of prefix and quote stand before the content.
fn opening_quote(rest: &[u8]) -> Option<(&'static [u8], usize)> {
    let prefix = rest
        .iter()
        .take(2)
        .take_while(|b| {
            matches!(
                b,
                b'f' | b'F' | b'r' | b'R' | b'b' | b'B' | b'u' | b'U' | b'$' | b'@' | b's' | b'L'
            )
        })
        .count();
    for skip in [prefix, 0] {
        let quotes: [&'static [u8]; 9] =
            [b"\"\"\"", b"'''", b"\\\\\\\"", b"\\\"", b"&quot;", b"\\'", b"\"", b"'", b"`"];
        let Some(tail) = rest.get(skip..) else {
            continue;
        };
        if let Some(quote) = quotes.iter().find(|q| tail.starts_with(q)) {
            // `""` is the empty string, not the beginning of a long one.
            return Some((quote, skip + quote.len()));
        }
    }
    None
}

/// The literal whose content begins at `start`.
fn quoted(text: &[u8], start: usize, quote: &[u8], opening: &[u8]) -> Extracted {
    let limit = (start + VALUE_MAX).min(text.len());
    let mut end = start;
    while end < limit {
        if text.get(end..end + quote.len()) == Some(quote) {
            break;
        }
        match text.get(end) {
            Some(b'\\') if quote.len() == 1 => end += 2,
            Some(b'\n') if quote.len() == 1 && quote != b"`" => break,
            Some(b'$' | b'#' | b'{') => {
                end += crate::http::uri::unit(text, end, limit).unwrap_or(1);
            }
            _ => end += 1,
        }
    }
    let end = end.min(limit);
    let behind = end + quote.len();
    let live =
        opening.iter().any(|b| matches!(b, b'f' | b'F' | b'$')) || format_follows(text, behind);
    Extracted {
        span: Span::new(start, end),
        quoted: true,
        braces: if live { Braces::Live } else { Braces::Inert },
        expression: end == start && joined(text, behind),
    }
}

/// Whether `.format(` or `%` behind a literal fills its placeholders.
pub fn format_follows(text: &[u8], behind: usize) -> bool {
    let rest = text.get(behind..(behind + 160).min(text.len())).unwrap_or_default();
    let rest = rest.trim_ascii_start();
    rest.starts_with(b".format(")
        || rest.starts_with(b".formatted(")
        || rest.starts_with(b"% ")
        || rest.starts_with(b"-f ")
}

/// The literal that is joined to the one which ends before `behind`: `"…token=" + "…"`.
pub fn joined_literal(text: &[u8], behind: usize) -> Option<Span> {
    let rest = text.get(behind..(behind + 40).min(text.len()))?;
    let trimmed = rest.trim_ascii_start();
    let tail = [b"..".as_slice(), b"+", b".", b"&", b"||", b"<>"]
        .iter()
        .find_map(|operator| trimmed.strip_prefix(*operator))?;
    let inner = tail.trim_ascii_start();
    let quote = *inner.first().filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let start = behind + (rest.len() - inner.len()) + 1;
    let value = text.get(start..(start + VALUE_MAX).min(text.len()))?;
    let len = value.iter().position(|b| *b == quote || *b == b'\n')?;
    (len > 0 && value.get(len) == Some(&quote)).then(|| Span::new(start, start + len))
}

/// Whether an expression is joined to the literal that ends before `behind`: `" + token`,
/// `" . $token`, `" & tok`, `", key)`, `' tok`, `").append(token)`.
pub fn joined(text: &[u8], behind: usize) -> bool {
    let rest = text.get(behind..(behind + 200).min(text.len())).unwrap_or_default();
    let trimmed = rest.trim_ascii_start();
    let blanks = rest.len() - trimmed.len();
    let newline = rest.get(..blanks).is_some_and(|b| b.contains(&b'\n'));
    let trimmed = match trimmed.strip_prefix(b")") {
        // `String("…token=") + key`
        Some(outer) if outer.trim_ascii_start().first() == Some(&b'+') => outer.trim_ascii_start(),
        _ => trimmed,
    };
    let names = |bytes: &[u8]| {
        let bytes = bytes.trim_ascii_start();
        let bytes = bytes.strip_prefix(b"(").unwrap_or(bytes).trim_ascii_start();
        bytes.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$' | b'@'))
    };
    for operator in [b"..".as_slice(), b"||", b"<<", b"<>", b"++", b"+", b".", b"&", b"~", b","] {
        if let Some(tail) = trimmed.strip_prefix(operator) {
            // A comma or a dot joins only in one statement: `paste0("…key=", key)`.
            if operator == b"." && !matches!(tail.first(), Some(b' ' | b'$')) {
                break;
            }
            return names(tail);
        }
    }
    for chain in [b").append(".as_slice(), b").concat(", b").add(", b").Append("] {
        if let Some(tail) = without_blanks(trimmed, chain) {
            return names(tail);
        }
    }
    // `sb.append("?token=");` and on the next line `sb.append(token)`.
    if let Some(tail) = trimmed.strip_prefix(b");") {
        let next = tail.trim_ascii_start();
        let word = next.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let tail = next.get(word..).unwrap_or_default();
        return [b".append(".as_slice(), b".Append("]
            .iter()
            .any(|m| tail.strip_prefix(*m).is_some_and(names));
    }
    // MATLAB: `['…token=' tok]`; shell: `"…token="$TOKEN`.
    let shell = blanks == 0 && trimmed.first() == Some(&b'$');
    let matlab = blanks == 1
        && !newline
        && names(trimmed)
        && !trimmed.starts_with(b"and ")
        && !trimmed.starts_with(b"or ")
        && {
            let word =
                trimmed.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            trimmed.get(word) == Some(&b']')
        };
    shell || matlab
}

/// `haystack` without `needle` at its start, blanks and line ends before a dot not counted.
fn without_blanks<'t>(haystack: &'t [u8], needle: &[u8]) -> Option<&'t [u8]> {
    let mut rest = haystack;
    for byte in needle {
        if *byte == b'.' {
            rest = rest.trim_ascii_start();
        }
        rest = rest.strip_prefix(std::slice::from_ref(byte))?;
    }
    Some(rest)
}

/// A literal that is only dressed: `HeaderValue::from_static("…")`, `Some("…")`, `{"…"}`.
fn wrapped(text: &[u8], start: usize) -> Option<Extracted> {
    const DRESSES: &[&str] = &[
        "", "fromstatic", "fromstr", "from", "string", "str", "tostring", "some", "encode",
        "quote", "quoteplus", "encodeuricomponent", "urlencode", "escape", "queryescape", "bytes",
        "trim", "just", "secretstring", "headervalue", "listof", "arrayof", "text", "raw",
        "literal",
    ];
    let mut at = start;
    for _ in 0..3 {
        let rest = text.get(at..(at + 60).min(text.len()))?;
        let len = rest
            .iter()
            .take_while(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'[' | b']')
            })
            .count();
        let path = rest.get(..len)?;
        let open = *rest.get(len)?;
        let word = path.rsplit(|b| matches!(b, b'.' | b':' | b'[' | b']')).next()?;
        let bare = word.is_empty() && path.iter().all(|b| matches!(b, b'[' | b']'));
        let dressed = match open {
            // `password.encode('cp1251')` names a code page, `URLEncoder.encode("…")` dresses a value.
            b'(' if word == b"encode" && path.first().is_some_and(u8::is_ascii_lowercase) => {
                path.len() == word.len()
            }
            b'(' => !word.is_empty() && DRESSES.contains(&crate::name::fold(word).as_str()),
            b'{' => bare || path.ends_with(b"]string"),
            b'"' | b'\'' if at > start => {
                return Some(quoted(text, at + len + 1, rest.get(len..=len)?, path));
            }
            _ => false,
        };
        // `["…"]`, `[ "…" ]`, `Just "…"`: the quote itself comes next.
        let blanks = rest.iter().skip(len).take_while(|b| **b == b' ').count();
        let quote = matches!(rest.get(len + blanks), Some(b'"' | b'\''));
        let bracket = quote && (bare && len == 1 || path == b"Just");
        if !(dressed || bracket) {
            return None;
        }
        at += if bracket { len + blanks } else { len + 1 };
    }
    None
}

/// The literal that stands in when an expression gives nothing: `env.T || "…"`, `t ?? '…'`,
/// `os.environ.get("T") or "…"`, `${T:-…}`.
pub fn default_of(text: &[u8], expression: Span) -> Option<Span> {
    default_within(text, expression).or_else(|| {
        let line = text.get(expression.start..(expression.start + 200).min(text.len()))?;
        let line = line.split(|b| matches!(b, b'\n' | b';')).next()?;
        let found = behind_operator(line)?;
        Some(Span::new(expression.start + found.start, expression.start + found.end))
    })
}

/// The same inside of a variable in brackets: `${T:-…}`, `${T:…}`, `${{ t || '…' }}`,
/// `{{ t | default('…') }}`.
pub fn default_within(text: &[u8], variable: Span) -> Option<Span> {
    let own = variable.of(text);
    let found = in_braces(own).or_else(|| behind_operator(own))?;
    Some(Span::new(variable.start + found.start, variable.start + found.end))
}

/// What follows the name in `${NAME:-…}` of shells and `${NAME:…}` of Spring.
fn in_braces(own: &[u8]) -> Option<Range<usize>> {
    let name = own.strip_prefix(b"${")?;
    let close = own.iter().rposition(|b| *b == b'}')?;
    let len = name.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.".contains(b)).count();
    let sign = match name.get(len..)? {
        [b':', b'-' | b'=', ..] => 2,
        [b':', b'+' | b'?', ..] => return None,
        [b':' | b'-', ..] => 1,
        _ => return None,
    };
    let start = b"${".len() + len + sign;
    (len > 0 && start < close).then_some(start..close)
}

/// The literal in quotes behind an operator that says what is taken else.
fn behind_operator(own: &[u8]) -> Option<Range<usize>> {
    const OPERATORS: [&[u8]; 6] = [b"||", b"??", b" or ", b"?:", b"default(", b"default: "];
    let found = OPERATORS
        .iter()
        .filter_map(|operator| Some(memchr::memmem::find(own, operator)? + operator.len()))
        .min()?;
    let tail = own.get(found..)?;
    let blanks = tail.iter().take_while(|b| **b == b' ').count();
    let quote = *tail.get(blanks).filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let start = found + blanks + 1;
    let len = own.get(start..)?.iter().position(|b| *b == quote)?;
    Some(start..start + len)
}

/// The default inside of a variable, when it looks like the credential itself.
pub fn telling_default(
    reader: &Reader<'_>,
    text: &[u8],
    variable: Span,
    name: &Name,
) -> Option<Span> {
    let default = default_within(text, variable)?;
    let value = default.of(text);
    let is_literal = classify(value, Braces::Inert, &reader.book.lexicon) == ValueKind::Literal;
    let tells = match name.tier {
        Some(Tier::Password) => value.len() >= 6 && value.iter().any(u8::is_ascii_digit),
        _ => looks_random(value, 8),
    };
    (is_literal && tells).then_some(default)
}

/// A name, a call or a number in place of a value.
fn expression(text: &[u8], start: usize) -> Option<Extracted> {
    let rest = text.get(start..(start + 400).min(text.len()))?;
    let first = rest.first()?;
    if !(first.is_ascii_alphabetic()
        || matches!(first, b'_' | b'$' | b'@' | b'&' | b'*' | b'(' | b'!' | b':'))
    {
        return None;
    }
    let end = rest
        .iter()
        .take_while(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'_' | b'.' | b'$' | b'@' | b'&' | b'*' | b'(' | b'!' | b'?' | b':')
        })
        .count();
    let word = rest.get(..end).unwrap_or_default();
    let constant = [
        b"null".as_slice(),
        b"None",
        b"nil",
        b"true",
        b"false",
        b"True",
        b"False",
        b"undefined",
        b"NULL",
        b"string",
        b"String",
        b"str",
    ];
    if constant.contains(&word) {
        return None;
    }
    Some(Extracted {
        span: Span::new(start, start + end),
        quoted: false,
        braces: Braces::Inert,
        expression: true,
    })
}

/// Whether the bar at `bar` stands inside of a token that begins at `start`: a number and what it
/// numbers (`12|…` of Laravel, `1308…|…` of Meta).
fn joins_token(text: &[u8], start: usize, bar: usize) -> bool {
    let number = text.get(start..bar).unwrap_or_default();
    let behind = text.get(bar + 1..).unwrap_or_default();
    let run = behind.iter().take(20).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
    !number.is_empty() && number.iter().all(u8::is_ascii_digit) && run.count() == 20
}

/// Where a bare value ends.
fn bare_end(text: &[u8], start: usize) -> usize {
    let limit = (start + VALUE_MAX).min(text.len());
    let mut end = start;
    while end < limit {
        match text.get(end) {
            Some(b) if b.is_ascii_whitespace() => break,
            // `\n` in a string: its next line.
            Some(b'\\') if matches!(text.get(end + 1), Some(b'n' | b'r' | b't' | b'"')) => break,
            Some(b'|') if joins_token(text, start, end) => end += 1,
            Some(b'"' | b'\'' | b'`' | b'<' | b'>' | b')' | b']' | b'}' | b'|') => {
                // A placeholder in angle brackets or a unit is taken whole.
                if end == start && text.get(end) == Some(&b'<') {
                    end += memchr::memchr(b'>', text.get(end..limit).unwrap_or_default())
                        .map_or(0, |i| i + 1);
                }
                break;
            }
            Some(b',' | b';')
                if text.get(end + 1).is_none_or(|b| {
                    b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'}')
                }) =>
            {
                break;
            }
            Some(b',' | b';' | b'&') => break,
            _ => end += crate::http::uri::unit(text, end, limit).unwrap_or(1),
        }
    }
    end
}
