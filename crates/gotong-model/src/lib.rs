//! The words of Gotong: ids, clock, canonical bytes, labels, charter, agreement, channel, entries and record kinds.
//!
//! Pure: no I/O, clock, randomness or storage. What is here is valid by construction; the bytes are those of `docs/protocol.md`.
//! Read next: [`envelope`] (what every record wears), [`agreement`] (what lets it cross a border).

pub mod acknowledgement;
pub mod agreement;
pub mod charter;
pub mod clock;
pub mod control;
pub mod document;
pub mod entry;
pub mod envelope;
pub mod governance;
pub mod house;
pub mod ids;
pub mod json;
pub mod label;
pub mod limits;
pub mod record;
pub mod statement;
mod words;

pub use clock::{Clock, Timestamp};
pub use ids::{AgreementId, ChannelId, EpochId, LogId, MemberCode, Origin, RegionId, Slug};
pub use label::{Pap, Personal, Tlp};
