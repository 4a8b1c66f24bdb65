//! Postman collections (v2) with saved answers: folders, variables and inherited credentials.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Each, Recording};
use crate::exchange::{Exchange, Spot};
use crate::http::body::BODY_MAX;
use crate::http::message::{Headers, Request, Response};
use crate::secret::Secret;

/// Postman collections.
#[derive(Debug)]
pub(super) struct Postman;

/// The deepest folder that is read.
const DEPTH_MAX: usize = 16;

impl Recording for Postman {
    fn name(&self) -> &'static str {
        "Postman collection"
    }

    fn recognises(&self, name: &str, head: &[u8]) -> bool {
        let is_json = head.trim_ascii_start().first() == Some(&b'{');
        let by_name = name.to_ascii_lowercase().ends_with(".postman_collection.json");
        let marks = [b"\"_postman_id\"".as_slice(), b"schema.getpostman.com"];
        is_json && (by_name || marks.iter().any(|m| memchr::memmem::find(head, m).is_some()))
    }

    fn read(&self, bytes: &[u8], each: &mut Each<'_>) -> Vec<String> {
        let root: Value = match serde_json::from_slice(bytes) {
            Ok(root) => root,
            Err(e) => {
                return vec![format!("line {} column {}: this is no JSON", e.line(), e.column())];
            }
        };
        let mut reader = Reader { each, variables: BTreeMap::new(), names: Vec::new(), count: 0 };
        reader.define(&root);
        reader.items(&root, None, 0);
        if reader.count == 0 {
            return vec![
                "it holds no saved answer: save an example of the refused call in Postman"
                    .to_owned(),
            ];
        }
        Vec::new()
    }
}

struct Reader<'r, 'f> {
    each: &'r mut Each<'f>,
    variables: BTreeMap<String, String>,
    names: Vec<String>,
    count: usize,
}

fn word<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is_enabled(value: &Value) -> bool {
    value.get("disabled").and_then(Value::as_bool) != Some(true)
}

impl Reader<'_, '_> {
    fn define(&mut self, holder: &Value) {
        for variable in list(holder, "variable").iter().filter(|v| is_enabled(v)) {
            if let (Some(name), Some(value)) = (word(variable, "key"), word(variable, "value")) {
                self.variables.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The items of a folder; a credential of a folder counts for what is in it.
    fn items(&mut self, folder: &Value, above: Option<&Value>, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        let auth = own(folder).or(above);
        for item in list(folder, "item") {
            self.names.push(word(item, "name").unwrap_or("request").to_owned());
            let auth = item.get("request").and_then(own).or(auth);
            for answer in list(item, "response") {
                self.call(item, answer, auth);
            }
            self.items(item, auth, depth + 1);
            self.names.pop();
        }
    }

    fn call(&mut self, item: &Value, answer: &Value, auth: Option<&Value>) {
        let Some(status) =
            answer.get("code").and_then(Value::as_u64).and_then(|s| u16::try_from(s).ok())
        else {
            return;
        };
        let Some(sent) = answer.get("originalRequest").or_else(|| item.get("request")) else {
            return;
        };
        let auth = own(sent).or(auth);
        let mut headers = self.pairs(sent, "header");
        let mut target = self.address(sent);
        if let Some(auth) = auth {
            self.credential(auth, &mut headers, &mut target);
        }
        let request = Request {
            method: word(sent, "method").unwrap_or("GET").to_owned(),
            target: Secret::new(target.as_bytes()),
            headers,
            body: self.body(sent),
        };
        let body = word(answer, "body").unwrap_or_default().as_bytes();
        let response = Response {
            status,
            headers: self.pairs(answer, "header"),
            body: Secret::new(body.get(..BODY_MAX).unwrap_or(body)),
        };
        let spot = Spot { logical: Some(self.names.join(" › ")), ..Spot::entry(self.count) };
        self.count += 1;
        (self.each)(spot, Exchange { request, response: Some(response), at: None });
    }

    fn pairs(&self, holder: &Value, name: &str) -> Headers {
        let mut headers = Headers::default();
        for pair in list(holder, name).iter().filter(|p| is_enabled(p)) {
            let name = word(pair, "key").unwrap_or_default();
            if !name.is_empty() {
                let value = self.filled(word(pair, "value").unwrap_or_default());
                headers.add(name, value.as_bytes());
            }
        }
        headers
    }

    fn address(&self, sent: &Value) -> String {
        let raw = match sent.get("url") {
            Some(Value::String(raw)) => raw.as_str(),
            Some(url) => word(url, "raw").unwrap_or_default(),
            None => "",
        };
        self.filled(raw)
    }

    fn body(&self, sent: &Value) -> Option<Secret> {
        let body = sent.get("body")?;
        let text = match word(body, "mode")? {
            "raw" => word(body, "raw")?.to_owned(),
            mode @ ("urlencoded" | "formdata") => list(body, mode)
                .iter()
                .filter(|p| is_enabled(p))
                .map(|p| {
                    format!(
                        "{}={}",
                        word(p, "key").unwrap_or_default(),
                        word(p, "value").unwrap_or_default()
                    )
                })
                .collect::<Vec<_>>()
                .join("&"),
            _ => return None,
        };
        (!text.is_empty()).then(|| Secret::new(self.filled(&text).as_bytes()))
    }

    /// What Postman adds to a call for its `auth`.
    fn credential(&self, auth: &Value, headers: &mut Headers, target: &mut String) {
        let kind = word(auth, "type").unwrap_or_default();
        // A list of keys and values in v2.1, an object in v2.0.
        let part = |name: &str| {
            let parts = auth.get(kind)?;
            let found = match parts {
                Value::Array(all) => {
                    all.iter().find(|p| word(p, "key") == Some(name))?.get("value")?
                }
                other => other.get(name)?,
            };
            found.as_str().map(|text| self.filled(text))
        };
        let has = headers.all("authorization").next().is_some();
        match kind {
            "bearer" if !has => {
                let token = part("token").unwrap_or_default();
                headers.add("authorization", format!("Bearer {token}").as_bytes());
            }
            "oauth2" if !has => {
                let prefix = part("headerPrefix").unwrap_or_else(|| "Bearer".to_owned());
                if let Some(token) = part("accessToken") {
                    headers.add("authorization", format!("{} {token}", prefix.trim()).as_bytes());
                }
            }
            "basic" if !has => {
                let pair = format!(
                    "{}:{}",
                    part("username").unwrap_or_default(),
                    part("password").unwrap_or_default()
                );
                headers.add("authorization", format!("Basic {}", STANDARD.encode(pair)).as_bytes());
            }
            "apikey" => {
                let (Some(name), Some(value)) = (part("key"), part("value")) else { return };
                if part("in").as_deref() == Some("query") {
                    let sign = if target.contains('?') { '&' } else { '?' };
                    if !target.contains(&format!("{name}=")) {
                        *target += &format!("{sign}{name}={value}");
                    }
                } else if headers.all(&name).next().is_none() {
                    headers.add(&name, value.as_bytes());
                }
            }
            _ => {}
        }
    }

    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // A variable may stand in the value of another: a few rounds, then it goes in circles.
        for _ in 0..4 {
            let before = text.clone();
            for (name, value) in &self.variables {
                let mark = format!("{{{{{name}}}}}");
                if text.contains(&mark) && text.len() < BODY_MAX {
                    text = text.replace(&mark, value);
                }
            }
            if text == before {
                break;
            }
        }
        text
    }
}

/// The `auth` of a collection, folder or request; `noauth` means none, also from above.
fn own(holder: &Value) -> Option<&Value> {
    holder.get("auth").filter(|auth| auth.is_object())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_found_in_folders_with_what_they_inherit() {
        let text = serde_json::json!({
            "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
            "variable": [{"key": "base", "value": "https://h.example"}],
            "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{t}}"}]},
            "item": [{"name": "Jobs", "item": [{
                "name": "submit",
                "request": {"method": "POST", "url": {"raw": "{{base}}/x"}},
                "response": [{"code": 401, "body": "no", "header": [{"key": "Server", "value": "x"}],
                    "originalRequest": {"method": "POST", "url": {"raw": "{{base}}/x"}, "header": []}}]
            }]}]
        })
        .to_string();
        assert!(Postman.recognises("x.json", text.as_bytes()));
        let mut all = Vec::new();
        let notices = Postman.read(text.as_bytes(), &mut |spot, e| all.push((spot, e)));
        assert!(notices.is_empty() && all.len() == 1);
        assert_eq!(all[0].0.logical.as_deref(), Some("Jobs › submit"));
        let request = &all[0].1.request;
        assert_eq!(request.target, Secret::new(b"https://h.example/x"));
        assert_eq!(
            request.headers.all("authorization").next(),
            Some(&Secret::new(b"Bearer {{t}}"))
        );
        assert_eq!(Postman.read(b"{", &mut |_, _| ()).len(), 1);
    }
}
