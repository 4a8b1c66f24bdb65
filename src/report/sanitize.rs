//! Makes scanned text harmless before it meets a terminal.
//!
//! File names, server answers and excerpts may hold escape sequences, bidirectional overrides and
//! invisible characters that would drive the reader's terminal or hide what stands there.

/// The text with every control, override and invisible character shown as an escape. A tab becomes
/// a blank, so that columns stay where they are.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if is_harmful(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Like [`line()`], and never beginning as a command to a CI runner would.
pub fn start(text: &str) -> String {
    let text = line(text);
    let trimmed = text.trim_start();
    if trimmed.starts_with("::") || trimmed.starts_with("##") {
        format!("\u{2060}{text}").replace('\u{2060}', ". ")
    } else {
        text
    }
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}' | '\u{FFF9}'..='\u{FFFB}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_drives_the_terminal() {
        assert_eq!(line("a\x1b[31mb\nc\td\u{202E}e"), "a\\u{1b}[31mb\\u{a}c d\\u{202e}e");
        assert_eq!(line("grün ✓"), "grün ✓");
        assert!(!start("::error::x").starts_with("::"));
        assert!(!start("  ##vso[x]").trim_start().starts_with("##"));
    }
}
