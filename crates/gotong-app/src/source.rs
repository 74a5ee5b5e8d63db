//! Sources: feeds outside the region that a node reads on a schedule, each bound to a channel and a label. Here is what is kept of them and who may change it;
//! the asking itself is `gotong_web::source`'s.
//!
//! Credentials lie in the node's store, are handed to whoever fetches and to nobody else, and stand in no audit line. Read next: `source/state.rs` (what became
//! of each run), `source/taken.rs` (what a source brought).

mod state;
mod taken;

use gotong_model::{ChannelId, Slug, Timestamp, Tlp};
use gotong_store::{Book, Fault, ReadTx};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use state::{Counts, Health, Note, Progress, Run, RunResult, State, finish, history, keep};
pub(crate) use taken::note_withdrawn;
pub use taken::{Seen, Taken, missing, newer_events, note_event, take};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::publish::{Why, note_act};
use crate::rows::{from_json, prefix_end, to_json};

/// Sources of one node.
pub const SOURCES_MAX: usize = 500;
/// Bytes that one answer of a source may have at most, whatever is set.
pub const BYTES_MAX: u64 = 256 << 20;
/// The longest pause between two runs: four weeks.
const EVERY_MIN_MAX: u32 = 40_320;
/// The longest run: six hours.
const TIME_S_MAX: u32 = 6 * 60 * 60;
/// Bytes of a mapping, a collection's name or a part of credentials.
const MAPPING_BYTES_MAX: usize = 32 << 10;
const TEXT_BYTES_MAX: usize = 512;

/// What a source speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One document, fetched whole.
    Http,
    /// A collection of a TAXII 2.1 server, read on from where the last run ended.
    Taxii,
    /// A folder of MISP events with its `manifest.json`.
    MispFeed,
}

impl Kind {
    /// Its name in the API and the program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Taxii => "taxii",
            Self::MispFeed => "misp-feed",
        }
    }

    /// The kind of this name.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Http, Self::Taxii, Self::MispFeed].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A source as somebody set it up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    #[serde(serialize_with = "as_text", deserialize_with = "slug")]
    pub name: Slug,
    /// What it speaks.
    pub kind: Kind,
    /// Where it is.
    pub url: String,
    /// Where what it brings is published.
    #[serde(serialize_with = "as_text", deserialize_with = "channel")]
    pub channel: ChannelId,
    /// The label of what is unmarked; `None` is the channel's ceiling. Never laxer than a marking.
    #[serde(serialize_with = "label_text", deserialize_with = "label")]
    pub label: Option<Tlp>,
    /// The format of a document, where it is not to be seen from its beginning.
    pub format: Option<String>,
    /// What a table's columns mean, as JSON.
    pub mapping: Option<String>,
    /// The collection of a TAXII server, by id, alias or title.
    pub collection: Option<String>,
    /// Minutes from one run to the next.
    pub every_min: u32,
    /// Up to so many minutes more, by chance.
    pub jitter_min: u32,
    /// Bytes of one answer.
    pub bytes_max: u64,
    /// Seconds of one answer.
    pub time_max_s: u32,
    /// Withdraw what only this source brought and lists no longer.
    pub withdraw_missing: bool,
    /// Not run by the schedule.
    pub paused: bool,
}

/// How a source knows the node.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// User and password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// A token.
    Bearer {
        /// The token.
        token: String,
    },
    /// A header, such as the key of a MISP server in `Authorization`.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(not shown)")
    }
}

/// What to do with the credentials of a source that is put.
#[derive(Clone, Debug)]
pub enum Secret {
    /// Leave them.
    Keep,
    /// It has none.
    None,
    /// These.
    These(Credentials),
}

/// A source with all that is known of it.
#[derive(Clone, Debug)]
pub struct SourceView {
    /// As it was set up.
    pub source: Source,
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

fn channel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ChannelId, D::Error> {
    ChannelId::from_text(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("no channel"))
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn label_text<S: Serializer>(label: &Option<Tlp>, serializer: S) -> Result<S::Ok, S::Error> {
    label.map(|label| label.to_string()).serialize(serializer)
}

fn label<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Tlp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Tlp::from_human(&text).ok_or_else(|| D::Error::custom("no label"))).transpose()
}

fn key(part: &str, name: &Slug) -> Vec<u8> {
    format!("source/{part}/{name}").into_bytes()
}

/// Rows of one source below a part: the slash keeps `feed` apart from `feed-2`.
fn key_below(part: &str, name: &Slug) -> Vec<u8> {
    format!("source/{part}/{name}/").into_bytes()
}

fn fetch_source(tx: &dyn ReadTx, name: &Slug) -> Result<Option<Source>, Fault> {
    let row = tx.fetch(Book::Meta, &key("def", name))?;
    row.map(|row| from_json(&row, "sources")).transpose()
}

fn all(tx: &dyn ReadTx) -> Result<Vec<Source>, Fault> {
    let prefix = b"source/def/";
    let rows = tx.scan(Book::Meta, prefix, &prefix_end(prefix), SOURCES_MAX)?;
    rows.into_iter().map(|(_, row)| from_json(&row, "sources")).collect()
}

fn view(tx: &dyn ReadTx, source: Source) -> Result<SourceView, Fault> {
    let state = state::fetch(tx, &source.name)?;
    let below = key_below("run", &source.name);
    let last = tx.last(Book::Meta, &below, &prefix_end(&below))?;
    let last = last.map(|(_, row)| from_json(&row, "runs of sources")).transpose()?;
    let has_credentials = tx.fetch(Book::Meta, &key("key", &source.name))?.is_some();
    Ok(SourceView { source, state, last, has_credentials })
}

/// All sources, by name.
pub fn list(node: &Node) -> Result<Vec<SourceView>, NodeFault> {
    let tx = node.store.read()?;
    let views = all(tx.as_ref())?.into_iter().map(|source| view(tx.as_ref(), source));
    Ok(views.collect::<Result<_, Fault>>()?)
}

/// One source.
pub fn lookup(node: &Node, name: &Slug) -> Result<Option<SourceView>, NodeFault> {
    let tx = node.store.read()?;
    let Some(source) = fetch_source(tx.as_ref(), name)? else { return Ok(None) };
    Ok(Some(view(tx.as_ref(), source)?))
}

/// The credentials, for whoever asks the source, and nobody else.
pub fn credentials(node: &Node, name: &Slug) -> Result<Option<Credentials>, NodeFault> {
    let row = node.store.read()?.fetch(Book::Meta, &key("key", name))?;
    Ok(row.map(|row| from_json(&row, "credentials")).transpose()?)
}

/// What is wrong with a source as somebody wants it.
fn faults(node: &Node, source: &Source, secret: &Secret) -> Vec<Why> {
    let mut found = Vec::new();
    let mut expect = |holds: bool, pointer: &str, text: &str| {
        if !holds {
            found.push(Why { pointer: Some(pointer.to_owned()), ..Why::plain("source.field", text) });
        }
    };
    expect((1..=EVERY_MIN_MAX).contains(&source.every_min), "/every_min", "must be 1 to 40,320 minutes");
    expect(source.jitter_min <= source.every_min, "/jitter_min", "must not be longer than the pause between runs");
    expect((1..=BYTES_MAX).contains(&source.bytes_max), "/bytes_max", "must be 1 to 268,435,456 bytes");
    expect((1..=TIME_S_MAX).contains(&source.time_max_s), "/time_max_s", "must be 1 to 21,600 seconds");
    let is_http = source.kind == Kind::Http;
    expect(is_http || source.format.is_none(), "/format", "belongs to sources of kind http alone");
    expect(is_http || source.mapping.is_none(), "/mapping", "belongs to sources of kind http alone");
    expect(source.kind == Kind::Taxii || source.collection.is_none(), "/collection", "belongs to TAXII alone");
    expect(is_http || !source.withdraw_missing, "/withdraw_missing", "only a document lists all that it has");
    let fits =
        |text: &Option<String>, most: usize| text.as_ref().is_none_or(|text| !text.is_empty() && text.len() <= most);
    expect(fits(&source.mapping, MAPPING_BYTES_MAX), "/mapping", "must have 1 to 32,768 bytes");
    expect(fits(&source.collection, TEXT_BYTES_MAX), "/collection", "must have 1 to 512 bytes");
    let governance = node.governance();
    let channel = governance.channel(&source.channel);
    expect(channel.is_some(), "/channel", "must be a channel of this member");
    if let (Some(channel), Some(label)) = (channel, source.label) {
        let ceiling = channel.channel_type.ceiling;
        expect(label <= ceiling, "/label", &format!("must not be above the channel's ceiling, TLP:{ceiling}"));
    }
    if let Secret::These(credentials) = secret {
        let parts = match credentials {
            Credentials::Basic { user, password } => [user, password],
            Credentials::Bearer { token } => [token, token],
            Credentials::Header { name, value } => [name, value],
        };
        let is_fit = |part: &&String| (1..=TEXT_BYTES_MAX).contains(&part.len()) && !part.contains(char::is_control);
        expect(parts.iter().all(is_fit), "/credentials", "each part has 1 to 512 bytes without control characters");
    }
    found
}

/// Sets a source up, or changes it. Where it points elsewhere than before, what was known of its state is forgotten.
pub fn put(node: &Node, caller: &Caller, source: &Source, secret: &Secret) -> Result<Result<(), Vec<Why>>, NodeFault> {
    let faults = faults(node, source, secret);
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    // What belongs to another place goes first: killed behind this, the source is where it was and reads everything again.
    let before = fetch_source(node.store.read()?.as_ref(), &source.name)?;
    if before.is_some_and(|before| !is_same_place(&before, source)) {
        forget(node, &source.name, &["item", "event"])?;
    }
    node.transact(Priority::People, |writing| {
        let before = fetch_source(writing.tx.as_ref(), &source.name)?;
        if before.is_none() && all(writing.tx.as_ref())?.len() >= SOURCES_MAX {
            return Ok(Err(vec![Why::plain("source.many", format!("a node has at most {SOURCES_MAX} sources"))]));
        }
        let tx = writing.tx.as_mut();
        tx.put(Book::Meta, &key("def", &source.name), &to_json(source))?;
        let mut state = state::fetch(tx, &source.name)?;
        if before.as_ref().is_none_or(|before| !is_same_place(before, source)) {
            state.forget();
        }
        state.next_try = 0;
        state::put(tx, &source.name, &state)?;
        match secret {
            Secret::These(credentials) => tx.put(Book::Meta, &key("key", &source.name), &to_json(credentials))?,
            // INVARIANT of this file: what was given for one server is not sent to another.
            Secret::Keep if before.as_ref().is_some_and(|before| before.url == source.url) => {}
            Secret::Keep | Secret::None => tx.delete(Book::Meta, &key("key", &source.name))?,
        }
        let what = serde_json::json!({"name": source.name.to_string(), "kind": source.kind.as_str(), "url": source.url.split('?').next(), "channel": source.channel.to_string(),
            "label": source.label.map(|label| label.to_string()), "paused": source.paused, "withdraw_missing": source.withdraw_missing});
        note_act(writing, node.now(), &caller.id, "source-put", &what)?;
        Ok(Ok(()))
    })
}

/// Pauses a source, or lets it run again. `false`: there is none of this name.
pub fn pause(node: &Node, caller: &Caller, name: &Slug, paused: bool) -> Result<bool, NodeFault> {
    node.transact(Priority::People, |writing| {
        let Some(mut source) = fetch_source(writing.tx.as_ref(), name)? else { return Ok(false) };
        source.paused = paused;
        writing.tx.put(Book::Meta, &key("def", name), &to_json(&source))?;
        let mut state = state::fetch(writing.tx.as_ref(), name)?;
        state.next_try = 0;
        state::put(writing.tx.as_mut(), name, &state)?;
        let act = if paused { "source-pause" } else { "source-resume" };
        note_act(writing, node.now(), &caller.id, act, &serde_json::json!({"name": name.to_string()}))?;
        Ok(true)
    })
}

/// Removes a source and what is known of it; what it published stays. `false`: there is none of this name.
pub fn remove(node: &Node, caller: &Caller, name: &Slug) -> Result<bool, NodeFault> {
    let found = node.transact(Priority::People, |writing| {
        let found = fetch_source(writing.tx.as_ref(), name)?.is_some();
        for part in ["def", "state", "key"] {
            writing.tx.delete(Book::Meta, &key(part, name))?;
        }
        if found {
            note_act(writing, node.now(), &caller.id, "source-remove", &serde_json::json!({"name": name.to_string()}))?;
        }
        Ok(found)
    })?;
    forget(node, name, &["run", "item", "event"])?;
    Ok(found)
}

/// Whether a source brings the same from the same place, published in the same way.
fn is_same_place(before: &Source, now: &Source) -> bool {
    let place = |source: &Source| {
        let Source { kind, url, channel, label, format, mapping, collection, .. } = source.clone();
        (kind, url, channel, label, format, mapping, collection)
    };
    place(before) == place(now)
}

/// Removes rows of a source, some at a time.
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

/// The present, as rows carry it.
fn micros(at: Timestamp) -> i64 {
    at.micros()
}
