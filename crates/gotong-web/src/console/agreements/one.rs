//! One agreement: parties and their parts, its clauses in one language or two side by side, the channels it opens, its versions, what will change, and a form
//! that says who would see something.
//!
//! Everything that is asked stands in the address. Read next: `agreements/version.rs`, `gotong_app::explain`.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use gotong_app::NodeFault;
use gotong_app::explain;
use gotong_app::role::Right;
use gotong_app::view::{self, ExplainQuestion, Explanation};
use gotong_model::agreement::{Agreement, NoticeKind};
use gotong_model::governance::{ChannelKind, Governance};
use gotong_model::{Tlp, record};
use serde::Deserialize;

use super::super::channels::{Happens, TURNS, Worded, agreement_path, channel_path, coming, member_name, names};
use super::super::person::Person;
use super::super::shell::Shell;
use super::super::show;
use super::super::shown::{Because, Label, When};
use super::{DraftRow, Part, draft_rows, parts, seen, state_of, version_path};
use crate::api::Web;
use crate::problem::Problem;

/// What the address asks for.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Asked {
    /// The language of the clauses.
    one: String,
    /// A second one beside it.
    two: String,
    /// The channel of the question.
    channel: String,
    label: String,
    #[serde(rename = "type")]
    object_type: String,
}

#[derive(Template)]
#[template(path = "console/agreement.html")]
struct AgreementPage {
    shell: Shell,
    path: String,
    handle: String,
    id: String,
    title: Worded,
    number: u64,
    state: String,
    class: &'static str,
    purpose: String,
    legal_basis: String,
    from: When,
    until: Option<When>,
    dates_clause: String,
    notice_days: String,
    parties_clause: String,
    parts: Vec<Part>,
    drafts: Vec<DraftRow>,
    notices: Vec<NoticeRow>,
    channels: Vec<Opens>,
    languages: Vec<String>,
    one: String,
    two: String,
    clauses: Vec<Sides>,
    versions: Vec<VersionRow>,
    turns: Vec<Happens>,
    asked: Asked,
    answer: Option<Answer>,
    may_audit: bool,
    may_give_notice: bool,
}

struct NoticeRow {
    who: String,
    what: String,
    at: When,
    reason: Option<Worded>,
}

/// A channel that it opens.
struct Opens {
    path: Option<String>,
    handle: String,
    purpose: String,
    ceiling: Label,
    audience: Vec<String>,
    is_exercise: bool,
}

/// A clause, in one language or two.
struct Sides {
    number: String,
    sides: Vec<Option<(Worded, Worded)>>,
}

struct VersionRow {
    path: String,
    number: u64,
    from: When,
    is_now: bool,
}

/// Who would see what was asked about.
struct Answer {
    permitted: bool,
    channel: String,
    label: Label,
    grounds: Vec<(String, Because, String)>,
    members: Vec<Seer>,
}

struct Seer {
    code: String,
    name: String,
    receives: bool,
    says: Vec<(String, Because, String)>,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Response> {
    one(&web, &person, &name, asked).await.map_err(IntoResponse::into_response)
}

async fn one(web: &Web, person: &Person, name: &str, asked: Asked) -> Result<Response, Problem> {
    let governance = web.node.governance();
    let agreement = seen(web, person, &governance, name)?;
    let (id, asking) = (agreement.id, person.caller.clone());
    let question = question(&governance, agreement, &asked);
    let (turns, explained) = web
        .run(move |node| {
            let explained = question.and_then(|question| view::explain(node, &asking, &question));
            Ok::<_, NodeFault>((coming(node, &asking, &id)?, explained))
        })
        .await?;
    let words = person.words;
    let terms = &agreement.terms;
    let (state, class) = state_of(&governance, agreement);
    let (languages, one, two) = languages(agreement, &asked, words.lang());
    let mut turns: Vec<Happens> = turns.into_iter().map(|turn| Happens::of(person, turn, None)).collect();
    turns.truncate(TURNS);
    show(&AgreementPage {
        path: agreement_path(&governance, &id).unwrap_or_default(),
        handle: terms.handle.to_string(),
        id: id.to_string(),
        title: Worded::of(&terms.title, words.lang()),
        number: terms.number,
        state: words.t(state),
        class,
        purpose: terms.purpose.clone(),
        legal_basis: terms.legal_basis.clone(),
        from: When::at(&person.moments, terms.from),
        until: terms.until.map(|until| When::at(&person.moments, until)),
        dates_clause: terms.dates_clause.clone(),
        notice_days: words.count("agreements-notice-days", usize::try_from(terms.notice_days).unwrap_or(usize::MAX)),
        parties_clause: terms.parties_clause.clone(),
        parts: parts(&governance, person, agreement),
        drafts: draft_rows(&governance, person, &id),
        notices: notices(&governance, person, agreement),
        channels: opens(web, person, &governance, agreement),
        clauses: sides(agreement, &one, &two),
        languages,
        one,
        two,
        versions: versions(&governance, person, agreement),
        turns,
        answer: explained.map(|explained| answer(&governance, person, &asked.channel, explained)),
        asked,
        may_audit: person.caller.may(Right::Audit),
        may_give_notice: super::notice::is_offered(web, person, &governance, agreement),
        shell: Shell::of(web, person, "/agreements"),
    })
}

/// The languages of the clauses, and which were chosen: the page's own where nobody chose, else English.
fn languages(agreement: &Agreement, asked: &Asked, own: &str) -> (Vec<String>, String, String) {
    let clauses = agreement.terms.clauses.iter();
    let all: BTreeSet<&String> = clauses.flat_map(|clause| clause.title.keys().chain(clause.text.keys())).collect();
    let known = |tag: &str| all.iter().find(|known| known.as_str() == tag).map(|known| (*known).clone());
    let first = known(&asked.one).or_else(|| known(own)).or_else(|| known("en")).unwrap_or_default();
    let second = known(&asked.two).filter(|second| *second != first).unwrap_or_default();
    (all.into_iter().cloned().collect(), first, second)
}

fn sides(agreement: &Agreement, one: &str, two: &str) -> Vec<Sides> {
    let chosen: Vec<&str> = [one, two].into_iter().filter(|language| !language.is_empty()).collect();
    let clauses = agreement.terms.clauses.iter().map(|clause| {
        let side = |language: &&str| {
            let worded = |text: &String| Worded { text: text.clone(), lang: (*language).to_owned() };
            let (title, text) = (clause.title.get(*language), clause.text.get(*language));
            (title.is_some() || text.is_some())
                .then(|| (worded(title.unwrap_or(&String::new())), worded(text.unwrap_or(&String::new()))))
        };
        Sides { number: clause.number.clone(), sides: chosen.iter().map(side).collect() }
    });
    clauses.collect()
}

fn notices(governance: &Governance, person: &Person, agreement: &Agreement) -> Vec<NoticeRow> {
    let words = person.words;
    let row = |notice: &gotong_model::agreement::Notice| {
        let id = format!("agreements-notice-{}", notice.notice.as_str());
        let subject = notice.subject.as_ref().map(|code| member_name(governance, code, words.lang()));
        let what = match (notice.notice, subject) {
            (NoticeKind::Consent, Some(subject)) => words.named(&id, &subject),
            _ => words.t(&id),
        };
        NoticeRow {
            who: member_name(governance, &notice.member, words.lang()),
            what,
            at: When::at(&person.moments, agreement.effect_of(notice)),
            reason: notice.reason.as_ref().map(|reason| Worded::of(reason, words.lang())),
        }
    };
    agreement.notices.values().flatten().map(|(_, notice)| row(notice)).collect()
}

/// Its channels as the terms name them; a page of one only where this person may read it.
fn opens(web: &Web, person: &Person, governance: &Governance, agreement: &Agreement) -> Vec<Opens> {
    let is_of = |kind: ChannelKind| matches!(kind, ChannelKind::Standing);
    let types = agreement.terms.channel_types.iter().map(|kind| {
        let id = agreement.channel(&governance.region, kind);
        let channel = governance.channel(&id).filter(|channel| is_of(channel.kind));
        let is_readable = person.caller.channel(&web.node, &id.to_string()).is_some();
        let handle = format!("{}/{}", agreement.terms.handle, kind.name);
        Opens {
            path: channel.filter(|_| is_readable).map(|channel| channel_path(&channel.handle())),
            handle,
            purpose: kind.purpose.clone(),
            ceiling: Label::of(kind.ceiling),
            audience: names(governance, &kind.audience, person.words.lang()),
            is_exercise: kind.exercise,
        }
    });
    types.collect()
}

fn versions(governance: &Governance, person: &Person, agreement: &Agreement) -> Vec<VersionRow> {
    let standing = governance.standing(agreement, governance.as_of);
    let row = |version: &gotong_model::agreement::Version| VersionRow {
        path: version_path(governance, &agreement.id, &version.hash),
        number: version.terms.number,
        from: When::at(&person.moments, version.terms.from),
        is_now: standing.version.is_some_and(|now| now.hash == version.hash),
    };
    agreement.versions.iter().rev().map(row).collect()
}

/// The question of the form. `None`: nothing was asked, or a channel that this agreement does not open.
fn question(governance: &Governance, agreement: &Agreement, asked: &Asked) -> Option<ExplainQuestion> {
    if asked.channel.is_empty() {
        return None;
    }
    let channel = governance.channel_by_name(&asked.channel)?;
    if channel.agreement.id != agreement.id || channel.kind != ChannelKind::Standing {
        return None;
    }
    let slug = record::STIX.slug;
    let kind = match asked.object_type.trim() {
        "" => slug.to_owned(),
        object_type => format!("{slug}.{}", object_type.chars().take(100).collect::<String>()),
    };
    let label = Tlp::from_human(&asked.label);
    Some(ExplainQuestion { channel: channel.id, kind, label, personal_data: None, at: None })
}

fn answer(governance: &Governance, person: &Person, channel: &str, explained: Explanation) -> Answer {
    let clause = |handle: &str, clause: &str| format!("{handle} {clause}");
    let members = explained.members.into_iter().map(|member| Seer {
        receives: explained.permitted && member.reception == explain::Reception::Receives,
        name: member_name(governance, &member.code, person.words.lang()),
        code: member.code.to_string(),
        says: member
            .says
            .into_iter()
            .map(|said| {
                let because = Because::ground(person.words, &said.ground);
                (clause(&said.ground.handle, &said.ground.clause), because, said.words)
            })
            .collect(),
    });
    Answer {
        permitted: explained.permitted,
        channel: channel.to_owned(),
        label: Label::of(explained.label),
        grounds: explained
            .grounds
            .into_iter()
            .map(|ground| {
                let because = Because::ground(person.words, &ground);
                (clause(&ground.handle, &ground.clause), because, ground.title)
            })
            .collect(),
        members: members.collect(),
    }
}
