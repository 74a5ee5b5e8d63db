//! Reports of the Shadowserver Foundation: each row becomes observed data of what was seen, with every column kept as it was written.
//!
//! Their columns change from report to report, so what is not known by name is kept and not interpreted. Holds one row.
//! Read next: `csv/rows.rs`, `docs/records/text.md`.

use super::csv::{Row, Rows};
use super::emit::{Emitter, Json, Made, Part, Said, fault, observable, write_text};
use super::host;
use super::input::Charset;
use super::options::Options;
use super::shapes;
use super::time::{self, Calendar};
use super::value::Value;
use crate::draft::{Draft, Piece, Reader};
use crate::stix21::ValueKind;
use crate::stix21::normal;
use std::collections::{HashSet, VecDeque};

/// The extension of observed data that keeps the columns.
const EXTENSION: &str = "extension-definition--c692edc2-4ab6-47f7-864f-c9076d330248";
/// Observables that are remembered so that each comes once; beyond them the memory begins anew.
const SEEN_MAX: usize = 1 << 16;

/// Whether a line is the header of such a report.
pub(crate) fn is_header(line: &str) -> bool {
    let names: Vec<&str> = line.split(',').map(|name| name.trim().trim_matches('"')).collect();
    let has = |name: &str| names.contains(&name);
    has("timestamp")
        && (has("ip") || has("src_ip") || has("dst_ip"))
        && (has("asn") || has("src_asn") || has("dst_asn"))
        && (has("geo") || has("src_geo") || has("dst_geo"))
}

/// The report's type from its file's name, `YYYY-MM-DD-<type>-<country>.csv`.
fn type_of(file_name: &str) -> Option<&str> {
    let name = file_name.rsplit(['/', '\\']).next()?;
    let (day, rest) = name.split_at_checked(10)?;
    time::parse(day)?;
    let kind = rest.strip_prefix('-')?.split(['-', '.']).next()?;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    ((1..=64).contains(&kind.len()) && kind.bytes().all(fits)).then_some(kind)
}

/// Reads a Shadowserver report.
pub struct ShadowserverReader {
    rows: Rows,
    emitter: Emitter,
    report: Option<String>,
    names: Vec<String>,
    queue: VecDeque<Piece>,
    seen: HashSet<Made>,
    dead: bool,
}

impl ShadowserverReader {
    /// A reader at the beginning of a report; the file's name says which report it is.
    pub fn new(options: Options, file_name: Option<&str>) -> Self {
        Self {
            rows: Rows::new(Charset::UTF_8, b',', false),
            emitter: Emitter::new(options),
            report: file_name.and_then(type_of).map(str::to_owned),
            names: Vec::new(),
            queue: VecDeque::new(),
            seen: HashSet::new(),
            dead: false,
        }
    }

    fn header(&mut self, row: &Row<'_>) {
        self.names = row.cells().map(|name| name.trim().to_ascii_lowercase()).collect();
        let has = |name: &str| self.names.iter().any(|own| own == name);
        if !has("timestamp")
            || !["ip", "src_ip", "dst_ip", "url", "http_host", "domain", "md5", "md5_hash"].into_iter().any(has)
        {
            self.dead = true;
            let text = "the first line has no columns `timestamp` and `ip`, `src_ip` or the like, so this is no Shadowserver report; read it as CSV";
            self.queue.push_back(fault(row.line(), "", "text.shadowserver.header", text));
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        let line = row.line();
        if row.len() > self.names.len() {
            let text = format!("has {} cells, and the report {} columns", row.len(), self.names.len());
            return self.queue.push_back(fault(line, "", "text.shadowserver.cells", text));
        }
        let cells = Cells { row, names: &self.names };
        let cell = cells.named("timestamp");
        let at = match cell.map(|cell| time::read(cell, Calendar::Gregorian, self.emitter.options.now)) {
            Some(Ok(at)) => at,
            said => {
                let text = match said {
                    Some(Err(refusal)) => refusal.text(cell.unwrap_or_default()),
                    _ => "is missing; it would be such as 2026-03-04 05:06:07".to_owned(),
                };
                return self.queue.push_back(fault(line, "/timestamp", "text.shadowserver.timestamp", text));
            }
        };
        let mut seen = Seen { line, refs: Vec::new(), made: VecDeque::new(), emitter: &self.emitter };
        seen.all(&cells);
        let Seen { refs, made, .. } = seen;
        if refs.is_empty() {
            let text = "has no address, host, URL or hash that could be read";
            return self.queue.push_back(fault(line, "", "text.shadowserver.nothing", text));
        }
        let observed = self.observed(&cells, &refs, &at.to_string());
        self.fresh(made);
        self.queue.push_back(Piece::Draft(Draft { line, body: observed }));
    }

    /// Hands on the observables that were not there before. `made` holds nothing else, and each names its id first.
    fn fresh(&mut self, made: VecDeque<(Made, Piece)>) {
        if self.seen.len() > SEEN_MAX {
            self.seen.clear();
        }
        for (id, piece) in made {
            if self.seen.insert(id) {
                self.queue.push_back(piece);
            }
        }
    }

    fn observed(&self, cells: &Cells<'_, '_>, refs: &[Made], at: &str) -> Vec<u8> {
        let mut all = Vec::new();
        for (name, cell) in cells.all() {
            all.extend_from_slice(if all.is_empty() { b"[{\"name\":" } else { b",{\"name\":" });
            write_text(name, &mut all);
            all.extend_from_slice(b",\"value\":");
            write_text(cell, &mut all);
            all.push(b'}');
        }
        all.push(b']');
        let columns = String::from_utf8(all).unwrap_or_default();
        let report = self.report.as_deref().unwrap_or("unknown");
        let uuid =
            self.emitter.options.uuid("observed-data", &[b"shadowserver", report.as_bytes(), columns.as_bytes()]);
        let mut json = Json::new("observed-data", &Made { object_type: "observed-data", uuid }.to_string());
        self.emitter.times(&mut json);
        json.text("first_observed", at);
        json.text("last_observed", at);
        let count = cells
            .named("count")
            .and_then(|count| count.parse::<u32>().ok())
            .filter(|count| (1..=999_999_999).contains(count))
            .unwrap_or(1);
        json.raw("number_observed", &count.to_string());
        json.list("object_refs", &refs.iter().map(Made::to_string).collect::<Vec<_>>());
        let mut said = Said { labels: vec!["shadowserver".into()], ..Said::default() };
        said.labels.extend(self.report.clone());
        said.labels.extend(cells.named("severity").map(|severity| format!("severity:{severity}")));
        said.labels.extend(
            cells
                .named("tag")
                .into_iter()
                .flat_map(|tags| tags.split([';', ',']))
                .take(32)
                .map(|tag| tag.trim().to_owned()),
        );
        self.emitter.common(&mut json, &said);
        json.inner("extensions", |json| {
            json.inner(EXTENSION, |json| {
                json.text("extension_type", "property-extension");
                json.text("report", report);
                json.raw("columns", &columns);
            });
        });
        json.into_bytes()
    }
}

/// The cells of a row by the names of their columns.
struct Cells<'c, 'r> {
    row: &'c Row<'r>,
    names: &'c [String],
}

impl Cells<'_, '_> {
    fn named(&self, name: &str) -> Option<&str> {
        let at = self.names.iter().position(|own| own == name)?;
        self.row.cell(at).map(str::trim).filter(|cell| !cell.is_empty())
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(String::as_str).zip(self.row.cells()).filter(|(_, cell)| !cell.is_empty())
    }
}

/// What a row saw, as observables.
struct Seen<'s> {
    line: u64,
    refs: Vec<Made>,
    made: VecDeque<(Made, Piece)>,
    emitter: &'s Emitter,
}

impl Seen<'_> {
    fn note(&mut self, made: Made, mut pieces: VecDeque<Piece>) -> Made {
        if !self.refs.contains(&made) {
            self.refs.push(made);
            self.made.extend(pieces.drain(..).map(|piece| (made, piece)));
        }
        made
    }

    fn value(&mut self, value: &Value) -> Option<Made> {
        let mut pieces = VecDeque::new();
        let made = self.emitter.observable(self.line, value, self.emitter.options.tlp, &mut pieces)?;
        Some(self.note(made, pieces))
    }

    fn address(&mut self, text: Option<&str>) -> Option<Made> {
        let text = text?;
        let alone = |address: &String| !address.contains('/');
        match normal::ipv4(text).filter(alone) {
            Some(address) => self.value(&Value::new(ValueKind::Ipv4, address)),
            None => self.value(&Value::new(ValueKind::Ipv6, normal::ipv6(text).filter(alone)?)),
        }
    }

    fn all(&mut self, cells: &Cells<'_, '_>) {
        let service = self.address(cells.named("ip"));
        let source = self.address(cells.named("src_ip"));
        let target = self.address(cells.named("dst_ip")).or(if source.is_none() { service } else { None });
        self.traffic(cells, source, target);
        for name in ["asn", "src_asn", "dst_asn"] {
            if let Some(number) = cells.named(name).and_then(shapes::as_number) {
                self.value(&Value::new(ValueKind::AutonomousSystem, number));
            }
        }
        for name in ["hostname", "src_hostname", "dst_hostname", "http_host", "host", "domain", "fqdn", "dns_name"] {
            if let Some(name) = cells.named(name).and_then(|name| host::domain(name).ok()) {
                self.value(&Value::new(ValueKind::Domain, name));
            }
        }
        if let Some(url) = cells.named("url").and_then(shapes::url) {
            self.value(&Value::new(ValueKind::Url, url));
        }
        for name in ["md5", "md5_hash", "sha1", "sha1_hash", "sha256", "sha256_hash"] {
            if let Some(hash) = cells.named(name).filter(|hash| shapes::is_hash(hash, false)) {
                self.value(&Value::new(ValueKind::Hash, hash.to_ascii_lowercase()));
            }
        }
    }

    fn traffic(&mut self, cells: &Cells<'_, '_>, source: Option<Made>, target: Option<Made>) {
        let Some(protocol) = cells.named("protocol").map(str::to_ascii_lowercase) else { return };
        if (source.is_none() && target.is_none())
            || protocol.len() > 32
            || !protocol.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return;
        }
        let port =
            |name: &str| cells.named(name).and_then(|port| port.parse::<u16>().ok()).map(|port| port.to_string());
        let to_port = if cells.named("dst_ip").is_some() { port("dst_port") } else { port("port") };
        let (from_port, protocols) = (port("src_port").filter(|_| source.is_some()), format!("[\"{protocol}\"]"));
        let (source, target) = (source.map(|made| made.to_string()), target.map(|made| made.to_string()));
        let mut parts = Vec::new();
        parts.extend(to_port.as_deref().filter(|_| target.is_some()).map(|port| Part::Raw("dst_port", port)));
        parts.extend(target.as_deref().map(|target| Part::Text("dst_ref", target)));
        parts.push(Part::Raw("protocols", &protocols));
        parts.extend(from_port.as_deref().map(|port| Part::Raw("src_port", port)));
        parts.extend(source.as_deref().map(|source| Part::Text("src_ref", source)));
        let mut pieces = VecDeque::new();
        let made = observable(self.line, "network-traffic", &parts, self.emitter.options.tlp, &mut pieces);
        self.note(made, pieces);
    }
}

impl Reader for ShadowserverReader {
    fn push(&mut self, bytes: &[u8]) {
        if !self.dead {
            self.rows.push(bytes);
        }
    }

    fn finish(&mut self) {
        self.rows.finish();
    }

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.queue.pop_front() {
                return Some(piece);
            }
            if self.dead {
                return None;
            }
            // The record is lent out of the reader's own buffer, so the reader steps aside while it is read.
            let mut rows = std::mem::replace(&mut self.rows, Rows::nothing());
            let found = match rows.next() {
                Some(Ok(row)) if self.names.is_empty() => {
                    self.header(&row);
                    true
                }
                Some(Ok(row)) => {
                    self.row(&row);
                    true
                }
                Some(Err(piece)) => {
                    self.queue.push_back(piece);
                    true
                }
                None => false,
            };
            self.rows = rows;
            if !found {
                return None;
            }
        }
    }
}
