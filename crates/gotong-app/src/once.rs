//! Requests that may be repeated: the answer to a write is kept in the transaction of the write itself, so that a caller who lost it may ask again
//! and nothing happens twice. What is kept names no object and holds no contents, and goes after a day.

use gotong_crypto::{Digest, tagged};
use gotong_model::Timestamp;
use gotong_store::{Book, ReadTx};
use serde::{Deserialize, Serialize};

use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::publish::{Outcome, Prepared};
use crate::rows::{from_json, to_json};

/// How long an answer is kept.
const KEPT_MS: u64 = 86_400_000;
/// Old answers that one write clears away.
const CLEARED_MAX: usize = 16;

/// What a caller names a request with.
#[derive(Clone, Debug)]
pub struct OnceKey {
    /// Whose key: callers never meet each other's.
    pub caller: String,
    /// The key.
    pub key: String,
    /// Everything that makes the request what it is: method, address, body.
    pub request: Vec<u8>,
}

/// What came of a request under a key.
#[derive(Debug)]
pub enum Once<T> {
    /// It was done now.
    Fresh(T),
    /// It had been done before; this is the answer that was kept.
    Replayed(Vec<u8>),
    /// The key was used for another request. Nothing was done.
    OtherRequest,
}

#[derive(Serialize, Deserialize)]
struct Row {
    at: i64,
    request: String,
    answer: String,
}

impl OnceKey {
    fn row_key(&self) -> Vec<u8> {
        let digest = tagged("gotong/v0/idempotency-key", &[self.caller.as_bytes(), self.key.as_bytes()]);
        [b"k".as_slice(), digest.as_bytes()].concat()
    }

    /// Under the node's own secret: what is stored must not let anyone test guesses at contents elsewhere.
    fn request_digest(&self, node: &Node) -> Digest {
        node.secret_digest(
            "gotong/v0/idempotency-request",
            &[self.caller.as_bytes(), self.key.as_bytes(), &self.request],
        )
    }
}

fn time_key(at: i64, row_key: &[u8]) -> Vec<u8> {
    [b"t".as_slice(), &at.to_be_bytes(), row_key].concat()
}

impl Node {
    /// Runs a writing transaction unless the same request was carried out under this key within a day; `keep` makes the answer that is kept with it,
    /// or says that nothing happened that must not happen twice.
    pub fn transact_once<T>(
        &self,
        priority: Priority,
        key: &OnceKey,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, NodeFault>,
        keep: impl FnOnce(&T) -> Option<Vec<u8>>,
    ) -> Result<Once<T>, NodeFault> {
        // Most repetitions are found without the writer.
        if let Some(found) = self.kept(self.store.read()?.as_ref(), key)? {
            return Ok(found);
        }
        self.transact(priority, |writing| {
            if let Some(found) = self.kept(writing.tx.as_ref(), key)? {
                return Ok(found);
            }
            let done = work(writing)?;
            let Some(answer) = keep(&done) else { return Ok(Once::Fresh(done)) };
            let now = self.now().micros();
            let row_key = key.row_key();
            let answer = gotong_crypto::text::base64(&answer);
            let row = Row { at: now, request: key.request_digest(self).to_text(), answer };
            if let Some(old) = writing.tx.fetch(Book::Idempotency, &row_key)? {
                let old: Row = from_json(&old, "idempotency keys")?;
                writing.tx.delete(Book::Idempotency, &time_key(old.at, &row_key))?;
            }
            writing.tx.put(Book::Idempotency, &row_key, &to_json(&row))?;
            writing.tx.put(Book::Idempotency, &time_key(now, &row_key), &[])?;
            clear_old(writing, now)?;
            Ok(Once::Fresh(done))
        })
    }

    /// [`Node::commit`] under a key.
    pub fn commit_once(
        &self,
        priority: Priority,
        prepared: Prepared,
        key: &OnceKey,
        keep: impl FnOnce(&Vec<Outcome>) -> Option<Vec<u8>>,
    ) -> Result<Once<Vec<Outcome>>, NodeFault> {
        self.transact_once(priority, key, |writing| self.commit_in(writing, prepared), keep)
    }

    /// What was answered under a key before, without doing anything.
    pub fn replay<T>(&self, key: &OnceKey) -> Result<Option<Once<T>>, NodeFault> {
        self.kept(self.store.read()?.as_ref(), key)
    }

    fn kept<T>(&self, tx: &dyn ReadTx, key: &OnceKey) -> Result<Option<Once<T>>, NodeFault> {
        let Some(row) = tx.fetch(Book::Idempotency, &key.row_key())? else { return Ok(None) };
        let row: Row = from_json(&row, "idempotency keys")?;
        let until = Timestamp::from_micros(row.at).unwrap_or_default().plus_ms(KEPT_MS);
        if until < self.now() {
            return Ok(None);
        }
        if row.request != key.request_digest(self).to_text() {
            return Ok(Some(Once::OtherRequest));
        }
        Ok(Some(Once::Replayed(gotong_crypto::text::from_base64(&row.answer).unwrap_or_default())))
    }
}

fn clear_old(writing: &mut Writing<'_>, now: i64) -> Result<(), NodeFault> {
    let kept_micros = i64::try_from(KEPT_MS * 1_000).unwrap_or(i64::MAX);
    let oldest = now.saturating_sub(kept_micros).max(0);
    for (time, _) in writing.tx.scan(Book::Idempotency, b"t", &time_key(oldest, &[]), CLEARED_MAX)? {
        if let Some(row_key) = time.get(9..) {
            writing.tx.delete(Book::Idempotency, row_key)?;
        }
        writing.tx.delete(Book::Idempotency, &time)?;
    }
    Ok(())
}
