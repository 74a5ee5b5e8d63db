//! Warninglists in the node: values known to raise false alarms, loaded from MISP's format, asked when objects are imported or published and when values
//! are exported. Kept in `warninglist/keep.rs`, rules set in `warninglist/rules.rs`, objects judged in `warninglist/judging.rs`.
//!
//! Compiled once when lists change, never while a request waits for a value. What is done about a blocked object is `publish/work.rs`'s. Nothing of it
//! leaves the node. Read next: `gotong_formats::warninglist`, which reads lists and says what a hit is; for operators `docs/book/warninglists.md`.

mod judging;
mod keep;
mod rules;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use gotong_formats::stix21::{ValueKind, lookup_keys};
use gotong_formats::warninglist::Matcher;
use gotong_model::{ChannelId, Timestamp};

use crate::node::{Node, NodeFault};
use crate::publish::Why;

pub use gotong_formats::warninglist::{Action, LIST_BYTES_MAX, Moment, Rule};
pub use keep::{Loaded, LoadedAs, Loading, remove};
pub use rules::{MOMENTS, RuleChange, set_rules};
pub use words::{action_of, action_word, moment_of, moment_word};

/// Values that are checked in one go.
pub const CHECKED_MAX: usize = 1_000;
/// Rows of one page of lists.
pub const PAGE_MAX: usize = 1_000;

/// A list as the node has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List {
    /// Its number here; another list is never given it.
    pub number: u64,
    /// Its name, which rules call it by.
    pub name: String,
    /// What it is, for people.
    pub description: String,
    /// Its version.
    pub version: u64,
    /// Such as `false_positive`; may be empty.
    pub category: String,
    /// How entries are compared: `string`, `substring`, `hostname`, `cidr`, `regex`.
    pub match_type: &'static str,
    /// Which kinds of values it is about.
    pub kinds: Vec<&'static str>,
    /// Entries that it has.
    pub entries: u64,
    /// Entries that are in use.
    pub used: u64,
    /// When it was loaded.
    pub loaded_at: Timestamp,
    /// By whom.
    pub loaded_by: String,
    /// What is to be done about hits; at a moment without a rule the list is not in use.
    pub rules: Vec<Rule>,
}

/// A hit of a value that somebody asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Number of the list.
    pub number: u64,
    /// Its name.
    pub list: String,
    /// The entry.
    pub entry: String,
}

/// The lists in use, compiled; immutable, and so shared by whoever asks.
pub struct Warninglists {
    matcher: Arc<Matcher>,
    /// In the order of the matcher's lists.
    lists: Vec<List>,
    /// What of them is not in use, by name.
    troubles: Arc<HashMap<String, Vec<Why>>>,
}

/// Where a node has them.
#[derive(Default)]
pub(crate) struct Shelf {
    current: RwLock<Option<Arc<Warninglists>>>,
    /// Held while a list or rule is changed and compiled, so that what is in use is what is kept. Never while waiting for anybody.
    changing: Mutex<()>,
}

impl Node {
    /// The warninglists in use. The first to ask after a start waits until they are compiled: nothing passes unseen because it came early.
    pub fn warninglists(&self) -> Result<Arc<Warninglists>, NodeFault> {
        if let Some(current) = self.shelf.known() {
            return Ok(current);
        }
        let _turn = self.shelf.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = self.shelf.known() {
            return Ok(current);
        }
        keep::clean(self)?;
        let compiled = Arc::new(keep::compile(self)?);
        self.shelf.put(Some(Arc::clone(&compiled)));
        Ok(compiled)
    }
}

impl Shelf {
    fn known(&self) -> Option<Arc<Warninglists>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, next: Option<Arc<Warninglists>>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

impl Warninglists {
    /// All lists, by number.
    pub fn lists(&self) -> Vec<&List> {
        let mut lists: Vec<&List> = self.lists.iter().collect();
        lists.sort_by_key(|list| list.number);
        lists
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> usize {
        self.matcher.bytes()
    }

    /// The lists that a value is on, whatever it is and whatever kinds a list is about, as MISP answers it: nobody has said what kind of value it is.
    pub fn check(&self, value: &str) -> Vec<Checked> {
        let mut found: Vec<Checked> = Vec::new();
        for text in lookup_keys(value) {
            for hit in ValueKind::ALL.into_iter().flat_map(|kind| self.matcher.hits(kind, &text)) {
                let Some(list) = self.lists.get(usize::from(hit.list)) else { continue };
                if found.iter().all(|known| known.number != list.number) {
                    found.push(Checked { number: list.number, list: list.name.clone(), entry: hit.entry });
                }
            }
        }
        found
    }
}

/// All lists, by number; rules only about channels that are in `known`.
pub fn lists(node: &Node, known: impl Fn(&ChannelId) -> bool) -> Result<Vec<List>, NodeFault> {
    let compiled = node.warninglists()?;
    let mut lists: Vec<List> = compiled.lists().into_iter().cloned().collect();
    for list in &mut lists {
        list.rules.retain(|rule| rule.channel.as_ref().is_none_or(&known));
    }
    Ok(lists)
}

/// The lists that each of these values is on; of very many only the first are looked at.
pub fn check(node: &Node, values: &[String]) -> Result<Vec<Vec<Checked>>, NodeFault> {
    let compiled = node.warninglists()?;
    Ok(values.iter().take(CHECKED_MAX).map(|value| compiled.check(value)).collect())
}
