//! FME workspaces, custom transformers and mapping files: `.fmw`, `.fmx`, `.fmf`, `.fme`.
//!
//! A workspace keeps each value two to five times: in the XML half (`#!` lines), in the mapping half
//! which FME executes, in the base64 form of its published parameters, in `DEFAULT_MACRO`, and in the
//! command line of its head comment. Values are wrapped in XML entities and in FME's own encodings,
//! up to three layers deep. All of it is unwrapped here, with the way back to the bytes of the file.

mod encoding;
mod form;
mod mapping;
mod pairs;
pub mod slot;
mod workspace;
mod xml;

use std::borrow::Cow;

use self::encoding::Decoded;
use self::slot::{Keeper, Slot};
use self::workspace::Workspace;
use super::{Field, Format, Reading};
use crate::artifact::{Nature, Text};
use crate::finding::{NoticeKind, PlaceKind};
use crate::text::{SourceMap, Span, lossless};

/// The reader of workspaces.
#[derive(Debug)]
pub struct Fmw;

impl Format for Fmw {
    fn id(&self) -> &'static str {
        "fmw"
    }

    fn recognises(&self, name: &str, head: &[u8]) -> bool {
        let extension = name.rsplit('.').next().unwrap_or_default();
        let head = head.get(..head.len().min(400)).unwrap_or(head);
        matches!(extension, "fmw" | "fmx" | "fmf" | "fme" | "fmwx")
            || (head.starts_with(b"#! <") && memchr::memmem::find(head, b"WORKSPACE").is_some())
    }

    fn read<'a>(&self, bytes: &'a [u8]) -> Reading<'a> {
        let mut out = Collector { reading: Reading { keeps_copies: true, ..Reading::default() } };
        if is_scrambled(bytes) {
            out.reading.notices.push((
                NoticeKind::Undecoded,
                "is password-protected or scrambled, so it cannot be searched; save a copy without the password and \
                 check that"
                    .to_owned(),
            ));
            return out.reading;
        }
        let halves = xml::halves(bytes);
        Workspace::new(&halves.xml, &halves.xml_map, &mut out).read();
        for comment in &halves.comments {
            command_line(bytes, *comment, &mut out);
        }
        mapping::read(bytes, &halves.mapping, &mut out);
        out.reading
    }
}

/// Encrypted or obfuscated content instead of directives.
fn is_scrambled(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or(bytes);
    let odd = head.iter().filter(|b| matches!(b, 0..=8 | 14..=31 | 127)).count();
    odd * 20 > head.len() && !head.is_empty()
}

/// Gathers texts and fields.
struct Collector<'a> {
    reading: Reading<'a>,
}

impl Collector<'_> {
    fn running(&mut self, (content, map): Decoded, logical: Option<String>) {
        self.reading.texts.push(Text {
            content: Cow::Owned(content),
            map,
            logical,
            nature: Nature::Running,
        });
    }

    fn field(
        &mut self,
        place: PlaceKind,
        name: String,
        (content, map): Decoded,
        logical: Option<String>,
        url: Option<String>,
    ) {
        if content.is_empty() || content == b"<Unused>" {
            return;
        }
        let value = Text { content: Cow::Owned(content), map, logical, nature: Nature::Value };
        self.reading.fields.push(Field { place, name, value, url, secret: false });
    }

    /// The default of a published parameter.
    fn published(&mut self, keeper: Keeper, name: String, value: Decoded) {
        let logical = Slot::Published { keeper, parameter: &name }.to_string();
        self.field(PlaceKind::Assignment, name, value, Some(logical), None);
    }

    /// The form of published parameters in base64 at `span` of `text`; whether it was one. `outer`
    /// leads from `text` to the file.
    fn form(&mut self, text: &[u8], span: Span, outer: Option<&SourceMap>) -> bool {
        let Some(defaults) = form::defaults(text, span) else {
            return false;
        };
        for (name, value, map) in defaults {
            let map = outer.map_or_else(|| map.clone(), |outer| map.then(outer));
            self.published(Keeper::Form, name, (value, map));
        }
        true
    }
}

/// `#      --PARAM "value"` in the head comment.
fn command_line(bytes: &[u8], line: Span, out: &mut Collector<'_>) {
    let text = line.of(bytes);
    let Some(dashes) = memchr::memmem::find(text, b"--") else {
        return out.running(
            (text.to_vec(), SourceMap::slice(line.start)),
            Some("command line".to_owned()),
        );
    };
    let rest = Span::new(line.start + dashes + 2, line.end);
    let len = rest.of(bytes).iter().take_while(|b| !b.is_ascii_whitespace()).count();
    let name = lossless(Span::new(rest.start, rest.start + len).of(bytes)).into_owned();
    let value = mapping::trimmed(bytes, Span::new(rest.start + len, rest.end));
    out.published(Keeper::CommandLine, name, encoding::fme(bytes, value));
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "9d1c4ab07e5f32688be0c7d41f9a6e2350b7c8d9";

    /// Every field and text of a file that holds the token: place, name, logical place; and that the
    /// map leads to exactly the token.
    fn sightings(file: &str) -> Vec<String> {
        let file = file.replace("@@", TOKEN);
        let reading = Fmw.read(file.as_bytes());
        let mut out = Vec::new();
        let mut see = |text: &Text<'_>, what: String| {
            let finder = memchr::memmem::find(&text.content, TOKEN.as_bytes());
            if let Some(at) = finder {
                let source = text.map.to_source(Span::new(at, at + 40));
                assert_eq!(source.of(file.as_bytes()), TOKEN.as_bytes(), "{what}");
                out.push(format!("{what} {}", text.logical.as_deref().unwrap_or("-")));
            }
        };
        for field in &reading.fields {
            see(&field.value, format!("{}:{}", field.place.as_str(), field.name));
        }
        for text in &reading.texts {
            see(text, "text".to_owned());
        }
        out
    }

    fn in_transformer(parameter: &str, value: &str) -> String {
        format!(
            "#! <?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n#! <WORKSPACE\n#!   A=\"1\"\n#! >\n#! <TRANSFORMER\n#!   IDENTIFIER=\"5\"\n\
             #!   TYPE=\"HTTPCaller\"\n#! >\n#!     <XFORM_PARM PARM_NAME=\"{parameter}\" PARM_VALUE=\"{value}\"/>\n"
        )
    }

    #[test]
    fn the_xml_half_gives_its_values() {
        for (parameter, value, seen) in [
            (
                "CUSTOM_HEADERS",
                "Authorization;fmetoken&lt;space&gt;token=@@",
                "header:Authorization HTTPCaller_5 › CUSTOM_HEADERS",
            ),
            (
                "ADDITIONAL_URL_PARAMETERS",
                "fmetoken;@@ detail;high",
                "query-object:fmetoken HTTPCaller_5 › ADDITIONAL_URL_PARAMETERS",
            ),
            (
                "QUERY_STRING_TABLE",
                "layer;coast;apikey;@@",
                "query-object:apikey HTTPCaller_5 › QUERY_STRING_TABLE",
            ),
            (
                "TARGET_URL",
                "https:&lt;solidus&gt;&lt;solidus&gt;h&lt;solidus&gt;fmejobsubmitter?x=1&lt;amp&gt;token=@@&lt;amp&gt;y=2",
                "assignment:TARGET_URL HTTPCaller_5 › TARGET_URL",
            ),
            (
                "PARM_LINE",
                "&lt;lt&gt;a href=&lt;lt&gt;quote&lt;gt&gt;x?fmetoken=@@&lt;lt&gt;quote&lt;gt&gt;",
                "assignment:PARM_LINE HTTPCaller_5 › PARM_LINE",
            ),
            (
                "PYTHONSOURCE",
                "import os&lt;lf&gt;u = &lt;quote&gt;?fmetoken=@@&lt;quote&gt;",
                "text HTTPCaller_5 › PYTHONSOURCE",
            ),
        ] {
            // The element is never closed, and neither is the file.
            assert_eq!(sightings(&in_transformer(parameter, value)), [seen], "{parameter}");
        }
    }

    #[test]
    fn the_mapping_half_gives_its_values() {
        for (line, seen) in [
            ("DEFAULT_MACRO FME_TOKEN @@", "assignment:FME_TOKEN DEFAULT_MACRO FME_TOKEN"),
            (
                "MACRO $(X_WORKSPACE_NAME)_SERVER_TOKEN @@",
                "assignment:SERVER_TOKEN MACRO SERVER_TOKEN",
            ),
            (
                "FACTORY_DEF {*} HTTPFactory REQUEST_HEADER_TABLE { \"Authorization;fmetoken<space>token=@@\" } X \"y\"",
                "header:Authorization FACTORY_DEF REQUEST_HEADER_TABLE",
            ),
            (
                "  ADDITIONAL_URL_PARAMETERS \"fmetoken;@@ detail;high\"",
                "query-object:fmetoken FACTORY_DEF ADDITIONAL_URL_PARAMETERS",
            ),
        ] {
            let seen_here = sightings(&format!("{line}\n"));
            assert_eq!(seen_here.first().map(String::as_str), Some(seen), "{line}");
        }
        let text = "TARGET_URL { \"https:<solidus><solidus>h<solidus>w.fmw?a=1<amp>token=@@<amp>b=2\" }\nTcl2 proc x {} {}\n";
        assert_eq!(sightings(text), ["text -"]);
    }

    #[test]
    fn parameters_and_the_command_line_are_named() {
        let file = "#! <?xml version=\"1.0\" ?>\n#! <WORKSPACE\n#  Command line:\n#    --FLOW_TOKEN \"@@\"\n#! >\n\
                    #! <GLOBAL_PARAMETER GUI_LINE=\"GUI OPTIONAL TEXT FME_TOKEN Token:\" DEFAULT_VALUE=\"@@\"/>\n#! </WORKSPACE>\n";
        assert_eq!(
            sightings(file),
            [
                "assignment:FME_TOKEN GLOBAL_PARAMETER[FME_TOKEN] › DEFAULT_VALUE",
                "assignment:FLOW_TOKEN command line › --FLOW_TOKEN"
            ]
        );
    }

    #[test]
    fn publishing_makes_production_and_scrambling_a_notice() {
        let file = "#! <WORKSPACE>\n#! <FMESERVER><SERVICES><SERVICE NAME=\"fmejobsubmitter\"/></SERVICES></FMESERVER>\n#! </WORKSPACE>\n";
        assert_eq!(
            Fmw.read(file.as_bytes()).production.as_deref(),
            Some("it is published to FME Server, service fmejobsubmitter")
        );
        let block = |inside: &str| {
            let file = format!(
                "#! <WORKSPACE>\n#! <FMESERVER SERVICES=\"\">{inside}</FMESERVER>\n#! </WORKSPACE>\n"
            );
            Fmw.read(file.as_bytes()).production
        };
        // A workspace may be published to a repository alone; an empty block says nothing.
        assert_eq!(
            block("<REPOSITORY NAME=\"Town\"/>").as_deref(),
            Some("it is published to FME Server, repository Town")
        );
        for empty in
            ["", "<SERVICES/>", "<SERVICE/>", "<SERVICE NAME=\"\"/>", "<REPOSITORY NAME=\"\"/>"]
        {
            assert_eq!(block(empty), None, "{empty}");
        }
        let reading = Fmw.read(&[0, 1, 2, 3, 200, 7, 6, 5, 1, 1]);
        assert!(reading.texts.is_empty() && reading.notices.len() == 1);
    }

    #[test]
    fn any_prefix_of_a_workspace_is_read() {
        let file = in_transformer("CUSTOM_HEADERS", "a;b&lt;x")
            + "#! </TRANSFORMER>\n#! </WORKSPACE>\nDEFAULT_MACRO A b\n";
        for end in 0..file.len() {
            let _ = Fmw.read(&file.as_bytes()[..end]);
        }
    }
}
