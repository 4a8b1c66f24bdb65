//! The XML half: what its elements mean.

use std::collections::BTreeMap;

use super::encoding::{self, Decoded};
use super::slot::{Keeper, Slot};
use super::xml::{self, Event};
use super::{Collector, mapping, pairs};
use crate::finding::PlaceKind;
use crate::text::{SourceMap, Span, lossless};

/// What is known of a transformer until its element ends.
#[derive(Debug, Default)]
struct Transformer {
    kind: String,
    identifier: String,
    name: Option<String>,
    /// Names and raw values of its parameters.
    parameters: Vec<(String, Span)>,
}

/// Reads the XML half.
pub(super) struct Workspace<'w, 'c, 'a> {
    text: &'w [u8],
    map: &'w SourceMap,
    transformer: Option<Transformer>,
    /// How often the name of a transformer or element was met.
    met: BTreeMap<String, usize>,
    out: &'c mut Collector<'a>,
}

impl<'w, 'c, 'a> Workspace<'w, 'c, 'a> {
    pub(super) fn new(text: &'w [u8], map: &'w SourceMap, out: &'c mut Collector<'a>) -> Self {
        Self { text, map, transformer: None, met: BTreeMap::new(), out }
    }

    pub(super) fn read(&mut self) {
        for event in xml::events(self.text) {
            match event {
                Event::Open { name, attributes, .. } => self.open(name, &attributes),
                Event::Close { name } if name.of(self.text) == b"TRANSFORMER" => {
                    self.end_transformer();
                }
                Event::Close { .. } => {}
                Event::Text(span) => {
                    let decoded = self.value(span);
                    self.out.running(decoded, None);
                }
            }
        }
        self.end_transformer();
    }

    /// A value without its layers, leading back to the file.
    fn value(&self, raw: Span) -> Decoded {
        let (once, outer) = encoding::xml(self.text, raw);
        let (content, inner) = encoding::fme(&once, Span::new(0, once.len()));
        (content, inner.then(&outer).then(self.map))
    }

    fn plain(&self, raw: Span) -> String {
        lossless(&self.value(raw).0).into_owned()
    }

    fn open(&mut self, name: Span, attributes: &[(Span, Span)]) {
        let get = |wanted: &[u8]| {
            attributes.iter().find(|(n, _)| n.of(self.text) == wanted).map(|(_, v)| *v)
        };
        match name.of(self.text) {
            b"TRANSFORMER" => {
                let kind = get(b"TYPE").map(|v| self.plain(v)).unwrap_or_default();
                let identifier = get(b"IDENTIFIER").map(|v| self.plain(v)).unwrap_or_default();
                self.end_transformer();
                self.transformer = Some(Transformer { kind, identifier, ..Transformer::default() });
                self.attributes(name, attributes, &[b"TYPE", b"IDENTIFIER"]);
            }
            b"XFORM_PARM" => {
                if let (Some(parameter), Some(value)) = (get(b"PARM_NAME"), get(b"PARM_VALUE")) {
                    let parameter = self.plain(parameter);
                    let transformer = self.transformer.get_or_insert_with(Transformer::default);
                    transformer.parameters.push((parameter, value));
                }
            }
            b"GLOBAL_PARAMETER" => {
                let parameter =
                    get(b"GUI_LINE").map(|v| gui_name(&self.plain(v))).unwrap_or_default();
                if let Some(value) = get(b"DEFAULT_VALUE") {
                    let decoded = self.value(value);
                    self.out.published(Keeper::Global, parameter, decoded);
                }
            }
            b"USER_PARAMETERS" => {
                if let Some(value) = get(b"FORM") {
                    let (once, outer) = encoding::xml(self.text, value);
                    let map = outer.then(self.map);
                    self.out.form(&once, Span::new(0, once.len()), Some(&map));
                }
                self.attributes(name, attributes, &[b"FORM"]);
            }
            // An empty block is in workspaces that were never published: a name makes it one.
            b"SERVICE" | b"REPOSITORY" => {
                let named = get(b"NAME").map(|n| self.plain(n)).filter(|n| !n.is_empty());
                if let Some(named) = named {
                    let word = lossless(name.of(self.text)).to_ascii_lowercase();
                    self.out
                        .reading
                        .production
                        .get_or_insert(format!("it is published to FME Server, {word} {named}"));
                }
                self.attributes(name, attributes, &[]);
            }
            _ => self.attributes(name, attributes, &[]),
        }
    }

    /// Attributes of no special meaning: named values all the same.
    fn attributes(&mut self, element: Span, attributes: &[(Span, Span)], known: &[&[u8]]) {
        let element = self.numbered(lossless(element.of(self.text)).into_owned());
        for (name, value) in attributes {
            if known.contains(&name.of(self.text)) || value.is_empty() {
                continue;
            }
            let name = lossless(name.of(self.text)).into_owned();
            let logical = Slot::Element { owner: &element, parameter: &name }.to_string();
            let decoded = self.value(*value);
            self.out.field(PlaceKind::Assignment, name, decoded, Some(logical), None);
        }
    }

    /// All parameters of a transformer are known: its name, and the address it calls.
    fn end_transformer(&mut self) {
        let Some(mut transformer) = self.transformer.take() else {
            return;
        };
        let parameters = std::mem::take(&mut transformer.parameters);
        let get = |wanted: &str| parameters.iter().find(|(n, _)| n == wanted).map(|(_, v)| *v);
        transformer.name = get("XFORMER_NAME")
            .or_else(|| get("TRANSFORMER_NAME"))
            .map(|v| self.plain(v))
            .filter(|n| !n.is_empty());
        let url = get("TARGET_URL").or_else(|| get("URL")).map(|v| self.plain(v));
        let url = url.map(|url| transformer.address(url));
        let shown = self.numbered(transformer.shown());
        for (name, value) in &parameters {
            self.parameter(&shown, name, *value, url.as_deref());
        }
    }

    /// Two transformers of one name are two: the second is shown with a number.
    fn numbered(&mut self, name: String) -> String {
        let times = self.met.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name} ({times})") }
    }

    fn parameter(&mut self, transformer: &str, name: &str, raw: Span, url: Option<&str>) {
        let logical = Slot::Element { owner: transformer, parameter: name }.to_string();
        let (once, outer) = encoding::xml(self.text, raw);
        if let Some(list) = mapping::list(name.as_bytes()) {
            for (pair_name, value) in list.split(&once, Span::new(0, once.len())) {
                let shown = lossless(&encoding::fme(&once, pair_name).0).into_owned();
                let (content, inner) = encoding::fme(&once, value);
                let map = inner.then(&outer).then(self.map);
                self.out.field(
                    list.place(),
                    shown,
                    (content, map),
                    Some(logical.clone()),
                    url.map(str::to_owned),
                );
            }
            return;
        }
        let (content, inner) = encoding::fme(&once, pairs::unwrap(&once, Span::new(0, once.len())));
        let map = inner.then(&outer).then(self.map);
        if name.contains("PYTHON") || name.contains("SOURCE_CODE") || content.contains(&b'\n') {
            return self.out.running((content, map), Some(logical));
        }
        self.out.field(
            PlaceKind::Assignment,
            name.to_owned(),
            (content, map),
            Some(logical),
            url.map(str::to_owned),
        );
    }
}

impl Transformer {
    fn shown(&self) -> String {
        let kind = if self.kind.is_empty() { "TRANSFORMER" } else { &self.kind };
        match (&self.name, self.identifier.is_empty()) {
            (Some(name), _) => name.clone(),
            (None, true) => kind.to_owned(),
            (None, false) => format!("{kind}_{}", self.identifier),
        }
    }

    /// The address that it calls. The transformers of FME Flow are given a server alone, and call
    /// its REST API.
    fn address(&self, url: String) -> String {
        let calls_flow = ["FMEServer", "FMEFlow"].iter().any(|k| self.kind.starts_with(k));
        if calls_flow { format!("{}/fmeserver/", url.trim_end_matches('/')) } else { url }
    }
}

/// The parameter's name in `GUI [IGNORE] [OPTIONAL] TYPE NAME prompt`.
fn gui_name(line: &str) -> String {
    let mut words = line
        .split_whitespace()
        .skip_while(|w| *w == "GUI")
        .filter(|w| !matches!(*w, "IGNORE" | "OPTIONAL"));
    let _type = words.next();
    words.next().unwrap_or_default().trim_end_matches(':').to_owned()
}
