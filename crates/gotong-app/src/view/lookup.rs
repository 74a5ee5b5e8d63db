//! Which records name an observable value, a network that holds it or, of a network, what lies in it: one value or a hundred thousand, answered from the index
//! and the headers alone. Read next: `lookup/keys.rs`.

mod keys;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gotong_formats::stix21::{self, Around, Lengths};
use gotong_model::envelope::Envelope;
use gotong_model::{MemberCode, Timestamp, Tlp, limits};
use gotong_store::{EntryKey, Header, Index, ReadTx, State};

use super::ViewFault;
use super::place::Place;
use super::record::{RecordView, Records};
use super::scope::Scope;
use super::versions::{id_of, label_of, modified_of};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};

pub use keys::By;
use keys::{Asked, Key};
pub(crate) use keys::{Room, lengths};

/// Values looked up in one snapshot, and so in one walk through index and headers.
const CHUNK: usize = 32_000;
/// Postings read at a time: one more than an answer may have, so that the usual value needs one look.
const POSTINGS: usize = limits::LOOKUP_HITS_MAX + 1;
/// Hits of one call; behind it a value still gets its first and says that there is more.
const HITS_TOTAL_MAX: usize = 200_000;
/// Values of one call that asks for bodies.
const VALUES_WITH_BODIES_MAX: usize = 1_000;
/// Keys of what lies in a network that are read at a time.
const INSIDE_AT_ONCE: usize = 256;
/// Bytes of bodies after which hits come without.
const BODIES_BYTES_MAX: usize = 32 << 20;

/// A record that names the value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// The object's id.
    pub id: String,
    /// Its type.
    pub object_type: String,
    /// The channel's handle.
    pub channel_handle: Arc<str>,
    /// The author.
    pub author: MemberCode,
    /// Where it stands.
    pub place: Place,
    /// How it names what was asked for.
    pub by: By,
    /// The label that counts.
    pub label: Tlp,
    /// The object's `modified`, where it has one.
    pub modified: Option<Timestamp>,
    /// When it was published; told with bodies only.
    pub published_at: Option<Timestamp>,
    /// The object's bytes, if asked for.
    pub body: Option<Vec<u8>>,
}

/// What a value is named by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lookup {
    /// The value as it was asked for.
    pub value: String,
    /// Records that name it: the newest version of each object, author and channel that names it, in order of arrival of their logs. Then those that name a
    /// network which holds it, narrowest first, then those that name what lies in it.
    pub hits: Vec<Hit>,
    /// Whether there are more than are answered.
    pub more: bool,
    /// Whether it is a network in which nothing was looked for: it is too wide, or the call asked for too many.
    pub is_outside_only: bool,
}

/// Looks values up, as people write them.
pub fn lookup(node: &Node, caller: &Caller, values: &[String], with_bodies: bool) -> Result<Vec<Lookup>, ViewFault> {
    let mut answers = Vec::with_capacity(values.len());
    lookup_each(node, caller, values, with_bodies, |answer| answers.push(answer))?;
    Ok(answers)
}

/// [`lookup`] that hands over each answer as it is found: a hundred thousand of them need not be held at once.
pub fn lookup_each(
    node: &Node,
    caller: &Caller,
    values: &[String],
    with_bodies: bool,
    mut each: impl FnMut(Lookup),
) -> Result<(), ViewFault> {
    let most = if with_bodies { VALUES_WITH_BODIES_MAX } else { limits::LOOKUP_VALUES_MAX };
    if values.len() > most {
        return Err(ViewFault::TooMany { what: "values", most });
    }
    let scope = Scope::new(node, caller);
    let mut search = Search { scope: &scope, with_bodies, hits: 0, bytes: 0 };
    let mut room = Room::new();
    for chunk in values.chunks(CHUNK) {
        let tx = node.store.read()?;
        let tx = tx.as_ref();
        let lengths = lengths(tx)?;
        let (mut keys, mut rest) = (Vec::with_capacity(chunk.len()), Vec::with_capacity(chunk.len()));
        for value in chunk {
            let Asked { keys: own, inside, is_outside_only } = keys::asked(tx, &lengths, &mut room, value)?;
            keys.push(own);
            rest.push((inside, is_outside_only));
        }
        let pool = Pool::gather(tx, Index::Value, keys)?;
        for ((value, keys), (inside, is_outside_only)) in chunk.iter().zip(&pool.keys).zip(rest) {
            let (hits, more) = search.of_value(tx, keys, &pool, (&inside, &lengths))?;
            each(Lookup { value: value.clone(), hits, more, is_outside_only });
        }
    }
    Ok(())
}

/// The records themselves that name any of some values: of each object, author and channel the newest version that [`lookup`] finds, each once, until `with` has
/// no room for one. Whether there are more.
pub(crate) fn each_record(
    node: &Node,
    caller: &Caller,
    values: &[String],
    mut with: impl FnMut(RecordView) -> bool,
) -> Result<bool, ViewFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    let keys = values.iter().map(|value| keys::exact(tx, value)).collect::<Result<_, _>>()?;
    let pool = Pool::gather(tx, Index::Value, keys)?;
    let search = Search { scope: &scope, with_bodies: false, hits: 0, bytes: 0 };
    let records = Records::new(&scope);
    let (mut more, mut met) = (false, HashSet::new());
    for keys in &pool.keys {
        let mut found = Found::default();
        for key in keys {
            search.under(tx, key, limits::LOOKUP_HITS_MAX, &pool, &mut found)?;
        }
        let entries = newest(&scope, tx, found.entries)?;
        more |= found.more || entries.len() > limits::LOOKUP_HITS_MAX;
        for (entry, header, _) in entries.into_iter().take(limits::LOOKUP_HITS_MAX) {
            let Some(log) = scope.shown(tx, entry, &header)?.filter(|_| met.insert(entry)) else { continue };
            let Some(content) = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten() else { continue };
            if let Some(record) = records.view(tx, (entry, &log), &header, content)?
                && !with(record)
            {
                return Ok(true);
            }
        }
    }
    Ok(more)
}

/// What stands under each of several sets of keys of one index, in the order asked; whether there is more than is answered.
pub(super) fn found_under(
    scope: &Scope<'_>,
    tx: &dyn ReadTx,
    index: Index,
    keys: Vec<Vec<u64>>,
) -> Result<Vec<(Vec<Hit>, bool)>, NodeFault> {
    let asked = |keys: Vec<u64>| keys.into_iter().map(|key| Key { key, by: By::Value }).collect();
    let pool = Pool::gather(tx, index, keys.into_iter().map(asked).collect())?;
    let mut search = Search { scope, with_bodies: false, hits: 0, bytes: 0 };
    let nothing = (&[][..], &Lengths::default());
    pool.keys.iter().map(|keys| search.of_value(tx, keys, &pool, nothing)).collect()
}

/// What the index has for a chunk of values. Keys and entries are read in their own order, not in that of the values: neighbours share pages.
struct Pool {
    /// Which index.
    index: Index,
    /// The keys of each value.
    keys: Vec<Vec<Key>>,
    /// The first postings of each key.
    postings: HashMap<u64, Vec<EntryKey>>,
    /// The headers of all of them, by entry.
    headers: HashMap<EntryKey, Header>,
}

impl Pool {
    fn gather(tx: &dyn ReadTx, index: Index, keys: Vec<Vec<Key>>) -> Result<Self, NodeFault> {
        let mut all: Vec<u64> = keys.iter().flatten().map(|key| key.key).collect();
        all.sort_unstable();
        all.dedup();
        let postings = tx.postings_of_each(index, &all, POSTINGS)?;
        let postings: HashMap<u64, Vec<EntryKey>> = all.into_iter().zip(postings).collect();
        let mut entries: Vec<EntryKey> = postings.values().flatten().copied().collect();
        entries.sort_unstable();
        entries.dedup();
        let headers = tx.headers(&entries)?;
        let headers = entries.into_iter().zip(headers).filter_map(|(entry, header)| Some((entry, header?))).collect();
        Ok(Self { index, keys, postings, headers })
    }
}

struct Search<'a, 's> {
    scope: &'a Scope<'s>,
    with_bodies: bool,
    hits: usize,
    bytes: usize,
}

/// The entries found for one value.
#[derive(Default)]
struct Found {
    entries: Vec<(EntryKey, Header, By)>,
    more: bool,
}

impl Found {
    /// Whether there is no room for what is found by more than the value itself.
    fn is_full(&mut self, room: usize, next: &Key) -> bool {
        let is_full = self.entries.len() > room && next.by != By::Value;
        self.more |= is_full;
        is_full
    }
}

impl Search<'_, '_> {
    fn of_value(
        &mut self,
        tx: &dyn ReadTx,
        keys: &[Key],
        pool: &Pool,
        (inside, lengths): (&[Around], &Lengths),
    ) -> Result<(Vec<Hit>, bool), NodeFault> {
        let room = limits::LOOKUP_HITS_MAX.min(HITS_TOTAL_MAX.saturating_sub(self.hits)).max(1);
        let mut found = Found::default();
        for key in keys {
            if found.is_full(room, key) {
                break;
            }
            self.under(tx, key, room, pool, &mut found)?;
        }
        for around in inside {
            self.inside(tx, *around, lengths, room, &mut found)?;
        }
        let mut hits = Vec::with_capacity(found.entries.len().min(room));
        for (entry, header, by) in newest(self.scope, tx, found.entries)? {
            if hits.len() == room {
                found.more = true;
                break;
            }
            hits.extend(self.hit(tx, (entry, &header), by)?);
        }
        self.hits += hits.len();
        Ok((hits, found.more))
    }

    /// What lies in a network, until there is one more than there is room for.
    fn inside(
        &self,
        tx: &dyn ReadTx,
        around: Around,
        lengths: &Lengths,
        room: usize,
        found: &mut Found,
    ) -> Result<(), NodeFault> {
        let mut texts = around.inside(lengths).peekable();
        while texts.peek().is_some() {
            let mut keys = Vec::new();
            for (text, shown) in texts.by_ref() {
                keys::push(tx, &text, By::Within(shown), &mut keys)?;
                if keys.len() == INSIDE_AT_ONCE {
                    break;
                }
            }
            let pool = Pool::gather(tx, Index::Value, vec![keys])?;
            for key in pool.keys.iter().flatten() {
                if found.is_full(room, key) {
                    return Ok(());
                }
                self.under(tx, key, room, &pool, found)?;
            }
        }
        Ok(())
    }

    /// Entries under one key that the caller may read, until there is one more than there is room for. What may not be read does not count.
    fn under(&self, tx: &dyn ReadTx, key: &Key, room: usize, pool: &Pool, found: &mut Found) -> Result<(), NodeFault> {
        let Some(first) = pool.postings.get(&key.key) else { return Ok(()) };
        let mut seen = 0;
        for entry in first {
            if let Some(header) = pool.headers.get(entry)
                && !self.keep((*entry, *header, &key.by), tx, (&mut seen, room), found)?
            {
                return Ok(());
            }
        }
        let mut after = first.last().copied().filter(|_| first.len() == POSTINGS);
        while after.is_some() {
            let entries = tx.postings(pool.index, key.key, after, POSTINGS)?;
            for (entry, header) in entries.iter().zip(tx.headers(&entries)?) {
                if let Some(header) = header
                    && !self.keep((*entry, header, &key.by), tx, (&mut seen, room), found)?
                {
                    return Ok(());
                }
            }
            after = entries.last().copied().filter(|_| entries.len() == POSTINGS);
        }
        Ok(())
    }

    /// Keeps an entry that is live and may be read. `false`: there was no room.
    fn keep(
        &self,
        (entry, header, by): (EntryKey, Header, &By),
        tx: &dyn ReadTx,
        (seen, room): (&mut usize, usize),
        found: &mut Found,
    ) -> Result<bool, NodeFault> {
        if header.state != State::Live || self.scope.shown(tx, entry, &header)?.is_none() {
            return Ok(true);
        }
        if found.entries.iter().any(|(known, ..)| *known == entry) {
            return Ok(true);
        }
        if *seen == room {
            found.more = true;
            return Ok(false);
        }
        *seen += 1;
        found.entries.push((entry, header, by.clone()));
        Ok(true)
    }

    fn hit(&mut self, tx: &dyn ReadTx, (entry, header): (EntryKey, &Header), by: By) -> Result<Option<Hit>, NodeFault> {
        let Some(log) = self.scope.shown(tx, entry, header)? else { return Ok(None) };
        let known = id_of(header);
        // Only the body knows the name of a custom type; all others are answered without opening anything.
        let content = if self.with_bodies || known.is_none() {
            tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten()
        } else {
            None
        };
        let (id, object_type) = match (known, &content) {
            (Some((id, object_type)), _) => (id, object_type.to_owned()),
            (None, Some(content)) => match stix21::read(&content.body) {
                Ok(facts) => (facts.id, facts.object_type),
                Err(_) => return Ok(None),
            },
            (None, None) => return Ok(None),
        };
        let envelope = content.as_ref().and_then(|content| Envelope::parse(&content.envelope, false).ok());
        let body = content.map(|content| content.body).filter(|_| self.with_bodies && self.bytes < BODIES_BYTES_MAX);
        self.bytes += body.as_ref().map_or(0, Vec::len);
        Ok(Some(Hit {
            id,
            object_type,
            channel_handle: Arc::clone(&log.handle),
            author: log.id.author.clone(),
            place: self.scope.place(&log, entry),
            by,
            label: label_of(header),
            modified: modified_of(header),
            published_at: envelope.filter(|_| self.with_bodies).map(|envelope| envelope.published_at),
            body,
        }))
    }
}

/// Of several versions of one object by one author in one channel only the newest, in the order in which they were found.
fn newest(
    scope: &Scope<'_>,
    tx: &dyn ReadTx,
    found: Vec<(EntryKey, Header, By)>,
) -> Result<Vec<(EntryKey, Header, By)>, NodeFault> {
    if found.len() < 2 {
        return Ok(found);
    }
    let mut places: HashMap<_, (i64, EntryKey)> = HashMap::with_capacity(found.len());
    let mut keyed = Vec::with_capacity(found.len());
    for (entry, header, by) in found {
        let Some(log) = scope.shown(tx, entry, &header)? else { continue };
        let place = (log.id.channel, log.id.author.clone(), header.type_code, header.object);
        let known = places.entry(place.clone()).or_insert((header.modified, entry));
        *known = (*known).max((header.modified, entry));
        keyed.push((place, entry, header, by));
    }
    let newest = |(place, entry, header, by)| {
        places.get(&place).is_some_and(|(_, newest)| *newest == entry).then_some((entry, header, by))
    };
    Ok(keyed.into_iter().filter_map(newest).collect())
}
