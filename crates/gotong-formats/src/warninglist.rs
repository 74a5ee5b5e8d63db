//! Warninglists: values that are known to raise false alarms, checked before they are imported, published or exported.
//!
//! Reads MISP's lists ([`Warninglist`]), compiles many of them into one immutable [`Matcher`] that says which lists a
//! value is on, and judges hits by rules ([`judge`]). Must not know where lists come from or what is done about a
//! verdict. Read next: `warninglist/matcher.rs`; for operators `docs/book/warninglists.md`.

mod attributes;
mod matcher;
mod names;
mod networks;
mod read;
mod rule;
mod texts;

pub use attributes::Kinds;
pub use matcher::{Built, Hit, LISTS_MAX, ListInfo, Matcher, Trouble};
pub use read::{ENTRIES_MAX, LIST_BYTES_MAX, Lines, MatchType, Warninglist};
pub use rule::{Action, Finding, Moment, Rule, Verdict, judge};
