//! Reads STIX objects from lines, as far as the measure needs them.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _};
use std::path::Path;

/// An object of the corpus.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) id: String,
    pub(crate) type_name: String,
    pub(crate) type_code: u16,
    pub(crate) uuid: [u8; 16],
    pub(crate) modified_ms: i64,
    pub(crate) modified: String,
    pub(crate) value: Option<String>,
    pub(crate) references: Vec<String>,
    pub(crate) body: Vec<u8>,
}

/// The file, read again with other ids and values when it is used up.
pub(crate) struct Corpus {
    file: BufReader<File>,
    left: u64,
    given: u64,
    pass: u64,
    again: bool,
}

impl Corpus {
    pub(crate) fn open(path: &Path, rows_max: Option<f64>) -> Self {
        let file = BufReader::with_capacity(1 << 20, File::open(path).expect("the corpus"));
        let left = rows_max.map_or(u64::MAX, |rows| format!("{rows:.0}").parse().unwrap_or(u64::MAX));
        Self { file, left, given: 0, pass: 0, again: rows_max.is_some() }
    }

    pub(crate) fn given(&self) -> u64 {
        self.given
    }
}

impl Iterator for Corpus {
    type Item = Object;

    fn next(&mut self) -> Option<Object> {
        if self.left == 0 {
            return None;
        }
        let mut line = Vec::with_capacity(700);
        if self.file.read_until(b'\n', &mut line).ok()? == 0 {
            if !self.again {
                return None;
            }
            self.pass += 1;
            self.file.rewind().ok()?;
            self.file.read_until(b'\n', &mut line).ok()?;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        self.left -= 1;
        self.given += 1;
        Some(read(line, self.pass))
    }
}

/// Salts for the measure: unlike one another, and as incompressible as real ones.
pub(crate) fn salt(index: u64, which: u64) -> [u8; 32] {
    let mut out = [0; 32];
    let mut state = index.wrapping_mul(2).wrapping_add(which).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for word in out.as_chunks_mut::<8>().0 {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        *word = (mixed ^ (mixed >> 31)).to_le_bytes();
    }
    out
}

#[derive(Default)]
struct Members<'a> {
    id: &'a str,
    type_name: &'a str,
    modified: &'a str,
    value: Option<&'a str>,
    references: Vec<&'a str>,
}

fn read(line: Vec<u8>, pass: u64) -> Object {
    let value: serde_json::Value = serde_json::from_slice(&line).expect("an object");
    let text = |name: &str| value.get(name).and_then(|member| member.as_str());
    let mut members = Members {
        id: text("id").unwrap_or(""),
        type_name: text("type").unwrap_or(""),
        modified: text("modified").unwrap_or(""),
        value: text("value"),
        references: Vec::new(),
    };
    if let Some(pattern) = text("pattern") {
        members.value = pattern.split('\'').nth(1);
    }
    for name in ["source_ref", "target_ref", "sighting_of_ref"] {
        members.references.extend(text(name));
    }
    let uuid = members.id.split_once("--").map_or("", |split| split.1);
    let mut bytes = [0; 16];
    let digits: Vec<u8> = uuid
        .bytes()
        .filter_map(|digit| char::from(digit).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    }
    let suffix = |text: &str| if pass == 0 { text.to_owned() } else { format!("{text}.{pass}") };
    let type_code =
        ["identity", "malware", "url", "indicator", "domain-name", "ipv4-addr", "relationship", "ipv6-addr", "file"]
            .iter()
            .position(|name| *name == members.type_name)
            .and_then(|at| u16::try_from(at + 1).ok())
            .unwrap_or(0);
    Object {
        id: suffix(members.id),
        type_name: members.type_name.to_owned(),
        type_code,
        uuid: bytes,
        modified_ms: milliseconds(members.modified),
        modified: members.modified.to_owned(),
        value: members.value.map(suffix),
        references: members.references.into_iter().map(ToOwned::to_owned).collect(),
        body: line,
    }
}

/// A time as a number that grows with it; months are taken as long, which a measure does not mind.
fn milliseconds(time: &str) -> i64 {
    let numbers: Vec<i64> =
        time.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    let [year, month, day, hour, minute, second, ms] = numbers[..] else { return 0 };
    let days = (year - 1970) * 372 + (month - 1) * 31 + day;
    (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + ms
}
