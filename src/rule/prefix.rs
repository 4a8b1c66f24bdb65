//! The search for prefixes of free-text patterns: a few vectorised passes over the text, whatever
//! the number of rules.
//!
//! What is searched for is not the beginning of a prefix but four rare bytes of it: `with` stands
//! everywhere in code and `hTok` hardly anywhere, so `withToken(` is known by the latter.

use std::collections::{BTreeMap, HashMap};

use aho_corasick::packed;

use super::book::MatchRef;
use crate::text::Span;

/// How many bytes of a prefix are searched for; the rest is compared at the place.
const WINDOW: usize = 4;
/// The most windows that one vectorised searcher takes at full speed.
const WINDOWS_MAX: usize = 32;

/// The most windows in a pass that compares fewer bytes than the others.
const SHORT_MAX: usize = 20;

/// How much commoner than the rarest a window may be that other prefixes share.
const SHARING_COST: u32 = 16;

/// The weight of a window that is met whatever else is searched for.
const ALWAYS: usize = 1000;

/// A prefix of a free-text pattern.
#[derive(Debug)]
struct Prefix {
    bytes: Vec<u8>,
    at: MatchRef,
    /// Where the bytes begin by which it is told.
    window: usize,
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
        let prefixes: Vec<_> = prefixes.collect();
        // A window that several prefixes hold is searched for once; what is shorter is searched for
        // in any case (`eyJ`).
        let mut shared: HashMap<&[u8], usize> = HashMap::new();
        let short: Vec<&[u8]> =
            prefixes.iter().map(|(p, _)| p.as_slice()).filter(|p| p.len() < WINDOW).collect();
        for (bytes, _) in &prefixes {
            for window in bytes.windows(WINDOW) {
                *shared.entry(window).or_default() +=
                    if short.iter().any(|s| window.starts_with(s)) { ALWAYS } else { 1 };
            }
        }
        let places: Vec<usize> =
            prefixes.iter().map(|(bytes, _)| telling(bytes, &shared)).collect();
        let mut by_window: BTreeMap<Vec<u8>, Vec<Prefix>> = BTreeMap::new();
        for ((bytes, at), place) in prefixes.into_iter().zip(places) {
            let window = Span::new(place, (place + WINDOW).min(bytes.len())).of(&bytes).to_vec();
            by_window.entry(window).or_default().push(Prefix { bytes, at, window: place });
        }
        // A searcher tells one window at a place, so one that begins with another joins it.
        let mut windows: Vec<(Vec<u8>, Vec<Prefix>)> = Vec::new();
        for (window, mut prefixes) in by_window {
            match windows.last_mut().filter(|(shorter, _)| window.starts_with(shorter)) {
                Some((_, known)) => known.append(&mut prefixes),
                None => windows.push((window, prefixes)),
            }
        }
        // A searcher compares as many bytes at once as its shortest window has: the few short ones
        // share a pass, so that the others are told apart by all four.
        windows.sort_by_key(|(window, _)| window.len());
        let mut passes = Vec::new();
        while !windows.is_empty() {
            let first = windows.first().map_or(0, |(window, _)| window.len());
            let same = windows.iter().take_while(|(window, _)| window.len() == first).count();
            // A few that would need a pass of their own go along with the short ones.
            let rest = (windows.len() - same) % WINDOWS_MAX;
            let along = if passes.is_empty() && same + rest <= SHORT_MAX { rest } else { 0 };
            let batch: Vec<_> = windows.drain(..(same + along).min(WINDOWS_MAX)).collect();
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
        let mut found: Vec<(usize, MatchRef)> = Vec::new();
        let mut matches = Vec::new();
        for pass in &self.passes {
            let mut from = body.start;
            // One byte on after each hit: the bytes of one prefix may begin inside another.
            // What begins in the body may end behind it: the next window sees only its rest.
            let end = (body.end + WINDOW - 1).min(text.len()).max(body.end);
            while let Some(hit) = pass.searcher.find_in(text, (from..end).into()) {
                if hit.start() >= body.end {
                    break;
                }
                from = hit.start() + 1;
                let known = pass.known.get(hit.pattern().as_usize());
                found.clear();
                for prefix in known.into_iter().flatten() {
                    let Some(at) = hit.start().checked_sub(prefix.window) else { continue };
                    if text.get(at..).is_some_and(|t| t.starts_with(&prefix.bytes)) {
                        found.push((at, prefix.at));
                    }
                }
                // Prefixes that share their window may begin at different places.
                found.sort_by_key(|(at, _)| *at);
                for group in found.chunk_by(|a, b| a.0 == b.0) {
                    let Some((at, _)) = group.first() else { continue };
                    matches.clear();
                    matches.extend(group.iter().map(|(_, reference)| *reference));
                    each(*at, &matches);
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

/// Where the window begins by which a prefix is told: the one that most prefixes share among those
/// whose bytes are (nearly) the rarest in text and code.
fn telling(prefix: &[u8], shared: &HashMap<&[u8], usize>) -> usize {
    let cost =
        |at: usize| -> u32 { prefix.iter().skip(at).take(WINDOW).map(|b| commonness(*b)).sum() };
    let places = 0..=prefix.len().saturating_sub(WINDOW);
    let least = places.clone().map(cost).min().unwrap_or(0);
    let sharers = |at: usize| {
        prefix.get(at..at + WINDOW).and_then(|window| shared.get(window)).copied().unwrap_or(1)
    };
    places
        .filter(|at| cost(*at) <= least + SHARING_COST || sharers(*at) >= ALWAYS)
        .min_by_key(|at| (std::cmp::Reverse(sharers(*at)), cost(*at)))
        .unwrap_or(0)
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
    fn prefixes_that_share_a_window_are_told_wherever_they_begin() {
        let at = |rule| MatchRef { rule, index: 0 };
        let both = [(b"mySQWZ_".to_vec(), at(1)), (b"SQWZ_".to_vec(), at(2))];
        let prefixes = Prefixes::new(both.into_iter());
        let mut seen = Vec::new();
        prefixes.each(b"x mySQWZ_1", Span::new(0, 10), |at, found| {
            seen.push((at, found.iter().map(|m| m.rule).collect::<Vec<_>>()));
        });
        assert_eq!(seen, [(2, vec![1]), (4, vec![2])]);
    }

    #[test]
    fn prefixes_are_found_by_rare_bytes() {
        let at = |rule| MatchRef { rule, index: 0 };
        assert_eq!(telling(b"withToken(", &HashMap::new()), 3);
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
        assert_eq!(seen, [(2, vec![200]), (16, vec![201, 7]), (22, vec![99]), (26, vec![0])]);
    }
}
