//! The portal of organisations that the member serves: report what happened, download what they may have, and tokens for their own programs.
//!
//! A report takes the way of everything that is shared: it is read, shown, held, and stands in the organisation's own channel (`console/share.rs`). Nothing
//! here opens more than the use cases show to this person. Read next: `docs/book/portal.md`.

use askama::Template;
use axum::Router;
use axum::extract::{OriginalUri, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use gotong_app::NodeFault;
use gotong_app::act::{self, Act, Ending, Told};
use gotong_app::parcel::{self, Refusal, Settings};
use gotong_app::role::Right;
use gotong_app::token::TokenView;
use gotong_app::token::own::{self, DAYS_MAX, Wish};
use gotong_model::MemberCode;
use serde::Deserialize;

use super::form::{Dropped, Sent};
use super::once::{self, Secret};
use super::outcome::{self, tell};
use super::person::{Person, see};
use super::share::{self, ParcelRow};
use super::shell::Shell;
use super::shown::When;
use super::{show, show_as};
use crate::api::Web;
use crate::api::export::{self, ExportParams, Only};
use crate::api::who::{Who, expect_right, lacking};
use crate::problem::{Problem, table};

/// Reports on the first page.
const REPORTED: usize = 20;
/// Characters of one field of a report.
const FIELD_CHARS: usize = 20_000;
/// The formats that are offered; each of the API's can stand in the address.
const FORMATS: [&str; 6] = ["csv", "list", "hosts", "rpz", "stix", "text"];

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/report", get(page).post(put))
        // What the organisation has received is what it may read.
        .route("/received", get(|_: Person| async { see("/intelligence") }))
        .route("/download", get(download))
        .route("/downloads", get(downloads))
        .route("/programs", get(programs))
        .route("/programs/make", post(make))
        .route("/programs/end", post(end))
}

#[derive(Template)]
#[template(path = "console/report.html")]
struct ReportPage {
    shell: Shell,
    channels: Vec<String>,
    what: String,
    values: String,
    at: String,
    channel: String,
    wrong: Option<String>,
    parcels: Vec<ParcelRow>,
}

async fn report(web: &Web, person: &Person, dropped: &Dropped, wrong: Option<String>) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Publish)?;
    let asking = person.caller.clone();
    let (channels, parcels) = web
        .run(move |node| Ok::<_, NodeFault>((share::writable(node, &asking)?, parcel::list(node, &asking)?)))
        .await?;
    let field = |name: &str| dropped.fields.get(name).cloned().unwrap_or_default();
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ReportPage {
        channels: channels.into_iter().map(|channel| channel.handle).collect(),
        what: field("what"),
        values: field("values"),
        at: field("at"),
        channel: field("channel"),
        wrong,
        parcels: parcels.iter().map(|parcel| share::row(person, parcel)).collect(),
        shell: Shell::of(web, person, "/report"),
    };
    show_as(status, &page)
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    // The staff has a page with more to choose.
    if person.caller.is_staff() {
        return Ok(see("/share"));
    }
    report(&web, &person, &Dropped::default(), None).await
}

async fn put(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (person, mut dropped) = share::received(&web, request).await?;
    taken(&web, &person, &mut dropped).await.map_err(IntoResponse::into_response)
}

/// A report as a text: what happened, when, and what was seen; values are found in it where it is read.
fn written(dropped: &Dropped) -> String {
    let field = |name: &str| dropped.fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let (what, at, values) = (field("what"), field("at"), field("values"));
    let mut text = what.to_owned();
    for part in [at, values].into_iter().filter(|part| !part.is_empty()) {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(part);
    }
    text
}

async fn taken(web: &Web, person: &Person, dropped: &mut Dropped) -> Result<Response, Problem> {
    let is_long = ["what", "values", "at"]
        .iter()
        .any(|name| dropped.fields.get(*name).is_some_and(|text| text.chars().count() > FIELD_CHARS));
    if is_long {
        return report(web, person, dropped, Some(person.words.t("portal-wrong-long"))).await;
    }
    let text = written(dropped);
    if text.is_empty() && dropped.file.is_none() {
        return report(web, person, dropped, Some(person.words.t("portal-wrong-empty"))).await;
    }
    let channel = dropped.fields.get("channel").cloned().unwrap_or_default();
    let mut bodies: Vec<(Settings, Vec<u8>)> = Vec::new();
    if !text.is_empty() {
        let settings = Settings { channel: channel.clone(), format: "text".to_owned(), ..Settings::default() };
        bodies.push((settings, text.into_bytes()));
    }
    // A file is looked at by itself: its format is seen from what is in it.
    if let Some((name, bytes)) = dropped.file.take() {
        bodies.push((Settings { channel, name, ..Settings::default() }, bytes));
    }
    let asking = person.caller.clone();
    let done = web
        .run(move |node| {
            let open = share::writable(node, &asking)?;
            let Some(own) =
                bodies.first().and_then(|(settings, _)| open.iter().find(|one| one.handle == settings.channel))
            else {
                return Ok::<_, NodeFault>(Ok(None));
            };
            let mut first = None;
            for (settings, body) in &bodies {
                match parcel::put(node, &asking, &Settings { channel: own.handle.clone(), ..settings.clone() }, body)? {
                    Ok(id) => first = first.or(Some(id)),
                    Err(refusal) => return Ok(Err(refusal)),
                }
            }
            Ok(Ok(first))
        })
        .await?;
    match done {
        Ok(Some(id)) => Ok(see(&format!("/share/{id}"))),
        Ok(None) => report(web, person, dropped, Some(person.words.t("share-wrong-channel"))).await,
        Err(Refusal::NoRight) => Err(lacking(&person.caller, Right::Publish)),
        Err(_) => report(web, person, dropped, Some(person.words.t("share-wrong-much"))).await,
    }
}

/// A report of a person's, and what became of it.
pub(super) struct Reported {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) class: &'static str,
    pub(super) at: When,
}

/// What somebody has reported: what is still under way, and then what came of the rest, newest first.
pub(super) async fn reported(web: &Web, person: &Person) -> Result<Vec<Reported>, Problem> {
    let asking = person.caller.clone();
    let (open, acts) = web
        .run(move |node| Ok::<_, NodeFault>((parcel::list(node, &asking)?, act::list(node, &asking, REPORTED)?)))
        .await?;
    let under_way = open.iter().rev().map(|parcel| share::row(person, parcel)).map(|row| Reported {
        path: row.path,
        name: row.name,
        state: row.state,
        class: row.class,
        at: row.created,
    });
    let told = acts.into_iter().filter(|kept| kept.act.parcel.is_some()).map(|kept| Reported {
        path: format!("/acts/{}", kept.id),
        name: outcome::say(person.words, &kept.act.title),
        state: person.words.t(&format!("outcome-{}", kept.act.ending.as_str())),
        class: match kept.act.ending {
            Ending::Done => "good",
            Ending::Partly | Ending::Waits => "warn",
            Ending::Refused => "bad",
        },
        at: When::at(&person.moments, kept.at),
    });
    Ok(under_way.chain(told).take(REPORTED).collect())
}

#[derive(Template)]
#[template(path = "console/downloads.html")]
struct DownloadsPage {
    shell: Shell,
    formats: Vec<&'static str>,
}

async fn downloads(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Read)?;
    show(&DownloadsPage { formats: FORMATS.to_vec(), shell: Shell::of(&web, &person, "/downloads") })
}

#[derive(Deserialize)]
struct Asked {
    format: String,
    #[serde(default)]
    tlp_max: String,
    /// As a list narrows: channel, type, author.
    #[serde(default)]
    channel: String,
    #[serde(default, rename = "type")]
    object_type: String,
    #[serde(default)]
    author: String,
}

/// The same export that programs fetch, of what this person may read.
async fn download(
    State(web): State<Web>,
    person: Person,
    address: OriginalUri,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Read)?;
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let author = given(asked.author).map(|code| {
        MemberCode::from_text(&code)
            .ok_or_else(|| Problem::of(&table::BAD_PARAMETER).saying("author is a member's code"))
    });
    let only = Only { object_type: given(asked.object_type), author: author.transpose()? };
    let params = ExportParams::of_form(asked.format, given(asked.tlp_max)).within(given(asked.channel));
    export::exported(web, Who(person.caller), (address, headers), params, only).await
}

#[derive(Template)]
#[template(path = "console/programs.html")]
struct ProgramsPage {
    shell: Shell,
    organisation: String,
    rows: Vec<TokenRow>,
    may_report: bool,
    days_max: u32,
    typed: String,
    wrong: Option<String>,
}

struct TokenRow {
    id: String,
    name: String,
    role: String,
    created: When,
    expires: Option<When>,
    is_over: bool,
}

async fn programs_shown(
    web: &Web,
    person: &Person,
    (typed, wrong): (String, Option<String>),
) -> Result<ProgramsPage, Problem> {
    let Some(organisation) = person.caller.constituent.as_ref().map(ToString::to_string) else {
        return Err(Problem::of(&table::NOT_FOUND));
    };
    let asking = person.caller.clone();
    let tokens = web.run(move |node| own::of_own(node, &asking)).await?;
    let now = web.node.now();
    let row = |view: TokenView| TokenRow {
        role: person.words.t(&format!("shell-role-{}", view.token.role.as_str())),
        created: When::at(&person.moments, view.created_at),
        is_over: view.token.expires.is_some_and(|at| at <= now),
        expires: view.token.expires.map(|at| When::at(&person.moments, at)),
        name: view.token.name,
        id: view.id,
    };
    Ok(ProgramsPage {
        organisation,
        rows: tokens.into_iter().rev().map(row).collect(),
        may_report: person.caller.may(Right::Publish),
        days_max: DAYS_MAX,
        typed,
        wrong,
        shell: Shell::of(web, person, "/programs"),
    })
}

async fn programs(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    show(&programs_shown(&web, &person, (String::new(), None)).await?)
}

#[derive(Deserialize)]
struct Making {
    name: String,
    #[serde(default)]
    may_report: String,
    days: u32,
}

async fn make(State(web): State<Web>, Sent(person, making): Sent<Making>) -> Result<Response, Problem> {
    if person.caller.is_staff() {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    let caller = person.caller.clone();
    let typed = making.name.clone();
    let wish = Wish { name: making.name, may_report: !making.may_report.is_empty(), days: making.days };
    match web.run(move |node| own::create_own(node, &caller, &wish)).await? {
        Ok((_, secret)) => Ok(once::told(&web, &person, Secret::Token { name: typed, secret, is_own: true })),
        Err(whys) => {
            let wrong = whys.into_iter().next().map(|why| why.text);
            show_as(StatusCode::UNPROCESSABLE_ENTITY, &programs_shown(&web, &person, (typed, wrong)).await?)
        }
    }
}

#[derive(Deserialize)]
struct Which {
    id: String,
}

async fn end(State(web): State<Web>, Sent(person, Which { id }): Sent<Which>) -> Result<Response, Problem> {
    if person.caller.is_staff() {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    let caller = person.caller.clone();
    let ended = web.run(move |node| own::end_own(node, &caller, &id)).await?;
    let (ending, text) =
        if ended { (Ending::Done, "portal-token-ended") } else { (Ending::Refused, "portal-token-not-ended") };
    tell(&web, &person.caller, Act::new(ending, Told::of(text)).then("/programs", Told::of("portal-programs"))).await
}
