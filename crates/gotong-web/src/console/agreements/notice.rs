//! Drafting a notice: what this member says of its own part in an agreement. Which can be given now, what one would do and when, and then the way by which it
//! is signed and comes back.
//!
//! Nothing is signed or kept here; a notice is dated when it is signed. Read next: `gotong_app::part`, `agreements/hand_in.rs`.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gotong_app::part::{self, Refusal, Wish};
use gotong_model::agreement::{Agreement, Notice, NoticeKind, PartState};
use gotong_model::document::Purpose;
use gotong_model::governance::{Channel, ChannelKind, Governance};
use gotong_model::{MemberCode, Timestamp};
use serde::Deserialize;

use super::super::channels::{Worded, agreement_path, channel_path, member_name};
use super::super::form::Sent;
use super::super::person::Person;
use super::super::shell::Shell;
use super::super::show_as;
use super::super::shown::When;
use super::suppose::{Supposed, suppose};
use super::{expect_governor, may_see, seen, unsigned};
use crate::api::Web;
use crate::problem::Problem;

/// Signs of a reason.
const REASON_MAX: usize = 2_000;

#[derive(Template)]
#[template(path = "console/notice.html")]
struct NoticePage {
    shell: Shell,
    path: String,
    title: Worded,
    handle: String,
    /// This member, by name.
    own: String,
    choices: Vec<Choice>,
    typed: Typed,
    wrong: Option<String>,
    drafted: Option<Ready>,
}

/// A notice that can be given.
struct Choice {
    value: String,
    text: String,
    hint: String,
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    /// A kind, of a consent with the candidate's code behind it.
    kind: String,
    /// A day, UTC; empty: as soon as it is signed.
    from: String,
    reason: String,
}

/// A notice that can be signed.
struct Ready {
    what: String,
    effect: When,
    part: String,
    class: &'static str,
    /// Fewer than two parts are active then.
    is_out_of_force: bool,
    channels: Vec<Turn>,
    supposed: Option<Supposed>,
    note: String,
    file: String,
    agreement: String,
}

impl Ready {
    /// What is typed where the root key is.
    fn command(&self) -> String {
        format!("gotong agreement sign {} --charter charter.note --root ROOT.key", self.file)
    }

    /// Where the documents are that the command stands on.
    fn beside(&self) -> String {
        format!("/charter/documents?agreement={}", self.agreement)
    }
}

/// A channel, as this member has it now and then.
struct Turn {
    handle: String,
    path: Option<String>,
    state: String,
    class: &'static str,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Path(name): Path<String>,
) -> Result<Response, Response> {
    let shown = || {
        expect_governor(&person)?;
        let governance = web.node.governance();
        let agreement = seen(&web, &person, &governance, &name)?;
        show_as(StatusCode::OK, &blank(&web, &person, &governance, agreement, Typed::default()))
    };
    shown().map_err(IntoResponse::into_response)
}

pub(super) async fn check(
    State(web): State<Web>,
    Path(name): Path<String>,
    Sent(person, typed): Sent<Typed>,
) -> Result<Response, Response> {
    checked(&web, &person, &name, typed).await.map_err(IntoResponse::into_response)
}

async fn checked(web: &Web, person: &Person, name: &str, typed: Typed) -> Result<Response, Problem> {
    expect_governor(person)?;
    let governance = web.node.governance();
    let agreement = seen(web, person, &governance, name)?;
    let drafted = draft(web, &governance, agreement, &typed);
    let mut page = blank(web, person, &governance, agreement, typed);
    let status = match drafted {
        Ok(notice) => {
            page.drafted = Some(ready(web, person, &governance, &notice).await?);
            StatusCode::OK
        }
        Err(wrong) => {
            page.wrong = Some(person.words.t(wrong));
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    show_as(status, &page)
}

fn wish(web: &Web, kind: NoticeKind, subject: Option<MemberCode>, effective: Timestamp) -> Wish {
    Wish { member: web.node.member.clone(), kind, subject, effective, reason: None }
}

/// The form, with what can be chosen.
fn blank(web: &Web, person: &Person, governance: &Governance, agreement: &Agreement, typed: Typed) -> NoticePage {
    let words = person.words;
    let now = web.node.now();
    let version = governance.standing(agreement, now).version;
    let rule = version.and_then(|version| version.terms.accession.as_ref());
    let own = &web.node.member;
    let candidates = rule.map(|rule| rule.candidates.as_slice()).unwrap_or_default();
    let consents = candidates.iter().filter(|code| *code != own).map(|code| (NoticeKind::Consent, Some(code)));
    let plain = [NoticeKind::Suspend, NoticeKind::Resume, NoticeKind::Terminate, NoticeKind::Accede];
    let all = plain.into_iter().map(|kind| (kind, None)).chain(consents);
    // Versions that do not count yet have no parts of which anything could be said.
    let is_counted = governance.agreements.contains_key(&agreement.id);
    let fits = |(kind, subject): &(NoticeKind, Option<&MemberCode>)| {
        is_counted && part::notice(governance, agreement, wish(web, *kind, subject.cloned(), now), now).is_ok()
    };
    let choice = |(kind, subject): (NoticeKind, Option<&MemberCode>)| {
        let id = format!("agreements-notice-{}", kind.as_str());
        Choice {
            value: subject.map_or_else(|| kind.as_str().to_owned(), |code| format!("{} {code}", kind.as_str())),
            text: match subject {
                Some(code) => words.named(&id, &member_name(governance, code, words.lang())),
                None => words.t(&id),
            },
            hint: words.t(&format!("agreements-give-{}", kind.as_str())),
        }
    };
    NoticePage {
        path: agreement_path(governance, &agreement.id).unwrap_or_default(),
        title: Worded::of(&agreement.terms.title, words.lang()),
        handle: agreement.terms.handle.to_string(),
        own: member_name(governance, own, words.lang()),
        choices: all.filter(fits).map(choice).collect(),
        typed,
        wrong: None,
        drafted: None,
        shell: Shell::of(web, person, "/agreements"),
    }
}

/// Makes the notice of what was typed; else the message that says what is wrong.
fn draft(web: &Web, governance: &Governance, agreement: &Agreement, typed: &Typed) -> Result<Notice, &'static str> {
    let now = web.node.now();
    let (kind, subject) = match typed.kind.split_once(' ') {
        Some((kind, code)) => (kind, Some(MemberCode::from_text(code).ok_or("agreements-give-wrong-kind")?)),
        None => (typed.kind.as_str(), None),
    };
    let kind = NoticeKind::from_text(kind).ok_or("agreements-give-wrong-kind")?;
    if (kind == NoticeKind::Consent) != subject.is_some() {
        return Err("agreements-give-wrong-kind");
    }
    let effective = match typed.from.trim() {
        "" => now,
        day => Timestamp::parse(&format!("{day}T00:00:00Z")).ok_or("agreements-give-wrong-day")?,
    };
    // The day that has begun is meant from now on.
    if effective.plus_ms(86_400_000) <= now {
        return Err("agreements-give-wrong-past");
    }
    let reason = typed.reason.trim();
    if reason.chars().count() > REASON_MAX {
        return Err("agreements-give-wrong-reason");
    }
    let reason = (!reason.is_empty()).then(|| [("en".to_owned(), reason.replace("\r\n", "\n"))].into());
    let wish = Wish { reason, ..wish(web, kind, subject, effective.max(now)) };
    let notice = part::notice(governance, agreement, wish, now).map_err(|refusal| match refusal {
        Refusal::NoCandidate(_) | Refusal::NoParty | Refusal::NoPart => "agreements-give-no-part",
        Refusal::PartAlready => "agreements-give-part-already",
        Refusal::Ended => "agreements-give-ended",
        Refusal::NotSuspended => "agreements-give-not-suspended",
        Refusal::SuspendedAlready => "agreements-give-suspended-already",
        Refusal::Split => "agreements-give-split",
    })?;
    Notice::from_value(notice.to_value()).map_err(|_| "agreements-give-wrong-reason")
}

async fn ready(web: &Web, person: &Person, governance: &Governance, notice: &Notice) -> Result<Ready, Problem> {
    let words = person.words;
    let note = unsigned(&governance.region, Purpose::Notice, &notice.to_value());
    let supposed = suppose(web, person, note.as_bytes()).await?.ok();
    let after = governance.supposing(note.as_bytes()).map_or_else(|_| governance.clone(), |(after, _)| after);
    let known = after.agreements.get(&notice.agreement).cloned();
    let Some(agreement) = known else { return Err(Problem::of(&crate::problem::table::NOT_FOUND)) };
    let effect = agreement.effect_of(notice);
    let standing = after.standing(&agreement, effect);
    let (part, class) = match standing.parts.get(&notice.member).map(|part| part.state) {
        Some(PartState::Active) => ("agreements-part-active", "good"),
        Some(PartState::Suspended) => ("agreements-part-suspended", "warn"),
        Some(PartState::Ended) => ("agreements-part-ended", "warn"),
        None => ("agreements-part-none", "calm"),
    };
    let subject = notice.subject.as_ref().map(|code| member_name(governance, code, words.lang())).unwrap_or_default();
    Ok(Ready {
        what: words.named(&format!("agreements-notice-{}", notice.notice.as_str()), &subject),
        effect: When::at(&person.moments, effect),
        part: words.t(part),
        class,
        is_out_of_force: !standing.is_in_force(),
        channels: turns(web, person, (governance, &after), &agreement, effect),
        supposed,
        file: format!("{}-{}-{}.note", agreement.terms.handle, notice.notice.as_str(), notice.serial),
        agreement: agreement.id.to_string(),
        note,
    })
}

/// What becomes of each channel of the agreement for this member.
fn turns(
    web: &Web,
    person: &Person,
    (before, after): (&Governance, &Governance),
    agreement: &Agreement,
    effect: Timestamp,
) -> Vec<Turn> {
    let member = &web.node.member;
    let is_of = |channel: &Channel<'_>| channel.agreement.id == agreement.id && channel.kind == ChannelKind::Standing;
    let row = |channel: Channel<'_>| {
        let was = before.in_audience_at(&channel.id, member, web.node.now());
        let will = after.in_audience_at(&channel.id, member, effect);
        let (state, class) = match (was, will) {
            (true, false) => ("agreements-give-closes", "warn"),
            (false, true) => ("agreements-give-opens", "good"),
            (true, true) => ("agreements-give-stays-open", "calm"),
            (false, false) => ("agreements-give-stays-closed", "calm"),
        };
        let handle = channel.handle();
        let is_known = person.caller.channel(&web.node, &channel.id.to_string()).is_some();
        Turn { path: is_known.then(|| channel_path(&handle)), handle, state: person.words.t(state), class }
    };
    after.channels().filter(is_of).map(row).collect()
}

/// Whether a page offers it: the agreement counts, and this member may be said something of.
pub(super) fn is_offered(web: &Web, person: &Person, governance: &Governance, agreement: &Agreement) -> bool {
    expect_governor(person).is_ok()
        && governance.agreements.contains_key(&agreement.id)
        && may_see(&web.node, &person.caller, governance, &agreement.id)
}
