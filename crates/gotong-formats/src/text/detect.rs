//! Tells formats apart by their first bytes and, where those leave it open, by the file's name. A proposal with its reason, never an import.
//!
//! A wrong guess is safe: every reader refuses what it cannot read, line by line, and says what would be right.

use super::csv::{Meaning, delimiter_of, guess};
use super::input::{Charset, peek};
use super::list;
use super::shadowserver;
use encoding_rs::Encoding;

/// Bytes that are looked at.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// A format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// STIX 2.1 objects, a bundle or NDJSON.
    Stix,
    /// Events of MISP.
    MispJson,
    /// A report of the Shadowserver Foundation.
    Shadowserver,
    /// A table.
    Csv,
    /// One e-mail.
    Mail,
    /// One value a line.
    List,
    /// Free text.
    Text,
}

/// A proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Detected {
    /// What it seems to be.
    pub format: Format,
    /// Why, in English.
    pub reason: &'static str,
}

/// What an input that begins with `bytes` seems to be; `None` where it is nothing that is read here.
pub fn detect(bytes: &[u8], file_name: Option<&str>) -> Option<Detected> {
    let head = bytes.get(..HEAD_BYTES_MAX).unwrap_or(bytes);
    let found = |format, reason| Some(Detected { format, reason });
    if Encoding::for_bom(head).is_none()
        && (head.contains(&0)
            || head.starts_with(b"PK\x03\x04")
            || head.starts_with(b"\x1f\x8b")
            || head.starts_with(b"%PDF"))
    {
        return None;
    }
    let text = peek(head, Charset::UTF_8);
    let start = text.trim_start();
    if start.is_empty() || start.starts_with('<') {
        return None;
    }
    if start.starts_with('{') || start.starts_with("[{") || start.starts_with("[\n") || start.starts_with("[ ") {
        return json(start);
    }
    if is_mail(start) {
        return found(Format::Mail, "it begins with the headers of an e-mail");
    }
    let first = start.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    if shadowserver::is_header(first) {
        return found(Format::Shadowserver, "its first line has the columns of a Shadowserver report");
    }
    if list::is_list(start) {
        return found(Format::List, "nearly every line is a value");
    }
    let named = |end: &str| file_name.is_some_and(|name| name.to_ascii_lowercase().ends_with(end));
    if let Some(reason) = table(head, start, named(".csv") || named(".tsv")) {
        return found(Format::Csv, reason);
    }
    if named(".eml") {
        return found(Format::Mail, "its name ends in .eml");
    }
    let unreadable =
        text.chars().filter(|letter| *letter == '\u{fffd}' || (letter.is_control() && !letter.is_whitespace())).count();
    if unreadable * 20 > text.chars().count() {
        return None;
    }
    found(Format::Text, "it is text, and nothing about it says more")
}

fn json(start: &str) -> Option<Detected> {
    let has = |word: &str| start.contains(word);
    if has("\"Event\"") || (has("\"Attribute\"") && has("\"to_ids\"")) {
        return Some(Detected { format: Format::MispJson, reason: "it is JSON with an Event as MISP writes it" });
    }
    if has("\"spec_version\"") || (has("\"type\"") && (has("\"bundle\"") || has("--"))) || has("\"objects\"") {
        return Some(Detected { format: Format::Stix, reason: "it is JSON with types and ids of STIX" });
    }
    None
}

fn is_mail(start: &str) -> bool {
    const HEADERS: [&str; 12] = [
        "from",
        "to",
        "subject",
        "date",
        "received",
        "message-id",
        "mime-version",
        "return-path",
        "content-type",
        "delivered-to",
        "x-received",
        "dkim-signature",
    ];
    let mut known = 0;
    for (at, line) in start.lines().take(60).enumerate() {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) && at > 0 {
            continue;
        }
        if at == 0 && line.starts_with("From ") {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return false;
        }
        known += usize::from(HEADERS.contains(&name.to_ascii_lowercase().as_str()));
    }
    known >= 2
}

fn table(head: &[u8], start: &str, named: bool) -> Option<&'static str> {
    delimiter_of(start)?;
    let guess = guess(head, None);
    if guess.export.is_some() {
        return Some("its columns are those of a known export");
    }
    if guess.mapping.columns.iter().any(|column| column.meaning == Meaning::Value) {
        return Some("its lines have the same columns, and one of them has values");
    }
    named.then_some("its name says a table, and its lines have the same columns")
}
