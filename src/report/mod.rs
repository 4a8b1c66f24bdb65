//! Outputs: one file each, all from one [`Report`].

pub mod concise;
pub mod full;
pub mod json;
pub mod sanitize;

use crate::finding::Report;
use crate::rule::RuleBook;
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
/// ignores, notices. A token in one file may be the name of another.
pub fn hide_secrets(report: &mut Report) {
    let secrets = report.findings.iter().filter_map(|f| f.credential.as_ref());
    let veil = Veil::over(secrets.map(|c| &c.secret));
    if veil.is_empty() {
        return;
    }
    for finding in &mut report.findings {
        veil.cover_in_place(&mut finding.location.path);
        for place in &mut finding.also {
            veil.cover_in_place(&mut place.path);
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
