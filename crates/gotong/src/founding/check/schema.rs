//! The fields of an agreement, one by one: what must be there, what each may hold, and whether what it names exists.

use std::collections::BTreeSet;

use gotong_model::agreement::RESERVED_TYPES;
use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Slug, Timestamp, limits};
use serde_json::Value;

use super::Findings;

pub(super) enum Shape {
    /// Put in by the program.
    Set,
    Texts,
    Short,
    Handle,
    TypeName,
    Time,
    TimeOrNull,
    Switch,
    Number(u64, u64),
    NumberOrNull(u64, u64),
    OneOf(&'static [&'static str]),
    OneOfOrNull(&'static [&'static str]),
    ClauseNumber,
    Clause,
    /// Codes, at least so many.
    Members(usize),
    Kinds(usize),
    Types(usize),
    /// One type of this file.
    TypeOrNull,
    /// Types of other documents.
    OthersTypes,
    /// The handle of an agreement.
    HandleOrNull,
    Hashes,
    Table(&'static [Field]),
    TableOrNull(&'static [Field]),
    Tables(&'static [Field], usize, usize),
}

pub(super) type Field = (&'static str, Shape);

/// Handles that no agreement may have.
const TAKEN: [&str; 2] = ["charter", gotong_model::agreement::HOUSE_HANDLE];

pub(super) const LABELS: &[&str] = &["clear", "green", "amber", "amber+strict", "red"];

pub(super) const AGREEMENT: &[Field] = &[
    ("accession", Shape::TableOrNull(ACCESSION)),
    ("amendment_clause", Shape::Clause),
    ("channel_types", Shape::Tables(CHANNEL_TYPE, 1, limits::CHANNEL_TYPES_MAX)),
    ("clauses", Shape::Tables(CLAUSE, 1, limits::CLAUSES_MAX)),
    ("dates_clause", Shape::Clause),
    ("duties", Shape::Tables(DUTY, 0, limits::RULES_MAX)),
    ("from", Shape::Time),
    ("gotong", Shape::Set),
    ("grace_hours", Shape::NumberOrNull(0, limits::GRACE_HOURS_MAX)),
    ("handle", Shape::Handle),
    ("legal_basis", Shape::Short),
    ("nonce", Shape::Set),
    ("number", Shape::Set),
    ("parties", Shape::Members(2)),
    ("parties_clause", Shape::Clause),
    ("previous", Shape::Set),
    ("prohibitions", Shape::Tables(PROHIBITION, 0, limits::RULES_MAX)),
    ("purpose", Shape::Short),
    ("supersedes", Shape::Hashes),
    ("suspension_clause", Shape::Clause),
    ("termination", Shape::Table(TERMINATION)),
    ("title", Shape::Texts),
    ("until", Shape::TimeOrNull),
    ("version", Shape::Set),
];
pub(super) const TERMINATION: &[Field] =
    &[("clause", Shape::Clause), ("notice_days", Shape::Number(0, limits::DAYS_MAX))];
pub(super) const CLAUSE: &[Field] = &[("number", Shape::ClauseNumber), ("text", Shape::Texts), ("title", Shape::Texts)];
pub(super) const CHANNEL_TYPE: &[Field] = &[
    ("audience", Shape::Members(1)),
    ("backlog", Shape::OneOf(&["all", "none"])),
    ("ceiling", Shape::OneOf(LABELS)),
    ("ceiling_clause", Shape::Clause),
    ("clause", Shape::Clause),
    ("exercise", Shape::Switch),
    ("exit", Shape::OneOf(&["keep", "freeze", "erase"])),
    ("exit_clause", Shape::Clause),
    ("kinds", Shape::Kinds(1)),
    ("kinds_clause", Shape::Clause),
    ("onward", Shape::OneOf(&["none", "constituents", "public"])),
    ("onward_clause", Shape::Clause),
    ("personal_data", Shape::OneOf(&["none", "pseudonymised", "permitted"])),
    ("personal_data_clause", Shape::Clause),
    ("purpose", Shape::Short),
    ("retention_clause", Shape::Clause),
    ("retention_days", Shape::NumberOrNull(1, limits::DAYS_MAX)),
    ("type", Shape::TypeName),
    ("writers", Shape::Members(1)),
];
pub(super) const PROHIBITION: &[Field] = &[
    ("act", Shape::OneOf(&["publish", "read", "onward"])),
    ("clause", Shape::Clause),
    ("kinds", Shape::Kinds(0)),
    ("members", Shape::Members(0)),
    ("tlp_above", Shape::OneOfOrNull(LABELS)),
    ("types", Shape::Types(0)),
];
pub(super) const DUTY: &[Field] = &[
    ("clause", Shape::Clause),
    ("duty", Shape::OneOf(&["acknowledge", "answer", "notify", "delete"])),
    ("kinds", Shape::Kinds(0)),
    ("members", Shape::Members(0)),
    ("types", Shape::Types(0)),
    ("within_minutes", Shape::Number(1, limits::DAYS_MAX * 24 * 60)),
];
const ACCESSION: &[Field] = &[
    ("candidates", Shape::Members(1)),
    ("clause", Shape::Clause),
    ("consent", Shape::OneOf(&["all", "none"])),
    ("types", Shape::Types(1)),
];

/// What names may refer to.
struct Named {
    clauses: BTreeSet<String>,
    types: BTreeSet<String>,
    members: Option<BTreeSet<String>>,
    /// The command whose help shows the file.
    help: &'static str,
}

pub(super) fn check(findings: &mut Findings<'_>, known: Option<&Governance>, fields: &[Field], help: &'static str) {
    let value = findings.written.value.clone();
    let texts_of = |list: &str, name: &str| -> BTreeSet<String> {
        let items = value.get(list).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.get(name)?.as_str()).map(str::to_owned).collect()
    };
    let members = known.map(|known| {
        known.charters.iter().flat_map(|charter| charter.members.keys()).map(ToString::to_string).collect()
    });
    let named =
        Named { clauses: texts_of("clauses", "number"), types: texts_of("channel_types", "type"), members, help };
    table(findings, "", &value, fields, &named);
    twice(findings, &value, "classes", "class");
    twice(findings, &value, "clauses", "number");
    twice(findings, &value, "channel_types", "type");
    subsets(findings, &value);
}

fn table(findings: &mut Findings<'_>, pointer: &str, value: &Value, fields: &[Field], named: &Named) {
    let Some(object) = value.as_object() else {
        return findings.error(pointer, "must be a table", "write it as a section of its own");
    };
    for (name, shape) in fields {
        let at = format!("{pointer}/{name}");
        match object.get(*name) {
            Some(value) => field(findings, &at, value, shape, named),
            None if matches!(shape, Shape::Set) => {}
            None => findings.error(&at, format!("{name} is missing"), next(shape)),
        }
    }
    for name in object.keys().filter(|name| fields.iter().all(|(known, _)| known != name)) {
        let near = fields.iter().map(|(known, _)| *known).min_by_key(|known| distance(known, name));
        let near = near.filter(|near| distance(near, name) <= 2);
        let next = near.map_or_else(
            || format!("take it out; `{} --help` shows the file", named.help),
            |near| format!("write {near}, if that is meant"),
        );
        findings.unknown(&format!("{pointer}/{name}"), format!("{name} is not known here"), next);
    }
}

/// How many letters have to change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            next.push((at(&row, j) + usize::from(x != *y)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// What a field of a shape may hold.
fn next(shape: &Shape) -> String {
    match shape {
        Shape::Set => "take it out: the program puts it in".to_owned(),
        Shape::Texts => "write a text, or { en = \"…\", th = \"…\" } with English at least".to_owned(),
        Shape::Short => "write a text of 1 to 1,024 bytes".to_owned(),
        Shape::Handle => "write a short name in small letters: channels are called HANDLE/TYPE".to_owned(),
        Shape::TypeName => "write a short name in small letters, not charter or governance".to_owned(),
        Shape::Time => "write a day or a time in UTC: 2026-11-01 or 2026-11-01T08:00:00Z".to_owned(),
        Shape::TimeOrNull => "write a day or a time in UTC, or leave it out".to_owned(),
        Shape::Switch => "write true or false".to_owned(),
        Shape::Number(least, most) => format!("write a whole number from {least} to {most}"),
        Shape::NumberOrNull(least, most) => format!("write a whole number from {least} to {most}, or leave it out"),
        Shape::OneOf(words) => format!("write one of {}", words.join(", ")),
        Shape::OneOfOrNull(words) => format!("write one of {}, or leave it out", words.join(", ")),
        Shape::ClauseNumber => "write 1 to 16 letters, digits and .()-, such as 3.2".to_owned(),
        Shape::Clause => "name a clause by its number, as [[clauses]] has it".to_owned(),
        Shape::Members(_) => "write a list of members' codes: [\"id\", \"th\"]".to_owned(),
        Shape::Kinds(_) => {
            "write a list of record kinds: [\"stix\"], or [\"stix.indicator\"] for that type alone".to_owned()
        }
        Shape::Types(_) => "write a list of this file's channel types".to_owned(),
        Shape::TypeOrNull => "write one of this file's channel types, or leave it out".to_owned(),
        Shape::OthersTypes => {
            "write a list of channel types of that agreement, or leave it out: all of them".to_owned()
        }
        Shape::HandleOrNull => "write the handle of an agreement, or leave it out: every agreement".to_owned(),
        Shape::Hashes => "write a list of hashes".to_owned(),
        Shape::Table(_) | Shape::TableOrNull(_) => "write it as a section of its own".to_owned(),
        Shape::Tables(..) => "write a section in [[double brackets]] for each".to_owned(),
    }
}

fn field(findings: &mut Findings<'_>, at: &str, value: &Value, shape: &Shape, named: &Named) {
    let text = value.as_str();
    let is_number = |least: u64, most: u64| value.as_u64().is_some_and(|number| (least..=most).contains(&number));
    let is_one = |words: &[&str]| text.is_some_and(|text| words.contains(&text));
    let is_time = || text.is_some_and(|text| Timestamp::from_canonical(text).is_some());
    let fits = match shape {
        Shape::Set => true,
        Shape::Texts => return texts(findings, at, value),
        Shape::Short => text.is_some_and(|text| !text.is_empty() && text.len() <= 1_024),
        Shape::Handle => text.is_some_and(|text| Slug::from_text(text).is_some() && !TAKEN.contains(&text)),
        Shape::HandleOrNull => {
            value.is_null() || text.is_some_and(|text| Slug::from_text(text).is_some() && !TAKEN.contains(&text))
        }
        Shape::TypeName => text.is_some_and(|text| Slug::from_text(text).is_some() && !RESERVED_TYPES.contains(&text)),
        Shape::Time => is_time(),
        Shape::TimeOrNull => value.is_null() || is_time(),
        Shape::Switch => value.is_boolean(),
        Shape::Number(least, most) => is_number(*least, *most),
        Shape::NumberOrNull(least, most) => value.is_null() || is_number(*least, *most),
        Shape::OneOf(words) => is_one(words),
        Shape::OneOfOrNull(words) => value.is_null() || is_one(words),
        Shape::ClauseNumber => text.is_some_and(|text| {
            (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".()-".contains(&b))
        }),
        Shape::Clause => match text {
            Some(number) if !named.clauses.contains(number) => {
                let what = format!("there is no clause {number}");
                return findings.error(at, what, "write the number of a clause of this file, or add the clause");
            }
            other => other.is_some(),
        },
        Shape::Members(least) => {
            return list(findings, at, value, *least, shape, |item| {
                match (&named.members, MemberCode::from_text(item)) {
                    (_, None) => {
                        Some(("is no member code".to_owned(), "codes are 2 to 16 small letters, digits and hyphens"))
                    }
                    (Some(members), Some(_)) if !members.contains(item) => {
                        let next =
                            "name a member of the charter, or have the charter changed first: gotong charter propose";
                        Some((format!("{item} is no member of the charter"), next))
                    }
                    (_, Some(_)) => None,
                }
            });
        }
        Shape::Kinds(least) => {
            return list(findings, at, value, *least, shape, |item| {
                let is_kind = item.splitn(2, '.').all(|part| Slug::from_text(part).is_some());
                (!is_kind).then(|| {
                    ("is no record kind".to_owned(), "write stix, or stix.indicator for one type of STIX object")
                })
            });
        }
        Shape::Types(least) => {
            return list(findings, at, value, *least, shape, |item| {
                let unknown =
                    || (format!("there is no channel type {item}"), "write the type of one of the [[channel_types]]");
                (!named.types.contains(item)).then(unknown)
            });
        }
        Shape::TypeOrNull => match text {
            Some(name) if !named.types.contains(name) => {
                let what = format!("there is no channel type {name}");
                return findings.error(at, what, "write the type of one of the [[channel_types]]");
            }
            other => other.is_some() || value.is_null(),
        },
        Shape::OthersTypes => {
            return list(findings, at, value, 0, shape, |item| {
                let is_name = Slug::from_text(item).is_some() && !RESERVED_TYPES.contains(&item);
                (!is_name).then(|| (format!("{item} can be no channel type"), "write a short name in small letters"))
            });
        }
        Shape::Hashes => value.is_array(),
        Shape::TableOrNull(_) if value.is_null() => true,
        Shape::Table(fields) | Shape::TableOrNull(fields) => return table(findings, at, value, fields, named),
        Shape::Tables(fields, least, most) => {
            let Some(items) = value.as_array().filter(|items| (*least..=*most).contains(&items.len())) else {
                return findings.error(at, format!("must be {least} to {most} sections"), next(shape));
            };
            for (place, item) in items.iter().enumerate() {
                table(findings, &format!("{at}/{place}"), item, fields, named);
            }
            true
        }
    };
    if !fits {
        let name = at.rsplit('/').next().unwrap_or_default();
        let shown = if value.is_null() { "nothing".to_owned() } else { value.to_string().chars().take(60).collect() };
        findings.error(at, format!("{name} cannot be {shown}"), next(shape));
    }
}

fn texts(findings: &mut Findings<'_>, at: &str, value: &Value) {
    let Some(object) = value.as_object() else {
        return findings.error(at, "must be a text", next(&Shape::Texts));
    };
    if !object.contains_key("en") {
        findings.error(at, "has no English text (\"en\")", "add en = \"…\": it is what every reader falls back to");
    }
    for (language, text) in object {
        let is_tag =
            (2..=35).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let place = format!("{at}/{language}");
        if !is_tag {
            findings.unknown(&place, format!("{language} is no language"), "write a tag such as en, th, id, zh-Hans");
        }
        if text.as_str().is_none_or(|text| text.is_empty() || text.len() > 65_536) {
            findings.error(&place, "must be a text of 1 byte to 64 KiB", "write the text");
        }
    }
}

/// A list of texts in order, each once.
fn list(
    findings: &mut Findings<'_>,
    at: &str,
    value: &Value,
    least: usize,
    shape: &Shape,
    wrong: impl Fn(&str) -> Option<(String, &'static str)>,
) {
    let Some(items) = value.as_array() else {
        return findings.error(at, "must be a list", next(shape));
    };
    if items.len() < least {
        findings.error(at, format!("must name at least {least}"), next(shape));
    }
    for (place, item) in items.iter().enumerate() {
        let pointer = format!("{at}/{place}");
        match item.as_str() {
            None => findings.error(&pointer, "must be a text", next(shape)),
            Some(text) if items.iter().take(place).any(|other| other == item) => {
                findings.error(&pointer, format!("{text} stands twice"), "take one out");
            }
            Some(text) => {
                if let Some((what, next)) = wrong(text) {
                    findings.error(&pointer, what, next);
                }
            }
        }
    }
}

fn twice(findings: &mut Findings<'_>, value: &Value, list: &str, name: &str) {
    let items = value.get(list).and_then(Value::as_array).into_iter().flatten().enumerate();
    let mut known = BTreeSet::new();
    for (place, item) in items {
        if let Some(text) = item.get(name).and_then(Value::as_str)
            && !known.insert(text)
        {
            findings.error(&format!("/{list}/{place}/{name}"), format!("{text} stands twice"), "give each its own");
        }
    }
}

fn members<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Who may stand where.
fn subsets(findings: &mut Findings<'_>, value: &Value) {
    let parties = members(value, "parties");
    for (place, kind) in value.get("channel_types").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let audience = members(kind, "audience");
        for (at, code) in audience.iter().enumerate().filter(|(_, code)| !parties.contains(code)) {
            let pointer = format!("/channel_types/{place}/audience/{at}");
            findings.error(
                &pointer,
                format!("{code} is no party"),
                "name parties only; candidates come in by [accession]",
            );
        }
        for (at, code) in members(kind, "writers").iter().enumerate().filter(|(_, code)| !audience.contains(code)) {
            let pointer = format!("/channel_types/{place}/writers/{at}");
            findings.error(
                &pointer,
                format!("{code} writes and is not of the audience"),
                "add it to the audience, or take it out here",
            );
        }
    }
    let candidates = value.get("accession").map(|accession| members(accession, "candidates")).unwrap_or_default();
    for (at, code) in candidates.iter().enumerate().filter(|(_, code)| parties.contains(code)) {
        let pointer = format!("/accession/candidates/{at}");
        findings.error(&pointer, format!("{code} is a party already"), "take it out of the candidates");
    }
}
