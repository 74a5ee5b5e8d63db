//! What a caller says of an input besides its bytes: when it is, where it comes from, what is to become of it.
//!
//! Time is a parameter, and so is the scope of the ids: the same list under the same scope gives the same ids again.

use gotong_model::{Timestamp, Tlp};
use uuid::Uuid;

/// The namespace of the ids that are derived here. Observables have the standard's own.
const NAMESPACE: Uuid = Uuid::from_u128(0xb1a4_3082_54b5_4ac9_a3d9_a79d_53c3_c6f8);

/// How an input is taken.
#[derive(Clone, Debug)]
pub struct Options {
    /// `created`, `modified` and, where the input says nothing else, `valid_from` of what is made.
    pub now: Timestamp,
    /// Whether values become observables. Otherwise they become indicators.
    pub observables: bool,
    /// Name of the source, for reports that have no better name.
    pub name: Option<String>,
    /// What the source is; the description of indicators that have none of their own.
    pub description: Option<String>,
    /// What keeps the ids of one source apart from those of another.
    pub scope: String,
    /// The marking of what is not marked more strictly by itself. `None` leaves it unmarked, which is not clear.
    pub tlp: Option<Tlp>,
    /// `indicator_types` of the indicators.
    pub indicator_types: Vec<String>,
    /// `labels` of what is made.
    pub labels: Vec<String>,
    /// `confidence`, at most 100.
    pub confidence: Option<u8>,
    /// `valid_until` of the indicators.
    pub valid_until: Option<Timestamp>,
}

impl Options {
    /// Indicators as of `now`, without a scope or anything else.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            observables: false,
            name: None,
            description: None,
            scope: String::new(),
            tlp: None,
            indicator_types: Vec::new(),
            labels: Vec::new(),
            confidence: None,
            valid_until: None,
        }
    }

    /// The derived UUID of `what` (a type) made of `parts`. Each part stands behind its length, so that no two lists of parts are one.
    pub(crate) fn uuid(&self, what: &str, parts: &[&[u8]]) -> Uuid {
        let mut name = Vec::with_capacity(256);
        for part in [self.scope.as_bytes(), what.as_bytes()].iter().chain(parts) {
            name.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            name.extend_from_slice(part);
        }
        Uuid::new_v5(&NAMESPACE, &name)
    }
}
