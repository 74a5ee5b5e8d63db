//! `gotong agreement new` and `amend`: from TOML to a note that waits for signatures.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gotong_crypto::Digest;
use gotong_model::AgreementId;
use gotong_model::agreement::Terms;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use serde_json::json;

use super::super::Ending;
use super::super::documents::{codes, put, read, read_text};
use super::super::known::Known;
use crate::entropy::SystemEntropy;
use crate::fault::failure;
use crate::founding::{self, Before, Change};
use crate::output::{print, print_json, visible_lines};

/// Draft an agreement from a TOML file.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file (what is marked * may be left out):\n  handle = \"rti\"                  # channels are called rti/<type>\n  title = \"Regional threat information\"      # or { en = \"…\", th = \"…\" }, as every text\n  purpose = \"…\"\n  legal_basis = \"…\"\n  parties = [\"th\", \"vn\"]\n  parties_clause = \"1\"\n  dates_clause = \"2\"\n  from = 2026-11-01\n  until = 2027-11-01              # * until further notice\n  amendment_clause = \"1\"          # * and suspension_clause: the clause of the parties\n  grace_hours = 24                # * as in the charter\n  [termination]                   # *\n  clause = \"1\"\n  notice_days = 30\n  [[clauses]]\n  number = \"1\"\n  title = \"Parties\"\n  text = \"…\"\n  [[channel_types]]\n  type = \"indicators\"\n  clause = \"3\"                    # kinds_clause, ceiling_clause, … * the same\n  audience = [\"th\", \"vn\"]         # * all parties\n  writers = [\"vn\"]                # * the audience\n  kinds = [\"stix\"]                # * or stix.indicator for that type alone\n  ceiling = \"amber\"               # clear, green, amber, amber+strict\n  purpose = \"…\"\n  onward = \"none\"                 # * or constituents, public\n  personal_data = \"none\"          # * or pseudonymised, permitted\n  backlog = \"all\"                 # * or none: newcomers see what comes after they joined\n  exit = \"keep\"                   # * or freeze, erase\n  retention_days = 365            # * no limit\n  exercise = false                # *\n  [[prohibitions]]                # *\n  clause = \"5\"\n  act = \"publish\"                 # or read, onward\n  kinds = [\"stix.email-addr\"]     # * all; likewise types, members; tlp_above = \"green\" *\n  [[duties]]                      # *\n  clause = \"6\"\n  duty = \"answer\"                 # or acknowledge, notify, delete\n  within_minutes = 240            # kinds, types, members * all\n  [accession]                     # * who may join without an amendment\n  clause = \"9\"\n  candidates = [\"jp\"]\n  types = [\"indicators\"]\n  consent = \"all\"                 # or none\n\nExample:\n  gotong agreement new agreement.toml --charter charter.note --out agreement.note"
)]
pub(super) struct New {
    /// The agreement in TOML.
    source: PathBuf,
    #[command(flatten)]
    known: Known,
    /// Where the draft goes; standard output if not named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Draft the next version of an agreement, and say in what the two differ.
///
/// The file is a whole agreement, as for `gotong agreement new`, and not only what changes. Handle, id and history are kept.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "It counts once all parties of both versions have signed it.\n\nExample:\n  gotong agreement amend agreement.note new.toml --charter charter.note --out agreement-2.note"
)]
pub(super) struct Amend {
    /// The version that is amended.
    old: PathBuf,
    /// The new version in TOML.
    source: PathBuf,
    #[command(flatten)]
    known: Known,
    /// Where the draft goes; standard output if not named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn new(new: &New, json: bool) -> Result<Ending> {
    let governance = new.known.governance()?;
    let terms = founding::agreement_from_toml(&read_text(&new.source)?, &governance, None, &SystemEntropy)
        .with_context(|| format!("the agreement in {} does not hold", new.source.display()))?;
    put(new.out.as_deref(), &founding::agreement_draft(&terms, &governance.region))?;
    let Some(out) = &new.out else { return Ok(Ending::Done) };
    let id = AgreementId(terms.hash(&governance.region)).to_string();
    if json {
        print_json(&json!({"file": out, "id": id, "handle": terms.handle.as_str()}))?;
    } else {
        print(&format!("Drafted {}\n  id       {id}\n  to sign  {}\n", out.display(), codes(&terms.parties)))?;
        print(&next(out, &new.known))?;
    }
    Ok(Ending::Done)
}

fn next(out: &Path, known: &Known) -> String {
    format!(
        "\nNext: the file goes from one party to the next; each reads it and signs it:\n  gotong agreement show {0} {1}\n  gotong agreement sign {0} {1} --root KEY\n",
        out.display(),
        known.arguments()
    )
}

/// The version in a file, which must count, with its agreement.
pub(super) fn version_of(governance: &mut Governance, file: &Path) -> Result<(AgreementId, Terms, Digest)> {
    let note = read(file)?;
    governance.add(&note).with_context(|| format!("the agreement in {} does not hold", file.display()))?;
    let opened = document::open(&note, Some(&governance.region), Purpose::Agreement)?;
    let terms = Terms::from_value(opened.value)?;
    let hash = terms.hash(&governance.region);
    let found = governance.agreements.values().find(|agreement| agreement.version(&hash).is_some());
    let id = found.map(|agreement| agreement.id).ok_or_else(|| {
        failure(
            format!("the version in {} does not count: signatures or the versions before it are missing", file.display()),
            "amend a version that all have signed; name the versions before it with --charter FILE, or a node with --data DIR",
        )
    })?;
    Ok((id, terms, hash))
}

pub(super) fn amend(amend: &Amend, json: bool) -> Result<Ending> {
    let mut governance = amend.known.governance()?;
    let (id, old, hash) = version_of(&mut governance, &amend.old)?;
    let newest = governance.agreements.get(&id).and_then(|agreement| agreement.versions.last());
    if let Some(newest) = newest.filter(|newest| newest.hash != hash) {
        return Err(failure(
            format!(
                "{} is number {}, and number {} counts already",
                amend.old.display(),
                old.number,
                newest.terms.number
            ),
            "amend the newest version: gotong agreement list shows it",
        ));
    }
    let before = Before { terms: &old, hash };
    let source = read_text(&amend.source)?;
    let terms = founding::agreement_from_toml(&source, &governance, Some(&before), &SystemEntropy)
        .and_then(|terms| founding::may_follow(&old, &terms).map(|()| terms))
        .with_context(|| format!("the amendment in {} does not hold", amend.source.display()))?;
    let changes = founding::compare(&old, &terms);
    if changes.is_empty() {
        let what = format!("{} says the same as {}", amend.source.display(), amend.old.display());
        return Err(failure(what, "change what is to change, then draft it again"));
    }
    let draft = founding::agreement_draft(&terms, &governance.region);
    let (paper, _) = founding::open_agreement(draft.as_bytes(), &governance)?;
    let (_, missing) = paper.signatures()?;
    put(amend.out.as_deref(), &draft)?;
    let Some(out) = &amend.out else { return Ok(Ending::Done) };
    if json {
        let changes: Vec<_> = changes.iter().map(Change::to_value).collect();
        print_json(&json!({"file": out, "id": id.to_string(), "number": terms.number, "changes": changes,
            "missing": super::super::documents::texts(&missing)}))?;
        return Ok(Ending::Done);
    }
    print(&format!(
        "Drafted {}: number {} of {}\n  id       {id}\n  to sign  {}\n\n{}",
        out.display(),
        terms.number,
        terms.handle,
        codes(&missing),
        visible_lines(&changes.iter().map(Change::text).collect::<String>()),
    ))?;
    print(&next(out, &amend.known))?;
    Ok(Ending::Done)
}
