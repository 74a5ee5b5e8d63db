//! Which records name an observable value: one value or a hundred thousand, answered from the index and the headers alone.

use std::collections::HashMap;
use std::sync::Arc;

use gotong_formats::stix21;
use gotong_model::envelope::Envelope;
use gotong_model::{MemberCode, Timestamp, Tlp, limits};
use gotong_store::{EntryKey, Header, Index, ReadTx, State};

use super::ViewFault;
use super::scope::Scope;
use super::versions::{id_of, label_of, modified_of};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};

/// Values looked up in one snapshot.
const CHUNK: usize = 1_000;
/// Postings read at a time: one more than an answer may have, so that the usual value needs one look.
const POSTINGS: usize = limits::LOOKUP_HITS_MAX + 1;
/// Hits of one call; behind it a value still gets its first and says that there is more.
const HITS_TOTAL_MAX: usize = 200_000;
/// Values of one call that asks for bodies.
const VALUES_WITH_BODIES_MAX: usize = 1_000;
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
    /// The log.
    pub origin: Arc<str>,
    /// The index in it.
    pub index: u64,
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
    /// Records that name it: the newest version of each object, author and channel that names it, in order of arrival of their logs.
    pub hits: Vec<Hit>,
    /// Whether there are more than are answered.
    pub more: bool,
}

/// Looks values up, as people write them.
pub fn lookup(node: &Node, caller: &Caller, values: &[String], with_bodies: bool) -> Result<Vec<Lookup>, ViewFault> {
    let most = if with_bodies { VALUES_WITH_BODIES_MAX } else { limits::LOOKUP_VALUES_MAX };
    if values.len() > most {
        return Err(ViewFault::TooMany { what: "values", most });
    }
    let scope = Scope::new(node, caller);
    let mut search = Search { scope: &scope, with_bodies, hits: 0, bytes: 0 };
    let mut answers = Vec::with_capacity(values.len());
    for chunk in values.chunks(CHUNK) {
        let tx = node.store.read()?;
        for value in chunk {
            answers.push(search.value(tx.as_ref(), value)?);
        }
    }
    Ok(answers)
}

struct Search<'a, 's> {
    scope: &'a Scope<'s>,
    with_bodies: bool,
    hits: usize,
    bytes: usize,
}

impl Search<'_, '_> {
    fn value(&mut self, tx: &dyn ReadTx, value: &str) -> Result<Lookup, NodeFault> {
        let room = limits::LOOKUP_HITS_MAX.min(HITS_TOTAL_MAX.saturating_sub(self.hits)).max(1);
        let mut found: Vec<(EntryKey, Header)> = Vec::new();
        let mut more = false;
        for text in stix21::lookup_keys(value) {
            let key = tx.index_key(Index::Value, text.as_bytes());
            if tx.may_have(Index::Value, key)? {
                more |= self.under(tx, key, room, &mut found)?;
            }
        }
        let mut hits = Vec::with_capacity(found.len().min(room));
        for (entry, header) in newest(self.scope, tx, found)? {
            if hits.len() == room {
                more = true;
                break;
            }
            hits.extend(self.hit(tx, entry, &header)?);
        }
        self.hits += hits.len();
        Ok(Lookup { value: value.to_owned(), hits, more })
    }

    /// Entries under one key that the caller may read, until there is one more than there is room for. What may not be read does not count. `true`: there may
    /// be more.
    fn under(
        &self,
        tx: &dyn ReadTx,
        key: u64,
        room: usize,
        found: &mut Vec<(EntryKey, Header)>,
    ) -> Result<bool, NodeFault> {
        let mut after = None;
        let mut seen = 0;
        loop {
            let keys = tx.postings(Index::Value, key, after, POSTINGS)?;
            for (entry, header) in keys.iter().zip(tx.headers(&keys)?) {
                let Some(header) = header.filter(|header| header.state == State::Live) else { continue };
                if self.scope.shown(tx, *entry)?.is_none() || found.iter().any(|(known, _)| known == entry) {
                    continue;
                }
                if seen == room {
                    return Ok(true);
                }
                seen += 1;
                found.push((*entry, header));
            }
            match keys.last() {
                Some(last) if keys.len() == POSTINGS => after = Some(*last),
                _ => return Ok(false),
            }
        }
    }

    fn hit(&mut self, tx: &dyn ReadTx, entry: EntryKey, header: &Header) -> Result<Option<Hit>, NodeFault> {
        let Some(log) = self.scope.shown(tx, entry)? else { return Ok(None) };
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
            origin: Arc::clone(&log.origin),
            index: entry.index(),
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
    found: Vec<(EntryKey, Header)>,
) -> Result<Vec<(EntryKey, Header)>, NodeFault> {
    if found.len() < 2 {
        return Ok(found);
    }
    let mut places: HashMap<_, (i64, EntryKey)> = HashMap::with_capacity(found.len());
    let mut keyed = Vec::with_capacity(found.len());
    for (entry, header) in found {
        let Some(log) = scope.shown(tx, entry)? else { continue };
        let place = (log.id.channel, log.id.author.clone(), header.type_code, header.object);
        let known = places.entry(place.clone()).or_insert((header.modified, entry));
        *known = (*known).max((header.modified, entry));
        keyed.push((place, entry, header));
    }
    let newest = |(place, entry, header)| {
        places.get(&place).is_some_and(|(_, newest)| *newest == entry).then_some((entry, header))
    };
    Ok(keyed.into_iter().filter_map(newest).collect())
}
