//! What the rules of an agreement come to together: prohibitions that forbid what nothing permits, or everything; channels that nobody can use; duties for what
//! never comes; labels that do not fit what they cover.

use gotong_model::Tlp;
use serde_json::Value;

use super::Findings;

/// Record kinds that are about people, as far as STIX says.
const OF_PEOPLE: [&str; 4] = ["stix.email-addr", "stix.email-message", "stix.identity", "stix.user-account"];

/// A channel type, as far as it can be read.
struct Type<'a> {
    pointer: String,
    name: &'a str,
    readers: Vec<&'a str>,
    writers: Vec<&'a str>,
    kinds: Vec<&'a str>,
    ceiling: Option<Tlp>,
    onward: &'a str,
    personal_data: &'a str,
    /// Whether others may join it without an amendment.
    is_open: bool,
}

/// A prohibition or a duty.
struct Rule<'a> {
    pointer: String,
    clause: &'a str,
    act: &'a str,
    types: Vec<&'a str>,
    kinds: Vec<&'a str>,
    members: Vec<&'a str>,
    tlp_above: Option<Tlp>,
}

fn texts<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn tables<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().enumerate().filter(|(_, item)| item.is_object())
}

/// Whether one kind is another, or of its family.
fn is_of(kind: &str, family: &str) -> bool {
    kind == family || kind.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'))
}

fn meet(a: &str, b: &str) -> bool {
    is_of(a, b) || is_of(b, a)
}

impl<'a> Type<'a> {
    fn all(value: &'a Value) -> Vec<Self> {
        let accession = value.get("accession").filter(|accession| accession.is_object());
        let read = |(place, kind): (usize, &'a Value)| {
            let name = text(kind, "type");
            let joined = accession.filter(|accession| texts(accession, "types").contains(&name));
            let candidates = joined.map(|accession| texts(accession, "candidates")).unwrap_or_default();
            Self {
                pointer: format!("/channel_types/{place}"),
                name,
                readers: [texts(kind, "audience"), candidates.clone()].concat(),
                writers: [texts(kind, "writers"), candidates].concat(),
                kinds: texts(kind, "kinds"),
                ceiling: Tlp::from_text(text(kind, "ceiling")),
                onward: text(kind, "onward"),
                personal_data: text(kind, "personal_data"),
                is_open: joined.is_some(),
            }
        };
        tables(value, "channel_types").map(read).collect()
    }
}

impl<'a> Rule<'a> {
    fn all(value: &'a Value, list: &str, act: &str) -> Vec<Self> {
        let read = |(place, rule): (usize, &'a Value)| Self {
            pointer: format!("/{list}/{place}"),
            clause: text(rule, "clause"),
            act: text(rule, act),
            types: texts(rule, "types"),
            kinds: texts(rule, "kinds"),
            members: texts(rule, "members"),
            tlp_above: Tlp::from_text(text(rule, "tlp_above")),
        };
        tables(value, list).map(read).collect()
    }

    fn names_type(&self, kind: &Type<'_>) -> bool {
        self.types.is_empty() || self.types.contains(&kind.name)
    }

    fn meets_kinds(&self, kind: &Type<'_>) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|own| kind.kinds.iter().any(|other| meet(own, other)))
    }

    fn meets_members(&self, members: &[&str]) -> bool {
        self.members.is_empty() || self.members.iter().any(|code| members.contains(code))
    }

    /// Whether everything that another forbids is forbidden by this too.
    fn includes(&self, other: &Self) -> bool {
        let types = self.types.is_empty()
            || (!other.types.is_empty() && other.types.iter().all(|one| self.types.contains(one)));
        let covered = |kind: &&str| self.kinds.iter().any(|family| is_of(kind, family));
        let kinds = self.kinds.is_empty() || (!other.kinds.is_empty() && other.kinds.iter().all(covered));
        let members = self.members.is_empty()
            || (!other.members.is_empty() && other.members.iter().all(|one| self.members.contains(one)));
        let labels = match (self.tlp_above, other.tlp_above) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(other)) => own <= other,
        };
        self.act == other.act && types && kinds && members && labels
    }
}

/// Labels alone: who reads and writes under a house rule its classes say, and its prohibitions reach beyond its own types.
pub(super) fn check_house(findings: &mut Findings<'_>) {
    let value = findings.written.value.clone();
    for kind in &Type::all(&value) {
        labels(findings, kind);
    }
}

pub(super) fn check(findings: &mut Findings<'_>) {
    let value = findings.written.value.clone();
    let types = Type::all(&value);
    let prohibitions = Rule::all(&value, "prohibitions", "act");
    for kind in &types {
        unused(findings, kind);
        labels(findings, kind);
        shut(findings, kind, &prohibitions);
    }
    for (place, rule) in prohibitions.iter().enumerate() {
        let wider = prohibitions.iter().enumerate().find(|(other_place, other)| {
            *other_place != place && other.includes(rule) && (*other_place < place || !rule.includes(other))
        });
        if let Some((_, wider)) = wider {
            let what = format!("clause {} forbids all of this already", wider.clause);
            findings.warn(&rule.pointer, what, "take one of the two out, or write what only this one is to forbid");
        } else {
            shadowed(findings, rule, &types);
        }
    }
    for duty in Rule::all(&value, "duties", "duty") {
        idle(findings, &duty, &types);
    }
}

/// A prohibition of what nothing permits anyway.
fn shadowed(findings: &mut Findings<'_>, rule: &Rule<'_>, types: &[Type<'_>]) {
    let mut left: Vec<&Type<'_>> = types.iter().filter(|kind| rule.names_type(kind)).collect();
    if left.is_empty() {
        return;
    }
    let mut step = |left: &mut Vec<&Type<'_>>, holds: &dyn Fn(&Type<'_>) -> bool, what: String| {
        left.retain(|kind| holds(kind));
        if left.is_empty() {
            findings.warn(
                &rule.pointer,
                format!("nothing permits this anyway: {what}"),
                "take it out, or mend what it names",
            );
        }
        !left.is_empty()
    };
    if !step(
        &mut left,
        &|kind| rule.meets_kinds(kind),
        format!("no channel type that it names carries {}", rule.kinds.join(", ")),
    ) {
        return;
    }
    let who = |kind: &Type<'_>| {
        if rule.act == "publish" { rule.meets_members(&kind.writers) } else { rule.meets_members(&kind.readers) }
    };
    let verb = if rule.act == "publish" { "writes" } else { "reads" };
    if !step(&mut left, &who, format!("none of {} {verb} there", rule.members.join(", "))) {
        return;
    }
    if let Some(above) = rule.tlp_above {
        let reaches = |kind: &Type<'_>| kind.ceiling.is_none_or(|ceiling| ceiling > above);
        if !step(&mut left, &reaches, format!("no ceiling there is above {}", above.as_str())) {
            return;
        }
    }
    if rule.act == "onward" {
        step(&mut left, &|kind| kind.onward != "none", "passing on is not allowed there".to_owned());
    }
}

/// Prohibitions that leave nothing of a channel type.
fn shut(findings: &mut Findings<'_>, kind: &Type<'_>, rules: &[Rule<'_>]) {
    for (act, members, what) in
        [("publish", &kind.writers, "publish anything in"), ("read", &kind.readers, "read anything of")]
    {
        if members.is_empty() || kind.kinds.is_empty() {
            continue;
        }
        let mut biting: Vec<&Rule<'_>> = Vec::new();
        let mut bites = |own: &str, code: &str| {
            let found = rules.iter().find(|rule| {
                rule.act == act
                    && rule.tlp_above.is_none()
                    && rule.names_type(kind)
                    && (rule.kinds.is_empty() || rule.kinds.iter().any(|family| is_of(own, family)))
                    && (rule.members.is_empty() || rule.members.contains(&code))
            });
            biting.extend(found);
            found.is_some()
        };
        if kind.kinds.iter().all(|own| members.iter().all(|code| bites(own, code))) {
            let mut clauses: Vec<&str> = biting.iter().map(|rule| rule.clause).collect();
            clauses.sort_unstable();
            clauses.dedup();
            let (clauses, name) = (clauses.join(", "), kind.name);
            if let Some(rule) = biting.first() {
                let what = format!("clause {clauses} contradicts the channel type {name}: nobody may {what} it");
                findings.error(
                    &rule.pointer,
                    what,
                    "name fewer types, kinds or members here, or take the channel type out",
                );
            }
        }
    }
}

/// A channel that only its one writer reads.
fn unused(findings: &mut Findings<'_>, kind: &Type<'_>) {
    if let ([writer], [reader]) = (kind.writers.as_slice(), kind.readers.as_slice())
        && writer == reader
        && !kind.is_open
    {
        let pointer = format!("{}/audience", kind.pointer);
        let what = format!("nobody can use {}: only {writer} writes it, and only {writer} reads it", kind.name);
        findings.error(&pointer, what, "name in audience who is to read it");
    }
}

/// Labels that do not fit what they cover.
fn labels(findings: &mut Findings<'_>, kind: &Type<'_>) {
    let Some(ceiling) = kind.ceiling else { return };
    let people: Vec<&str> = kind.kinds.iter().copied().filter(|own| OF_PEOPLE.contains(own)).collect();
    if !people.is_empty() && kind.personal_data != "none" && ceiling < Tlp::Amber {
        let what = format!(
            "a ceiling of {} is below what {} demands where personal data is allowed",
            ceiling.as_str(),
            people.join(", ")
        );
        findings.warn(&format!("{}/ceiling", kind.pointer), what, "write amber, or personal_data = \"none\"");
    }
    if kind.onward == "public" && ceiling > Tlp::Green {
        let what = format!("passing on to anyone does not go with a ceiling of {}", ceiling.as_str());
        findings.warn(&format!("{}/onward", kind.pointer), what, "write constituents, or a ceiling of clear or green");
    }
}

/// A duty for what never comes.
fn idle(findings: &mut Findings<'_>, duty: &Rule<'_>, types: &[Type<'_>]) {
    let named: Vec<&Type<'_>> = types.iter().filter(|kind| duty.names_type(kind)).collect();
    if named.is_empty() {
        return;
    }
    let carrying: Vec<&&Type<'_>> = named.iter().filter(|kind| duty.meets_kinds(kind)).collect();
    if carrying.is_empty() {
        let what = format!("no channel type that it names carries {}", duty.kinds.join(", "));
        findings.warn(&format!("{}/kinds", duty.pointer), what, "add the kind to a channel type, or mend it here");
    } else if !carrying.iter().any(|kind| duty.meets_members(&kind.readers)) {
        let what = format!("none of {} reads there", duty.members.join(", "));
        findings.warn(&format!("{}/members", duty.pointer), what, "name members of the audience");
    }
}
