//! One act on many records: all that fit a question, or those that were ticked. First a page that says what would happen where and to whom it goes, then a hold
//! in which it can be undone, then what came of it. The same for what waits.
//!
//! What is chosen, held and carried out is `gotong_app::deed`'s, with the rights of the same act on one record; an outcome names channels and counts, and never a record.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use gotong_app::act::{self, Act, Ending, Told};
use gotong_app::deed::{self, Asked, CHOSEN_MAX, Deed, Group, HOLD_S, Kind, Refusal, State as DeedState};
use gotong_app::role::Right;
use gotong_app::view::{self, ChannelView, ViewFault};
use gotong_app::{Node, NodeFault};
use gotong_language::Words;
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Timestamp, Tlp};
use serde::Deserialize;

use super::form::Sent;
use super::intelligence::{self, Question};
use super::outcome::tell;
use super::person::{Person, see};
use super::shell::Shell;
use super::show;
use super::shown::{Label, When, english_name, object_path};
use crate::api::Web;
use crate::api::who::{expect_right, lacking};
use crate::problem::{Problem, table};

/// Ticked boxes of one form; a page has far fewer.
const TICKED_MAX: usize = 1_000;
/// Characters of one ticked box.
const PICK_MAX: usize = 700;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/bulk", post(choose)).route("/bulk/{id}", get(page).post(act_on))
}

/// What a row's box stands for: its channel and its id.
pub(super) fn pick_of(channel: &ChannelId, id: &str) -> String {
    format!("{channel}/{id}")
}

fn picked(text: &str) -> Option<(ChannelId, String)> {
    let (channel, id) = text.split_once('/').filter(|_| text.len() <= PICK_MAX)?;
    Some((ChannelId::from_text(channel)?, id.to_owned()))
}

/// What the form around a list sends: the question, and what of its answer is meant.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Choice {
    act: String,
    /// All that match, where it is ticked.
    all: String,
    /// All that the page showed, where it is ticked.
    page: String,
    pick: Vec<String>,
    shown: Vec<String>,
    q: String,
    #[serde(rename = "type")]
    object_type: String,
    channel: String,
    author: String,
    label_max: String,
}

async fn choose(State(web): State<Web>, Sent(person, choice): Sent<Choice>) -> Result<Response, Response> {
    chosen(&web, &person, choice).await.map_err(IntoResponse::into_response)
}

async fn chosen(web: &Web, person: &Person, choice: Choice) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Withdraw)?;
    let kind = Kind::from_text(&choice.act)
        .ok_or_else(|| Problem::of(&table::BAD_PARAMETER).saying("act is withdraw, relabel, release or drop"))?;
    expect_open(person, kind)?;
    web.expect_writable()?;
    let back = if kind.is_of_waiting() { "/waiting" } else { "/intelligence" };
    let ticked = if choice.page == "yes" { &choice.shown } else { &choice.pick };
    if ticked.len() > TICKED_MAX {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("so many boxes are on no page"));
    }
    let asking = person.caller.clone();
    let question = Question::of_form(choice.q, choice.object_type, choice.channel, choice.author, choice.label_max);
    let asked = match (choice.all == "yes", kind.is_of_waiting()) {
        (true, true) => Some(Asked::AllWaiting),
        (true, false) => intelligence::asked(&web.node, &asking, &question),
        (false, true) => Some(Asked::Numbers(ticked.iter().filter_map(|text| text.parse().ok()).collect())),
        (false, false) => Some(Asked::Picked(ticked.iter().filter_map(|text| picked(text)).collect())),
    };
    let is_nothing = match &asked {
        Some(Asked::Numbers(numbers)) => numbers.is_empty(),
        Some(Asked::Picked(picked)) => picked.is_empty(),
        Some(Asked::Listed(_) | Asked::Found(_) | Asked::AllWaiting) => false,
        None => true,
    };
    let asked = match asked {
        Some(asked) if !is_nothing => asked,
        Some(_) | None => {
            return tell(web, &person.caller, refused(Refusal::Nothing).then(back, Told::of("bulk-back"))).await;
        }
    };
    match web.run(move |node| deed::choose(node, &asking, kind, &asked)).await? {
        Ok(id) => Ok(see(&format!("/bulk/{id}"))),
        Err(refusal) => tell(web, &person.caller, refused(refusal).then(back, Told::of("bulk-back"))).await,
    }
}

/// Refuses whoever may not do this to a single record.
fn expect_open(person: &Person, kind: Kind) -> Result<(), Problem> {
    for right in kind.rights() {
        expect_right(&person.caller, *right)?;
    }
    // What waits and labels are the staff's, whatever role was written beside somebody who is served.
    if kind.is_open_to(&person.caller) { Ok(()) } else { Err(lacking(&person.caller, Right::Oversee)) }
}

#[derive(Template)]
#[template(path = "console/bulk.html")]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own that the page shows")]
struct BulkPage {
    shell: Shell,
    id: String,
    kind: &'static str,
    title: String,
    about: String,
    state: &'static str,
    until_ms: i64,
    until: Option<When>,
    chosen: usize,
    done: u64,
    is_withdraw: bool,
    is_relabel: bool,
    is_release: bool,
    groups: Vec<GroupShown>,
    left_out: Vec<(String, String)>,
    reasons: Vec<(&'static str, String)>,
    back: &'static str,
    /// The one object that it is about, where it is one: its path and its name.
    only: Option<(String, String)>,
}

struct GroupShown {
    handle: String,
    count: String,
    labels: Vec<(Label, String)>,
    audience: Vec<String>,
    is_exercise: bool,
}

async fn page(State(web): State<Web>, person: Person, Path(id): Path<String>) -> Result<Response, Response> {
    answer(&web, &person, id).await.map_err(IntoResponse::into_response)
}

async fn answer(web: &Web, person: &Person, id: String) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Withdraw)?;
    let asking = person.caller.clone();
    let found = web
        .run(move |node| {
            let Some(deed) = deed::fetch(node, &asking, &id)? else {
                return Ok::<_, ViewFault>(Err(act::of_parcel(node, &asking, &id)?));
            };
            let mut channels = Vec::new();
            for group in &deed.groups {
                let channel = ChannelId::from_text(&group.channel);
                channels.extend(channel.map(|channel| view::channel(node, &asking, &channel)).transpose()?.flatten());
            }
            let mut only = None;
            if let Some(id) = deed::only(node, &asking, &deed.id)? {
                let name = view::read(node, &asking, &id)?.into_iter().find_map(|version| version.name);
                only = Some((object_path(&id), name.unwrap_or(id)));
            }
            Ok(Ok((deed, channels, only)))
        })
        .await?;
    match found {
        Ok((deed, channels, only)) => show(&BulkPage { only, ..shown(web, person, deed, &channels) }),
        // It has been carried out: what came of it says more than that it is not here.
        Err(Some(kept)) => Ok(see(&format!("/acts/{}", kept.id))),
        Err(None) => Err(Problem::of(&table::NOT_FOUND)),
    }
}

fn shown(web: &Web, person: &Person, deed: Deed, channels: &[ChannelView]) -> BulkPage {
    let words = person.words;
    let (state, until) = match deed.state {
        DeedState::Open => ("open", None),
        DeedState::Held { until } => ("held", Timestamp::from_micros(until)),
        DeedState::Running => ("running", None),
    };
    let done = deed.gone_through();
    let name = deed.kind.as_str();
    BulkPage {
        title: title(words, &deed),
        about: words.t(&format!("bulk-about-{name}")),
        is_withdraw: deed.kind == Kind::Withdraw,
        is_relabel: deed.kind == Kind::Relabel,
        is_release: deed.kind == Kind::Release,
        state,
        until_ms: until.map_or(0, |until| until.micros() / 1_000),
        until: until.map(|until| When::at(&person.moments, until)),
        chosen: deed.chosen,
        done,
        groups: deed.groups.iter().map(|group| group_shown(web, person, group, channels)).collect(),
        left_out: deed
            .left_out
            .into_iter()
            .flat_map(|(handle, left)| left.into_iter().map(move |(word, count)| (handle.clone(), word, count)))
            .map(|(handle, word, count)| {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                (handle, words.count(&format!("bulk-line-{word}"), count))
            })
            .collect(),
        reasons: Reason::ALL
            .iter()
            .map(|reason| (reason.as_str(), words.t(&format!("withdraw-reason-{}", reason.as_str()))))
            .collect(),
        back: if deed.kind.is_of_waiting() { "/waiting" } else { "/intelligence" },
        only: None,
        kind: name,
        id: deed.id,
        shell: Shell::of(web, person, if deed.kind.is_of_waiting() { "/waiting" } else { "/intelligence" }),
    }
}

/// What is done to how many.
pub(super) fn title(words: Words, deed: &Deed) -> String {
    words.count(&format!("bulk-title-{}", deed.kind.as_str()), deed.chosen)
}

fn group_shown(web: &Web, person: &Person, group: &Group, channels: &[ChannelView]) -> GroupShown {
    let words = person.words;
    let governance = web.node.governance();
    let number = |count: usize| words.number(i64::try_from(count).unwrap_or(i64::MAX));
    let channel = channels.iter().find(|channel| channel.id.to_string() == group.channel);
    let others = channel.into_iter().flat_map(|channel| &channel.audience).filter(|code| **code != web.node.member);
    // As on the page of one record: who else is in a channel is for the staff.
    let others = others.filter(|_| person.caller.is_staff());
    GroupShown {
        handle: group.handle.clone(),
        count: number(group.count),
        labels: group
            .labels
            .iter()
            .filter_map(|(label, count)| Some((Label::of(Tlp::from_text(label)?), number(*count))))
            .collect(),
        audience: others.map(|code| english_name(&governance, code)).collect(),
        is_exercise: channel.is_some_and(|channel| channel.exercise),
    }
}

/// What the forms of the page send.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wish {
    act: String,
    reason: String,
    tlp: String,
}

/// Sends, undoes or leaves a deed.
async fn act_on(
    State(web): State<Web>,
    Path(id): Path<String>,
    Sent(person, wish): Sent<Wish>,
) -> Result<Response, Response> {
    take_step(&web, &person, id, wish).await.map_err(IntoResponse::into_response)
}

async fn take_step(web: &Web, person: &Person, id: String, wish: Wish) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Withdraw)?;
    let (asking, here) = (person.caller.clone(), format!("/bulk/{id}"));
    match wish.act.as_str() {
        "send" => {
            web.expect_writable()?;
            let sent = web.run(move |node| send(node, &asking, &id, &wish)).await?;
            // Whoever waits for the next time is told of a nearer one.
            web.parcels.notify_one();
            match sent {
                Ok(_) => Ok(see(&here)),
                Err(refusal) => tell(web, &person.caller, refused(refusal).then(here, Told::of("bulk-look"))).await,
            }
        }
        "undo" => {
            let act = match web.run(move |node| deed::undo(node, &asking, &id)).await? {
                Ok(count) => Act::new(Ending::Done, Told::of("bulk-undone").count("count", count))
                    .then("/intelligence", Told::of("withdraw-onward"))
                    .then(here, Told::of("bulk-look")),
                Err(refusal) => refused(refusal).then(here, Told::of("bulk-look")),
            };
            tell(web, &person.caller, act).await
        }
        "leave" => {
            let act = match web.run(move |node| deed::leave(node, &asking, &id)).await? {
                Ok(()) => Act::new(Ending::Done, Told::of("bulk-left")),
                Err(refusal) => refused(refusal).then(here, Told::of("bulk-look")),
            };
            tell(web, &person.caller, act.then("/intelligence", Told::of("withdraw-onward"))).await
        }
        _ => Err(Problem::of(&table::BAD_PARAMETER).saying("act is send, undo or leave")),
    }
}

fn send(
    node: &Node,
    caller: &gotong_app::caller::Caller,
    id: &str,
    wish: &Wish,
) -> Result<Result<Timestamp, Refusal>, NodeFault> {
    let Some(deed) = deed::fetch(node, caller, id)? else { return Ok(Err(Refusal::Unknown)) };
    let choice = match deed.kind {
        Kind::Withdraw => wish.reason.as_str(),
        Kind::Relabel => wish.tlp.as_str(),
        Kind::Release | Kind::Drop => "",
    };
    deed::send(node, caller, id, choice)
}

/// What is told of a step that was not taken.
pub(super) fn refused(refusal: Refusal) -> Act {
    let seconds = usize::try_from(HOLD_S).unwrap_or_default();
    let text = match refusal {
        Refusal::Unknown => Told::of("bulk-refused-unknown"),
        Refusal::TooMuch => Told::of("bulk-refused-much").count("count", CHOSEN_MAX),
        Refusal::TooLate => Told::of("bulk-refused-late").count("seconds", seconds),
        Refusal::NoRight => Told::of("share-refused-right"),
        Refusal::Nothing => Told::of("bulk-refused-nothing"),
    };
    Act::new(Ending::Refused, text)
}
