//! Free text: every value in it once, and a report that holds the text and names what was found in it, so that an analyst sees where it came from.
//!
//! Holds one line, the values seen so far (bounded), and the beginning of the text for the report. Read next: `extract.rs`.

use super::emit::{DESCRIPTION_BYTES_MAX, Emitter, Json, Made, Said, cut, fault, harmless, loss};
use super::extract::extract_counting;
use super::input::{Charset, Input, Line};
use super::options::Options;
use crate::draft::{Draft, Piece, Reader};
use crate::stix21::REFS_MAX;
use gotong_model::Timestamp;
use sha2::{Digest as _, Sha256};
use std::collections::{HashSet, VecDeque};

/// Values that are remembered so that each comes once. Beyond them one may come again, with the same id.
const SEEN_MAX: usize = 1 << 16;

/// What was found in a text, and the report about it.
pub(crate) struct Story {
    pub(crate) refs: Vec<Made>,
    seen: HashSet<Made>,
    left: u64,
}

impl Story {
    pub(crate) fn new() -> Self {
        Self { refs: Vec::new(), seen: HashSet::new(), left: 0 }
    }

    /// Takes the values of a stretch of text.
    pub(crate) fn take(&mut self, line: u64, text: &str, emitter: &Emitter, out: &mut VecDeque<Piece>) {
        let said = Said::default();
        let (all, too_long) = extract_counting(text);
        if too_long > 0 {
            let text = format!("{too_long} values are longer than {} bytes and were left out", super::VALUE_BYTES_MAX);
            out.push_back(loss(line, "", "text.loss.value-too-long", &text));
        }
        for found in all {
            let mut pieces = VecDeque::new();
            if let Some(made) = emitter.value(line, &found.to_value(), &said, &mut pieces)
                && self.note(made)
            {
                out.append(&mut pieces);
            }
        }
    }

    /// Notes that something was made; false where it was made before.
    pub(crate) fn note(&mut self, made: Made) -> bool {
        if self.seen.contains(&made) {
            return false;
        }
        if self.seen.len() < SEEN_MAX {
            self.seen.insert(made);
        }
        if self.refs.len() < REFS_MAX {
            self.refs.push(made);
        } else {
            self.left += 1;
        }
        true
    }

    /// The report. Nothing found is a fault: a report must name something.
    pub(crate) fn report(&self, emitter: &Emitter, report: &Report<'_>, out: &mut VecDeque<Piece>) {
        if self.refs.is_empty() {
            let text =
                "has no value that is known here: no address, domain, URL, hash or the like; nothing was made of it";
            return out.push_back(fault(1, "", "text.nothing-found", text));
        }
        let made = Made { object_type: "report", uuid: emitter.options.uuid("report", &[report.digest]) };
        let mut json = Json::new("report", &made.to_string());
        emitter.times(&mut json);
        let name = harmless(cut(report.name.trim(), 256), false).into_owned();
        json.text("name", if name.is_empty() { "Text without a title" } else { &name });
        if !report.text.trim().is_empty() {
            json.text("description", &harmless(cut(report.text, DESCRIPTION_BYTES_MAX), true));
        }
        json.list("report_types", &["indicator"]);
        json.text("published", &report.published.unwrap_or(emitter.options.now).to_string());
        let refs: Vec<String> = self.refs.iter().map(Made::to_string).collect();
        json.list("object_refs", &refs);
        emitter.common(&mut json, &Said::default());
        out.push_back(Piece::Draft(Draft { line: 1, body: json.into_bytes() }));
        if report.cut {
            let text = format!(
                "the report holds the first {DESCRIPTION_BYTES_MAX} bytes of the text; the values of all of it were taken"
            );
            out.push_back(loss(1, "description", "text.loss.text-cut", &text));
        }
        if self.left > 0 {
            let text =
                format!("the report names {REFS_MAX} objects; {} more were made and are not named in it", self.left);
            out.push_back(loss(1, "object_refs", "text.loss.references", &text));
        }
    }
}

/// What a report says.
pub(crate) struct Report<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    /// Whether the text went on.
    pub(crate) cut: bool,
    pub(crate) published: Option<Timestamp>,
    /// What the report's id follows from.
    pub(crate) digest: &'a [u8],
}

/// Reads free text.
pub struct TextReader {
    input: Input,
    emitter: Emitter,
    queue: VecDeque<Piece>,
    story: Story,
    text: String,
    cut: bool,
    digest: Sha256,
    done: bool,
}

impl TextReader {
    /// A reader at the beginning of a text.
    pub fn new(options: Options, charset: Charset) -> Self {
        Self {
            input: Input::new(charset),
            emitter: Emitter::new(options),
            queue: VecDeque::new(),
            story: Story::new(),
            text: String::new(),
            cut: false,
            digest: Sha256::new(),
            done: false,
        }
    }

    fn line(&mut self, number: u64, range: std::ops::Range<usize>) {
        let bytes = self.input.bytes(range);
        self.digest.update(bytes);
        self.digest.update(b"\n");
        let Ok(line) = str::from_utf8(bytes) else {
            return self.queue.push_back(self.input.unreadable(number));
        };
        self.story.take(number, line, &self.emitter, &mut self.queue);
        let room = DESCRIPTION_BYTES_MAX.saturating_sub(self.text.len());
        if line.len() < room {
            self.text.push_str(line);
            self.text.push('\n');
        } else {
            self.cut |= !line.trim().is_empty();
            self.text.push_str(cut(line, room));
        }
    }

    fn end(&mut self) {
        self.done = true;
        let first = self.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let name = self.emitter.options.name.clone().unwrap_or_else(|| first.trim().to_owned());
        let digest = std::mem::take(&mut self.digest).finalize();
        let report =
            Report { name: &name, text: self.text.trim_end(), cut: self.cut, published: None, digest: &digest };
        self.story.report(&self.emitter, &report, &mut self.queue);
    }
}

impl Reader for TextReader {
    fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    fn finish(&mut self) {
        self.input.finish();
    }

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.queue.pop_front() {
                return Some(piece);
            }
            match self.input.next() {
                Line::Is(number, range) => self.line(number, range),
                Line::TooLong(number) => return Some(Input::too_long(number)),
                Line::Wait if self.input.is_finished() && !self.done => self.end(),
                Line::Wait => return None,
            }
        }
    }
}
