//! `gotong house show`: a house rule in words: which class of organisations reads what under which clause, whose channels there are, and what all of it comes
//! to with the agreements that are known.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use gotong_model::agreement::{Onward, Version};
use gotong_model::document::{self, Purpose};
use gotong_model::governance::{Governance, House};
use gotong_model::house::{Class, HouseRule, Reads};
use gotong_model::{Clock, Slug, Tlp};
use serde_json::{Value, json};

use super::super::Ending;
use super::super::documents::{read, read_text};
use super::super::known::Known;
use super::{is_toml, the_house};
use crate::clock::SystemClock;
use crate::entropy::SystemEntropy;
use crate::founding;
use crate::output::{Table, list_at, print, print_json, visible_lines};

/// Show a house rule in words: the one that counts, or one in a file.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong house show --data ./vn\n  gotong house show house.toml --data ./vn\n  gotong house show house.note --charter charter.note"
)]
pub(super) struct Show {
    /// A house rule in TOML or as a note; without it, the one that counts at the node.
    file: Option<PathBuf>,
    #[command(flatten)]
    known: Known,
}

pub(super) fn run(show: &Show, json: bool) -> Result<Ending> {
    let known = show.known.governance()?;
    let Some(file) = &show.file else {
        let house = the_house(&known)?;
        let now = known.standing(&house.agreement, SystemClock.now()).version;
        let version = now.or_else(|| founding::newest_of(house)).context("a house rule has a version")?;
        let opened = document::open(&version.note, Some(&known.region), Purpose::House)?;
        return tell(&known, &HouseRule::from_value(opened.value)?, state(&known, house, version), Some(house), json);
    };
    let (rule, state) = if is_toml(file) {
        let rule = founding::house_from_toml(&read_text(file)?, &known, &SystemEntropy);
        (
            rule.with_context(|| format!("the house rule in {} does not hold", file.display()))?,
            "nobody has signed it yet",
        )
    } else {
        let (paper, rule) = founding::open_house(&read(file)?, &known)?;
        (rule, if paper.signatures()?.1.is_empty() { "signed" } else { "nobody has signed it yet" })
    };
    tell(&known, &rule, state, None, json)
}

fn state(known: &Governance, house: &House, version: &Version) -> &'static str {
    let now = SystemClock.now();
    match known.standing(&house.agreement, now).version {
        Some(_) => "in force",
        None if now < version.terms.from => "not yet in force",
        None => "over: nothing is given to any organisation",
    }
}

fn tell(known: &Governance, rule: &HouseRule, state: &str, house: Option<&House>, json: bool) -> Result<Ending> {
    let terms = &rule.terms;
    let versions: Vec<Value> = house
        .iter()
        .flat_map(|house| &house.agreement.versions)
        .map(|version| {
            let until = version.terms.until.map(|until| until.to_string());
            json!({"number": version.terms.number, "hash": version.hash.to_text(),
            "from": version.terms.from.to_string(), "until": until})
        })
        .collect();
    if json {
        let classes: Vec<Value> = rule.classes.iter().map(|class| of_class(known, rule, class)).collect();
        print_json(
            &json!({"id": house.map(|house| house.agreement.id.to_string()), "state": state, "number": terms.number,
            "member": rule.member().map(ToString::to_string), "from": terms.from.to_string(),
            "until": terms.until.map(|until| until.to_string()), "classes": classes, "versions": versions,
            "house": rule.to_value()}),
        )?;
        return Ok(Ending::Done);
    }
    let member = rule.member().map(ToString::to_string).unwrap_or_default();
    let until = terms.until.map_or_else(|| "further notice".to_owned(), |until| until.to_string());
    let mut out = format!(
        "{}\n  of       {member}, number {}: {state}\n  dates    from {} until {until} (clause {})\n",
        english(&terms.title),
        terms.number,
        terms.from,
        terms.dates_clause
    );
    if let Some(house) = house {
        let _ = writeln!(out, "  id       {}", house.agreement.id);
    }
    for later in house.iter().flat_map(|house| &house.agreement.versions).filter(|one| one.terms.number > terms.number)
    {
        let _ = writeln!(out, "  then     number {} from {}", later.terms.number, later.terms.from);
    }
    out.push('\n');
    print(&visible_lines(&out))?;
    print(&channels(rule))?;
    print(&visible_lines(&format!("\n{}{}", classes(known, rule), rest(rule))))?;
    Ok(Ending::Done)
}

fn english(texts: &gotong_model::charter::Texts) -> &str {
    texts.get("en").map_or("", String::as_str)
}

fn label(tlp: Tlp) -> String {
    format!("TLP:{}", tlp.as_str().to_uppercase())
}

fn names(types: &[Slug]) -> String {
    if types.is_empty() {
        "every channel type".to_owned()
    } else {
        types.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")
    }
}

fn channels(rule: &HouseRule) -> String {
    let mut table = Table::new(["channel", "ceiling", "kinds", "who reads and writes", "clause"]);
    for kind in &rule.terms.channel_types {
        let is_own = rule.is_own(&kind.name);
        let name = if is_own { "/ORGANISATION" } else { "" };
        let reads = |class: &&Class| class.reads_house.iter().any(|reads| reads.names(&kind.name));
        let readers: Vec<&str> = rule.classes.iter().filter(reads).map(|class| class.class.as_str()).collect();
        let who = match (is_own, readers.is_empty()) {
            (true, _) => "that organisation and the staff".to_owned(),
            (false, true) => "the staff".to_owned(),
            (false, false) => format!("the staff; to read: {}", readers.join(", ")),
        };
        let exercise = if kind.exercise { " (EXERCISE)" } else { "" };
        table.row([
            format!("house/{}{name}{exercise}", kind.name),
            label(kind.ceiling),
            kind.kinds.join(", "),
            who,
            kind.clause.clone(),
        ]);
    }
    table.text("It has no channels of its own.")
}

/// The channels of agreements of which a rule gives anything, as they are known now.
fn given<'a>(known: &'a Governance, reads: &'a Reads) -> impl Iterator<Item = (String, Tlp, &'a str)> {
    let all = known.agreements.values().filter(|agreement| known.standing(agreement, known.as_of).is_in_force());
    let types =
        all.flat_map(|agreement| agreement.terms.channel_types.iter().map(move |kind| (&agreement.terms, kind)));
    types.filter(|(terms, kind)| kind.onward != Onward::None && reads.names(&terms.handle, &kind.name)).map(
        |(terms, kind)| {
            let ceiling = kind.ceiling.min(reads.ceiling);
            (format!("{}/{}", terms.handle, kind.name), ceiling, kind.onward_clause.as_str())
        },
    )
}

fn of_class(known: &Governance, rule: &HouseRule, class: &Class) -> Value {
    let reads = class.reads.iter().map(|reads| {
        let now = given(known, reads).map(|(channel, ceiling, clause)| {
            json!({"channel": channel, "ceiling": ceiling.as_str(), "onward_clause": clause})
        });
        json!({"agreement": reads.agreement.as_ref().map(Slug::as_str), "ceiling": reads.ceiling.as_str(),
            "clause": reads.clause, "types": reads.types.iter().map(Slug::as_str).collect::<Vec<_>>(),
            "now": now.collect::<Vec<_>>()})
    });
    let house = class.reads_house.iter().map(|reads| {
        json!({"ceiling": reads.ceiling.as_str(), "clause": reads.clause, "channels": standing(rule, &reads.types)})
    });
    json!({"class": class.class.as_str(), "name": english(&class.name), "clause": class.clause,
        "own": class.own.as_ref().map(|own| format!("house/{own}/ORGANISATION")), "reads": reads.collect::<Vec<_>>(),
        "reads_house": house.collect::<Vec<_>>()})
}

/// The standing channels that are meant by these types, or by none named.
fn standing(rule: &HouseRule, types: &[Slug]) -> Vec<String> {
    let all = rule.terms.channel_types.iter().filter(|kind| !rule.is_own(&kind.name));
    let meant = all.filter(|kind| types.is_empty() || types.contains(&kind.name));
    meant.map(|kind| format!("house/{}", kind.name)).collect()
}

fn classes(known: &Governance, rule: &HouseRule) -> String {
    let mut out = String::new();
    for class in &rule.classes {
        let _ = writeln!(out, "Class {}: {} (clause {})", class.class, english(&class.name), class.clause);
        if let Some(own) = &class.own {
            let _ = writeln!(out, "  each has a channel of its own: house/{own}/ORGANISATION");
        }
        for reads in &class.reads {
            let of = reads
                .agreement
                .as_ref()
                .map_or("every agreement".to_owned(), |handle| format!("the agreement {handle}"));
            let (types, ceiling) = (names(&reads.types), label(reads.ceiling));
            let _ = writeln!(out, "  reads of {of}: {types}, up to {ceiling} (clause {})", reads.clause);
            let mut is_any = false;
            for (channel, ceiling, clause) in given(known, reads) {
                is_any = true;
                let ceiling = label(ceiling);
                let _ = writeln!(
                    out,
                    "    now {channel} up to {ceiling}; the agreement lets it go on (its clause {clause})"
                );
            }
            if !is_any {
                out.push_str("    now nothing: no agreement in force that is known here lets any of it go on\n");
            }
        }
        for reads in &class.reads_house {
            let (all, ceiling) = (standing(rule, &reads.types).join(", "), label(reads.ceiling));
            let _ = writeln!(out, "  reads of the house: {all} up to {ceiling} (clause {})", reads.clause);
        }
        if class.own.is_none() && class.reads.is_empty() && class.reads_house.is_empty() {
            out.push_str("  is given nothing\n");
        }
    }
    if rule.classes.is_empty() {
        out.push_str("It has no classes of organisations: nobody but the staff reads anything.\n");
    }
    out
}

fn rest(rule: &HouseRule) -> String {
    let value = rule.terms.to_value();
    let mut out = String::new();
    for prohibition in list_at(&value, "/prohibitions") {
        let _ = writeln!(out, "forbidden: {}", founding::prohibition(prohibition));
    }
    out.push('\n');
    for clause in &rule.terms.clauses {
        let _ = writeln!(out, "  {}  {}\n      {}", clause.number, english(&clause.title), english(&clause.text));
    }
    out
}
