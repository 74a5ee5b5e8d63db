//! One object with all that is known around it: what it says, who sees it under which clause, who holds it, what is related, who has seen it, its versions
//! and where each came from. What is shown is what the use cases answer to this person; a hidden object is not there.

use askama::Template;
use axum::extract::{Path, Query as Asked, State};
use axum::response::{IntoResponse, Response};
use gotong_app::role::Right;
use gotong_app::view::{self, ChannelView, Provenance, RecordView, Sightings, ViewFault, Worth};
use gotong_formats::stix21::{self, TextPlace};
use gotong_language::{Arg, Words};
use gotong_model::ChannelId;
use serde::Deserialize;

use super::person::Person;
use super::plot::Plot;
use super::related;
use super::shell::Shell;
use super::show;
use super::shown::{Because, Label, When, english_name, object_path};
use crate::api::Web;
use crate::problem::{Problem, table};

/// Values on the page.
const VALUES: usize = 100;
/// Versions on the page.
const VERSIONS: usize = 50;

#[derive(Template)]
#[template(path = "console/object.html")]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own that the page shows")]
struct ObjectPage {
    shell: Shell,
    id: String,
    name: String,
    object_type: String,
    label: Label,
    revoked: bool,
    is_over: bool,
    may_withdraw: bool,
    /// Whether it is shown as it stands in an exercise.
    is_exercise: bool,
    path: String,
    homes: Vec<Home>,
    facts: Vec<(String, String)>,
    times: Vec<(String, When)>,
    texts: Vec<Written>,
    values: Vec<(String, String)>,
    values_more: usize,
    related: Vec<related::Table>,
    related_more: bool,
    plot: Option<Plot>,
    sightings: Vec<Seen>,
    sightings_more: bool,
    versions: Vec<VersionRow>,
    json: String,
}

/// A channel in which it stands: who sees it there, under what, and who says that they hold it.
struct Home {
    channel: String,
    author: String,
    label: Label,
    is_exercise: bool,
    /// By name; empty for a constituent, who is told what it is given and no more.
    audience: Vec<String>,
    agreement: String,
    clauses: Vec<(String, Because)>,
    holders: Vec<Holder>,
    /// Where its proof is shown; an organisation is told of no place in a log.
    provenance: Option<String>,
}

struct Holder {
    name: String,
    verified: bool,
    at: When,
}

/// What somebody wrote, in the language they wrote it in.
struct Written {
    heading: String,
    text: String,
    language: Option<String>,
}

struct Seen {
    author: String,
    channel: String,
    times: String,
    sightings: String,
    last: Option<When>,
}

struct VersionRow {
    is_newest: bool,
    author: String,
    channel: String,
    label: Label,
    modified: Option<When>,
    published: When,
    /// Where its proof is shown; an organisation is told of no place in a log.
    provenance: Option<String>,
}

struct Known {
    versions: Vec<RecordView>,
    channels: Vec<ChannelView>,
    provenances: Vec<Option<Provenance>>,
    related: (Vec<related::Found>, bool),
    sightings: Sightings,
    worth: Option<Worth>,
}

/// What the address says besides the id.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct About {
    /// The channel about which is asked: what stands in exercises is shown where one of their channels is named, and nowhere else.
    channel: String,
    /// The way of being related of which all is asked for.
    related: String,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Path(id): Path<String>,
    Asked(about): Asked<About>,
) -> Result<Response, Response> {
    answer(&web, &person, id, about).await.map_err(IntoResponse::into_response)
}

async fn answer(web: &Web, person: &Person, id: String, about: About) -> Result<Response, Problem> {
    let asking = person.caller.clone();
    let wanted = id.clone();
    let (known, is_exercise) = web
        .run(move |node| {
            let channel: Option<ChannelId> = match about.channel.as_str() {
                "" => None,
                name => match asking.channel(node, name) {
                    None => return Ok(None),
                    found @ Some(_) => found,
                },
            };
            let within = channel.as_ref();
            let versions = view::read_about(node, &asking, &wanted, within)?;
            let mut channels = Vec::new();
            let mut provenances = Vec::new();
            for version in versions.iter().filter(|version| version.is_newest) {
                channels.extend(view::channel(node, &asking, &version.channel)?);
                let open = version.place.open().filter(|_| asking.oversees());
                let provenance = match open {
                    Some((log, index)) => view::provenance(node, &asking, log, index)?,
                    None => None,
                };
                provenances.push(provenance);
            }
            let is_exercise = channels.iter().any(|channel| channel.exercise);
            let known = Known {
                related: related::find(node, &asking, (&wanted, within), &about.related)?,
                sightings: view::sightings_about(node, &asking, &wanted, within)?,
                worth: view::worth_about(node, &asking, &wanted, within)?,
                versions,
                channels,
                provenances,
            };
            Ok::<_, ViewFault>(Some((known, is_exercise)))
        })
        .await?
        .ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let newest = known.versions.iter().find(|version| version.is_newest).or_else(|| known.versions.first());
    let Some(newest) = newest.cloned() else { return Err(Problem::of(&table::NOT_FOUND)) };
    show(&shown(web, person, known, &newest, is_exercise))
}

fn shown(web: &Web, person: &Person, known: Known, newest: &RecordView, is_exercise: bool) -> ObjectPage {
    let words = person.words;
    let facts = stix21::read(&newest.body).ok();
    let path = object_path(&newest.id);
    let values = facts.as_ref().map(|facts| facts.values.as_slice()).unwrap_or_default();
    let json = serde_json::from_slice::<serde_json::Value>(&newest.body).ok();
    // What leads on from an exercise stays in it.
    let more = if is_exercise { format!("channel={}", encoded(&newest.channel_handle)) } else { String::new() };
    let value_path = |text: &str| {
        let path = format!("/intelligence?q={}", encoded(text));
        if is_exercise { format!("{path}&{more}") } else { path }
    };
    ObjectPage {
        is_exercise,
        homes: homes(web, person, &known),
        facts: plain_facts(person, newest, facts.as_ref(), known.worth),
        times: times(person, newest, facts.as_ref()),
        texts: facts.as_ref().map(|facts| texts(person, newest, facts)).unwrap_or_default(),
        values: values.iter().take(VALUES).map(|value| (value.text.clone(), value_path(&value.text))).collect(),
        values_more: values.len().saturating_sub(VALUES),
        related_more: known.related.1,
        related: related::tables(person, known.related.0, (&path, &more)),
        plot: Plot::of(words, &known.sightings.days),
        sightings_more: known.sightings.more,
        sightings: known
            .sightings
            .by
            .iter()
            .map(|by| Seen {
                author: by.author.to_string(),
                channel: by.channel_handle.clone(),
                times: words.number(i64::try_from(by.seen).unwrap_or(i64::MAX)),
                sightings: words.number(i64::try_from(by.sightings).unwrap_or(i64::MAX)),
                last: by.last_seen.map(|last| When::at(&person.moments, last)),
            })
            .collect(),
        versions: known
            .versions
            .iter()
            .take(VERSIONS)
            .map(|version| VersionRow {
                is_newest: version.is_newest,
                author: version.author.to_string(),
                channel: version.channel_handle.clone(),
                label: Label::of(version.label),
                modified: version.modified.map(|at| When::at(&person.moments, at)),
                published: When::at(&person.moments, version.published_at),
                provenance: version.place.open().map(|(log, index)| provenance_path(log, index)),
            })
            .collect(),
        is_over: known.worth.is_some_and(|worth| worth.is_over),
        may_withdraw: !is_exercise
            && person.caller.may(Right::Withdraw)
            && known.versions.iter().any(|version| version.author == web.node.member),
        label: Label::of(newest.strictest),
        revoked: newest.revoked,
        name: newest.name.clone().unwrap_or_else(|| newest.id.clone()),
        object_type: newest.object_type.clone(),
        id: newest.id.clone(),
        json: json.and_then(|json| serde_json::to_string_pretty(&json).ok()).unwrap_or_default(),
        shell: Shell::of(web, person, "/intelligence"),
        path,
    }
}

/// Where an entry's proof is shown.
pub(super) fn provenance_path(origin: &str, index: u64) -> String {
    format!("/provenance?log={}&index={index}", encoded(origin))
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn homes(web: &Web, person: &Person, known: &Known) -> Vec<Home> {
    let governance = web.node.governance();
    let name = |code: &gotong_model::MemberCode| english_name(&governance, code);
    let newest = known.versions.iter().filter(|version| version.is_newest);
    newest
        .zip(&known.provenances)
        .filter_map(|(version, provenance)| {
            let channel = known.channels.iter().find(|channel| channel.id == version.channel)?;
            let is_staff = person.caller.is_staff();
            let holders = provenance.iter().flat_map(|provenance| &provenance.acknowledged);
            Some(Home {
                channel: channel.handle.clone(),
                author: version.author.to_string(),
                label: Label::of(version.label),
                is_exercise: channel.exercise,
                audience: if is_staff { channel.audience.iter().map(name).collect() } else { Vec::new() },
                agreement: channel
                    .title
                    .get(person.words.lang())
                    .or_else(|| channel.title.get("en"))
                    .cloned()
                    .unwrap_or_default(),
                clauses: clauses(person.words, provenance.as_ref()),
                holders: holders
                    .map(|held| Holder {
                        name: name(&held.member),
                        verified: held.verified,
                        at: When::at(&person.moments, held.at),
                    })
                    .collect(),
                provenance: version.place.open().map(|(log, index)| provenance_path(log, index)),
            })
        })
        .collect()
}

/// The clauses that admit an entry: each once, with its heading.
fn clauses(words: Words, provenance: Option<&Provenance>) -> Vec<(String, Because)> {
    let mut told: Vec<(String, Because)> = Vec::new();
    for ground in provenance.iter().flat_map(|provenance| &provenance.grounds) {
        let clause = format!("{} {}", ground.handle, ground.clause);
        if !told.iter().any(|known| known.0 == clause) {
            told.push((clause, Because::ground(words, ground)));
        }
    }
    told
}

fn plain_facts(
    person: &Person,
    newest: &RecordView,
    facts: Option<&stix21::Facts>,
    worth: Option<Worth>,
) -> Vec<(String, String)> {
    let words = person.words;
    let mut told = vec![
        (words.t("object-id"), newest.id.clone()),
        (words.t("rows-type"), newest.object_type.clone()),
        (words.t("rows-author"), newest.author.to_string()),
    ];
    let mut add = |id: &str, value: Option<String>| told.extend(value.map(|value| (words.t(id), value)));
    add("object-organisation", newest.organisation.clone());
    add("object-creator", facts.and_then(|facts| facts.created_by.clone()));
    add("object-purpose", newest.purpose.clone());
    add("object-pap", newest.pap.map(|pap| format!("PAP:{}", pap.as_str().to_ascii_uppercase())));
    add("object-personal", Some(words.t(&format!("object-personal-{}", newest.personal_data.as_str()))));
    add(
        "object-confidence",
        facts.and_then(|facts| facts.confidence).map(|confidence| words.number(i64::from(confidence))),
    );
    add(
        "object-worth",
        worth.map(|worth| {
            words.with(
                "object-worth-text",
                &[("score", Arg::Number(i64::from(worth.score))), ("base", Arg::Number(i64::from(worth.base)))],
            )
        }),
    );
    told
}

fn times(person: &Person, newest: &RecordView, facts: Option<&stix21::Facts>) -> Vec<(String, When)> {
    let mut told = Vec::new();
    let mut add = |id: &str, at: Option<gotong_model::Timestamp>| {
        told.extend(at.map(|at| (person.words.t(id), When::at(&person.moments, at))));
    };
    add("object-created", facts.and_then(|facts| facts.created));
    add("object-modified", newest.modified);
    add("object-published", Some(newest.published_at));
    add("object-valid-until", newest.valid_until);
    told
}

fn texts(person: &Person, newest: &RecordView, facts: &stix21::Facts) -> Vec<Written> {
    let heading = |place: TextPlace| match place {
        TextPlace::Name => None,
        TextPlace::Alias => Some("object-alias"),
        TextPlace::Text => Some("object-text"),
    };
    let told = facts.texts.iter().filter_map(|text| {
        Some(Written {
            heading: person.words.t(heading(text.place)?),
            text: text.text.clone(),
            language: newest.language.clone(),
        })
    });
    told.take(40).collect()
}
