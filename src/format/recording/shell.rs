//! Words of a command line, as sh, cmd and PowerShell take them apart.
//!
//! Nothing is expanded. What the shell itself would fill in (`"$TOKEN"`) is not known here, and a
//! word says so by [`FILLED`]; what stands in single quotes is sent as it is written.

/// Stands around the name of a variable that the shell fills in.
pub const FILLED: char = '\u{1}';

/// The most bytes of a command line.
const COMMAND_MAX: usize = 256 * 1024;

/// Which shell a text is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// sh and its kin.
    Posix,
    /// The command interpreter of Windows.
    Cmd,
    /// PowerShell.
    PowerShell,
}

impl Shell {
    /// The shell whose continuations stand in a text.
    pub fn of(text: &str) -> Self {
        let ends =
            |sign: char| text.lines().any(|line| line.trim_end_matches('\r').ends_with(sign));
        if ends('^') || text.contains("^\"") {
            Shell::Cmd
        } else if ends('`') && !ends('\\') {
            Shell::PowerShell
        } else {
            Shell::Posix
        }
    }
}

/// A command of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its line, from 1.
    pub line: usize,
    /// Its words, without their quotes.
    pub words: Vec<String>,
}

/// Every simple command of a text, those inside of `$(…)` too.
pub fn commands(text: &str, shell: Shell) -> Vec<Command> {
    let mut out = Vec::new();
    nested(text, shell, 1, 0, &mut out);
    out.sort_by_key(|command| command.line);
    out
}

fn nested(text: &str, shell: Shell, line: usize, depth: usize, out: &mut Vec<Command>) {
    /// The deepest command in a command.
    const DEPTH_MAX: usize = 4;
    let plain;
    let text = if shell == Shell::Cmd {
        plain = without_carets(text);
        plain.as_str()
    } else {
        text
    };
    let mut splitter =
        Splitter { chars: text.chars().collect(), at: 0, line, shell, inner: Vec::new() };
    while splitter.at < splitter.chars.len() {
        let command = splitter.command();
        if !command.words.is_empty() {
            out.push(command);
        }
    }
    if depth < DEPTH_MAX {
        for (line, inner) in splitter.inner {
            nested(&inner, Shell::Posix, line, depth + 1, out);
        }
    }
}

/// What cmd hands to a program: `^` at the end of a line joins, before a character it is gone.
fn without_carets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut in_quotes = false;
    while let Some(c) = chars.next() {
        if c == '^' && !in_quotes {
            match chars.next() {
                Some('\r') if chars.peek() == Some(&'\n') => {
                    chars.next();
                    out.push(' ');
                }
                Some('\n') => out.push(' '),
                Some(escaped) => out.push(escaped),
                None => {}
            }
            continue;
        }
        in_quotes = (in_quotes ^ (c == '"')) && c != '\n';
        out.push(c);
    }
    out
}

struct Splitter {
    chars: Vec<char>,
    at: usize,
    line: usize,
    shell: Shell,
    /// What stands inside of `$(…)` and backquotes, with its line.
    inner: Vec<(usize, String)>,
}

impl Splitter {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    /// Reads up to the end of a command: a line end, `;`, `|` or `&`.
    fn command(&mut self) -> Command {
        let mut command = Command { line: self.line, words: Vec::new() };
        let begin = self.at;
        let mut word: Option<String> = None;
        while let Some(c) = self.peek(0) {
            if self.at - begin > COMMAND_MAX {
                self.at = self.chars.len();
                break;
            }
            let ends = match c {
                '\n' => true,
                ';' | '|' => self.shell != Shell::Cmd || c == '|',
                // `a&b` in an address without quotes: the shell ends the command there as well.
                '&' => true,
                '(' | ')' => self.shell == Shell::Posix && word.is_none(),
                _ => false,
            };
            if ends {
                self.next();
                break;
            }
            if c == '#' && word.is_none() && self.shell != Shell::Cmd {
                while self.peek(0).is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
                continue;
            }
            if c.is_whitespace() {
                self.next();
                command.words.extend(word.take());
                continue;
            }
            if command.words.is_empty() && word.is_none() {
                command.line = self.line;
            }
            let mut current = word.take().unwrap_or_default();
            let is_word = self.piece(&mut current);
            if is_word || !current.is_empty() {
                word = Some(current);
            }
        }
        command.words.extend(word);
        command
    }

    /// Reads one piece of a word; `false` for a continuation, which is nothing.
    fn piece(&mut self, word: &mut String) -> bool {
        let escape = if self.shell == Shell::PowerShell { '`' } else { '\\' };
        match self.next() {
            Some('\'') if self.shell != Shell::Cmd => self.single(word),
            Some('"') => self.double(word),
            Some('$') if self.shell == Shell::Posix && self.peek(0) == Some('\'') => {
                self.next();
                self.ansi(word);
            }
            Some('$') if self.shell != Shell::Cmd => self.variable(word),
            Some('`') if self.shell == Shell::Posix => self.backquoted(word),
            Some(c) if c == escape && self.shell == Shell::Cmd => match self.peek(0) {
                // Only before a quote is a backslash more than itself.
                Some('"') => {
                    self.next();
                    word.push('"');
                }
                _ => word.push('\\'),
            },
            Some(c) if c == escape => {
                if self.peek(0) == Some('\r') && self.peek(1) == Some('\n') {
                    self.next();
                }
                match self.next() {
                    Some('\n') | None => return false,
                    Some(escaped) => word.push(escaped),
                }
            }
            Some(c) => word.push(c),
            None => {}
        }
        true
    }

    fn single(&mut self, word: &mut String) {
        while let Some(c) = self.next() {
            match c {
                '\'' if self.shell == Shell::PowerShell && self.peek(0) == Some('\'') => {
                    self.next();
                    word.push('\'');
                }
                '\'' => return,
                _ => word.push(c),
            }
        }
    }

    fn double(&mut self, word: &mut String) {
        while let Some(c) = self.next() {
            match (self.shell, c) {
                (_, '"') => return,
                (Shell::Posix, '\\') => match self.peek(0) {
                    Some('\n') => {
                        self.next();
                    }
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => {
                        self.next();
                        word.push(escaped);
                    }
                    _ => word.push('\\'),
                },
                (Shell::PowerShell, '`') => word.extend(self.next()),
                (Shell::Cmd, '\\') if matches!(self.peek(0), Some('"' | '\\')) => {
                    word.extend(self.next());
                }
                (Shell::Posix | Shell::PowerShell, '$') => self.variable(word),
                (Shell::Posix, '`') => self.backquoted(word),
                _ => word.push(c),
            }
        }
    }

    /// `$'…'` with the escapes of C.
    fn ansi(&mut self, word: &mut String) {
        while let Some(c) = self.next() {
            match c {
                '\'' => return,
                '\\' => match self.next() {
                    Some('n') => word.push('\n'),
                    Some('t') => word.push('\t'),
                    Some('r') => word.push('\r'),
                    Some('x') => self.code(word, 16, 2),
                    Some('u') => self.code(word, 16, 4),
                    Some('U') => self.code(word, 16, 8),
                    Some(digit @ '0'..='7') => {
                        self.at -= 1;
                        let _ = digit;
                        self.code(word, 8, 3);
                    }
                    other => word.extend(other),
                },
                _ => word.push(c),
            }
        }
    }

    fn code(&mut self, word: &mut String, radix: u32, most: usize) {
        let digits: String =
            (0..most).map_while(|ahead| self.peek(ahead).filter(|c| c.is_digit(radix))).collect();
        self.at += digits.len();
        let code = u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32);
        // The mark of this module must not come from the outside.
        word.extend(code.filter(|c| *c != FILLED));
    }

    /// What follows a `$`.
    fn variable(&mut self, word: &mut String) {
        let name = match self.peek(0) {
            Some('(') => {
                self.next();
                let (line, inner) = (self.line, self.until('(', ')'));
                self.inner.push((line, inner));
                "command".to_owned()
            }
            Some('{') => {
                self.next();
                self.until('{', '}')
            }
            Some(c) if c.is_alphabetic() || c == '_' || c.is_ascii_digit() => {
                let mut name = String::new();
                while let Some(c) = self.peek(0) {
                    let joins = c == ':' && self.shell == Shell::PowerShell && name == "env";
                    if !(c.is_alphanumeric() || c == '_' || joins) {
                        break;
                    }
                    name.extend(self.next());
                }
                name
            }
            _ => return word.push('$'),
        };
        word.push(FILLED);
        word.extend(name.chars().filter(|c| *c != FILLED));
        word.push(FILLED);
    }

    fn backquoted(&mut self, word: &mut String) {
        let line = self.line;
        let mut inner = String::new();
        while let Some(c) = self.next() {
            match c {
                '`' => break,
                _ => inner.push(c),
            }
        }
        self.inner.push((line, inner));
        word.extend([FILLED]);
        *word += "command";
        word.push(FILLED);
    }

    /// Up to the bracket that closes; the opening one is behind.
    fn until(&mut self, open: char, close: char) -> String {
        let mut inner = String::new();
        let mut depth = 1usize;
        while let Some(c) = self.next() {
            depth += usize::from(c == open);
            depth -= usize::from(c == close);
            if depth == 0 {
                break;
            }
            inner.push(c);
        }
        inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        commands(text, Shell::of(text)).remove(0).words
    }

    #[test]
    fn quotes_and_continuations_of_three_shells() {
        assert_eq!(
            words(r#"curl -H 'A: b c' "d\"e" f\ g $'h\n\x41'"#),
            ["curl", "-H", "A: b c", "d\"e", "f g", "h\nA"]
        );
        assert_eq!(words("curl \\\n  -k \\\r\n x"), ["curl", "-k", "x"]);
        assert_eq!(
            words("curl ^\n -H ^\"A: b^\" ^\n https://h/"),
            ["curl", "-H", "A: b", "https://h/"]
        );
        assert_eq!(words("curl `\n -H 'A: it''s' `\n x"), ["curl", "-H", "A: it's", "x"]);
        assert_eq!(
            words(r#"curl "$T" '$T' "${U}x""#),
            ["curl", "\u{1}T\u{1}", "$T", "\u{1}U\u{1}x"]
        );
        assert_eq!(words("curl '' x"), ["curl", "", "x"]);
    }

    #[test]
    fn commands_end_where_the_shell_ends_them() {
        let all = commands("# no\nA=$(curl -s x) ; curl y | jq .\n\ncurl z # end\n", Shell::Posix);
        let told: Vec<_> = all.iter().map(|c| (c.line, c.words.join(" "))).collect();
        assert_eq!(told[1], (2, "curl y".to_owned()));
        assert_eq!(told[3], (2, "curl -s x".to_owned()));
        assert_eq!(told[4], (4, "curl z".to_owned()));
    }

    proptest! {
        /// Whatever a word is, quoted as sh wants it, it comes back.
        #[test]
        fn a_quoted_word_comes_back(word in "[^\u{1}]{0,40}", other in "[^\u{1}]{0,40}") {
            let quoted = |w: &str| format!("'{}'", w.replace('\'', r"'\''"));
            let text = format!("curl {} {}", quoted(&word), quoted(&other));
            let back = commands(&text, Shell::Posix).remove(0).words;
            prop_assert_eq!(back, vec!["curl".to_owned(), word, other]);
        }

        #[test]
        fn nothing_makes_it_panic(text in ".{0,200}") {
            for shell in [Shell::Posix, Shell::Cmd, Shell::PowerShell] {
                commands(&text, shell);
            }
        }
    }
}
