//! What is wrong or doubtful in an agreement or a house rule as people write it: everything at once, each with line and column, how bad it is, and what to do.
//!
//! `check/schema.rs` looks at fields, `check/rules.rs` at what the rules come to together, `check/house.rs` at what house rules have beyond that. The model has the last word: where nothing was found here and it
//! still refuses, its refusal is the finding.

mod house;
mod rules;
mod schema;

use std::collections::BTreeSet;

use gotong_crypto::SeededEntropy;
use gotong_model::Timestamp;
use gotong_model::agreement::Terms;
use gotong_model::document::DocumentFault;
use gotong_model::governance::Governance;
use serde_json::{Value, json};

use super::agreement::{Before, may_follow, written};
use super::written::{Part, Place, Written};

pub(crate) use house::check as check_house;

/// Dates further apart than this are most likely a slip.
const YEARS_MAX: u64 = 30;
const YEAR_MS: u64 = 31_557_600_000;
const DAY_MS: u64 = 86_400_000;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Severity {
    /// It does not hold, or something in it can never work.
    Error,
    /// It holds, and most likely is not what was meant.
    Warning,
}

impl Severity {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    /// Where.
    pub(crate) place: Place,
    /// How bad.
    pub(crate) severity: Severity,
    /// JSON pointer to the field.
    pub(crate) pointer: String,
    /// What.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) next: String,
}

impl Finding {
    /// For machines.
    pub(crate) fn to_value(&self) -> Value {
        json!({"line": self.place.line, "column": self.place.column, "severity": self.severity.as_str(), "pointer": self.pointer,
               "what": self.what, "next": self.next})
    }
}

/// What a check collects.
struct Findings<'a> {
    written: &'a Written,
    found: Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, severity: Severity, pointer: &str, what: impl Into<String>, next: impl Into<String>) {
        // What nobody wrote follows from something that is looked at in its own place.
        if severity == Severity::Error && self.written.is_made(pointer) {
            return;
        }
        let place = self.written.place(pointer);
        let finding = Finding { place, severity, pointer: pointer.to_owned(), what: what.into(), next: next.into() };
        if !self.found.contains(&finding) {
            self.found.push(finding);
        }
    }

    fn error(&mut self, pointer: &str, what: impl Into<String>, next: impl Into<String>) {
        self.add(Severity::Error, pointer, what, next);
    }

    fn warn(&mut self, pointer: &str, what: impl Into<String>, next: impl Into<String>) {
        self.add(Severity::Warning, pointer, what, next);
    }

    fn unknown(&mut self, pointer: &str, what: impl Into<String>, next: impl Into<String>) {
        let place = self.written.place_of_name(pointer);
        let (what, next) = (what.into(), next.into());
        self.found.push(Finding { place, severity: Severity::Error, pointer: pointer.to_owned(), what, next });
    }

    /// Whether nothing was found that stands in the way.
    fn holds(&self) -> bool {
        self.found.iter().all(|finding| finding.severity == Severity::Warning)
    }

    fn in_order(self) -> Vec<Finding> {
        let mut found = self.found;
        found.sort_by(|a, b| (a.place, a.severity, &a.what).cmp(&(b.place, b.severity, &b.what)));
        found
    }
}

/// Looks at a file. Members are looked up where there is governance; `before` is the version that it amends.
pub(crate) fn check(
    source: &str,
    known: Option<&Governance>,
    before: Option<&Before<'_>>,
    now: Timestamp,
) -> Vec<Finding> {
    let mut part = match parse(source) {
        Ok(part) => part,
        Err(findings) => return findings,
    };
    // The nonce of a check is thrown away.
    let written = written(source, &mut part, before, &SeededEntropy::new(0));
    let mut findings = Findings { written: &written, found: Vec::new() };
    schema::check(&mut findings, known, schema::AGREEMENT, "gotong agreement new");
    dates(&mut findings, now);
    languages(&mut findings);
    rules::check(&mut findings);
    if findings.holds() {
        model(&mut findings, before);
    }
    findings.in_order()
}

fn parse(source: &str) -> Result<Part, Vec<Finding>> {
    let finding = |fault: super::written::NotToml| Finding {
        place: fault.place,
        severity: Severity::Error,
        pointer: String::new(),
        what: fault.what,
        next: "mend the TOML; the rest is looked at once it reads".to_owned(),
    };
    Part::parse(source).map_err(|faults| faults.into_iter().map(finding).collect())
}

fn model(findings: &mut Findings<'_>, before: Option<&Before<'_>>) {
    let next = "mend it and check again";
    match Terms::from_value(findings.written.value.clone()) {
        Ok(terms) => {
            if let Some(before) = before
                && let Err(fault) = may_follow(before.terms, &terms)
            {
                let hint = crate::fault::hint(&fault).unwrap_or(next).to_owned();
                findings.error("", fault.to_string(), hint);
            }
        }
        Err(DocumentFault::Field(fault)) => findings.unknown(&fault.pointer, fault.reason, next),
        Err(fault) => findings.unknown("", fault.to_string(), next),
    }
}

fn time(value: &Value, name: &str) -> Option<Timestamp> {
    Timestamp::from_canonical(value.get(name)?.as_str()?)
}

fn dates(findings: &mut Findings<'_>, now: Timestamp) {
    let (from, until) = (time(&findings.written.value, "from"), time(&findings.written.value, "until"));
    if let (Some(from), Some(until)) = (from, until) {
        if until <= from {
            findings.error(
                "/until",
                "until is not later than from",
                "exchange the two, or leave \"until\" out: until further notice",
            );
        } else if until <= now {
            findings.error(
                "/until",
                "until is over already",
                "write a later day, or leave it out: until further notice",
            );
        }
        if until.since_ms(from) > YEARS_MAX * YEAR_MS {
            let what = format!("until is more than {YEARS_MAX} years after from");
            findings.warn("/until", what, "look at the year; what has no end has no \"until\"");
        }
    }
    if let Some(from) = from.filter(|from| from.plus_ms(DAY_MS) <= now) {
        let what = format!("from is {} days in the past", now.since_ms(from) / DAY_MS);
        findings.warn("/from", what, "write the day from which it is to count; signatures take a while to collect");
    }
}

/// Every text with its languages.
fn texts(value: &Value, pointer: &str, found: &mut Vec<(String, BTreeSet<String>)>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let pointer = format!("{pointer}/{name}");
                match value.as_object().filter(|_| name == "title" || name == "text") {
                    Some(languages) => found.push((pointer, languages.keys().cloned().collect())),
                    None => texts(value, &pointer, found),
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                texts(item, &format!("{pointer}/{at}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn languages(findings: &mut Findings<'_>) {
    let mut found = Vec::new();
    texts(&findings.written.value, "", &mut found);
    let all: BTreeSet<String> = found.iter().flat_map(|(_, languages)| languages.iter().cloned()).collect();
    for (pointer, languages) in &found {
        let missing: Vec<&str> =
            all.difference(languages).map(String::as_str).filter(|language| *language != "en").collect();
        if !missing.is_empty() {
            let name = pointer.rsplit('/').next().unwrap_or_default();
            let what = format!("{name} is not there in {}, and other texts are", missing.join(", "));
            findings.warn(pointer, what, "translate it, or take that language out everywhere");
        }
    }
}
