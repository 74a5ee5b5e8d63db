//! Share: drop a file or paste anything, look at what was recognised and who would receive it under which clause, send it into a hold in which it can be
//! stopped, with a second person where one is needed. Every step is a page with an address; nothing leaves from a page that was not looked at.
//!
//! What would happen is asked of the same use cases that will do it. Read next: `share/carry.rs`, `share/leave.rs`, and `gotong_app::parcel`.

mod carry;
pub(crate) mod leave;

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gotong_app::NodeFault;
use gotong_app::act::{self, Act, Ending, Told};
use gotong_app::caller::Caller;
use gotong_app::parcel::{self, BYTES_MAX, HOLD_S, Parcel, Refusal, Settings, State as ParcelState};
use gotong_app::role::Right;
use gotong_app::view::{self, ChannelView};
use gotong_language::{Arg, Words};
use gotong_model::Tlp;
use serde::Deserialize;

use super::form::{self, Dropped, Sent};
use super::outcome::tell;
use super::person::{Person, see};
use super::shell::Shell;
use super::shown::{Because, Label, When, english_name, object_path};
use super::{show, show_as};
use crate::api::Web;
use crate::api::who::{expect_right, lacking};
use crate::problem::{Problem, table};

/// From which label on a second person of the staff confirms what another of the staff shares. What an organisation tells its own national CERT crosses no
/// border and needs none.
const SECOND_FROM: Tlp = Tlp::AmberStrict;
/// The formats that a person can name.
const FORMATS: [&str; 7] = ["stix", "misp", "csv", "shadowserver", "mail", "list", "text"];
/// Character sets that are met in the region, by the names of the WHATWG Encoding Standard; a mark at a text's beginning counts more.
const CHARSETS: [&str; 10] = [
    "windows-1258",
    "windows-874",
    "windows-1252",
    "gb18030",
    "big5",
    "utf-16le",
    "utf-16be",
    "shift_jis",
    "euc-kr",
    "iso-8859-15",
];
const LABELS: [&str; 5] = ["clear", "green", "amber", "amber+strict", "red"];
const PERSONAL: [&str; 3] = ["none", "pseudonymised", "identified"];

#[derive(Template)]
#[template(path = "console/share.html")]
struct SharePage {
    shell: Shell,
    channels: Vec<Choice>,
    settings: Settings,
    text: String,
    wrong: Option<String>,
    parcels: Vec<ParcelRow>,
    most: String,
}

/// A channel that can be chosen.
struct Choice {
    handle: String,
    purpose: String,
    ceiling: String,
    is_exercise: bool,
}

pub(super) struct ParcelRow {
    pub(super) path: String,
    pub(super) name: String,
    channel: String,
    pub(super) state: String,
    pub(super) class: &'static str,
    pub(super) created: When,
    pub(super) owner: Option<String>,
}

/// The first page: what, where, as what.
pub(super) async fn page(State(web): State<Web>, person: Person) -> Result<Response, Response> {
    first(&web, &person, Settings::default(), String::new(), None).await.map_err(IntoResponse::into_response)
}

async fn first(
    web: &Web,
    person: &Person,
    settings: Settings,
    text: String,
    wrong: Option<String>,
) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Publish)?;
    let asking = person.caller.clone();
    let (channels, parcels) =
        web.run(move |node| Ok::<_, NodeFault>((writable(node, &asking)?, parcel::list(node, &asking)?))).await?;
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SharePage {
        channels: channels.into_iter().map(choice).collect(),
        parcels: parcels.iter().map(|parcel| row(person, parcel)).collect(),
        settings,
        text,
        wrong,
        most: person.words.number(i64::try_from(BYTES_MAX >> 20).unwrap_or_default()),
        shell: Shell::of(web, person, "/share"),
    };
    show_as(status, &page)
}

/// The channels in which this person may publish now.
pub(super) fn writable(node: &gotong_app::Node, caller: &Caller) -> Result<Vec<ChannelView>, NodeFault> {
    let mut channels = view::channels(node, caller)?;
    channels.retain(|channel| channel.may_publish && !channel.is_governance);
    Ok(channels)
}

fn choice(channel: ChannelView) -> Choice {
    Choice {
        ceiling: Label::of(channel.ceiling).text,
        handle: channel.handle,
        purpose: channel.purpose,
        is_exercise: channel.exercise,
    }
}

pub(super) fn row(person: &Person, parcel: &Parcel) -> ParcelRow {
    let words = person.words;
    let (state, class) = match &parcel.state {
        ParcelState::Open => ("share-state-open", "calm"),
        ParcelState::Second { .. } => ("share-state-second", "warn"),
        ParcelState::Held { .. } => ("share-state-held", "warn"),
    };
    ParcelRow {
        path: format!("/share/{}", parcel.id),
        name: if parcel.settings.name.is_empty() { words.t("share-pasted") } else { parcel.settings.name.clone() },
        channel: parcel.settings.channel.clone(),
        state: words.t(state),
        class,
        created: When::at(&person.moments, parcel.created_at),
        owner: (parcel.owner != person.caller.id).then(|| parcel.owner_name.clone()),
    }
}

/// Takes what was dropped or pasted and goes on to the check page.
pub(super) async fn put(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (person, mut dropped) = received(&web, request).await?;
    taken(&web, &person, &mut dropped).await.map_err(IntoResponse::into_response)
}

/// A form with a file, of somebody who may publish, from a page of their session.
pub(super) async fn received(web: &Web, request: Request) -> Result<(Person, Dropped), Response> {
    let may = |person: &Person| expect_right(&person.caller, Right::Publish);
    form::dropped(web, request, BYTES_MAX + (1 << 20), may).await
}

async fn taken(web: &Web, person: &Person, dropped: &mut Dropped) -> Result<Response, Problem> {
    let mut settings = settings(&mut |name| dropped.fields.get(name).cloned());
    let text = dropped.fields.remove("text").unwrap_or_default();
    // Neither is left behind in silence.
    if dropped.file.is_some() && !text.trim().is_empty() {
        return first(web, person, settings, text, Some(person.words.t("share-wrong-both"))).await;
    }
    let body = match dropped.file.take() {
        Some((name, bytes)) => {
            settings.name = name;
            bytes
        }
        None => text.clone().into_bytes(),
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        return first(web, person, settings, text, Some(person.words.t("share-wrong-empty"))).await;
    }
    if settings.channel.is_empty() {
        return first(web, person, settings, text, Some(person.words.t("share-wrong-channel"))).await;
    }
    let (asking, sent) = (person.caller.clone(), settings.clone());
    match web.run(move |node| parcel::put(node, &asking, &sent, &body)).await? {
        Ok(id) => Ok(see(&format!("/share/{id}"))),
        Err(Refusal::NoRight) => Err(lacking(&person.caller, Right::Publish)),
        Err(_) => first(web, person, settings, text, Some(person.words.t("share-wrong-much"))).await,
    }
}

/// The fields of a form as settings. What is no label, format or word of ours is left out and so asks for nothing.
fn settings(field: &mut dyn FnMut(&str) -> Option<String>) -> Settings {
    let mut text = |name: &str, most: usize| {
        let given = field(name).unwrap_or_default();
        given.trim().chars().take(most).collect::<String>()
    };
    let one_of = |given: String, known: &[&str]| if known.contains(&given.as_str()) { given } else { String::new() };
    Settings {
        channel: text("channel", 256),
        tlp: one_of(text("tlp", 20), &LABELS),
        personal_data: one_of(text("personal_data", 20), &PERSONAL),
        purpose: text("purpose", 120),
        format: one_of(text("format", 20), &FORMATS),
        mapping: text("mapping", 32 << 10),
        charset: text("charset", 40),
        name: text("name", 200),
    }
}

#[derive(Template)]
#[template(path = "console/share_check.html")]
struct CheckPage {
    shell: Shell,
    id: String,
    name: String,
    settings: Settings,
    /// What is wrong with the whole of it.
    wrong: Option<String>,
    check: Option<CheckShown>,
    channels: Vec<Choice>,
    audience: Vec<String>,
    agreement: String,
    clauses: Vec<(String, String)>,
    is_exercise: bool,
    state: &'static str,
    /// In milliseconds, for the clock of the page.
    until_ms: i64,
    until: Option<When>,
    owner: Option<String>,
    is_own: bool,
    may_confirm: bool,
    formats: Vec<&'static str>,
    charsets: Vec<&'static str>,
}

struct CheckShown {
    format: String,
    reason: Option<&'static str>,
    mapping: Option<String>,
    summary: String,
    leaving: usize,
    types: Vec<(String, String)>,
    labels: Vec<(Label, String)>,
    objects: Vec<ObjectShown>,
    objects_more: String,
    has_more: bool,
    lost: Vec<(u64, Option<String>, Because)>,
    lost_count: usize,
    losses: Vec<(u64, String)>,
    losses_count: usize,
    is_unchecked: bool,
}

struct ObjectShown {
    line: u64,
    name: String,
    path: Option<String>,
    object_type: String,
    values: Vec<String>,
    fate: String,
    class: &'static str,
    label: Option<Label>,
    why: Vec<(Option<String>, Because)>,
}

/// The check page, and after it the hold.
pub(super) async fn check_page(
    State(web): State<Web>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Response> {
    checked(&web, &person, &id).await.map_err(IntoResponse::into_response)
}

async fn checked(web: &Web, person: &Person, id: &str) -> Result<Response, Problem> {
    let (asking, wanted) = (person.caller.clone(), id.to_owned());
    let found = web
        .run(move |node| {
            Ok::<_, NodeFault>(match parcel::fetch(node, &asking, &wanted)? {
                Some(found) => Ok((found, writable(node, &asking)?)),
                None => Err(act::of_parcel(node, &asking, &wanted)?),
            })
        })
        .await?;
    let ((parcel, body), channels) = match found {
        Ok(found) => found,
        // It has left: what came of it says more than that it is not here.
        Err(Some(kept)) => return Ok(see(&format!("/acts/{}", kept.id))),
        Err(None) => return Err(Problem::of(&table::NOT_FOUND)),
    };
    let asking = person.caller.clone();
    let settings = parcel.settings.clone();
    let looked = web
        .run(move |node| {
            let Some(channel) = asking.channel(node, &settings.channel) else { return Ok::<_, Problem>(None) };
            let Some(view) = view::channel(node, &asking, &channel)? else { return Ok(None) };
            let check = carry::check(node, &asking, channel, &settings, &body);
            Ok(Some((view, check.map_err(|problem| problem.text().to_owned()))))
        })
        .await?;
    show(&check_shown(web, person, parcel, channels, looked))
}

fn check_shown(
    web: &Web,
    person: &Person,
    parcel: Parcel,
    channels: Vec<ChannelView>,
    looked: Option<(ChannelView, Result<carry::Check, String>)>,
) -> CheckPage {
    let words = person.words;
    let governance = web.node.governance();
    let (view, check) = match looked {
        Some((view, check)) => (Some(view), Some(check)),
        None => (None, None),
    };
    let name_of = |code: &gotong_model::MemberCode| english_name(&governance, code);
    let (state, until) = match &parcel.state {
        ParcelState::Open => ("open", None),
        ParcelState::Second { .. } => ("second", None),
        ParcelState::Held { until, .. } => ("held", gotong_model::Timestamp::from_micros(*until)),
    };
    let is_own = parcel.owner == person.caller.id;
    let wrong = match &check {
        None => Some(words.t("share-wrong-gone")),
        Some(Err(text)) => Some(text.clone()),
        Some(Ok(_)) => None,
    };
    CheckPage {
        name: if parcel.settings.name.is_empty() { words.t("share-pasted") } else { parcel.settings.name.clone() },
        check: check.and_then(Result::ok).map(|check| check_words(words, check)),
        wrong,
        channels: channels.into_iter().map(choice).collect(),
        audience: view.iter().flat_map(|view| view.audience.iter().map(name_of)).collect(),
        agreement: view.as_ref().map(|view| own_words(words, &view.title)).unwrap_or_default(),
        clauses: view
            .iter()
            .flat_map(|view| view.clauses.iter().map(|clause| (clause.number.clone(), own_words(words, &clause.title))))
            .collect(),
        is_exercise: view.as_ref().is_some_and(|view| view.exercise),
        state,
        until_ms: until.map_or(0, |until| until.micros() / 1_000),
        until: until.map(|until| When::at(&person.moments, until)),
        owner: (!is_own).then(|| parcel.owner_name.clone()),
        may_confirm: !is_own && person.caller.may(Right::Release),
        is_own,
        formats: FORMATS.to_vec(),
        charsets: CHARSETS.to_vec(),
        id: parcel.id,
        settings: parcel.settings,
        shell: Shell::of(web, person, "/share"),
    }
}

/// A text of an agreement in the person's language, else in English.
fn own_words(words: Words, texts: &gotong_model::charter::Texts) -> String {
    texts.get(words.lang()).or_else(|| texts.get("en")).cloned().unwrap_or_default()
}

fn check_words(words: Words, check: carry::Check) -> CheckShown {
    let number = |count: usize| words.number(i64::try_from(count).unwrap_or(i64::MAX));
    let count = |fate: &str| check.counts.get(fate).copied().unwrap_or_default();
    let summary = words.with(
        "share-summary",
        &[
            ("publish", Arg::Count(count("publish"))),
            ("known", Arg::Count(count("known"))),
            ("wait", Arg::Count(count("wait"))),
            ("refuse", Arg::Count(count("refuse") + check.lost_count)),
        ],
    );
    CheckShown {
        format: words.t(&format!("share-format-{}", check.format)),
        reason: check.reason,
        mapping: check.mapping.as_ref().and_then(|mapping| serde_json::to_string_pretty(mapping).ok()),
        summary,
        leaving: check.leaving(),
        types: check.types.iter().map(|(name, count)| (name.clone(), number(*count))).collect(),
        labels: check.labels.iter().map(|(tlp, count)| (Label::of(*tlp), number(*count))).collect(),
        has_more: check.objects_more > 0,
        objects_more: number(check.objects_more),
        objects: check.objects.into_iter().map(|seen| object_shown(words, seen)).collect(),
        lost: check
            .lost
            .into_iter()
            .map(|(line, why)| (line, why.pointer, Because::refused(words, &why.id, why.text)))
            .collect(),
        lost_count: check.lost_count,
        losses: check.losses,
        losses_count: check.losses_count,
        is_unchecked: check.is_unchecked,
    }
}

fn object_shown(words: Words, seen: carry::Seen) -> ObjectShown {
    ObjectShown {
        line: seen.line,
        path: (seen.fate == "known").then(|| object_path(&seen.id)),
        name: if seen.name.is_empty() { seen.id } else { seen.name },
        object_type: seen.object_type,
        values: seen.values,
        fate: words.t(&format!("share-fate-{}", seen.fate)),
        class: match seen.fate {
            "publish" => "good",
            "known" => "calm",
            "wait" => "warn",
            _ => "bad",
        },
        label: seen.label.map(Label::of),
        why: seen.why.into_iter().map(|why| (why.clause, Because::refused(words, &why.id, why.text))).collect(),
    }
}

/// What the forms of the check page send.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Step {
    act: String,
    channel: String,
    tlp: String,
    personal_data: String,
    purpose: String,
    format: String,
    mapping: String,
    charset: String,
}

/// Changes, sends, confirms, stops or drops a parcel.
pub(super) async fn act_on(
    State(web): State<Web>,
    Path(id): Path<String>,
    Sent(person, step): Sent<Step>,
) -> Result<Response, Response> {
    take_step(&web, &person, &id, step).await.map_err(IntoResponse::into_response)
}

async fn take_step(web: &Web, person: &Person, id: &str, step: Step) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Publish)?;
    let (caller, wanted) = (person.caller.clone(), id.to_owned());
    let here = format!("/share/{id}");
    match step.act.as_str() {
        "send" => send(web, person, id).await,
        "confirm" => {
            let done = web.run(move |node| parcel::confirm(node, &caller, &wanted)).await?;
            web.parcels.notify_one();
            held(web, person, id, done).await
        }
        "stop" => {
            let done = web.run(move |node| parcel::stop(node, &caller, &wanted)).await?;
            let act = match done {
                Ok(()) => {
                    Act::new(Ending::Done, Told::of("share-stopped")).then(&here, Told::of("share-stopped-again"))
                }
                Err(refusal) => refused(refusal),
            };
            tell(web, &person.caller, act.then("/share", Told::of("share-outcome-again"))).await
        }
        "drop" => {
            let done = web.run(move |node| parcel::drop(node, &caller, &wanted)).await?;
            let act = match done {
                Ok(()) => Act::new(Ending::Done, Told::of("share-dropped")),
                Err(refusal) => refused(refusal),
            };
            tell(web, &person.caller, act.then("/share", Told::of("share-outcome-again"))).await
        }
        _ => {
            let mut settings = settings(&mut |name| {
                let field = match name {
                    "channel" => &step.channel,
                    "tlp" => &step.tlp,
                    "personal_data" => &step.personal_data,
                    "purpose" => &step.purpose,
                    "format" => &step.format,
                    "mapping" => &step.mapping,
                    "charset" => &step.charset,
                    _ => return None,
                };
                Some(field.clone())
            });
            let changed = web
                .run(move |node| {
                    let Some((parcel, _)) = parcel::fetch(node, &caller, &wanted)? else {
                        return Ok::<_, NodeFault>(Err(Refusal::Unknown));
                    };
                    settings.name = parcel.settings.name;
                    parcel::change(node, &caller, &wanted, &settings)
                })
                .await?;
            match changed {
                Ok(()) => Ok(see(&here)),
                Err(refusal) => tell(web, &person.caller, refused(refusal).then(&here, Told::of("share-look"))).await,
            }
        }
    }
}

/// Looks once more at what would leave, and sends it on its way.
async fn send(web: &Web, person: &Person, id: &str) -> Result<Response, Problem> {
    let (caller, wanted) = (person.caller.clone(), id.to_owned());
    let done = web
        .run(move |node| {
            let Some((parcel, body)) = parcel::fetch(node, &caller, &wanted)? else {
                return Ok::<_, Problem>(Err(Refusal::Unknown));
            };
            let Some(channel) = caller.channel(node, &parcel.settings.channel) else {
                return Ok(Err(Refusal::Unknown));
            };
            let check = carry::check(node, &caller, channel, &parcel.settings, &body)?;
            let strictest = check.labels.keys().max().copied();
            let needs =
                strictest.filter(|label| *label >= SECOND_FROM && caller.is_staff()).map(|_| "share-second-label");
            Ok(parcel::send(node, &caller, &wanted, needs)?)
        })
        .await?;
    web.parcels.notify_one();
    held(web, person, id, done).await
}

async fn held(
    web: &Web,
    person: &Person,
    id: &str,
    done: Result<Option<gotong_model::Timestamp>, Refusal>,
) -> Result<Response, Problem> {
    match done {
        Ok(_) => Ok(see(&format!("/share/{id}"))),
        Err(refusal) => {
            let act = refused(refusal).then(format!("/share/{id}"), Told::of("share-look"));
            tell(web, &person.caller, act).await
        }
    }
}

fn refused(refusal: Refusal) -> Act {
    let text = match refusal {
        Refusal::Unknown => "share-refused-unknown",
        Refusal::TooMuch => "share-wrong-much",
        Refusal::TooLate => "share-refused-late",
        Refusal::SamePerson => "share-refused-same",
        Refusal::NoRight => "share-refused-right",
    };
    let seconds = usize::try_from(HOLD_S).unwrap_or_default();
    Act::new(Ending::Refused, Told::of(text).count("seconds", seconds))
}
