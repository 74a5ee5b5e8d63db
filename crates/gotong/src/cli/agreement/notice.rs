//! `gotong agreement suspend`, `resume`, `terminate`, `accede`, `consent`: what one member says of its own part, signed with its root key. Serial and previous
//! notice follow from what the node or the files named know; what the notice comes to is worked out before it is handed out.

use std::path::PathBuf;

use anyhow::Result;
use gotong_crypto::PublicKey;
use gotong_model::agreement::{Agreement, Notice, NoticeKind, PartState};
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, MemberCode, Timestamp};
use serde_json::json;

use super::super::Ending;
use super::super::documents::{put, root_for};
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
    fits(&governance, &agreement, &member, kind, subject.as_ref(), effective)?;
    let chain = agreement.notices.get(&member).map(Vec::as_slice).unwrap_or_default();
    let newest = chain.last();
    let split =
        newest.is_some_and(|(_, last)| chain.iter().filter(|(_, other)| other.serial == last.serial).count() > 1);
    if split {
        let what = format!("{member} has signed two different notices with one serial; nothing after them counts");
        return Err(failure(what, "agree with the other parties on an amendment"));
    }
    let notice = Notice {
        agreement: agreement.id,
        member: member.clone(),
        notice: kind,
        subject,
        serial: newest.map_or(1, |(_, last)| last.serial + 1),
        previous: newest.map(|(hash, _)| *hash),
        published_at: newest.map_or(now, |(_, last)| now.max(last.published_at)),
        effective: newest.map_or(effective, |(_, last)| effective.max(last.published_at)),
        reason: common.reason.clone().map(|reason| [("en".to_owned(), reason)].into()),
    };
    let note = notice.sign(&governance.region, &root);
    governance.add(note.as_bytes())?;
    put(common.out.as_deref(), &note)?;
    let Some(out) = &common.out else { return Ok(Ending::Done) };
    let agreement = governance.agreements.get(&agreement.id).cloned().unwrap_or(agreement);
    let effect = agreement.effect_of(&notice);
    let told = told(&governance, &agreement, &notice, effect);
    if json {
        print_json(
            &json!({"file": out, "agreement": agreement.id.to_string(), "member": member.as_str(), "notice": kind.as_str(),
            "serial": notice.serial, "effect": effect.to_string(), "hash": notice.hash(&governance.region).to_text(), "told": told}),
        )?;
    } else {
        let next = format!(
            "Next: gotong agreement accept {} --data DIR, at the member's own node; it tells the other parties'.\nSign no other notice before that: two of one number split the chain, and nothing after them counts.",
            out.display()
        );
        print(&format!(
            "Signed {}: {} of {member}, number {}\n  {told}\n{next}\n",
            out.display(),
            kind.as_str(),
            notice.serial
        ))?;
    }
    Ok(Ending::Done)
}

/// Refuses what would have no effect.
fn fits(
    governance: &Governance,
    agreement: &Agreement,
    member: &MemberCode,
    kind: NoticeKind,
    subject: Option<&MemberCode>,
    at: Timestamp,
) -> Result<()> {
    let standing = governance.standing(agreement, at);
    let part = standing.parts.get(member).map(|part| part.state);
    let rule = standing.version.and_then(|version| version.terms.accession.as_ref());
    let handle = &agreement.terms.handle;
    let is_candidate = |code: &MemberCode| rule.is_some_and(|rule| rule.candidates.contains(code));
    let no = |what: String, hint: &str| Err(failure(what, hint.to_owned()));
    match kind {
        NoticeKind::Accede if !is_candidate(member) => no(
            format!("{handle} names no candidate {member} then"),
            "ask the parties for an amendment that names it under [accession]",
        ),
        NoticeKind::Accede if part == Some(PartState::Active) => {
            no(format!("{member} has a part in {handle} already"), "nothing is to be done")
        }
        NoticeKind::Consent => match subject {
            Some(subject) if !is_candidate(subject) => no(
                format!("{handle} names no candidate {subject} then"),
                "ask the parties for an amendment that names it under [accession]",
            ),
            _ if part.is_none() => no(format!("{member} is no party of {handle}"), "only parties consent"),
            Some(_) | None => Ok(()),
        },
        NoticeKind::Accede => Ok(()),
        NoticeKind::Suspend | NoticeKind::Resume | NoticeKind::Terminate if part.is_none() => {
            no(format!("{member} has no part in {handle} then"), "gotong agreement list shows the parts")
        }
        _ if part == Some(PartState::Ended) => {
            no(format!("the part of {member} in {handle} has ended, for good"), "only an amendment brings it back")
        }
        NoticeKind::Resume if part == Some(PartState::Active) => {
            no(format!("the part of {member} in {handle} is not suspended then"), "nothing is to be done")
        }
        NoticeKind::Suspend if part == Some(PartState::Suspended) => {
            no(format!("the part of {member} in {handle} is suspended then already"), "nothing is to be done")
        }
        NoticeKind::Suspend | NoticeKind::Resume | NoticeKind::Terminate => Ok(()),
    }
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
