//! What a house rule has beyond an agreement: classes of organisations, what each is given, and whether anything comes of it where the agreements are known.
//!
//! Must not decide who reads what: `gotong-policy` does; here is only said what will most likely not be what was meant.

use std::collections::BTreeSet;

use gotong_crypto::SeededEntropy;
use gotong_model::Timestamp;
use gotong_model::agreement::Onward;
use gotong_model::document::DocumentFault;
use gotong_model::governance::{Governance, House};
use gotong_model::house::HouseRule;
use gotong_model::limits;
use serde_json::Value;

use super::super::house::{house_of, house_written};
use super::schema::{self, Field, LABELS, Shape};
use super::{Finding, Findings};

const HOUSE: &[Field] = &[
    ("accession", Shape::Set),
    ("amendment_clause", Shape::Clause),
    ("channel_types", Shape::Tables(schema::CHANNEL_TYPE, 0, limits::CHANNEL_TYPES_MAX)),
    ("classes", Shape::Tables(CLASS, 0, limits::HOUSE_CLASSES_MAX)),
    ("clauses", Shape::Tables(schema::CLAUSE, 1, limits::CLAUSES_MAX)),
    ("dates_clause", Shape::Clause),
    ("duties", Shape::Tables(schema::DUTY, 0, limits::RULES_MAX)),
    ("from", Shape::Time),
    ("gotong", Shape::Set),
    ("grace_hours", Shape::NumberOrNull(0, limits::GRACE_HOURS_MAX)),
    ("handle", Shape::Set),
    ("legal_basis", Shape::Short),
    ("nonce", Shape::Set),
    ("number", Shape::Set),
    ("parties", Shape::Members(1)),
    ("parties_clause", Shape::Clause),
    ("previous", Shape::Set),
    ("prohibitions", Shape::Tables(schema::PROHIBITION, 0, limits::RULES_MAX)),
    ("purpose", Shape::Short),
    ("supersedes", Shape::Hashes),
    ("suspension_clause", Shape::Clause),
    ("termination", Shape::Table(schema::TERMINATION)),
    ("title", Shape::Texts),
    ("until", Shape::TimeOrNull),
    ("version", Shape::Set),
];
const CLASS: &[Field] = &[
    ("class", Shape::TypeName),
    ("clause", Shape::Clause),
    ("name", Shape::Texts),
    ("own", Shape::TypeOrNull),
    ("reads", Shape::Tables(READS, 0, limits::HOUSE_READS_MAX)),
    ("reads_house", Shape::Tables(READS_HOUSE, 0, limits::HOUSE_READS_MAX)),
];
const READS: &[Field] = &[
    ("agreement", Shape::HandleOrNull),
    ("ceiling", Shape::OneOf(LABELS)),
    ("clause", Shape::Clause),
    ("types", Shape::OthersTypes),
];
const READS_HOUSE: &[Field] =
    &[("ceiling", Shape::OneOf(LABELS)), ("clause", Shape::Clause), ("types", Shape::Types(0))];

/// Looks at a file. Where there is governance, members and agreements are looked up, and it is checked as the next version of what counts already.
pub(crate) fn check(source: &str, known: Option<&Governance>, now: Timestamp) -> Vec<Finding> {
    let mut part = match super::parse(source) {
        Ok(part) => part,
        Err(findings) => return findings,
    };
    let house = known.and_then(|known| house_of(&mut part, known));
    // The nonce of a check is thrown away.
    let written = house_written(source, &mut part, house, &SeededEntropy::new(0));
    let mut findings = Findings { written: &written, found: Vec::new() };
    if written.value.get("parties").is_none() {
        findings.unknown("", "member is missing", "write the code of your own member: member = \"CODE\"");
    }
    schema::check(&mut findings, known, HOUSE, "gotong house new");
    // What the model refuses of a missing member has been said in people's words.
    findings.found.retain(|finding| finding.what != "parties is missing");
    super::dates(&mut findings, now);
    super::languages(&mut findings);
    super::rules::check_house(&mut findings);
    classes(&mut findings, known);
    if findings.holds() {
        model(&mut findings, house);
    }
    findings.in_order()
}

fn model(findings: &mut Findings<'_>, house: Option<&House>) {
    let next = "mend it and check again";
    match HouseRule::from_value(findings.written.value.clone()) {
        Ok(rule) => {
            if let Some(Err(fault)) = house.map(|house| house.check_next(&rule)) {
                let next = "mend it: a house rule that counts stays what its channels were opened under";
                findings.unknown("", fault.to_string(), next);
            }
        }
        Err(DocumentFault::Field(fault)) => findings.unknown(&fault.pointer, fault.reason, next),
        Err(fault) => findings.unknown("", fault.to_string(), next),
    }
}

fn tables<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().enumerate()
}

fn texts<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// What the classes come to.
fn classes(findings: &mut Findings<'_>, known: Option<&Governance>) {
    let value = findings.written.value.clone();
    let owned: BTreeSet<&str> = tables(&value, "classes").filter_map(|(_, class)| class.get("own")?.as_str()).collect();
    for (place, class) in tables(&value, "classes") {
        let at = format!("/classes/{place}");
        let gives = |name: &str| tables(class, name).next().is_some();
        if class.get("own").is_some_and(Value::is_null) && !gives("reads") && !gives("reads_house") {
            let what = "this class is given nothing and has no channel of its own";
            findings.warn(&at, what, "add own = \"TYPE\", or a section [[classes.reads]]");
        }
        for (rule_place, rule) in tables(class, "reads_house") {
            for (item, own) in texts(rule, "types").iter().enumerate().filter(|(_, name)| owned.contains(*name)) {
                let what = format!("{own} is organisations' own: each reads its own alone");
                let next = "take it out here; what all of a class are to read has a channel type of its own";
                findings.error(&format!("{at}/reads_house/{rule_place}/types/{item}"), what, next);
            }
        }
        for (rule_place, rule) in tables(class, "reads") {
            if let Some(known) = known {
                comes_to(findings, &format!("{at}/reads/{rule_place}"), rule, known);
            }
        }
    }
}

/// Whether anything comes of what is given of agreements, as far as they are known.
fn comes_to(findings: &mut Findings<'_>, at: &str, rule: &Value, known: &Governance) {
    let handle = rule.get("agreement").and_then(Value::as_str);
    let named: Vec<_> =
        known.agreements.values().filter(|one| handle.is_none_or(|name| one.terms.handle.as_str() == name)).collect();
    if named.is_empty() {
        let what = match handle {
            Some(handle) => format!("no agreement called {handle} is known here"),
            None => "no agreement is known here".to_owned(),
        };
        return findings.warn(&format!("{at}/agreement"), what, "look at the handle: gotong agreement list shows all");
    }
    let types: Vec<_> = named.iter().flat_map(|one| &one.terms.channel_types).collect();
    let wished = texts(rule, "types");
    for (place, name) in wished.iter().enumerate() {
        let of_name: Vec<_> = types.iter().filter(|kind| kind.name.as_str() == *name).collect();
        let pointer = format!("{at}/types/{place}");
        if of_name.is_empty() {
            let what = format!("no agreement that is meant has a channel type {name}");
            findings.warn(&pointer, what, "look at the name: gotong agreement show prints the channel types");
        } else if of_name.iter().all(|kind| kind.onward == Onward::None) {
            let what = format!("the agreement does not let {name} go on to constituents, so nothing of it is given");
            findings.warn(&pointer, what, "take it out, or have the agreement amended: onward = \"constituents\"");
        }
    }
    if wished.is_empty() && types.iter().all(|kind| kind.onward == Onward::None) {
        let what = "what is meant lets nothing go on to constituents, so nothing is given";
        findings.warn(at, what, "take it out, or have the agreement amended: onward = \"constituents\"");
    }
}
