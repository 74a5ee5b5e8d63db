//! `gotong agreement suspend`, `resume`, `terminate`, `accede`, `consent`: what one member says of its own part, signed with its root key, also where a
//! page drafted it. Serial and previous notice follow from what the node or the files named know; what the notice comes to is worked out before it is handed
//! out. Read next: `gotong_app::part`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gotong_app::part::{self, Refusal, Wish};
use gotong_crypto::PublicKey;
use gotong_model::agreement::{Agreement, Notice, NoticeKind, PartState};
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, MemberCode, Timestamp};
use serde_json::json;

use super::super::Ending;
use super::super::documents::{put, read, root_for};
use super::super::known::Known;
use crate::fault::{failure, usage};
use crate::output::{print, print_json};

/// What every notice needs.
#[derive(clap::Args, Debug)]
struct Common {
    /// The agreement: its handle or its id.
    #[arg(long, value_name = "HANDLE|ID")]
    agreement: String,
    #[command(flatten)]
    known: Known,
    /// The root key of the member whose notice it is.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// From when it counts: a day or a time in UTC; now if not said.
    #[arg(long, value_name = "TIME")]
    effective: Option<String>,
    /// Why, in English, for people.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Where the notice goes; standard output if not named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Let a member's own part in an agreement rest.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Nothing new goes to it or comes from it; what it holds stays, frozen, until it resumes.\n\nExample:\n  gotong agreement suspend --agreement rti --data ./vn --root root.key --reason \"Under review\" --out suspend.note\n  gotong agreement accept suspend.note --data ./vn"
)]
pub(super) struct Suspend {
    #[command(flatten)]
    common: Common,
}

/// Let a suspended part go on.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong agreement resume --agreement rti --data ./vn --root root.key --out resume.note"
)]
pub(super) struct Resume {
    #[command(flatten)]
    common: Common,
}

/// End a member's own part in an agreement, for good.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "It ends at --effective or when the time of notice is over, whichever is later. There is no way back but an amendment.\n\nExample:\n  gotong agreement terminate --agreement rti --data ./vn --root root.key --effective 2027-06-30 --out end.note"
)]
pub(super) struct Terminate {
    #[command(flatten)]
    common: Common,
}

/// Join an agreement that names the member as a candidate.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong agreement accede --agreement rti --charter charter.note --charter agreement.note --root root.key --out accede.note"
)]
pub(super) struct Accede {
    #[command(flatten)]
    common: Common,
}

/// Consent, as a party, to a candidate's joining.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong agreement consent jp --agreement rti --data ./vn --root root.key --out consent.note"
)]
pub(super) struct Consent {
    /// The candidate's code.
    candidate: String,
    #[command(flatten)]
    common: Common,
}

pub(super) fn suspend(what: &Suspend, json: bool) -> Result<Ending> {
    give(&what.common, NoticeKind::Suspend, None, json)
}

pub(super) fn resume(what: &Resume, json: bool) -> Result<Ending> {
    give(&what.common, NoticeKind::Resume, None, json)
}

pub(super) fn terminate(what: &Terminate, json: bool) -> Result<Ending> {
    give(&what.common, NoticeKind::Terminate, None, json)
}

pub(super) fn accede(what: &Accede, json: bool) -> Result<Ending> {
    give(&what.common, NoticeKind::Accede, None, json)
}

pub(super) fn consent(what: &Consent, json: bool) -> Result<Ending> {
    let candidate = MemberCode::from_text(&what.candidate).ok_or_else(|| {
        usage(format!("{:?} is no member code", what.candidate), "name the candidate by its code: jp")
    })?;
    give(&what.common, NoticeKind::Consent, Some(candidate), json)
}

/// An agreement by id, or by a handle that only one has.
pub(super) fn find<'a>(governance: &'a Governance, name: &str) -> Result<&'a Agreement> {
    if let Some(agreement) = AgreementId::from_text(name).and_then(|id| governance.agreements.get(&id)) {
        return Ok(agreement);
    }
    let found: Vec<&Agreement> =
        governance.agreements.values().filter(|agreement| agreement.terms.handle.as_str() == name).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(failure(
            format!("no agreement {name:?} that all its parties have signed is known here"),
            "gotong agreement list shows those that are; name its files with --charter FILE, or a node with --data DIR",
        )),
        _ => {
            let ids: Vec<String> = found.iter().map(|agreement| agreement.id.to_string()).collect();
            Err(failure(
                format!("{} agreements are called {name}", found.len()),
                format!("name one by its id: {}", ids.join(", ")),
            ))
        }
    }
}

/// Whose root key this is, by any charter, the newest first.
fn owner(governance: &Governance, key: &PublicKey) -> Result<MemberCode> {
    let mut members = governance.charters.iter().rev().flat_map(|charter| charter.members.values());
    members.find(|member| member.root_key == *key).map(|member| member.code.clone()).ok_or_else(|| {
        failure(
            format!("the key {} is no member's root key", key.to_text()),
            "name the member's root key with --root FILE",
        )
    })
}

fn effective(given: Option<&str>, now: Timestamp) -> Result<Timestamp> {
    let Some(given) = given else { return Ok(now) };
    let spelled = if given.len() == 10 { format!("{given}T00:00:00Z") } else { given.to_owned() };
    let time = Timestamp::parse(&spelled)
        .ok_or_else(|| usage(format!("{given:?} is no time in UTC"), "write 2026-11-01 or 2026-11-01T08:00:00Z"))?;
    if time < now {
        return Err(usage(
            format!("{given} is in the past"),
            "a notice counts from its own instant at the earliest: leave --effective out",
        ));
    }
    Ok(time)
}

fn give(common: &Common, kind: NoticeKind, subject: Option<MemberCode>, json: bool) -> Result<Ending> {
    let mut governance = common.known.governance()?;
    let now = governance.as_of;
    let agreement = find(&governance, &common.agreement)?.clone();
    let root = root_for(&common.root, crate::founding::rehearses(&governance))?;
    let member = owner(&governance, &root.public())?;
    let effective = effective(common.effective.as_deref(), now)?;
    let reason = common.reason.clone().map(|reason| [("en".to_owned(), reason)].into());
    let wish = Wish { member, kind, subject, effective, reason };
    let notice = next(&governance, &agreement, wish, now)?;
    let note = notice.sign(&governance.region, &root);
    governance.add(note.as_bytes())?;
    put(common.out.as_deref(), &note)?;
    let Some(out) = &common.out else { return Ok(Ending::Done) };
    say(&governance, &notice, out, json)
}

/// Signs a notice that was drafted on a page, in its file. It is dated when it is signed: a time of notice counts from then.
pub(super) fn sign(file: &Path, known: &Known, root: &Path, json: bool) -> Result<Ending> {
    let mut governance = known.governance()?;
    let opened = document::open(&read(file)?, Some(&governance.region), Purpose::Notice)?;
    let drafted = Notice::from_value(opened.value)?;
    let Some(agreement) = governance.agreements.get(&drafted.agreement).cloned() else {
        return Err(failure(
            format!("the agreement {} is not known here", drafted.agreement),
            "name its files with --charter FILE, or a node with --data DIR",
        ));
    };
    let root = root_for(root, crate::founding::rehearses(&governance))?;
    let member = owner(&governance, &root.public())?;
    if member != drafted.member {
        let what = format!("this is a notice of {}, and the key is that of {member}", drafted.member);
        return Err(failure(what, "sign it with the root key of the member whose part it is"));
    }
    let now = governance.as_of.max(drafted.published_at);
    let effective = drafted.effective.max(now);
    let (kind, subject, reason) = (drafted.notice, drafted.subject, drafted.reason);
    let notice = next(&governance, &agreement, Wish { member, kind, subject, effective, reason }, now)?;
    let note = notice.sign(&governance.region, &root);
    governance.add(note.as_bytes())?;
    put(Some(file), &note)?;
    say(&governance, &notice, file, json)
}

/// Says what a notice that was signed comes to.
fn say(governance: &Governance, notice: &Notice, out: &Path, json: bool) -> Result<Ending> {
    let agreement = governance.agreements.get(&notice.agreement).context("a notice has an agreement")?;
    let effect = agreement.effect_of(notice);
    let told = told(governance, agreement, notice, effect);
    let (member, kind) = (&notice.member, notice.notice.as_str());
    if json {
        print_json(
            &json!({"file": out, "agreement": agreement.id.to_string(), "member": member.as_str(), "notice": kind,
            "serial": notice.serial, "effect": effect.to_string(), "hash": notice.hash(&governance.region).to_text(), "told": told}),
        )?;
    } else {
        let next = format!(
            "Next: gotong agreement accept {} --data DIR, at the member's own node; it tells the other parties'.\nSign no other notice before that: two of one number split the chain, and nothing after them counts.",
            out.display()
        );
        print(&format!("Signed {}: {kind} of {member}, number {}\n  {told}\n{next}\n", out.display(), notice.serial))?;
    }
    Ok(Ending::Done)
}

/// The next notice; refuses what would have no effect.
fn next(governance: &Governance, agreement: &Agreement, wish: Wish, now: Timestamp) -> Result<Notice> {
    let (member, handle) = (wish.member.clone(), &agreement.terms.handle);
    part::notice(governance, agreement, wish, now).map_err(|refusal| {
        let (what, hint) = match refusal {
            Refusal::NoCandidate(code) => (
                format!("{handle} names no candidate {code} then"),
                "ask the parties for an amendment that names it under [accession]",
            ),
            Refusal::PartAlready => (format!("{member} has a part in {handle} already"), "nothing is to be done"),
            Refusal::NoParty => (format!("{member} is no party of {handle}"), "only parties consent"),
            Refusal::NoPart => {
                (format!("{member} has no part in {handle} then"), "gotong agreement list shows the parts")
            }
            Refusal::Ended => {
                (format!("the part of {member} in {handle} has ended, for good"), "only an amendment brings it back")
            }
            Refusal::NotSuspended => {
                (format!("the part of {member} in {handle} is not suspended then"), "nothing is to be done")
            }
            Refusal::SuspendedAlready => {
                (format!("the part of {member} in {handle} is suspended then already"), "nothing is to be done")
            }
            Refusal::Split => (
                format!("{member} has signed two different notices with one serial; nothing after them counts"),
                "agree with the other parties on an amendment",
            ),
        };
        failure(what, hint)
    })
}

/// What a notice comes to, in words.
fn told(governance: &Governance, agreement: &Agreement, notice: &Notice, effect: Timestamp) -> String {
    let standing = governance.standing(agreement, effect);
    let member = &notice.member;
    let own = match (notice.notice, standing.parts.get(member).map(|part| part.state)) {
        (NoticeKind::Consent, _) => {
            format!("from {effect} on {member} consents; the candidate joins once all who must have")
        }
        (NoticeKind::Accede, None) => format!("{member} joins at {effect} or when the last party has consented"),
        (_, Some(PartState::Active)) => format!("from {effect} on the part of {member} is active"),
        (_, Some(PartState::Suspended)) => format!("from {effect} on the part of {member} rests"),
        (_, Some(PartState::Ended)) => format!("at {effect} the part of {member} ends, for good"),
        (_, None) => format!("from {effect} on {member} has no part"),
    };
    if standing.is_in_force() {
        own
    } else {
        format!("{own}; fewer than two parts are active then, so the agreement is not in force")
    }
}
