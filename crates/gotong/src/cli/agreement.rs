//! `gotong agreement`: what lets records cross a border, as files. One party drafts it, every party signs, every node accepts it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use gotong_model::agreement::Terms;
use gotong_model::charter::Charter;
use gotong_model::document::DocumentFault;
use gotong_model::{AgreementId, Clock, RegionId};
use serde_json::json;

use super::Ending;
use super::charter::{codes, put, read, say_signed, texts};
use crate::clock::SystemClock;
use crate::entropy::SystemEntropy;
use crate::fault::usage;
use crate::founding::{self, Paper};
use crate::home::{self, Home};
use crate::output::{Table, print, print_json};
use crate::wiring;

/// Draft, check, sign and accept an agreement.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong agreement new agreement.toml --charter charter.note --out agreement.note\n  gotong agreement sign agreement.note --charter charter.note --root vn/root/root.key\n  gotong agreement accept agreement.note --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    New(New),
    Check(Check),
    Sign(Sign),
    Show(Show),
    Accept(Accept),
}

/// The charter that an agreement stands on.
#[derive(clap::Args, Debug)]
struct Basis {
    /// The charter.
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// A node's data folder, for its charter.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Draft an agreement from a TOML file.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file:\n  handle = \"rti\"                  # channels are called rti/<type>\n  title = \"Regional threat information\"\n  purpose = \"…\"\n  legal_basis = \"…\"\n  parties = [\"th\", \"vn\"]\n  parties_clause = \"1\"\n  dates_clause = \"2\"\n  from = 2026-11-01\n  until = 2027-11-01              # left out: until further notice\n  [[clauses]]\n  number = \"1\"\n  title = \"Parties\"\n  text = \"…\"\n  [[channel_types]]\n  type = \"indicators\"\n  clause = \"3\"\n  kinds = [\"stix\"]                # or stix.indicator for that type alone\n  ceiling = \"amber\"               # clear, green, amber, amber+strict\n  purpose = \"…\"\n\nExample:\n  gotong agreement new agreement.toml --charter charter.note --out agreement.note"
)]
struct New {
    /// The agreement in TOML.
    source: PathBuf,
    #[command(flatten)]
    basis: Basis,
    /// Where the draft goes; standard output if not named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Check an agreement: whether it holds, who has signed, whether it is in force.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 0 only where it is signed by all parties and in force now.\n\nExample:\n  gotong agreement check agreement.note --charter charter.note"
)]
struct Check {
    /// The agreement, as a note or in TOML.
    file: PathBuf,
    #[command(flatten)]
    basis: Basis,
}

/// Sign an agreement with a party's root key.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong agreement sign agreement.note --charter charter.note --root vn/root/root.key"
)]
struct Sign {
    /// The agreement; the signature is added to it.
    file: PathBuf,
    #[command(flatten)]
    basis: Basis,
    /// The party's root key.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
}

/// Show an agreement: parties, dates, channel types, clauses.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong agreement show agreement.note --charter charter.note")]
struct Show {
    /// The agreement.
    file: PathBuf,
    #[command(flatten)]
    basis: Basis,
}

/// Let an agreement count at a node. The node must not be running.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong agreement accept agreement.note --data ./vn")]
struct Accept {
    /// The agreement, signed by all parties.
    file: PathBuf,
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    match &arguments.what {
        What::New(new) => draft(new, json),
        What::Check(check) => examine(check, json),
        What::Sign(sign) => add_signature(sign, json),
        What::Show(show) => describe(show, json),
        What::Accept(accept) => adopt(accept, json),
    }
}

impl Basis {
    fn charter(&self) -> Result<(Charter, RegionId)> {
        let note = match (&self.charter, &self.data) {
            (Some(file), _) => read(file)?,
            (None, Some(data)) => wiring::charter_note(&Home::open(data)?)?,
            (None, None) => {
                return Err(usage(
                    "no charter was named",
                    "name it with --charter FILE, or a node that has it with --data DIR",
                ));
            }
        };
        Charter::from_note(&note).map_err(|fault| match fault {
            DocumentFault::Unsigned(_) => crate::fault::failure(
                format!("the charter is not complete: {fault}"),
                "have every voter sign it: gotong charter sign",
            ),
            DocumentFault::Note(_)
            | DocumentFault::Field(_)
            | DocumentFault::Elsewhere { .. }
            | DocumentFault::Unfit(_) => fault.into(),
        })
    }

    /// An agreement that may lack signatures.
    fn open(&self, file: &Path) -> Result<(Paper, Terms, RegionId)> {
        let (charter, region) = self.charter()?;
        let (paper, terms) = founding::open_agreement(&read(file)?, &region, &charter)
            .with_context(|| format!("the agreement in {} does not hold", file.display()))?;
        Ok((paper, terms, region))
    }
}

fn draft(new: &New, json: bool) -> Result<Ending> {
    let (charter, region) = new.basis.charter()?;
    let terms = from_toml(&new.source, &charter)?;
    put(new.out.as_deref(), &founding::agreement_draft(&terms, &region))?;
    let Some(out) = &new.out else { return Ok(Ending::Done) };
    let id = AgreementId(terms.hash(&region)).to_string();
    if json {
        print_json(&json!({"file": out, "id": id, "handle": terms.handle.as_str()}))?;
    } else {
        print(&format!("Drafted {}\n  id       {id}\n  to sign  {}\n", out.display(), codes(&terms.parties)))?;
    }
    Ok(Ending::Done)
}

fn from_toml(source: &Path, charter: &Charter) -> Result<Terms> {
    let text = String::from_utf8(read(source)?).with_context(|| format!("{} is no text", source.display()))?;
    founding::agreement_from_toml(&text, charter, &SystemEntropy)
        .with_context(|| format!("the agreement in {} does not hold", source.display()))
}

fn examine(check: &Check, json: bool) -> Result<Ending> {
    if check.file.extension().is_some_and(|extension| extension == "toml") {
        let (charter, _) = check.basis.charter()?;
        let terms = from_toml(&check.file, &charter)?;
        let what = format!("{} holds; nobody has signed it yet\n", terms.handle);
        if json {
            print_json(&json!({"holds": true, "signed": [], "missing": texts(&terms.parties), "in_force": false}))?;
        } else {
            print(&what)?;
        }
        return Ok(Ending::Done);
    }
    let (paper, terms, _) = check.basis.open(&check.file)?;
    let (signed, missing) = paper.signatures()?;
    let in_force = missing.is_empty() && terms.dates_hold(SystemClock.now());
    if json {
        print_json(
            &json!({"holds": true, "signed": texts(&signed), "missing": texts(&missing), "in_force": in_force}),
        )?;
    } else {
        let state = if in_force { "in force" } else { "not in force" };
        print(&format!("{} holds and is {state}\n{}", terms.handle, signatures(&paper)?))?;
    }
    Ok(Ending::of(in_force))
}

fn signatures(paper: &Paper) -> Result<String> {
    let (signed, missing) = paper.signatures()?;
    Ok(format!("  signed   {}\n  missing  {}\n", codes(&signed), codes(&missing)))
}

fn add_signature(sign: &Sign, json: bool) -> Result<Ending> {
    let (mut paper, _, _) = sign.basis.open(&sign.file)?;
    let signer = paper.sign(&home::read_root_key(&sign.root)?)?;
    home::write_whole(&sign.file, paper.encode().as_bytes(), 0o644)?;
    say_signed(&paper, &signer, json)
}

fn describe(show: &Show, json: bool) -> Result<Ending> {
    let (paper, terms, region) = show.basis.open(&show.file)?;
    let id = AgreementId(terms.hash(&region));
    let (signed, missing) = paper.signatures()?;
    if json {
        print_json(
            &json!({"id": id.to_string(), "agreement": paper.opened.value, "signed": texts(&signed), "missing": texts(&missing)}),
        )?;
        return Ok(Ending::Done);
    }
    let english = |texts: &gotong_model::charter::Texts| texts.get("en").cloned().unwrap_or_default();
    let until = terms.until.map_or_else(|| "further notice".to_owned(), |until| until.to_string());
    let mut types = Table::new(["channel", "ceiling", "kinds", "audience", "clauses"]);
    for kind in &terms.channel_types {
        types.row([
            format!("{}/{}", terms.handle, kind.name),
            kind.ceiling.to_string(),
            kind.kinds.join(", "),
            codes(&kind.audience),
            format!("{}, kinds {}, ceiling {}", kind.clause, kind.kinds_clause, kind.ceiling_clause),
        ]);
    }
    let clauses: Vec<String> = terms
        .clauses
        .iter()
        .map(|clause| format!("  {}  {}\n      {}\n", clause.number, english(&clause.title), english(&clause.text)))
        .collect();
    print(&format!(
        "{}\n  id       {id}\n  parties  {} (clause {})\n  dates    from {} until {until} (clause {})\n{}\n{}\n{}",
        english(&terms.title),
        codes(&terms.parties),
        terms.parties_clause,
        terms.from,
        terms.dates_clause,
        signatures(&paper)?,
        types.text("no channels"),
        crate::output::visible_lines(&clauses.concat()),
    ))?;
    Ok(Ending::Done)
}

fn adopt(accept: &Accept, json: bool) -> Result<Ending> {
    let home = Home::open(&accept.data)?;
    let (id, channels) = wiring::accept_agreement(&home, &read(&accept.file)?)?;
    if json {
        print_json(&json!({"id": id.to_string(), "channels": channels}))?;
    } else {
        print(&format!("Accepted the agreement {id}. Its channels here: {}\n", channels.join(", ")))?;
    }
    Ok(Ending::Done)
}
