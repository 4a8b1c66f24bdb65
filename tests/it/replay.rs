//! `authward replay` against servers on the loopback: what is found, and above all what is sent.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::support::server::{Got, Server, json, with};
use super::support::{Run, folder, run};

/// An invented token of FME Flow.
const TOKEN: &str = "5ad1c0de5ad1c0de5ad1c0de5ad1c0de5ad1c0de";

/// A recording of one refused GET.
fn har(url: &str, sent: &[(&str, &str)], status: u16, got: &[(&str, &str)], body: &str) -> String {
    call("GET", url, sent, status, got, body)
}

/// A recording of one refused call.
fn call(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    status: u16,
    answer: &[(&str, &str)],
    body: &str,
) -> String {
    let list = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(n, v)| serde_json::json!({"name": n, "value": v})).collect::<Vec<_>>()
    };
    serde_json::json!({"log": {"version": "1.2", "entries": [{
        "startedDateTime": "2026-11-23T20:00:00.000Z",
        "request": {"method": method, "url": url, "headers": list(headers)},
        "response": {"status": status, "headers": list(answer), "content": {"text": body}},
    }]}})
    .to_string()
}

/// Replays a recording with a permit for the server.
fn replay(server: &Server, har: &str, more: &[&str]) -> Run {
    let folder = folder(&[("x.har", har.as_bytes())]);
    let host = format!("127.0.0.1:{}", server.port);
    let mut args = vec!["replay", "x.har", "--format", "json", "--allow-host", &host];
    args.extend(more);
    let run = run(folder.path(), &args);
    assert!(!run.out.contains(TOKEN) && !run.err.contains(TOKEN), "{}{}", run.out, run.err);
    run
}

/// Cause, confidence and the results of the probes.
fn told(run: &Run) -> (String, String, Vec<String>) {
    let json = run.json();
    let one = &json["diagnoses"][0];
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let probes = one["probes"].as_array().unwrap();
    let probes =
        probes.iter().map(|p| format!("{} {}", word(&p["probe"]), word(&p["result"]))).collect();
    (word(&one["cause"]), word(&one["confidence"]), probes)
}

/// A stub of FME Flow, from the documented facts: V3 reads `fmetoken=` and the header, never
/// `token=`; one token is good and may not read everything.
fn fme_stub(got: &Got) -> Vec<u8> {
    let in_header = got.header("authorization") == Some(&format!("fmetoken token={TOKEN}"));
    let in_query = got.target().contains(&format!("fmetoken={TOKEN}"));
    let path = got.target().split('?').next().unwrap_or_default();
    match (in_header || in_query, path) {
        (false, _) => json("401 Unauthorized", "{\"message\":\"Unauthorized\"}"),
        (true, "/fmerest/v3/repositories/Parcels") => json(
            "403 Forbidden",
            "{\"message\":\"Unauthorized request by user svc due to lack of proper permissions\"}",
        ),
        (true, _) => json("200 OK", "{\"build\":\"x\"}"),
    }
}

#[test]
fn the_right_place_turns_401_into_200_and_proves_the_cause() {
    let server = Server::start(fme_stub);
    let har = har(&server.url(&format!("/fmerest/v3/info?token={TOKEN}")), &[], 401, &[], "{}");
    let run = replay(&server, &har, &[]);
    let (cause, confidence, probes) = told(&run);
    assert_eq!(
        (cause.as_str(), confidence.as_str()),
        ("wrong-parameter-name", "proved"),
        "{}",
        run.out
    );
    assert_eq!(probes, ["as-it-was same", "in-header accepted"]);
    let got = server.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].target(), "/fmerest/v3/info");
    assert!(got.iter().all(|g| g.header("referer").is_none()));
    assert!(got.iter().all(|g| g.header("user-agent").unwrap().starts_with("authward/")));
    assert_eq!(run.code, 1);
}

#[test]
fn a_good_credential_without_the_permission_is_told_from_a_bad_one() {
    let server = Server::start(fme_stub);
    let header = format!("fmetoken token={TOKEN}");
    let har = har(
        &server.url("/fmerest/v3/repositories/Parcels"),
        &[("Authorization", &header)],
        403,
        &[("Content-Type", "text/html")],
        "<html><title>403 Forbidden</title></html>",
    );
    let run = replay(&server, &har, &[]);
    let (cause, confidence, probes) = told(&run);
    assert_eq!(cause, "insufficient-permission", "{}", run.out);
    assert!(matches!(confidence.as_str(), "certain" | "proved"), "{confidence} {probes:?}");
    assert!(server.got().len() <= 3);
}

#[test]
fn nothing_is_sent_without_a_permit_and_nothing_with_offline_or_dry_run() {
    let server = Server::start(fme_stub);
    let har = har(&server.url(&format!("/fmerest/v3/info?token={TOKEN}")), &[], 401, &[], "{}");
    let folder = folder(&[("x.har", har.as_bytes())]);
    let other = format!("127.0.0.2:{}", server.port);
    for more in [
        vec![],
        vec!["--allow-host", "localhost"],
        vec!["--allow-host", &other],
        vec!["--offline", "--allow-host", "127.0.0.1"],
    ] {
        let mut args = vec!["replay", "x.har", "--format", "json"];
        args.extend(&more);
        let run = run(folder.path(), &args);
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(server.got().is_empty(), "{more:?}");
    }
    let dry = replay(&server, &har, &["--dry-run"]);
    assert!(server.got().is_empty());
    let (_, _, probes) = told(&dry);
    assert!(probes.contains(&"in-header planned".to_owned()), "{probes:?}");
}

#[test]
fn a_redirect_is_never_followed_with_the_credential() {
    let second = Server::start(|_| json("200 OK", "{}"));
    let location = second.url("/landing");
    let answer = format!("Location: {location}\r\n");
    let first = Server::start(move |_| with("302 Found", &answer, ""));
    let har = har(
        &first.url("/api/items"),
        &[("Authorization", "Bearer abcdefgh0123456789ABCDEFGH"), ("X-Api-Key", TOKEN)],
        302,
        &[("Location", &location)],
        "",
    );
    let host = format!("127.0.0.1:{}", second.port);
    // Not even where the second origin was permitted too.
    replay(&first, &har, &["--allow-host", &host]);
    for got in second.got() {
        assert!(!got.head.contains("abcdefgh") && !got.head.contains(TOKEN), "{}", got.head);
        assert!(got.header("referer").is_none());
    }
    assert!(
        first
            .got()
            .iter()
            .all(|g| g.header("authorization").is_none() || g.target() == "/api/items")
    );
}

#[test]
fn what_acts_when_it_is_called_is_never_called() {
    let server = Server::start(|_| json("401 Unauthorized", "{}"));
    for path in ["/job/x/build?token=", "/account/logout?token=", "/api/delete/7?token="] {
        let har = har(&server.url(&format!("{path}{TOKEN}")), &[], 401, &[], "{}");
        replay(&server, &har, &[]);
    }
    for method in ["POST", "DELETE", "PUT"] {
        let url = server.url(&format!("/v1/items?token={TOKEN}"));
        replay(&server, &call(method, &url, &[], 401, &[], "{}"), &[]);
    }
    for got in server.got() {
        let path = got.target().split('?').next().unwrap().to_owned();
        assert!(got.line.starts_with("GET ") && !path.contains("build"), "{}", got.line);
        assert!(!path.contains("logout") && !path.contains("delete"), "{}", got.line);
    }
}

#[test]
fn a_password_is_tried_once_and_never_with_garbage() {
    let server =
        Server::start(|_| with("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", ""));
    let har = har(
        &server.url("/r1"),
        &[("Authorization", "Basic YWxpY2U6SGFyYm91cjlMYW1w")],
        401,
        &[("WWW-Authenticate", "Basic realm=\"x\"")],
        "",
    );
    let (cause, _, _) = told(&replay(&server, &har, &[]));
    assert_eq!(cause, "wrong-password");
    let basic = server.got().iter().filter(|g| g.header("authorization").is_some()).count();
    assert!(basic <= 1, "{basic} attempts with a password");
}

#[test]
fn the_first_sign_of_a_lock_ends_it() {
    let server = Server::start(|_| {
        json("403 Forbidden", "{\"message\":\"Too many failed login attempts\"}")
    });
    let url = server.url("/v1/items");
    let har = har(&url, &[("X-Api-Key", TOKEN)], 403, &[], "");
    let run = replay(&server, &har, &[]);
    assert_eq!(server.got().len(), 1, "{}", run.out);
    assert_eq!(told(&run).0, "locked-out");
}

#[test]
fn damage_is_proved_by_mending_it() {
    let server = Server::start(|got| {
        let good = got.header("authorization") == Some(&format!("Bearer {TOKEN}"));
        if good { json("200 OK", "{}") } else { json("401 Unauthorized", "{\"message\":\"bad\"}") }
    });
    for value in [format!("Bearer \"{TOKEN}\""), format!("Bearer Bearer {TOKEN}")] {
        let har = har(&server.url("/v1/items"), &[("Authorization", &value)], 401, &[], "{}");
        let (cause, confidence, _) = told(&replay(&server, &har, &[]));
        assert_eq!(confidence, "proved", "{cause}");
        assert!(matches!(cause.as_str(), "credential-quoted" | "scheme-doubled"));
    }
}

#[test]
fn servers_that_lie_break_off_or_say_nothing_do_no_harm() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_| match count.fetch_add(1, Ordering::Relaxed) % 5 {
        0 => Vec::new(),
        1 => b"not http at all\r\n\r\n".to_vec(),
        2 => b"HTTP/1.1 401 x\r\nContent-Length: 100\r\n\r\nshort".to_vec(),
        3 => b"HTTP/1.1 999 \r\n\r\n".to_vec(),
        _ => [
            b"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice(),
            &b"5\r\nabcde\r\n".repeat(100_000),
        ]
        .concat(),
    });
    let har = har(&server.url("/v1/items"), &[("X-Api-Key", TOKEN)], 401, &[], "{}");
    for _ in 0..5 {
        let run = replay(&server, &har, &[]);
        assert!(run.code == 1 || run.code == 4, "{} {}", run.code, run.err);
    }
}

#[test]
fn the_audit_names_each_request_and_no_secret() {
    let server = Server::start(fme_stub);
    let har = har(&server.url(&format!("/fmerest/v3/info?token={TOKEN}")), &[], 401, &[], "{}");
    let folder = folder(&[("x.har", har.as_bytes())]);
    let host = format!("127.0.0.1:{}", server.port);
    run(folder.path(), &["replay", "x.har", "--allow-host", &host, "--audit", "audit.jsonl"]);
    let audit = std::fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert_eq!(audit.lines().count(), server.got().len());
    assert!(!audit.contains(TOKEN) && audit.contains("\"in-header\""), "{audit}");
}

#[test]
fn a_credential_from_the_environment_takes_the_place_of_the_recorded_one() {
    let server = Server::start(fme_stub);
    let har = har(
        &server.url("/fmerest/v3/info"),
        &[("Authorization", "fmetoken token=****")],
        401,
        &[],
        "{}",
    );
    let folder = folder(&[("x.har", har.as_bytes())]);
    let host = format!("127.0.0.1:{}", server.port);
    let args = ["replay", "x.har", "--format", "json", "--allow-host", &host, "--env", "MY_TOKEN"];
    let out =
        super::support::command(folder.path(), &args).env("MY_TOKEN", TOKEN).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(!text.contains(TOKEN), "{text}");
    assert!(server.got().iter().all(|g| !g.head.contains("****")), "{:?}", server.got());
}

/// Every recording of the fixtures, one compact line a call.
#[test]
fn recordings_are_told_as_snapshotted() {
    let run = run(
        &super::support::root(),
        &["replay", "--offline", "--format", "json", "--exit-zero", "fixtures/replay"],
    );
    let json = run.json();
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = Vec::new();
    for one in json["diagnoses"].as_array().unwrap() {
        let source = &one["source"];
        let spot = if source["entry"].is_null() { &source["line"] } else { &source["entry"] };
        let logical = source["logical"].as_str().map(|l| format!(" ({l})")).unwrap_or_default();
        let others: Vec<String> =
            one["alternatives"].as_array().unwrap().iter().map(word).collect();
        lines.push(format!(
            "{}:{spot}{logical} {}: {} {} {others:?}",
            word(&source["path"]).trim_start_matches("fixtures/replay/"),
            word(&one["call"]),
            word(&one["cause"]),
            word(&one["confidence"]),
        ));
    }
    for notice in json["notices"].as_array().unwrap() {
        lines.push(format!("notice {}: {}", word(&notice["path"]), word(&notice["message"])));
    }
    lines.push(format!("{} of {} calls", json["stats"]["refused"], json["stats"]["calls"]));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn one_line_of_a_log_is_told() {
    let line = |status: u16| {
        format!(
            "10.0.0.1 - - [24/Nov/2026:02:00:07 +0100] \"GET /x?token={TOKEN} HTTP/1.1\" {status} 2\n"
        )
    };
    let log = line(200) + &line(401) + &line(401);
    let folder = folder(&[("a.log", log.as_bytes())]);
    let told = run(folder.path(), &["replay", "--offline", "--format", "json", "a.log:3"]);
    let json = told.json();
    assert_eq!(json["diagnoses"].as_array().unwrap().len(), 1);
    assert_eq!(json["diagnoses"][0]["source"]["line"], 3);
    assert!(!told.out.contains(TOKEN));
    let none = run(folder.path(), &["replay", "--offline", "--format", "json", "a.log:1"]);
    assert_eq!(none.notices(), ["not-found"]);
    let piped = super::support::run_with(
        folder.path(),
        &["replay", "--offline", "--format", "json", "-"],
        log.as_bytes(),
    );
    assert_eq!(piped.json()["diagnoses"].as_array().unwrap().len(), 2);
}

/// A log has no header fields: that no credential was seen there is no proof that none was sent.
#[test]
fn what_a_log_leaves_out_is_not_held_for_missing() {
    let log = "10.0.0.1 - - [24/Nov/2026:02:00:07 +0100] \"GET /x HTTP/1.1\" 401 2\n";
    let folder = folder(&[("a.log", log.as_bytes())]);
    let json = run(folder.path(), &["replay", "--offline", "--format", "json", "a.log"]).json();
    assert_eq!(json["diagnoses"][0]["confidence"], "possible", "{json}");
}

#[test]
fn a_typed_call_is_read_and_never_repeated() {
    let folder = folder(&[]);
    let call = format!("curl --5aD1c0DeX -H 'X-Api-Key: \"{TOKEN}\"' https://h.example/x");
    let told = run(folder.path(), &["replay", "--offline", "--format", "json", &call]);
    let json = told.json();
    assert_eq!(json["diagnoses"][0]["cause"], "credential-quoted", "{}", told.out);
    assert_eq!(json["diagnoses"][0]["confidence"], "likely");
    assert_eq!(json["notices"].as_array().unwrap().len(), 1);
    assert!(!told.out.contains(TOKEN) && !told.out.contains("5aD1"), "{}", told.out);
    let address = format!("https://fme.example/fmerest/v3/info?token={TOKEN}");
    let told = run(folder.path(), &["replay", "--offline", "--format", "json", &address]);
    assert_eq!(told.json()["diagnoses"][0]["cause"], "wrong-parameter-name", "{}", told.out);
    assert!(!told.out.contains(TOKEN) && !told.err.contains(TOKEN));
}

/// Typing a call permits its own host, and no other that is named in it.
#[test]
fn an_address_in_a_header_of_a_typed_call_permits_nothing() {
    let (own, other) = (Server::start(fme_stub), Server::start(fme_stub));
    // Another credential, so that the two are not one group of which only the first is tried.
    let stale = TOKEN.replace("5ad", "5ae");
    let har = har(&other.url(&format!("/fmerest/v3/info?token={stale}")), &[], 401, &[], "{}");
    let call = format!(
        "curl -e {} {}",
        other.url("/page"),
        own.url(&format!("/fmerest/v3/info?token={TOKEN}"))
    );
    let folder = folder(&[("x.har", har.as_bytes())]);
    run(folder.path(), &["replay", "--format", "json", "x.har", &call]);
    assert!(!own.got().is_empty());
    assert!(other.got().is_empty());
}

#[test]
fn words_that_act_are_seen_through_every_disguise() {
    let server = Server::start(|_| json("401 Unauthorized", "{}"));
    for path in [
        "/api/d%65lete/7?token=", "/del%2565te/7?token=", "/x?action=delete&token=",
        "/api/delete/all/77?token=", "/fmejobsubmitter/R/w.fmw?token=",
        "/fmedatadownload/R/w.fmw?token=", "/fmedatastreaming/R/w.fmw?token=",
    ] {
        let har = har(&server.url(&format!("{path}{TOKEN}")), &[], 401, &[], "{}");
        replay(&server, &har, &[]);
    }
    let location = server.url("/login/logout?x=1");
    let redirect = har(&server.url("/api/items"), &[], 302, &[("Location", &location)], "");
    replay(&server, &redirect, &[]);
    let sent: Vec<String> = server.got().iter().map(|g| g.target().to_owned()).collect();
    let acts = |target: &String| {
        ["delete", "d%65", "del%", "fmejob", "fmedata", "logout"]
            .iter()
            .any(|word| target.contains(word))
    };
    assert!(!sent.iter().any(acts), "{sent:?}");
}

#[test]
fn headers_that_change_the_call_are_not_sent_again() {
    let server = Server::start(|_| json("401 Unauthorized", "{}"));
    let har = har(
        &server.url("/v1/items"),
        &[
            ("X-Api-Key", TOKEN),
            ("X-HTTP-Method-Override", "DELETE"),
            ("X-Original-URL", "/admin"),
            ("X-Forwarded-For", "203.0.113.9"),
        ],
        401,
        &[],
        "{}",
    );
    replay(&server, &har, &[]);
    assert!(!server.got().is_empty());
    for got in server.got() {
        let head = got.head.to_ascii_lowercase();
        assert!(
            !head.contains("override")
                && !head.contains("x-original")
                && !head.contains("forwarded")
        );
    }
}

#[test]
fn a_config_of_the_folder_cannot_say_what_is_called() {
    let server = Server::start(|_| json("401 Unauthorized", "{}"));
    let har = har(&server.url("/v1/items"), &[("X-Api-Key", TOKEN)], 401, &[], "{}");
    let service = "id: mine\nname: Mine\nsince: 0.1.0\nhost: [127.0.0.1]\ndiagnosis:\n  identity: /admin/all\n";
    let folder = folder(&[
        ("x.har", har.as_bytes()),
        ("authward.yaml", b"rules: [rules]\n"),
        ("rules/services/mine.yaml", service.as_bytes()),
    ]);
    let host = format!("127.0.0.1:{}", server.port);
    run(folder.path(), &["replay", "x.har", "--allow-host", &host]);
    assert!(server.got().iter().all(|g| !g.target().contains("admin")), "{:?}", server.got());
}
