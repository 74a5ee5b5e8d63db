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
    after_help = "A member is added with the member.toml that gotong keys new or gotong init wrote at the member; ask for its sixteen words over the phone, and compare them with gotong keys show. Of a file with nothing but the public key, code and name are said too: \"id:Indonesia:id.pub\". What counts is who signs: as many voters of the charter before as its rule says, and whoever joins or changes its key.\n\nExample:\n  gotong charter propose --add-member member.toml --charter charter.note --out charter-2.note\n  gotong charter propose charter.toml --data ./vn --out charter-2.note"
)]
pub(super) struct Propose {
    /// The whole charter in TOML.
    source: Option<PathBuf>,
    /// A member to add: its member.toml.
    #[arg(long, value_name = "FILE|CODE:NAME:FILE", conflicts_with = "source")]
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
        return Err(usage("nothing would change", "name a file, or --add-member member.toml, or --remove CODE"));
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
        "Drafted {0}: charter number {1}, from {2}\n{changes}{3}\nNext: the file goes from one to the next, voters and newcomers; each reads it and signs it:\n  gotong charter show {0} {4}\n  gotong charter sign {0} {4} --root KEY\nOnce enough have: gotong charter accept {0} --data DIR, at one node that runs; the others hear of it.\n",
        out.display(),
        next.number,
        next.from,
        votes.text(),
        propose.known.arguments()
    )))?;
    Ok(Ending::Done)
}

fn edited(propose: &Propose, before: &Charter, governance: &Governance) -> Result<Charter> {
    let is_rehearsal = founding::rehearses(governance);
    let add = propose.add_member.iter().map(|given| member(given, before, is_rehearsal)).collect::<Result<Vec<_>>>()?;
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

fn member(given: &str, before: &Charter, is_rehearsal: bool) -> Result<Member> {
    let parts: Vec<&str> = given.splitn(3, ':').collect();
    let (said, file) = match parts.as_slice() {
        [file] => (None, *file),
        [code, name, file] => (Some((*code, *name)), *file),
        _ => {
            return Err(usage(
                format!("{given:?} is neither a file nor CODE:NAME:FILE"),
                "name the member's member.toml alone, or write it as \"id:Indonesia:id.pub\"",
            ));
        }
    };
    let seat = seat_in(Path::new(file))?;
    let written = seat.code.as_deref().zip(seat.name.as_deref());
    let (code, name) = said.or(written).ok_or_else(|| {
        usage(format!("{file} says neither code nor name"), "write them before it: \"id:Indonesia:id.pub\"")
    })?;
    if let Some(other) = seat.code.as_deref().filter(|other| *other != code) {
        return Err(usage(
            format!("{file} is of the member {other}, and not of {code}"),
            "name the file that came from the member, and compare its words over the phone: gotong keys show",
        ));
    }
    founding::same_sort(code, seat.is_rehearsal, is_rehearsal)?;
    let code = MemberCode::from_text(code).ok_or_else(|| {
        usage(format!("{code:?} is no member code"), "a code has 2 to 16 small letters, digits and hyphens")
    })?;
    if name.is_empty() {
        return Err(usage("a member has a name", "write it as \"id:Indonesia:id.pub\""));
    }
    let known = before.members.get(&code);
    let role = seat.role.or(known.map(|member| member.role)).unwrap_or(MemberRole::State);
    let mut names = known.map(|member| member.name.clone()).unwrap_or_default();
    names.insert("en".to_owned(), name.to_owned());
    Ok(Member { code, name: names, role, root_key: seat.root_key })
}

/// What a file says of a member: its `member.toml`, or its public key alone.
struct Seat {
    code: Option<String>,
    name: Option<String>,
    role: Option<MemberRole>,
    root_key: PublicKey,
    is_rehearsal: bool,
}

fn seat_in(file: &Path) -> Result<Seat> {
    let content = read_text(file)?;
    let value: Option<toml::Table> = content.parse().ok();
    let member = value.as_ref().and_then(|table| table.get("members")?.get(0)).and_then(toml::Value::as_table);
    let said = |name: &str| member.and_then(|member| member.get(name)).and_then(toml::Value::as_str);
    let bare: String = content.lines().filter(|line| !line.starts_with('#')).collect();
    let key = said("root_key").unwrap_or(bare.trim());
    let key = text::from_base64_array::<32>(key).and_then(|bytes| PublicKey::from_bytes(&bytes).ok());
    let root_key = key.ok_or_else(|| {
        failure(
            format!("{} holds no public root key", file.display()),
            "name the member's member.toml, or a file with the public key alone; never the key file itself",
        )
    })?;
    let roles = [MemberRole::State, MemberRole::Partner, MemberRole::Coordinator];
    let is_marked = member.and_then(|member| member.get("rehearsal")).and_then(toml::Value::as_bool) == Some(true);
    Ok(Seat {
        code: said("code").map(str::to_owned),
        name: said("name").map(str::to_owned),
        role: said("role").and_then(|role| roles.into_iter().find(|known| known.as_str() == role)),
        root_key,
        is_rehearsal: is_marked || content.contains(founding::REHEARSAL),
    })
}
