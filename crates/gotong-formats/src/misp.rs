//! MISP: events to STIX objects and back, each way with a list of what it could not carry (`docs/records/misp.md`).
//!
//! [`Reader`] makes drafts of events, [`write()`] makes an event of STIX objects, [`feed`] the lines of a MISP feed. Everything of MISP that STIX
//! has no place for travels in one property extension; what it says is believed on the way back only where the STIX beside it says the same.
//! Never invents a TLP: what has no TLP tag gets no marking. Read next: `reader.rs`, then `event.rs`.

mod around;
mod attribute;
pub mod blocked;
mod body;
mod carry;
mod cut;
pub mod describe;
mod event;
pub mod feed;
mod galaxy;
mod group;
mod ids;
mod observable;
mod reader;
mod shown;
mod tags;
pub mod taxonomy;
mod types;
mod write;

pub use ids::{DEFINITIONS, EXTENSION, PROPOSALS, ids_of, proposal_number, proposal_ref, sighting_ids_of};
pub use reader::{Options, Reader};
pub use shown::shown_again;
pub use write::cluster::{CLUSTER_TYPES, cluster_of};
pub use write::{Attribute, WriteOptions, Written, attributes_of, parse, write};

/// Bytes of one event.
pub const EVENT_BYTES_MAX: usize = 64 << 20;
/// JSON values in one event: each takes memory of its own, however short it is written.
pub const EVENT_VALUES_MAX: usize = 4_000_000;
/// Bytes of the records that one event becomes, which are held until the event is whole: an event that becomes more is refused whole.
pub const EVENT_DRAFT_BYTES_MAX: usize = 224 << 20;
/// Attributes, objects, references, sightings, proposals, reports and clusters of one event.
pub const RECORDS_MAX: usize = 200_000;
/// Losses and faults of one event that are told one by one; of the others, how many.
pub const NOTES_MAX: usize = 5_000;
/// Attributes of one MISP object.
pub const OBJECT_ATTRIBUTES_MAX: usize = 1_000;
/// Tags of one event, attribute or cluster.
pub const TAGS_MAX: usize = 512;
/// References of one report or of one part of it: what a node keeps of one object.
pub(crate) const REPORT_REFS_MAX: usize = 4_000;
