//! `gotong house new` and `check`: a draft to begin from, and everything that is wrong or doubtful in what became of it, with its place.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use gotong_model::{Clock, MemberCode};
use serde_json::{Value, json};

use super::super::Ending;
use super::super::documents::{codes, put, read, read_text, texts};
use super::super::known::Known;
use super::is_toml;
use crate::clock::SystemClock;
use crate::fault::{failure, usage};
use crate::founding::{self, Finding, Severity};
use crate::home::Home;
use crate::output::{print, print_json, visible, visible_lines};

/// Write a draft of a house rule, with comments, to begin from.
///
/// It has a channel for the staff, a channel of its own for each bank and each internet provider, and three classes of organisations with what each reads.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Next: change it to what your country decided, then gotong house check FILE.\n\nExample:\n  gotong house new --member vn -o house.toml\n  gotong house new --data ./vn -o house.toml"
)]
pub(super) struct New {
    /// The member whose rule it is; of a node, its own.
    #[arg(long, value_name = "CODE")]
    member: Option<String>,
    #[command(flatten)]
    known: Known,
    /// Where the draft goes; standard output if not named.
    #[arg(long, short = 'o', value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Check a house rule: what is wrong or doubtful in it, and whether it is signed.
///
/// Of a TOML file every finding is told with line and column, and what to do about it: errors stand in the way, warnings are most likely not what was meant.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "With --data it is also seen which agreements there are, and whether the file may follow the house rule that counts.\nExit status of a TOML file: 0 without errors, else 1. Of a note: 0 only where it is signed.\n\nExample:\n  gotong house check house.toml --data ./vn"
)]
pub(super) struct Check {
    /// The house rule, in TOML or as a note.
    file: PathBuf,
    #[command(flatten)]
    known: Known,
}

pub(super) fn new(new: &New, json: bool) -> Result<Ending> {
    let member = match (&new.member, &new.known.data) {
        (Some(code), _) => code.clone(),
        (None, Some(data)) => Home::open(data)?.config()?.node.member.clone(),
        (None, None) => {
            let hint = "name it with --member CODE, or its node with --data DIR";
            return Err(usage("whose house rule it is was not said", hint));
        }
    };
    if MemberCode::from_text(&member).is_none() {
        let hint = "a code has 2 to 16 small letters, digits and hyphens, as the charter has it";
        return Err(usage(format!("{member:?} is no member's code"), hint));
    }
    if let Some(out) = new.out.as_deref().filter(|out| out.exists()) {
        let hint = "name another file with -o, or move the old one away";
        return Err(failure(format!("{} is there already", out.display()), hint));
    }
    let known = new.known.is_named().then(|| new.known.governance()).transpose()?;
    put(new.out.as_deref(), &founding::first_house(known.as_ref(), &member, SystemClock.now()))?;
    let Some(out) = &new.out else { return Ok(Ending::Done) };
    if json {
        print_json(&json!({"file": out, "member": member}))?;
    } else {
        let known = if new.known.is_named() { new.known.arguments() } else { "--data DIR".to_owned() };
        let file = out.display();
        print(&format!(
            "Wrote {file}: a draft of the house rule of {member}\n\nNext: read it, change it to what your country decided, then\n  gotong house check {file} {known}\n"
        ))?;
    }
    Ok(Ending::Done)
}

pub(super) fn check(check: &Check, json: bool) -> Result<Ending> {
    if is_toml(&check.file) { toml(check, json) } else { note(check, json) }
}

fn toml(check: &Check, json: bool) -> Result<Ending> {
    let source = read_text(&check.file)?;
    let known = check.known.is_named().then(|| check.known.governance()).transpose()?;
    let findings = founding::check_house(&source, known.as_ref(), SystemClock.now());
    let count = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if json {
        let findings: Vec<Value> = findings.iter().map(Finding::to_value).collect();
        print_json(&json!({"file": check.file, "holds": errors == 0, "findings": findings,
            "agreements_known": known.is_some(), "signed": []}))?;
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
    print(&next(check, errors == 0))?;
    Ok(Ending::of(errors == 0))
}

fn next(check: &Check, holds: bool) -> String {
    let mut out = String::new();
    let is_known = check.known.is_named();
    if !is_known {
        out.push_str(
            "Whether its member and the agreements exist was not looked at: name the node with --data DIR, or the charter with --charter FILE.\n",
        );
    }
    if holds {
        let file = check.file.display();
        let known = if is_known { check.known.arguments() } else { "--data DIR".to_owned() };
        let _ = writeln!(
            out,
            "\nNext: read what it comes to, then sign it where the root key is\n  gotong house show {file} {known}\n  gotong house sign {file} --root KEY --charter charter.note"
        );
    }
    out
}

fn note(check: &Check, json: bool) -> Result<Ending> {
    let known = check.known.governance()?;
    let (paper, rule) = founding::open_house(&read(&check.file)?, &known)?;
    let (signed, missing) = paper.signatures()?;
    if json {
        print_json(&json!({"holds": true, "signed": texts(&signed), "missing": texts(&missing)}))?;
    } else {
        let (signed, missing) = (codes(&signed), codes(&missing));
        let told =
            format!("house rule number {} holds\n  signed   {signed}\n  missing  {missing}\n", rule.terms.number);
        print(&visible_lines(&told))?;
    }
    Ok(Ending::of(missing.is_empty()))
}
