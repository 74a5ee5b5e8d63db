//! From the bytes of an import to STIX objects, whatever format they are in: said by the caller, or seen from the first bytes.
//!
//! STIX is cut and passed on as it came; everything else goes through its reader in `gotong-formats`, which also says what it could not carry. Decides
//! nothing about who may see what. Read next: `gotong_formats::draft`.

use std::sync::Arc;

use gotong_app::publish::{Fate, Outcome, Why};
use gotong_app::{Node, NodeFault};
use gotong_formats::draft::{Loss, Piece, Reader};
use gotong_formats::misp;
use gotong_formats::misp::blocked::Blocked;
use gotong_formats::stix21::{InputKind, Splitter};
use gotong_formats::text::{
    self, Charset, CsvReader, Format, ListReader, MailReader, Mapping, ShadowserverReader, TextReader,
};

use crate::problem::{Problem, table};

/// Bytes that are looked at before a format is chosen.
const HEAD_BYTES: usize = 64 << 10;
/// The longest mapping of a table's columns.
const MAPPING_BYTES_MAX: usize = 32 << 10;

/// What comes out of an input.
pub(crate) enum Came {
    /// A STIX object.
    Object {
        /// Its line or number.
        line: u64,
        /// Its bytes.
        body: Vec<u8>,
    },
    /// Something that never became an object.
    Lost(Outcome),
    /// Something that its object has no place for.
    NotCarried(Loss),
}

/// How an input is to be read.
pub(crate) struct Choice {
    /// The format, where the caller says so.
    pub(crate) format: Option<Format>,
    /// How STIX is laid out.
    pub(crate) kind: InputKind,
    /// The name of the file.
    pub(crate) name: Option<String>,
    /// What a table's columns mean.
    pub(crate) mapping: Option<Mapping>,
    /// The character set of texts without a byte order mark.
    pub(crate) charset: Charset,
    /// Whether MISP events that are restricted to their organisation or a sharing group are taken.
    pub(crate) restricted: bool,
    /// How values become objects.
    pub(crate) options: text::Options,
}

/// The formats by their names in addresses and commands.
pub(crate) const FORMATS: [(&str, Option<Format>); 8] = [
    ("auto", None),
    ("stix", Some(Format::Stix)),
    ("misp", Some(Format::MispJson)),
    ("csv", Some(Format::Csv)),
    ("shadowserver", Some(Format::Shadowserver)),
    ("mail", Some(Format::Mail)),
    ("list", Some(Format::List)),
    ("text", Some(Format::Text)),
];

/// The name of a format.
pub(crate) fn name_of(format: Format) -> &'static str {
    FORMATS.iter().find(|(_, known)| *known == Some(format)).map_or("stix", |(name, _)| name)
}

/// Reads the name of a format; `None` is "to be seen from the content".
pub(crate) fn format(name: Option<&str>) -> Result<Option<Format>, Problem> {
    let Some(name) = name else { return Ok(None) };
    let known = FORMATS.iter().find(|(known, _)| *known == name);
    known.map(|(_, format)| *format).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        Problem::of(&table::BAD_PARAMETER).saying(format!("format is one of {}", names.join(", ")))
    })
}

/// Reads a mapping.
pub(crate) fn mapping(json: Option<&str>) -> Result<Option<Mapping>, Problem> {
    let Some(json) = json else { return Ok(None) };
    if json.len() > MAPPING_BYTES_MAX {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("the mapping is longer than 32,768 bytes"));
    }
    let read = serde_json::from_str(json).map(Some);
    read.map_err(|fault| Problem::of(&table::BAD_PARAMETER).saying(format!("the mapping does not read: {fault}")))
}

/// Reads a character set.
pub(crate) fn charset(label: Option<&str>) -> Result<Charset, Problem> {
    let Some(label) = label else { return Ok(Charset::UTF_8) };
    Charset::from_label(label).ok_or_else(|| {
        Problem::of(&table::BAD_PARAMETER)
            .saying("charset is a name as browsers know it, such as utf-8 or windows-1258")
    })
}

enum Way {
    Unsure(Vec<u8>),
    Stix(Box<Splitter>),
    Foreign(Box<dyn Reader>),
}

/// An input being read.
pub(crate) struct Intake {
    choice: Choice,
    /// The MISP events that this node does not take in.
    blocked: Arc<Blocked>,
    way: Way,
    /// What it was found to be, and why; nothing where the caller said so.
    found: Option<(Format, &'static str)>,
}

impl Intake {
    /// Begins to read. What is kept away is asked of the node here, so that no door can forget it.
    pub(crate) fn new(node: &Node, choice: Choice) -> Result<Self, NodeFault> {
        let way = Way::Unsure(Vec::new());
        let mut intake = Self { choice, blocked: node.blocked()?, way, found: None };
        if let Some(format) = intake.choice.format {
            intake.way = intake.way_of(format, &[]);
            // A table without a mapping is read by the one that its first lines suggest.
            if format == Format::Csv && intake.choice.mapping.is_none() {
                intake.way = Way::Unsure(Vec::new());
            }
        }
        Ok(intake)
    }

    /// How it is read.
    pub(crate) fn choice(&self) -> &Choice {
        &self.choice
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match &mut self.way {
            Way::Unsure(head) => {
                head.extend_from_slice(bytes);
                if head.len() >= HEAD_BYTES {
                    self.decide();
                }
            }
            Way::Stix(splitter) => splitter.push(bytes),
            Way::Foreign(reader) => reader.push(bytes),
        }
    }

    /// Chooses by what has come so far: the sender pauses, and may wait for an answer.
    pub(crate) fn decide(&mut self) {
        let Way::Unsure(head) = &mut self.way else { return };
        if head.is_empty() {
            return;
        }
        let head = std::mem::take(head);
        let format = match self.choice.format {
            Some(format) => format,
            None => match text::detect(&head, self.choice.name.as_deref()) {
                Some(detected) => {
                    self.found = Some((detected.format, detected.reason));
                    detected.format
                }
                // What is nothing that is known is refused by the strictest reader, object by object.
                None => Format::Stix,
            },
        };
        self.way = self.way_of(format, &head);
        self.push(&head);
    }

    /// Says that there is no more.
    pub(crate) fn finish(&mut self) {
        self.decide();
        match &mut self.way {
            Way::Unsure(_) => {
                let mut splitter = Splitter::new(self.choice.kind);
                splitter.finish();
                self.way = Way::Stix(Box::new(splitter));
            }
            Way::Stix(splitter) => splitter.finish(),
            Way::Foreign(reader) => reader.finish(),
        }
    }

    /// The next thing that came out.
    pub(crate) fn next(&mut self) -> Option<Came> {
        match &mut self.way {
            Way::Unsure(_) => None,
            Way::Stix(splitter) => splitter.next().map(|piece| match piece.content {
                Ok(body) => Came::Object { line: piece.line, body },
                Err(fault) => lost(piece.line, Why::plain(fault.code(), fault.to_string())),
            }),
            Way::Foreign(reader) => reader.next().map(|piece| match piece {
                Piece::Draft(draft) => Came::Object { line: draft.line, body: draft.body },
                Piece::Loss(loss) => Came::NotCarried(loss),
                Piece::Fault(fault) => lost(fault.line, Why::field(fault.field)),
            }),
        }
    }

    /// Whether objects carry the time of this reading, so that the same again is no news.
    pub(crate) fn is_of_now(&self) -> bool {
        let format = self.choice.format.or(self.found.map(|(format, _)| format));
        matches!(format, Some(Format::Csv | Format::Shadowserver | Format::Mail | Format::List | Format::Text))
    }

    /// What it was found to be, and why.
    pub(crate) fn found(&self) -> Option<(Format, &'static str)> {
        self.found
    }

    fn way_of(&self, format: Format, head: &[u8]) -> Way {
        let Choice { charset, restricted, .. } = self.choice;
        let options = self.choice.options.clone();
        let name = self.choice.name.as_deref();
        let reader: Box<dyn Reader> = match format {
            Format::Stix => return Way::Stix(Box::new(Splitter::new(self.choice.kind))),
            Format::MispJson => {
                let blocked = Arc::clone(&self.blocked);
                Box::new(misp::Reader::new(misp::Options { restricted, blocked }))
            }
            Format::Csv => Box::new(match self.choice.mapping.clone() {
                Some(mapping) => CsvReader::new(mapping, options),
                None => CsvReader::guessed(text::guess(head, Some(charset)), options),
            }),
            Format::Shadowserver => Box::new(ShadowserverReader::new(options, name)),
            Format::Mail => Box::new(MailReader::new(options)),
            Format::List => Box::new(ListReader::new(options, charset)),
            Format::Text => Box::new(TextReader::new(options, charset)),
        };
        Way::Foreign(reader)
    }
}

fn lost(line: u64, why: Why) -> Came {
    Came::Lost(Outcome { line, id: None, fate: Fate::Refused(vec![why]), notes: Vec::new() })
}
