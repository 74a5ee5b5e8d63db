//! `gotong charter propose`: the next charter, from a file or from the one in force with members put in and left out.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gotong_crypto::{PublicKey, text};
use gotong_model::charter::{Charter, Member, MemberRole};
use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Timestamp};
use serde_json::json;

use super::super::Ending;
use super::super::documents::{put, read_text};
use super::super::known::Known;
use crate::fault::{failure, usage};
use crate::founding;
use crate::output::{print, print_json, visible_lines};

/// Draft the next charter: from a TOML file, or the newest with members added and left out.
///
/// A member that is added under a code that is there already gets the new root key. States that join vote.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "KEYFILE is the member's root/member.toml, or a file with its public key (gotong keys new writes both). What counts is who signs: as many voters of the charter before as its rule says, and whoever joins or changes its key.\n\nExample:\n  gotong charter propose --add-member \"id:Indonesia:id/root/member.toml\" --charter charter.note --out charter-2.note\n  gotong charter propose charter.toml --data ./vn --out charter-2.note"
)]
pub(super) struct Propose {
    /// The whole charter in TOML.
    source: Option<PathBuf>,
    /// A member to add.
    #[arg(long, value_name = "CODE:NAME:KEYFILE", conflicts_with = "source")]
    add_member: Vec<String>,
    /// A member to leave out.
    #[arg(long, value_name = "CODE", conflicts_with = "source")]
    remove: Vec<String>,
    /// From when it counts: a day or a time in UTC; now if not said.
    #[arg(long, value_name = "TIME", conflicts_with = "source")]
    from: Option<String>,
    #[command(flatten)]
    known: Known,
    /// Where the draft goes; standard output if not named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(propose: &Propose, json: bool) -> Result<Ending> {
    let governance = propose.known.governance()?;
    let before = governance.charters.last().context("a charter")?;
    let next = match &propose.source {
        Some(source) => founding::charter_from_toml(&read_text(source)?, Some(before), governance.as_of)
            .with_context(|| format!("the charter in {} does not hold", source.display()))?,
        None => edited(propose, before, &governance)?,
    };
    let changes = founding::compare_charters(before, &next);
    if changes.is_empty() {
        return Err(usage("nothing would change", "name a file, or --add-member CODE:NAME:KEYFILE, or --remove CODE"));
    }
    let draft = founding::charter_draft(&next, &governance.region);
    put(propose.out.as_deref(), &draft)?;
    let Some(out) = &propose.out else { return Ok(Ending::Done) };
    let (paper, _) = founding::open_charter(draft.as_bytes(), Some(&governance))?;
    let votes = founding::votes(&paper.opened.note, &governance.region, Some(before), &next)?;
    if json {
        print_json(
            &json!({"file": out, "number": next.number, "region": governance.region.to_string(), "changes": changes, "votes": votes.to_value()}),
        )?;
        return Ok(Ending::Done);
    }
    let changes = founding::bullets(&changes);
    print(&visible_lines(&format!(
        "Drafted {}: charter number {}, from {}\n{changes}{}Next: voters and newcomers sign it (gotong charter sign {} --root KEY, with --charter or --data), then every node accepts it.\n",
        out.display(),
        next.number,
        next.from,
        votes.text(),
        out.display()
    )))?;
    Ok(Ending::Done)
}

fn edited(propose: &Propose, before: &Charter, governance: &Governance) -> Result<Charter> {
    let add = propose.add_member.iter().map(|given| member(given, before)).collect::<Result<Vec<_>>>()?;
    let code = |text: &String| {
        MemberCode::from_text(text)
            .ok_or_else(|| usage(format!("{text:?} is no member code"), "name members by their codes: vn, asec"))
    };
    let remove = propose.remove.iter().map(code).collect::<Result<Vec<_>>>()?;
    let from = match &propose.from {
        None => governance.as_of,
        Some(given) => {
            let spelled = if given.len() == 10 { format!("{given}T00:00:00Z") } else { given.clone() };
            Timestamp::parse(&spelled).ok_or_else(|| {
                usage(format!("{given:?} is no time in UTC"), "write 2026-11-01 or 2026-11-01T08:00:00Z")
            })?
        }
    };
    founding::charter_with(before, &add, &remove, from)
}

fn member(given: &str, before: &Charter) -> Result<Member> {
    let parts: Vec<&str> = given.splitn(3, ':').collect();
    let [code, name, file] = parts.as_slice() else {
        return Err(usage(
            format!("{given:?} is not CODE:NAME:KEYFILE"),
            "write it as \"id:Indonesia:id/root/member.toml\"",
        ));
    };
    let code = MemberCode::from_text(code).ok_or_else(|| {
        usage(format!("{code:?} is no member code"), "a code has 2 to 16 small letters, digits and hyphens")
    })?;
    if name.is_empty() {
        return Err(usage("a member has a name", "write it as \"id:Indonesia:id/root/member.toml\""));
    }
    let (root_key, role) = key_in(Path::new(file))?;
    let known = before.members.get(&code);
    let role = role.or(known.map(|member| member.role)).unwrap_or(MemberRole::State);
    let mut names = known.map(|member| member.name.clone()).unwrap_or_default();
    names.insert("en".to_owned(), (*name).to_owned());
    Ok(Member { code, name: names, role, root_key })
}

/// The public root key in a file, and the role where it says one.
fn key_in(file: &Path) -> Result<(PublicKey, Option<MemberRole>)> {
    let content = read_text(file)?;
    let value: Option<toml::Table> = content.parse().ok();
    let member = value.as_ref().and_then(|table| table.get("members")?.get(0)).and_then(toml::Value::as_table);
    if content.contains("REHEARSAL") {
        return Err(failure(
            format!("{} is of a rehearsal", file.display()),
            "a charter that is meant names a real key; a rehearsal is founded anew: gotong charter new --rehearsal",
        ));
    }
    let said = |name: &str| member.and_then(|member| member.get(name)).and_then(toml::Value::as_str);
    let key = said("root_key").unwrap_or(content.trim());
    let key = text::from_base64_array::<32>(key).and_then(|bytes| PublicKey::from_bytes(&bytes).ok());
    let key = key.ok_or_else(|| {
        failure(
            format!("{} holds no public root key", file.display()),
            "name the member's root/member.toml, or a file with the public key alone; never the key file itself",
        )
    })?;
    let roles = [MemberRole::State, MemberRole::Partner, MemberRole::Coordinator];
    Ok((key, said("role").and_then(|role| roles.into_iter().find(|known| known.as_str() == role))))
}
