//! `gotong house sign` and `amend`: from what a member wrote to the note that its node takes.

use std::path::PathBuf;

use anyhow::{Context, Result};
use gotong_model::document::{self, Purpose};
use gotong_model::house::HouseRule;
use serde_json::json;

use super::super::Ending;
use super::super::documents::{put, read, read_text, root_for};
use super::super::known::Known;
use super::{is_toml, the_house};
use crate::entropy::SystemEntropy;
use crate::fault::failure;
use crate::founding::{self, Change};
use crate::home;
use crate::output::{print, print_json, visible_lines};

/// Sign a house rule with the member's root key.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Read it first: gotong house show FILE. Only the charter is needed beside the file, so this can be done on a machine without a network.\n\nExample:\n  gotong house sign house.toml --root root.key --charter charter.note -o house.note\n  gotong house sign house-2.note --root root.key --charter charter.note"
)]
pub(super) struct Sign {
    /// The house rule in TOML, or the note that `gotong house amend` drafted.
    file: PathBuf,
    #[command(flatten)]
    known: Known,
    /// The member's root key.
    #[arg(long, value_name = "KEY")]
    root: PathBuf,
    /// Where the note goes; of TOML a file of the same name that ends in .note, of a note the same file, if not named.
    #[arg(long, short = 'o', value_name = "NOTE")]
    out: Option<PathBuf>,
}

/// Draft the next version of the house rule, and say in what the two differ.
///
/// The file is a whole house rule, as for `gotong house sign`, and not only what changes.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "It counts once the member's root has signed it and its node has accepted it.\n\nExample:\n  gotong house amend house.toml --data ./vn -o house-2.note"
)]
pub(super) struct Amend {
    /// The new version in TOML.
    source: PathBuf,
    #[command(flatten)]
    known: Known,
    /// Where the draft goes; standard output if not named.
    #[arg(long, short = 'o', value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn sign(sign: &Sign, json: bool) -> Result<Ending> {
    let known = sign.known.governance()?;
    let (draft, out) = if is_toml(&sign.file) {
        let rule = founding::house_from_toml(&read_text(&sign.file)?, &known, &SystemEntropy)
            .with_context(|| format!("the house rule in {} does not hold", sign.file.display()))?;
        if rule.terms.number > 1 {
            let what = format!("a house rule counts already, and this would be its number {}", rule.terms.number);
            let hint =
                "draft it first, and see what changes: gotong house amend FILE --data DIR -o NOTE; then sign that note";
            return Err(failure(what, hint));
        }
        let out = sign.out.clone().unwrap_or_else(|| sign.file.with_extension("note"));
        if out.exists() {
            let what = format!("{} is there already", out.display());
            let hint = "hand that one in, or name another file with -o: signed anew from TOML it would be another house, with channels of its own";
            return Err(failure(what, hint));
        }
        (founding::house_draft(&rule, &known.region).into_bytes(), out)
    } else {
        (read(&sign.file)?, sign.out.clone().unwrap_or_else(|| sign.file.clone()))
    };
    let opened = founding::open_house(&draft, &known);
    let (mut paper, rule) =
        opened.with_context(|| format!("the house rule in {} does not hold", sign.file.display()))?;
    let signer = paper.sign(&root_for(&sign.root, paper.is_rehearsal())?)?;
    home::write_whole(&out, paper.encode().as_bytes(), 0o644)?;
    let hash = rule.hash(&known.region).to_text();
    if json {
        print_json(&json!({"file": out, "signer": signer.as_str(), "number": rule.terms.number, "hash": hash,
            "rehearsal": paper.is_rehearsal()}))?;
        return Ok(Ending::Done);
    }
    let rehearsed = if paper.is_rehearsal() { " (REHEARSAL)" } else { "" };
    print(&format!(
        "Signed for {signer}{rehearsed}: house rule number {}\n  hash  {hash}\nNext: gotong house accept {} --data DIR, at the member's own node\n",
        rule.terms.number,
        out.display()
    ))?;
    Ok(Ending::Done)
}

pub(super) fn amend(amend: &Amend, json: bool) -> Result<Ending> {
    let known = amend.known.governance()?;
    let house = the_house(&known)?;
    let newest = founding::newest_of(house).context("a house rule has a version")?;
    let before = document::open(&newest.note, Some(&known.region), Purpose::House)?;
    let before = HouseRule::from_value(before.value)?;
    let next = founding::house_from_toml(&read_text(&amend.source)?, &known, &SystemEntropy)
        .and_then(|next| house.check_next(&next).map(|()| next).map_err(Into::into))
        .with_context(|| format!("the house rule in {} does not hold", amend.source.display()))?;
    let changes = founding::compare_houses(&before, &next);
    if changes.is_empty() {
        let what = format!("{} says the same as number {}", amend.source.display(), before.terms.number);
        return Err(failure(what, "change what is to change, then draft it again"));
    }
    put(amend.out.as_deref(), &founding::house_draft(&next, &known.region))?;
    let Some(out) = &amend.out else { return Ok(Ending::Done) };
    let number = next.terms.number;
    if json {
        let changes: Vec<_> = changes.iter().map(Change::to_value).collect();
        let id = house.agreement.id.to_string();
        print_json(&json!({"file": out, "id": id, "number": number, "changes": changes}))?;
        return Ok(Ending::Done);
    }
    let file = out.display();
    print(&format!("Drafted {file}: number {number} of the house rule of {}\n\n", house.member))?;
    print(&visible_lines(&changes.iter().map(Change::text).collect::<String>()))?;
    print(&format!(
        "\nNext: sign it where the root key is, and hand it to the node\n  gotong house sign {file} --root KEY --charter charter.note\n  gotong house accept {file} --data DIR\n"
    ))?;
    Ok(Ending::Done)
}
