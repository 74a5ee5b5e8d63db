//! Reads MISP JSON as it arrives: an event, a list of events, a `response` of one or more, or one event a line.
//!
//! Each event is read whole, within bounds, and costs only itself where it is broken. Holds one event and its drafts at a time. Must not
//! decide who may see what; what MISP itself keeps to its own organisation is not taken unless the caller says so. Read next: `event.rs`.

use super::attribute::short;
use super::blocked::{Blocked, By};
use super::carry::text;
use super::cut::{Cut, Cutter};
use super::{EVENT_BYTES_MAX, EVENT_VALUES_MAX, event};
use crate::draft::{Fault, Loss, Piece};
use crate::stix21::FieldFault;
use crate::stix21::json::{self, Entries, Node, field};
use std::collections::VecDeque;
use std::sync::Arc;

/// What the caller decides.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Options {
    /// Take what MISP restricts to the source's own organisation or to a sharing group as well. Someone who knows both audiences has to
    /// say so: a channel may reach further than either.
    pub restricted: bool,
    /// What is not taken in at all, whoever sends it.
    pub blocked: Arc<Blocked>,
}

impl Options {
    /// Everything is taken that the caller's channel may hold, whomever MISP restricts it to.
    pub fn restricted() -> Self {
        Self { restricted: true, ..Self::default() }
    }
}

/// Reads MISP JSON.
pub struct Reader {
    cutter: Cutter,
    options: Options,
    line: u64,
    ready: VecDeque<Piece>,
}

impl Reader {
    /// A reader of one input.
    pub fn new(options: Options) -> Self {
        Self { cutter: Cutter::new(), options, line: 0, ready: VecDeque::new() }
    }

    fn convert(&mut self, cut: Cut) {
        self.line += 1;
        let (code, text) = match cut {
            Cut::Value(bytes) => return self.value(&bytes),
            Cut::TooLarge => (
                "misp.event.size",
                format!("is larger than {EVENT_BYTES_MAX} bytes; export it in parts, or without attachments"),
            ),
            Cut::Broken => ("json.syntax", "is no JSON here; what came before it was kept".to_owned()),
            Cut::Truncated => {
                ("misp.truncated", "the input ends within an event; what came before it was kept".to_owned())
            }
            Cut::Beside => {
                let text = "members beside the list of events are not events and were left".to_owned();
                self.ready.push_back(Piece::Loss(Loss {
                    line: self.line,
                    place: String::new(),
                    code: "misp.loss.envelope",
                    text,
                }));
                return;
            }
        };
        self.fault(FieldFault::new("", code, text));
    }

    fn fault(&mut self, field: FieldFault) {
        self.ready.push_back(Piece::Fault(Fault { line: self.line, field }));
    }

    fn value(&mut self, bytes: &[u8]) {
        match json::parse_up_to(bytes, EVENT_BYTES_MAX, EVENT_VALUES_MAX) {
            Err(fault) => self.fault(fault),
            Ok(root) => self.unwrap("", &root),
        }
    }

    /// Finds the events in a value, which may be wrapped three deep.
    fn unwrap(&mut self, pointer: &str, node: &Node<'_>) {
        let Some(entries) = node.map() else {
            let text = format!("is {}; a MISP event is an object", node.kind());
            return self.fault(FieldFault::new(pointer, "misp.event.expected", text));
        };
        if let Some(inner) = field(entries, "Event") {
            self.beside(pointer, entries, "Event");
            let pointer = format!("{pointer}/Event");
            return match inner.map() {
                Some(event) => self.event(&pointer, event),
                None => self.unwrap(&pointer, inner),
            };
        }
        if let Some(inner) = field(entries, "response").filter(|_| pointer.is_empty()) {
            self.beside(pointer, entries, "response");
            return match inner.list() {
                None => self.unwrap("/response", inner),
                Some(items) => {
                    for (at, item) in items.iter().enumerate() {
                        self.unwrap(&format!("/response/{at}"), item);
                    }
                }
            };
        }
        self.event(pointer, entries);
    }

    fn beside(&mut self, pointer: &str, entries: &Entries<'_>, name: &str) {
        let others = entries.iter().map(|(key, _)| key.as_ref()).filter(|key| *key != name).take(8);
        let others: Vec<_> = others.map(short).collect();
        if !others.is_empty() {
            let text = format!("members beside {name} are not part of the event and were left: {}", others.join(", "));
            let loss = Loss { line: self.line, place: pointer.to_owned(), code: "misp.loss.envelope", text };
            self.ready.push_back(Piece::Loss(loss));
        }
    }

    /// What keeps an event away. The maker is looked for wherever MISP writes it: as a record, and in the short form of lists.
    fn blocked(&self, entries: &Entries<'_>) -> Option<By> {
        if self.options.blocked.is_empty() {
            return None;
        }
        let uuid = text(entries, "uuid").unwrap_or_default();
        let orgc = field(entries, "Orgc").and_then(Node::map).and_then(|orgc| text(orgc, "uuid"));
        let makers = [orgc, text(entries, "orgc_uuid")];
        self.options.blocked.by(&uuid, makers.iter().flatten().map(AsRef::as_ref))
    }

    fn event(&mut self, pointer: &str, entries: &Entries<'_>) {
        if field(entries, "uuid").is_none() || field(entries, "info").is_none() {
            let text = "has no uuid and info, so it is no MISP event; lists of attributes alone are not read";
            return self.fault(FieldFault::new(pointer, "misp.event.expected", text));
        }
        if let Some(by) = self.blocked(entries) {
            return self.fault(FieldFault::new(format!("{pointer}{}", by.pointer()), by.code(), by.text()));
        }
        event::convert(self.line, pointer, entries, self.options.restricted, &mut self.ready);
    }
}

impl crate::draft::Reader for Reader {
    fn push(&mut self, bytes: &[u8]) {
        self.cutter.push(bytes);
    }

    fn finish(&mut self) {
        self.cutter.finish();
    }

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            let cut = self.cutter.cuts.pop_front()?;
            self.convert(cut);
        }
    }
}
