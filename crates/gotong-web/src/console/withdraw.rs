//! Withdraw and correct: taking an object back, or changing its label, wherever this person's member published it. The page says first who holds it and
//! what will be asked of them; what left the country can be taken back only as far as others keep their word, and the page says that too.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use gotong_app::act::{Act, Ending, LINES_MAX, Line, Told};
use gotong_app::caller::Caller;
use gotong_app::deed::{self, Asked, Kind, Refusal};
use gotong_app::role::Right;
use gotong_app::view::{self, RecordView, ViewFault};
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_app::{Node, NodeFault, Priority};
use gotong_model::control::Reason;
use gotong_model::{ChannelId, MemberCode, Tlp};
use serde::Deserialize;

use super::bulk;
use super::channels;
use super::form::Sent;
use super::outcome::tell;
use super::person::{Person, see};
use super::shell::Shell;
use super::show;
use super::shown::{Label, english_name, object_path};
use crate::api::Web;
use crate::api::who::expect_right;
use crate::problem::{Problem, table};

/// Channels of one form; nobody publishes one object in more.
const CHANNELS_MAX: usize = 50;
/// Ids of one transaction.
const IDS_AT_ONCE: usize = 1_000;

#[derive(Template)]
#[template(path = "console/withdraw.html")]
struct WithdrawPage {
    shell: Shell,
    is_relabel: bool,
    path: String,
    name: String,
    /// Whether it may be taken back together with what it names.
    has_parts: bool,
    places: Vec<Place>,
    reasons: Vec<(&'static str, String)>,
}

/// A channel in which the own member has it.
struct Place {
    handle: String,
    label: Label,
    audience: Vec<String>,
}

pub(super) async fn withdraw_page(
    State(web): State<Web>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Response> {
    page(&web, &person, id, false).await.map_err(IntoResponse::into_response)
}

pub(super) async fn relabel_page(
    State(web): State<Web>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Response> {
    page(&web, &person, id, true).await.map_err(IntoResponse::into_response)
}

async fn page(web: &Web, person: &Person, id: String, is_relabel: bool) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Withdraw)?;
    if is_relabel {
        // As in the API: a label binds whoever holds the record, so it is the member's staff that changes one.
        expect_right(&person.caller, Right::Oversee)?;
    }
    let (asking, wanted) = (person.caller.clone(), id.clone());
    let own = web
        .run(move |node| {
            let mut own = Vec::new();
            for version in own_versions(node, &asking, &wanted)? {
                own.extend(view::channel(node, &asking, &version.channel)?.map(|channel| (version, channel)));
            }
            Ok::<_, ViewFault>(own)
        })
        .await?;
    let Some((first, _)) = own.first() else { return Err(Problem::of(&table::NOT_FOUND)) };
    let governance = web.node.governance();
    let name_of = |code: &MemberCode| english_name(&governance, code);
    let is_staff = person.caller.is_staff();
    show(&WithdrawPage {
        is_relabel,
        has_parts: id.starts_with("report--"),
        path: object_path(&id),
        name: first.name.clone().unwrap_or_else(|| first.id.clone()),
        reasons: Reason::ALL
            .iter()
            .map(|reason| (reason.as_str(), person.words.t(&format!("withdraw-reason-{}", reason.as_str()))))
            .collect(),
        places: own
            .iter()
            .map(|(version, channel)| Place {
                handle: channel.handle.clone(),
                label: Label::of(version.label),
                audience: channel
                    .audience
                    .iter()
                    .filter(|code| is_staff && **code != web.node.member)
                    .map(name_of)
                    .collect(),
            })
            .collect(),
        shell: Shell::of(web, person, "/intelligence"),
    })
}

/// The newest versions that the own member has published, one for each channel.
fn own_versions(node: &Node, caller: &Caller, id: &str) -> Result<Vec<RecordView>, NodeFault> {
    let mut versions = view::read(node, caller, id)?;
    versions.retain(|version| version.author == node.member && version.is_newest);
    Ok(versions)
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wish {
    reason: String,
    tlp: String,
    channel: Vec<String>,
    /// Where it is not to be held.
    now: String,
    /// Of a report, where what it names is to go with it.
    parts: String,
}

pub(super) async fn withdraw(
    State(web): State<Web>,
    Path(id): Path<String>,
    Sent(person, wish): Sent<Wish>,
) -> Result<Response, Response> {
    act(&web, &person, id, wish, false).await.map_err(IntoResponse::into_response)
}

pub(super) async fn relabel(
    State(web): State<Web>,
    Path(id): Path<String>,
    Sent(person, wish): Sent<Wish>,
) -> Result<Response, Response> {
    act(&web, &person, id, wish, true).await.map_err(IntoResponse::into_response)
}

async fn act(web: &Web, person: &Person, id: String, wish: Wish, is_relabel: bool) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Withdraw)?;
    if is_relabel {
        expect_right(&person.caller, Right::Oversee)?;
    }
    // Each form has its own of the two.
    let reason = Reason::ALL.iter().copied().find(|reason| !is_relabel && reason.as_str() == wish.reason);
    let label = Tlp::from_human(&wish.tlp).filter(|_| is_relabel);
    let begin = if is_relabel { "relabel" } else { "withdraw" };
    let is_said = if is_relabel { label.is_some() } else { reason.is_some() };
    let back = object_path(&id);
    if wish.channel.is_empty() || !is_said {
        let act = Act::new(Ending::Refused, Told::of("withdraw-nothing-chosen"));
        return tell(web, &person.caller, act.then(format!("{back}/{begin}"), Told::of("withdraw-again"))).await;
    }
    let going = if wish.parts == "yes" && !is_relabel { going_with(web, person, &id).await? } else { None };
    if wish.now != "yes" {
        return hold(web, person, (id, going), wish, if is_relabel { Kind::Relabel } else { Kind::Withdraw }).await;
    }
    // Where what is withdrawn is listed, for whoever is told of that.
    let listed = |handle: &str| person.caller.oversees().then(|| channels::withdrawals_path(handle));
    let mut lines = Vec::new();
    let (mut entries, mut asked, mut done, mut beyond) = (0_u64, 0_usize, 0_usize, 0_usize);
    for handle in wish.channel.iter().take(CHANNELS_MAX) {
        let channel = web.channel_for(&person.caller, handle, Right::Withdraw)?;
        let ids = ids_in(&channel, &id, going.as_ref());
        let caller = person.caller.clone();
        let ceiling = web.node.governance().channel(&channel).map(|channel| channel.channel_type.ceiling);
        // Such a label withdraws, and the outcome has to say so.
        let is_beyond = is_relabel && label > ceiling;
        let results = web.run(move |node| carry_out(node, &caller, (channel, ids), reason, label)).await?;
        for (_, result) in results {
            asked += 1;
            let is_done = matches!(result, Withdrawn::Done { .. });
            if let Withdrawn::Done { entries: named, .. } = &result {
                entries += named;
                done += 1;
                beyond += usize::from(is_beyond);
            }
            let is_withdrawn = is_done && (is_beyond || !is_relabel);
            let line = line(handle, result, is_beyond).at(listed(handle).filter(|_| is_withdrawn));
            // What goes together mostly ends together, and is told once.
            if lines.last() != Some(&line) && lines.len() < LINES_MAX {
                lines.push(line);
            }
        }
    }
    web.upkeep.notify_one();
    let ending = match (done, asked) {
        (0, _) => Ending::Refused,
        (done, all) if done == all => Ending::Done,
        _ => Ending::Partly,
    };
    let entries = usize::try_from(entries).unwrap_or(usize::MAX);
    let came = if beyond > 0 && beyond == done { "withdraw" } else { begin };
    let mut act = Act::new(ending, Told::of(&format!("withdraw-outcome-{came}")).count("entries", entries));
    let places: Vec<String> = lines.iter().filter_map(|line| line.path.clone()).collect();
    act.lines = lines;
    // Of several each line leads to its own.
    if let [place] = places.as_slice() {
        act = act.then(place, Told::of("withdraw-listed"));
    }
    tell(web, &person.caller, act.then("/intelligence", Told::of("withdraw-onward"))).await
}

/// What goes with a report that is taken back, and in which channel; `None` where it is another's.
async fn going_with(web: &Web, person: &Person, id: &str) -> Result<Option<(ChannelId, Vec<String>)>, Problem> {
    let (asking, id) = (person.caller.clone(), id.to_owned());
    web.run(move |node| {
        let event = view::event(node, &asking, &id)?.filter(|event| event.author == node.member);
        let Some(event) = event else { return Ok::<_, NodeFault>(None) };
        Ok(Some((event.channel, view::going_with(node, &asking, &event)?)))
    })
    .await
}

/// What is meant in one channel.
fn ids_in(channel: &ChannelId, id: &str, going: Option<&(ChannelId, Vec<String>)>) -> Vec<String> {
    let going = going.filter(|(place, _)| place == channel);
    going.map_or_else(|| vec![id.to_owned()], |(_, ids)| ids.clone())
}

/// Holds it as a deed on it in each of these channels.
async fn hold(
    web: &Web,
    person: &Person,
    (id, going): (String, Option<(ChannelId, Vec<String>)>),
    wish: Wish,
    kind: Kind,
) -> Result<Response, Problem> {
    web.expect_writable()?;
    let mut picked = Vec::new();
    for handle in wish.channel.iter().take(CHANNELS_MAX) {
        let channel = web.channel_for(&person.caller, handle, Right::Withdraw)?;
        picked.extend(ids_in(&channel, &id, going.as_ref()).into_iter().map(|id| (channel, id)));
    }
    let (asking, choice) = (person.caller.clone(), if kind == Kind::Relabel { wish.tlp } else { wish.reason });
    let taken = web
        .run(move |node| {
            let deed = match deed::choose(node, &asking, kind, &Asked::Picked(picked))? {
                Ok(deed) => deed,
                Err(refusal) => return Ok(Err(refusal)),
            };
            match deed::send(node, &asking, &deed, &choice)? {
                // Its page says what of this cannot be acted on, and why.
                Ok(_) | Err(Refusal::Nothing) => Ok::<_, ViewFault>(Ok(deed)),
                Err(refusal) => Ok(Err(refusal)),
            }
        })
        .await?;
    // Whoever waits for the next time is told of a nearer one.
    web.parcels.notify_one();
    match taken {
        Ok(deed) => Ok(see(&format!("/bulk/{deed}"))),
        Err(refusal) => {
            let act = bulk::refused(refusal).then(object_path(&id), Told::of("withdraw-again"));
            tell(web, &person.caller, act).await
        }
    }
}

/// What became of it in one channel.
fn line(handle: &str, result: Withdrawn, is_beyond: bool) -> Line {
    let (ending, why, said) = match result {
        Withdrawn::Done { .. } if is_beyond => (Ending::Done, "withdraw-reason-relabelled", None),
        Withdrawn::Done { .. } => (Ending::Done, "withdraw-line-done", None),
        Withdrawn::NotFound => (Ending::Refused, "withdraw-line-none", None),
        Withdrawn::Refused(why) => (Ending::Refused, "withdraw-line-refused", why.into_iter().next()),
    };
    Line::of(ending, handle, Told::of(why)).because(said)
}

/// At once: with a reason it is withdrawn, with a label relabelled.
fn carry_out(
    node: &Node,
    caller: &Caller,
    (channel, ids): (ChannelId, Vec<String>),
    reason: Option<Reason>,
    label: Option<Tlp>,
) -> Result<Vec<(String, Withdrawn)>, NodeFault> {
    let mut done = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let (constituent, caller) = (caller.constituent.clone(), caller.id.clone());
        let selection = Selection { channel, ids: ids.to_vec(), modified: None, constituent, caller };
        done.extend(node.transact(Priority::People, |writing| match (reason, label) {
            (_, Some(label)) => node.relabel_in(writing, &selection, label),
            (Some(reason), None) => node.withdraw_in(writing, &selection, reason),
            (None, None) => Ok(Vec::new()),
        })?);
    }
    node.erase_named()?;
    Ok(done)
}
