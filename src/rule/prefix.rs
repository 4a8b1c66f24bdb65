//! The search for prefixes of free-text patterns: a few vectorised passes over the text, whatever
//! the number of rules.
//!
//! What is searched for is not the beginning of a prefix but its rarest four bytes: `with` stands
//! everywhere in code and `Toke` hardly anywhere, so `withToken(` is known by the latter.

use std::collections::BTreeMap;

use aho_corasick::packed;

use super::book::MatchRef;
use crate::text::Span;

/// How many bytes of a prefix are searched for; the rest is compared at the place.
const WINDOW: usize = 4;
/// The most windows that one vectorised searcher takes at full speed.
const WINDOWS_MAX: usize = 32;

/// A prefix of a free-text pattern.
#[derive(Debug)]
struct Prefix {
    bytes: Vec<u8>,
    at: MatchRef,
    /// Where its rarest bytes begin.
    rarest: usize,
}

/// Every prefix, ready to be searched for.
#[derive(Debug, Default)]
pub struct Prefixes {
    passes: Vec<Pass>,
}

/// One pass over the text.
#[derive(Debug)]
struct Pass {
    searcher: packed::Searcher,
    /// The prefixes known by each window, the longest first: it says most.
    known: Vec<Vec<Prefix>>,
}

impl Prefixes {
    /// Prepares the search.
    pub fn new(prefixes: impl Iterator<Item = (Vec<u8>, MatchRef)>) -> Self {
        let mut by_window: BTreeMap<Vec<u8>, Vec<Prefix>> = BTreeMap::new();
        for (bytes, at) in prefixes {
            let rarest = rarest(&bytes);
            let window = Span::new(rarest, (rarest + WINDOW).min(bytes.len())).of(&bytes).to_vec();
            by_window.entry(window).or_default().push(Prefix { bytes, at, rarest });
        }
        // A searcher tells one window at a place, so one that begins with another joins it.
        let mut windows: Vec<(Vec<u8>, Vec<Prefix>)> = Vec::new();
        for (window, mut prefixes) in by_window {
            match windows.last_mut().filter(|(shorter, _)| window.starts_with(shorter)) {
                Some((_, known)) => known.append(&mut prefixes),
                None => windows.push((window, prefixes)),
            }
        }
        let mut passes = Vec::new();
        while !windows.is_empty() {
            let batch: Vec<_> = windows.drain(..windows.len().min(WINDOWS_MAX)).collect();
            let searcher =
                packed::Config::new().builder().extend(batch.iter().map(|(w, _)| w)).build();
            let Some(searcher) = searcher else { continue };
            let known = batch.into_iter().map(|(_, mut prefixes)| {
                prefixes.sort_by(|a, b| {
                    b.bytes.len().cmp(&a.bytes.len()).then(a.at.rule.cmp(&b.at.rule))
                });
                prefixes
            });
            passes.push(Pass { searcher, known: known.collect() });
        }
        Self { passes }
    }

    /// Calls `each` with every place in `body` where prefixes begin, and with the matches behind
    /// those of them that share their rarest bytes, the longest prefix first.
    pub fn each(&self, text: &[u8], body: Span, mut each: impl FnMut(usize, &[MatchRef])) {
        let mut found = Vec::new();
        for pass in &self.passes {
            let mut from = body.start;
            // One byte on after each hit: the bytes of one prefix may begin inside another.
            while let Some(hit) = pass.searcher.find_in(text, (from..body.end).into()) {
                from = hit.start() + 1;
                let known = pass.known.get(hit.pattern().as_usize());
                let mut begin = None;
                found.clear();
                for prefix in known.into_iter().flatten() {
                    let Some(at) = hit.start().checked_sub(prefix.rarest) else { continue };
                    let stands = text.get(at..).is_some_and(|t| t.starts_with(&prefix.bytes));
                    if stands && *begin.get_or_insert(at) == at {
                        found.push(prefix.at);
                    }
                }
                if let Some(at) = begin {
                    each(at, &found);
                }
            }
        }
    }

    /// How many prefixes are searched for.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.passes.iter().flat_map(|pass| &pass.known).map(Vec::len).sum()
    }
}

/// Where the window begins whose bytes are the rarest in text and code.
fn rarest(prefix: &[u8]) -> usize {
    let cost =
        |at: &usize| -> u32 { prefix.iter().skip(*at).take(WINDOW).map(|b| commonness(*b)).sum() };
    (0..=prefix.len().saturating_sub(WINDOW)).min_by_key(cost).unwrap_or(0)
}

/// How common a byte is in source code: rough, and only the order matters.
fn commonness(byte: u8) -> u32 {
    const LETTERS: &[u8] = b"zqjxkvbywgpfmucdlhrsnioate";
    match byte {
        b'a'..=b'z' => {
            let rank = LETTERS.iter().position(|l| *l == byte).unwrap_or(0);
            u32::try_from(rank).unwrap_or(0) + 20
        }
        b' ' => 60,
        b'.' | b'/' | b'"' => 25,
        b'_' | b'(' | b'=' => 18,
        b'-' | b':' => 14,
        b'0'..=b'9' => 12,
        b'A'..=b'Z' => 10,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_begins_with_another_is_not_lost() {
        let at = |rule| MatchRef { rule, index: 0 };
        let both = [(b"sk-".to_vec(), at(1)), (b"sk-ant-".to_vec(), at(2))];
        let prefixes = Prefixes::new(both.into_iter());
        let mut seen = Vec::new();
        prefixes.each(b"x sk-ant-1", Span::new(0, 10), |_, found| {
            seen.extend(found.iter().map(|m| m.rule));
        });
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
    }

    #[test]
    fn prefixes_are_found_by_their_rarest_bytes() {
        let at = |rule| MatchRef { rule, index: 0 };
        assert_eq!(rarest(b"withToken("), 3);
        let many = (0..100).map(|i| (format!("p{i:02}_").into_bytes(), at(i)));
        let prefixes = Prefixes::new(
            many.chain([(b"withToken(".to_vec(), at(200)), (b"p07_x".to_vec(), at(201))]),
        );
        assert_eq!(prefixes.len(), 102);
        let text = b"x.withToken(1); p07_x p99_p00_";
        let mut seen = Vec::new();
        prefixes.each(text, Span::new(0, text.len()), |at, found| {
            seen.push((at, found.iter().map(|m| m.rule).collect::<Vec<_>>()));
        });
        seen.sort();
        assert_eq!(
            seen,
            [(2, vec![200]), (16, vec![7]), (16, vec![201]), (22, vec![99]), (26, vec![0])]
        );
    }
}
