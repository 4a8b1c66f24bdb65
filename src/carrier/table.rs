//! The table carrier: the name stands at the head of a column and the values stand in its rows, as in
//! CSV and in the `INSERT` statements of SQL. (A statement that is longer than a window is read as far
//! as the window goes.)

use super::{Carried, Name, Reader};
use crate::artifact::Role;
use crate::finding::PlaceKind;
use crate::name::NAME_MAX;
use crate::secret::Secret;
use crate::text::{Span, lossless};
use crate::value::{Braces, ValueKind, classify};

/// The most columns of a table that are looked at.
const COLUMNS_MAX: usize = 256;
/// The longest head of a table, in bytes.
const HEAD_MAX: usize = 8192;

/// Reads every table in `body`.
pub fn read(reader: &Reader<'_>, text: &[u8], body: Span, out: &mut Vec<Carried>) {
    if !reader.kind.table {
        return;
    }
    if reader.kind.role == Role::Code {
        statements(reader, text, body, out);
    } else {
        lines(reader, text, body, out);
    }
}

/// A column whose name the rule book has a use for.
struct Column {
    index: usize,
    name: Name,
    written: String,
}

/// The columns under `cells` that can carry a credential.
fn columns(reader: &Reader<'_>, text: &[u8], cells: &[Span]) -> Vec<Column> {
    let named = cells.iter().enumerate().filter(|(_, cell)| cell.len() <= NAME_MAX);
    named
        .filter_map(|(index, cell)| {
            let name = reader.known(text, *cell)?;
            Some(Column { index, name, written: lossless(cell.of(text)).into_owned() })
        })
        .collect()
}

/// Lines of cells; the first of them names the columns.
fn lines(reader: &Reader<'_>, text: &[u8], body: Span, out: &mut Vec<Carried>) {
    if body.start == 0 {
        rows_of(reader, text.get(..HEAD_MAX).unwrap_or(text), text, body, out);
    }
}

/// The lines of a later window, whose columns are named in the `head` of the artifact.
pub fn read_later(
    reader: &Reader<'_>,
    head: &[u8],
    text: &[u8],
    body: Span,
    out: &mut Vec<Carried>,
) {
    if reader.kind.table && reader.kind.role != Role::Code {
        rows_of(reader, head.get(..HEAD_MAX).unwrap_or(head), text, body, out);
    }
}

fn rows_of(reader: &Reader<'_>, head: &[u8], text: &[u8], body: Span, out: &mut Vec<Carried>) {
    let Some(end) = memchr::memchr(b'\n', head) else { return };
    let names = Span::new(0, end);
    let count = |sign: u8| memchr::memchr_iter(sign, names.of(head)).count();
    let Some(sign) = [b'\t', b';', b',', b'|'].into_iter().max_by_key(|sign| count(*sign)) else {
        return;
    };
    if count(sign) == 0 {
        return;
    }
    let columns = columns(reader, head, &cells(head, names, sign, COLUMNS_MAX).0);
    let Some(last) = columns.last().map(|column| column.index) else { return };
    // A line belongs to the window in which it begins.
    let before = text.get(..body.start).unwrap_or_default();
    let mut at = match before.last() {
        None => end + 1,
        Some(b'\n') => body.start,
        Some(_) => {
            let rest = body.of(text);
            body.start + memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1)
        }
    };
    while at < body.end {
        let (cells, line_end) = cells(text, Span::new(at, text.len()), sign, last + 1);
        for column in &columns {
            if let Some(cell) = cells.get(column.index) {
                out.extend(carried(reader, text, column, *cell));
            }
        }
        at = line_end + 1;
    }
}

/// At most `most` cells of the line that begins at the start of `span`, without their quotes, and
/// where the line ends. A cell in quotes may hold separators, line ends and doubled quotes.
fn cells(text: &[u8], span: Span, sign: u8, most: usize) -> (Vec<Span>, usize) {
    let mut cells = Vec::new();
    let mut at = span.start;
    while cells.len() < most {
        let rest = Span::new(at, span.end).of(text);
        if rest.first() == Some(&b'"')
            && let Some(len) = closing(rest, b'"')
        {
            cells.push(Span::new(at + 1, at + len));
            at += len + 1;
        } else {
            let stop = |b: &u8| *b == sign || *b == b'\n';
            let len = rest.iter().position(stop).unwrap_or(rest.len());
            cells.push(trimmed(text, Span::new(at, at + len)));
            at += len;
        }
        match text.get(at).filter(|_| at < span.end) {
            Some(byte) if *byte == sign => at += 1,
            _ => break,
        }
    }
    let rest = Span::new(at.min(span.end), span.end);
    (cells, rest.start + memchr::memchr(b'\n', rest.of(text)).unwrap_or(rest.len()))
}

/// Where the quote at the beginning of `rest` is closed; a doubled one stands for itself.
fn closing(rest: &[u8], quote: u8) -> Option<usize> {
    let limit = rest.get(..HEAD_MAX).unwrap_or(rest);
    let mut at = 1;
    loop {
        at += memchr::memchr(quote, limit.get(at..)?)?;
        if limit.get(at + 1) != Some(&quote) {
            return Some(at);
        }
        at += 2;
    }
}

fn trimmed(text: &[u8], span: Span) -> Span {
    let bytes = span.of(text);
    let start = bytes.len() - bytes.trim_ascii_start().len();
    Span::new(span.start + start, span.start + start + bytes.trim_ascii().len())
}

/// `INSERT INTO t (a, api_key) VALUES ('x', '…'), ('y', '…');`
fn statements(reader: &Reader<'_>, text: &[u8], body: Span, out: &mut Vec<Carried>) {
    let mut done = body.start;
    for at in memchr::memchr2_iter(b'I', b'i', body.of(text)).map(|i| body.start + i) {
        let begins = |word: &[u8], at: usize| {
            text.get(at..at + word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word))
        };
        if at < done || !begins(b"insert into ", at) {
            continue;
        }
        let Some(open) = find(text, at, b'(') else { continue };
        let Some(close) = find(text, open, b')') else { continue };
        done = close;
        let heads: Vec<Span> = split(text, Span::new(open + 1, close), b',')
            .into_iter()
            .map(|cell| unquoted(text, cell))
            .take(COLUMNS_MAX)
            .collect();
        let columns = columns(reader, text, &heads);
        let rest = Span::new(close + 1, text.len());
        let values =
            rest.start + rest.of(text).iter().take_while(|b| b.is_ascii_whitespace()).count();
        if columns.is_empty() || !begins(b"values", values) {
            continue;
        }
        done = rows(reader, text, values + b"values".len(), &columns, out);
    }
}

/// The rows behind `VALUES`; returns where they end.
fn rows(
    reader: &Reader<'_>,
    text: &[u8],
    from: usize,
    columns: &[Column],
    out: &mut Vec<Carried>,
) -> usize {
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
        if text.get(at) != Some(&b'(') {
            return at;
        }
        let (cells, end) = row(text, at + 1);
        for column in columns {
            // Anything without quotes is an expression of the database.
            if let Some(Some(cell)) = cells.get(column.index) {
                out.extend(carried(reader, text, column, *cell));
            }
        }
        at = end;
    }
}

/// The values of one row: what stands between quotes, or nothing for any other expression; and where
/// the row ends.
fn row(text: &[u8], from: usize) -> (Vec<Option<Span>>, usize) {
    let mut cells = Vec::new();
    let mut own = None;
    let mut depth = 0usize;
    let mut at = from;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\'' => {
                let rest = text.get(at..).unwrap_or_default();
                let Some(len) = closing(rest, b'\'') else { break };
                own = Some(Span::new(at + 1, at + len));
                at += len;
            }
            b'(' => depth += 1,
            b')' if depth == 0 => {
                cells.push(own);
                return (cells, at + 1);
            }
            b')' => depth -= 1,
            b',' if depth == 0 && cells.len() < COLUMNS_MAX => cells.push(own.take()),
            b';' => break,
            _ => {}
        }
        at += 1;
    }
    (cells, at)
}

/// Where `sign` stands next in the same statement.
fn find(text: &[u8], at: usize, sign: u8) -> Option<usize> {
    let rest = text.get(at..(at + HEAD_MAX).min(text.len()))?;
    let found = rest.iter().position(|b| *b == sign || *b == b';')?;
    (rest.get(found) == Some(&sign)).then_some(at + found)
}

fn split(text: &[u8], span: Span, sign: u8) -> Vec<Span> {
    let mut out = Vec::new();
    let mut start = span.start;
    for found in memchr::memchr_iter(sign, span.of(text)).map(|i| span.start + i) {
        out.push(Span::new(start, found));
        start = found + 1;
    }
    out.push(Span::new(start, span.end));
    out
}

/// The name of a column without blanks, quotes and brackets.
fn unquoted(text: &[u8], cell: Span) -> Span {
    let cell = trimmed(text, cell);
    match cell.of(text) {
        [b'"' | b'`' | b'[', inner @ .., b'"' | b'`' | b']'] => {
            Span::new(cell.start + 1, cell.start + 1 + inner.len())
        }
        _ => cell,
    }
}

fn carried(reader: &Reader<'_>, text: &[u8], column: &Column, cell: Span) -> Option<Carried> {
    let kind = classify(cell.of(text), Braces::Inert, &reader.book.lexicon);
    (kind == ValueKind::Literal).then(|| Carried {
        name: column.written.clone(),
        secret: Some(Secret::new(cell.of(text))),
        tier: column.name.tier,
        ..Carried::of(PlaceKind::Assignment, kind, cell)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fall_into_cells() {
        let of = |text: &str| {
            let (cells, end) = cells(text.as_bytes(), Span::new(0, text.len()), b',', 8);
            let cells: Vec<String> =
                cells.iter().map(|c| lossless(c.of(text.as_bytes())).into_owned()).collect();
            (cells.join("|"), end)
        };
        assert_eq!(of("a, b ,\"c,\nd\",\r\nx"), ("a|b|c,\nd|".into(), 14));
        assert_eq!(of("\"he said \"\"no\"\"\",b"), ("he said \"\"no\"\"|b".into(), 18));
        // A quote that nobody closes is a letter like any other.
        assert_eq!(of("\"a,b\nc"), ("\"a|b".into(), 4));
        assert_eq!(of(""), (String::new(), 0));
    }

    #[test]
    fn rows_fall_into_values() {
        let of = |text: &str| {
            let (cells, end) = row(text.as_bytes(), 0);
            let said = |cell: &Option<Span>| {
                cell.map_or("-".to_owned(), |c| lossless(c.of(text.as_bytes())).into_owned())
            };
            (cells.iter().map(said).collect::<Vec<_>>().join("|"), end)
        };
        assert_eq!(of("'a''b', f('x', 1), NULL, N'd') x"), ("a''b|x|-|d".into(), 30));
        assert_eq!(of("'a', 'b"), ("a".into(), 5));
        assert_eq!(of("1; 2)"), (String::new(), 1));
    }
}
