//! Notifications: what people want to be told of, what they were told, and e-mail that waits to be sent. A rule follows one of its owner's saved searches, or
//! what waits for the owner; its ways are the page, and e-mail at once or once a day.
//!
//! INVARIANT: nothing of a record stands here but where it is. Names are read again, as the owner, at the moment of showing or sending, so that what was
//! withdrawn or may not be read any more is told to nobody. Webhooks are `subscription`'s. Read next: `notify/collect.rs` (what is new), `notify/letter.rs`
//! (e-mail), `notify/address.rs` (where it goes).

pub mod address;
mod collect;
pub mod letter;
mod notice;
mod rule;

pub use collect::collect;
pub use notice::{NOTICES_MAX, Notice, Said, count, list, read_all, read_one, unread};
pub use rule::{Mail, RULES_MAX, Rule, Wanted, list as rules, put, remove};

use serde::{Deserialize, Serialize};

/// What waits for a person, by its kind; counts alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Waits {
    /// Duties that are due.
    pub duties: usize,
    /// Records that wait for a decision.
    pub records: usize,
    /// Parcels that wait for a second person.
    pub second: usize,
}

impl Waits {
    /// How many in all.
    pub fn total(self) -> usize {
        self.duties + self.records + self.second
    }

    fn add(&mut self, other: Self) {
        self.duties += other.duties;
        self.records += other.records;
        self.second += other.second;
    }
}

/// Keys of the book: rules, notices, letters and addresses lie apart, and those of one owner together.
fn key(kind: &[u8], owner: &str, rest: &[u8]) -> Vec<u8> {
    [kind, crate::subscription::owner_tag(owner).as_bytes(), b"/", rest].concat()
}
