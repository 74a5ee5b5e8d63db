//! What became of a request that added objects, kept for whoever sent it: for a day and an hour, across restarts, for nobody else's eyes.
//!
//! Of what was published only the place is kept, never its id: ids of observables are hashes of their values and must not outlive a withdrawal here.
//! Read next: `once.rs`, which keeps the answers of requests that may be repeated.

use gotong_crypto::tagged;
use gotong_model::Timestamp;
use gotong_store::{Book, EntryKey, State};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Fate, Outcome};
use crate::rows::{self, from_json, to_json};
use crate::view::collection::uuid_4;
use crate::view::scope::Scope;
use crate::view::versions::id_of;

/// How long it is kept: a day at least, by the standard.
const KEPT_MS: u64 = 90_000_000;
/// Old ones that one write clears away.
const CLEARED_MAX: usize = 16;
/// Objects of one request that are told one by one; beyond them only counts are.
const TOLD_MAX: usize = 10_000;

/// An object that was not added, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NotAdded {
    /// Its id; empty where it has none that could be read.
    pub id: String,
    /// The version it had.
    pub version: Option<i64>,
    /// Why.
    pub why: String,
}

/// An object that stands in the channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IsAdded {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: Timestamp,
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addition {
    /// Its UUID.
    pub id: String,
    /// When it came.
    pub at: Timestamp,
    /// Objects that stand in the channel now, or stood there already.
    pub added_count: u64,
    /// Objects that do not.
    pub not_added_count: u64,
    /// The former one by one; `None` where there are too many to tell, or where some have been taken back since.
    pub added: Option<Vec<IsAdded>>,
    /// The latter one by one; `None` where there are too many.
    pub not_added: Option<Vec<NotAdded>>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    at: i64,
    added: u64,
    not_added: u64,
    /// Log and index of each; empty where they are too many.
    places: Vec<(u32, u64)>,
    why: Vec<NotAdded>,
}

fn row_key(caller: &str, id: &str) -> Vec<u8> {
    let digest = tagged("gotong/v0/addition", &[caller.as_bytes(), &[0], id.as_bytes()]);
    [b"a".as_slice(), digest.as_bytes()].concat()
}

fn time_key(at: i64, row_key: &[u8]) -> Vec<u8> {
    [b"b".as_slice(), &at.to_be_bytes(), row_key].concat()
}

impl Node {
    /// Keeps what became of a request; the answer is what [`Self::addition`] says of it later.
    pub fn keep_addition(
        &self,
        caller: &Caller,
        outcomes: &[Outcome],
        version_of: impl Fn(u64) -> Option<Timestamp>,
    ) -> Result<Addition, NodeFault> {
        let mut uuid = [0_u8; 16];
        self.entropy().fill(&mut uuid);
        let id = uuid_4(uuid);
        let now = self.now();
        let mut row = Row { at: now.micros(), added: 0, not_added: 0, places: Vec::new(), why: Vec::new() };
        self.transact(Priority::People, |writing| {
            for outcome in outcomes {
                match &outcome.fate {
                    Fate::New(receipt) | Fate::Updated(receipt) | Fate::Known(receipt) => {
                        row.added += 1;
                        let log = gotong_model::Origin::from_text(&receipt.log)
                            .map(|origin| rows::log_by_id(writing.tx.as_ref(), &origin.log))
                            .transpose()?
                            .flatten();
                        row.places.extend(log.map(|log| (log.no.0, receipt.index)));
                    }
                    Fate::Refused(whys) => row.refuse(outcome, whys, "", &version_of),
                    Fate::Quarantined(number, whys) => {
                        let waits = format!("it waits for a person under number {number}: ");
                        row.refuse(outcome, whys, &waits, &version_of);
                    }
                }
            }
            if row.places.len() > TOLD_MAX {
                row.places.clear();
            }
            if row.why.len() > TOLD_MAX {
                row.why.clear();
            }
            let key = row_key(&caller.id, &id);
            writing.tx.put(Book::Idempotency, &key, &to_json(&row))?;
            writing.tx.put(Book::Idempotency, &time_key(row.at, &key), &[])?;
            let oldest = row.at.saturating_sub(i64::try_from(KEPT_MS * 1_000).unwrap_or(i64::MAX)).max(0);
            for (time, _) in writing.tx.scan(Book::Idempotency, b"b", &time_key(oldest, &[]), CLEARED_MAX)? {
                if let Some(old) = time.get(9..) {
                    writing.tx.delete(Book::Idempotency, old)?;
                }
                writing.tx.delete(Book::Idempotency, &time)?;
            }
            Ok(())
        })?;
        self.told(caller, &id, row)
    }

    /// What became of a request of this caller's. `None`: there was none of this id, or it is too long ago.
    pub fn addition(&self, caller: &Caller, id: &str) -> Result<Option<Addition>, NodeFault> {
        let row = self.store.read()?.fetch(Book::Idempotency, &row_key(&caller.id, id))?;
        let row = row.map(|row| from_json::<Row>(&row, "additions")).transpose()?;
        let until = |row: &Row| Timestamp::from_micros(row.at).unwrap_or_default().plus_ms(KEPT_MS);
        row.filter(|row| until(row) >= self.now()).map(|row| self.told(caller, id, row)).transpose()
    }

    fn told(&self, caller: &Caller, id: &str, row: Row) -> Result<Addition, NodeFault> {
        let mut added = Vec::with_capacity(row.places.len());
        let tx = self.store.read()?;
        let scope = Scope::new(self, caller);
        for (log, index) in &row.places {
            let entry = EntryKey::new(gotong_store::LogNo(*log), *index);
            let Some(stored) = tx.entry(entry)?.filter(|stored| stored.header.state == State::Live) else { continue };
            // A caller whose rights have shrunk since is told no more than it may read now.
            let log = rows::log_by_no(tx.as_ref(), entry.log())?.filter(|row| scope.channel(&row.id.channel).is_some());
            if log.is_none() {
                continue;
            }
            let name = match id_of(&stored.header) {
                Some((name, _)) => Some(name),
                None => stored
                    .open()?
                    .and_then(|content| gotong_formats::stix21::read(&content.body).ok())
                    .map(|facts| facts.id),
            };
            let version = Timestamp::from_micros(stored.header.modified).unwrap_or_default();
            added.extend(name.map(|id| IsAdded { id, version }));
        }
        Ok(Addition {
            id: id.to_owned(),
            at: Timestamp::from_micros(row.at).unwrap_or_default(),
            added_count: row.added,
            not_added_count: row.not_added,
            added: Some(added).filter(|added| added.len() as u64 == row.added),
            not_added: Some(row.why).filter(|why| why.len() as u64 == row.not_added),
        })
    }
}

impl Row {
    fn refuse(
        &mut self,
        outcome: &Outcome,
        whys: &[crate::publish::Why],
        before: &str,
        version_of: &impl Fn(u64) -> Option<Timestamp>,
    ) {
        self.not_added += 1;
        let said = |why: &crate::publish::Why| match &why.pointer {
            Some(pointer) if !pointer.is_empty() => format!("{pointer}: {} [{}]", why.text, why.id),
            _ => format!("{} [{}]", why.text, why.id),
        };
        let whys: Vec<String> = whys.iter().map(said).collect();
        self.why.push(NotAdded {
            id: outcome.id.clone().unwrap_or_default(),
            version: version_of(outcome.line).map(Timestamp::micros),
            why: format!("{before}{}", whys.join("; ")),
        });
    }
}
