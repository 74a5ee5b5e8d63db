//! Blocklists of MISP: events, and organisations that make events, which this node does not take in, by whatever door MISP's events come. Kept with the
//! warninglists, under keys of their own: `b`, `e` or `o`, and the UUID → row.
//!
//! Holds what a person put there and nothing else: why a deletion adds nothing is in `docs/adr/0009-misp-in-stix.md`. Must not touch what is here already,
//! or what other members publish: agreements decide that. Read next: `gotong_formats::misp::blocked`, which the readers ask; `docs/book/misp.md`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use gotong_formats::misp::blocked::{Blocked, Uuid, uuid, uuid_words};
use gotong_model::Timestamp;
use gotong_store::{Book, Fault};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::publish::{Why, note_act};
use crate::rows::{damaged, from_json, prefix_end, to_json};
use crate::view::number_of;

/// UUIDs that are added or removed in one go.
pub const AT_ONCE_MAX: usize = 10_000;
/// Entries of one list.
pub const ENTRIES_MAX: usize = 100_000;
/// Entries of one page.
pub const PAGE_MAX: usize = 10_000;
/// Letters of a comment or a name.
pub const LETTERS_MAX: usize = 1_000;
/// Entries that one transaction writes, and that are read in one.
const CHUNK: usize = 500;

/// One of the two lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Events, by their UUID.
    Events,
    /// Organisations that make events.
    Organisations,
}

impl Which {
    /// The word for it in the audit, in commands and in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Organisations => "organisations",
        }
    }

    fn prefix(self) -> [u8; 2] {
        match self {
            Self::Events => *b"be",
            Self::Organisations => *b"bo",
        }
    }

    fn key(self, uuid: Uuid) -> Vec<u8> {
        [self.prefix().as_slice(), &uuid].concat()
    }

    fn of(self, blocked: &Blocked) -> &BTreeSet<Uuid> {
        match self {
            Self::Events => &blocked.events,
            Self::Organisations => &blocked.organisations,
        }
    }

    fn of_mut(self, blocked: &mut Blocked) -> &mut BTreeSet<Uuid> {
        match self {
            Self::Events => &mut blocked.events,
            Self::Organisations => &mut blocked.organisations,
        }
    }
}

/// What people say of an entry. `None` leaves it as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Words {
    /// Why it is there.
    pub comment: Option<String>,
    /// The title of the event, or the name of the organisation.
    pub name: Option<String>,
    /// Who made the event.
    pub maker: Option<String>,
}

/// An entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Of the event or organisation.
    pub uuid: String,
    /// The number that follows from it, for programs that know nothing else.
    pub number: u64,
    /// Why it is there.
    pub comment: String,
    /// The title of the event, or the name of the organisation.
    pub name: String,
    /// Who made the event.
    pub maker: String,
    /// When it was put there.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// What became of a UUID that was to be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Added {
    /// It is on the list now.
    New,
    /// It was there already, and stays as it is.
    Known,
    /// It is no UUID.
    Unfit,
    /// There is no room for it.
    Full,
}

impl Added {
    /// Why it was not added, in words.
    pub fn why(self) -> Option<String> {
        match self {
            Self::New => None,
            Self::Known => Some("is on this blocklist already".to_owned()),
            Self::Unfit => Some("is no UUID: 32 hexadecimal digits in five groups are expected".to_owned()),
            Self::Full => Some(format!("does not fit: a blocklist has at most {ENTRIES_MAX} entries")),
        }
    }
}

/// Which part of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// How many of those that are meant to pass over.
    pub skip: usize,
    /// How many to tell at most.
    pub limit: usize,
}

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    comment: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    maker: String,
    at: i64,
    by: String,
}

/// Where a node has them.
#[derive(Default)]
pub(crate) struct Shelf {
    current: RwLock<Option<Arc<Blocked>>>,
    /// Held while a list is changed or first read, so that what is in use is what is kept.
    changing: Mutex<()>,
}

impl Shelf {
    fn known(&self) -> Option<Arc<Blocked>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, next: Option<Arc<Blocked>>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

impl Node {
    /// What is kept away now. The first to ask after a start reads it; where it cannot be read nothing is taken in.
    pub fn blocked(&self) -> Result<Arc<Blocked>, NodeFault> {
        if let Some(known) = self.blocklists.known() {
            return Ok(known);
        }
        let _turn = self.blocklists.changing.lock().unwrap_or_else(PoisonError::into_inner);
        known_or_read(self)
    }
}

/// Called with the lock held.
fn known_or_read(node: &Node) -> Result<Arc<Blocked>, NodeFault> {
    if let Some(known) = node.blocklists.known() {
        return Ok(known);
    }
    let mut blocked = Blocked::default();
    for which in [Which::Events, Which::Organisations] {
        visit(node, which, |uuid, _| {
            which.of_mut(&mut blocked).insert(uuid);
            Ok(true)
        })?;
    }
    let blocked = Arc::new(blocked);
    node.blocklists.put(Some(Arc::clone(&blocked)));
    Ok(blocked)
}

/// Reads the rows of a list in order of their UUIDs, until `each` has enough.
fn visit(node: &Node, which: Which, mut each: impl FnMut(Uuid, &[u8]) -> Result<bool, Fault>) -> Result<(), NodeFault> {
    let prefix = which.prefix();
    let (mut from, until) = (prefix.to_vec(), prefix_end(&prefix));
    loop {
        let rows = node.store.read()?.scan(Book::Warninglist, &from, &until, CHUNK)?;
        for (key, row) in &rows {
            let uuid = key.strip_prefix(prefix.as_slice()).and_then(|uuid| Uuid::try_from(uuid).ok());
            if !each(uuid.ok_or_else(|| damaged("blocklists"))?, row)? {
                return Ok(());
            }
        }
        match rows.last() {
            Some((last, _)) if rows.len() == CHUNK => from = [last.as_slice(), b"\0"].concat(),
            _ => return Ok(()),
        }
    }
}

/// Changes the lists in one transaction, and what is in use with it.
fn change<T>(
    node: &Node,
    blocked: &mut Arc<Blocked>,
    work: impl FnOnce(&mut Writing<'_>, &mut Blocked) -> Result<T, NodeFault>,
) -> Result<T, NodeFault> {
    let mut next = Blocked::clone(blocked);
    match node.transact(Priority::People, |writing| work(writing, &mut next)) {
        Ok(done) => {
            *blocked = Arc::new(next);
            node.blocklists.put(Some(Arc::clone(blocked)));
            Ok(done)
        }
        Err(fault) => {
            // Whether it was kept is not known: whoever asks next reads it.
            node.blocklists.put(None);
            Err(fault)
        }
    }
}

/// Puts UUIDs on a list; what became of each, in their order. Each stands by itself, and what was added before something broke stays.
pub fn add(
    node: &Node,
    caller: &Caller,
    which: Which,
    uuids: &[String],
    words: &Words,
) -> Result<Result<Vec<Added>, Why>, NodeFault> {
    if let Some(why) = unfit(uuids.len(), words) {
        return Ok(Err(why));
    }
    let _turn = node.blocklists.changing.lock().unwrap_or_else(PoisonError::into_inner);
    let mut blocked = known_or_read(node)?;
    let at = node.now();
    let row = Row {
        comment: words.comment.clone().unwrap_or_default(),
        name: words.name.clone().unwrap_or_default(),
        maker: words.maker.clone().unwrap_or_default(),
        at: at.micros(),
        by: caller.id.clone(),
    };
    let mut all = Vec::with_capacity(uuids.len());
    for some in uuids.chunks(CHUNK) {
        all.extend(change(node, &mut blocked, |writing, next| {
            let list = which.of_mut(next);
            let (mut fates, mut new) = (Vec::with_capacity(some.len()), Vec::new());
            for text in some {
                let fate = match uuid(text.trim()) {
                    None => Added::Unfit,
                    Some(uuid) if list.contains(&uuid) => Added::Known,
                    Some(_) if list.len() >= ENTRIES_MAX => Added::Full,
                    Some(uuid) => {
                        list.insert(uuid);
                        writing.tx.put(Book::Warninglist, &which.key(uuid), &to_json(&row))?;
                        new.push(uuid_words(uuid));
                        Added::New
                    }
                };
                fates.push(fate);
            }
            if !new.is_empty() {
                let what = serde_json::json!({"list": which.word(), "uuids": new});
                note_act(writing, at, &caller.id, "blocklist-add", &what)?;
            }
            Ok(fates)
        })?);
    }
    Ok(Ok(all))
}

/// What of a request does not fit, by field.
fn unfit(count: usize, words: &Words) -> Option<Why> {
    let why = |pointer: &str, text: String| {
        Some(Why { pointer: Some(pointer.to_owned()), ..Why::plain("blocklist.field", text) })
    };
    if count > AT_ONCE_MAX {
        return why("/uuids", format!("has {count} UUIDs; at most {AT_ONCE_MAX} are taken at once"));
    }
    for (pointer, text) in [("/comment", &words.comment), ("/name", &words.name), ("/maker", &words.maker)] {
        if text.as_ref().is_some_and(|text| text.chars().nth(LETTERS_MAX).is_some()) {
            return why(pointer, format!("is longer than {LETTERS_MAX} letters"));
        }
    }
    None
}

/// The UUID of the entry with this UUID or number, if there is one.
pub fn find(node: &Node, which: Which, key: &str) -> Result<Option<String>, NodeFault> {
    let blocked = node.blocked()?;
    let list = which.of(&blocked);
    let found = match (uuid(key), key.parse::<u64>()) {
        (Some(uuid), _) => list.get(&uuid),
        (None, Ok(number)) => list.iter().find(|uuid| number_of(&uuid_words(**uuid)) == number),
        (None, Err(_)) => None,
    };
    Ok(found.map(|uuid| uuid_words(*uuid)))
}

/// Says other words of an entry. `None`: there is none.
pub fn set_words(
    node: &Node,
    caller: &Caller,
    which: Which,
    key: &str,
    words: &Words,
) -> Result<Result<Option<Entry>, Why>, NodeFault> {
    if let Some(why) = unfit(0, words) {
        return Ok(Err(why));
    }
    let _turn = node.blocklists.changing.lock().unwrap_or_else(PoisonError::into_inner);
    known_or_read(node)?;
    let Some(uuid) = find(node, which, key)?.as_deref().and_then(uuid) else { return Ok(Ok(None)) };
    let row = node.transact(Priority::People, |writing| {
        let row = writing.tx.fetch(Book::Warninglist, &which.key(uuid))?.ok_or_else(|| damaged("blocklists"))?;
        let mut row: Row = from_json(&row, "blocklists")?;
        for (place, said) in
            [(&mut row.comment, &words.comment), (&mut row.name, &words.name), (&mut row.maker, &words.maker)]
        {
            if let Some(said) = said {
                place.clone_from(said);
            }
        }
        writing.tx.put(Book::Warninglist, &which.key(uuid), &to_json(&row))?;
        let what = serde_json::json!({"list": which.word(), "uuids": [uuid_words(uuid)]});
        note_act(writing, node.now(), &caller.id, "blocklist-edit", &what)?;
        Ok(row)
    })?;
    Ok(Ok(Some(entry(uuid, row)?)))
}

/// Takes entries off a list, by UUID or number; the UUIDs of those that were there.
pub fn remove(node: &Node, caller: &Caller, which: Which, keys: &[String]) -> Result<Vec<String>, NodeFault> {
    let _turn = node.blocklists.changing.lock().unwrap_or_else(PoisonError::into_inner);
    let mut blocked = known_or_read(node)?;
    let numbers: BTreeSet<u64> = keys.iter().filter_map(|key| key.parse().ok()).collect();
    let mut going: BTreeSet<Uuid> = keys.iter().filter_map(|key| uuid(key)).collect();
    let list = which.of(&blocked);
    going.retain(|uuid| list.contains(uuid));
    if !numbers.is_empty() {
        going.extend(list.iter().filter(|uuid| numbers.contains(&number_of(&uuid_words(**uuid)))));
    }
    let going: Vec<Uuid> = going.into_iter().collect();
    for some in going.chunks(CHUNK) {
        change(node, &mut blocked, |writing, next| {
            for uuid in some {
                which.of_mut(next).remove(uuid);
                writing.tx.delete(Book::Warninglist, &which.key(*uuid))?;
            }
            let uuids: Vec<String> = some.iter().copied().map(uuid_words).collect();
            let what = serde_json::json!({"list": which.word(), "uuids": uuids});
            note_act(writing, node.now(), &caller.id, "blocklist-remove", &what)
        })?;
    }
    Ok(going.into_iter().map(uuid_words).collect())
}

/// The entries of a list that are meant, in order of their UUIDs, and whether there are more.
pub fn entries(
    node: &Node,
    which: Which,
    part: Part,
    is_meant: impl Fn(&Entry) -> bool,
) -> Result<(Vec<Entry>, bool), NodeFault> {
    let (mut found, mut passed, mut is_more) = (Vec::new(), 0_usize, false);
    visit(node, which, |uuid, row| {
        let entry = entry(uuid, from_json(row, "blocklists")?)?;
        if !is_meant(&entry) {
            return Ok(true);
        }
        if passed < part.skip {
            passed += 1;
            return Ok(true);
        }
        if found.len() >= part.limit.min(PAGE_MAX) {
            is_more = true;
            return Ok(false);
        }
        found.push(entry);
        Ok(true)
    })?;
    Ok((found, is_more))
}

fn entry(uuid: Uuid, row: Row) -> Result<Entry, Fault> {
    let uuid = uuid_words(uuid);
    Ok(Entry {
        number: number_of(&uuid),
        uuid,
        comment: row.comment,
        name: row.name,
        maker: row.maker,
        at: Timestamp::from_micros(row.at).ok_or_else(|| damaged("blocklists"))?,
        by: row.by,
    })
}
