//! Two versions of an agreement side by side, in words: what is new, gone and changed, part by part, for whoever has to sign the second one.

use std::fmt::Write as _;

use gotong_model::agreement::Terms;
use gotong_model::house::HouseRule;
use serde_json::{Map, Value, json};

/// What became of a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    New,
    Gone,
    Changed,
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    pub(crate) fate: Fate,
    /// The part: `clause 3.2`, `channel type incidents`.
    pub(crate) part: String,
    /// What of it, in words; a line each.
    pub(crate) words: Vec<String>,
}

impl Change {
    /// For a terminal.
    pub(crate) fn text(&self) -> String {
        let mark = match self.fate {
            Fate::New => "+ new     ",
            Fate::Gone => "- gone    ",
            Fate::Changed => "~ changed ",
        };
        let mut out = format!("{mark}{}\n", self.part);
        for word in &self.words {
            let _ = writeln!(out, "            {word}");
        }
        out
    }

    /// For machines.
    pub(crate) fn to_value(&self) -> Value {
        let fate = match self.fate {
            Fate::New => "new",
            Fate::Gone => "gone",
            Fate::Changed => "changed",
        };
        json!({"fate": fate, "part": self.part, "words": self.words})
    }
}

/// Everything in which two versions differ.
pub(crate) fn compare(before: &Terms, next: &Terms) -> Vec<Change> {
    compare_values(&before.to_value(), &next.to_value())
}

/// Everything in which two versions of a house rule differ.
pub(crate) fn compare_houses(before: &HouseRule, next: &HouseRule) -> Vec<Change> {
    compare_values(&with_words(before), &with_words(next))
}

/// A house rule in which what is given to classes stands in words.
fn with_words(rule: &HouseRule) -> Value {
    let mut value = rule.to_value();
    for class in value.get_mut("classes").and_then(Value::as_array_mut).into_iter().flatten() {
        for (list, every) in [("reads", "every agreement: "), ("reads_house", "")] {
            let Some(rules) = class.get_mut(list).and_then(Value::as_array_mut) else { continue };
            for rule in rules {
                let of = rule.get("agreement").and_then(Value::as_str).map_or(every.to_owned(), |of| format!("{of}: "));
                let types = match shown(rule.get("types")) {
                    nothing if nothing == "nothing" => "every channel type".to_owned(),
                    types => types,
                };
                let (ceiling, clause) = (shown(rule.get("ceiling")), shown(rule.get("clause")));
                *rule = json!(format!("{of}{types} up to {ceiling} (clause {clause})"));
            }
        }
    }
    value
}

fn compare_values(before: &Value, next: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, part) in [
        ("title", "title"),
        ("handle", "handle"),
        ("purpose", "purpose"),
        ("legal_basis", "legal basis"),
        ("from", "first day"),
        ("until", "last day"),
        ("grace_hours", "hours of grace"),
        ("parties_clause", "clause on parties"),
        ("dates_clause", "clause on dates"),
        ("amendment_clause", "clause on amendment"),
        ("suspension_clause", "clause on suspension"),
    ] {
        one(&mut changes, part, before.get(name), next.get(name));
    }
    parties(&mut changes, before, next);
    keyed(&mut changes, before, next, ("clauses", "number", "clause"));
    keyed(&mut changes, before, next, ("channel_types", "type", "channel type"));
    keyed(&mut changes, before, next, ("classes", "class", "class of organisations"));
    rules(&mut changes, before, next, "prohibitions", prohibition);
    rules(&mut changes, before, next, "duties", duty);
    for (name, part) in [("accession", "accession"), ("termination", "termination")] {
        let (old, new) = (before.get(name), next.get(name));
        match (old.and_then(Value::as_object), new.and_then(Value::as_object)) {
            (None, Some(new)) => changes.push(Change { fate: Fate::New, part: part.to_owned(), words: fields(new) }),
            (Some(old), None) => changes.push(Change { fate: Fate::Gone, part: part.to_owned(), words: fields(old) }),
            (Some(old), Some(new)) => table(&mut changes, part.to_owned(), old, new),
            (None, None) => {}
        }
    }
    changes
}

/// A value as people read it.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.is_empty() => "nothing".to_owned(),
        Some(Value::Array(items)) => items.iter().map(|item| shown(Some(item))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(texts)) => {
            texts.iter().map(|(name, text)| format!("{name}: {}", shown(Some(text)))).collect::<Vec<_>>().join(" | ")
        }
        Some(other @ (Value::Bool(_) | Value::Number(_))) => other.to_string(),
    }
}

fn named(field: &str) -> String {
    field.replace('_', " ")
}

fn fields(object: &Map<String, Value>) -> Vec<String> {
    let is_said = |value: &Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
    let said = object.iter().filter(|(_, value)| is_said(value));
    said.map(|(name, value)| format!("{}: {}", named(name), shown(Some(value)))).collect()
}

fn one(changes: &mut Vec<Change>, part: &str, old: Option<&Value>, new: Option<&Value>) {
    if old != new {
        let words = vec![format!("was {}", shown(old)), format!("is  {}", shown(new))];
        changes.push(Change { fate: Fate::Changed, part: part.to_owned(), words });
    }
}

fn table(changes: &mut Vec<Change>, part: String, old: &Map<String, Value>, new: &Map<String, Value>) {
    let mut words = Vec::new();
    for (name, value) in new {
        let was = old.get(name);
        if was == Some(value) {
            continue;
        }
        if let (Some(Value::Object(was)), Value::Object(now)) = (was, value) {
            for language in was.keys().chain(now.keys().filter(|language| !was.contains_key(*language))) {
                if was.get(language) != now.get(language) {
                    words.push(format!("{} ({language}) was {}", named(name), shown(was.get(language))));
                    words.push(format!("{} ({language}) is  {}", named(name), shown(now.get(language))));
                }
            }
        } else {
            words.push(format!("{}: {} instead of {}", named(name), shown(Some(value)), shown(was)));
        }
    }
    if !words.is_empty() {
        changes.push(Change { fate: Fate::Changed, part, words });
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn parties(changes: &mut Vec<Change>, before: &Value, next: &Value) {
    let (old, new) = (list(before, "parties"), list(next, "parties"));
    for (from, other, fate) in [(new, old, Fate::New), (old, new, Fate::Gone)] {
        for code in from.iter().filter(|code| !other.contains(code)) {
            changes.push(Change { fate, part: format!("party {}", shown(Some(code))), words: Vec::new() });
        }
    }
}

/// Lists whose items have a name.
fn keyed(changes: &mut Vec<Change>, before: &Value, next: &Value, (name, key, word): (&str, &str, &str)) {
    let (old, new) = (list(before, name), list(next, name));
    let find = |items: &[Value], wanted: Option<&Value>| items.iter().find(|item| item.get(key) == wanted).cloned();
    for item in new.iter().filter_map(Value::as_object) {
        let part = format!("{word} {}", shown(item.get(key)));
        if let Some(Value::Object(was)) = find(old, item.get(key)) {
            table(changes, part, &was, item);
        } else {
            let mut item = item.clone();
            item.remove(key);
            changes.push(Change { fate: Fate::New, part, words: fields(&item) });
        }
    }
    for item in old.iter().filter(|item| find(new, item.get(key)).is_none()) {
        let part = format!("{word} {}", shown(item.get(key)));
        changes.push(Change { fate: Fate::Gone, part, words: Vec::new() });
    }
}

/// Lists whose items have none: each is what it says.
fn rules(changes: &mut Vec<Change>, before: &Value, next: &Value, name: &str, words: fn(&Value) -> String) {
    let (old, new) = (list(before, name), list(next, name));
    let part = if name == "duties" { "duty" } else { "prohibition" };
    for (from, other, fate) in [(new, old, Fate::New), (old, new, Fate::Gone)] {
        for rule in from.iter().filter(|rule| !other.contains(rule)) {
            changes.push(Change { fate, part: part.to_owned(), words: vec![words(rule)] });
        }
    }
}

fn or_all(value: &Value, name: &str, all: &str) -> String {
    match list(value, name) {
        [] => all.to_owned(),
        some => shown(Some(&Value::Array(some.to_vec()))),
    }
}

/// A prohibition in words.
pub(crate) fn prohibition(rule: &Value) -> String {
    let verb = match rule.get("act").and_then(Value::as_str) {
        Some("publish") => "publishes",
        Some("read") => "reads",
        Some(_) | None => "passes on",
    };
    let label =
        rule.get("tlp_above").and_then(Value::as_str).map(|label| format!(" above TLP:{}", label.to_uppercase()));
    let who = match list(rule, "members") {
        [] => format!("nobody {verb}"),
        some => format!("none of {} {verb}", shown(Some(&Value::Array(some.to_vec())))),
    };
    format!(
        "{who} {}{} in {} (clause {})",
        or_all(rule, "kinds", "anything"),
        label.unwrap_or_default(),
        or_all(rule, "types", "any channel type"),
        shown(rule.get("clause"))
    )
}

/// A duty in words.
pub(crate) fn duty(rule: &Value) -> String {
    let minutes = rule.get("within_minutes").and_then(Value::as_u64).unwrap_or_default();
    let within = match minutes {
        days if days % 1_440 == 0 => format!("{} days", days / 1_440),
        hours if hours % 60 == 0 => format!("{} hours", hours / 60),
        minutes => format!("{minutes} minutes"),
    };
    format!(
        "{}: {} {} in {} within {within} (clause {})",
        or_all(rule, "members", "everybody"),
        shown(rule.get("duty")),
        or_all(rule, "kinds", "everything"),
        or_all(rule, "types", "every channel type"),
        shown(rule.get("clause"))
    )
}
