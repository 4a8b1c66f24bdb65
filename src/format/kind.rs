//! What a file is for, told from its name and its first lines: role, and what a bare word means.

use crate::artifact::Role;

/// What a word without quotes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    /// The value itself (`.env`, YAML, shell, logs).
    Value,
    /// An expression of a programming language.
    Expression,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// What it is for.
    pub role: Role,
    /// What a bare word is.
    pub bare: Bare,
    /// Whether `<name>value</name>` carries a value.
    pub markup: bool,
    /// Whether `{ token }` is a field named after its variable.
    pub shorthand: bool,
    /// Whether names stand at the head of columns: CSV, SQL.
    pub table: bool,
}

const fn kind(role: Role, bare: Bare) -> Kind {
    Kind { role, bare, markup: false, shorthand: false, table: false }
}

const CODE: Kind = kind(Role::Code, Bare::Expression);
const SCRIPT: Kind = kind(Role::Script, Bare::Value);
const CONFIG: Kind = kind(Role::Config, Bare::Value);
const DATA: Kind = kind(Role::Config, Bare::Expression);
const API: Kind = kind(Role::Api, Bare::Value);
const MARKUP: Kind = Kind { markup: true, ..CONFIG };
const SQL: Kind = Kind { table: true, ..CODE };
const TABLE: Kind = Kind { table: true, ..CONFIG };
const SCRIPTED: Kind = Kind { shorthand: true, ..CODE };

/// Kinds by extension.
const EXTENSIONS: &[(Kind, &[&str])] = &[
    (
        SCRIPTED,
        &[
            "js", "mjs", "cjs", "jsx", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro", "html",
            "htm", "gs",
        ],
    ),
    (
        CODE,
        &[
            "py", "pyw", "pyi", "java", "kt", "kts", "scala", "groovy", "gradle", "go", "rs", "c",
            "h", "cc", "cpp", "hpp", "cxx", "m", "mm", "swift", "cs", "fs", "vb", "bas", "cls",
            "frm", "vbs", "php", "rb", "erb", "pl", "pm", "lua", "r", "rmd", "jl", "dart", "ex",
            "exs", "erl", "clj", "cljs", "hs", "ml", "nim", "zig", "sol", "qml", "coffee", "xhtml",
            "jsp", "aspx", "cshtml", "razor", "ejs", "hbs", "twig", "ipynb", "css", "scss", "tcl",
            "pas", "dpr", "d", "cr", "f90", "proto", "graphql", "vba", "asp", "cfm", "cfc", "cljc",
            "edn", "lisp", "el", "rkt", "gleam", "v", "odin", "hx", "sc", "fsx", "ino", "pyt",
            "star", "bzl", "bicep", "pp", "apex", "abap", "sas", "do", "m4", "kql", "pq",
        ],
    ),
    (SQL, &["sql", "ddl", "psql", "mysql"]),
    (TABLE, &["csv", "tsv", "psv"]),
    (
        SCRIPT,
        &[
            "sh", "bash", "zsh", "fish", "ksh", "bat", "cmd", "ps1", "psm1", "psd1", "curl", "mk",
            "just", "awk", "dockerfile", "nu",
        ],
    ),
    (
        CONFIG,
        &[
            "yaml", "yml", "toml", "ini", "cfg", "conf", "config", "env", "properties", "tfvars",
            "prod", "production", "dev", "local", "staging", "netrc", "npmrc", "pypirc", "service",
            "desktop", "reg", "inf", "j2", "cnf", "editorconfig", "rc", "credentials", "secret",
            "secrets", "vars", "sls", "vcl",
        ],
    ),
    (
        DATA,
        &[
            "json", "jsonc", "json5", "jsonl", "ndjson", "geojson", "tf", "hcl", "nix", "map",
            "webmanifest", "topojson",
        ],
    ),
    (
        API,
        &[
            "http", "rest", "hurl", "har", "bru", "jmx", "postman_collection",
            "postman_environment", "insomnia", "raml", "wadl",
        ],
    ),
    (
        MARKUP,
        &[
            "xml", "xsd", "xsl", "xslt", "wsdl", "plist", "csproj", "vbproj", "props", "targets",
            "resx", "xaml", "svg", "kml", "gml", "qgs", "qlr", "pom", "rss", "atom", "nuspec",
            "settings", "storyboard", "axml",
        ],
    ),
    (kind(Role::Log, Bare::Value), &["log", "trace", "out", "err"]),
    (
        kind(Role::Docs, Bare::Value),
        &[
            "md", "markdown", "mdx", "rst", "adoc", "asciidoc", "textile", "org", "pod", "tex",
            "man", "1",
        ],
    ),
    (
        kind(Role::Template, Bare::Value),
        &["example", "sample", "template", "tmpl", "tpl", "dist", "tftpl", "mustache", "gotmpl"],
    ),
    (kind(Role::Workspace, Bare::Value), &["fmw", "fmx", "fmf", "fme", "fmwx"]),
];

/// Kinds by whole name (lower-case).
const NAMES: &[(Kind, &[&str])] = &[
    (
        SCRIPT,
        &[
            "dockerfile", "containerfile", "makefile", "jenkinsfile", "procfile", "vagrantfile",
            "justfile", ".bashrc", ".zshrc", ".profile", ".bash_history", ".zsh_history",
            "crontab",
        ],
    ),
    (
        CONFIG,
        &[
            ".netrc", "_netrc", ".npmrc", ".pypirc", ".curlrc", "_curlrc", ".wgetrc", ".my.cnf",
            ".pgpass", "credentials", "config", ".gitconfig", ".git-credentials",
        ],
    ),
    (
        kind(Role::Docs, Bare::Value),
        &["readme", "changelog", "license", "notice", "authors", "contributing"],
    ),
];

/// How the artifact called `path` (of which `head` is the beginning) is read.
pub fn of(path: &str, head: &[u8]) -> Kind {
    let mut kind = by_name(path, head);
    // Markup hides under many names: `.config`, `.jmx`, `.xml.production`.
    if matches!(kind.role, Role::Config | Role::Api | Role::Other | Role::Template) {
        let start = head.trim_ascii_start();
        kind.markup |= start.first() == Some(&b'<')
            && start.get(1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'?' | b'!'));
    }
    kind
}

fn by_name(path: &str, head: &[u8]) -> Kind {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit(['/', '!']).next().unwrap_or_default();
    if let Some((kind, _)) = NAMES.iter().find(|(_, names)| names.contains(&name)) {
        return *kind;
    }
    if name.starts_with("dockerfile")
        || name.starts_with("jenkinsfile")
        || name.starts_with("makefile")
    {
        return SCRIPT;
    }
    let template = [
        ".example", ".sample", ".template", ".tmpl", ".tpl", ".dist", "-example.", "_example.",
        ".example.",
    ];
    let begins = name.starts_with("sample.");
    let is_template = begins || template.iter().any(|t| name.contains(t));
    let by_extension = || {
        // The last extension that says something: `settings.env.prod`, `access.log.1`.
        name.rsplit('.').take(3).enumerate().find_map(|(index, extension)| {
            // `trace.txt` is a text about a trace, `job.out.txt` no output.
            if index > 0 && matches!(extension, "trace" | "out" | "err") {
                return None;
            }
            EXTENSIONS.iter().find(|(_, list)| list.contains(&extension)).map(|(kind, _)| *kind)
        })
    };
    if is_template {
        return kind(Role::Template, Bare::Value);
    }
    if name.starts_with(".env") || name == "env" {
        return CONFIG;
    }
    if name.contains("access_log") || name.contains("access.log") || name.contains("error.log") {
        return kind(Role::Log, Bare::Value);
    }
    if let Some(kind) = by_extension().filter(|_| name.contains('.')) {
        return match kind.role {
            Role::Config if is_api(head) => API,
            _ if kind == DATA && is_json_log(head) => Kind { role: Role::Log, ..DATA },
            _ => kind,
        };
    }
    match head {
        [b'#', b'!', ..] if memchr::memmem::find(first_line(head), b"python").is_some() => CODE,
        [b'#', b'!', ..] if memchr::memmem::find(first_line(head), b"node").is_some() => CODE,
        [b'#', b'!', ..] => SCRIPT,
        _ if looks_like_log(head) => kind(Role::Log, Bare::Value),
        _ => kind(Role::Other, Bare::Value),
    }
}

/// A recorded collection or a description of an API under a general extension.
fn is_api(head: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[
        b"\"openapi\"", b"openapi:", b"\"swagger\"", b"swagger:", b"securitySchemes",
        b"securityDefinitions", b"_postman_", b"\"_postman", b"schema.getpostman.com",
        b"\"_type\": \"export\"", b"asyncapi",
    ];
    let head = head.get(..head.len().min(4096)).unwrap_or(head);
    MARKS.iter().any(|mark| memchr::memmem::find(head, mark).is_some())
}

/// Whether every line is an object that tells its time: a log in JSON, perhaps behind the head of
/// syslog.
fn is_json_log(head: &[u8]) -> bool {
    const TIMES: &[&[u8]] =
        &[b"\"time\"", b"\"ts\"", b"\"timestamp\"", b"\"@timestamp\"", b"\"datetime\""];
    const SAYS: &[&[u8]] =
        &[b"\"level\"", b"\"msg\"", b"\"message\"", b"\"status\"", b"\"log\"", b"\"severity\""];
    let has = |line: &[u8], marks: &[&[u8]]| {
        marks.iter().any(|mark| memchr::memmem::find(line, mark).is_some())
    };
    // The last line of the beginning may be cut.
    let whole = memchr::memrchr(b'\n', head).and_then(|i| head.get(..i)).unwrap_or_default();
    let lines: Vec<&[u8]> =
        whole.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).take(8).collect();
    let tells_time = |line: &&[u8]| {
        is_syslog(line)
            || line.starts_with(b"{") && line.trim_ascii().ends_with(b"}") && has(line, TIMES)
    };
    // One object alone may be the answer of a service.
    let many = lines.len() > 1 || lines.first().is_some_and(|line| is_syslog(line));
    many && lines.iter().all(tells_time)
        && lines.iter().any(|line| is_syslog(line) || has(line, SAYS))
}

/// `<134>1 2026-…`: the head of a line of syslog.
fn is_syslog(line: &[u8]) -> bool {
    let digits = line.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
    line.first() == Some(&b'<') && (1..=3).contains(&digits) && line.get(1 + digits) == Some(&b'>')
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|b| *b == b'\n').next().unwrap_or_default()
}

/// Whether the first lines look like those of a request log or a job log.
pub fn looks_like_log(head: &[u8]) -> bool {
    let lines: Vec<&[u8]> =
        head.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).take(4).collect();
    !lines.is_empty() && lines.iter().all(|line| is_log_line(line))
}

/// Whether a line begins as log lines do: with a time, or with a client and a bracketed time.
fn is_log_line(line: &[u8]) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        line.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_digit))
    };
    let iso = digits(0..4)
        && line.get(4) == Some(&b'-')
        && digits(5..7)
        && line.get(7) == Some(&b'-')
        && digits(8..10);
    let start = line.get(..line.len().min(120)).unwrap_or(line);
    let combined = memchr::memchr(b'[', start).is_some_and(|i| {
        start.get(i + 1).is_some_and(u8::is_ascii_digit)
            && memchr::memmem::find(line, b"] \"").is_some()
    });
    iso || combined || is_syslog(line) || line.starts_with(b"ts=") || line.starts_with(b"time=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide() {
        for (name, role) in [
            ("a/b.py", Role::Code),
            ("tokens.env.prod", Role::Config),
            (".env.example", Role::Template),
            ("env.dist", Role::Template),
            ("config/sample.env", Role::Template),
            ("Dockerfile.web", Role::Script),
            ("access.log.1", Role::Log),
            ("README.md", Role::Docs),
            ("x.fmwt!inner/x.fmw", Role::Workspace),
            ("remote.txt", Role::Other),
        ] {
            assert_eq!(of(name, b"").role, role, "{name}");
        }
        assert_eq!(
            of("x.txt", b"10.0.0.1 - - [03/Mar/2025:10:11:12 +0000] \"GET / HTTP/1.1\" 200 1\n")
                .role,
            Role::Log
        );
        assert_eq!(of("spec.yml", b"openapi: 3.1.0\n").role, Role::Api);
        let json = b"{\"time\":\"2026-11-22T03:00:00Z\",\"msg\":\"a\"}\n{\"time\":\"x\"}\n";
        assert_eq!(of("app.jsonl", json).role, Role::Log);
        let syslog = b"<134>1 2026-11-22T03:00:00Z web1 app 311 - - {\"a\":1}\n";
        assert_eq!(of("app.jsonl", syslog).role, Role::Log);
        for no_log in [
            b"{\"time\":\"x\"}\n".as_slice(),
            b"{\"msg\":\"x\"}\n",
            b"{\n\"time\": 1,\n\"level\": 2\n}\n",
        ] {
            assert_eq!(of("rows.jsonl", no_log).role, Role::Config);
        }
    }
}
