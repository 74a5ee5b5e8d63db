//! What pages say, in the fourteen languages of the region and its neighbours: words, numbers, dates, line breaks, words of a search.
//!
//! Pure: no file, clock, environment or thread; instants and zones are parameters, and the texts of `locales/` are part of the program.
//! It never touches what people wrote: that is shown as it stands, isolated and marked. Start at `words.rs`.

mod breaks;
mod coverage;
mod language;
mod moment;
mod number;
pub mod segment;
mod shelf;
mod terms;
mod words;

pub use breaks::{broken, escaped};
pub use coverage::{Coverage, coverage};
pub use language::Language;
pub use moment::{Calendar, Moment, Moments, ZoneUnknown};
pub use number::{decimal, whole};
pub use shelf::{Message, messages};
pub use terms::terms;
pub use words::{Arg, Words};
