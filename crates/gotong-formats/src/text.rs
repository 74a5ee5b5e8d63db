//! What people write by hand or export from tables: free text, e-mail, plain lists, CSV and Shadowserver reports, read into STIX drafts.
//!
//! [`extract`] finds values in prose, whatever was done to them so that they cannot be clicked; the readers stream and hold no more than a
//! line, a record or one bounded message. Nothing here knows a clock or a channel. What is unmarked stays unmarked.
//! Read next: `docs/records/text.md` (the rules), `extract.rs`, then the reader of a format.

mod clean;
mod csv;
mod detect;
mod emit;
mod extract;
mod host;
mod input;
mod list;
mod mail;
mod options;
mod prose;
mod shadowserver;
mod shapes;
mod time;
mod value;

pub use csv::{Column, CsvReader, Guess, Header, Mapping, Meaning, Preview, PreviewRow, Why, guess, preview};
pub use detect::{Detected, Format, detect};
pub use extract::{Found, VALUE_BYTES_MAX, extract};
pub use input::{Charset, TEXT_LINE_BYTES_MAX};
pub use list::ListReader;
pub use mail::{MAIL_BYTES_MAX, MailReader};
pub use options::Options;
pub use prose::TextReader;
pub use shadowserver::ShadowserverReader;
pub use time::Calendar;
pub use value::{NoValue, Value};
