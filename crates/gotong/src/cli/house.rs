//! `gotong house`: what one member decides for channels of its own and for the organisations that it serves. It drafts the rule, checks it, signs it with its
//! root and hands it to its own node; no other member signs it or is ever sent it. One file for each group of commands below `house/`.

mod draft;
mod show;
mod sign;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;
use gotong_model::governance::{Governance, House};

use super::Ending;
use super::documents::{accept, read};
use super::known::of_folder;
use crate::fault::failure;
use crate::founding;

/// Draft, check, sign, accept, show and amend the house rule: own channels, and what the organisations that the member serves may read.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong house new --member vn -o house.toml\n  gotong house check house.toml --data ./vn\n  gotong house sign house.toml --root root.key --charter charter.note -o house.note\n  gotong house accept house.note --data ./vn\n  gotong house show --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    New(draft::New),
    Check(draft::Check),
    Sign(sign::Sign),
    Accept(Accept),
    Show(show::Show),
    Amend(sign::Amend),
}

/// Give the member's own node its house rule.
#[derive(clap::Args, Debug)]
#[command(after_help = "The node may be running.\n\nExample:\n  gotong house accept house.note --data ./vn")]
struct Accept {
    /// The signed house rule.
    file: PathBuf,
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Begin the house anew: the channels under the rule that counts now are left.
    #[arg(long)]
    anew: bool,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    match &arguments.what {
        What::New(what) => draft::new(what, json),
        What::Check(what) => draft::check(what, json),
        What::Sign(what) => sign::sign(what, json),
        What::Accept(given) => {
            if !given.anew {
                goes_on(&given.file, &given.data)?;
            }
            accept(std::slice::from_ref(&given.file), &given.data, json)
        }
        What::Show(what) => show::run(what, json),
        What::Amend(what) => sign::amend(what, json),
    }
}

/// Refuses what would begin a house anew. What is no house rule the node refuses with its own reasons.
fn goes_on(file: &Path, data: &Path) -> Result<()> {
    let known = of_folder(data)?;
    let Ok((_, rule)) = founding::open_house(&read(file)?, &known) else { return Ok(()) };
    let house = rule.member().and_then(|member| known.house(member));
    let is_other = |house: &&House| rule.terms.number == 1 && house.agreement.id.0 != rule.hash(&known.region);
    if house.as_ref().is_some_and(is_other) {
        return Err(failure(
            "a house rule counts here already, and this one would begin the house anew, with channels of its own",
            "draft its next version: gotong house amend FILE --data DIR -o NOTE; to begin anew all the same, add --anew",
        ));
    }
    Ok(())
}

/// The one house rule that counts in what a command stands on.
fn the_house(known: &Governance) -> Result<&House> {
    let mut all = known.houses();
    match (all.next(), all.next()) {
        (Some(house), None) => Ok(house),
        (None, _) => Err(failure(
            "no house rule counts here",
            "gotong house new drafts one, gotong house sign signs it, gotong house accept hands it to the node",
        )),
        (Some(_), Some(_)) => Err(failure(
            "the house rules of several members were named",
            "name those of one member alone, or its node with --data DIR",
        )),
    }
}

fn is_toml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "toml")
}
