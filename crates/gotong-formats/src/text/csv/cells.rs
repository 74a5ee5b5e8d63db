//! One record by its mapping: values, and what the row says of them.
//!
//! A row whose label cannot be read is refused whole: what is unmarked is not public, and what is marked in a way that nobody understands is not
//! unmarked. So is one whose end of validity cannot be read, since it would stand for ever, and one with a time too far ahead to be meant. What else cannot be read of a row is a loss, and its values are taken without it.

use super::known::kinds_of_type;
use super::mapping::{Mapping, Meaning, kind_of_word};
use super::rows::Row;
use crate::draft::Piece;
use crate::stix21::ValueKind;
use crate::text::emit::{Emitter, Said, fault, loss};
use crate::text::time::{self, NoTime};
use crate::text::value::{Value, value_as, value_of};
use gotong_model::{Timestamp, Tlp};
use std::collections::VecDeque;

/// Takes the values of a record.
pub(super) fn take(row: &Row<'_>, mapping: &Mapping, emitter: &Emitter, out: &mut VecDeque<Piece>) {
    let line = row.line();
    if row.len() > mapping.columns.len() {
        let text = format!(
            "the row has {} cells and the table {} columns; what is beyond them was left out",
            row.len(),
            mapping.columns.len()
        );
        out.push_back(loss(line, "", "text.loss.cells", &text));
    }
    let Some(said) = said(row, mapping, emitter.options.now, out) else { return };
    let type_word = cells(row, mapping, Meaning::Type).next().map(|(_, cell)| cell);
    let kinds = match type_word.map(|word| (word, kinds_of_type(word))) {
        Some((word, Some([]))) => {
            let text = format!(
                "the type `{}` names nothing that is searched for; the row was left out",
                word.chars().take(64).collect::<String>()
            );
            out.push_back(loss(line, "type", "text.loss.type", &text));
            return;
        }
        Some((_, kinds)) => kinds,
        None => None,
    };
    let mut any = false;
    let mut pieces = VecDeque::new();
    for (at, column) in mapping.columns.iter().enumerate().filter(|(_, column)| column.meaning == Meaning::Value) {
        let Some(cell) = row.cell(at).map(str::trim).filter(|cell| !is_nothing(cell)) else { continue };
        any = true;
        let fixed = column.kind.as_deref().and_then(kind_of_word);
        let values = values(cell, fixed, kinds);
        for value in values {
            match value {
                Ok(value) => {
                    emitter.value(line, &value, &said, &mut pieces);
                }
                Err(refusal) => {
                    pieces.push_back(fault(line, &pointer(&column.name), refusal.code(), refusal.text()));
                }
            }
        }
    }
    if !any {
        pieces.push_back(fault(
            line,
            "",
            "text.csv.value-missing",
            "has no value in any column that the mapping says has one",
        ));
    }
    out.append(&mut pieces);
}

/// What tables write where there is nothing.
fn is_nothing(cell: &str) -> bool {
    cell.is_empty() || ["n/a", "null", "none", "-", "nan"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn values(
    cell: &str,
    fixed: Option<ValueKind>,
    kinds: Option<&[ValueKind]>,
) -> Vec<Result<Value, crate::text::NoValue>> {
    match (kinds, fixed) {
        (Some([kind]), _) => {
            // `ip|port` of MISP: the port is kept with the address.
            let spelled = match cell.split_once('|') {
                Some((address, port)) if *kind == ValueKind::Ipv4 => {
                    if address.contains(':') {
                        format!("[{address}]:{port}")
                    } else {
                        format!("{address}:{port}")
                    }
                }
                Some((host, _)) if *kind == ValueKind::Domain => host.to_owned(),
                _ => cell.to_owned(),
            };
            vec![value_as(*kind, &spelled)]
        }
        (Some(kinds), _) => {
            // Of a file's name and hash the hash alone tells it from others.
            let hash = kinds.contains(&ValueKind::Hash);
            let parts =
                kinds.iter().zip(cell.splitn(kinds.len(), '|')).filter(|(kind, _)| !hash || **kind == ValueKind::Hash);
            parts.map(|(kind, part)| value_as(*kind, part)).collect()
        }
        (None, Some(kind)) => vec![value_as(kind, cell)],
        (None, None) => vec![value_of(cell)],
    }
}

/// The cells of columns with a meaning, with the names of the columns.
fn cells<'r>(row: &'r Row<'_>, mapping: &'r Mapping, meaning: Meaning) -> impl Iterator<Item = (&'r str, &'r str)> {
    mapping.columns.iter().enumerate().filter(move |(_, column)| column.meaning == meaning).filter_map(
        |(at, column)| {
            let cell = row.cell(at)?.trim();
            (!is_nothing(cell)).then_some((column.name.as_str(), cell))
        },
    )
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// What a row says of its values; `None` where its label or its end cannot be read.
fn said(row: &Row<'_>, mapping: &Mapping, now: Timestamp, out: &mut VecDeque<Piece>) -> Option<Said> {
    let line = row.line();
    let mut said = Said::default();
    for (at, column) in mapping.columns.iter().enumerate() {
        if matches!(column.meaning, Meaning::Value | Meaning::Type | Meaning::Ignore) {
            continue;
        }
        let Some(cell) = row.cell(at).map(str::trim).filter(|cell| !is_nothing(cell)) else { continue };
        match column.meaning {
            Meaning::Name => said.name = Some(cell.to_owned()),
            Meaning::Description => describe(&mut said, mapping, &column.name, cell),
            Meaning::LastSeen => {
                let text = format!("Last seen {cell}");
                said.description =
                    Some(said.description.take().map_or(text.clone(), |before| format!("{before}\n{text}")));
            }
            Meaning::Label => said.labels.push(cell.to_owned()),
            Meaning::Tags => tags(&mut said, cell),
            Meaning::Tlp => {
                let Some(tlp) = Tlp::from_human(cell) else {
                    let text = "is no label of the Traffic Light Protocol, so the row was refused; write clear, green, amber, amber+strict or red";
                    out.push_back(fault(line, &pointer(&column.name), "text.csv.tlp", text));
                    return None;
                };
                said.tlp = said.tlp.max(Some(tlp));
            }
            Meaning::Confidence => {
                said.confidence = confidence(cell);
                unread(
                    said.confidence.is_none(),
                    line,
                    &column.name,
                    "a number from 0 to 100, or none, low, medium or high",
                    out,
                );
            }
            Meaning::FirstSeen | Meaning::ValidUntil => {
                let is_end = column.meaning == Meaning::ValidUntil;
                match time::read(cell, mapping.calendar, now) {
                    Ok(time) if is_end => said.valid_until = Some(time),
                    Ok(time) => said.valid_from = Some(time),
                    Err(NoTime::Form) if !is_end => {
                        unread(true, line, &column.name, "a time such as 2026-03-04 05:06:07", out);
                    }
                    Err(refusal) => {
                        let text = format!("{}; the row was refused", refusal.text(cell));
                        out.push_back(fault(line, &pointer(&column.name), "text.csv.time", text));
                        return None;
                    }
                }
            }
            Meaning::Actionable => {
                said.observable = ["0", "false", "no"].iter().any(|word| cell.eq_ignore_ascii_case(word));
            }
            Meaning::Value | Meaning::Type | Meaning::Ignore => {}
        }
    }
    Some(said)
}

fn describe(said: &mut Said, mapping: &Mapping, name: &str, cell: &str) {
    let alone = mapping.columns.iter().filter(|column| column.meaning == Meaning::Description).count() == 1;
    let text = if alone { cell.to_owned() } else { format!("{name}: {cell}") };
    said.description = Some(said.description.take().map_or(text.clone(), |before| format!("{before}\n{text}")));
}

/// Tags, each a label; those of the Traffic Light Protocol are the marking as well.
fn tags(said: &mut Said, cell: &str) {
    for tag in cell.split([',', ';', '|']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if tag.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("tlp:")) {
            // A word that is no label marks as strictly as there is: it meant something.
            said.tlp = said.tlp.max(Some(Tlp::from_human(tag).unwrap_or(Tlp::Red)));
        }
        said.labels.push(tag.to_owned());
    }
}

fn unread(missing: bool, line: u64, place: &str, right: &str, out: &mut VecDeque<Piece>) {
    if missing {
        out.push_back(loss(
            line,
            place,
            "text.loss.cell",
            &format!("cannot be read and was left out; it would be {right}"),
        ));
    }
}

/// A number, or a word of the scale of STIX 2.1, appendix A.
fn confidence(cell: &str) -> Option<u8> {
    let number = cell.trim_end_matches('%').trim();
    if let Ok(number) = number.parse::<u8>() {
        return (number <= 100).then_some(number);
    }
    match cell.to_lowercase().as_str() {
        "none" | "không" => Some(0),
        "low" | "thấp" | "rendah" | "ต่ำ" => Some(15),
        "medium" | "med" | "moderate" | "trung bình" | "sedang" | "ปานกลาง" => Some(50),
        "high" | "cao" | "tinggi" | "สูง" => Some(85),
        _ => None,
    }
}
