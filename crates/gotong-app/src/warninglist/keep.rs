//! Warninglists in the store: each a row with its rules, and its bytes as they came, in chunks, so that no transaction is long. A list is replaced when its
//! row names other chunks: until then the one before is whole, whatever is cut off.
//!
//! Keys: `l` and a digest of the name → row; `c`, the number of a loading and that of a chunk → bytes; `b` is of `blocklist.rs`. Read next: `rules.rs`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};

use gotong_crypto::{Digest, sha256, text};
use gotong_formats::stix21::{FieldFault, ValueKind};
use gotong_formats::warninglist::{Built, LISTS_MAX, Matcher, Rule, Trouble, Warninglist};
use gotong_model::{ChannelId, Timestamp};
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::words::{action_of, action_word, moment_of, moment_word, type_word};
use super::{List, Warninglists, rules};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::rows::{damaged, from_json, number, set_number, to_json};

/// Bytes of one chunk.
const CHUNK_BYTES: usize = 256 << 10;
/// Chunks that one transaction writes or removes.
const CHUNKS_AT_ONCE: usize = 4;
/// Bytes of all lists together.
const BYTES_MAX: u64 = 512 << 20;
/// Troubles of one list that are told.
const TROUBLES_MAX: usize = 16;
/// The last number that was given to a list, and to a loading.
const LAST_LIST: &str = "warninglist/last";
const LAST_LOADING: &str = "warninglist/loading";

/// A list as its row has it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Row {
    number: u64,
    pub(super) name: String,
    /// Under which its chunks stand.
    loading: u64,
    chunks: u32,
    bytes: u64,
    /// Of its bytes.
    digest: String,
    loaded_at: i64,
    loaded_by: String,
    rules: Vec<RuleRow>,
}

#[derive(Clone, Serialize, Deserialize)]
struct RuleRow {
    channel: Option<String>,
    on: String,
    action: String,
}

/// What became of a list that was handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoadedAs {
    /// Its name was not there before.
    New,
    /// It is in the place of another of its name.
    Updated,
    /// The same bytes were there already.
    Known,
    /// It was not taken, and what was there stays.
    Refused,
}

impl LoadedAs {
    /// The word of the answer.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Known => "known",
            Self::Refused => "refused",
        }
    }
}

/// A list that was handed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// Its line or place in what was sent.
    pub line: u64,
    /// What became of it.
    pub outcome: LoadedAs,
    /// Its name, where it could be read.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// Its entries.
    pub entries: u64,
    /// Entries that are in use.
    pub used: u64,
    /// Why it was refused, or what of it is not in use; the first of many.
    pub why: Vec<Why>,
}

/// A loading under way: lists are put one by one, and in use once it is finished.
pub struct Loading<'n> {
    node: &'n Node,
    caller: String,
    loaded: Vec<Loaded>,
}

impl<'n> Loading<'n> {
    /// Begins. What is in use stays in use until [`Self::finish`].
    pub fn begin(node: &'n Node, caller: &Caller) -> Result<Self, NodeFault> {
        // Compiled now if it was not: nobody shall wait for a compiling that waits for this one.
        node.warninglists()?;
        Ok(Self { node, caller: caller.id.clone(), loaded: Vec::new() })
    }

    /// How many lists were handed in so far.
    pub fn count(&self) -> usize {
        self.loaded.len()
    }

    /// Takes one list, or refuses it.
    pub fn put(&mut self, line: u64, bytes: &[u8]) -> Result<(), NodeFault> {
        if self.loaded.len() >= LISTS_MAX {
            return Ok(());
        }
        let bytes = bytes.trim_ascii();
        let list = match Warninglist::parse(bytes) {
            Ok(list) => list,
            Err(fault) => {
                self.refuse(line, fault);
                return Ok(());
            }
        };
        let mut loaded = Loaded {
            line,
            outcome: LoadedAs::Refused,
            name: list.name.clone(),
            version: list.version,
            entries: list.entries().len() as u64,
            used: 0,
            why: Vec::new(),
        };
        // The entries are read again when all are compiled; two copies of a large list are one too many.
        drop(list);
        match keep(self.node, &self.caller, &loaded.name, bytes)? {
            Ok(outcome) => loaded.outcome = outcome,
            Err(why) => loaded.why.push(why),
        }
        self.loaded.push(loaded);
        Ok(())
    }

    /// Notes a piece of what was sent that is no list.
    pub fn refuse(&mut self, line: u64, fault: FieldFault) {
        if self.loaded.len() >= LISTS_MAX {
            return;
        }
        let why = vec![Why::field(fault)];
        let outcome = LoadedAs::Refused;
        self.loaded.push(Loaded { line, outcome, name: String::new(), version: 0, entries: 0, used: 0, why });
    }

    /// Compiles what is kept now and puts it in use.
    pub fn finish(mut self) -> Result<Vec<Loaded>, NodeFault> {
        let is_changed = |loaded: &Loaded| matches!(loaded.outcome, LoadedAs::New | LoadedAs::Updated);
        let compiled = if self.loaded.iter().any(is_changed) { renew(self.node)? } else { self.node.warninglists()? };
        for loaded in self.loaded.iter_mut().filter(|loaded| loaded.outcome != LoadedAs::Refused) {
            let list = compiled.lists.iter().find(|list| list.name == loaded.name);
            loaded.used = list.map_or(0, |list| list.used);
            loaded.why = compiled.troubles.get(&loaded.name).cloned().unwrap_or_default();
        }
        Ok(self.loaded)
    }
}

/// Removes a list with its rules. `None`: there is none of this number. Else its name.
pub fn remove(node: &Node, caller: &Caller, list: u64) -> Result<Option<String>, NodeFault> {
    node.warninglists()?;
    let name = {
        let _turn = node.shelf.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = node.transact(Priority::People, |writing| {
            let Some(row) = rows(writing.tx.as_ref())?.into_iter().find(|row| row.number == list) else {
                return Ok(None);
            };
            writing.tx.delete(Book::Warninglist, &row_key(&row.name))?;
            let what = serde_json::json!({"number": row.number, "name": row.name});
            note_act(writing, node.now(), &caller.id, "warninglist-remove", &what)?;
            Ok(Some(row))
        })?;
        let Some(row) = removed else { return Ok(None) };
        drop_chunks(node, row.loading)?;
        row.name
    };
    renew(node)?;
    Ok(Some(name))
}

/// Compiles anew and puts it in use. What was in use stays so until then; if this fails, the next who asks tries again.
fn renew(node: &Node) -> Result<Arc<Warninglists>, NodeFault> {
    let _turn = node.shelf.changing.lock().unwrap_or_else(PoisonError::into_inner);
    let compiled = compile(node).map(Arc::new);
    node.shelf.put(compiled.as_ref().ok().map(Arc::clone));
    compiled
}

/// Keeps a list's bytes under its name.
fn keep(node: &Node, caller: &str, name: &str, bytes: &[u8]) -> Result<Result<LoadedAs, Why>, NodeFault> {
    let _turn = node.shelf.changing.lock().unwrap_or_else(PoisonError::into_inner);
    let digest = sha256(bytes);
    let all = rows(node.store.read()?.as_ref())?;
    let before = all.iter().find(|row| row.name == name);
    if before.is_some_and(|row| row.digest == text::base64(digest.as_bytes())) {
        return Ok(Ok(LoadedAs::Known));
    }
    let others: u64 = all.iter().filter(|row| row.name != name).map(|row| row.bytes).sum();
    if others + bytes.len() as u64 > BYTES_MAX {
        let text = format!("all lists together would have more than {BYTES_MAX} bytes");
        return Ok(Err(Why::plain("warninglist.memory", text)));
    }
    if before.is_none() && all.len() >= LISTS_MAX {
        return Ok(Err(Why::plain("warninglist.lists", format!("{LISTS_MAX} lists are here already"))));
    }
    let loading = node.transact(Priority::Bulk, |writing| {
        let loading = number(writing.tx.as_ref(), LAST_LOADING)? + 1;
        set_number(writing.tx.as_mut(), LAST_LOADING, loading)?;
        Ok(loading)
    })?;
    let chunks: Vec<(u32, &[u8])> = (0..).zip(bytes.chunks(CHUNK_BYTES)).collect();
    // The last few go with the row, so that a list of the usual size is one transaction.
    let (first, last) = chunks.split_at(chunks.len() - chunks.len() % CHUNKS_AT_ONCE);
    for some in first.chunks(CHUNKS_AT_ONCE) {
        node.transact(Priority::Bulk, |writing| put_chunks(writing.tx.as_mut(), loading, some))?;
    }
    node.transact(Priority::Bulk, |writing| {
        put_chunks(writing.tx.as_mut(), loading, last)?;
        let row = Row {
            number: match before {
                Some(row) => row.number,
                None => number(writing.tx.as_ref(), LAST_LIST)? + 1,
            },
            name: name.to_owned(),
            loading,
            chunks: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
            bytes: bytes.len() as u64,
            digest: text::base64(digest.as_bytes()),
            loaded_at: node.now().micros(),
            loaded_by: caller.to_owned(),
            rules: match before {
                Some(row) => row.rules.clone(),
                None => rules::initial(name).iter().map(rule_row).collect(),
            },
        };
        if before.is_none() {
            set_number(writing.tx.as_mut(), LAST_LIST, row.number)?;
        }
        put_row(writing.tx.as_mut(), &row)?;
        let what = serde_json::json!({"number": row.number, "name": name, "bytes": bytes.len()});
        note_act(writing, node.now(), caller, "warninglist-put", &what)
    })?;
    if let Some(before) = before {
        drop_chunks(node, before.loading)?;
    }
    Ok(Ok(if before.is_some() { LoadedAs::Updated } else { LoadedAs::New }))
}

fn put_chunks(tx: &mut dyn WriteTx, loading: u64, chunks: &[(u32, &[u8])]) -> Result<(), NodeFault> {
    for (at, chunk) in chunks {
        tx.put(Book::Warninglist, &chunk_key(loading, *at), chunk)?;
    }
    Ok(())
}

/// Removes the chunks of a loading.
fn drop_chunks(node: &Node, loading: u64) -> Result<(), NodeFault> {
    let (from, until) = (chunk_key(loading, 0), chunk_key(loading.saturating_add(1), 0));
    loop {
        let is_more = node.transact(Priority::Bulk, |writing| {
            let some = writing.tx.scan(Book::Warninglist, &from, &until, CHUNKS_AT_ONCE)?;
            for (key, _) in &some {
                writing.tx.delete(Book::Warninglist, key)?;
            }
            Ok(some.len() == CHUNKS_AT_ONCE)
        })?;
        if !is_more {
            return Ok(());
        }
    }
}

/// Removes chunks of loadings that no row names: of those that were cut off.
pub(super) fn clean(node: &Node) -> Result<(), NodeFault> {
    let mut from = chunk_key(0, 0);
    let named: BTreeSet<u64> = rows(node.store.read()?.as_ref())?.iter().map(|row| row.loading).collect();
    loop {
        let Some((key, _)) = node.store.read()?.scan(Book::Warninglist, &from, &[], 1)?.pop() else { return Ok(()) };
        let Some(loading) = loading_of(&key) else { return Ok(()) };
        if !named.contains(&loading) {
            drop_chunks(node, loading)?;
        }
        from = chunk_key(loading.saturating_add(1), 0);
    }
}

/// Reads every list that is kept and compiles them. Called with the shelf's lock held, so that nothing changes underneath.
pub(super) fn compile(node: &Node) -> Result<Warninglists, NodeFault> {
    let mut rows = rows(node.store.read()?.as_ref())?;
    rows.sort_by_key(|row| row.number);
    let mut key = [[0_u8; 8]; 2];
    if !rows.is_empty() {
        for half in &mut key {
            node.entropy().fill(half);
        }
    }
    let key = key.map(u64::from_le_bytes);
    let mut fault = None;
    let mut about: HashMap<String, (String, String, u64)> = HashMap::new();
    let lists = rows.iter().map_while(|row| match read(node, row) {
        Ok(list) => {
            let of = (list.description.clone(), list.category.clone(), list.entries().len() as u64);
            about.insert(list.name.clone(), of);
            Some(list)
        }
        Err(found) => {
            fault = Some(found);
            None
        }
    });
    let Built { matcher, troubles, .. } = Matcher::build(lists, key.into());
    if let Some(fault) = fault {
        return Err(fault);
    }
    let by_name: HashMap<&str, &Row> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
    let mut lists = Vec::with_capacity(matcher.lists().len());
    for info in matcher.lists() {
        let row = by_name.get(info.name.as_str()).ok_or_else(|| damaged("warninglists"))?;
        let (description, category, entries) = about.remove(&info.name).unwrap_or_default();
        lists.push(List {
            number: row.number,
            name: info.name.clone(),
            description,
            version: info.version,
            category,
            match_type: type_word(info.match_type),
            kinds: info.kinds.iter().map(ValueKind::as_str).collect(),
            entries,
            used: info.entries as u64,
            loaded_at: Timestamp::from_micros(row.loaded_at).ok_or_else(|| damaged("warninglists"))?,
            loaded_by: row.loaded_by.clone(),
            rules: row.rules()?,
        });
    }
    Ok(Warninglists { matcher: Arc::new(matcher), lists, troubles: Arc::new(told(troubles)) })
}

/// Troubles by list, the first of each.
fn told(troubles: Vec<Trouble>) -> HashMap<String, Vec<Why>> {
    let mut told: HashMap<String, Vec<Why>> = HashMap::new();
    for Trouble { list, fault } in troubles {
        let of = told.entry(list).or_default();
        if of.len() < TROUBLES_MAX {
            of.push(Why::field(fault));
        }
    }
    told
}

/// A list from its chunks.
fn read(node: &Node, row: &Row) -> Result<Warninglist, NodeFault> {
    let mut bytes = Vec::with_capacity(usize::try_from(row.bytes).unwrap_or(0).min(1 << 26));
    // A transaction for each chunk: reading a large list would take longer than one may last.
    for at in 0..row.chunks {
        let chunk = node.store.read()?.fetch(Book::Warninglist, &chunk_key(row.loading, at))?;
        bytes.extend(chunk.ok_or_else(|| damaged("warninglists"))?);
    }
    let list = Warninglist::parse(&bytes).ok().filter(|list| list.name == row.name);
    Ok(list.ok_or_else(|| damaged("warninglists"))?)
}

/// Every row.
pub(super) fn rows(tx: &dyn ReadTx) -> Result<Vec<Row>, Fault> {
    let rows = tx.scan(Book::Warninglist, b"l", b"m", LISTS_MAX)?;
    rows.iter().map(|(_, row)| from_json(row, "warninglists")).collect()
}

pub(super) fn put_row(tx: &mut dyn WriteTx, row: &Row) -> Result<(), Fault> {
    tx.put(Book::Warninglist, &row_key(&row.name), &to_json(row))
}

fn row_key(name: &str) -> Vec<u8> {
    let digest: Digest = sha256(name.as_bytes());
    [b"l", digest.as_bytes().as_slice()].concat()
}

fn chunk_key(loading: u64, at: u32) -> Vec<u8> {
    [b"c".as_slice(), &loading.to_be_bytes(), &at.to_be_bytes()].concat()
}

fn loading_of(key: &[u8]) -> Option<u64> {
    let (number, _) = key.strip_prefix(b"c")?.split_first_chunk::<8>()?;
    Some(u64::from_be_bytes(*number))
}

impl Row {
    pub(super) fn rules(&self) -> Result<Vec<Rule>, Fault> {
        let read = |row: &RuleRow| {
            let channel = match &row.channel {
                None => None,
                Some(text) => Some(ChannelId::from_text(text)?),
            };
            let (on, action) = (moment_of(&row.on)?, action_of(&row.action)?);
            Some(Rule { list: self.name.clone(), channel, action, on })
        };
        self.rules.iter().map(|row| read(row).ok_or_else(|| damaged("warninglists"))).collect()
    }

    pub(super) fn set_rules(&mut self, rules: &[Rule]) {
        self.rules = rules.iter().map(rule_row).collect();
    }
}

fn rule_row(rule: &Rule) -> RuleRow {
    RuleRow {
        channel: rule.channel.map(|channel| channel.to_string()),
        on: moment_word(rule.on).to_owned(),
        action: action_word(rule.action).to_owned(),
    }
}
