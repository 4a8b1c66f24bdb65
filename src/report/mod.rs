//! Outputs: one file each, all from one [`Report`].

pub mod concise;
pub mod diagnoses;
pub mod full;
pub mod json;
pub mod sanitize;

use crate::finding::{Excerpt, Report};
use crate::rule::RuleBook;
use crate::secret::Secret;
use crate::time::Instant;
use crate::veil::Veil;

/// What an output may want to know beside the report.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'s> {
    /// Colours and links may be used.
    pub color: bool,
    /// The moment of every decision.
    pub at: Instant,
    /// The rules, for their words.
    pub book: &'s RuleBook,
    /// How much to say: -1 quiet, 0 normal, 1 more.
    pub verbosity: i8,
}

/// An output format.
pub trait Output: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;
    /// Writes the report.
    fn write(&self, report: &Report, scene: &Scene<'_>) -> String;
}

/// Every output format.
pub const OUTPUTS: &[&dyn Output] = &[&full::Full, &concise::Concise, &json::Json];

/// The output of this name.
pub fn output(name: &str) -> Option<&'static dyn Output> {
    OUTPUTS.iter().copied().find(|o| o.name() == name)
}

/// Hides every secret of the run in whatever was said without knowing them all: paths, reasons of
/// ignores, notices, and what was shown of other files. A token in one file may be the name of
/// another, or stand in it where nothing tells what it is.
pub fn hide_secrets(report: &mut Report) {
    if report.secrets.is_empty() {
        return;
    }
    let secrets = std::mem::take(&mut report.secrets);
    let mut known: Vec<&Secret> = secrets.iter().collect();
    if known.len() > VEIL_MAX {
        let listening = Veil::listening();
        cover(report, &listening, &listening);
        known.retain(|secret| listening.has_heard(secret));
    }
    // A short password may be an ordinary word, which names and sentences must not lose.
    let tokens = known.iter().copied().filter(|s| s.char_count() >= TOKEN_MIN);
    cover(report, &Veil::over(known.iter().copied()), &Veil::over(tokens));
    report.secrets = secrets;
}

/// Covers every text that was scanned, those in which words must stay with the veil over `tokens`.
fn cover(report: &mut Report, veil: &Veil, tokens: &Veil) {
    for finding in &mut report.findings {
        for place in std::iter::once(&mut finding.location).chain(&mut finding.also) {
            veil.cover_in_place(&mut place.path);
            if let Some(logical) = &mut place.logical {
                tokens.cover_in_place(logical);
            }
        }
        if let Some(excerpt) = &mut finding.excerpt {
            cover_excerpt(veil, excerpt);
        }
        let texts = [&mut finding.message, &mut finding.help, &mut finding.place.name];
        for text in texts.into_iter().chain(&mut finding.next).chain(&mut finding.because) {
            tokens.cover_in_place(text);
        }
        if let Some(suppression) = &mut finding.suppressed {
            veil.cover_in_place(&mut suppression.reason);
        }
    }
    for notice in &mut report.notices {
        veil.cover_in_place(&mut notice.path);
        veil.cover_in_place(&mut notice.message);
    }
}

/// Covers what stands before, in and after the part that is meant, which stays marked.
fn cover_excerpt(veil: &Veil, excerpt: &mut Excerpt) {
    let whole = veil.cover(&excerpt.text);
    if whole == excerpt.text {
        return;
    }
    let part = |from: usize, count: usize| -> String {
        veil.cover(&excerpt.text.chars().skip(from).take(count).collect::<String>())
    };
    let before = part(0, excerpt.start);
    let meant = part(excerpt.start, excerpt.end.saturating_sub(excerpt.start));
    let after = part(excerpt.end, usize::MAX);
    let parts = format!("{before}{meant}{after}");
    let start = before.chars().count();
    let end = start + meant.chars().count();
    // A secret across an edge is seen only in the whole.
    *excerpt = if parts == whole {
        Excerpt { text: parts, start, end }
    } else {
        Excerpt { text: whole, start: 0, end: 0 }
    };
}

/// From this number of secrets on the veil over a report is made only for what is shown.
const VEIL_MAX: usize = 4096;

/// From this length on a secret is a token and no word, in characters.
const TOKEN_MIN: usize = 12;

/// `1 file`, `2 files`.
pub fn plural(count: u64, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Bytes for people, in decimal units.
pub fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let value = count as f64;
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.0} KB", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", value / 1e6),
        _ => format!("{:.1} GB", value / 1e9),
    }
}

/// Breaks text at blanks.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(last) = lines.last_mut() else { break };
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}
