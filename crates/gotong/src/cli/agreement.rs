//! `gotong agreement`: what lets records cross a border, as files. One party drafts it, every party signs, every node accepts it; later it is amended, and each
//! member says of its own part whether it rests, ends or begins. One file for each group of commands below `agreement/`.

mod changes;
mod check;
mod draft;
mod evidence;
pub(super) mod explain;
mod notice;
mod show;
mod what_if;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use gotong_model::agreement::Terms;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;

use super::Ending;
use super::documents::{accept, read, sign_file};
use super::known::Known;
use crate::founding::{self, Paper};

/// Draft, check, sign, accept, amend, suspend and end agreements.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong agreement check agreement.toml --charter charter.note\n  gotong agreement new agreement.toml --charter charter.note --out agreement.note\n  gotong agreement sign agreement.note --charter charter.note --root vn/root/root.key\n  gotong agreement accept agreement.note --data ./vn\n  gotong agreement list --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    New(draft::New),
    Check(check::Check),
    Sign(Sign),
    Show(show::Show),
    Accept(Accept),
    List(show::List),
    Amend(draft::Amend),
    Suspend(notice::Suspend),
    Resume(notice::Resume),
    Terminate(notice::Terminate),
    Accede(notice::Accede),
    Consent(notice::Consent),
    Explain(explain::Explain),
    Changes(changes::Changes),
    WhatIf(what_if::WhatIf),
    Evidence(evidence::EvidenceOf),
}

/// Sign an agreement, or a notice that a page drafted, with a party's root key.
///
/// A notice is dated when it is signed, and it is said what it comes to.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Read it first: gotong agreement show FILE, of an amendment gotong agreement show --compare OLD NEW.\n\nExample:\n  gotong agreement sign agreement.note --charter charter.note --root vn/root/root.key"
)]
struct Sign {
    /// The agreement or the notice; the signature is added to it.
    file: PathBuf,
    #[command(flatten)]
    known: Known,
    /// The party's root key.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
}

/// Give a node agreements and notices, and say what each came to.
///
/// One that not all have signed yet is kept, and travels to the other parties; it counts once the last signature is there.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The node may be running. Exit status 1 where something does not count yet.\n\nExample:\n  gotong agreement accept agreement.note --data ./vn"
)]
struct Accept {
    /// Agreements and notices.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    match &arguments.what {
        What::New(new) => draft::new(new, json),
        What::Check(what) => check::run(what, json),
        What::Sign(sign) => {
            if document::purpose_of(&read(&sign.file)?) == Ok(Purpose::Notice) {
                return notice::sign(&sign.file, &sign.known, &sign.root, json);
            }
            let governance = sign.known.governance()?;
            sign_file(&sign.file, open(&governance, &sign.file)?.0, &sign.root, "gotong agreement accept", json)
        }
        What::Show(what) => show::run(what, json),
        What::Accept(given) => accept(&given.files, &given.data, json),
        What::List(what) => show::list(what, json),
        What::Amend(amend) => draft::amend(amend, json),
        What::Suspend(what) => notice::suspend(what, json),
        What::Resume(what) => notice::resume(what, json),
        What::Terminate(what) => notice::terminate(what, json),
        What::Accede(what) => notice::accede(what, json),
        What::Consent(what) => notice::consent(what, json),
        What::Explain(what) => explain::run(what, json),
        What::Changes(what) => changes::run(what, json),
        What::WhatIf(what) => what_if::run(what, json),
        What::Evidence(what) => evidence::run(what, json),
    }
}

/// An agreement that may lack signatures.
fn open(governance: &Governance, file: &Path) -> Result<(Paper, Terms)> {
    founding::open_agreement(&read(file)?, governance)
        .with_context(|| format!("the agreement in {} does not hold", file.display()))
}
