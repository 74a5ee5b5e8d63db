//! What a caller may see: channels, lists, objects with their versions, look-ups, sightings, withdrawals, provenance, explanations.
//!
//! INVARIANT: every answer is the same, byte for byte, whether a channel that the caller may not read exists or not (sealed positions excepted, which
//! are random to whoever holds them). So what is hidden is passed over before anything is counted, cut or ordered, and "unknown" and "forbidden" are one
//! answer. Read next: `view/scope.rs`, which is the only place that says what may be read.

mod acknowledgements;
mod channels;
pub(crate) mod collection;
mod event;
mod list;
mod logs;
mod lookup;
mod place;
mod provenance;
mod record;
mod register;
mod related;
pub(crate) mod scope;
pub(crate) mod search;
mod sightings;
pub(crate) mod versions;
mod withdrawals;

pub use crate::explain::{ExplainQuestion, Explanation, Recipient, explain};
pub use acknowledgements::{LogAcknowledgements, MemberAcknowledgement, acknowledgements};
pub use channels::{ChannelView, ClauseView, LogView, channel, channels};
pub use collection::{
    Added, CollectionPage, CollectionQuery, VersionWanted, Wanted, collection, collection_channel, collection_id,
};
pub use event::{
    Event, EventObject, event, events_about, falling_away, going_with, number_of, referring, reports_with_number,
};
pub use list::{Order, Page, Query, list};
pub use logs::{LogLine, logs};
pub(crate) use lookup::each_record;
pub use lookup::{By, Hit, Lookup, lookup, lookup_each};
pub use place::Place;
pub use provenance::{AcknowledgedBy, ArrivalView, BasisView, CheckpointView, Provenance, provenance};
pub use record::{AlsoBy, EntryView, RecordView, entry, read, read_about};
pub use register::{Register, RegisterQuestion, RegisterRow, register};
pub use related::{Group, How, Related, related, related_about};
pub(crate) use search::each_matching;
pub use search::{
    CLAUSES_MAX, Facet, Found, Matching, Named, Net, NoWords, QUERY_BYTES_MAX, SearchAnswer, SearchQuery, Searched,
    Segment, Snippet, Suggestion, Suggestions, Why as FoundBy, Words, matching, search, suggest,
};
pub use sightings::{
    SightingCount, SightingDay, Sightings, Worth, sightings, sightings_about, sightings_of_value, worth, worth_about,
};
pub use withdrawals::{Gone, Tombstoned, Withdrawal, Withdrawals, withdrawals};

use gotong_store::Fault;

use crate::node::NodeFault;

/// Why a view has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ViewFault {
    /// The cursor was not made for this caller, this kind of list or this store.
    #[error("this cursor is not known: begin again without one")]
    Cursor,
    /// More was asked for at once than is answered.
    #[error("{what}: at most {most} at once")]
    TooMany {
        /// What there was too much of.
        what: &'static str,
        /// The bound.
        most: usize,
    },
    /// The indexes are being built again, and what is asked for cannot be told exactly before that is over.
    #[error("the indexes are being built again: ask once more in a moment")]
    Behind,
    /// The node failed.
    #[error(transparent)]
    Node(#[from] NodeFault),
}

impl From<Fault> for ViewFault {
    fn from(fault: Fault) -> Self {
        Self::Node(fault.into())
    }
}
