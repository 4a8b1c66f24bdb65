//! `.http` and `.rest` files of VS Code and `JetBrains`: requests, their variables, and answers where
//! they stand in the file.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Each, Recording};
use crate::exchange::{Exchange, Spot};
use crate::http::message::{Headers, Request, Response};
use crate::secret::Secret;
use crate::text::lossless;

/// `.http` and `.rest` files.
#[derive(Debug)]
pub(super) struct HttpFile;

/// The deepest variable in a variable.
const DEPTH_MAX: usize = 5;
/// The longest value of a variable, in bytes.
const VALUE_MAX: usize = 64 * 1024;

impl Recording for HttpFile {
    fn name(&self) -> &'static str {
        ".http file"
    }

    fn recognises(&self, name: &str, head: &[u8]) -> bool {
        let name = name.to_ascii_lowercase();
        let by_name = [".http", ".rest"].iter().any(|end| name.ends_with(end));
        let text = lossless(head);
        let mut lines = text.lines().map(str::trim_end);
        by_name
            || lines.any(|l| l.starts_with("###"))
                && text.lines().any(|l| request_line(l).is_some_and(|(method, _)| method.is_some()))
    }

    fn read(&self, bytes: &[u8], each: &mut Each<'_>) -> Vec<String> {
        let text = lossless(bytes);
        let variables = variables(&text);
        let mut block = Vec::new();
        for (number, line) in super::numbered(&text) {
            if line.starts_with("###") {
                give(&block, &variables, each);
                block.clear();
            }
            block.push((number, line));
        }
        give(&block, &variables, each);
        Vec::new()
    }
}

/// `@name = value`, from the whole file: a later one wins.
fn variables(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix('@')?.split_once('=')?;
        let name = name.trim();
        let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
        is_name.then(|| (name.to_owned(), value.trim().to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

/// A text with the variables that the file defines; others stay as they stand.
fn filled(text: &str, variables: &BTreeMap<String, String>, depth: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out += before;
        let Some((name, behind)) = after.split_once("}}") else {
            out += "{{";
            rest = after;
            continue;
        };
        match variables.get(name.trim()).filter(|_| depth < DEPTH_MAX && out.len() < VALUE_MAX) {
            Some(value) => out += &filled(value, variables, depth + 1),
            None => out += &format!("{{{{{name}}}}}"),
        }
        rest = behind;
    }
    out + rest
}

/// `GET https://… HTTP/1.1`, or an address alone.
fn request_line(line: &str) -> Option<(Option<&str>, &str)> {
    const METHODS: &[&str] = &[
        "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND",
        "LOCK", "UNLOCK", "COPY", "MOVE", "MKCOL",
    ];
    let line = line.trim();
    let line = match line.rsplit_once(" HTTP/") {
        Some((line, version)) if version.len() <= 3 => line,
        _ => line,
    };
    if let Some((method, target)) = line.split_once(' ') {
        let target = target.trim();
        return (METHODS.contains(&method) && !target.is_empty()).then_some((Some(method), target));
    }
    let is_address = ["http://", "https://", "{{"].iter().any(|start| line.starts_with(start));
    is_address.then_some((None, line))
}

#[expect(clippy::too_many_lines, reason = "one walk over the lines of a block, in their order")]
fn give(lines: &[(usize, &str)], variables: &BTreeMap<String, String>, each: &mut Each<'_>) {
    let mut name = None;
    let mut rest = lines.iter();
    let (line, method, mut target) = loop {
        let Some((number, line)) = rest.next() else { return };
        let trimmed = line.trim();
        let title = trimmed.strip_prefix("###").map(str::trim).filter(|title| !title.is_empty());
        let comment = ["#", "//"].iter().find_map(|mark| trimmed.strip_prefix(mark)).map(str::trim);
        if let Some(title) = title {
            name = Some(title.to_owned());
        } else if let Some(comment) = comment {
            let named =
                comment.strip_prefix("@name").map(|n| n.trim_start_matches([' ', '=']).trim());
            name = named.map(str::to_owned).or(name);
        } else if let Some((method, target)) = request_line(trimmed) {
            break (*number, method.unwrap_or("GET"), target.to_owned());
        }
    };
    let mut headers = Headers::default();
    let mut body = Vec::new();
    let mut response: Option<Response> = None;
    let mut answer = Vec::new();
    let (mut in_body, mut in_answer_body) = (false, false);
    for (_, line) in rest {
        let trimmed = line.trim();
        if let Some(status) = status_line(trimmed) {
            response =
                Some(Response { status, headers: Headers::default(), body: Secret::new(b"") });
        } else if let Some(response) = &mut response {
            if in_answer_body {
                answer.push(*line);
            } else if let Some((name, value)) = trimmed.split_once(':') {
                response.headers.add(name, value.trim().as_bytes());
            } else {
                in_answer_body = trimmed.is_empty();
            }
        } else if let Some(file) = trimmed.strip_prefix("<> ") {
            // `<> 2026-11-24T100000.401.json`: JetBrains writes the status into the name.
            response = file_status(file).map(|status| Response {
                status,
                headers: Headers::default(),
                body: Secret::new(b""),
            });
        } else if in_body {
            if !trimmed.starts_with("> {%") && !trimmed.starts_with("< ") {
                body.push(*line);
            }
        } else if trimmed.is_empty() {
            in_body = true;
        } else if line.starts_with([' ', '\t']) && trimmed.starts_with(['?', '&']) {
            target += trimmed;
        } else if trimmed.starts_with('#') || trimmed.starts_with("//") {
        } else if let Some((name, value)) = trimmed.split_once(':') {
            headers.add(name.trim(), header(name, &filled(value.trim(), variables, 0)).as_bytes());
        }
    }
    if let Some(response) = &mut response {
        response.body = Secret::new(answer.join("\n").trim().as_bytes());
    }
    let text = filled(body.join("\n").trim(), variables, 0);
    let request = Request {
        method: method.to_owned(),
        target: Secret::new(filled(&target, variables, 0).as_bytes()),
        headers,
        body: (!text.is_empty()).then(|| Secret::new(text.as_bytes())),
    };
    let spot = Spot { logical: name, ..Spot::line(line) };
    each(spot, Exchange { request, response, at: None });
}

/// `Basic user:password` and `Basic user password` are encoded by the clients that read such files.
fn header(name: &str, value: &str) -> String {
    let rest =
        value.strip_prefix("Basic ").filter(|_| name.trim().eq_ignore_ascii_case("authorization"));
    let pair = rest.and_then(|rest| rest.split_once(':').or_else(|| rest.trim().split_once(' ')));
    match pair {
        Some((user, password)) if !value.contains("{{") => {
            format!("Basic {}", STANDARD.encode(format!("{}:{}", user.trim(), password.trim())))
        }
        _ => value.to_owned(),
    }
}

fn status_line(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/")?;
    let status = rest.split(' ').nth(1)?.parse().ok()?;
    (100..=999).contains(&status).then_some(status)
}

fn file_status(name: &str) -> Option<u16> {
    name.rsplit('.').find_map(|part| {
        let status = part.parse().ok().filter(|status| (100..=599).contains(status))?;
        (part.len() == 3).then_some(status)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Spot, Exchange)> {
        let mut all = Vec::new();
        HttpFile.read(text.as_bytes(), &mut |spot, exchange| all.push((spot, exchange)));
        all
    }

    #[test]
    fn requests_variables_and_answers() {
        let all = read(
            "@host = h.example\n@base = https://{{host}}/v1\n\n### first\n# @name list\nGET {{base}}/items\n  ?page=1\n  &key={{key}}\nAuthorization: Basic bob:x\n\n### second\nPOST {{base}}/x HTTP/1.1\nContent-Type: application/json\n\n{\"a\": 1}\n\n<> 2026-11-24T100000.401.json\n\n###\nGET https://h.example/y\n\nHTTP/1.1 403 Forbidden\nServer: x\n\nno\n",
        );
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].0.line, all[0].0.logical.as_deref()), (Some(6), Some("list")));
        let one = &all[0].1.request;
        assert_eq!(one.target, Secret::new(b"https://h.example/v1/items?page=1&key={{key}}"));
        assert_eq!(one.headers.all("authorization").next(), Some(&Secret::new(b"Basic Ym9iOng=")));
        assert_eq!(all[1].1.response.as_ref().unwrap().status, 401);
        assert_eq!(all[1].1.request.body, Some(Secret::new(b"{\"a\": 1}")));
        let third = all[2].1.response.as_ref().unwrap();
        assert_eq!((third.status, &third.body), (403, &Secret::new(b"no")));
    }

    #[test]
    fn variables_that_go_in_circles_end() {
        assert!(filled("{{a}}", &variables("@a = {{b}}{{b}}\n@b = {{a}}{{a}}"), 0).len() < 4096);
    }
}
