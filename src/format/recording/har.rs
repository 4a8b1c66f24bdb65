//! HAR 1.2: what browsers and proxies record. Read entry by entry: a recording of a hundred megabytes
//! costs no more memory than its bytes and its largest entry.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Each, Recording};
use crate::exchange::{Exchange, Spot};
use crate::http::body::BODY_MAX;
use crate::http::message::{Headers, Request, Response};
use crate::secret::Secret;
use crate::time::Instant;

/// HAR 1.2.
#[derive(Debug)]
pub struct Har;

impl Recording for Har {
    fn name(&self) -> &'static str {
        "HAR"
    }

    fn recognises(&self, name: &str, head: &[u8]) -> bool {
        let start = head.get(..4096).unwrap_or(head);
        let is_json = head.trim_ascii_start().first() == Some(&b'{');
        let by_name = name.to_ascii_lowercase().ends_with(".har");
        is_json && (by_name || memchr::memmem::find(start, b"\"log\"").is_some())
    }

    fn read(&self, bytes: &[u8], each: &mut Each<'_>) -> Vec<String> {
        let mut count = 0;
        let read =
            exchanges(bytes, &mut count, &mut |index, exchange| each(Spot::entry(index), exchange));
        // What stands before a mistake was given all the same.
        let said = |why: String| format!("{why}; what stands before it was read");
        read.err().map(said).into_iter().collect()
    }
}

/// Takes the exchanges, with their index from 0.
type Indexed<'f> = dyn FnMut(usize, Exchange) + 'f;

/// Reads every entry. What stands before a mistake is given all the same; the error says where the
/// mistake is.
fn exchanges(bytes: &[u8], count: &mut usize, each: &mut Indexed<'_>) -> Result<(), String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Root { each, count }.deserialize(&mut reader);
    // What serde_json says of a mistake names line and column, and never a value.
    read.map_err(|e| format!("line {} column {}: {}", e.line(), e.column(), category(&e)))
}

fn category(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "the recording is cut here",
        serde_json::error::Category::Syntax => "this is no JSON",
        serde_json::error::Category::Data | serde_json::error::Category::Io => {
            "this is no entry of a HAR (1.2)"
        }
    }
}

/// `{"log": {"entries": […]}}`
struct Root<'a, 'f> {
    each: &'a mut Indexed<'f>,
    count: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(Keyed { root: self, key: "log" })
    }
}

/// An object of which one key matters.
struct Keyed<'a, 'f> {
    root: Root<'a, 'f>,
    key: &'static str,
}

impl<'de> Visitor<'de> for Keyed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            if key != self.key {
                map.next_value::<IgnoredAny>()?;
            } else if self.key == "log" {
                let root = Root { each: self.root.each, count: self.root.count };
                map.next_value_seed(Log(root))?;
            } else {
                let root = Root { each: self.root.each, count: self.root.count };
                map.next_value_seed(Entries(root))?;
            }
        }
        Ok(())
    }
}

struct Log<'a, 'f>(Root<'a, 'f>);

impl<'de> DeserializeSeed<'de> for Log<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(Keyed { root: self.0, key: "entries" })
    }
}

struct Entries<'a, 'f>(Root<'a, 'f>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<Entry<'_>>()? {
            (self.0.each)(*self.0.count, entry.into_exchange());
            *self.0.count += 1;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(default, borrow)]
    started_date_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    request: Sent<'a>,
    #[serde(default, borrow)]
    response: Option<Got<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'a> {
    #[serde(default, borrow)]
    method: Cow<'a, str>,
    #[serde(default, borrow)]
    url: Cow<'a, str>,
    #[serde(default, borrow)]
    headers: Vec<Pair<'a>>,
    #[serde(default, borrow)]
    cookies: Option<Vec<Pair<'a>>>,
    #[serde(default, borrow)]
    post_data: Option<Posted<'a>>,
}

#[derive(Deserialize)]
struct Pair<'a> {
    #[serde(default, borrow)]
    name: Cow<'a, str>,
    #[serde(default, borrow)]
    value: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'a> {
    #[serde(default, borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    params: Option<Vec<Pair<'a>>>,
    #[serde(default, borrow)]
    mime_type: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Got<'a> {
    #[serde(default)]
    status: f64,
    #[serde(default, borrow)]
    headers: Vec<Pair<'a>>,
    #[serde(default, borrow)]
    content: Option<Content<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    #[serde(default, borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    encoding: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    mime_type: Option<Cow<'a, str>>,
}

impl Entry<'_> {
    fn into_exchange(self) -> Exchange {
        let at = self.started_date_time.as_deref().and_then(Instant::parse);
        Exchange {
            request: self.request.into_request(),
            response: self.response.and_then(Got::into_response),
            at,
        }
    }
}

fn headers(pairs: &[Pair<'_>]) -> Headers {
    let mut headers = Headers::default();
    for pair in pairs {
        // HTTP/2 writes the request line as headers that begin with a colon.
        if !pair.name.starts_with(':') {
            headers.add(&pair.name, pair.value.as_deref().unwrap_or_default().as_bytes());
        }
    }
    headers
}

impl Sent<'_> {
    fn into_request(self) -> Request {
        let mut headers = headers(&self.headers);
        let kind = self.post_data.as_ref().and_then(|p| p.mime_type.as_deref());
        if let Some(kind) = kind
            && headers.all("content-type").next().is_none()
        {
            headers.add("content-type", kind.as_bytes());
        }
        // Some recorders leave the header out and list the cookies.
        let listed = self.cookies.unwrap_or_default();
        if headers.all("cookie").next().is_none() && !listed.is_empty() {
            let pair =
                |c: &Pair<'_>| format!("{}={}", c.name, c.value.as_deref().unwrap_or_default());
            headers
                .add("cookie", listed.iter().map(pair).collect::<Vec<_>>().join("; ").as_bytes());
        }
        let body = self.post_data.and_then(|posted| match (posted.text, posted.params) {
            (Some(text), _) if !text.is_empty() => Some(Secret::new(text.as_bytes())),
            (_, Some(params)) if !params.is_empty() => {
                let pair =
                    |p: &Pair<'_>| format!("{}={}", p.name, p.value.as_deref().unwrap_or_default());
                let form = params.iter().map(pair).collect::<Vec<_>>().join("&");
                Some(Secret::new(form.as_bytes()))
            }
            _ => None,
        });
        Request {
            method: self.method.into_owned(),
            target: Secret::new(self.url.as_bytes()),
            headers,
            body,
        }
    }
}

impl Got<'_> {
    /// Status 0 is a call that never came back: blocked, or cut.
    fn into_response(self) -> Option<Response> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a status beyond u16 saturates and is none"
        )]
        let status = self.status as u16;
        if !(100..=999).contains(&status) {
            return None;
        }
        let mut headers = headers(&self.headers);
        let content = self.content;
        let kind = content.as_ref().and_then(|c| c.mime_type.as_deref());
        if let Some(kind) = kind
            && !kind.is_empty()
            && headers.all("content-type").next().is_none()
        {
            headers.add("content-type", kind.as_bytes());
        }
        let body = content.map(Content::bytes).unwrap_or_default();
        Some(Response { status, headers, body: Secret::new(&body) })
    }
}

impl Content<'_> {
    /// The body as far as anybody looks into it.
    fn bytes(self) -> Vec<u8> {
        use base64::Engine as _;
        let text = self.text.unwrap_or_default();
        let most = |bytes: &[u8], most: usize| bytes.get(..most).unwrap_or(bytes).to_vec();
        if self.encoding.as_deref() == Some("base64") {
            let head = most(text.as_bytes(), BODY_MAX / 3 * 4);
            let plain = base64::engine::general_purpose::STANDARD.decode(head);
            return plain.unwrap_or_default();
        }
        most(text.as_bytes(), BODY_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Exchange>, Result<usize, String>) {
        let mut all = Vec::new();
        let mut count = 0;
        let result = exchanges(text.as_bytes(), &mut count, &mut |_, e| all.push(e));
        (all, result.map(|()| count))
    }

    const ENTRY: &str = r#"{"startedDateTime":"2026-11-23T20:09:38.000Z","request":{"method":"GET","url":"https://h.example/x?a=1","headers":[{"name":"Accept","value":"*/*"}]},"response":{"status":401,"headers":[{"name":"WWW-Authenticate","value":"Basic"}],"content":{"text":"bm8=","encoding":"base64"}}}"#;

    #[test]
    fn entries_are_read_one_by_one() {
        let (all, result) =
            read(&format!(r#"{{"x":1,"log":{{"version":"1.2","entries":[{ENTRY},{ENTRY}]}}}}"#));
        assert_eq!((all.len(), result), (2, Ok(2)));
        let response = all[0].response.as_ref().unwrap();
        assert_eq!((response.status, response.headers.all("www-authenticate").count()), (401, 1));
        assert_eq!(response.body, Secret::new(b"no"));
        assert!(all[0].at.is_some());
    }

    #[test]
    fn what_stands_before_a_mistake_is_given() {
        let (all, result) = read(&format!(r#"{{"log":{{"entries":[{ENTRY},{{"request":"#));
        assert_eq!(all.len(), 1);
        assert!(result.unwrap_err().ends_with("the recording is cut here"));
        assert!(read("[]").1.is_err());
        assert_eq!(read("{}").1, Ok(0));
        let blocked = ENTRY.replace("401", "0");
        assert!(read(&format!(r#"{{"log":{{"entries":[{blocked}]}}}}"#)).0[0].response.is_none());
    }
}
