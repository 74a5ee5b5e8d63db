//! House rules as people write them, to begin from: a first draft with comments, and a rule that counts written out again as TOML, so that it can be amended
//! by whoever has not kept the file. What is usual is left out, as a person would.
//!
//! Must write nothing that [`super::house`] would read otherwise: a test reads it back. Read next: `house.rs`.

use std::fmt::Write as _;

use gotong_model::agreement::Onward;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use gotong_model::house::HouseRule;
use gotong_model::{MemberCode, Timestamp};
use serde_json::{Map, Value, json};

use super::charter::REHEARSAL;

/// The draft; `MEMBER`, `FROM` and `AGREEMENTS` are filled in.
const DRAFT: &str = r#"# House rule: what your country decides for channels of its own and for the organisations that it serves. Nobody else signs it or sees it.
# What is marked * may be left out. Every rule names the clause that it carries out.

member = "MEMBER"                # whose rule it is; its root key signs it
title = "House rule of the national CERT"     # or { en = "…", th = "…" }, as every text
purpose = "To warn the organisations that we serve, and to hear from them"
legal_basis = "Write here the law or decree that you act under"
parties_clause = "1"
dates_clause = "1"
from = FROM
# until = 2030-01-01             # * until further notice

[[clauses]]
number = "1"
title = "Whose rule"
text = "This is the rule of the national CERT for its own channels and for the organisations that it serves. It holds from the day named above."

[[clauses]]
number = "2"
title = "The national channel"
text = "The staff of the national CERT keep here what stays in the country."

[[clauses]]
number = "3"
title = "Reports"
text = "Each bank and each internet provider has a channel of its own. It and the staff of the national CERT alone read and write there."

[[clauses]]
number = "4"
title = "Banks"
text = "Banks are told of threats up to TLP:AMBER, as far as agreements let them go on."

[[clauses]]
number = "5"
title = "Internet providers"
text = "Internet providers are told of threats up to TLP:GREEN, as far as agreements let them go on."

[[clauses]]
number = "6"
title = "Ministries"
text = "Ministries are told of threats up to TLP:AMBER, as far as agreements let them go on, and read the national channel up to TLP:GREEN."

# Channels of your own. A type that a class below has as its own is one channel for each organisation; every other type is one channel.
[[channel_types]]
type = "national"                # the channel is called house/national
clause = "2"
kinds = ["stix"]
ceiling = "amber+strict"         # clear, green, amber, amber+strict, red
purpose = "What stays in the country"

[[channel_types]]
type = "reports"                 # the channels are called house/reports/ORGANISATION
clause = "3"
kinds = ["stix"]
ceiling = "amber"
purpose = "What an organisation reports to us, and what we answer to it alone"
# retention_days = 365           # * no limit

# Classes of organisations. Which organisations there are is no part of this file: gotong organisation add.
[[classes]]
class = "bank"
name = "Banks"
clause = "4"
own = "reports"                  # * without it the class has no channel of its own
[[classes.reads]]                # * what is given of agreements, where the agreement itself lets it go on
AGREEMENTS# types = ["indicators"]         # * all of them
ceiling = "amber"                # nothing stricter is given

[[classes]]
class = "isp"
name = "Internet providers"
clause = "5"
own = "reports"
[[classes.reads]]
ceiling = "green"

[[classes]]
class = "ministry"
name = "Ministries"
clause = "6"
[[classes.reads]]
ceiling = "amber"
[[classes.reads_house]]          # * what is given of channels of this file that are nobody's own
types = ["national"]
ceiling = "green"

# [[prohibitions]]               # * what no class may have, whatever is said above
# clause = "4"
# act = "read"
# kinds = ["stix.email-addr"]
"#;

/// A first draft of a member's house rule, with comments.
pub(crate) fn first_house(known: Option<&Governance>, member: &str, now: Timestamp) -> String {
    let today = now.to_string();
    let draft = DRAFT.replace("MEMBER", member).replace("FROM", today.get(..10).unwrap_or(&today));
    draft.replace("AGREEMENTS", &agreements(known))
}

/// Which agreements could be named, as a comment.
fn agreements(known: Option<&Governance>) -> String {
    let mut out = String::from("# agreement = \"rti\"            # * every agreement that lets anything go on\n");
    let all = known.into_iter().flat_map(|known| known.agreements.values());
    for terms in all.map(|agreement| &agreement.terms) {
        let types = terms.channel_types.iter().filter(|kind| kind.onward != Onward::None);
        let types: Vec<String> = types.map(|kind| format!("{} up to {}", kind.name, kind.ceiling)).collect();
        if !types.is_empty() {
            let _ = writeln!(out, "#   here {} lets go on: {}", terms.handle, types.join(", "));
        }
    }
    out
}

/// What the next version is begun from: the newest that counts, from today on; where none counts, a first draft.
pub(crate) fn begin(known: &Governance, member: &MemberCode, now: Timestamp) -> String {
    let newest = known.house(member).and_then(|house| house.agreement.versions.last());
    let read = newest.and_then(|version| {
        let opened = document::open(&version.note, Some(&known.region), Purpose::House).ok()?;
        HouseRule::from_value(opened.value).ok()
    });
    read.map_or_else(|| first_house(Some(known), member.as_str(), now), |rule| next_house(&rule, now))
}

/// A rule written out for its next version.
fn next_house(rule: &HouseRule, now: Timestamp) -> String {
    let mut value = rule.to_value();
    if let Some(title) = value.pointer_mut("/title").and_then(Value::as_object_mut) {
        // A rehearsal is marked again when it is drafted.
        for text in title.values_mut() {
            let plain = text.as_str().and_then(|text| text.strip_prefix(REHEARSAL)).map(str::trim_start);
            if let Some(plain) = plain.map(str::to_owned) {
                *text = json!(plain);
            }
        }
    }
    let today = now.to_string();
    let today = today.get(..10).and_then(|day| Timestamp::parse(&format!("{day}T00:00:00Z"))).unwrap_or(now);
    let from = rule.terms.from.max(today);
    let mut out = format!(
        "# The house rule, from its number {}: change what is to change. What is usual is left out.\n\n",
        rule.terms.number
    );
    let _ = writeln!(out, "member = {}", one(&json!(rule.member().map(MemberCode::as_str))));
    let plain = ["title", "purpose", "legal_basis", "parties_clause", "dates_clause"];
    for name in plain {
        field(&mut out, name, value.get(name));
    }
    let _ = writeln!(out, "from = {from}");
    if let Some(until) = rule.terms.until {
        let _ = writeln!(out, "until = {until}");
    }
    let clause = value.get("parties_clause").cloned().unwrap_or_default();
    for (name, usual) in [("amendment_clause", &clause), ("suspension_clause", &clause), ("grace_hours", &Value::Null)]
    {
        field(&mut out, name, value.get(name).filter(|value| *value != usual));
    }
    field(&mut out, "supersedes", value.get("supersedes"));
    if value.get("termination") != Some(&json!({"clause": clause, "notice_days": 30})) {
        let _ = writeln!(out, "termination = {}", one(value.get("termination").unwrap_or(&Value::Null)));
    }
    for item in items(&value, "clauses") {
        table(&mut out, "clauses", item, &["number", "title", "text"], &Map::new());
    }
    let member = json!(rule.terms.parties.iter().map(MemberCode::as_str).collect::<Vec<_>>());
    for item in items(&value, "channel_types") {
        table(
            &mut out,
            "channel_types",
            item,
            &["type", "clause", "kinds", "ceiling", "purpose"],
            &usual_type(item, &member),
        );
    }
    for item in items(&value, "classes") {
        class(&mut out, item);
    }
    let rule = Map::from_iter([("tlp_above".to_owned(), Value::Null)]);
    for list in ["prohibitions", "duties"] {
        for item in items(&value, list) {
            table(&mut out, list, item, &["clause"], &rule);
        }
    }
    out
}

/// What a channel type says where nobody wrote it.
fn usual_type(item: &Value, member: &Value) -> Map<String, Value> {
    let clause = item.get("clause").cloned().unwrap_or_default();
    let own = json!({"audience": member, "writers": member, "onward": "none", "personal_data": "none", "backlog": "all",
        "exit": "keep", "retention_days": null, "exercise": false, "kinds_clause": clause, "ceiling_clause": clause,
        "onward_clause": clause, "personal_data_clause": clause, "exit_clause": clause, "retention_clause": clause});
    own.as_object().cloned().unwrap_or_default()
}

fn class(out: &mut String, item: &Value) {
    let mut item = item.clone();
    let lists = ["reads", "reads_house"].map(|list| {
        let taken = item.as_object_mut().and_then(|item| item.remove(list));
        (list, taken.unwrap_or_default())
    });
    table(out, "classes", &item, &["class", "name", "clause"], &Map::from_iter([("own".to_owned(), Value::Null)]));
    let usual = json!({"clause": item.get("clause"), "agreement": null});
    let usual = usual.as_object().cloned().unwrap_or_default();
    for (list, rules) in lists {
        for rule in rules.as_array().into_iter().flatten() {
            table(out, &format!("classes.{list}"), rule, &["agreement", "types"], &usual);
        }
    }
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// A table of a list: the fields that people look for first, then the others that are not as usual.
fn table(out: &mut String, list: &str, item: &Value, first: &[&str], usual: &Map<String, Value>) {
    let Some(item) = item.as_object() else { return };
    let head = if list.contains('.') { "" } else { "\n" };
    let _ = writeln!(out, "{head}[[{list}]]");
    for name in first {
        field(out, name, item.get(*name).filter(|value| usual.get(*name) != Some(value)));
    }
    for (name, value) in item.iter().filter(|(name, _)| !first.contains(&name.as_str())) {
        field(out, name, Some(value).filter(|value| usual.get(name) != Some(value)));
    }
}

/// A field, where it says anything.
fn field(out: &mut String, name: &str, value: Option<&Value>) {
    let said = value.filter(|value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
    if let Some(value) = said {
        let _ = writeln!(out, "{name} = {}", one(value));
    }
}

/// A value in TOML. Texts in English alone stand without their language.
fn one(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            if let Some(text) = fields.get("en").filter(|_| fields.len() == 1) {
                return one(text);
            }
            let fields = fields.iter().map(|(name, value)| format!("{} = {}", quoted(name), one(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(all) => format!("[{}]", all.iter().map(one).collect::<Vec<_>>().join(", ")),
        Value::String(text) => quoted(text),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other.to_string(),
    }
}

/// A basic string of TOML, as JSON writes it. The one sign that only TOML escapes, U+007F, stands in no note.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

#[cfg(test)]
mod tests {
    use gotong_crypto::{SeededEntropy, SigningKey};
    use gotong_model::house::Organisations;

    use super::super::tests::region;
    use super::super::{check_house, house_from_toml, signed_house};
    use super::*;

    fn known() -> (Governance, SigningKey) {
        let (founded, [root, _]) = region();
        let vn = MemberCode::from_text("vn").unwrap();
        (founded.with_organisations(Organisations::new(vn)), root)
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// Counts what is written, and gives it back as the next version would be begun.
    fn through(source: &str) -> (Value, Value, String) {
        let (mut known, root) = known();
        let vn = MemberCode::from_text("vn").unwrap();
        let first = house_from_toml(source, &known, &SeededEntropy::new(1)).unwrap();
        known.add(signed_house(&first, &known, &root).unwrap().as_bytes()).unwrap();
        let text = begin(&known, &vn, at("2026-11-22T10:00:00Z"));
        let next =
            house_from_toml(&text, &known, &SeededEntropy::new(2)).unwrap_or_else(|fault| panic!("{fault:#}\n{text}"));
        assert_eq!(next.terms.number, 2);
        (first.to_value(), next.to_value(), text)
    }

    #[test]
    fn a_rule_written_out_again_says_the_same_but_for_its_place_and_day() {
        let (known, _) = known();
        let vn = MemberCode::from_text("vn").unwrap();
        let plain = begin(&known, &vn, at("2026-11-22T10:00:00Z"));
        assert!(plain.contains("from = 2026-11-22\n") && plain.contains("# Classes of organisations."), "{plain}");
        assert!(
            check_house(&plain, Some(&known), at("2026-11-22T10:00:00Z"))
                .iter()
                .all(|found| found.what.contains("no agreement"))
        );
        let odd = plain
            .replace(
                "title = \"Banks\"",
                "title = { en = \"Banks \\\"quoted\\\" \\\\ \\n# no comment\", th = \"ธนาคาร\" }",
            )
            .replace(
                "parties_clause = \"1\"",
                "parties_clause = \"1\"\namendment_clause = \"2\"\ngrace_hours = 5\ntermination = { notice_days = 7 }",
            )
            .replace("# retention_days = 365 ", "retention_days = 365\nretention_clause = \"1\"\nonward = \"public\" ")
            .replace(
                "[[classes.reads]]\nceiling = \"green\"",
                "[[classes.reads]]\nceiling = \"green\"\nclause = \"1\"\ntypes = [\"b\", \"a\"]\nagreement = \"rti\"",
            )
            + "\n[[prohibitions]]\nclause = \"4\"\nact = \"read\"\nkinds = [\"stix.email-addr\"]\n[[prohibitions]]\nclause = \"5\"\nact = \"read\"\ntlp_above = \"green\"\n[[duties]]\nclause = \"3\"\nduty = \"answer\"\nwithin_minutes = 60\n";
        for source in [&plain, &odd] {
            let (mut first, mut next, text) = through(source);
            for value in [&mut first, &mut next] {
                let fields = value.as_object_mut().unwrap();
                for name in ["number", "previous"] {
                    fields.remove(name);
                }
            }
            assert_eq!(first, next, "{text}");
        }
    }

    #[test]
    fn the_next_version_begins_today_and_never_before_the_one_before_it() {
        let (known, _) = known();
        let vn = MemberCode::from_text("vn").unwrap();
        let plain = begin(&known, &vn, at("2026-11-22T10:00:00Z"));
        let (_, next, _) = through(&plain.replace("from = 2026-11-22", "from = 2020-01-01"));
        assert_eq!(next["from"], "2026-11-22T00:00:00.000000Z");
        let (_, next, _) = through(&plain.replace("from = 2026-11-22", "from = 2026-11-22T09:00:00Z"));
        assert_eq!(next["from"], "2026-11-22T09:00:00.000000Z");
    }
}
