//! `gotong agreement what-if`: what a draft would change if it counted. The file is read and made whole here; the node supposes it and answers, and keeps
//! nothing of it.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use gotong_crypto::SigningKey;
use gotong_model::agreement::{Agreement, Notice, NoticeKind};
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use gotong_model::{Clock, MemberCode, Timestamp};
use serde_json::{Value, json};

use super::super::documents::{read, read_text};
use super::super::withdraw::time;
use super::super::{Ending, runtime};
use super::explain::minute;
use crate::client::{Client, Reach};
use crate::clock::SystemClock;
use crate::entropy::SystemEntropy;
use crate::fault::{failure, usage};
use crate::founding::{self, Before};
use crate::output::{Table, list_at, number_at, print, print_json, text_at, visible_lines};
use crate::wiring;

/// Say what a draft would change if it counted: which decisions, and for how many of the records that are here.
///
/// The draft is a new agreement, an amendment or a notice; who has signed it makes no difference. Nothing is written.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file is a note, or TOML: an agreement as for `gotong agreement new`, or a notice:\n  notice = \"suspend\"              # or resume, terminate, accede, consent\n  agreement = \"rti\"\n  member = \"vn\"\n  effective = 2026-12-01          # * now\n  subject = \"jp\"                  # of a consent\n\nExample:\n  gotong agreement what-if new.toml --amends rti --data ./vn\n  gotong agreement what-if rti-2.note --on 2027-01-01 --data ./vn"
)]
pub(super) struct WhatIf {
    /// The draft.
    file: PathBuf,
    /// Of a TOML file: the agreement that it amends, by handle; without it, the one that has the file's handle, if there is one.
    #[arg(long, value_name = "HANDLE")]
    amends: Option<String>,
    /// On this day; without it, the first on which the draft would count, today at the earliest.
    #[arg(long, value_name = "TIME")]
    on: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(what: &WhatIf, json: bool) -> Result<Ending> {
    let at = time(what.on.as_deref())?;
    let is_toml = what.file.extension().is_some_and(|extension| extension == "toml");
    if what.amends.is_some() && !is_toml {
        return Err(usage("a note says itself what it amends", "leave --amends out"));
    }
    runtime()?.block_on(async {
        let mut client = Client::open(&what.reach).await?;
        let answer = ask(&mut client, what, is_toml, at).await;
        client.close().await;
        let answer = answer?;
        if json {
            print_json(&answer)?;
        } else {
            print(&visible_lines(&told(&answer)))?;
        }
        Ok(Ending::Done)
    })
}

async fn ask(client: &mut Client, what: &WhatIf, is_toml: bool, at: Option<String>) -> Result<Value> {
    let note = if is_toml {
        let documents = client.get("documents").await?;
        let governance = governance(&documents)?;
        let source = read_text(&what.file)?;
        drafted(&source, &governance, what.amends.as_deref())
            .with_context(|| format!("the draft in {} does not hold", what.file.display()))?
    } else {
        let note = read(&what.file)?;
        String::from_utf8(note).with_context(|| format!("{} is no note", what.file.display()))?
    };
    client.post("what-if", &json!({"note": note, "at": at})).await
}

/// The governance of the documents that a node has.
fn governance(answer: &Value) -> Result<Governance> {
    let notes: Vec<&[u8]> =
        list_at(answer, "/documents").iter().map(|held| text_at(held, "/note").as_bytes()).collect();
    let is_first = |note: &&&[u8]| {
        let opened = document::open(note, None, Purpose::Charter);
        opened.is_ok_and(|opened| opened.value.get("number") == Some(&json!(1)))
    };
    let first = notes.iter().find(is_first).context("the node has no charter")?;
    let mut governance = wiring::read_charter(first)?;
    governance.add_all(notes.iter().copied())?;
    Ok(governance.at(SystemClock.now()))
}

fn named<'a>(governance: &'a Governance, handle: &str) -> Option<&'a Agreement> {
    let mut found = governance.agreements.values().filter(|agreement| agreement.terms.handle.as_str() == handle);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// A draft in TOML as a note that nobody has signed.
fn drafted(source: &str, governance: &Governance, amends: Option<&str>) -> Result<String> {
    let table: toml::Table = source.parse().context("the file is no TOML")?;
    let text = |name: &str| table.get(name).and_then(toml::Value::as_str);
    let unknown = |handle: &str| failure(format!("there is no agreement {handle}"), "gotong agreement list shows them");
    if let Some(kind) = text("notice") {
        let handle = text("agreement").unwrap_or_default();
        let agreement = named(governance, handle).ok_or_else(|| unknown(handle))?;
        return notice(governance, agreement, kind, &table);
    }
    let amended = match (amends, text("handle")) {
        (Some(handle), _) => Some(named(governance, handle).ok_or_else(|| unknown(handle))?),
        (None, Some(handle)) => named(governance, handle),
        (None, None) => None,
    };
    let newest = amended.and_then(|agreement| agreement.versions.last());
    let before = newest.map(|version| Before { terms: &version.terms, hash: version.hash });
    let terms = founding::agreement_from_toml(source, governance, before.as_ref(), &SystemEntropy)?;
    if let Some(before) = &before {
        founding::may_follow(before.terms, &terms)?;
    }
    Ok(founding::agreement_draft(&terms, &governance.region))
}

/// A notice as the next of its member's chain, under a key that is thrown away: what is supposed needs no signature, and a note cannot be without one.
fn notice(governance: &Governance, agreement: &Agreement, kind: &str, table: &toml::Table) -> Result<String> {
    let text =
        |name: &str| table.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let bad =
        |name: &str, hint: &str| failure(format!("{name} is missing, or none that can be meant"), hint.to_owned());
    let code = |name: &str| text(name).and_then(|code| MemberCode::from_text(&code));
    let kind = NoticeKind::from_text(kind)
        .ok_or_else(|| bad("notice", "write suspend, resume, terminate, accede or consent"))?;
    let member = code("member").ok_or_else(|| bad("member", "write the code of a member, such as \"vn\""))?;
    let now = SystemClock.now();
    let effective = match time(text("effective").as_deref())? {
        Some(at) => Timestamp::parse(&at).unwrap_or(now),
        None => now,
    };
    let newest = agreement.notices.get(&member).and_then(|chain| chain.last());
    let published = newest.map_or(now, |(_, last)| now.max(last.published_at)).min(effective.max(now));
    let notice = Notice {
        agreement: agreement.id,
        member,
        notice: kind,
        subject: if kind == NoticeKind::Consent { code("subject") } else { None },
        serial: newest.map_or(1, |(_, last)| last.serial + 1),
        previous: newest.map(|(hash, _)| *hash),
        published_at: published,
        effective: effective.max(published),
        reason: None,
    };
    Notice::from_value(notice.to_value())?;
    Ok(notice.sign(&governance.region, &SigningKey::generate(&SystemEntropy)))
}

fn told(answer: &Value) -> String {
    let purpose = if text_at(answer, "/purpose") == "notice" { "notice" } else { "version" };
    let mut out = format!(
        "If {purpose} {} of {} counted on {}:\n",
        number_at(answer, "/number"),
        text_at(answer, "/agreement"),
        minute(text_at(answer, "/at"))
    );
    let differs = list_at(answer, "/differs");
    if differs.is_empty() {
        out.push_str("no decision would be another: nobody would receive or publish more or less.\n");
    }
    for one in differs {
        out.push_str(&decision(one));
    }
    let recount = list_at(answer, "/recount");
    let records = number_at(answer, "/records");
    if recount.is_empty() {
        let _ = writeln!(out, "\nOf {records} records here, none would meet another answer if it were published then.");
    } else {
        let mut table = Table::new(["channel", "author", "kind", "label", "records", "would be", "by clause"]);
        for one in recount {
            let cell = |name: &str| text_at(one, name).to_owned();
            let would = if one.get("after") == Some(&Value::Bool(true)) { "admitted" } else { "refused" };
            table.row([
                cell("/channel"),
                cell("/author"),
                cell("/kind"),
                cell("/tlp"),
                number_at(one, "/records").to_string(),
                would.to_owned(),
                cell("/says/clause"),
            ]);
        }
        let _ = write!(
            out,
            "\nOf {records} records here, these would meet another answer if they were published then:\n{}",
            table.text("")
        );
    }
    out.push_str("Records that stand stay as they were judged, under the version that their authors named; nothing was written.\n");
    if answer.get("more") == Some(&Value::Bool(true)) {
        let _ = writeln!(
            out,
            "This is not everything: at most {} decisions are asked for and {} records counted.",
            number_at(answer, "/questions_max"),
            number_at(answer, "/records_max")
        );
    }
    out
}

fn decision(one: &Value) -> String {
    let will = one.get("after") == Some(&Value::Bool(true));
    let labels: Vec<String> = list_at(one, "/labels")
        .iter()
        .filter_map(Value::as_str)
        .map(|label| format!("TLP:{}", label.to_uppercase()))
        .collect();
    let what = match (text_at(one, "/act"), will) {
        ("receive", true) => "would be sent what is published".to_owned(),
        ("receive", false) => "would be sent nothing new any more".to_owned(),
        (_, true) => format!("could publish {} under {}", text_at(one, "/kind"), labels.join(", ")),
        (_, false) => format!("could not publish {} under {} any more", text_at(one, "/kind"), labels.join(", ")),
    };
    let reason = if will { "refused now by" } else { "refused then by" };
    format!(
        "  {}: {} {what}\n      {reason} clause {}: {}\n",
        text_at(one, "/channel"),
        text_at(one, "/member"),
        text_at(one, "/says/clause"),
        text_at(one, "/says/text")
    )
}
