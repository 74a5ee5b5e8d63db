//! What a demo says when it is ready: a table for people, a document for programs.

use std::path::{Path, PathBuf};

use gotong_model::MemberCode;
use serde_json::{Value, json};

use super::children::Children;
use super::found::{Founded, Region, Shared};
use super::people::Person;
use super::{Wish, house, samples};
use crate::output::Table;

/// The document of the ready-file. What does not exist yet is null.
pub(super) fn document(region: &Region, children: &Children) -> Value {
    let login =
        |person: &Person| json!({"user": person.name, "password": person.password, "role": person.role.as_str()});
    let member = |member: &Founded| {
        let base = member.base();
        json!({
            "code": member.code.as_str(), "name": member.name, "base": base, "console": format!("{base}/"), "api": format!("{base}/api/v1"),
            "taxii": format!("{base}/taxii2/"), "misp": format!("{base}/misp/"), "token": member.token, "admin": member.people.first().map(login), "people": member.people.iter().map(login).collect::<Vec<_>>(), "constituent_token": member.bank_token,
            "data": member.dir, "pid": children.id(member.code.as_str()),
        })
    };
    json!({
        "members": region.members.iter().map(member).collect::<Vec<_>>(),
        "agreement": region.shared.terms.handle.as_str(),
        "agreement_id": region.shared.id.to_string(),
        "channels": region.shared.channels().into_iter().rev().collect::<Vec<_>>(),
        "bilateral": {
            "agreement": region.bilateral.terms.handle.as_str(), "agreement_id": region.bilateral.id.to_string(),
            "channels": region.bilateral.channels(),
            "members": region.bilateral.terms.parties.iter().map(MemberCode::as_str).collect::<Vec<_>>(),
        },
        "region": {"id": region.id.to_string(), "words": region.id.to_words()},
    })
}

fn agreement(shared: &Shared) -> String {
    let types = shared.terms.channel_types.iter();
    let types = types.map(|kind| {
        format!(
            "    {}/{}  up to TLP:{}, {}\n",
            shared.terms.handle,
            kind.name,
            kind.ceiling.as_str().to_uppercase(),
            kind.kinds.join(", ")
        )
    });
    let parties: Vec<&str> = shared.terms.parties.iter().map(MemberCode::as_str).collect();
    format!("  {} of {}\n{}", shared.terms.handle, parties.join(", "), types.collect::<String>())
}

/// How people call this very program from where they are.
fn program() -> String {
    let exe = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("gotong"));
    let here = std::env::current_dir().unwrap_or_default();
    let short = exe.strip_prefix(&here).map(Path::to_path_buf).unwrap_or(exe);
    short.display().to_string()
}

/// What one of a member's own organisations can do.
fn constituent(member: &Founded, gotong: &str, known: &str) -> String {
    let at = format!("--server {} --token {}", member.base(), member.bank_token);
    format!(
        "Each country has a house rule and serves organisations of its own. One of them is {}\n  \
         # what the region shares is passed on to it up to TLP:GREEN\n  {gotong} lookup {known} {at}\n  \
         # it reports to {} into a channel of its own, which no other country and no other organisation ever sees\n  \
         echo '{}' | {gotong} import - --tlp amber --channel {} {at}\n  \
         # its log-in on the page {}/\n  {}\n",
        house::BANK_NAME,
        member.name,
        samples::bank_one_liner(),
        house::BANK_CHANNEL,
        member.base(),
        member.people.iter().filter(|person| person.role.is_for_constituents()).map(said).collect::<String>(),
    )
}

/// A name and its password.
fn said(person: &Person) -> String {
    format!("{} / {}", person.name, person.password)
}

/// What people read.
pub(super) fn table(region: &Region, wish: &Wish<'_>) -> String {
    let mut members = Table::new(["member", "name", "address", "token", "data folder"]);
    for member in &region.members {
        let data = member.dir.display().to_string();
        members.row([
            member.code.to_string(),
            member.name.to_owned(),
            format!("{}/", member.base()),
            member.token.clone(),
            data,
        ]);
    }
    let (first, second) = (region.members.first(), region.members.get(1));
    let (Some(first), Some(second)) = (first, second) else { return members.text("") };
    let (gotong, channel) = (program(), format!("{}/indicators", region.shared.terms.handle));
    let at = |member: &Founded| format!("--server {} --token {}", member.base(), member.token);
    let bank =
        constituent(first, &gotong, if wish.is_empty { samples::ONE_LINER_DOMAIN } else { samples::KNOWN_DOMAIN });
    let staff = first.people.iter().filter(|person| !person.role.is_for_constituents());
    let known = if wish.is_empty { "login.example.test" } else { samples::KNOWN_DOMAIN };
    format!(
        "\n{} is up: {} nodes, each a process of its own.\nRegion {}\n\n{}\nAgreements in force\n{}{}\n\
         Try, in another terminal\n  \
         # {} publishes an indicator\n  echo '{}' | {gotong} import - --tlp green --channel {channel} {}\n  \
         # {} finds it, and what the samples brought\n  {gotong} lookup {} {known} {}\n  \
         # {} takes it back, and it is gone everywhere\n  {gotong} withdraw {} --reason error --channel {channel} {}\n  \
         # real data: files and folders of STIX 2.1\n  {gotong} import FILE... --channel {channel} {}\n\n\
         Log in on the page of {} ({}/)\n{}\n\
         {bank}\n\
         Ctrl-C ends it{}.\n",
        region.name,
        region.members.len(),
        region.id.to_words(),
        members.text(""),
        agreement(&region.shared),
        agreement(&region.bilateral),
        first.name,
        samples::one_liner(),
        at(first),
        second.name,
        samples::ONE_LINER_DOMAIN,
        at(second),
        first.name,
        samples::ONE_LINER_ID,
        at(first),
        at(first),
        first.name,
        first.base(),
        staff.fold(String::new(), |lines, person| lines + "  " + &said(person) + "\n"),
        if wish.dir.is_some() { "" } else { " and removes everything" },
    )
}
