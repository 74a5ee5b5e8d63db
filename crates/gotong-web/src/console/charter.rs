//! Charter and members: the region with its words to be compared by voice, the members with their keys and connection, who may change the charter, its
//! versions, and what members have said of their parts.
//!
//! Tiles, and no map: no border is drawn here. Read next: `console/agreements.rs`, and `gotong_model::charter`.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gotong_app::role::Right;
use gotong_crypto::text;
use gotong_model::agreement::{NoticeKind, PartState};
use gotong_model::charter::Charter;
use gotong_model::document::{self, DocumentFault, Purpose, Role};
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, MemberCode, Timestamp};
use serde::Deserialize;

use super::agreements::{attached, expect_overseer, may_see};
use super::channels::{Worded, agreement_path, member_name, names};
use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::When;
use crate::api::Web;
use crate::api::operation::PeerBody;
use crate::api::who::lacking;
use crate::federation::LinkState;
use crate::problem::{Problem, table};

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/charter", get(page)).route("/charter/documents", get(download))
}

/// Who of those who may has signed a charter, and who has not.
pub(super) struct Votes {
    pub(super) signed: Vec<MemberCode>,
    pub(super) missing: Vec<MemberCode>,
    /// How many voters it takes.
    pub(super) at_least: usize,
    /// Whether it lacks votes, or the consent of somebody whom it names with a new key.
    pub(super) is_wanting: bool,
}

/// The votes on a charter. Of one whose charter before is not here nobody can say who may vote.
pub(super) fn votes(governance: &Governance, note: &[u8]) -> Result<(Charter, Option<Votes>), DocumentFault> {
    let opened = document::open(note, Some(&governance.region), Purpose::Charter)?;
    let charter = Charter::from_value(opened.value.clone())?;
    let before = match charter.previous {
        None => Some(&charter),
        Some(previous) => governance.charters.iter().find(|known| known.hash() == previous),
    };
    let Some(before) = before else { return Ok((charter, None)) };
    let has_signed = |of: &Charter, code: &MemberCode| {
        let key = of.members.get(code).map(|member| member.root_key);
        let signer = key.map(|key| document::signer(&governance.region, code, Role::Root, &key));
        signer.is_some_and(|signer| opened.note.verify(&[signer]).is_ok_and(|found| !found.is_empty()))
    };
    let key = |of: &Charter, code: &MemberCode| of.members.get(code).map(|member| member.root_key);
    let is_new = |code: &&MemberCode| charter.number > 1 && key(before, code) != key(&charter, code);
    let must: Vec<MemberCode> = charter.members.keys().filter(is_new).cloned().collect();
    let (mut signed, mut missing): (Vec<MemberCode>, Vec<MemberCode>) =
        before.voters.iter().cloned().partition(|code| has_signed(before, code));
    let is_wanting = signed.len() < before.at_least || must.iter().any(|code| !has_signed(&charter, code));
    let (joined, absent): (Vec<MemberCode>, Vec<MemberCode>) =
        must.into_iter().partition(|code| has_signed(&charter, code));
    signed.extend(joined.into_iter().filter(|code| !before.voters.contains(code)));
    missing.extend(absent.into_iter().filter(|code| !before.voters.contains(code)));
    let at_least = before.at_least;
    Ok((charter, Some(Votes { signed, missing, at_least, is_wanting })))
}

#[derive(Template)]
#[template(path = "console/charter.html")]
struct CharterPage {
    shell: Shell,
    title: Worded,
    words: String,
    region: String,
    founded: When,
    number: u64,
    from: When,
    voters: Vec<String>,
    rule: String,
    grace: String,
    tiles: Vec<Tile>,
    members: Vec<MemberRow>,
    former: Vec<(String, String)>,
    said: Vec<SaidRow>,
    versions: Vec<VersionRow>,
    may_hand_in: bool,
    may_download: bool,
    may_see_house: bool,
}

/// A member: no map, no border.
struct Tile {
    code: String,
    name: String,
    role: String,
    state: String,
    class: &'static str,
}

struct MemberRow {
    code: String,
    name: String,
    is_voter: bool,
    key_words: String,
    key: String,
    since: u64,
    statement: Option<StatementRow>,
}

/// What a member's root last said of its node.
struct StatementRow {
    serial: u64,
    at: When,
    addresses: Vec<String>,
}

/// What somebody has said of its part in an agreement.
struct SaidRow {
    who: String,
    what: String,
    agreement: String,
    path: Option<String>,
    at: When,
}

struct VersionRow {
    number: u64,
    from: When,
    state: String,
    class: &'static str,
    signed: Vec<String>,
    missing: Vec<String>,
    rule: String,
    changes: Vec<String>,
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_overseer(&person)?;
    let peers = web.peers(&person.caller).await?;
    let governance = web.node.governance();
    let charter = &governance.charter;
    let (words, language) = (person.words, person.words.lang());
    show(&CharterPage {
        title: Worded::of(&charter.name, language),
        words: governance.region.to_words(),
        region: governance.region.to_string(),
        founded: When::at(&person.moments, charter.founded_at),
        number: charter.number,
        from: When::at(&person.moments, charter.from),
        voters: names(&governance, &charter.voters, language),
        rule: rule(&person, charter.at_least, charter.voters.len()),
        grace: words.count("charter-grace-hours", usize::try_from(charter.grace_hours).unwrap_or(usize::MAX)),
        tiles: tiles(&web, &person, &governance, &peers),
        members: members(&person, &governance),
        former: former(&governance, language),
        said: said(&web, &person, &governance),
        versions: versions(&person, &governance),
        may_hand_in: person.caller.may(Right::Documents),
        may_see_house: gotong_app::house::may_know(&person.caller),
        may_download: person.caller.may(Right::Documents) || person.caller.may(Right::Audit),
        shell: Shell::of(&web, &person, "/charter"),
    })
}

fn rule(person: &Person, at_least: usize, voters: usize) -> String {
    if at_least >= voters {
        person.words.t("charter-rule-all")
    } else {
        person.words.count("charter-rule-some", at_least)
    }
}

fn tiles(web: &Web, person: &Person, governance: &Governance, peers: &[PeerBody]) -> Vec<Tile> {
    let words = person.words;
    let tile = |member: &gotong_model::charter::Member| {
        let peer = peers.iter().find(|peer| peer.member == member.code.as_str());
        let (state, class) = match peer.map(|peer| peer.state) {
            _ if member.code == web.node.member => ("now-here", "self"),
            Some(LinkState::Connected) => ("now-connected", "good"),
            Some(LinkState::Dialling) => ("now-dialling", "calm"),
            Some(LinkState::Unreachable) => ("now-unreachable", "bad"),
            Some(LinkState::Idle) | None => ("now-idle", "calm"),
        };
        Tile {
            code: member.code.to_string(),
            name: Worded::of(&member.name, words.lang()).text,
            role: words.t(&format!("charter-role-{}", member.role.as_str())),
            state: words.t(state),
            class,
        }
    };
    governance.charter.members.values().map(tile).collect()
}

fn members(person: &Person, governance: &Governance) -> Vec<MemberRow> {
    let charter = &governance.charter;
    let row = |member: &gotong_model::charter::Member| {
        let has_key =
            |known: &&Charter| known.members.get(&member.code).is_some_and(|before| before.root_key == member.root_key);
        MemberRow {
            code: member.code.to_string(),
            name: Worded::of(&member.name, person.words.lang()).text,
            is_voter: charter.voters.contains(&member.code),
            key_words: text::words(&member.root_key.to_bytes()),
            key: member.root_key.to_text(),
            since: governance.charters.iter().find(has_key).map_or(charter.number, |known| known.number),
            statement: governance.statement(&member.code).map(|statement| StatementRow {
                serial: statement.serial,
                at: When::at(&person.moments, statement.issued_at),
                addresses: statement.addresses.clone(),
            }),
        }
    };
    charter.members.values().map(row).collect()
}

/// Members of earlier charters that the one in force does not name.
fn former(governance: &Governance, language: &str) -> Vec<(String, String)> {
    let mut codes: Vec<&MemberCode> = governance.charters.iter().flat_map(|charter| charter.members.keys()).collect();
    codes.retain(|code| !governance.charter.members.contains_key(*code));
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().map(|code| (code.to_string(), member_name(governance, code, language))).collect()
}

/// Parts that rest or have ended by a notice, in the agreements that this person may see.
fn said(web: &Web, person: &Person, governance: &Governance) -> Vec<SaidRow> {
    let words = person.words;
    let mut rows: Vec<(Timestamp, SaidRow)> = Vec::new();
    for agreement in governance.agreements.values() {
        if !may_see(&web.node, &person.caller, governance, &agreement.id) {
            continue;
        }
        let standing = governance.standing(agreement, governance.as_of);
        for (code, part) in &standing.parts {
            let kind = match part.state {
                PartState::Active => continue,
                PartState::Suspended => NoticeKind::Suspend,
                PartState::Ended => NoticeKind::Terminate,
            };
            let row = SaidRow {
                who: member_name(governance, code, words.lang()),
                what: words.t(&format!("agreements-notice-{}", kind.as_str())),
                agreement: Worded::of(&agreement.terms.title, words.lang()).text,
                path: agreement_path(governance, &agreement.id),
                at: When::at(&person.moments, part.since),
            };
            rows.push((part.since, row));
        }
    }
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn versions(person: &Person, governance: &Governance) -> Vec<VersionRow> {
    let (words, language) = (person.words, person.words.lang());
    let charters =
        governance.notes().into_iter().filter(|note| document::purpose_of(note.as_bytes()) == Ok(Purpose::Charter));
    let read = charters.filter_map(|note| votes(governance, note.as_bytes()).ok());
    let mut rows: Vec<VersionRow> = read
        .map(|(charter, votes)| {
            let hash = charter.hash();
            let counts = governance.charters.iter().any(|known| known.hash() == hash);
            let (state, class) = match () {
                () if hash == governance.charter.hash() => ("charter-in-force", "good"),
                () if counts && charter.from > governance.as_of => ("charter-not-yet", "calm"),
                () if counts => ("charter-followed", "calm"),
                () if votes.is_none() => ("charter-waits-before", "warn"),
                () => ("charter-waits", "warn"),
            };
            let before = charter.previous.and_then(|old| governance.charters.iter().find(|known| known.hash() == old));
            let votes =
                votes.unwrap_or(Votes { signed: Vec::new(), missing: Vec::new(), at_least: 0, is_wanting: true });
            let voters = before.unwrap_or(&charter).voters.len();
            VersionRow {
                number: charter.number,
                from: When::at(&person.moments, charter.from),
                state: words.t(state),
                class,
                signed: names(governance, &votes.signed, language),
                missing: if votes.is_wanting { names(governance, &votes.missing, language) } else { Vec::new() },
                rule: rule(person, votes.at_least, voters),
                changes: before.map(|before| changes(person, before, &charter)).unwrap_or_default(),
            }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.number));
    rows
}

/// What a charter changes, in a line each.
pub(super) fn changes(person: &Person, before: &Charter, next: &Charter) -> Vec<String> {
    let (words, language) = (person.words, person.words.lang());
    let name = |of: &Charter, code: &MemberCode| {
        of.members.get(code).map_or_else(|| code.to_string(), |member| Worded::of(&member.name, language).text)
    };
    let mut told = Vec::new();
    for (code, member) in &next.members {
        match before.members.get(code) {
            None => told.push(words.named("charter-change-joins", &name(next, code))),
            Some(old) if old.root_key != member.root_key => {
                told.push(words.named("charter-change-key", &name(next, code)));
            }
            Some(old) if old != member => told.push(words.named("charter-change-member", &name(next, code))),
            Some(_) => {}
        }
    }
    let gone = before.members.keys().filter(|code| !next.members.contains_key(*code));
    told.extend(gone.map(|code| words.named("charter-change-leaves", &name(before, code))));
    if before.voters != next.voters || before.at_least != next.at_least {
        told.push(words.t("charter-change-voters"));
    }
    if before.grace_hours != next.grace_hours {
        told.push(words.t("charter-change-grace"));
    }
    if before.name != next.name {
        told.push(words.t("charter-change-name"));
    }
    told
}

/// What else goes into the file.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Beside {
    /// An agreement, by its id: its versions and notices go along, on which an amendment stands.
    agreement: String,
}

/// The charters that count, as one file: what a command far from any node needs beside an agreement.
async fn download(State(web): State<Web>, person: Person, Query(beside): Query<Beside>) -> Result<Response, Response> {
    known(&web, &person, &beside).map_err(IntoResponse::into_response)
}

fn known(web: &Web, person: &Person, beside: &Beside) -> Result<Response, Problem> {
    expect_overseer(person)?;
    if !person.caller.may(Right::Documents) && !person.caller.may(Right::Audit) {
        return Err(lacking(&person.caller, Right::Documents));
    }
    let governance = web.node.governance();
    let mut found: Vec<(u64, String)> = Vec::new();
    for note in governance.notes() {
        let Ok((charter, _)) = votes(&governance, note.as_bytes()) else { continue };
        if governance.charters.iter().any(|known| known.hash() == charter.hash()) {
            found.push((charter.number, note));
        }
    }
    found.sort();
    let mut text: String = found.into_iter().map(|(_, note)| note).collect();
    if let Some(id) = AgreementId::from_text(&beside.agreement) {
        let seen = Some(id).filter(|id| may_see(&web.node, &person.caller, &governance, id));
        let found = seen.and_then(|id| governance.agreements.get(&id).or_else(|| governance.proposals.get(&id)));
        let agreement = found.ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
        text.extend(agreement.versions.iter().map(|version| String::from_utf8_lossy(&version.note).into_owned()));
        text.extend(governance.notice_notes(agreement));
    }
    Ok(attached("charter.note", text))
}
