//! `gotong agreement check`: of TOML everything that is wrong or doubtful, with its place; of a note whether it holds and counts.

use std::path::PathBuf;

use anyhow::Result;
use gotong_model::Clock;
use serde_json::{Value, json};

use super::super::Ending;
use super::super::documents::{codes, read_text, texts};
use super::super::known::Known;
use super::draft::version_of;
use crate::clock::SystemClock;
use crate::founding::{self, Before, Finding, Severity};
use crate::output::{print, print_json, visible, visible_lines};

/// Check an agreement: what is wrong or doubtful in it, who has signed, whether it is in force.
///
/// Of a TOML file every finding is told with line and column, and what to do about it: errors stand in the way, warnings are most likely not what was meant.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status of a TOML file: 0 without errors, else 1. Of a note: 0 only where it is signed by all and in force now.\n\nExample:\n  gotong agreement check agreement.toml --charter charter.note\n  gotong agreement check new.toml --amends agreement.note --data ./vn\n  gotong agreement check agreement.note --charter charter.note"
)]
pub(super) struct Check {
    /// The agreement, as a note or in TOML.
    file: PathBuf,
    #[command(flatten)]
    known: Known,
    /// The version that the TOML file amends.
    #[arg(long, value_name = "FILE")]
    amends: Option<PathBuf>,
}

pub(super) fn run(check: &Check, json: bool) -> Result<Ending> {
    if check.file.extension().is_some_and(|extension| extension == "toml") {
        toml(check, json)
    } else {
        note(check, json)
    }
}

fn toml(check: &Check, json: bool) -> Result<Ending> {
    let source = read_text(&check.file)?;
    let mut governance = check.known.is_named().then(|| check.known.governance()).transpose()?;
    let before = match (&check.amends, &mut governance) {
        (Some(file), Some(governance)) => Some(version_of(governance, file)?),
        (Some(_), None) => return check.known.governance().map(|_| Ending::Wanting),
        (None, _) => None,
    };
    let before = before.as_ref().map(|(_, terms, hash)| Before { terms, hash: *hash });
    let findings = founding::check(&source, governance.as_ref(), before.as_ref(), SystemClock.now());
    let count = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if json {
        let findings: Vec<Value> = findings.iter().map(Finding::to_value).collect();
        print_json(
            &json!({"file": check.file, "holds": errors == 0, "findings": findings, "members_known": governance.is_some(),
            "signed": [], "in_force": false}),
        )?;
        return Ok(Ending::of(errors == 0));
    }
    let file = check.file.display();
    for finding in &findings {
        let (place, severity) = (finding.place, finding.severity.as_str());
        let (what, next) = (visible(&finding.what), visible(&finding.next));
        print(&format!("{file}:{}:{}: {severity}: {what}\n    {next}\n", place.line, place.column))?;
    }
    let verdict = if errors == 0 { "holds; nobody has signed it yet" } else { "does not hold" };
    print(&format!("{file} {verdict}: {errors} errors, {warnings} warnings\n"))?;
    if governance.is_none() {
        print(
            "Whether its members exist was not looked at: name the charter with --charter FILE, or a node with --data DIR.\n",
        )?;
    }
    Ok(Ending::of(errors == 0))
}

fn note(check: &Check, json: bool) -> Result<Ending> {
    let mut governance = check.known.governance()?;
    let (paper, terms) = super::open(&governance, &check.file)?;
    let (signed, missing) = paper.signatures()?;
    governance.add(paper.encode().as_bytes())?;
    let hash = terms.hash(&governance.region);
    let found = governance.agreements.values().find(|agreement| agreement.version(&hash).is_some());
    let standing = found.map(|agreement| governance.standing(agreement, SystemClock.now()));
    let in_force =
        standing.is_some_and(|now| now.is_in_force() && now.version.is_some_and(|version| version.hash == hash));
    if json {
        print_json(
            &json!({"holds": true, "signed": texts(&signed), "missing": texts(&missing), "in_force": in_force}),
        )?;
    } else {
        let state = if in_force { "in force" } else { "not in force" };
        let (signed, missing) = (codes(&signed), codes(&missing));
        let told = format!(
            "{} number {} holds and is {state}\n  signed   {signed}\n  missing  {missing}\n",
            terms.handle, terms.number
        );
        print(&visible_lines(&told))?;
    }
    Ok(Ending::of(in_force))
}
