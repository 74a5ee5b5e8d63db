//! Two versions of an agreement side by side: clause by clause in each language in which the words differ, then every other field. What is the same is left out.
//!
//! It compares the documents' own values, so that no field can be forgotten here. Read next: `agreements/version.rs`.

use std::collections::BTreeSet;

use gotong_language::Words;
use gotong_model::agreement::{Clause, Terms};
use gotong_model::house::HouseRule;
use serde_json::{Map, Value};

/// Lists whose items have a name, with the field that holds it.
const NAMED: [(&str, &str); 2] = [("channel_types", "type"), ("classes", "class")];
/// What differs by its nature, or is compared clause by clause.
const APART: [&str; 6] = ["clauses", "number", "previous", "gotong", "version", "nonce"];

/// One difference.
pub(in crate::console) struct Difference {
    /// The part, in the language of the page.
    pub(in crate::console) part: String,
    /// The clause number or name of a channel type or class.
    pub(in crate::console) name: String,
    /// The language of the words, where it is words.
    pub(in crate::console) lang: Option<String>,
    pub(in crate::console) before: Option<String>,
    pub(in crate::console) after: Option<String>,
}

/// Everything in which two versions differ.
pub(super) fn compare(words: Words, before: &Terms, after: &Terms) -> Vec<Difference> {
    values(words, clauses(words, before, after), (&before.to_value(), &after.to_value()))
}

/// The same of two versions of a house rule.
pub(in crate::console) fn compare_houses(words: Words, before: &HouseRule, after: &HouseRule) -> Vec<Difference> {
    values(words, clauses(words, &before.terms, &after.terms), (&before.to_value(), &after.to_value()))
}

fn values(words: Words, mut found: Vec<Difference>, (before, after): (&Value, &Value)) -> Vec<Difference> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return found };
    let fields: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for field in fields.into_iter().filter(|field| !APART.contains(&field.as_str())) {
        let (old, new) = (before.get(field), after.get(field));
        if old == new {
            continue;
        }
        let part = words.t(&format!("agreements-field-{}", field.replace('_', "-")));
        match NAMED.iter().find(|(name, _)| name == field) {
            Some((_, key)) => named(&mut found, &part, key, (old, new)),
            None => whole(&mut found, part, (old, new)),
        }
    }
    found
}

fn clauses(words: Words, before: &Terms, after: &Terms) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut numbers: Vec<&str> = after.clauses.iter().map(|clause| clause.number.as_str()).collect();
    let gone =
        before.clauses.iter().map(|clause| clause.number.as_str()).filter(|number| after.clause(number).is_none());
    numbers.extend(gone);
    for number in numbers {
        let (old, new) = (before.clause(number), after.clause(number));
        let both = [old, new].into_iter().flatten();
        let languages: BTreeSet<&String> =
            both.flat_map(|clause| clause.title.keys().chain(clause.text.keys())).collect();
        for language in languages {
            let said = |clause: Option<&Clause>| {
                let clause = clause?;
                let (title, text) = (clause.title.get(language), clause.text.get(language));
                (title.is_some() || text.is_some())
                    .then(|| [title, text].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n"))
            };
            let (was, is) = (said(old), said(new));
            if was != is {
                found.push(Difference {
                    part: words.t("agreements-field-clause"),
                    name: number.to_owned(),
                    lang: Some(language.clone()),
                    before: was,
                    after: is,
                });
            }
        }
    }
    found
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Items that have a name: those that differ, with the fields in which they do.
fn named(found: &mut Vec<Difference>, part: &str, key: &str, (old, new): (Option<&Value>, Option<&Value>)) {
    let name = |item: &Value| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let names: BTreeSet<String> = list(old).iter().chain(list(new)).map(name).collect();
    for wanted in names {
        let item = |items: Option<&Value>| {
            let found = list(items).iter().find(|item| name(item) == wanted).and_then(Value::as_object);
            found.cloned().unwrap_or_default()
        };
        let (was, is) = (item(old), item(new));
        let differing = |one: &Map<String, Value>, other: &Map<String, Value>| {
            let fields = one.iter().filter(|(field, value)| other.get(*field) != Some(value));
            let lines: Vec<String> = fields.map(|(field, value)| line(field, value)).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        };
        let (before, after) = (differing(&was, &is), differing(&is, &was));
        if before.is_some() || after.is_some() {
            found.push(Difference { part: part.to_owned(), name: wanted, lang: None, before, after });
        }
    }
}

/// A field that is compared as one; of lists only the items that the other does not have.
fn whole(found: &mut Vec<Difference>, part: String, (old, new): (Option<&Value>, Option<&Value>)) {
    let said = |one: Option<&Value>, other: Option<&Value>| match one {
        None | Some(Value::Null) => None,
        Some(Value::Array(items)) => {
            let own: Vec<String> = items.iter().filter(|item| !list(other).contains(item)).map(shown).collect();
            (!own.is_empty()).then(|| own.join("\n"))
        }
        Some(value) => Some(shown(value)),
    };
    let (before, after) = (said(old, new), said(new, old));
    found.push(Difference { part, name: String::new(), lang: None, before, after });
}

fn line(field: &str, value: &Value) -> String {
    format!("{}: {}", field.replace('_', " "), shown(value))
}

/// A value as people read it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "–".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields.iter().map(|(field, value)| line(field, value)).collect::<Vec<_>>().join("; "),
        other @ (Value::Bool(_) | Value::Number(_)) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gotong_language::Language;
    use gotong_model::agreement::ChannelType;
    use gotong_model::{MemberCode, Slug, Timestamp, Tlp};

    fn terms() -> Terms {
        let text = |text: &str| std::collections::BTreeMap::from([("en".to_owned(), text.to_owned())]);
        let parties: Vec<MemberCode> = ["th", "vn"].iter().map(|code| MemberCode::from_text(code).unwrap()).collect();
        let clause = Clause { number: "1".to_owned(), title: text("All"), text: text("They share.") };
        let slug = |text: &str| Slug::from_text(text).unwrap();
        let kind = ChannelType::usual(slug("indicators"), "1", parties.clone(), "cooperation");
        let from = Timestamp::from_micros(0).unwrap();
        Terms { channel_types: vec![kind], ..Terms::usual(slug("two"), parties, from, vec![clause]) }
    }

    #[test]
    fn versions_that_say_the_same_differ_in_nothing_and_each_change_is_told_once() {
        let words = Words::of(Language::English);
        let (old, mut new) = (terms(), terms());
        new.number = 2;
        assert!(compare(words, &old, &new).is_empty(), "number, nonce and hash of the version before are no news");
        new.clauses[0].text.insert("vi".to_owned(), "Chia sẻ.".to_owned());
        new.channel_types[0].ceiling = Tlp::Red;
        new.notice_days += 1;
        new.parties.push(MemberCode::from_text("xx").unwrap());
        let found = compare(words, &old, &new);
        let told: Vec<(&str, Option<&str>, Option<&str>)> =
            found.iter().map(|one| (one.name.as_str(), one.before.as_deref(), one.after.as_deref())).collect();
        assert!(told.contains(&("1", None, Some("Chia sẻ."))), "{told:?}");
        assert!(told.iter().any(|(name, was, is)| *name == "indicators"
            && was.is_some_and(|was| was.contains("ceiling:"))
            && is.is_some_and(|is| is == "ceiling: red")));
        assert!(told.contains(&("", None, Some("xx"))), "{told:?}");
        assert_eq!(found.len(), 4, "{told:?}");
        assert!(found.iter().all(|one| !one.part.starts_with("agreements-")), "each field has a name");
    }
}
