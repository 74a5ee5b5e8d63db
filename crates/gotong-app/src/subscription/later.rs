//! What became of entries after they arrived: shown anew (a document came, a label changed, a newer version was taken back), or gone by a withdrawal. One
//! numbered row each, in the order in which it happened, so that whoever follows hears of it once and in its place.
//!
//! Must not keep anything of what an entry said: of one that is gone there is its place, the number of its type and its label. Read next: `stream.rs`.

use gotong_store::{Book, EntryKey, Fault, Header, ReadTx, State, WriteTx};

use crate::rows::{self, damaged};

const LAST: &str = "later/last";
const ROWS: &[u8] = b"later/row/";

/// What happened to an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    /// It is shown, and was not or under another label.
    Shown,
    /// It was shown under this type and label, and was withdrawn.
    Gone {
        /// The number of its type.
        type_code: u16,
        /// Its label.
        label: u8,
    },
}

/// One row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Later {
    /// Its number, from 1, without gap.
    pub(crate) number: u64,
    /// The newest arrival when it happened.
    pub(crate) head: u64,
    /// The entry.
    pub(crate) entry: EntryKey,
    /// What happened.
    pub(crate) turn: Turn,
}

fn row_key(number: u64) -> Vec<u8> {
    [ROWS, &number.to_be_bytes()].concat()
}

fn note(tx: &mut dyn WriteTx, entry: EntryKey, turn: Turn) -> Result<(), Fault> {
    let (number, head) = (last(tx)? + 1, rows::head(tx)?);
    let (word, type_code, label) = match turn {
        Turn::Shown => (0, 0, 0),
        Turn::Gone { type_code, label } => (1, type_code, label),
    };
    let value = [&head.to_be_bytes()[..], &entry.0.to_be_bytes(), &[word], &type_code.to_be_bytes(), &[label]].concat();
    rows::set_number(tx, LAST, number)?;
    tx.put(Book::Meta, &row_key(number), &value)
}

/// An entry is shown anew.
pub(crate) fn shown(tx: &mut dyn WriteTx, entry: EntryKey) -> Result<(), Fault> {
    note(tx, entry, Turn::Shown)
}

/// An entry is about to be erased. Only what was shown can be missed.
pub(crate) fn gone(tx: &mut dyn WriteTx, entry: EntryKey, header: &Header) -> Result<(), Fault> {
    if header.state != State::Live {
        return Ok(());
    }
    note(tx, entry, Turn::Gone { type_code: header.type_code, label: header.label })
}

/// The number of the newest row; 0 where there is none.
pub(crate) fn last(tx: &dyn ReadTx) -> Result<u64, Fault> {
    rows::number(tx, LAST)
}

/// Rows behind a number, in order.
pub(crate) fn after(tx: &dyn ReadTx, number: u64, limit: usize) -> Result<Vec<Later>, Fault> {
    let rows = tx.scan(Book::Meta, &row_key(number.saturating_add(1)), &row_key(u64::MAX), limit)?;
    rows.iter().map(|(key, value)| decode(key, value)).collect()
}

/// The number behind which everything happened at this arrival or later.
pub(crate) fn before_head(tx: &dyn ReadTx, head: u64) -> Result<u64, Fault> {
    let (mut low, mut high) = (0, last(tx)?);
    while low < high {
        let middle = low.midpoint(high);
        match after(tx, middle, 1)?.first() {
            Some(row) if row.head < head => low = row.number,
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}

fn decode(key: &[u8], value: &[u8]) -> Result<Later, Fault> {
    let read = || {
        let number = u64::from_be_bytes(*key.last_chunk::<8>()?);
        let (head, rest) = value.split_first_chunk::<8>()?;
        let (entry, rest) = rest.split_first_chunk::<8>()?;
        let [word, high, low, label] = *<&[u8; 4]>::try_from(rest).ok()?;
        let turn = match word {
            0 => Turn::Shown,
            1 => Turn::Gone { type_code: u16::from_be_bytes([high, low]), label },
            _ => return None,
        };
        Some(Later { number, head: u64::from_be_bytes(*head), entry: EntryKey(u64::from_be_bytes(*entry)), turn })
    };
    read().ok_or_else(|| damaged("what happened later"))
}
