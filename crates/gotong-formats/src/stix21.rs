//! STIX 2.1 (OASIS, with Errata 01): from the bytes of a stream to facts about each object, and back into bundles.
//!
//! The signed bytes are stored and forwarded as they came; nothing here re-serialises them. [`Splitter`] cuts a stream
//! into objects, [`read`] says what one object is or what is wrong with it, [`BundleWriter`] puts objects together
//! again. Read next: `facts.rs`, then `check.rs`.

mod again;
mod around;
mod bundle;
pub(crate) mod canon;
mod check;
mod facts;
mod fault;
mod hosts;
pub(crate) mod id;
pub(crate) mod json;
mod lookup;
pub(crate) mod marking;
mod near;
pub(crate) mod normal;
pub mod pattern;
mod sighting;
mod split;
mod texts;
mod types;
mod values;

pub use again::{SaidAgain, said_again};
pub use around::{Around, Beside, Lengths};
pub use bundle::BundleWriter;
pub use canon::same_content;
pub use facts::{Facts, REFS_MAX, Relation, personal_of_type, read};
pub use fault::{Doubt, FieldFault};
pub use hosts::{Host, Speaks};
pub use lookup::lookup_keys;
pub use marking::{definition_of_label, id_of_label, label_of_id, mark_copy, marking_of};
pub use near::{Near, near, near_keys};
pub(crate) use normal::normalise;
pub use normal::{ObservableValue, ValueKind};
pub use sighting::{Sighting, sighting};
pub use split::{InputKind, Piece, PieceFault, Splitter};
pub use texts::{TEXTS_BYTES_MAX, TEXTS_MAX, Text, TextPlace};
pub use types::{Family, family, type_code, type_name};
pub use values::PATTERN_BYTES_MAX;
