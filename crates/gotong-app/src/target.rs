//! Targets: collections of other people's TAXII servers, outside the region, to which this node pushes what some of its channels show. Here is what is kept of
//! them and who may change it; the asking itself is `gotong_web::target`'s.
//!
//! Must not decide what may go outside: `gotong_policy::outside` does, for each record. Credentials are kept as those of sources are. Read next:
//! `target/crossing.rs` (what may go), `target/sent.rs` (what went), `target/state.rs` (what became of each run).

mod crossing;
mod sent;
mod state;

use gotong_model::{ChannelId, Slug, Timestamp, Tlp};
use gotong_policy::outside;
use gotong_store::{Book, Fault, ReadTx};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use crossing::{Fate, Row, Stretch, stretch};
pub use sent::{Gone, Kept, Outcome, Step, begin, kept_back, pend, prepare, settle, sweep, swept, taken_back};
pub use state::{Counts, Failed, Held, Pending, Run, State, finish, health, history, stop};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::publish::{Why, note_act};
use crate::rows::{from_json, prefix_end, to_json};
use crate::source::{Credentials, Secret};

/// Targets of one node.
pub const TARGETS_MAX: usize = 200;
/// Channels of one target.
pub const CHANNELS_MAX: usize = 16;
/// The longest pause between two runs: four weeks.
const EVERY_MIN_MAX: u32 = 40_320;
/// The longest that one answer, or one status, is waited for: an hour.
const TIME_S_MAX: u32 = 60 * 60;
/// Bytes of a collection's name or a part of credentials.
const TEXT_BYTES_MAX: usize = 512;
/// No label above this ever goes to a target: stricter ones name who may have it, and a server outside is nobody of them.
pub const LABEL_MAX: Tlp = Tlp::Amber;

/// A target as somebody set it up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Target {
    /// Its name.
    #[serde(serialize_with = "as_text", deserialize_with = "slug")]
    pub name: Slug,
    /// Where it is: discovery, an API root or a collection.
    pub url: String,
    /// The collection, by id, alias or title.
    pub collection: Option<String>,
    /// What is pushed there.
    #[serde(serialize_with = "channels_text", deserialize_with = "channels")]
    pub channels: Vec<ChannelId>,
    /// Nothing above this label is pushed.
    #[serde(serialize_with = "as_text", deserialize_with = "label")]
    pub label_max: Tlp,
    /// Minutes from one run to the next.
    pub every_min: u32,
    /// Up to so many minutes more, by chance.
    pub jitter_min: u32,
    /// Seconds of one answer, and of the wait until a server has worked off what it was sent.
    pub time_max_s: u32,
    /// Not run by the schedule.
    pub paused: bool,
}

/// A target with all that is known of it.
#[derive(Clone, Debug)]
pub struct TargetView {
    /// As it was set up.
    pub target: Target,
    /// Where it stands.
    pub state: State,
    /// Its newest run.
    pub last: Option<Run>,
    /// Whether it has credentials.
    pub has_credentials: bool,
}

fn as_text<T: std::fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn slug<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Slug, D::Error> {
    Slug::from_text(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("no name"))
}

fn channels_text<S: Serializer>(channels: &[ChannelId], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(channels.iter().map(ToString::to_string))
}

fn channels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ChannelId>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| ChannelId::from_text(text).ok_or_else(|| D::Error::custom("no channel"))).collect()
}

fn label<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tlp, D::Error> {
    Tlp::from_human(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("no label"))
}

fn key(part: &str, name: &Slug) -> Vec<u8> {
    format!("target/{part}/{name}").into_bytes()
}

/// Rows of one target below a part: the slash keeps `partner` apart from `partner-2`.
fn key_below(part: &str, name: &Slug) -> Vec<u8> {
    format!("target/{part}/{name}/").into_bytes()
}

fn fetch_target(tx: &dyn ReadTx, name: &Slug) -> Result<Option<Target>, Fault> {
    let row = tx.fetch(Book::Meta, &key("def", name))?;
    row.map(|row| from_json(&row, "targets")).transpose()
}

fn view(tx: &dyn ReadTx, target: Target) -> Result<TargetView, Fault> {
    let state = state::fetch(tx, &target.name)?;
    let below = key_below("run", &target.name);
    let last = tx.last(Book::Meta, &below, &prefix_end(&below))?;
    let last = last.map(|(_, row)| from_json(&row, "runs of targets")).transpose()?;
    let has_credentials = tx.fetch(Book::Meta, &key("key", &target.name))?.is_some();
    Ok(TargetView { target, state, last, has_credentials })
}

/// All targets, by name.
pub fn list(node: &Node) -> Result<Vec<TargetView>, NodeFault> {
    let tx = node.store.read()?;
    let prefix = b"target/def/";
    let rows = tx.scan(Book::Meta, prefix, &prefix_end(prefix), TARGETS_MAX)?;
    let views = rows.into_iter().map(|(_, row)| view(tx.as_ref(), from_json(&row, "targets")?));
    Ok(views.collect::<Result<_, Fault>>()?)
}

/// One target.
pub fn lookup(node: &Node, name: &Slug) -> Result<Option<TargetView>, NodeFault> {
    let tx = node.store.read()?;
    let Some(target) = fetch_target(tx.as_ref(), name)? else { return Ok(None) };
    Ok(Some(view(tx.as_ref(), target)?))
}

/// The credentials, for whoever asks the target, and nobody else.
pub fn credentials(node: &Node, name: &Slug) -> Result<Option<Credentials>, NodeFault> {
    let row = node.store.read()?.fetch(Book::Meta, &key("key", name))?;
    Ok(row.map(|row| from_json(&row, "credentials")).transpose()?)
}

/// What is wrong with a target as somebody wants it.
fn faults(node: &Node, target: &Target, secret: &Secret) -> Vec<Why> {
    let mut found = Vec::new();
    let mut expect = |holds: bool, pointer: &str, text: &str| {
        if !holds {
            found.push(Why { pointer: Some(pointer.to_owned()), ..Why::plain("target.field", text) });
        }
    };
    expect((1..=EVERY_MIN_MAX).contains(&target.every_min), "/every_min", "must be 1 to 40,320 minutes");
    expect(target.jitter_min <= target.every_min, "/jitter_min", "must not be longer than the pause between runs");
    expect((1..=TIME_S_MAX).contains(&target.time_max_s), "/time_max_s", "must be 1 to 3,600 seconds");
    expect(
        target.label_max <= LABEL_MAX,
        "/label_max",
        "must be clear, green or amber: what is stricter never goes outside",
    );
    let fits = target.collection.as_ref().is_none_or(|text| (1..=TEXT_BYTES_MAX).contains(&text.len()));
    expect(fits, "/collection", "must have 1 to 512 bytes");
    expect((1..=CHANNELS_MAX).contains(&target.channels.len()), "/channels", "must name 1 to 16 channels");
    if let Secret::These(credentials) = secret {
        let parts = match credentials {
            Credentials::Basic { user, password } => [user, password],
            Credentials::Bearer { token } => [token, token],
            Credentials::Header { name, value } => [name, value],
        };
        let is_fit = |part: &&String| (1..=TEXT_BYTES_MAX).contains(&part.len()) && !part.contains(char::is_control);
        expect(parts.iter().all(is_fit), "/credentials", "each part has 1 to 512 bytes without control characters");
    }
    let governance = node.governance();
    for (at, id) in target.channels.iter().enumerate().take(CHANNELS_MAX) {
        let pointer = Some(format!("/channels/{at}"));
        if governance.channel(id).is_none() {
            found.push(Why { pointer, ..Why::plain("target.field", "must be a channel of this member") });
            continue;
        }
        if target.channels.iter().take(at).any(|before| before == id) {
            found.push(Why { pointer, ..Why::plain("target.field", "is named twice") });
            continue;
        }
        let decision = outside(&governance, &node.member, id, None, node.now());
        if !decision.permitted {
            let why = Why::clauses(&decision).into_iter();
            found.extend(why.map(|why| Why { pointer: pointer.clone(), ..why }));
        }
    }
    found
}

/// Sets a target up, or changes it. Where it points elsewhere than before, what was known of its state is forgotten.
pub fn put(node: &Node, caller: &Caller, target: &Target, secret: &Secret) -> Result<Result<(), Vec<Why>>, NodeFault> {
    let faults = faults(node, target, secret);
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    // What went to another place goes first: killed behind this, the target is where it was and is told everything again.
    let before = fetch_target(node.store.read()?.as_ref(), &target.name)?;
    if before.is_some_and(|before| !is_same_place(&before, target)) {
        forget(node, &target.name, &["item"])?;
    }
    node.transact(Priority::People, |writing| {
        let before = fetch_target(writing.tx.as_ref(), &target.name)?;
        let prefix = b"target/def/";
        let count = writing.tx.scan(Book::Meta, prefix, &prefix_end(prefix), TARGETS_MAX)?.len();
        if before.is_none() && count >= TARGETS_MAX {
            return Ok(Err(vec![Why::plain("target.many", format!("a node has at most {TARGETS_MAX} targets"))]));
        }
        let tx = writing.tx.as_mut();
        tx.put(Book::Meta, &key("def", &target.name), &to_json(target))?;
        let mut state = state::fetch(tx, &target.name)?;
        if before.as_ref().is_none_or(|before| !is_same_place(before, target)) {
            state.forget();
        } else if before.as_ref().is_some_and(|before| before.label_max != target.label_max) {
            // What was above the label may go now, and what went may be above it.
            state.walk_again();
        }
        (state.next_try, state.stopped) = (0, None);
        state::put(tx, &target.name, &state)?;
        match secret {
            Secret::These(credentials) => tx.put(Book::Meta, &key("key", &target.name), &to_json(credentials))?,
            // INVARIANT of this file: what was given for one server is not sent to another.
            Secret::Keep if before.as_ref().is_some_and(|before| before.url == target.url) => {}
            Secret::Keep | Secret::None => tx.delete(Book::Meta, &key("key", &target.name))?,
        }
        let channels: Vec<String> = target.channels.iter().map(ToString::to_string).collect();
        let what = serde_json::json!({"name": target.name.to_string(), "url": target.url.split('?').next(), "channels": channels,
            "label_max": target.label_max.to_string(), "paused": target.paused});
        note_act(writing, node.now(), &caller.id, "target-put", &what)?;
        Ok(Ok(()))
    })
}

/// Pauses a target, or lets it run again. `false`: there is none of this name.
pub fn pause(node: &Node, caller: &Caller, name: &Slug, paused: bool) -> Result<bool, NodeFault> {
    node.transact(Priority::People, |writing| {
        let Some(mut target) = fetch_target(writing.tx.as_ref(), name)? else { return Ok(false) };
        target.paused = paused;
        writing.tx.put(Book::Meta, &key("def", name), &to_json(&target))?;
        let mut state = state::fetch(writing.tx.as_ref(), name)?;
        (state.next_try, state.stopped) = (0, None);
        if !paused && state.failed_count > 0 {
            // Whoever lets it go on has it try again what the server did not take.
            state.walk_again();
            (state.failed_count, state.failed) = (0, Vec::new());
        }
        state::put(writing.tx.as_mut(), name, &state)?;
        let act = if paused { "target-pause" } else { "target-resume" };
        note_act(writing, node.now(), &caller.id, act, &serde_json::json!({"name": name.to_string()}))?;
        Ok(true)
    })
}

/// Removes a target and what is known of it; what was pushed there stays there. `false`: there is none of this name.
pub fn remove(node: &Node, caller: &Caller, name: &Slug) -> Result<bool, NodeFault> {
    let found = node.transact(Priority::People, |writing| {
        let found = fetch_target(writing.tx.as_ref(), name)?.is_some();
        for part in ["def", "state", "key"] {
            writing.tx.delete(Book::Meta, &key(part, name))?;
        }
        if found {
            note_act(writing, node.now(), &caller.id, "target-remove", &serde_json::json!({"name": name.to_string()}))?;
        }
        Ok(found)
    })?;
    forget(node, name, &["run", "item"])?;
    Ok(found)
}

/// Whether a target is the same collection of the same server.
fn is_same_place(before: &Target, now: &Target) -> bool {
    (&before.url, &before.collection) == (&now.url, &now.collection)
}

/// Whether a target is what a run began with: a pause or another schedule changes nothing of that.
fn is_same(now: &Target, then: &Target) -> bool {
    is_same_place(now, then) && (&now.channels, now.label_max) == (&then.channels, then.label_max)
}

/// Removes rows of a target, some at a time.
fn forget(node: &Node, name: &Slug, parts: &[&str]) -> Result<(), NodeFault> {
    for part in parts {
        while node.transact(Priority::Bulk, |writing| clear(writing, &key_below(part, name)))? {}
    }
    Ok(())
}

/// Removes some rows of a prefix; `true`: there may be more.
fn clear(writing: &mut Writing<'_>, prefix: &[u8]) -> Result<bool, NodeFault> {
    let rows = writing.tx.scan(Book::Meta, prefix, &prefix_end(prefix), 1_000)?;
    for (key, _) in &rows {
        writing.tx.delete(Book::Meta, key)?;
    }
    Ok(rows.len() == 1_000)
}

/// As whom a target reads: somebody of the member's staff, limited to its channels.
fn reader(name: &Slug, channels: Vec<ChannelId>) -> Caller {
    Caller {
        id: format!("target:{name}"),
        name: name.to_string(),
        organisation: None,
        constituent: None,
        channels: Some(channels),
        role: crate::role::Role::Reader,
    }
}

/// The present, as rows carry it.
fn micros(at: Timestamp) -> i64 {
    at.micros()
}
