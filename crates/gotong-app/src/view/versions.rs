//! All live entries of one id that a caller may read, and which of them is the newest of its author in its channel. Versions act within one author and
//! channel only: what others say of the same id stands beside it.

use std::collections::BTreeMap;
use std::rc::Rc;

use gotong_formats::stix21;
use gotong_model::envelope::Envelope;
use gotong_model::{Timestamp, Tlp};
use gotong_store::{EntryKey, Fault, Header, Index, ReadTx, State};

use super::scope::{Scope, SeenLog};
use crate::node::NodeFault;

/// Postings read at a time.
const CHUNK: usize = 1_000;

/// One live entry of an id.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) entry: EntryKey,
    pub(crate) log: Rc<SeenLog>,
    pub(crate) header: Header,
}

impl Version {
    /// The label that counts.
    pub(crate) fn label(&self) -> Tlp {
        label_of(&self.header)
    }
}

/// A header's label; one that does not read back counts as the strictest.
pub(crate) fn label_of(header: &Header) -> Tlp {
    Tlp::ALL.get(usize::from(header.label)).copied().unwrap_or(Tlp::Red)
}

/// The object's `modified`, where it has versions.
pub(crate) fn modified_of(header: &Header) -> Option<Timestamp> {
    (header.modified != 0).then(|| Timestamp::from_micros(header.modified)).flatten()
}

/// The id in a header, in lower case as nearly all are written; `None` for custom types, whose name only the body has.
pub(crate) fn id_of(header: &Header) -> Option<(String, &'static str)> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let name = stix21::type_name(header.type_code)?;
    let mut id = String::with_capacity(name.len() + 38);
    id.push_str(name);
    id.push_str("--");
    for (at, byte) in header.object.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            id.push(char::from(DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0')));
        }
    }
    Some((id, name))
}

/// Every version of an id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Versions {
    pub(crate) all: Vec<Version>,
}

impl Versions {
    /// Reads the versions posted under an id. `like` keeps out what only shares the 64-bit key.
    pub(crate) fn of(scope: &Scope<'_>, tx: &dyn ReadTx, id: &str, like: Option<&Header>) -> Result<Self, NodeFault> {
        let mut all = Vec::new();
        visit(scope, tx, (Index::Object, id), |version| {
            let same =
                |like: &Header| (like.type_code, like.object) == (version.header.type_code, version.header.object);
            if like.is_none_or(same) {
                all.push(version);
            }
            Ok(true)
        })?;
        Ok(Self { all })
    }

    /// The strictest label among them.
    pub(crate) fn strictest(&self) -> Option<Tlp> {
        self.all.iter().map(Version::label).max()
    }

    /// The newest of the author and channel that this entry is of.
    pub(crate) fn newest_beside(&self, tx: &dyn ReadTx, log: &SeenLog) -> Result<Option<EntryKey>, NodeFault> {
        let beside: Vec<&Version> = self.all.iter().filter(|version| same_place(&version.log, log)).collect();
        let Some(newest) = beside.iter().map(|version| rank(&version.header)).max() else { return Ok(None) };
        let top: Vec<&Version> = beside.into_iter().filter(|version| rank(&version.header) == newest).collect();
        let Some(first) = top.first() else { return Ok(None) };
        if top.iter().all(|version| version.log.no == first.log.no) {
            return Ok(top.iter().map(|version| version.entry).max());
        }
        // Epochs of one author have no order of their own: the time of publishing decides, then the epoch's id, the same on every node.
        let mut ordered = Vec::with_capacity(top.len());
        for version in top {
            let at = published_at(tx, version.entry)?;
            ordered.push((at, version.log.id.epoch, version.entry.index(), version.entry));
        }
        Ok(ordered.into_iter().max().map(|(.., entry)| entry))
    }

    /// In the order in which they are shown: by author, then newest first, then by channel.
    pub(crate) fn sort(&mut self) {
        self.all.sort_by_cached_key(|version| {
            let newest_first = (std::cmp::Reverse(rank(&version.header)), std::cmp::Reverse(version.entry.index()));
            (version.log.id.author.clone(), newest_first, version.log.id.channel, version.log.id.epoch)
        });
    }

    /// The other authors and channels that have the id, each with the strictest label it has there.
    pub(crate) fn others(&self, log: &SeenLog) -> Vec<(&Version, Tlp)> {
        let mut places: BTreeMap<_, (&Version, Tlp)> = BTreeMap::new();
        for version in self.all.iter().filter(|version| !same_place(&version.log, log)) {
            let place = places.entry((version.log.id.author.clone(), Rc::clone(&version.log).id.channel));
            let known = place.or_insert((version, version.label()));
            known.1 = known.1.max(version.label());
            if rank(&version.header) > rank(&known.0.header) {
                known.0 = version;
            }
        }
        places.into_values().collect()
    }
}

fn same_place(a: &SeenLog, b: &SeenLog) -> bool {
    a.id.channel == b.id.channel && a.id.author == b.id.author
}

/// What makes a version newer: `modified`, where the type has versions; the place in the log decides the rest.
fn rank(header: &Header) -> i64 {
    if stix21::type_name(header.type_code) == Some("marking-definition") { 0 } else { header.modified }
}

fn published_at(tx: &dyn ReadTx, entry: EntryKey) -> Result<Option<Timestamp>, NodeFault> {
    let content = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten();
    Ok(content.and_then(|content| Envelope::parse(&content.envelope, false).ok()).map(|envelope| envelope.published_at))
}

/// Calls with every live entry under a text that the caller may read, in order of entries, until told to stop. What may not be read is passed over and counts
/// for nothing.
pub(crate) fn visit(
    scope: &Scope<'_>,
    tx: &dyn ReadTx,
    (index, text): (Index, &str),
    mut with: impl FnMut(Version) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    let key = tx.index_key(index, text.as_bytes());
    let mut after = None;
    loop {
        let keys = tx.postings(index, key, after, CHUNK)?;
        let headers = tx.headers(&keys)?;
        for (entry, header) in keys.iter().zip(headers) {
            let Some(header) = header.filter(|header| header.state == State::Live) else { continue };
            let Some(log) = scope.shown(tx, *entry, &header)? else { continue };
            if !with(Version { entry: *entry, log, header })? {
                return Ok(());
            }
        }
        match keys.last() {
            Some(last) if keys.len() == CHUNK => after = Some(*last),
            _ => return Ok(()),
        }
    }
}
