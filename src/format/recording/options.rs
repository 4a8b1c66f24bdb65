//! The options of curl and whether they take a value. What is not here is told and never guessed.

/// Long options that take a value.
const WITH_VALUE: &[&str] = &[
    "abstract-unix-socket", "alt-svc", "aws-sigv4", "cacert", "capath", "cert", "cert-type",
    "ciphers", "config", "connect-timeout", "connect-to", "continue-at", "cookie", "cookie-jar",
    "create-file-mode", "crlfile", "curves", "data", "data-ascii", "data-binary", "data-raw",
    "data-urlencode", "delegation", "dns-interface", "dns-ipv4-addr", "dns-ipv6-addr",
    "dns-servers", "doh-url", "dump-ca-embed", "dump-header", "ech", "egd-file", "engine",
    "etag-compare", "etag-save", "expect100-timeout", "form", "form-string", "ftp-account",
    "ftp-alternative-to-user", "ftp-method", "ftp-port", "ftp-ssl-ccc-mode",
    "happy-eyeballs-timeout-ms", "haproxy-clientip", "header", "hostpubmd5", "hostpubsha256",
    "hsts", "interface", "ip-tos", "ipfs-gateway", "json", "keepalive-cnt", "keepalive-time",
    "key", "key-type", "krb", "libcurl", "limit-rate", "local-port", "login-options", "mail-auth",
    "mail-from", "mail-rcpt", "max-filesize", "max-redirs", "max-time", "netrc-file", "noproxy",
    "oauth2-bearer", "output", "output-dir", "parallel-max", "pass", "pinnedpubkey", "preproxy",
    "proto", "proto-default", "proto-redir", "proxy", "proxy-cacert", "proxy-capath", "proxy-cert",
    "proxy-cert-type", "proxy-ciphers", "proxy-crlfile", "proxy-header", "proxy-key",
    "proxy-key-type", "proxy-pass", "proxy-pinnedpubkey", "proxy-service-name",
    "proxy-tls13-ciphers", "proxy-tlsauthtype", "proxy-tlspassword", "proxy-tlsuser", "proxy-user",
    "proxy1.0", "pubkey", "quote", "random-file", "range", "rate", "referer", "request",
    "request-target", "resolve", "retry", "retry-delay", "retry-max-time", "sasl-authzid",
    "service-name", "socks4", "socks4a", "socks5", "socks5-gssapi-service", "socks5-hostname",
    "speed-limit", "speed-time", "stderr", "telnet-option", "tftp-blksize", "time-cond", "tls-max",
    "tls13-ciphers", "tlsauthtype", "tlspassword", "tlsuser", "trace", "trace-ascii",
    "trace-config", "unix-socket", "upload-file", "url", "url-query", "user", "user-agent",
    "variable", "vlan-priority", "write-out",
];

/// Long options that stand alone. `--no-…` of each stands alone too.
const ALONE: &[&str] = &[
    "all-proxy", "anyauth", "append", "basic", "buffer", "ca-native", "cert-status", "clobber",
    "compressed", "compressed-ssh", "create-dirs", "crlf", "digest", "disable", "disable-eprt",
    "disable-epsv", "disallow-username-in-url", "doh-cert-status", "doh-insecure", "eprt", "epsv",
    "fail", "fail-early", "fail-with-body", "false-start", "form-escape", "ftp-create-dirs",
    "ftp-pasv", "ftp-pret", "ftp-skip-pasv-ip", "ftp-ssl-ccc", "ftp-ssl-control", "get", "globoff",
    "haproxy-protocol", "head", "http0.9", "http1.0", "http1.1", "http2", "http2-prior-knowledge",
    "http3", "http3-only", "ignore-content-length", "include", "insecure", "ipv4", "ipv6",
    "junk-session-cookies", "keepalive", "list-only", "location", "location-trusted",
    "mail-rcpt-allowfails", "manual", "metalink", "mptcp", "negotiate", "netrc", "netrc-optional",
    "next", "ntlm", "ntlm-wb", "npn", "parallel", "parallel-immediate", "path-as-is", "post301",
    "post302", "post303", "progress-bar", "progress-meter", "proxy-anyauth", "proxy-basic",
    "proxy-ca-native", "proxy-digest", "proxy-http2", "proxy-insecure", "proxy-negotiate",
    "proxy-ntlm", "proxy-ssl-allow-beast", "proxy-ssl-auto-client-cert", "proxy-tlsv1",
    "proxytunnel", "raw", "remote-header-name", "remote-name", "remote-name-all", "remote-time",
    "remove-on-error", "retry-all-errors", "retry-connrefused", "sasl-ir", "sessionid",
    "show-error", "show-headers", "silent", "skip-existing", "socks5-basic", "socks5-gssapi",
    "socks5-gssapi-nec", "ssl", "ssl-allow-beast", "ssl-auto-client-cert", "ssl-no-revoke",
    "ssl-reqd", "ssl-revoke-best-effort", "sslv2", "sslv3", "styled-output",
    "suppress-connect-headers", "tcp-fastopen", "tcp-nodelay", "tftp-no-options", "tlsv1",
    "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "tr-encoding", "trace-ids", "trace-time",
    "use-ascii", "verbose", "version", "xattr", "alpn",
];

/// Short options that take a value, with their long names.
const SHORT_WITH_VALUE: &[(char, &str)] = &[
    ('A', "user-agent"),
    ('b', "cookie"),
    ('c', "cookie-jar"),
    ('C', "continue-at"),
    ('d', "data"),
    ('D', "dump-header"),
    ('e', "referer"),
    ('E', "cert"),
    ('F', "form"),
    ('H', "header"),
    ('K', "config"),
    ('m', "max-time"),
    ('o', "output"),
    ('P', "ftp-port"),
    ('Q', "quote"),
    ('r', "range"),
    ('t', "telnet-option"),
    ('T', "upload-file"),
    ('u', "user"),
    ('U', "proxy-user"),
    ('w', "write-out"),
    ('x', "proxy"),
    ('X', "request"),
    ('y', "speed-time"),
    ('Y', "speed-limit"),
    ('z', "time-cond"),
];

/// Short options that stand alone, with their long names.
const SHORT_ALONE: &[(char, &str)] = &[
    ('0', "http1.0"),
    ('1', "tlsv1"),
    ('2', "sslv2"),
    ('3', "sslv3"),
    ('4', "ipv4"),
    ('6', "ipv6"),
    ('a', "append"),
    ('B', "use-ascii"),
    ('f', "fail"),
    ('g', "globoff"),
    ('G', "get"),
    ('i', "include"),
    ('I', "head"),
    ('j', "junk-session-cookies"),
    ('J', "remote-header-name"),
    ('k', "insecure"),
    ('l', "list-only"),
    ('L', "location"),
    ('M', "manual"),
    ('n', "netrc"),
    ('N', "no-buffer"),
    ('O', "remote-name"),
    ('p', "proxytunnel"),
    ('q', "disable"),
    ('R', "remote-time"),
    ('s', "silent"),
    ('S', "show-error"),
    ('v', "verbose"),
    ('V', "version"),
    ('Z', "parallel"),
    ('#', "progress-bar"),
    (':', "next"),
];

/// What an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// A value follows.
    Value,
    /// It stands alone.
    Nothing,
}

/// Whether a long option takes a value; `None` when it is not known.
pub(super) fn long(name: &str) -> Option<Takes> {
    if WITH_VALUE.contains(&name) {
        return Some(Takes::Value);
    }
    let plain = name.strip_prefix("no-").unwrap_or(name);
    (ALONE.contains(&name) || ALONE.contains(&plain)).then_some(Takes::Nothing)
}

/// The long name of a short option, and whether it takes a value.
pub(super) fn short(letter: char) -> Option<(&'static str, Takes)> {
    let named = |list: &'static [(char, &'static str)]| {
        list.iter().find(|(known, _)| *known == letter).map(|(_, name)| *name)
    };
    named(SHORT_WITH_VALUE)
        .map(|name| (name, Takes::Value))
        .or_else(|| named(SHORT_ALONE).map(|name| (name, Takes::Nothing)))
}
